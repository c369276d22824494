"""Survival curves, hazards, quantiles and restricted means against R's package survival (survival.R)."""

import math

import numpy as np
import pytest

from branchpoint.statistics.counting import count
from branchpoint.statistics.kaplan_meier import kaplan_meier, kaplan_meier_by_group
from branchpoint.statistics.nelson_aalen import nelson_aalen
from branchpoint.statistics.rmst import restricted_mean, restricted_mean_difference, restricted_mean_ratio
from tests.oracle.survival_answers import answers, data

CLOSE = 1e-10


def curve(name):
    return kaplan_meier(data(name)["time"], data(name)["event"])


def form(named):
    return "arcsine" if named == "arcsin" else named


def close(value):
    return pytest.approx(value, rel=CLOSE, nan_ok=True)


@pytest.mark.parametrize(("name", "limits", "at", "expected"), answers("survival"))
def test_survival_with_limits_of_every_form(name, limits, at, expected):
    found = curve(name).estimate(float(at), form=form(limits))
    assert found.value == close(expected["survival"])
    assert curve(name).at(float(at))[1] == close(expected["error"])
    assert (found.low, found.high) == (close(expected["low"]), close(expected["high"]))
    assert curve(name).number_at_risk([float(at)])[0] == expected["risk"]


@pytest.mark.parametrize(("name", "limits", "share", "expected"), answers("quantile"))
def test_quantiles_by_inverting_the_limits(name, limits, share, expected):
    found = curve(name).quantile(float(share), form=form(limits))
    # R prints NA where ours is infinite: not reached.
    for value, stored in zip(
        (found.value, found.low, found.high), (expected[x] for x in ("value", "low", "high")), strict=True
    ):
        assert value == (math.inf if math.isnan(stored) else close(stored))


@pytest.mark.parametrize(("name", "kind", "at", "expected"), answers("hazard"))
def test_cumulative_hazard_and_the_survival_from_it(name, kind, at, expected):
    found = nelson_aalen(data(name)["time"], data(name)["event"], ties="together" if kind == "1" else "in turn")
    assert found.at(float(at)) == (close(expected["hazard"]), close(expected["error"]))
    assert found.survival.at(float(at)) == (close(expected["survival"]), close(expected["survival_error"]))


@pytest.mark.parametrize(("name", "group", "horizon", "expected"), answers("mean"))
def test_restricted_mean(name, group, horizon, expected):
    curves = kaplan_meier_by_group(count(*(data(name)[x] for x in ("time", "event", "group"))))
    found = restricted_mean(curves[float(group)], float(horizon))
    assert (found.value, found.standard_error) == (close(expected["value"]), close(expected["error"]))


def test_difference_and_ratio_of_means_by_hand():
    # Each from R's means and standard errors of lung, men and women.
    (_, _, horizon, men), (_, _, _, women) = (row for row in answers("mean") if row[0] == "lung")
    means = [
        restricted_mean(found, float(horizon))
        for found in kaplan_meier_by_group(count(*(data("lung")[x] for x in ("time", "event", "group")))).values()
    ]
    difference, test = restricted_mean_difference(*means)
    error = math.hypot(men["error"], women["error"])
    assert difference.value == close(men["value"] - women["value"])
    assert test.statistic == close(difference.value / error)
    assert difference.high - difference.value == close(1.959963984540054 * error)
    ratio, _ = restricted_mean_ratio(*means)
    error = math.hypot(men["error"] / men["value"], women["error"] / women["value"])
    assert ratio.value == close(men["value"] / women["value"])
    assert math.log(ratio.high / ratio.low) == close(2 * 1.959963984540054 * error)


def test_times_that_are_no_whole_numbers_give_the_same_curve():
    times, events = data("pbc")["time"], data("pbc")["event"]
    ours, other = kaplan_meier(times, events), kaplan_meier(times / 365.25, events)
    assert np.array_equal(ours.survival, other.survival)
    assert np.array_equal(ours.at_risk, other.at_risk)
