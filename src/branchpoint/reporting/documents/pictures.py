"""Pictures: every figure of the registry, drawn once for page and PDF, with its words apart so that they stay text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from branchpoint.reporting.figures import FIGURES
from branchpoint.reporting.figures.figure import COMPACT, WIDE
from branchpoint.reporting.figures.rendering import figure_svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from branchpoint.reporting.figures.figure import Figure
    from branchpoint.reporting.report_material import Material

__all__ = ["Picture", "pictures"]

# As the publication numbers them; what goes beyond it continues the supplement.
_LABELS = {
    "schema": "Figure 1", "disposition": "Figure 2", "response_by_group": "Figure 3A", "orr_forest": "Figure 3B",
    "efs_frontline": "Figure 4", "efs_intensive": "Figure 5", "os": "Figure 6", "kinetics": "Supplemental Figure 1",
    "baseline_by_response": "Supplemental Figure 2", "etiology_by_response": "Supplemental Figure 3",
    "swimmer": "Supplemental Figure 4", "sankey": "Supplemental Figure 5",
    "cumulative_incidence": "Supplemental Figure 6", "landmark_os": "Supplemental Figure 7",
}  # fmt: skip
# Read on a telephone more than the others, and redrawn for it; the others are scrolled.
_NARROW = ("response_by_group", "efs_frontline", "os")


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure, drawn.

    Parameters
    ----------
    figure : Figure
        With its title, caption, alternative text and footnote.
    label : str
        ``Figure 2``; may be empty.
    wide, narrow : str
        As ``svg`` elements without title and footnote; `narrow` is empty where the wide one is scrolled instead.
    """

    figure: Figure
    label: str
    wide: str
    narrow: str

    @property
    def id(self) -> str:
        """A name for links, with hyphens."""
        return "figure-" + self.figure.id.replace("_", "-")

    @property
    def caption(self) -> str:
        """Label and title."""
        return f"{self.label}. {self.figure.title}" if self.label else self.figure.title


def pictures(material: Material, tell: Callable[[str], None] | None = None) -> tuple[Picture, ...]:
    """Draw every figure; none where nobody is analyzed.

    Parameters
    ----------
    material : Material
    tell : callable, optional
        Told the title of each figure before it is drawn.
    """
    made = []
    for name, make in FIGURES if len(material.analyzed) else ():
        figure = make(material, WIDE)
        if tell is not None:
            tell(figure.title)
        narrow = _own_ids(_drawn(make(material, COMPACT), COMPACT)) if name in _NARROW else ""
        made.append(Picture(figure, _LABELS.get(name, ""), _drawn(figure, WIDE), narrow))
    return tuple(made)


def _drawn(figure: Figure, width: float) -> str:
    return figure_svg(replace(figure, footnote=()), width, title=False)


def _own_ids(svg: str) -> str:
    """Keep the ids of the narrow form apart from those of the wide one."""
    renamed = re.sub(r'\bid="([^"]+)"', r'id="narrow-\1"', svg)
    return re.sub(r"url\(#([^)]+)\)", r"url(#narrow-\1)", renamed)
