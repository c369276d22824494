"""Fisher's exact test of a 2 x 2 table; its extension to larger tables is `freeman_halton`, offered here too."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, get_args

import numpy as np

from branchpoint.statistics.freeman_halton import RELATIVE_TOLERANCE, fisher_freeman_halton
from branchpoint.statistics.inputs import read_table
from branchpoint.statistics.results import Alternative, TestResult, no_test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["fisher_exact", "fisher_freeman_halton", "hypergeometric"]

# Standard deviations from the mean within which all but 1e-30 of the probability lies, and cells, where they are few.
_REACH, _FEW = 12, 100
_SIDES = {
    "two-sided": "two-sided by probability",
    "less": "one-sided (less)",
    "greater": "one-sided (greater)",
}


def fisher_exact(table: ArrayLike, alternative: Alternative = "two-sided", *, mid_p: bool = False) -> TestResult:
    """Test independence in a 2 x 2 table, given its margins.

    Parameters
    ----------
    table : array-like of int, shape (2, 2)
        Groups in rows.
    alternative : {"two-sided", "less", "greater"}
        Whether the odds ratio differs from 1, is less, or greater. Two-sided sums the probabilities of all tables at
        most as probable as the one observed, as R, SAS and SPSS do.
    mid_p : bool
        Whether to count tables as extreme as the one observed by half: less conservative, but no longer exact.

    Returns
    -------
    TestResult
        Without P when a group is empty; P is 1 when the outcome does not vary.

    Raises
    ------
    ValueError
        When it is no 2 x 2 table of counts, or the alternative unknown.

    References
    ----------
    .. [1] Fisher RA. The logic of inductive inference. J R Stat Soc 1935;98:39-82.
    .. [2] Lancaster HO. Significance tests in discrete distributions. JASA 1961;56:223-234.
    """
    if alternative not in get_args(Alternative):
        raise ValueError(f"no alternative is called {alternative!r}: choose from {', '.join(get_args(Alternative))}")
    cells = read_table(table, (2, 2))
    method = f"Fisher's exact test, {_SIDES[alternative]}{', mid-P' if mid_p else ''}"
    if not cells.sum(axis=1).all():
        return no_test(method, "no test: a group is empty")
    observed = int(cells[0, 0])
    first, chances = hypergeometric(cells)
    if len(first) == 1:
        return TestResult(1.0, None, None, method, "the outcome does not vary: no other table has these margins")
    if alternative == "two-sided":
        own = chances[first == observed].sum()
        extreme = chances <= own * (1 + RELATIVE_TOLERANCE)
        tied = extreme & (chances >= own * (1 - RELATIVE_TOLERANCE))
    else:
        extreme = first <= observed if alternative == "less" else first >= observed
        tied = first == observed
    p = chances[extreme].sum() - (chances[tied].sum() / 2 if mid_p else 0.0)
    return TestResult(min(1.0, float(p)), None, None, method)


def hypergeometric(table: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give the distribution of the first cell of a 2 x 2 table, given its margins.

    Parameters
    ----------
    table : array-like of int, shape (2, 2)
        With somebody in it.

    Returns
    -------
    ndarray of int, shape (k,)
        First cells, ascending, the one observed among them; without the ends of tails, which hold less than 1e-30.
    ndarray of float, shape (k,)
        Their probabilities.
    """
    (a, b), (c, d) = np.asarray(table, np.int64).tolist()
    row, column, total = a + b, a + c, a + b + c + d
    mean = row * column / total
    spread = sqrt(mean * (total - row) / total * (total - column) / max(1, total - 1))
    reach = 1.5 * abs(a - mean) + _REACH * spread + _FEW
    first = np.arange(max(0, a - d, int(mean - reach)), min(row, column, int(mean + reach) + 1) + 1)
    before = first[:-1]
    steps = np.log((row - before) * (column - before)) - np.log((before + 1) * (total - row - column + before + 1))
    logs = np.concatenate([np.zeros(1), np.cumsum(steps)])
    weights = np.exp(logs - logs.max())
    return first, weights / weights.sum()
