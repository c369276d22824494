"""The report as one self-contained page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from branchpoint.analysis.courses import epoch_roles
from branchpoint.reporting.decision_table import decision_section
from branchpoint.reporting.disposition_figure import disposition_boxes, disposition_figure
from branchpoint.reporting.documents.analyses import analyze_material
from branchpoint.reporting.documents.common import BANNERS, study_note
from branchpoint.reporting.documents.explore import EXPLORE
from branchpoint.reporting.documents.html import table_html
from branchpoint.reporting.documents.methods import methods_told
from branchpoint.reporting.documents.pictures import pictures
from branchpoint.reporting.documents.trial_tables import trial_tables
from branchpoint.reporting.figures.rendering import vega_lite
from branchpoint.reporting.flow_diagram import flow_diagram
from branchpoint.reporting.outcome_table import result_text
from branchpoint.reporting.pages import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from branchpoint.reporting.disposition_figure import Box
    from branchpoint.reporting.documents.pictures import Picture
    from branchpoint.reporting.documents.table import Table
    from branchpoint.reporting.report_material import Material

__all__ = ["report_page"]

# Where tables and figures stand; what is named nowhere is of the supplement.
_PLACED = {
    "baseline": ("table-3",),
    "outcomes": ("table-4",),
    "differences": ("table-differences",),
    "survival": ("figure-os", "figure-efs-frontline", "figure-efs-intensive", "figure-landmark-os"),
    "responses": ("figure-response-by-group", "figure-orr-forest", "figure-etiology-by-response"),
    "safety": ("table-5",),
    "protocol": ("table-1", "table-2", "table-s1"),
    "methods": ("table-silent",),
}
# The page has its own forms of these two.
_ELSEWHERE = ("figure-schema", "figure-disposition")


def report_page(
    material: Material, tables: Sequence[Table] | None = None, drawn: Sequence[Picture] | None = None,
    files: Sequence[tuple[str, str]] = (),
) -> str:  # fmt: skip
    """Render a report.

    Parameters
    ----------
    material : Material
    tables : sequence of Table, optional
        As `branchpoint.reporting.documents.trial_tables` gives them; built when not given.
    drawn : sequence of Picture, optional
        As `branchpoint.reporting.documents.pictures` gives them; drawn when not given.
    files : sequence of (str, str)
        What else lies beside the page: name and meaning.
    """
    from branchpoint.analysis.cohort_counts import (
        eligibility_counts,
        etiology_counts,
        not_evaluable_counts,
        rule_set_counts,
    )

    tables = trial_tables(material, analyze_material(material)) if tables is None else tables
    drawn = pictures(material) if drawn is None else drawn
    protocol, counted = material.protocol, material.analyzed
    counts = {row["id"]: row["n"] for row in material.results.filter(group="all").iter_rows(named=True)}
    top = _disposition(material, counts)
    return render(
        "report.html.j2",
        material=material,
        study=material.study,
        protocol=protocol,
        banner=BANNERS.get(material.study.meta.kind, ""),
        note=study_note(material),
        roles=epoch_roles(protocol),
        analysis_set=material.set_label,
        counts=counts,
        disposition=disposition_figure(top, BANNERS.get(material.study.meta.kind, "")),
        disposition_top=top,
        eligibility=eligibility_counts(material.courses).to_dicts(),
        etiologies=etiology_counts(counted, protocol).to_dicts(),
        etiology_orr=_texts(material.results, "orr"),
        rule_sets=rule_set_counts(material.decisions, counted, protocol).to_dicts(),
        rule_names={rule_set.name: rule_set.label.text for rule_set in protocol.responses},
        open_items=not_evaluable_counts(material.decisions, material.courses).to_dicts(),
        open_words=_open_words(material),
        agreement={
            name: sum(one.agrees is state for one in material.comparisons)
            for name, state in (("agreeing", True), ("differing", False), ("silent", None))
        },
        placed=_placed(tables, drawn),
        explored={one.id for one in drawn if vega_lite(one.figure)} if EXPLORE in files else set(),
        files=files,
        flow=Markup(flow_diagram(protocol)),
        decision_table=decision_section(protocol).tables[0],
        patients=_patients(material),
        methods=methods_told(material),
    )


def _placed(tables: Sequence[Table], drawn: Sequence[Picture]) -> dict[str, dict[str, list[Any]]]:
    """The tables (as HTML) and figures of each section."""
    named = {name for names in _PLACED.values() for name in names}
    ids = (*(table.id for table in tables), *(one.id for one in drawn))
    rest = tuple(name for name in ids if name not in named and name not in _ELSEWHERE)
    html = {table.id: table_html(table, folded=table.long) for table in tables}
    known = {one.id: one for one in drawn}
    return {
        section: {
            "tables": [html[name] for name in names if name in html],
            "figures": [known[name] for name in names if name in known],
        }
        for section, names in (*_PLACED.items(), ("supplement", rest))
    }


def _texts(results: pl.DataFrame, statistic: str) -> dict[str, str]:
    return {row["group"]: result_text(row) for row in results.filter(id=statistic).iter_rows(named=True)}


def _disposition(material: Material, counts: dict[str, int]) -> Box:
    reasons = material.study.disposition.filter(status="excluded")["reason"].drop_nulls().unique().sort().to_list()
    labels = {epoch.name: epoch.label.text for epoch in material.protocol.epochs}
    week = epoch_roles(material.protocol).second_end
    names = {"second": "Additional treatment", "week": week, "why": "; ".join(reasons)}
    if len(material.protocol.epochs) > 1:
        names["second"] = labels[material.protocol.epochs[1].name]
    return disposition_boxes(counts, names)


def _open_words(material: Material) -> dict[str, str]:
    rules = {rule.name: rule.label.text for rule in (*material.protocol.inclusion, *material.protocol.exclusion)}
    sets = {f"response.{one.name}": f"Response, {one.label.text}" for one in material.protocol.responses}
    return {**rules, **sets, "etiology": "Etiology", "dose": "Dose of the study treatment"}


def _patients(material: Material) -> list[dict[str, Any]]:
    labels = {epoch.name: epoch.name.replace("_", " ") for epoch in material.protocol.epochs}
    rows = []
    for row in material.courses.iter_rows(named=True):
        path = row["path"] or ""
        for name, label in labels.items():
            path = path.replace(name, label)
        rows.append({**row, "path": path})
    return rows
