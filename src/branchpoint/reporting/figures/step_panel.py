"""One panel of step curves, for survival and for incidence, with the numbers at risk under the axis they belong to.

The numbers are marks of the same plot at the same scale, so that they cannot come loose from it. Curves differ by
color, by dash and by their names at their ends; estimates stand under the plot, where no curve runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from branchpoint.reporting.figures.marks import SMALL, Frame, axis, layer, plot, tooltip, words
from branchpoint.reporting.figures.palette import INK, SOFT, Style
from branchpoint.reporting.lettering import text_width, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from branchpoint.reporting.figures.figure import Panel

__all__ = ["StepCurve", "StepPlan", "step_panel"]

_LEFT, _LINE, _KEY = 50.0, 15.0, 34.0
_MOST_BANDS = 2
_TOLD = (
    ("group", "Group", ""),
    ("months", "Month", ".1f"),
    ("value", "%", ".1f"),
    ("low", "Lower limit", ".1f"),
    ("high", "Upper limit", ".1f"),
    ("at_risk", "At risk", "d"),
    ("events", "Events", "d"),
    ("censored", "Censored", "d"),
)


@dataclass(frozen=True, slots=True)
class StepCurve:
    """A curve.

    Parameters
    ----------
    label : str
    text : str
        What is written under the plot, beside the label.
    style : Style
    rows : list of dict
        months, value, low, high, and what else a pointer is told; empty where nobody is in the group.
    at_risk : tuple of int, optional
        At the ticks of the axis; empty for a curve that has no row of its own.
    """

    label: str
    text: str
    style: Style
    rows: list[dict[str, Any]]
    at_risk: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StepPlan:
    """How a panel is drawn.

    Parameters
    ----------
    months : tuple of float
        The ticks of the axis.
    mark : float
        The month of the estimates, marked where the axis has it.
    x_title, y_title : str
    closing : str
        The last line: a test, say.
    height : float
        Of the plot.
    """

    months: tuple[float, ...]
    mark: float
    x_title: str
    y_title: str
    closing: str = ""
    height: float = 210
    risk_title: str = field(default="Number at risk")


def step_panel(curves: Sequence[StepCurve], plan: StepPlan, width: float, heading: str = "") -> Panel:
    """Draw step curves.

    Parameters
    ----------
    curves : sequence of StepCurve
    plan : StepPlan
    width : float
        Of the whole panel.
    heading : str
    """
    names = _names(curves, width)
    right = 16 + max((text_width(line, SMALL) for lines in names for line in lines), default=0)
    table, below = _table(curves, plan, width)
    frame = Frame.within(width, plan.height, left=_LEFT, right=right, top=10, bottom=below)
    layers: list[Any] = []
    if plan.mark <= plan.months[-1]:
        layers.append(layer([{"months": plan.mark}], {"type": "rule", "color": SOFT, "strokeDash": [1, 3]},
                            x=_channels(plan)["x"]))  # fmt: skip
    drawn = [curve for curve in curves if curve.rows]
    # The scale must be there even when nobody is.
    layers.append(layer([], {"type": "line"}, **_channels(plan)))
    for curve in drawn:
        layers += _curve(curve, plan, band=len(curves) <= _MOST_BANDS)
    layers += _end_names(curves, names, frame)
    if not drawn:
        layers.append(words("not estimable: nobody in this panel", 8, frame.height / 2, color=SOFT, fontSize=SMALL))
    return plot(frame, [*layers, *table], heading)


def _channels(plan: StepPlan) -> dict[str, Any]:
    last = plan.months[-1]
    return {
        "x": axis("months", (0, last), plan.months, plan.x_title, format="d"),
        "y": axis("value", (0, 102), (0, 25, 50, 75, 100), plan.y_title, grid=True, titlePadding=6),
    }


def _curve(curve: StepCurve, plan: StepPlan, *, band: bool) -> list[dict[str, Any]]:
    look, channels = curve.style, _channels(plan)
    step = {"interpolate": "step-after", "color": look.color}
    marks = []
    if band:
        area = {"type": "area", **step, "opacity": 0.14, "line": False}
        limited = [
            row if row["low"] is not None else {**row, "low": row["value"], "high": row["value"]} for row in curve.rows
        ]
        marks.append(layer(limited, area, x=channels["x"], y={**channels["y"], "field": "low"}, y2={"field": "high"}))
    marks.append(
        layer(curve.rows, {"type": "line", **step, "strokeWidth": 2, "strokeDash": list(look.dash)}, **channels)
    )
    censored = [row for row in curve.rows if row.get("censored")]
    tick = {"type": "tick", "orient": "vertical", "color": look.color, "size": 9, "thickness": 1.2}
    marks.append(layer(censored, tick, **channels))
    rows = [{"group": curve.label, **row} for row in curve.rows]
    told = [one for one in tooltip(*_TOLD) if one["field"] in rows[0]]
    marks.append(layer(rows, {"type": "point", "size": 90, "opacity": 0, "filled": True}, **channels, tooltip=told))
    return marks


def _names(curves: Sequence[StepCurve], width: float) -> list[tuple[str, ...]]:
    """The name of each curve in short lines, for beside its end; none where it needs no name or has no room."""
    if len(curves) < 2 or width < 330:
        return [() for _ in curves]
    return [wrap(curve.label, 110 if width > 500 else 82, SMALL) if curve.rows else () for curve in curves]


def _end_names(curves: Sequence[StepCurve], names: list[tuple[str, ...]], frame: Frame) -> list[dict[str, Any]]:
    """Write each name beside the end of its curve, moved apart where ends are close."""
    wanted = []
    for curve, lines in zip(curves, names, strict=True):
        if lines:
            wanted.append([frame.height * (1 - curve.rows[-1]["value"] / 102), 12.0 * len(lines) + 3, curve, lines])
    wanted.sort(key=lambda one: one[0])
    edge = -6.0
    for one in wanted:
        one[0] = max(one[0], edge + one[1] / 2)
        edge = one[0] + one[1] / 2
    edge = frame.height + 4
    for one in reversed(wanted):
        one[0] = min(one[0], edge - one[1] / 2)
        edge = one[0] - one[1] / 2
    return [
        words(line, frame.width + 8, y + 12.0 * (place - (len(lines) - 1) / 2), color=curve.style.color, fontSize=SMALL)
        for y, _, curve, lines in wanted
        for place, line in enumerate(lines)
    ]


def _lines(curve: StepCurve, room: float) -> list[str]:
    """What is said of a curve, broken between its parts rather than within them."""
    lines: list[str] = []
    for part in f"{curve.label}: {curve.text}".split("; "):
        joined = f"{lines[-1]}; {part}" if lines else part
        if lines and text_width(joined, SMALL) <= room:
            lines[-1] = joined
        else:
            lines += wrap(part, room, SMALL)
    return lines


def _table(curves: Sequence[StepCurve], plan: StepPlan, width: float) -> tuple[list[dict[str, Any]], float]:
    """The numbers at risk with names and estimates; gives the marks, and how far they reach below the plot."""
    y = plan.height + 50.0
    marks = [words(plan.risk_title, -_LEFT + 4, y, fontWeight="bold", fontSize=SMALL)]
    for curve in curves:
        y += _LINE + 2
        sample = {"type": "rule", "color": curve.style.color, "strokeWidth": 2, "strokeDash": list(curve.style.dash)}
        marks.append(layer([{}], sample, x={"value": -_LEFT + 4}, x2={"value": -_LEFT + _KEY - 6}, y={"value": y}))
        for line in _lines(curve, width - _KEY - 8):
            marks.append(words(line, -_LEFT + _KEY, y, color=INK, fontSize=SMALL))
            y += _LINE
        if curve.at_risk:
            numbers = [{"months": month, "n": n} for month, n in zip(plan.months, curve.at_risk, strict=True)]
            text = {"type": "text", "y": y, "fontSize": SMALL, "color": INK, "baseline": "middle"}
            marks.append(layer(numbers, text, x=_channels(plan)["x"], text={"field": "n"}))
        else:
            y -= _LINE
    for line in wrap(plan.closing, width - 8, SMALL):
        y += _LINE + 3
        marks.append(words(line, -_LEFT + 4, y, fontSize=SMALL))
    return marks, y - plan.height + 12
