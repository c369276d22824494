"""Two means compared: Welch's and the pooled t test."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal, get_args

from branchpoint.statistics.distributions import student_cdf, student_quantile
from branchpoint.statistics.inputs import checked_level, read_sample
from branchpoint.statistics.results import Alternative, Estimate, TestResult, no_estimate, no_test

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Variances", "mean_difference", "t_test"]

Variances = Literal["unequal", "equal"]

_METHODS = {"unequal": "Welch's t test (unequal variances)", "equal": "Student's t test (pooled variance)"}


def t_test(
    x: ArrayLike, y: ArrayLike, alternative: Alternative = "two-sided", variances: Variances = "unequal"
) -> TestResult:
    """Test whether two samples have the same mean.

    Parameters
    ----------
    x, y : array-like of float, shape (n,), (m,)
    alternative : {"two-sided", "less", "greater"}
        Whether the mean of x differs from that of y, is less, or greater.
    variances : {"unequal", "equal"}
        Welch's test, or the pooled one.

    Returns
    -------
    TestResult
        Without P when a sample has no spread to be estimated (see `mean_difference`).

    Raises
    ------
    ValueError
        When a value is missing or infinite, or the alternative or kind of variances is unknown.

    References
    ----------
    .. [1] Student. The probable error of a mean. Biometrika 1908;6:1-25.
    .. [2] Welch BL. The generalization of "Student's" problem when several different population variances are involved.
       Biometrika 1947;34:28-35.
    """
    if alternative not in get_args(Alternative):
        raise ValueError(f"no alternative is called {alternative!r}: choose from {', '.join(get_args(Alternative))}")
    first, second = read_sample(x), read_sample(y)
    side = "two-sided" if alternative == "two-sided" else f"one-sided ({alternative})"
    method = f"{_named(variances)}, {side}"
    error, df, problem = _spread(first, second, variances)
    if problem:
        return no_test(method, f"no test: {problem}")
    statistic = float(first.mean() - second.mean()) / error
    if alternative == "two-sided":
        p = 2 * student_cdf(-abs(statistic), df)
    else:
        p = student_cdf(-statistic if alternative == "greater" else statistic, df)
    return TestResult(p, statistic, df, method)


def mean_difference(x: ArrayLike, y: ArrayLike, level: float = 0.95, variances: Variances = "unequal") -> Estimate:
    """Estimate the mean of x minus the mean of y, with the limits that belong to the t test.

    Parameters
    ----------
    x, y : array-like of float, shape (n,), (m,)
    level : float
    variances : {"unequal", "equal"}

    Returns
    -------
    Estimate
        Without value when a sample is empty; without limits when there is no spread: unequal variances need two values
        in each sample, equal ones three in both together, and not all may agree.

    Raises
    ------
    ValueError
        When a value is missing or infinite, the level is not between 0 and 1, or the kind of variances is unknown.
    """
    first, second = read_sample(x), read_sample(y)
    method = f"Difference of means, limits of {_named(variances)}"
    checked_level(level)
    error, df, problem = _spread(first, second, variances)
    if not (len(first) and len(second)):
        return no_estimate(level, method, f"not estimable: {problem}")
    value = float(first.mean() - second.mean())
    if problem:
        return Estimate(value, float("nan"), float("nan"), level, method, f"no limits: {problem}")
    half = error * student_quantile(0.5 + level / 2, df)
    return Estimate(value, value - half, value + half, level, method)


def _named(variances: Variances) -> str:
    if variances not in _METHODS:
        raise ValueError(f"variances are not called {variances!r}: choose from {', '.join(_METHODS)}")
    return _METHODS[variances]


def _spread(first: NDArray[np.float64], second: NDArray[np.float64], variances: Variances) -> tuple[float, float, str]:
    """Give the standard error of the difference and its degrees of freedom, or say why there is none."""
    n, m = len(first), len(second)
    if not (n and m):
        return 0.0, 0.0, "a sample is empty"
    if variances == "unequal" and min(n, m) < 2:
        return 0.0, 0.0, "a sample has one value; unequal variances need two"
    if n + m < 3:
        return 0.0, 0.0, "two values in all; equal variances need three"
    # Squares about the mean of one value are 0, and those of equal values exactly so.
    one, two = (0.0 if (s == s[0]).all() else float(((s - s.mean()) ** 2).sum()) for s in (first, second))
    if one == 0 and two == 0:
        return 0.0, 0.0, "no sample varies"
    if variances == "equal":
        return sqrt((one + two) / (n + m - 2) * (1 / n + 1 / m)), n + m - 2, ""
    one, two = one / (n - 1) / n, two / (m - 1) / m
    return sqrt(one + two), (one + two) ** 2 / (one**2 / (n - 1) + two**2 / (m - 1)), ""
