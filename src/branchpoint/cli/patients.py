"""Commands for patients: explain one, decide a cohort, check the data."""

from __future__ import annotations

import sys
from pathlib import Path

from branchpoint.cli.app import Flag, Out, OutFolder, app, console, deliver, find, study_app

__all__ = ["check", "evaluate", "explain"]


@app.command
def explain(
    patient: Path,
    *,
    day: int | None = None,
    json: Flag = False,
    html: Flag = False,
    tree: Flag = False,
    output: Out = None,
) -> None:
    """Say what the protocol decides for one patient, why, and what is missing.

    Parameters
    ----------
    patient
        A patient file (JSON).
    day
        Study day; the last day of assessment when not given.
    json
        As JSON, with the whole tree of reasons.
    html
        As one HTML page.
    tree
        In the terminal: everything that was looked at.
    output
        A file to write; the terminal when not given.
    """
    from branchpoint.engine.decide import decide
    from branchpoint.records.patient_file import read_patient

    record, protocol = read_patient(patient)
    decisions = decide(protocol, record, day)
    if json:
        from json import dumps

        from branchpoint.reporting.explanation_json import explanation_data

        deliver(dumps(explanation_data(decisions), indent=2, ensure_ascii=False, allow_nan=False), output)
    elif html:
        from branchpoint.reporting.explanation_html import explanation_html

        deliver(explanation_html(decisions), output)
    else:
        from branchpoint.reporting.explanation_text import explanation_text

        deliver(explanation_text(decisions, tree=tree), output)


@app.command
def evaluate(study: Path, *, output: OutFolder) -> None:
    """Decide every patient-visit of a study, and write OUTPUT/decisions.parquet.

    Parameters
    ----------
    study
        A study folder.
    output
        The folder to write to.
    """
    import polars as pl
    from rich.progress import track

    from branchpoint.engine.cohort import decisions_by_batch, decisions_schema, write_decisions
    from branchpoint.records.study_folder import read_study

    data = read_study(study)
    protocol = find(data.meta.protocol)
    batches = track(decisions_by_batch(data, protocol), "Deciding", console=console(), transient=True)
    decisions = pl.concat([pl.DataFrame(schema=decisions_schema(protocol)), *batches])
    output.mkdir(parents=True, exist_ok=True)
    write_decisions(decisions, protocol, output / "decisions.parquet")
    print(f"wrote {output / 'decisions.parquet'}: {decisions.height:,} patient-visits", file=sys.stderr)


@study_app.command
def check(study: Path) -> None:
    """Report every problem in the data of a study.

    Parameters
    ----------
    study
        A study folder.
    """
    from branchpoint.records.study_folder import check_study

    problems = check_study(study)
    for problem in problems:
        print(problem)
    print(f"{study}: {len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}", file=sys.stderr)
    sys.exit(2 if problems else 0)
