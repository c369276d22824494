"""What a synthetic paper prints, computed in the open with scipy; neither audit nor reconstruction uses any of it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Tested",
    "exact_limits",
    "half_up",
    "log_rank",
    "percent",
    "plain",
    "rank_sum",
    "survival_at",
    "t_test",
    "table_test",
]

Numbers = "NDArray[np.float64]"


class Tested(NamedTuple):
    """A P value, and what it would be one-sided, in the direction of the data; None where that has no meaning."""

    p: float
    one_sided: float | None


def half_up(value: Decimal | float, decimals: int) -> str:
    """A number to some decimals, halves rounded up, as printed tables do."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(round(float(value), 9)))
    return str(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def plain(value: Decimal | float, decimals: int) -> str:
    """A number to some decimals, or to one more where it lies between two, as a median of an even number does."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(round(float(value), decimals + 1)))
    shortest = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return str(shortest if shortest == exact else exact.quantize(Decimal(1).scaleb(-decimals - 1)))


def percent(count: int, size: int, decimals: int) -> str:
    """A count in percent of a size."""
    return half_up(Decimal(100 * count) / size, decimals)


def exact_limits(count: int, size: int) -> tuple[float, float]:
    """95% limits of a proportion in percent, by Clopper and Pearson."""
    limits = stats.binomtest(count, size).proportion_ci(0.95, method="exact")
    return 100 * float(limits.low), 100 * float(limits.high)


def survival_at(time: NDArray[np.float64], event: NDArray[np.bool_], at: float) -> tuple[float, float, int]:
    """Kaplan-Meier survival at a time, Greenwood's standard error (both in percent), and how many are still at risk."""
    moments = np.unique(time[event & (time <= at)])
    died = np.array([np.sum(event & (time == moment)) for moment in moments], float)
    at_risk = np.array([np.sum(time >= moment) for moment in moments], float)
    survival = float(np.prod(1 - died / at_risk))
    left = at_risk > died
    variance = float(np.sum(died[left] / (at_risk[left] * (at_risk[left] - died[left]))))
    return 100 * survival, 100 * survival * variance**0.5, int(np.sum(time >= at))


def table_test(table: NDArray[np.int64], method: str) -> Tested | None:
    """Test a table of counts, groups in rows, by "Fisher exact" or "Pearson chi-square"; None where it allows none."""
    table = table[np.ix_(table.sum(1) > 0, table.sum(0) > 0)]
    if min(table.shape) < 2:
        return None
    square = table.shape == (2, 2)
    if method == "Pearson chi-square":
        p = float(stats.chi2_contingency(table, correction=False).pvalue)
        return Tested(p, p / 2 if square else None)
    if square:
        tails = [float(stats.fisher_exact(table, side).pvalue) for side in ("less", "greater")]
        return Tested(float(stats.fisher_exact(table).pvalue), min(tails))
    from branchpoint.statistics.freeman_halton import fisher_freeman_halton

    p = fisher_freeman_halton(table, most_pairs=200_000).p
    return None if np.isnan(p) else Tested(p, None)


def t_test(x: NDArray[np.float64], y: NDArray[np.float64]) -> Tested:
    """Student's t test with the variances pooled."""
    p = float(stats.ttest_ind(x, y).pvalue)
    return Tested(p, p / 2)


def rank_sum(x: NDArray[np.float64], y: NDArray[np.float64]) -> Tested:
    """Wilcoxon's rank-sum test by the normal approximation, corrected for ties and continuity."""
    p = float(stats.mannwhitneyu(x, y, method="asymptotic").pvalue)
    return Tested(p, p / 2)


def log_rank(time: NDArray[np.float64], event: NDArray[np.bool_], first: NDArray[np.bool_]) -> Tested:
    """The log-rank test of two groups."""
    groups = [stats.CensoredData.right_censored(time[own], ~event[own]) for own in (first, ~first)]
    p = float(stats.logrank(*groups).pvalue)
    return Tested(p, p / 2)
