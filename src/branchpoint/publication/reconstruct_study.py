"""From a claims file to a study folder: patients on whom the protocol, run as on any study, decides as published."""

from __future__ import annotations

import hashlib
import tomllib
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

from branchpoint.language.registry import find_protocol, protocol_names
from branchpoint.publication.adverse_event_rows import with_adverse_events
from branchpoint.publication.claims import ClaimsError, Date, claimed
from branchpoint.publication.claims.reading import read_claims
from branchpoint.publication.exchange import fit_definitions
from branchpoint.publication.reconstruct import reconstruct_cohort
from branchpoint.publication.study_tables import tabulate
from branchpoint.publication.trajectories import draw_trajectory
from branchpoint.records.study_toml import FILE
from branchpoint.records.study_writer import write_study
from branchpoint.records.tables import StudyMeta
from branchpoint.records.vocabulary import suggest
from branchpoint.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.progress import Progress, ProgressColumn

    from branchpoint.language.protocol import Protocol
    from branchpoint.publication.claims import Claims

__all__ = ["BANNER", "OverwriteError", "late_progress", "makes_records", "reconstruct_study"]

BANNER = "reconstructed from published aggregates, not patient data"
PROTOCOLS = frozenset({"rux-hlh"})
"""The protocols for which the records of a patient can be made: findings of every visit, doses, events."""
QUIET_SECONDS = 2.0


class OverwriteError(Refused, FileExistsError):
    """The place of a reconstruction holds something that is none."""

    def __init__(self, folder: Path, found: str) -> None:
        super().__init__(f"{folder}: found {found}; expected a reconstruction to replace, an empty folder, or nothing")


def makes_records(claims: Claims) -> bool:
    """Whether patients of a report can be given records, and walk its protocol; if not, cohorts can be drawn.

    Raises
    ------
    ClaimsError
        The file names a protocol that is not registered.
    """
    name = claims.protocol
    # By name alone: find_protocol would run a Python file, and data must never say which code is run.
    if name is not None and name not in protocol_names():
        expected = f"a registered protocol; {suggest(name, protocol_names())}"
        raise ClaimsError(claims.path, (f"[study], field 'protocol': found {name!r}, expected {expected}",))
    return name in PROTOCOLS


def reconstruct_study(claims: Path, output: Path, seed: int) -> Path:
    """Reconstruct a study from the published claims and write it.

    Parameters
    ----------
    claims : Path
        The ``claims.toml`` of a study; it names the protocol.
    output : Path
        The study folder. An earlier reconstruction there is replaced.
    seed : int
        The same seed gives the same files, byte by byte; another one other patients who agree with the same claims.

    Returns
    -------
    Path
        The study folder.

    Raises
    ------
    ClaimsError
        The claims are broken, or name no protocol that records can be made for.
    InfeasibleError
        They contradict each other.
    DisagreementError
        The protocol does not judge as was published.
    OverwriteError
        The place holds something else than a reconstruction.
    """
    _check_place(output)
    published = read_claims(claims)
    if published.protocol is None:
        raise ClaimsError(claims, ("[study], field 'protocol': found nothing, expected the name of a protocol",))
    if not makes_records(published):
        able = f"a protocol that records can be made for, {' or '.join(sorted(PROTOCOLS))}"
        raise ClaimsError(claims, (f"[study], field 'protocol': found {published.protocol!r}, expected {able}",))
    protocol = find_protocol(published.protocol)
    with late_progress() as progress:
        solving = progress.add_task("Patients that agree with the claims", total=None)
        cohort = reconstruct_cohort(published, seed)
        subjects = fit_definitions(cohort.subjects)
        progress.update(solving, total=1, completed=1)
        trajectories = [
            draw_trajectory(subject, protocol, seed)
            for subject in progress.track(subjects, description="Findings that the protocol judges as published")
        ]
    study = tabulate(_meta(published, protocol, seed), trajectories, cohort.excluded)
    study = with_adverse_events(study, published, subjects, protocol, seed)
    try:
        return write_study(study, output, banner=BANNER)
    except FileExistsError as error:
        raise OverwriteError(output, "other files beside a study") from error


def _meta(claims: Claims, protocol: Protocol, seed: int) -> StudyMeta:
    digest = hashlib.sha256(claims.path.read_bytes()).hexdigest()
    return StudyMeta(
        protocol=protocol.name,
        version=protocol.version,
        title=f"{claims.registry}, reconstructed",
        kind="reconstructed",
        note=f"{BANNER}: {claims.citation}",
        data_cutoff=claimed(claims, "date.cutoff", Date).date,
        dates={"first_enrollment": claimed(claims, "date.first_enrollment", Date).date},
        analysis_notes=(f"seed {seed}", f"claims sha256 {digest}", f"protocol content {protocol.hash}"),
    )


def _check_place(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OverwriteError(folder, "a file")
    names = sorted(item.name for item in folder.iterdir())
    if not names:
        return
    if FILE not in names:
        raise OverwriteError(folder, names[0])
    try:
        kind = tomllib.loads(folder.joinpath(FILE).read_text(encoding="utf-8")).get("kind")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OverwriteError(folder, f"a {FILE} that cannot be read") from error
    if kind != "reconstructed":
        raise OverwriteError(folder, f"a study of kind {kind!r}")


@contextmanager
def late_progress(*columns: str | ProgressColumn) -> Iterator[Progress]:
    """Progress on the standard error of a terminal, for what takes longer than a moment.

    Parameters
    ----------
    *columns : str or ProgressColumn
        What to show; the usual bar when not given.
    """
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    progress = Progress(*columns, console=console, transient=True)
    timer = Timer(QUIET_SECONDS, progress.start)
    timer.daemon = True
    if console.is_terminal:
        timer.start()
    try:
        yield progress
    finally:
        timer.cancel()
        if timer.ident is not None:
            timer.join()
        if progress.live.is_started:
            progress.stop()
