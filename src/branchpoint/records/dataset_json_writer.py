"""Writing Dataset-JSON 1.1, with the standard library."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

    from branchpoint.records.dataset_json import DatasetMetadata

__all__ = ["write_dataset_json"]


def write_dataset_json(frame: pl.DataFrame, path: Path, metadata: DatasetMetadata) -> Path:
    """Write a dataset, wholly or not at all.

    Parameters
    ----------
    frame : DataFrame
        Of text, numbers, dates, times and truth values.
    path : Path
        Ends in ``.json`` or ``.ndjson``, which says which of the two it becomes.
    metadata : DatasetMetadata
        A variable without a label is labeled with its name.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        When a column has a type that the format does not know, or a number is not finite.
    """
    head = _head(frame, metadata)
    rows = [list(row) for row in frame.select(_cells(column) for column in frame.get_columns()).iter_rows()]
    if path.suffix == ".ndjson":
        text = "\n".join(_dumped(one) for one in [head, *rows])
    else:
        body = ",\n".join(_dumped(row) for row in rows)
        # A first line that holds the whole head would be taken for the other form.
        text = f'{{\n{_dumped(head)[1:-1]},\n"rows":[\n{body}\n]}}'
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_text(text + "\n", encoding="utf-8", newline="\n")
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _head(frame: pl.DataFrame, metadata: DatasetMetadata) -> dict[str, Any]:
    made = (metadata.created or datetime.now(UTC)).replace(tzinfo=None, microsecond=0)
    head: dict[str, Any] = {
        "datasetJSONCreationDateTime": made.isoformat(),
        "datasetJSONVersion": "1.1.0",
        "sourceSystem": {"name": "Branchpoint", "version": version("branchpoint")},
        "itemGroupOID": f"IG.{metadata.name}",
        "records": frame.height,
        "name": metadata.name,
        "label": metadata.label or metadata.name,
    }
    if metadata.study:
        head["studyOID"] = metadata.study
    head["columns"] = [_column(column, metadata) for column in frame.get_columns()]
    return head


def _column(column: pl.Series, metadata: DatasetMetadata) -> dict[str, Any]:
    said: dict[str, Any] = {
        "itemOID": f"IT.{metadata.name}.{column.name}",
        "name": column.name,
        "label": metadata.labels.get(column.name) or column.name,
    }
    match column.dtype:
        case pl.String():
            longest = max((len(value.encode()) for value in column.drop_nulls()), default=1)
            said |= {"dataType": "string", "length": max(1, longest)}
        case pl.Date():
            said |= {"dataType": "date", "targetDataType": "integer", "displayFormat": "E8601DA."}
        case pl.Datetime():
            said |= {"dataType": "datetime", "targetDataType": "integer", "displayFormat": "E8601DT."}
        case pl.Boolean():
            said["dataType"] = "boolean"
        case dtype if dtype.is_integer():
            said["dataType"] = "integer"
        case dtype if dtype.is_float():
            said["dataType"] = "float"
        case dtype:
            raise ValueError(f"column {column.name} is of type {dtype}: give text, numbers, dates, times or truth")
    if column.name in metadata.keys:
        said["keySequence"] = metadata.keys.index(column.name) + 1
    return said


def _cells(column: pl.Series) -> pl.Series:
    match column.dtype:
        case pl.String():
            # The standard has no null for text.
            return column.fill_null("")
        case pl.Date():
            return column.dt.strftime("%Y-%m-%d")
        case pl.Datetime():
            return column.dt.strftime("%Y-%m-%dT%H:%M:%S")
    return column
