"""The cumulative hazard of Nelson and Aalen, and the survival of Fleming and Harrington that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isnan, nan
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np

from branchpoint.statistics.inputs import checked_level
from branchpoint.statistics.kaplan_meier import SurvivalCurve, kaplan_meier
from branchpoint.statistics.results import Estimate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["CumulativeHazard", "Ties", "nelson_aalen"]

Ties = Literal["together", "in turn"]


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeHazard:
    """An estimate of the cumulative hazard as a step function.

    Attributes
    ----------
    time : ndarray, shape (k,)
        The distinct times of events and censoring, ascending.
    at_risk, events, censored : ndarray of int, shape (k,)
    hazard, standard_error : ndarray, shape (k,)
    method : str
    """

    time: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    censored: NDArray[np.int64]
    hazard: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    method: str

    def at(self, time: float) -> tuple[float, float]:
        """Give the cumulative hazard and its standard error at a time; nan beyond the last follow-up."""
        if not len(self.time) or time > self.time[-1] or isnan(time):
            return nan, nan
        index = int(np.searchsorted(self.time, time, side="right")) - 1
        return (float(self.hazard[index]), float(self.standard_error[index])) if index >= 0 else (0.0, 0.0)

    def estimate(self, time: float, level: float = 0.95, form: Literal["plain", "log"] = "log") -> Estimate:
        """Give the cumulative hazard at a time with limits; log limits never reach 0, plain ones are cut there."""
        value, error = self.at(time)
        wide = NormalDist().inv_cdf(0.5 + checked_level(level) / 2) * error
        method = f"{self.method}, {form} limits"
        if isnan(value):
            return Estimate(nan, nan, nan, level, method, "not estimable: nobody was followed so long")
        if value == 0:
            return Estimate(0.0, nan, nan, level, method, "no event so far: there is no spread to give limits from")
        if form == "plain":
            return Estimate(value, max(0.0, value - wide), value + wide, level, method)
        return Estimate(value, value * exp(-wide / value), value * exp(wide / value), level, method)

    @property
    def survival(self) -> SurvivalCurve:
        """Survival as the exponential of minus the hazard (Fleming and Harrington)."""
        survival = np.exp(-self.hazard)
        name = f"Fleming-Harrington from {self.method}"
        error = survival * self.standard_error
        return SurvivalCurve(self.time, self.at_risk, self.events, self.censored, survival, error, None, name)


def nelson_aalen(
    time: ArrayLike, event: ArrayLike, entry: ArrayLike | None = None, ties: Ties = "together"
) -> CumulativeHazard:
    """Estimate the cumulative hazard from right-censored times.

    Parameters
    ----------
    time : array-like of float, shape (n,)
        Follow-up; not negative, not missing.
    event : array-like of bool, shape (n,)
    entry : array-like of float, shape (n,), optional
        When each came under observation, before its time.
    ties : {"together", "in turn"}
        Events at one time share one risk set (Nelson, Aalen), or leave it one after the other (Fleming, Harrington).

    Returns
    -------
    CumulativeHazard

    Raises
    ------
    ValueError
        As `kaplan_meier`.

    References
    ----------
    .. [1] Aalen O. Nonparametric inference for a family of counting processes. Ann Stat 1978;6:701-726.
    .. [2] Fleming TR, Harrington DP. Nonparametric estimation of the survival distribution in censored data. Commun
       Stat Theory Methods 1984;13:2469-2486.
    """
    curve = kaplan_meier(time, event, entry)
    died, risk = curve.events, curve.at_risk
    if ties == "together":
        steps, squares = died / risk, died / np.square(risk, dtype=np.float64)
        method = "Nelson-Aalen, tied events together, Aalen's standard error"
    elif ties == "in turn":
        steps, squares = _sums_between(risk - died, risk, 1), _sums_between(risk - died, risk, 2)
        method = "Nelson-Aalen, tied events in turn (Fleming-Harrington), Aalen's standard error"
    else:
        raise ValueError(f"ties taken {ties!r}: give together or in turn")
    error = np.sqrt(np.cumsum(squares))
    return CumulativeHazard(curve.time, risk, died, curve.censored, np.cumsum(steps), error, method)


def _sums_between(low: NDArray[np.int64], high: NDArray[np.int64], power: int) -> NDArray[np.float64]:
    """Sum 1 / j**power over low < j <= high, for each pair."""
    sums = [float(np.sum(np.arange(h, lo, -1, dtype=np.float64) ** -power)) for lo, h in zip(low, high, strict=True)]
    return np.array(sums, np.float64)
