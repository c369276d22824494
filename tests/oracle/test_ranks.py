"""Rank tests against R (samples.R) and scipy."""

import pytest
from scipy import stats

from branchpoint.statistics.ranks import kruskal_wallis, rank_sum, signed_rank
from tests.oracle.samples import ANSWERS, PAIRS, SAMPLES

SIDES = ["two-sided", "less", "greater"]
FORMS = ["auto", "exact", "normal", "normal-cc"]


# R's script visits every way to share ranks out, and leaves samples too large for that.
RANK_SUMS = [(pair, form) for pair in PAIRS for form in FORMS if (f"rank sum {form}", *pair, "less") in ANSWERS]


@pytest.mark.parametrize(("pair", "form"), RANK_SUMS)
@pytest.mark.parametrize("side", SIDES)
def test_rank_sum_agrees_with_r(pair, side, form):
    one, two = pair
    found = rank_sum(SAMPLES[one], SAMPLES[two], side, form)
    assert found.statistic == ANSWERS["U", one, two, ""]
    assert found.p == pytest.approx(ANSWERS[f"rank sum {form}", one, two, side], rel=1e-10)


@pytest.mark.parametrize(("one", "two"), PAIRS)
@pytest.mark.parametrize("side", SIDES)
def test_rank_sum_agrees_with_scipy(one, two, side):
    x, y = SAMPLES[one], SAMPLES[two]
    for form, continuity in (("normal", False), ("normal-cc", True)):
        theirs = stats.mannwhitneyu(x, y, use_continuity=continuity, alternative=side, method="asymptotic")
        assert rank_sum(x, y, side, form).p == pytest.approx(theirs.pvalue, rel=1e-10)
    if len(set(x + y)) == len(x + y):
        theirs = stats.mannwhitneyu(x, y, alternative=side, method="exact")
        assert rank_sum(x, y, side, "exact").p == pytest.approx(theirs.pvalue, rel=1e-10)


@pytest.mark.parametrize("one", ["h", "j"])
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("form", FORMS)
def test_signed_rank_agrees_with_r(one, side, form):
    found = signed_rank(SAMPLES[one], alternative=side, form=form)
    assert found.p == pytest.approx(ANSWERS[f"signed rank {form}", one, "", side], rel=1e-10)


@pytest.mark.parametrize("side", SIDES)
def test_signed_rank_agrees_with_scipy(side):
    x = SAMPLES["j"]
    assert signed_rank(x, alternative=side).p == pytest.approx(
        stats.wilcoxon(x, alternative=side, method="exact").pvalue
    )
    theirs = stats.wilcoxon(x, alternative=side, method="asymptotic", correction=True).pvalue
    assert signed_rank(x, alternative=side, form="normal-cc").p == pytest.approx(theirs)


def test_kruskal_wallis_agrees_with_r_and_scipy():
    samples = [SAMPLES[name] for name in "cde"]
    found = kruskal_wallis(samples)
    expected = ANSWERS["kruskal", "c", "d e", ""], ANSWERS["kruskal p", "c", "d e", ""]
    assert (found.statistic, found.p) == pytest.approx(expected, rel=1e-10)
    assert found.p == pytest.approx(stats.kruskal(*samples).pvalue, rel=1e-10)
