"""Responses as stacked bars: by prior corticosteroid, by etiology, and the etiologies of either response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branchpoint.analysis.courses import epoch_roles
from branchpoint.analysis.figure_data.response_groups import (
    etiologies_by_response,
    responses_by_etiology,
    responses_by_prior_corticosteroid,
)
from branchpoint.analysis.figure_data.shares import SHARE_METHOD
from branchpoint.reporting.figures.figure import WIDE, Figure, Panel
from branchpoint.reporting.figures.footnote import estimate_words, footnote, p_words, plain_note
from branchpoint.reporting.figures.marks import SMALL, Frame, axis, layer, plot, rules, tooltip, words
from branchpoint.reporting.figures.palette import (
    GRID,
    INK,
    PAPER,
    RESPONSE_FILLS,
    RESPONSE_WORDS,
    SOFT,
    etiology_fill,
    ink_on,
)
from branchpoint.reporting.lettering import text_width

if TYPE_CHECKING:
    from collections.abc import Callable

    from branchpoint.analysis.figure_data.response_groups import Stacks
    from branchpoint.reporting.report_material import Material

__all__ = ["etiology_by_response", "response_by_group"]

_BAR, _LANE = 26.0, 78.0
_TICKS = (0, 25, 50, 75, 100)


def response_by_group(material: Material, width: float = WIDE) -> Figure:
    """Draw best responses by prior corticosteroid, with the response rate and its exact limits."""
    data = responses_by_prior_corticosteroid(material.analyzed)
    end = epoch_roles(material.protocol).first_end
    panel = _stacked(data, width, _response_look, "ORR")
    compared = f"{p_words(data.test.p)} between the groups by prior corticosteroid ({data.test.method})"
    return Figure(
        "response_by_group",
        f"Best response to the frontline by {end}, by prior corticosteroid",
        "Share of each response category; below each bar, the overall response rate (ORR) with its 95% confidence"
        f" interval. {compared}.",
        (panel,),
        _told(data, "overall response"),
        footnote(
            material,
            f"ORR is CR, PR or HLH improvement as best response by {end}, with {SHARE_METHOD}",
            data.not_evaluable,
            f"{compared}.",
            plain_note(data.test.note),
        ),
    )


def etiology_by_response(material: Material, width: float = WIDE) -> Figure:
    """Draw responses of each etiology, and the etiologies of either response."""
    protocol = material.protocol
    first = responses_by_etiology(material.analyzed, protocol)
    second = etiologies_by_response(material.analyzed, protocol)
    answers = protocol.etiology.answers

    def etiology_look(category: str) -> tuple[str, str]:
        return etiology_fill(category, answers), RESPONSE_WORDS.get(category, category)

    left = _stacked(first, width, _response_look, "CR on frontline alone", "A  Response of each etiology")
    right = _stacked(second, width, etiology_look, "", "B  Etiology of each response")
    compared = (
        f"{p_words(first.test.p)} for CR by etiology, {protocol.etiology.otherwise} left out ({first.test.method})"
    )
    return Figure(
        "etiology_by_response",
        "Etiology and response to the frontline",
        "A: best responses of each etiology; the line below a bar is the 95% confidence interval of CR on the frontline"
        f" alone. B: etiologies of favorable and unfavorable responses. {compared}.",
        (left, right),
        f"{_told(first, 'CR on frontline alone')} {_told(second, '')}",
        footnote(
            material,
            f"counts; CR on frontline alone with {SHARE_METHOD}",
            (*first.not_evaluable, *second.not_evaluable),
            f"{compared}.",
            plain_note(first.test.note),
        ),
    )


def _response_look(category: str) -> tuple[str, str]:
    return RESPONSE_FILLS[category], RESPONSE_WORDS[category]


def _stacked(data: Stacks, width: float, look: Callable[[str], tuple[str, str]], rate: str, heading: str = "") -> Panel:
    groups = data.rates["group"].to_list()
    lane = _LANE if rate else _LANE - 24
    legend = _legend_rows(_categories(data), look, width - 28)
    top = 6 + 20.0 * (legend[-1][1] + 1)
    frame = Frame.within(width, lane * len(groups), left=14, right=18, top=top, bottom=42)
    x = axis("percent", (0, 100), _TICKS, "Patients, %")
    layers: list[Any] = [
        *rules(*((frame.width * at / 100, 0, frame.width * at / 100, frame.height) for at in _TICKS), color=GRID)
    ]
    layers += _keys(legend, look, frame, top)
    shown = [_segment(row, groups.index(row["group"]) * lane, look) for row in data.counts.iter_rows(named=True)]
    bar = {"type": "rect", "stroke": PAPER, "strokeWidth": 1.5}
    layers.append(
        layer(
            shown,
            bar,
            x={**x, "field": "start"},
            x2={"field": "stop"},
            y={
                "field": "y",
                "type": "quantitative",
                "scale": {"domain": [0, frame.height], "reverse": True, "nice": False},
                "axis": None,
            },
            y2={"field": "y2"},
            color={"field": "fill", "type": "nominal", "scale": None},
            tooltip=tooltip(
                ("group", "Group", ""), ("name", "Category", ""), ("n", "Patients", "d"), ("percent", "%", ".1f")
            ),
        )
    )
    for row in shown:
        layers += _segment_words(row, frame.width)
    for place, row in enumerate(data.rates.iter_rows(named=True)):
        layers += _rate(row, place * lane, frame.width, rate)
    return plot(frame, layers, heading)


def _categories(data: Stacks) -> list[str]:
    found = set(data.counts["category"])
    return [name for name in data.categories if name in found]


def _segment(row: dict[str, Any], top: float, look: Callable[[str], tuple[str, str]]) -> dict[str, Any]:
    fill, name = look(row["category"])
    return {
        **row,
        "stop": row["start"] + row["percent"],
        "y": top + 20,
        "y2": top + 20 + _BAR,
        "fill": fill,
        "name": name,
    }


def _segment_words(row: dict[str, Any], width: float) -> list[dict[str, Any]]:
    """The longest of some texts that fits the segment."""
    room = width * row["percent"] / 100 - 8
    short = row["category"] if row["category"] in RESPONSE_FILLS else row["name"]
    for text in (
        f"{row['name']}: {row['n']} ({row['percent']:.0f}%)",
        f"{short} {row['n']} ({row['percent']:.0f}%)",
        f"{row['n']} ({row['percent']:.0f}%)",
        f"{row['n']}",
    ):
        if text_width(text, SMALL) <= room:
            x = width * (row["start"] + row["percent"] / 2) / 100
            return [words(text, x, row["y"] + _BAR / 2 + 1, align="center", color=ink_on(row["fill"]), fontSize=SMALL)]
    return []


def _rate(row: dict[str, Any], top: float, width: float, rate: str) -> list[dict[str, Any]]:
    """The group's name above its bar, and the interval of its rate below."""
    named = [words(f"{row['group']}, n = {row['size']}", 0, top + 9, fontWeight="bold", fontSize=SMALL + 0.5)]
    if not row["size"]:
        return [*named, words("not estimable: nobody in this group", 0, top + 33, color=SOFT, fontSize=SMALL)]
    if not rate:
        return named
    text = f"{rate} {row['n']}/{row['size']}, {estimate_words(row['percent'], row['low'], row['high'])}"
    said = text_width(text, SMALL)
    low, high, middle = (width * row[name] / 100 for name in ("low", "high", "percent"))
    y = top + 20 + _BAR + 8
    bracket = rules((low, y, high, y), (low, y - 3, low, y + 3), (high, y - 3, high, y + 3), color=INK, strokeWidth=1.4)
    point = layer(
        [{}],
        {"type": "point", "filled": True, "shape": "diamond", "size": 55, "color": INK, "opacity": 1},
        x={"value": middle},
        y={"value": y},
    )
    at = min(max(0.0, middle - said / 2), width - said)
    return [*named, *bracket, point, words(text, at, y + 12, fontSize=SMALL)]


def _legend_rows(
    names: list[str], look: Callable[[str], tuple[str, str]], width: float
) -> list[tuple[str, int, float]]:
    """Give each key its row and place, breaking rows that are full."""
    placed: list[tuple[str, int, float]] = [("", 0, 0.0)] if not names else []
    row, x = 0, 0.0
    for name in names:
        reach = text_width(look(name)[1], SMALL) + 34
        if x and x + reach > width:
            row, x = row + 1, 0.0
        placed.append((name, row, x))
        x += reach
    return placed


def _keys(
    legend: list[tuple[str, int, float]], look: Callable[[str], tuple[str, str]], frame: Frame, top: float
) -> list[dict[str, Any]]:
    drawn = []
    for name, row, x in legend:
        if name:
            fill, said = look(name)
            y = -top + 12 + 20 * row
            drawn.append(
                layer(
                    [{}],
                    {"type": "rect", "color": fill},
                    x={"value": x},
                    x2={"value": x + 14},
                    y={"value": y - 6},
                    y2={"value": y + 6},
                )
            )
            drawn.append(words(said, x + 19, y, fontSize=SMALL))
    return drawn


def _told(data: Stacks, rate: str) -> str:
    said = []
    for row in data.rates.iter_rows(named=True):
        parts = data.counts.filter(group=row["group"]).select("category", "n").iter_rows()
        listed = ", ".join(f"{RESPONSE_WORDS.get(name, name)} {number}" for name, number in parts) or "nobody"
        limits = (
            f"; {rate} {row['n']}/{row['size']}, {estimate_words(row['percent'], row['low'], row['high'])}"
            if rate
            else ""
        )
        said.append(f"{row['group']}, {row['size']} patients: {listed}{limits}.")
    return " ".join(said)
