"""Results: one row a statistic, with its group, denominator, estimate and the method that gave it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.statistics.proportions import clopper_pearson

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

__all__ = ["DAYS_PER_MONTH", "Result", "count", "proportion", "results_frame", "spread"]

DAYS_PER_MONTH = 30.4375


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One statistic; what does not apply to it is None.

    Parameters
    ----------
    id, group : str
        Which statistic, of whom: ``all``, or the name of a group.
    label : str
    n, denominator : int, optional
        A count and those it was counted among; for a median, `n` is the number of patients.
    median, low, high : float, optional
        A median and its range.
    estimate, standard_error, ci_low, ci_high : float, optional
        An estimate in percent with its 95% confidence limits.
    p : float, optional
        A two-sided P value.
    unit : str
    date : date, optional
    method : str
        How the numbers came about.
    note : str
        What else there is to say of them.
    """

    id: str
    label: str
    group: str = "all"
    n: int | None = None
    denominator: int | None = None
    median: float | None = None
    low: float | None = None
    high: float | None = None
    estimate: float | None = None
    standard_error: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None
    unit: str = ""
    date: date | None = None
    method: str = ""
    note: str = ""

    @property
    def percent(self) -> float | None:
        """The count as a percentage of its denominator."""
        return 100 * self.n / self.denominator if self.n is not None and self.denominator else None


_TYPES = {
    "id": pl.String, "label": pl.String, "group": pl.String, "n": pl.Int64, "denominator": pl.Int64,
    "percent": pl.Float64, "median": pl.Float64, "low": pl.Float64, "high": pl.Float64, "estimate": pl.Float64,
    "standard_error": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64, "p": pl.Float64, "unit": pl.String,
    "date": pl.Date, "method": pl.String, "note": pl.String,
}  # fmt: skip
assert set(_TYPES) == {field.name for field in fields(Result)} | {"percent"}


def results_frame(results: Iterable[Result]) -> pl.DataFrame:
    """Give results as a table, one row a statistic."""
    return pl.DataFrame([{**asdict(result), "percent": result.percent} for result in results], schema=_TYPES)


def count(name: str, label: str, group: str, holds: pl.Series, method: str = "count") -> Result:
    """Count those of whom something holds; who it is not known of is in the denominator only."""
    return Result(id=name, label=label, group=group, n=int(holds.sum()), denominator=len(holds), method=method)


def proportion(name: str, label: str, group: str, holds: pl.Series) -> Result:
    """Count those of whom something holds, with exact confidence limits."""
    found, size = int(holds.sum()), len(holds)
    share = clopper_pearson(found, size)
    value, low, high = (100 * share.value, 100 * share.low, 100 * share.high) if share.estimable else (None, None, None)
    return Result(
        id=name, label=label, group=group, n=found, denominator=size, estimate=value, ci_low=low, ci_high=high,
        method="proportion, Clopper-Pearson 95% limits", note=share.note,
    )  # fmt: skip


def spread(
    name: str, label: str, group: str, values: pl.Series, unit: str, *, method: str = "median (range)"
) -> Result:
    """Give the median and range of what is known."""
    known = values.drop_nulls().cast(pl.Float64)
    ends = (known.median(), known.min(), known.max())
    middle, low, high = (None if end is None else float(end) for end in ends)  # type: ignore[arg-type]
    return Result(
        id=name, label=label, group=group, n=len(known), median=middle, low=low, high=high, unit=unit, method=method
    )
