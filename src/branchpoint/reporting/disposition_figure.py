"""The disposition figure: what became of everybody enrolled, as boxes that add up.

Counts come from the analysis. Where the parts of a box do not make up the whole, the figure says how many are open, and
refuses to be drawn when they are more than the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Box", "disposition_boxes", "disposition_figure"]

_LINE, _PAD, _GAP = 18, 9, 34


@dataclass(frozen=True, slots=True)
class Box:
    """One group of patients.

    Parameters
    ----------
    title : str
    count : int
    lines : tuple of str
        What else is said of it.
    parts : tuple of Box
        What it splits into.
    leaving : tuple of Box
        Who leaves the flow here, drawn to the side.
    """

    title: str
    count: int
    lines: tuple[str, ...] = ()
    parts: tuple[Box, ...] = ()
    leaving: tuple[Box, ...] = ()

    def __post_init__(self) -> None:
        total = sum(part.count for part in self.parts + self.leaving)
        if total > self.count:
            raise ValueError(f"{self.title}: the parts are {total}, the whole is {self.count}")

    @property
    def open(self) -> int:
        """Of how many the parts say nothing."""
        return self.count - sum(part.count for part in self.parts + self.leaving) if self.parts else 0

    @property
    def text(self) -> tuple[str, ...]:
        """Everything the box says."""
        rest = (f"not yet or not evaluable: {self.open}",) if self.open else ()
        return (self.title, f"n = {self.count}", *self.lines, *rest)


def disposition_boxes(counts: Mapping[str, int], names: Mapping[str, str]) -> Box:
    """Build the boxes from the counts of the outcome table.

    Parameters
    ----------
    counts : mapping of str to int
        By the id of the statistic, for all patients.
    names : mapping of str to str
        The protocol's words for the ``second`` epoch and the ``week`` of its end, and ``why`` patients were excluded.
    """

    def said(**lines: str) -> tuple[str, ...]:
        ids = {name: name.replace("__", ".") for name in lines}
        return tuple(f"{text}: {counts[ids[name]]}" for name, text in lines.items() if counts.get(ids[name]))

    refractory = Box(
        "Refractory",
        counts["intensive.refractory"],
        parts=(
            Box("Salvage HSCT", counts["refractory.hsct"], said(refractory__hsct__alive="alive")),
            Box("Without HSCT", counts["refractory.no_hsct"], said(refractory__no_hsct__alive="alive")),
        ),
    )
    treated = Box(
        names["second"],
        counts["frontline.unfavorable"],
        said(frontline__nr="no response", frontline__pd_after_pr="progression after PR",
             frontline__improvement="improvement short of PR", frontline__other="other reasons"),
        parts=(Box(f"CR at {names['week']}", counts["intensive.cr"]), refractory),
    )  # fmt: skip
    favorable = Box("Favorable response", counts["frontline.cr"], ("CR on the frontline alone",))
    analyzed = Box("Analyzed", counts["analyzed"], parts=(favorable, treated))
    out = Box("Excluded", counts["enrolled"] - counts["analyzed"], (names["why"],) if names["why"] else ())
    return Box("Enrolled", counts["enrolled"], parts=(analyzed,), leaving=(out,) if out.count else ())


def disposition_figure(top: Box, source: str = "") -> Markup:
    """Draw the boxes.

    Parameters
    ----------
    top : Box
    source : str
        What is written below, so that a copy of the figure says where its patients come from.
    """
    drawn: list[str] = []
    width = _reach(top)
    height = _draw(top, drawn, left=0, right=width, y=4)
    if source:
        height += 2 * _LINE
        drawn.append(f'<text x="4" y="{height - 6:g}" fill="#5a6270" stroke="none">{escape(source)}</text>')
    label = "; ".join(("Disposition: " + _told(top)[0], *_told(top)[1:], *((source,) if source else ())))
    return Markup(
        f'<svg viewBox="0 0 {width:g} {height + 4:g}" role="img" aria-label="{escape(label)}" '
        f'style="width:100%;max-width:{width + 60:.0f}px;height:auto" font-size="13" fill="#1a1c20" stroke-width="1.2">'
        + "".join(drawn)
        + "</svg>"
    )


def _told(box: Box) -> list[str]:
    return [", ".join(box.text), *(line for part in (*box.leaving, *box.parts) for line in _told(part))]


def _height(box: Box) -> float:
    return len(box.text) * _LINE + 2 * _PAD


def _width(box: Box) -> float:
    return max(len(box.title) * 8.2, *(len(line) * 6.7 for line in box.text), 90.0) + 2 * _PAD


def _draw(box: Box, drawn: list[str], *, left: float, right: float, y: float) -> float:
    """Draw a box and everything below it between two edges; give the lowest point."""
    width, bottom, middle = min(_width(box), right - left - 8), y + _height(box), (left + right) / 2
    drawn.append(_box(box, middle - width / 2, y, width))
    turn = bottom + _GAP / 2
    for out in box.leaving:
        start, level = right - _width(out) - 4, turn + _height(out) / 2 - 6
        drawn += [_box(out, start, turn - 6, _width(out)), _arrow((middle, level), (start, level))]
        turn = level + _height(out) / 2 + 6
    below, edge, lowest = turn + _GAP / 2, left, max(bottom, turn if box.leaving else bottom)
    reaches = [_reach(part) for part in box.parts]
    for part, reach in zip(box.parts, reaches, strict=True):
        span = (right - left) * reach / sum(reaches)
        center = edge + span / 2
        drawn.append(_arrow((middle, bottom), (middle, turn), (center, turn), (center, below)))
        lowest = max(lowest, _draw(part, drawn, left=edge, right=edge + span, y=below))
        edge += span
    return lowest


def _reach(box: Box) -> float:
    own = _width(box) + 16 + 2 * max((_width(out) + 20 for out in box.leaving), default=0)
    return max(own, sum(_reach(part) for part in box.parts))


def _box(box: Box, x: float, y: float, width: float) -> str:
    lines = [
        f'<text x="{x + width / 2:g}" y="{y + _PAD + 13 + index * _LINE:g}" text-anchor="middle" stroke="none"'
        + (' font-weight="600"' if index < 2 else ' fill="#4a515c"')
        + f">{escape(line)}</text>"
        for index, line in enumerate(box.text)
    ]
    shape = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{_height(box):g}" rx="4" fill="#fff" stroke="#1a1c20"'
    return f"<rect {shape}/>" + "".join(lines)


def _arrow(*points: tuple[float, float]) -> str:
    line = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    (x, y), down = points[-1], points[-1][0] == points[-2][0]
    tip = f"M{x:g} {y:g}l-4 -7h8z" if down else f"M{x:g} {y:g}l-7 -4v8z"
    return f'<path d="{line}" fill="none" stroke="#5a6270"/><path d="{tip}" fill="#5a6270"/>'
