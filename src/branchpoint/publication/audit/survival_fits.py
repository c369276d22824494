"""Survival fits: the risk sets that print like an estimate, and like what is read beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from math import floor
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.audit.luck import as_printed
from branchpoint.publication.audit.risk_paths import Box, Paths, described, least_error, risk_paths
from branchpoint.publication.audit.survival_readings import estimate_box, unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from branchpoint.publication.audit.survival_readings import Reading
    from branchpoint.publication.claims import Survival

__all__ = ["Estimate", "Fit", "Group", "chance_of_estimate", "chance_of_width", "estimate_of"]

_NORMAL_95 = 1.96
_TIED, _TIED_EVENTS = 100, 20_000


@dataclass(frozen=True, slots=True)
class Group:
    """How many patients an estimate is of, and what is known of their events and censorings."""

    size: int
    most_events: int | None = None
    most_censored: int | None = None

    def paths(self, box: Box) -> Paths:
        """Search for the risk sets of estimates in a box."""
        return risk_paths(self.size, box, self.most_events, self.most_censored)


@dataclass(frozen=True, slots=True)
class Fit:
    """Risk sets that print like an estimate and, where it was asked, like a reading of what is beside it.

    Attributes
    ----------
    reading : Reading or None
        How what is beside the estimate was read; None for the estimate alone.
    survival, error : float
        Fractions.
    path : tuple of int
        Numbers at risk at the events.
    size : int
        Patients at the start.
    paths : int or None
        How many paths fit as well; None where not all were looked for.
    """

    reading: Reading | None
    survival: float
    error: float
    path: tuple[int, ...]
    size: int
    paths: int | None

    @property
    def censored(self) -> int:
        """Patients censored before the last event."""
        return self.size - len(self.path) - (self.path[-1] - 1) if self.path else 0

    @property
    def label(self) -> str:
        """The reading in words."""
        return "" if self.reading is None else self.reading.label

    def __str__(self) -> str:
        if self.path and not self.censored:
            return f"{self.size - len(self.path)}/{self.size}, nobody censored before the last event"
        return described(self.path, self.size)

    def value(self, like: Survival) -> Survival:
        """The estimate as the report would print it, with limits by the reading."""
        percent = as_printed(100 * self.survival, like.percent)
        found = replace(like, percent=percent)
        if self.reading is None:
            return found
        wide = {"half_width": "half", "standard_error": "error", "plus_minus": "half", "low": "low", "high": "high"}
        if dict(self.reading.numbers).get("error") == like.plus_minus:
            wide["plus_minus"] = "error"
        if dict(self.reading.numbers).get("half") == like.standard_error:
            wide["standard_error"] = "half"
        for name, kind in wide.items():
            printed = getattr(like, name)
            if printed is not None:
                number = float(self.reading.printed(kind, self.survival, self.error))
                found = replace(found, **{name: as_printed(number, printed)})
        return found


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate strictly between 0 and 100%, with the paths that print like it."""

    group: Group
    value: Survival
    box: Box
    paths: Paths = field(compare=False)

    def fit(self) -> Fit:
        """The path with the fewest censored that prints the estimate."""
        return self._simplest(None, self.paths, np.arange(len(self.paths)))

    def fits(self, reading: Reading) -> tuple[Fit | None, bool]:
        """The path with the fewest censored that prints a reading too; and, without one, whether that is proved."""
        box = reading.box(self.box)
        if box.cannot_be(self.group.size):
            return None, True
        tried = self.paths if self.paths.complete else self.group.paths(box)
        places = np.flatnonzero(reading.fits(tried.survival, tried.error))
        return self._simplest(reading, tried, places) if len(places) else None, tried.complete

    def _simplest(self, reading: Reading | None, paths: Paths, places: NDArray[np.int64]) -> Fit:
        """Of the paths with the fewest censored, the one with the fewest times of censoring."""
        fewest = places[paths.censored[places] == paths.censored[places[0]]]
        most = min(_TIED, max(1, _TIED_EVENTS // (1 + int(paths.events[fewest[0]]))))
        tied = [(_gaps(path := paths.path(int(place))), place, path) for place in fewest[:most]]
        _, place, path = min(tied)
        many = len(places) if paths.complete else None
        return Fit(reading, float(paths.survival[place]), float(paths.error[place]), path, self.group.size, many)

    def best(self, readings: Iterable[Reading]) -> tuple[list[Fit], bool]:
        """What fits of some readings, the fewest censored first; and whether the others are proved not to fit."""
        tried = [self.fits(reading) for reading in readings]
        found = [fit for fit, _ in tried if fit is not None]
        proved = all(proved or fit is not None for fit, proved in tried)
        return sorted(found, key=lambda fit: fit.censored), proved


def estimate_of(group: Group, value: Survival) -> Estimate:
    """Search for all paths that print like an estimate; there is no error to judge at 0 and at 100%."""
    box = estimate_box(value.percent)
    box = replace(box, high=min(box.high, 1 - 1 / group.size))
    return Estimate(group, value, box, group.paths(box))


def chance_of_estimate(estimate: Estimate) -> float:
    """The share of printable percentages nearby, one patient up and down, that some path prints.

    All of them, where the search is not complete: with many patients and many events every percentage is reached.
    """
    if not estimate.paths.complete:
        return 1.0
    reach, step = 1 / estimate.group.size, unit(estimate.value.percent)
    low, high = max(estimate.box.low - reach, float(step) / 100), min(estimate.box.high + reach, 1 - reach)
    around = estimate.group.paths(Box(low, high))
    if not around.complete:
        return 1.0
    different = len(np.unique(np.floor(100 * around.survival / float(step) + 0.5)))
    return min(1.0, different / max(1, round(100 * (high - low) / float(step))))


def chance_of_width(
    estimate: Estimate, tried: Sequence[Reading], uncensored: Sequence[Reading], like: Decimal
) -> float:
    """The share of printable half-widths that one of the readings tried would accept.

    Half-widths are counted up to twice the least possible of a 95% interval. Where not all paths could be searched,
    all that are not below the least are taken to be reached.

    Parameters
    ----------
    estimate : Estimate
    tried : sequence of Reading
        Accepted with any risk sets.
    uncensored : sequence of Reading
        Accepted only with nobody censored.
    like : Decimal
        A printed number, for its decimals.
    """
    step = float(unit(like)) / 100
    least = least_error(estimate.box.low, estimate.box.high, estimate.group.size)
    most = max(1, floor(2 * _NORMAL_95 * least / step))
    error = estimate.paths.error if estimate.paths.complete else np.arange(least, (most + 1) * step, step / 3)
    share = estimate.paths.error[estimate.paths.censored == 0]
    hit: set[int] = set()
    for readings, errors in ((tried, error), (uncensored, share)):
        for reading in {(one.errors, one.slack, one.steps): one for one in readings}.values():
            numbers = {int(number) for number in np.floor(reading.widths(errors) / (100 * step) + 0.5)}
            hit |= {number + apart for number in numbers for apart in range(-reading.slack, reading.slack + 1)}
    return sum(0 < number <= most for number in hit) / most


def _gaps(path: Sequence[int]) -> int:
    return sum(other < one - 1 for one, other in pairwise(path))
