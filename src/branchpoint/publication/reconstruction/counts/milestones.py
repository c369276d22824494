"""Milestones: who had an event by the time of a printed survival estimate, as a hidden category of every patient.

A survival estimate bounds how many had the event by then. Said of a category, this becomes a statement like any other:
it is held against counts, against estimates of other groups and of other times, in one joint table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.claims import NO, YES, Condition, Rule, Variable, VariableKind
from branchpoint.publication.reconstruction.counts.statements import Statement
from branchpoint.publication.reconstruction.values.printed_survival import BESIDE, curves_of, risk_sets, without

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from branchpoint.publication.claims import Claims
    from branchpoint.publication.reconstruction.values.printed_survival import PrintedCurve, RiskSets

__all__ = ["Milestone", "curve_statements", "event_bounds", "had", "milestones_of", "with_milestones"]

WEIGHTS = MappingProxyType({"percent": 2, "beside": 1})
"""What it costs to drop a survival estimate, and to drop what is printed beside it."""
_AFTER = 1e-5
"""Later than a milestone, by less than any time is recorded to."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A moment of a time to an event, in the unit of that variable."""

    variable: str
    at: Decimal

    @property
    def name(self) -> str:
        """The hidden category, named as no variable of a file can be."""
        return f"{self.variable} ≤ {self.at.normalize():f}"


def milestones_of(claims: Claims, variable: str) -> tuple[Milestone, ...]:
    """The times at which survival is printed of a variable, first to last, whether they are followed or not."""
    times = {curve.value.at for curve in curves_of(claims, variable, judged=False)}
    return tuple(Milestone(variable, at) for at in sorted(times))


def with_milestones(claims: Claims) -> Claims:
    """The claims with a yes/no category for each milestone, and what holds of it by definition."""
    variables, rules = dict(claims.variables), list(claims.rules)
    for variable in claims.variables.values():
        if variable.kind is not VariableKind.TIME or variable.event is None:
            continue
        moments = milestones_of(claims, variable.id)
        for moment in moments:
            label = f"{variable.label}: event by {moment.at} {variable.unit or 'mo'}"
            variables[moment.name] = Variable(moment.name, label, levels=(YES, NO))
            rules.append(Rule(moment.name, "by definition", had(moment), variable.event))
        for first, later in pairwise(moments):
            rules.append(Rule(f"{first.name} < {later.name}", "by definition", had(first), had(later)))
    return replace(claims, variables=MappingProxyType(variables), rules=tuple(rules))


def curve_statements(claims: Claims, *, judged: bool) -> Iterator[Statement]:
    """How many had the event by each milestone, as survival estimates say.

    Parameters
    ----------
    claims : Claims
        As `with_milestones` gives them.
    judged : bool
        Leave out what the claims file sets aside.

    Yields
    ------
    Statement
        One for each estimate, and another where what is printed beside it says more.
    """
    for variable in claims.variables.values():
        if variable.kind is not VariableKind.TIME:
            continue
        for curve in curves_of(claims, variable.id, judged=judged):
            alone = without(curve.value, BESIDE)
            method, size = claims.claims[curve.claim].method, claims.populations[curve.population].size
            own = risk_sets(size, alone, method)
            yield _statement(claims, variable.id, curve, "percent", own)
            beside = next((name for name in BESIDE if getattr(curve.value, name) is not None), None)
            narrower = (own.least, own.most) != (curve.sets.least, curve.sets.most)
            if beside is not None and curve.sets.possible and narrower:
                yield _statement(claims, variable.id, curve, beside, curve.sets)


def _statement(claims: Claims, variable: str, curve: PrintedCurve, field: str, sets: RiskSets) -> Statement:
    where = claims.populations[curve.population].where
    assert where is not None, "curves are of populations that are said in variables"
    terms = ((1, where & had(Milestone(variable, curve.value.at))),)
    text = curve.text if field == "percent" else f"{curve.text} with what is printed beside it"
    claim = claims.claims[curve.claim]
    weight = WEIGHTS["percent" if field == "percent" else "beside"]
    followed = claim.used and not claim.set_aside & {field, "at", "percent"}
    return Statement(claim.id, field, text, terms, sets.least, sets.most, weight, followed)


def had(moment: Milestone) -> Condition:
    """Who had the event by a milestone."""
    return Condition(MappingProxyType({moment.name: frozenset({YES})}))


def event_bounds(claims: Claims, variable: str, patients: Sequence[Mapping[str, str]]) -> list[tuple[float, float]]:
    """Between which times each patient's event lies, by the milestones; without limits for whoever had none.

    Parameters
    ----------
    claims : Claims
    variable : str
        The id of a time.
    patients : sequence of mapping of str to str
        The level of every category and milestone, one a patient.
    """
    event, moments = claims.variables[variable].event, milestones_of(claims, variable)
    found = []
    for patient in patients:
        low, high = 0.0, inf
        for moment in moments if event is not None and event.holds(patient) else ():
            if patient.get(moment.name) == YES:
                high = min(high, float(moment.at))
            else:
                low = max(low, float(moment.at) + _AFTER)
        found.append((low, high))
    return found
