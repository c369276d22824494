"""The examples in docs/formats.md are what the program reads, and what it writes it reads again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from branchpoint.language.responses import RESPONSES
from branchpoint.records.cells import COLUMNS
from branchpoint.records.patient import MISSING_REASONS, Patient
from branchpoint.records.patient_file import read_patient
from branchpoint.records.patient_shape import patient_schema
from branchpoint.records.schemas import STATUSES
from branchpoint.records.study_folder import check_study, read_study
from branchpoint.records.study_patients import patient, patients
from branchpoint.records.study_writer import write_study
from branchpoint.records.tables import KINDS, StudyMeta
from branchpoint.records.vocabulary import SUPPORTIVE

if TYPE_CHECKING:
    from branchpoint.records.tables import Study

DOCUMENT = Path(__file__).parents[2].joinpath("docs", "formats.md").read_text(encoding="utf-8")
BANNER = "Synthetic example.\nNobody was treated."


def example(kind: str, name: str = "") -> str:
    found = re.findall(rf"^```{kind} ?{name}\n(.*?)^```$", DOCUMENT, flags=re.MULTILINE | re.DOTALL)
    assert len(found) == 1, f"one example of {kind} {name}"
    return str(found[0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a study folder with the examples of the document."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(example("toml"))
    for table in COLUMNS:
        (folder / f"{table}.csv").write_text(example("csv", table))
    return folder


def without_source(patient: Patient) -> Patient:
    """Give a patient as any file would give it."""

    def bare(items: Any) -> Any:
        return tuple(item._replace(source="") for item in items)

    findings = {test: bare(items) for test, items in patient.findings.items()}
    course = {name: bare(getattr(patient, name)) for name in ("exposures", "events", "overrides")}
    return replace(patient, subject=replace(patient.subject, source=""), findings=findings, **course)


def assert_same(one: Study, other: Study) -> None:
    assert one.meta == other.meta
    for name, table in one.tables.items():
        assert table.drop("row").equals(other.tables[name].drop("row")), name
        assert table.schema == other.tables[name].schema


def test_the_study_is_read(folder: Path) -> None:
    assert check_study(folder) == ()
    study = read_study(folder)
    assert study.meta == StudyMeta(
        protocol="rux-hlh",
        version="1.0.0",
        title="Three children who do not exist",
        kind="synthetic",
        note="Made up to show the format.",
        data_cutoff=date(2024, 6, 30),
        dates={"first_enrollment": date(2024, 1, 9)},
        analysis_notes=("Nothing to analyze.",),
    )
    counted = {name: table.height for name, table in study.tables.items()}
    assert counted == {
        "subjects": 3, "findings": 12, "exposures": 3, "events": 2, "assessments": 1, "disposition": 2
    }  # fmt: skip


def test_numbers_are_in_the_units_of_the_protocol(folder: Path) -> None:
    first = read_study(folder).findings.row(1, named=True)
    assert first == {
        "subject": "S-001", "day": 0, "test": "hemoglobin", "number": 79.0, "truth": None, "code": None, "unit": "g/L",
        "lower_limit": 110.0, "upper_limit": 145.0, "missing": None, "given": "7.9 g/dL", "row": 4,
    }  # fmt: skip


def test_day_0_is_consent_while_no_dose_has_been_given(folder: Path) -> None:
    subject = patient(read_study(folder), "S-003").subject
    assert subject.reference_date == date(2024, 2, 20)
    (death,) = patient(read_study(folder), "S-003").events
    assert death.day == (date(2024, 5, 4) - date(2024, 2, 20)).days


def test_the_patient_file_and_the_study_folder_say_the_same(folder: Path) -> None:
    from_file, _ = read_patient(example("json", "patient"))
    from_folder = patient(read_study(folder), "S-001")
    assert without_source(from_file) == without_source(from_folder)
    assert from_folder.findings["ferritin"][0].source == "findings.csv, row 5"


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_what_is_written_is_read_again(folder: Path, tmp_path: Path, suffix: str) -> None:
    study = read_study(folder)
    written = write_study(study, tmp_path / "copies" / "one", format=suffix, banner=BANNER)
    again = read_study(written)
    assert_same(study, again)
    assert list(map(without_source, patients(study))) == list(map(without_source, patients(again)))
    assert [path.name for path in written.parent.iterdir()] == ["one"]


def test_every_file_carries_the_banner(folder: Path, tmp_path: Path) -> None:
    study = read_study(folder)
    for file in write_study(study, tmp_path / "csv", banner=BANNER).iterdir():
        assert file.read_text().startswith("# Synthetic example.\n# Nobody was treated.\n"), file.name
    for file in write_study(study, tmp_path / "parquet", format="parquet", banner=BANNER).glob("*.parquet"):
        assert pl.read_parquet_metadata(file)["banner"] == BANNER


def test_a_study_is_replaced_and_nothing_else_is(folder: Path, tmp_path: Path) -> None:
    study = read_study(folder)
    place = write_study(study, tmp_path / "place")
    write_study(study, place, format="parquet")
    assert not list(place.glob("*.csv"))
    (place / "notes.txt").write_text("mine")
    before = sorted(path.name for path in place.iterdir())
    with pytest.raises(FileExistsError, match=r"notes\.txt"):
        write_study(study, place)
    assert sorted(path.name for path in place.iterdir()) == before


def test_nothing_is_left_of_what_could_not_be_written(folder: Path, tmp_path: Path) -> None:
    study = read_study(folder)
    broken = replace(study, events=study.events.drop("event"))
    place = write_study(study, tmp_path / "there" / "study")
    before = {path: path.read_bytes() for path in place.iterdir()}
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        write_study(broken, place)
    assert {path: path.read_bytes() for path in place.iterdir()} == before
    assert list(place.parent.iterdir()) == [place]


def test_typed_parquet_is_read_as_text_is(folder: Path, tmp_path: Path) -> None:
    study = read_study(folder)
    other = write_study(study, tmp_path / "typed", format="parquet")
    frame = study.findings.drop("row").with_columns(pl.col("test", "subject").cast(pl.Categorical))
    frame.write_parquet(other / "findings.parquet")
    study.subjects.drop("row").with_columns(pl.col("birth_date").cast(pl.Datetime)).write_parquet(
        other / "subjects.parquet"
    )
    assert_same(study, read_study(other))


def test_numbers_alone_are_a_column_of_numbers(folder: Path) -> None:
    (folder / "findings.csv").unlink()
    frame = pl.DataFrame(
        {"subject": ["S-001"] * 3, "day": [0, 1, 0], "test": ["weight", "weight", "splenomegaly"], "value": [10, 11, 1]}
    )
    frame.write_parquet(folder / "findings.parquet")
    findings = read_study(folder).findings
    assert findings.select("number", "truth", "unit", "given").rows() == [
        (10.0, None, "kg", "10"),
        (11.0, None, "kg", "11"),
        (None, True, None, None),
    ]


def test_the_document_names_what_there_is() -> None:
    said = set(re.findall(r"`([a-z_A-Z]+)`", DOCUMENT))
    for names in (MISSING_REASONS, SUPPORTIVE, STATUSES, RESPONSES):
        assert set(names) <= said
    assert set(KINDS) <= set(re.findall(r"\w+", example("toml")))
    for columns in COLUMNS.values():
        assert set(columns) <= said
    messages = example("text").splitlines()
    assert all(re.fullmatch(r"\S+(, row \d+)?, \S+: found .+; expected .+", line) for line in messages)


def test_the_schema_and_the_tables_have_the_same_columns() -> None:
    properties = patient_schema()["properties"]
    for table in ("exposures", "events"):
        assert set(properties[table]["items"]["properties"]) == set(COLUMNS[table]) - {"subject"}
    json_only = set(properties["findings"]["items"]["properties"])
    assert json_only == set(COLUMNS["findings"]) - {"subject", "number", "truth", "code", "given"}
    assert json.dumps(patient_schema())  # plain data


def test_a_table_may_be_written_without_what_may_be_null(folder: Path, tmp_path: Path) -> None:
    study = read_study(folder)
    bare = replace(study, findings=study.findings.drop("row", "given"), events=study.events.drop("row", "note"))
    again = read_study(write_study(bare, tmp_path / "bare"))
    assert again.events["note"].is_null().all()
    assert again.findings.drop("row", "given").equals(study.findings.drop("row", "given"))
