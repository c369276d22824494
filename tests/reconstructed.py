"""The reference study, reconstructed once a test run and seed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from branchpoint.engine.decide import decide
from branchpoint.language.registry import find_protocol
from branchpoint.publication.reconstruct_study import reconstruct_study
from branchpoint.records.study_folder import read_study
from branchpoint.records.study_patients import patients

if TYPE_CHECKING:
    import pytest

    from branchpoint.engine.decisions import Decisions
    from branchpoint.records.patient import Patient
    from branchpoint.records.tables import Study

CLAIMS = Path(__file__).parents[1] / "studies" / "chictr2000031702" / "claims.toml"
SEED = 1

_made: dict[int, Reconstructed] = {}


class Reconstructed(NamedTuple):
    """A reconstructed study, read back from its folder, and what the protocol decides on its analyzed patients."""

    folder: Path
    study: Study
    patients: dict[str, Patient]
    decisions: dict[str, Decisions]


def reconstructed(factory: pytest.TempPathFactory, seed: int = SEED) -> Reconstructed:
    """Reconstruct, read and walk the study, or give what was made of this seed before."""
    if seed not in _made:
        folder = reconstruct_study(CLAIMS, factory.mktemp("reconstructed") / f"seed-{seed}", seed)
        study = read_study(folder)
        excluded = set(study.disposition.filter(study.disposition["status"] == "excluded")["subject"])
        people = {p.subject.id: p for p in patients(study) if p.subject.id not in excluded}
        protocol = find_protocol(study.meta.protocol)
        _made[seed] = Reconstructed(folder, study, people, {key: decide(protocol, p) for key, p in people.items()})
    return _made[seed]
