"""How each claim stands in reconstructed cohorts: followed, left out, aimed at, or nothing that patients are asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.claims import Number, PValue, Ratio, Sum, Survival, VariableKind
from branchpoint.publication.comparison import original
from branchpoint.publication.printed import printed
from branchpoint.publication.reconstruction.counts.statements import statements_of
from branchpoint.publication.reconstruction.values.printed_fields import fields_of
from branchpoint.publication.reconstruction.values.printed_survival import BESIDE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from branchpoint.publication.claims import Claim, Claims
    from branchpoint.publication.reconstruction.cohort import Reconstruction

__all__ = ["MEANINGS", "Stance", "Stood", "aside", "left_out", "missed", "stances", "unit_of"]


class Stance(StrEnum):
    """What drawn cohorts make of a claim."""

    FOLLOWED = "followed"
    IN_PART = "followed in part"
    NOT_FOLLOWED = "not followed"
    MISSED = "missed"
    AIMED = "aimed at"
    NOT_ASKED = "not asked"


MEANINGS: Mapping[Stance, str] = MappingProxyType(
    {
        Stance.FOLLOWED: "every cohort has it, to the last digit printed",
        Stance.IN_PART: "every cohort has what is left of it: a number of it contradicts the rest",
        Stance.NOT_FOLLOWED: "it contradicts the rest, or the claims file sets it aside",
        Stance.MISSED: "followed, but some cohorts give another number",
        Stance.AIMED: "a P value that cohorts were pulled to, and need not have",
        Stance.NOT_ASKED: "it follows from the others, or says nothing of single patients",
    }
)


@dataclass(frozen=True, slots=True)
class Stood:
    """How one claim stands.

    Attributes
    ----------
    id, place, quantity, published : str
        The claim's, for readers.
    verdict : Stance
    note : str
        Why it is not followed, what was reached, or why nothing is asked; may be empty where it is followed.
    """

    id: str
    place: str
    quantity: str
    published: str
    verdict: Stance
    note: str


def stances(found: Reconstruction) -> dict[str, Stood]:
    """Say how every claim stands, in the order of the file.

    Parameters
    ----------
    found : Reconstruction
    """
    asked: dict[str, list[str]] = {}
    for claim_id, field in _asked(found.claims):
        asked.setdefault(claim_id, []).append(field)
    left, fewer = left_out(found), missed(found)
    told = {}
    for claim in found.claims.claims.values():
        own = dict.fromkeys(asked.get(claim.id, ()))
        gone = [field for field in own if (claim.id, field) in left]
        verdict = _verdict(found, claim, list(own), gone, unmet=claim.id in fewer)
        note = _note(found, claim, verdict, gone, fewer.get(claim.id, 0))
        # Ids of a file are nothing that a report prints.
        said = "that they add up" if isinstance(claim.value, Sum) else printed(claim.value)
        told[claim.id] = Stood(claim.id, claim.place, claim.quantity, said, verdict, note)
    return told


def left_out(found: Reconstruction) -> frozenset[tuple[str, str]]:
    """Claims and fields that cohorts do not follow: they contradict the rest, or the claims file sets them aside."""
    dropped = {(one.claim, one.field) for one in found.dropped if one.field not in ("rule", "size")}
    return frozenset(dropped | {(claim, field) for claim, field in _asked(found.claims) if aside(found, claim, field)})


def aside(found: Reconstruction, claim_id: str, field: str) -> bool:
    """Whether the claims file itself sets a field of a claim aside; an estimate with its time, too."""
    claim = found.claims.claims.get(claim_id)
    if claim is None or field in ("rule", "size"):
        return False
    return not claim.used or field in claim.set_aside or (field == "percent" and "at" in claim.set_aside)


def missed(found: Reconstruction) -> dict[str, int]:
    """By claim that is followed and not always met, in how many cohorts it is not."""
    counts: dict[str, int] = {}
    for one, draws in found.unmet.items():
        counts[one.claim] = max(counts.get(one.claim, 0), draws)
    return counts


def unit_of(unit: str | None, otherwise: str | None = None) -> str | None:
    """Give a unit of a claims file as UCUM: it may say "y" for years, and leaves out the months of a time."""
    return "a" if unit == "y" else unit or otherwise


def _asked(claims: Claims) -> Iterator[tuple[str, str]]:
    """Claims and fields that patients can be held to, whether they are or not."""
    for statement in statements_of(claims):
        if statement.field not in ("rule", "size"):
            yield statement.claim, statement.field
    for variable in claims.variables.values():
        if variable.kind is not VariableKind.CATEGORY:
            yield from ((one.claim, one.field) for one in fields_of(claims, variable.id, judged=False))
    for claim in claims.claims.values():
        own = claims.variables.get(claim.variable or "")
        timed = own is not None and own.event is not None and claims.where(claim) is not None
        if isinstance(claim.value, Survival) and timed:
            yield claim.id, "percent"
            yield from ((claim.id, name) for name in BESIDE if getattr(claim.value, name) is not None)
    if any(one.within_study or one.id == claims.study.follow_up for one in claims.variables.values()):
        yield from ((name, "date") for name in (claims.study.start, claims.study.end) if name is not None)


def _verdict(found: Reconstruction, claim: Claim, own: list[str], gone: list[str], *, unmet: bool) -> Stance:
    if isinstance(claim.value, PValue) and claim.id in found.p_values:
        return Stance.AIMED
    if not own:
        return Stance.NOT_ASKED
    if gone:
        return Stance.NOT_FOLLOWED if len(gone) == len(own) else Stance.IN_PART
    return Stance.MISSED if unmet else Stance.FOLLOWED


def _note(found: Reconstruction, claim: Claim, verdict: Stance, gone: list[str], draws: int) -> str:
    parts = []
    if verdict in (Stance.IN_PART, Stance.NOT_FOLLOWED):
        parts.append(f"Not followed: {', '.join(gone).replace('_', ' ')}.")
    if draws:
        parts.append(f"{draws:,} of {found.draws:,} cohorts give another number.")
    if verdict is Stance.AIMED:
        reached = found.reached.get(claim.id, 0)
        parts.append(f"{reached:,} of {found.draws:,} cohorts give it.")
    if verdict is Stance.NOT_ASKED:
        parts.append(_why_not(found.claims, claim))
    return " ".join([*parts, claim.conflict or ""]).strip()


def _why_not(claims: Claims, claim: Claim) -> str:
    first = original(claim, claims)
    if first is not claim:
        return f"It repeats what is printed in {first.place}."
    if isinstance(claim.value, Number):
        return "A number of the design, or of something else than patients."
    if isinstance(claim.value, Ratio):
        return "Cohorts are not pulled to ratios."
    if isinstance(claim.value, PValue):
        return "It follows from numbers that are followed, or its comparison is not said in variables of the file."
    if claims.where(claim) is None:
        return "Its patients are not those of the study, or the variables of the file do not say who they are."
    return "It is not said in variables of the file."
