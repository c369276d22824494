"""Chi-square tests of tables: Pearson's and its corrections, the likelihood ratio, trend, and McNemar's."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING, Literal

import numpy as np

from branchpoint.statistics.distributions import chi_square_tail
from branchpoint.statistics.inputs import read_sample, read_table
from branchpoint.statistics.results import TestResult, no_test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Correction", "cochran_armitage", "likelihood_ratio", "mcnemar", "pearson"]

Correction = Literal["none", "yates", "n-1"]

_METHODS = {
    "none": "Pearson's chi-square test without continuity correction",
    "yates": "Pearson's chi-square test with Yates' continuity correction",
    "n-1": "'N-1' chi-square test",
}
_LONE = "no test: fewer than two rows or columns hold anything"


def pearson(table: ArrayLike, correction: Correction = "none") -> TestResult:
    """Test independence in a two-way table by Pearson's chi-square.

    Parameters
    ----------
    table : array-like of int, shape (r, c)
        Empty rows and columns are left out, with a note.
    correction : {"none", "yates", "n-1"}
        Yates' correction is for two rows and two columns; larger tables go without, and the method says so. "n-1"
        multiplies the statistic by (n - 1) / n.

    Returns
    -------
    TestResult
        Without P when fewer than two rows or columns hold anything. A note counts expected values below 5.

    Raises
    ------
    ValueError
        When it is no table of counts, or the correction unknown.

    References
    ----------
    .. [1] Pearson K. On the criterion that a given system of deviations from the probable is such that it can be
       reasonably supposed to have arisen from random sampling. Philos Mag 1900;50:157-175.
    .. [2] Yates F. Contingency tables involving small numbers and the chi-square test. J R Stat Soc Suppl
       1934;1:217-235.
    .. [3] Campbell I. Chi-squared and Fisher-Irwin tests of two-by-two tables with small sample recommendations.
       Stat Med 2007;26:3661-3675.
    """
    if correction not in _METHODS:
        raise ValueError(f"no correction is called {correction!r}: choose from {', '.join(_METHODS)}")
    cells, note = _occupied(read_table(table))
    if cells.shape != (2, 2) and correction == "yates":
        correction = "none"
    method = _METHODS[correction]
    if min(cells.shape) < 2:
        return no_test(method, _LONE)
    expected = np.outer(cells.sum(axis=1), cells.sum(axis=0)) / cells.sum()
    distance = np.abs(cells - expected)
    if correction == "yates":
        # As R: never past the expected value.
        distance -= min(0.5, distance.min())
    statistic = float((distance**2 / expected).sum())
    if correction == "n-1":
        statistic *= 1 - 1 / int(cells.sum())
    return _result(statistic, cells, method, "; ".join(filter(None, [note, _small(expected)])))


def likelihood_ratio(table: ArrayLike) -> TestResult:
    """Test independence in a two-way table by the likelihood ratio (G).

    Parameters
    ----------
    table : array-like of int, shape (r, c)
        Empty rows and columns are left out, with a note.

    Returns
    -------
    TestResult
        Without P when fewer than two rows or columns hold anything.

    Raises
    ------
    ValueError
        When it is no table of counts.

    References
    ----------
    .. [1] Wilks SS. The likelihood test of independence in contingency tables. Ann Math Stat 1935;6:190-196.
    """
    cells, note = _occupied(read_table(table))
    method = "Likelihood ratio chi-square test (G)"
    if min(cells.shape) < 2:
        return no_test(method, _LONE)
    expected = np.outer(cells.sum(axis=1), cells.sum(axis=0)) / cells.sum()
    statistic = max(0.0, float(2 * (cells * np.log(np.where(cells > 0, cells / expected, 1.0))).sum()))
    return _result(statistic, cells, method, "; ".join(filter(None, [note, _small(expected)])))


def cochran_armitage(table: ArrayLike, scores: ArrayLike | None = None) -> TestResult:
    """Test a linear trend of proportions over ordered groups.

    Parameters
    ----------
    table : array-like of int, shape (k, 2)
        Ordered groups in rows, success and failure in columns.
    scores : array-like of float, shape (k,), optional
        1, 2, ..., k if left out.

    Returns
    -------
    TestResult
        The statistic is chi-square on one degree of freedom, two-sided, as R's prop.trend.test. Without P when the
        outcome or the scores of the groups that hold anybody do not vary.

    Raises
    ------
    ValueError
        When it is no table of counts with two columns, or there is not one score a row.

    References
    ----------
    .. [1] Armitage P. Tests for linear trends in proportions and frequencies. Biometrics 1955;11:375-386.
    """
    cells = read_table(table)
    if cells.shape[1] != 2:
        raise ValueError(f"a table of shape {cells.shape}: give success and failure in two columns")
    at = np.arange(1, len(cells) + 1, dtype=np.float64) if scores is None else read_sample(scores)
    if len(at) != len(cells):
        raise ValueError(f"{len(at)} scores for {len(cells)} groups: give one a row")
    method = "Cochran-Armitage test for trend, two-sided"
    sizes, total = cells.sum(axis=1), int(cells.sum())
    if not cells.sum(axis=0).all():
        return no_test(method, "no test: the outcome does not vary")
    share = int(cells[:, 0].sum()) / total
    away = at - (sizes @ at) / total
    spread = float(sizes @ away**2)
    if spread <= 0 or np.ptp(at[sizes > 0]) == 0:
        return no_test(method, "no test: everybody has the same score")
    statistic = float(cells[:, 0] @ away) ** 2 / (share * (1 - share) * spread)
    return TestResult(chi_square_tail(statistic, 1), statistic, 1, method)


def mcnemar(table: ArrayLike, form: Literal["exact", "asymptotic"] = "exact", *, correction: bool = True) -> TestResult:
    """Test whether paired answers change as often one way as the other.

    Parameters
    ----------
    table : array-like of int, shape (2, 2)
        Pairs: first answer in rows, second in columns.
    form : {"exact", "asymptotic"}
        Binomial (twice the smaller tail), or chi-square.
    correction : bool
        Whether the asymptotic form is corrected for continuity, as R's mcnemar.test.

    Returns
    -------
    TestResult
        Without P when no pair changes. The exact form's statistic is the smaller number of changes.

    Raises
    ------
    ValueError
        When it is no 2 x 2 table of counts, or the form unknown.

    References
    ----------
    .. [1] McNemar Q. Note on the sampling error of the difference between correlated proportions or percentages.
       Psychometrika 1947;12:153-157.
    """
    (_, b), (c, _) = read_table(table, (2, 2)).tolist()
    if form not in ("exact", "asymptotic"):
        raise ValueError(f"no form is called {form!r}: choose from exact, asymptotic")
    corrected = f"asymptotic {'with' if correction else 'without'} continuity correction"
    method = f"McNemar's test, {'exact' if form == 'exact' else corrected}"
    changes, fewer = b + c, min(b, c)
    if not changes:
        return no_test(method, "no test: no pair changes")
    if form == "exact":
        # Whole numbers until the last division: no overflow, no rounding.
        tail = sum(comb(changes, k) for k in range(fewer + 1))
        return TestResult(min(1.0, 2 * tail / 2**changes), fewer, None, method)
    distance = max(0, abs(b - c) - 1) if correction and b != c else abs(b - c)
    statistic = distance**2 / changes
    return TestResult(chi_square_tail(statistic, 1), statistic, 1, method)


def _occupied(cells: NDArray[np.int64]) -> tuple[NDArray[np.int64], str]:
    rows, columns = cells.sum(axis=1) > 0, cells.sum(axis=0) > 0
    empty = int((~rows).sum() + (~columns).sum())
    return cells[np.ix_(rows, columns)], f"{empty} empty rows or columns left out" if empty else ""


def _small(expected: NDArray[np.float64]) -> str:
    below = int((expected < 5).sum())
    return f"expected below 5 in {below} of {expected.size} cells" if below else ""


def _result(statistic: float, cells: NDArray[np.int64], method: str, note: str) -> TestResult:
    df = (cells.shape[0] - 1) * (cells.shape[1] - 1)
    return TestResult(chi_square_tail(statistic, df), statistic, df, method, note)
