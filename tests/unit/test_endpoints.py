"""Endpoints of hand-made courses: counts that can be checked by eye, sets, groups, and what cannot be estimated."""

from math import isnan
from statistics import NormalDist
from typing import Any

import polars as pl
import pytest

from branchpoint.analysis.courses import patient_courses
from branchpoint.analysis.descriptives import describe
from branchpoint.analysis.endpoint_result import ALL, EndpointResult, GroupResult
from branchpoint.analysis.endpoints import all_endpoints, analyze, endpoint_names
from branchpoint.analysis.event_free import CONVENTIONS, event_free
from branchpoint.analysis.landmark import landmark_survival
from branchpoint.analysis.rule_set_responses import rule_set_responses
from branchpoint.analysis.sensitivity import sensitivity
from branchpoint.analysis.sets import left_out, members, set_counts
from branchpoint.analysis.subgroups import NOT_KNOWN, groupings, split
from branchpoint.analysis.survival_times import frontline_events
from branchpoint.language.registry import find_protocol
from branchpoint.refused import Refused
from branchpoint.reporting.analysis_text import analysis_sections
from branchpoint.reporting.text import text_of
from tests.unit.synthetic_cohort import PATIENTS, PROTOCOL, synthetic_decisions, synthetic_study

DECISIONS = synthetic_decisions()
COURSES = patient_courses(synthetic_study(), DECISIONS, PROTOCOL)


def of(name: str, **asked: Any) -> EndpointResult:
    return analyze(name, COURSES, DECISIONS, PROTOCOL, **asked)


def group(result: EndpointResult, level: str = ALL) -> GroupResult:
    return next(one for one in result.groups if one.level == level)


def some(*names: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    chosen = pl.col("subject").is_in(names)
    return COURSES.filter(chosen), DECISIONS.filter(chosen)


def test_sets_are_read_from_their_declarations() -> None:
    # "moved" went on to salvage by override, and "new" is still on the frontline.
    assert set_counts(COURSES, DECISIONS, PROTOCOL) == {
        "itt": 7, "pp": 6, "safety_monotherapy": 2, "safety_additional": 3,
    }  # fmt: skip
    assert left_out(COURSES, DECISIONS, PROTOCOL, "pp") == (("excluded", 1),)
    assert dict(left_out(COURSES, DECISIONS, PROTOCOL, "safety_monotherapy")) == {
        "treated after frontline": 4, "excluded": 1,
    }  # fmt: skip
    assert members(COURSES, DECISIONS, PROTOCOL)["subject"].to_list() == list(PATIENTS)[:-1]


def test_an_unknown_set_endpoint_or_grouping_is_refused_with_what_there_is() -> None:
    with pytest.raises(Refused, match="declares itt, pp"):
        of("orr", set_name="fas")
    with pytest.raises(Refused, match="orr_day_28"):
        of("overall response")
    with pytest.raises(Refused, match="prior_corticosteroid"):
        of("orr", by="height")
    with pytest.raises(Refused, match="nothing is recorded"):
        of("orr", by="age")


@pytest.mark.parametrize(
    ("name", "events", "n"),
    [
        ("orr", 5, 6),
        ("status", 2, 6),
        ("cr", 1, 6),
        ("cr_pr", 4, 6),
        ("favorable", 1, 6),
        ("cr_overall", 2, 6),
        ("relapse", 1, 2),
        ("transplantation", 1, 3),
        ("cr_week_8", 1, 3),
        ("refractory", 2, 4),
        ("alive", 4, 6),
        ("os", 2, 6),
        ("cause_of_death", 2, 2),
    ],
)
def test_counts(name: str, events: int, n: int) -> None:
    found = group(of(name))
    assert (found.events, found.n) == (events, n)


def test_the_excluded_stay_in_the_denominator_and_are_counted() -> None:
    found = group(of("orr_day_28", set_name="itt"))
    assert (found.events, found.n, found.evaluable) == (5, 7, 6)
    assert found.not_evaluable == (("excluded, hardly a record", 1),)
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(5 / 7)
    survival = group(of("os", set_name="itt"))
    assert (survival.n, survival.evaluable) == (7, 6)


def test_a_declared_endpoint_brings_its_set_and_its_estimand() -> None:
    declared, measure = of("orr_day_28"), of("orr")
    assert (declared.declared, declared.rank, declared.analysis_set) == ("orr_day_28", "primary", "pp")
    assert measure.declared == "orr_day_28"
    switched = of("efs_frontline").estimand
    assert switched.intercurrent[0][1].startswith("censored when it starts")
    assert [name for name, _ in switched.lines[:3]] == ["population", "treatment", "variable"]
    assert of("cr_week_8").analysis_set == "safety_additional"
    assert "added by the analysis" in of("cr_pr").notes[0]
    assert all(result.estimand.summary for result in all_endpoints(COURSES, DECISIONS, PROTOCOL))


def test_durations() -> None:
    more = {one.name: one.value for one in group(of("time_to_cr")).more}
    assert (more["median"], more["min"], more["max"]) == (21, 21, 21)
    assert {one.name: one.value for one in group(of("duration_of_response")).more}["median"] == pytest.approx(
        (400 - 2) / 30.4375
    )


def test_groups_are_in_order_and_the_unplaced_are_counted() -> None:
    result = of("orr", by="etiology", set_name="itt")
    assert [one.level for one in result.groups] == [ALL, *PROTOCOL.etiology.answers]
    # The excluded patient has an etiology in this cohort, and no stratum.
    stratum = of("orr", by="stratum", set_name="itt")
    assert group(stratum, NOT_KNOWN).n == 2
    assert sum(one.n for one in stratum.groups[1:]) == 7


def test_survival_by_what_came_later_warns_of_immortal_time() -> None:
    assert any("immortal time" in note for note in of("os", by="stratum").notes)
    assert not any("immortal time" in note for note in of("os", by="etiology").notes)


def test_the_published_convention_is_that_of_the_outcome_table() -> None:
    counted = members(COURSES, DECISIONS, PROTOCOL)
    assert event_free(counted).drop_nulls().rows() == frontline_events(counted).rows()


def test_conventions_differ_in_the_patient_who_switched_for_improvement() -> None:
    switched = {
        name: event_free(COURSES, one).filter(subject="died").select("time", "event").row(0)
        for name, one in CONVENTIONS.items()
    }
    assert switched == {
        "published": (7, False), "switch_is_event": (7, True), "treatment_policy": (30, True),
        "decision_day": (7, False),
    }  # fmt: skip
    no_response = event_free(COURSES, CONVENTIONS["decision_day"]).filter(subject="NR").row(0)
    assert no_response == ("NR", 3, True)


@pytest.mark.parametrize("names", [("CR",), ("NR",), ("excluded",), ("CR", "excluded"), ("new",), ("died",), ()])
def test_groups_of_none_or_one_give_no_traceback_and_no_wrong_number(names: tuple[str, ...]) -> None:
    courses, decisions = some(*names)
    for by in (ALL, "etiology", "stratum", "prior_corticosteroid"):
        for result in all_endpoints(courses, decisions, PROTOCOL, by=(by,), set_name="itt"):
            for one in result.groups:
                assert one.error is None
                if one.n == 0 and one.estimate is not None:
                    assert isnan(one.estimate.value)
                    assert "not estimable" in one.estimate.note
            if result.test is not None and len([one for one in result.groups[1:] if one.n]) < 2:
                assert not result.test.estimable
    assert sensitivity(courses, decisions, PROTOCOL, set_name="itt")


def test_without_an_event_there_are_no_limits() -> None:
    courses, decisions = some("CR")
    estimate = group(analyze("os", courses, decisions, PROTOCOL)).estimate
    assert estimate is not None
    assert estimate.value == 1
    assert isnan(estimate.low)
    assert "limits are not estimable" in estimate.note


def test_everybody_dead_by_the_horizon_is_zero_and_says_that_there_is_no_spread() -> None:
    courses, decisions = some("PD", "died")
    found = group(analyze("os", courses, decisions, PROTOCOL))
    assert found.estimate is not None
    assert found.estimate.value == 0
    assert isnan(found.estimate.low)


def test_profiles_choose_limits_and_tests_by_name() -> None:
    limits = {name: group(of("os", profile=name)).estimate for name in ("paper", "r", "sas", "spss")}
    methods = {name: found.method for name, found in limits.items() if found is not None}
    assert methods["paper"].endswith("plain limits")
    assert methods["r"].endswith("log limits")
    assert methods["sas"].endswith("log-log limits")
    exact = of("orr", by="prior_corticosteroid", profile="r")
    assert exact.test is not None
    assert "Fisher" in exact.test.method
    assert any("smallest expected count" in note for note in exact.notes)


def test_rule_sets_stand_side_by_side_with_bounds() -> None:
    counted = members(COURSES, DECISIONS, PROTOCOL, "itt")
    found = {(one.rule_set, one.outcome): one for one in rule_set_responses(counted, DECISIONS, PROTOCOL)}
    assert (found["trial", "ORR"].n, found["trial", "ORR"].possible) == (5, 6)
    assert (found["dep", "CR"].n, found["dep", "ORR"].n) == (0, 6)


def test_the_landmark_leaves_out_who_died_before_and_says_so() -> None:
    found = landmark_survival(members(COURSES, DECISIONS, PROTOCOL, "itt"))
    assert (found.died_before, found.lost_before, found.unjudged) == (0, 2, 0)
    assert [(level, n, events) for level, n, events, _ in found.groups] == [
        ("responders", 4, 2), ("non-responders", 1, 0),
    ]  # fmt: skip


def test_descriptives_print_their_choice() -> None:
    table = members(COURSES, DECISIONS, PROTOCOL).with_columns(
        pl.Series("baseline.age", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), pl.Series("feature.rash", [True, False] * 3)
    )
    rows = list(describe(table, PROTOCOL, by="prior_corticosteroid", set_name="pp"))
    tests = {row.variable: row for row in rows if row.stat_name == "p.value"}
    assert "Wilcoxon" in tests["baseline.age"].method
    assert "Fisher" in tests["feature.rash"].method
    # Two values are too few for Shapiro-Wilk.
    assert any("not normal in every group" in row.method for row in rows if row.variable == "baseline.age")
    assert {row.stat_name for row in rows if row.context == "summary"} == {"N.obs", "N.miss", "median", "min", "max"}


def test_normal_groups_are_told_as_means_and_compared_by_t() -> None:
    table = pl.concat([COURSES.head(6)] * 4).with_columns(
        pl.Series("baseline.age", [5 + float(NormalDist().inv_cdf((number // 2 + 0.5) / 12)) for number in range(24)])
    )
    rows = list(describe(table, PROTOCOL, by="prior_corticosteroid"))
    assert {"mean", "sd"} <= {row.stat_name for row in rows if row.variable == "baseline.age"}
    (test,) = (row for row in rows if row.stat_name == "p.value" and row.variable == "baseline.age")
    assert "t test" in test.method


def test_every_grouping_splits_whom_it_can_place() -> None:
    for name, grouping in groupings(PROTOCOL).items():
        if grouping.needs in COURSES.columns:
            _, groups = split(COURSES, PROTOCOL, name)
            assert sum(len(part) for _, part in groups) == len(COURSES)


def test_another_protocol_has_its_declared_endpoint_computed() -> None:
    hlh_94 = find_protocol("hlh-94")
    epochs = [("a", 56, "CR", "follow_up"), ("b", 56, "NR", "continuation"), ("c", 28, "NR", "initial")]
    same = {"epoch_before": "initial", "eligible": True, "etiology": "familial", "dose_mg": None, "action": "continue",
            "not_evaluable": ""}  # fmt: skip
    decisions = pl.DataFrame(
        [
            same | {"subject": subject, "day": day, "epoch_after": after, "response_clinician": found}
            for subject, day, found, after in epochs
        ],
        schema_overrides={"day": pl.Int32, "dose_mg": pl.Float64},
    )
    study = synthetic_study(("CR", "NR", "PD"))
    renamed = {"CR": "a", "NR": "b", "PD": "c"}
    tables = {name: frame.with_columns(pl.col("subject").cast(pl.String).replace(renamed)) for name, frame
              in study.tables.items()}  # fmt: skip
    courses = patient_courses(type(study)(path=None, meta=study.meta, **tables), decisions, hlh_94)
    result = analyze("non_active_week_8", courses, decisions, hlh_94)
    assert result.declared == "non_active_week_8"
    # The third died later, never having been in remission.
    assert (group(result).events, group(result).n) == (1, 3)
    assert "cr_week_8" in endpoint_names(hlh_94)
    assert not [one for result in all_endpoints(courses, decisions, hlh_94) for one in result.groups if one.error]
    assert {one.label for one in sensitivity(courses, decisions, hlh_94) if one.question == "analysis set"} == {
        "enrolled"
    }


def test_the_terminal_says_what_was_estimated_from_what() -> None:
    for name in endpoint_names(PROTOCOL):
        result = of(name, by="stratum", set_name="itt")
        told = text_of([analysis_sections(result, synthetic_study(), PROTOCOL, "0" * 64, (("excluded", 1),))])
        assert PROTOCOL.hash[:16] in told
        assert "Estimand" in told
        assert "population" in told
        assert "itt: 7 patients; left out: 1 (excluded)" in told
        assert "nan" not in told.split()
