"""The treatment flow of a protocol as a picture: SVG, generated from its epochs, interventions and pathway."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from branchpoint.reporting.flow_content import stages
from branchpoint.reporting.flow_layout import flow_layout
from branchpoint.reporting.lettering import FONTS

if TYPE_CHECKING:
    from branchpoint.language.protocol import Protocol
    from branchpoint.reporting.flow_layout import Arrow, Box, Line

__all__ = ["flow_diagram"]

# Kinds of box differ in lightness and in line, so that they can be told apart without color.
_INK = "#1a1c20"
_STYLES = {
    "eligible": f'fill="#fff" stroke="{_INK}" stroke-width="1.2" rx="14"',
    "epoch": f'fill="#dfe6ec" stroke="{_INK}" stroke-width="2" rx="2"',
    "assessment": f'fill="#fff" stroke="{_INK}" stroke-width="1.2" rx="2"',
    "favorable": 'fill="#eaf3fb" stroke="#0b4f8a" stroke-width="1.6" rx="2"',
    "unfavorable": 'fill="#fdf1e3" stroke="#9a4a00" stroke-width="1.6" rx="2"',
    "branch": f'fill="#fff" stroke="{_INK}" stroke-width="1.2" rx="2"',
    "stay": 'fill="#fff" stroke="#5a6270" stroke-width="1.2" stroke-dasharray="5 3" rx="2"',
}


def flow_diagram(protocol: Protocol) -> str:
    """Give the treatment flow of a protocol as SVG.

    Parameters
    ----------
    protocol : Protocol

    Returns
    -------
    str
        One ``svg`` element, to be saved as a file or put into a page.
    """
    layout = flow_layout(protocol)
    width, height = f"{layout.width:.0f}", f"{layout.height:.0f}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' role="img" aria-labelledby="flow-title flow-desc" font-family="{escape(FONTS)}" fill="{_INK}">',
        f'<title id="flow-title">{escape(f"Treatment flow: {protocol.title}")}</title>',
        f'<desc id="flow-desc">{escape(_described(protocol))}</desc>',
        '<defs><marker id="flow-head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8"'
        ' orient="auto-start-reverse" markerUnits="userSpaceOnUse">'
        f'<path d="M0 0 10 5 0 10z" fill="{_INK}"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *map(_arrow, layout.arrows),
        *map(_box, layout.boxes),
        "</svg>",
    ]
    return "\n".join(parts)


def _described(protocol: Protocol) -> str:
    told = stages(protocol)
    sentences = []
    for stage in told:
        paragraphs = "; ".join(stage.epoch.paragraphs)
        sentences.append(f"{stage.epoch.title}: {paragraphs}." if paragraphs else f"{stage.epoch.title}.")
        sentences += [
            f"{branch.text.title}: {'; '.join(branch.text.paragraphs)}; leads to {told[branch.to].epoch.title}."
            for branch in stage.branches
        ]
    return " ".join(sentences)


def _arrow(arrow: Arrow) -> str:
    path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in arrow.points)
    heads = ' marker-end="url(#flow-head)"' + (' marker-start="url(#flow-head)"' if arrow.heads > 1 else "")
    return f'<path d="{path}" fill="none" stroke="{_INK}" stroke-width="1.4"{heads}/>'


def _box(box: Box) -> str:
    frame = f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
    return "\n".join((f"{frame} {_STYLES[box.kind]}/>", *map(_line, box.lines)))


def _line(line: Line) -> str:
    weight = ' font-weight="bold"' if line.bold else ""
    return f'<text x="{line.x:.1f}" y="{line.y:.1f}" font-size="{line.size}"{weight}>{escape(line.text)}</text>'
