"""Two readings of a rule agree on rules and patients nobody thought of: explain, and evaluate on Polars and DuckDB."""

from dataclasses import is_dataclass

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import branchpoint.language
from branchpoint.engine.evaluate import column_of, evaluate
from branchpoint.engine.explain import explain
from branchpoint.language.nodes import descend
from branchpoint.language.proofs import inputs_of
from branchpoint.language.quantities import BASELINE, Quantity
from branchpoint.language.rules import Rule
from branchpoint.records.frame import visit_frame
from tests.generative.records import DAYS, patients, tables_of
from tests.generative.rules import GENERATORS, nodes, some_rules

KINDS = sorted(GENERATORS, key=lambda kind: kind.__name__)
GENEROUS = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def kinds_of(base):
    """Every concrete kind of node below a class."""
    for kind in base.__subclasses__():
        if is_dataclass(kind):
            yield getattr(branchpoint.language, kind.__name__, kind)
        yield from kinds_of(kind)


def test_every_kind_of_node_has_a_generator():
    concrete = {
        kind.__name__
        for base in (Quantity, Rule)
        for kind in kinds_of(base)
        if kind.__module__.startswith("branchpoint")
    }
    assert concrete == {kind.__name__ for kind in GENERATORS} - {"Case"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_generator_makes_its_kind(kind):
    @settings(max_examples=5, deadline=None, database=None)
    @given(nodes(kind))
    def look(node):
        assert kind in {type(part) for part in descend(node)}

    look()


def spoiled(frame):
    """Let every other row say NaN where nothing is known."""
    odd = pl.int_range(pl.len()) % 2 == 1
    floats = pl.selectors.float()
    return frame.with_columns(pl.when(odd).then(floats.fill_null(float("nan"))).otherwise(floats).name.keep())


def on_duckdb(rules, frame, **options):
    with duckdb.connect() as connection:
        relation = connection.from_arrow(frame.with_row_index("row").to_arrow())
        return evaluate(rules, relation, **options).pl().sort("row")


def same(told, answer):
    """A verdict or a word to the letter, a number up to its last digits."""
    if isinstance(told, float) and answer is not None:
        return answer == pytest.approx(told, rel=1e-9, abs=1e-12)
    return told is answer if told is None or isinstance(told, bool) else told == answer


def agree(told, frame, rules, **options):
    for engine in (evaluate, on_duckdb):
        judged = engine(rules, spoiled(frame), **options)
        for name in rules:
            answers = judged[name].to_list()
            assert all(map(same, told[name], answers)), (engine.__name__, rules[name], told[name], answers)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_explain_and_evaluate_agree(kind):
    @GENEROUS
    @given(st.lists(nodes(kind), min_size=1, max_size=3), patients(), st.lists(DAYS, min_size=1, max_size=5))
    def look(made, patient, days):
        rules = {f"rule {place}": node for place, node in enumerate(made)}
        told = {name: [explain(node, patient, day).value for day in days] for name, node in rules.items()}
        rows = pl.DataFrame({"subject": [patient.subject.id] * len(days), "day": days})
        agree(told, visit_frame(tables_of([patient]), inputs_of(tuple(made)), rows), rules)

    look()


@GENEROUS
@given(some_rules(), some_rules(), patients(), st.lists(st.integers(0, 20), min_size=1, max_size=4))
def test_rules_judged_at_baseline_agree(early, late, patient, days):
    if any(isinstance(item.when, int) for item in inputs_of(early)):
        return  # At baseline no later visit has been, but its column is there.
    rules = {"early": early, "late": late}
    told = {
        "early": [explain(early, patient, 0).value for _ in days],
        "late": [explain(late, patient, day).value for day in days],
    }
    read = {column_of(item, BASELINE): at(item) for item in inputs_of(early)} | {
        item.name: item for item in inputs_of(late)
    }
    rows = pl.DataFrame({"subject": [patient.subject.id] * len(days), "day": days})
    agree(told, visit_frame(tables_of([patient]), read.values(), rows), rules, at_baseline=frozenset({"early"}))


def at(item):
    return type(item)(item.measurement, item.aspect, BASELINE, item.days, item.scale)


def test_a_count_of_many_rules_agrees():
    # So many ways to reach the count that the columns are counted in numbers.
    from branchpoint.language import Numeric, Scale, at_least

    measures = [Numeric(name=f"m{n}", label="m", scales=(Scale("1", (0, 9)),)) for n in range(12)]
    rule = at_least(6, *(measure > 1 for measure in measures))
    columns = {
        f"m{n}": [None if row >> n & 1 else 2.0 if (row * 7 + n) % 3 else 0.0 for row in range(200)] for n in range(12)
    }
    frame = pl.DataFrame(columns)
    for engine in (evaluate, on_duckdb):
        answers = engine({"rule": rule}, frame)["rule"].to_list()
        for row, answer in zip(frame.rows(), answers, strict=True):
            surely, possibly = sum(v == 2 for v in row), sum(v != 0 for v in row)
            assert answer is (True if surely >= 6 else False if possibly < 6 else None)
