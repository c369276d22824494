"""Chemistry and the differential count: what is measured at a visit, and what response does not look at.

Organ injury follows the activity of the disease. Normal values, and those that Table 3 does not print, are assumptions
that keep every patient clear of exclusion criterion 4 (MELD above 20, clearance below 15 mL/min).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from branchpoint.publication.subjects import Baseline

__all__ = ["Organs", "cells_around", "draw_organs"]

HEALTHY: Mapping[str, float] = {
    "ast": 28,
    "alt": 20,
    "alp": 210,
    "bilirubin": 9,
    "inr": 1.0,
    "albumin": 42,
    "sodium": 139,
    "amylase": 55,
    "lipase": 30,
}
UNITS: Mapping[str, str] = {
    "ast": "U/L",
    "alt": "U/L",
    "alp": "U/L",
    "bilirubin": "umol/L",
    "creatinine": "umol/L",
    "inr": "1",
    "albumin": "g/L",
    "sodium": "mmol/L",
    "amylase": "U/L",
    "lipase": "U/L",
    "white_blood_cells": "10*9/L",
    "lymphocytes": "10*9/L",
}
DECIMALS: Mapping[str, int] = {"inr": 2, "bilirubin": 1, "alt": 1}
NEUTROPHIL_SHARE = 0.5
MOST_NEUTROPHILS = 0.95
LYMPHOCYTE_SHARE = 0.85
"""Of the white cells that are no neutrophils."""


@dataclass(frozen=True, slots=True)
class Organs:
    """Baseline chemistry of one patient, by test."""

    values: Mapping[str, float]

    def at(self, activity: float, rng: np.random.Generator) -> dict[str, float]:
        """Values when the disease is as active as at baseline (1), at rest (0), or between."""
        found = {}
        for name, base in self.values.items():
            rest = HEALTHY.get(name, base)
            value = rest * (base / rest) ** activity
            spread = 0.006 if name == "sodium" else 0.03 if name in ("inr", "albumin") else 0.09
            found[name] = round(value * float(rng.lognormal(0, spread)), DECIMALS.get(name, 0))
        return found


def draw_organs(baseline: Baseline, rng: np.random.Generator) -> Organs:
    """Chemistry at baseline; AST and ALT as reconstructed."""
    creatinine = 20 + 2.1 * baseline.age
    values = {
        "ast": baseline.ast,
        "alt": baseline.alt,
        "alp": float(rng.uniform(150, 420)),
        "bilirubin": float(rng.uniform(42, 80) if baseline.jaundice else rng.uniform(6, 19)),
        "creatinine": creatinine * float(rng.lognormal(0, 0.12)),
        "inr": float(rng.uniform(1.0, 1.35)),
        "albumin": float(rng.uniform(25, 37)),
        "sodium": float(rng.uniform(130, 139)),
        "amylase": float(rng.uniform(25, 110)),
        "lipase": float(rng.uniform(12, 70)),
    }
    rounded = {name: round(value, DECIMALS.get(name, 0)) for name, value in values.items()}
    return Organs(rounded)


def cells_around(neutrophils: float, baseline: Baseline, activity: float) -> dict[str, float]:
    """White cells and lymphocytes that go with a neutrophil count."""
    share = min(baseline.neutrophils / baseline.wbc, MOST_NEUTROPHILS)
    now = share * activity + NEUTROPHIL_SHARE * (1 - activity)
    # A patient with almost no neutrophils has few of them among the white cells, not a hundred times the others.
    white = max(neutrophils / max(now, 0.05), neutrophils / MOST_NEUTROPHILS)
    white = min(white, max(neutrophils / NEUTROPHIL_SHARE, baseline.wbc))
    return {
        "white_blood_cells": round(white, 2),
        "lymphocytes": round((white - neutrophils) * LYMPHOCYTE_SHARE, 2),
    }
