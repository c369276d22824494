"""How laboratory values are graded: every boundary of the CTCAE v5.0 terms that the reference protocol uses.

Expected grades are read off the wording of CTCAE v5.0 (National Cancer Institute, 2017), quoted beside each term.
"""

from importlib.resources import files

import pytest

from branchpoint.engine.explain import explain, possible_answers
from branchpoint.language import Numeric, Scale, YesNo
from branchpoint.language.grading import (
    applies_when,
    check_gradings,
    check_groups,
    grade_at_least,
    grade_of,
    grading_rule,
)
from branchpoint.language.grading_files import read_gradings, read_groups
from branchpoint.records.patient import Finding, Patient, Subject

FOLDER = files("branchpoint") / "protocols"
TABLES = read_gradings((FOLDER / "rux_hlh_gradings.toml").read_text("utf-8"), "rux_hlh_gradings.toml")
EVENTS = read_groups((FOLDER / "rux_hlh_adverse_events.toml").read_text("utf-8"), "rux_hlh_adverse_events.toml", TABLES)

UNITS = {
    "hemoglobin": "g/L",
    "platelets": "10*9/L",
    "neutrophils": "10*9/L",
    "white_blood_cells": "10*9/L",
    "lymphocytes": "10*9/L",
    "alt": "U/L",
    "ast": "U/L",
    "bilirubin": "umol/L",
    "alp": "U/L",
    "creatinine": "umol/L",
    "amylase": "U/L",
    "lipase": "U/L",
    "fibrinogen": "g/L",
    "triglycerides": "mmol/L",
    "inr": "1",
    "albumin": "g/L",
}
MEASURED = {
    name: Numeric(name=name, label=name, scales=(Scale(unit, (0, 1e6)),), current_for=7) for name, unit in UNITS.items()
}
SYMPTOMS = YesNo(name="abdominal_symptoms", label="Abdominal signs or symptoms")
ANTICOAGULATION = YesNo(name="anticoagulation", label="On anticoagulation")
CIRCUMSTANCES = {"symptoms": SYMPTOMS.holds, "anticoagulation": ANTICOAGULATION.holds}
GRADES = {name: grade_of(TABLES, measurement, CIRCUMSTANCES) for name, measurement in MEASURED.items()}


def patient(test, value, *, low=None, high=None, baseline=None, symptoms=None, anticoagulation=None):
    def finding(day, name, value):
        return Finding(day, name, value, UNITS.get(name, ""), low, high)

    found = {test: tuple(finding(day, test, v) for day, v in ((0, baseline), (7, value)) if v is not None)}
    for answer, name in ((symptoms, SYMPTOMS.name), (anticoagulation, ANTICOAGULATION.name)):
        if answer is not None:
            found[name] = (Finding(7, name, answer),)
    return Patient(Subject("P01"), found)


def grade(test, value, **known):
    answer = explain(GRADES[test], patient(test, value, **known), 7).value
    return None if answer is None else int(answer)


def open_grades(test, value, **known):
    return possible_answers(explain(GRADES[test], patient(test, value, **known), 7))


# The lower limit of normal; then values on both sides of every boundary, with their grade.
BELOW_LIMIT = {
    # "<LLN - 100 g/L", "<100 - 80 g/L", "<80 g/L"; grade 4 is clinical
    "hemoglobin": (110, [(110, 0), (109.9, 1), (100, 1), (99.9, 2), (80, 2), (79.9, 3), (10, 3)]),
    # "<LLN - 75.0", "<75.0 - 50.0", "<50.0 - 25.0", "<25.0 x 10e9/L"
    "platelets": (125, [(125, 0), (124, 1), (75, 1), (74.9, 2), (50, 2), (49.9, 3), (25, 3), (24.9, 4), (0, 4)]),
    # "<LLN - 1.5", "<1.5 - 1.0", "<1.0 - 0.5", "<0.5 x 10e9/L"
    "neutrophils": (1.8, [(1.8, 0), (1.79, 1), (1.5, 1), (1.49, 2), (1.0, 2), (0.99, 3), (0.5, 3), (0.49, 4)]),
    # "<LLN - 3.0", "<3.0 - 2.0", "<2.0 - 1.0", "<1.0 x 10e9/L"
    "white_blood_cells": (4, [(4, 0), (3.9, 1), (3, 1), (2.9, 2), (2, 2), (1.9, 3), (1, 3), (0.9, 4)]),
    # "<LLN - 0.8", "<0.8 - 0.5", "<0.5 - 0.2", "<0.2 x 10e9/L"
    "lymphocytes": (1.2, [(1.2, 0), (1.19, 1), (0.8, 1), (0.79, 2), (0.5, 2), (0.49, 3), (0.2, 3), (0.19, 4)]),
    # "<LLN - 30 g/L", "<30 - 20 g/L", "<20 g/L"; grade 4 is clinical
    "albumin": (35, [(35, 0), (34.9, 1), (30, 1), (29.9, 2), (20, 2), (19.9, 3)]),
}


@pytest.mark.parametrize(
    ("test", "low", "value", "expected"),
    [(test, low, value, expected) for test, (low, rows) in BELOW_LIMIT.items() for value, expected in rows],
)
def test_a_count_is_graded_by_its_value_and_grade_1_begins_at_the_lower_limit_of_normal(test, low, value, expected):
    assert grade(test, value, low=low) == expected


# Multiples of the upper limit, with their grade; then where grade 1 begins by multiples of an abnormal baseline.
LIVER = {
    # ">ULN - 3.0 x ULN", ">3.0 - 5.0", ">5.0 - 20.0", ">20.0"; "1.5 - 3.0 x baseline if baseline was abnormal"
    "alt": ([(1, 0), (1.01, 1), (3, 1), (3.01, 2), (5, 2), (5.01, 3), (20, 3), (20.01, 4)], [(1.49, 0), (1.5, 1)]),
    "ast": ([(1, 0), (1.01, 1), (3, 1), (3.01, 2), (5, 2), (5.01, 3), (20, 3), (20.01, 4)], [(1.49, 0), (1.5, 1)]),
    # ">ULN - 1.5 x ULN", ">1.5 - 3.0", ">3.0 - 10.0", ">10.0"; ">1.0 - 1.5 x baseline if baseline was abnormal"
    "bilirubin": (
        [(1, 0), (1.01, 1), (1.5, 1), (1.51, 2), (3, 2), (3.01, 3), (10, 3), (10.01, 4)],
        [(1, 0), (1.01, 1)],
    ),
    # ">ULN - 2.5 x ULN", ">2.5 - 5.0", ">5.0 - 20.0", ">20.0"; "2.0 - 2.5 x baseline if baseline was abnormal"
    "alp": ([(1, 0), (1.01, 1), (2.5, 1), (2.51, 2), (5, 2), (5.01, 3), (20, 3), (20.01, 4)], [(1.99, 0), (2, 1)]),
}


@pytest.mark.parametrize(
    ("test", "fold", "expected"), [(test, *row) for test, (rows, _) in LIVER.items() for row in rows]
)
def test_a_liver_test_that_was_normal_is_graded_by_multiples_of_the_upper_limit(test, fold, expected):
    assert grade(test, fold * 40, high=40, baseline=40) == expected


@pytest.mark.parametrize(
    ("test", "fold", "expected"),
    [(test, *row) for test, (rows, onset) in LIVER.items() for row in (*onset, *[r for r in rows if r[0] >= 1.5])],
)
def test_a_liver_test_that_was_abnormal_is_graded_by_multiples_of_baseline(test, fold, expected):
    assert grade(test, fold * 200, high=40, baseline=200) == expected


def test_baseline_is_abnormal_above_the_limit_and_not_at_it():
    assert grade("alt", 160, high=40, baseline=40) == 2
    assert grade("alt", 160, high=40, baseline=41) == 2
    assert grade("alt", 120, high=40, baseline=40) == 1
    assert grade("alt", 60, high=40, baseline=40) == 1
    assert grade("alt", 60, high=40, baseline=41) == 0


def test_an_entry_value_of_156_makes_the_usual_rise_in_hlh_no_event():
    # The median ALT at entry: Zhang et al. Blood 2022;139(24):3493, Table 1.
    assert grade("alt", 200, high=40, baseline=156) == 0
    assert grade("alt", 200, high=40, baseline=30) == 2


@pytest.mark.parametrize(
    ("value", "baseline", "expected"),
    [
        # ">ULN - 1.5 x ULN"; ">1.5 - 3.0 x baseline; >1.5 - 3.0 x ULN"; ">3.0 x baseline; >3.0 - 6.0 x ULN";
        # ">6.0 x ULN"
        (60, 60, 0), (61, 60, 1), (90, 60, 1), (91, 61, 2), (180, 60, 2), (181, 80, 3), (360, 200, 3), (361, 361, 4),
        (30, 20, 0), (31, 20, 2), (60, 20, 2), (61, 20, 3), (400, 400, 4),
    ],
)  # fmt: skip
def test_creatinine_has_the_worse_of_the_grades_by_limit_and_by_baseline(value, baseline, expected):
    assert grade("creatinine", value, high=60, baseline=baseline) == expected


@pytest.mark.parametrize("test", ["amylase", "lipase"])
@pytest.mark.parametrize(
    ("value", "without", "with_symptoms"),
    [
        # ">ULN - 1.5 x ULN"; ">1.5 - 2.0 x ULN; >2.0 - 5.0 x ULN and asymptomatic";
        # ">2.0 - 5.0 x ULN with signs or symptoms; >5.0 x ULN and asymptomatic";
        # ">5.0 x ULN and with signs or symptoms"
        (100, 0, 0), (101, 1, 1), (150, 1, 1), (151, 2, 2), (200, 2, 2), (201, 2, 3), (500, 2, 3), (501, 3, 4),
    ],
)  # fmt: skip
def test_symptoms_raise_the_grade_of_a_pancreatic_enzyme(test, value, without, with_symptoms):
    assert grade(test, value, high=100, symptoms=False) == without
    assert grade(test, value, high=100, symptoms=True) == with_symptoms
    assert grade(test, value, high=100) == (without if without == with_symptoms else None)


@pytest.mark.parametrize(
    ("value", "baseline", "low", "expected"),
    [
        # "<1.0 - 0.75 x LLN", "<0.75 - 0.5 x LLN", "<0.5 - 0.25 x LLN", "<0.25 x LLN"
        (4, 4, 4, 0), (3.9, 3.9, 4, 1), (3, 3, 4, 1), (2.9, 2.9, 4, 2), (2, 2, 4, 2), (1.9, 1.9, 4, 3), (1, 1, 4, 3),
        (0.9, 0.9, 4, 4),
        # "if abnormal, <25%", "25 - <50%", "50 - <75%", "75% decrease from baseline"
        (3.5, 4.6, 4, 1), (3, 4, 4, 2), (3.2, 6.3, 4, 2), (3.2, 6.4, 4, 3), (3.2, 12.7, 4, 3), (3.2, 12.8, 4, 4),
        # a fall within normal limits is no event
        (4, 16, 4, 0),
        # "absolute value <50 mg/dL"
        (0.5, 0.5, 0.6, 1), (0.49, 0.49, 0.6, 4),
    ],
)  # fmt: skip
def test_fibrinogen_has_the_worst_grade_by_limit_by_fall_and_by_value(value, baseline, low, expected):
    assert grade("fibrinogen", value, low=low, baseline=baseline) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    # "1.71 - 3.42 mmol/L", ">3.42 - 5.7", ">5.7 - 11.4", ">11.4"
    [(1.7, 0), (1.71, 1), (3.42, 1), (3.43, 2), (5.7, 2), (5.71, 3), (11.4, 3), (11.41, 4)],
)
def test_triglycerides_are_graded_by_value_alone(value, expected):
    assert grade("triglycerides", value) == expected


@pytest.mark.parametrize(
    ("value", "baseline", "anticoagulation", "expected"),
    [
        # ">1.2 - 1.5", ">1.5 - 2.5", ">2.5"
        (1.2, 1.0, False, 0), (1.21, 1.0, False, 1), (1.5, 1.0, False, 1), (1.51, 1.0, False, 2), (2.5, 1.0, False, 2),
        (2.51, 1.0, False, 3),
        # ">1 - 1.5 x baseline", ">1.5 - 2.5 x baseline", ">2.5 x baseline", "if on anticoagulation"
        (1.0, 1.0, True, 0), (1.1, 1.0, True, 1), (1.125, 0.75, True, 1), (1.25, 0.8, True, 2), (2.0, 0.8, True, 2),
        (2.25, 0.8, True, 3),
    ],
)  # fmt: skip
def test_inr_is_also_graded_by_baseline_where_the_patient_is_anticoagulated(value, baseline, anticoagulation, expected):
    assert grade("inr", value, baseline=baseline, anticoagulation=anticoagulation) == expected


def test_an_absolute_grade_holds_even_within_the_limits_of_a_young_child():
    assert grade("hemoglobin", 97, low=95) == 2
    assert grade("neutrophils", 1.2, low=1.0) == 2


def test_a_missing_limit_leaves_open_only_what_it_decides():
    assert grade("hemoglobin", 90) == 2
    assert open_grades("hemoglobin", 105) == ("1", "0")
    assert grade("hemoglobin", None) is None


def test_a_missing_baseline_leaves_open_only_what_it_decides():
    assert grade("creatinine", 400, high=60) == 4
    assert open_grades("creatinine", 100, high=60) == ("3", "2")
    assert grade("alt", 200, high=40) is None
    assert grade("fibrinogen", 5, low=2) == 0


def test_a_grade_of_at_least_3_can_be_settled_while_the_grade_is_open():
    severe = grade_at_least(GRADES["lipase"], 3)
    assert open_grades("lipase", 600, high=100) == ("4", "3")
    assert explain(severe, patient("lipase", 600, high=100), 7).value is True
    assert explain(severe, patient("lipase", 190, high=100), 7).value is False
    assert explain(severe, patient("lipase", 300, high=100), 7).value is None


def test_one_table_is_a_number_with_a_rule_of_when_it_applies():
    table = next(table for table in TABLES if table.name == "alt_abnormal_baseline")
    known = patient("alt", 400, high=40, baseline=100)
    applies = applies_when(table, MEASURED["alt"])
    assert applies is not None
    assert explain(applies, known, 7).value is True
    assert explain(grading_rule(table, MEASURED["alt"]), known, 7).value == 2.0


def test_a_value_measured_in_another_unit_is_graded_in_the_unit_of_the_table():
    table = next(table for table in TABLES if table.name == "anemia_by_value")
    hemoglobin = Numeric(name="hemoglobin", label="Hemoglobin", scales=(Scale("g/dL", (1, 30)),))
    known = Patient(Subject("P01"), {"hemoglobin": (Finding(0, "hemoglobin", 7.9, "g/dL"),)})
    assert explain(grading_rule(table, hemoglobin), known, 0).value == 3.0


def test_every_laboratory_term_of_the_protocol_is_graded():
    assert {table.measurement for table in TABLES} == set(UNITS)
    assert check_gradings(TABLES).startswith("16 terms")
    assert all("v5.0" in table.cite for table in TABLES)


def test_the_fifteen_groups_of_table_5_map_to_ctcae_terms():
    assert [group.name for group in EVENTS] == [
        "anemia", "thrombocytopenia", "neutrocytopenia", "myelosuppression", "constipation", "pancreatic_damage",
        "rash", "diarrhea", "liver_damage", "sweating", "gastritis", "secondary_infection", "heart_damage",
        "kidney_damage", "gastrointestinal_hemorrhage",
    ]  # fmt: skip
    assert [group.section for group in EVENTS].count("hematologic") == 4
    assert check_groups(EVENTS, TABLES).startswith("15 groups")
    pancreas = next(group for group in EVENTS if group.name == "pancreatic_damage")
    assert pancreas.ctcae_terms == ("Serum amylase increased", "Lipase increased", "Pancreatitis")
    assert [grade for grade, _ in pancreas.terms[0].grades] == [2, 3, 4, 5]
