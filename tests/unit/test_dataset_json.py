"""Dataset-JSON 1.1: what is written is read back, and what is no dataset is refused with its place."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from branchpoint.records.dataset_json import DatasetMetadata, read_dataset_json
from branchpoint.records.dataset_json_writer import write_dataset_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FRAME = pl.DataFrame(
    {
        "USUBJID": ["01", "02 é", None],
        "AVAL": [1.5, None, -2.25],
        "ADT": [date(2020, 2, 29), None, date(1959, 12, 31)],
        "ADTM": [datetime(2020, 2, 29, 23, 59, 58), None, None],
        "DTC": ["2020-02", "2020", None],
        "OK": [True, None, False],
    }
)
META = DatasetMetadata(
    name="ADX", label="A dataset", labels={"USUBJID": "Unique Subject Identifier", "AVAL": "Analysis Value"},
    study="S1", keys=("USUBJID", "ADT"), created=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
)  # fmt: skip

HEAD: dict[str, Any] = {
    "datasetJSONCreationDateTime": "2024-01-02T03:04:05",
    "datasetJSONVersion": "1.1.0",
    "itemGroupOID": "IG.ADX",
    "records": 2,
    "name": "ADX",
    "label": "A dataset",
    "columns": [
        {"itemOID": "IT.A", "name": "A", "label": "Text", "dataType": "string"},
        {"itemOID": "IT.B", "name": "B", "label": "Number", "dataType": "float"},
        {"itemOID": "IT.C", "name": "C", "label": "Whole", "dataType": "integer"},
        {"itemOID": "IT.D", "name": "D", "label": "Day", "dataType": "date", "targetDataType": "integer"},
        {"itemOID": "IT.E", "name": "E", "label": "Exact", "dataType": "decimal", "targetDataType": "decimal"},
    ],
}
ROWS: list[Any] = [["x", 1.5, 2, "2020-01-02", "1.25"], [" ", None, 3.0, "", None]]


@pytest.mark.parametrize("suffix", ["json", "ndjson"])
def test_what_is_written_is_read_back(tmp_path: Path, suffix: str) -> None:
    path = write_dataset_json(FRAME, tmp_path / f"adx.{suffix}", META)
    frame, meta, problems = read_dataset_json(path)
    assert problems == []
    assert frame is not None
    assert meta is not None
    assert frame.equals(FRAME)
    assert frame.schema == FRAME.schema
    assert (meta.name, meta.label, meta.study, meta.keys) == ("ADX", "A dataset", "S1", ("USUBJID", "ADT"))
    assert meta.labels["AVAL"] == "Analysis Value"
    assert meta.labels["ADT"] == "ADT"
    assert [path.name for path in tmp_path.iterdir()] == [f"adx.{suffix}"]


def test_the_file_follows_the_standard(tmp_path: Path) -> None:
    head = json.loads(write_dataset_json(FRAME, tmp_path / "adx.json", META).read_text(encoding="utf-8"))
    required = {
        "datasetJSONCreationDateTime", "datasetJSONVersion", "itemGroupOID", "records", "name", "label", "columns",
    }  # fmt: skip
    assert set(head) == required | {"studyOID", "sourceSystem", "rows"}
    assert head["records"] == len(head["rows"]) == 3
    assert all({"itemOID", "name", "label", "dataType"} <= set(column) for column in head["columns"])
    assert head["columns"][2]["targetDataType"] == "integer"
    assert head["rows"][0] == ["01", 1.5, "2020-02-29", "2020-02-29T23:59:58", "2020-02", True]
    # Text has no null in the standard.
    assert head["rows"][2][0] == ""


def test_a_dataset_without_records(tmp_path: Path) -> None:
    for suffix in ("json", "ndjson"):
        path = write_dataset_json(FRAME.clear(), tmp_path / f"adx.{suffix}", META)
        frame, _, problems = read_dataset_json(path)
        assert problems == []
        assert frame is not None
        assert frame.equals(FRAME.clear())


def test_a_number_that_is_none_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_dataset_json(pl.DataFrame({"A": [float("nan")]}), tmp_path / "a.json", META)
    with pytest.raises(ValueError, match="type List"):
        write_dataset_json(pl.DataFrame({"A": [[1]]}), tmp_path / "a.json", META)
    assert list(tmp_path.iterdir()) == []


def test_types_become_text_numbers_and_dates(tmp_path: Path) -> None:
    frame, _, problems = _read(tmp_path, lambda head, rows: None)
    assert problems == []
    assert frame is not None
    assert frame.rows() == [("x", 1.5, 2.0, date(2020, 1, 2), 1.25), (None, None, 3.0, None, None)]


BROKEN: list[tuple[str, Callable[[dict[str, Any], list[Any]], object], tuple[int | None, str | None, str, str]]] = [
    ("another version", lambda head, rows: head.update(datasetJSONVersion="1.0.0"),
     (None, "datasetJSONVersion", "1.0.0", "1.1")),
    ("no version", lambda head, rows: head.pop("datasetJSONVersion"), (None, "datasetJSONVersion", "nothing", "1.1")),
    ("no name", lambda head, rows: head.pop("name"), (None, "name", "nothing", "text")),
    ("records as text", lambda head, rows: head.update(records="2"), (None, "records", "2", "a whole number")),
    ("records is a truth", lambda head, rows: head.update(records=True), (None, "records", "true", "a whole number")),
    ("records miscounted", lambda head, rows: head.update(records=3),
     (None, None, "2 rows", "3 rows, as records says")),
    ("time of creation", lambda head, rows: head.update(datasetJSONCreationDateTime="today"),
     (None, "datasetJSONCreationDateTime", "today", "a time as YYYY-MM-DDThh:mm:ss")),
    ("no columns", lambda head, rows: head.update(columns=[]),
     (None, "columns", "an empty list", "at least one column")),
    ("column without label", lambda head, rows: head["columns"][1].pop("label"),
     (None, "columns[1].label", "nothing", "text")),
    ("unknown type", lambda head, rows: head["columns"][0].update(dataType="text"),
     (None, "columns[0].dataType", "text",
      "one of string, URI, integer, float, double, decimal, boolean, date, datetime, time")),
    ("unknown target", lambda head, rows: head["columns"][3].update(targetDataType="date"),
     (None, "columns[3].targetDataType", "date", "integer or decimal")),
    ("column twice", lambda head, rows: head["columns"][1].update(name="A"),
     (None, "columns[1].name", "A twice", "each variable once")),
    ("short row", lambda head, rows: rows[1].pop(), (2, None, "4 values", "5 values, one a column")),
    ("row is an object", lambda head, rows: rows.__setitem__(0, {}), (1, None, "an object", "a list of values")),
    ("number as text", lambda head, rows: rows[0].__setitem__(1, "1.5"), (1, "B", "1.5", "a number, or null")),
    ("truth as number", lambda head, rows: rows[0].__setitem__(1, True), (1, "B", "true", "a number, or null")),
    ("fraction as whole", lambda head, rows: rows[1].__setitem__(2, 2.5), (2, "C", "2.5", "a whole number, or null")),
    ("number as text column", lambda head, rows: rows[0].__setitem__(0, 7), (1, "A", "7", "text")),
    ("no such day", lambda head, rows: rows[0].__setitem__(3, "2021-02-29"),
     (1, "D", "2021-02-29", "a date as YYYY-MM-DD")),
    ("no decimal", lambda head, rows: rows[0].__setitem__(4, "1,5"), (1, "E", "1,5", "a number as text, or null")),
]  # fmt: skip


@pytest.mark.parametrize("suffix", ["json", "ndjson"])
@pytest.mark.parametrize(("breaking", "problem"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_is_no_dataset_is_refused(
    tmp_path: Path,
    breaking: Callable[[dict[str, Any], list[Any]], object],
    problem: tuple[Any, ...],
    suffix: str,
) -> None:
    frame, meta, problems = _read(tmp_path, breaking, suffix)
    assert (frame, meta) == (None, None)
    assert [tuple(one) for one in problems] == [(f"adx.{suffix}", *problem)]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("adx.json", b"{", "Expecting property name enclosed in double quotes (line 1, column 2)"),
        ("adx.json", b"[]", "a list"),
        ("adx.json", b'{"a": NaN}', "NaN"),
        ("adx.json", b'{"a": "\xe9"}', "a byte at 7 that is not UTF-8"),
        ("adx.json", b"[" * 100_000, "lists within lists, or a number of thousands of digits"),
        ("adx.json", json.dumps(HEAD).encode(), "nothing"),
        ("adx.ndjson", b"\n \n", "an empty file"),
        ("adx.ndjson", json.dumps(HEAD).encode() + b"\n[1,", "Expecting value"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path: Path, name: str, text: bytes, found: str) -> None:
    path = tmp_path / name
    path.write_bytes(text)
    (problem,) = read_dataset_json(path)[2]
    assert problem.found == found


def _read(
    folder: Path, breaking: Callable[[dict[str, Any], list[Any]], object], suffix: str = "json"
) -> tuple[pl.DataFrame | None, DatasetMetadata | None, list[Any]]:
    head, rows = json.loads(json.dumps(HEAD)), json.loads(json.dumps(ROWS))
    breaking(head, rows)
    path = folder / f"adx.{suffix}"
    if suffix == "json":
        path.write_text(json.dumps({**head, "rows": rows}), encoding="utf-8")
    else:
        path.write_text("\n".join(json.dumps(one) for one in [head, *rows]), encoding="utf-8")
    return read_dataset_json(path)
