"""Interval paths: how many had the event, and how many were censored, between the times of a group's printed survival.

Survival and Greenwood's sum at the end of an interval follow from how many were censored before each of its events.
Ways to censor are tried at random, and those kept with which both print as printed, interval after interval.
"""

from __future__ import annotations

from functools import lru_cache
from math import inf, log
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from branchpoint.publication.audit.risk_paths import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Interval", "interval_paths"]

MOST_PATHS = 40
"""Paths that are followed from one interval to the next, and that are given."""
NEAR = 6
"""Numbers of events that are tried on either side of the likeliest."""
TRIED = 300
"""Ways to censor that are tried for each number of events."""
FEW_CENSORED = 3
"""The power to which a uniform share of those at risk is taken for the censored: few more often than many."""
EVEN = 0.3, 3.0
"""How evenly the censored leave: the least and the most, as the concentration of a Dirichlet distribution."""
LOOSE = ((0.0, 0.0), (0.25, 0.005), (0.5, 0.02), (1.0, 0.06))
"""Part of a patient by which a path may miss an estimate, and part of its standard error, where no way that is tried
meets both; one after the other until there are paths."""

Interval: TypeAlias = tuple[int, ...]
"""How many are censored before each event of an interval, and after the last."""


class _Path(NamedTuple):
    at_risk: int
    survival: float
    total: float
    intervals: tuple[Interval, ...]


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
        rng, paths = np.random.Generator(np.random.Philox(size)), [_Path(size, 1.0, 0.0, ())]
        for box, limits in zip(boxes, events, strict=True):
            loose = Box(
                max(box.low - patients / size, 0.0),
                box.high + patients / size,
                box.least_error * (1 - error),
                box.most_error * (1 + error),
            )
            found = sorted(
                (after for path in paths for after in _onward(path, loose, limits, rng)), key=lambda one: one.intervals
            )
            step = max(1.0, len(found) / MOST_PATHS)
            paths = [found[int(number * step)] for number in range(min(len(found), MOST_PATHS))]
        if paths:
            return tuple(path.intervals for path in paths)
    return ()


def _onward(path: _Path, box: Box, limits: tuple[int, int], rng: np.random.Generator) -> list[_Path]:
    """Continuations of a path into a box, with so many events since the start."""
    if path.at_risk < 1:
        return []
    before = sum(len(gaps) - 1 for gaps in path.intervals)
    fewest, most = max(0, limits[0] - before), min(path.at_risk - 1, limits[1] - before)
    share = min(1.0, (box.low + box.high) / 2 / path.survival)
    likely = min(max(round(_at_risk(path, box, share) * (1 - share)), fewest), most)
    found = []
    for events in range(max(fewest, likely - NEAR), min(most, likely + NEAR) + 1):
        censored = ((path.at_risk - events) * rng.random(TRIED) ** FEW_CENSORED).astype(np.int64)
        gone = _gone(events, censored, rng)
        numbers = np.maximum(path.at_risk - np.arange(events) - gone[:, :-1], 2).astype(float)
        survival = path.survival * np.prod(1 - 1 / numbers, axis=1)
        total = path.total + np.sum(1 / (numbers * (numbers - 1)), axis=1)
        for place in np.flatnonzero(box.holds(survival, survival * np.sqrt(total))).tolist():
            gaps = tuple(np.diff(gone[place], prepend=0).tolist())
            left = path.at_risk - events - int(censored[place])
            found.append(_Path(left, float(survival[place]), float(total[place]), (*path.intervals, gaps)))
    return found


def _gone(events: int, censored: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """How many are censored before each event and in all, a row for each number of them."""
    even = np.exp(rng.uniform(log(EVEN[0]), log(EVEN[1]), len(censored)))
    parts = rng.standard_gamma(even[:, None], (len(censored), events + 1)) + 1e-300
    shares = np.cumsum(parts, axis=1) / parts.sum(axis=1, keepdims=True)
    return np.floor(censored[:, None] * shares + 1e-9).astype(np.int64)


def _at_risk(path: _Path, box: Box, share: float) -> float:
    """How many were at risk on average, by the growth of Greenwood's sum; all where it is not known."""
    error, middle = (box.least_error + box.most_error) / 2, (box.low + box.high) / 2
    if share >= 1 or not 0 < error < inf:
        return path.at_risk
    grown = max((error / middle) ** 2 - path.total, 1e-12)
    return min((1 - share) / (share * grown), path.at_risk)
