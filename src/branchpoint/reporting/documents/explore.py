"""The figures as a page that answers to a pointer: it carries the drawing library, and loads nothing."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING

from markupsafe import Markup

from branchpoint.reporting.documents.common import BANNERS, study_note
from branchpoint.reporting.figures.rendering import vega_lite
from branchpoint.reporting.pages import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from branchpoint.reporting.documents.pictures import Picture
    from branchpoint.reporting.report_material import Material

__all__ = ["EXPLORE", "explore_page"]

EXPLORE = ("explore.html", "the figures, interactive: every value on pointing; works offline")


def explore_page(material: Material, drawn: Sequence[Picture]) -> str:
    """Render the page.

    Parameters
    ----------
    material : Material
    drawn : sequence of Picture
        Those that are drawn by hand are left out.
    """
    import vl_convert

    found = [(one, vega_lite(one.figure)) for one in drawn]
    found = [(one, specs) for one, specs in found if specs]
    library = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")).replace("</script", "<\\/script")
    figures = [
        {"picture": one, "panels": [
            # A "<" in a string would end the script element early.
            {"heading": panel.heading, "name": f"{one.id}-{place}", "spec": Markup(dumps(spec).replace("<", "\\u003c"))}
            for place, (panel, spec) in enumerate(zip(one.figure.panels, specs, strict=True))
        ]}
        for one, specs in found
    ]  # fmt: skip
    return render(
        "explore.html.j2", study=material.study, figures=figures, library=Markup(library),
        banner=BANNERS.get(material.study.meta.kind, ""), note=study_note(material),
    )  # fmt: skip
