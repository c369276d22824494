"""Cumulative incidence where causes compete: the Aalen-Johansen estimate."""

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

__all__ = ["CumulativeIncidence", "aalen_johansen", "aalen_johansen_by_group"]


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeIncidence:
    """The probability of having had each cause first, as step functions.

    Attributes
    ----------
    time : ndarray, shape (k,)
        The distinct times of events and censoring, ascending.
    at_risk, censored : ndarray of int, shape (k,)
    events : ndarray of int, shape (k, c)
        By cause; cause 1 comes first.
    survival : ndarray, shape (k,)
        Free of every cause.
    incidence, standard_error : ndarray, shape (k, c)
    method : str
    """

    time: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    censored: NDArray[np.int64]
    events: NDArray[np.int64]
    survival: NDArray[np.float64]
    incidence: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    method: str = "Aalen-Johansen, multinomial (Greenwood-type) standard error"

    def at(self, time: float, cause: int = 1) -> tuple[float, float]:
        """Give the cumulative incidence of a cause and its standard error at a time.

        Beyond the last follow-up both are nan, unless everybody has had an event.
        """
        place = self._place(cause)
        if not len(self.time) or isnan(time) or (time > self.time[-1] and self.survival[-1] > 0):
            return nan, nan
        index = int(np.searchsorted(self.time, time, side="right")) - 1
        if index < 0:
            return 0.0, 0.0
        return float(self.incidence[index, place]), float(self.standard_error[index, place])

    def estimate(self, time: float, cause: int = 1, level: float = 0.95, form: Form = "log-log") -> Estimate:
        """Give the cumulative incidence of a cause at a time, with limits of a form that `curve_limits` knows.

        The limits are of the incidence itself, not of its complement.
        """
        value, error = self.at(time, cause)
        low, high = curve_limits([value], [error], level, form)
        note = ""
        if isnan(value):
            note = "not estimable: nobody was followed so long" if len(self.time) else "not estimable: nobody at all"
        elif value == 0:
            note = "no event of this cause so far: there is no spread to give limits from"
        return Estimate(value, float(low[0]), float(high[0]), level, f"{self.method}, {form} limits", note)

    def band(
        self, cause: int = 1, level: float = 0.95, form: Form = "log-log"
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give pointwise limits at every time; each of shape (k,)."""
        place = self._place(cause)
        return curve_limits(self.incidence[:, place], self.standard_error[:, place], level, form)

    def _place(self, cause: int) -> int:
        if not 1 <= cause <= self.events.shape[1]:
            raise ValueError(f"cause {cause}: the causes are 1 to {self.events.shape[1]}")
        return cause - 1


def aalen_johansen(time: ArrayLike, event: ArrayLike, entry: ArrayLike | None = None) -> CumulativeIncidence:
    """Estimate cumulative incidence where causes compete.

    Parameters
    ----------
    time : array-like of float, shape (n,)
        Follow-up to the first event of any cause; not negative, not missing.
    event : array-like of int, shape (n,)
        0 for censored; 1, 2, ... for the cause.
    entry : array-like of float, shape (n,), optional
        When each came under observation, before its time.

    Returns
    -------
    CumulativeIncidence

    Raises
    ------
    ValueError
        When shapes differ, a time is negative or missing, or an event is no such number.

    References
    ----------
    .. [1] Aalen OO, Johansen S. An empirical transition matrix for non-homogeneous Markov chains based on censored
       observations. Scand J Stat 1978;5:141-150.
    .. [2] Gaynor JJ, Feuer EJ, Tan CC, et al. On the use of cause-specific failure and conditional failure
       probabilities. JASA 1993;88:400-409.
    """
    return aalen_johansen_by_group(count(time, event, entry=entry))[0]


def aalen_johansen_by_group(counts: Counts) -> dict[Any, CumulativeIncidence]:
    """Estimate the cumulative incidence in every group from one counting pass, by group label; strata are pooled."""
    table, at_risk = counts.table.sum(1), counts.at_risk.sum(1)
    curves = {}
    for place, label in enumerate(counts.groups.tolist()):
        present = table[:, place].any(-1)
        left, events, risk = table[present, place, 0], table[present, place, 1:], at_risk[present, place]
        survival = np.asarray(np.cumprod(1 - events.sum(-1) / risk), np.float64)
        before = np.concatenate([[1.0], survival[:-1]])[: len(survival)]
        incidence = np.asarray(np.cumsum(before[:, None] * events / risk[:, None], axis=0), np.float64)
        columns = [_error(before, events, risk, incidence, cause) for cause in range(events.shape[1])]
        error = np.stack(columns, -1)
        curves[label] = CumulativeIncidence(counts.time[present], risk, left, events, survival, incidence, error)
    return curves


def _error(
    before: NDArray[np.float64],
    events: NDArray[np.int64],
    risk: NDArray[np.int64],
    incidence: NDArray[np.float64],
    cause: int,
) -> NDArray[np.float64]:
    # The incidence at t depends on the share h of a cause at each time u up to t by
    #     S(u-) [its own cause] - (F(t) - F(u)) / (1 - H(u)),
    # and shares at one time vary as a multinomial does. Sums over u of the powers of F(t) serve all t at once.
    own, every = events[:, cause] / risk, events.sum(-1) / risk
    f = incidence[:, cause]
    steep = np.divide(1.0, 1 - every, out=np.zeros(len(risk)), where=every < 1)
    mine, other, slope = before + steep * f, steep * f, -steep
    rest = every - own

    def covariance(
        a: NDArray[np.float64], b: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        # Of a own + b rest with x own + y rest.
        return np.asarray((a * x * own + b * y * rest - (a * own + b * rest) * (x * own + y * rest)) / risk, np.float64)

    constant = np.cumsum(covariance(mine, other, mine, other))
    linear = np.cumsum(covariance(mine, other, slope, slope))
    square = np.cumsum(covariance(slope, slope, slope, slope))
    variance = constant + 2 * f * linear + f * f * square
    # What is left of terms that cancel, as once everybody has had the event, is rounding.
    return np.sqrt(np.where(variance > 1e-13 * constant, variance, 0.0))
