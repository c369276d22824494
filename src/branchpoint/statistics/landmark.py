"""Landmark analysis: whoever is at risk at a landmark, grouped by what was known by then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Landmark", "landmark"]


@dataclass(frozen=True, slots=True, eq=False)
class Landmark:
    """Follow-up counted from a landmark.

    Attributes
    ----------
    at : float
        The landmark.
    kept : ndarray of bool, shape (n,)
        Who is at risk after it.
    time : ndarray, shape (m,)
        From the landmark, of those kept.
    event, changed : ndarray of bool, shape (m,)
        The event, and whether the change had happened by the landmark.
    dropped_events, dropped_censored : int
        Who had the event, or was censored, by the landmark: on its day counts as by it.
    changed_later : int
        Kept, and changed after the landmark: they stay among the unchanged.
    """

    at: float
    kept: NDArray[np.bool_]
    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    dropped_events: int
    dropped_censored: int
    changed_later: int

    @property
    def method(self) -> str:
        """The method with what was left out, to be printed with every result."""
        return (
            f"landmark at {self.at:g}: {len(self.time)} at risk after it, left out {self.dropped_events} with the "
            f"event and {self.dropped_censored} censored by it; {self.changed_later} changed later"
        )


def landmark(time: ArrayLike, event: ArrayLike, change: ArrayLike, at: float) -> Landmark:
    """Count follow-up from a landmark, in groups fixed by what had happened by then.

    Grouping by what happens later, such as response, credits responders with the time they had to survive to respond
    (immortal time). A landmark avoids it, at the price of those who do not reach it.

    Parameters
    ----------
    time : array-like of float, shape (n,)
        Follow-up; not negative, not missing.
    event : array-like of bool, shape (n,)
    change : array-like of float, shape (n,)
        When each changed group, as by responding; nan or infinite for never. A change on the landmark's day counts.
    at : float
        The landmark, in the unit of the times.

    Returns
    -------
    Landmark

    Raises
    ------
    ValueError
        When shapes differ, or a time is negative or missing.

    References
    ----------
    .. [1] Anderson JR, Cain KC, Gelber RD. Analysis of survival by tumor response. J Clin Oncol 1983;1:710-719.
    """
    times, events, changes = np.asarray(time, float), np.asarray(event, bool), np.asarray(change, float)
    if not times.shape == events.shape == changes.shape or times.ndim != 1:
        raise ValueError("give one time, one event and one change per subject")
    if not (times >= 0).all():
        raise ValueError("a time is negative or missing: leave such subjects out, and say so")
    kept = times > at
    changed = changes <= at
    return Landmark(
        at=float(at),
        kept=kept,
        time=times[kept] - at,
        event=events[kept],
        changed=changed[kept],
        dropped_events=int((~kept & events).sum()),
        dropped_censored=int((~kept & ~events).sum()),
        changed_later=int((kept & (changes > at) & (changes < times)).sum()),
    )
