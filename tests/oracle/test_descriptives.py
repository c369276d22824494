"""Descriptives against R (samples.R), numpy and scipy."""

import numpy as np
import pytest
from scipy import stats

from branchpoint.statistics.descriptives import geometric_mean, mean_sd, median_range, quantile
from tests.oracle.samples import ANSWERS, SAMPLES

KINDS = {"sas": ("2", "averaged_inverted_cdf"), "spss": ("6", "weibull"), "r": ("7", "linear")}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1])
def test_quantile_agrees_with_r_and_numpy(name, kind, share):
    number, theirs = KINDS[kind]
    found = quantile(SAMPLES[name], share, kind)
    assert found == pytest.approx(ANSWERS[f"quantile {number} {share:g}", name, "", ""], rel=1e-12)
    assert found == pytest.approx(np.quantile(SAMPLES[name], share, method=theirs), rel=1e-12)


@pytest.mark.parametrize("name", SAMPLES)
def test_moments_agree_with_r(name):
    found = mean_sd(SAMPLES[name])
    assert (found.mean, found.sd) == pytest.approx((ANSWERS["mean", name, "", ""], ANSWERS["sd", name, "", ""]))
    found = median_range(SAMPLES[name])
    assert (found.median, found.minimum, found.maximum) == (
        pytest.approx(np.median(SAMPLES[name])), min(SAMPLES[name]), max(SAMPLES[name])
    )  # fmt: skip


@pytest.mark.parametrize("name", ["a", "f"])
def test_geometric_mean_agrees_with_r_and_scipy(name):
    found = geometric_mean(SAMPLES[name])
    expected = [ANSWERS[key, name, "", ""] for key in ("geometric", "geometric low", "geometric high")]
    assert [found.value, found.low, found.high] == pytest.approx(expected, rel=1e-12)
    assert found.value == pytest.approx(stats.gmean(SAMPLES[name]))
