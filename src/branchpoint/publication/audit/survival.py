"""Survival estimates: could so many patients give them, with what is printed beside them, and with each other?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from branchpoint.publication.audit.survival_fits import Group
from branchpoint.publication.audit.survival_groups import Judged, held_together
from branchpoint.publication.audit.survival_precision import judge
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims import Survival
from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.publication.audit.known_counts import Known, KnownCounts
    from branchpoint.publication.audit.survival_precision import Judgment
    from branchpoint.publication.claims import Claim, Claims

__all__ = ["check"]

_NO_PRODUCT = ("life table", "life-table", "actuarial", "fleming", "nelson", "parametric", "cox")
"""Words for estimates that are no product over risk sets."""


def check(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Check every survival estimate by itself, and those of one endpoint against each other.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts
        Of the same claims; how many had the event bounds the risk sets.

    Yields
    ------
    Finding
        One for each claim, and more for those that are held against others. Estimates that are said to be other than
        Kaplan-Meier's are passed over.
    """
    judged: list[Judged] = []
    for claim in claims.claims.values():
        value = claim.value
        if not isinstance(value, Survival) or any(word in (claim.method or "").lower() for word in _NO_PRODUCT):
            continue
        group = Group(claims.populations[claim.population].size)
        judgment = judge(group, value, claim.method)
        bound = _bound(claims, known, claim)
        bounded = None if bound is None else judge(_bounded(group, bound), value, claim.method)
        if bound is None or bounded is None or bounded.verdict is judgment.verdict:
            judgment = bounded or judgment
            yield _finding(claim, judgment)
        else:
            yield _against_counts(claim, bounded, bound)
        where = claims.where(claim)
        if claim.variable is not None and where is not None:
            label, box = claims.populations[claim.population].label, known.boxes.of(where)
            judged.append(Judged(claim.id, claim.place, label, claim.variable, box, value, group, judgment))
    yield from held_together(claims, known.boxes, judged)


@dataclass(frozen=True, slots=True)
class _Bound:
    """How many had the event, in the group of a claim or in one that it lies within."""

    events: Known
    exact: bool
    label: str


def _bound(claims: Claims, known: KnownCounts, claim: Claim) -> _Bound | None:
    """The best bound on the events of a group by the counts of the report; they are those of all follow-up."""
    where = claims.where(claim)
    event = None if claim.variable is None else claims.variables[claim.variable].event
    if where is None or event is None:
        return None
    own = known.of(where & event)
    if own is not None:
        return _Bound(own, True, claims.populations[claim.population].label)
    box = known.boxes.of(where)
    found = []
    for population in claims.populations.values():
        if population.where is not None and box & ~known.boxes.of(population.where) == 0:
            count = known.of(population.where & event)
            found += [] if count is None else [_Bound(count, False, population.label)]
    return min(found, key=lambda bound: bound.events.value, default=None)


def _bounded(group: Group, bound: _Bound) -> Group:
    """Who had the event was never censored."""
    return Group(group.size, bound.events.value, max(group.size - bound.events.value, 0) if bound.exact else None)


def _finding(claim: Claim, judgment: Judgment) -> Finding:
    recomputed = None if judgment.recomputed is None else printed(judgment.recomputed)
    found = judgment.searched, judgment.chance, judgment.note
    return Finding(claim.id, judgment.verdict, recomputed, judgment.method, *found)


def _against_counts(claim: Claim, judgment: Judgment, bound: _Bound) -> Finding:
    """It could be, but not with so few events."""
    events = f"{bound.events.value} events ({bound.events.how}) in {bound.label}"
    finding = _finding(claim, judgment)
    verdict = Verdict.MISMATCH if judgment.verdict is Verdict.IMPOSSIBLE else judgment.verdict
    return replace(finding, verdict=verdict, note=f"with {events}: {judgment.note}", others=bound.events.claims)
