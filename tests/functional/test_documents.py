"""The documents of the reference study, reconstructed: one set of tables in a page, a PDF and a Word file."""

from __future__ import annotations

import html
import json
import re
import shutil
import sys
import zipfile
import zlib
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from branchpoint.analysis.courses import patient_courses
from branchpoint.analysis.outcomes import analyzed, outcome_table
from branchpoint.engine.cohort import decisions_schema
from branchpoint.language.registry import find_protocol
from branchpoint.records.schemas import SCHEMAS
from branchpoint.records.tables import Study, StudyMeta, empty_table
from branchpoint.refused import Refused
from branchpoint.reporting.documents.analyses import Analyses, analyze_material
from branchpoint.reporting.documents.pdf import pdf_bytes, pdf_source
from branchpoint.reporting.documents.pictures import Picture, pictures
from branchpoint.reporting.documents.table import Table
from branchpoint.reporting.documents.trial_tables import trial_tables
from branchpoint.reporting.documents.typst_source import literal
from branchpoint.reporting.documents.word import docx_bytes
from branchpoint.reporting.report import FORMATS, write_report
from branchpoint.reporting.report_material import Material, gather
from branchpoint.reporting.report_page import report_page
from tests.reconstructed import CLAIMS, SEED, reconstructed

CONTROL = CLAIMS.parents[1] / "hlh94" / "published.toml"
FILES = ["ard.json", "ard.parquet", "ars.json", "audit.html", "audit.json", "decisions.parquet", "explore.html",
         "index.html", "ledger.html", "ledger.json", "outcomes.json", "report.docx", "report.pdf"]  # fmt: skip
BANNER = "Reconstructed from published aggregates, not patient data"


class Made(NamedTuple):
    study: Path
    folder: Path
    material: Material
    analyses: Analyses
    tables: dict[str, Table]
    drawn: tuple[Picture, ...]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    study = tmp_path_factory.mktemp("study") / "reference"
    shutil.copytree(reconstructed(tmp_path_factory).folder, study)
    shutil.copy(CLAIMS, study)
    folder = tmp_path_factory.mktemp("report") / "report"
    steps: list[str] = []
    written = write_report(study, folder, SEED, formats=FORMATS, control=CONTROL, tell=steps.append)
    assert sorted(path.name for path in written) == FILES
    assert written[-1].name == "index.html"
    assert steps
    assert not list(folder.parent.glob(".*"))
    material = gather(study, SEED)
    analyses = analyze_material(material, (CONTROL,))
    tables = {table.id: table for table in trial_tables(material, analyses)}
    return Made(study, folder, material, analyses, tables, pictures(material))


def cells(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def published(table: Table) -> dict[str, list[tuple[str, ...]]]:
    return {row.cells[0].text: [tuple(one.words for one in cell.published) for cell in row.cells[1:]]
            for row in table.rows}  # fmt: skip


def docx_tables(path: Path) -> list[list[list[str]]]:
    docx = pytest.importorskip("docx")
    return [
        [["\n".join(line.text for line in cell.paragraphs) for cell in row.cells] for row in table.rows]
        for table in docx.Document(str(path)).tables
    ]


def test_every_table_that_the_paper_has_is_there(made: Made) -> None:
    wanted = [f"table-{number}" for number in (1, 2, 3, 4, 5)] + [f"table-s{number}" for number in range(1, 10)]
    assert [name for name in made.tables if re.fullmatch(r"table-s?\d", name)] == wanted
    assert {"table-differences", "table-silent"} <= set(made.tables)


def test_every_table_says_where_it_comes_from(made: Made) -> None:
    for table in made.tables.values():
        told = " ".join((*table.notes, *table.footnotes))
        assert "rux-hlh 1.0.0" in table.source
        assert made.material.protocol.hash[:12] in table.source
        assert made.material.data_hash[:12] in table.source
        assert "nalysis set" in told, table.id
        assert BANNER in table.source or "no patient is shown" in table.source
    for name in ("table-1", "table-2", "table-3", "table-4", "table-5", "table-s3", "table-s5"):
        assert re.search(r"[Nn]ot (evaluable|known)", " ".join(made.tables[name].notes)), name


def test_table_3_stands_beside_the_published_one(made: Made) -> None:
    table = made.tables["table-3"]
    rows = {row[0]: row[1:] for row in cells(table) if len(row) > 1}
    titles = [column.title.replace("\N{NO-BREAK SPACE}", " ") for column in table.columns[1:4]]
    assert titles == [
        "Total (n = 52)",
        "Prior corticosteroid untreated (n = 34)",
        "Prior corticosteroid treated (n = 18)",
    ]
    assert rows["Splenomegaly"] == ["40/52 (76.9%)", "27/34 (79.4%)", "13/18 (72.2%)", ".731"]
    assert rows["White blood cells, 10⁹/L"][0] == "2.84 (0.58-46.29)"
    beside = published(table)
    assert beside["Splenomegaly"] == [("= 76.9%",), ("= 79.4%",), ("= 72.2%",), ("= .731",)]
    assert beside["Rash"][1] == ("≠ 35.5%",)
    # Of a number it is not said by which test it was compared.
    assert beside["Age, y"][3] == ("published .008",)
    for row in table.rows:
        if not row.heads and row.cells[-1].text:
            assert row.cells[-1].notes, row.cells[0].text


def test_table_4_names_the_method_of_every_row(made: Made) -> None:
    table = made.tables["table-4"]
    assert all(row.cells[0].notes for row in table.rows if not row.heads)
    assert published(table)["Overall survival at 12 months"][2] == (
        "= 86.4%",
        "≠ 86.4% (77.1% to 95.7%)",
        "≠ 86.4 ± 9.3 (77.1% to 95.7%)",
    )
    numbers = {one.number for row in table.rows for cell in row.cells for one in cell.published if one.number}
    anchors = {row.anchor for row in made.tables["table-differences"].rows}
    assert {f"difference-{number}" for number in numbers} <= anchors


def test_table_5_is_that_of_the_paper(made: Made) -> None:
    rows = {row[0]: row[1:] for row in cells(made.tables["table-5"]) if len(row) > 1}
    assert rows["Anemia"] == ["7/22 (31.8%)", "4/22 (18.2%)", "13/30 (43.3%)", "6/30 (20.0%)"]
    assert rows["Gastrointestinal hemorrhage"][2:] == ["5/30 (16.7%)", "3/30 (10.0%)"]
    spans = [span.title.replace("\N{NO-BREAK SPACE}", " ") for span in made.tables["table-5"].spans]
    assert spans == ["", "Ruxolitinib only (n = 22)", "Ruxolitinib and additional therapy (n = 30)"]


def test_the_supplement_lists_and_compares(made: Made) -> None:
    assert len(made.tables["table-s2"].rows) == 4
    listed = made.tables["table-s3"]
    assert len(listed.rows) == 30
    assert all(re.match(r"Etoposide|Methylprednisolone|Cyclosporine", row.cells[5].text) for row in listed.rows)
    historical = made.tables["table-s4"].rows[1]
    assert [tuple(one.words for one in cell.published) for cell in historical.cells[1:]] == [
        ("= 38/52",),
        (),
        (),
        ("= .061",),
    ]
    primary = cells(made.tables["table-s5"])[0]
    assert primary[1:] == ["36/54", "66.7% (52.5% to 78.9%)", "2", "36/52", "69.2% (54.9% to 81.3%)", "0"]


def test_the_page_has_every_text_of_every_table(made: Made) -> None:
    page = (made.folder / "index.html").read_text(encoding="utf-8")
    plain = html.unescape(re.sub(r"<[^>]+>", " ", page))
    joined = re.sub(r"\s+", " ", plain)
    for table in made.tables.values():
        assert f'id="{table.id}"' in page
        for text in table.texts():
            assert re.sub(r"\s+", " ", text) in joined, (table.id, text)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert {name for name in re.findall(r'href="([^#"]+)', page) if ":" not in name} <= set(FILES)
    assert len(page.encode()) < 3_000_000


def test_the_pdf_prints_every_text_of_every_table(made: Made) -> None:
    source = pdf_source(made.material, tuple(made.tables.values()), made.drawn)
    for table in made.tables.values():
        assert f"#report-table({literal(table.id)}, {literal(table.caption)}" in source
        for text in table.texts():
            assert literal(text) in source, (table.id, text)
    for one in made.drawn:
        assert literal(one.caption) in source
    assert source.count(BANNER) > len(made.tables)


def test_the_pdf_opens_and_is_tagged(made: Made) -> None:
    pdf = (made.folder / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-1.7")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert pdf.count(b"stream\n") > 10
    unpacked = pdf + b"".join(inflated(pdf))
    assert b"/MarkInfo" in unpacked
    assert b"pdfuaid" in unpacked
    assert len(re.findall(rb"/Type\s*/Page\b", unpacked)) > 20
    assert BANNER.encode() in unpacked
    assert {found.decode() for found in re.findall(rb"/BaseFont\s*/[A-Z]{6}\+(\w+)", unpacked)} == {"LibertinusSerif"}


def inflated(pdf: bytes) -> list[bytes]:
    found = []
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(part))
        except zlib.error:
            continue
    return found


def test_word_has_the_same_cells(made: Made) -> None:
    found = docx_tables(made.folder / "report.docx")
    assert len(found) == len(made.tables)
    for table, grid in zip(made.tables.values(), found, strict=True):
        body = grid[2 if table.spans else 1 :]
        assert grid[1 if table.spans else 0] == [column.title for column in table.columns]
        assert len(body) == len(table.rows)
        for row, line in zip(table.rows, body, strict=True):
            told = []
            for cell in row.cells:
                lines = [cell.text + cell.marks]
                lines += [one.words + (str(one.number) if one.number else "") for one in cell.published]
                told.append("\n".join(lines))
            assert line == (told * len(table.columns) if row.heads else told)


def test_word_repeats_header_rows_and_prints_the_notes(made: Made) -> None:
    with zipfile.ZipFile(made.folder / "report.docx") as archive:
        text = archive.read("word/document.xml").decode()
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert text.count("<w:tblHeader/>") == sum(2 if table.spans else 1 for table in made.tables.values())
    assert text.count('w:val="Caption"') == len(made.tables)
    plain = html.unescape(re.sub(r"<[^>]+>", "", text))
    for table in made.tables.values():
        for note in (table.caption, *table.notes, table.source):
            assert note in plain, (table.id, note)
    assert text.count('w:orient="landscape"') >= 1


def test_the_same_study_gives_the_same_documents(made: Made) -> None:
    tables = tuple(made.tables.values())
    assert pdf_bytes(made.material, tables, made.drawn) == (made.folder / "report.pdf").read_bytes()
    assert docx_bytes(made.material, tables) == (made.folder / "report.docx").read_bytes()


def test_figures_to_explore_load_nothing(made: Made) -> None:
    page = (made.folder / "explore.html").read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert BANNER in page
    specs = re.findall(r'<script type="application/json" id="spec-([^"]+)">(.*?)</script>', page, re.DOTALL)
    assert len(specs) > 20
    assert all("layer" in json.loads(text) or "mark" in json.loads(text) for _, text in specs)
    index = (made.folder / "index.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'href="explore\.html#([^"]+)"', index))
    assert linked
    assert linked <= set(re.findall(r'<figure id="([^"]+)"', page))


def test_the_results_data_are_written(made: Made) -> None:
    ard = pl.read_parquet(made.folder / "ard.parquet")
    assert {"variable", "stat_name", "stat", "method", "analysis_set", "profile"} <= set(ard.columns)
    assert set(ard["analysis_set"].unique()) == {"pp", "itt"}
    assert len(json.loads((made.folder / "ard.json").read_text(encoding="utf-8"))) == len(ard)
    assert json.loads((made.folder / "ars.json").read_text(encoding="utf-8"))["analyses"]


def test_intention_to_treat_counts_everybody_and_compares_with_nothing(made: Made, tmp_path: Path) -> None:
    write_report(made.study, tmp_path / "itt", SEED, set_="itt", profile="r", formats=("docx",))
    found = {one["id"]: one for one in json.loads((tmp_path / "itt" / "outcomes.json").read_text(encoding="utf-8"))}
    assert found["orr.all"]["computed"] == "36/54, 66.7% (52.5-78.9)"
    assert all(one["published"] is None for one in found.values())
    texts = [cell for table in docx_tables(tmp_path / "itt" / "report.docx") for row in table for cell in row]
    assert not any(re.search(r"^(=|≠|published) ", text, re.MULTILINE) for text in texts)
    material = gather(made.study, SEED, "itt", "r")
    assert material.set_label == "Intention to treat: all enrolled"
    by_r = {table.id: table for table in trial_tables(material, analyze_material(material))}
    assert "profile r" in by_r["table-4"].source
    assert any("log" in note for note in by_r["table-s6"].footnotes)


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"profile": "stata"}, "profile 'stata': expected one of paper, r, sas, spss"),
        ({"formats": ("html", "rtf")}, "format 'rtf': expected some of html, explore, pdf, docx, ard"),
        ({"set_": "per protocol"}, "analysis set 'per protocol'"),
        ({"set_": "safety_additional"}, "not of an epoch"),
    ],
)
def test_what_is_not_known_is_refused_and_nothing_is_written(
    made: Made, tmp_path: Path, asked: dict[str, object], refused: str
) -> None:
    with pytest.raises(Refused, match=re.escape(refused)):
        write_report(made.study, tmp_path / "report", SEED, **asked)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_what_fails_leaves_the_old_report_alone(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    output = tmp_path / "report"
    output.mkdir()
    (output / "index.html").write_text("old", encoding="utf-8")
    with pytest.raises(Refused, match="install branchpoint"):
        write_report(made.study, output, SEED, formats=("docx",))
    assert [path.name for path in output.iterdir()] == ["index.html"]
    assert list(tmp_path.iterdir()) == [output]


def test_the_pdf_says_what_it_needs(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(Refused, match=r"typst: install branchpoint\[documents\]"):
        pdf_bytes(made.material, (), ())


@pytest.mark.parametrize("patients", [0, 2])
def test_a_study_of_hardly_anybody_is_printed_too(patients: int) -> None:
    """Nobody, or two synthetic patients without a single finding, under a protocol with one analysis set."""
    protocol = find_protocol("hlh-94")
    tables = {name: empty_table(name) for name in SCHEMAS}
    people = {"subject": ["A", "B"][:patients], "first_dose_date": [date(2021, 1, 1)] * patients}
    dtypes = {"subject": pl.String, "first_dose_date": pl.Date}
    tables["subjects"] = pl.concat([tables["subjects"], pl.DataFrame(people, dtypes)], how="diagonal_relaxed")
    meta = StudyMeta(protocol="hlh-94", version=protocol.version, title="Synthetic patients", kind="synthetic")
    study = Study(path=None, meta=meta, **tables)
    decisions = pl.DataFrame(schema=decisions_schema(protocol))
    courses = patient_courses(study, decisions, protocol)
    counted, results = analyzed(courses, protocol), outcome_table(study, courses, protocol)
    material = Material(study, protocol, None, decisions, courses, counted, results, (), "0" * 64, None)
    built, drawn = trial_tables(material, analyze_material(material)), pictures(material)
    page = report_page(material, built, drawn)
    assert "Synthetic patients, not patient data" in page
    assert all(f'id="{table.id}"' in page for table in built)
    assert pdf_bytes(material, built, drawn).startswith(b"%PDF")
    assert docx_bytes(material, built).startswith(b"PK")


def test_word_opens_without_tables(made: Made) -> None:
    docx = pytest.importorskip("docx")
    assert docx.Document(BytesIO(docx_bytes(made.material, ()))).core_properties.title == made.material.study.meta.title
