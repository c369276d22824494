"""Times to an event of an ADaM study: Kaplan-Meier by parameter and arm, and the log-rank test between arms."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.results import DAYS_PER_MONTH, Result
from branchpoint.records.adam_terms import TIME_UNITS
from branchpoint.statistics.kaplan_meier import kaplan_meier
from branchpoint.statistics.log_rank import log_rank_test

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.analysis.adam_arms import Arms
    from branchpoint.statistics.kaplan_meier import SurvivalCurve

__all__ = ["Parameter", "curves_of", "parameters", "time_results"]

_NO_UNIT = "not estimable: the file does not state the unit of AVAL"


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """One parameter of ADTTE.

    Parameters
    ----------
    code, label : str
    rows : DataFrame
        Of the subjects of the analysis set: USUBJID, arm, time, event. `time` is in months where the unit is known.
    unit : str
        ``mo``, or empty where the unit is not known.
    how : str
        How the unit is known.
    lacking : int
        Subjects of the set who have no record.
    """

    code: str
    label: str
    rows: pl.DataFrame
    unit: str
    how: str
    lacking: int

    @property
    def source(self) -> str:
        """What the times are, for the method of a result."""
        times = f"AVAL in months, {self.how}" if self.unit else "AVAL as it stands, its unit not stated"
        return f"CNSR = 0 is an event; {times}"


def parameters(adtte: pl.DataFrame, arms: Arms) -> Iterator[Parameter]:
    """Give the parameters of ADTTE in the order of the file, for the subjects of an analysis set."""
    used = adtte.filter(pl.col("ANL01FL") == "Y") if "ANL01FL" in adtte.columns else adtte
    counted = arms.of(used)
    for code in adtte["PARAMCD"].unique(maintain_order=True):
        own = adtte.filter(PARAMCD=code)
        rows = counted.filter(PARAMCD=code)
        days, how = _days_each(own)
        time = pl.col("AVAL") if days is None else pl.col("AVAL") * days / DAYS_PER_MONTH
        label = next(iter(own["PARAM"].drop_nulls()), code) if "PARAM" in own.columns else code
        times = rows.select("USUBJID", "arm", time=time, event=pl.col("CNSR") == 0)
        yield Parameter(code, label, times, "" if days is None else "mo", how, arms.subjects.height - times.height)


def curves_of(parameter: Parameter, arms: Arms) -> dict[str, SurvivalCurve]:
    """Estimate survival in each group that has a record."""
    return {
        group: kaplan_meier(members["time"].to_numpy(), members["event"].to_numpy())
        for group, members, _ in arms.split(parameter.rows)
        if len(members)
    }


def time_results(adtte: pl.DataFrame, arms: Arms, months: Sequence[float]) -> Iterator[Result]:
    """Give events, median, estimates at some months, and the log-rank test, for each parameter."""
    for parameter in parameters(adtte, arms):
        curves = curves_of(parameter, arms)
        for group, members, size in arms.split(parameter.rows):
            yield from _events(parameter, group, members, size, arms.method)
            yield from _curve(parameter, group, curves.get(group), months=months, who=arms.method)
        yield from _comparison(parameter, arms)


def _events(parameter: Parameter, group: str, members: pl.DataFrame, size: int, who: str) -> Iterator[Result]:
    lacking = "" if size == len(members) else f"{size - len(members)} of {size} subjects of the set have no record"
    yield Result(
        id=f"time.{parameter.code}.events", label=f"{parameter.label}: events", group=group, note=lacking,
        n=int(members["event"].sum()), denominator=len(members), method=f"count; {parameter.source}; {who}",
    )  # fmt: skip


def _curve(
    parameter: Parameter, group: str, curve: SurvivalCurve | None, *, months: Sequence[float], who: str
) -> Iterator[Result]:
    name, label, source = f"time.{parameter.code}", parameter.label, f"{parameter.source}; {who}"
    method = "Kaplan-Meier, Greenwood, log-log 95% limits"
    landmarks = [(f"{name}.at_{month:g}", f"{label}: at {month:g} months", month) for month in months]
    if curve is None:
        for one, words in [(f"{name}.median", f"{label}: median"), *((one, words) for one, words, _ in landmarks)]:
            yield Result(id=one, label=words, group=group, n=0, denominator=0, method=f"{method}; {source}",
                         note="not estimable: nobody under observation")  # fmt: skip
        return
    events, counted = int(curve.events.sum()), int((curve.events + curve.censored).sum())
    median = curve.median(form="log-log")
    yield Result(
        id=f"{name}.median", label=f"{label}: median", group=group, n=events, denominator=counted,
        median=_finite(median.value), ci_low=_finite(median.low), ci_high=_finite(median.high), unit=parameter.unit,
        method=f"{method} of the curve, inverted; {source}", note=median.note,
    )  # fmt: skip
    for one, words, month in landmarks:
        at = curve.estimate(month, form="log-log")
        value = at.value if parameter.unit else float("nan")
        shown = not isnan(value)
        yield Result(
            id=one, label=words, group=group, n=events, denominator=counted, unit="%", method=f"{method}; {source}",
            estimate=_percent(value), ci_low=_percent(at.low) if shown else None,
            ci_high=_percent(at.high) if shown else None, note=at.note if parameter.unit else _NO_UNIT,
            standard_error=_percent(curve.at(month)[1]) if shown else None,
        )  # fmt: skip


def _comparison(parameter: Parameter, arms: Arms) -> Iterator[Result]:
    if len(arms.names) < 2:
        return
    rows = parameter.rows
    test = log_rank_test(rows["time"].to_numpy(), rows["event"].to_numpy(), rows["arm"].to_numpy())
    statistic = "" if test.statistic is None else f", chi-square {test.statistic:.4g} with {test.df:g} df"
    yield Result(
        id=f"time.{parameter.code}.p", label=f"{parameter.label}: difference between arms", n=len(rows),
        p=_finite(test.p), method=f"{test.method}{statistic}; {parameter.source}; {arms.method}", note=test.note,
    )  # fmt: skip


def _days_each(rows: pl.DataFrame) -> tuple[float | None, str]:
    """How many days the unit of AVAL has, and how that is known."""
    if "AVALU" in rows.columns and (stated := rows["AVALU"].drop_nulls().unique().to_list()):
        return TIME_UNITS[stated[0].upper()], f"from {stated[0]} (AVALU)"
    if {"ADT", "STARTDT"} <= set(rows.columns):
        dated = rows.select("AVAL", counted=(pl.col("ADT") - pl.col("STARTDT")).dt.total_days()).drop_nulls()
        if len(dated) and (dated["AVAL"] - dated["counted"]).is_in([0.0, 1.0]).all():
            return 1.0, "from days, as ADT and STARTDT show"
    label = str(next(iter(rows["PARAM"].drop_nulls()), "")) if "PARAM" in rows.columns else ""
    for unit, days in TIME_UNITS.items():
        if f"({unit.lower()})" in label.lower():
            return days, f"from {unit.lower()}, as PARAM says"
    return None, ""


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def _percent(value: float) -> float | None:
    return 100 * value if isfinite(value) else None
