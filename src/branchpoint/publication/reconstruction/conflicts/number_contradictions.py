"""Contradictions of numbers: medians, means and ranges of one variable that no values have, in whatever patients.

Who belongs to two groups at once is left open here, so that what is found holds for every cohort with these groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import product
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from branchpoint.publication.claims import Condition, Date, VariableKind
from branchpoint.publication.printed import printed
from branchpoint.publication.reconstruction.conflicts.contradictions import Contradiction, Contradictions
from branchpoint.publication.reconstruction.conflicts.minimal_sets import minimal_sets
from branchpoint.publication.reconstruction.counts.statements import WEIGHTS, cohort_size
from branchpoint.publication.reconstruction.values.counting import Cell, Limits, Problem, fill
from branchpoint.publication.reconstruction.values.printed_fields import UNLIMITED, Form, fields_of, grid_of
from branchpoint.publication.reconstruction.values.setup import limits_of, problem_of
from branchpoint.publication.reconstruction.values.within_study import days_in, floors_of, span

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from branchpoint.publication.claims import Claims, Variable
    from branchpoint.publication.reconstruction.values.printed_fields import PrintedField

__all__ = ["number_contradictions"]

MOST_KINDS = 50_000
"""Of more combinations of levels than this, any patients may belong to the same groups."""


@dataclass(frozen=True, slots=True)
class _DateField:
    """A printed date, as something that can be dropped."""

    claim: str
    field: str
    text: str

    def __str__(self) -> str:
        return self.text


_Item: TypeAlias = "PrintedField | _DateField"


@dataclass(frozen=True, slots=True)
class _Asked:
    """Limits that hold where all of what they follow from is kept."""

    sources: frozenset[_Item]
    limits: Limits


def number_contradictions(claims: Claims, *, limit: int = 5) -> Contradictions:
    """Find the numbers that are printed of one variable and cannot be true together.

    What lasts within the study is held against the follow-up and the calendar, with the follow-up.

    Parameters
    ----------
    claims : Claims
    limit : int
        Most contradictory sets to list of one variable.

    Raises
    ------
    InfeasibleError
        The solver's effort was spent.
    """
    sets: list[Contradiction] = []
    dropped: list[_Item] = []
    complete, size = True, cohort_size(claims)
    for variable in claims.variables.values():
        if variable.kind is VariableKind.CATEGORY:
            continue
        asked, problem = _asked(claims, variable)
        if not asked:
            continue
        same = _alike(claims, asked)
        weights = [sum(_weight(claims, item) for item in group) for group in same.values()]
        found = minimal_sets(list(same), weights, partial(_possible, asked, same, problem), limit=limit)
        sets += [Contradiction(members, size) for members in found.sets]
        dropped += [item for first in found.dropped for item in same[first]]
        complete &= found.complete
    return Contradictions(tuple(sets), tuple(dropped), complete)


def _possible(
    asked: Sequence[_Asked], same: Mapping[_Item, Sequence[_Item]], problem: Problem, kept: Sequence[_Item]
) -> bool:
    """Whether values can be all that follows from what is kept."""
    sources = {item for first in kept for item in same[first]}
    return fill(problem, [place for place, one in enumerate(asked) if one.sources <= sources]) is not None


def _weight(claims: Claims, item: _Item) -> int:
    """What it costs to drop a field: nothing, where the file sets it aside."""
    claim = claims.claims[item.claim]
    if not claim.used or item.field in claim.set_aside:
        return 0
    return WEIGHTS["size"] if isinstance(item, _DateField) else 1


def _alike(claims: Claims, asked: Sequence[_Asked]) -> dict[_Item, list[_Item]]:
    """All sources; those that print the same of the same patients together, by the first of them."""
    by_content: dict[Hashable, list[_Item]] = {}
    for one in asked:
        for source in sorted(one.sources, key=lambda source: (source.claim, source.field)):
            group = by_content.setdefault(_content(claims, source), [])
            if source not in group:
                group.append(source)
    order = {claim_id: place for place, claim_id in enumerate(claims.claims)}
    groups = [sorted(group, key=lambda source: order[source.claim]) for group in by_content.values()]
    groups.sort(key=lambda group: order[group[0].claim])
    return {group[0]: group for group in groups}


def _content(claims: Claims, source: _Item) -> Hashable:
    if isinstance(source, _DateField):
        return source
    claim = claims.claims[source.claim]
    return claim.variable, claims.populations[source.population].where, source.field, source.printed, source.per_unit


def _asked(claims: Claims, variable: Variable) -> tuple[list[_Asked], Problem]:
    """What is asked of the values of a variable, as one problem with a limit for each."""
    fields = fields_of(claims, variable.id, judged=False)
    follow_up = variable.id == claims.study.follow_up
    floors = list(floors_of(claims, judged=False)) if follow_up else []
    names = {field.population for field in fields} | {floor.population for floor in floors}
    wheres = {name: claims.populations[name].where for name in names}
    index: dict[Condition, int] = {}
    for where in wheres.values():
        if where is not None:
            index.setdefault(where, len(index))
    group = {name: index[where] for name, where in wheres.items() if where is not None}
    sizes = {group[name]: claims.populations[name].size for name in group}
    grid = grid_of(variable, fields)
    asked = [
        _Asked(frozenset({field}), limits_of(field, group[field.population], sizes[group[field.population]], grid))
        for field in fields
    ]
    unit = days_in(variable) or 1.0
    for floor in floors:
        number = group[floor.population]
        sources = frozenset({floor.field, *floor.starts})
        asked.append(_Asked(sources, Limits(number, (floor.form(sizes[number], grid / unit),))))
    if follow_up or variable.within_study:
        asked += _calendar(claims, sizes, grid / unit)
    cells = tuple(Cell(frozenset(kind), None) for kind in _kinds(claims, list(index)))
    problem = problem_of(variable, cells, tuple(sizes[number] for number in range(len(index))), (), grid)
    return asked, Problem(problem.cells, problem.sizes, tuple(one.limits for one in asked), problem.least, problem.most)


def _calendar(claims: Claims, sizes: dict[int, int], steps_a_day: float) -> Iterator[_Asked]:
    """Nothing within the study lasts longer than it."""
    days = span(claims)
    if days == inf:
        return
    dates = []
    for name in (claims.study.start, claims.study.end):
        claim = claims.claims[name or ""]
        assert isinstance(claim.value, Date)
        dates.append(_DateField(claim.id, "date", f"{claim.quantity}: {printed(claim.value)} ({claim.place})"))
    for group, size in sizes.items():
        last = Form(size - 1, size - 1, 1, 0, -UNLIMITED, int(days * steps_a_day + 1e-6))
        yield _Asked(frozenset(dates), Limits(group, (last,)))


def _kinds(claims: Claims, wheres: Sequence[Condition]) -> list[tuple[int, ...]]:
    """Which of some groups a patient can belong to at once, by the levels that tell them apart, and by the rules."""
    names = sorted({name for where in wheres for name in where})
    rules = [rule for rule in claims.rules if set(rule.given) | set(rule.then) <= set(names)]
    levels = [claims.variables[name].levels for name in names]
    many = 1
    for own in levels:
        many *= len(own)
    if many > MOST_KINDS:
        every = product((False, True), repeat=len(wheres)) if len(wheres) < 12 else ()
        return [tuple(i for i, inside in enumerate(flags) if inside) for flags in every if any(flags)]
    found = set()
    for combined in product(*levels):
        patient = MappingProxyType(dict(zip(names, combined, strict=True)))
        if all(rule.then.holds(patient) for rule in rules if rule.given.holds(patient)):
            found.add(tuple(i for i, where in enumerate(wheres) if where.holds(patient)))
    return sorted(found - {()})
