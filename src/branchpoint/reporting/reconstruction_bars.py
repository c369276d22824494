"""Ranges over reconstructed cohorts as rows of a table, each with a bar: least, middle and most on a scale."""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING, Any

from branchpoint.publication.claims import PValue
from branchpoint.reporting.notation import number_words, quantity_words
from branchpoint.reporting.reconstruction_claims import unit_of
from branchpoint.reporting.reconstruction_data import p_value_rows
from branchpoint.reporting.reconstruction_text import once_each, p_words, short

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from branchpoint.publication.reconstruction.cohort import Reconstruction

__all__ = ["p_rows", "widest_parts"]

_PARTS = (
    ("count", "Numbers of patients", "Counted", 12, ""),
    ("survival", "Survival", "Estimate", 8, ""),
    ("median", "Medians", "Measured", 12,
     "On a line from the least to the greatest value that any patient has; a logarithmic one where the greatest is at"
     " least 50 times the least."),
)  # fmt: skip
"""Kinds of range, what each is called, how many a page shows, and what is to be known of their bars."""
_ENDS = ("least", "middle", "most")
_SKEWED = 50.0
"""Values whose greatest is so many times their least are shown on a logarithmic scale."""
_THINNEST = 0.6


def widest_parts(found: Reconstruction, spread: pl.DataFrame) -> list[dict[str, Any]]:
    """Give the widest ranges by kind, each variable once.

    Parameters
    ----------
    found : Reconstruction
    spread : DataFrame
        As `branchpoint.publication.reconstruction.spread.spread` gives it.

    Returns
    -------
    list of dict
        ``title``, ``head``, ``note``, and ``rows`` with a ``bar``; kinds without rows are left out.
    """
    parts = []
    for statistic, title, head, most, note in _PARTS:
        rows = [{**row, **_shown(found, row)} for row in once_each(spread, statistic)[:most]]
        if rows:
            parts.append({"title": title, "head": head, "note": note, "rows": rows})
    return parts


def _shown(found: Reconstruction, row: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of a range in words, and its bar."""
    if row["statistic"] == "count":
        words = {name: number_words(row[name]) for name in _ENDS}
        return {"words": words, "bar": _bar([row[name] / row["size"] for name in _ENDS], "0", f"{row['size']:,}")}
    if row["statistic"] == "survival":
        words = {name: f"{row[name]:.1f}%" for name in _ENDS}
        return {"words": words, "bar": _bar([row[name] / 100 for name in _ENDS], "0%", "100%")}
    values = found.cohorts[row["variable"]].drop_nulls().to_numpy()
    low, high = float(values.min()), float(values.max())
    scale = _scale(low, high)
    unit = unit_of(row["unit"])
    words = {name: short(row[name]) for name in _ENDS}
    ends = quantity_words(float(f"{low:.3g}"), unit), quantity_words(float(f"{high:.3g}"), unit)
    return {"words": words, "bar": _bar([scale(row[name]) for name in _ENDS], *ends)}


def _scale(low: float, high: float) -> Callable[[float], float]:
    """From a value to its place between the least and the greatest that any patient has."""
    if low > 0 and high / low >= _SKEWED:
        return lambda value: log(value / low) / log(high / low)
    return lambda value: (value - low) / (high - low)


def _bar(
    places: Sequence[float], low: str, high: str, printed: float | None = None, ticks: Sequence[float] = ()
) -> dict[str, Any]:
    """A bar of 100 units, from least to most with the middle; so thin a range that nobody saw it is made to show."""
    least, middle, most = (round(100 * min(max(place, 0.0), 1.0), 2) for place in places)
    width = max(most - least, _THINNEST)
    return {
        "left": min(least, 100 - width), "width": round(width, 2), "middle": max(0.0, round(middle - 0.45, 2)),
        "low": low, "high": high, "printed": None if printed is None else round(100 * printed, 2),
        "ticks": [round(100 * tick, 2) for tick in ticks],
    }  # fmt: skip


def p_rows(found: Reconstruction) -> list[dict[str, Any]]:
    """Give each P value that cohorts were pulled to, on a scale of square roots.

    Parameters
    ----------
    found : Reconstruction
    """
    rows = []
    for row in p_value_rows(found):
        value = found.claims.claims[row["claim"]].value
        bar = None
        if row["draws"] and isinstance(value, PValue):
            bar = _bar([sqrt(row[name]) for name in _ENDS], "0", "1", sqrt(float(value.p)), [sqrt(0.05)])
        rows.append({**row, "words": {name: p_words(row[name]) for name in _ENDS}, "bar": bar})
    return rows
