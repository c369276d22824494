"""The ledger: every claim as published, as reconstructed patients give it, and what follows from the two.

A reconstruction is made to agree, so that agreement says that a claim can be true together with the others, and that
the analysis computes what the report meant. What was not followed, because claims contradict each other, says so.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from branchpoint.publication.comparison import original

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from branchpoint.publication.audit.report import Audited
    from branchpoint.publication.claims import Claim, Claims
    from branchpoint.publication.comparison import Comparison

__all__ = ["Entry", "Standing", "counted", "ledger"]


class Standing(StrEnum):
    """What the patients say of a claim."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_FOLLOWED = "not followed"
    NOT_COMPUTED = "not computed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One claim of the ledger.

    Attributes
    ----------
    id, place, quantity, population : str
        The claim's; the population by its label.
    published : str
    computed : str or None
        In the same form; None where nothing computes it.
    verdict : Standing
        "not followed" where the claim, or a field of it, contradicts others and the patients follow those.
    audit : str
        The verdict of the audit, which knows no patients.
    note : str
    """

    id: str
    place: str
    quantity: str
    population: str
    published: str
    computed: str | None
    verdict: Standing
    audit: str
    note: str


def ledger(
    claims: Claims, comparisons: Sequence[Comparison], audited: Iterable[Audited], dropped: Iterable[str] = ()
) -> tuple[Entry, ...]:
    """Enter every claim, in the order of the claims.

    Parameters
    ----------
    claims : Claims
    comparisons : sequence of Comparison
        One a claim.
    audited : iterable of Audited
    dropped : iterable of str
        Ids of claims that the reconstruction found contradicted, and went on without.
    """
    verdicts = {one.id: one for one in audited}
    left_out = frozenset(dropped)
    return tuple(_entry(claims, claims.claims[one.id], one, verdicts[one.id], left_out) for one in comparisons)


def _entry(claims: Claims, claim: Claim, compared: Comparison, audited: Audited, dropped: frozenset[str]) -> Entry:
    followed = all(one.used and not one.set_aside and one.id not in dropped for one in (claim, original(claim, claims)))
    if compared.agrees is None:
        verdict = Standing.NOT_COMPUTED
    elif compared.agrees:
        verdict = Standing.AGREES
    else:
        verdict = Standing.DIFFERS if followed else Standing.NOT_FOLLOWED
    return Entry(
        claim.id,
        claim.place,
        claim.quantity,
        claims.populations[claim.population].label,
        compared.published or "",
        compared.computed,
        verdict,
        audited.verdict.value,
        compared.note or (audited.note if verdict is not Standing.AGREES else ""),
    )


def counted(entries: Iterable[Entry]) -> Mapping[Standing, int]:
    """How many claims stand how, in the order of `Standing`."""
    counts = Counter(entry.verdict for entry in entries)
    return {standing: counts[standing] for standing in Standing}
