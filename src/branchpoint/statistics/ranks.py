"""Rank tests: Wilcoxon's rank-sum (Mann-Whitney) and signed-rank tests, and Kruskal-Wallis."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from branchpoint.statistics.distributions import chi_square_tail, normal_cdf
from branchpoint.statistics.inputs import read_sample
from branchpoint.statistics.results import Alternative, TestResult, no_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["RankForm", "kruskal_wallis", "rank_sum", "signed_rank"]

RankForm = Literal["auto", "exact", "normal", "normal-cc"]

# R's wilcox.test counts exactly below this size, if there are no ties.
_EXACT_BELOW = 50

# Sums of ranks kept while ways are counted: 160 MB.
_MOST_SUMS = 20_000_000


def rank_sum(x: ArrayLike, y: ArrayLike, alternative: Alternative = "two-sided", form: RankForm = "auto") -> TestResult:
    """Test whether two samples come from one distribution (Wilcoxon, Mann, Whitney).

    Parameters
    ----------
    x, y : array-like of float, shape (n,), (m,)
        Infinite values rank first or last.
    alternative : {"two-sided", "less", "greater"}
        Whether x tends to differ from y, to be less, or greater.
    form : {"auto", "exact", "normal", "normal-cc"}
        "exact" counts every way to share the ranks out, also with ties (the permutation test); "normal" approximates,
        corrected for ties, "-cc" for continuity too. "auto" is R's choice: exact for fewer than 50 a group without
        ties, else "normal-cc".

    Returns
    -------
    TestResult
        The statistic is Mann and Whitney's U of x (R's W). Two-sided exact P is the probability to be at least as far
        from expectation, as SAS gives it. Without P when a sample is empty or all values are equal.

    Raises
    ------
    ValueError
        When a value is missing, or the alternative or form unknown.

    References
    ----------
    .. [1] Wilcoxon F. Individual comparisons by ranking methods. Biometrics Bull 1945;1:80-83.
    .. [2] Mann HB, Whitney DR. On a test of whether one of two random variables is stochastically larger than the
       other. Ann Math Stat 1947;18:50-60.
    """
    _check(alternative, form)
    first, second = read_sample(x, finite=False), read_sample(y, finite=False)
    ranks, ties = _ranks(np.concatenate([first, second]))
    n, m = len(first), len(second)
    chosen = _choose(form, small=max(n, m) < _EXACT_BELOW and not ties)
    method = _named("Wilcoxon rank-sum test", chosen, alternative, tied=ties > 0)
    if not (n and m):
        return no_test(method, "no test: a sample is empty")
    if np.ptp(ranks) == 0:
        return no_test(method, "no test: all values are equal")
    statistic = float(ranks[:n].sum()) - n * (n + 1) / 2
    if chosen == "exact":
        # Doubled ranks are whole numbers, also when tied.
        doubled = np.rint(2 * ranks).astype(np.int64)
        if (n + 1) * int(doubled.sum()) > _MOST_SUMS:
            return no_test(method, "too many ways to count: use a normal approximation")
        p = _tail(_sums_of_some(doubled, n), int(doubled[:n].sum()), 2 * n * (n + m + 1), alternative)
    else:
        variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
        p = _normal_tail(statistic - n * m / 2, variance, alternative, correction=chosen == "normal-cc")
    return TestResult(p, statistic, None, method)


def signed_rank(
    x: ArrayLike, y: ArrayLike | None = None, alternative: Alternative = "two-sided", form: RankForm = "auto"
) -> TestResult:
    """Test whether differences are symmetric about 0 (Wilcoxon).

    Parameters
    ----------
    x : array-like of float, shape (n,)
        Differences, or first values of pairs.
    y : array-like of float, shape (n,), optional
        Second values of pairs.
    alternative : {"two-sided", "less", "greater"}
    form : {"auto", "exact", "normal", "normal-cc"}
        As in `rank_sum`; "auto" is exact for fewer than 50 differences without ties and zeros.

    Returns
    -------
    TestResult
        The statistic is the sum of the ranks of positive differences. Differences of 0 are left out, with a note;
        without P when none is left.

    Raises
    ------
    ValueError
        When a value is missing or infinite, the lengths differ, or the alternative or form is unknown.

    References
    ----------
    .. [1] Wilcoxon F. Individual comparisons by ranking methods. Biometrics Bull 1945;1:80-83.
    """
    _check(alternative, form)
    differences = read_sample(x)
    if y is not None:
        others = read_sample(y)
        if len(others) != len(differences):
            raise ValueError(f"{len(differences)} and {len(others)} values: give pairs")
        differences = differences - others
    kept = differences[differences != 0]
    zeros, n = len(differences) - len(kept), len(kept)
    ranks, ties = _ranks(np.abs(kept))
    chosen = _choose(form, small=n < _EXACT_BELOW and not ties and not zeros)
    method = _named("Wilcoxon signed-rank test", chosen, alternative, tied=ties > 0)
    if not n:
        return no_test(method, "no test: no difference is other than 0")
    statistic = float(ranks[kept > 0].sum())
    if chosen == "exact":
        doubled = np.rint(2 * ranks).astype(np.int64)
        total = int(doubled.sum())
        if total > _MOST_SUMS:
            return no_test(method, "too many ways to count: use a normal approximation")
        p = _tail(_sums_of_any(doubled), int(doubled[kept > 0].sum()), total, alternative)
    else:
        variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48
        p = _normal_tail(statistic - n * (n + 1) / 4, variance, alternative, correction=chosen == "normal-cc")
    return TestResult(p, statistic, None, method, f"{zeros} differences of 0 left out" if zeros else "")


def kruskal_wallis(samples: Sequence[ArrayLike]) -> TestResult:
    """Test whether several samples come from one distribution, by chi-square of their ranks, corrected for ties.

    Parameters
    ----------
    samples : sequence of array-like of float
        Empty ones are left out, with a note.

    Returns
    -------
    TestResult
        Without P when fewer than two samples hold anything, or all values are equal.

    Raises
    ------
    ValueError
        When a value is missing.

    References
    ----------
    .. [1] Kruskal WH, Wallis WA. Use of ranks in one-criterion variance analysis. JASA 1952;47:583-621.
    """
    read = [read_sample(sample, finite=False) for sample in samples]
    kept = [sample for sample in read if len(sample)]
    method = "Kruskal-Wallis test, corrected for ties"
    if len(kept) < 2:
        return no_test(method, "no test: fewer than two samples hold anything")
    ranks, ties = _ranks(np.concatenate(kept))
    if np.ptp(ranks) == 0:
        return no_test(method, "no test: all values are equal")
    n, group = len(ranks), np.repeat(np.arange(len(kept)), [len(sample) for sample in kept])
    sums = np.bincount(group, weights=ranks)
    spread = 12 * float((sums**2 / np.bincount(group)).sum()) / (n * (n + 1)) - 3 * (n + 1)
    statistic, df = max(0.0, spread / (1 - ties / (n**3 - n))), len(kept) - 1
    empty = len(read) - len(kept)
    return TestResult(chi_square_tail(statistic, df), statistic, df, method, f"{empty} empty left out" if empty else "")


def _check(alternative: str, form: str) -> None:
    if alternative not in get_args(Alternative):
        raise ValueError(f"no alternative is called {alternative!r}: choose from {', '.join(get_args(Alternative))}")
    if form not in get_args(RankForm):
        raise ValueError(f"no form is called {form!r}: choose from {', '.join(get_args(RankForm))}")


def _choose(form: RankForm, *, small: bool) -> RankForm:
    if form != "auto":
        return form
    return "exact" if small else "normal-cc"


def _named(test: str, form: RankForm, alternative: Alternative, *, tied: bool) -> str:
    forms = {
        "exact": f"exact{' (permutation of tied ranks)' if tied else ''}",
        "normal": "normal approximation without continuity correction",
        "normal-cc": "normal approximation with continuity correction",
    }
    side = "two-sided" if alternative == "two-sided" else f"one-sided ({alternative})"
    return f"{test}, {forms[form]}, {side}"


def _ranks(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Give mean ranks, and the sum of t^3 - t over ties of t."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    large = counts.astype(np.float64)
    return middle[place], float((large**3 - large).sum())


def _sums_of_some(ranks: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Give the probability of each sum of so many ranks, drawn without replacement."""
    size, total = min(size, len(ranks)), int(ranks.sum())
    chances = np.zeros((size + 1, total + 1))
    chances[0, 0] = 1.0
    # Each rank in turn is drawn or not.
    for seen, rank in enumerate(ranks.tolist()):
        for drawn in range(min(seen + 1, size), 0, -1):
            chances[drawn, rank:] += chances[drawn - 1, : total + 1 - rank]
    return np.asarray(chances[size] / chances[size].sum(), np.float64)


def _sums_of_any(ranks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the probability of each sum of ranks if every one counts or not by the toss of a coin."""
    chances = np.zeros(int(ranks.sum()) + 1)
    chances[0] = 1.0
    for rank in ranks.tolist():
        moved = chances[: len(chances) - rank] / 2
        chances /= 2
        chances[rank:] += moved
    return chances


def _tail(chances: NDArray[np.float64], found: int, twice_mean: int, alternative: Alternative) -> float:
    sums = np.arange(len(chances))
    if alternative == "less":
        extreme = sums <= found
    elif alternative == "greater":
        extreme = sums >= found
    else:
        extreme = np.abs(2 * sums - twice_mean) >= abs(2 * found - twice_mean)
    return min(1.0, float(chances[extreme].sum()))


def _normal_tail(away: float, variance: float, alternative: Alternative, *, correction: bool) -> float:
    toward = {"two-sided": float(np.sign(away)), "greater": 1.0, "less": -1.0}[alternative]
    quantile = (away - (toward / 2 if correction else 0.0)) / sqrt(variance)
    if alternative == "two-sided":
        return min(1.0, 2 * normal_cdf(-abs(quantile)))
    return normal_cdf(-quantile if alternative == "greater" else quantile)
