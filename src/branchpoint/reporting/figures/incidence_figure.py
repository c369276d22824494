"""Cumulative incidence of CR, additional treatment and death, each beside what competes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.analysis.figure_data.incidence import incidences
from branchpoint.reporting.figures.figure import WIDE, Figure, Panel, is_compact
from branchpoint.reporting.figures.footnote import estimate_words, footnote
from branchpoint.reporting.figures.palette import group_style
from branchpoint.reporting.figures.step_panel import StepCurve, StepPlan, step_panel

if TYPE_CHECKING:
    from branchpoint.analysis.figure_data.incidence import Incidence, IncidenceCurve
    from branchpoint.reporting.report_material import Material

__all__ = ["cumulative_incidence"]


def cumulative_incidence(material: Material, width: float = WIDE) -> Figure:
    """Draw the cumulative incidence of CR, of additional treatment, and of death."""
    found = incidences(material.analyzed)
    each = width if is_compact(width) else (width - 14) / 2
    panels = tuple(
        _panel(one, width if place == 0 else each, f"{letter}  {one.title}")
        for place, (letter, one) in enumerate(zip("ABC", found, strict=True))
    )
    told = [
        f"{one.title}: {'; '.join(f'{curve.label}, {_text(curve, one)}' for curve in one.curves)}." for one in found
    ]
    return Figure(
        "cumulative_incidence",
        "Cumulative incidence with competing events",
        "Probability of each first event; transplantation competes with every outcome, and death with CR and"
        " additional treatment.",
        panels,
        " ".join(told),
        footnote(
            material, f"{found[0].curves[0].estimate.method.removesuffix(', log-log limits')}, log-log 95% limits",
            (("without follow-up", len(material.analyzed) - found[0].size),),
            "CR is counted on the day from which it held on leaving the frontline or additional treatment. At risk:"
            " free of every event of the panel.",
        ),
    )  # fmt: skip


def _panel(data: Incidence, width: float, heading: str) -> Panel:
    curves = [
        StepCurve(
            curve.label, _text(curve, data), group_style(place), curve.steps.to_dicts(),
            data.at_risk if place == len(data.curves) - 1 else (),
        )
        for place, curve in enumerate(data.curves)
    ]  # fmt: skip
    plan = StepPlan(
        data.months, data.mark, "Months since the first dose", "Cumulative incidence, %",
        height=190 if width < 500 else 210, risk_title="Estimates, and number at risk",
    )  # fmt: skip
    return step_panel(curves, plan, width, heading)


def _text(curve: IncidenceCurve, data: Incidence) -> str:
    estimate = curve.estimate
    if not data.size:
        return "nobody, not estimable"
    if not curve.events:
        return "0 events, not estimable"
    if not estimate.estimable:
        return f"{curve.events} of {data.size}; {data.mark:g} months: {estimate.note}"
    shares = estimate_words(*(100 * one for one in (estimate.value, estimate.low, estimate.high)))
    return f"{curve.events} of {data.size}; {data.mark:g} months: {shares}"
