"""Tables as Word tables: header rows that repeat, rows that stay whole, footnotes as text below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branchpoint.reporting.documents.table import letter

if TYPE_CHECKING:
    from branchpoint.reporting.documents.table import Cell, Column, Row, Table

__all__ = ["NOTE_STYLE", "TEXT_STYLE", "add_table"]

# Ids of paragraph styles; to look one up by its name is slow, and there are thousands of paragraphs.
TEXT_STYLE, NOTE_STYLE = "Tabletext", "Tablenote"
_SMALL, _TINY = 8.5, 7.5
_WASH, _DIFFERING = "F0F2F5", "FFF4D6"


def add_table(document: Any, table: Table, width: float) -> None:
    """Add a table with its caption above and its footnotes below.

    Parameters
    ----------
    document : docx.Document
    table : Table
    width : float
        Of the text, in points.
    """
    from docx.shared import Pt

    caption = document.add_paragraph(style="Caption")
    caption.add_run(table.caption)
    caption.paragraph_format.keep_with_next = True
    grid = document.add_table(rows=0, cols=len(table.columns))
    grid.autofit = False
    _describe(grid, table)
    total = sum(column.width for column in table.columns)
    widths = [Pt(width * column.width / total) for column in table.columns]
    for column, measure in zip(grid.columns, widths, strict=True):
        column.width = measure
    _head(grid, table, widths)
    for row in table.rows:
        _row(grid, table, row, widths)
    _foot(document, table)


def _describe(grid: Any, table: Table) -> None:
    """Borders above and below rows alone, and a name for who cannot see the table."""
    from docx.oxml.ns import qn

    grid.style = "Table Grid"
    properties = grid._tbl.tblPr
    borders = _element("w:tblBorders")
    # In the order that the schema asks for, here and among the properties.
    for side, size in (("top", "8"), ("left", ""), ("bottom", "8"), ("right", ""), ("insideH", "2"), ("insideV", "")):
        line = {"val": "single", "sz": size, "space": "0", "color": "8A919C"} if size else {"val": "nil"}
        borders.append(_element(f"w:{side}", **line))
    properties.find(qn("w:tblLayout")).addprevious(borders)
    properties.append(_element("w:tblCaption", val=table.caption))


def _element(name: str, **values: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(name)
    for key, value in values.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _added(grid: Any, widths: list[Any], *, repeats: bool = False) -> tuple[Any, ...]:
    from docx.table import _Cell

    line = grid._tbl.add_tr()
    properties = line.get_or_add_trPr()
    properties.append(_element("w:cantSplit"))
    if repeats:
        properties.append(_element("w:tblHeader"))
    for measure in widths:
        line.add_tc().width = measure
    # Not by row.cells, which looks for merged cells in every row above.
    return tuple(_Cell(cell, grid) for cell in line.tc_lst)


def _joined(cells: tuple[Any, ...]) -> Any:
    """Make neighbors of one row a single cell."""
    first, *others = cells
    if others:
        width = sum(cell._tc.width for cell in cells)
        first._tc.grid_span, first._tc.width = len(cells), width
        for cell in others:
            cell._tc.getparent().remove(cell._tc)
    return first


def _head(grid: Any, table: Table, widths: list[Any]) -> None:
    if table.spans:
        cells, place = _added(grid, widths, repeats=True), 0
        for span in table.spans:
            cell = _joined(cells[place : place + len(span.columns)])
            _write(cell, span.title, align="center", bold=True)
            place += len(span.columns)
    for cell, column in zip(_added(grid, widths, repeats=True), table.columns, strict=True):
        _write(cell, column.title, align=column.align, bold=True)


def _row(grid: Any, table: Table, row: Row, widths: list[Any]) -> None:
    cells = _added(grid, widths)
    if row.heads:
        whole = _joined(cells)
        _fill(whole, _WASH)
        _write(whole, row.cells[0].text, bold=True, marks=row.cells[0].marks)
        return
    for place, (cell, content, column) in enumerate(zip(cells, row.cells, table.columns, strict=True)):
        _content(cell, content, column, level=row.level if place == 0 else 0)


def _content(place: Any, cell: Cell, column: Column, *, level: int) -> None:
    from docx.shared import Pt

    paragraph = _write(place, cell.text, align=column.align, marks=cell.marks)
    if level:
        paragraph.paragraph_format.left_indent = Pt(9 * level)
    if cell.differs:
        _fill(place, _DIFFERING)
    for one in cell.published:
        line = place.add_paragraph()
        line._p.style = TEXT_STYLE
        line.alignment = paragraph.alignment
        line.add_run(one.words).font.size = Pt(_TINY)
        if one.number is not None:
            raised = line.add_run(str(one.number))
            raised.font.size, raised.font.superscript = Pt(_TINY), True


def _write(cell: Any, text: str, *, align: str = "left", bold: bool = False, marks: str = "") -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph._p.style = TEXT_STYLE
    paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(_SMALL)
    if marks:
        paragraph.add_run(marks).font.superscript = True
    return paragraph


def _fill(cell: Any, color: str) -> None:
    cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", color="auto", fill=color))


def _foot(document: Any, table: Table) -> None:
    for place, text in enumerate(table.footnotes, start=1):
        line = _note(document)
        line.add_run(letter(place)).font.superscript = True
        line.add_run(f" {text}")
    for text in (*table.notes, table.source):
        if text:
            _note(document).add_run(text)


def _note(document: Any) -> Any:
    paragraph = document.add_paragraph()
    paragraph._p.style = NOTE_STYLE
    return paragraph
