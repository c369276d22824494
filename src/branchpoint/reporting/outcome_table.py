"""The outcome table: the order of its rows, and how each statistic is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LAYOUT", "result_text", "row_title"]


# The rows of the published table in its order, each with its depth; what is added here comes last in its part.
LAYOUT: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = (
    ("Frontline treatment", (
        ("frontline.cr", 0), ("frontline.time_to_cr", 1), ("frontline.duration_of_cr", 1),
        ("frontline.duration_since_cr", 1), ("frontline.unfavorable", 0), ("frontline.nr", 1),
        ("frontline.pd_after_pr", 1), ("frontline.improvement", 1), ("frontline.other", 1), ("intensive.start", 1),
        ("frontline.undecided", 0), ("orr", 0), ("first_response", 1), ("status_day_28", 0), ("efs.frontline", 0),
    )),
    ("Additional treatment", (
        ("intensive.cr", 0), ("intensive.refractory", 0), ("refractory.hsct", 1), ("refractory.hsct.alive", 2),
        ("refractory.no_hsct", 1), ("refractory.no_hsct.alive", 2), ("efs.intensive", 0),
    )),
    ("Overall", (
        ("overall.cr", 0), ("overall.relapse", 1), ("overall.alive", 0), ("death.before_hsct", 0),
        ("death.after_hsct", 0), ("alive.week_8", 0), ("alive.year_1", 0), ("os", 0),
    )),
)  # fmt: skip


def row_title(row: Mapping[str, Any]) -> str:
    """Name a statistic, with its unit."""
    return f"{row['label']}, {row['unit']}" if row["unit"] not in ("", "%") else str(row["label"])


def result_text(row: Mapping[str, Any]) -> str:
    """Write one statistic: a count with its percentage, a median with its range, an estimate with its limits, a P."""
    if row["median"] is not None:
        digits = 1 if row["unit"] == "mo" else 0 if float(row["median"]).is_integer() else 1
        ends = 1 if row["unit"] == "mo" else 0
        return f"{row['median']:.{digits}f} ({row['low']:.{ends}f}-{row['high']:.{ends}f})"
    if row["date"] is not None:
        return f"{row['date']}"
    if row["p"] is not None:
        return f"P = {row['p']:.3f}"
    if row["estimate"] is not None:
        return _estimate(row)
    if row["unit"] or not row["denominator"]:
        return "none" if row["unit"] else f"{row['n']}"
    return f"{row['n']}/{row['denominator']} ({100 * row['n'] / row['denominator']:.1f}%)"


def _estimate(row: Mapping[str, Any]) -> str:
    limits = "" if row["ci_low"] is None else f" ({row['ci_low']:.1f}-{row['ci_high']:.1f})"
    count = "" if row["method"].startswith("Kaplan") else f"{row['n']}/{row['denominator']}, "
    return f"{count}{row['estimate']:.1f}%{limits}"
