"""SAS transport files: read in versions 5 and 8, written in version 5, which is what regulators take.

pyreadstat does the work; it comes with the extra ``adam`` and is loaded when a file is read or written. Dates are
turned here, so that one that cannot be is a problem with its row.
"""

from __future__ import annotations

import os
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import polars as pl

from branchpoint.records.cells import problems_of
from branchpoint.records.dataset_json import DatasetMetadata
from branchpoint.records.problems import Problem, RecordProblems
from branchpoint.refused import Refused

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_xpt", "write_xpt"]

_EPOCH = pl.date(1960, 1, 1)
_DATE = re.compile(r"(E8601DA|B8601DA|IS8601DA|DATE|DDMMYY|MMDDYY|YYMMDD|JULIAN|WORDDATE|NLDATE)[A-Z]?\d*\.?\d*")
_MOMENT = re.compile(r"(E8601DT|B8601DT|IS8601DT|DATETIME|DATEAMPM|NLDATM|MDYAMPM)\d*\.?\d*")
# From 1582 to 9999, as SAS has it.
_FIRST, _LAST = -138_061, 2_936_547
_MEMBER = re.compile(rb"HEADER RECORD\*{7}(?:MEMBER  |MEMBV8  )HEADER RECORD!{7}")
# Version 8 may say how many records there are; version 5 never does.
_COUNT = re.compile(rb"HEADER RECORD\*{7}OBSV8   HEADER RECORD!{7} *([1-9]\d*) ")
NAME, LABEL, TEXT = 8, 40, 200


def read_xpt(path: Path) -> tuple[pl.DataFrame | None, DatasetMetadata | None, list[Problem]]:
    """Read a transport file that holds one dataset.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of (DataFrame or None, DatasetMetadata or None, list of Problem)
        None when there is a problem. Blank text and every kind of missing number are null.

    Raises
    ------
    Refused
        pyreadstat is not installed.
    """
    pyreadstat = _pyreadstat()
    data = path.read_bytes()
    problem = _container_problem(path.name, data)
    if problem is not None:
        return None, None, [problem]
    try:
        frame, meta = pyreadstat.read_xport(str(path), output_format="polars", disable_datetime_conversion=True)
    except UnicodeDecodeError:
        return None, None, [Problem(path.name, None, None, "bytes that are not UTF-8", "text in UTF-8")]
    except pyreadstat.ReadstatError as error:
        return None, None, [Problem(path.name, None, None, str(error), "a SAS transport file, version 5 or 8")]
    said = _COUNT.search(data)
    if said is not None and int(said.group(1)) != frame.height:
        found = f"{frame.height} records"
        return None, None, [Problem(path.name, None, None, found, f"{int(said.group(1))} records, as the header says")]
    problems: list[Problem] = []
    numbered = frame.with_row_index("row", offset=1)
    columns = []
    for name, kind in meta.readstat_variable_types.items():
        format_ = (meta.original_variable_types.get(name) or "").upper()
        expression, unfit = _column(name, kind, format_)
        columns.append(expression)
        if unfit is not None:
            problems += problems_of(numbered, unfit, path.name, name, "a date or time from 1582 on, as SAS counts it")
    if problems:
        return None, None, problems
    labels = {name: label or "" for name, label in meta.column_names_to_labels.items()}
    told = DatasetMetadata(name=(meta.table_name or "").upper(), label=meta.file_label or "", labels=labels)
    return frame.select(columns), told, []


def write_xpt(frame: pl.DataFrame, path: Path, metadata: DatasetMetadata) -> Path:
    """Write a dataset as a transport file of version 5, wholly or not at all.

    Parameters
    ----------
    frame : DataFrame
        Of text, numbers, dates and times.
    path : Path
    metadata : DatasetMetadata

    Returns
    -------
    Path

    Raises
    ------
    RecordProblems
        Names, labels or text are too long for the format; all of them are told.
    Refused
        pyreadstat is not installed.
    """
    pyreadstat = _pyreadstat()
    problems = _too_long(frame, path.name, metadata)
    if problems:
        raise RecordProblems(problems)
    unfinished = path.with_name(f".{path.name}.unfinished")
    numbers = [column.name for column in frame.get_columns() if column.dtype.is_integer()]
    try:
        pyreadstat.write_xport(
            frame.with_columns(pl.col(numbers).cast(pl.Float64), pl.col(pl.String).fill_null("")),
            str(unfinished),
            file_label=metadata.label,
            column_labels=[metadata.labels.get(name, "") for name in frame.columns],
            table_name=metadata.name,
            file_format_version=5,
        )
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _pyreadstat() -> Any:
    try:
        return import_module("pyreadstat")
    except ImportError:
        raise Refused(
            "SAS transport files: found no pyreadstat, expected the extra: pip install 'branchpoint[adam]'"
        ) from None


def _container_problem(file: str, data: bytes) -> Problem | None:
    """What pyreadstat would pass over in silence."""
    members = sum(found.start() % 80 == 0 for found in _MEMBER.finditer(data))
    if members > 1:
        return Problem(file, None, None, f"{members} datasets", "one dataset a file")
    if members and len(data) % 80:
        found = f"{len(data)} bytes, which is no whole number of records of 80"
        return Problem(file, None, None, found, "a SAS transport file that is complete")
    return None


def _column(name: str, kind: str, format_: str) -> tuple[pl.Expr, pl.Expr | None]:
    """Give a column in its type, and which of its cells cannot be."""
    if kind == "string":
        text = pl.col(name).cast(pl.String).str.strip_chars()
        return pl.when(text != "").then(text).alias(name), None
    number = pl.col(name).cast(pl.Float64)
    # SAS formats variables that are named so as dates, whether or not the transport file still says it.
    if _DATE.fullmatch(format_) or (not format_ and name.endswith("DT")):
        return (_EPOCH + pl.duration(days=number.floor().cast(pl.Int64))).alias(name), ~number.is_between(_FIRST, _LAST)
    if _MOMENT.fullmatch(format_) or (not format_ and name.endswith("DTM")):
        moment = _EPOCH.cast(pl.Datetime("us")) + pl.duration(microseconds=(number * 1e6).round().cast(pl.Int64))
        return moment.alias(name), ~number.is_between(_FIRST * 86400, _LAST * 86400)
    return number.alias(name), None


def _too_long(frame: pl.DataFrame, file: str, metadata: DatasetMetadata) -> list[Problem]:
    problems: list[Problem] = []
    for name in (metadata.name, *frame.columns):
        if not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,7}", name):
            found = f"the name {name}"
            problems.append(Problem(file, None, name, found, f"up to {NAME} capitals and digits, a letter first"))
    for name, label in [("", metadata.label), *metadata.labels.items()]:
        if len(label.encode()) > LABEL:
            found = f"a label of {len(label.encode())} bytes"
            problems.append(Problem(file, None, name or None, found, f"up to {LABEL} bytes"))
    numbered = frame.with_row_index("row", offset=1)
    for column in frame.get_columns():
        if column.dtype == pl.String():
            long = pl.col(column.name).str.len_bytes() > TEXT
            problems += problems_of(numbered, long.fill_null(value=False), file, column.name, f"up to {TEXT} bytes")
    return problems
