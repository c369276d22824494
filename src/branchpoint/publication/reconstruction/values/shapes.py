"""How values are likely spread within what is printed of them: a bell on either side of the printed middle.

Medians with a range or quartiles give each side a spread of its own, on a logarithmic scale where values are positive;
means with a standard deviation a normal, or a log-normal distribution where a normal one would reach below the least.
This is an assumption; what is printed is not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from branchpoint.publication.reconstruction.values.counting import MOST

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import numpy as np

    from branchpoint.publication.reconstruction.values.counting import Problem

__all__ = ["Shape", "shape_of", "shapes_of"]

QUARTILE = 0.6745
UNKNOWN_SPREAD = 0.8
"""Standard deviation of the logarithm where no spread is printed: most laboratory values in children lie near it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A distribution in steps of the grid, each side of its middle with its own spread.

    Attributes
    ----------
    middle, below, above : float
        On the scale of the logarithm of value plus ``added`` if ``logs``.
    added : float
    logs : bool
    """

    middle: float
    below: float
    above: float
    added: float = 0.0
    logs: bool = True

    @property
    def width(self) -> float:
        """The spread in steps of the grid, roughly."""
        side = (self.below + self.above) / 2
        return math.exp(self.middle) * min(side, 1.0) if self.logs else side

    def draw(self, size: int, rng: np.random.Generator) -> list[float]:
        """Values, in steps of the grid."""
        z = rng.normal(size=size)
        y = self.middle + z * [self.above if one > 0 else self.below for one in z]
        return [math.exp(one) - self.added if self.logs else float(one) for one in y]


def shape_of(summary: Mapping[str, float], size: int, least: float | None) -> Shape:
    """The shape that a group's summary suggests.

    Parameters
    ----------
    summary : mapping of str to float
        Printed fields in steps of the grid: median, low, high, q1, q3, mean, sd.
    size : int
        Of the group.
    least : float, optional
        A limit that every value keeps.
    """
    middle = summary.get("median", summary.get("mean"))
    ends = [summary[name] for name in ("low", "high") if name in summary]
    if middle is None:
        middle = (
            math.sqrt(max(ends[0], 1) * max(ends[-1], 1)) if ends and min(ends) >= 0 else sum(ends) / max(len(ends), 1)
        )
    floor = min([end for end in (least, summary.get("low")) if end is not None], default=0.0)
    spread = summary.get("sd")
    if spread and "median" not in summary and middle - 2 * spread >= floor:
        return Shape(middle, spread, spread, logs=False)
    if min(floor, middle) < 0:
        width = max((abs(end - middle) for end in ends), default=abs(middle) + 1) / _furthest(size)
        return Shape(middle, spread or width, spread or width, logs=False)
    added = 0.0 if floor > 0 else max(0.05 * middle, 0.5)
    center = math.log(middle + added)
    if spread and "median" not in summary:
        variance = math.log1p((spread / (middle + added)) ** 2)
        return Shape(center - variance / 2, math.sqrt(variance), math.sqrt(variance), added)
    sides = []
    for quartile, end in (("q1", "low"), ("q3", "high")):
        if quartile in summary:
            sides.append(abs(math.log(summary[quartile] + added) - center) / QUARTILE)
        elif end in summary:
            sides.append(abs(math.log(summary[end] + added) - center) / _furthest(size))
        else:
            sides.append(UNKNOWN_SPREAD)
    # A side without width would hold everybody on one value.
    below, above = (max(side, 0.02) for side in sides)
    return Shape(center, below, above, added)


def shapes_of(
    problem: Problem,
    summaries: Sequence[Mapping[str, float]],
    times: Sequence[float],
    ended: Collection[int],
    between: Sequence[tuple[int, int, int]] = (),
) -> tuple[Shape, ...]:
    """A shape for each cell: that of the smallest group around it whose middle is printed.

    Parameters
    ----------
    problem : Problem
    summaries : sequence of mapping of str to float
        What is printed of each group.
    times : sequence of float
        At which survival is printed, in steps of the grid.
    ended : collection of int
        Groups of those who had the event.
    between : sequence of (int, int, int)
        Groups whose events came between two moments, and these.
    """

    def worth(group: int) -> tuple[bool, float]:
        return bool({"median", "mean"} & set(summaries[group])), -problem.sizes[group]

    least = None if problem.least == -MOST else float(problem.least)
    moments, last = {group: (low, high) for group, low, high in between}, max(times, default=0.0)
    longest = max((high for _, _, high in between), default=0)
    found = []
    for cell in problem.cells:
        own = [moments[group] for group in cell.groups if group in moments]
        if own:
            found.append(_event_shape(*own[0], last))
            continue
        best = max(cell.groups, key=worth, default=None)
        if times and (best is None or not worth(best)[0]):
            event = any(group in ended for group in cell.groups)
            if longest and not event:
                found.append(Shape(0.75 * longest, 0.25 * longest, 0.25 * longest, logs=False))
            else:
                found.append(_time_shape(min(times), max(times), event=event))
        elif times and best is not None and {"median", "high"} <= set(summaries[best]):
            found.append(_follow_up_shape(summaries[best]["median"], summaries[best]["high"]))
        elif best is None:
            found.append(shape_of({}, 1, least))
        else:
            found.append(shape_of(summaries[best], problem.sizes[best], least))
    return tuple(found)


def _event_shape(low: float, high: float, last: float) -> Shape:
    """Events between two moments, as if the hazard were constant; after the last curve fewer and fewer are at risk."""
    wide = max(high - low, 1.0)
    if low < last:
        return Shape((low + high) / 2, wide, wide, logs=False)
    return Shape(low, 1.0, max(0.45 * wide, 1.0), logs=False)


def _follow_up_shape(median: float, high: float) -> Shape:
    """Follow-up to one day of cutoff after an even enrollment; its least value is as a rule that of an early death."""
    side = max((high - median) / 3**0.5, 1.0)
    return Shape(median, side, side, logs=False)


def _time_shape(first: float, last: float, *, event: bool) -> Shape:
    """Times of which only survival is printed: events around the first of its times, observed beyond the last."""
    middle = 0.5 * first if event else 1.4 * last
    return Shape(math.log(max(middle, 1.0)), UNKNOWN_SPREAD, 0.5 * UNKNOWN_SPREAD, 0.5)


def _furthest(size: int) -> float:
    """The normal quantile of the extreme of a sample."""
    return max(NormalDist().inv_cdf((size - 0.5) / size), 0.5) if size > 1 else 1.0
