"""The report as PDF, fit for a journal supplement: A4, tagged, with the fonts that come along and no others.

The same report gives the same bytes: its date is the data cutoff.
"""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from branchpoint.refused import Refused
from branchpoint.reporting.documents.common import BANNERS, set_note, study_note
from branchpoint.reporting.documents.methods import methods_told
from branchpoint.reporting.documents.typst_source import literal, table_typst

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.reporting.documents.pictures import Picture
    from branchpoint.reporting.documents.table import Table
    from branchpoint.reporting.report_material import Material

__all__ = ["pdf_bytes", "pdf_source"]

_NO_DATE = date(1980, 1, 1)
_FONT = "Libertinus Serif"
# Millimeters: the width of the text, and how high a figure may be.
_TEXT, _TALLEST = 174, 195
# Tables and figures of each section, by id; what no section names is of the supplement.
_SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Protocol", ("figure-schema", "table-1", "table-2")),
    ("Patients", ("figure-disposition", "table-3")),
    ("Efficacy", ("table-4", "figure-response-by-group", "figure-orr-forest", "figure-efs-frontline",
                  "figure-efs-intensive", "figure-os")),
    ("Safety", ("table-5",)),
)  # fmt: skip
_LAST = ("Differences from the publication", ("table-differences", "table-silent"))


def pdf_bytes(material: Material, tables: Sequence[Table], drawn: Sequence[Picture]) -> bytes:
    """Make the PDF.

    Parameters
    ----------
    material : Material
    tables : sequence of Table
    drawn : sequence of Picture

    Raises
    ------
    Refused
        The optional package that sets type is not installed.
    """
    try:
        import typst
    except ImportError:
        raise Refused("the PDF needs the package typst: install branchpoint[documents]") from None
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for one in drawn:
            svg = re.sub(r'font-family="[^"]*"', f'font-family="{_FONT}"', one.wide)
            (root / f"{one.id}.svg").write_text(svg, encoding="utf-8")
        (root / "main.typ").write_text(pdf_source(material, tables, drawn), encoding="utf-8")
        made = typst.compile(root / "main.typ", root=root, ignore_system_fonts=True, pdf_standards=["ua-1"])
    return bytes(made)


def pdf_source(material: Material, tables: Sequence[Table], drawn: Sequence[Picture]) -> str:
    """Give the Typst source of the PDF; figures are read from files beside it."""
    look = files("branchpoint.reporting").joinpath("templates/document.typ").read_text(encoding="utf-8")
    return "\n".join((look, *_front(material), *_sections(tables, drawn), *_methods(material)))


def _front(material: Material) -> Iterator[str]:
    """The title page, and the contents on a page of their own."""
    meta, protocol = material.study.meta, material.protocol
    day = meta.data_cutoff or _NO_DATE
    made = f"datetime(year: {day.year}, month: {day.month}, day: {day.day})"
    banner = BANNERS.get(meta.kind, "")
    running = f"{meta.title}{f'. {banner}' if banner else ''}. {protocol.name} {protocol.version}"
    title, subject = literal(meta.title), literal(f"Trial report. {protocol.title}. {banner}")
    yield f"#show: report.with({title}, {subject}, {made}, {literal(running)})"
    yield f'#v(18mm)\n#text(size: 24pt, weight: "bold", {title})\n\n#text(size: 12pt, {literal(protocol.title)})\n'
    yield f"#text(size: 10pt, fill: soft, {literal(protocol.cite)})\n#v(6mm)"
    if banner:
        yield f"#banner({literal(banner)}, {literal(study_note(material))})\n#v(4mm)"
    yield f"#facts({', '.join(f'({literal(name)}, {literal(text)})' for name, text in _facts(material))})"
    yield "#v(1fr)\n#text(size: 8.5pt, fill: soft, "
    yield literal("Research software. It shows its reasons, and is not a substitute for clinical judgment.") + ")"
    yield '#pagebreak()\n#text(size: 14pt, weight: "bold")[Contents]\n'
    yield "#outline(title: none, target: heading.where(level: 1).or(figure))\n#pagebreak(weak: true)"


def _facts(material: Material) -> Iterator[tuple[str, str]]:
    meta, protocol = material.study.meta, material.protocol
    yield "Protocol", f"{protocol.name} {protocol.version}"
    yield "Protocol hash", _breakable(protocol.hash)
    yield "Data hash", _breakable(material.data_hash)
    yield "Analysis set", set_note(material).removeprefix("Analysis set: ")
    yield "Conventions", f"profile {material.profile}"
    if material.seed is not None:
        yield "Seed", f"{material.seed}; another seed gives other patients who agree with the same published numbers"
    if meta.data_cutoff is not None:
        yield "Data cutoff", meta.data_cutoff.isoformat()
    if material.claims is not None:
        agreeing, differing, silent = (
            sum(one.agrees is state for one in material.comparisons) for state in (True, False, None)
        )
        yield "Published in", f"{material.claims.citation}; {material.claims.registry}"
        yield "Beside the publication", f"{agreeing} numbers agree, {differing} differ, {silent} are not computed here"


def _breakable(text: str) -> str:
    """Let a long hash break across lines, without changing what is copied of it."""
    return "\N{ZERO WIDTH SPACE}".join(text[start : start + 16] for start in range(0, len(text), 16))


def _sections(tables: Sequence[Table], drawn: Sequence[Picture]) -> Iterator[str]:
    rendered = {one.id: _figure(one) for one in drawn} | {table.id: table_typst(table) for table in tables}
    named = {name for _, names in (*_SECTIONS, _LAST) for name in names}
    rest = tuple(table.id for table in tables if table.id not in named)
    rest += tuple(one.id for one in drawn if one.id not in named)
    for title, names in (*_SECTIONS, ("Supplement", rest), _LAST):
        found = [rendered[name] for name in names if name in rendered]
        if found:
            yield f"= {title}"
            yield from found


def _figure(one: Picture) -> str:
    told = f"{one.figure.alt} {one.figure.caption}"
    foot = "".join(f"{literal(line)}, " for line in (one.figure.caption, *one.figure.footnote))
    path = literal(f"{one.id}.svg")
    named = f"{literal(one.id)}, {literal(one.caption)}, {path}, {literal(told)}"
    return f"#report-figure({named}, ({foot}), {_size(one.wide)})"


def _size(svg: str) -> str:
    """As wide as the text, unless a page would then be too short for it."""
    box = re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', svg)
    tall = box is not None and float(box[2]) / float(box[1]) > _TALLEST / _TEXT
    return f"(height: {_TALLEST}mm)" if tall else "(width: 100%)"


def _methods(material: Material) -> Iterator[str]:
    yield "= Methods"
    yield f"#set text(size: 9pt)\n#list({', '.join(map(literal, methods_told(material)))})"
