"""Survival statistics at the edges: said to be not estimable, with a reason; no traceback and no wrong number."""

import math

import numpy as np
import pytest

from branchpoint.statistics.competing_risks import aalen_johansen
from branchpoint.statistics.counting import count
from branchpoint.statistics.cox import cox, fine_gray
from branchpoint.statistics.firth import firth_cox, firth_logistic
from branchpoint.statistics.gray import gray_test
from branchpoint.statistics.kaplan_meier import kaplan_meier, kaplan_meier_by_group
from branchpoint.statistics.landmark import landmark
from branchpoint.statistics.log_rank import log_rank_test, log_rank_trend, one_sample_log_rank
from branchpoint.statistics.log_rank_exact import log_rank_permutation
from branchpoint.statistics.nelson_aalen import nelson_aalen
from branchpoint.statistics.rmst import restricted_mean, restricted_mean_difference, restricted_mean_ratio
from branchpoint.statistics.simon_makuch import mantel_byar, simon_makuch

TESTS = [
    log_rank_test,
    log_rank_trend,
    log_rank_permutation,
    lambda time, event, group: gray_test(time, np.asarray(event, int), group),
]


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize(
    ("time", "event", "group"),
    [
        ([], [], []),
        ([3], [True], ["a"]),
        ([3, 4], [True, True], ["a", "a"]),
        ([3, 4], [False, False], ["a", "b"]),
        ([3, 3, 3, 3], [True] * 4, ["a", "a", "b", "b"]),
    ],
    ids=["nobody", "one", "one group", "all censored", "all at once"],
)
def test_no_test_without_a_comparison(test, time, event, group):
    found = test(time, event, group)
    assert not found.estimable
    assert "not estimable" in found.note
    assert found.method


def test_groups_never_at_risk_at_an_event_are_left_out_and_said_so():
    found = log_rank_test([1, 5, 6, 7, 8], [0, 1, 1, 1, 0], ["gone", "a", "b", "a", "b"])
    assert found.df == 1
    assert "left out" in found.note
    assert found.statistic == log_rank_test([5, 6, 7, 8], [1, 1, 1, 0], ["a", "b", "a", "b"]).statistic


def test_group_of_one_is_tested():
    assert log_rank_test([1, 2, 3], [1, 1, 1], ["a", "b", "b"]).estimable


@pytest.mark.parametrize(("event", "note"), [([], "nobody"), ([0, 0, 0], "no event")], ids=["nobody", "all censored"])
def test_curve_without_events(event, note):
    curve = kaplan_meier(range(1, len(event) + 1), event)
    assert note in curve.note
    median = curve.median()
    assert (math.isnan(median.value) and "not estimable" in median.note) or median.note == "not reached"
    found = curve.estimate(2, form="log-log")
    assert math.isnan(found.low)
    assert found.note


def test_infinite_median_and_upper_limit():
    found = kaplan_meier([1, 2, 3, 4, 5, 6], [1, 1, 0, 0, 0, 0]).median(form="log-log")
    assert (found.value, found.high, found.note) == (math.inf, math.inf, "not reached")
    assert found.low < math.inf
    found = kaplan_meier([1, 2, 3, 4, 5, 6], [1, 0, 1, 0, 1, 0]).median(form="log-log")
    assert found.value == 5
    assert (found.high, found.note) == (math.inf, "upper limit not reached")


def test_median_in_the_middle_of_a_flat_half():
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]).median().value == 2.5


def test_everybody_at_once_has_no_spread():
    curve = kaplan_meier([5, 5, 5], [1, 1, 1])
    found = curve.estimate(5)
    assert found.value == 0
    assert math.isnan(found.low)
    assert "nobody survives" in found.note
    assert curve.median().value == 5


def test_time_zero_counts():
    curve = kaplan_meier([0, 0, 4], [1, 0, 1])
    assert curve.at(0) == (pytest.approx(2 / 3), pytest.approx(math.sqrt(2 / 27)))
    assert curve.number_at_risk([0, 1]).tolist() == [3, 1]


def test_who_enters_later_is_not_at_risk_before():
    curve = kaplan_meier([1, 5, 6], [1, 1, 0], entry=[0, 1, 2])
    assert curve.at_risk.tolist() == [1, 2, 2 - 1]
    assert "read with caution" in curve.note
    assert curve.number_at_risk([1, 1.5, 2.5, 7]).tolist() == [1, 1, 2, 0]


@pytest.mark.parametrize(
    "arguments",
    [
        {"time": [1.0, math.nan], "event": [1, 1]},
        {"time": [1, -1], "event": [1, 1]},
        {"time": [1, 2], "event": [1, math.nan]},
        {"time": [1, 2], "event": [1, -1]},
        {"time": [1, 2], "event": [1, 1], "group": ["a", None]},
        {"time": [1, 2], "event": [1, 1], "group": [1.0, math.nan]},
        {"time": [1, 2], "event": [1, 1], "group": ["a"]},
        {"time": [1, 2], "event": [1, 1], "entry": [0, 2]},
    ],
    ids=str,
)
@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_what_is_no_survival_data_is_refused(arguments, engine):
    with pytest.raises(ValueError, match=r"missing|negative|shape|entry"):
        count(**arguments, engine=engine)


def test_many_rows_are_refused_alike_when_compiled():
    pytest.importorskip("numba", reason="numba is an optional extra")
    with pytest.raises(ValueError, match="negative"):
        count([1, 2, -1], [1, 1, 1], engine="numba")
    far = count([1, 2, 10**12], [1, 1, 1], engine="numba")
    assert far.time.tolist() == [1, 2, 10**12]


def test_restricted_mean_beyond_follow_up():
    short, whole = kaplan_meier([1, 2, 3], [1, 1, 0]), kaplan_meier([1, 2, 3], [1, 1, 1])
    beyond, fine = restricted_mean(short, 4), restricted_mean(whole, 4)
    assert math.isnan(beyond.value)
    assert "before the horizon" in beyond.note
    assert fine.value == 2
    for compare in (restricted_mean_difference, restricted_mean_ratio):
        interval, test = compare(beyond, fine)
        assert not interval.estimable
        assert not test.estimable
        assert "not estimable" in test.note
    flat = restricted_mean(short, 0.5)
    assert (flat.value, flat.standard_error) == (0.5, 0)
    assert flat.estimate().note
    assert not restricted_mean_difference(flat, flat)[1].estimable
    with pytest.raises(ValueError, match="same time"):
        restricted_mean_difference(flat, fine)


def test_hazard_without_events():
    found = nelson_aalen([1, 2], [0, 0])
    assert found.estimate(1).note
    assert math.isnan(found.estimate(3).value)


def test_competing_cause_that_never_happens():
    curve = aalen_johansen([1, 2, 3], [0, 2, 2])
    assert curve.at(3, 1) == (0, 0)
    assert curve.at(3, 2)[0] == 1
    assert "no event of this cause" in curve.estimate(2, 1).note
    with pytest.raises(ValueError, match="causes are"):
        curve.at(1, 3)
    assert not gray_test([1, 2, 3, 4], [2, 2, 2, 0], [0, 1, 0, 1]).estimable


def test_one_sample_without_expectation():
    assert not one_sample_log_rank([True], [0.0]).estimable


def test_landmark_counts_whom_it_leaves_out():
    found = landmark([10, 28, 28, 40, 50, 60], [1, 1, 0, 1, 0, 1], [5, 7, math.nan, 28, 29, math.nan], at=28)
    assert found.time.tolist() == [12, 22, 32]
    assert found.changed.tolist() == [True, False, False]
    assert (found.dropped_events, found.dropped_censored, found.changed_later) == (2, 1, 1)
    assert "left out 2 with the event and 1 censored" in found.method


def test_nobody_changes():
    before, after = simon_makuch([1, 2, 3], [1, 1, 0], [math.nan] * 3)
    assert before.survival.tolist() == pytest.approx([2 / 3, 1 / 3, 1 / 3])
    assert "nobody" in after.note
    assert not mantel_byar([1, 2, 3], [1, 1, 0], [math.nan] * 3).estimable


def test_separation_in_cox_is_said_and_firth_answers():
    time, event = np.arange(1.0, 9), np.array([1, 1, 1, 1, 0, 0, 0, 0], bool)
    found = cox(time, event, event.astype(float), ["early"])
    ratio = found.hazard_ratio("early")
    assert math.isnan(ratio.value)
    assert "separation" in ratio.note
    assert not found.wald("early").estimable
    assert not found.likelihood_ratio().estimable
    firth = firth_cox(time, event, event.astype(float), ["early"]).ratio("early")
    assert 1 < firth.low < firth.value < firth.high < math.inf


@pytest.mark.parametrize("fit", [cox, firth_cox])
@pytest.mark.parametrize(
    ("event", "covariate"), [([0, 0, 0], [1, 2, 3]), ([1, 1, 1], [2, 2, 2])], ids=["no event", "constant"]
)
def test_nothing_to_model(fit, event, covariate):
    found = fit([1, 2, 3], event, covariate)
    assert np.isnan(found.coefficients).all()
    assert "not estimable" in found.note


def test_repeated_covariates():
    time, event, x = [1, 2, 3, 4, 5, 6], [1, 1, 0, 1, 1, 0], np.array([1.0, 3, 2, 5, 4, 6])
    found = cox(time, event, np.column_stack([x, 2 * x]))
    assert np.isnan(found.coefficients).any()
    assert "not estimable" in found.note
    assert "not estimable" in firth_cox(time, event, np.column_stack([x, 2 * x])).note
    assert "not estimable" in firth_logistic(event, np.column_stack([x, 2 * x])).note


def test_fine_gray_without_its_cause():
    assert "not estimable" in fine_gray([1, 2, 3], [2, 0, 2], [1, 2, 3]).note


def test_missing_covariates_are_refused():
    for fit in (cox, firth_cox):
        with pytest.raises(ValueError, match="missing"):
            fit([1, 2, 3], [1, 1, 0], [1, math.nan, 3])


def test_groups_keep_their_labels():
    curves = kaplan_meier_by_group(count([1, 2, 3], [1, 1, 0], ["male", "female", "male"]))
    assert list(curves) == ["female", "male"]
    assert curves["male"].at_risk.tolist() == [2, 1]
    assert list(kaplan_meier_by_group(count([1, 2], [1, 1], [5, 2]))) == [2, 5]
