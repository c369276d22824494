"""Kinetics of laboratory findings as small multiples: medians with quartiles by day, CR against the others."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from branchpoint.analysis.figure_data.kinetics import CR_GROUP, DAYS, OTHERS, kinetics
from branchpoint.reporting.figures.figure import WIDE, Figure, Panel, is_compact
from branchpoint.reporting.figures.footnote import footnote
from branchpoint.reporting.figures.marks import SMALL, Frame, axis, layer, plot, tooltip, words
from branchpoint.reporting.figures.palette import INK, PAPER, SOFT, group_style

if TYPE_CHECKING:
    import polars as pl

    from branchpoint.analysis.figure_data.kinetics import Kinetics, Series
    from branchpoint.reporting.report_material import Material

__all__ = ["kinetics_figure"]

_TICKS = (0, 1, 3, 7, 14, 21, 28)
_LEFT = 46.0
_APART = 2.5


def kinetics_figure(material: Material, width: float = WIDE) -> Figure:
    """Draw the kinetics of the tests that judge the disease."""
    data = kinetics(material.study, material.analyzed)
    columns = 1 if is_compact(width) else 3
    each = (width - 14.0 * (columns - 1)) / columns
    panels = tuple(_panel(one, data.points.filter(test=one.test), each) for one in data.series)
    if not panels:
        panels = (_nothing(each),)
    first = CR_GROUP[0].lower() + CR_GROUP[1:] if not CR_GROUP.startswith("CR") else CR_GROUP
    return Figure(
        "kinetics",
        "Kinetics of disease markers on frontline treatment",
        f"Medians with quartiles by day: {first} (solid, circles) against the others (dashed, squares). Gray line:"
        " reference limit. Days stand on a square-root scale, so that the first week has room.",
        (*panels, _numbers(data, each)),
        _told(data),
        footnote(
            material,
            "median and quartiles of values found on frontline treatment alone;"
            " hollow: fewer than 3 values, no quartiles; log scale for fold of the upper limit of normal (ULN);"
            " other limits are the criteria of HLH-2004",
            (("no value of any of these tests", data.without_values),),
            "Others leave when additional treatment starts, so that few are counted late: see the numbers.",
        ),
    )


def _panel(series: Series, points: pl.DataFrame, width: float) -> Panel:
    frame = Frame.within(width, 128, left=_LEFT, right=12, top=6, bottom=38)
    domain, ticks = _scale(series, points)
    x = axis("day", (-0.02, 30), _TICKS, "Day", scale={"type": "pow", "exponent": 0.5})
    y = axis("median", domain, ticks, None, grid=True, format=".3~r", scale={"type": "log"} if series.log else None)
    layers: list[dict[str, Any]] = []
    if series.limit is not None:
        rule = {"type": "rule", "color": SOFT, "strokeWidth": 1.2}
        layers.append(layer([{"median": series.limit}], rule, y=y))
    for place, group in enumerate((OTHERS, CR_GROUP)):
        style, shift = group_style(1 - place), _APART * (1 - 2 * place)
        rows = points.filter(group=group).to_dicts()
        look = {"color": style.color, "xOffset": shift}
        spread = [row for row in rows if row["q1"] is not None]
        layers.append(
            layer(spread, {"type": "rule", **look, "opacity": 0.75}, x=x, y={**y, "field": "q1"}, y2={"field": "q3"})
        )
        layers.append(
            layer(rows, {"type": "line", **look, "strokeWidth": 1.8, "strokeDash": list(style.dash)}, x=x, y=y)
        )
        told = tooltip(
            ("group", "Group", ""),
            ("day", "Day", "d"),
            ("n", "Patients", "d"),
            ("median", "Median", ".3g"),
            ("q1", "Lower quartile", ".3g"),
            ("q3", "Upper quartile", ".3g"),
        )
        mark = {
            "type": "point",
            "filled": True,
            "opacity": 1,
            "shape": style.marker,
            "size": 30,
            "stroke": style.color,
            **look,
        }
        few = {**mark, "filled": False, "fill": PAPER, "strokeWidth": 1.3}
        layers.append(layer([row for row in rows if row["q1"] is not None], mark, x=x, y=y, tooltip=told))
        layers.append(layer([row for row in rows if row["q1"] is None], few, x=x, y=y, tooltip=told))
    return plot(frame, layers, f"{series.label}, {series.unit}")


def _scale(series: Series, points: pl.DataFrame) -> tuple[tuple[float, float], tuple[float, ...]]:
    """Ends and ticks that hold every quartile and the limit."""
    found = [value for name in ("median", "q1", "q3") for value in points[name].drop_nulls().to_list()]
    found += [series.limit] if series.limit is not None else []
    if series.log:
        positive = [value for value in found if value > 0] or [1.0]
        low, high = floor(log10(min(positive)) * 2) / 2, ceil(log10(max(positive)) * 2) / 2
        low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
        return (10**low, 10**high), tuple(10.0**power for power in range(ceil(low), floor(high) + 1))
    top = max(found, default=1.0) * 1.05 or 1.0
    step = 10 ** floor(log10(top))
    step = next(step * part for part in (0.2, 0.25, 0.5, 1, 2) if top / (step * part) <= 5)
    return (0.0, top), tuple(step * number for number in range(int(top / step) + 1))


def _numbers(data: Kinetics, width: float) -> Panel:
    """The key, and how many values stand behind each day: the fewest and the most of any test."""
    frame = Frame.within(width, 128, left=_LEFT, right=12, top=6, bottom=38)
    layers: list[dict[str, Any]] = []
    for place, group in enumerate((CR_GROUP, OTHERS)):
        style, y = group_style(place), 8.0 + 70 * place
        look = {"color": style.color}
        sample = {"type": "rule", **look, "strokeWidth": 1.8, "strokeDash": list(style.dash)}
        layers.append(layer([{}], sample, x={"value": -_LEFT + 4}, x2={"value": -_LEFT + 34}, y={"value": y}))
        mark = {"type": "point", "filled": True, "opacity": 1, "shape": style.marker, "size": 40, **look}
        layers.append(layer([{}], mark, x={"value": -_LEFT + 19}, y={"value": y}))
        layers.append(words(f"{group}, n = {data.sizes[group]}", -_LEFT + 42, y, fontSize=SMALL))
        layers += _row(data, group, y, frame)
    return plot(frame, layers, "Numbers of values by day")


def _row(data: Kinetics, group: str, y: float, frame: Frame) -> list[dict[str, Any]]:
    small = SMALL - 0.5
    titles = (("Day", SOFT), ("n, most", INK), ("fewest", INK))
    drawn = [
        words(text, -_LEFT + 4, y + 16 + 15 * row, fontSize=small, color=ink) for row, (text, ink) in enumerate(titles)
    ]
    pitch = (frame.width + _LEFT - 50) / len(DAYS)
    for place, day in enumerate(DAYS):
        found = data.points.filter(group=group, day=day)["n"].to_list()
        x = -_LEFT + 50 + pitch * (place + 0.5)
        for row, number in enumerate((day, max(found, default=0), min(found, default=0))):
            drawn.append(words(f"{number}", x, y + 16 + 15 * row, align="center", fontSize=small, color=titles[row][1]))
    return drawn


def _nothing(width: float) -> Panel:
    frame = Frame.within(width, 128, left=_LEFT, right=12, top=6, bottom=38)
    return plot(frame, [words("not estimable: no value was found", -_LEFT + 8, 64, fontSize=SMALL, color=SOFT)])


def _told(data: Kinetics) -> str:
    said = []
    for one in data.series:
        ends = []
        for group in (CR_GROUP, OTHERS):
            rows = data.points.filter(test=one.test, group=group).sort("day").to_dicts()
            if rows:
                first, last = rows[0], rows[-1]
                ends.append(
                    f"{group} {first['median']:.3g} on day {first['day']} to {last['median']:.3g} on day {last['day']}"
                )
        said.append(f"{one.label}, {one.unit}, median: {'; '.join(ends)}.")
    return " ".join(said) or "No value was found."
