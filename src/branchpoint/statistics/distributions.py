"""Distribution functions: the tails and quantiles that tests and intervals need.

The normal and the chi-square need only the standard library. Student's t and the beta come from scipy, imported when
the first of them is asked for: a tenth of a second that most analyses of a small trial never need.
"""

from __future__ import annotations

from math import erfc, exp, isnan, lgamma, log, nan, sqrt
from statistics import NormalDist

__all__ = [
    "beta_quantile",
    "beta_tail",
    "chi_square_tail",
    "normal_cdf",
    "normal_quantile",
    "student_cdf",
    "student_quantile",
]


def normal_cdf(value: float) -> float:
    """Give the probability that a standard normal variable is at most a value; exact far out in the lower tail."""
    return 0.5 * erfc(-value / sqrt(2))


def normal_quantile(p: float) -> float:
    """Give the value below which a standard normal variable lies with probability `p`, between 0 and 1."""
    return NormalDist().inv_cdf(p)


def chi_square_tail(statistic: float, degrees_of_freedom: int) -> float:
    """Give the probability that a chi-square variable is above a value.

    Parameters
    ----------
    statistic : float
    degrees_of_freedom : int
        At least 1.
    """
    if isnan(statistic):
        return nan
    if statistic <= 0:
        return 1.0
    half, odd = statistic / 2, degrees_of_freedom % 2
    tail = erfc(sqrt(half)) if odd else 0.0
    shapes = (place + odd / 2 for place in range(degrees_of_freedom // 2))
    return min(1.0, tail + sum(exp(shape * log(half) - half - lgamma(shape + 1)) for shape in shapes))


def student_cdf(value: float, degrees_of_freedom: float) -> float:
    """Give the probability that a variable with Student's t distribution is at most a value."""
    from scipy.special import stdtr

    return float(stdtr(degrees_of_freedom, value))


def student_quantile(p: float, degrees_of_freedom: float) -> float:
    """Give the value below which a variable with Student's t distribution lies with probability `p`."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees_of_freedom, p))


def beta_quantile(p: float, a: float, b: float) -> float:
    """Give the value below which a beta variable lies with probability `p`."""
    from scipy.special import betaincinv

    return float(betaincinv(a, b, p))


def beta_tail(value: float, a: float, b: float) -> float:
    """Give the probability that a beta variable is above a value between 0 and 1."""
    from scipy.special import betaincc

    return float(betaincc(a, b, value))
