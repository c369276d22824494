"""Interval paths: how many had the event, and how many were censored, between the times of a group's printed survival.

Within an interval the censored are taken to leave evenly between the events, from its beginning or from its middle on.
Then survival and Greenwood's sum at its end follow from few numbers, and what is printed of both leaves few choices of
them, interval after interval.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from branchpoint.publication.audit.risk_paths import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Interval", "between", "interval_paths"]

MOST_PATHS = 40
"""Paths that are followed from one interval to the next, and that are given."""
NEAR = 6
"""Numbers of events that are tried on either side of the likeliest."""
LOOSE = ((0.25, 0.005), (0.5, 0.02), (1.0, 0.06))
"""Part of a patient by which a path may miss an estimate, and part of its standard error: the censored need not leave
evenly. Tried one after the other until there are paths."""


BEGINS = (0.0, 0.5)
"""Shares of the events of an interval before anybody is censored."""


class Interval(NamedTuple):
    """Events, and patients censored between them after a share of them."""

    events: int
    censored: int
    begins: float


class _Path(NamedTuple):
    at_risk: int
    survival: float
    total: float
    intervals: tuple[Interval, ...]


def between(interval: Interval) -> list[int]:
    """How many are censored before each event of an interval, one after the other, and after the last of them."""
    gone = _gone(interval.events, np.asarray([interval.censored]), interval.begins)[0]
    return [int(number) for number in np.diff(gone, prepend=0, append=interval.censored)]


def _gone(events: int, censored: NDArray[np.int64], begins: float) -> NDArray[np.int64]:
    """How many are censored before each event, a row for each number of them."""
    share = np.maximum((np.arange(1, events + 1) / (events + 1) - begins) / (1 - begins), 0.0)
    return np.floor(censored[:, None] * share + 1e-9).astype(np.int64)


@lru_cache(maxsize=1024)
def interval_paths(
    size: int, boxes: tuple[Box, ...], events: tuple[tuple[int, int], ...]
) -> tuple[tuple[Interval, ...], ...]:
    """Find events and censorings between printed estimates, with survival and standard errors in their boxes.

    Parameters
    ----------
    size : int
        Patients at the start.
    boxes : tuple of Box
        One a time, first to last.
    events : tuple of (int, int)
        The fewest and the most events by each time.

    Returns
    -------
    tuple of tuple of Interval
        Some of the paths, spread over all that were found; none where none was.
    """
    for patients, error in LOOSE:
        paths = [_Path(size, 1.0, 0.0, ())]
        for box, limits in zip(boxes, events, strict=True):
            loose = Box(
                max(box.low - patients / size, 0.0),
                box.high + patients / size,
                box.least_error * (1 - error),
                box.most_error * (1 + error),
            )
            found = sorted(
                (after for path in paths for after in _onward(path, loose, limits)), key=lambda one: one.intervals
            )
            step = max(1.0, len(found) / MOST_PATHS)
            paths = [found[int(number * step)] for number in range(min(len(found), MOST_PATHS))]
        if paths:
            return tuple(path.intervals for path in paths)
    return ()


def _onward(path: _Path, box: Box, limits: tuple[int, int]) -> list[_Path]:
    """All continuations of a path into a box, with so many events since the start."""
    if path.at_risk < 1:
        return []
    before = sum(interval.events for interval in path.intervals)
    fewest, most = max(0, limits[0] - before), min(path.at_risk - 1, limits[1] - before)
    share = min(1.0, (box.low + box.high) / 2 / path.survival)
    likely = round(_at_risk(path, box, share) * (1 - share))
    found = []
    likely = min(max(likely, fewest), most)
    for events, begins in product(range(max(fewest, likely - NEAR), min(most, likely + NEAR) + 1), BEGINS):
        gone = _gone(events, np.arange(path.at_risk - events), begins)
        numbers = np.maximum(path.at_risk - np.arange(events) - gone, 2).astype(float)
        survival = path.survival * np.prod(1 - 1 / numbers, axis=1)
        total = path.total + np.sum(1 / (numbers * (numbers - 1)), axis=1)
        for place in np.flatnonzero(box.holds(survival, survival * np.sqrt(total))).tolist():
            interval = Interval(events, place, begins)
            left = path.at_risk - events - place
            found.append(_Path(left, float(survival[place]), float(total[place]), (*path.intervals, interval)))
    return found


def _at_risk(path: _Path, box: Box, share: float) -> float:
    """How many were at risk on average, by the growth of Greenwood's sum; all where it is not known."""
    error, middle = (box.least_error + box.most_error) / 2, (box.low + box.high) / 2
    if share >= 1 or not 0 < error < inf:
        return path.at_risk
    grown = max((error / middle) ** 2 - path.total, 1e-12)
    return min((1 - share) / (share * grown), path.at_risk)
