"""Survival by group as a panel shows it: steps with limits, numbers at risk, an estimate at a month, and a test."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from branchpoint.analysis.results import DAYS_PER_MONTH
from branchpoint.statistics.kaplan_meier import kaplan_meier
from branchpoint.statistics.log_rank import log_rank_test
from branchpoint.statistics.results import no_test

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from branchpoint.statistics.kaplan_meier import SurvivalCurve
    from branchpoint.statistics.results import Estimate, TestResult

__all__ = ["LIMITS", "GroupCurve", "SurvivalData", "quarter_months", "survival_data"]

LIMITS = "plain (symmetric) Greenwood 95% limits"
_STEPS = {
    "months": pl.Float64, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "at_risk": pl.Int64,
    "events": pl.Int64, "censored": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class GroupCurve:
    """One curve of a panel.

    Parameters
    ----------
    label : str
    size, events : int
    steps : DataFrame
        Columns months, value, low, high (percent; limits null where there are none), at_risk just before, events and
        censored at the time. The first row is month 0; without patients there is none.
    at_risk : DataFrame
        Columns months, at_risk: just before each tick of the axis.
    estimate : Estimate
        At the month of the panel, as a share.
    """

    label: str
    size: int
    events: int
    steps: pl.DataFrame
    at_risk: pl.DataFrame
    estimate: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalData:
    """A panel.

    Parameters
    ----------
    curves : tuple of GroupCurve
    months : tuple of float
        The ticks of the axis, and of the numbers at risk.
    mark : float
        The month of the estimates.
    test : TestResult or None
        None where there is one group only.
    """

    curves: tuple[GroupCurve, ...]
    months: tuple[float, ...]
    mark: float
    test: TestResult | None


def survival_data(groups: Mapping[str, pl.DataFrame], mark: float, months: Sequence[float] = ()) -> SurvivalData:
    """Estimate survival of some groups.

    Parameters
    ----------
    groups : mapping of str to DataFrame
        By label: columns subject, time (days) and event. A group may be empty.
    mark : float
        The month at which survival is estimated.
    months : sequence of float, optional
        The ticks of the axis; every third month of the longest follow-up by default.
    """
    ticks = tuple(months) or quarter_months(*groups.values())
    curves = tuple(_curve(label, times, mark, ticks) for label, times in groups.items())
    return SurvivalData(curves, ticks, mark, _compared(groups) if len(groups) > 1 else None)


def quarter_months(*times: pl.DataFrame) -> tuple[float, ...]:
    """Give every third month from 0 to the end of the longest follow-up."""
    longest = max((float(one["time"].max() or 0) for one in times if len(one)), default=0.0)  # type: ignore[arg-type]
    return tuple(3.0 * quarter for quarter in range(max(1, ceil(longest / DAYS_PER_MONTH / 3)) + 1))


def _curve(label: str, times: pl.DataFrame, mark: float, months: Sequence[float]) -> GroupCurve:
    curve = kaplan_meier(times["time"].to_numpy(), times["event"].to_numpy())
    numbers = curve.number_at_risk([month * DAYS_PER_MONTH for month in months])
    at_risk = pl.DataFrame({"months": list(months), "at_risk": numbers})
    events, estimate = int(curve.events.sum()), curve.estimate(mark * DAYS_PER_MONTH)
    return GroupCurve(label, len(times), events, _steps(curve, len(times)), at_risk, estimate)


def _steps(curve: SurvivalCurve, size: int) -> pl.DataFrame:
    if not size:
        return pl.DataFrame(schema=_STEPS)
    # Before the first event, and where everybody has had it, Greenwood's formula gives no spread.
    low, high = (np.where(curve.standard_error > 0, limit, np.nan) for limit in curve.band())
    start = pl.DataFrame([(0.0, 100.0, None, None, size, 0, 0)], schema=_STEPS, orient="row")
    rest = pl.DataFrame(
        {
            "months": curve.time / DAYS_PER_MONTH,
            "value": 100 * curve.survival,
            "low": 100 * low,
            "high": 100 * high,
            "at_risk": curve.at_risk,
            "events": curve.events,
            "censored": curve.censored,
        },
        schema=_STEPS,
    )
    return pl.concat([start, rest.with_columns(pl.col("low", "high").fill_nan(None))])


def _compared(groups: Mapping[str, pl.DataFrame]) -> TestResult:
    known = {label: times for label, times in groups.items() if len(times)}
    if len(known) < 2:
        return no_test("log-rank test", "no test: fewer than two groups hold anybody")
    rows = pl.concat([times.with_columns(group=pl.lit(label)) for label, times in known.items()])
    return log_rank_test(rows["time"].to_numpy(), rows["event"].to_numpy(), rows["group"].to_numpy())
