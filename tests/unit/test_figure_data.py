"""What figures show, counted by hand in small synthetic cohorts."""

from typing import Any

import polars as pl
import pytest

from branchpoint.analysis.courses import patient_courses
from branchpoint.analysis.figure_data.baseline_by_response import baseline_by_response
from branchpoint.analysis.figure_data.incidence import incidences
from branchpoint.analysis.figure_data.kinetics import CR_GROUP, OTHERS, kinetics
from branchpoint.analysis.figure_data.response_flow import ADDED, ALONE, DIED, GONE, response_flow
from branchpoint.analysis.figure_data.response_groups import (
    etiologies_by_response,
    responses_by_etiology,
    responses_by_prior_corticosteroid,
)
from branchpoint.analysis.figure_data.shares import compare_shares, exact_share
from branchpoint.analysis.figure_data.subgroups import response_subgroups
from branchpoint.analysis.figure_data.survival_data import quarter_months, survival_data
from branchpoint.analysis.figure_data.survival_groups import landmark_groups, survival_groups
from branchpoint.analysis.figure_data.swimlanes import swimlanes
from branchpoint.analysis.outcomes import analyzed
from branchpoint.analysis.results import DAYS_PER_MONTH
from branchpoint.records.tables import Study
from tests.unit.synthetic_cohort import PROTOCOL, synthetic_decisions, synthetic_study

STUDY, DECISIONS = synthetic_study(), synthetic_decisions()
COUNTED = analyzed(patient_courses(STUDY, DECISIONS, PROTOCOL), PROTOCOL)


def times(*rows: tuple[float, bool]) -> pl.DataFrame:
    schema = {"subject": pl.String, "time": pl.Float64, "event": pl.Boolean}
    return pl.DataFrame([(f"P{number}", *row) for number, row in enumerate(rows)], schema=schema, orient="row")


def with_findings(rows: list[dict[str, Any]]) -> Study:
    study = synthetic_study()
    more = pl.DataFrame(rows, schema=study.findings.schema)
    tables = {**study.tables, "findings": pl.concat([study.findings, more])}
    return Study(path=None, meta=study.meta, **tables)


def test_a_share_of_nobody_is_not_estimable() -> None:
    assert exact_share(pl.Series([], dtype=pl.Boolean)) == {
        "n": 0, "size": 0, "percent": None, "low": None, "high": None
    }  # fmt: skip
    assert not compare_shares([(1, 3), (0, 0)]).estimable
    # 1 of 1 against 0 of 1 is as likely as the other way round.
    assert compare_shares([(1, 1), (0, 1)]).p == pytest.approx(1.0)


def test_stacks_add_up_to_their_groups() -> None:
    for stacks in (
        responses_by_prior_corticosteroid(COUNTED),
        responses_by_etiology(COUNTED, PROTOCOL),
        etiologies_by_response(COUNTED, PROTOCOL),
    ):
        for group, size in stacks.rates.select("group", "size").iter_rows():
            rows = stacks.counts.filter(group=group)
            assert rows["n"].sum() == size
            assert rows["percent"].sum() == pytest.approx(100)
            assert rows["start"].to_list() == pytest.approx([0.0, *rows["percent"].cum_sum().to_list()[:-1]])


def test_responses_by_prior_corticosteroid_are_counted() -> None:
    rates = responses_by_prior_corticosteroid(COUNTED).rates
    # Without: CR, NR, moved (PR), new (PR). With: PD after PR, improvement.
    assert rates.select("n", "size").rows() == [(3, 4), (2, 2), (5, 6)]


def test_who_cannot_be_placed_is_counted_with_the_reason() -> None:
    unknown = COUNTED.with_columns(prior_corticosteroid=pl.lit(None, pl.Boolean), best_response=pl.lit(None, pl.String))
    stacks = responses_by_prior_corticosteroid(unknown)
    assert stacks.rates["size"].to_list() == [0, 0, 6]
    assert dict(stacks.not_evaluable) == {
        "prior corticosteroid not known": 6,
        "no evaluable response, counted as not responding": 6,
    }


def test_subgroups_hold_everybody_or_say_how_many_are_missing() -> None:
    found = response_subgroups(STUDY, COUNTED, PROTOCOL)
    assert found.rows.row(0, named=True)["n"] == 5
    for variable, missing in found.tests.select("variable", "missing").iter_rows():
        placed = found.rows.filter(variable=variable)["size"].sum()
        assert placed + missing == len(COUNTED)
    # All are female: no test, and no P.
    assert found.tests.row(by_predicate=pl.col("variable") == "Sex", named=True)["p"] is None


def test_numbers_at_risk_are_those_just_before_each_month() -> None:
    exactly_three = 3 * DAYS_PER_MONTH
    data = survival_data({"all": times((10, True), (exactly_three, True), (200, False), (400, False))}, 6)
    (curve,) = data.curves
    assert data.months == (0, 3, 6, 9, 12, 15)
    assert curve.at_risk["at_risk"].to_list() == [4, 3, 2, 1, 1, 0]
    assert curve.steps["value"].to_list() == pytest.approx([100, 75, 50, 50, 50])
    assert (curve.size, curve.events, data.test) == (4, 2, None)
    assert curve.estimate.value == pytest.approx(0.5)


@pytest.mark.parametrize("rows", [(), ((50.0, False),), ((50.0, True),), ((50.0, False), (60.0, False))])
def test_small_groups_have_no_false_certainty(rows: tuple[tuple[float, bool], ...]) -> None:
    data = survival_data({"some": times(*rows), "none": times()}, 12)
    some, none = data.curves
    assert none.size == len(none.steps) == 0
    assert none.at_risk["at_risk"].to_list() == [0] * len(data.months)
    assert data.test is not None
    assert not data.test.estimable
    # Nobody was followed for a year; who died before is known to be dead.
    assert some.estimate.estimable == (rows == ((50.0, True),))
    assert some.steps["low"].null_count() == len(some.steps)


def test_an_axis_without_follow_up_still_has_ends() -> None:
    assert quarter_months(times()) == (0, 3)


def test_etiologies_are_pooled_as_the_trial_did() -> None:
    _, _, by_etiology = survival_groups(COUNTED, PROTOCOL)
    assert list(by_etiology) == ["CAEBV-HLH", "EBV-HLH", "SAIDs-HLH or unknown"]
    assert [len(one) for one in by_etiology.values()] == [1, 5, 0]


def test_the_landmark_counts_whom_it_drops() -> None:
    found = landmark_groups(COUNTED, PROTOCOL)
    assert found.day == 28
    # "new" was seen until day 3; "died" on day 30 is past the landmark.
    assert dict(found.dropped) == {
        "died by day 28": 0, "not followed beyond day 28": 1, "no evaluable response": 0
    }  # fmt: skip
    sizes = {label: sorted(one["subject"]) for label, one in found.groups.items()}
    assert sizes == {"CR at day 28": ["CR"], "No CR at day 28": ["NR", "PD", "died", "moved"]}
    assert found.groups["CR at day 28"]["time"].to_list() == [400 - 28]


def test_what_happens_after_the_landmark_sorts_nobody() -> None:
    late = COUNTED.with_columns(cr_day=pl.when(pl.col("subject") == "CR").then(29).otherwise("cr_day"))
    groups = landmark_groups(late, PROTOCOL).groups
    assert len(groups["CR at day 28"]) == 0


def test_transplantation_competes_with_death() -> None:
    response, started, death = incidences(COUNTED)
    assert [(curve.label, curve.events) for curve in response.curves] == [
        ("CR", 2), ("Death", 1), ("Transplantation", 1)
    ]  # fmt: skip
    assert started.curves[0].events == 4
    # "PD" died on day 120, after transplantation on day 90.
    assert [(curve.label, curve.events) for curve in death.curves] == [
        ("Death without transplantation", 1), ("Transplantation", 1)
    ]  # fmt: skip
    assert death.at_risk[0] == death.size == 6


def test_incidences_of_nobody() -> None:
    for one in incidences(COUNTED.clear()):
        assert one.size == 0
        assert not any(curve.estimate.estimable for curve in one.curves)


def finding(subject: str, day: int, value: float, test: str = "ferritin") -> dict[str, Any]:
    return {"subject": subject, "day": day, "test": test, "number": value, "upper_limit": 500.0, "row": 1}


def test_kinetics_take_the_nearest_value_on_the_frontline_alone() -> None:
    study = with_findings(
        [
            finding("CR", -2, 5000), finding("CR", 0, 4000), finding("CR", 8, 1000), finding("CR", 7, 500),
            finding("NR", 0, 2000), finding("NR", 3, 1000), finding("NR", 7, 9999),
        ]
    )  # fmt: skip
    data = kinetics(study, COUNTED)
    rows = {(row["group"], row["day"]): row for row in data.points.iter_rows(named=True)}
    assert rows[CR_GROUP, 0]["median"] == 8
    assert rows[CR_GROUP, 7]["median"] == 1
    assert rows[OTHERS, 3]["median"] == 2
    # "NR" has additional treatment from day 4 on.
    assert (OTHERS, 7) not in rows
    assert rows[CR_GROUP, 0]["q1"] is None
    assert data.sizes == {CR_GROUP: 1, OTHERS: 5}
    assert data.without_values == 4


def test_baseline_is_compared_among_those_decided() -> None:
    study = with_findings([finding("CR", 0, 1000), finding("NR", 0, 2000), finding("new", 0, 3000)])
    data = baseline_by_response(study, COUNTED)
    assert data.values.select("subject", "value").rows() == [("CR", 2.0), ("NR", 4.0)]
    assert dict(data.not_evaluable) == {"frontline not finished or not evaluable": 1}


def test_lanes_are_ordered_by_outcome_and_hold_every_epoch() -> None:
    data = swimlanes(DECISIONS, COUNTED, PROTOCOL)
    assert data.lanes["subject"].to_list()[:3] == ["CR", "died", "PD"]
    spans = data.spans.filter(subject="PD").select("epoch", "start", "end").rows()
    assert spans == [("frontline", 0, 10), ("intensive", 10, 66), ("salvage", 66, 120)]
    marks = dict(data.marks.filter(subject="PD").select("kind", "day").iter_rows())
    assert marks == {"first response": 3, "progression": 10, "transplantation": 90, "death": 120}


def test_everybody_is_in_one_state_at_every_visit() -> None:
    data = response_flow(DECISIONS, COUNTED, PROTOCOL)
    assert data.visits == ("Day 3", "Day 7", "Day 14", "Day 28", "Week 8")
    assert data.nodes.group_by("visit").agg(pl.col("n").sum())["n"].to_list() == [6] * 5
    assert data.links.group_by("visit").agg(pl.col("n").sum())["n"].to_list() == [6] * 4
    first = {(row["stage"], row["response"]): row["n"] for row in data.nodes.filter(visit=0).iter_rows(named=True)}
    # "moved" was not judged before day 7.
    assert first == {(ALONE, "PR"): 3, (ALONE, "improvement"): 1, (ALONE, "NR"): 1, (ALONE, "NE"): 1}
    last = {(row["stage"], row["response"]): row["n"] for row in data.nodes.filter(visit=4).iter_rows(named=True)}
    assert last == {
        (ALONE, "CR"): 1,
        (ADDED, "CR"): 1,
        (ADDED, "NR"): 1,
        (ADDED, "PR"): 1,
        (DIED, ""): 1,
        (GONE, ""): 1,
    }
