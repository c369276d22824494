"""Fisher's exact test of a 2 x 2 table; its extension to larger tables is `freeman_halton`, offered here too."""

from __future__ import annotations

from math import lgamma
from typing import TYPE_CHECKING, get_args

import numpy as np

from branchpoint.statistics.freeman_halton import RELATIVE_TOLERANCE, fisher_freeman_halton
from branchpoint.statistics.inputs import read_table
from branchpoint.statistics.results import Alternative, TestResult, no_test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["fisher_exact", "fisher_freeman_halton"]

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
    chances, place = _chances(cells)
    if len(chances) == 1:
        return TestResult(1.0, None, None, method, "the outcome does not vary: no other table has these margins")
    if alternative == "two-sided":
        extreme = chances <= chances[place] * (1 + RELATIVE_TOLERANCE)
        tied = extreme & (chances >= chances[place] * (1 - RELATIVE_TOLERANCE))
    else:
        support = np.arange(len(chances))
        extreme = support <= place if alternative == "less" else support >= place
        tied = support == place
    p = chances[extreme].sum() - (chances[tied].sum() / 2 if mid_p else 0.0)
    return TestResult(min(1.0, float(p)), None, None, method)


def _chances(cells: NDArray[np.int64]) -> tuple[NDArray[np.float64], int]:
    """Give the probability of every first cell that the margins allow, and the place of the one observed."""
    (a, b), (c, d) = cells.tolist()
    low, high = max(0, a - d), min(a + b, a + c)
    logs = np.array(
        [-sum(lgamma(x + 1) for x in (k, a + b - k, a + c - k, d - a + k)) for k in range(low, high + 1)], np.float64
    )
    weights = np.exp(logs - logs.max())
    return weights / weights.sum(), a - low
