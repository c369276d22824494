"""Where everything in the flow diagram stands.

Epochs stand under each other in one column. What leads to the next epoch stands between the two. What skips epochs
stands to the left, in a column of its own, the farthest target outermost, so that lines turn in without crossing a
box. What leads back, and what keeps a patient, stands to the right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from branchpoint.reporting.flow_content import Text, eligible_text, stages
from branchpoint.reporting.lettering import text_width, wrap

if TYPE_CHECKING:
    from branchpoint.language.protocol import Protocol
    from branchpoint.reporting.flow_content import Branch, Kind, Stage

__all__ = ["PADDING", "SIZE", "TITLE_SIZE", "Arrow", "Box", "Layout", "Line", "flow_layout"]

SIZE, TITLE_SIZE = 12.5, 14.0
PADDING = 10.0
_LEADING = 1.32
_MARGIN = 20.0
_SPINE, _LEFT, _RIGHT = 400.0, 200.0, 270.0
_GAP = 34.0
_DOWN = 30.0
_TRACK = 16.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text inside a box, at the height of its baseline."""

    text: str
    x: float
    y: float
    bold: bool = False

    @property
    def size(self) -> float:
        """The font size."""
        return TITLE_SIZE if self.bold else SIZE

    @property
    def width(self) -> float:
        """The width by the table of widths."""
        return text_width(self.text, self.size, bold=self.bold)


@dataclass(frozen=True, slots=True)
class Box:
    """A box with its text."""

    kind: Kind
    x: float
    y: float
    width: float
    height: float
    lines: tuple[Line, ...]

    @property
    def center(self) -> float:
        """The middle, across."""
        return self.x + self.width / 2

    @property
    def middle(self) -> float:
        """The middle, down."""
        return self.y + self.height / 2

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Arrow:
    """An orthogonal line with a head at its end, at both ends, or at none."""

    points: tuple[tuple[float, float], ...]
    heads: int = 1


@dataclass(slots=True)
class Layout:
    """Boxes, arrows and the size of the picture."""

    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class _Columns:
    left: dict[tuple[int, int], float]
    spine: float
    right: float
    track: float


def flow_layout(protocol: Protocol) -> Layout:
    """Lay out the flow diagram of a protocol.

    Parameters
    ----------
    protocol : Protocol
    """
    told = stages(protocol)
    columns = _columns(told)
    layout = Layout()
    start = _place(layout, eligible_text(protocol), columns.spine, _MARGIN, _SPINE)
    above = [start]
    epochs: list[Box] = []
    waiting: dict[int, list[Box]] = {}
    back: list[tuple[Box, int]] = []
    y = start.bottom + _DOWN
    for place, stage in enumerate(told):
        epoch = _place(layout, stage.epoch, columns.spine, y, _SPINE)
        epochs.append(epoch)
        layout.arrows += [Arrow(((box.center, box.bottom), (box.center, epoch.y))) for box in above]
        for box in waiting.get(place, []):
            layout.arrows.append(Arrow(((box.center, box.bottom), (box.center, epoch.middle), (epoch.x, epoch.middle))))
        # What keeps a patient may begin beside the epoch, below a line that leads back into it.
        led_back = any(branch.to == place for later in told[place:] for branch in later.branches)
        highest = epoch.middle + _DOWN / 2 if led_back else epoch.y
        assessment, bottom = _assess(layout, stage, columns, epoch, highest)
        placed, y = _branch_out(layout, stage, place, columns, (assessment, bottom))
        above = [box for branch, box in placed if branch.to == place + 1]
        for branch, box in placed:
            if branch.to > place + 1:
                waiting.setdefault(branch.to, []).append(box)
            elif branch.to < place:
                back.append((box, branch.to))
    _lead_back(layout, back, epochs, columns.track)
    layout.width = (
        columns.track + _TRACK * max(len(back) - 1, 0) + _MARGIN if back else columns.right + _RIGHT + _MARGIN
    )
    layout.height = max(box.bottom for box in layout.boxes) + _MARGIN + _TRACK * bool(back)
    return layout


def _columns(told: tuple[Stage, ...]) -> _Columns:
    skips = [
        (place, branch.to) for place, stage in enumerate(told) for branch in stage.branches if branch.to > place + 1
    ]
    skips.sort(key=lambda edge: (-edge[1], edge[0]))
    left = {edge: _MARGIN + index * (_LEFT + _GAP / 2) for index, edge in enumerate(skips)}
    spine = _MARGIN + len(skips) * (_LEFT + _GAP / 2) + (_GAP / 2 if skips else 0)
    right = spine + _SPINE + _GAP
    most = max(sum(branch.to < place for branch in stage.branches) for place, stage in enumerate(told))
    return _Columns(left, spine, right, right + max(most, 1) * (_RIGHT + _GAP) - _GAP + _TRACK * 1.5)


def _place(layout: Layout, text: Text, x: float, y: float, width: float) -> Box:
    inside = width - 2 * PADDING
    lines: list[Line] = []
    down = y + PADDING
    for paragraph, bold in ((text.title, True), *((one, False) for one in text.paragraphs)):
        size = TITLE_SIZE if bold else SIZE
        for piece in wrap(paragraph, inside, size, bold=bold):
            down += size * _LEADING
            lines.append(Line(piece, x + PADDING, down - size * (_LEADING - 1), bold))
        down += size * 0.22
    box = Box(text.kind, x, y, width, down + PADDING * 0.7 - y, tuple(lines))
    layout.boxes.append(box)
    return box


def _height(text: Text, width: float) -> float:
    return _place(Layout(), text, 0, 0, width).height


def _assess(layout: Layout, stage: Stage, columns: _Columns, epoch: Box, highest: float) -> tuple[Box, float]:
    """Place the assessment under its epoch, beside it what keeps the patient there; give where the row ends."""
    heights = [_height(stage.assessment, _SPINE), _height(stage.stay, _RIGHT) if stage.stay else 0.0]
    row = epoch.bottom + _DOWN
    top = max(highest, row + (heights[0] - heights[1]) / 2) if stage.stay else row
    assessment = _place(layout, stage.assessment, columns.spine, max(row, top), _SPINE)
    layout.arrows.append(Arrow(((epoch.center, epoch.bottom), (epoch.center, assessment.y))))
    if stage.stay is None:
        return assessment, assessment.bottom
    stay = _place(layout, stage.stay, columns.right, top, _RIGHT)
    level = min(max(assessment.middle, stay.y + PADDING), stay.bottom - PADDING)
    layout.arrows.append(Arrow(((assessment.right, level), (stay.x, level)), heads=2))
    return assessment, max(assessment.bottom, stay.bottom)


def _branch_out(
    layout: Layout, stage: Stage, place: int, columns: _Columns, under: tuple[Box, float]
) -> tuple[list[tuple[Branch, Box]], float]:
    """Place what leads out of an epoch, each hanging from one line; give the boxes, and where the next row begins."""
    assessment, bottom = under
    if not stage.branches:
        return [], bottom + _DOWN
    bus, top = bottom + _DOWN * 0.55, bottom + _DOWN * 1.3
    placed: list[tuple[Branch, Box]] = []
    backward = 0
    for branch in stage.branches:
        if branch.to == place + 1:
            x, width = columns.spine + _SPINE * 0.12, _SPINE * 0.76
        elif branch.to > place:
            x, width = columns.left[place, branch.to], _LEFT
        else:
            x, width = columns.right + backward * (_RIGHT + _GAP), _RIGHT
            backward += 1
        box = _place(layout, branch.text, x, top, width)
        placed.append((branch, box))
        if box.center == assessment.center:
            layout.arrows.append(Arrow(((assessment.center, assessment.bottom), (box.center, box.y))))
        else:
            corner = ((assessment.center, assessment.bottom), (assessment.center, bus))
            layout.arrows.append(Arrow((*corner, (box.center, bus), (box.center, box.y))))
    return placed, max(box.bottom for _, box in placed) + _DOWN


def _lead_back(layout: Layout, back: list[tuple[Box, int]], epochs: list[Box], track: float) -> None:
    for index, (box, to) in enumerate(back):
        beside = [other for other, _ in back if other.y == box.y]
        # Under all boxes of the row, and each line under those of the boxes to its right.
        low = max(other.bottom for other in beside) + _TRACK * (0.6 + 0.5 * sum(other.x > box.x for other in beside))
        x, goal = track + index * _TRACK, epochs[to]
        level = goal.y + goal.height * 0.35
        layout.arrows.append(
            Arrow(((box.center, box.bottom), (box.center, low), (x, low), (x, level), (goal.right, level)))
        )
