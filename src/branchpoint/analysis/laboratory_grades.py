"""Laboratory grades: CTCAE grades that follow from the findings, beside those that investigators recorded.

Where the record does not settle a grade (no limit of normal, no baseline, symptoms that nobody asked about), it gives
the lowest and the highest grade that are possible. A derived grade says how abnormal a value is and not why: whether
it is an adverse event or the disease remains the investigator's judgment, so the two are listed and never merged.

References
----------
.. [1] National Cancer Institute. Common Terminology Criteria for Adverse Events (CTCAE), version 5.0. 2017.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from branchpoint.engine.evaluate import evaluate
from branchpoint.language.grading import grade_at_least, grade_of
from branchpoint.language.measurements import Numeric, YesNo
from branchpoint.language.proofs import inputs_of
from branchpoint.records.frame import Tables, visit_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from branchpoint.language.grading import GradingTable
    from branchpoint.language.nodes import Node, Rule
    from branchpoint.language.protocol import Protocol
    from branchpoint.records.tables import Study

__all__ = ["CIRCUMSTANCES", "laboratory_grades", "worst_laboratory_grades"]

# What some gradings ask about. A protocol whose visits do not ask leaves them open: they are unknown, not absent.
CIRCUMSTANCES = {
    "symptoms": YesNo(name="abdominal_symptoms", label="Abdominal signs or symptoms"),
    "anticoagulation": YesNo(name="anticoagulation", label="On anticoagulation"),
}
_GRADES = (1, 2, 3, 4)
_SCHEMA = {
    "subject": pl.String, "day": pl.Int32, "term": pl.String, "test": pl.String, "value": pl.Float64,
    "at_least": pl.Int32, "at_most": pl.Int32,
}  # fmt: skip


def laboratory_grades(
    study: Study, protocol: Protocol, circumstances: Mapping[str, Rule] | None = None
) -> pl.DataFrame:
    """Grade every laboratory value that a term of the protocol's gradings decides.

    Parameters
    ----------
    study : Study
    protocol : Protocol
    circumstances : mapping of str to Rule, optional
        What ``symptoms`` and ``anticoagulation`` are; when not given, the findings of `CIRCUMSTANCES`.

    Returns
    -------
    DataFrame
        One row a subject, day and term: test, value, and the lowest and highest grade possible, `at_least` and
        `at_most`, which are equal where the grade is known. Rows are of the days on which the test was measured, and of
        day 0, where the last value before it stands.
    """
    gradings = _gradings(protocol)
    rules = _rules(gradings, circumstances or {name: asked.holds for name, asked in CIRCUMSTANCES.items()})
    tests = [measurement.name for measurement, _ in gradings.values()]
    measured = study.findings.select(
        pl.col("subject").cast(pl.String), "day", test=pl.col("test").cast(pl.String), value="number"
    ).filter(pl.col("test").is_in(tests), pl.col("value").is_not_null())
    if not rules or not len(measured):
        return pl.DataFrame(schema=_SCHEMA)
    baseline = _at_baseline(measured)
    later = pl.concat([measured.filter(pl.col("day") > 0), baseline])
    rows = later.select("subject", "day").unique().sort("subject", "day")
    tables = Tables(*(getattr(study, name) for name in Tables._fields))
    judged: pl.DataFrame = evaluate(rules, visit_frame(tables, inputs_of(tuple(rules.values())), rows))
    graded = pl.concat([_bounds(judged, term, test.name) for term, (test, _) in gradings.items()])
    order = pl.Enum(list(gradings))
    # A day on which something else was measured would repeat an older value.
    found = graded.join(later.unique(["subject", "day", "test"], keep="last"), on=["subject", "day", "test"])
    found = found.select(*_SCHEMA).sort("subject", "day", pl.col("term").cast(order))
    return found.cast(_SCHEMA)  # type: ignore[arg-type]


def worst_laboratory_grades(grades: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Give the worst grade of each patient and term within the days of each set.

    Parameters
    ----------
    grades : DataFrame
        As `laboratory_grades` gives them.
    periods : DataFrame
        Columns set, subject, first_day and last_day. Values of the first day were taken before the treatment began.

    Returns
    -------
    DataFrame
        Columns set, subject, term, test, at_least, at_most; day and value of the worst; and those of day 0,
        `baseline_at_least` and `baseline_at_most`, null where nothing was measured by then.
    """
    within = pl.col("day").is_between(pl.col("first_day"), pl.col("last_day"), closed="right")
    inside = periods.join(grades, on="subject", maintain_order="left_right").filter(within)
    ranked = inside.sort("at_least", "at_most", "day", descending=[True, True, False], maintain_order=True)
    worst = ranked.group_by("set", "subject", "term", "test", maintain_order=True).agg(
        pl.col("at_least").max(), pl.col("at_most").max(), pl.col("day", "value").first()
    )
    before = grades.filter(day=0).select(
        "subject", "term", baseline_at_least=pl.col("at_least"), baseline_at_most=pl.col("at_most")
    )
    joined = worst.join(before, on=["subject", "term"], how="left", maintain_order="left")
    return joined.sort("set", "subject", "term")


def _gradings(protocol: Protocol) -> dict[str, tuple[Numeric, list[GradingTable]]]:
    """The tables of each term, with what they grade; terms of what the protocol does not measure are left out."""
    found: dict[str, tuple[Numeric, list[GradingTable]]] = {}
    for table in protocol.gradings:
        measurement = protocol.measurements.get(table.measurement)
        if isinstance(measurement, Numeric):
            found.setdefault(table.term, (measurement, []))[1].append(table)
    return found


def _rules(
    gradings: Mapping[str, tuple[Numeric, list[GradingTable]]], circumstances: Mapping[str, Rule]
) -> dict[str, Node]:
    rules: dict[str, Node] = {}
    for term, (measurement, tables) in gradings.items():
        grading = grade_of(tables, measurement, circumstances)
        rules |= {_column(term, grade): grade_at_least(grading, grade) for grade in _reached(tables)}
    return rules


def _reached(tables: list[GradingTable]) -> list[int]:
    return [grade for grade in _GRADES if any(grade <= max(table.grades) for table in tables)]


def _column(term: str, grade: int) -> str:
    return f"{term} >= {grade}"


def _at_baseline(measured: pl.DataFrame) -> pl.DataFrame:
    """The last value up to day 0, as of day 0."""
    before = measured.filter(pl.col("day") <= 0).sort("day", maintain_order=True)
    last = before.unique(["subject", "test"], keep="last", maintain_order=True)
    return last.with_columns(day=pl.lit(0, measured.schema["day"]))


def _bounds(judged: pl.DataFrame, term: str, test: str) -> pl.DataFrame:
    grades = [grade for grade in _GRADES if _column(term, grade) in judged.columns]
    sure = [pl.when(pl.col(_column(term, grade))).then(grade) for grade in grades]
    possible = [pl.when(pl.col(_column(term, grade)).fill_null(value=True)).then(grade) for grade in grades]
    return judged.select(
        "subject", "day", term=pl.lit(term), test=pl.lit(test),
        at_least=pl.max_horizontal(0, *sure), at_most=pl.max_horizontal(0, *possible),
    )  # fmt: skip
