"""Spreading numbers from a feasible start: the arrays that the compiled moves work on."""

from __future__ import annotations

from math import inf, log
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.claims import PValue
from branchpoint.publication.reconstruction.soft_p import by_means, exact_reach, z_limits
from branchpoint.publication.solver import InfeasibleError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from branchpoint.publication.reconstruction.number_moves import Printed, Shapes, State, Targets
    from branchpoint.publication.reconstruction.number_setup import Setup

    Ints = NDArray[np.int64]

__all__ = ["spread"]

MOVES, MOVES_PER_PATIENT = 8_000, 80
TRIES = 6
"""Rounds of moves before values that still print otherwise are given up."""
AGREED = 1e-6


def spread(setup: Setup, start: Ints, bounds: Ints, rng: np.random.Generator) -> Ints:
    """Move values at random, keeping what is printed.

    Parameters
    ----------
    setup : Setup
    start : ndarray of int, shape (n,)
        Values in steps of the grid that agree with what is printed, or nearly so.
    bounds : ndarray of int, shape (n, 2)
        Limits of each patient's own value, which the start keeps.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (n,)

    Raises
    ------
    InfeasibleError
        The values still print otherwise when the effort is spent.
    """
    # Compiled code is loaded only here.
    from branchpoint.publication.reconstruction.number_moves import DRAWS, anneal, counted

    state, printed, shapes, targets = (
        _state(setup, start),
        _printed(setup, bounds),
        _shapes(setup, start),
        _targets(setup),
    )
    counted(state, targets)
    for _ in range(TRIES):
        uniforms = rng.random((MOVES + MOVES_PER_PATIENT * len(start), DRAWS))
        if anneal(state, printed, shapes, targets, uniforms) <= AGREED:
            return state.values
    raise InfeasibleError("values that print as the report does, within each patient's own limits", "UNKNOWN")


def _table(rows: list[tuple[int, ...]], width: int) -> Ints:
    return np.asarray(rows, np.int64).reshape(len(rows), width)


def _state(setup: Setup, start: Ints) -> State:
    from branchpoint.publication.reconstruction.number_moves import State

    sizes = np.asarray([len(group) for group in setup.groups], np.int64)
    rows = np.zeros((len(sizes), max(sizes, default=0)), np.int64)
    around: list[list[int]] = [[] for _ in start]
    for number, group in enumerate(setup.groups):
        rows[number, : len(group)] = np.sort(start[list(group)])
        for patient in group:
            around[patient].append(number)
    width = max(map(len, around)) + 1
    groups = np.asarray([own + [-1] * (width - len(own)) for own in around], np.int64)
    sums = np.stack([rows.sum(1), (rows.astype(float) ** 2).sum(1)], axis=1).astype(float)
    most = max((len(target.groups) for target in setup.targets), default=0)
    ranked = np.zeros((len(setup.targets), most), np.int64)
    return State(start.copy(), rows, sizes, groups, sums, ranked, np.zeros(len(setup.targets), np.int64))


def _printed(setup: Setup, bounds: Ints) -> Printed:
    from branchpoint.publication.reconstruction.number_moves import Printed

    spreads = {
        group: max(setup.shapes[cell].width, 1.0)
        for cell, one in enumerate(setup.problem.cells)
        for group in one.groups
    }
    moments = np.tile([-inf, inf, -inf, inf], (len(setup.groups), 1))
    rows: list[tuple[int, tuple[int, int], tuple[int, int], tuple[int, int], float]] = []
    for limits in setup.problem.limits:
        if limits.total is not None:
            low, high = limits.total
            moments[limits.group, :2] = max(low, moments[limits.group, 0]), min(high, moments[limits.group, 1])
        for form in limits.forms:
            weights = (form.first_weight, form.second_weight)
            scale = 20.0 / (sum(weights) * spreads[limits.group])
            rows.append((limits.group, (form.first, form.second), weights, (form.least, form.most), scale))
    for group, low, high in setup.variances:
        moments[group, 2:] = max(low, moments[group, 2]), min(high, moments[group, 3])
    rows.sort()
    pairs = [(group, *places) for group, places, weights, _, _ in rows if weights[0] == weights[1]]
    first = np.searchsorted([row[0] for row in rows], np.arange(len(setup.groups) + 1)).astype(np.int64)
    places, weights, ends = (_table([row[column] for row in rows], 2) for column in (1, 2, 3))
    scale = np.asarray([row[4] for row in rows], float)
    return Printed(first, places, weights, ends, scale, moments, _table(pairs, 3), bounds)


def _shapes(setup: Setup, start: Ints) -> Shapes:
    from branchpoint.publication.reconstruction.number_moves import Shapes

    own = [setup.shapes[cell] for cell in setup.cell_of]
    columns = [[getattr(shape, name) for shape in own] for name in ("middle", "below", "above", "added")]
    logs = np.asarray([shape.logs for shape in own], np.int64)
    reach = log(max(2.0, float(np.ptp(start)) / 2))
    return Shapes(*(np.asarray(column, float) for column in columns), logs, reach)


def _targets(setup: Setup) -> Targets:
    from branchpoint.publication.reconstruction.number_moves import Targets

    many = len(setup.targets)
    most = max((len(target.groups) for target in setup.targets), default=0)
    labels = np.full((many, len(setup.places)), -1, np.int64)
    sizes, kind, ends = np.zeros((many, most), np.int64), np.zeros(many, np.int64), np.zeros((many, 4))
    for number, target in enumerate(setup.targets):
        value, counts = target.claim.value, [len(group) for group in target.groups]
        assert isinstance(value, PValue)
        for label, group in enumerate(target.groups):
            labels[number, list(group)] = label
        sizes[number, : len(counts)] = counts
        kind[number] = 1 if len(counts) > 2 else 2 if by_means(target.claim) else 0
        exact = exact_reach(value, *counts) if kind[number] == 0 else (0.0, -1.0)
        ends[number] = (*z_limits(value, len(counts) - 1), *exact)
    return Targets(labels, sizes, kind, ends)
