"""Differences: every published number that the patients analyzed do not give, and those that are not computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.reporting.documents.common import set_note, source_line
from branchpoint.reporting.documents.table import Column, Table, row

if TYPE_CHECKING:
    from branchpoint.reporting.report_material import Material

__all__ = ["differences_table", "silent_table"]

_RULE = "Method: a number agrees when everything printed of it is the same after rounding half up to its decimals."


def differences_table(material: Material) -> Table | None:
    """List what differs from the publication, with the reason; None where nothing does."""
    differing = [one for one in material.comparisons if one.agrees is False]
    rows = [
        row(str(number), f"{one.place} ({one.id})", str(one.published), str(one.computed), one.note,
            anchor=f"difference-{number}")
        for number, one in enumerate(differing, start=1)
    ]  # fmt: skip
    columns = (Column("No.", width=0.4), Column("Where", width=1.8), Column("Published", "right", width=1.2),
               Column("Computed", "right", width=1.2), Column("Explanation", width=3.4))  # fmt: skip
    agreeing = sum(one.agrees is True for one in material.comparisons)
    silent = sum(one.agrees is None for one in material.comparisons)
    told = (
        f"Of {len(material.comparisons)} published numbers {agreeing} agree, {len(rows)} differ, {silent} not computed."
    )
    return None if not rows else Table(
        id="table-differences", title="Every published number that the patients analyzed do not give, and why",
        columns=columns, rows=tuple(rows), notes=(set_note(material), _RULE, told), source=source_line(material),
    )  # fmt: skip


def silent_table(material: Material) -> Table | None:
    """List what was published and is not computed here, with the reason; None where everything is."""
    silent = [one for one in material.comparisons if one.agrees is None]
    rows = [row(f"{one.place} ({one.id})", str(one.published), one.note) for one in silent]
    columns = (Column("Where", width=1.6), Column("Published", "right", width=1.2), Column("Why not", width=3))
    return None if not rows else Table(
        id="table-silent", title="Published numbers that are not computed here", columns=columns, rows=tuple(rows),
        notes=(set_note(material), "Method: none; listed so that no published number is left out."),
        source=source_line(material), long=True,
    )  # fmt: skip
