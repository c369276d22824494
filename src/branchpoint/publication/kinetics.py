"""How each marker of HLH moves: the values that a level of response leaves open, and a draw from them.

Levels are stated against the patient's own baseline, as the response criteria do. Inside a level a marker moves
smoothly from its worse to its better edge while the level lasts. The limits are the protocol's; healthy ranges, paces
and margins are assumptions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

__all__ = [
    "CNS",
    "MARKERS",
    "SPLEEN",
    "TEMPERATURE",
    "Level",
    "Marker",
    "band",
    "draw",
    "draw_spleen",
    "draw_temperature",
    "nearest_band",
]

TEMPERATURE, SPLEEN, CNS = "temperature", "spleen_below_costal_margin", "cns_involvement"


class Level(Enum):
    """Where a marker is, against its baseline."""

    UNCHANGED = "neither normal nor 50% better"
    BETTER = "50% better, not normal"
    NORMAL = "normal, as response is judged"
    HEALTHY = "as in a healthy child"
    WORSE = "abnormal, and more than 50% worse than its best"
    ABNORMAL = "abnormal, wherever it was"


RECOVERY = 40.0
"""Days in which a normal marker goes two thirds of its way to where it settles."""
LADDER = (Level.UNCHANGED, Level.BETTER, Level.NORMAL)


@dataclass(frozen=True, slots=True)
class Marker:
    """A laboratory value that follows the disease.

    Attributes
    ----------
    name, unit : str
    decimals : int
        As laboratories report it.
    worse : {"high", "low"}
        The direction in which the disease takes it.
    limit : float
        Normal lies on one side, between two reportable values so that none is equal to it.
    healthy : (float, float)
        Of a healthy child; the end nearer to the limit first.
    pace : float
        How fast it normalizes, as a logarithm a unit of time; compared between markers only.
    """

    name: str
    unit: str
    decimals: int
    worse: Literal["high", "low"]
    limit: float
    healthy: tuple[float, float]
    pace: float = 1.0

    def badness(self, value: float) -> float:
        """The value where disease raises it, its reciprocal where disease lowers it."""
        return value if self.worse == "high" else 1 / value

    def value(self, badness: float) -> float:
        """The reportable value of a badness."""
        value = badness if self.worse == "high" else 1 / badness
        return max(round(value, self.decimals), 10**-self.decimals)

    def is_abnormal(self, value: float) -> bool:
        """Whether the value lies beyond the limit."""
        return self.badness(value) > self.badness(self.limit)

    @property
    def improved(self) -> float:
        """Badness, as a share of baseline, from which the marker counts as 50% better."""
        return 0.5 if self.worse == "high" else 1 / 1.5

    @property
    def worsened(self) -> float:
        """Badness, as a multiple of the best, from which the marker counts as 50% worse."""
        return 1.5 if self.worse == "high" else 2.0

    def cost(self, baseline: float) -> float:
        """How far from normal the marker is at baseline, in units of its pace."""
        return math.log(self.badness(baseline) / self.badness(self.limit)) / self.pace


MARKERS: Mapping[str, Marker] = MappingProxyType(
    {
        marker.name: marker
        for marker in (
            Marker("ferritin", "ug/L", 0, "high", 1999.5, (350, 60)),
            Marker("soluble_cd25", "pg/mL", 0, "high", 6400.5, (5600, 2200), pace=0.8),
            Marker("ifn_gamma", "pg/mL", 1, "high", 8.05, (6.5, 1.5)),
            Marker("d_dimer", "ug/L", 0, "high", 499.5, (400, 120), pace=1.2),
            Marker("triglycerides", "mmol/L", 2, "high", 2.995, (1.9, 0.6)),
            Marker("neutrophils", "10*9/L", 2, "low", 0.995, (1.8, 5.5), pace=0.9),
            Marker("platelets", "10*9/L", 0, "low", 99.5, (180, 420), pace=0.6),
            Marker("hemoglobin", "g/L", 0, "low", 89.5, (108, 135), pace=0.3),
            Marker("fibrinogen", "g/L", 2, "low", 1.505, (1.9, 3.2), pace=0.4),
        )
    }
)


def band(marker: Marker, level: Level, baseline: float, best: float) -> tuple[float, float] | None:
    """The badness that a level leaves open, worse edge first; None where the level is not possible.

    Parameters
    ----------
    marker : Marker
    level : Level
    baseline, best : float
        Value at baseline, and the best since; a level that is no worsening keeps close to the best.
    """
    base, limit = marker.badness(baseline), marker.badness(marker.limit)
    near, far = (marker.badness(end) for end in marker.healthy)
    not_worse = 0.9 * marker.worsened * marker.badness(best)
    if level is Level.WORSE:
        least = max(1.12 * marker.worsened * marker.badness(best), 1.1 * limit)
        return max(1.6 * least, 0.9 * base), least
    if level is Level.ABNORMAL:
        return 1.35 * limit, 1.05 * limit
    if level is Level.HEALTHY:
        return near, far
    if level is Level.NORMAL:
        return min(0.96 * limit, max(1.05 * base, near)), math.sqrt(near * far)
    if level is Level.BETTER:
        edges = min(0.93 * marker.improved * base, not_worse), 1.04 * limit
    else:
        edges = min(1.12 * base, not_worse), max(1.15 * marker.improved * base, 1.04 * limit)
    return edges if edges[0] > edges[1] else None


def nearest_band(marker: Marker, level: Level, baseline: float, best: float) -> tuple[Level, tuple[float, float]]:
    """A level with its band or, where it is not possible, the next better one that is."""
    better = LADDER[LADDER.index(level) :] if level in LADDER else (level,)
    return next((step, edges) for step in better if (edges := band(marker, step, baseline, best)) is not None)


def recovered(days: int) -> float:
    """How far a marker has come, so many days after it became normal, to where it settles."""
    return 1 - math.exp(-days / RECOVERY)


def draw(edges: tuple[float, float], progress: float, rng: np.random.Generator) -> float:
    """A badness between two edges: near the worse one at progress 0, near the better one at 1."""
    share = min(max(0.1 + 0.8 * progress + rng.normal(0, 0.06), 0.02), 0.98)
    return float(math.exp(math.log(edges[0]) * (1 - share) + math.log(edges[1]) * share))


def draw_temperature(level: Level, progress: float, rng: np.random.Generator) -> float:
    """A temperature, degrees Celsius."""
    if level is Level.WORSE:
        return round(float(rng.uniform(38.6, 39.8)), 1)
    if level is Level.UNCHANGED:
        return round(float(39.2 - 0.9 * progress + rng.normal(0, 0.25)), 1)
    return round(min(max(float(rng.normal(36.8, 0.25)), 36.0), 37.3), 1)


def draw_spleen(level: Level, baseline: float, progress: float, rng: np.random.Generator) -> float:
    """Centimeters below the costal margin, by halves; 0 where the spleen is not enlarged."""
    if level in (Level.NORMAL, Level.HEALTHY):
        return 0.0
    size = baseline or float(rng.uniform(2, 4))
    if level is Level.BETTER:
        return max(0.5, math.floor(2 * size * (0.5 - 0.2 * progress)) / 2)
    return math.ceil(2 * size * (1.1 - 0.4 * progress)) / 2
