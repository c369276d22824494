"""The values of Dataset-JSON: what each data type may hold, and the column that it becomes."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TYPES", "ValueType", "accepted", "column_series"]

_PARTIAL = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d+)?)?)?([+-]\d\d:\d\d|Z)?)?)?)?")
_DECIMAL = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?|[+-]?\.\d+")


class ValueType(NamedTuple):
    """A data type of the standard.

    Attributes
    ----------
    words : str
        What it holds, in the words of a problem.
    dtype : DataType
        Of the column that it becomes.
    """

    words: str
    dtype: pl.DataType


TYPES = {
    "string": ValueType("text", pl.String()),
    "URI": ValueType("text", pl.String()),
    "integer": ValueType("a whole number, or null", pl.Float64()),
    "float": ValueType("a number, or null", pl.Float64()),
    "double": ValueType("a number, or null", pl.Float64()),
    "decimal": ValueType("a number as text, or null", pl.Float64()),
    "boolean": ValueType("true, false or null", pl.Boolean()),
    "date": ValueType("a date as YYYY-MM-DD", pl.String()),
    "datetime": ValueType("a time as YYYY-MM-DDThh:mm:ss", pl.String()),
    "time": ValueType("a time of day as hh:mm:ss", pl.String()),
}


def accepted(value: object, kind: str) -> bool:
    """Say whether a data type may hold a value; null always may, and empty text where text may."""
    if value is None:
        return True
    match kind:
        case "integer":
            whole = isinstance(value, float) and value.is_integer()
            return whole or (isinstance(value, int) and not isinstance(value, bool))
        case "float" | "double":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
    if not isinstance(value, str):
        return False
    if not value.strip() or kind in ("string", "URI"):
        return True
    if kind == "decimal":
        return _DECIMAL.fullmatch(value.strip()) is not None
    return _is_time(value.strip(), kind)


def column_series(name: str, values: Sequence[Any], kind: str, *, numeric: bool) -> pl.Series:
    """Give a column of accepted values.

    Parameters
    ----------
    name : str
    values : sequence
    kind : str
        The data type.
    numeric : bool
        Whether a date or time stands for a number, as SAS keeps it; otherwise it is text and may be partial.
    """
    if kind == "decimal":
        values = [float(value) if value is not None and value.strip() else None for value in values]
    elif TYPES[kind].dtype == pl.Float64():
        values = [None if value is None else float(value) for value in values]
    series = pl.Series(name, values, TYPES[kind].dtype, strict=True)
    if series.dtype == pl.String():
        stripped = series.str.strip_chars()
        series = stripped.set(stripped == "", None)
    if numeric and kind == "date":
        # A partial date is no number, and is missing as one.
        return series.str.to_date("%Y-%m-%d", strict=False)
    if numeric and kind == "datetime":
        return pl.Series(name, [_moment(value) for value in series], pl.Datetime("us"))
    return series


def _is_time(text: str, kind: str) -> bool:
    try:
        if kind == "time":
            time.fromisoformat(text)
        elif len(text) == 10 and kind == "date":
            date.fromisoformat(text)
        elif len(text) >= 19:
            return kind == "datetime" and _moment(text) is not None
        else:
            return _PARTIAL.fullmatch(text) is not None
    except ValueError:
        return False
    return True


def _moment(text: str | None) -> datetime | None:
    if text is None or len(text) < 19:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
