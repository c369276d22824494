"""The Kaplan-Meier estimate of survival, with the number at risk as data."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["SurvivalCurve", "kaplan_meier"]

Form = Literal["plain", "log-log"]


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """A Kaplan-Meier estimate.

    Attributes
    ----------
    time : ndarray, shape (k,)
        The distinct times of events and censoring, ascending.
    at_risk, events, censored : ndarray of int, shape (k,)
        At risk just before each time, and what happened at it. Events precede censoring at the same time.
    survival : ndarray, shape (k,)
    standard_error : ndarray, shape (k,)
        Greenwood's; zero once nobody survives.
    """

    time: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    censored: NDArray[np.int64]
    survival: NDArray[np.float64]
    standard_error: NDArray[np.float64]

    def at(self, time: float) -> tuple[float, float]:
        """Give survival and its standard error at a time; 1 and 0 before the first event.

        Beyond the last follow-up the last estimate is carried on only if everybody has had the event; otherwise
        survival is not estimable, and both are nan.
        """
        if not len(self.time) or (time > self.time[-1] and self.survival[-1] > 0):
            return float("nan"), float("nan")
        index = int(np.searchsorted(self.time, time, side="right")) - 1
        if index < 0:
            return 1.0, 0.0
        return float(self.survival[index]), float(self.standard_error[index])

    def limits(self, time: float, level: float = 0.95, form: Form = "plain") -> tuple[float, float]:
        """Give confidence limits for survival at a time.

        Parameters
        ----------
        time : float
        level : float
            Confidence level.
        form : {"plain", "log-log"}
            Plain limits are symmetric, cut at 0 and 1; log-log limits never leave (0, 1).

        Returns
        -------
        tuple of float
            nan where survival is not estimable; with the log-log form also where it is 0 or 1.
        """
        survival, error = self.at(time)
        quantile = NormalDist().inv_cdf(0.5 + level / 2)
        if np.isnan(survival):
            return float("nan"), float("nan")
        if form == "plain":
            return float(max(0.0, survival - quantile * error)), float(min(1.0, survival + quantile * error))
        if not 0 < survival < 1:
            return float("nan"), float("nan")
        spread = quantile * error / (survival * abs(np.log(survival)))
        return float(survival ** np.exp(spread)), float(survival ** np.exp(-spread))

    def number_at_risk(self, times: ArrayLike) -> NDArray[np.int64]:
        """Give how many are at risk just before each of some times."""
        total = int(self.at_risk[0]) if len(self.time) else 0
        left = np.searchsorted(self.time, np.asarray(times, float), side="left")
        gone = np.concatenate([[0], np.cumsum(self.events + self.censored)])
        return np.asarray(total - gone[left], np.int64)


def kaplan_meier(time: ArrayLike, event: ArrayLike) -> SurvivalCurve:
    """Estimate survival from right-censored times.

    Parameters
    ----------
    time : array-like of float, shape (n,)
        Follow-up; not negative, not missing.
    event : array-like of bool, shape (n,)
        Whether the event happened at that time; otherwise the observation is censored.

    Returns
    -------
    SurvivalCurve

    Raises
    ------
    ValueError
        When the two differ in length, or a time is negative or missing.

    References
    ----------
    .. [1] Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. JASA 1958;53:457-481.
    .. [2] Greenwood M. The natural duration of cancer. HMSO, 1926.
    """
    times, events = np.asarray(time, float), np.asarray(event, bool)
    if times.shape != events.shape or times.ndim != 1:
        raise ValueError(f"time has shape {times.shape}, event {events.shape}: give one of each per subject")
    if not (times >= 0).all():
        raise ValueError("a time is negative or missing: leave such subjects out, and say so")
    distinct, place = np.unique(times, return_inverse=True)
    died = np.bincount(place, weights=events, minlength=len(distinct)).astype(np.int64)
    left = np.bincount(place, minlength=len(distinct)).astype(np.int64) - died
    at_risk = len(times) - np.concatenate([[0], np.cumsum(died + left)[:-1]]).astype(np.int64)
    survival = np.asarray(np.cumprod(1 - died / at_risk), np.float64)
    staying = at_risk - died
    terms = np.divide(died, at_risk * staying, out=np.zeros(len(distinct)), where=staying > 0)
    error = np.asarray(survival * np.sqrt(np.cumsum(terms)), np.float64)
    return SurvivalCurve(distinct, at_risk, died, left, survival, error)
