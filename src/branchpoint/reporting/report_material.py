"""What a report is made of: a study, loaded or reconstructed, and everything that the analysis finds in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from branchpoint.refused import Refused

if TYPE_CHECKING:
    import polars as pl

    from branchpoint.language.declarations import AnalysisSet
    from branchpoint.language.protocol import Protocol
    from branchpoint.publication.claims import Claims
    from branchpoint.publication.comparison import Comparison
    from branchpoint.records.tables import Study

__all__ = ["CLAIMS", "Material", "claims_file", "data_hash", "gather", "study_folder"]

CLAIMS = "claims.toml"
_CACHE = Path("build")


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Everything that a report shows.

    Parameters
    ----------
    study, protocol
        As read.
    claims : Claims or None
        What was published of the study, where it is known.
    decisions, courses, results : DataFrame
        As the engine and the analysis give them, of all subjects.
    analyzed : DataFrame
        The courses of the analysis set.
    comparisons : tuple of Comparison
        Empty when nothing was published.
    data_hash : str
        SHA-256 of the study's files, in hexadecimal.
    seed : int or None
        Of the reconstruction, when there was one.
    set_name : str
        The analysis set; empty for that of efficacy.
    profile : str
        Of the statistical conventions, see `branchpoint.statistics.profiles`.
    """

    study: Study
    protocol: Protocol
    claims: Claims | None
    decisions: pl.DataFrame
    courses: pl.DataFrame
    analyzed: pl.DataFrame
    results: pl.DataFrame
    comparisons: tuple[Comparison, ...]
    data_hash: str
    seed: int | None
    set_name: str = ""
    profile: str = "paper"

    @property
    def set_label(self) -> str:
        """The analysis set, in the words of the protocol."""
        from branchpoint.analysis.outcomes import analysis_set

        named = [one for one in self.protocol.analysis_sets if one.name == self.set_name]
        chosen = named[0] if named else analysis_set(self.protocol)
        return "everybody" if chosen is None else chosen.label.text


def gather(folder: Path, seed: int, set_name: str | None = None, profile: str = "paper") -> Material:
    """Load a study, or reconstruct it from its claims, and analyze it.

    What was published is of the set that efficacy is analyzed in; in another set nothing is compared with it.

    Parameters
    ----------
    folder : Path
        With a ``study.toml``, or else with a ``claims.toml``; or a claims file itself.
    seed : int
        Of the reconstruction.
    set_name : str, optional
        A declared analysis set of all who were enrolled; that of efficacy when not given.
    profile : {"paper", "r", "sas", "spss"}

    Raises
    ------
    Refused
        The folder has neither, or one that cannot be used; or no such set.
    """
    from branchpoint.analysis.courses import patient_courses
    from branchpoint.analysis.outcomes import analysis_set, analyzed, outcome_table
    from branchpoint.engine.cohort import decide_cohort
    from branchpoint.language.registry import find_protocol
    from branchpoint.publication.claims.reading import read_claims
    from branchpoint.publication.comparison import compare
    from branchpoint.records.study_folder import read_study

    published = claims_file(folder)
    claims = read_claims(published) if published.is_file() else None
    path = study_folder(folder, seed)
    study = read_study(path)
    protocol = find_protocol(study.meta.protocol)
    decisions = decide_cohort(study, protocol)
    courses = patient_courses(study, decisions, protocol)
    usual = analysis_set(protocol)
    chosen = usual if set_name is None else _plain_set(protocol, set_name)
    if chosen != usual:
        # Whom a set does not exclude is counted; what was published is of the usual set.
        claims = None
    counted = courses if chosen == usual else _as_members(courses, decisions, protocol, chosen)
    results = outcome_table(study, counted, protocol)
    return Material(
        study=study,
        protocol=protocol,
        claims=claims,
        decisions=decisions,
        courses=courses,
        analyzed=analyzed(counted, protocol),
        results=results,
        comparisons=() if claims is None else tuple(compare(results, claims)),
        data_hash=data_hash(study),
        seed=None if path == folder else seed,
        set_name="" if chosen is None else chosen.name,
        profile=profile,
    )


def _plain_set(protocol: Protocol, name: str) -> AnalysisSet:
    from branchpoint.analysis.sets import find_set

    chosen = find_set(protocol, name)
    if chosen.only_epoch or chosen.reaching_epoch:
        raise Refused(f"analysis set {name!r}: a report is of a set of all who were enrolled, not of an epoch")
    return chosen


def _as_members(
    courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol, chosen: AnalysisSet | None
) -> pl.DataFrame:
    """The courses of a set, with nobody left to exclude."""
    import polars as pl

    from branchpoint.analysis.sets import members

    if chosen is None:
        return courses
    return members(courses, decisions, protocol, chosen.name).with_columns(excluded=pl.lit(value=False))


def claims_file(place: Path) -> Path:
    """Give the claims file of a place: the file itself, or that of a folder, which need not exist."""
    return place if place.is_file() else place / CLAIMS


def study_folder(folder: Path, seed: int) -> Path:
    """Give the folder of the study itself: the one given, or a cohort reconstructed from its claims.

    A reconstruction is kept in ``build/`` under the current directory, named by everything that it depends on, and is
    loaded from there the next time.
    """
    if (folder / "study.toml").is_file():
        return folder
    claims = claims_file(folder)
    if not claims.is_file():
        raise Refused(f"{folder}: found neither study.toml nor {CLAIMS}, expected a study folder, or published claims")
    kept = _CACHE / f"reconstructed-{seed}-{_key(claims)}"
    if not (kept / "study.toml").is_file():
        _reconstruct(claims, kept, seed)
    return kept


def _reconstruct(claims: Path, kept: Path, seed: int) -> None:
    import shutil
    from tempfile import mkdtemp

    from branchpoint.publication.reconstruct_study import reconstruct_study

    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(mkdtemp(prefix=f".{kept.name}-", dir=kept.parent))
    try:
        reconstruct_study(claims, unfinished / "study", seed)
        if kept.exists():
            shutil.rmtree(kept)
        (unfinished / "study").rename(kept)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _key(claims: Path) -> str:
    """A hash of what a reconstruction depends on: the claims, the protocol, the package's version and code."""
    from importlib.metadata import version

    import branchpoint
    from branchpoint.language.registry import find_protocol
    from branchpoint.publication.claims.reading import read_claims

    protocol = read_claims(claims).protocol
    digest = hashlib.sha256(claims.read_bytes() + version("branchpoint").encode())
    if protocol is not None:
        digest.update(find_protocol(protocol).hash.encode())
    # The version alone would miss a change made between two releases.
    package = Path(branchpoint.__file__).parent
    for part in ("publication", "records", "engine", "analysis"):
        for source in sorted((package / part).rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def data_hash(study: Study) -> str:
    """Give the SHA-256 of a study's files: names and contents, in order of name."""
    digest = hashlib.sha256()
    if study.path is not None:
        for name in sorted(("study.toml", *study.files.values())):
            digest.update(name.encode() + b"\0" + (study.path / name).read_bytes() + b"\0")
    return digest.hexdigest()
