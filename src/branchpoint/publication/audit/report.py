"""The audit of all claims: every check run, and for each claim the gravest of what they found."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from branchpoint.publication.audit.importance import importance
from branchpoint.publication.audit.known_counts import known_counts
from branchpoint.publication.audit.verdicts import GRAVITY, Finding, Verdict
from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from branchpoint.publication.claims import Claim, Claims, Role

__all__ = ["CHECKS", "Audited", "audit"]

CHECKS = (
    "percentages",
    "sums",
    "partial_sums",
    "repetitions",
    "order",
    "calendar",
    "means",
    "p_values",
    "ratios",
    "intervals",
    "survival",
)
"""Modules of this package, each with a ``check(claims, known)`` that yields findings."""
_NOTHING = "Nothing else that is printed gives it."


@dataclass(frozen=True, slots=True)
class Audited:
    """One claim and its verdict.

    Attributes
    ----------
    id, place, quantity, population : str
        The claim's; the population by its label.
    role : Role
    published : str
        As printed.
    recomputed : str or None
        In the same form; None where it cannot be recomputed.
    method : str
        How.
    verdict : Verdict
    searched : int
        Alternatives tried by the check that the verdict is from.
    chance : float or None
        That so many alternatives hit by luck what was printed; None where nothing was searched.
    note : str
        Why, and with which other claims it was held.
    others : tuple of str
        Their ids.
    importance : float
        How much it matters to the conclusions, see `importance`; 0 where nothing is amiss.
    """

    id: str
    place: str
    quantity: str
    population: str
    role: Role
    published: str
    recomputed: str | None
    method: str
    verdict: Verdict
    searched: int
    chance: float | None
    note: str
    others: tuple[str, ...]
    importance: float

    @property
    def amiss(self) -> bool:
        """Whether the claim is contradicted, or not reproduced as the report says."""
        return GRAVITY[self.verdict] > GRAVITY[Verdict.MATCH]


def audit(claims: Claims) -> tuple[Audited, ...]:
    """Recompute everything in a report that can be recomputed.

    Parameters
    ----------
    claims : Claims

    Returns
    -------
    tuple of Audited
        One a claim, in the order of the claims. A claim that nothing else in the report bears upon is "not derivable".
    """
    found: dict[str, list[Finding]] = {claim_id: [] for claim_id in claims.claims}
    known = known_counts(claims)
    for name in CHECKS:
        for finding in import_module(f"branchpoint.publication.audit.{name}").check(claims, known):
            found[finding.claim].append(finding)
    return tuple(_audited(claims, claim, found[claim.id]) for claim in claims.claims.values())


def _audited(claims: Claims, claim: Claim, findings: Sequence[Finding]) -> Audited:
    """Of several findings the gravest speaks; what others of its kind add is told after it."""
    head = max(
        findings,
        key=lambda one: (GRAVITY[one.verdict], one.chance is not None),
        default=Finding(claim.id, Verdict.NOT_DERIVABLE, None, "", 0, note=_NOTHING),
    )
    same = [one for one in findings if one.verdict is head.verdict]
    told = [one for one in findings if GRAVITY[one.verdict] > GRAVITY[Verdict.MATCH]] or same
    return Audited(
        id=claim.id,
        place=claim.place,
        quantity=claim.quantity,
        population=claims.populations[claim.population].label,
        role=claim.role,
        published=printed(claim.value),
        recomputed=next((one.recomputed for one in (head, *same) if one.recomputed is not None), None),
        method=_joined(one.method for one in (head, *same)),
        verdict=head.verdict,
        searched=head.searched,
        chance=head.chance,
        note=_joined((one.note for one in (head, *told)), " "),
        others=tuple(dict.fromkeys(other for one in told for other in one.others if other != claim.id)),
        importance=importance(claim, head),
    )


def _joined(parts: Iterable[str], between: str = "; ") -> str:
    return between.join(dict.fromkeys(part for part in parts if part))
