"""Dataset-JSON 1.1, as CDISC defines it: one dataset a file, with its metadata; read and checked by hand.

In ``.json`` the file is one object with ``columns`` and ``rows``; in ``.ndjson`` the first line is that object without
rows, and each further line is a row. A row of a problem is a record counted from 1.

References
----------
.. [1] CDISC. Dataset-JSON Specification, version 1.1. 2024.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from branchpoint.records.cells import LISTED
from branchpoint.records.dataset_values import TYPES, accepted, column_series
from branchpoint.records.problems import Problem, as_found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

__all__ = ["DatasetMetadata", "read_dataset_json"]

_REQUIRED = {
    "datasetJSONCreationDateTime": str,
    "datasetJSONVersion": str,
    "itemGroupOID": str,
    "records": int,
    "name": str,
    "label": str,
    "columns": list,
}
_WORDS = {str: "text", int: "a whole number", list: "a list"}
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)?")
_COLUMN = ("itemOID", "name", "label", "dataType")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetMetadata:
    """What a dataset says of itself.

    Parameters
    ----------
    name : str
        Such as ``ADSL``.
    label : str
    labels : mapping of str to str
        Of the variables.
    study : str
    keys : tuple of str
        The variables that tell its records apart.
    created : datetime, optional
        When the file was made; without it, the time of writing.
    """

    name: str
    label: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    study: str = ""
    keys: tuple[str, ...] = ()
    created: datetime | None = None


def read_dataset_json(path: Path) -> tuple[pl.DataFrame | None, DatasetMetadata | None, list[Problem]]:
    """Read a Dataset-JSON file, ``.json`` or ``.ndjson``.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of (DataFrame or None, DatasetMetadata or None, list of Problem)
        None when there is a problem. Numbers are floats, numeric dates are dates, and the rest is text.
    """
    try:
        head, rows = _read_lines(path) if path.suffix.lower() == ".ndjson" else _read_whole(path)
    except _Broken as broken:
        return None, None, [Problem(path.name, broken.row, broken.column, broken.found, broken.expected)]
    problems = [Problem(path.name, None, *refusal) for refusal in _head_problems(head)]
    if problems:
        return None, None, problems
    problems = [Problem(path.name, row, None, found, expected) for row, found, expected in _row_problems(head, rows)]
    if problems:
        return None, None, problems
    return _frame(path.name, head, rows)


class _Broken(Exception):
    """A file that cannot be read any further."""

    def __init__(self, row: int | None, column: str | None, found: str, expected: str) -> None:
        self.row, self.column, self.found, self.expected = row, column, found, expected


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Broken(None, None, f"a byte at {error.start} that is not UTF-8", "text in UTF-8") from None
    except OSError as error:
        raise _Broken(None, None, str(error.strerror), "a Dataset-JSON file") from None


def _parsed(text: str, row: int | None) -> Any:
    def constant(name: str) -> float:
        raise _Broken(row, None, name, "JSON, in which a missing number is null")

    try:
        return json.loads(text, parse_constant=constant)
    except json.JSONDecodeError as error:
        where = f"{error.msg} (line {error.lineno}, column {error.colno})" if row is None else error.msg
        raise _Broken(row, None, where, "JSON") from None
    except (RecursionError, ValueError):
        raise _Broken(row, None, "lists within lists, or a number of thousands of digits", "a dataset") from None


def _read_whole(path: Path) -> tuple[Any, list[Any]]:
    head = _parsed(_text(path), None)
    if not isinstance(head, dict):
        raise _Broken(None, None, as_found(head), "an object with columns and rows")
    rows = head.pop("rows", None)
    if "datasetJSONVersion" in head and not isinstance(rows, list):
        raise _Broken(None, "rows", as_found(rows), "a list of rows")
    return head, rows or []


def _read_lines(path: Path) -> tuple[Any, list[Any]]:
    lines = [line for line in _text(path).split("\n") if line.strip()]
    if not lines:
        raise _Broken(None, None, "an empty file", "a line with the metadata, and a line a record")
    head = _parsed(lines[0], None)
    if not isinstance(head, dict):
        raise _Broken(None, None, as_found(head), "an object with columns in the first line")
    return head, [_parsed(line, row) for row, line in enumerate(lines[1:], 1)]


def _head_problems(head: dict[str, Any]) -> Iterator[tuple[str | None, str, str]]:
    version = head.get("datasetJSONVersion")
    if not (isinstance(version, str) and re.fullmatch(r"1\.1(\.\d+)?", version)):
        yield "datasetJSONVersion", as_found(version), "1.1"
        return
    for name, kind in _REQUIRED.items():
        value = head.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            yield name, as_found(value), _WORDS[kind]
    made = head.get("datasetJSONCreationDateTime")
    if isinstance(made, str) and not _TIMESTAMP.fullmatch(made):
        yield "datasetJSONCreationDateTime", made, "a time as YYYY-MM-DDThh:mm:ss"
    if isinstance(head.get("columns"), list):
        yield from _column_problems(head["columns"])


def _column_problems(columns: list[Any]) -> Iterator[tuple[str, str, str]]:
    if not columns:
        yield "columns", "an empty list", "at least one column"
    seen: set[str] = set()
    for place, column in enumerate(columns):
        if not isinstance(column, dict):
            yield f"columns[{place}]", as_found(column), "an object"
            continue
        for name in _COLUMN:
            if not isinstance(column.get(name), str):
                yield f"columns[{place}].{name}", as_found(column.get(name)), "text"
        kind, target = column.get("dataType"), column.get("targetDataType")
        if isinstance(kind, str) and kind not in TYPES:
            yield f"columns[{place}].dataType", kind, f"one of {', '.join(TYPES)}"
        if target not in (None, "integer", "decimal"):
            yield f"columns[{place}].targetDataType", as_found(target), "integer or decimal"
        name = str(column.get("name"))
        if name in seen:
            yield f"columns[{place}].name", f"{name} twice", "each variable once"
        seen.add(name)


def _row_problems(head: dict[str, Any], rows: list[Any]) -> Iterator[tuple[int | None, str, str]]:
    width, told = len(head["columns"]), 0
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list):
            yield number, as_found(row), "a list of values"
        elif len(row) != width:
            yield number, f"{len(row)} values", f"{width} values, one a column"
        else:
            continue
        told += 1
        if told == LISTED:
            return
    if head["records"] != len(rows):
        yield None, f"{len(rows)} rows", f"{head['records']} rows, as records says"


def _frame(
    file: str, head: dict[str, Any], rows: list[list[Any]]
) -> tuple[pl.DataFrame | None, DatasetMetadata | None, list[Problem]]:
    columns: list[dict[str, Any]] = head["columns"]
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    problems: list[Problem] = []
    series: list[pl.Series] = []
    for column, found in zip(columns, values, strict=True):
        kind, name = str(column["dataType"]), str(column["name"])
        wrong = [row for row, value in enumerate(found, 1) if not accepted(value, kind)]
        problems += [Problem(file, row, name, as_found(found[row - 1]), TYPES[kind].words) for row in wrong[:LISTED]]
        if not wrong:
            series.append(column_series(name, found, kind, numeric=column.get("targetDataType") is not None))
    if problems:
        return None, None, problems
    labels = {str(column["name"]): str(column["label"]) for column in columns}
    meta = DatasetMetadata(
        name=head["name"], label=head["label"], labels=labels, study=str(head.get("studyOID", "")),
        keys=tuple(name for _, name in sorted((c["keySequence"], c["name"]) for c in columns if "keySequence" in c)),
    )  # fmt: skip
    return pl.DataFrame(series), meta, []
