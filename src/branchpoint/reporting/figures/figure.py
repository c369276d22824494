"""A figure: panels to draw, and the words that go with them wherever they are copied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMPACT", "WIDE", "Figure", "Panel", "is_compact"]

WIDE, COMPACT = 760, 340


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing of a figure.

    Parameters
    ----------
    chart : mapping or str
        A Vega-Lite specification, or an ``svg`` element.
    width, height : float
        Of the whole drawing, labels included.
    heading : str
        What stands above it: ``A  All patients``.
    """

    chart: Mapping[str, Any] | str
    width: float
    height: float
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure.

    Parameters
    ----------
    id, title : str
    caption : str
        What the reader sees, in one or two sentences.
    panels : tuple of Panel
        Laid out from left to right, then down.
    alt : str
        What the figure shows, with its numbers, for who cannot see it.
    footnote : tuple of str
        Where the data come from, who was analyzed, how, and who could not be.
    """

    id: str
    title: str
    caption: str
    panels: tuple[Panel, ...]
    alt: str
    footnote: tuple[str, ...]


def is_compact(width: float) -> bool:
    """Whether a width is that of a telephone."""
    return width < 480
