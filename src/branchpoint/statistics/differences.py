"""Two proportions compared: their difference, the ratio of risks, the ratio of odds."""

from __future__ import annotations

from math import exp, inf, lgamma, nan, sqrt
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from branchpoint.statistics.inputs import checked_level, counted, normal_quantile, read_table
from branchpoint.statistics.proportions import wilson
from branchpoint.statistics.results import Estimate, no_estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

__all__ = ["DifferenceForm", "odds_ratio", "risk_difference", "risk_ratio"]

DifferenceForm = Literal["newcombe", "newcombe-cc", "wald", "wald-cc", "agresti-caffo", "miettinen-nurminen"]

_EMPTY = "not estimable: a group is empty"


def risk_difference(
    count: int, size: int, other_count: int, other_size: int, *, level: float = 0.95, form: DifferenceForm = "newcombe"
) -> Estimate:
    """Estimate the first proportion minus the second.

    Parameters
    ----------
    count, size, other_count, other_size : int
        Successes and trials of the first group, then of the second.
    level : float
        Confidence level.
    form : {"newcombe", "newcombe-cc", "wald", "wald-cc", "agresti-caffo", "miettinen-nurminen"}
        Newcombe's hybrid of Wilson's limits (his methods 10 and 11), Wald's limits, Wald's after one success and one
        failure are added to each group, or the score limits of Miettinen and Nurminen. "-cc" is with continuity
        correction.

    Returns
    -------
    Estimate
        The value is the plain difference whatever the form; without value when a group is empty.

    Raises
    ------
    ValueError
        When a count is not between 0 and its size, the level not between 0 and 1, or the form unknown.

    References
    ----------
    .. [1] Newcombe RG. Interval estimation for the difference between independent proportions: comparison of eleven
       methods. Stat Med 1998;17:873-890.
    .. [2] Agresti A, Caffo B. Simple and effective confidence intervals for proportions and differences of
       proportions result from adding two successes and two failures. Am Stat 2000;54:280-288.
    .. [3] Miettinen O, Nurminen M. Comparative analysis of two rates. Stat Med 1985;4:213-226.
    """
    if form not in get_args(DifferenceForm):
        raise ValueError(f"no form of interval is called {form!r}: choose from {', '.join(get_args(DifferenceForm))}")
    (a, m), (b, n) = counted(count, size), counted(other_count, other_size)
    quantile, (method, limits) = normal_quantile(level), _FORMS[form]
    if m == 0 or n == 0:
        return no_estimate(level, method, _EMPTY)
    low, high = limits(a, m, b, n, quantile, level)
    note = "" if high > low else "no width: use another interval"
    return Estimate(a / m - b / n, max(-1.0, low), min(1.0, high), level, method, note)


def risk_ratio(count: int, size: int, other_count: int, other_size: int, *, level: float = 0.95) -> Estimate:
    """Estimate the first proportion divided by the second, with Katz' limits, symmetric on the log scale.

    Parameters
    ----------
    count, size, other_count, other_size : int
    level : float

    Returns
    -------
    Estimate
        Without limits when either count is 0; without value when both are, or a group is empty.

    Raises
    ------
    ValueError
        When a count is not between 0 and its size, or the level not between 0 and 1.

    References
    ----------
    .. [1] Katz D, Baptista J, Azen SP, Pike MC. Obtaining confidence intervals for the risk ratio in cohort studies.
       Biometrics 1978;34:469-474.
    """
    (a, m), (b, n) = counted(count, size), counted(other_count, other_size)
    quantile, method = normal_quantile(level), "Risk ratio, Katz log limits"
    if m == 0 or n == 0:
        return no_estimate(level, method, _EMPTY)
    if a == 0 or b == 0:
        value = nan if a == b else (0.0 if a == 0 else inf)
        return Estimate(value, nan, nan, level, method, "no log limits where a group has no event")
    ratio = (a / m) / (b / n)
    spread = quantile * sqrt(1 / a - 1 / m + 1 / b - 1 / n)
    return Estimate(ratio, ratio * exp(-spread), ratio * exp(spread), level, method)


def odds_ratio(table: ArrayLike, level: float = 0.95) -> Estimate:
    """Estimate the odds ratio of a 2 x 2 table by conditional maximum likelihood, with exact limits.

    Parameters
    ----------
    table : array-like of int, shape (2, 2)
        Groups in rows, success and failure in columns.
    level : float

    Returns
    -------
    Estimate
        As R's fisher.test: 0 or infinite where a cell leaves no other table on that side.

    Raises
    ------
    ValueError
        When it is no 2 x 2 table of counts, or the level is not between 0 and 1.

    References
    ----------
    .. [1] Cornfield J. A statistical problem arising from retrospective studies. Proc Third Berkeley Symp
       1956;4:135-148.
    """
    (a, b), (c, d) = read_table(table, (2, 2)).tolist()
    tail, method = (1 - checked_level(level)) / 2, "Odds ratio, conditional maximum likelihood, exact limits"
    low, high = max(0, a - d), min(a + b, a + c)
    if low == high:
        return no_estimate(level, method, "not estimable: a row or column is empty")
    support = np.arange(low, high + 1)
    ways = np.array([-sum(lgamma(x + 1) for x in (k, a + b - k, a + c - k, d - a + k)) for k in support.tolist()])

    def chances(log_odds: float) -> NDArray[np.float64]:
        logs = ways + log_odds * support
        weights = np.exp(logs - logs.max())
        return np.asarray(weights / weights.sum(), np.float64)

    def solve(rising: Callable[[float], float]) -> float:
        return exp(_root(rising, -_FAR, _FAR))

    value = 0.0 if a == low else inf if a == high else solve(lambda t: float(chances(t) @ support) - a)
    least = 0.0 if a == low else solve(lambda t: float(chances(t)[support >= a].sum()) - tail)
    most = inf if a == high else solve(lambda t: tail - float(chances(t)[support <= a].sum()))
    return Estimate(value, least, most, level, method)


# Log odds beyond any that a table of counts can estimate: e to this power is still a finite number.
_FAR = 700.0


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    # Enough to exhaust a double from any of the ranges used here.
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return (low + high) / 2


def _newcombe(a: int, m: int, b: int, n: int, level: float, *, correction: bool) -> tuple[float, float]:
    one, two = wilson(a, m, level, correction=correction), wilson(b, n, level, correction=correction)
    difference = one.value - two.value
    low = difference - sqrt((one.value - one.low) ** 2 + (two.high - two.value) ** 2)
    high = difference + sqrt((one.high - one.value) ** 2 + (two.value - two.low) ** 2)
    return low, high


def _wald(a: float, m: float, b: float, n: float, quantile: float, *, correction: bool = False) -> tuple[float, float]:
    p, q = a / m, b / n
    spread = quantile * sqrt(p * (1 - p) / m + q * (1 - q) / n) + ((1 / m + 1 / n) / 2 if correction else 0.0)
    return p - q - spread, p - q + spread


def _miettinen_nurminen(a: int, m: int, b: int, n: int, quantile: float) -> tuple[float, float]:
    difference = a / m - b / n

    def score(delta: float) -> float:
        # How many standard errors the observed difference is above a supposed one.
        second = _restricted(a, m, b, n, delta)
        first = second + delta
        variance = (first * (1 - first) / m + second * (1 - second) / n) * (m + n) / (m + n - 1)
        if variance <= 0:
            return 0.0 if difference == delta else (inf if difference > delta else -inf)
        return (difference - delta) / sqrt(variance)

    low = -1.0 if difference == -1 else _root(lambda delta: quantile - score(delta), -1.0, difference)
    high = 1.0 if difference == 1 else _root(lambda delta: -quantile - score(delta), difference, 1.0)
    return low, high


def _restricted(a: int, m: int, b: int, n: int, delta: float) -> float:
    """Give the most likely second proportion if the first is larger by delta: the root of a cubic that rises there."""

    def slope(q: float) -> float:
        # Minus the derivative of the log likelihood, times the denominators, which are never negative.
        p = q + delta
        return -(a - m * p) * q * (1 - q) - (b - n * q) * p * (1 - p)

    return _root(slope, max(0.0, -delta), min(1.0, 1 - delta))


_FORMS: dict[str, tuple[str, Callable[[int, int, int, int, float, float], tuple[float, float]]]] = {
    "newcombe": (
        "Risk difference, Newcombe (Wilson) limits without continuity correction",
        lambda a, m, b, n, _, level: _newcombe(a, m, b, n, level, correction=False),
    ),
    "newcombe-cc": (
        "Risk difference, Newcombe (Wilson) limits with continuity correction",
        lambda a, m, b, n, _, level: _newcombe(a, m, b, n, level, correction=True),
    ),
    "wald": (
        "Risk difference, Wald limits without continuity correction",
        lambda a, m, b, n, quantile, _: _wald(a, m, b, n, quantile),
    ),
    "wald-cc": (
        "Risk difference, Wald limits with continuity correction",
        lambda a, m, b, n, quantile, _: _wald(a, m, b, n, quantile, correction=True),
    ),
    "agresti-caffo": (
        "Risk difference, Agresti-Caffo limits",
        lambda a, m, b, n, quantile, _: _wald(a + 1, m + 2, b + 1, n + 2, quantile),
    ),
    "miettinen-nurminen": (
        "Risk difference, Miettinen-Nurminen score limits",
        lambda a, m, b, n, quantile, _: _miettinen_nurminen(a, m, b, n, quantile),
    ),
}
