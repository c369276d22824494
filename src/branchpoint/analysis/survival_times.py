"""Times to an event, each with its conventions said: overall survival, and event-free survival of either treatment.

Every function gives a table with the columns subject, time (days) and event, for `kaplan_meier`.

References
----------
.. [1] Zhang Q, et al. Blood 2022;139(24):3493-3504. Its printed estimates imply the conventions of `frontline_events`.
"""

from __future__ import annotations

from math import ceil, isnan
from statistics import NormalDist
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.courses import REFRACTORY
from branchpoint.analysis.results import DAYS_PER_MONTH, Result
from branchpoint.language.responses import IMPROVEMENT, NR
from branchpoint.statistics.kaplan_meier import kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from branchpoint.statistics.kaplan_meier import SurvivalCurve

__all__ = [
    "FRONTLINE_EVENTS",
    "HALF_WIDTH",
    "INTENSIVE_EVENTS",
    "at_risk",
    "curve_of",
    "estimate_at",
    "estimate_at_end",
    "frontline_events",
    "intensive_events",
    "overall_survival",
    "quarters",
    "survival_steps",
]

FRONTLINE_EVENTS = (
    "events: no response (on day 1), progression, relapse, death; "
    "censored: at additional treatment for improvement, and at last contact"
)
INTENSIVE_EVENTS = "from the start of additional treatment; events: refractory at its end, relapse, death"
HALF_WIDTH = NormalDist().inv_cdf(0.975)
_FIRST_FAILURE = pl.min_horizontal("relapse_day", "death_day")


def overall_survival(courses: pl.DataFrame) -> pl.DataFrame:
    """Give time from the first dose to death; alive: censored at last contact."""
    return courses.select("subject", time="last_contact_day", event=pl.col("death_day").is_not_null()).drop_nulls()


def frontline_events(courses: pl.DataFrame) -> pl.DataFrame:
    """Give time from the first dose to failure of the frontline.

    No response is an event on day 1; progression is one on the day of the decision; relapse and death are events.
    Additional treatment for improvement short of PR is not: such patients are censored when it starts.
    """
    outcome, failed = pl.col("frontline_outcome"), pl.col("favorable").eq(other=False).fill_null(value=False)
    switched = failed & (outcome == IMPROVEMENT)
    left = pl.when(outcome == NR).then(1).otherwise("decision_day")
    return courses.select(
        "subject",
        time=pl.when(switched).then(pl.coalesce("additional_treatment_day", "decision_day"))
        .when(failed).then(left)
        .otherwise(pl.coalesce(_FIRST_FAILURE, "last_contact_day")),
        event=~switched & (failed | _FIRST_FAILURE.is_not_null()),
    ).drop_nulls()  # fmt: skip


def intensive_events(courses: pl.DataFrame) -> pl.DataFrame:
    """Give time from the start of additional treatment to its failure.

    Refractory disease on leaving the second epoch is an event on that day, relapse and death are events.
    """
    treated = courses.filter(favorable=False)
    refractory = pl.when(week_8_outcome=REFRACTORY).then(pl.coalesce("week_8_day", "death_day"))
    failure = pl.min_horizontal(refractory, _FIRST_FAILURE)
    return treated.select(
        "subject",
        time=pl.coalesce(failure, "last_contact_day") - pl.coalesce("additional_treatment_day", "decision_day"),
        event=failure.is_not_null(),
    ).drop_nulls()


def curve_of(times: pl.DataFrame) -> SurvivalCurve:
    """Estimate survival, in days."""
    return kaplan_meier(times["time"].to_numpy(), times["event"].to_numpy())


def estimate_at(name: str, label: str, group: str, times: pl.DataFrame, months: float, *, events: str = "") -> Result:
    """Give the Kaplan-Meier estimate at a month, in percent, with plain (symmetric) Greenwood limits.

    `events` says in words what counts as an event, for the method of the result.
    """
    label = f"{label} at {months:g} months"
    curve, day = curve_of(times), months * DAYS_PER_MONTH
    (survival, error), (low, high) = curve.at(day), curve.limits(day)
    method = f"Kaplan-Meier at {months:g} months, plain Greenwood 95% limits" + (f"; {events}" if events else "")
    if isnan(survival):
        return Result(
            id=name, label=label, group=group, n=int(times["event"].sum()), denominator=len(times), unit="%",
            method=f"{method}; not estimable, nobody was followed so long",
        )  # fmt: skip
    return Result(
        id=name, label=label, group=group, n=int(times["event"].sum()), denominator=len(times), unit="%", method=method,
        estimate=100 * survival, standard_error=100 * error,
        ci_low=None if isnan(low) else 100 * low, ci_high=None if isnan(high) else 100 * high,
    )  # fmt: skip


def estimate_at_end(name: str, label: str, group: str, times: pl.DataFrame) -> Result:
    """Give the last Kaplan-Meier estimate, in percent; few are still at risk there, so that it has no limits."""
    curve = curve_of(times)
    return Result(
        id=name, label=label, group=group, n=int(times["event"].sum()), denominator=len(times), unit="%",
        estimate=100 * float(curve.survival[-1]) if len(times) else None, method="Kaplan-Meier at the end of follow-up",
    )  # fmt: skip


def survival_steps(times: pl.DataFrame) -> pl.DataFrame:
    """Give a survival curve as steps to draw: months, survival and limits in percent, events and censored at each.

    The first row is month 0; limits are plain.
    """
    curve = curve_of(times)
    spread = HALF_WIDTH * curve.standard_error
    steps = pl.DataFrame(
        {
            "months": curve.time / DAYS_PER_MONTH,
            "survival": 100 * curve.survival,
            "low": 100 * (curve.survival - spread).clip(0, 1),
            "high": 100 * (curve.survival + spread).clip(0, 1),
            "events": curve.events,
            "censored": curve.censored,
        }
    )
    start = {"months": 0.0, "survival": 100.0, "low": 100.0, "high": 100.0, "events": 0, "censored": 0}
    return pl.concat([pl.DataFrame(start, schema=steps.schema), steps])


def at_risk(times: pl.DataFrame, months: Sequence[float]) -> pl.DataFrame:
    """Give the number at risk just before each of some months."""
    numbers = curve_of(times).number_at_risk([month * DAYS_PER_MONTH for month in months])
    return pl.DataFrame({"months": [float(month) for month in months], "at_risk": numbers})


def quarters(times: pl.DataFrame) -> list[float]:
    """Give the months of an axis: every third, from 0 to the end of the longest follow-up."""
    longest = float(times["time"].max() or 0) / DAYS_PER_MONTH  # type: ignore[arg-type]
    return [3.0 * quarter for quarter in range(max(1, ceil(longest / 3)) + 1)]
