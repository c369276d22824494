"""Baseline by response: every patient a dot, median and quartiles, and the clinical features as shares."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from branchpoint.analysis.figure_data.baseline_by_response import FEATURES, NUMBERS
from branchpoint.analysis.figure_data.baseline_by_response import baseline_by_response as compared_baseline
from branchpoint.analysis.figure_data.response_groups import FAVORABLE
from branchpoint.reporting.figures.figure import WIDE, Figure, Panel, is_compact
from branchpoint.reporting.figures.footnote import estimate_words, footnote, p_words
from branchpoint.reporting.figures.marks import SMALL, Frame, axis, layer, plot, rules, tooltip, words
from branchpoint.reporting.figures.palette import GRID, INK, SOFT, group_style
from branchpoint.reporting.lettering import wrap

if TYPE_CHECKING:
    from branchpoint.analysis.figure_data.baseline_by_response import BaselineByResponse
    from branchpoint.reporting.report_material import Material

__all__ = ["baseline_by_response"]

_LANE, _LEFT = 40.0, 84.0
_GROUPS = tuple(FAVORABLE.values())


def baseline_by_response(material: Material, width: float = WIDE) -> Figure:
    """Draw baseline of favorable and unfavorable responses."""
    data = compared_baseline(material.study, material.analyzed)
    columns = 1 if is_compact(width) else 3
    each = (width - 14.0 * (columns - 1)) / columns
    tests = {row["statistic"]: row for row in data.tests.iter_rows(named=True)}
    panels = [
        _strip(data, name, f"{label}, {unit}", tests[name]["p"], each, log=log)
        for name, label, unit, log in NUMBERS
        if len(data.values.filter(statistic=name))
    ]
    if len(data.shares) or not panels:
        panels.append(_features(data, {name: row["p"] for name, row in tests.items()}, width))
    missing = [(f"{label} not measured", _missing(data, material, name)) for name, label, *_ in NUMBERS]
    return Figure(
        "baseline_by_response",
        "Baseline by response to the frontline",
        "Each dot is a patient; bar and box are median and quartiles. Below, clinical features as shares with exact 95%"
        " limits: circles and solid lines favorable, squares and dashed lines unfavorable.",
        tuple(panels),
        _told(data, tests),
        footnote(
            material,
            f"numbers: {_methods(data, 'baseline')}; features: {_methods(data, 'feature')};"
            " two-sided, not corrected for the number of comparisons",
            (*data.not_evaluable, *missing),
            "Favorable (circles): CR on the frontline alone; unfavorable: squares. ULN: upper limit of"
            " normal of the laboratory.",
        ),
    )


def _missing(data: BaselineByResponse, material: Material, name: str) -> int:
    found = len(data.values.filter(statistic=name))
    decided = len(material.analyzed) - sum(number for _, number in data.not_evaluable)
    return decided - found if found else 0


def _methods(data: BaselineByResponse, kind: str) -> str:
    rows = [
        row for row in data.tests.iter_rows(named=True) if row["statistic"].startswith(kind) and row["p"] is not None
    ]
    return " or ".join(sorted({row["method"] for row in rows})) or "no test"


def _strip(data: BaselineByResponse, name: str, title: str, p: float | None, width: float, *, log: bool) -> Panel:
    frame = Frame.within(width, 2 * _LANE, left=_LEFT, right=14, top=4, bottom=24)
    values = data.values.filter(statistic=name)
    domain, ticks = _scale(values["value"].to_list(), log=log)
    x = axis("value", domain, ticks, None, format=".3~r", scale={"type": "log"} if log else None)
    layers: list[dict[str, Any]] = [layer([], {"type": "point"}, x=x)]
    for place, group in enumerate(_GROUPS):
        middle, style = _LANE * (place + 0.5), group_style(place)
        layers.append(
            words([group.split()[0], f"n = {len(values.filter(group=group))}"], -_LEFT + 4, middle - 6, fontSize=SMALL)
        )
        layers += _box(data, name, group, x=x, middle=middle, color=style.color)
        rows = values.filter(group=group).sort("value").to_dicts()
        for number, row in enumerate(rows):
            # Spread over the lane in turn: equal values do not hide each other, and every run looks the same.
            row["y"] = middle + 5.2 * ((number * 3) % 5 - 2)
        told = tooltip(("subject", "Patient", ""), ("value", title, ".3g"))
        dot = {"type": "point", "filled": True, "shape": style.marker, "size": 22, "color": style.color, "opacity": 0.7}
        y = {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [frame.height, 0], "nice": False}}
        layers.append(layer(rows, dot, x=x, y=y, tooltip=told))
    return plot(frame, layers, f"{title}  ({p_words(p)})")


def _box(
    data: BaselineByResponse, name: str, group: str, *, x: dict[str, Any], middle: float, color: str
) -> list[dict[str, Any]]:
    rows = data.summaries.filter(statistic=name, group=group).to_dicts()
    edges = {"y": {"value": middle - 15}, "y2": {"value": middle + 15}}
    box = layer(
        rows, {"type": "rect", "color": color, "opacity": 0.16}, x={**x, "field": "q1"}, x2={"field": "q3"}, **edges
    )
    told = tooltip(
        ("group", "Group", ""),
        ("median", "Median", ".3g"),
        ("q1", "Lower quartile", ".3g"),
        ("q3", "Upper quartile", ".3g"),
    )
    bar = layer(
        rows, {"type": "rule", "color": INK, "strokeWidth": 2.4}, x={**x, "field": "median"}, **edges, tooltip=told
    )
    return [box, bar]


def _scale(values: list[float], *, log: bool) -> tuple[tuple[float, float], tuple[float, ...]]:
    positive = [value for value in values if value > 0] or [1.0]
    if log:
        low, high = log10(min(positive)) - 0.08, log10(max(positive)) + 0.08
        ticks = [part * 10.0**power for power in range(floor(low), ceil(high) + 1) for part in (1, 3)]
        inside = [tick for tick in ticks if 10**low <= tick <= 10**high]
        # Decades alone where there are many.
        return (10**low, 10**high), tuple(
            inside if len(inside) < 5 else [t for t in inside if round(log10(t)) == log10(t)]
        )
    top = max(positive) * 1.06
    step = 10 ** floor(log10(top))
    step = next(step * part for part in (0.2, 0.25, 0.5, 1, 2) if top / (step * part) <= 5)
    return (0.0, top), tuple(step * number for number in range(int(top / step) + 1))


def _features(data: BaselineByResponse, tests: dict[str, float | None], width: float) -> Panel:
    compact = is_compact(width)
    names = [(name, label) for name, label in FEATURES if len(data.shares.filter(statistic=name))]
    pitch, left, right = 40.0, (112.0 if compact else 160.0), (62.0 if compact else 330.0)
    frame = Frame.within(width, pitch * max(1, len(names)), left=left, right=right, top=6, bottom=42)
    ticks = (0, 25, 50, 75, 100)
    x = axis("percent", (0, 100), ticks, "Patients, %")
    layers = [
        *rules(*((frame.width * at / 100, 0, frame.width * at / 100, frame.height) for at in ticks), color=GRID),
        layer([], {"type": "point"}, x=x),
    ]
    if not names:
        layers.append(words("not estimable: nothing was asked", 4, 20, fontSize=SMALL, color=SOFT))
    for place, (name, label) in enumerate(names):
        middle = pitch * (place + 0.5)
        layers.append(words(wrap(label, left - 8, SMALL), -left + 4, middle, fontSize=SMALL))
        layers.append(
            words(p_words(tests[name]), frame.width + (8 if compact else 270), middle, fontSize=SMALL - 1 * compact)
        )
        for side, group in enumerate(_GROUPS):
            row = data.shares.row(by_predicate=_is(name, group), named=True)
            layers += _share(row, middle + (-8 if side == 0 else 8), frame, side, text=not compact)
    return plot(frame, layers, "Clinical features")


def _is(name: str, group: str) -> Any:
    import polars as pl

    return (pl.col("statistic") == name) & (pl.col("group") == group)


def _share(row: dict[str, Any], y: float, frame: Frame, side: int, *, text: bool) -> list[dict[str, Any]]:
    style = group_style(side)
    estimate = estimate_words(row["percent"], row["low"], row["high"])
    said = f"{row['group'].split()[0]} {row['n']}/{row['size']}, {estimate}"
    written = [words(said, frame.width + 12, y, fontSize=SMALL, color=style.color)] if text else []
    if row["percent"] is None:
        return written
    low, high, middle = (frame.width * row[name] / 100 for name in ("low", "high", "percent"))
    mark = {"type": "point", "filled": True, "opacity": 1, "shape": style.marker, "size": 48, "color": style.color}
    told = tooltip(("group", "Group", ""), ("n", "With feature", "d"), ("size", "Asked", "d"), ("percent", "%", ".1f"))
    line = rules((low, y, high, y), color=style.color, strokeWidth=1.4, strokeDash=list(style.dash))
    return [*line, layer([row], mark, x={"value": middle}, y={"value": y}, tooltip=told), *written]


def _told(data: BaselineByResponse, tests: dict[str, dict[str, Any]]) -> str:
    said = []
    for name, label, unit, _ in NUMBERS:
        rows = data.summaries.filter(statistic=name).iter_rows(named=True)
        parts = [f"{row['group']} {row['median']:.3g} ({row['q1']:.3g} to {row['q3']:.3g})" for row in rows]
        if parts:
            said.append(f"{label}, {unit}, median and quartiles: {'; '.join(parts)}; {p_words(tests[name]['p'])}.")
    return " ".join(said) or "Nothing was measured."
