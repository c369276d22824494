"""The log-rank test by permutation of the group labels: exact for small samples, else by random draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from branchpoint.statistics.counting import count
from branchpoint.statistics.results import TestResult, no_test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["log_rank_permutation"]

# Statistics that differ in the last digits are equal: permutations as extreme as the one observed must count.
_SAME = 1e-9


def log_rank_permutation(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    most: int = 200_000,
    draws: int = 100_000,
    seed: int = 20200731,
) -> TestResult:
    """Test whether groups survive alike, by permuting who is in which.

    Observed minus expected events of a group are the sum of its members' log-rank scores: the event, less the
    Nelson-Aalen hazard of all up to the member's time. Permuting labels leaves scores as they are. Censoring is taken
    to be alike in the groups, as by randomization.

    Parameters
    ----------
    time : array-like of float, shape (n,)
    event : array-like of bool, shape (n,)
    group : array-like, shape (n,)
    most : int
        Enumerate when there are no more than so many distinct partial allocations; draw at random otherwise.
    draws : int
        Of random permutations.
    seed : int
        Of the Philox generator.

    Returns
    -------
    TestResult
        Two-sided. The statistic is the sum over groups of (observed - expected)^2 / size, over the variance of the
        scores: chi-square-like, compared with its own permutations. By draws, P counts the observed allocation too.

    Raises
    ------
    ValueError
        As `log_rank_test`.

    References
    ----------
    .. [1] Heinze G, Gnant M, Schemper M. Exact log-rank tests for unequal follow-up. Biometrics 2003;59:1151-1157.
    .. [2] Phipson B, Smyth GK. Permutation P-values should never be zero. Stat Appl Genet Mol Biol 2010;9:39.
    """
    happened = np.asarray(event, bool)
    counts = count(time, happened, group)
    found, member = np.unique(np.asarray(group), return_inverse=True)
    if len(found) < 2:
        return no_test("log-rank permutation test", "not estimable: fewer than two groups")
    hazard = np.cumsum(counts.events.sum((1, 2)) / counts.at_risk.sum((1, 2)))
    scores = happened - hazard[np.searchsorted(counts.time, np.asarray(time, float))]
    spread = float(scores @ scores) / (len(scores) - 1)
    if spread <= _SAME:
        return no_test("log-rank permutation test", "not estimable: every allocation gives the same result")
    sizes = np.bincount(member)
    observed = float((np.bincount(member, weights=scores) ** 2 / sizes).sum()) / spread
    allocations = _allocations(scores, sizes, most)
    if allocations is not None:
        sums, ways = allocations
        extreme = (np.square(sums) / sizes).sum(1) / spread >= observed * (1 - _SAME)
        method = "log-rank permutation test, exact by enumeration, two-sided"
        return TestResult(float(ways[extreme].sum() / ways.sum()), observed, None, method)
    beyond = _drawn(scores, member, observed * spread, draws, seed)
    method = f"log-rank permutation test, {draws} random permutations (Philox, seed {seed}), two-sided"
    return TestResult((beyond + 1) / (draws + 1), observed, None, method)


def _allocations(
    scores: NDArray[np.float64], sizes: NDArray[np.int64], most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Sums of scores by group over all allocations, with the number of ways to each; None when there are too many."""
    groups = len(sizes)
    # Each row: places left in every group, then the sum of every group. Equal rows are one, so ties cost nothing.
    rows, ways = np.concatenate([sizes, np.zeros(groups)])[None], np.ones(1)
    for score in np.sort(scores)[::-1]:
        chosen = []
        for place in range(groups):
            free = rows[:, place] > 0
            taken = rows[free]
            taken[:, place] -= 1
            taken[:, groups + place] += score
            chosen.append((taken, ways[free]))
        rows, ways = np.concatenate([taken for taken, _ in chosen]), np.concatenate([many for _, many in chosen])
        if len(rows) > groups * most:
            return None
        rows, ways = _merged(rows, ways)
        if len(rows) > most:
            return None
    return rows[:, groups:], ways


def _merged(rows: NDArray[np.float64], ways: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    keys = np.rint(rows * 1e9)
    order = np.lexsort(keys.T)
    new = np.concatenate([[True], (np.diff(keys[order], axis=0) != 0).any(1)])
    return rows[order][new], np.add.reduceat(ways[order], np.flatnonzero(new))


def _drawn(
    scores: NDArray[np.float64],
    member: NDArray[np.int64],
    observed: float,
    draws: int,
    seed: int,
) -> int:
    """How many random permutations are as extreme as the one observed."""
    rng = np.random.Generator(np.random.Philox(seed))
    sizes = np.bincount(member)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    beyond, at_once = 0, max(1, 2_000_000 // len(scores))
    for start in range(0, draws, at_once):
        many = min(at_once, draws - start)
        shuffled = rng.permuted(np.broadcast_to(scores, (many, len(scores))), axis=1)
        sums = np.add.reduceat(shuffled, starts, axis=1)
        beyond += int(((np.square(sums) / sizes).sum(1) >= observed * (1 - _SAME)).sum())
    return beyond
