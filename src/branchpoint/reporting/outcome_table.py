"""The outcome table: what the patients of a study give, above what its report printed, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from branchpoint.publication.comparison import Comparison

__all__ = ["LAYOUT", "OutcomeCell", "OutcomeRow", "Part", "outcome_parts", "result_text"]


@dataclass(frozen=True, slots=True)
class OutcomeCell:
    """One group's value.

    Parameters
    ----------
    computed : str
        Empty where the study has no such value.
    published : tuple of (str, int or None)
        Everything the report printed of it, each with the number of its difference, as the page lists them; None where
        it agrees.
    """

    computed: str
    published: tuple[tuple[str, int | None], ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything that was printed differs."""
        return any(number is not None for _, number in self.published)


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One outcome, in each group."""

    label: str
    level: int
    cells: tuple[OutcomeCell, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one part of the treatment, under the size of each group."""

    title: str
    rows: tuple[OutcomeRow, ...]


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


def outcome_parts(
    results: pl.DataFrame, compared: Mapping[tuple[str, str], Sequence[Comparison]], numbers: Mapping[str, int]
) -> tuple[tuple[str, ...], tuple[Part, ...]]:
    """Lay the outcome table out.

    Parameters
    ----------
    results : DataFrame
        As `branchpoint.analysis.outcomes.outcome_table` gives them.
    compared : mapping of (str, str) to sequence of Comparison
        By statistic and group.
    numbers : mapping of str to int
        The number of each difference, by the id of its claim.

    Returns
    -------
    groups : tuple of str
        The groups that have columns.
    parts : tuple of Part
    """
    rows = {(row["id"], row["group"]): row for row in results.iter_rows(named=True)}
    groups = tuple(group for group in ("naive", "steroid", "all") if ("frontline.cr", group) in rows)

    def cell(statistic: str, group: str) -> OutcomeCell:
        row = rows.get((statistic, group))
        beside = [one for one in compared.get((statistic, group), ()) if one.published is not None]
        return OutcomeCell(
            "" if row is None else result_text(row),
            tuple((str(one.published), numbers.get(one.id)) for one in beside),
        )

    def laid_out(statistic: str, level: int) -> OutcomeRow | None:
        found = next((rows[statistic, group] for group in groups if (statistic, group) in rows), None)
        if found is None:
            return None
        return OutcomeRow(_title(found), level, tuple(cell(statistic, group) for group in groups))

    parts = []
    for title, layout in LAYOUT:
        listed = (laid_out(statistic, level) for statistic, level in layout)
        parts.append(Part(title, tuple(row for row in listed if row is not None)))
    return groups, tuple(parts)


def _title(row: Mapping[str, Any]) -> str:
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
