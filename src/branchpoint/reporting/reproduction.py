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

__all__ = ["Reproduction", "reproduce", "told_of"]

_WALKED = (
    "Reconstructed from published aggregates, not patient data: records were made for patients who do not exist, the "
    "protocol {protocol} was run on them as on any study, and its analysis counted the results{seed}."
)
_ANALYZED = "The records of this study, the protocol {protocol} run on them, and its analysis."
_COUNTED = (
    "Reconstructed from published aggregates, not patient data: patients who do not exist were drawn so that they "
    "agree with the claims, and counted again (seed {seed}). The file names no protocol that they could walk through."
)


def told_of(material: Material) -> str:
    """Say how the patients of a study came about whose protocol was run on them."""
    if material.study.meta.kind == "reconstructed":
        seed = "" if material.seed is None else f" (seed {material.seed})"
        return _WALKED.format(protocol=material.protocol.name, seed=seed)
    kind = "" if material.study.meta.kind == "conducted" else f"{material.study.meta.kind.capitalize()} data. "
    return f"{kind}{_ANALYZED.format(protocol=material.protocol.name)}"


@dataclass(frozen=True, slots=True)
class Reproduction:
    """The ledger of a report, its audit, and how the patients behind the ledger were made."""

    claims: Claims
    entries: tuple[Entry, ...]
    audited: tuple[Audited, ...]
    made: str


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
    from branchpoint.publication.comparison import compare_values
    from branchpoint.publication.ledger import ledger
    from branchpoint.publication.recompute import recompute
    from branchpoint.publication.reconstruction.cohort import reconstruct
    from branchpoint.reporting.report_material import gather

    claims = read_claims(path)
    tell("Auditing")
    audited = audit(claims)
    tell("Reconstructing")
    if claims.protocol is not None:
        material = gather(path, seed)
        return Reproduction(claims, ledger(claims, material.comparisons, audited), audited, told_of(material))
    found = reconstruct(claims, draws=1, seed=seed)
    compared = compare_values(claims, recompute(claims, found.cohorts))
    entries = ledger(claims, compared, audited, [one.claim for one in found.dropped])
    return Reproduction(claims, entries, audited, _COUNTED.format(seed=seed))
