"""Groups of one variable in one cohort: who has a value, and who belongs to which populations and milestones."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from branchpoint.publication.claims import PValue, VariableKind
from branchpoint.publication.reconstruction.counts.milestones import event_bounds
from branchpoint.publication.reconstruction.values.counting import Cell
from branchpoint.publication.reconstruction.values.printed_fields import described_by, fields_of, members
from branchpoint.publication.reconstruction.values.printed_survival import curves_of
from branchpoint.publication.reconstruction.values.soft_p import compared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from branchpoint.publication.claims import Claim, Claims, Variable
    from branchpoint.publication.reconstruction.values.printed_fields import PrintedField
    from branchpoint.publication.reconstruction.values.printed_survival import PrintedCurve
    from branchpoint.publication.reconstruction.values.within_study import Floor

__all__ = ["Curve", "Grouped", "Target", "grouped"]


@dataclass(frozen=True, slots=True)
class Target:
    """A claim that compares groups, and the patients of each."""

    claim: Claim
    groups: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A survival estimate, the group that it describes, and the group of those of it with the event, if any."""

    printed: PrintedCurve
    group: int
    events: int | None


@dataclass(frozen=True, slots=True)
class Grouped:
    """The patients who have a value of a variable, numbered, and their groups.

    Attributes
    ----------
    places : tuple of int
        Each patient's place in the cohort.
    groups : tuple of tuple of int
        Groups that something is asked of, none of them empty.
    cells : tuple of Cell
    cell_of : tuple of int
        Each patient's cell.
    fields : tuple of (int, PrintedField)
        What is printed, with its group.
    curves : tuple of Curve
    floors : tuple of (int, Floor)
        What other variables ask, with its group.
    between : tuple of (int, float, float)
        Groups whose events lie between two moments.
    events : tuple of bool
        Who had the event of a time; nobody, of a number.
    targets : tuple of Target
    """

    places: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]
    cells: tuple[Cell, ...]
    cell_of: tuple[int, ...]
    fields: tuple[tuple[int, PrintedField], ...]
    curves: tuple[Curve, ...]
    floors: tuple[tuple[int, Floor], ...]
    between: tuple[tuple[int, float, float], ...]
    events: tuple[bool, ...]
    targets: tuple[Target, ...]


def grouped(
    claims: Claims,
    variable: Variable,
    patients: Sequence[Mapping[str, str]],
    dropped: frozenset[tuple[str, str]],
    floors: Sequence[Floor],
) -> Grouped | None:
    """Group the patients of a cohort by what is printed of a variable; None where nobody has a value.

    Parameters
    ----------
    claims : Claims
    variable : Variable
    patients : sequence of mapping of str to str
        The level of every category, one a patient.
    dropped : frozenset of (str, str)
        Claims and fields that are not followed.
    floors : sequence of Floor
        What other variables ask of it.
    """
    timed = variable.kind is VariableKind.TIME
    fields = fields_of(claims, variable.id, dropped)
    printed = curves_of(claims, variable.id, dropped) if timed else ()
    said = {claim.population for claim in claims.claims.values() if described_by(claims, claim, variable.id)}
    said |= {curve.population for curve in printed} | {floor.population for floor in floors}
    inside = {name: members(claims, name, patients) for name in said}
    places = sorted(set().union(*inside.values()))
    if not places:
        return None
    rank = {place: number for number, place in enumerate(places)}
    of = {name: tuple(rank[place] for place in own) for name, own in inside.items()}
    known = [patients[place] for place in places]
    events = tuple(variable.event is not None and variable.event.holds(patient) for patient in known)
    ended = {name: tuple(patient for patient in own if events[patient]) for name, own in of.items()}
    moments = tuple(_between(claims, variable, known, events)) if timed else ()
    asked = {of[name] for name in said} | {ended[curve.population] for curve in printed}
    groups = tuple(sorted((asked | {group for group, _, _ in moments}) - {()}))
    index = {group: number for number, group in enumerate(groups)}
    cells, cell_of = _cells(len(places), groups)
    # What is printed twice of the same patients is asked once.
    curves = {(of[curve.population], curve.value): curve for curve in reversed(printed) if of[curve.population]}
    return Grouped(
        tuple(places),
        groups,
        cells,
        cell_of,
        fields=tuple((index[of[field.population]], field) for field in fields if of[field.population]),
        curves=tuple(Curve(c, index[own], index.get(ended[c.population])) for (own, _), c in curves.items()),
        floors=tuple((index[of[floor.population]], floor) for floor in floors if of[floor.population]),
        between=tuple((index[group], low, high) for group, low, high in moments),
        events=events,
        targets=tuple(_targets(claims, variable.id, patients, rank, dropped)),
    )


def _between(
    claims: Claims, variable: Variable, patients: Sequence[Mapping[str, str]], events: Sequence[bool]
) -> Iterator[tuple[tuple[int, ...], float, float]]:
    """Patients whose event lies between the same milestones, and these; not those of whom no milestone is known."""
    bounds = event_bounds(claims, variable.id, patients)
    for low, high in sorted({bound for bound, ended in zip(bounds, events, strict=True) if ended}):
        if low > 0 or high < inf:
            yield tuple(i for i, bound in enumerate(bounds) if events[i] and bound == (low, high)), low, high


def _targets(
    claims: Claims,
    variable: str,
    patients: Sequence[Mapping[str, str]],
    rank: Mapping[int, int],
    dropped: frozenset[tuple[str, str]],
) -> Iterator[Target]:
    """Comparisons of disjoint groups, none of them empty, among those who have a value."""
    for claim in compared(claims, variable, dropped):
        assert isinstance(claim.value, PValue)
        inside = [members(claims, group, patients) for group in claim.value.groups]
        groups = tuple(tuple(rank[place] for place in own if place in rank) for own in inside)
        if all(groups) and len(set().union(*groups)) == sum(map(len, groups)):
            yield Target(claim, groups)


def _cells(size: int, groups: Sequence[Sequence[int]]) -> tuple[tuple[Cell, ...], tuple[int, ...]]:
    """Patients who belong to the same groups."""
    around: list[set[int]] = [set() for _ in range(size)]
    for number, group in enumerate(groups):
        for patient in group:
            around[patient].add(number)
    signatures = [tuple(sorted(own)) for own in around]
    kinds = sorted(set(signatures))
    cells = tuple(Cell(frozenset(kind), signatures.count(kind)) for kind in kinds)
    return cells, tuple(kinds.index(signature) for signature in signatures)
