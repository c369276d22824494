"""Numbers and times of a drawn cohort: values that print every summary and survival estimate, in all groups at once.

Random moves lead likely values to what is printed, keep it from then on, spread them, and pull the P values of tests
toward the printed ones (`moves`). Where they lead nowhere, `counting` gives a start, or shows that there is none.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.reconstruction.values.counting import fill
from branchpoint.publication.reconstruction.values.path_starts import ordered
from branchpoint.publication.reconstruction.values.setup import setup_of
from branchpoint.publication.reconstruction.values.spreading import ROUNDS, nearest, spread
from branchpoint.publication.solver import InfeasibleError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from branchpoint.publication.claims import Claims
    from branchpoint.publication.reconstruction.values.counting import Filled, Problem
    from branchpoint.publication.reconstruction.values.setup import Setup
    from branchpoint.publication.reconstruction.values.shapes import Shape
    from branchpoint.publication.reconstruction.values.within_study import Floor

__all__ = ["draw_numbers"]

STARTS = 6
"""Different feasible starts kept for one pattern of groups."""
BEGUN = 24
"""Starts of times of which the search takes the one that is nearest to what is printed."""


def draw_numbers(
    claims: Claims,
    variable: str,
    patients: Sequence[Mapping[str, str]],
    rng: np.random.Generator,
    dropped: frozenset[tuple[str, str]] = frozenset(),
    *,
    bounds: Sequence[tuple[float, float]] | None = None,
    floors: Sequence[Floor] = (),
    counted: bool = True,
    bounded: bool = True,
    rounds: int = len(ROUNDS),
) -> tuple[list[float | None], bool]:
    """Draw the values of a number.

    Parameters
    ----------
    claims : Claims
    variable : str
        The id of a variable that is a number or a time.
    patients : sequence of mapping of str to str
        The level of every category, one a patient.
    rng : numpy.random.Generator
    dropped : frozenset of (str, str)
        Claims and fields that are not followed, beside those that the claims file sets aside.
    bounds : sequence of (float, float), optional
        The least and the greatest value that each patient may have, in the variable's unit; infinite where open.
    floors : sequence of Floor
        What other variables ask of it, where it is the follow-up.
    counted : bool
        Where moves alone find no values, count first, which takes its time and also shows where there are none.
    bounded : bool
        Whether events keep to the side of each milestone on which they are counted.
    rounds : int
        Of moves, after which the effort is spent; at most 4.

    Returns
    -------
    list of float or None
        One a patient; None for whoever is in no population that the variable is summarized in.
    bool
        Whether they agree with what is printed; False where the effort was spent before they did.

    Raises
    ------
    InfeasibleError
        No values agree with the medians, means and ranges that are printed.
    """
    reach = () if bounds is None else tuple(high for _, high in bounds)
    setup = setup_of(claims, variable, patients, dropped, floors=floors, reach=reach, bounded=bounded)
    if setup is None:
        return [None] * len(patients), True
    own = _bounds(setup, bounds)
    starts = [_begun(setup, own, rng) for _ in range(BEGUN if setup.timed else 1)]
    values, agreed = spread(setup, nearest(setup, starts, own), own, rng, rounds)
    if not agreed and counted:
        setup, counted_start = _started(setup, variable, int(rng.integers(STARTS)))
        filled = [
            [value for low, high, count, _ in segments for value in _within(shape, low, high, count, rng)]
            for shape, segments in zip(setup.shapes, counted_start.segments, strict=True)
        ]
        values, agreed = spread(setup, _placed(setup, filled, own, rng), own, rng, rounds)
    found: list[float | None] = [None] * len(patients)
    for place, value in zip(setup.patients.places, values.tolist(), strict=True):
        found[place] = value / setup.grid
    return found, agreed


def _begun(setup: Setup, bounds: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Likely values, times in the order of risk sets that print like their survival."""
    start = _placed(setup, _wished(setup.problem, setup.shapes, setup.between, rng), bounds, rng)
    return ordered(setup, start, bounds, rng) if setup.timed else start


def _wished(
    problem: Problem, shapes: tuple[Shape, ...], between: tuple[tuple[int, int, int], ...], rng: np.random.Generator
) -> list[list[int]]:
    """Likely values of each cell.

    Events begin spread over a part of the time between their milestones, another part each time, and everybody else
    after the last that an event came after: to censor somebody between two events takes one move, to put several beyond
    an event takes many.
    """
    part = (int(rng.integers(STARTS)) + 1) / STARTS
    moments = {group: (low, low + (high - low) * part) for group, low, high in between}
    last = max((low for _, low, _ in between), default=-inf)
    wished = []
    for cell, shape in zip(problem.cells, shapes, strict=True):
        drawn = shape.draw(cell.size or 0, rng)
        own = [moments[group] for group in cell.groups if group in moments]
        values = rng.uniform(*own[0], len(drawn)).tolist() if own else [max(value, last + 1) for value in drawn]
        wished.append([round(min(max(value, problem.least), problem.most)) for value in values])
    return wished


def _started(setup: Setup, variable: str, number: int) -> tuple[Setup, Filled]:
    """A feasible start, with quartiles of any type where those of type 7 have none."""
    for problem in (setup.problem, setup.loose):
        start = None if problem is None else _start(problem, setup.shapes, setup.between, number)
        if problem is not None and start is not None:
            return replace(setup, problem=problem), start
    raise InfeasibleError(f"values of {variable!r} in every group", "INFEASIBLE")


@lru_cache(maxsize=4096)
def _start(
    problem: Problem, shapes: tuple[Shape, ...], between: tuple[tuple[int, int, int], ...], number: int
) -> Filled | None:
    """One of the feasible starts of a problem, the same each time it is asked for."""
    rng = np.random.Generator(np.random.Philox(number))
    return fill(problem, wished=_wished(problem, shapes, between, rng))


def _bounds(setup: Setup, bounds: Sequence[tuple[float, float]] | None) -> NDArray[np.int64]:
    """Each patient's least and greatest value in steps of the grid."""
    own = np.tile(np.asarray([setup.problem.least, setup.problem.most], np.int64), (len(setup.patients.places), 1))
    if bounds is not None:
        asked = np.asarray([bounds[place] for place in setup.patients.places], float) * setup.grid
        asked = np.clip(asked, setup.problem.least, setup.problem.most)
        own[:, 0], own[:, 1] = np.ceil(asked[:, 0] - 1e-6), np.floor(asked[:, 1] + 1e-6)
    return own


def _placed(
    setup: Setup, by_cell: Sequence[Sequence[int]], own: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """The values of each cell, given to patients who may have them, at random otherwise."""
    values = np.zeros(len(setup.patients.places), np.int64)
    for cell, drawn in enumerate(by_cell):
        open_ = [place for place, mine in enumerate(setup.patients.cell_of) if mine == cell]
        open_ = [open_[index] for index in rng.permutation(len(open_)).tolist()]
        for value in sorted(drawn):
            # Of those who may have the value, the one who may have the fewest of the greater ones.
            fitting = [place for place in open_ if own[place, 0] <= value <= own[place, 1]]
            place = min(fitting or open_, key=lambda place: own[place, 1])
            open_.remove(place)
            values[place] = min(max(value, own[place, 0]), own[place, 1])
    return values


def _within(shape: Shape, low: int, high: int, count: int, rng: np.random.Generator) -> list[int]:
    if low == high:
        return [low] * count
    drawn = shape.draw(8 * count, rng)
    inside = [round(value) for value in drawn if low <= value <= high][:count]
    least, most = (min(max(end, low), high) for end in (min(drawn), max(drawn)))
    return inside + [round(rng.uniform(least, most)) for _ in range(count - len(inside))]
