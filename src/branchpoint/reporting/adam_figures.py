"""Kaplan-Meier figures of an ADaM study, one a parameter."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from branchpoint.analysis.adam_arms import ALL
from branchpoint.analysis.adam_times import curves_of, parameters
from branchpoint.reporting.adam_tables import p_words
from branchpoint.reporting.figures.figure import WIDE, Figure
from branchpoint.reporting.figures.palette import group_style
from branchpoint.reporting.figures.rendering import figure_svg
from branchpoint.reporting.figures.step_panel import StepCurve, StepPlan, step_panel

if TYPE_CHECKING:
    import polars as pl

    from branchpoint.analysis.adam_arms import Arms
    from branchpoint.analysis.adam_times import Parameter
    from branchpoint.statistics.kaplan_meier import SurvivalCurve

__all__ = ["MOST_ARMS", "adam_figures"]

MOST_ARMS = 5
_STEPS = (1.0, 3.0, 6.0, 12.0, 24.0, 60.0, 120.0)
_MOST_TICKS = 12


def adam_figures(adtte: pl.DataFrame, arms: Arms, results: pl.DataFrame) -> list[tuple[str, str]]:
    """Draw each parameter whose time is known in months.

    Parameters
    ----------
    adtte : DataFrame
    arms : Arms
        At most `MOST_ARMS`; more are not told apart, and are drawn together.
    results : DataFrame
        As `branchpoint.analysis.adam_results.adam_results` gives them.

    Returns
    -------
    list of (str, str)
        Title and SVG.
    """
    tests = {row["id"]: row for row in results.filter(group=ALL).iter_rows(named=True) if row["id"].endswith(".p")}
    return [
        (one.label, _drawn(one, arms, tests.get(f"time.{one.code}.p")))
        for one in parameters(adtte, arms)
        if one.unit and len(one.rows)
    ]


def _drawn(parameter: Parameter, arms: Arms, test: dict[str, Any] | None) -> str:
    curves = curves_of(parameter, arms)
    shown = arms.names if 1 < len(arms.names) <= MOST_ARMS else (ALL,)
    ticks = _ticks(max(float(curve.time[-1]) for curve in curves.values()))
    steps = [
        _curve("All subjects" if group == ALL else group, curves[group], place, ticks)
        for place, group in enumerate(shown)
        if group in curves
    ]
    closing = ""
    if test is not None and len(shown) > 1:
        closing = f"{p_words(test['p'])}, log-rank test" if test["p"] is not None else f"Log-rank test {test['note']}"
    plan = StepPlan(ticks, ticks[-1] + 1, f"Months: {parameter.label}", "Without the event, %", closing)
    told = "; ".join(f"{step.label}: {step.text}" for step in steps)
    method = f"Kaplan-Meier, log-log 95% limits; ticks: censored; at risk just before each month; {parameter.source}"
    figure = Figure(
        f"km-{parameter.code.lower()}", parameter.label, "", (step_panel(steps, plan, WIDE),), told,
        (f"{method}; {arms.method}.",),
    )  # fmt: skip
    return figure_svg(figure, title=False)


def _curve(label: str, curve: SurvivalCurve, place: int, ticks: tuple[float, ...]) -> StepCurve:
    low, high = curve.band(form="log-log")
    rows: list[dict[str, Any]] = [{"months": 0.0, "value": 100.0, "low": 100.0, "high": 100.0, "censored": 0}]
    for at, value, least, most, censored in zip(curve.time, curve.survival, low, high, curve.censored, strict=True):
        limits = [100 * float(value if isnan(limit) else limit) for limit in (least, most)]
        rows.append(
            {"months": float(at), "value": 100 * float(value), "low": limits[0], "high": limits[1],
             "censored": int(censored)}
        )  # fmt: skip
    events, size = int(curve.events.sum()), int((curve.events + curve.censored).sum())
    text = f"{events} of {size} with event"
    return StepCurve(label, text, group_style(place), rows, tuple(curve.number_at_risk(ticks).tolist()))


def _ticks(longest: float) -> tuple[float, ...]:
    step = next((step for step in _STEPS if longest / step <= _MOST_TICKS), _STEPS[-1])
    many = max(1, int(-(-longest // step)))
    return tuple(step * place for place in range(many + 1))
