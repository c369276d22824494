"""The Shapiro-Wilk test of normality, in Royston's approximation.

Our own, for the reason that scipy's needs scipy.stats, which alone takes longer to import than a table to make.
"""

from __future__ import annotations

from math import asin, exp, log, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.statistics.distributions import normal_cdf, normal_quantile
from branchpoint.statistics.inputs import read_sample
from branchpoint.statistics.results import TestResult, no_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["shapiro_wilk"]

_METHOD = "Shapiro-Wilk test of normality (Royston 1995)"

# Coefficients of the reference, constant first.
_LAST = (0.0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056)
_LAST_BUT_ONE = (0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633)
_BOUND_SMALL = (-2.273, 0.459)
_MEAN_SMALL = (0.544, -0.39978, 0.025054, -6.714e-4)
_SPREAD_SMALL = (1.3822, -0.77857, 0.062767, -0.0020322)
_MEAN_LARGE = (-1.5861, -0.31082, -0.083751, 0.0038915)
_SPREAD_LARGE = (-0.4803, -0.082676, 0.0030302)


def shapiro_wilk(values: ArrayLike) -> TestResult:
    """Test whether a sample comes from a normal distribution.

    Parameters
    ----------
    values : array-like of float, shape (n,)

    Returns
    -------
    TestResult
        The statistic is W. Without P for fewer than 3 values, or when all are equal; a note above 5000, where the
        approximation has not been checked.

    Raises
    ------
    ValueError
        When a value is missing or infinite.

    References
    ----------
    .. [1] Shapiro SS, Wilk MB. An analysis of variance test for normality (complete samples). Biometrika
       1965;52:591-611.
    .. [2] Royston P. Remark AS R94: a remark on algorithm AS 181: the W test for normality. Appl Stat 1995;44:547-551.
    """
    sample = np.sort(read_sample(values))
    n = len(sample)
    if n < 3:
        return no_test(_METHOD, f"no test: {n} values, at least 3 are needed")
    if sample[0] == sample[-1]:
        return no_test(_METHOD, "no test: all values are equal")
    # Scale first: squares of very small or large values would vanish or overflow.
    scaled = (sample - np.median(sample)) / (sample[-1] - sample[0])
    weights = _weights(n)
    away = scaled - scaled.mean()
    total = float(away @ away)
    # 1 - W directly: W itself is near 1, where digits would be lost.
    fitted = float(weights @ away)
    short = max(0.0, (sqrt(total) - fitted) * (sqrt(total) + fitted) / total)
    note = "more than 5000 values: P is uncertain" if n > 5000 else ""
    return TestResult(_tail(short, n), 1 - short, None, _METHOD, note)


def _weights(n: int) -> NDArray[np.float64]:
    if n == 3:
        return np.array([-sqrt(0.5), 0.0, sqrt(0.5)])
    expected = np.array([normal_quantile((place - 0.375) / (n + 0.25)) for place in range(1, n + 1)])
    size, step = sqrt(float(expected @ expected)), 1 / sqrt(n)
    last = _polynomial(_LAST, step) + expected[-1] / size
    ends = [last]
    if n > 5:
        ends.append(_polynomial(_LAST_BUT_ONE, step) + expected[-2] / size)
    rest = size**2 - 2 * sum(float(m) ** 2 for m in expected[: -len(ends) - 1 : -1])
    weights = expected / sqrt(rest / (1 - 2 * sum(end**2 for end in ends)))
    for place, end in enumerate(ends):
        weights[place], weights[-1 - place] = -end, end
    return np.asarray(weights, np.float64)


def _tail(short: float, n: int) -> float:
    if n == 3:
        return min(1.0, max(0.0, 6 / pi * (asin(sqrt(1 - short)) - asin(sqrt(0.75)))))
    if short == 0:
        return 1.0
    quantity, size = log(short), log(n)
    if n <= 11:
        bound = _polynomial(_BOUND_SMALL, n)
        if quantity >= bound:
            return 0.0
        quantity = -log(bound - quantity)
        mean, spread = _polynomial(_MEAN_SMALL, n), exp(_polynomial(_SPREAD_SMALL, n))
    else:
        mean, spread = _polynomial(_MEAN_LARGE, size), exp(_polynomial(_SPREAD_LARGE, size))
    return normal_cdf(-(quantity - mean) / spread)


def _polynomial(coefficients: Sequence[float], x: float) -> float:
    return float(sum(c * x**power for power, c in enumerate(coefficients)))
