"""Spreading numbers and times from a start: the arrays that the compiled moves work on."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from math import inf, log
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.audit.survival_readings import Steps
from branchpoint.publication.claims import PValue
from branchpoint.publication.reconstruction.values.move_state import (
    LOG_RANK,
    MANY_RANKS,
    MEANS,
    RANKS,
    Curves,
    Printed,
    Shapes,
    State,
    Targets,
)
from branchpoint.publication.reconstruction.values.soft_p import by_means, exact_reach, z_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from branchpoint.publication.audit.survival_readings import Reading
    from branchpoint.publication.reconstruction.values.groups import Curve, Target
    from branchpoint.publication.reconstruction.values.setup import Setup

    Ints = NDArray[np.int64]

__all__ = ["ROUNDS", "nearest", "spread"]

MOVES, MOVES_PER_PATIENT = 4_000, 40
"""Moves in a round; twice as many a patient for times."""
ROUNDS = ((0.3, 0.1), (0.3, 0.3), (0.1, 0.4), (0.05, 0.4))
"""How much may be missed on the way, and the share of times that pass others, in each round of moves; after the last,
values that still print otherwise are given up. Where events are many, going through worse states finds the way; where
they are few, it loses it, and it takes moves past one event at a time. Numbers have no events."""
AGREED = 1e-6
DEAR = 10.0
"""What it costs to miss a survival estimate by one patient."""


def spread(
    setup: Setup, start: Ints, bounds: Ints, rng: np.random.Generator, rounds: int = len(ROUNDS)
) -> tuple[Ints, bool]:
    """Move values at random, keeping what is printed.

    Parameters
    ----------
    setup : Setup
    start : ndarray of int, shape (n,)
        Values in steps of the grid that agree with what is printed, or nearly so.
    bounds : ndarray of int, shape (n, 2)
        Limits of each patient's own value, which the start keeps.
    rng : numpy.random.Generator
    rounds : int
        Of moves, after which the effort is spent; at most 4.

    Returns
    -------
    ndarray of int, shape (n,)
    bool
        Whether they print as printed; False when the effort was spent before they did.
    """
    # Compiled code is loaded only here.
    from branchpoint.publication.reconstruction.values.move_targets import all_away, counted
    from branchpoint.publication.reconstruction.values.moves import DRAWS, anneal

    printed, curves, targets = _printed(setup, bounds), _curves(setup), _targets(setup)
    state, shapes = _state(setup, start), _shapes(setup, start)
    counted(state, targets)

    def moved(heat: float, passing: float) -> bool:
        uniforms = rng.random((MOVES + (1 + setup.timed) * MOVES_PER_PATIENT * len(start), DRAWS))
        return anneal(state, printed, curves, shapes, targets, uniforms, heat, passing * setup.timed) <= AGREED

    for one in ROUNDS[:rounds]:
        if moved(*one):
            # From values that agree no move leads to others; more of them may come nearer to the P values.
            return state.values, all_away(state, targets) <= AGREED or moved(*one)
    return state.values, False


def nearest(setup: Setup, starts: Sequence[Ints], bounds: Ints) -> Ints:
    """Of several starts of a search, the one that is nearest to what is printed."""
    if len(starts) == 1:
        return starts[0]
    from branchpoint.publication.reconstruction.values.moves import missed

    printed, curves = _printed(setup, bounds), _curves(setup)
    return min(starts, key=lambda start: missed(_state(setup, start), printed, curves))


def _state(setup: Setup, start: Ints) -> State:
    sizes = np.asarray([len(group) for group in setup.patients.groups], np.int64)
    rows = np.zeros((len(sizes), max(sizes, default=0)), np.int64)
    around: list[list[int]] = [[] for _ in start]
    for number, group in enumerate(setup.patients.groups):
        rows[number, : len(group)] = np.sort(start[list(group)])
        for patient in group:
            around[patient].append(number)
    width = max(map(len, around)) + 1
    groups = np.asarray([own + [-1] * (width - len(own)) for own in around], np.int64)
    sums = np.stack([rows.sum(1), (rows.astype(float) ** 2).sum(1)], axis=1).astype(float)
    most = max((len(target.groups) for target in setup.patients.targets), default=0)
    ranked = np.zeros((len(setup.patients.targets), most), np.int64)
    return State(start.copy(), rows, sizes, groups, sums, ranked, np.zeros(len(setup.patients.targets), np.int64))


def _printed(setup: Setup, bounds: Ints) -> Printed:
    width = {
        group: max(setup.shapes[cell].width, 1.0)
        for cell, one in enumerate(setup.problem.cells)
        for group in one.groups
    }
    moments = np.tile([-inf, inf, -inf, inf], (len(setup.patients.groups), 1))
    for group, low, high in setup.variances:
        moments[group, 2:] = max(low, moments[group, 2]), min(high, moments[group, 3])
    for limits in setup.problem.limits:
        if limits.total is not None:
            low, high = limits.total
            moments[limits.group, :2] = max(low, moments[limits.group, 0]), min(high, moments[limits.group, 1])
    forms = sorted(
        ((limits.group, form) for limits in setup.problem.limits for form in limits.forms), key=lambda one: one[0]
    )
    owners = [group for group, _ in forms]
    return Printed(
        first=np.searchsorted(owners, np.arange(len(setup.patients.groups) + 1)).astype(np.int64),
        places=_table([(form.first, form.second) for _, form in forms], 2),
        weights=_table([(form.first_weight, form.second_weight) for _, form in forms], 2),
        ends=_table([(form.least, form.most) for _, form in forms], 2),
        scale=np.asarray([20.0 / ((f.first_weight + f.second_weight) * width[g]) for g, f in forms], float),
        moments=moments,
        pairs=_table([(g, f.first, f.second) for g, f in forms if f.first_weight == f.second_weight], 3),
        bounds=bounds,
    )


def _curves(setup: Setup) -> Curves:
    from branchpoint.publication.reconstruction.values.move_curves import NOBODY

    numbers = [(place, number) for place, curve in enumerate(setup.patients.curves) for number in _numbers(curve)]
    owners = [place for place, _ in numbers]
    groups = [(curve.group, NOBODY if curve.events is None else curve.events) for curve in setup.patients.curves]
    return Curves(
        groups=_table(groups, 2),
        at=np.asarray([round(curve.printed.value.at * setup.grid) for curve in setup.patients.curves], np.int64),
        first=np.searchsorted(owners, np.arange(len(setup.patients.curves) + 1)).astype(np.int64),
        what=_table([what for _, (what, _, _) in numbers], 2),
        z=np.asarray([z for _, (_, z, _) in numbers], float),
        ends=np.asarray([ends for _, (_, _, ends) in numbers], float).reshape(-1, 2),
        scale=np.asarray([DEAR * len(setup.patients.groups[curve.group]) for curve in setup.patients.curves], float),
    )


def _numbers(curve: Curve) -> list[tuple[tuple[int, int], float, tuple[float, float]]]:
    """The estimate and what is read beside it: what it is and its scale, standard errors, and between which fractions.

    Limits that were computed from rounded numbers are held by the standard errors that give them: what is rounded leads
    nowhere, step by step.
    """
    from branchpoint.publication.reconstruction.values.move_curves import ERROR, ESTIMATE, FORMS, NUMBERS

    percent, reading = curve.printed.value.percent, curve.printed.sets.reading
    found = [((ESTIMATE, 0), 0.0, _prints(percent))]
    if reading is not None and reading.steps != Steps():
        found.append(((ERROR, 0), 0.0, _errors(reading, float(percent) / 100)))
    elif reading is not None:
        form = FORMS[reading.form]
        found += [((NUMBERS[name], form), reading.z, _prints(number)) for name, number in reading.numbers]
    return found


@lru_cache(maxsize=1024)
def _errors(reading: Reading, estimate: float) -> tuple[float, float]:
    """The least and the greatest standard error with which a rounded estimate prints like a reading."""
    errors = np.linspace(0.0, 0.5, 200_001)[1:]
    inside = errors[reading.fits(np.full(len(errors), estimate), errors)]
    return float(inside[0]), float(inside[-1])


def _prints(number: Decimal) -> tuple[float, float]:
    """Between which fractions a percentage lies that prints as a number, half up: the lower end belongs to it."""
    half = float(Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2)
    edge = 1e-6 * half
    return (float(number) - half) / 100 - 1e-12, (float(number) + half - edge) / 100


def _shapes(setup: Setup, start: Ints) -> Shapes:
    own = [setup.shapes[cell] for cell in setup.patients.cell_of]
    middle, below, above, added = (
        np.asarray([getattr(shape, name) for shape in own], float) for name in ("middle", "below", "above", "added")
    )
    logs = np.asarray([shape.logs for shape in own], np.int64)
    return Shapes(middle, below, above, added, logs, log(max(2.0, float(np.ptp(start)) / 2)))


def _targets(setup: Setup) -> Targets:
    many, most = len(setup.patients.targets), max((len(target.groups) for target in setup.patients.targets), default=0)
    labels = np.full((many, len(setup.patients.places)), -1, np.int64)
    sizes, kind, ends = np.zeros((many, most), np.int64), np.zeros(many, np.int64), np.zeros((many, 4))
    for number, target in enumerate(setup.patients.targets):
        value, counts = target.claim.value, [len(group) for group in target.groups]
        assert isinstance(value, PValue)
        for label, group in enumerate(target.groups):
            labels[number, list(group)] = label
        sizes[number, : len(counts)] = counts
        kind[number] = _kind(setup, target)
        exact = exact_reach(value, *counts) if kind[number] == RANKS else (0.0, -1.0)
        ends[number] = (*z_limits(value, len(counts) - 1), *exact)
    return Targets(labels, sizes, kind, ends, np.asarray(setup.patients.events, np.int64))


def _kind(setup: Setup, target: Target) -> int:
    if setup.timed:
        return LOG_RANK
    if len(target.groups) > 2:
        return MANY_RANKS
    return MEANS if by_means(target.claim) else RANKS


def _table(rows: Sequence[tuple[int, ...]], width: int) -> Ints:
    return np.asarray(rows, np.int64).reshape(len(rows), width)
