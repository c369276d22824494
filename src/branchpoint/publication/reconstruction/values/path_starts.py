"""Path starts: times in the order of risk sets that print like a survival estimate, for the search to begin with.

Where few patients leave few sequences of risk sets, one of them is taken at random and followed: so many events, so
many censored before each. Groups that share patients with one already ordered are left to the search.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.audit.survival_fits import Group, estimate_of
from branchpoint.publication.reconstruction.values.interval_paths import interval_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from branchpoint.publication.audit.survival_readings import Reading
    from branchpoint.publication.claims import Survival
    from branchpoint.publication.reconstruction.values.groups import Curve
    from branchpoint.publication.reconstruction.values.printed_survival import PrintedCurve
    from branchpoint.publication.reconstruction.values.setup import Setup

    Ints = NDArray[np.int64]

__all__ = ["ordered"]


def ordered(setup: Setup, values: Ints, bounds: Ints, rng: np.random.Generator) -> Ints:
    """Order the times of disjoint groups by risk sets that print like their survival.

    Parameters
    ----------
    setup : Setup
        Of a time.
    values : ndarray of int, shape (n,)
        Times in steps of the grid.
    bounds : ndarray of int, shape (n, 2)
        Limits of each patient's own time.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (n,)
        Within the bounds; where these do not allow the order, it is broken.
    """
    found, done = values.copy(), set[int]()
    by_group: dict[int, list[Curve]] = {}
    for curve in sorted(setup.patients.curves, key=lambda one: one.printed.value.at):
        by_group.setdefault(curve.group, []).append(curve)
    for group, curves in sorted(by_group.items(), key=lambda one: len(setup.patients.groups[one[0]])):
        members = setup.patients.groups[group]
        ends = [round(curve.printed.value.at * setup.grid) for curve in curves]
        events = sorted(
            (p for p in members if setup.patients.events[p] and found[p] <= ends[-1]), key=found.__getitem__
        )
        counts = np.searchsorted([found[p] for p in events], ends, side="right").tolist()
        gaps = _gaps(len(members), [curve.printed for curve in curves], counts, rng)
        if events and gaps and not done & set(members):
            done |= set(members)
            others = [p for p in members if p not in set(events)]
            _follow(found, events, gaps, _soonest(others, bounds, int(found[events[-1]]), rng))
    return np.clip(found, bounds[:, 0], bounds[:, 1])


def _gaps(size: int, curves: Sequence[PrintedCurve], events: Sequence[int], rng: np.random.Generator) -> list[int]:
    """How many are censored before each event, with so many events by each time; none where nothing is known."""
    if len(curves) == 1 and (own := _paths(size, curves[0].value, curves[0].sets.reading).get(events[0])):
        left, gaps = size, []
        for at_risk in own[int(rng.integers(len(own)))]:
            gaps.append(left - at_risk)
            left = at_risk - 1
        return gaps
    paths = interval_paths(size, tuple(curve.sets.box for curve in curves), tuple((own, own) for own in events))
    if not paths:
        return []
    gaps, after = [], 0
    for first, *others in paths[int(rng.integers(len(paths)))]:
        # Whoever leaves after the last event of an interval leaves before the first of the next.
        before = [first + after, *others]
        gaps, after = gaps + before[:-1], before[-1]
    return gaps


@lru_cache(maxsize=256)
def _paths(size: int, value: Survival, reading: Reading | None) -> dict[int, tuple[tuple[int, ...], ...]]:
    """Paths that print an estimate and what is beside it, by their number of events, where all are known."""
    estimate = estimate_of(Group(size), value)
    paths = estimate.paths
    if not paths.complete or not 0 < estimate.box.high < 1:
        return {}
    fits = range(len(paths)) if reading is None else np.flatnonzero(reading.fits(paths.survival, paths.error)).tolist()
    found: dict[int, list[tuple[int, ...]]] = {}
    for place in fits:
        found.setdefault(int(paths.events[place]), []).append(paths.path(place))
    return {events: tuple(own) for events, own in found.items()}


def _soonest(patients: Sequence[int], bounds: Ints, last: int, rng: np.random.Generator) -> list[int]:
    """Patients in random order, first those who cannot be observed beyond the last event, last those who must be."""
    shuffled = [patients[place] for place in rng.permutation(len(patients)).tolist()]
    return sorted(shuffled, key=lambda patient: (bool(bounds[patient, 0] > last), bool(bounds[patient, 1] > last)))


def _follow(found: Ints, events: Sequence[int], gaps: Sequence[int], others: Sequence[int]) -> None:
    """Put so many of the others before each event, evenly in time, and everybody else after the last."""
    waiting, before = list(others), 0
    for patient, gap in zip(events, gaps, strict=True):
        time = int(found[patient])
        for number in range(min(gap, len(waiting))):
            found[waiting.pop(0)] = before + max(1, (time - before) * (number + 1) // (gap + 1))
        before = time
    for patient in waiting:
        found[patient] = max(int(found[patient]), before + 1)
