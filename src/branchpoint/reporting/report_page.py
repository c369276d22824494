"""The report as one self-contained page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from branchpoint.analysis.courses import epoch_roles
from branchpoint.reporting.decision_table import decision_section
from branchpoint.reporting.disposition_figure import disposition_boxes, disposition_figure
from branchpoint.reporting.flow_diagram import flow_diagram
from branchpoint.reporting.outcome_table import outcome_parts, result_text
from branchpoint.reporting.pages import render
from branchpoint.reporting.survival_figure import Curve, survival_figure

if TYPE_CHECKING:
    import polars as pl

    from branchpoint.publication.comparison import Comparison
    from branchpoint.reporting.disposition_figure import Box
    from branchpoint.reporting.report_material import Material

__all__ = ["BANNERS", "report_page"]

BANNERS = {
    "reconstructed": "Reconstructed from published aggregates, not patient data",
    "synthetic": "Synthetic patients, not patient data",
}
_GROUPS = {
    "naive": "Prior corticosteroid untreated",
    "steroid": "Prior corticosteroid treated",
    "all": "Total",
}
_MARK = 12.0


def report_page(material: Material) -> str:
    """Render a report.

    Parameters
    ----------
    material : Material
    """
    from branchpoint.analysis.cohort_counts import (
        eligibility_counts,
        etiology_counts,
        not_evaluable_counts,
        rule_set_counts,
    )
    from branchpoint.analysis.outcomes import analysis_set

    protocol, counted = material.protocol, material.analyzed
    differing = [one for one in material.comparisons if one.agrees is False]
    groups, parts = _outcomes(material, differing)
    counts = {row["id"]: row["n"] for row in material.results.filter(group="all").iter_rows(named=True)}
    chosen, top = analysis_set(protocol), _disposition(material, counts)
    return render(
        "report.html.j2",
        material=material,
        study=material.study,
        protocol=protocol,
        banner=BANNERS.get(material.study.meta.kind, ""),
        note=_note(material),
        roles=epoch_roles(protocol),
        analysis_set="everybody" if chosen is None else chosen.label.text,
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
        groups=[_GROUPS[group] for group in groups],
        parts=parts,
        differing=list(enumerate(differing, 1)),
        agreeing=sum(one.agrees is True for one in material.comparisons),
        silent=[one for one in material.comparisons if one.agrees is None],
        figures=_figures(material),
        flow=Markup(flow_diagram(protocol)),
        decision_table=decision_section(protocol).tables[0],
        patients=_patients(material),
        methods=_methods(material.results),
        notes=material.study.meta.analysis_notes,
    )


def _note(material: Material) -> str:
    """What the study says of itself, without what the banner has said already."""
    note, banner = material.study.meta.note, BANNERS.get(material.study.meta.kind, "")
    return note[len(banner) :].lstrip(" :.;") if banner and note.lower().startswith(banner.lower()) else note


def _outcomes(material: Material, differing: list[Comparison]) -> tuple[Any, Any]:
    compared: dict[tuple[str, str], list[Comparison]] = {}
    for one in material.comparisons:
        if one.statistic is not None:
            compared.setdefault(one.statistic, []).append(one)
    numbers = {one.id: number for number, one in enumerate(differing, 1)}
    return outcome_parts(material.results, compared, numbers)


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


def _figures(material: Material) -> list[dict[str, Any]]:
    counted, results = material.analyzed, material.results
    if not len(counted):
        return []
    strata = {"favorable": "Favorable response", "unfavorable": "Unfavorable response"}
    sets = [("Overall survival", {"all": "All patients"}, {"all": counted})]
    parts = {name: counted.filter(favorable=name == "favorable") for name in strata}
    if all(len(part) for part in parts.values()):
        sets.append(("Overall survival by response to frontline treatment", strata, parts))
    figures, source = [], BANNERS.get(material.study.meta.kind, "")
    for title, names, members in sets:
        curves = tuple(_curve(names[group], group, part, counted, results) for group, part in members.items())
        said = "; ".join(f"{curve.name}, {curve.text.splitlines()[-1]}" for curve in curves)
        figures.append(
            {
                "title": title,
                "wide": Markup(survival_figure(curves, f"{title}. {said}", source)),
                "narrow": Markup(survival_figure(curves, f"{title}. {said}", source, narrow=True)),
            }
        )
    return figures


def _curve(name: str, group: str, members: pl.DataFrame, counted: pl.DataFrame, results: pl.DataFrame) -> Curve:
    from branchpoint.analysis.survival_times import at_risk, overall_survival, quarters, survival_steps

    times = overall_survival(members)
    row = results.filter(id="os", group=group).row(0, named=True)
    told = f"12 months: {row['estimate']:.1f}%" if row["estimate"] is not None else "12 months: not estimable"
    if row["estimate"] is not None and row["standard_error"]:
        told += f" (95% CI {row['ci_low']:.1f} to {row['ci_high']:.1f})"
    text = told if group == "all" else f"{name}\n{told}"
    months = quarters(overall_survival(counted))
    return Curve(name, survival_steps(times), at_risk(times, months), _MARK if months[-1] >= _MARK else None, text)


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


def _methods(results: pl.DataFrame) -> list[tuple[str, str]]:
    """What was done by a method of its own, and by which; each method once."""
    used: dict[str, list[str]] = {}
    for row in results.iter_rows(named=True):
        if row["method"] not in ("count", "median (range)"):
            labels = used.setdefault(row["method"], [])
            if row["label"] not in labels:
                labels.append(row["label"])
    return [("; ".join(labels), method) for method, labels in used.items()]
