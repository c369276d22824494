"""Shapiro-Wilk against R (samples.R) and scipy."""

import numpy as np
import pytest
from scipy import stats

from branchpoint.statistics.normality import shapiro_wilk
from tests.oracle.samples import ANSWERS, SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_agrees_with_r_and_scipy(name):
    found = shapiro_wilk(SAMPLES[name])
    expected = ANSWERS["shapiro W", name, "", ""], ANSWERS["shapiro p", name, "", ""]
    # R keeps its coefficients in single precision in places.
    assert (found.statistic, found.p) == pytest.approx(expected, rel=1e-6)
    theirs = stats.shapiro(SAMPLES[name])
    assert (found.statistic, found.p) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-6)


@pytest.mark.parametrize("size", [3, 4, 5, 6, 7, 11, 12, 50, 51, 500, 5000])
def test_agrees_with_scipy_at_every_size(size):
    for values in np.random.default_rng(size).gamma(2, size=(5, size)):
        found, theirs = shapiro_wilk(values), stats.shapiro(values)
        assert (found.statistic, found.p) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-5, abs=1e-12)
