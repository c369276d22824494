"""Weight and height for age: an assumption, since the report prints neither.

The dose of ruxolitinib depends on weight (2.5, 5 or 10 mg up to 10, up to 20 and above 20 kg), so a reconstructed
patient needs one. The table holds rounded medians after the WHO Child Growth Standards (2006) to 5 years, the WHO
reference (2007) beyond, and for weight beyond 10 years the CDC charts (2000). It is good enough to make up a child, and
not meant to assess one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.solver import InfeasibleError
from branchpoint.publication.subjects import Sex

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["draw_growth"]

AGES = (0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0)
WEIGHTS = {
    Sex.MALE: (3.3, 6.4, 7.9, 9.6, 12.2, 14.3, 16.3, 18.3, 20.5, 22.9, 25.4, 28.1, 31.2, 35.6, 40, 45.3, 50.8, 56),
    Sex.FEMALE: (3.2, 5.8, 7.3, 8.9, 11.5, 13.9, 16.1, 18.2, 20.2, 22.4, 25, 28.2, 31.9, 37, 41.5, 45.8, 49.4, 52),
}
HEIGHTS = {
    Sex.MALE: (50, 61, 68, 76, 87, 96, 103, 110, 116, 122, 127, 133, 138, 143, 149, 156, 163, 169),
    Sex.FEMALE: (49, 60, 66, 74, 86, 95, 103, 109, 115, 121, 127, 132, 139, 145, 151, 156, 160, 162),
}
WEIGHT_SPREAD = 0.11
"""Standard deviation of log weight about the median for age."""
HEIGHT_SPREAD = 0.035
DOSE_BAND_LIMITS = (10.0, 20.0)
MOST_DRAWS = 1000


def draw_growth(
    ages: Sequence[float], sexes: Sequence[Sex], rng: np.random.Generator
) -> tuple[tuple[float, float], ...]:
    """Weight (kg) and height (cm), one decimal each, of children of these ages (years) and sexes.

    Raises
    ------
    InfeasibleError
        The ages leave one of the three dose bands of ruxolitinib empty.
    """
    for _ in range(MOST_DRAWS):
        drawn = tuple(_draw(age, sex, rng) for age, sex in zip(ages, sexes, strict=True))
        bands = np.digitize([weight for weight, _ in drawn], DOSE_BAND_LIMITS, right=True)
        if len(set(bands.tolist())) == len(DOSE_BAND_LIMITS) + 1:
            return drawn
    raise InfeasibleError("weights in each of the three dose bands", "NOT DRAWN")


def _draw(age: float, sex: Sex, rng: np.random.Generator) -> tuple[float, float]:
    # A light child is more often a short one: the two share half of their deviation.
    stature, build = np.clip(rng.normal(size=2), -2, 2)
    weight = float(np.interp(age, AGES, WEIGHTS[sex])) * float(np.exp(WEIGHT_SPREAD * (stature + build) / 2**0.5))
    height = float(np.interp(age, AGES, HEIGHTS[sex])) * (1 + HEIGHT_SPREAD * float(stature))
    return round(weight, 1), round(height, 1)
