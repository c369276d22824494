"""Table 5: adverse events by safety set and grade."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from branchpoint.reporting.documents.common import Footnotes, sized, source_line
from branchpoint.reporting.documents.table import Cell, Column, Row, Table, heading

if TYPE_CHECKING:
    from branchpoint.reporting.documents.common import Beside
    from branchpoint.reporting.report_material import Material

__all__ = ["adverse_event_table"]

_ANY, _SEVERE = "any", "grade3"
_PATIENTS = "ae.patients."
_SECTIONS = {"hematologic": "Hematologic", "nonhematologic": "Nonhematologic"}


def adverse_event_table(material: Material, beside: Beside) -> Table | None:
    """Table 5; None where no adverse event was recorded.

    Parameters
    ----------
    material : Material
    beside : Beside
    """
    rows = {row["id"]: row for row in material.results.filter(group="all").iter_rows(named=True)}
    sets = [name.removeprefix(_PATIENTS) for name in rows if name.startswith(_PATIENTS)]
    if not sets:
        return None
    notes = Footnotes()

    def line(name: str, label: str, level: int) -> Row:
        found = [rows.get(f"ae.{name}.{one}.{grade}") for one in sets for grade in (_ANY, _SEVERE)]
        marks = notes(*(str(row["note"]) for row in found if row is not None))
        return Row((Cell(label, marks), *(beside.cell(row) for row in found)), level)

    body = [line("event", "Any adverse event", 0)]
    for section, groups in groupby(material.protocol.adverse_events, key=lambda group: group.section):
        title = _SECTIONS.get(section, section.capitalize())
        body += [heading(f"{title} adverse events"), line(section, f"Any {title.lower()} adverse event", 0)]
        body += [line(group.name, group.label, 1) for group in groups]
    columns = [
        Column(title, "right", sized(rows[_PATIENTS + one]["label"], rows[_PATIENTS + one]["n"]))
        for one in sets
        for title in ("Any grade", "Grade 3 or higher")
    ]
    return Table(
        id="table-5", label="Table 5", title="Adverse events", columns=(Column("Event", width=1.9), *columns),
        rows=tuple(body), footnotes=notes.texts, notes=_notes(rows, sets), source=source_line(material),
    )  # fmt: skip


def _notes(rows: dict[str, dict[str, Any]], sets: list[str]) -> tuple[str, ...]:
    methods = (f"{rows[_PATIENTS + one]['label']}: {rows[f'ae.event.{one}.{_ANY}']['method']}." for one in sets)
    outside = rows.get("ae.outside")
    left = "" if outside is None else f" Outside these days: {outside['n']} of {outside['denominator']} events."
    return (
        "Analysis sets: the safety sets of the columns; n/N (%) of all their patients.",
        *methods,
        "Some patients had more than one. The disease itself injures tissues: some of these may be of it, and not of a "
        f"drug. Not evaluable: events without a grade count in any grade only.{left}",
    )
