"""The extension of Fisher's exact test to r x c tables by Freeman and Halton, and its Monte Carlo estimate.

The columns are shared between two halves. Each half lists what its columns can take from the rows; the two lists meet
where together they take the rows whole. A table is then a pair, and the pairs at most as probable as the one observed
are found by binary search instead of one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import lgamma, prod, sqrt
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.statistics.inputs import read_table
from branchpoint.statistics.results import TestResult, no_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["MOST_PAIRS", "RELATIVE_TOLERANCE", "fisher_freeman_halton"]

# Tables as probable as the one observed are as extreme, but their probabilities differ in the last digits: R's limit.
RELATIVE_TOLERANCE = 1e-7

# About a second and 400 MB.
MOST_PAIRS = 5_000_000

# Logarithms are ordered as whole numbers of this many parts, far below the tolerance.
_PARTS = 2.0**30

_METHOD = "Fisher-Freeman-Halton exact test"


def fisher_freeman_halton(
    table: ArrayLike, *, monte_carlo: int | None = None, seed: int = 0, most_pairs: int = MOST_PAIRS
) -> TestResult:
    """Test independence in a two-way table, given its margins.

    Parameters
    ----------
    table : array-like of int, shape (r, c)
        Groups in rows.
    monte_carlo : int, optional
        How many random tables to draw instead of an exact count; P is then (more extreme + 1) / (drawn + 1).
    seed : int
        Of the random tables (Philox).
    most_pairs : int
        The most work to take on; a test that needs more gives no P, and a note that says what to do.

    Returns
    -------
    TestResult
        P is the probability of all tables at most as probable as the one observed; two-sided. Without P when fewer
        than two groups hold anybody; P is 1 when the outcome does not vary.

    Raises
    ------
    ValueError
        When it is no table of counts.

    References
    ----------
    .. [1] Freeman GH, Halton JH. Note on an exact treatment of contingency, goodness of fit and other problems of
       significance. Biometrika 1951;38:141-149.
    .. [2] Mehta CR, Patel NR. A network algorithm for performing Fisher's exact test in r x c contingency tables.
       JASA 1983;78:427-434.
    """
    cells = read_table(table)
    method = _METHOD if monte_carlo is None else f"{_METHOD}, Monte Carlo with {monte_carlo} tables, Philox seed {seed}"
    cells = cells[np.ix_(cells.sum(axis=1) > 0, cells.sum(axis=0) > 0)]
    if len(cells) < 2:
        return no_test(method, "no test: fewer than two groups hold anybody")
    if cells.shape[1] < 2:
        return TestResult(1.0, None, None, method, "the outcome does not vary: no other table has these margins")
    logs = np.array([lgamma(count + 1) for count in range(int(cells.sum()) + 1)])
    if monte_carlo is not None:
        return _drawn(cells, logs, monte_carlo, seed, method)
    plan = min(_plan(cells), _plan(cells.T), key=lambda plan: plan.work)
    p = _exact(plan, float(-logs[cells].sum()), logs, most_pairs)
    if p is None:
        return no_test(method, f"more than {most_pairs} pairs of half tables: draw tables with monte_carlo=100_000")
    return TestResult(min(1.0, p), None, None, method)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which columns go to which half, and how many pairs that takes at most."""

    rows: NDArray[np.int64]
    halves: tuple[list[int], list[int]]
    work: int


@dataclass(frozen=True, slots=True)
class _Half:
    """What the columns of a half can take from the rows, each way once.

    Attributes
    ----------
    taken : ndarray of int, shape (k,)
        How much of each row, written as one number.
    log : ndarray, shape (k,)
        Minus the sum of the log factorials of the cells.
    ways : ndarray, shape (k,)
        How many ways have the same taken and log.
    """

    taken: NDArray[np.int64]
    log: NDArray[np.float64]
    ways: NDArray[np.float64]


def _plan(cells: NDArray[np.int64]) -> _Plan:
    rows = cells.sum(axis=1)
    columns = sorted((_number_of_splits(total, rows.tolist()), total) for total in cells.sum(axis=0).tolist())
    halves: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for column in reversed(columns):
        min(halves, key=lambda half: prod(ways for ways, _ in half)).append(column)
    first, second = (sorted(total for _, total in half) for half in halves)
    return _Plan(rows, (first, second), sum(prod(ways for ways, _ in half) for half in halves))


def _exact(plan: _Plan, observed: float, logs: NDArray[np.float64], most_pairs: int) -> float | None:
    radix = [prod(int(row) + 1 for row in plan.rows[:place]) for place in range(len(plan.rows) + 1)]
    if radix[-1] >= 2**62:
        return None
    weights = np.array(radix[:-1], np.int64)
    halves = [_half(columns, plan.rows, weights, logs, most_pairs) for columns in plan.halves]
    if halves[0] is None or halves[1] is None:
        return None
    asking, listed = sorted((halves[0], halves[1]), key=lambda half: len(half.log))
    columns = [total for half in plan.halves for total in half]
    constant = float(logs[plan.rows].sum() + logs[columns].sum() - logs[-1])
    return _meet(asking, listed, int(plan.rows @ weights), observed, constant)


def _meet(asking: _Half, listed: _Half, whole: int, observed: float, constant: float) -> float:
    """Sum the probabilities of the pairs at most as probable as the table observed."""
    state, wanted = _numbered(listed.taken, whole - asking.taken, whole)
    # In a state, logs ascend; the states follow each other.
    least, span, parts = _scale(listed.log, state)
    place = state * span + np.rint((listed.log - least) * parts).astype(np.int64)
    order = np.argsort(place)
    place, logs, state = place[order], listed.log[order], state[order]
    starts = np.searchsorted(state, np.arange(int(state[-1]) + 2))
    highest = logs[starts[1:] - 1]
    below = listed.ways[order] * np.exp(logs - highest[state])
    # Sums begin anew in every state, so that a small one keeps its digits beside a large one.
    for start, end in pairwise(starts.tolist()):
        np.cumsum(below[start:end], out=below[start:end])
    limit = observed + RELATIVE_TOLERANCE - asking.log
    ends = np.where(limit >= highest[wanted], starts[wanted + 1], starts[wanted])
    between = np.flatnonzero((limit >= logs[starts[wanted]]) & (limit < highest[wanted]))
    searched = wanted[between] * span + np.floor((limit[between] - least) * parts).astype(np.int64)
    # Neighbors are found faster one after the other.
    sought = np.argsort(searched)
    ends[between[sought]] = np.searchsorted(place, searched[sought], side="right")
    some = np.flatnonzero(ends > starts[wanted])
    chances = np.exp(constant + asking.log[some] + highest[wanted[some]])
    return float((asking.ways[some] * chances * below[ends[some] - 1]).sum())


def _scale(log: NDArray[np.float64], state: NDArray[np.int64]) -> tuple[float, int, float]:
    """Give the least log, and how many whole numbers a state takes at how many to a unit, so that all states fit."""
    width = float(np.ptp(log)) + 1
    parts = min(_PARTS, 2.0**61 / ((int(state.max()) + 1) * width))
    return float(log.min()), int(width * parts) + 2, parts


def _numbered(
    listed: NDArray[np.int64], wanted: NDArray[np.int64], whole: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the states from 0, those of the listed and those wanted of them; every wanted one is listed."""
    if whole > 10 * len(listed):
        states, number = np.unique(listed, return_inverse=True)
        return number, np.searchsorted(states, wanted)
    seen = np.zeros(whole + 1, np.int64)
    seen[listed] = 1
    numbers = np.cumsum(seen) - 1
    return numbers[listed], numbers[wanted]


def _half(
    columns: Sequence[int],
    rows: NDArray[np.int64],
    weights: NDArray[np.int64],
    logs: NDArray[np.float64],
    most_pairs: int,
) -> _Half | None:
    half = _Half(np.zeros(1, np.int64), np.zeros(1), np.ones(1))
    for index, column in enumerate(columns):
        if _number_of_splits(column, rows.tolist()) * len(half.log) > most_pairs:
            return None
        splits = _splits(column, rows.tolist())
        taken, log_of = splits @ weights, -logs[splits].sum(axis=1)
        if index == 0:
            half = _Half(taken, log_of, np.ones(len(taken)))
            continue
        before = (half.taken[:, None] // weights) % (rows + 1)
        fits = np.ones((len(before), len(splits)), bool)
        for row, limit in enumerate(rows.tolist()):
            fits &= splits[:, row] <= (limit - before[:, row])[:, None]
        first, second = np.divmod(np.flatnonzero(fits), len(splits))
        half = _Half(half.taken[first] + taken[second], half.log[first] + log_of[second], half.ways[first])
        if index + 1 < len(columns):
            half = _merged(half)
    return half


def _merged(half: _Half) -> _Half:
    _, state = np.unique(half.taken, return_inverse=True)
    least, span, parts = _scale(half.log, state)
    place = state * span + np.rint((half.log - least) * parts).astype(np.int64)
    _, first, group = np.unique(place, return_index=True, return_inverse=True)
    return _Half(half.taken[first], half.log[first], np.bincount(group, weights=half.ways).astype(np.float64))


def _number_of_splits(total: int, limits: Sequence[int]) -> int:
    """How many ways there are to share a total out within limits."""
    ways = [1] + [0] * total
    for limit in limits:
        sums = [0]
        for way in ways:
            sums.append(sums[-1] + way)
        ways = [sums[k + 1] - sums[max(0, k - limit)] for k in range(total + 1)]
    return ways[total]


def _splits(total: int, limits: Sequence[int]) -> NDArray[np.int64]:
    """Every way to share a total out within limits, shape (ways, limits)."""
    parts = np.zeros((1, 0), np.int64)
    left = np.array([total], np.int64)
    for place, limit in enumerate(limits):
        least = np.maximum(0, left - sum(limits[place + 1 :]))
        choices = np.minimum(limit, left) - least + 1
        again = np.repeat(np.arange(len(left)), choices)
        cell = least[again] + np.arange(len(again)) - np.repeat(np.cumsum(choices) - choices, choices)
        parts = np.column_stack([parts[again], cell])
        left = left[again] - cell
    return parts


def _drawn(cells: NDArray[np.int64], logs: NDArray[np.float64], tables: int, seed: int, method: str) -> TestResult:
    if tables < 1:
        raise ValueError(f"{tables} random tables: draw at least one")
    random = np.random.Generator(np.random.Philox(seed))
    rows, columns = cells.shape
    row_of = np.repeat(np.arange(rows), cells.sum(axis=1))
    column_of = np.repeat(np.arange(columns), cells.sum(axis=0))
    limit, extreme = float(-logs[cells].sum()) + RELATIVE_TOLERANCE, 0
    # Some tables at a time, to bound memory.
    block = max(1, 2_000_000 // len(row_of))
    for start in range(0, tables, block):
        count = min(block, tables - start)
        shuffled = random.permuted(np.tile(column_of, (count, 1)), axis=1)
        place = (np.arange(count)[:, None] * rows + row_of) * columns + shuffled
        drawn = np.bincount(place.ravel(), minlength=count * rows * columns).reshape(count, -1)
        extreme += int((-logs[drawn].sum(axis=1) <= limit).sum())
    p = (extreme + 1) / (tables + 1)
    return TestResult(p, None, None, method, f"standard error {sqrt(p * (1 - p) / tables):.2g}")
