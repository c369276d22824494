"""Numbers of a drawn cohort: values that print every median, mean and range of the report, in all groups at once.

A feasible start comes from counting (`branchpoint.publication.reconstruction.counting`); random moves that keep what is
printed then spread the values and pull the P values of tests toward the printed ones
(`branchpoint.publication.reconstruction.number_moves`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.reconstruction.counting import fill
from branchpoint.publication.reconstruction.number_setup import setup_of
from branchpoint.publication.reconstruction.number_spread import spread
from branchpoint.publication.solver import InfeasibleError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from branchpoint.publication.claims import Claims
    from branchpoint.publication.reconstruction.counting import Filled, Problem
    from branchpoint.publication.reconstruction.number_setup import Setup
    from branchpoint.publication.reconstruction.number_shapes import Shape

__all__ = ["draw_numbers"]

STARTS = 6
"""Different feasible starts kept for one pattern of groups."""


def draw_numbers(
    claims: Claims,
    variable: str,
    patients: Sequence[Mapping[str, str]],
    rng: np.random.Generator,
    dropped: frozenset[tuple[str, str]] = frozenset(),
    *,
    bounds: Sequence[tuple[float, float]] | None = None,
) -> list[float | None]:
    """Draw the values of a number.

    Parameters
    ----------
    claims : Claims
    variable : str
        The id of a variable that is a number.
    patients : sequence of mapping of str to str
        The level of every category, one a patient.
    rng : numpy.random.Generator
    dropped : frozenset of (str, str)
        Claims and fields that are not followed, beside those that the claims file sets aside.
    bounds : sequence of (float, float), optional
        The least and the greatest value that each patient may have, in the variable's unit; infinite where open.

    Returns
    -------
    list of float or None
        One a patient; None for whoever is in no population that the variable is summarized in.

    Raises
    ------
    InfeasibleError
        No values agree with what is printed, or with the bounds beside.
    """
    setup = setup_of(claims, variable, patients, dropped)
    if setup is None:
        return [None] * len(patients)
    number = int(rng.integers(STARTS))
    start = _start(setup.problem, setup.shapes, number)
    if start is None and setup.loose is not None:
        setup = replace(setup, problem=setup.loose)
        start = _start(setup.problem, setup.shapes, number)
    if start is None:
        raise InfeasibleError(f"values of {variable!r} in every group", "INFEASIBLE")
    own = _bounds(setup, bounds)
    values = spread(setup, _placed(setup, start, own, rng), own, rng)
    found: list[float | None] = [None] * len(patients)
    for place, value in zip(setup.places, values.tolist(), strict=True):
        found[place] = value / setup.grid
    return found


@lru_cache(maxsize=4096)
def _start(problem: Problem, shapes: tuple[Shape, ...], number: int) -> Filled | None:
    """One of the feasible starts of a problem, the same each time it is asked for."""
    rng = np.random.Generator(np.random.Philox(number))
    drawn = [shape.draw(cell.size or 0, rng) for cell, shape in zip(problem.cells, shapes, strict=True)]
    wished = [[round(min(max(value, problem.least), problem.most)) for value in values] for values in drawn]
    return fill(problem, wished=wished)


def _bounds(setup: Setup, bounds: Sequence[tuple[float, float]] | None) -> NDArray[np.int64]:
    """Each patient's least and greatest value in steps of the grid."""
    own = np.tile(np.asarray([setup.problem.least, setup.problem.most], np.int64), (len(setup.places), 1))
    if bounds is not None:
        asked = np.asarray([bounds[place] for place in setup.places], float) * setup.grid
        asked = np.clip(asked, setup.problem.least, setup.problem.most)
        own[:, 0], own[:, 1] = np.ceil(asked[:, 0] - 1e-6), np.floor(asked[:, 1] + 1e-6)
    return own


def _placed(setup: Setup, start: Filled, own: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """The values of a start, given to patients who may have them, at random otherwise."""
    values = np.zeros(len(setup.places), np.int64)
    for cell, segments in enumerate(start.segments):
        drawn = sorted(
            value for low, high, count, _ in segments for value in _within(setup.shapes[cell], low, high, count, rng)
        )
        open_ = [place for place, mine in enumerate(setup.cell_of) if mine == cell]
        open_ = [open_[index] for index in rng.permutation(len(open_)).tolist()]
        for value in drawn:
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
