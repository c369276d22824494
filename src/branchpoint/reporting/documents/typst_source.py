"""Tables as Typst source: every text a string literal, so that nothing in the data can be read as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.reporting.documents.table import letter

if TYPE_CHECKING:
    from branchpoint.reporting.documents.table import Cell, Row, Table

__all__ = ["literal", "table_typst"]

_INDENT = 0.9


def literal(text: str) -> str:
    """Write a text as a Typst string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def table_typst(table: Table) -> str:
    """Render a table as a call of ``report-table``, which ``templates/document.typ`` defines.

    Parameters
    ----------
    table : Table
    """
    head = "".join(f"table.cell(colspan: {len(s.columns)}, align: center, {_span(s.title)}), " for s in table.spans)
    head += "".join(f"strong({literal(column.title)}), " for column in table.columns)
    foot = "".join(
        f"footnote-line({literal(letter(place))}, {literal(text)}), "
        for place, text in enumerate(table.footnotes, start=1)
    )
    foot += "".join(f"note-line({literal(text)}), " for text in (*table.notes, table.source) if text)
    return (
        f"#report-table({literal(table.id)}, {literal(table.caption)}, wide: {str(table.wide).lower()},\n"
        f"  columns: ({''.join(f'{column.width:g}fr, ' for column in table.columns)}),\n"
        f"  align: ({''.join(f'{column.align}, ' for column in table.columns)}),\n"
        f"  head: ({head}),\n  foot: ({foot}),\n"
        f"  body: (\n{''.join(_row(table, row) for row in table.rows)}  ),\n)\n"
    )


def _span(title: str) -> str:
    return f"span-title({literal(title)})" if title else '""'


def _row(table: Table, row: Row) -> str:
    if row.heads:
        return f"    table.cell(colspan: {len(table.columns)}, fill: wash, strong({_content(row.cells[0])})),\n"
    indent = f"{0.35 + _INDENT * row.level:g}em"
    anchor = f"[#metadata(none) #label({literal(row.anchor)})] + " if row.anchor else ""
    first, *others = row.cells
    cells = [f"table.cell({_fill(first)}inset: (left: {indent}), {anchor}{_content(first)})"]
    cells += [f"table.cell({_fill(cell)}{_content(cell)})" for cell in others]
    return f"    {', '.join(cells)},\n"


def _fill(cell: Cell) -> str:
    return "fill: differing, " if cell.differs else ""


def _content(cell: Cell) -> str:
    parts = [literal(cell.text)]
    if cell.notes:
        parts.append(f"super({literal(cell.marks)})")
    parts += [
        f"published({literal(one.words)}, {'none' if one.number is None else literal(str(one.number))})"
        for one in cell.published
    ]
    return " + ".join(parts) if len(parts) == 1 else f"[] + {' + '.join(parts)}"
