"""Supplemental Table 4: the study beside a published trial, as published and adjusted, with the caveats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.analysis.endpoint_result import printed
from branchpoint.reporting.documents.common import Footnotes, p_text, set_note, source_line
from branchpoint.reporting.documents.table import Cell, Column, Published, Table, heading, row

if TYPE_CHECKING:
    from branchpoint.analysis.historical import Adjusted, Unadjusted
    from branchpoint.reporting.documents.analyses import Historical
    from branchpoint.reporting.documents.table import Row
    from branchpoint.reporting.report_material import Material
    from branchpoint.statistics.results import Estimate

__all__ = ["historical_table"]


def historical_table(material: Material, compared: Historical, place: int = 0) -> Table:
    """Supplemental Table 4, or one more of its kind.

    Parameters
    ----------
    material : Material
    compared : Historical
    place : int
        0 for the first control.
    """
    control, notes = compared.control, Footnotes()
    rows = [heading("As published: unadjusted"), *(_unadjusted(one, notes) for one in compared.unadjusted)]
    for name in dict.fromkeys(one.adjustment for one in compared.adjusted):
        found = [one for one in compared.adjusted if one.adjustment == name]
        sizes = f"{found[0].n} patients weighted, effective sample size {found[0].effective_size:.1f}"
        left = f", {found[0].left_out} left out as a covariate is not known" if found[0].left_out else ""
        rows += [heading(f"Adjusted, {name}: {sizes}{left}"), *(_adjusted(one, notes) for one in found)]
    columns = (
        Column("Outcome", width=2), Column("This study", "right", width=1.7), Column(control.name, "right", width=1.3),
        Column("Difference (95% CI), percentage points", "right", width=1.7), Column("P", "right", width=0.9),
    )  # fmt: skip
    return Table(
        id="table-s4" if not place else f"table-s4-{place + 1}", label="Supplemental Table 4" + ("" if not place else
        f", {place + 1}"), title=f"Historical comparison with {control.title}", columns=columns, rows=tuple(rows),
        footnotes=notes.texts, long=True,
        notes=(f"{set_note(material)} {control.name}: {control.patients} patients.", *control.caveats,
               "Not evaluable: nobody unadjusted; adjusted, who is left out is counted in the heading.",
               f"Sources of {control.name}: {'; '.join(control.sources)}."),
        source=source_line(material),
    )  # fmt: skip


def _unadjusted(one: Unadjusted, notes: Footnotes) -> Row:
    outcome = one.outcome
    beside: tuple[Published, ...] = ()
    if outcome.printed is not None:
        count, size, p = outcome.printed
        same = (count, size) == (one.count, one.size)
        beside = (Published(f"{count}/{size}", same or None),)
        printed_p = Published(p_text(p), p_text(one.test.p) == p_text(p) if same and one.test.estimable else None)
        p_cell = Cell(p_text(one.test.p), notes(one.test.method), (printed_p,))
    else:
        p_cell = Cell(p_text(one.test.p), notes(one.test.method))
    difference = Cell(_points(one.difference), notes(one.difference.method))
    this, other = Cell(_share(one.count, one.size), (), beside), _share(outcome.count, outcome.size)
    return row(Cell(outcome.label, notes(one.note)), this, other, difference, p_cell, level=1)


def _adjusted(one: Adjusted, notes: Footnotes) -> Row:
    estimate = f"{printed(one.estimate.value)} ({printed(one.estimate.low)} to {printed(one.estimate.high)})"
    told = estimate if one.estimate.estimable else "not estimable"
    return row(
        one.outcome.label, Cell(told, notes(one.estimate.method, one.estimate.note)),
        _share(one.outcome.count, one.outcome.size), Cell(_points(one.difference), notes(one.difference.method)),
        Cell(p_text(one.test.p), notes(one.test.method, one.test.note)), level=1,
    )  # fmt: skip


def _share(count: int, size: int) -> str:
    return f"{count}/{size} ({100 * count / size:.1f}%)" if size else "nobody"


def _points(one: Estimate) -> str:
    if not one.estimable:
        return "not estimable"
    return f"{100 * one.value:.1f} ({100 * one.low:.1f} to {100 * one.high:.1f})"
