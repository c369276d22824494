"""Rank tests and Gray's test against R's packages survival and cmprsk (survival.R)."""

import numpy as np
import pytest

from branchpoint.statistics.counting import count
from branchpoint.statistics.gray import gray_test
from branchpoint.statistics.log_rank import (
    compare_groups,
    log_rank_test,
    log_rank_trend,
    one_sample_log_rank,
)
from branchpoint.statistics.log_rank_exact import log_rank_permutation
from tests.oracle.survival_answers import answers, data


def close(value):
    return pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize(("name", "rho", "stratified", "expected"), answers("rank"))
def test_log_rank_and_g_rho(name, rho, stratified, expected):
    columns = [data(name)[x] for x in ("time", "event", "group")]
    stratum = data(name)["stratum"] if stratified == "TRUE" else None
    found = log_rank_test(*columns, stratum, weight="G-rho", rho=float(rho))
    assert found.statistic == close(expected["statistic"])
    # The tail of a chi-square multiplies the relative error of the statistic by half of it.
    assert found.p == pytest.approx(expected["p"], rel=1e-9)
    trend = compare_groups(count(*columns, stratum), "G-rho", float(rho)).trend()
    assert trend.statistic == close(expected["trend"])
    if rho == "0":
        assert log_rank_test(*columns, stratum).statistic == close(expected["statistic"])
        assert log_rank_trend(*columns, stratum=stratum).statistic == close(expected["trend"])


@pytest.mark.parametrize(("name", "setting", "expected"), answers("one sample"))
def test_one_sample(name, setting, expected):
    found = one_sample_log_rank(data(name)["event"], data(name)["time"] / 1000)
    assert (found.statistic, found.p) == (close(expected["statistic"]), pytest.approx(expected["p"], rel=1e-8))


@pytest.mark.parametrize(("name", "rho", "stratified", "cause", "expected"), answers("gray"))
def test_gray(name, rho, stratified, cause, expected):
    stratum = data(name)["stratum"] if stratified == "TRUE" else None
    columns = (data(name)[x] for x in ("time", "cause", "group"))
    found = gray_test(*columns, cause=int(cause), stratum=stratum, rho=float(rho))
    assert found.statistic == close(expected["statistic"])


def test_permutation_agrees_with_enumeration_in_r():
    ((_, _, expected),) = answers("exact")
    rows = np.r_[0:7, 69:76]
    time, event, group = (data("veteran")[x][rows] for x in ("time", "event", "stratum"))
    exact = log_rank_permutation(time, event, group)
    assert exact.p == close(expected["p"])
    assert "exact by enumeration" in exact.method
    drawn = log_rank_permutation(time, event, group, most=10, draws=20_000)
    assert drawn.p == pytest.approx(expected["p"], abs=0.015)
    assert "Philox" in drawn.method
    assert drawn == log_rank_permutation(time, event, group, most=10, draws=20_000)


def test_gehan_is_the_mann_whitney_count_without_censoring():
    # Gehan 1965: the score is the number of pairs lost less those won.
    first, second = [1.0, 4.0, 6.0], [2.0, 3.0, 5.0, 8.0]
    time, group = first + second, [0] * 3 + [1] * 4
    found = compare_groups(count(time, [True] * 7, group), "Gehan")
    pairs = sum(np.sign(y - x) for x in first for y in second)
    assert found.observed[0] - found.expected[0] == close(pairs)


def test_peto_weights_are_survival_with_one_more_at_risk():
    # Two deaths, at 4 and 2 at risk: weights 4/5 and 4/5 x 2/3; the first group expects 1/2 of each.
    found = compare_groups(count([1, 2, 3, 4], [1, 0, 1, 0], ["a", "b", "a", "b"]), "Peto-Peto")
    assert found.observed.tolist() == pytest.approx([4 / 5 + 8 / 15, 0])
    assert found.expected.tolist() == pytest.approx([2 / 5 + 4 / 15] * 2)


def test_an_event_of_the_only_one_at_risk_counts_on_both_sides():
    # The lesson of a wrong chi-square: at one at risk V = 0, but O and E both count.
    with_last = compare_groups(count([1, 2, 3, 4], [1, 1, 1, 1], ["a", "b", "a", "b"]))
    without = compare_groups(count([1, 2, 3, 4], [1, 1, 1, 0], ["a", "b", "a", "b"]))
    assert with_last.observed[1] == without.observed[1] + 1
    assert with_last.expected[1] == pytest.approx(without.expected[1] + 1)
    assert with_last.test().statistic == pytest.approx(without.test().statistic)
