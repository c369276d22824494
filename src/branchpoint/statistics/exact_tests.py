"""Fisher's exact test, and its extension to larger tables by Freeman and Halton."""

from __future__ import annotations

from math import comb, exp, lgamma
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike

__all__ = ["fisher_freeman_halton", "fisher_one_sided"]

# Tables as probable as the one observed are as extreme; their probabilities differ in the last digits.
_TOLERANCE = 1e-7


def fisher_freeman_halton(table: ArrayLike) -> float:
    """Test independence in a two-way table of counts, given its margins.

    Parameters
    ----------
    table : array-like of int, shape (r, c)
        Small: every table with the same margins is visited. With two rows and two columns this is Fisher's test.

    Returns
    -------
    float
        The two-sided P value: the probability of all tables at most as probable as the one observed.

    Raises
    ------
    ValueError
        When it is no table of counts.

    References
    ----------
    .. [1] Freeman GH, Halton JH. Note on an exact treatment of contingency, goodness of fit and other problems of
       significance. Biometrika 1951;38:141-149.
    """
    counts = np.asarray(table)
    if counts.ndim != 2 or counts.size == 0 or (counts < 0).any() or (counts != counts.astype(int)).any():
        raise ValueError("give a table of counts, rows by columns")
    rows, columns = counts.sum(1).astype(int).tolist(), counts.sum(0).astype(int).tolist()
    constant = sum(map(_log_factorial, rows + columns)) - _log_factorial(sum(rows))
    observed = constant - sum(_log_factorial(int(count)) for count in counts.flat)
    total = 0.0
    for logarithm, ways in _tables(rows, tuple(columns)).items():
        if constant + logarithm <= observed + _TOLERANCE:
            total += ways * exp(constant + logarithm)
    return min(total, 1.0)


def fisher_one_sided(table: ArrayLike) -> float:
    """Give the one-sided P value of Fisher's test, to the side on which the table lies.

    Parameters
    ----------
    table : array-like of int, shape (2, 2)
    """
    (a, b), (c, d) = np.asarray(table).astype(int).tolist()
    rows, columns = (a + b, c + d), (a + c, b + d)
    every = comb(sum(rows), columns[0])
    chances = {
        x: comb(rows[0], x) * comb(rows[1], columns[0] - x) / every
        for x in range(max(0, columns[0] - rows[1]), min(rows[0], columns[0]) + 1)
    }
    tails = (sum(p for x, p in chances.items() if x >= a), sum(p for x, p in chances.items() if x <= a))
    return min(tails)


def _log_factorial(count: int) -> float:
    return lgamma(count + 1)


def _tables(rows: Sequence[int], columns: tuple[int, ...]) -> dict[float, int]:
    """How many tables there are of each probability: minus the sum of the log factorials of the cells."""
    reached: dict[tuple[int, ...], dict[float, int]] = {columns: {0.0: 1}}
    for row in rows:
        following: dict[tuple[int, ...], dict[float, int]] = {}
        for left, found in reached.items():
            for cells in _splits(row, left):
                rest = tuple(of - cell for of, cell in zip(left, cells, strict=True))
                step = sum(map(_log_factorial, cells))
                counted = following.setdefault(rest, {})
                for logarithm, ways in found.items():
                    key = round(logarithm - step, 9)
                    counted[key] = counted.get(key, 0) + ways
        reached = following
    return reached.get(tuple(0 for _ in columns), {})


def _splits(total: int, limits: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every way to share a total out within limits."""
    if len(limits) == 1:
        if total <= limits[0]:
            yield (total,)
        return
    for first in range(max(0, total - sum(limits[1:])), min(total, limits[0]) + 1):
        for rest in _splits(total - first, limits[1:]):
            yield (first, *rest)
