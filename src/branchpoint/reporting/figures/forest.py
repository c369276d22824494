"""The forest of response rates by subgroup: one row a level, with counts, exact limits, and a named test a variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branchpoint.analysis.courses import epoch_roles
from branchpoint.analysis.figure_data.shares import SHARE_METHOD
from branchpoint.analysis.figure_data.subgroups import OVERALL, response_subgroups
from branchpoint.reporting.figures.figure import WIDE, Figure, Panel, is_compact
from branchpoint.reporting.figures.footnote import estimate_words, footnote, p_words
from branchpoint.reporting.figures.marks import SMALL, Frame, axis, layer, plot, rules, tooltip, words
from branchpoint.reporting.figures.palette import GRID, INK, PAPER, SOFT, group_style

if TYPE_CHECKING:
    from branchpoint.analysis.figure_data.subgroups import Subgroups
    from branchpoint.reporting.report_material import Material

__all__ = ["orr_forest"]

_TICKS = (0, 25, 50, 75, 100)
# Columns of the wide form, from the left edge of the panel: names, counts; then the plot; then estimates, tests.
_COUNTS, _LEFT, _ESTIMATES, _TESTS = 200.0, 260.0, 14.0, 150.0


def orr_forest(material: Material, width: float = WIDE) -> Figure:
    """Draw the overall response rate by subgroup at baseline."""
    data = response_subgroups(material.study, material.analyzed, material.protocol)
    end = epoch_roles(material.protocol).first_end
    rows = _rows(data)
    panel = _compact(rows, width) if is_compact(width) else _wide(rows, width)
    missing = [(f"{row['variable'].lower()} not known", row["missing"]) for row in data.tests.iter_rows(named=True)]
    methods = " and ".join(sorted(set(data.tests["method"]))) or "no test"
    return Figure(
        "orr_forest",
        f"Overall response by {end} in subgroups at baseline",
        "Share of patients with CR, PR or HLH improvement as best response, with exact 95% confidence limits; the"
        " dotted line is that of all patients.",
        (panel,),
        _told(rows),
        footnote(
            material,
            f"best response by {end}, {SHARE_METHOD}; P: {methods}, two-sided, not corrected for"
            f" {len(data.tests)} comparisons; numbers are split at the median",
            (("no evaluable response, counted as not responding", data.not_evaluable), *missing),
            "ULN: upper limit of normal of the laboratory.",
        ),
    )


def _rows(data: Subgroups) -> list[dict[str, Any]]:
    """Give the lines from top to bottom: everybody, then each variable and its levels."""
    tests = {row["variable"]: row for row in data.tests.iter_rows(named=True)}
    lines: list[dict[str, Any]] = []
    variable = None
    for row in data.rows.iter_rows(named=True):
        if row["variable"] != variable and row["variable"] != OVERALL:
            lines.append({"kind": "variable", "label": row["variable"], "p": tests[row["variable"]]["p"]})
        variable = row["variable"]
        kind = "overall" if variable == OVERALL else "level"
        lines.append(
            {
                "kind": kind,
                "label": row["level"],
                **{name: row[name] for name in ("n", "size", "percent", "low", "high")},
            }
        )
    return lines


def _wide(rows: list[dict[str, Any]], width: float) -> Panel:
    pitch = 19.0
    frame = Frame.within(width, pitch * len(rows) + 6, left=_LEFT, right=236, top=26, bottom=42)
    right = frame.width + _ESTIMATES
    heads = (
        (0 - _LEFT + 4, "Subgroup"),
        (_COUNTS - _LEFT + 18, "n/N"),
        (right + 4, "% (95% CI)"),
        (right + _TESTS, "P"),
    )
    layers = [*_grid(rows, frame), *(words(text, x, -12, fontWeight="bold", fontSize=SMALL) for x, text in heads)]
    layers += rules((-_LEFT + 4, -2, frame.width + 232, -2), color=INK)
    for place, row in enumerate(rows):
        y = pitch * (place + 0.5) + 3
        if row["kind"] == "variable":
            layers.append(words(row["label"], -_LEFT + 4, y, fontSize=SMALL, fontWeight="bold"))
            layers.append(
                words(p_words(row["p"]).removeprefix("P = ").removeprefix("P "), right + _TESTS, y, fontSize=SMALL)
            )
            continue
        layers += _interval(row, y, frame)
        bold = "bold" if row["kind"] == "overall" else "normal"
        indent = 4 if row["kind"] == "overall" else 16
        layers.append(words(row["label"], -_LEFT + indent, y, fontSize=SMALL, fontWeight=bold))
        layers.append(words(f"{row['n']}/{row['size']}", _COUNTS - _LEFT + 42, y, fontSize=SMALL, align="right"))
        text = estimate_words(row["percent"], row["low"], row["high"])
        layers.append(words(text, right + 4, y, fontSize=SMALL, fontWeight=bold))
    return plot(frame, layers)


def _compact(rows: list[dict[str, Any]], width: float) -> Panel:
    """Names and estimates above each interval, so that the plot has the whole width of a telephone."""
    heights = [24.0 if row["kind"] == "variable" else 32.0 for row in rows]
    frame = Frame.within(width, sum(heights) + 4, left=14, right=18, top=6, bottom=42)
    layers, y = _grid(rows, frame), 0.0
    for row, height in zip(rows, heights, strict=True):
        if row["kind"] == "variable":
            layers.append(words(f"{row['label']}, {p_words(row['p'])}", -8, y + 15, fontSize=SMALL, fontWeight="bold"))
        else:
            text = (
                f"{row['label']}: {row['n']}/{row['size']}, {estimate_words(row['percent'], row['low'], row['high'])}"
            )
            bold = "bold" if row["kind"] == "overall" else "normal"
            halo = {"color": PAPER, "stroke": PAPER, "strokeWidth": 4}
            said = [words(text, 0, y + 9, fontSize=SMALL, fontWeight=bold, **look) for look in (halo, {})]
            layers += [*said, *_interval(row, y + 23, frame)]
        y += height
    return plot(frame, layers)


def _grid(rows: list[dict[str, Any]], frame: Frame) -> list[dict[str, Any]]:
    x = axis("percent", (0, 100), _TICKS, "Overall response rate, %")
    lines = rules(*((frame.width * at / 100, 0, frame.width * at / 100, frame.height) for at in _TICKS), color=GRID)
    empty = layer([], {"type": "point"}, x=x)
    overall = rows[0]["percent"] if rows else None
    if overall is not None:
        at = frame.width * overall / 100
        lines += rules((at, 0, at, frame.height), color=SOFT, strokeDash=[1, 3])
    return [*lines, empty]


def _interval(row: dict[str, Any], y: float, frame: Frame) -> list[dict[str, Any]]:
    if row["percent"] is None:
        return [words("not estimable", 4, y, fontSize=SMALL, color=SOFT)]
    overall = row["kind"] == "overall"
    color = INK if overall else group_style(0).color
    low, high, middle = (frame.width * row[name] / 100 for name in ("low", "high", "percent"))
    # Area by the number of patients, so that small groups do not shout.
    size = 60 if overall else 16 + 3 * row["size"]
    mark = {"type": "point", "filled": True, "opacity": 1, "shape": "diamond" if overall else "square", "size": size}
    told = tooltip(
        ("label", "Subgroup", ""),
        ("n", "Responders", "d"),
        ("size", "Patients", "d"),
        ("percent", "%", ".1f"),
        ("low", "Lower limit", ".1f"),
        ("high", "Upper limit", ".1f"),
    )
    return [
        *rules((low, y, high, y), (low, y - 3, low, y + 3), (high, y - 3, high, y + 3), color=color, strokeWidth=1.4),
        layer([row], {**mark, "color": color}, x={"value": middle}, y={"value": y}, tooltip=told),
    ]


def _told(rows: list[dict[str, Any]]) -> str:
    said = [
        f"{row['label']}, {p_words(row['p'])}:"
        if row["kind"] == "variable"
        else f"{row['label']} {row['n']}/{row['size']}, {estimate_words(row['percent'], row['low'], row['high'])};"
        for row in rows
    ]
    return " ".join(said)
