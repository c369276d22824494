"""Survival figures: Kaplan-Meier curves with their limits, censoring and numbers at risk, as one SVG.

The numbers at risk are marks of the same plot, so that they cannot come loose from its axis. Groups differ by color, by
line and by their names at the curve: nothing rests on color.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Curve", "survival_figure"]

# Okabe and Ito, darkened enough to read as text; they differ in lightness too.
_COLORS = ("#00517f", "#b34700", "#3d3d3d", "#8a2d6b")
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])
_FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_INK, _SOFT = "#1a1c20", "#5a6270"


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One group of a survival figure.

    Parameters
    ----------
    name : str
    steps, at_risk : DataFrame
        As `branchpoint.analysis.survival_times` gives them.
    at : float, optional
        The month whose estimate is written at the curve.
    text : str
        What is written there.
    """

    name: str
    steps: pl.DataFrame
    at_risk: pl.DataFrame
    at: float | None = None
    text: str = ""


def survival_figure(curves: tuple[Curve, ...], title: str, source: str = "", *, narrow: bool = False) -> str:
    """Draw survival curves.

    Parameters
    ----------
    curves : tuple of Curve
        At most four.
    title : str
        What the figure shows, for who cannot see it.
    source : str
        What is written below, so that a copy of the figure says where its patients come from.
    narrow : bool
        For a telephone.

    Returns
    -------
    str
        An SVG element that takes the width of its container.
    """
    import altair as alt
    import vl_convert

    size = (290, 210) if narrow else (760, 320)
    months = curves[0].at_risk["months"].to_list()
    band = len(curves) == 1 or not narrow
    layers: list[Any] = [_month_mark(alt, curve) for curve in curves if curve.at is not None][:1]
    for index, curve in enumerate(curves):
        layers += _curve_marks(alt, curve, index, months, band=band)
        layers += _risk_marks(alt, curve, index, size[1])
    for index, curve in enumerate(curves):
        if curve.at is not None:
            layers += _note(alt, curve, index, months, band)
    layers.append(_text(alt, "Number at risk", size[1] + 52, "bold"))
    if source:
        # Fonts differ between machines: short lines leave room for wide ones.
        for number, line in enumerate(wrap(source, 36 if narrow else 100)):
            layers.append(_text(alt, line, size[1] + 78 + 36 * len(curves) + 16 * number, color=_SOFT))
    chart = alt.layer(*layers).properties(
        width=size[0], height=size[1], padding={"left": 4, "right": 14, "top": 8, "bottom": 4}
    )
    chart = chart.configure(font=_FONT, background="transparent").configure_view(stroke=None)
    svg = vl_convert.vegalite_to_svg(chart.to_dict())
    return _fit(svg, f"{title}. {source}" if source else title)


def _curve_marks(alt: Any, curve: Curve, index: int, months: list[float], *, band: bool) -> list[Any]:
    color, dash = _COLORS[index % 4], _DASHES[index % 4]
    data = alt.Data(values=curve.steps.to_dicts())
    censored = alt.Data(values=[row for row in curve.steps.to_dicts() if row["censored"]])
    scale = alt.Scale(domain=[0, months[-1]], nice=False, zero=True)
    axis = alt.Axis(values=months, title="Months since the first dose", grid=False, labelFontSize=12, titleFontSize=12,
                    titleFontWeight="normal", domainColor=_INK, tickColor=_INK, labelColor=_INK, labelFlush=False,
                    format="d")  # fmt: skip
    left = alt.Axis(values=[0, 25, 50, 75, 100], title="Survival, %", grid=True, gridColor="#e6e9ed", labelFontSize=12,
                    titleFontSize=12, titleFontWeight="normal", domain=False, ticks=False, labelColor=_INK)  # fmt: skip
    x = alt.X("months:Q", scale=scale, axis=axis)
    y = alt.Y("survival:Q", scale=alt.Scale(domain=[0, 102], nice=False), axis=left)
    line = alt.Chart(data).mark_line(interpolate="step-after", color=color, strokeWidth=2, strokeDash=dash)
    tick = alt.Chart(censored).mark_tick(orient="vertical", color=color, size=10, thickness=1.3)
    marks = [line.encode(x=x, y=y), tick.encode(x=x, y=y)]
    if band:
        area = alt.Chart(data).mark_area(interpolate="step-after", color=color, opacity=0.13)
        marks.insert(0, area.encode(x=x, y=alt.Y("low:Q", axis=left), y2="high:Q"))
    return marks


def _risk_marks(alt: Any, curve: Curve, index: int, height: int) -> list[Any]:
    top = height + 70 + index * 36
    rows = alt.Chart(alt.Data(values=curve.at_risk.to_dicts())).mark_text(
        fontSize=12, color=_INK, baseline="middle", y=top + 16
    )
    name = _text(alt, curve.name, top, color=_COLORS[index % 4])
    return [name, rows.encode(x="months:Q", text="at_risk:Q")]


def _month_mark(alt: Any, curve: Curve) -> Any:
    data = alt.Data(values=[{"months": curve.at}])
    return alt.Chart(data).mark_rule(color=_SOFT, strokeDash=[1, 3]).encode(x="months:Q")


def _note(alt: Any, curve: Curve, index: int, months: list[float], band: bool) -> list[Any]:
    at = float(curve.at or 0)
    level = curve.steps.filter(curve.steps["months"] <= at)["survival"].last()
    # A curve at the top is named below itself; one at the bottom, above.
    below = float(level) > 50  # type: ignore[arg-type]
    data = alt.Data(values=[{"months": months[-1], "survival": _clear_of(curve, at, below=below, band=band)}])
    place = {"align": "right", "baseline": "top" if below else "bottom", "dy": 6 if below else -6}
    text = {"fontSize": 12, "lineHeight": 15, "text": curve.text.split("\n")}
    # First in white and wider, so that no line runs through the words.
    inks = ({"stroke": "white", "strokeWidth": 4, "color": "white"}, {"color": _COLORS[index % 4]})
    return [alt.Chart(data).mark_text(**place, **text, **ink).encode(x="months:Q", y="survival:Q") for ink in inks]


def _clear_of(curve: Curve, at: float, *, below: bool, band: bool) -> float:
    """A height at which a note beside the end of the curve meets neither the curve nor its limits."""
    end = curve.steps["months"].to_list()[-1]
    late = curve.steps.filter(curve.steps["months"] >= min(at / 2, end))
    low, high = ("low", "high") if band else ("survival", "survival")
    return float(late[low].min() if below else late[high].max())  # type: ignore[arg-type]


def _text(alt: Any, text: str, y: int, weight: str = "normal", color: str = _INK) -> Any:
    data = alt.Data(values=[{"text": text}])
    return alt.Chart(data).mark_text(
        align="left", baseline="middle", x=0, y=y, fontSize=12, fontWeight=weight, color=color, text=text
    )


def _fit(svg: str, title: str) -> str:
    """Let an SVG take the width of the page, and say what it shows."""
    from markupsafe import escape

    width = re.search(r'<svg[^>]*\swidth="([\d.]+)"', svg)
    limit = f"{float(width.group(1)):.0f}px" if width else "none"
    head = re.sub(r'\s(width|height)="[^"]*"', "", svg[: svg.index(">")])
    label = f' role="img" aria-label="{escape(title)}" style="width:100%;max-width:{limit};height:auto"'
    return head + label + svg[svg.index(">") :]
