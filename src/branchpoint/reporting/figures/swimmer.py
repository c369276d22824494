"""The swimmer plot: a lane for every patient, epochs as bars, and what happened as marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branchpoint.analysis.courses import epoch_roles
from branchpoint.analysis.figure_data.swimlanes import MARKS, swimlanes
from branchpoint.reporting.figures.figure import WIDE, Figure, Panel, is_compact
from branchpoint.reporting.figures.footnote import footnote
from branchpoint.reporting.figures.marks import SMALL, Frame, axis, layer, plot, rules, tooltip, words
from branchpoint.reporting.figures.palette import GRID, INK, PAPER, RESPONSE_FILLS, SOFT
from branchpoint.reporting.lettering import text_width

if TYPE_CHECKING:
    from branchpoint.analysis.figure_data.swimlanes import Swimlanes
    from branchpoint.reporting.report_material import Material

__all__ = ["swimmer"]

_PITCH = 14.0
_DAYS = (0, 7, 28, 56, 91, 182, 273, 364, 546, 728, 1092, 1456, 1820)
_LAST = 3650

# Bars differ in lightness from one epoch to the next; marks in shape, and whether they are filled.
_BARS = ("#98c8e6", "#c47a3c", "#7a5677", "#e7eaee")
_LOOKS: dict[str, dict[str, Any]] = {
    "first response": {"shape": "circle", "filled": False, "color": INK, "size": 26},
    "CR": {"shape": "circle", "filled": True, "color": RESPONSE_FILLS["CR"], "size": 38},
    "progression": {"shape": "triangle-down", "filled": True, "color": RESPONSE_FILLS["PD"], "size": 46},
    "transplantation": {"shape": "diamond", "filled": True, "color": INK, "size": 60},
    "relapse": {"shape": "triangle-down", "filled": False, "color": INK, "size": 52},
    "death": {"shape": "cross", "filled": True, "color": INK, "size": 62, "angle": 45},
    "ongoing": {"shape": "triangle-right", "filled": True, "color": SOFT, "size": 34},
}


def swimmer(material: Material, width: float = WIDE) -> Figure:
    """Draw the course of every patient of the analysis set."""
    data = swimlanes(material.decisions, material.analyzed, material.protocol)
    roles = epoch_roles(material.protocol)
    epochs = {epoch.name: epoch.label.text for epoch in material.protocol.epochs}
    fills = {name: _BARS[-1] if name in roles.remission else _BARS[place % 3] for place, name in enumerate(epochs)}
    return Figure(
        "swimmer",
        "Course of every patient",
        "One lane a patient, ordered by how the frontline ended and by follow-up. Days stand on a square-root scale, so"
        " that the frontline has room.",
        (_panel(data, epochs, fills, width),),
        _told(data),
        footnote(
            material,
            "epochs as the protocol's pathway gives them; responses as judged by its first rule set",
            (("no course to draw", data.without_course),),
            "CR: the first complete response. Progression: that with which the frontline was left. Ongoing: alive at"
            " last contact.",
        ),
    )


def _panel(data: Swimlanes, epochs: dict[str, str], fills: dict[str, str], width: float) -> Panel:
    keys = _keys(epochs, fills, width - 8)
    top = 14 + 18.0 * (1 + max((key["row"] for key in keys), default=0))
    left = 66.0 if is_compact(width) else 150.0
    frame = Frame.within(width, max(1, len(data.lanes)) * _PITCH, left=left, right=22, top=top, bottom=40)
    last = max(28, *data.lanes["last_day"].to_list(), 0)
    ticks = [day for day in _DAYS if day <= last * 1.02]
    if is_compact(width):
        ticks = [day for day in ticks if day not in (7, 56, 273)]
    x = axis(
        "day",
        (0, last * 1.04),
        ticks,
        "Days since the first dose (square-root scale)",
        scale={"type": "pow", "exponent": 0.5},
    )
    y = {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [frame.height, 0], "nice": False}}
    layers: list[dict[str, Any]] = [layer([{"day": day} for day in ticks], {"type": "rule", "color": GRID}, x=x)]
    bars = [
        {
            **row,
            "day": row["start"],
            "fill": fills.get(row["epoch"], _BARS[-1]),
            "name": epochs.get(row["epoch"], row["epoch"]),
            "y": row["lane"] * _PITCH + 2.5,
            "y2": (row["lane"] + 1) * _PITCH - 2.5,
        }
        for row in data.spans.to_dicts()
    ]
    told = tooltip(
        ("subject", "Patient", ""), ("name", "Epoch", ""), ("start", "From day", "d"), ("end", "To day", "d")
    )
    layers.append(
        layer(
            bars,
            {"type": "rect", "stroke": PAPER, "strokeWidth": 0.6},
            x=x,
            x2={"field": "end"},
            y=y,
            y2={"field": "y2"},
            color={"field": "fill", "type": "nominal", "scale": None},
            tooltip=told,
        )
    )
    for kind in MARKS:
        rows = [{**row, "y": (row["lane"] + 0.5) * _PITCH} for row in data.marks.filter(kind=kind).to_dicts()]
        told = tooltip(("subject", "Patient", ""), ("kind", "What", ""), ("day", "Day", "d"))
        shift = 5 if kind == "ongoing" else 0
        layers.append(layer(rows, _mark(kind, xOffset=shift), x=x, y=y, tooltip=told))
    layers += _names(data, frame, left, short=is_compact(width))
    return plot(frame, [*layers, *_legend(keys, fills, epochs, left, top)])


def _mark(kind: str, **more: Any) -> dict[str, Any]:
    edge = {"stroke": PAPER, "strokeWidth": 0.8} if _LOOKS[kind]["filled"] else {"strokeWidth": 1.3}
    return {"type": "point", "opacity": 1, **edge, **_LOOKS[kind], **more}


def _names(data: Swimlanes, frame: Frame, left: float, *, short: bool) -> list[dict[str, Any]]:
    drawn, previous = [], None
    for row in data.lanes.iter_rows(named=True):
        name = row["subject"] if short else f"{row['subject']}  {row['etiology'] or 'not evaluable'}"
        drawn.append(words(name, -left + 34, (row["lane"] + 0.5) * _PITCH, fontSize=SMALL - 1))
        if row["outcome"] != previous:
            at = row["lane"] * _PITCH
            drawn += rules((-left + 4, at, frame.width, at), color=SOFT, strokeWidth=0.8)
            drawn.append(
                words(_short(row["outcome"]), -left + 4, at + _PITCH / 2, fontSize=SMALL - 1, fontWeight="bold")
            )
        previous = row["outcome"]
    return drawn


def _short(outcome: str | None) -> str:
    return {"improvement": "Imp.", None: "open", "relapse": "Rel."}.get(outcome, outcome or "open")


def _keys(epochs: dict[str, str], fills: dict[str, str], width: float) -> list[dict[str, Any]]:
    placed: list[dict[str, Any]] = []
    x, row = 0.0, 0
    bars = [("epoch", name, label) for name, label in epochs.items()]
    for kind, name, text in [*bars, *(("mark", one, one) for one in MARKS)]:
        reach = text_width(text, SMALL) + 32
        if (x and x + reach > width) or (kind == "mark" and placed and placed[-1]["kind"] == "epoch"):
            x, row = 0.0, row + 1
        placed.append({"kind": kind, "name": name, "text": text, "x": x, "row": row})
        x += reach
    return placed


def _legend(
    keys: list[dict[str, Any]], fills: dict[str, str], epochs: dict[str, str], left: float, top: float
) -> list[dict[str, Any]]:
    drawn = []
    for key in keys:
        x, y = key["x"] - left + 4, key["row"] * 18.0 - top + 10
        if key["kind"] == "epoch":
            drawn.append(
                layer(
                    [{}],
                    {"type": "rect", "color": fills[key["name"]]},
                    x={"value": x},
                    x2={"value": x + 16},
                    y={"value": y - 5},
                    y2={"value": y + 5},
                )
            )
        else:
            drawn.append(layer([{}], _mark(key["name"]), x={"value": x + 8}, y={"value": y}))
        drawn.append(words(key["text"], x + 21, y, fontSize=SMALL))
    return drawn


def _told(data: Swimlanes) -> str:
    counted = {kind: len(data.marks.filter(kind=kind)) for kind in MARKS}
    return f"{len(data.lanes)} patients; {', '.join(f'{kind} {number}' for kind, number in counted.items())}."
