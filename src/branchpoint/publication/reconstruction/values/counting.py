"""The counting form of what is printed of a number: how many patients of each cell lie between its landmarks.

A cell holds the patients who belong to the same populations. That an order statistic lies within limits says only how
many values are below and above them; so values become counts, a few dozen whole numbers whatever the grid. The two
order statistics of a median of an even number are placed in a segment, and where one of the chosen is wider than a
point the model is solved again with a landmark there: what is infeasible before is so for certain, and what is found
after is exact.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from branchpoint.publication.solver import InfeasibleError, new_model, solve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from branchpoint.publication.reconstruction.values.printed_fields import Form

__all__ = ["MOST", "Cell", "Filled", "Limits", "Problem", "fill"]

MOST = 10**9
"""No value has more steps of its grid, up or down."""
MOST_REFINED = 40
"""Rounds of placing landmarks; one a median of an even number is the rule."""
EFFORT, WISHING = 5.0, 0.05
"""CP-SAT's deterministic time for an answer, and for one near to what is wished."""
UNSETTLED = 10_000
"""Price of an order statistic in a segment wider than a point, in values away from where they are wished."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Patients who belong to the same groups; ``size`` None where only the sizes of the groups are known."""

    groups: frozenset[int]
    size: int | None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one printed field asks of one group: of its order statistics, or of the sum of its values."""

    group: int
    forms: tuple[Form, ...] = ()
    total: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is printed of a number, in steps of its grid.

    Attributes
    ----------
    cells : tuple of Cell
    sizes : tuple of int
        Of the groups.
    limits : tuple of Limits
    least, most : int
        Limits that every value keeps.
    rooms : tuple of tuple of int
        Of each cell how far the values of its patients can reach, in ascending order; empty where as far as ``most``.
    """

    cells: tuple[Cell, ...]
    sizes: tuple[int, ...]
    limits: tuple[Limits, ...]
    least: int
    most: int
    rooms: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """An answer: for each cell its segments as (lowest, highest, number of values, their sum)."""

    segments: tuple[tuple[tuple[int, int, int, int], ...], ...]


def fill(problem: Problem, kept: Iterable[int] | None = None, wished: Sequence[Sequence[int]] = ()) -> Filled | None:
    """Counts that agree with what is printed, or None: no values do.

    Parameters
    ----------
    problem : Problem
    kept : iterable of int, optional
        Places of the limits that hold; all by default.
    wished : sequence of sequence of int
        For each cell values that the answer should be near to; as many as it has patients.

    Raises
    ------
    InfeasibleError
        The solver's effort was spent.
    """
    limits = problem.limits if kept is None else [problem.limits[place] for place in kept]
    if any(form.least > form.most for limit in limits for form in limit.forms):
        return None
    points = set(_middles(problem, limits, wished))
    for _ in range(MOST_REFINED):
        model = _Model(problem, limits, points)
        try:
            solver = model.solved(wished)
        except InfeasibleError as error:
            if error.status == "INFEASIBLE":
                return None
            raise
        wide = model.unsettled(solver)
        if not wide:
            return model.filled(solver)
        points |= wide
    raise InfeasibleError("medians of an even number, in the landmarks tried", "UNKNOWN")


class _Model:
    """Counts by cell and segment, with what is asked of them."""

    def __init__(self, problem: Problem, limits: Sequence[Limits], points: set[int]) -> None:
        self.problem, self.model = problem, new_model()
        self.segments = _segments(problem, limits, points)
        self.starts = [low for low, _ in self.segments]
        totals = {group for limit in limits if limit.total is not None for group in (limit.group,)}
        self.counts = [
            [self.model.new_int_var(0, self._most(cell), "") for _ in self.segments] for cell in problem.cells
        ]
        self.sums = [self._sums(cell, own) if cell.groups & totals else None for cell, own in self._cells()]
        self.placed: dict[tuple[int, int], tuple[list[Any], Any]] = {}
        for cell, own in self._cells():
            if cell.size is not None:
                self.model.add(sum(own) == cell.size)
        for group, size in enumerate(problem.sizes):
            self.model.add(sum(self._below(group, len(self.segments))) == size)
        for limit in limits:
            self._hold(limit)
        for own, reach in zip(self.counts, problem.rooms, strict=False):
            self._hold_rooms(own, reach)

    def _hold_rooms(self, own: Sequence[Any], reach: Sequence[int]) -> None:
        """No more values from a point on than patients whose values can reach it."""
        for segment, (low, _) in enumerate(self.segments):
            able = sum(room >= low for room in reach)
            if reach and able < len(reach):
                self.model.add(sum(own[segment:]) <= able)

    def _most(self, cell: Cell) -> int:
        return max(self.problem.sizes, default=0) if cell.size is None else cell.size

    def _cells(self) -> list[tuple[Cell, list[Any]]]:
        return list(zip(self.problem.cells, self.counts, strict=True))

    def _sums(self, cell: Cell, own: list[Any]) -> list[Any]:
        found = []
        for (low, high), count in zip(self.segments, own, strict=True):
            most = self._most(cell)
            total = self.model.new_int_var(min(low * most, 0), max(high * most, 0), "")
            self.model.add(total >= low * count)
            self.model.add(total <= high * count)
            found.append(total)
        return found

    def _below(self, group: int, segment: int) -> list[Any]:
        """The counts of a group in the segments before one."""
        return [count for cell, own in self._cells() if group in cell.groups for count in own[:segment]]

    def _hold(self, limit: Limits) -> None:
        if limit.total is not None:
            inside = [
                s
                for cell, own in zip(self.problem.cells, self.sums, strict=True)
                if limit.group in cell.groups
                for s in own or ()
            ]
            self.model.add_linear_constraint(sum(inside), *limit.total)
        for form in limit.forms:
            if form.second_weight:
                (_, first), (_, second) = (self._placed(limit.group, place) for place in (form.first, form.second))
                self.model.add(first <= second)
                value = form.first_weight * first + form.second_weight * second
                self.model.add_linear_constraint(value, form.least, form.most)
                continue
            self.model.add(sum(self._below(limit.group, self._segment(form.least))) <= form.first)
            self.model.add(sum(self._below(limit.group, self._segment(form.most + 1))) >= form.first + 1)

    def _segment(self, value: int) -> int:
        """The segment that begins with a value; that of what lies beyond is the first, or one after the last."""
        if value <= self.problem.least:
            return 0
        return len(self.segments) if value > self.problem.most else bisect_right(self.starts, value) - 1

    def _placed(self, group: int, place: int) -> tuple[list[Any], Any]:
        """An order statistic: the segment that it lies in, as flags, and its value."""
        if (group, place) not in self.placed:
            flags = [self.model.new_bool_var("") for _ in self.segments]
            self.model.add_exactly_one(flags)
            for segment, flag in enumerate(flags):
                self.model.add(sum(self._below(group, segment)) <= place).only_enforce_if(flag)
                self.model.add(sum(self._below(group, segment + 1)) >= place + 1).only_enforce_if(flag)
            value = self.model.new_int_var(self.problem.least, self.problem.most, "")
            self.model.add(value >= sum(low * flag for (low, _), flag in zip(self.segments, flags, strict=True)))
            self.model.add(value <= sum(high * flag for (_, high), flag in zip(self.segments, flags, strict=True)))
            self.placed[group, place] = flags, value
        return self.placed[group, place]

    def _misses(self, wished: Sequence[Sequence[int]]) -> list[Any]:
        misses = []
        for own, values in zip(self.counts, wished, strict=False):
            for (low, high), count in zip(self.segments, own, strict=True):
                wanted = sum(low <= value <= high for value in values)
                miss = self.model.new_int_var(0, len(values), "")
                self.model.add(miss >= count - wanted)
                self.model.add(miss >= wanted - count)
                misses.append(miss)
        return misses

    def solved(self, wished: Sequence[Sequence[int]]) -> Any:
        """The solver with an answer, near to what is wished if that takes no long search."""
        what = "values that print as the report does"
        if wished:
            self.model.minimize(sum(self._misses(wished)) + UNSETTLED * sum(self._wide()))
            try:
                return solve(self.model, what, effort=WISHING)
            except InfeasibleError as error:
                if error.status != "UNKNOWN":
                    raise
        self.model.minimize(sum(self._wide()))
        return solve(self.model, what, effort=EFFORT)

    def _wide(self) -> list[Any]:
        """Flags of order statistics in segments wider than a point."""
        return [
            flag
            for flags, _ in self.placed.values()
            for (low, high), flag in zip(self.segments, flags, strict=True)
            if low < high
        ]

    def unsettled(self, solver: Any) -> set[int]:
        """Values of order statistics that were placed in a segment wider than a point."""
        found = set()
        for flags, value in self.placed.values():
            segment = next(place for place, flag in enumerate(flags) if solver.value(flag))
            low, high = self.segments[segment]
            if low < high:
                found.add(solver.value(value))
        return found

    def filled(self, solver: Any) -> Filled:
        cells = []
        for (_, own), sums in zip(self._cells(), self.sums, strict=True):
            counted = []
            for place, ((low, high), count) in enumerate(zip(self.segments, own, strict=True)):
                number = solver.value(count)
                total = solver.value(sums[place]) if sums is not None else number * ((low + high) // 2)
                if number:
                    counted.append((low, high, number, total))
            cells.append(tuple(counted))
        return Filled(tuple(cells))


def _middles(problem: Problem, limits: Sequence[Limits], wished: Sequence[Sequence[int]]) -> Iterator[int]:
    """Where to look first for the two middle values of an even number: as far apart as those that are wished."""
    for limit in limits:
        inside = sorted(
            value
            for cell, values in zip(problem.cells, wished, strict=False)
            if limit.group in cell.groups
            for value in values
        )
        for form in limit.forms:
            if form.second_weight:
                weight = form.first_weight + form.second_weight
                apart = inside[form.second] - inside[form.first] if inside else 0
                below = (form.most - form.second_weight * apart) // weight
                above = (form.most - form.first_weight * below) // form.second_weight
                yield from (below, above)


def _segments(problem: Problem, limits: Sequence[Limits], points: set[int]) -> list[tuple[int, int]]:
    """The axis cut at every landmark; landmarks of a pair of order statistics are points of their own."""
    cuts = {problem.least, problem.most + 1}
    for limit in limits:
        for form in limit.forms:
            if not form.second_weight:
                cuts |= {form.least, form.most + 1}
    for point in points:
        cuts |= {point, point + 1}
    inside = sorted(cut for cut in cuts if problem.least <= cut <= problem.most + 1)
    return [(low, after - 1) for low, after in pairwise(inside)]
