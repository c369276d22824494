"""What a table of baseline characteristics says of a variable."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, floor, nan, sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np

from branchpoint.statistics.distributions import student_quantile
from branchpoint.statistics.inputs import checked_level, counted, read_sample
from branchpoint.statistics.results import Estimate, no_estimate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "Count",
    "Mean",
    "Median",
    "QuantileType",
    "count_of",
    "geometric_mean",
    "mean_sd",
    "median_range",
    "quantile",
]

QuantileType = Literal["sas", "spss", "r"]

_NUMBERS = {"sas": 2, "spss": 6, "r": 7}


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its standard deviation (divisor n - 1); nan where there is none, with a note."""

    n: int
    mean: float
    sd: float
    method: str = "Mean and standard deviation"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Median:
    """A median with quartiles and extremes; nan where there is none, with a note."""

    n: int
    median: float
    first_quartile: float
    third_quartile: float
    minimum: float
    maximum: float
    method: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """A count out of its denominator; percent is nan when there is nobody to count, with a note."""

    count: int
    size: int
    percent: float
    method: str = "n (%)"
    note: str = ""


def mean_sd(values: ArrayLike) -> Mean:
    """Give the mean and standard deviation.

    Parameters
    ----------
    values : array-like of float, shape (n,)

    Returns
    -------
    Mean

    Raises
    ------
    ValueError
        When a value is missing or infinite.
    """
    sample = read_sample(values)
    if not len(sample):
        return Mean(0, nan, nan, note="no value")
    if len(sample) == 1:
        return Mean(1, float(sample[0]), nan, note="one value: no standard deviation")
    return Mean(len(sample), float(sample.mean()), float(sample.std(ddof=1)))


def median_range(values: ArrayLike, kind: QuantileType = "r") -> Median:
    """Give the median, the quartiles and the extremes.

    Parameters
    ----------
    values : array-like of float, shape (n,)
    kind : {"sas", "spss", "r"}
        Of the quartiles, see `quantile`; the median is the same in all.

    Returns
    -------
    Median

    Raises
    ------
    ValueError
        When a value is missing or infinite, or the kind unknown.
    """
    sample = np.sort(read_sample(values))
    first, middle, third = (quantile(sample, share, kind) for share in (0.25, 0.5, 0.75))
    method = f"Median, quartiles of type {_NUMBERS[kind]} ({kind}), minimum and maximum"
    if not len(sample):
        return Median(0, nan, nan, nan, nan, nan, method, "no value")
    return Median(len(sample), middle, first, third, float(sample[0]), float(sample[-1]), method)


def quantile(values: ArrayLike, share: float, kind: QuantileType = "r") -> float:
    """Give a quantile by the convention of a program.

    Parameters
    ----------
    values : array-like of float, shape (n,)
    share : float
        0.25 for the first quartile.
    kind : {"sas", "spss", "r"}
        Type 2 (the observed value, or the mean of two), type 6 (weighted, of n + 1) or type 7 (weighted, of n - 1), as
        Hyndman and Fan number them: the defaults of the three.

    Returns
    -------
    float
        nan of no value.

    Raises
    ------
    ValueError
        When a value is missing or infinite, the share not between 0 and 1, or the kind unknown.

    References
    ----------
    .. [1] Hyndman RJ, Fan Y. Sample quantiles in statistical packages. Am Stat 1996;50:361-365.
    """
    if kind not in _NUMBERS:
        raise ValueError(f"no type of quantile is called {kind!r}: choose from {', '.join(_NUMBERS)}")
    if not 0 <= share <= 1:
        raise ValueError(f"a share of {share}: give one from 0 to 1")
    sample = np.sort(read_sample(values))
    n = len(sample)
    if not n:
        return nan
    position = {"sas": n * share, "spss": (n + 1) * share, "r": 1 + (n - 1) * share}[kind]
    # A product that is whole but for rounding is whole; as R's quantile.
    whole = floor(position + 4 * float(np.finfo(float).eps))
    rest = position - whole
    if abs(rest) < 4 * float(np.finfo(float).eps):
        rest = 0.0
    if kind == "sas":
        rest = 1.0 if rest else 0.5
    low, high = (float(sample[min(max(place, 1), n) - 1]) for place in (whole, whole + 1))
    # The ends exactly, whatever rounding does to what lies between.
    return low if rest == 0 else high if rest == 1 else min(high, low + rest * (high - low))


def geometric_mean(values: ArrayLike, level: float = 0.95) -> Estimate:
    """Estimate the geometric mean, with t limits of the logarithms.

    Parameters
    ----------
    values : array-like of float, shape (n,)
    level : float

    Returns
    -------
    Estimate
        Without value when there is none, or one is not above 0; without limits when there is only one.

    Raises
    ------
    ValueError
        When a value is missing or infinite, or the level not between 0 and 1.
    """
    sample, method = read_sample(values), "Geometric mean, t limits on the log scale"
    checked_level(level)
    if not len(sample):
        return no_estimate(level, method, "no value")
    if (sample <= 0).any():
        return no_estimate(level, method, "not estimable: a value is not above 0")
    logs, n = np.log(sample), len(sample)
    center = float(logs.mean())
    if n == 1:
        return Estimate(exp(center), nan, nan, level, method, "one value: no limits")
    half = student_quantile(0.5 + level / 2, n - 1) * float(logs.std(ddof=1)) / sqrt(n)
    return Estimate(exp(center), exp(center - half), exp(center + half), level, method)


def count_of(count: int, size: int) -> Count:
    """Give a count with its denominator and percent.

    Parameters
    ----------
    count, size : int
        Those counted, and those in whom it was known.

    Returns
    -------
    Count

    Raises
    ------
    ValueError
        When the count is not between 0 and the size.
    """
    count, size = counted(count, size)
    return Count(count, size, 100 * count / size) if size else Count(0, 0, nan, note="nobody to count")
