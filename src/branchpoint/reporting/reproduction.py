"""Reproduction: from a claims file to patients, from patients to every number again, and the two side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from branchpoint.publication.audit.report import Audited
    from branchpoint.publication.claims import Claims
    from branchpoint.publication.ledger import Entry
    from branchpoint.reporting.report_material import Material

__all__ = ["Made", "Reproduction", "reproduce", "told_of"]

_WALKED = (
    "Reconstructed from published aggregates, not patient data: records were made for patients who do not exist, the "
    "protocol {protocol} was run on them as on any study, and its analysis counted the results{seed}."
)
_ANALYZED = "The records of this study, the protocol {protocol} run on them, and its analysis."
_COUNTED = (
    "Reconstructed from published aggregates, not patient data: patients who do not exist were drawn so that they "
    "agree with the claims, and counted again (seed {seed}). The file names no protocol that they could walk through."
)
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

    With a protocol, patients get records, walk its pathway and are analyzed as any study; without, they are counted.

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

    claims = read_claims(path)
    tell("Auditing")
    audited = audit(claims)
    tell("Reconstructing")
    if claims.protocol is None:
        return _counted(claims, audited, seed)
    from branchpoint.reporting.report_material import gather

    material = gather(path, seed)
    return Reproduction(claims, ledger(claims, material.comparisons, audited), audited, told_of(material))


def _counted(claims: Claims, audited: tuple[Audited, ...], seed: int) -> Reproduction:
    from branchpoint.publication.comparison import compare_values
    from branchpoint.publication.ledger import ledger
    from branchpoint.publication.recompute import recompute
    from branchpoint.publication.reconstruction.cohort import reconstruct

    found = reconstruct(claims, draws=1, seed=seed)
    compared = compare_values(claims, recompute(claims, found.cohorts))
    entries = ledger(claims, compared, audited, [one.claim for one in found.dropped])
    return Reproduction(claims, entries, audited, Made("reconstructed", _COUNTED.format(seed=seed), _CIRCULAR))
