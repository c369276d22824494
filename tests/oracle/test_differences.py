"""Two proportions compared, against R (differences.R), statsmodels and scipy, and Newcombe's printed examples."""

import csv
import math
import warnings
from pathlib import Path

import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from branchpoint.statistics.differences import odds_ratio, risk_difference, risk_ratio

LINES = Path(__file__).with_name("differences.csv").read_text().splitlines()[1:]
ROWS = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(LINES)]
FORMS = ["newcombe", "newcombe-cc", "wald", "wald-cc", "agresti-caffo", "miettinen-nurminen"]


def counts(row):
    return tuple(int(row[key]) for key in "ambn")


def name(row):
    return "{}/{} v {}/{}".format(*counts(row)) if isinstance(row, dict) else row


@pytest.mark.parametrize("row", ROWS, ids=name)
@pytest.mark.parametrize("form", FORMS)
def test_difference_agrees_with_r(row, form):
    found = risk_difference(*counts(row), form=form)
    # R's limits of Miettinen and Nurminen come from a numerical maximum, good to about 1e-6.
    close = 2e-6 if form == "miettinen-nurminen" else 1e-9
    assert (found.low, found.high) == pytest.approx((row[f"{form} low"], row[f"{form} high"]), abs=close)


# Without statsmodels' score interval: it misses the published limits of Miettinen and Nurminen below.
@pytest.mark.parametrize("row", [row for row in ROWS if 0 < row["a"] < row["m"] and 0 < row["b"] < row["n"]], ids=name)
@pytest.mark.parametrize(
    ("form", "theirs"),
    [("newcombe", "newcomb"), ("wald", "wald"), ("agresti-caffo", "agresti-caffo")],
)
def test_difference_agrees_with_statsmodels(row, form, theirs):
    found = risk_difference(*counts(row), form=form)
    expected = confint_proportions_2indep(*counts(row), method=theirs, compare="diff", correction=True)
    cut = [min(1, max(-1, limit)) for limit in expected]
    assert [found.low, found.high] == pytest.approx(cut, rel=1e-10)


@pytest.mark.parametrize(
    ("case", "form", "low", "high"),
    [
        ((56, 70, 48, 80), "newcombe", 0.0524, 0.3339),
        ((56, 70, 48, 80), "newcombe-cc", 0.0428, 0.3422),
        ((56, 70, 48, 80), "miettinen-nurminen", 0.0528, 0.3382),
        ((9, 10, 3, 10), "newcombe", 0.1705, 0.8090),
        ((9, 10, 3, 10), "miettinen-nurminen", 0.1700, 0.8406),
        ((10, 10, 0, 20), "newcombe", 0.6791, 1.0),
    ],
)
def test_difference_agrees_with_newcombe_1998_table_2(case, form, low, high):
    found = risk_difference(*case, form=form)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5.1e-5)


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_ratios_agree_with_r(row):
    a, m, b, n = counts(row)
    ratio = risk_ratio(a, m, b, n)
    expected = row["rr"], row["rr low"], row["rr high"]
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx(expected, rel=1e-10, nan_ok=True)
    odds = odds_ratio([[a, m - a], [b, n - b]])
    # fisher.test searches to a tolerance that leaves two or three digits of the widest limits.
    expected = row["or"], row["or low"], row["or high"]
    assert (odds.value, odds.low, odds.high) == pytest.approx(expected, rel=1e-2, nan_ok=True)


@pytest.mark.parametrize("row", [row for row in ROWS if not math.isnan(row["or"])], ids=name)
def test_odds_ratio_agrees_with_scipy(row):
    a, m, b, n = counts(row)
    table = [[a, m - a], [b, n - b]]
    with warnings.catch_warnings(action="ignore"):
        theirs = stats.contingency.odds_ratio(table)
        limits = theirs.confidence_interval()
    found = odds_ratio(table)
    assert (found.value, found.low, found.high) == pytest.approx((theirs.statistic, *limits), rel=1e-8)
