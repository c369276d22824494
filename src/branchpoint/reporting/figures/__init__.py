"""The figures of a trial report: each a function of the report's material and a width, listed here in order.

Here live colors, sizes and the words on paper. What is counted and estimated is `branchpoint.analysis.figure_data`'s.
The figures of `curve_bands` are of reconstructed cohorts, and stand in no report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.refused import Refused
from branchpoint.reporting.figures.baseline_figure import baseline_by_response
from branchpoint.reporting.figures.diagrams import disposition, schema
from branchpoint.reporting.figures.figure import WIDE
from branchpoint.reporting.figures.forest import orr_forest
from branchpoint.reporting.figures.incidence_figure import cumulative_incidence
from branchpoint.reporting.figures.kinetics_figure import kinetics_figure
from branchpoint.reporting.figures.response_figures import etiology_by_response, response_by_group
from branchpoint.reporting.figures.sankey import sankey
from branchpoint.reporting.figures.survival_figures import efs_frontline, efs_intensive, landmark_os, os
from branchpoint.reporting.figures.swimmer import swimmer

if TYPE_CHECKING:
    from collections.abc import Callable

    from branchpoint.reporting.figures.figure import Figure
    from branchpoint.reporting.report_material import Material

__all__ = ["FIGURES", "figure"]

# By id, in the order of the report: those of the reference trial, its supplement, and what goes beyond.
FIGURES: tuple[tuple[str, Callable[[Material, float], Figure]], ...] = (
    ("schema", schema),
    ("disposition", disposition),
    ("response_by_group", response_by_group),
    ("orr_forest", orr_forest),
    ("efs_frontline", efs_frontline),
    ("efs_intensive", efs_intensive),
    ("os", os),
    ("kinetics", kinetics_figure),
    ("baseline_by_response", baseline_by_response),
    ("etiology_by_response", etiology_by_response),
    ("swimmer", swimmer),
    ("sankey", sankey),
    ("cumulative_incidence", cumulative_incidence),
    ("landmark_os", landmark_os),
)


def figure(name: str, material: Material, width: float = WIDE) -> Figure:
    """Make a figure by its id.

    Raises
    ------
    Refused
        When no figure has that id.
    """
    makers = dict(FIGURES)
    if name not in makers:
        raise Refused(f"no figure is called {name!r}: choose from {', '.join(makers)}")
    return makers[name](material, width)
