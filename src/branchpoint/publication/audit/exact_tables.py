"""Exact tests of a table of counts: Fisher's, the permutation distribution of chi-square, and Barnard's test.

An audit asks for the same test many times over, and of trials of any size: results are kept, and searches are bounded.
"""

from __future__ import annotations

from functools import lru_cache
from math import lgamma, nan, prod
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.statistics.fisher import fisher_exact, hypergeometric
from branchpoint.statistics.freeman_halton import fisher_freeman_halton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from branchpoint.statistics.results import Alternative

__all__ = ["barnard", "exact_chi_square", "fisher", "freeman_halton"]

Table = tuple[tuple[int, ...], ...]

# As many tables as a few hundredths of a second allow.
_MOST_TABLES = 400_000
_MOST_OUTCOMES = 100_000
# Tables as extreme as the one observed differ from it in the last digits.
_TOLERANCE = 1e-9
# Below this size it is not asked beforehand how long the exact test of a larger table takes.
_LARGE = 5_000


@lru_cache(maxsize=1024)
def fisher(table: Table, alternative: Alternative = "two-sided", *, mid_p: bool = False) -> float:
    """Give the P value of `branchpoint.statistics.fisher.fisher_exact`, and keep it.

    Parameters
    ----------
    table : tuple of tuple of int, shape (2, 2)
        Groups in rows.
    alternative : {"two-sided", "less", "greater"}
    mid_p : bool

    Returns
    -------
    float
        nan where a group is empty.
    """
    return fisher_exact(table, alternative, mid_p=mid_p).p


@lru_cache(maxsize=256)
def freeman_halton(table: Table, most_pairs: int) -> float:
    """Give the P value of a larger table, nan where it takes more than so many pairs of half tables."""
    if sum(map(sum, table)) > _LARGE and min(_work(table), _work(tuple(zip(*table, strict=True)))) > 10 * most_pairs:
        return nan
    return fisher_freeman_halton(table, most_pairs=most_pairs).p


def _work(table: Table) -> float:
    """Pairs of half tables, before any of them are merged."""
    halves = [1.0, 1.0]
    rows = [sum(row) for row in table]
    for ways in sorted((_splits(sum(column), rows) for column in zip(*table, strict=True)), reverse=True):
        halves = [min(halves) * ways, max(halves)]
    return sum(halves)


def _splits(total: int, limits: Sequence[int]) -> float:
    """How many ways there are to share a total out within limits."""
    ways = np.zeros(total + 1)
    ways[0] = 1
    for limit in limits:
        sums = np.cumsum(ways)
        ways = sums.copy()
        ways[limit + 1 :] -= sums[: -limit - 1]
    return float(ways[-1])


@lru_cache(maxsize=256)
def exact_chi_square(table: Table) -> float:
    """Give the probability, given the margins, of a chi-square at least as large as the one observed.

    Parameters
    ----------
    table : tuple of tuple of int, shape (r, 2)
        Groups in rows.

    Returns
    -------
    float
        nan where a column holds nobody, fewer than two rows hold anybody, or too many tables have these margins.

    References
    ----------
    .. [1] Agresti A. A survey of exact inference for contingency tables. Stat Sci 1992;7:131-153.
    """
    rows = [row for row in table if sum(row)]
    sizes, events = [sum(row) for row in rows], sum(row[0] for row in rows)
    if len(rows) < 2 or events in (0, sum(sizes)):
        return nan
    if len(rows) == 2:
        cells, chances = hypergeometric(rows)
        away = np.abs(cells - sizes[0] * events / sum(sizes))
        return min(1.0, float(chances[away >= away[cells == rows[0][0]] * (1 - _TOLERANCE)].sum()))
    *free, last = sorted(sizes)
    if prod(min(size, events) + 1 for size in free) > _MOST_TABLES:
        return nan
    # Chi-square rises with the sum of squared counts over sizes, for margins that are given.
    left = np.array([events])
    squares, logs = np.zeros(1), np.zeros(1)
    for size in free:
        counts = np.arange(min(size, events) + 1)
        left = np.subtract.outer(left, counts).ravel()
        squares = np.add.outer(squares, counts**2 / size).ravel()
        logs = np.add.outer(logs, _log_choices(size, counts)).ravel()
    fits = (left >= 0) & (left <= last)
    left, squares, logs = left[fits], squares[fits] + left[fits] ** 2 / last, logs[fits]
    logs += _log_choices(last, np.arange(min(last, events) + 1))[left] - _log_choices(sum(sizes), np.array([events]))
    weights = np.exp(logs)
    observed = sum(row[0] ** 2 / sum(row) for row in rows)
    return min(1.0, float(weights[squares >= observed * (1 - _TOLERANCE)].sum()))


@lru_cache(maxsize=256)
def barnard(table: Table) -> float:
    """Give Barnard's two-sided P value, with the pooled z as its statistic.

    Parameters
    ----------
    table : tuple of tuple of int, shape (2, 2)
        Groups in rows.

    Returns
    -------
    float
        The largest over all common proportions of the probability of a z at least as far from 0 as the one observed;
        found on a grid that is refined three times. nan where a group is empty, or the groups are too large.

    References
    ----------
    .. [1] Barnard GA. Significance tests for 2 x 2 tables. Biometrika 1947;34:123-138.
    """
    (a, b), (c, d) = table
    m, n = a + b, c + d
    if not (m and n) or (m + 1) * (n + 1) > _MOST_OUTCOMES:
        return nan
    one, two = np.arange(m + 1)[:, None], np.arange(n + 1)[None, :]
    pooled = (one + two) / (m + n)
    variance = pooled * (1 - pooled) * (1 / m + 1 / n)
    away = np.divide(np.abs(one / m - two / n), np.sqrt(variance), out=np.zeros((m + 1, n + 1)), where=variance > 0)
    extreme = (away >= away[a, c] * (1 - _TOLERANCE)).astype(np.float64)
    low, high, p = 0.0, 1.0, 0.0
    for _ in range(4):
        grid = np.linspace(low, high, 203)[1:-1]
        chances = ((_binomial(m, grid) @ extreme) * _binomial(n, grid)).sum(axis=1)
        top, step = int(chances.argmax()), (high - low) / 202
        p = max(p, float(chances[top]))
        low, high = max(0.0, grid[top] - step), min(1.0, grid[top] + step)
    return min(1.0, p)


def _log_choices(size: int, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Logarithms of the number of ways to choose some counts of a size."""
    whole = lgamma(size + 1)
    return np.array([whole - lgamma(count + 1) - lgamma(size - count + 1) for count in counts.tolist()])


def _binomial(size: int, proportions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of every count, shape (proportions, size + 1)."""
    counts = np.arange(size + 1)
    logs = np.outer(np.log(proportions), counts) + np.outer(np.log1p(-proportions), size - counts)
    return np.asarray(np.exp(logs + _log_choices(size, counts)), np.float64)
