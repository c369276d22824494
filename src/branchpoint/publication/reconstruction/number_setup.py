"""One number in one cohort: who has a value, in which cell, and what is printed of it as a problem of counting."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor
from typing import TYPE_CHECKING

from branchpoint.publication.claims import PValue
from branchpoint.publication.reconstruction.counting import Cell, Limits, Problem
from branchpoint.publication.reconstruction.number_shapes import shape_of
from branchpoint.publication.reconstruction.printed_fields import (
    SPREADS,
    described_by,
    fields_of,
    form_of,
    grid_of,
    grid_steps,
    members,
)
from branchpoint.publication.reconstruction.soft_p import compared

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from branchpoint.publication.claims import Claim, Claims, Variable
    from branchpoint.publication.reconstruction.number_shapes import Shape
    from branchpoint.publication.reconstruction.printed_fields import PrintedField

__all__ = ["MOST", "Setup", "Target", "problem_of", "setup_of"]

MOST = 10**9
"""No value has more steps of its grid."""


@dataclass(frozen=True, slots=True)
class Target:
    """A claim that compares groups, and the patients of each."""

    claim: Claim
    groups: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Setup:
    """One number in one cohort. Patients are counted among those who have a value.

    Attributes
    ----------
    grid : int
        Steps in one unit.
    places : tuple of int
        Who has a value, by place in the cohort.
    groups : tuple of tuple of int
        The patients of each group, a population that something is printed of.
    cell_of : tuple of int
        Each patient's cell.
    problem : Problem
    loose : Problem or None
        The same with quartiles of any type; None where no quartile is printed.
    variances : tuple of (int, float, float)
        Group, and the least and greatest variance that print as its spread, in steps squared.
    shapes : tuple of Shape
        Of each cell.
    targets : tuple of Target
    """

    grid: int
    places: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]
    cell_of: tuple[int, ...]
    problem: Problem
    loose: Problem | None
    variances: tuple[tuple[int, float, float], ...]
    shapes: tuple[Shape, ...]
    targets: tuple[Target, ...]


def setup_of(
    claims: Claims, variable: str, patients: Sequence[Mapping[str, str]], dropped: frozenset[tuple[str, str]]
) -> Setup | None:
    """What is printed of a number, for the patients of a cohort; None where nobody has a value.

    Parameters
    ----------
    claims : Claims
    variable : str
    patients : sequence of mapping of str to str
        The level of every category, one a patient.
    dropped : frozenset of (str, str)
        Claims and fields that are not followed.
    """
    fields = fields_of(claims, variable, dropped)
    said = {claim.population for claim in claims.claims.values() if described_by(claims, claim, variable)}
    inside = {name: members(claims, name, patients) for name in said}
    places = sorted(set().union(*inside.values()))
    if not places:
        return None
    rank = {place: index for index, place in enumerate(places)}
    groups = tuple(sorted({tuple(rank[p] for p in inside[field.population]) for field in fields} - {()}))
    index = {group: number for number, group in enumerate(groups)}
    placed = [
        (index[group], field)
        for field in fields
        if (group := tuple(rank[p] for p in inside[field.population])) in index
    ]
    cells, cell_of = _cells(len(places), groups)
    sizes, grid = tuple(map(len, groups)), grid_of(claims.variables[variable], fields)
    own = claims.variables[variable]
    quartiles = any(field.field in ("q1", "q3") for field in fields)
    problem = problem_of(own, cells, sizes, placed, grid)
    loose = problem_of(own, cells, sizes, placed, grid, loose=True) if quartiles else None
    targets = tuple(
        Target(
            claim, tuple(tuple(rank[p] for p in members(claims, g, patients) if p in rank) for g in claim.value.groups)
        )
        for claim in compared(claims, variable, dropped)
        if isinstance(claim.value, PValue)
    )
    kept = tuple(
        target
        for target in targets
        if all(target.groups) and len(set().union(*target.groups)) == sum(map(len, target.groups))
    )
    shapes = _shapes(problem, placed, grid)
    return Setup(grid, tuple(places), groups, cell_of, problem, loose, _variances(placed, sizes, grid), shapes, kept)


def problem_of(
    variable: Variable,
    cells: tuple[Cell, ...],
    sizes: tuple[int, ...],
    placed: Sequence[tuple[int, PrintedField]],
    grid: int,
    *,
    loose: bool = False,
) -> Problem:
    """What is printed of a variable, as a problem of counting.

    Parameters
    ----------
    variable : Variable
        Values keep its limits; where it has no least one, and nothing negative is printed, 0.
    cells : tuple of Cell
    sizes : tuple of int
        Of the groups.
    placed : sequence of (int, PrintedField)
        Each field with its group.
    grid : int
        Steps in one unit.
    loose : bool
        Take quartiles of any usual type.
    """
    negative = any(field.printed < 0 for _, field in placed)
    least = variable.least if variable.least is not None else None if negative else 0
    low = -MOST if least is None else ceil(least * grid - 1e-6)
    high = MOST if variable.most is None else floor(variable.most * grid + 1e-6)
    limits = tuple(_limits(field, group, sizes[group], grid, loose) for group, field in placed)
    return Problem(cells, sizes, limits, low, high)


def _limits(field: PrintedField, group: int, size: int, grid: int, loose: bool) -> Limits:
    """What a field asks of its group; of a spread nothing, which counting cannot say."""
    if field.field == "mean":
        return Limits(group, total=grid_steps(field.printed, size * grid / field.per_unit))
    return Limits(group, form_of(field, size, grid, loose=loose))


def _cells(size: int, groups: Sequence[Sequence[int]]) -> tuple[tuple[Cell, ...], tuple[int, ...]]:
    around: list[set[int]] = [set() for _ in range(size)]
    for number, group in enumerate(groups):
        for patient in group:
            around[patient].add(number)
    signatures = [tuple(sorted(own)) for own in around]
    kinds = sorted(set(signatures))
    cells = tuple(Cell(frozenset(kind), signatures.count(kind)) for kind in kinds)
    return cells, tuple(kinds.index(signature) for signature in signatures)


def _variances(
    placed: Sequence[tuple[int, PrintedField]], sizes: Sequence[int], grid: int
) -> tuple[tuple[int, float, float], ...]:
    found = []
    for group, field in placed:
        if field.field in SPREADS and sizes[group] > 1:
            half = Decimal(1).scaleb(int(field.printed.as_tuple().exponent)) / 2
            steps = float(grid / field.per_unit) * (sizes[group] ** 0.5 if field.field == "standard_error" else 1)
            low, high = (float(max(field.printed + side, Decimal(0))) * steps for side in (-half, half))
            margin = 1e-6 * (high - low)
            found.append((group, (low + margin) ** 2, (high - margin) ** 2))
    return tuple(found)


def _shapes(problem: Problem, placed: Sequence[tuple[int, PrintedField]], grid: int) -> tuple[Shape, ...]:
    """A shape for each cell: that of the smallest group around it whose middle is printed."""
    summaries: dict[int, dict[str, float]] = {group: {} for group in range(len(problem.sizes))}
    for group, field in placed:
        steps = float(field.printed * grid / field.per_unit)
        name = "sd" if field.field in SPREADS else field.field
        summaries[group][name] = steps * (problem.sizes[group] ** 0.5 if field.field == "standard_error" else 1)
    least = None if problem.least == -MOST else float(problem.least)

    def worth(group: int) -> tuple[bool, float]:
        return bool({"median", "mean"} & set(summaries[group])), -problem.sizes[group]

    found = []
    for cell in problem.cells:
        best = max(cell.groups, key=worth, default=None)
        found.append(shape_of({}, 1, least) if best is None else shape_of(summaries[best], problem.sizes[best], least))
    return tuple(found)
