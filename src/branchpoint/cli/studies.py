"""Commands for studies: one analysis, or the whole report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from branchpoint.cli.app import OutFolder, Profile, app, console

__all__ = ["analysis", "report"]


@app.command
def analysis(
    study: Path,
    *,
    endpoint: str,
    by: str = "all",
    set_: Annotated[str | None, Parameter(name="--set")] = None,
    profile: Profile = "paper",
    seed: int = 1,
) -> None:
    """Print one analysis: an endpoint with its estimand, by group, with the methods named.

    Parameters
    ----------
    study
        A study folder, or a folder with claims.toml from which a cohort is reconstructed first.
    endpoint
        An endpoint of the protocol, such as os, orr, efs_frontline; an unknown one is refused with the list.
    by
        How to split patients: prior_corticosteroid, etiology, sex, age, response, ...
    set_
        An analysis set of the protocol; the endpoint's own when not given.
    profile
        Whose conventions: interval forms, corrections, ties, rounding.
    seed
        Seed of the reconstruction.
    """
    from branchpoint.reporting.analysis_text import analysis_text

    print(analysis_text(study, endpoint, by, set_, profile, seed=seed))


@app.command
def report(
    study: Path,
    *,
    output: OutFolder = Path("report"),
    seed: int = 1,
    profile: Profile = "paper",
    set_: Annotated[str | None, Parameter(name="--set")] = None,
    formats: Annotated[str, Parameter(name="--format")] = "html,explore,pdf,docx,ard",
    control: Path | None = None,
) -> None:
    """Write the report of a study: a page, figures to explore, a PDF, Word tables, results data.

    Parameters
    ----------
    study
        A study folder, a folder with claims.toml (a cohort is reconstructed first), or a folder with ADaM data.
    output
        The folder to write to.
    seed
        Seed of the reconstruction.
    profile
        Whose statistical conventions.
    set_
        An analysis set of the protocol, such as pp or itt; that of efficacy when not given.
    formats
        Some of html, explore, pdf, docx, ard, with commas between them.
    control
        A published trial to compare with.
    """
    from branchpoint.records.adam import has_adam
    from branchpoint.reporting.progress import late_status

    wanted = tuple(filter(None, map(str.strip, formats.split(","))))
    with late_status(console()) as tell:
        if has_adam(study):
            from branchpoint.reporting.adam_report import adam_report

            found = adam_report(study, output)
        else:
            from branchpoint.reporting.report import write_report

            found = write_report(
                study, output, seed, profile=profile, set_=set_, formats=wanted, control=control, tell=tell
            )
    for written in found:
        print(f"wrote {written}", file=sys.stderr)
