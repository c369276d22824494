"""Cells: from the text or type in which a column came to the type that it has in a study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from branchpoint.records.problems import Problem, as_found
from branchpoint.records.timeline import DATE

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COLUMNS", "LISTED", "REQUIRED", "Kind", "problems_of", "typed"]

Kind = Literal["text", "number", "integer", "truth", "date", "day_or_date", "value"]

# Problems of one kind that are listed one by one; how many more there are is said in one line.
LISTED = 10_000

COLUMNS: dict[str, dict[str, Kind]] = {
    "subjects": {
        "subject": "text",
        "sex": "text",
        "birth_date": "date",
        "center": "text",
        "consent_date": "date",
        "first_dose_date": "date",
        "genetic_result": "text",
    },
    "findings": {
        "subject": "text",
        "day": "integer",
        "date": "date",
        "test": "text",
        "value": "value",
        "number": "number",
        "truth": "truth",
        "code": "text",
        "unit": "text",
        "lower_limit": "value",
        "upper_limit": "value",
        "missing": "text",
        "given": "text",
    },
    "exposures": {
        "subject": "text",
        "start": "day_or_date",
        "end": "day_or_date",
        "drug": "text",
        "dose": "number",
        "unit": "text",
        "every_hours": "number",
    },
    "events": {
        "subject": "text",
        "day": "integer",
        "date": "date",
        "event": "text",
        "grade": "integer",
        "note": "text",
    },
    "assessments": {
        "subject": "text",
        "day": "integer",
        "date": "date",
        "response": "text",
        "by": "text",
        "note": "text",
    },
    "disposition": {
        "subject": "text",
        "day": "integer",
        "date": "date",
        "status": "text",
        "go": "text",
        "reason": "text",
    },
}

REQUIRED: dict[str, tuple[str, ...]] = {
    "subjects": ("subject", "sex", "birth_date", "center", "consent_date"),
    "findings": ("subject", "day|date", "test", "value|number|truth|code"),
    "exposures": ("subject", "start", "drug"),
    "events": ("subject", "day|date", "event"),
    "assessments": ("subject", "day|date", "response"),
    "disposition": ("subject", "day|date", "status"),
}

_TYPES: dict[Kind, pl.DataType] = {
    "text": pl.String(),
    "number": pl.Float64(),
    "integer": pl.Int32(),
    "truth": pl.Boolean(),
    "date": pl.Date(),
    "value": pl.String(),
}
_EXPECTED: dict[Kind, str] = {
    "text": "text",
    "number": "a number",
    "integer": "a whole number",
    "truth": "true or false",
    "date": DATE,
    "day_or_date": f"a study day as a whole number, or {DATE}",
    "value": "a number, true or false, or a code",
}


def typed(raw: pl.DataFrame, columns: Mapping[str, Kind], file: str) -> tuple[pl.DataFrame, list[Problem]]:
    """Give every column its type.

    Parameters
    ----------
    raw : DataFrame
        As read, with `row`.
    columns : mapping of str to Kind
        Those of the table; what the file lacks is null.

    Returns
    -------
    tuple of (DataFrame, list of Problem)
        With `row`. A cell that cannot be read is null and a problem, and ``_unread`` says in which rows a time is such
        a cell. A ``day_or_date`` column gives two, of which one is filled: ``start`` and ``start_date``. A ``value``
        stays as it came.
    """
    problems: list[Problem] = []
    unread = pl.lit(False)
    cells: list[pl.Expr] = [pl.col("row")]
    for column, kind in columns.items():
        source = raw.schema.get(column, pl.Null())
        if isinstance(source, pl.List | pl.Array | pl.Struct | pl.Binary | pl.Object):
            problems.append(Problem(file, None, column, f"a column of type {source}", _EXPECTED[kind]))
            source = pl.Null()
        if isinstance(source, pl.Null):
            cells += [pl.lit(None, dtype).alias(name) for name, dtype in _outputs(column, kind)]
            continue
        parsed = _parsed(column, kind, source)
        cells += parsed
        failed = pl.col(column).is_not_null() & pl.all_horizontal(cell.is_null() for cell in parsed)
        if kind not in ("text", "value"):
            problems += problems_of(raw, failed, file, column, _EXPECTED[kind])
        if kind in ("integer", "date", "day_or_date") and column in ("day", "date", "start", "end"):
            unread |= failed
    return raw.select(*cells, _unread=unread), problems


def _outputs(column: str, kind: Kind) -> list[tuple[str, pl.DataType]]:
    if kind == "day_or_date":
        return [(column, pl.Int32()), (f"{column}_date", pl.Date())]
    return [(column, _TYPES[kind])]


def _parsed(column: str, kind: Kind, source: pl.DataType) -> list[pl.Expr]:
    cell = pl.col(column)
    match kind:
        case "text":
            return [cell.cast(pl.String)]
        case "value":
            # A column of whole numbers is a column of numbers; text is the door's to read.
            return [cell.cast(pl.Float64 if source.is_numeric() else pl.String)]
        case "number":
            number = cell.cast(pl.Float64, strict=False)
            return [pl.when(number.is_finite()).then(number).alias(column)]
        case "integer":
            return [_integer(cell, source).alias(column)]
        case "truth":
            return [cell if source == pl.Boolean() else pl.lit(None, pl.Boolean()).alias(column)]
        case "date":
            return [_date(cell, source).alias(column)]
        case "day_or_date":
            return [_integer(cell, source).alias(column), _date(cell, source).alias(f"{column}_date")]


def _integer(cell: pl.Expr, source: pl.DataType) -> pl.Expr:
    if source.is_temporal() or source == pl.Boolean():
        return pl.lit(None, pl.Int32())
    if source.is_integer():
        return cell.cast(pl.Int32, strict=False)
    number = cell.cast(pl.Float64, strict=False)
    return pl.when(number == number.round()).then(number.cast(pl.Int32, strict=False))


def _date(cell: pl.Expr, source: pl.DataType) -> pl.Expr:
    if source.is_temporal():
        return cell.cast(pl.Date, strict=False)
    if source != pl.String():
        return pl.lit(None, pl.Date())
    return pl.when(cell.str.contains("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).then(cell.str.to_date("%Y-%m-%d", strict=False))


def problems_of(frame: pl.DataFrame, failed: pl.Expr, file: str, column: str, expected: str) -> list[Problem]:
    """Give a problem for each row where something failed, with what the column holds there."""
    rows = frame.filter(failed).select("row", found=pl.col(column))
    listed = [
        Problem(
            file,
            row,
            column,
            as_found(value if value is None or isinstance(value, str | float | bool) else str(value)),
            expected,
        )
        for row, value in rows.head(LISTED).iter_rows()
    ]
    if rows.height > LISTED:
        listed.append(Problem(file, None, column, f"{rows.height - LISTED} more rows of this kind", expected))
    return listed
