"""The tables of a report as a Word file; the same report gives the same bytes."""

from __future__ import annotations

import zipfile
from datetime import datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from branchpoint.refused import Refused
from branchpoint.reporting.documents.common import BANNERS, study_note
from branchpoint.reporting.documents.docx_writer import NOTE_STYLE, TEXT_STYLE, add_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from branchpoint.reporting.documents.table import Table
    from branchpoint.reporting.report_material import Material

__all__ = ["docx_bytes"]

# A4 and its margins, in points.
_SHORT, _LONG, _MARGIN = 595.3, 841.9, 51.0
# The first day that an archive can name.
_EPOCH = datetime(1980, 1, 1)
_FONT = "Times New Roman"


def docx_bytes(material: Material, tables: Sequence[Table]) -> bytes:
    """Make the Word file.

    Parameters
    ----------
    material : Material
    tables : sequence of Table

    Raises
    ------
    Refused
        The optional package that writes it is not installed.
    """
    try:
        import docx
    except ImportError:
        raise Refused("the Word file needs the package python-docx: install branchpoint[documents]") from None
    document = docx.Document()
    _styles(document)
    _properties(document, material)
    _front(document, material)
    wide = False
    for table in tables:
        if table.wide != wide:
            _turn(document, wide=table.wide)
            wide = table.wide
        add_table(document, table, (_LONG if wide else _SHORT) - 2 * _MARGIN)
    made = BytesIO()
    document.save(made)
    return _repacked(made.getvalue())


def _styles(document: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(10)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    for name, style_id, size, after in (("Table text", TEXT_STYLE, 8.5, 0), ("Table note", NOTE_STYLE, 8, 2)):
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.element.styleId = style_id
        style.base_style, style.font.size = normal, Pt(size)
        style.paragraph_format.space_before = Pt(0)
        style.paragraph_format.space_after = Pt(after)
    caption = document.styles["Caption"]
    caption.font.name, caption.font.size, caption.font.bold = _FONT, Pt(10), True
    caption.font.color.rgb = RGBColor(0x1A, 0x1C, 0x20)
    caption.paragraph_format.space_before, caption.paragraph_format.space_after = Pt(14), Pt(4)
    _size(document.sections[0], wide=False)


def _size(section: Any, *, wide: bool) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Pt

    width, height = (_LONG, _SHORT) if wide else (_SHORT, _LONG)
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Pt(width), Pt(height)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Pt(_MARGIN)


def _turn(document: Any, *, wide: bool) -> None:
    from docx.enum.section import WD_SECTION

    _size(document.add_section(WD_SECTION.NEW_PAGE), wide=wide)


def _properties(document: Any, material: Material) -> None:
    meta, told = material.study.meta, document.core_properties
    day = _EPOCH if meta.data_cutoff is None else datetime.combine(meta.data_cutoff, time())
    told.title, told.author, told.subject = meta.title, "Branchpoint", material.protocol.title
    told.comments, told.language, told.last_modified_by = BANNERS.get(meta.kind, ""), "en-US", "Branchpoint"
    told.created = told.modified = day
    told.revision = 1


def _front(document: Any, material: Material) -> None:
    meta, protocol = material.study.meta, material.protocol
    document.add_heading(f"{meta.title}: tables", level=0)
    document.add_paragraph(f"{protocol.title}. {protocol.cite}")
    banner = BANNERS.get(meta.kind, "")
    if banner:
        document.add_paragraph().add_run(f"{banner}. {study_note(material)}").bold = True
    document.add_paragraph(f"Protocol {protocol.name} {protocol.version}, content {protocol.hash}")
    document.add_paragraph(f"Data {material.data_hash}")


def _repacked(made: bytes) -> bytes:
    """Give every part of the archive the same date, instead of the time of writing."""
    steady = BytesIO()
    with zipfile.ZipFile(BytesIO(made)) as old, zipfile.ZipFile(steady, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, date_time=_EPOCH.timetuple()[:6])
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(name))
    return steady.getvalue()
