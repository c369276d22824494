"""Patients behind a published survival curve by Guyot's method: points of the curve, numbers at risk, total events.

Written from the description in the paper. It is here to be compared with, not to be used by the package.

References
----------
.. [1] Guyot P, Ades AE, Ouwens MJNM, Welton NJ. Enhanced secondary analysis of survival data: reconstructing the data
   from published Kaplan-Meier survival curves. BMC Med Res Methodol 2012;12:9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Published", "Reconstructed", "digitize", "guyot"]

Floats = "NDArray[np.float64]"
MOST_ROUNDS = 500


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """What can be read off a figure.

    Attributes
    ----------
    times, survival : ndarray, shape (k,)
        Points of the curve, from time 0 where it is 1 to its end; times rise and survival falls.
    risk_times : ndarray, shape (m,)
        Times at which numbers at risk are printed, the first 0.
    at_risk : ndarray of int, shape (m,)
    events : int or None
        In total, where it is printed.
    """

    times: NDArray[np.float64]
    survival: NDArray[np.float64]
    risk_times: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reconstructed:
    """Patients, one a row: follow-up, and whether it ended with the event."""

    time: NDArray[np.float64]
    event: NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class _Work:
    """The patients leaving at, or after, each point of the curve, as far as they are known."""

    died: NDArray[np.int64]
    censored: NDArray[np.int64]
    fitted: NDArray[np.float64]


def digitize(
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    risk_times: NDArray[np.float64],
    random: np.random.Generator,
    *,
    noise: float = 0.003,
    points: int = 80,
) -> Published:
    """Read a true Kaplan-Meier curve off a figure, as a person with a mouse would.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        The patients.
    risk_times : ndarray, shape (m,)
        Where the figure prints numbers at risk; those after the last follow-up are left out.
    random : numpy.random.Generator
    noise : float
        Standard deviation of a reading of survival.
    points : int
        Points read, evenly over the curve and at every step that this leaves out of sight.

    Returns
    -------
    Published
        With the total of events.
    """
    from scipy.optimize import isotonic_regression

    end = float(time.max())
    steps = np.unique(time[event])
    times = np.unique(np.concatenate([np.linspace(0, end, points), steps, risk_times[risk_times <= end]]))
    at_risk = np.array([np.sum(time >= at) for at in steps])
    died = np.array([np.sum(event & (time == at)) for at in steps])
    curve = np.concatenate([[1.0], np.cumprod(1 - died / at_risk)])
    true = curve[np.searchsorted(steps, times, side="right")]
    read = np.clip(true + noise * random.standard_normal(len(times)), 0, 1)
    # A curve only falls: readings that rise are averaged, which favors neither side.
    read = np.asarray(isotonic_regression(read, increasing=False).x)
    read[0] = 1.0
    shown = risk_times[risk_times <= end]
    return Published(times, read, shown, np.array([np.sum(time >= at) for at in shown]), int(event.sum()))


def guyot(published: Published) -> Reconstructed:
    """Solve the Kaplan-Meier equations for patients, interval by interval between numbers at risk.

    In each interval the number censored is guessed from survival, spread evenly, and corrected until as many are left
    as the next printed number at risk. In the last interval, which has none, people are censored at the rate of those
    before, corrected until the total of events is right.

    Parameters
    ----------
    published : Published

    Returns
    -------
    Reconstructed
        As many patients as are at risk at time 0.

    Raises
    ------
    ValueError
        The curve does not begin at time 0 with everybody at risk.
    """
    if published.times[0] != 0 or published.survival[0] != 1 or published.risk_times[0] != 0:
        raise ValueError("the curve and its numbers at risk begin at time 0, with survival 1")
    size = len(published.times)
    work = _Work(np.zeros(size, np.int64), np.zeros(size, np.int64), np.ones(size))
    lower = np.searchsorted(published.times, published.risk_times)
    for place in range(len(lower) - 1):
        _inner_interval(published, work, int(lower[place]), int(lower[place + 1]), place)
    _last_interval(published, work, int(lower[-1]))
    return _patients(published, work)


def _inner_interval(published: Published, work: _Work, begin: int, end: int, place: int) -> None:
    start, wanted = int(published.at_risk[place]), int(published.at_risk[place + 1])
    fall = published.survival[end] / published.survival[begin] if published.survival[begin] > 0 else 0.0
    censored = max(0, round(fall * start - wanted))
    for _ in range(MOST_ROUNDS):
        left = _step(published, work, range(begin, end), start, censored)
        if left == wanted or (left < wanted and censored == 0):
            break
        censored = max(0, censored + left - wanted)
    if left < wanted:
        _revive(work, begin, end, wanted - left)


def _revive(work: _Work, begin: int, end: int, missing: int) -> None:
    """Take back the last deaths where the curve falls more than the numbers at risk allow."""
    for place in range(end - 1, begin - 1, -1):
        taken = min(missing, int(work.died[place]))
        work.died[place] -= taken
        missing -= taken


def _last_interval(published: Published, work: _Work, begin: int) -> None:
    end, start = len(published.times), int(published.at_risk[-1])
    before = int(work.censored[:begin].sum())
    elapsed = published.times[begin] - published.times[0]
    rate = before / elapsed if elapsed > 0 else 0.0
    censored = min(round(rate * float(published.times[-1] - published.times[begin])), start)
    earlier = int(work.died[:begin].sum())
    if published.events is not None and earlier >= published.events:
        work.died[begin:], work.censored[begin:] = 0, 0
        return
    tried: set[int] = set()
    while True:
        _step(published, work, range(begin, end), start, censored)
        tried.add(censored)
        over = 0 if published.events is None else earlier + int(work.died[begin:].sum()) - published.events
        again = min(max(censored + over, 0), start)
        if over == 0 or again in tried:
            return
        censored = again


def _step(published: Published, work: _Work, points: range, at_risk: int, censored: int) -> int:
    """Fill one interval with so many censored; how many are left at its end."""
    begin, end = points.start, points.stop
    work.censored[begin:end] = _spread(published.times, begin, end, censored)
    fitted = work.fitted[begin - 1] if begin else 1.0
    for place in points:
        died = 0
        if place and fitted > 0 and at_risk > 0:
            died = min(max(round(at_risk * (1 - published.survival[place] / fitted)), 0), at_risk)
            fitted *= 1 - died / at_risk
        work.died[place], work.fitted[place] = died, fitted
        work.censored[place] = min(int(work.censored[place]), at_risk - died)
        at_risk -= died + int(work.censored[place])
    return at_risk


def _spread(times: NDArray[np.float64], begin: int, end: int, censored: int) -> NDArray[np.int64]:
    """Count the censored, evenly spread over an interval, after each of its points."""
    last = times[end] if end < len(times) else times[-1]
    moments = times[begin] + (np.arange(censored) + 1) * (last - times[begin]) / (censored + 1)
    places = np.searchsorted(times[begin:end], moments, side="right") - 1
    return np.bincount(places, minlength=end - begin)[: end - begin]


def _patients(published: Published, work: _Work) -> Reconstructed:
    """Deaths at the points of the curve, the censored midway to the next, and whoever is left at the end."""
    times = published.times
    after = np.append((times[:-1] + times[1:]) / 2, times[-1])
    left = max(0, int(published.at_risk[0] - work.died.sum() - work.censored.sum()))
    time = np.concatenate([np.repeat(times, work.died), np.repeat(after, work.censored), np.full(left, times[-1])])
    event = np.concatenate([np.ones(int(work.died.sum()), bool), np.zeros(len(time) - int(work.died.sum()), bool)])
    return Reconstructed(time, event)
