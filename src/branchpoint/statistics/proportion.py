"""Exact confidence limits for a proportion."""

from __future__ import annotations

from math import exp, lgamma, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["clopper_pearson"]


def clopper_pearson(count: int, size: int, level: float = 0.95) -> tuple[float, float]:
    """Give the exact (Clopper-Pearson) confidence limits for a proportion.

    Parameters
    ----------
    count, size : int
        Successes, and trials.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Between 0 and 1; 0 and 1 when there is no trial.

    Raises
    ------
    ValueError
        When the count is negative or above the size.

    References
    ----------
    .. [1] Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in the case of the binomial.
       Biometrika 1934;26:404-413.
    """
    if not 0 <= count <= size:
        raise ValueError(f"found {count} of {size}: give a count from 0 to the size")
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else _root(lambda p: _at_least(count, size, p) - tail)
    high = 1.0 if count == size else _root(lambda p: tail - (1 - _at_least(count + 1, size, p)))
    return low, high


def _at_least(count: int, size: int, probability: float) -> float:
    # The probability of at least so many successes; increases with the probability of one.
    success, failure = log(probability), log(1 - probability)
    ways = [lgamma(size + 1) - lgamma(k + 1) - lgamma(size - k + 1) for k in range(count, size + 1)]
    return sum(exp(way + k * success + (size - k) * failure) for k, way in enumerate(ways, count))


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return (low + high) / 2
