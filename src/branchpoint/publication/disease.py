"""The disease of one reconstructed patient: what was abnormal, what will lead its course, what will hold it up.

Response counts the items that were abnormal at baseline and are normal, or 50% better, since. So a course is told by a
few leading items that make the response, and one slow item that keeps it from being complete.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from branchpoint.publication.kinetics import CNS, MARKERS, SPLEEN, Level, band
from branchpoint.publication.subjects import Course

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from branchpoint.publication.subjects import Baseline, ReconstructedSubject

__all__ = ["COUNTED", "FAST", "Disease", "Support", "draw_disease"]

FAST = ("ferritin", "soluble_cd25", "ifn_gamma")
"""Markers that were normal within 1 to 2 weeks (Zhang 2022, Blood 139:3493, Results)."""
SLOW = ("hemoglobin", "fibrinogen", SPLEEN)
"""Items that were normal only by week 4 (the same)."""
COUNTED = ("neutrophils", "platelets", "fibrinogen", "d_dimer", "soluble_cd25", "ferritin", CNS, SPLEEN)
"""What the trial's response criteria count, beside temperature."""
COSTS = {CNS: 0.9, SPLEEN: 2.5}
EASILY_DILUTED = 100
"""Hemoglobin (g/L) from which the blood tests and infusions of the first days lead below 90: an assumption."""


@dataclass(frozen=True, slots=True)
class Support:
    """One support of blood counts or coagulation, by study day."""

    drug: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Disease:
    """What the course of a patient is made of.

    Attributes
    ----------
    values : mapping of str to float
        Baseline of every marker, and of the spleen below the costal margin.
    abnormal : tuple of str
        Abnormal at baseline, temperature left out: it is abnormal in everyone. In alphabetical order, since draws are
        made along it and a set has another order in every process.
    leaders : tuple of str
        The items that, with temperature, make the first response.
    late : tuple of str
        The slow items: they are normal on the day of CR and not before.
    turns : mapping of str to float
        By abnormal item, the share of a recovery (0 to 1) after which it improves, where nothing else is said of it.
    """

    values: Mapping[str, float]
    abnormal: tuple[str, ...]
    leaders: tuple[str, ...]
    late: tuple[str, ...]
    turns: Mapping[str, float]

    def can_be_better(self, item: str) -> bool:
        """Whether 50% better than baseline can still be short of normal."""
        if item not in MARKERS:
            return item == SPLEEN
        value = self.values[item]
        return band(MARKERS[item], Level.BETTER, value, value) is not None


def draw_disease(subject: ReconstructedSubject, rng: np.random.Generator) -> Disease:
    """The disease of a patient."""
    course, values = subject.frontline.course, _values(subject.baseline, subject.frontline.course, rng)
    found = {name for name, marker in MARKERS.items() if marker.is_abnormal(values[name])}
    found |= {SPLEEN} if subject.baseline.splenomegaly else set()
    found |= {CNS} if subject.baseline.cns_involvement else set()
    abnormal = tuple(sorted(found))
    late = tuple(item for item in abnormal if item in SLOW)
    if not late:
        late = ("hemoglobin",) if values["hemoglobin"] < EASILY_DILUTED else ("d_dimer",)
    costs = {item: _cost(item, values) + float(rng.normal(0, 0.15)) for item in abnormal if item in COUNTED}
    order = sorted(costs, key=costs.__getitem__)
    turns = {item: float(rng.random()) for item in abnormal}
    disease = Disease(values, abnormal, (), late, turns)
    if course in (Course.IMPROVEMENT, Course.NR):
        leaders = [item for item in order if disease.can_be_better(item)][:3]
    else:
        leaders = [item for item in order if item not in late][:2]
    return replace(disease, leaders=tuple(leaders))


def _cost(item: str, values: Mapping[str, float]) -> float:
    return COSTS[item] if item in COSTS else MARKERS[item].cost(values[item])


def _values(baseline: Baseline, course: Course, rng: np.random.Generator) -> dict[str, float]:
    # D-dimer is not printed. In a PR it is one of the items that normalize early, else it is a coagulopathy's.
    low, high = (600, 1500) if course is Course.PR_THEN_PD else (1300, 6000)
    fold = {"ferritin": 500, "soluble_cd25": 6400, "ifn_gamma": 8}
    values = {name: round(getattr(baseline, name) * limit, 1) for name, limit in fold.items()}
    values |= {
        name: getattr(baseline, name)
        for name in ("triglycerides", "neutrophils", "platelets", "hemoglobin", "fibrinogen")
    }
    values["d_dimer"] = float(round(low * (high / low) ** rng.random()))
    values[SPLEEN] = round(2 * float(rng.uniform(1.5, 6.5))) / 2 if baseline.splenomegaly else 0.0
    return values
