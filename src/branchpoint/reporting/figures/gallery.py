"""All figures on one self-contained page, wide and as on a telephone, to be reviewed; with tooltips if asked for."""

from __future__ import annotations

import re
from html import escape
from json import dumps
from typing import TYPE_CHECKING

from branchpoint.reporting.figures import FIGURES
from branchpoint.reporting.figures.figure import COMPACT, WIDE
from branchpoint.reporting.figures.rendering import figure_svg, vega_lite

if TYPE_CHECKING:
    from branchpoint.reporting.figures.figure import Figure
    from branchpoint.reporting.report_material import Material

__all__ = ["gallery"]

_STYLE = """
body { margin: 0 auto; max-width: 62rem; padding: 1.2rem clamp(.8rem, 4vw, 2rem) 4rem;
  color: #1a1c20; background: #fff;
  font: 1rem/1.5 Helvetica, Arial, "Liberation Sans", sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
figure { margin: 0; padding: 1.6rem 0; border-top: 1px solid #d4d8de; }
figcaption { color: #5a6270; font-size: .92rem; max-width: 46rem; }
nav ul { columns: 3 13rem; list-style: none; padding: 0; font-size: .92rem; } a { color: #0b4f8a; }
.drawing { overflow-x: auto; } .narrow { display: none; } .answers { display: flex; flex-wrap: wrap; gap: 14px; }
.drawing:focus-visible { outline: 2px solid #0b4f8a; outline-offset: 2px; }
.told { color: #5a6270; font-size: .8rem; margin: .2rem 0; }
@media screen and (max-width: 48rem) { .wide { display: none; } .narrow { display: block; } }
@media print { figure { break-inside: avoid; } nav { display: none; } }
"""
_START = """
for (const place of document.querySelectorAll(".spec")) {
  const spec = JSON.parse(document.getElementById("spec-" + place.dataset.figure).textContent);
  vegaEmbed(place, spec, { actions: false, renderer: "svg" });
}
"""


def gallery(material: Material, *, interactive: bool = False) -> str:
    """Give a page with every figure.

    Parameters
    ----------
    material : Material
    interactive : bool
        Whether wide figures answer to a pointer; the page then carries the drawing library, and still loads nothing.
    """
    made = [(make(material, WIDE), make(material, COMPACT)) for _, make in FIGURES]
    listed = "".join(f'<li><a href="#{wide.id}">{escape(wide.title)}</a></li>' for wide, _ in made)
    shown = "\n".join(_section(wide, narrow, interactive=interactive) for wide, narrow in made)
    title = escape(f"Figures: {material.study.meta.title}")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n<main>\n<h1>{title}</h1>\n<nav><ul>{listed}</ul></nav>\n{shown}\n</main>\n"
        f"{_script() if interactive else ''}</body>\n</html>\n"
    )


def _section(wide: Figure, narrow: Figure, *, interactive: bool) -> str:
    specs = vega_lite(wide) if interactive else []
    drawn = _answering(wide, specs) if specs else figure_svg(wide, WIDE, title=False)
    small = _own_ids(figure_svg(narrow, COMPACT, title=False))
    return (
        f'<figure id="{wide.id}">\n<h2>{escape(wide.title)}</h2>\n'
        f'<div class="drawing wide" tabindex="0" role="group" aria-label="{escape(wide.title)}">{drawn}</div>\n'
        f'<div class="drawing narrow" tabindex="0" role="group" aria-label="{escape(wide.title)}">{small}</div>\n'
        f"<figcaption>{escape(wide.caption)}</figcaption>\n</figure>"
    )


def _own_ids(svg: str) -> str:
    """Keep the ids of the narrow form apart from those of the wide one."""
    renamed = re.sub(r'\bid="([^"]+)"', r'id="narrow-\1"', svg)
    return re.sub(r"url\(#([^)]+)\)", r"url(#narrow-\1)", renamed)


def _answering(figure: Figure, specs: list[dict]) -> str:
    places = "".join(
        f'<div><h3>{escape(panel.heading)}</h3><div class="spec" data-figure="{figure.id}-{number}"></div></div>'
        for number, panel in enumerate(figure.panels)
    )
    # A "<" in a string would end the script element early.
    texts = [dumps(spec).replace("<", "\\u003c") for spec in specs]
    told = "".join(
        f'<script type="application/json" id="spec-{figure.id}-{number}">{text}</script>'
        for number, text in enumerate(texts)
    )
    foot = "".join(f'<p class="told">{escape(line)}</p>' for line in figure.footnote)
    return f'<div class="answers" role="img" aria-label="{escape(figure.alt)}">{places}</div>{told}{foot}'


def _script() -> str:
    import vl_convert

    library = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")).replace("</script", "<\\/script")
    return f"<script>{library}</script>\n<script>{_START}</script>\n"
