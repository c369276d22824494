"""Chi-square tests of tables against R (tables.R), scipy and statsmodels, and Zhang 2022."""

import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar

from branchpoint.statistics.chi_square import cochran_armitage, likelihood_ratio, mcnemar, pearson
from tests.oracle.tables import LONG, SQUARES, TABLES, read


@pytest.mark.parametrize("text", TABLES)
def test_tests_of_independence_agree_with_r_and_scipy(text):
    expected, table = TABLES[text], read(text)
    plain, likelihood = pearson(table), likelihood_ratio(table)
    assert (plain.statistic, plain.p) == pytest.approx(
        (expected["pearson"], expected["pearson p"]), rel=1e-10, abs=1e-14
    )
    assert pearson(table, "n-1").p == pytest.approx(expected["n-1 p"], rel=1e-10)
    assert (likelihood.statistic, likelihood.p) == pytest.approx((expected["g"], expected["g p"]), rel=1e-10, abs=1e-12)
    theirs = stats.chi2_contingency(table, correction=False)
    assert (plain.p, plain.df) == pytest.approx((theirs.pvalue, theirs.dof), rel=1e-10)
    theirs = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert likelihood.p == pytest.approx(theirs.pvalue, rel=1e-10)


@pytest.mark.parametrize("text", SQUARES)
def test_yates_agrees_with_r_and_scipy(text):
    found = pearson(read(text), "yates")
    expected = TABLES[text]["yates"], TABLES[text]["yates p"]
    assert (found.statistic, found.p) == pytest.approx(expected, rel=1e-10, abs=1e-14)
    assert found.p == pytest.approx(stats.chi2_contingency(read(text)).pvalue, rel=1e-10)


@pytest.mark.parametrize("text", LONG)
def test_trend_agrees_with_r(text):
    found, expected = cochran_armitage(read(text)), TABLES[text]
    assert (found.statistic, found.p) == pytest.approx((expected["trend"], expected["trend p"]), rel=1e-9, abs=1e-12)
    squares = [place**2 for place in range(1, len(read(text)) + 1)]
    assert cochran_armitage(read(text), squares).p == pytest.approx(expected["trend of squares p"], rel=1e-9)


@pytest.mark.parametrize("text", SQUARES)
def test_mcnemar_agrees_with_r_and_statsmodels(text):
    table, expected = read(text), TABLES[text]
    assert mcnemar(table).p == pytest.approx(expected["mcnemar exact p"], rel=1e-10)
    assert mcnemar(table).p == pytest.approx(min(1, their_mcnemar(table, exact=True).pvalue), rel=1e-10)
    assert mcnemar(table, "asymptotic").p == pytest.approx(expected["mcnemar cc p"], rel=1e-10)
    assert mcnemar(table, "asymptotic", correction=False).p == pytest.approx(expected["mcnemar p"], rel=1e-10)


@pytest.mark.parametrize(
    ("table", "p"),
    [
        ([[38, 14], [122, 207 - 122]], 0.0607),
        ([[47, 5], [214, 249 - 214]], 0.3909),
        ([[43, 9], [185, 249 - 185]], 0.1989),
        ([[21, 3], [3, 7], [7, 4], [5, 2]], 0.0109),
    ],
)
def test_published_p_values_are_pearson_without_correction(table, p):
    assert round(pearson(table).p, 4) == p
