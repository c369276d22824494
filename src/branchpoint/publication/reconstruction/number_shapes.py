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

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

__all__ = ["Shape", "shape_of"]

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


def _furthest(size: int) -> float:
    """The normal quantile of the extreme of a sample."""
    return max(NormalDist().inv_cdf((size - 0.5) / size), 0.5) if size > 1 else 1.0
