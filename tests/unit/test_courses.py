"""Courses read off hand-made decisions; every patient is synthetic."""

from typing import Any

import polars as pl
import pytest

from branchpoint.analysis.courses import epoch_roles, patient_courses
from branchpoint.language.registry import find_protocol
from tests.unit.synthetic_cohort import PATIENTS, PROTOCOL, synthetic_decisions, synthetic_study

COURSES = patient_courses(synthetic_study(), synthetic_decisions(), PROTOCOL)


def course(name: str) -> dict[str, Any]:
    return COURSES.row(by_predicate=pl.col("subject") == name, named=True)


def test_there_is_one_row_a_subject_in_the_order_of_the_study() -> None:
    assert COURSES["subject"].to_list() == list(PATIENTS)


def test_the_roles_of_epochs_come_from_the_pathway() -> None:
    assert epoch_roles(PROTOCOL) == ("frontline", "intensive", frozenset({"follow_up"}), 30, "day 28", "week 8")
    assert epoch_roles(find_protocol("hlh-94")) == (
        "initial",
        "continuation",
        frozenset({"follow_up"}),
        59,
        "day 56",
        "week 16",
    )


def test_a_favorable_response() -> None:
    found = course("CR")
    assert found["frontline_outcome"] == "CR"
    assert found["favorable"] is True
    assert (found["first_response_day"], found["cr_day"], found["decision_day"]) == (2, 21, 28)
    assert found["best_response"] == "CR"
    assert found["overall_cr"] is True
    assert found["additional_treatment_day"] is None
    assert found["last_contact_day"] == 400
    assert found["path"] == "frontline (day 0) → follow_up (day 28, CR)"


def test_no_response_then_complete_response_then_relapse() -> None:
    found = course("NR")
    assert (found["frontline_outcome"], found["favorable"], found["best_response"]) == ("NR", False, "NR")
    assert found["first_response_day"] is None
    assert (found["decision_day"], found["additional_treatment_day"]) == (3, 4)
    assert (found["week_8_outcome"], found["week_8_day"]) == ("CR", 59)
    assert found["overall_cr"] is True
    assert found["relapse_day"] == 150


def test_progression_after_partial_response_transplantation_and_death_after_it() -> None:
    found = course("PD")
    assert (found["frontline_outcome"], found["best_response"]) == ("PD", "PR")
    assert found["prior_corticosteroid"] is True
    assert (found["week_8_outcome"], found["died_in_second"]) == ("refractory", False)
    assert (found["transplant_day"], found["death_day"], found["died_after_transplant"]) == (90, 120, True)
    assert found["last_contact_day"] == 120
    assert found["overall_cr"] is False


def test_who_dies_before_week_8_is_refractory_and_flagged() -> None:
    found = course("died")
    assert (found["week_8_outcome"], found["week_8_day"], found["died_in_second"]) == ("refractory", None, True)
    assert found["died_after_transplant"] is False


def test_exposures_before_the_decision_are_no_additional_treatment() -> None:
    assert course("died")["additional_treatment_day"] == 7
    assert course("new")["additional_treatment_day"] is None


def test_an_override_is_counted_and_told() -> None:
    found = course("moved")
    assert found["overrides"] == 1
    assert found["favorable"] is False
    assert found["week_8_outcome"] is None
    assert found["path"].endswith("salvage (day 7, override)")
    assert COURSES["overrides"].sum() == 1


def test_who_is_still_on_the_frontline_has_no_outcome() -> None:
    found = course("new")
    assert (found["frontline_outcome"], found["favorable"]) == (None, None)
    assert found["overall_cr"] is False


def test_the_excluded_are_marked() -> None:
    assert COURSES.filter("excluded")["subject"].to_list() == ["excluded"]


def test_a_relapse_is_also_what_the_protocol_judges_in_follow_up() -> None:
    decisions = synthetic_decisions(["CR"])
    last = pl.col("day") == 200
    decisions = decisions.with_columns(response_trial=pl.when(last).then(pl.lit("PD")).otherwise("response_trial"))
    assert patient_courses(synthetic_study(["CR"]), decisions, PROTOCOL)["relapse_day"].to_list() == [200]


@pytest.mark.parametrize("names", [[], ["new"], ["excluded"]])
def test_small_studies_have_courses_too(names: list[str]) -> None:
    decisions = synthetic_decisions().filter(pl.col("subject").is_in(names))
    assert patient_courses(synthetic_study(names), decisions, PROTOCOL)["subject"].to_list() == names
