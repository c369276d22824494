"""How far reconstructed patients are from the true ones: survival at every time, hazard ratio, restricted mean time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["Distance", "Patients", "Quantity", "Reading", "at_risk_until", "distances", "joined", "quantities", "read"]

A_MONTH = 100
"""Steps in a month: the simulated times are recorded to a hundredth of one."""
FEWEST_AT_RISK = 3
"""At risk in each group, or no more is compared; the papers print survival as long."""
_EDGE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Patients:
    """Patients of two groups, one a row: follow-up in months, whether it ended with the event, whose group is first."""

    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    first: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What is read off patients.

    Attributes
    ----------
    survival : ndarray, shape (2, k)
        Kaplan-Meier survival of the first and the second group, every hundredth of a month.
    log_hazard_ratio : float
        By Cox, of the first group against the second; nan where it is not estimable.
    """

    survival: NDArray[np.float64]
    log_hazard_ratio: float

    @property
    def mean_difference(self) -> float:
        """The difference of restricted mean survival times, first group minus second, in months."""
        return float((self.survival[0] - self.survival[1]).sum() / A_MONTH)


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """A number of the true patients, and what reconstructions have instead.

    Attributes
    ----------
    name : str
    truth : float
    draws : ndarray, shape (d,)
    guyot : float
    joined : float
        By joining the printed points; nan where they do not tell.
    """

    name: str
    truth: float
    draws: NDArray[np.float64]
    guyot: float
    joined: float = float("nan")

    @property
    def side(self) -> int:
        """Where the truth lies: -1 below the range of the draws, 0 within it, 1 above it."""
        return int(self.truth > self.draws.max() + _EDGE) - int(self.truth < self.draws.min() - _EDGE)


@dataclass(frozen=True, slots=True)
class Distance:
    """Differences of survival over a span of time, both groups together; by each way to reconstruct.

    Attributes
    ----------
    span : str
    mean, greatest : mapping of str to float
        Of the absolute differences.
    within : float
        Share of the time at which the true survival lies in the range of the draws.
    """

    span: str
    mean: Mapping[str, float]
    greatest: Mapping[str, float]
    within: float


def at_risk_until(patients: Patients) -> float:
    """The last time at which `FEWEST_AT_RISK` of each group are at risk; 0 where a group is smaller."""
    groups = (np.sort(patients.time[own]) for own in (patients.first, ~patients.first))
    return min(float(times[-FEWEST_AT_RISK]) if len(times) >= FEWEST_AT_RISK else 0.0 for times in groups)


def read(patients: Patients, end: float) -> Reading:
    """Read survival until a time, and the hazard ratio; a curve that ends earlier keeps its last estimate."""
    from branchpoint.statistics.cox import cox
    from branchpoint.statistics.kaplan_meier import kaplan_meier

    months = np.arange(round(end * A_MONTH)) / A_MONTH
    curves = []
    for own in (patients.first, ~patients.first):
        curve = kaplan_meier(patients.time[own], patients.event[own])
        steps = np.concatenate([[1.0], curve.survival])
        curves.append(steps[np.searchsorted(curve.time, months, side="right")])
    fitted = cox(patients.time, patients.event, patients.first.astype(float), ["first"])
    value = float(fitted.coefficients[0])
    return Reading(np.array(curves), value if np.isfinite(value) else float("nan"))


def joined(points: Mapping[float, float], end: float) -> NDArray[np.float64]:
    """Survival with constant hazards between printed points; nan after the last of them.

    Parameters
    ----------
    points : mapping of float to float
        Survival above 0, by month.
    end : float
    """
    months = np.arange(round(end * A_MONTH)) / A_MONTH
    at = [0.0, *sorted(points)]
    logs = np.log([1.0, *(points[month] for month in sorted(points))])
    return np.exp(np.interp(months, at, logs, right=np.nan))


def quantities(
    truth: Reading, draws: Sequence[Reading], guyot: Reading, lines: NDArray[np.float64], months: Mapping[str, float]
) -> tuple[Quantity, ...]:
    """Compare survival of both groups at some months, log hazard ratios and restricted mean times.

    Parameters
    ----------
    truth : Reading
    draws : sequence of Reading
    guyot : Reading
    lines : ndarray, shape (2, k)
        Survival by joining the printed points.
    months : mapping of str to float
        By the name that the month is given.
    """
    found = []
    for name, month in months.items():
        place = round(month * A_MONTH)
        for group in range(2):
            drawn = np.array([draw.survival[group, place] for draw in draws])
            ends = (reading[group, place] for reading in (truth.survival, guyot.survival, lines))
            true, read_off, line = (float(value) for value in ends)
            found.append(Quantity(name, true, drawn, read_off, line))
    means = np.array([draw.mean_difference for draw in draws])
    found.append(Quantity("restricted mean", truth.mean_difference, means, guyot.mean_difference))
    ratios = np.array([draw.log_hazard_ratio for draw in draws])
    own = Quantity("log hazard ratio", truth.log_hazard_ratio, ratios, guyot.log_hazard_ratio)
    estimable = np.isfinite([own.truth, own.guyot, *ratios]).all()
    return (*found, own) if estimable else tuple(found)


def distances(
    truth: Reading, draws: Sequence[Reading], guyot: Reading, lines: NDArray[np.float64], printed: float
) -> tuple[Distance, ...]:
    """Compare curves until the last printed time, and after it; parameters as of `quantities`."""
    drawn = np.array([draw.survival for draw in draws])
    cut = min(round(printed * A_MONTH) + 1, drawn.shape[2])
    found = []
    for name, span in (("printed", slice(0, cut)), ("after", slice(cut, None))):
        true, many = truth.survival[:, span], drawn[:, :, span]
        if not true.size:
            continue
        ways = {
            "one draw": np.abs(many - true),
            "mean of draws": np.abs(many.mean(0) - true),
            "points joined": np.abs(lines[:, span] - true),
            "Guyot": np.abs(guyot.survival[:, span] - true),
        }
        within = (many.min(0) - _EDGE <= true) & (true <= many.max(0) + _EDGE)
        mean = {way: float(differences.mean()) for way, differences in ways.items()}
        greatest = {way: float(differences.max((-1, -2)).mean()) for way, differences in ways.items()}
        found.append(Distance(name, mean, greatest, float(within.mean())))
    return tuple(found)
