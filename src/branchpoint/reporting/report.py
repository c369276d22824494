"""The report of a study: a page to read, documents to hand on, and its numbers and decisions as files.

Every file is written beside its place and moved there when all are whole, the page last.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from branchpoint.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from branchpoint.publication.claims import Claims
    from branchpoint.reporting.documents.analyses import Analyses
    from branchpoint.reporting.report_material import Material

__all__ = ["FORMATS", "Format", "outcomes_json", "write_report"]

Format = Literal["html", "explore", "pdf", "docx", "ard"]
FORMATS: tuple[Format, ...] = ("html", "explore", "pdf", "docx", "ard")
_PAGE = "index.html"
_ALWAYS = (
    ("outcomes.json", "every published number beside the computed one"),
    ("decisions.parquet", "every decision, one row a patient-visit"),
)
_PUBLISHED = (
    ("ledger.html", "every published number, computed again from the patients, with its verdict"),
    ("ledger.json", "the same as JSON"),
    ("audit.html", "every published number, held against all the others"),
    ("audit.json", "the same as JSON"),
)
_PDF = ("report.pdf", "the report, to print")
_DOCX = ("report.docx", "the tables, as a Word file")
_ARD = (
    ("ard.parquet", "the results, one row a statistic"),
    ("ard.json", "the same as JSON"),
    ("ars.json", "the same as a CDISC ARS reporting event"),
)


def write_report(
    study: Path, output: Path, seed: int, *, profile: str = "paper", set_: str | None = None,
    formats: Collection[str] = ("html",), control: Path | None = None, tell: Callable[[str], None] | None = None,
) -> tuple[Path, ...]:  # fmt: skip
    """Write the report of a study.

    Parameters
    ----------
    study : Path
        A study folder, or a folder with ``claims.toml``, from which a cohort is reconstructed first.
    output : Path
        The folder to write to.
    seed : int
        Of the reconstruction.
    profile : {"paper", "r", "sas", "spss"}
        Statistical conventions.
    set_ : str, optional
        An analysis set, as the protocol names it; that of efficacy when not given.
    formats : collection of str
        Some of `FORMATS`.
    control : Path, optional
        A published trial to compare with; those beside the folder of the claims when not given.
    tell : callable, optional
        Told each step.

    Returns
    -------
    tuple of Path
        The files written: ``outcomes.json`` and ``decisions.parquet`` always; ``ledger`` and ``audit`` as HTML and JSON
        where the study's publication is known; ``index.html``, ``explore.html``, ``report.pdf``, ``report.docx``, and
        ``ard.parquet``, ``ard.json``, ``ars.json`` by format.

    Raises
    ------
    Refused
        The study cannot be used, or a format, profile or set is not known; nothing is written then.
    """
    from branchpoint.reporting.report_material import gather

    _check(profile, formats)
    told = tell or _nobody
    told("Reading and deciding")
    material = gather(study, seed, set_, profile)
    output.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as folder:
        made = Path(folder)
        _make(material, controls(study) if control is None else (control,), formats, made, told)
        output.mkdir(exist_ok=True)
        names = sorted((path.name for path in made.iterdir()), key=lambda name: name == _PAGE)
        for name in names:
            os.replace(made / name, output / name)
    return tuple(output / name for name in names)


def _check(profile: str, formats: Collection[str]) -> None:
    from branchpoint.statistics.profiles import PROFILES

    if profile not in PROFILES:
        raise Refused(f"profile {profile!r}: expected one of {', '.join(PROFILES)}")
    for one in formats:
        if one not in FORMATS:
            raise Refused(f"format {one!r}: expected some of {', '.join(FORMATS)}")


def _nobody(step: str) -> None:
    """Keep a step to itself."""


def controls(study: Path) -> tuple[Path, ...]:
    """Find published trials to compare with: ``published.toml`` in the folders beside that of the claims."""
    from branchpoint.reporting.report_material import CLAIMS

    return tuple(sorted(study.absolute().parent.glob("*/published.toml"))) if (study / CLAIMS).is_file() else ()


def _make(
    material: Material, compared: tuple[Path, ...], formats: Collection[str], folder: Path, told: Callable[[str], None]
) -> None:
    """Make every file in a folder."""
    from branchpoint.engine.cohort import write_decisions
    from branchpoint.reporting.documents.analyses import analyze_material

    told("Analyzing")
    analyses = analyze_material(material, compared)
    write_decisions(material.decisions, material.protocol, folder / "decisions.parquet")
    (folder / "outcomes.json").write_text(outcomes_json(material), encoding="utf-8")
    if material.claims is not None:
        told("Auditing what was published")
        _write_published(material, material.claims, folder)
    if "ard" in formats:
        _write_ard(material, analyses, folder)
    if {*formats} - {"ard"}:
        _write_documents(material, analyses, formats, folder, told)


def _write_documents(
    material: Material, analyses: Analyses, formats: Collection[str], folder: Path, told: Callable[[str], None]
) -> None:
    from branchpoint.reporting.documents.explore import explore_page
    from branchpoint.reporting.documents.pdf import pdf_bytes
    from branchpoint.reporting.documents.pictures import pictures
    from branchpoint.reporting.documents.trial_tables import trial_tables
    from branchpoint.reporting.documents.word import docx_bytes
    from branchpoint.reporting.report_page import report_page

    tables = trial_tables(material, analyses)
    if "docx" in formats:
        told("Writing the Word file")
        (folder / _DOCX[0]).write_bytes(docx_bytes(material, tables))
    if {*formats} & {"html", "explore", "pdf"}:
        drawn = pictures(material, lambda title: told(f"Drawing: {title}"))
    if "pdf" in formats:
        told("Setting the PDF")
        (folder / _PDF[0]).write_bytes(pdf_bytes(material, tables, drawn))
    if "explore" in formats:
        told("Writing the figures to explore")
        (folder / "explore.html").write_text(explore_page(material, drawn), encoding="utf-8")
    if "html" in formats:
        told("Writing the page")
        page = report_page(material, tables, drawn, tuple(_beside(material, formats)))
        (folder / _PAGE).write_text(page, encoding="utf-8")


def _write_published(material: Material, claims: Claims, folder: Path) -> None:
    from branchpoint.publication.audit.report import audit
    from branchpoint.publication.ledger import ledger
    from branchpoint.reporting.audit_page import audit_page
    from branchpoint.reporting.audit_text import audit_data
    from branchpoint.reporting.ledger_page import ledger_data, ledger_page
    from branchpoint.reporting.reproduction import told_of

    audited = audit(claims)
    entries = ledger(claims, material.comparisons, audited)
    made = told_of(material)
    pages = (ledger_page(claims, entries, made), audit_page(claims, audited))
    listed = (ledger_data(entries, made), audit_data(audited))
    for name, page, data in zip(("ledger", "audit"), pages, listed, strict=True):
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
        text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _beside(material: Material, formats: Collection[str]) -> Iterator[tuple[str, str]]:
    """The files beside the page, with what each is."""
    from branchpoint.reporting.documents.explore import EXPLORE

    yield from _ALWAYS
    if material.claims is not None:
        yield from _PUBLISHED
    for name, files in (("explore", (EXPLORE,)), ("pdf", (_PDF,)), ("docx", (_DOCX,)), ("ard", _ARD)):
        if name in formats:
            yield from files


def _write_ard(material: Material, analyses: Analyses, folder: Path) -> None:
    import polars as pl

    from branchpoint.analysis.ard import write_ard
    from branchpoint.analysis.ard_results import ard_of_results
    from branchpoint.analysis.ars import reporting_event, write_ars
    from branchpoint.analysis.endpoint_ard import ard_of_endpoints
    from branchpoint.analysis.historical import ard_of_historical

    told = {"analysis_set": material.set_name, "profile": material.profile}
    groupings = dict.fromkeys(material.protocol.etiology.answers, "etiology")
    parts = [ard_of_results(material.results, groupings=groupings, **told), analyses.baseline]
    parts += [ard_of_endpoints(results) for _, results in analyses.sets]
    parts += [ard_of_historical(one.unadjusted, one.adjusted, one.control, **told) for one in analyses.historical]
    results = pl.concat(parts)
    write_ard(results, folder / _ARD[0][0])
    write_ars(reporting_event(results, material.protocol, location=_ARD[1][0]), folder / _ARD[2][0])


def outcomes_json(material: Material) -> str:
    """Give every claim beside what was computed, as JSON; without claims, every statistic by itself.

    Parameters
    ----------
    material : Material
    """
    from branchpoint.reporting.outcome_table import result_text

    listed: list[dict[str, object]] = [
        {name: getattr(one, name) for name in ("id", "place", "published", "computed", "agrees", "note")}
        for one in material.comparisons
    ]
    if material.claims is None:
        listed = [
            {
                "id": f"{row['id']}.{row['group']}",
                "place": "",
                "published": None,
                "computed": result_text(row),
                "agrees": None,
                "note": row["method"],
            }
            for row in material.results.iter_rows(named=True)
        ]
    return json.dumps(listed, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
