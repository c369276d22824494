"""Survival in reconstructed cohorts: a band over all of them for each group, and what was printed of it.

Groups have a panel each: bands that lie over each other are read wrongly. The panels of a figure share their axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from branchpoint.publication.reconstruction.spread import at_risk, curve_band, over_draws
from branchpoint.reporting.figures.figure import WIDE, Figure, Panel, is_compact
from branchpoint.reporting.figures.footnote import SOURCES
from branchpoint.reporting.figures.marks import SMALL, Frame, axis, layer, plot, rules, words
from branchpoint.reporting.figures.palette import INK, PAPER, SOFT, group_style
from branchpoint.reporting.figures.printed_points import Group, groups_of, point_words
from branchpoint.reporting.lettering import text_width, wrap
from branchpoint.reporting.notation import number_words, sentence, unit_words
from branchpoint.reporting.reconstruction_claims import unit_of
from branchpoint.reporting.reconstruction_text import drawn_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from branchpoint.publication.claims import Variable
    from branchpoint.publication.reconstruction.cohort import Reconstruction
    from branchpoint.reporting.figures.printed_points import Point

__all__ = ["curve_bands"]

_LEFT, _LINE, _GAP = 46.0, 14.0, 14.0
_STEPS = 160
"""Places along the axis at which curves are read."""
_MONTHS = (1, 2, 3, 6, 12, 24, 36, 60, 120)
_OTHER = (0.25, 0.5, 1, 2, 5, 7, 10, 14, 28, 50, 100, 200, 365, 500, 1000)
_MOST_TICKS = 6
_PALE, _DARK = 0.17, 0.34
_KEY = (
    ("all", "Least to most"),
    ("most", "Middle 90%"),
    ("middle", "Middle"),
    ("point", "Printed, with limits"),
    ("hollow", "Printed, not followed"),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Curves:
    """The curves of a group in all cohorts: least, 5th, 50th, 95th percentile and greatest, and ticks of the axis."""

    times: NDArray[np.float64]
    band: NDArray[np.float64]
    at_risk: NDArray[np.float64]
    ticks: tuple[float, ...]


def curve_bands(found: Reconstruction, width: float = WIDE) -> tuple[Figure, ...]:
    """Draw the survival of all cohorts, a figure for each time of which an estimate is printed.

    Parameters
    ----------
    found : Reconstruction
    width : float
        Of the figures.
    """
    return tuple(_figure(found, variable, groups, width) for variable, groups in groups_of(found).items())


def _figure(found: Reconstruction, variable_id: str, groups: Sequence[Group], width: float) -> Figure:
    variable = found.claims.variables[variable_id]
    ticks = _ticks(_last(found, variable_id, groups), variable.unit or "mo")
    each = width if is_compact(width) or len(groups) == 1 else (width - _GAP) / 2
    panels, told = [_legend(width)], []
    for group in groups:
        curves = _curves(found, variable_id, group, ticks)
        panels.append(_panel(variable, group, curves, each))
        told.append(_told(group, curves))
    title = f"{variable.label} in {found.draws:,} reconstructed cohort{'' if found.draws == 1 else 's'}"
    return Figure(
        # Both forms may stand on one page, whatever the variables are called.
        f"{'narrow_' if is_compact(width) else ''}bands_{variable_id}",
        title,
        "Where the band is narrow, the curve follows from the report; where it is wide, the report leaves it open. "
        "Under the axis: at risk just before each time, the least to the greatest number over the cohorts.",
        tuple(panels),
        f"{title}. {' '.join(told)}",
        _footnote(found, groups),
    )


def _curves(found: Reconstruction, variable: str, group: Group, ticks: tuple[float, ...]) -> _Curves:
    times = np.union1d(np.linspace(0, ticks[-1], _STEPS), [point.at for point in group.points])
    band = over_draws(100 * curve_band(found.claims, found.cohorts, variable, group.id, times))
    return _Curves(
        times, band, over_draws(at_risk(found.claims, found.cohorts, variable, group.id, np.array(ticks))), ticks
    )


def _last(found: Reconstruction, variable: str, groups: Sequence[Group]) -> float:
    """How long half of the cohorts follow somebody, or the last printed estimate."""
    followed = found.cohorts.group_by("draw").max()[variable].drop_nulls().to_numpy()
    return max(float(np.median(followed)), *(point.at for group in groups for point in group.points))


def _ticks(last: float, unit: str) -> tuple[float, ...]:
    """From zero to the first step at or beyond the last time."""
    steps = _MONTHS if unit == "mo" else _OTHER
    step = next((step for step in steps if last / step <= _MOST_TICKS), last / _MOST_TICKS)
    return tuple(float(step) * number for number in range(max(1, int(np.ceil(last / step - 1e-9))) + 1))


def _panel(variable: Variable, group: Group, curves: _Curves, width: float) -> Panel:
    height, title, ticks = 150.0, f"{variable.label}, %", curves.ticks
    # A long name stands above the figure alone.
    title = title if text_width(title, SMALL) < height else "Estimate, %"
    unit = sentence(unit_words(unit_of(variable.unit, "mo") or ""))
    channels = {
        "x": axis("time", (0, ticks[-1]), ticks, unit, format="~r", titlePadding=4),
        "y": axis("value", (0, 102), (0, 25, 50, 75, 100), title, grid=True, titlePadding=4),
    }
    size = f"{group.size:,} patient{'' if group.size == 1 else 's'}"
    told = [point_words(point, variable) for point in group.points]
    lines = [line for text in (f"{size}. {told[0]}", *told[1:]) for line in wrap(text, width - 12, SMALL)]
    frame = Frame.within(width, height, left=_LEFT, right=14, top=8, bottom=64 + _LINE * len(lines))
    layers = [*_band(curves, channels), *(one for point in group.points for one in _point(point, channels))]
    layers += _at_risk(curves, frame)
    for place, line in enumerate(lines):
        layers.append(words(line, -_LEFT + 4, height + 62 + _LINE * place, fontSize=SMALL))
    return plot(frame, layers, group.label)


def _band(curves: _Curves, channels: dict[str, Any]) -> Iterator[dict[str, Any]]:
    color, rows = group_style(0).color, _rows(curves.times, curves.band)
    step = {"interpolate": "step-after", "color": color}
    for low, high, opacity in (("least", "most", _PALE), ("low", "high", _DARK)):
        area = {"type": "area", **step, "opacity": opacity, "line": False}
        yield layer(rows, area, x=channels["x"], y={**channels["y"], "field": low}, y2={"field": high})
    yield layer(rows, {"type": "line", **step, "strokeWidth": 1.8}, **channels)


def _rows(times: NDArray[np.float64], band: NDArray[np.float64]) -> list[dict[str, float]]:
    """The band where it changes, and its end."""
    known = np.flatnonzero(~np.isnan(band[0]))
    names = ("least", "low", "value", "high", "most")
    rows: list[dict[str, float]] = []
    for place in known.tolist():
        own = dict(zip(names, band[:, place].round(2).tolist(), strict=True))
        same = bool(rows) and all(rows[-1][name] == own[name] for name in names)
        if not same or place == known[-1]:
            rows.append({"time": round(float(times[place]), 4), **own})
    return rows


def _point(point: Point, channels: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A printed estimate with its limits: hollow and dashed where it is not followed."""
    row = {"time": point.at, "value": point.percent, "low": point.low, "high": point.high}
    if point.low is not None:
        dash = [1, 0] if point.limits_followed else [3, 2]
        bar = {"type": "rule", "color": INK, "strokeWidth": 1.4, "strokeDash": dash}
        yield layer([row], bar, x=channels["x"], y={**channels["y"], "field": "low"}, y2={"field": "high"})
        cap = {"type": "tick", "orient": "horizontal", "color": INK, "size": 9, "thickness": 1.4}
        for end in ("low", "high"):
            yield layer([row], cap, x=channels["x"], y={**channels["y"], "field": end})
    mark = {"type": "point", "filled": True, "opacity": 1, "size": 46, "stroke": INK, "strokeWidth": 1.5}
    yield layer([row], {**mark, "color": INK if point.followed else PAPER}, **channels)


def _at_risk(curves: _Curves, frame: Frame) -> Iterator[dict[str, Any]]:
    y, title = frame.height + 44, "At risk"
    begin = -_LEFT + 4 + text_width(title, SMALL) + 4
    yield words(title, -_LEFT + 4, y, fontSize=SMALL, color=SOFT)
    for tick, least, most in zip(curves.ticks, curves.at_risk[0], curves.at_risk[-1], strict=True):
        text = f"{least:.0f}" if least == most else f"{least:.0f}–{most:.0f}"
        x = frame.width * tick / curves.ticks[-1]
        # At the ends there is room on one side alone.
        half = text_width(text, SMALL) / 2
        yield words(text, max(begin + half, min(x, frame.width + 10 - half)), y, fontSize=SMALL, align="center")


def _legend(width: float) -> Panel:
    """What is drawn how: in a row, or in two where there is no room."""
    color = group_style(0).color
    layers: list[dict[str, Any]] = []
    x, y = 6.0, 10.0
    for kind, text in _KEY:
        needed = 30 + text_width(text, SMALL) + 14
        if x + needed > width + 8:
            x, y = 6.0, y + 20
        layers += _sample(kind, x, y, color)
        layers.append(words(text, x + 28, y, fontSize=SMALL))
        x += needed
    return plot(Frame(width, y + 12, 0, 0, 0, 0), layers)


def _sample(kind: str, x: float, y: float, color: str) -> list[dict[str, Any]]:
    if kind in ("all", "most"):
        opacity = _PALE if kind == "all" else 1 - (1 - _PALE) * (1 - _DARK)
        box = {"type": "rect", "color": color, "opacity": opacity}
        ends = {"x": {"value": x}, "x2": {"value": x + 22}, "y": {"value": y - 6}, "y2": {"value": y + 6}}
        return [layer([{}], box, **ends)]
    if kind == "middle":
        return rules((x, y, x + 22, y), color=color, strokeWidth=1.8)
    hollow = kind == "hollow"
    mark = {"type": "point", "filled": True, "opacity": 1, "size": 46, "stroke": INK, "strokeWidth": 1.5}
    bar = rules((x + 11, y - 8, x + 11, y + 8), color=INK, strokeWidth=1.4, strokeDash=[3, 2] if hollow else [1, 0])
    point = layer([{}], {**mark, "color": PAPER if hollow else INK}, x={"value": x + 11}, y={"value": y})
    return [*bar, point]


def _told(group: Group, curves: _Curves) -> str:
    said = []
    for point in group.points:
        least, _, middle, _, most = curves.band[:, int(np.searchsorted(curves.times, point.at))]
        cohorts = (
            "nobody followed so long in most cohorts" if np.isnan(middle)
            else f"cohorts {least:.1f} to {most:.1f}%, middle {middle:.1f}%"
        )  # fmt: skip
        said.append(f"at {number_words(point.at)} printed {point.text}, {cohorts}")
    return f"{group.label}, {group.size:,} patients: {'; '.join(said)}."


def _footnote(found: Reconstruction, groups: Sequence[Group]) -> tuple[str, ...]:
    kinds = dict.fromkeys(point.kind for group in groups for point in group.points if point.kind)
    bars = f"Bars: as printed, {'; '.join(kinds)}. " if kinds else ""
    return (
        f"{SOURCES['reconstructed']} {drawn_words(found)}, seed {found.seed}.",
        "Method: Kaplan-Meier in each cohort; at each time the least, the greatest and the 5th to 95th percentile of "
        "the cohorts, to where half of them follow somebody; the others keep their last estimate.",
        f"{bars}Hollow points and dashed bars: what is printed contradicts the rest, or the claims file sets it aside.",
    )
