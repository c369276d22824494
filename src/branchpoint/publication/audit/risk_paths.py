"""Risk paths: which numbers at risk can stand behind a survival estimate and its standard error.

A Kaplan-Meier estimate is a product over events of ``1 - 1/r``, Greenwood's variance a sum of ``1/(r(r - 1))``, ``r``
the number at risk. Each event leaves one patient less at risk, and each censoring too: the path of an estimate is any
falling sequence of whole numbers that starts at the size of the group or below (events at one time are neighbors).
Printed numbers are boxes, and a box that no path enters was never computed from so many patients.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import comb, inf, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["Box", "Paths", "described", "greatest_error", "least_error", "risk_paths"]

BUDGET = 200_000
"""Paths, their beginnings included, that one pass of a search may look at."""
BEAM = 500
"""Beginnings that are followed from event to event where not all can be."""
MOST_LEVELS = 150
"""Searched event by event only with fewer events than this; with more, by paths of one gap."""
_EDGE = 1e-9
_KEPT = 200
_GRID = 150_000
_DEEP = 12


@dataclass(frozen=True, slots=True)
class Box:
    """Limits of an estimate and of its standard error, as fractions; both ends belong to it."""

    low: float
    high: float
    least_error: float = 0.0
    most_error: float = inf

    def cannot_be(self, size: int) -> bool:
        """Whether the limits of Greenwood's error alone keep every path of so many patients out."""
        too_small = self.most_error < least_error(self.low, self.high, size) - _EDGE
        return self.least_error > min(self.most_error, greatest_error(self.low, self.high)) + _EDGE or too_small

    def holds(self, survival: NDArray[np.float64], error: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which estimates lie in the box."""
        inside = (survival >= self.low - _EDGE) & (survival <= self.high + _EDGE)
        return inside & (error >= self.least_error - _EDGE) & (error <= self.most_error + _EDGE)


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Paths that enter a box, those with the fewest censored before their last event first.

    Attributes
    ----------
    survival, error : ndarray of float, shape (k,)
        Estimate and Greenwood's standard error at the end of each path.
    events, censored : ndarray of int, shape (k,)
        Events, and patients censored before the last of them.
    complete : bool
        Whether these are all there are.
    tried : int
        Paths looked at, their beginnings included.
    path : callable
        Gives the numbers at risk of one of them by its place.
    """

    survival: NDArray[np.float64]
    error: NDArray[np.float64]
    events: NDArray[np.int64]
    censored: NDArray[np.int64]
    complete: bool
    tried: int
    path: Callable[[int], tuple[int, ...]]

    def __len__(self) -> int:
        return len(self.survival)


def least_error(low: float, high: float, size: int) -> float:
    """The least standard error of an estimate between two limits: the binomial one, with nobody censored.

    Survival is never below the share still at risk, ``S(i) >= r(i+1)/n``; summed, ``1/S - 1 <= n G``, ``G`` Greenwood's
    sum.
    """
    return sqrt(min(edge * (1 - edge) for edge in (low, high)) / size)


def greatest_error(low: float, high: float) -> float:
    """The greatest: all of the fall at a single event. Greenwood's terms are convex in the logarithms that add up."""
    return max(sqrt(edge) * (1 - edge) for edge in (low, min(max(low, 1 / 3), high), high))


def risk_paths(
    size: int, box: Box, most_events: int | None = None, most_censored: int | None = None, budget: int = BUDGET
) -> Paths:
    """Search for paths of risk sets that end in a box.

    Parameters
    ----------
    size : int
        Patients at the start.
    box : Box
        Above 0: estimates of 0 have no standard error, and any path to the last patient gives them.
    most_events, most_censored : int, optional
        Bounds that are known from elsewhere.
    budget : int
        Extended paths that each pass of the search may look at.

    Returns
    -------
    Paths
        All of them, where the budget lasts; otherwise those with few censored, or with censoring at one time only.
        None and complete means that the box is impossible.
    """
    events = min(size if most_events is None else most_events, int(size * (1 - box.low) + _EDGE))
    censored = size if most_censored is None else most_censored
    if box.cannot_be(size):
        return _nothing(0, complete=True)
    tried = 0
    if events <= MOST_LEVELS:
        found = _Search(size, box, events, budget).run(censored)
        if found.complete:
            return found
        tried = found.tried
        for allowed in (0, 1, 2, 4, 8, 16):
            found = _Search(size, box, events, budget).run(min(allowed, censored))
            tried += found.tried
            if len(found):
                return Paths(*_columns(found), complete=False, tried=tried, path=found.path)
            if not found.complete:
                break
    found = _one_gap(size, box, events, censored)
    tried += found.tried
    if not len(found) and events <= MOST_LEVELS:
        found = _Search(size, box, events, budget, beam=BEAM).run(censored)
        tried += found.tried
    return Paths(*_columns(found), complete=False, tried=tried, path=found.path)


class _Search:
    """All paths, event by event, those left out that can no longer end in the box."""

    def __init__(self, size: int, box: Box, events: int, budget: int, beam: int | None = None) -> None:
        self.size, self.box, self.events, self.budget, self.beam = size, box, events, budget, beam
        self.tried = 0
        self.levels: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        self.hits: list[tuple[int, NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], Any]] = []

    def run(self, allowed: int) -> Paths:
        """Search with at most so many censored before the last event."""
        if self.beam is None and self._too_many(allowed):
            return _nothing(0, complete=False)
        survival, total = np.ones(1), np.zeros(1)
        left = np.full(1, self.size)
        if self.box.high >= 1 - _EDGE and self.box.least_error <= _EDGE:
            self.hits.append((0, np.zeros(1, int), survival, total, np.zeros(1, int)))
        for done in range(1, self.events + 1):
            free = allowed - (self.size - left - (done - 1))
            with np.errstate(divide="ignore"):
                lowest = np.ceil(1 / np.maximum(1 - self.box.low / survival, 1e-12) - 1e-7)
            first = np.maximum(np.maximum(left - free, 2), np.minimum(lowest, self.size + 1).astype(int))
            width = np.maximum(left - first + 1, 0)
            count = int(width.sum())
            self.tried += count
            if count == 0:
                break
            if self.tried > self.budget and self.beam is None:
                return self._paths(complete=False)
            parent = np.repeat(np.arange(len(width)), width)
            at_risk = left[parent] - (np.arange(count) - np.repeat(np.cumsum(width) - width, width))
            survival = survival[parent] * (1 - 1 / at_risk)
            total = total[parent] + 1 / (at_risk * (at_risk - 1.0))
            self.levels.append((parent, at_risk))
            hit = np.flatnonzero(self.box.holds(survival, survival * np.sqrt(total)))
            if len(hit):
                gone = self.size - at_risk[hit] - (done - 1)
                self.hits.append((done, hit, survival[hit], total[hit], gone))
            alive = np.flatnonzero(self._may_end(survival, total, at_risk - 1, self.events - done))
            if self.beam is not None and len(alive) > self.beam:
                alive = alive[np.linspace(0, len(alive) - 1, self.beam).astype(int)]
            survival, total, left = survival[alive], total[alive], at_risk[alive] - 1
            self.levels[-1] = (parent[alive], at_risk[alive]) if not len(hit) else self._with_hits(alive, hit)
        return self._paths(complete=True)

    def _too_many(self, allowed: int) -> bool:
        """Whether the beginnings are surely more than the budget: those with all events early enough to be followed."""
        for done in range(2, min(self.events, _DEEP) + 1):
            least = max(2, self.size - done + 1 - allowed)
            last = bisect_left(range(self.size + 1), True, least, key=partial(self._open, done=done))
            if comb(max(0, self.size - last + 1), done) > self.budget:
                return True
        return False

    def _open(self, at_risk: int, done: int) -> bool:
        """Whether the box can be entered after so many events, wherever they were with so many at risk or more."""
        survival, box = (1 - 1 / at_risk) ** done, self.box
        if survival < box.low or (min(self.events - done, at_risk - 1) + 1) * box.high < 1:
            return False
        least = box.low**2 * done / (at_risk * (at_risk - 1)) + box.low / at_risk
        most = min(box.high, survival) * survival * (1 - box.low / survival) ** 2
        return least <= box.most_error**2 and most >= box.least_error**2

    def _with_hits(self, alive: NDArray[np.int64], hit: NDArray[np.int64]) -> Any:
        """Keep paths that go on, and after them those that end here."""
        parent, at_risk = self.levels[-1]
        done, _, *rest = self.hits[-1]
        self.hits[-1] = (done, len(alive) + np.arange(len(hit)), *rest)
        both = np.concatenate([alive, hit])
        return parent[both], at_risk[both]

    def _may_end(self, survival: Any, total: Any, left: Any, more: int) -> NDArray[np.bool_]:
        """Whether further events can lead into the box, by the least and the greatest error from here on."""
        box, top = self.box, np.minimum(self.box.high, survival)
        lasting = survival / (np.minimum(more, left - 1) + 1) <= box.high + _EDGE
        if not (box.least_error or box.most_error < inf):
            return np.asarray((left >= 2) & lasting)
        rest = [end**2 * (total - 1 / left) + end * survival / left for end in (box.low, top)]
        low_enough = np.minimum(*rest) <= box.most_error**2 + _EDGE**2
        most = top**2 * total + top * survival * (1 - box.low / survival) ** 2
        return np.asarray((left >= 2) & lasting & low_enough & (most >= box.least_error**2 - _EDGE**2))

    def _paths(self, *, complete: bool) -> Paths:
        if not self.hits:
            return _nothing(self.tried, complete=complete)
        events = np.concatenate([np.full(len(rows), done) for done, rows, *_ in self.hits])
        rows = np.concatenate([hit[1] for hit in self.hits])
        survival, total, censored = (np.concatenate([hit[n] for hit in self.hits]) for n in (2, 3, 4))
        error = survival * np.sqrt(total)
        order = np.lexsort((error, censored))
        events, rows = events[order], rows[order]

        def path(place: int) -> tuple[int, ...]:
            row, at_risk = int(rows[place]), []
            for level in range(int(events[place]) - 1, -1, -1):
                parent, numbers = self.levels[level]
                at_risk.append(int(numbers[row]))
                row = int(parent[row])
            return tuple(reversed(at_risk))

        return Paths(survival[order], error[order], events, censored[order], complete, self.tried, path)


def _one_gap(size: int, box: Box, events: int, censored: int) -> Paths:
    """Paths with one gap: some censored, some events, some censored again, then all other events."""
    many = (events + 1) * min(censored + 1, size)
    early = np.arange(0, censored + 1, max(1, many * censored // _GRID))
    later = np.arange(0, censored + 1, max(1, many // _GRID))
    before = np.arange(0, events + 1, max(1, 3 * (events + 1) // _GRID))
    lost, first, gone = (grid.ravel() for grid in np.meshgrid(early, before, later, indexing="ij"))
    start = size - lost
    left = start - first - gone
    ok = (left >= 2) & (lost + gone <= censored)
    lost, first, gone, start, left = (numbers[ok] for numbers in (lost, first, gone, start, left))
    wished = left * (1 - (box.low + box.high) / 2 * start / (start - first))
    parts = []
    for more in (np.floor(wished), np.ceil(wished)):
        ok = (more > 0) & (more < left) & (first + more <= events)
        c, a, g, n, m, b = lost[ok], first[ok], gone[ok], start[ok], left[ok], more[ok]
        survival = (n - a) / n * (m - b) / m
        error = survival * np.sqrt(a / (n * (n - a)) + b / (m * (m - b)))
        parts.append(np.stack([survival, error, c, a, g, b])[:, box.holds(survival, error)])
    every = np.concatenate(parts, axis=1)
    every = every[:, np.lexsort((every[1], every[2] + every[4]))][:, :_KEPT]
    c, a, g, b = every[2:].astype(int)

    def path(place: int) -> tuple[int, ...]:
        begin = size - int(c[place])
        rest = begin - int(a[place]) - int(g[place])
        return (*range(begin, begin - int(a[place]), -1), *range(rest, rest - int(b[place]), -1))

    return Paths(every[0], every[1], a + b, c + g, False, 2 * len(first), path)


def _columns(paths: Paths) -> tuple[Any, Any, Any, Any]:
    return paths.survival, paths.error, paths.events, paths.censored


def _nothing(tried: int, *, complete: bool) -> Paths:
    none, whole = np.empty(0), np.empty(0, int)
    return Paths(none, none, whole, whole, complete, tried, lambda _: ())


def described(path: Sequence[int], size: int) -> str:
    """A path in words: "12 events from 34 at risk, 2 censored, 5 from 20".

    Parameters
    ----------
    path : sequence of int
        Numbers at risk at the events, in order.
    size : int
        Patients at the start.
    """
    if not path:
        return "no event"
    starts = [0, *(place + 1 for place, (one, other) in enumerate(pairwise(path)) if other < one - 1), len(path)]
    words, left = [], size
    for start, end in pairwise(starts):
        if left > path[start]:
            words.append(f"{left - path[start]} censored")
        many = "events" if end - start > 1 else "event"
        words.append(f"{end - start} {many} from {path[start]} at risk")
        left = path[end - 1] - 1
    return ", ".join(words)
