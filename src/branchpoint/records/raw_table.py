"""Raw tables: from a CSV or Parquet file to a Polars frame with numbered rows, before anything in it is believed.

A row is numbered as a spreadsheet shows it. In CSV that counts leading comment lines (``#``) and the header, and a cell
that holds a line break is one row; every cell is text here. In Parquet the first row of data is row 1.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.records.problems import Problem
from branchpoint.records.vocabulary import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["FORMATS", "find_table", "read_raw"]

FORMATS = ("csv", "parquet")


def find_table(folder: Path, table: str, *, required: bool) -> tuple[Path | None, list[Problem]]:
    """Find the file of a table in a study folder: one CSV or Parquet file."""
    found = [path for suffix in FORMATS if (path := folder / f"{table}.{suffix}").is_file()]
    if len(found) > 1:
        return None, [Problem(found[1].name, None, None, f"{found[0].name} beside it", "one file a table")]
    if not found and required:
        return None, [Problem(f"{table}.csv", None, None, "no such file", f"{table}.csv or {table}.parquet")]
    return (found[0] if found else None), []


def read_raw(path: Path, known: Iterable[str], required: Iterable[str]) -> tuple[pl.DataFrame | None, list[Problem]]:
    """Read a file into rows.

    Parameters
    ----------
    path : Path
    known, required : iterable of str
        The columns that the table may have, and those that it must have; alternatives are written ``day|date``.

    Returns
    -------
    tuple of (DataFrame or None, list of Problem)
        The known columns, with `row`; None when a problem makes the rows unreadable. Text is stripped of white space,
        and empty text is null.
    """
    known = tuple(known)
    frame, problems = _read_parquet(path, known) if path.suffix == ".parquet" else _read_csv(path)
    if frame is None:
        return None, problems
    columns = [column for column in frame.columns if column != "row"]
    for column in columns:
        if column not in known:
            problems.append(Problem(path.name, None, column, "a column that is not known", suggest(column, known)))
    lacking = [names for names in required if not set(names.split("|")) & set(columns)]
    problems += [
        Problem(path.name, None, names.split("|")[0], "no such column", f"a column {names.replace('|', ' or ')}")
        for names in lacking
    ]
    return (None if lacking else _tidied(frame.select("row", *(c for c in columns if c in known)))), problems


def _tidied(frame: pl.DataFrame) -> pl.DataFrame:
    words = frame.lazy().with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    text = pl.col(pl.String).str.strip_chars()
    blank = pl.all_horizontal(pl.all().exclude("row").is_null())
    return words.with_columns(pl.when(text != "").then(text).name.keep()).filter(~blank).collect()


def _read_parquet(path: Path, known: tuple[str, ...]) -> tuple[pl.DataFrame | None, list[Problem]]:
    try:
        found = list(pl.read_parquet_schema(path))
        frame = pl.read_parquet(path, columns=[column for column in found if column in known])
    except (pl.exceptions.PolarsError, OSError):
        return None, [Problem(path.name, None, None, "a file that cannot be read as Parquet", "a Parquet file")]
    others = [pl.lit(None).alias(column) for column in found if column not in known]
    numbered = frame.with_row_index("row", offset=1).with_columns(pl.col("row").cast(pl.UInt32), *others)
    return numbered, []


def _read_csv(path: Path) -> tuple[pl.DataFrame | None, list[Problem]]:
    try:
        data = path.read_bytes()
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        return None, [Problem(path.name, row, None, f"byte 0x{data[error.start]:02X}", "text in UTF-8")]
    except OSError as error:
        return None, [Problem(path.name, None, None, str(error.strerror), "a CSV file")]
    data, skipped = _without_comments(data.removeprefix(b"\xef\xbb\xbf"))
    if not data.strip():
        return None, [Problem(path.name, None, None, "an empty file", "a line with the names of the columns")]
    header = next(csv.reader(io.StringIO(data.partition(b"\n")[0].decode())))
    problems = _header_problems(path.name, skipped + 1, header)
    if problems:
        return None, problems
    problems = _ragged(path.name, data, len(header), skipped + 1)
    try:
        frame = pl.read_csv(io.BytesIO(data), infer_schema=False, truncate_ragged_lines=True)
    except pl.exceptions.PolarsError:
        return None, [*problems, Problem(path.name, None, None, "a file that cannot be read as CSV", "a CSV file")]
    frame.columns = [name.strip() for name in header]
    return frame.with_row_index("row", offset=skipped + 2).with_columns(pl.col("row").cast(pl.UInt32)), problems


def _without_comments(data: bytes) -> tuple[bytes, int]:
    skipped = 0
    while data.startswith((b"#", b"\n", b"\r\n")):
        data, skipped = data.partition(b"\n")[2], skipped + 1
    return data, skipped


def _header_problems(file: str, row: int, header: list[str]) -> list[Problem]:
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and separator in header[0]:
            return [Problem(file, row, None, f"columns separated by {name}", "columns separated by commas")]
    names = [name.strip() for name in header]
    repeated = sorted({name for name in names if names.count(name) > 1})
    return [Problem(file, row, name or None, "the column twice", "each column once") for name in repeated]


def _ragged(file: str, data: bytes, width: int, header_row: int) -> list[Problem]:
    # Polars fills short rows in silence, so cells are counted here: commas where nothing is quoted, else one by one.
    if b'"' in data:
        rows = enumerate(csv.reader(io.StringIO(data.decode(), newline="")), start=header_row)
        counted = [(row, len(cells)) for row, cells in rows if cells and len(cells) != width]
    else:
        lines = pl.read_csv(
            io.BytesIO(data), has_header=False, separator="\x1f", quote_char=None, schema={"line": pl.String}
        ).with_row_index("row", offset=header_row)
        cells = pl.col("line").str.count_matches(",", literal=True) + 1
        odd = lines.with_columns(cells=cells).filter(pl.col("line").str.strip_chars() != "", pl.col("cells") != width)
        counted = list(odd.select("row", "cells").iter_rows())
    return [Problem(file, row, None, f"{cells} cells", f"{width} cells, as in the header") for row, cells in counted]
