"""Parts of Vega-Lite specifications: a plot of known size, axes, and words at a place in pixels.

Specifications are plain mappings, so that drawing needs no chart library; sizes are fixed by hand, so that nothing
moves when a label grows, and numbers under an axis stay under it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from branchpoint.reporting.figures.figure import Panel
from branchpoint.reporting.figures.palette import GRID, INK
from branchpoint.reporting.lettering import FONTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["SMALL", "TEXT", "Frame", "axis", "layer", "plot", "rules", "tooltip", "words"]

TEXT, SMALL = 12.0, 11.0
Layer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the plot stands in its panel: the size of the plot, and the margins around it."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    @classmethod
    def within(
        cls, width: float, height: float, *, left: float, right: float = 14, top: float = 8, bottom: float = 40
    ) -> Frame:
        """Give the frame of a panel of a whole width, with a plot of some height."""
        return cls(width - left - right, height, left, right, top, bottom)


def plot(frame: Frame, layers: Sequence[Layer], heading: str = "") -> Panel:
    """Put layers into a frame.

    Parameters
    ----------
    frame : Frame
    layers : sequence of mapping
    heading : str
        Of the panel.
    """
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": frame.width,
        "height": frame.height,
        "padding": {"left": frame.left, "right": frame.right, "top": frame.top, "bottom": frame.bottom},
        # What stands outside of the plot must not move it.
        "autosize": {"type": "none"},
        "layer": list(layers),
        "config": {
            "background": "transparent", "font": FONTS, "view": {"stroke": None}, "text": {"font": FONTS},
            "axis": {"labelFont": FONTS, "titleFont": FONTS, "titleFontWeight": "normal"},
        },
    }  # fmt: skip
    width, height = frame.width + frame.left + frame.right, frame.height + frame.top + frame.bottom
    return Panel(spec, width, height, heading)


def layer(rows: Iterable[Mapping[str, Any]], mark: Mapping[str, Any], **encoding: Any) -> Layer:
    """Give a layer of rows drawn by one kind of mark."""
    return {"data": {"values": list(rows)}, "mark": dict(mark), "encoding": encoding}


def axis(
    field: str,
    domain: Sequence[float],
    values: Sequence[float],
    title: str | None,
    *,
    grid: bool = False,
    scale: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Give a quantitative channel with an axis.

    Parameters
    ----------
    field : str
    domain, values : sequence of float
        The ends of the scale, and its ticks.
    title : str or None
    grid : bool
    scale : mapping, optional
        Its type, where it is not linear.
    **more
        Properties of the axis.
    """
    drawn = {
        "values": list(values), "title": title, "grid": grid, "gridColor": GRID, "labelFontSize": SMALL,
        "titleFontSize": SMALL, "labelColor": INK, "titleColor": INK, "domainColor": INK, "tickColor": INK,
        "domain": not grid, "ticks": not grid, "labelFlush": False, "labelOverlap": False, **more,
    }  # fmt: skip
    return {
        "field": field, "type": "quantitative", "axis": drawn,
        "scale": {"domain": list(domain), "nice": False, "zero": False, **(scale or {})},
    }  # fmt: skip


def words(text: str | Sequence[str], x: float, y: float, **look: Any) -> Layer:
    """Write words at a place in pixels of the plot."""
    said = text if isinstance(text, str) else list(text)
    mark = {"type": "text", "x": x, "y": y, "text": said, "align": "left", "baseline": "middle", "fontSize": TEXT}
    return {"data": {"values": [{}]}, "mark": {**mark, "color": INK, "lineHeight": 14, **look}}


def rules(*lines: tuple[float, float, float, float], **look: Any) -> list[Layer]:
    """Draw straight lines between places in pixels: x, y, x2, y2."""
    return [
        {
            "data": {"values": [{}]},
            "mark": {"type": "rule", "color": INK, **look},
            "encoding": {channel: {"value": at} for channel, at in zip(("x", "y", "x2", "y2"), line, strict=True)},
        }
        for line in lines
    ]


def tooltip(*fields: tuple[str, str, str]) -> list[dict[str, str]]:
    """Say what is told on pointing: field, title, and a number format or nothing."""
    return [
        {"field": field, "title": title, "type": "quantitative", "format": form} if form
        else {"field": field, "title": title, "type": "nominal"}
        for field, title, form in fields
    ]  # fmt: skip
