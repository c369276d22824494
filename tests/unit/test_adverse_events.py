"""Adverse events counted by hand: worst grade once, days of the set, grades that nobody recorded."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from branchpoint.analysis.adverse_events import adverse_event_results, observed_events, worst_by_group
from branchpoint.analysis.courses import patient_courses
from branchpoint.analysis.results import Result
from branchpoint.analysis.safety_sets import periods_of, safety_sets
from branchpoint.language.registry import find_protocol
from branchpoint.records.tables import Study
from tests.unit.synthetic_cohort import PROTOCOL, synthetic_decisions, synthetic_study

COURSES = patient_courses(synthetic_study(), synthetic_decisions(), PROTOCOL)
SETS = safety_sets(COURSES, PROTOCOL)
# Additional treatment began on day 4 in NR, 12 in PD and 7 in died, who died on day 30.
EVENTS = (
    ("CR", 5, "anemia", 2),
    ("CR", 9, "anemia", 3),
    ("CR", 9, "rash", None),
    ("CR", 31, "diarrhea", 1),
    ("new", 0, "anemia", 1),
    ("moved", 3, "anemia", 4),
    ("NR", 3, "constipation", 1),
    ("NR", 4, "constipation", 2),
    ("NR", 63, "anemia", 1),
    ("PD", 71, "anemia", 4),
    ("died", 20, "secondary_infection", 3),
    ("died", 30, "secondary_infection", 5),
)


def with_events(rows: tuple[tuple[Any, ...], ...]) -> Study:
    study = synthetic_study()
    columns = ("subject", "day", "event", "grade")
    added = pl.DataFrame(rows, schema={name: study.events.schema[name] for name in columns}, orient="row")
    return replace(study, events=pl.concat([study.events, added], how="diagonal"))


def counted(rows: tuple[tuple[Any, ...], ...] = EVENTS) -> dict[str, Result]:
    return {result.id: result for result in adverse_event_results(with_events(rows), COURSES, PROTOCOL)}


def test_sets_are_those_of_the_protocol() -> None:
    monotherapy, additional = SETS
    assert (monotherapy.name, additional.name) == ("monotherapy", "additional")
    assert sorted(monotherapy.members["subject"]) == ["CR", "new"]
    assert {row[0]: row[1:] for row in additional.members.iter_rows()} == {
        "NR": (4, 63),
        "PD": (12, 71),
        "died": (7, 66),
    }
    assert monotherapy.members.row(0) == ("CR", 0, 30)
    assert "first dose" in monotherapy.period


@pytest.mark.parametrize(
    ("statistic", "n", "denominator"),
    [
        ("ae.anemia.monotherapy.any", 2, 2),
        ("ae.anemia.monotherapy.grade3", 1, 2),
        ("ae.rash.monotherapy.any", 1, 2),
        ("ae.rash.monotherapy.grade3", 0, 2),
        ("ae.diarrhea.monotherapy.any", 0, 2),
        ("ae.anemia.additional.any", 2, 3),
        ("ae.anemia.additional.grade3", 1, 3),
        ("ae.constipation.additional.any", 1, 3),
        ("ae.secondary_infection.additional.any", 1, 3),
        ("ae.secondary_infection.additional.grade3", 1, 3),
        ("ae.hematologic.additional.any", 2, 3),
        ("ae.nonhematologic.additional.any", 2, 3),
        ("ae.event.additional.any", 3, 3),
        ("ae.event.additional.grade3", 2, 3),
        ("ae.patients.additional", 3, None),
        # On day 31, before additional treatment, and of a patient of neither set.
        ("ae.outside", 3, 12),
    ],
)
def test_counts(statistic: str, n: int, denominator: int | None) -> None:
    result = counted()[statistic]
    assert (result.n, result.denominator) == (n, denominator)


def test_an_event_without_a_grade_is_told() -> None:
    results = counted()
    assert "1 with no grade" in results["ae.rash.monotherapy.grade3"].note
    assert results["ae.anemia.monotherapy.grade3"].note == ""


def test_a_known_grade_outranks_one_that_was_not_recorded() -> None:
    study = with_events((("CR", 2, "rash", None), ("CR", 3, "rash", 1), ("CR", 4, "rash", 1)))
    worst = worst_by_group(observed_events(study, periods_of(SETS), PROTOCOL))
    assert worst.select("day", "grade").rows() == [(3, 1)]


def test_a_study_without_adverse_events_says_nothing_of_them() -> None:
    assert counted(()) == {}


def test_a_protocol_without_groups_has_none() -> None:
    other = find_protocol("hlh-94")
    assert list(adverse_event_results(with_events(EVENTS), COURSES, replace(PROTOCOL, adverse_events=()))) == []
    assert not other.adverse_events
