"""The outcome table as analysis results data, and back: a `Result` becomes a few rows, and nothing of it is lost.

What is not a number there is no number here either: its row says why, and comes back as None.

Counts are ``n``, ``N`` and ``p``; percentages become shares from 0 to 1; label, unit, date and note are rows of text
(context ``attributes``), as cards keeps labels.
"""

from __future__ import annotations

from datetime import date
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

import polars as pl

from branchpoint.analysis.ard import Statistic, ard_frame
from branchpoint.analysis.results import Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ard_of_results", "results_of_ard"]

NOT_ESTIMABLE = "not estimable"
_GROUPINGS = {"naive": "prior_corticosteroid", "steroid": "prior_corticosteroid", "favorable": "stratum",
              "unfavorable": "stratum"}  # fmt: skip
# Field of a result, name and label of the statistic, and what it is divided by.
_NUMBERS: tuple[tuple[str, str, str, float], ...] = (
    ("n", "n", "n", 1), ("denominator", "N", "N", 1), ("median", "median", "Median", 1), ("low", "min", "Minimum", 1),
    ("high", "max", "Maximum", 1), ("estimate", "estimate", "Estimate", 100),
    ("standard_error", "std.error", "Standard error", 100), ("ci_low", "conf.low", "95% CI, lower limit", 100),
    ("ci_high", "conf.high", "95% CI, upper limit", 100), ("p", "p.value", "P value", 1),
)  # fmt: skip
_TEXTS = ("label", "unit", "note", "date")
_COUNTS = ("n", "denominator")


def ard_of_results(
    results: pl.DataFrame, *, analysis_set: str = "", profile: str = "", groupings: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Turn the outcome table into analysis results data.

    Parameters
    ----------
    results : DataFrame
        As `branchpoint.analysis.results.results_frame` gives it.
    analysis_set, profile : str
    groupings : mapping of str to str, optional
        The grouping variable that each group belongs to, such as each etiology to ``etiology``; where none is known it
        is called ``group``.

    Returns
    -------
    DataFrame
        See `branchpoint.analysis.ard`.
    """
    known = {**_GROUPINGS, **(groupings or {})}
    rows = [
        row for result in results.iter_rows(named=True) for row in _rows_of(result, known, analysis_set, profile)
    ]  # fmt: skip
    return ard_frame(rows)


def _rows_of(
    result: dict[str, Any], groupings: Mapping[str, str], analysis_set: str, profile: str
) -> Iterator[Statistic]:
    group = None if result["group"] == "all" else result["group"]
    common: dict[str, Any] = {
        "variable": result["id"], "group1": None if group is None else groupings.get(group, "group"),
        "group1_level": group, "method": result["method"], "analysis_set": analysis_set, "profile": profile,
    }  # fmt: skip
    for name in _TEXTS:
        if result[name] not in (None, ""):
            text = result[name].isoformat() if isinstance(result[name], date) else result[name]
            yield Statistic(**common, context="attributes", stat_name=name, stat_label=name.capitalize(), stat_fmt=text)
    context = _context(result)
    for field, name, label, scale in _NUMBERS:
        if result[field] is not None and isfinite(result[field]):
            value = float(result[field]) / scale
            yield Statistic(
                **common, context=context, stat_name=name, stat_label=label, stat=value, stat_fmt=_printed(field, value)
            )
        elif result[field] is not None:
            why = NOT_ESTIMABLE if isnan(result[field]) else "not reached"
            yield Statistic(**common, context=context, stat_name=name, stat_label=label, stat_fmt=why, warning=why)
    if result["n"] is not None and result["denominator"]:
        share = result["n"] / result["denominator"]
        yield Statistic(
            **common, context=context, stat_name="p", stat_label="%", stat=share, stat_fmt=f"{100 * share:.1f}%"
        )
    told = next((text for text in (result["note"], result["method"]) if NOT_ESTIMABLE in (text or "")), None)
    if told is not None and result["estimate"] is None:
        why = told[told.index(NOT_ESTIMABLE) :]
        yield Statistic(**common, context=context, stat_name="estimate", stat_label="Estimate", warning=why)


def _context(result: dict[str, Any]) -> str:
    if result["p"] is not None:
        return "stats_test"
    if "Kaplan-Meier" in result["method"]:
        return "survival_survfit"
    if result["estimate"] is not None:
        return "proportion_ci"
    return "summary" if result["median"] is not None else "tabulate"


def _printed(field: str, value: float) -> str:
    if field in _COUNTS:
        return f"{value:.0f}"
    if field == "p":
        return "<0.001" if value < 0.001 else f"{value:.3f}"
    return f"{value:.4g}" if field in ("median", "low", "high") else f"{100 * value:.1f}%"


def results_of_ard(frame: pl.DataFrame) -> list[Result]:
    """Turn rows that `ard_of_results` gave back into results, in their order."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    fields = {name: (field, scale) for field, name, _, scale in _NUMBERS}
    for row in frame.iter_rows(named=True):
        group = row["group1_level"] or "all"
        held = found.setdefault(
            (row["variable"], group), {"id": row["variable"], "group": group, "method": row["method"], "label": ""}
        )
        if row["context"] == "attributes":
            text = row["stat_fmt"]
            held[row["stat_name"]] = date.fromisoformat(text) if row["stat_name"] == "date" else text
        elif row["stat"] is not None and row["stat_name"] in fields:
            field, scale = fields[row["stat_name"]]
            held[field] = int(row["stat"]) if field in _COUNTS else row["stat"] * scale
    return [Result(**held) for held in found.values()]
