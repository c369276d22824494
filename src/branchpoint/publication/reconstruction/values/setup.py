"""One number or time in one cohort, set up to be drawn: what is printed of it, and how it is likely spread."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, inf
from typing import TYPE_CHECKING

from branchpoint.publication.claims import VariableKind
from branchpoint.publication.reconstruction.values.counting import MOST, Limits, Problem
from branchpoint.publication.reconstruction.values.groups import grouped
from branchpoint.publication.reconstruction.values.printed_fields import SPREADS, Form, form_of, grid_of, grid_steps
from branchpoint.publication.reconstruction.values.shapes import shapes_of
from branchpoint.publication.reconstruction.values.within_study import days_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from branchpoint.publication.claims import Claims, Variable
    from branchpoint.publication.reconstruction.values.counting import Cell
    from branchpoint.publication.reconstruction.values.groups import Grouped
    from branchpoint.publication.reconstruction.values.printed_fields import PrintedField
    from branchpoint.publication.reconstruction.values.shapes import Shape
    from branchpoint.publication.reconstruction.values.within_study import Floor

__all__ = ["Setup", "limits_of", "problem_of", "setup_of"]

_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Setup:
    """One number or time in one cohort.

    Attributes
    ----------
    patients : Grouped
        Those who have a value.
    timed : bool
        Whether it is a time to an event.
    grid : int
        Steps in one unit.
    problem : Problem
    loose : Problem or None
        The same with quartiles of any type; None where no quartile is printed.
    variances : tuple of (int, float, float)
        Group, and the least and greatest variance that print as its spread, in steps squared.
    shapes : tuple of Shape
        Of each cell.
    between : tuple of (int, int, int)
        Groups whose events came between two moments, and these in steps; the last moment is the end of observation.
    """

    patients: Grouped
    timed: bool
    grid: int
    problem: Problem
    loose: Problem | None
    variances: tuple[tuple[int, float, float], ...]
    shapes: tuple[Shape, ...]
    between: tuple[tuple[int, int, int], ...] = ()


def setup_of(
    claims: Claims,
    variable: str,
    patients: Sequence[Mapping[str, str]],
    dropped: frozenset[tuple[str, str]] = frozenset(),
    *,
    floors: Sequence[Floor] = (),
    reach: Sequence[float] = (),
    bounded: bool = True,
) -> Setup | None:
    """Set up a number or time to be drawn for the patients of a cohort; None where nobody has a value.

    Parameters
    ----------
    claims : Claims
    variable : str
    patients : sequence of mapping of str to str
        The level of every category, one a patient.
    dropped : frozenset of (str, str)
        Claims and fields that are not followed.
    floors : sequence of Floor
        What other variables ask of it, where it is the follow-up.
    reach : sequence of float, optional
        The greatest value that each patient may have, in the variable's unit; infinite where open.
    bounded : bool
        Whether events keep to the side of each milestone on which they are counted.
    """
    own = claims.variables[variable]
    known = grouped(claims, own, patients, dropped, floors)
    if known is None:
        return None
    fields = [field for _, field in known.fields]
    sizes, grid = tuple(map(len, known.groups)), grid_of(own, fields)
    steps_a_day = grid / (days_in(own) or 1.0)
    more = [Limits(group, (floor.form(sizes[group], steps_a_day),)) for group, floor in known.floors]
    if bounded:
        more += [Limits(group, _moments(sizes[group], low, high, grid)) for group, low, high in known.between]
    rooms = _rooms([min(reach[place] * grid, MOST) for place in known.places], known) if reach else ()
    problem, loose = (
        problem_of(own, known.cells, sizes, known.fields, grid, loose=loose, more=tuple(more), rooms=rooms)
        for loose in (False, True)
    )
    times = [float(curve.printed.value.at * grid) for curve in known.curves]
    summaries = _summaries(known.fields, sizes, grid)
    longest = round(_longest(rooms, summaries, times))
    between = tuple(
        (group, first := ceil(low * grid), max(first, longest if high == inf else floor(high * grid)))
        for group, low, high in known.between
    )
    ended = frozenset(curve.events for curve in known.curves if curve.events is not None)
    return Setup(
        known,
        own.kind is VariableKind.TIME,
        grid,
        problem,
        loose if any(field.field in ("q1", "q3") for field in fields) else None,
        _variances(known.fields, sizes, grid),
        shapes_of(problem, summaries, times, ended, between),
        between,
    )


def problem_of(
    variable: Variable,
    cells: tuple[Cell, ...],
    sizes: tuple[int, ...],
    fields: Sequence[tuple[int, PrintedField]],
    grid: int,
    *,
    loose: bool = False,
    more: tuple[Limits, ...] = (),
    rooms: tuple[tuple[int, ...], ...] = (),
) -> Problem:
    """What is printed of a variable, as a problem of counting.

    Parameters
    ----------
    variable : Variable
        Values keep its limits; where it has no least one, and nothing negative is printed, 0.
    cells : tuple of Cell
    sizes : tuple of int
        Of the groups.
    fields : sequence of (int, PrintedField)
        Each with its group.
    grid : int
        Steps in one unit.
    loose : bool
        Take quartiles of any usual type.
    more : tuple of Limits
        Beside those of the fields.
    rooms : tuple of tuple of int
        As for `Problem`.
    """
    negative = any(field.printed < 0 for _, field in fields)
    least = variable.least if variable.least is not None else None if negative else 0
    low = -MOST if least is None else ceil(least * grid - _EDGE)
    high = MOST if variable.most is None else floor(variable.most * grid + _EDGE)
    limits = tuple(limits_of(field, group, sizes[group], grid, loose=loose) for group, field in fields)
    return Problem(cells, sizes, limits + more, low, high, rooms)


def limits_of(field: PrintedField, group: int, size: int, grid: int, *, loose: bool = False) -> Limits:
    """What a field asks of its group; of a spread nothing, which counting cannot say."""
    if field.field == "mean":
        return Limits(group, total=grid_steps(field.printed, size * grid / field.per_unit))
    return Limits(group, form_of(field, size, grid, loose=loose))


def _moments(size: int, low: float, high: float, grid: int) -> tuple[Form, ...]:
    """The first value of a group is no earlier than one moment, the last no later than another."""
    first = Form(0, 0, 1, 0, ceil(low * grid - _EDGE), MOST)
    last = Form(size - 1, size - 1, 1, 0, -MOST, MOST if high == inf else floor(high * grid + _EDGE))
    return first, last


def _rooms(steps: Sequence[float], known: Grouped) -> tuple[tuple[int, ...], ...]:
    """How far the values of each cell's patients can reach, where anything limits them."""
    if min(steps) >= MOST:
        return ()
    own: list[list[int]] = [[] for _ in known.cells]
    for step, cell in zip(steps, known.cell_of, strict=True):
        own[cell].append(floor(step + _EDGE))
    return tuple(tuple(sorted(one)) for one in own)


def _variances(
    fields: Sequence[tuple[int, PrintedField]], sizes: Sequence[int], grid: int
) -> tuple[tuple[int, float, float], ...]:
    found = []
    for group, field in fields:
        if field.field in SPREADS and sizes[group] > 1:
            half = Decimal(1).scaleb(int(field.printed.as_tuple().exponent)) / 2
            steps = float(grid / field.per_unit) * (sizes[group] ** 0.5 if field.field == "standard_error" else 1)
            low, high = (float(max(field.printed + side, Decimal(0))) * steps for side in (-half, half))
            margin = _EDGE * (high - low)
            found.append((group, (low + margin) ** 2, (high - margin) ** 2))
    return tuple(found)


def _longest(rooms: Sequence[Sequence[int]], summaries: Sequence[Mapping[str, float]], times: Sequence[float]) -> float:
    """How long anybody was observed: as printed, or as long as the study allows, or somewhat beyond the last curve."""
    printed = [summary["high"] for summary in summaries if "high" in summary]
    allowed = [max(own) for own in rooms if own]
    return max(max(printed, default=max(allowed, default=0.0)), 1.1 * max(times, default=0.0))


def _summaries(
    fields: Sequence[tuple[int, PrintedField]], sizes: Sequence[int], grid: int
) -> tuple[dict[str, float], ...]:
    """What is printed of each group, by the name of the field, in steps of the grid."""
    found: tuple[dict[str, float], ...] = tuple({} for _ in sizes)
    for group, field in fields:
        name = "sd" if field.field in SPREADS else field.field
        steps = float(field.printed * grid / field.per_unit)
        found[group][name] = steps * (sizes[group] ** 0.5 if field.field == "standard_error" else 1)
    return found
