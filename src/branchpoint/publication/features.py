"""Signs, symptoms and the side of each diagnostic limit that every reconstructed patient is on.

Counts of the clinical features are printed (Table 3). That every patient met at least 5 of the 8 HLH-2004 criteria, and
that responders had enough abnormal findings to normalize, follows from the protocol and ties the features of a patient
together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from branchpoint.publication.claims import Claims, Median, claimed, count_of
from branchpoint.publication.joint import Disposition
from branchpoint.publication.marginals import NEUTROPHIL_SHARE, VARIABLES, Bounds
from branchpoint.publication.solver import new_model, solve
from branchpoint.publication.subjects import Course, Etiology, Prior

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FEATURES", "Features", "reconstruct_features"]

FEATURES = (
    "fever",
    "splenomegaly",
    "hepatomegaly",
    "lymphadenopathy",
    "jaundice",
    "rash",
    "cns_involvement",
    "low_nk_activity",
    "hemophagocytosis",
)
CRITERIA_NEEDED = 5
ABNORMAL_NEEDED = 3


@dataclass(frozen=True, slots=True)
class Limit:
    """A variable below a limit, in the variable's unit. Limits met by equality are written one grid point further."""

    variable: str
    value: float

    @property
    def grid(self) -> int:
        """The limit in grid points."""
        return round(self.value * VARIABLES[self.variable].scale)


# HLH-2004 (Henter 2007, Pediatr Blood Cancer 48:124): Hb <90 g/L (all here are older than 4 weeks), platelets <100,
# neutrophils <1.0, triglycerides >=3.0 mmol/L, fibrinogen <=1.5 g/L, ferritin >=500 ug/L (1.0 fold).
LOW_HEMOGLOBIN = Limit("hemoglobin", 90)
LOW_PLATELETS = Limit("platelets", 100)
LOW_NEUTROPHILS = Limit("neutrophils", 1.0)
NORMAL_TRIGLYCERIDES = Limit("triglycerides", 3.0)
LOW_FIBRINOGEN = Limit("fibrinogen", 1.51)
NORMAL_FERRITIN = Limit("ferritin", 1.0)
# Response criteria count ferritin from 2000 ug/L (Locatelli 2020, N Engl J Med 382:1811).
FERRITIN_BELOW_2000 = Limit("ferritin", 4.0)
LIMITS = (
    LOW_HEMOGLOBIN,
    LOW_PLATELETS,
    LOW_NEUTROPHILS,
    NORMAL_TRIGLYCERIDES,
    LOW_FIBRINOGEN,
    NORMAL_FERRITIN,
    FERRITIN_BELOW_2000,
)

RASH_IN_SAIDS = 1.2
"""Rash belongs to the definition of SAIDs-HLH (Table 2); the size of the shift is an assumption."""


@dataclass(frozen=True, slots=True)
class Features:
    """Features of all patients.

    Attributes
    ----------
    signs : mapping of str to list of bool
        By feature of Table 3, one entry a patient.
    bounds : mapping of str to list of (int, int)
        By variable, the values each patient may take (grid points) to stay on its side of every limit.
    """

    signs: Mapping[str, list[bool]]
    bounds: Mapping[str, list[Bounds]]


def reconstruct_features(
    claims: Claims,
    dispositions: Sequence[Disposition],
    targets: Mapping[str, Sequence[int]],
    rng: np.random.Generator,
) -> Features:
    """Features of all patients, near to a random draw and to the drawn laboratory values.

    Raises
    ------
    InfeasibleError
        No features agree with the counts, the diagnostic criteria and the medians.
    """
    size = len(dispositions)
    model = new_model()
    signs = {name: [model.new_bool_var("") for _ in range(size)] for name in FEATURES}
    below = {limit: [model.new_bool_var("") for _ in range(size)] for limit in LIMITS}
    cost: list[Any] = []
    for name in FEATURES:
        likely = _draw_sign(claims, name, dispositions, rng)
        cost += [30 * (~flag if wanted else flag) for flag, wanted in zip(signs[name], likely, strict=True)]
        for prior in Prior:
            inside = [flag for flag, d in zip(signs[name], dispositions, strict=True) if d.prior is prior]
            model.add(sum(inside) == _sign_count(claims, name, prior))
    for limit in LIMITS:
        _add_limit(model, claims, limit, dispositions, below[limit])
        for flag, target in zip(below[limit], targets[limit.variable], strict=True):
            weight = 1 + round(20 * abs(math.log(max(target, 1) / limit.grid)))
            cost.append(weight * (~flag if target < limit.grid else flag))
    for index, disposition in enumerate(dispositions):
        model.add_implication(below[NORMAL_FERRITIN][index], below[FERRITIN_BELOW_2000][index])
        _add_criteria(model, index, disposition, signs, below)
    model.minimize(sum(cost))
    solver = solve(model, "clinical features and HLH-2004 criteria (Table 3)", seed=int(rng.integers(2**31)))
    found = {name: [bool(solver.value(flag)) for flag in flags] for name, flags in signs.items()}
    sides = {limit: [bool(solver.value(flag)) for flag in flags] for limit, flags in below.items()}
    return Features(found, {name: _bounds(claims, name, sides, size) for name in VARIABLES})


def _sign_count(claims: Claims, name: str, prior: Prior) -> int:
    """The printed count; where the group's percentage is misprinted, the total less the other group."""
    if claims.claims[f"feature.{name}.{prior}"].used:
        return count_of(claims, f"feature.{name}.{prior}")
    other = Prior.NAIVE if prior is Prior.STEROID else Prior.STEROID
    return count_of(claims, f"feature.{name}.all") - count_of(claims, f"feature.{name}.{other}")


def _draw_sign(claims: Claims, name: str, dispositions: Sequence[Disposition], rng: np.random.Generator) -> list[bool]:
    chance = rng.normal(size=len(dispositions))
    if name == "rash":
        chance += [RASH_IN_SAIDS * (d.etiology is Etiology.SAIDS) for d in dispositions]
    likely = [False] * len(dispositions)
    for prior in Prior:
        members = [index for index, d in enumerate(dispositions) if d.prior is prior]
        for index in sorted(members, key=lambda i: -chance[i])[: _sign_count(claims, name, prior)]:
            likely[index] = True
    return likely


def _add_limit(
    model: Any, claims: Claims, limit: Limit, dispositions: Sequence[Disposition], flags: Sequence[Any]
) -> None:
    """A printed median says of half of a group on which side of the limit it is."""
    scale = VARIABLES[limit.variable].scale
    for name in (*Prior, "all"):
        inside = [flag for flag, d in zip(flags, dispositions, strict=True) if name in ("all", d.prior)]
        claim = claimed(claims, f"baseline.{limit.variable}.{name}", Median)
        half = len(inside) // 2
        if math.floor(claim.median * scale) < limit.grid:
            model.add(sum(inside) >= half)
        if math.ceil(claim.median * scale) >= limit.grid:
            model.add(sum(inside) <= half)
        if claim.low is not None and claim.low * scale < limit.grid:
            model.add(sum(inside) >= 1)
        elif claim.low is not None:
            model.add(sum(inside) == 0)


def _add_criteria(
    model: Any,
    index: int,
    disposition: Disposition,
    signs: Mapping[str, Sequence[Any]],
    below: Mapping[Limit, Sequence[Any]],
) -> None:
    lineages = [below[limit][index] for limit in (LOW_HEMOGLOBIN, LOW_PLATELETS, LOW_NEUTROPHILS)]
    cytopenia, lipids = model.new_bool_var(""), model.new_bool_var("")
    model.add(sum(lineages) >= 2).only_enforce_if(cytopenia)
    model.add_bool_or([~below[NORMAL_TRIGLYCERIDES][index], below[LOW_FIBRINOGEN][index]]).only_enforce_if(lipids)
    found = [signs[name][index] for name in ("fever", "splenomegaly", "hemophagocytosis", "low_nk_activity")]
    # The eighth criterion, soluble CD25, is met by all: the least is 2.1 times the upper limit (Table 3).
    model.add(sum(found) + cytopenia + lipids + (1 - below[NORMAL_FERRITIN][index]) + 1 >= CRITERIA_NEEDED)
    if disposition.course is not Course.NR:
        abnormal = [signs[name][index] for name in ("fever", "splenomegaly", "cns_involvement")]
        abnormal += [below[limit][index] for limit in (LOW_NEUTROPHILS, LOW_PLATELETS, LOW_FIBRINOGEN)]
        model.add(sum(abnormal) + (1 - below[FERRITIN_BELOW_2000][index]) + 1 >= ABNORMAL_NEEDED)


def _bounds(claims: Claims, name: str, sides: Mapping[Limit, Sequence[bool]], size: int) -> list[Bounds]:
    claim = claimed(claims, f"baseline.{name}.all", Median)
    scale = VARIABLES[name].scale
    lowest, highest = (round((end or 0) * scale) for end in (claim.low, claim.high))
    bounds = []
    for index in range(size):
        low, high = lowest, highest
        for limit, flags in sides.items():
            if limit.variable == name and flags[index]:
                high = min(high, limit.grid - 1)
            elif limit.variable == name:
                low = max(low, limit.grid)
            elif name == "wbc" and limit is LOW_NEUTROPHILS and not flags[index]:
                low = max(low, math.ceil(limit.grid / NEUTROPHIL_SHARE))
        bounds.append((low, high))
    return bounds
