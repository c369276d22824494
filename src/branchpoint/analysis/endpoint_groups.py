"""One endpoint in one group: counts, the estimate with its limits, and what is said where there is none."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.ard import capture
from branchpoint.analysis.endpoint_result import GroupResult, Named
from branchpoint.analysis.results import DAYS_PER_MONTH
from branchpoint.statistics.descriptives import median_range
from branchpoint.statistics.kaplan_meier import kaplan_meier
from branchpoint.statistics.proportions import proportion

if TYPE_CHECKING:
    from typing import Any

    from branchpoint.analysis.measures import Measure
    from branchpoint.statistics.profiles import Profile

__all__ = ["summarize"]

EXCLUDED, UNASSESSED, UNFOLLOWED = "excluded, hardly a record", "not assessed", "not followed"


def summarize(level: str, part: pl.DataFrame, values: pl.DataFrame, measure: Measure, using: Profile) -> GroupResult:
    """Summarize a measure in a group.

    Parameters
    ----------
    level : str
        The name of the group.
    part : DataFrame
        Courses of its members in the analysis set.
    values : DataFrame
        As the measure gives them, of the whole set.
    measure : Measure
    using : Profile
    """
    among = part.filter(measure.among.fill_null(value=False))
    rows = among.select("subject", "excluded").join(values, on="subject", how="left", maintain_order="left")
    rows = rows.with_columns(_why=_why(measure))
    reasons = rows.drop_nulls("_why").group_by("_why", maintain_order=True).len()
    known = rows.filter(pl.col("_why").is_null())
    compute = {
        "proportion": _proportion, "time to event": _survival, "duration": _duration, "categories": _categories,
    }[measure.kind]  # fmt: skip
    found, warning, error = capture(lambda: compute(rows, known, measure, using))
    return GroupResult(
        level=level,
        n=len(among),
        not_evaluable=tuple(reasons.iter_rows()),
        warning=warning,
        error=error,
        **(found or {}),
    )


def _why(measure: Measure) -> pl.Expr:
    if measure.kind == "time to event":
        # Nobody is observed who leaves on the day on which time begins.
        missing = pl.col("time").is_null() | ((pl.col("time") <= 0) & ~pl.col("event"))
        otherwise = UNFOLLOWED
    else:
        missing, otherwise = pl.col("value").is_null(), UNASSESSED
    excluded = pl.col("excluded").fill_null(value=False)
    return pl.when(missing & excluded).then(pl.lit(EXCLUDED)).when(missing).then(pl.lit(otherwise))


def _proportion(rows: pl.DataFrame, known: pl.DataFrame, measure: Measure, using: Profile) -> dict[str, Any]:
    count = int(known["value"].sum())
    return {"events": count, "estimate": proportion(count, len(rows), form=using.proportion)}


def _survival(rows: pl.DataFrame, known: pl.DataFrame, measure: Measure, using: Profile) -> dict[str, Any]:
    curve = kaplan_meier(known["time"].to_numpy(), known["event"].to_numpy())
    day = (measure.months or 0) * DAYS_PER_MONTH
    median = curve.median(form=using.survival)
    more = [
        Named("median", "Median", median.value / DAYS_PER_MONTH, unit="mo"),
        Named("median.conf.low", "Median, lower limit", median.low / DAYS_PER_MONTH, unit="mo"),
        Named("median.conf.high", "Median, upper limit", median.high / DAYS_PER_MONTH, unit="mo"),
        Named("std.error", "Standard error", curve.at(day)[1], unit="%"),
        Named("n.risk", f"At risk at {measure.months:g} months", float(curve.number_at_risk([day])[0])),
        Named("last", "Estimate at the end of follow-up", float(curve.survival[-1]) if len(known) else nan,
              unit="%"),
    ]  # fmt: skip
    estimate = curve.estimate(day, form=using.survival)
    if curve.at(day)[1] == 0:
        # Plain limits would be as narrow as if a hundred thousand had been watched.
        told = estimate.note or "no event so far"
        estimate = replace(estimate, low=nan, high=nan, note=f"{told}: limits are not estimable")
    return {"events": int(known["event"].sum()), "estimate": estimate, "more": tuple(more)}


def _duration(rows: pl.DataFrame, known: pl.DataFrame, measure: Measure, using: Profile) -> dict[str, Any]:
    found, unit = median_range(known["value"].to_numpy(), using.quantile), measure.unit
    return {
        "more": (
            Named("median", "Median", found.median, unit=unit), Named("min", "Minimum", found.minimum, unit=unit),
            Named("max", "Maximum", found.maximum, unit=unit), Named("p25", "First quartile", found.first_quartile,
            unit=unit), Named("p75", "Third quartile", found.third_quartile, unit=unit),
        )
    }  # fmt: skip


def _categories(rows: pl.DataFrame, known: pl.DataFrame, measure: Measure, using: Profile) -> dict[str, Any]:
    counts = known.group_by("value").len().sort("len", "value", descending=[True, False])
    return {
        "events": len(known),
        "more": tuple(Named("n", "n", float(number), level=value) for value, number in counts.iter_rows()),
    }
