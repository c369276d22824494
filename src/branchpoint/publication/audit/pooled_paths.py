"""Pooled paths: whether groups can have their own risk sets and, together, those of a survival estimate of all.

Each group's path fixes how many of it are at risk at its own events. At the events of the others it may have anybody at
risk from the number left after its last event down to the number that its next one needs. The pooled estimate follows
from the order of events and from those numbers; without censoring, order does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import inf, log, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.publication.audit.risk_paths import Box

__all__ = ["Part", "Pooled", "pooled"]

BUDGET = 4_000
"""States that one search may visit."""
_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Part:
    """One group: its size, and the numbers at risk at its events."""

    size: int
    path: tuple[int, ...]

    def least(self, done: int) -> int:
        """At risk at the very least after some of its events."""
        return self.path[done] if done < len(self.path) else 0

    def most(self, done: int) -> int:
        """At risk at most after some of its events."""
        return self.path[done - 1] - 1 if done else self.size


@dataclass(frozen=True, slots=True)
class Pooled:
    """What a search for a pooled path came to.

    Attributes
    ----------
    path : tuple of int or None
        Numbers at risk, of all groups, at the events of all.
    proved : bool
        Whether there is a path, or surely none.
    tried : int
        States visited.
    """

    path: tuple[int, ...] | None
    proved: bool
    tried: int


def pooled(parts: Sequence[Part], box: Box, budget: int = BUDGET) -> Pooled:
    """Search for an order of the groups' events, and times of their censorings, that bring all together into a box.

    Parameters
    ----------
    parts : sequence of Part
    box : Box
        The estimate, and its standard error, of all together.
    budget : int

    Returns
    -------
    Pooled
    """
    search = _Search(parts, box, budget)
    start = tuple(0 for _ in parts)
    path = search.extend(start, tuple(part.size for part in parts), 1.0, 0.0)
    return Pooled(path, path is not None or not search.spent, search.tried)


@dataclass(slots=True)
class _Limits:
    """The least and the greatest that the events still to come can make of the estimate and of Greenwood's sum."""

    low: float = 1.0
    high: float = 1.0
    least: float = 0.0
    most: float = 0.0


class _Search:
    def __init__(self, parts: Sequence[Part], box: Box, budget: int) -> None:
        self.parts, self.box, self.budget = parts, box, budget
        self.tried, self.spent = 0, False
        self.seen: set[tuple[object, ...]] = set()
        self.limits: dict[tuple[int, ...], _Limits] = {}
        for done in product(*(range(len(part.path), -1, -1) for part in parts)):
            self.limits[done] = self._limits(done)

    def _limits(self, done: tuple[int, ...]) -> _Limits:
        """Fewest at risk at every event to come gives the lowest estimate and the greatest sum, most the opposite."""
        following = [self.limits[other] for _, other in self._next(done)]
        if not following:
            return _Limits()
        few = sum(part.least(n) for part, n in zip(self.parts, done, strict=True))
        found = _Limits(inf, 0.0, inf, 0.0)
        all_left = sum(part.most(n) for part, n in zip(self.parts, done, strict=True))
        for (which, _), after in zip(self._next(done), following, strict=True):
            part = self.parts[which]
            many = all_left - part.most(done[which]) + part.least(done[which])
            found.low = min(found.low, (1 - 1 / few) * after.low)
            found.high = max(found.high, (1 - 1 / many) * after.high)
            found.least = min(found.least, 1 / (many * (many - 1)) + after.least if many > 1 else inf)
            found.most = max(found.most, 1 / (few * (few - 1)) + after.most if few > 1 else inf)
        return found

    def _next(self, done: tuple[int, ...]) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The groups that have an event to come, and what is done after it."""
        for which, part in enumerate(self.parts):
            if done[which] < len(part.path):
                yield which, (*done[:which], done[which] + 1, *done[which + 1 :])

    def extend(
        self, done: tuple[int, ...], at_risk: tuple[int, ...], survival: float, total: float
    ) -> tuple[int, ...] | None:
        """Add one event after another, those first that lead to the middle of the box."""
        if len(done) and all(n == len(part.path) for n, part in zip(done, self.parts, strict=True)):
            return ()
        self.tried += 1
        if self.tried > self.budget:
            self.spent = True
            return None
        for _, number, after, left, estimate, summed in sorted(self._events(done, at_risk, survival, total)):
            state = (after, left, round(estimate, 12), round(summed, 12))
            if state in self.seen:
                continue
            self.seen.add(state)
            rest = self.extend(after, left, estimate, summed)
            if rest is not None:
                return (number, *rest)
            if self.spent:
                return None
        return None

    def _events(
        self, done: tuple[int, ...], at_risk: tuple[int, ...], survival: float, total: float
    ) -> Iterator[tuple[float, int, tuple[int, ...], tuple[int, ...], float, float]]:
        """Each next event with every number that the other groups may have at risk, if the box can still be reached."""
        box, middle = self.box, log((self.box.low + self.box.high) / 2)
        for which, after in self._next(done):
            own = self.parts[which].path[done[which]]
            ranges = [
                range(own, own - 1, -1) if place == which else range(left, part.least(n) - 1, -1)
                for place, (part, n, left) in enumerate(zip(self.parts, done, at_risk, strict=True))
            ]
            limits = self.limits[after]
            for left in product(*ranges):
                number = sum(left)
                estimate, summed = (
                    survival * (1 - 1 / number),
                    total + (1 / (number * (number - 1)) if number > 1 else inf),
                )
                low, high = estimate * limits.low, estimate * limits.high
                if low > box.high + _EDGE or high < box.low - _EDGE:
                    continue
                least = max(low, box.low) * sqrt(summed + limits.least)
                most = min(high, box.high) * sqrt(summed + limits.most)
                if least > box.most_error + _EDGE or most < box.least_error - _EDGE:
                    continue
                apart = abs(log(max(low * high, 1e-300)) / 2 - middle)
                yield apart, number, after, (*left[:which], own - 1, *left[which + 1 :]), estimate, summed
