"""From claims to the files of their reconstructed cohorts, with progress for whoever watches."""

from __future__ import annotations

import os
from json import dumps
from typing import TYPE_CHECKING

from branchpoint.publication.reconstruct_study import late_progress
from branchpoint.publication.reconstruction.cohort import reconstruct
from branchpoint.publication.reconstruction.counts.statements import cohort_size
from branchpoint.publication.reconstruction.spread import spread
from branchpoint.refused import Refused
from branchpoint.reporting.reconstruction_data import cohorts_parquet, reconstruction_data
from branchpoint.reporting.reconstruction_page import reconstruction_page
from branchpoint.reporting.reconstruction_text import reconstruction_text

if TYPE_CHECKING:
    from branchpoint.publication.claims import Claims
    from branchpoint.publication.reconstruction.cohort import Reconstruction

__all__ = ["FILES", "reconstruction_files"]

FILES = ("cohorts.parquet", "reconstruction.json", "reconstruction.html")
_WORTH = 20
"""Draws from which on a process for each core is worth its start."""


def reconstruction_files(claims: Claims, draws: int, seed: int) -> tuple[str, dict[str, str | bytes]]:
    """Reconstruct cohorts, and give what is told of them in a terminal, and their files by name.

    Parameters
    ----------
    claims : Claims
    draws : int
        Number of cohorts.
    seed : int
        The same seed gives the same files, byte by byte; another one other patients.

    Raises
    ------
    Refused
        No patients are said in variables, or none can be drawn.
    """
    if not cohort_size(claims):
        raise Refused(f"{claims.path}: no population has a condition (where), so that there are no patients to draw")
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with late_progress(*columns) as progress:
        # How long it takes to find what contradicts what, nobody knows before.
        task = progress.add_task("Looking for what cannot be true together", total=None)

        def told(count: int) -> None:
            progress.update(task, description="Drawing cohorts", total=draws, completed=count)

        found = reconstruct(claims, draws, seed, processes=_cores() if draws >= _WORTH else 1, told=told)
        progress.remove_task(task)
        progress.add_task("Writing tables and figures", total=None)
        return _written(found)


def _written(found: Reconstruction) -> tuple[str, dict[str, str | bytes]]:
    ranges = spread(found.claims, found.cohorts)
    data = reconstruction_data(found, ranges)
    contents = (
        cohorts_parquet(found),
        dumps(data, indent=2, ensure_ascii=False, allow_nan=False),
        reconstruction_page(found, ranges, data),
    )
    return reconstruction_text(found, ranges), dict(zip(FILES, contents, strict=True))


def _cores() -> int:
    """How many processes can run at once."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
