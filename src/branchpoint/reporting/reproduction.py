"""Reproduction: from a claims file to patients, from patients to every number again, and the two side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from branchpoint.publication.audit.report import Audited
    from branchpoint.publication.claims import Claims
    from branchpoint.publication.ledger import Entry
    from branchpoint.publication.reconstruction.conflicts.contradictions import Said
    from branchpoint.reporting.report_material import Material

__all__ = ["Made", "Reproduction", "reproduce", "told_of"]

_WALKED = (
    "Reconstructed from published aggregates, not patient data: records were made for patients who do not exist, the "
    "protocol {protocol} was run on them as on any study, and its analysis counted the results{seed}."
)
_ANALYZED = "The records of this study, the protocol {protocol} run on them, and its analysis."
_COUNTED = (
    "Reconstructed from published aggregates, not patient data: patients who do not exist were drawn so that they "
    "agree with the claims, and counted again (seed {seed}). {why} {left}"
)
_NO_PROTOCOL = "The file names no protocol that they could walk through."
_NO_RECORDS = "Records with which they could walk the protocol {protocol} cannot be made so far."
_ALL_FOLLOWED = "All claims that the file does not set aside can be true together."
_LEFT = "Left out for contradicting the rest: {left}."
_LEFT_NOTE = "Left out for contradicting the rest: {fields}."
_CIRCULAR = (
    "The patients were made to agree with what is printed. That they do shows that the numbers can be true together, "
    "and that the analysis computes what the report means; not that the report is right."
)
_OWN = "That a study gives what its report printed does not show that its records are right."


@dataclass(frozen=True, slots=True)
class Made:
    """Whose patients gave the numbers of a ledger.

    Attributes
    ----------
    kind : str
        "reconstructed", "synthetic" or "conducted".
    told : str
        How they came about.
    border : str
        What their agreement does not show.
    """

    kind: str
    told: str
    border: str

    @property
    def people(self) -> str:
        """The patients, in words that say where they come from."""
        return "patients of the study" if self.kind == "conducted" else f"{self.kind} patients"


def told_of(material: Material) -> Made:
    """Say how the patients of a study came about whose protocol was run on them."""
    kind, protocol = material.study.meta.kind, material.protocol.name
    if kind == "reconstructed":
        seed = "" if material.seed is None else f" (seed {material.seed})"
        return Made(kind, _WALKED.format(protocol=protocol, seed=seed), _CIRCULAR)
    data = "" if kind == "conducted" else f"{kind.capitalize()} data. "
    return Made(kind, data + _ANALYZED.format(protocol=protocol), _OWN)


@dataclass(frozen=True, slots=True)
class Reproduction:
    """The ledger of a report, its audit, and whose patients are behind the ledger."""

    claims: Claims
    entries: tuple[Entry, ...]
    audited: tuple[Audited, ...]
    made: Made


def reproduce(path: Path, seed: int, tell: Callable[[str], None]) -> Reproduction:
    """Reconstruct the patients of a report, analyze them, and set every claim beside what they give.

    With a protocol that records can be made for, patients get records, walk its pathway and are analyzed as any study;
    without, they are counted.

    Parameters
    ----------
    path : Path
        A claims file.
    seed : int
        Of the reconstruction.
    tell : callable
        Told each step.

    Raises
    ------
    Refused
        The claims are broken, or no patients can be made to agree with them.
    """
    from branchpoint.publication.audit.report import audit
    from branchpoint.publication.claims.reading import read_claims
    from branchpoint.publication.ledger import ledger
    from branchpoint.publication.reconstruct_study import makes_records

    claims = read_claims(path)
    tell("Auditing")
    audited = audit(claims)
    if not makes_records(claims):
        tell("Looking for what cannot be true together, and drawing patients")
        return _counted(claims, audited, seed)
    from branchpoint.reporting.report_material import gather

    tell("Reconstructing")
    material = gather(path, seed)
    return Reproduction(claims, ledger(claims, material.comparisons, audited), audited, told_of(material))


def _counted(claims: Claims, audited: tuple[Audited, ...], seed: int) -> Reproduction:
    """Draw one cohort and count it; which sets contradict each other is `branchpoint reconstruct`'s to explain."""
    from branchpoint.publication.comparison import compare_values
    from branchpoint.publication.ledger import ledger
    from branchpoint.publication.recompute import recompute
    from branchpoint.publication.reconstruction.cohort import reconstruct

    found = reconstruct(claims, draws=1, seed=seed, limit=0)
    left = _left_out(claims, found.dropped)
    compared = [
        replace(one, note=f"{left[one.id]} {one.note}".strip()) if one.id in left else one
        for one in compare_values(claims, recompute(claims, found.cohorts))
    ]
    entries = ledger(claims, compared, audited, left)
    return Reproduction(claims, entries, audited, Made("reconstructed", _told(claims, found.dropped, seed), _CIRCULAR))


def _left_out(claims: Claims, dropped: Iterable[Said]) -> dict[str, str]:
    """By claim, what of it the patients do not follow."""
    fields: dict[str, list[str]] = {}
    for one in dropped:
        if one.claim in claims.claims and one.field not in ("rule", "size"):
            fields.setdefault(one.claim, []).append(one.field.replace("_", " "))
    return {claim: _LEFT_NOTE.format(fields=", ".join(own)) for claim, own in fields.items()}


def _told(claims: Claims, dropped: Sequence[Said], seed: int) -> str:
    left = _LEFT.format(left="; ".join(map(str, dropped))) if dropped else _ALL_FOLLOWED
    why = _NO_PROTOCOL if claims.protocol is None else _NO_RECORDS.format(protocol=claims.protocol)
    return _COUNTED.format(seed=seed, why=why, left=left)
