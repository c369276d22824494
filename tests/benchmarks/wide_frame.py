"""A wide frame of random inputs, for benchmarks: one row a patient-visit, one column an input."""

import numpy as np
import polars as pl

from branchpoint.engine.evaluate import column_of
from branchpoint.language import Coded, Numeric
from branchpoint.language.proofs import inputs_of, nodes_of
from branchpoint.language.quantities import Aspect, Input, Number
from branchpoint.language.rules import Compare


def rules_of(protocol):
    """Eligibility, etiology, responses and dose, and which of them are judged at baseline."""
    baseline = {rule.name: rule for rule in (*protocol.inclusion, *protocol.exclusion)} | {
        "etiology": protocol.etiology
    }
    visit = {
        f"{rule_set.name}__{case.category}": case.rule for rule_set in protocol.responses for case in rule_set.cases
    } | {"dose": protocol.interventions[0].dose.amount}
    return {f"rule.{name}": rule for name, rule in (baseline | visit).items()}, frozenset(
        f"rule.{name}" for name in baseline
    )


def wide_frame(protocol, rows, seed=1, missing=0.05):
    """Random values about the thresholds of the rules, some of them missing."""
    rules, at_baseline = rules_of(protocol)
    random = np.random.default_rng(seed)
    limits = {}
    for node in nodes_of(protocol):
        if isinstance(node, Compare) and isinstance(node.right, Number) and isinstance(node.left, Input):
            limits.setdefault(node.left.measurement.name, []).append(node.right.value)
    columns = {}
    for name, rule in rules.items():
        for item in inputs_of(rule):
            column = column_of(item, "baseline" if name in at_baseline else "now")
            if column not in columns:
                columns[column] = _values(item, limits.get(item.measurement.name, [1.0]), random, rows, missing)
    return pl.DataFrame(columns)


def _values(item, limits, random, rows, missing):
    measurement = item.measurement
    absent = random.random(rows) < missing
    if item.aspect is Aspect.RECORDED or not isinstance(measurement, Numeric | Coded):
        return pl.Series(random.random(rows) < 0.5).set(pl.Series(absent), None)
    if item.aspect is Aspect.SCALE:
        names = [scale.unit for scale in measurement.scales]
    elif isinstance(measurement, Coded):
        names = list(measurement.codes)
    else:
        values = random.choice(np.array(limits), rows) * random.choice([0.4, 1.0, 1.0, 2.2], rows)
        return pl.Series(values).set(pl.Series(absent), None)
    return pl.Series(names).gather(pl.Series(random.integers(0, len(names), rows))).set(pl.Series(absent), None)
