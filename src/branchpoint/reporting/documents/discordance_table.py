"""Supplemental Table 9: investigators' grades beside those that the laboratory shows; both are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.analysis.grade_discordance import VERDICTS
from branchpoint.analysis.safety_sets import safety_sets
from branchpoint.reporting.documents.common import source_line
from branchpoint.reporting.documents.table import Column, Table, heading, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.reporting.documents.analyses import Analyses
    from branchpoint.reporting.documents.table import Row
    from branchpoint.reporting.report_material import Material

__all__ = ["discordance_table"]


def discordance_table(material: Material, analyses: Analyses) -> Table | None:
    """Supplemental Table 9; None where no laboratory value is graded beside a recorded event.

    Parameters
    ----------
    material : Material
    analyses : Analyses
    """
    if analyses.discordance.is_empty():
        return None
    columns = (Column("Event, laboratory term", width=2.4), Column("Patients", "right", width=0.8))
    return Table(
        id="table-s9", label="Supplemental Table 9",
        title="Grades of investigators beside grades of the laboratory (CTCAE v5.0)",
        rows=tuple(_rows(material, analyses)),
        columns=(*columns, *(Column(verdict.capitalize(), "right", width=0.9) for verdict in VERDICTS)),
        notes=("Analysis sets: the safety sets of the headings; each cell counts patients.",
               "An event that was not reported counts as grade 0. Not evaluable: not settled, where a limit of normal, "
               "a baseline or symptoms are not recorded; not graded, where the event has no grade.",
               "The disease itself disturbs these values: many were as bad before any treatment."),
        source=source_line(material), long=True, wide=True,
    )  # fmt: skip


def _rows(material: Material, analyses: Analyses) -> Iterator[Row]:
    sets = {one.name: one.label for one in safety_sets(material.courses, material.protocol)}
    groups = {one.name: one.label for one in material.protocol.adverse_events}
    for (name,), part in analyses.discordance.group_by("set", maintain_order=True):
        yield heading(sets.get(str(name), str(name)))
        for found in part.iter_rows(named=True):
            counts = (str(found[verdict]) for verdict in VERDICTS)
            yield row(f"{groups[found['group']]}: {found['term']}", str(found["patients"]), *counts, level=1)
