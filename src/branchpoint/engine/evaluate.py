"""Evaluate: rules as columns over a table, one row a patient-visit, on Polars, DuckDB, PySpark or any narwhals backend.

The table holds one column for each input that the rules read, named `branchpoint.language.Input.name`; rules become
columns of true, false and null (not known).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from branchpoint.engine.columns import column
from branchpoint.engine.explain import explain
from branchpoint.engine.shared_parts import SharedParts, column_of
from branchpoint.language.nodes import Rule
from branchpoint.language.proofs import inputs_of
from branchpoint.language.quantities import BASELINE, NOW
from branchpoint.records.patient import Patient, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from branchpoint.language.nodes import Node

__all__ = ["column_of", "evaluate"]


def evaluate(rules: Mapping[str, Node], frame: Any, *, at_baseline: frozenset[str] = frozenset()) -> Any:
    """Give a table with one more column for each rule.

    Parameters
    ----------
    rules : mapping of str to Node
        Rules and quantities by the name of their column.
    frame : native data frame
        One row a patient-visit. Polars (eager or lazy), DuckDB, PySpark, PyArrow, or pandas with Arrow or nullable
        dtypes. NaN counts as missing.
    at_baseline : frozenset of str
        The rules to be judged on the record up to study day 0, such as eligibility.

    Returns
    -------
    native data frame
        Of the kind that was given; lazy where it was lazy.

    Raises
    ------
    TypeError
        For a pandas column of dtype object, in which missing values have no meaning.
    KeyError
        When a column that a rule reads is absent.
    """
    table = nw.from_native(frame)
    schema = table.collect_schema()
    wanted = {
        column_of(item, at)
        for name, rule in rules.items()
        for at in [_time(name, at_baseline)]
        for item in inputs_of(rule)
    }
    _check_columns(schema, wanted)
    floats = [nw.col(name).fill_nan(None) for name in sorted(wanted) if schema[name].is_float()]
    table = table.with_columns(*floats) if floats else table
    parts = SharedParts({name: (rule, _time(name, at_baseline)) for name, rule in rules.items()})
    return nw.to_native(_with_rules(table, parts, set(schema)))


def _with_rules(table: Any, parts: SharedParts, taken: set[str]) -> Any:
    prefix = "part"
    while any(name.startswith(prefix) for name in taken):
        prefix += "_"
    shared: set[int] = set()
    some_rows = nw.col(min(taken)).is_null()

    def compiled(number: int, *, whole: bool = False) -> nw.Expr:
        if number in shared and not whole:
            return nw.col(f"{prefix}{number}")
        part = parts[number]
        if part.is_constant:
            return _constant(part.node, some_rows)
        return nw.col(part.column) if part.column else column(part.node, [compiled(inner) for inner in part.parts])

    for stage in parts.stages():
        # What several rules need is a column first, so that no backend has to find out that it is the same.
        table = table.with_columns(*[compiled(number, whole=True).alias(f"{prefix}{number}") for number in stage])
        shared |= set(stage)
    # A rule without inputs has one answer, to be told on every row.
    answers = {name: compiled(number) for name, number in parts.rules.items()}
    answers |= {
        name: nw.when(some_rows).then(answers[name]).otherwise(answers[name])
        for name, number in parts.rules.items()
        if parts[number].is_constant
    }
    table = table.with_columns(*[answer.alias(name) for name, answer in answers.items()])
    return table.drop(*[f"{prefix}{number}" for number in sorted(shared)]) if shared else table


def _constant(node: Node, some_rows: nw.Expr) -> nw.Expr:
    # What reads no input is the same for everybody.
    value = explain(node, Patient(Subject("nobody"), {})).value
    if value is None:
        return nw.when(some_rows & ~some_rows).then(nw.lit(True) if isinstance(node, Rule) else nw.lit(0.0))
    return nw.lit(value)


def _time(name: str, at_baseline: frozenset[str]) -> str:
    return BASELINE if name in at_baseline else NOW


def _check_columns(schema: Mapping[str, nw.dtypes.DType], wanted: set[str]) -> None:
    absent = sorted(wanted - set(schema))
    if absent:
        raise KeyError(f"the table lacks columns that the rules read: {', '.join(absent)}")
    for name in sorted(wanted):
        if schema[name] == nw.Object:
            raise TypeError(f"column {name!r} has dtype object: convert it to an Arrow or nullable dtype first")
