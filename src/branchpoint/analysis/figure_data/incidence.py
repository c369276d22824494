"""Cumulative incidence from the first dose: CR, additional treatment, and death, each where others compete with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from branchpoint.analysis.figure_data.survival_data import quarter_months
from branchpoint.analysis.results import DAYS_PER_MONTH
from branchpoint.statistics.competing_risks import aalen_johansen
from branchpoint.statistics.results import no_estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from branchpoint.statistics.competing_risks import CumulativeIncidence
    from branchpoint.statistics.results import Estimate

__all__ = ["Incidence", "IncidenceCurve", "incidences"]

_STEPS = {"months": pl.Float64, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}


@dataclass(frozen=True, slots=True, eq=False)
class IncidenceCurve:
    """The cumulative incidence of one cause.

    Parameters
    ----------
    label : str
    events : int
    steps : DataFrame
        Columns months, value, low, high, in percent; limits null where there are none.
    estimate : Estimate
        At the month of the panel, as a share.
    """

    label: str
    events: int
    steps: pl.DataFrame
    estimate: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """One outcome with what competes; the outcome is the first curve.

    Parameters
    ----------
    title : str
    curves : tuple of IncidenceCurve
    months : tuple of float
    at_risk : tuple of int
        Free of every event just before each of the months.
    size : int
    mark : float
    """

    title: str
    curves: tuple[IncidenceCurve, ...]
    months: tuple[float, ...]
    at_risk: tuple[int, ...]
    size: int
    mark: float


def incidences(courses: pl.DataFrame, mark: float = 12.0) -> tuple[Incidence, ...]:
    """Estimate the cumulative incidence of CR, of additional treatment, and of death.

    Transplantation competes with each of them: what happens after it is not counted as an outcome of this treatment.
    """
    outcomes = (
        ("Complete response", "CR", pl.col("cr_held_from"), (("Death", "death_day"),)),
        (
            "Additional treatment",
            "Start",
            pl.coalesce("additional_treatment_day", _entered()),
            (("Death", "death_day"),),
        ),
        ("Death", "Death without transplantation", pl.col("death_day"), ()),
    )
    months = quarter_months(courses.select(time="last_contact_day").drop_nulls())
    found = []
    for title, label, day, others in outcomes:
        causes = {label: day, **{name: pl.col(column) for name, column in others}}
        causes["Transplantation"] = pl.col("transplant_day")
        found.append(_incidence(title, courses, causes, months, mark))
    return tuple(found)


def _entered() -> pl.Expr:
    return pl.when(favorable=False).then("decision_day")


def _incidence(
    title: str, courses: pl.DataFrame, causes: dict[str, pl.Expr], months: Sequence[float], mark: float
) -> Incidence:
    days = courses.select("last_contact_day", **causes).filter(pl.col("last_contact_day").is_not_null())
    # The earliest day wins; of causes on one day, the one listed first.
    first = pl.min_horizontal(*causes, "last_contact_day")
    kind = pl.coalesce(
        *(pl.when(pl.col(name) <= first).then(pl.lit(number)) for number, name in enumerate(causes, 1)), pl.lit(0)
    )
    rows = days.select(time=first, kind=kind)
    curve = aalen_johansen(rows["time"].to_numpy(), rows["kind"].to_numpy()) if len(rows) else None
    curves = tuple(_curve(name, cause, curve, mark) for cause, name in enumerate(causes, 1))
    times = rows["time"].to_numpy()
    at_risk = tuple(int((times >= month * DAYS_PER_MONTH).sum()) for month in months)
    return Incidence(title, curves, tuple(months), at_risk, len(rows), mark)


def _curve(label: str, cause: int, curve: CumulativeIncidence | None, mark: float) -> IncidenceCurve:
    if curve is None:
        nobody = no_estimate(0.95, "Aalen-Johansen", "not estimable: nobody at all")
        return IncidenceCurve(label, 0, pl.DataFrame(schema=_STEPS), nobody)
    start = {"months": 0.0, "value": 0.0, "low": None, "high": None}
    if cause > curve.events.shape[1] or not curve.events[:, cause - 1].any():
        end = {**start, "months": float(curve.time[-1]) / DAYS_PER_MONTH}
        none = no_estimate(0.95, curve.method, "no event")
        return IncidenceCurve(label, 0, pl.DataFrame([start, end], schema=_STEPS), none)
    low, high = curve.band(cause)
    steps = pl.DataFrame(
        {
            "months": curve.time / DAYS_PER_MONTH,
            "value": 100 * curve.incidence[:, cause - 1],
            "low": 100 * np.asarray(low),
            "high": 100 * np.asarray(high),
        },
        schema=_STEPS,
    )
    joined = pl.concat([pl.DataFrame([start], schema=_STEPS), steps.with_columns(pl.col("low", "high").fill_nan(None))])
    estimate = curve.estimate(mark * DAYS_PER_MONTH, cause)
    return IncidenceCurve(label, int(curve.events[:, cause - 1].sum()), joined, estimate)
