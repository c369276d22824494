"""Tables of efficacy: outcomes beside what was published, analysis sets beside each other, endpoints, tests."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from branchpoint.analysis.endpoint_result import printed
from branchpoint.reporting.documents.baseline_tables import plain_number
from branchpoint.reporting.documents.common import (
    PRIOR,
    Footnotes,
    not_evaluable_note,
    p_text,
    set_note,
    sized,
    source_line,
)
from branchpoint.reporting.documents.table import Cell, Column, Row, Table, heading, row
from branchpoint.reporting.outcome_table import LAYOUT, row_title

if TYPE_CHECKING:
    from branchpoint.analysis.endpoint_result import EndpointResult
    from branchpoint.reporting.documents.analyses import Analyses
    from branchpoint.reporting.documents.common import Beside
    from branchpoint.reporting.report_material import Material

__all__ = ["endpoint_table", "group_test_table", "outcome_table", "sets_table"]

_PRIMARY = "primary"
_COUNTED = (
    "N is those of the set who can have the endpoint, n those who have it; of a survival estimate, n had the event."
)
_RANKS = (_PRIMARY, "key secondary", "secondary", "")


def outcome_table(material: Material, analyses: Analyses, beside: Beside) -> Table:
    """Table 4: computed, with what was published below."""
    results = {(one["id"], one["group"]): one for one in material.results.iter_rows(named=True)}
    groups = [group for group in PRIOR if ("frontline.cr", group) in results]
    notes, rows = Footnotes(), []
    for title, layout in LAYOUT:
        found = [
            Row((_named(results[first], notes), *(beside.cell(results.get((name, group))) for group in groups)), level)
            for name, level in layout
            if (first := next(((name, group) for group in groups if (name, group) in results), None)) is not None
        ]
        rows += [heading(title), *found] if found else []
    sizes = {group: results["group", group]["n"] for group in groups if group != "all"}
    sizes["all"] = len(material.analyzed)
    columns = [Column(sized(PRIOR[group], sizes[group]), "right", width=1.6) for group in groups]
    told = "Second line: as published; = same to the printed decimals, ≠ different, with the number of its explanation."
    return Table(
        id="table-4", label="Table 4", title="Clinical outcome", columns=(Column("Outcome", width=2.2), *columns),
        rows=tuple(rows), footnotes=notes.texts,
        notes=(set_note(material), "Counts are n/N (%), N being those who could have it.",
               *((told,) if material.comparisons else ()), _not_evaluable(analyses)),
        source=source_line(material),
    )  # fmt: skip


def _named(result: dict[str, Any], notes: Footnotes) -> Cell:
    return Cell(row_title(result), notes(result["method"]))


def _not_evaluable(analyses: Analyses) -> str:
    found = [one for one in analyses.endpoints if one.rank == _PRIMARY] or list(analyses.endpoints[:1])
    if not found:
        return not_evaluable_note(())
    return not_evaluable_note(found[0].groups[0].not_evaluable, "the primary endpoint")


def _estimate(result: EndpointResult) -> str:
    """An endpoint of everybody: its estimate with limits, or its median with range."""
    group = result.groups[0]
    if group.error is not None:
        return "not estimable"
    if group.estimate is not None:
        one = group.estimate
        if not one.estimable:
            return "not estimable"
        if not (isfinite(one.low) and isfinite(one.high)):
            return f"{printed(one.value)} (limits not estimable)"
        return f"{printed(one.value)} ({printed(one.low)} to {printed(one.high)})"
    more = {one.name: one for one in group.more}
    if "median" in more and "min" in more:
        middle, low, high = (_measured(more[name].value, result.unit) for name in ("median", "min", "max"))
        return f"{middle} ({low} to {high}) {result.unit}".strip()
    return "; ".join(f"{one.level}: {one.value:g}" for one in group.more if one.level) or "not estimable"


def _measured(value: float, unit: str) -> str:
    if not isfinite(value):
        return printed(value, unit)
    return f"{value:.1f}" if unit == "mo" else plain_number(value)


def _events(result: EndpointResult) -> str:
    group = result.groups[0]
    return f"{group.n}" if group.events is None else f"{group.events}/{group.n}"


def _open(result: EndpointResult) -> str:
    group = result.groups[0]
    return str(group.n - group.evaluable)


def _method(result: EndpointResult) -> str:
    estimate = result.groups[0].estimate
    return estimate.method if estimate is not None else result.estimand.summary


def _endpoint_label(result: EndpointResult) -> str:
    return f"{result.label}, {result.rank}" if result.rank else result.label


def sets_table(material: Material, analyses: Analyses) -> Table | None:
    """Supplemental Table 5: every endpoint in each analysis set; None where the protocol declares but one."""
    if len(analyses.sets) < 2:
        return None
    notes, by_name = Footnotes(), [{one.name: one for one in results} for _, results in analyses.sets]
    columns = [Column("Endpoint", width=2.4)]
    for label, results in analyses.sets:
        span = sized(label, results[0].set_size if results else 0)
        columns += [Column("n/N", "right", span, 0.8), Column("Estimate (95% CI)", "right", span, 1.7),
                    Column("Not evaluable", "right", span, 0.8)]  # fmt: skip
    rows = []
    for first in analyses.sets[0][1]:
        cells = [Cell(_endpoint_label(first), notes(_method(first)))]
        for known in by_name:
            one = known.get(first.name)
            texts = ("", "", "") if one is None else (_events(one), _estimate(one), _open(one))
            cells += [Cell(text) for text in texts]
        rows.append(Row(tuple(cells)))
    reasons = {reason: number for _, results in analyses.sets for one in results
               for reason, number in one.groups[0].not_evaluable}  # fmt: skip
    named = "; ".join(label for label, _ in analyses.sets)
    return Table(
        id="table-s5", label="Supplemental Table 5", title=f"Every endpoint in each analysis set: {named}",
        columns=tuple(columns), rows=tuple(rows), footnotes=notes.texts, wide=True, long=True,
        notes=(f"Analysis sets: those of the columns. {_COUNTED}",
            "Who is not evaluable stays in the denominator of a proportion, and does not count as having it; in a "
               "survival estimate nothing was observed of them.", not_evaluable_note(reasons.items())),
        source=source_line(material),
    )  # fmt: skip


def endpoint_table(material: Material, analyses: Analyses) -> Table | None:
    """Supplemental Table 6: every endpoint in the analysis set, with what it estimates."""
    if not analyses.endpoints:
        return None
    notes, rows, rank = Footnotes(), [], None
    for one in sorted(analyses.endpoints, key=lambda result: _RANKS.index(result.rank)):
        title = one.rank.capitalize() if one.rank else "Added by the analysis"
        if title != rank:
            rows.append(heading(title))
            rank = title
        handled = "; ".join(f"{event}: {how}" for event, how in one.estimand.intercurrent) or "none named"
        warned = one.groups[0].warning or (one.groups[0].estimate.note if one.groups[0].estimate else "")
        marks = notes(_method(one), warned or "")
        rows.append(row(Cell(one.label, marks), _events(one), _estimate(one), _open(one), one.estimand.variable,
                        handled, level=1))  # fmt: skip
    columns = (
        Column("Endpoint", width=1.9), Column("n/N", "right", width=0.7),
        Column("Estimate (95% CI)", "right", width=1.6), Column("Not evaluable", "right", width=0.8),
        Column("Variable", width=2), Column("Intercurrent events", width=2.2),
    )  # fmt: skip
    return Table(
        id="table-s6", label="Supplemental Table 6", title="Endpoints and what they estimate", columns=columns,
        rows=tuple(rows), footnotes=notes.texts, wide=True, long=True,
        notes=(set_note(material), _COUNTED), source=source_line(material),
    )  # fmt: skip


def group_test_table(material: Material, beside: Beside) -> Table | None:
    """Supplemental Table 7: comparisons between groups, with the test; those of Table 3 stand there."""
    notes, rows = Footnotes(), []
    for one in material.results.drop_nulls("p").iter_rows(named=True):
        if not one["id"].startswith(("feature.", "sex.")):
            marks = notes(one["method"], one["note"])
            rows.append(row(Cell(one["label"], marks), str(one["n"] or ""),
                            Cell(p_text(one["p"]), (), beside.statistic(one["id"]))))  # fmt: skip
    columns = (Column("Comparison", width=3), Column("Patients", "right"), Column("P", "right", width=1.4))
    if not rows:
        return None
    return Table(
        id="table-s7", label="Supplemental Table 7", title="Tests between groups", columns=columns, rows=tuple(rows),
        footnotes=notes.texts, notes=(set_note(material), "Two-sided; not adjusted for their number."), long=True,
        source=source_line(material),
    )  # fmt: skip
