"""Usual numbers of events: how many of a group had the event by each milestone, as the printed precision tells.

An estimate of survival leaves open how many had the event: the fewer there are, the more were censored before. Its
standard error says how many were at risk, and so both.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from branchpoint.publication.claims import VariableKind
from branchpoint.publication.reconstruction.counts.milestones import Milestone, had
from branchpoint.publication.reconstruction.values.interval_paths import interval_paths
from branchpoint.publication.reconstruction.values.printed_survival import curves_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.publication.claims import Claims, Condition
    from branchpoint.publication.reconstruction.values.printed_survival import PrintedCurve

__all__ = ["Usual", "usual_events"]


@dataclass(frozen=True, slots=True)
class Usual:
    """Numbers of patients that usually go together.

    Attributes
    ----------
    counted : tuple of Condition
        Whom each number counts.
    options : tuple of tuple of int
        Of which a cohort is pulled to one.
    """

    counted: tuple[Condition, ...]
    options: tuple[tuple[int, ...], ...]


def usual_events(claims: Claims, dropped: frozenset[tuple[str, str]] = frozenset()) -> Iterator[Usual]:
    """Who of each group had the event by each milestone, and how many they can be.

    Parameters
    ----------
    claims : Claims
        As `with_milestones` gives them.
    dropped : frozenset of (str, str)
        Claims and fields that are not followed.
    """
    for variable in claims.variables.values():
        if variable.kind is not VariableKind.TIME:
            continue
        groups: dict[Condition, dict[object, PrintedCurve]] = {}
        for curve in curves_of(claims, variable.id, dropped):
            where = claims.populations[curve.population].where
            assert where is not None, "curves are of populations that are said in variables"
            groups.setdefault(where, {}).setdefault(curve.value.at, curve)
        for where, by_time in groups.items():
            # Of a whole and its parts the parts tell more.
            if not any(other != where and other.within(where) for other in groups):
                curves = sorted(by_time.values(), key=lambda curve: curve.value.at)
                counted = tuple(where & had(Milestone(variable.id, curve.value.at)) for curve in curves)
                size = claims.populations[curves[0].population].size
                yield Usual(counted, tuple(dict.fromkeys(_options(size, curves))))


def _options(size: int, curves: Sequence[PrintedCurve]) -> Iterator[tuple[int, ...]]:
    """Events by each time; with few censored, where all risk sets are known, or nothing tells how precise it is."""
    fewest = tuple(curve.sets.usual for curve in curves)
    paths = interval_paths(size, tuple(curve.sets.box for curve in curves))
    if all(curve.sets.complete for curve in curves) or not paths:
        yield fewest
        return
    for path in paths:
        yield tuple(accumulate(interval.events for interval in path))
