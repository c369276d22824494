"""Survival figures: event-free survival of the frontline and of additional treatment, overall, and the landmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchpoint.analysis.figure_data.survival_data import LIMITS, quarter_months, survival_data
from branchpoint.analysis.figure_data.survival_groups import (
    frontline_groups,
    intensive_groups,
    landmark_groups,
    survival_groups,
)
from branchpoint.analysis.survival_times import FRONTLINE_EVENTS, INTENSIVE_EVENTS
from branchpoint.reporting.figures.figure import WIDE, Figure, Panel, is_compact
from branchpoint.reporting.figures.footnote import estimate_words, footnote, p_words
from branchpoint.reporting.figures.palette import etiology_styles, group_style
from branchpoint.reporting.figures.step_panel import StepCurve, StepPlan, step_panel

if TYPE_CHECKING:
    import polars as pl

    from branchpoint.analysis.figure_data.survival_data import GroupCurve, SurvivalData
    from branchpoint.reporting.figures.palette import Style
    from branchpoint.reporting.report_material import Material

__all__ = ["TimeAxis", "efs_frontline", "efs_intensive", "landmark_os", "os", "survival_panel"]

_KM = f"Kaplan-Meier, {LIMITS}; ticks: censored; log-rank tests are two-sided"


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """What the panels of one figure share."""

    mark: float
    x_title: str
    y_title: str
    months: tuple[float, ...] = ()


def efs_frontline(material: Material, width: float = WIDE) -> Figure:
    """Draw event-free survival of the frontline: everybody, and by prior corticosteroid."""
    sets = frontline_groups(material.analyzed)
    headings = ("A  All patients", "B  By prior corticosteroid")
    shared = TimeAxis(12, "Months since the first dose", "Event-free, %")
    counted = material.analyzed
    return _figure(
        material, "efs_frontline", "Event-free survival of frontline treatment", sets,
        f"{FRONTLINE_EVENTS[:1].upper()}{FRONTLINE_EVENTS[1:]}.",
        headings=headings, shared=shared, width=width,
        not_evaluable=(
            ("without a time to event", len(counted) - len(sets[0]["All patients"])),
            ("prior corticosteroid not known, not in B", counted["prior_corticosteroid"].null_count()),
        ),
    )  # fmt: skip


def efs_intensive(material: Material, width: float = WIDE) -> Figure:
    """Draw event-free survival of additional treatment: everybody treated, by response before it, by etiology."""
    sets = intensive_groups(material.analyzed, material.protocol)
    headings = ("A  All with additional treatment", "B  By response before it", "C  By etiology")
    shared = TimeAxis(6, "Months since additional treatment", "Event-free, %")
    treated = material.analyzed.filter(favorable=False)
    return _figure(
        material, "efs_intensive", "Event-free survival of additional treatment", sets,
        f"{INTENSIVE_EVENTS[:1].upper()}{INTENSIVE_EVENTS[1:]}.",
        headings=headings, shared=shared, width=width, counted=f"{len(treated)} with additional treatment",
        not_evaluable=(
            ("without a time to event", len(treated) - len(sets[0]["All treated"])),
            ("etiology not evaluable, not in C", treated["etiology"].null_count()),
        ),
    )  # fmt: skip


def os(material: Material, width: float = WIDE) -> Figure:
    """Draw overall survival: everybody, by response to the frontline, by etiology."""
    sets = survival_groups(material.analyzed, material.protocol)
    headings = ("A  All patients", "B  By response to the frontline", "C  By etiology")
    shared = TimeAxis(12, "Months since the first dose", "Alive, %")
    counted = material.analyzed
    return _figure(
        material, "os", "Overall survival", sets,
        "B sorts patients by what happened after time 0: its curves carry immortal time, see the landmark figure.",
        headings=headings, shared=shared, width=width,
        not_evaluable=(
            ("without follow-up", len(counted) - len(sets[0]["All patients"])),
            ("frontline not finished or not evaluable, not in B", counted["favorable"].null_count()),
            ("etiology not evaluable, not in C", counted["etiology"].null_count()),
        ),
    )  # fmt: skip


def landmark_os(material: Material, width: float = WIDE) -> Figure:
    """Draw overall survival from the end of the frontline on, by the response that was known on that day."""
    found = landmark_groups(material.analyzed, material.protocol)
    shared = TimeAxis(12, f"Months since day {found.day}", "Alive, %")
    dropped = "; ".join(f"{number} {reason}" for reason, number in found.dropped)
    kept = sum(len(times) for times in found.groups.values())
    return _figure(
        material, "landmark_os", f"Overall survival from day {found.day} on, by response on that day", (found.groups,),
        f"Landmark at day {found.day}: {kept} patients kept; dropped: {dropped}.",
        "Patients are sorted by what was known at the landmark alone, which removes immortal time.",
        headings=("",), shared=shared, width=width, not_evaluable=found.dropped[2:],
        counted=f"{kept} at the landmark",
    )  # fmt: skip


def _figure(
    material: Material, name: str, title: str, sets: tuple[dict[str, pl.DataFrame], ...], *notes: str,
    headings: tuple[str, ...], shared: TimeAxis, width: float, not_evaluable: tuple[tuple[str, int], ...],
    counted: str = "",
) -> Figure:  # fmt: skip
    months = quarter_months(*(times for groups in sets for times in groups.values()))
    half = width if is_compact(width) or len(sets) == 1 else (width - 14) / 2
    panels, told = [], []
    for place, (groups, heading) in enumerate(zip(sets, headings, strict=True)):
        data = survival_data(groups, shared.mark, months)
        # Of three, the first takes a row of its own.
        each = width if len(sets) % 2 and not place else half
        panels.append(survival_panel(data, shared, each, heading, material.protocol.etiology.answers))
        told.append(_told(data, heading))
    return Figure(
        name, title,
        f"{title}, estimates at {shared.mark:g} months with 95% limits; numbers at risk just before each month.",
        tuple(panels), " ".join(told), footnote(material, _KM, not_evaluable, *notes, counted=counted),
    )  # fmt: skip


def survival_panel(
    data: SurvivalData, shared: TimeAxis, width: float, heading: str = "", answers: tuple[str, ...] = ()
) -> Panel:
    """Draw Kaplan-Meier curves with their numbers at risk; `answers` are the etiologies, which keep their colors."""
    styles = etiology_styles(answers)
    curves = []
    for place, curve in enumerate(data.curves):
        style: Style = styles.get(curve.label.split(" or ")[0]) or group_style(place)
        numbers = tuple(curve.at_risk["at_risk"].to_list())
        curves.append(StepCurve(curve.label, _text(curve, data.mark), style, curve.steps.to_dicts(), numbers))
    closing = ""
    if data.test is not None:
        note = f": {data.test.note}" if not data.test.estimable and data.test.note else ""
        closing = f"{p_words(data.test.p)}, {data.test.method}{note}"
    plan = StepPlan(data.months, data.mark, shared.x_title, shared.y_title, closing, 230 if width > 500 else 200)
    return step_panel(curves, plan, width, heading)


def _text(curve: GroupCurve, mark: float) -> str:
    """The events of a group and its estimate, or why there is none."""
    counted = f"{curve.events} of {curve.size} with event"
    estimate = curve.estimate
    if not curve.size:
        return "nobody, not estimable"
    if not estimate.estimable:
        return f"{counted}; {mark:g} months: {estimate.note}"
    if not curve.events:
        return f"{counted}; {mark:g} months: 100% (limits not estimable)"
    shares = estimate_words(*(100 * one for one in (estimate.value, estimate.low, estimate.high)))
    return f"{counted}; {mark:g} months: {shares}"


def _told(data: SurvivalData, heading: str) -> str:
    said = "; ".join(f"{curve.label}, {_text(curve, data.mark)}" for curve in data.curves)
    test = "" if data.test is None else f"; {p_words(data.test.p)}, {data.test.method}"
    return f"{heading + ': ' if heading else ''}{said}{test}."
