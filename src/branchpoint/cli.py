"""The command line: thin, lazy, and plain about what it wrote.

Exit status 0 when a command answered, 2 when its input was refused.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from branchpoint.refused import Refused

if TYPE_CHECKING:
    from typing import Any

    from rich.console import Console

    from branchpoint.language.protocol import Protocol

__all__ = ["main"]

app = App(name="branchpoint", help="One executable protocol for response-stratified clinical trials.", version="0.1.0")
protocol_app = App(name="protocol", help="Show, prove and compare protocols.")
study_app = App(name="study", help="Look after a study folder.")
app.command(protocol_app)
app.command(study_app)

Out = Annotated[Path | None, Parameter(name=["--output", "-o"])]
Profile = Literal["paper", "r", "sas", "spss"]
Section = Literal["synopsis", "schedule", "pathway", "measurements", "responses", "proofs", "all"]


def main() -> None:
    """Run the command line."""
    try:
        app()
    except BrokenPipeError:
        # The reader of a pipe has read enough.
        sys.stderr.close()
    except Refused as refused:
        print(f"refused: {refused}", file=sys.stderr)
        sys.exit(2)
    except OSError as refused:
        print(f"refused: {refused.filename}: {refused.strerror}", file=sys.stderr)
        sys.exit(2)


def _deliver(text: str, output: Path | None) -> None:
    if output is None:
        print(text)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text + "\n", encoding="utf-8")
    print(f"wrote {output}", file=sys.stderr)


@app.command
def explain(
    patient: Path,
    *,
    day: int | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
    html: Annotated[bool, Parameter(negative="")] = False,
    tree: Annotated[bool, Parameter(negative="")] = False,
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

        _deliver(dumps(explanation_data(decisions), indent=2, ensure_ascii=False, allow_nan=False), output)
    elif html:
        from branchpoint.reporting.explanation_html import explanation_html

        _deliver(explanation_html(decisions), output)
    else:
        from branchpoint.reporting.explanation_text import explanation_text

        _deliver(explanation_text(decisions, tree=tree), output)


@app.command
def evaluate(study: Path, *, output: Annotated[Path, Parameter(name=["--output", "-o"])]) -> None:
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
    protocol = _find(data.meta.protocol)
    batches = track(decisions_by_batch(data, protocol), "Deciding", console=_console(), transient=True)
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


@protocol_app.command
def show(
    protocol: str,
    *,
    section: Section = "synopsis",
    measurements: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
    html: Annotated[bool, Parameter(negative="")] = False,
    svg: Annotated[bool, Parameter(negative="")] = False,
    output: Out = None,
) -> None:
    """Print a protocol: synopsis, schedule, decision table, flow diagram, measurements.

    Parameters
    ----------
    protocol
        A registered name, or the path of a Python file that defines PROTOCOL.
    section
        What to print in the terminal.
    measurements
        All measurements with unit, type and where they are used.
    json
        As JSON.
    html
        As one HTML page.
    svg
        The flow diagram as SVG.
    output
        A file to write; the terminal when not given.
    """
    found = _find(protocol)
    if svg:
        from branchpoint.reporting.flow_diagram import flow_diagram

        return _deliver(flow_diagram(found), output)
    from branchpoint.reporting import synopsis

    if html:
        return _deliver(synopsis.protocol_html(found), output)
    if json:
        render = synopsis.measurements_json if measurements else synopsis.protocol_json
        return _deliver(render(found), output)
    return _deliver(synopsis.protocol_text(found, "measurements" if measurements else section), output)


@protocol_app.command(name="check")
def check_protocol(protocol: str) -> None:
    """Prove a protocol, and print what was proved.

    Parameters
    ----------
    protocol
        A registered name, or the path of a Python file that defines PROTOCOL.
    """
    found = _find(protocol)
    print(f"{found.name} {found.version}, content {found.hash}")
    for claim, extent in found.prove():
        print(f"  proved: {claim} ({extent})")


@protocol_app.command
def diff(old: str, new: str) -> None:
    """Say what differs between two protocols, or two versions of one.

    Parameters
    ----------
    old, new
        Registered names, Python files that define PROTOCOL, or JSON files that ``protocol show --json`` wrote.
    """
    from branchpoint.reporting.synopsis import difference_text

    print(difference_text(_content(old), _content(new)))


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
def reconstruct(
    claims: Path = Path("studies/chictr2000031702/claims.toml"),
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("build/reconstructed"),
    seed: int = 1,
) -> None:
    """Reconstruct patient-level data that agree with published aggregates; every file says that it did.

    Parameters
    ----------
    claims
        The published numbers.
    output
        The study folder to write.
    seed
        Another seed gives another cohort that agrees with the same numbers.
    """
    from branchpoint.publication.reconstruct_study import reconstruct_study

    written = reconstruct_study(claims, output, seed)
    print(f"wrote {written}: reconstructed from published aggregates, not patient data", file=sys.stderr)


@app.command
def report(
    study: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("report"),
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
    with late_status(_console()) as tell:
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


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True)


def _find(name: str) -> Protocol:
    from branchpoint.language.registry import find_protocol

    return find_protocol(name)


def _content(name: str) -> Any:
    if name.endswith(".json"):
        from json import JSONDecodeError, loads

        expected = "expected what protocol show --json writes"
        try:
            content = loads(Path(name).read_text(encoding="utf-8"))
        except (JSONDecodeError, UnicodeDecodeError) as broken:
            raise Refused(f"{name}: found no JSON ({broken}), {expected}") from None
        if not isinstance(content, dict) or content.get("kind") != "Protocol":
            raise Refused(f"{name}: found JSON that is no protocol, {expected}")
        return content
    from branchpoint.language.content import as_data

    return as_data(_find(name))
