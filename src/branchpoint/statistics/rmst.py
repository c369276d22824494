"""Restricted mean survival time: the area under a survival curve up to a horizon."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, exp, log, nan, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.statistics.inputs import checked_level
from branchpoint.statistics.results import Estimate, TestResult, no_estimate, no_test

if TYPE_CHECKING:
    from branchpoint.statistics.kaplan_meier import SurvivalCurve

__all__ = ["RestrictedMean", "restricted_mean", "restricted_mean_difference", "restricted_mean_ratio"]


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """The mean time survived up to a horizon.

    Attributes
    ----------
    value, standard_error : float
        In the unit of the times; nan when not estimable.
    horizon : float
    method : str
    note : str
        Why there is no value; empty otherwise.
    """

    value: float
    standard_error: float
    horizon: float
    method: str
    note: str = ""

    def estimate(self, level: float = 0.95) -> Estimate:
        """Give the mean with symmetric limits, cut at 0 and the horizon."""
        wide = _quantile(level) * self.standard_error
        if self.standard_error == 0:
            note = self.note or "no spread to give limits from"
            return Estimate(self.value, nan, nan, level, self.method, note)
        low, high = max(0.0, self.value - wide), min(self.horizon, self.value + wide)
        return Estimate(self.value, low, high, level, self.method, self.note)


def restricted_mean(curve: SurvivalCurve, horizon: float) -> RestrictedMean:
    """Estimate the restricted mean survival time.

    Parameters
    ----------
    curve : SurvivalCurve
    horizon : float
        Positive. Beyond the last follow-up the mean is estimable only if nobody survives.

    Returns
    -------
    RestrictedMean
        With the standard error from Greenwood's terms.

    Raises
    ------
    ValueError
        When the horizon is not positive.

    References
    ----------
    .. [1] Irwin JO. The standard error of an estimate of expectation of life. J Hyg 1949;47:188-189.
    .. [2] Royston P, Parmar MKB. Restricted mean survival time: an alternative to the hazard ratio for the design and
       analysis of randomized trials with a time-to-event outcome. BMC Med Res Methodol 2013;13:152.
    """
    if not horizon > 0:
        raise ValueError(f"a horizon of {horizon}: give a time above 0")
    method = f"restricted mean to {horizon:g}, {curve.method}"
    if not len(curve.time):
        return RestrictedMean(nan, nan, horizon, method, "not estimable: nobody under observation")
    if curve.time[-1] < horizon and curve.survival[-1] > 0:
        note = f"not estimable: the last follow-up is {curve.time[-1]:g}, before the horizon"
        return RestrictedMean(nan, nan, horizon, method, note)
    within = curve.time <= horizon
    edges = np.concatenate([[0.0], curve.time[within], [horizon]])
    areas = np.concatenate([[1.0], curve.survival[within]]) * np.diff(edges)
    later = np.cumsum(areas[::-1])[::-1][1:]
    staying = curve.at_risk[within] - curve.events[within]
    terms = np.zeros(len(staying))
    np.divide(curve.events[within], curve.at_risk[within] * staying, out=terms, where=staying > 0)
    return RestrictedMean(float(areas.sum()), float(np.sqrt(np.sum(np.square(later) * terms))), horizon, method)


def restricted_mean_difference(
    first: RestrictedMean, second: RestrictedMean, level: float = 0.95
) -> tuple[Estimate, TestResult]:
    """Compare two independent means up to the same horizon: the first minus the second.

    Returns
    -------
    Estimate
        With symmetric limits.
    TestResult
        Two-sided, of no difference.

    Raises
    ------
    ValueError
        When the horizons differ.
    """
    method = _same_horizon(first, second, "difference")
    error, wide = sqrt(first.standard_error**2 + second.standard_error**2), _quantile(level)
    if (note := first.note or second.note) or error == 0:
        note = note or "not estimable: neither mean has any spread"
        return no_estimate(level, method, note), no_test(method, note)
    value = first.value - second.value
    z = value / error
    interval = Estimate(value, value - wide * error, value + wide * error, level, method)
    return interval, TestResult(erfc(abs(z) / sqrt(2)), z, None, f"{method}, two-sided z test")


def restricted_mean_ratio(
    first: RestrictedMean, second: RestrictedMean, level: float = 0.95
) -> tuple[Estimate, TestResult]:
    """Compare two independent means up to the same horizon: the first over the second.

    Returns
    -------
    Estimate
        With limits symmetric on the logarithmic scale.
    TestResult
        Two-sided, of a ratio of 1, on that scale.

    Raises
    ------
    ValueError
        When the horizons differ.
    """
    method, wide = _same_horizon(first, second, "ratio, logarithmic scale"), _quantile(level)
    note = first.note or second.note
    if not note and not (first.value > 0 and second.value > 0):
        note = "not estimable: a mean is 0"
    if note:
        return no_estimate(level, method, note), no_test(method, note)
    error = sqrt(sum((mean.standard_error / mean.value) ** 2 for mean in (first, second)))
    if error == 0:
        note = "not estimable: neither mean has any spread"
        return no_estimate(level, method, note), no_test(method, note)
    value = log(first.value / second.value)
    z = value / error
    interval = Estimate(exp(value), exp(value - wide * error), exp(value + wide * error), level, method)
    return interval, TestResult(erfc(abs(z) / sqrt(2)), z, None, f"{method}, two-sided z test")


def _same_horizon(first: RestrictedMean, second: RestrictedMean, what: str) -> str:
    if first.horizon != second.horizon:
        raise ValueError(f"horizons of {first.horizon:g} and {second.horizon:g}: compare means up to the same time")
    return f"restricted mean to {first.horizon:g}: {what}"


def _quantile(level: float) -> float:
    return NormalDist().inv_cdf(0.5 + checked_level(level) / 2)
