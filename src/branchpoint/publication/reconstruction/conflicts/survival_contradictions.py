"""Contradictions of survival: estimates that no risk sets give, alone, with their limits, or in a whole and its parts.

Only what a complete search proves is called contradictory here; with many patients and many events nearly everything
can be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations
from typing import TYPE_CHECKING, Any

from branchpoint.publication.audit.boxes import Boxes
from branchpoint.publication.audit.survival_fits import Group
from branchpoint.publication.audit.survival_groups import Judged, proved_apart
from branchpoint.publication.audit.survival_precision import judge
from branchpoint.publication.audit.survival_readings import estimate_box
from branchpoint.publication.claims import Survival, VariableKind
from branchpoint.publication.reconstruction.conflicts.contradictions import Contradiction, Contradictions
from branchpoint.publication.reconstruction.conflicts.minimal_sets import minimal_sets
from branchpoint.publication.reconstruction.counts.milestones import WEIGHTS
from branchpoint.publication.reconstruction.counts.statements import cohort_size
from branchpoint.publication.reconstruction.values.printed_survival import BESIDE, risk_sets

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator

    from branchpoint.publication.claims import Claim, Claims

__all__ = ["SurvivalField", "survival_contradictions"]


@dataclass(frozen=True, slots=True)
class SurvivalField:
    """A survival estimate, or a number beside it."""

    claim: str
    field: str
    text: str

    def __str__(self) -> str:
        return self.text


def survival_contradictions(claims: Claims, *, limit: int = 5) -> Contradictions:
    """Find the survival estimates that cannot be, each variable by itself.

    Parameters
    ----------
    claims : Claims
    limit : int
        Most contradictory sets to list of one variable.
    """
    boxes, size = Boxes(claims), cohort_size(claims)
    found = []
    for variable in claims.variables.values():
        if variable.kind is VariableKind.TIME:
            groups = _groups(claims, variable.id)
            if groups:
                items = list(groups)
                weights = [sum(_weight(claims, one) for one in groups[first]) for first in items]
                held = _Held(claims, boxes)
                part = minimal_sets(items, weights, held.possible, limit=limit)
                found.append((part, groups))
    sets = tuple(Contradiction(members, size) for part, _ in found for members in part.sets)
    dropped = tuple(one for part, groups in found for first in part.dropped for one in groups[first])
    return Contradictions(sets, dropped, all(part.complete for part, _ in found))


def _groups(claims: Claims, variable: str) -> dict[SurvivalField, list[SurvivalField]]:
    """All fields of the estimates of a variable; those that print the same of the same patients together."""
    by_content: dict[Hashable, list[SurvivalField]] = {}
    for claim in claims.claims.values():
        where = claims.where(claim)
        if claim.variable != variable or where is None or not isinstance(claim.value, Survival):
            continue
        unit = claims.variables[variable].unit or "mo"
        what = f"{claim.quantity}, {claims.populations[claim.population].label}"
        for field in ("percent", *BESIDE):
            printed = getattr(claim.value, field)
            if printed is not None:
                said = f"{printed}%" if field == "percent" else f"{field.replace('_', ' ')} {printed}"
                own = SurvivalField(claim.id, field, f"{what}: {said} at {claim.value.at} {unit} ({claim.place})")
                content = where, claim.value.at, claim.value.level, field, printed, claim.method
                by_content.setdefault(content, []).append(own)
    return {group[0]: group for group in by_content.values()}


def _weight(claims: Claims, field: SurvivalField) -> int:
    """What it costs to drop a field: nothing, where the file sets it aside."""
    claim = claims.claims[field.claim]
    if not claim.used or claim.set_aside & {field.field, "at"}:
        return 0
    return WEIGHTS["percent" if field.field == "percent" else "beside"]


class _Held:
    """Whether some of the fields of one variable can be true together, as far as risk sets tell."""

    def __init__(self, claims: Claims, boxes: Boxes) -> None:
        self.claims, self.boxes = claims, boxes

    def possible(self, kept: Collection[SurvivalField]) -> bool:
        estimates = list(self._estimates(kept))
        for claim, value in estimates:
            if not risk_sets(self.claims.populations[claim.population].size, value, claim.method).possible:
                return False
        if any(self._rises(*pair) for pair in permutations(estimates, 2)):
            return False
        return not proved_apart(self.boxes, [self._judged(claim, value) for claim, value in estimates])

    def _rises(self, first: tuple[Claim, Survival], then: tuple[Claim, Survival]) -> bool:
        """Whether survival of the same patients is printed as higher at a later time."""
        earlier = self.claims.where(first[0]) == self.claims.where(then[0]) and first[1].at < then[1].at
        return earlier and estimate_box(first[1].percent).high < estimate_box(then[1].percent).low

    def _estimates(self, kept: Collection[SurvivalField]) -> Iterator[tuple[Claim, Survival]]:
        """Each claim whose estimate is kept, with what is kept beside it in any claim that prints the same estimate."""
        fields: dict[tuple[Hashable, ...], dict[str, tuple[Claim, object]]] = {}
        for one in kept:
            claim = self.claims.claims[one.claim]
            assert isinstance(claim.value, Survival)
            key = self.claims.where(claim), claim.value.at, claim.value.level, claim.method
            fields.setdefault(key, {})[one.field] = claim, getattr(claim.value, one.field)
        for own in fields.values():
            if "percent" in own:
                claim, _ = own["percent"]
                assert isinstance(claim.value, Survival)
                beside: dict[str, Any] = {name: own[name][1] if name in own else None for name in BESIDE}
                yield claim, replace(claim.value, **beside)

    def _judged(self, claim: Claim, value: Survival) -> Judged:
        group, where = Group(self.claims.populations[claim.population].size), self.claims.where(claim)
        assert where is not None
        assert claim.variable is not None
        label, box = self.claims.populations[claim.population].label, self.boxes.of(where)
        judgment = judge(group, value, claim.method)
        return Judged(claim.id, claim.place, label, claim.variable, box, value, group, judgment)
