"""The Kaplan-Meier estimate of survival, with the number at risk as data."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from branchpoint.statistics.counting import Counts, count
from branchpoint.statistics.curve_limits import Form, curve_limits
from branchpoint.statistics.results import Estimate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Form", "SurvivalCurve", "kaplan_meier", "kaplan_meier_by_group"]

# Survival that equals a quantile in all but the last digits equals it.
_SAME = 1.5e-8
_NOBODY = "not estimable: nobody under observation"
_TOO_LATE = "not estimable: nobody was followed so long"


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """An estimate of survival as a step function.

    Attributes
    ----------
    time : ndarray, shape (k,)
        The distinct times of events and censoring, ascending.
    at_risk, events, censored : ndarray of int, shape (k,)
        At risk just before each time, and what happened at it. Events precede censoring at the same time.
    survival : ndarray, shape (k,)
    standard_error : ndarray, shape (k,)
        Greenwood's, unless the method says otherwise; zero once nobody survives.
    entries : ndarray, shape (n,), optional
        When each came under observation, sorted; None when all did from the start.
    method : str
    """

    time: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    censored: NDArray[np.int64]
    survival: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    entries: NDArray[np.float64] | None = None
    method: str = "Kaplan-Meier, Greenwood's standard error"

    @property
    def note(self) -> str:
        """What a reader must know of the whole curve; empty if nothing."""
        if not len(self.time):
            return _NOBODY
        if not self.events.any():
            return "no event: survival stays at 1 and has no standard error"
        first_gone = int(np.argmax(self.survival == 0)) if (self.survival == 0).any() else len(self.time)
        if (self.at_risk[first_gone + 1 :] > 0).any():
            return "all at risk had the event while others were still to come under observation: read with caution"
        return ""

    def at(self, time: float) -> tuple[float, float]:
        """Give survival and its standard error at a time; 1 and 0 before the first event.

        Beyond the last follow-up the last estimate is carried on only if everybody has had the event; otherwise
        survival is not estimable, and both are nan.
        """
        if not len(self.time) or (time > self.time[-1] and self.survival[-1] > 0) or isnan(time):
            return nan, nan
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
        form : {"plain", "log", "log-log", "logit", "arcsine"}
            The scale on which the limits are symmetric. Plain limits are cut at 0 and 1.

        Returns
        -------
        tuple of float
            nan where survival is not estimable or 0; with log-log, logit and arcsine also where it is 1.
        """
        survival, error = self.at(time)
        low, high = curve_limits([survival], [error], level, form)
        return float(low[0]), float(high[0])

    def estimate(self, time: float, level: float = 0.95, form: Form = "plain") -> Estimate:
        """Give survival at a time with its limits, and the name of the method."""
        (survival, _), (low, high) = self.at(time), self.limits(time, level, form)
        note = self.note if not isnan(survival) or not len(self.time) else _TOO_LATE
        if survival == 0:
            note = note or "nobody survives: there is no spread to give limits from"
        return Estimate(survival, low, high, level, f"{self.method}, {form} limits", note)

    def band(self, level: float = 0.95, form: Form = "plain") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give pointwise limits at every time of the curve; each of shape (k,)."""
        return curve_limits(self.survival, self.standard_error, level, form)

    def quantile(self, share: float = 0.5, level: float = 0.95, form: Form = "plain") -> Estimate:
        """Give the time by which a share have had the event, with limits where those of survival cross.

        Where survival equals the quantile over an interval, the time is the middle of it.

        Parameters
        ----------
        share : float
            Between 0 and 1.
        level : float
            Confidence level.
        form : {"plain", "log", "log-log", "logit", "arcsine"}
            Of the limits of survival that are inverted.

        Returns
        -------
        Estimate
            The value is infinite when survival stays above the quantile (not reached); so is the upper limit.

        References
        ----------
        .. [1] Brookmeyer R, Crowley J. A confidence interval for the median survival time. Biometrics 1982;38:29-41.
        """
        if not 0 < share < 1:
            raise ValueError(f"a quantile of {share}: give a share between 0 and 1")
        method = f"{self.method}, quantile {share:g} by inverting {form} limits"
        if not len(self.time):
            return Estimate(nan, nan, nan, level, method, _NOBODY)
        low, high = self.band(level, form)
        value, early, late = (_crossing(self.time, curve, 1 - share) for curve in (self.survival, low, high))
        note = "not reached" if value == np.inf else "upper limit not reached" if late == np.inf else self.note
        return Estimate(value, early, late, level, method, note)

    def median(self, level: float = 0.95, form: Form = "plain") -> Estimate:
        """Give the median survival time with its limits."""
        return self.quantile(0.5, level, form)

    def number_at_risk(self, times: ArrayLike) -> NDArray[np.int64]:
        """Give how many are at risk just before each of some times."""
        asked = np.asarray(times, float)
        left = np.searchsorted(self.time, asked, side="left")
        gone = np.concatenate([[0], np.cumsum(self.events + self.censored)])
        if self.entries is None:
            return np.asarray(gone[-1] - gone[left], np.int64)
        return np.asarray(np.searchsorted(self.entries, asked, side="left") - gone[left], np.int64)


def kaplan_meier(time: ArrayLike, event: ArrayLike, entry: ArrayLike | None = None) -> SurvivalCurve:
    """Estimate survival from right-censored times.

    Parameters
    ----------
    time : array-like of float, shape (n,)
        Follow-up; not negative, not missing.
    event : array-like of bool, shape (n,)
        Whether the event happened at that time; otherwise the observation is censored.
    entry : array-like of float, shape (n,), optional
        When each came under observation, before its time. Without it, all are at risk from the start.

    Returns
    -------
    SurvivalCurve

    Raises
    ------
    ValueError
        When shapes differ, a time is negative or missing, or an entry is not before its time.

    References
    ----------
    .. [1] Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. JASA 1958;53:457-481.
    .. [2] Greenwood M. The natural duration of cancer. HMSO, 1926.
    """
    return kaplan_meier_by_group(count(time, np.asarray(event, bool), entry=entry))[0]


def kaplan_meier_by_group(counts: Counts) -> dict[Any, SurvivalCurve]:
    """Estimate the survival of every group from one counting pass; strata are pooled.

    Returns
    -------
    dict
        By group label. Events of every cause count.
    """
    leaving, events, at_risk = counts.table.sum((1, 3)), counts.events.sum(1), counts.at_risk.sum(1)
    entries = _pooled_entries(counts)
    curves = {}
    for place, label in enumerate(counts.groups.tolist()):
        present = leaving[:, place] > 0
        died, risk = events[present, place], at_risk[present, place]
        survival, error = _product_limit(died, risk)
        own = None if entries is None else entries[place]
        gone = leaving[present, place] - died
        curves[label] = SurvivalCurve(counts.time[present], risk, died, gone, survival, error, own)
    return curves


def _pooled_entries(counts: Counts) -> list[NDArray[np.float64]] | None:
    if counts.entries is None:
        return None
    many = len(counts.groups)
    return [np.sort(np.concatenate(counts.entries[place::many])) for place in range(many)]


def _product_limit(died: NDArray[np.int64], risk: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Survival and Greenwood's standard error."""
    survival = np.asarray(np.cumprod(1 - died / risk), np.float64)
    staying = risk - died
    terms = np.divide(died, risk * staying, out=np.zeros(len(died)), where=staying > 0)
    return survival, np.asarray(survival * np.sqrt(np.cumsum(terms)), np.float64)


def _crossing(time: NDArray[np.float64], curve: NDArray[np.float64], level: float) -> float:
    """When a falling curve is first at a level or below: the middle of the interval if it stays there a while."""
    known = ~np.isnan(curve)
    time, curve = time[known], curve[known]
    reached = np.flatnonzero(curve < level + _SAME)
    if not len(reached):
        return float("inf")
    first = reached[0]
    below = np.flatnonzero(curve < level - _SAME)
    if abs(curve[first] - level) < _SAME and len(below):
        return float((time[first] + time[below[0]]) / 2)
    return float(time[first])
