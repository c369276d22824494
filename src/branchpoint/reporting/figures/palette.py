"""One palette for all figures: a response, an etiology or a group looks the same wherever it is drawn.

Hues are of Okabe and Ito, darkened until a line of them reads on white. Neighbors in a stack differ in lightness, and
curves in dash and marker too, so that everything survives a copier and every kind of color vision.

References
----------
.. [1] Okabe M, Ito K. Color universal design. 2008. https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchpoint.language.responses import CR, IMPROVEMENT, NE, NR, PD, PR, RELAPSE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "GRID",
    "INK",
    "PAPER",
    "RESPONSE_FILLS",
    "RESPONSE_WORDS",
    "SOFT",
    "Style",
    "etiology_fill",
    "etiology_styles",
    "group_style",
    "ink_on",
    "lightness",
]

INK, SOFT, GRID, PAPER = "#1a1c20", "#5a6270", "#e3e6ea", "#ffffff"

RESPONSE_FILLS = {
    CR: "#00436b",
    PR: "#62a7d3",
    IMPROVEMENT: "#c6e2f2",
    NR: "#a9580f",
    PD: "#5c1f00",
    RELAPSE: "#8a2d6b",
    NE: "#d9dce1",
}
RESPONSE_WORDS = {
    CR: "CR", PR: "PR", IMPROVEMENT: "HLH improvement", NR: "No response", PD: "Progression", RELAPSE: "Relapse",
    NE: "Not evaluable",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """How a curve is drawn: color, dash and marker each tell it apart."""

    color: str
    dash: tuple[int, ...]
    marker: str


_STYLES = (
    Style("#00517f", (1, 0), "circle"),
    Style("#b34700", (7, 3), "square"),
    Style("#4a4a4a", (2, 2), "triangle-up"),
    Style("#8a2d6b", (8, 2, 2, 2), "diamond"),
    Style("#00635a", (4, 2), "cross"),
)
# Lighter than the curves where lightness must tell neighbors in a stack apart.
_FILLS = ("#b5541c", "#00517f", "#9a9a9a", "#e3c9dc", "#5fae9f")


def group_style(place: int) -> Style:
    """Give the style of a group by its place in the figure."""
    return _STYLES[place % len(_STYLES)]


def etiology_styles(answers: Sequence[str]) -> dict[str, Style]:
    """Give each etiology a curve, by its place in the protocol; what is pooled looks as the first of its parts."""
    turned = (_STYLES[1], _STYLES[0], *_STYLES[2:])
    return {answer: turned[place % len(turned)] for place, answer in enumerate(answers)}


def etiology_fill(answer: str, answers: Sequence[str]) -> str:
    """Give the fill of an etiology, by its place in the protocol."""
    return _FILLS[list(answers).index(answer) % len(_FILLS)] if answer in answers else RESPONSE_FILLS[NE]


def lightness(color: str) -> float:
    """Give the relative luminance of a color, 0 to 1 (WCAG 2)."""
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ink_on(fill: str) -> str:
    """Give the color of letters that contrasts more with a fill."""
    light = lightness(fill)
    dark_contrast, light_contrast = (light + 0.05) / (lightness(INK) + 0.05), 1.05 / (light + 0.05)
    return INK if dark_contrast >= light_contrast else PAPER
