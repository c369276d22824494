"""The t tests against R (samples.R) and scipy."""

import pytest
from scipy import stats

from branchpoint.statistics.t_test import mean_difference, t_test
from tests.oracle.samples import ANSWERS, PAIRS, SAMPLES


@pytest.mark.parametrize(("one", "two"), PAIRS)
@pytest.mark.parametrize("variances", ["equal", "unequal"])
def test_agrees_with_r_and_scipy(one, two, variances):
    x, y = SAMPLES[one], SAMPLES[two]
    for side in ("two-sided", "less", "greater"):
        found = t_test(x, y, side, variances)
        assert found.p == pytest.approx(ANSWERS[f"t p {variances}", one, two, side], rel=1e-10)
        theirs = stats.ttest_ind(x, y, equal_var=variances == "equal", alternative=side)
        assert (found.statistic, found.p, found.df) == pytest.approx(
            (theirs.statistic, theirs.pvalue, theirs.df), rel=1e-10
        )
    estimate = mean_difference(x, y, variances=variances)
    expected = ANSWERS[f"t low {variances}", one, two, ""], ANSWERS[f"t high {variances}", one, two, ""]
    assert (estimate.low, estimate.high) == pytest.approx(expected, rel=1e-10)
