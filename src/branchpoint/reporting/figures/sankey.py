"""The flow of responses over visits, as an alluvial diagram: columns of states, joined by ribbons of patients."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from branchpoint.analysis.figure_data.response_flow import ADDED, ALONE, DIED, GONE, response_flow
from branchpoint.reporting.figures.figure import WIDE, Figure, Panel, is_compact
from branchpoint.reporting.figures.footnote import footnote
from branchpoint.reporting.figures.palette import INK, RESPONSE_FILLS, RESPONSE_WORDS, SOFT, ink_on
from branchpoint.reporting.lettering import text_width

if TYPE_CHECKING:
    from collections.abc import Iterable

    from branchpoint.analysis.figure_data.response_flow import ResponseFlow
    from branchpoint.reporting.report_material import Material

__all__ = ["sankey"]

_TOP, _APART, _BANDS, _LEGEND = 30.0, 5.0, 30.0, 46.0
_DIED_FILL, _GONE_FILL = "#1a1c20", "#ffffff"
Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class _Node:
    """A state at a visit, with its place in the picture."""

    x: float
    y: float
    width: float
    height: float
    n: int
    stage: str
    response: str

    @property
    def fill(self) -> str:
        if self.stage in (DIED, GONE):
            return _DIED_FILL if self.stage == DIED else _GONE_FILL
        return RESPONSE_FILLS[self.response]

    @property
    def name(self) -> str:
        return self.stage if self.stage in (DIED, GONE) else RESPONSE_WORDS[self.response]


def sankey(material: Material, width: float = WIDE) -> Figure:
    """Draw the flow of responses from the first visit to the end of additional treatment."""
    data = response_flow(material.decisions, material.analyzed, material.protocol)
    carried = "; ".join(f"{visit} {number}" for visit, number in data.carried.items())
    end = data.visits[-1] if data.visits else "the end"
    return Figure(
        "sankey",
        "Flow of responses over visits",
        "Each column is a visit and each ribbon the patients who go from one state to another. Above, patients on the"
        " frontline alone; below and hatched, patients with additional treatment.",
        (Panel(_svg(data, width), width, _height(width)),),
        _told(data),
        footnote(
            material,
            f"latest response by each visit, its window included; {end} counts from the start of additional"
            " treatment in who had it",
            (("no evaluable response by the first visit", _open(data)),),
            f"Carried forward from an earlier visit: {carried}.",
        ),
    )


def _open(data: ResponseFlow) -> int:
    return int(data.nodes.filter(visit=0, response="NE")["n"].sum())


def _height(width: float) -> float:
    return 470.0 if is_compact(width) else 500.0


def _svg(data: ResponseFlow, width: float) -> str:
    height = _height(width)
    nodes = _placed(data, width, height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"',
        f' viewBox="0 0 {width:g} {height:g}">',
        '<defs><pattern id="added" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="2" height="5" fill="#fff" fill-opacity="0.55"/></pattern></defs>',
        *_ribbons(data, nodes),
        *(_node(node) for node in nodes.values()),
        *_heads(data, width),
        *_bands(nodes),
        *_legend(data, width, height),
        "</svg>",
    ]
    return "\n".join(parts)


def _column(place: int, columns: int, width: float) -> tuple[float, float]:
    """The left edge and the width of the boxes of a column."""
    box = 34.0 if is_compact(width) else 62.0
    left = 16.0 if is_compact(width) else 22.0
    return left + (width - left - box - 4) * place / max(1, columns - 1), box


def _placed(data: ResponseFlow, width: float, height: float) -> dict[Key, _Node]:
    """Stand the states of each visit under each other: the frontline from the top, all else from the bottom."""
    nodes: dict[Key, _Node] = {}
    room = height - _TOP - _LEGEND - _BANDS - 8 * _APART
    scale = room / max(1, data.size)
    for place in range(len(data.visits)):
        x, box = _column(place, len(data.visits), width)
        rows = data.nodes.filter(visit=place).to_dicts()
        y = _TOP
        for row in (row for row in rows if row["stage"] == ALONE):
            nodes[place, row["stage"], row["response"]] = _Node(
                x, y, box, row["n"] * scale, row["n"], row["stage"], row["response"]
            )
            y += row["n"] * scale + _APART
        y = height - _LEGEND
        for row in reversed([row for row in rows if row["stage"] != ALONE]):
            y -= row["n"] * scale
            nodes[place, row["stage"], row["response"]] = _Node(
                x, y, box, row["n"] * scale, row["n"], row["stage"], row["response"]
            )
            y -= _APART
    return nodes


def _ribbons(data: ResponseFlow, nodes: dict[Key, _Node]) -> list[str]:
    """Draw the moves: each leaves its state in the order of where it goes, and arrives in the order of where it was."""

    def ends(row: dict[str, Any]) -> tuple[Key, Key]:
        start = (row["visit"], row["stage"], row["response"])
        return start, (row["visit"] + 1, row["to_stage"], row["to_response"])

    def heights(row: dict[str, Any]) -> tuple[float, float]:
        start, end = ends(row)
        return nodes[start].y, nodes[end].y

    moves = list(data.links.iter_rows(named=True))
    leaving = _edges(((ends(row), row["n"]) for row in sorted(moves, key=heights)), nodes, side=0)
    arriving = _edges(((ends(row), row["n"]) for row in sorted(moves, key=heights)), nodes, side=1)
    drawn = []
    for row in moves:
        start, end = ends(row)
        one, other = nodes[start], nodes[end]
        path = _ribbon(
            (one.x + one.width, leaving[start, end]), (other.x, arriving[start, end]), one.height * row["n"] / one.n
        )
        told = f"{row['n']} from {one.name} ({one.stage}), {data.visits[row['visit']]}, to {other.name} ({other.stage})"
        fill = "#9aa1ab" if one.stage in (DIED, GONE) else one.fill
        drawn.append(f'<path d="{path}" fill="{fill}" fill-opacity="0.38"><title>{escape(told)}</title></path>')
    return drawn


def _edges(
    moves: Iterable[tuple[tuple[Key, Key], int]], nodes: dict[Key, _Node], side: int
) -> dict[tuple[Key, Key], float]:
    """Give the upper edge of each move at one of its ends, one under the other."""
    used: dict[Key, float] = {}
    edges = {}
    for ends, number in moves:
        node = nodes[ends[side]]
        edges[ends] = used.get(ends[side], node.y)
        used[ends[side]] = edges[ends] + node.height * number / node.n
    return edges


def _ribbon(start: tuple[float, float], end: tuple[float, float], thick: float) -> str:
    (x1, y1), (x2, y2) = start, end
    bend = (x1 + x2) / 2
    return (
        f"M{x1:.1f} {y1:.1f}C{bend:.1f} {y1:.1f} {bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}V{y2 + thick:.1f}"
        f"C{bend:.1f} {y2 + thick:.1f} {bend:.1f} {y1 + thick:.1f} {x1:.1f} {y1 + thick:.1f}Z"
    )


def _node(node: _Node) -> str:
    shape = f'x="{node.x:.1f}" y="{node.y:.1f}" width="{node.width:.1f}" height="{node.height:.1f}"'
    told = escape(f"{node.name}: {node.n}")
    box = f'<rect {shape} fill="{node.fill}" stroke="{INK}" stroke-width="0.7"><title>{told}</title></rect>'
    hatch = f'<rect {shape} fill="url(#added)" pointer-events="none"/>' if node.stage == ADDED else ""
    ended = {DIED: "Died", GONE: "Gone"}
    short = ended.get(node.stage) or {"improvement": "Imp."}.get(node.response, node.response)
    said, middle = f"{node.n}" if node.width < 50 else f"{short} {node.n}", node.y + node.height / 2
    if node.height >= 11:
        halo = node.fill if node.stage == ADDED else ""
        return box + hatch + _letters(said, node.x + node.width / 2, middle + 4, ink_on(node.fill), halo=halo)
    # Too low a box has its number beside it, never across its edge.
    return box + hatch + _letters(said, node.x - 3, middle + 3.5, INK, anchor="end", halo="#fff")


def _letters(
    text: str, x: float, y: float, fill: str, *, anchor: str = "middle", halo: str = "", more: str = ""
) -> str:
    around = f' stroke="{halo}" stroke-width="2.8" paint-order="stroke"' if halo else ""
    look = f'font-size="11" text-anchor="{anchor}" fill="{fill}"{around}{more}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'


def _heads(data: ResponseFlow, width: float) -> list[str]:
    heads = []
    for place, visit in enumerate(data.visits):
        x, box = _column(place, len(data.visits), width)
        at, anchor = (x + box / 2, "middle")
        if place in (0, len(data.visits) - 1):
            at, anchor = (x, "start") if place == 0 else (x + box, "end")
        heads.append(_letters(visit, at, 18, INK, anchor=anchor, more=' font-weight="bold"'))
    return heads


def _bands(nodes: dict[Key, _Node]) -> list[str]:
    """Name the two bands along the left edge."""
    drawn = []
    for stage, text in ((ALONE, "Frontline alone"), (ADDED, "Additional treatment")):
        found = [node for (_, one, _), node in nodes.items() if one == stage]
        if found:
            y = found[0].y + 60 if stage == ALONE else max(node.y + node.height for node in found) - 65
            drawn.append(_letters(text, 0, 0, SOFT, more=f' transform="translate(11,{y:.1f}) rotate(-90)"'))
    return drawn


def _legend(data: ResponseFlow, width: float, height: float) -> list[str]:
    names = [name for name in RESPONSE_FILLS if name in set(data.nodes["response"])]
    keys = [(RESPONSE_WORDS[name], RESPONSE_FILLS[name]) for name in names]
    stages = set(data.nodes["stage"])
    keys += [("Died", _DIED_FILL)] * (DIED in stages) + [("Not followed", _GONE_FILL)] * (GONE in stages)
    drawn, x, y = [], 4.0, height - _LEGEND + 24
    for text, fill in keys:
        reach = text_width(text, 11) + 32
        if x + reach > width:
            x, y = 4.0, y + 17
        drawn.append(
            f'<rect x="{x:.1f}" y="{y - 10:.1f}" width="13" height="12" fill="{fill}" stroke="{INK}"/>'
            + _letters(text, x + 18, y, INK, anchor="start")
        )
        x += reach
    return drawn


def _told(data: ResponseFlow) -> str:
    said = []
    for place, visit in enumerate(data.visits):
        parts = [
            row["stage"] if not row["response"] else f"{RESPONSE_WORDS[row['response']]} on {row['stage']}"
            for row in data.nodes.filter(visit=place).iter_rows(named=True)
        ]
        numbers = data.nodes.filter(visit=place)["n"].to_list()
        said.append(f"{visit}: {', '.join(f'{part} {number}' for part, number in zip(parts, numbers, strict=True))}.")
    return " ".join(said)
