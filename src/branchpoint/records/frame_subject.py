"""What the subject, the exposures and the events say to inputs, for many subjects at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from branchpoint.language.quantities import Aspect
from branchpoint.records.frame_timeline import Timeline
from branchpoint.records.patient import MISSING_REASONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from branchpoint.language.measurements import Exposed, Occurred
    from branchpoint.language.quantities import Input
    from branchpoint.records.frame_findings import Moments

    Dates = NDArray[np.datetime64[Any]]

__all__ = ["exposed", "occurred", "subject_facts"]

_FOREVER = 1 << 30


def exposed(measurement: Exposed, exposures: pl.DataFrame, moments: Moments) -> pl.Series:
    """Say at each moment whether one of the drugs was given by then, and had not ended too long before."""
    given = exposures.filter(pl.col("drug").cast(pl.String).is_in(measurement.drugs)).sort("group", "start")
    group, start = (given[name].cast(pl.Int64).to_numpy() for name in ("group", "start"))
    end = given["end"].cast(pl.Int64).fill_null(_FOREVER).to_numpy()
    place = Timeline(group, start).last(*moments)
    # The latest end so far of each subject: the subject's number outweighs every day, so none is carried to the next.
    latest = np.maximum.accumulate(group * (2 * _FOREVER) + end) - group * (2 * _FOREVER)
    since = -_FOREVER if measurement.within is None else moments.day - measurement.within
    return pl.Series((place >= 0) & (np.append(latest, 0)[place] >= since))


def occurred(measurement: Occurred, events: pl.DataFrame, moments: Moments) -> pl.Series:
    """Say at each moment whether one of the events had happened."""
    happened = events.filter(pl.col("event").cast(pl.String).is_in(measurement.events)).sort("group", "day")
    group, day = (happened[name].cast(pl.Int64).to_numpy() for name in ("group", "day"))
    return pl.Series(Timeline(group, day).last(*moments) >= 0)


def subject_facts(item: Input, subjects: pl.DataFrame, moments: Moments) -> pl.Series:
    """Give a fact about the subject at each moment, or whether it is recorded."""
    fact = _fact(item.measurement.name, subjects, moments)
    if item.aspect is not Aspect.RECORDED:
        return fact
    recorded = fact.is_not_null()
    if item.measurement.name != "genetic_result":
        return recorded
    pending = subjects["genetic_result"].cast(pl.String).gather(pl.Series(moments.group)) == "pending"
    return recorded.to_frame("recorded").select(pl.when(~pending.fill_null(value=False)).then("recorded")).to_series()


def _fact(name: str, subjects: pl.DataFrame, moments: Moments) -> pl.Series:
    reference = pl.coalesce("first_dose_date", "consent_date")
    group = pl.Series(moments.group)
    if name in ("sex", "genetic_result"):
        code = pl.col(name).cast(pl.String)
        return subjects.select(pl.when(~code.is_in(MISSING_REASONS)).then(code)).to_series().gather(group)
    if name == "informed_consent":
        return subjects.select(pl.col("consent_date") <= reference).to_series().gather(group)
    birth, day_0 = (_dates(series) for series in subjects.select("birth_date", reference).iter_columns())
    born: Dates = birth[moments.group]
    today: Dates = day_0[moments.group] + moments.day.astype("m8[D]")
    facts = _age_in_years(born, today) if name == "age" else (today - born).astype(np.float64)
    unknown = np.isnat(born) | np.isnat(today)
    return pl.Series(np.where(unknown, np.nan, facts)).fill_nan(None)


def _dates(series: pl.Series) -> Dates:
    return series.cast(pl.Date).to_numpy().astype("M8[D]")


def _age_in_years(born: Dates, today: Dates) -> NDArray[np.float64]:
    month = born.astype("M8[M]")
    day_of_month = born - month.astype("M8[D]")
    years = today.astype("M8[Y]").astype(np.int64) - born.astype("M8[Y]").astype(np.int64)

    def birthday(full: NDArray[np.int64]) -> Dates:
        # A day that the month lacks runs over into the next: 29 February becomes 1 March.
        started: Dates = (month + (12 * full).astype("m8[M]")).astype("M8[D]")
        ended: Dates = started + day_of_month
        return ended

    full = years - (today < birthday(years))
    last, following = birthday(full), birthday(full + 1)
    with np.errstate(invalid="ignore"):
        return full + (today - last).astype(np.float64) / (following - last).astype(np.float64)
