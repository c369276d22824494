"""Tables as HTML: captions, headers with their scope, names of rows, footnotes that are linked both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from branchpoint.reporting.documents.table import letter

if TYPE_CHECKING:
    from branchpoint.reporting.documents.table import Cell, Column, Row, Table

__all__ = ["table_html"]


def table_html(table: Table, *, folded: bool = False) -> Markup:
    """Render a table.

    Parameters
    ----------
    table : Table
    folded : bool
        Whether it opens on demand.

    Returns
    -------
    Markup
        A ``section`` or ``details`` element that carries the table's id.
    """
    parts = [
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(table.caption)}">',
        f'<table class="model stack"><caption>{escape(table.caption)}</caption>{_widths(table)}',
        f"{_head(table)}{_body(table)}</table></div>",
        _foot(table),
    ]
    inner = "".join(parts)
    if folded:
        return Markup(f'<details id="{table.id}"><summary>{escape(table.caption)}</summary>{inner}</details>')
    return Markup(f'<section class="table" id="{table.id}">{inner}</section>')


def _widths(table: Table) -> str:
    total = sum(column.width for column in table.columns)
    cells = "".join(f'<col style="width:{100 * column.width / total:.1f}%">' for column in table.columns)
    return f"<colgroup>{cells}</colgroup>"


def _head(table: Table) -> str:
    spans = ""
    if table.spans:
        cells = (
            f'<th scope="colgroup" colspan="{len(span.columns)}" class="span">{escape(span.title)}</th>'
            if span.title else f'<td colspan="{len(span.columns)}"></td>'
            for span in table.spans
        )  # fmt: skip
        spans = f"<tr>{''.join(cells)}</tr>"
    titles = "".join(f'<th scope="col" class="{one.align}">{escape(one.title)}</th>' for one in table.columns)
    return f"<thead>{spans}<tr>{titles}</tr></thead>"


def _body(table: Table) -> str:
    bodies = []
    for head, rows in table.groups:
        first = ""
        if head is not None:
            text = _text(table, head.cells[0])
            first = f'<tr class="group"><th scope="rowgroup" colspan="{len(table.columns)}">{text}</th></tr>'
        bodies.append(f"<tbody>{first}{''.join(_row(table, one) for one in rows)}</tbody>")
    return "\n".join(bodies)


def _row(table: Table, row: Row) -> str:
    name, *others = row.cells
    anchor = f' id="{escape(row.anchor)}"' if row.anchor else ""
    cells = (_cell(table, cell, column) for cell, column in zip(others, table.columns[1:], strict=True))
    first = f'<th scope="row"{_differing(name)}>{_text(table, name)}</th>'
    return f'<tr class="level-{row.level}"{anchor}>{first}{"".join(cells)}</tr>\n'


def _differing(cell: Cell) -> str:
    return ' class="differs"' if cell.differs else ""


def _cell(table: Table, cell: Cell, column: Column) -> str:
    title = f"{column.span}, {column.title}" if column.span else column.title
    kind = f"{column.align} differs" if cell.differs else column.align
    return f'<td class="{kind}" data-title="{escape(title)}">{_text(table, cell)}</td>'


def _text(table: Table, cell: Cell) -> str:
    marks = ",".join(f'<a href="#{table.id}-note-{note}">{letter(note)}</a>' for note in cell.notes)
    marks = f"<sup>{marks}</sup>" if marks else ""
    return f"{escape(cell.text)}{marks}{_published(cell)}"


def _published(cell: Cell) -> str:
    told = ""
    for one in cell.published:
        link = f'<a href="#difference-{one.number}" aria-label="difference {one.number}">{one.number}</a>'
        told += f'<span class="was">{escape(one.words)}{f"<sup>{link}</sup>" if one.number else ""}</span>'
    return told


def _foot(table: Table) -> str:
    marked = "".join(
        f'<li id="{table.id}-note-{place}">{escape(text)}</li>' for place, text in enumerate(table.footnotes, start=1)
    )
    listed = f'<ol class="notes" type="a">{marked}</ol>' if marked else ""
    whole = "".join(f"<p>{escape(text)}</p>" for text in (*table.notes, table.source) if text)
    return f'{listed}<div class="foot">{whole}</div>' if whole else listed
