"""Usual numbers of events: how many of a group had the event by each milestone, as the printed precision tells.

An estimate of survival leaves open how many had the event: the fewer there are, the more were censored before. Its
standard error says how many were at risk, and so both.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, chain, product
from math import prod
from typing import TYPE_CHECKING

from branchpoint.publication.claims import VariableKind
from branchpoint.publication.reconstruction.counts.milestones import Milestone, had
from branchpoint.publication.reconstruction.values.interval_paths import interval_paths
from branchpoint.publication.reconstruction.values.printed_survival import curves_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from branchpoint.publication.claims import Claims, Condition
    from branchpoint.publication.reconstruction.values.printed_survival import PrintedCurve

__all__ = ["Usual", "usual_events"]

MOST_OPTIONS = 400
"""Combinations of the numbers of groups of one time that are looked at together."""


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """Numbers of patients with an event that usually go together.

    Attributes
    ----------
    variable : str
        The id of the time to the event.
    counted : tuple of Condition
        Whom each number counts.
    options : tuple of tuple of int
        Of which a cohort is pulled to one; those with few events in the first group first.
    others : tuple of tuple of int
        Near to these, for when no times are found with any of them.
    """

    variable: str
    counted: tuple[Condition, ...]
    options: tuple[tuple[int, ...], ...]
    others: tuple[tuple[int, ...], ...] = ()

    def reached(self, patients: Sequence[Mapping[str, str]]) -> tuple[int, ...]:
        """The numbers in a cohort, given by the level of every category."""
        return tuple(sum(condition.holds(patient) for patient in patients) for condition in self.counted)


def usual_events(claims: Claims, dropped: frozenset[tuple[str, str]] = frozenset()) -> Iterator[Usual]:
    """Who had the event of each time by each milestone, and how many they can be.

    Parameters
    ----------
    claims : Claims
        As `with_milestones` gives them.
    dropped : frozenset of (str, str)
        Claims and fields that are not followed.

    Yields
    ------
    Usual
        Of all groups of one time together where their numbers have few combinations, else of each group.
    """
    for variable in claims.variables.values():
        if variable.kind is VariableKind.TIME:
            groups = _groups(claims, variable.id, dropped)
            # Of a whole and its parts the parts tell more.
            parts = [one for one in groups if not any(_inside(other, one) for other in groups)]
            if parts and prod(len(part.options) for part in parts) <= MOST_OPTIONS:
                yield _together(variable.id, parts, [one for one in groups if one not in parts])
            else:
                yield from (Usual(variable.id, part.counted, part.options) for part in parts)


@dataclass(frozen=True, slots=True)
class _Group:
    """A group with printed survival: the numbers of events that it may have, each by the times of its estimates."""

    where: Condition
    size: int
    times: tuple[Decimal, ...]
    counted: tuple[Condition, ...]
    limits: tuple[tuple[int, int], ...]
    options: tuple[tuple[int, ...], ...]


def _groups(claims: Claims, variable: str, dropped: frozenset[tuple[str, str]]) -> list[_Group]:
    found: dict[Condition, dict[Decimal, PrintedCurve]] = {}
    for curve in curves_of(claims, variable, dropped):
        where = claims.populations[curve.population].where
        assert where is not None, "curves are of populations that are said in variables"
        found.setdefault(where, {}).setdefault(curve.value.at, curve)
    groups = []
    for where, by_time in found.items():
        curves = [by_time[at] for at in sorted(by_time)]
        counted = tuple(where & had(Milestone(variable, curve.value.at)) for curve in curves)
        size = claims.populations[curves[0].population].size
        limits = tuple((curve.sets.least, curve.sets.most) for curve in curves)
        groups.append(_Group(where, size, tuple(sorted(by_time)), counted, limits, _options(size, curves, limits)))
    return groups


def _inside(one: _Group, other: _Group) -> bool:
    return one.where != other.where and one.where.within(other.where)


def _options(
    size: int, curves: Sequence[PrintedCurve], limits: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, ...], ...]:
    """Events by each time; with few censored, where all risk sets are known, or nothing tells how precise it is."""
    boxes = tuple(curve.sets.box for curve in curves)
    paths = () if all(curve.sets.complete for curve in curves) else interval_paths(size, boxes, limits)
    told = sorted((tuple(accumulate(len(gaps) - 1 for gaps in path)) for path in paths), key=sum)
    return tuple(dict.fromkeys(told)) or (tuple(curve.sets.usual for curve in curves),)


def _together(variable: str, parts: Sequence[_Group], wholes: Sequence[_Group]) -> Usual:
    """Combinations of what parts may have; of those, the ones that add up to what wholes may have, if there are any."""
    every = [tuple(chain.from_iterable(one)) for one in product(*(part.options for part in parts))]
    limits = [limit for part in parts for limit in part.limits]
    others = [one for one in dict.fromkeys(_beside(every)) if _within(one, limits, parts) and one not in every]
    for whole in wholes:
        own = [place for place, part in enumerate(parts) if part.where.within(whole.where)]
        if sum(parts[place].size for place in own) == whole.size and all(parts[i].times == whole.times for i in own):
            every = [one for one in every if _near(_added(one, parts, own), whole.options)] or every
            others = [one for one in others if _near(_added(one, parts, own), whole.options)] or others
    return Usual(
        variable, tuple(condition for part in parts for condition in part.counted), tuple(every), tuple(others)
    )


def _beside(options: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    """Numbers of which one is one more or less, or two are, in opposite ways."""
    for option in options:
        steps = [(place, step) for place in range(len(option)) for step in (1, -1)]
        pairs = [((i, 1), (j, -1)) for i in range(len(option)) for j in range(len(option)) if i != j]
        for changed in ([(step,) for step in steps]) + pairs:
            moved = dict(changed)
            yield tuple(number + moved.get(place, 0) for place, number in enumerate(option))


def _within(numbers: tuple[int, ...], limits: Sequence[tuple[int, int]], parts: Sequence[_Group]) -> bool:
    inside = all(low <= number <= high for number, (low, high) in zip(numbers, limits, strict=True))
    return inside and all(list(own) == sorted(own) for own in _split(numbers, parts))


def _near(numbers: tuple[int, ...], options: Sequence[tuple[int, ...]]) -> bool:
    """Whether numbers are, to one patient, among options, of which not all are known."""
    return any(all(abs(a - b) <= 1 for a, b in zip(numbers, option, strict=True)) for option in options)


def _split(numbers: tuple[int, ...], parts: Sequence[_Group]) -> list[tuple[int, ...]]:
    left = iter(numbers)
    return [tuple(next(left) for _ in part.times) for part in parts]


def _added(numbers: tuple[int, ...], parts: Sequence[_Group], own: Sequence[int]) -> tuple[int, ...]:
    by_part = _split(numbers, parts)
    return tuple(map(sum, zip(*(by_part[place] for place in own), strict=True)))
