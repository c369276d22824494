"""Intervals of a proportion against R (proportions.R), statsmodels, scipy, and the limits printed in Zhang 2022."""

import csv
from pathlib import Path

import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from branchpoint.statistics.beta_posterior import beta_posterior
from branchpoint.statistics.proportions import clopper_pearson, proportion

LINES = Path(__file__).with_name("proportions.csv").read_text().splitlines()[1:]
ROWS = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(LINES)]
FORMS = ["clopper-pearson", "wilson", "wilson-cc", "jeffreys", "agresti-coull", "wald", "wald-cc"]


def name(row):
    return f"{row['count']:g} of {row['size']:g}" if isinstance(row, dict) else row


@pytest.mark.parametrize("row", ROWS, ids=name)
@pytest.mark.parametrize("form", FORMS)
def test_limits_agree_with_r(row, form):
    found = proportion(int(row["count"]), int(row["size"]), row["level"], form)
    assert found.value == row["count"] / row["size"]
    expected = row[f"{form} low"], row[f"{form} high"]
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("row", ROWS, ids=name)
@pytest.mark.parametrize(
    ("form", "theirs"),
    [("clopper-pearson", "beta"), ("wilson", "wilson"), ("agresti-coull", "agresti_coull"), ("wald", "normal")],
)
def test_limits_agree_with_statsmodels(row, form, theirs):
    count, size = int(row["count"]), int(row["size"])
    found = proportion(count, size, row["level"], form)
    expected = proportion_confint(count, size, 1 - row["level"], theirs)
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("row", ROWS, ids=name)
@pytest.mark.parametrize(("form", "theirs"), [("wilson", "wilson"), ("wilson-cc", "wilsoncc")])
def test_wilson_agrees_with_scipy(row, form, theirs):
    count, size = int(row["count"]), int(row["size"])
    found = proportion(count, size, row["level"], form)
    expected = stats.binomtest(count, size).proportion_ci(row["level"], theirs)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_posterior_agrees_with_r(row):
    posterior = beta_posterior(int(row["count"]), int(row["size"]), 1, 1)
    assert posterior.median == pytest.approx(row["median"], rel=1e-10)
    assert posterior.above(0.3) == pytest.approx(row["above 0.3"], rel=1e-10)
    found = posterior.highest_density(row["level"])
    # R minimizes the width, which is flat there: its ends have half the digits.
    assert (found.low, found.high) == pytest.approx((row["hpd low"], row["hpd high"]), abs=2e-6)


@pytest.mark.parametrize(
    ("count", "size", "low", "high"), [(36, 52, 54.9, 81.3), (14, 18, 52.4, 93.6), (22, 34, 46.5, 80.3)]
)
def test_overall_response_has_the_limits_printed_in_the_paper(count, size, low, high):
    found = clopper_pearson(count, size)
    assert (round(100 * found.low, 1), round(100 * found.high, 1)) == (low, high)
