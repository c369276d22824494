"""Drawing: one cohort of patients who agree with a report, drawn anew from what the report leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from branchpoint.publication.claims import VariableKind
from branchpoint.publication.reconstruction.counts.categories import draw_categories, tables_of
from branchpoint.publication.reconstruction.counts.joint_table import joint_model
from branchpoint.publication.reconstruction.counts.milestones import (
    curve_statements,
    event_bounds,
    with_milestones,
)
from branchpoint.publication.reconstruction.counts.missing_values import with_missing_values
from branchpoint.publication.reconstruction.counts.table_targets import soft_tables, table_targets
from branchpoint.publication.reconstruction.counts.usual_events import usual_events
from branchpoint.publication.reconstruction.counts.wishes import Wishes
from branchpoint.publication.reconstruction.met import unmet
from branchpoint.publication.reconstruction.values.numbers import draw_numbers
from branchpoint.publication.reconstruction.values.soft_p import soft_numbers, soft_times
from branchpoint.publication.reconstruction.values.within_study import drawing_order, floors_of, least_follow_up, rooms
from branchpoint.publication.solver import InfeasibleError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from branchpoint.publication.claims import Claims, Variable
    from branchpoint.publication.reconstruction.counts.categories import Tables
    from branchpoint.publication.reconstruction.counts.table_targets import TableTarget
    from branchpoint.publication.reconstruction.counts.usual_events import Usual
    from branchpoint.publication.reconstruction.met import Unmet
    from branchpoint.publication.reconstruction.values.soft_p import SoftTarget
    from branchpoint.publication.reconstruction.values.within_study import Floor

__all__ = ["Drawn", "Source", "draw", "source_of"]

ATTEMPTS, FEW, TRIES = 30, 6, 12
"""Tables of patients tried for one cohort; searches for the values of one variable in each of them, and in the last."""
SHORT, LONG = 2, 4
"""Rounds of moves of a search: what more moves from a start do not find, as a rule another start does."""
Values: TypeAlias = "list[float | None]"


@dataclass(frozen=True, slots=True)
class Source:
    """What cohorts are drawn from: made once by `source_of`.

    Attributes
    ----------
    claims : Claims
        With a category for each milestone of survival, and a level where values are missing.
    tables : Tables
    targets : tuple of TableTarget
    usual : tuple of Usual
        Numbers of events that the patients are pulled to.
    order : tuple of Variable
        Numbers and times, in the order in which they are drawn.
    floors : tuple of Floor
        What other variables ask of follow-up.
    dropped : frozenset of (str, str)
        Claims and fields that contradict others, and are not followed.
    """

    claims: Claims
    tables: Tables
    targets: tuple[TableTarget, ...]
    usual: tuple[Usual, ...]
    order: tuple[Variable, ...]
    floors: tuple[Floor, ...]
    dropped: frozenset[tuple[str, str]]

    def followed(self, patients: Sequence[Mapping[str, str]]) -> list[float]:
        """How long each patient was followed at the least, by the milestones that other events came after."""
        return least_follow_up(self.claims, patients, self.dropped)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One cohort.

    Attributes
    ----------
    patients : tuple of mapping of str to str
        The level of every category, one mapping a patient.
    values : mapping of str to list of float or None
        By number or time, one value a patient; None for whoever the report says nothing of.
    unmet : tuple of Unmet
        Printed numbers that it does not have although it follows them.
    p_values : tuple of SoftTarget
        P values that it was pulled to.
    """

    patients: tuple[Mapping[str, str], ...]
    values: Mapping[str, Values]
    unmet: tuple[Unmet, ...]
    p_values: tuple[SoftTarget, ...]


def source_of(claims: Claims, dropped: frozenset[tuple[str, str]] = frozenset()) -> Source:
    """Prepare to draw cohorts.

    Parameters
    ----------
    claims : Claims
    dropped : frozenset of (str, str)
        Claims and fields that are not followed, beside those that the claims file sets aside.

    Raises
    ------
    InfeasibleError
        What is followed contradicts itself.
    TableTooLargeError
        Conditions link too many variables.
    """
    whole = with_milestones(with_missing_values(claims))
    curves = tuple(s for s in curve_statements(whole, judged=True) if (s.claim, s.field) not in dropped)
    model = joint_model(whole, extra=curves, judged=True, dropped=dropped)
    targets = tuple(table_targets(whole, model.statements, dropped))
    usual = tuple(usual_events(whole, dropped))
    tables = tables_of(model, targets, usual)
    order, floors = tuple(drawing_order(whole)), tuple(floors_of(whole, dropped, start="high"))
    return Source(whole, tables, targets, usual, order, floors, dropped)


def draw(source: Source, seed: int, number: int) -> Drawn:
    """Draw one cohort.

    Parameters
    ----------
    source : Source
    seed, number : int
        The same seed and number give the same cohort.

    Returns
    -------
    Drawn
        With no unmet numbers, as a rule: patients whose values are not found are left for others, but the last ones.

    Raises
    ------
    InfeasibleError
        The solver's effort was spent before any patients were found.
    """
    rng = np.random.Generator(np.random.Philox([seed, number]))
    wishes = Wishes(source.usual)
    for attempt in range(1, ATTEMPTS + 1):
        patients = draw_categories(source.tables, rng, wishes.drawn(rng))
        last = attempt == ATTEMPTS
        values = _values(source, patients, rng, wishes, tries=TRIES if last else FEW)
        if len(values) == len(source.order):
            missed = _unmet(source, patients, values) if last else []
            return Drawn(patients, values, tuple(missed), tuple(_p_values(source, patients, values)))
    raise AssertionError("the last attempt returns")


def _values(
    source: Source, patients: Sequence[Mapping[str, str]], rng: np.random.Generator, wishes: Wishes, *, tries: int
) -> dict[str, Values]:
    """Every number and time; up to the first that is not found, if these patients may be left for others."""
    drawn: dict[str, Values] = {}
    for variable in source.order:
        values, agreed = _searched(source, variable, patients, drawn, rng, tries=tries)
        wishes.learn(variable.id, patients, agreed=agreed)
        if not agreed and tries < TRIES:
            return drawn
        drawn[variable.id] = values
    return drawn


def _searched(
    source: Source,
    variable: Variable,
    patients: Sequence[Mapping[str, str]],
    drawn: Mapping[str, Values],
    rng: np.random.Generator,
    *,
    tries: int,
) -> tuple[Values, bool]:
    claims = source.claims
    room = rooms(claims, variable, patients, drawn, source.dropped)
    timed, follow_up = variable.kind is VariableKind.TIME, variable.id == claims.study.follow_up
    least = source.followed(patients) if follow_up else [-inf] * len(patients)
    free = [(low, max(low, most)) for low, most in zip(least, room, strict=True)]
    moments = event_bounds(claims, variable.id, patients) if timed else []
    held = [(max(low, a), max(low, a, min(high, b))) for (low, high), (a, b) in zip(free, moments, strict=False)]
    values: Values = [None] * len(patients)
    for number in range(tries):
        # How many events come by each milestone is known within limits: at times they may pass it.
        bounded = timed and number % 3 != 2
        try:
            found, agreed = draw_numbers(
                claims,
                variable.id,
                patients,
                rng,
                source.dropped,
                bounds=held if bounded else free,
                floors=source.floors if follow_up else (),
                counted=not timed,
                bounded=bounded,
                rounds=SHORT if timed and number < FEW else LONG,
            )
        except InfeasibleError:
            return values, False
        if agreed:
            return found, True
        values = found
    return values, False


def _unmet(source: Source, patients: Sequence[Mapping[str, str]], values: Mapping[str, Values]) -> list[Unmet]:
    return [
        one
        for variable in source.order
        for one in unmet(source.claims, variable.id, patients, values[variable.id], source.dropped)
    ]


def _p_values(source: Source, patients: Sequence[Mapping[str, str]], values: Mapping[str, Values]) -> list[SoftTarget]:
    claims = source.claims
    reached = [*soft_tables(claims, source.targets, patients)]
    for variable in source.order:
        test = soft_times if variable.kind is VariableKind.TIME else soft_numbers
        reached += test(claims, variable.id, patients, values[variable.id], source.dropped)
    return reached
