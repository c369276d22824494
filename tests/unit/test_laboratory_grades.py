"""Laboratory grades from hand-made findings: boundaries, baselines, what is not known; and beside recorded grades."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from branchpoint.analysis.grade_discordance import discordance, discordance_counts
from branchpoint.analysis.laboratory_grades import laboratory_grades, worst_laboratory_grades
from branchpoint.records.schemas import SCHEMAS
from branchpoint.records.tables import Study
from tests.unit.synthetic_cohort import PROTOCOL, synthetic_study

PERIODS = pl.DataFrame(
    {"set": ["s"], "subject": ["CR"], "first_day": [0], "last_day": [30]},
    schema={"set": pl.String, "subject": pl.String, "first_day": pl.Int32, "last_day": pl.Int32},
)
Value = tuple[int, str, float] | tuple[int, str, float, dict[str, Any]]


def study_of(*values: Value) -> Study:
    rows = [
        {"subject": "CR", "day": day, "test": test, "number": float(number), **(more[0] if more else {})}
        for day, test, number, *more in values
    ]
    schema = SCHEMAS["findings"].create_empty().schema
    return replace(synthetic_study(["CR"]), findings=pl.DataFrame(rows, schema=schema))


def bounds(study: Study, term: str, day: int = 7) -> tuple[int, int]:
    row = laboratory_grades(study, PROTOCOL).filter(term=term, day=day)
    return row["at_least"].item(), row["at_most"].item()


@pytest.mark.parametrize(
    ("test", "term", "value", "grades"),
    [
        # Without a lower limit of normal, what is above the absolute grades is grade 0 or 1.
        ("hemoglobin", "Anemia", 100, (0, 1)),
        ("hemoglobin", "Anemia", 99.9, (2, 2)),
        ("hemoglobin", "Anemia", 80, (2, 2)),
        ("hemoglobin", "Anemia", 79.9, (3, 3)),
        ("platelets", "Platelet count decreased", 75, (0, 1)),
        ("platelets", "Platelet count decreased", 50, (2, 2)),
        ("platelets", "Platelet count decreased", 25, (3, 3)),
        ("platelets", "Platelet count decreased", 24.9, (4, 4)),
        ("neutrophils", "Neutrophil count decreased", 0.5, (3, 3)),
        ("neutrophils", "Neutrophil count decreased", 0.49, (4, 4)),
        ("triglycerides", "Hypertriglyceridemia", 1.70, (0, 0)),
        ("triglycerides", "Hypertriglyceridemia", 11.4, (3, 3)),
        # No upper limit: any grade of the term is possible.
        ("amylase", "Serum amylase increased", 300, (0, 4)),
    ],
)
def test_boundaries(test: str, term: str, value: float, grades: tuple[int, int]) -> None:
    assert bounds(study_of((7, test, value)), term) == grades


def test_a_limit_of_normal_settles_grade_1() -> None:
    limit = {"lower_limit": 110.0}
    assert bounds(study_of((7, "hemoglobin", 105, limit)), "Anemia") == (1, 1)
    assert bounds(study_of((7, "hemoglobin", 110, limit)), "Anemia") == (0, 0)


@pytest.mark.parametrize(
    ("baseline", "value", "grades"),
    [
        # Normal at baseline: multiples of the upper limit of 40.
        (40, 40, (0, 0)),
        (40, 120, (1, 1)),
        (40, 201, (3, 3)),
        # Abnormal at baseline: multiples of baseline, so that 5 times the limit is no event.
        (200, 200, (0, 0)),
        (200, 299, (0, 0)),
        (200, 300, (1, 1)),
        (200, 601, (2, 2)),
        (200, 4001, (4, 4)),
        # Unknown at baseline: whatever either table gives.
        (None, 200, (0, 4)),
    ],
)
def test_alt_is_graded_against_an_abnormal_baseline(
    baseline: float | None, value: float, grades: tuple[int, int]
) -> None:
    limit = {"upper_limit": 40.0}
    before: list[Value] = [] if baseline is None else [(-1, "alt", baseline, limit)]
    assert bounds(study_of(*before, (7, "alt", value, limit)), "Alanine aminotransferase increased") == grades


def test_creatinine_takes_the_worse_of_limit_and_baseline() -> None:
    limit = {"upper_limit": 60.0}
    study = study_of((0, "creatinine", 20, limit), (7, "creatinine", 50, limit))
    assert bounds(study, "Creatinine increased") == (2, 2)


def test_symptoms_are_unknown_unless_recorded() -> None:
    lipase = (7, "lipase", 150, {"upper_limit": 50.0})
    assert bounds(study_of(lipase), "Lipase increased") == (2, 3)
    for answer, expected in ((True, (3, 3)), (False, (2, 2))):
        study = study_of(lipase)
        asked = {"subject": "CR", "day": 7, "test": "abdominal_symptoms", "truth": answer}
        more = pl.DataFrame([asked], schema=study.findings.schema)
        study = replace(study, findings=pl.concat([study.findings, more]))
        assert bounds(study, "Lipase increased") == expected


def test_only_days_of_measurement_are_graded_and_baseline_stands_on_day_0() -> None:
    study = study_of((-2, "hemoglobin", 70), (3, "platelets", 40), (7, "hemoglobin", 90))
    grades = laboratory_grades(study, PROTOCOL)
    assert grades.select("day", "term", "value", "at_least").rows() == [
        (0, "Anemia", 70, 3),
        (3, "Platelet count decreased", 40, 3),
        (7, "Anemia", 90, 2),
    ]


def test_the_worst_of_a_period_with_its_baseline() -> None:
    study = study_of(
        (0, "hemoglobin", 85),
        (3, "hemoglobin", 78),
        (7, "hemoglobin", 75),
        (31, "hemoglobin", 60),
        (9, "platelets", 80),
    )
    worst = worst_laboratory_grades(laboratory_grades(study, PROTOCOL), PERIODS)
    told = ("term", "at_least", "at_most", "day", "value", "baseline_at_least", "baseline_at_most")
    assert worst.select(told).rows() == [
        ("Anemia", 3, 3, 3, 78, 2, 2),
        ("Platelet count decreased", 0, 1, 9, 80, None, None),
    ]


def test_a_study_that_measured_nothing_has_no_grades() -> None:
    assert len(laboratory_grades(study_of(), PROTOCOL)) == 0


# Beside what investigators recorded -----------------------------------------------------------------------------------


def listed(study: Study, *events: tuple[str, int | None, str | None]) -> pl.DataFrame:
    rows = [("s", "CR", group, 5, grade, note) for group, grade, note in events]
    schema = {"set": pl.String, "subject": pl.String, "group": pl.String, "day": pl.Int32, "grade": pl.Int32,
              "note": pl.String}  # fmt: skip
    worst = worst_laboratory_grades(laboratory_grades(study, PROTOCOL), PERIODS)
    return discordance(pl.DataFrame(rows, schema=schema, orient="row"), worst, PROTOCOL)


@pytest.mark.parametrize(
    ("value", "grade", "verdict"),
    [
        (78, 3, "agrees"),
        (78, 2, "laboratory higher"),
        (78, 0, "laboratory higher"),
        (85, 3, "investigator higher"),
        (105, 1, "not settled"),
        (105, 0, "not settled"),
        (105, 2, "investigator higher"),
        (78, None, "not graded"),
    ],
)
def test_both_grades_are_kept(value: float, grade: int | None, verdict: str) -> None:
    events = [] if grade == 0 else [("anemia", grade, None)]
    row = listed(study_of((7, "hemoglobin", value)), *events).filter(group="anemia").row(0, named=True)
    assert (row["verdict"], row["investigator"], row["value"]) == (verdict, grade, value)


def test_another_term_of_the_group_can_carry_the_grade() -> None:
    limit = {"upper_limit": 40.0}
    study = study_of((0, "alt", 30, limit), (7, "alt", 35, limit))
    # Bilirubin was not measured; and hepatic failure is judged at the bedside.
    for note in (None, "Hepatic failure"):
        row = listed(study, ("liver_damage", 3, note)).row(0, named=True)
        assert (row["verdict"], row["at_most"], row["named"]) == ("other term", 0, note)
    named = listed(study, ("liver_damage", 3, "Alanine aminotransferase increased")).row(0, named=True)
    assert named["verdict"] == "investigator higher"


@pytest.mark.parametrize(
    ("baseline", "attribution"), [(78, "as bad at baseline"), (85, "worse than at baseline"), (None, None)]
)
def test_attribution_says_whether_it_was_so_at_baseline(baseline: float | None, attribution: str | None) -> None:
    before: list[Value] = [] if baseline is None else [(0, "hemoglobin", baseline)]
    row = listed(study_of(*before, (7, "hemoglobin", 75))).filter(group="anemia").row(0, named=True)
    assert row["attribution"] == attribution


def test_verdicts_are_counted_by_patient() -> None:
    counted = discordance_counts(listed(study_of((7, "hemoglobin", 78)), ("anemia", 3, None)))
    assert counted.filter(group="anemia").select("agrees", "laboratory higher", "patients").row(0) == (1, 0, 1)
    assert counted.filter(group="myelosuppression")["laboratory higher"].item() == 1
