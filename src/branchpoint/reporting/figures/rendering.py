"""Rendering: a figure as one SVG with its title and footnote, or as Vega-Lite specifications for a live page."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from json import dumps
from typing import TYPE_CHECKING, Any

from branchpoint.reporting.figures.figure import WIDE, Panel
from branchpoint.reporting.figures.palette import INK, SOFT
from branchpoint.reporting.lettering import FONTS, wrap

if TYPE_CHECKING:
    from branchpoint.reporting.figures.figure import Figure

__all__ = ["figure_svg", "panel_svg", "vega_lite"]

_TITLE, _HEADING, _FOOT = 15.0, 13.0, 10.5
_GAP = 14.0
# Below this part of its natural size, a drawing is no longer read; the figure is then wider than asked for.
_SMALLEST = 0.8
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def vega_lite(figure: Figure) -> list[dict[str, Any]]:
    """Give the Vega-Lite specifications of a figure, one a panel; none for panels that are drawn by hand."""
    return [dict(panel.chart) for panel in figure.panels if not isinstance(panel.chart, str)]


def panel_svg(panel: Panel) -> str:
    """Give a panel as an ``svg`` element."""
    return panel.chart if isinstance(panel.chart, str) else _drawn(dumps(panel.chart))


@lru_cache(maxsize=256)
def _drawn(spec: str) -> str:
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec))


def figure_svg(figure: Figure, width: float = WIDE, *, title: bool = True) -> str:
    """Give a figure as one SVG.

    Parameters
    ----------
    figure : Figure
        Made for the same width.
    width : float
        In pixels. A drawing that would be too small to read takes more.
    title : bool
        Whether the title stands above; a page may have said it.
    """
    width = max(width, *(panel.width * (_SMALLEST if isinstance(panel.chart, str) else 1) for panel in figure.panels))
    parts: list[str] = []
    y = 4.0
    if title:
        for line in wrap(figure.title, width - 8, _TITLE, bold=True):
            y += _TITLE + 4
            parts.append(_text(line, 4, y, _TITLE, bold=True))
        y += 14
    for number, (panel, x, top, scale) in enumerate(_placed(figure, width, y)):
        for row, line in enumerate(_heading(panel)):
            parts.append(_text(line, x + 4, top + (row + 1) * _HEADING + row * 4, _HEADING, bold=True))
        below = top + _headed(panel)
        parts.append(_inserted(panel, f"{figure.id}-{number}-", x, below, scale))
        y = max(y, below + panel.height * scale)
    y += 8
    for line in (part for paragraph in figure.footnote for part in wrap(paragraph, width - 8, _FOOT)):
        y += _FOOT + 3.5
        parts.append(_text(line, 4, y, _FOOT, color=SOFT))
    return _page(figure, width, y + 8, parts)


def _placed(figure: Figure, width: float, top: float) -> list[tuple[Panel, float, float, float]]:
    """Give each panel its place and scale, from left to right, then down."""
    placed: list[tuple[Panel, float, float, float]] = []
    x, deepest = 0.0, top
    for panel in figure.panels:
        scale = min(1.0, width / panel.width)
        if x and x + panel.width > width + 0.5:
            x, top = 0.0, deepest + _GAP
        placed.append((panel, x, top, scale))
        deepest = max(deepest, top + panel.height * scale + _headed(panel))
        x += panel.width + _GAP
    return placed


def _heading(panel: Panel) -> tuple[str, ...]:
    return wrap(panel.heading, panel.width - 8, _HEADING, bold=True) if panel.heading else ()


def _headed(panel: Panel) -> float:
    """Give the height of a panel's heading."""
    lines = len(_heading(panel))
    return lines * (_HEADING + 4) + 5 if lines else 0.0


def _inserted(panel: Panel, prefix: str, x: float, y: float, scale: float) -> str:
    """Give a panel as part of a larger picture, with ids of its own."""
    svg = panel_svg(panel)
    inner = re.sub(r"<(title|desc) id=.*?</\1>", "", svg[svg.index(">") + 1 : svg.rindex("</svg>")])
    inner = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', inner)
    inner = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", inner)
    # What the element itself said of its letters and lines is inherited by everything in it.
    said = re.findall(r'\s((?:font-size|font-family|fill|stroke-width|stroke)="[^"]*")', svg[: svg.index(">")])
    shrunk = "" if scale == 1 else f" scale({scale:.4f})"
    return f'<g transform="translate({x:g},{y:g}){shrunk}" {" ".join(said)}>{inner}</g>'


def _text(text: str, x: float, y: float, size: float, *, bold: bool = False, color: str = INK) -> str:
    weight = ' font-weight="bold"' if bold else ""
    said = _raised(escape(text, quote=False))
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}"{weight} fill="{color}">{said}</text>'


def _raised(text: str) -> str:
    """Raise exponents with letters of every font: few have bold superscript digits."""
    return re.sub(
        r"([⁰¹²³⁴⁵⁶⁷⁸⁹]+)([^⁰¹²³⁴⁵⁶⁷⁸⁹]*)",
        lambda found: (
            f'<tspan dy="-4" font-size="9">{found[1].translate(_PLAIN)}</tspan><tspan dy="4">{found[2]}</tspan>'
        ),
        text,
    )


def _page(figure: Figure, width: float, height: float, parts: list[str]) -> str:
    told = escape(f"{figure.alt} {' '.join(figure.footnote)}", quote=False)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width:g}"'
            f' height="{height:g}" viewBox="0 0 {width:g} {height:g}" role="img"'
            f' style="max-width:100%;height:auto" font-family="{escape(FONTS)}">',
            f"<title>{escape(figure.title, quote=False)}</title>",
            f"<desc>{told}</desc>",
            f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>',
            *parts,
            "</svg>",
        )
    )
