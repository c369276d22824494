"""Supplemental Table 8: the main results under other choices, each beside the choice that was made."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from branchpoint.analysis.endpoint_result import printed
from branchpoint.reporting.documents.common import Footnotes, set_note, source_line
from branchpoint.reporting.documents.table import Cell, Column, Table, heading, row

if TYPE_CHECKING:
    from branchpoint.analysis.sensitivity import Variation
    from branchpoint.reporting.documents.analyses import Analyses
    from branchpoint.reporting.documents.table import Row
    from branchpoint.reporting.report_material import Material

__all__ = ["sensitivity_table"]

_NAMES = {
    "orr": "ORR by day 28",
    "ORR": "ORR by day 28",
    "cr": "CR on the frontline",
    "CR": "CR on the frontline",
    "CR or PR": "CR or PR by day 28",
    "cr_overall": "CR overall",
    "os": "Overall survival at 12 months",
    "efs_frontline": "EFS of the frontline at 12 months",
    "cumulative incidence": "Cumulative incidence at 12 months",
}


def sensitivity_table(material: Material, analyses: Analyses) -> Table | None:
    """Supplemental Table 8; None where nothing could be varied.

    Parameters
    ----------
    material : Material
    analyses : Analyses
    """
    if not analyses.sensitivity:
        return None
    notes, rows = Footnotes(), []
    for question, found in groupby(analyses.sensitivity, lambda one: one.question):
        rows += [heading(question[:1].upper() + question[1:]), *(_row(one, notes) for one in found)]
    return Table(
        id="table-s8", label="Supplemental Table 8", title="Sensitivity of the main results", rows=tuple(rows),
        columns=(
            Column("Endpoint", width=1.5), Column("Under", width=2.4), Column("n/N", "right", width=0.8),
            Column("Estimate (95% CI)", "right", width=1.5),
        ),
        footnotes=notes.texts, notes=(f"{set_note(material)} Other sets are named in their rows.",
                                      "Not evaluable: counted in the footnotes of the rows that it concerns."),
        source=source_line(material), long=True,
    )  # fmt: skip


def _row(one: Variation, notes: Footnotes) -> Row:
    estimate = one.estimate
    told = "not estimable"
    if estimate.estimable:
        told = f"{printed(estimate.value)} ({printed(estimate.low)} to {printed(estimate.high)})"
    marks = notes(estimate.method, estimate.note, one.note)
    return row(_NAMES.get(one.endpoint, one.endpoint), one.label, f"{one.events}/{one.n}", Cell(told, marks), level=1)
