"""The continuous baseline variables of a reconstruction, with median and range as printed in every group.

Values are first drawn from a skewed distribution through each group's printed minimum, median and maximum, correlated
between variables; then moved as little as possible, on the grid of the printed precision, until all printed medians
and ranges agree, overall and by group at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import NormalDist
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.claims import Claims, Median, claimed
from branchpoint.publication.joint import Disposition
from branchpoint.publication.solver import add_distance, add_median, add_range, new_model, solve
from branchpoint.publication.subjects import Course, Etiology, Prior

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["NEUTROPHIL_SHARE", "VARIABLES", "Bounds", "Variable", "draw_targets", "fit_variable"]

Bounds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Variable:
    """A continuous baseline variable.

    Attributes
    ----------
    name : str
        Field of `branchpoint.publication.subjects.Baseline`, and part of the claims' ids.
    decimals : int
        Of the printed precision; values are whole multiples of it.
    cells, injury : float
        Correlation with two hidden factors, blood cell counts and organ injury: assumptions.
    """

    name: str
    decimals: int
    cells: float = 0.0
    injury: float = 0.0

    @property
    def scale(self) -> int:
        """Grid points in one unit."""
        return int(10**self.decimals)


VARIABLES: Mapping[str, Variable] = MappingProxyType(
    {
        variable.name: variable
        for variable in (
            Variable("age", 1),
            Variable("onset_to_diagnosis", 0),
            Variable("wbc", 2, cells=0.85),
            Variable("neutrophils", 2, cells=0.9),
            Variable("platelets", 0, cells=0.6, injury=-0.3),
            Variable("hemoglobin", 0, cells=0.5),
            Variable("fibrinogen", 2, injury=-0.5),
            Variable("triglycerides", 2, injury=0.4),
            Variable("ast", 0, injury=0.9),
            Variable("alt", 1, injury=0.85),
            Variable("ifn_gamma", 1, injury=0.5),
            Variable("soluble_cd25", 1, injury=0.5),
            Variable("ferritin", 1, injury=0.6),
        )
    }
)

NEUTROPHIL_SHARE = 0.95
"""Neutrophils are at most this share of the white cells."""
CROWDING = 4
"""Price of a step of distance lost between neighbors, in steps of distance from the targets."""
AGE_SHIFT = {Etiology.CAEBV: 0.7, Etiology.SAIDS: 0.3, Etiology.EBV: -0.2, Etiology.UNKNOWN: -0.4}
"""CAEBV and SAIDs are diseases of older children than primary EBV infection: an assumption on the latent scale."""
ONSET_SHIFT = {True: -0.8, False: 0.6}
"""By favorable response; the two medians are printed (Results, Response to frontline RUX monotherapy)."""


def draw_targets(claims: Claims, dispositions: Sequence[Disposition], rng: np.random.Generator) -> dict[str, list[int]]:
    """Plausible values of every variable, one a patient, in grid points; they agree with the claims roughly."""
    size = len(dispositions)
    cells, injury = rng.normal(size=(2, size))
    targets: dict[str, list[int]] = {}
    for variable in VARIABLES.values():
        rest = math.sqrt(1 - variable.cells**2 - variable.injury**2)
        latent = variable.cells * cells + variable.injury * injury + rest * rng.normal(size=size)
        if variable.name == "age":
            latent += [AGE_SHIFT[d.etiology] for d in dispositions]
        if variable.name == "onset_to_diagnosis":
            latent += [ONSET_SHIFT[d.course is Course.CR] for d in dispositions]
        values = [0] * size
        for prior in Prior:
            members = [index for index, d in enumerate(dispositions) if d.prior is prior]
            claim = claimed(claims, f"baseline.{variable.name}.{prior}", Median)
            ranked = sorted(members, key=lambda index: latent[index])
            for index, value in zip(ranked, _quantiles(claim, len(ranked), rng), strict=True):
                values[index] = round(value * variable.scale)
        if variable.name == "neutrophils":
            values = [
                min(own, int(NEUTROPHIL_SHARE * white)) for own, white in zip(values, targets["wbc"], strict=True)
            ]
        targets[variable.name] = values
    return targets


def _quantiles(claim: Median, size: int, rng: np.random.Generator) -> list[float]:
    """Ordered draws from a log-normal distribution with its own spread on each side of the printed median."""
    middle = math.log(claim.median)
    low, high = (math.log(end or claim.median) for end in (claim.low, claim.high))
    normal = NormalDist()
    furthest = normal.inv_cdf((size - 0.5) / size)
    values = []
    for rank in range(size):
        z = normal.inv_cdf((rank + rng.uniform(0.2, 0.8)) / size) / furthest
        value = middle + z * (high - middle if z > 0 else middle - low)
        values.append(math.exp(min(max(value, low), high)))
    return values


def fit_variable(
    claims: Claims,
    variable: Variable,
    dispositions: Sequence[Disposition],
    targets: Sequence[int],
    bounds: Sequence[Bounds],
    *,
    keep_order: bool = True,
) -> list[int]:
    """Values near to the targets that have the printed medians and ranges.

    Parameters
    ----------
    claims : Claims
        The study's claims.
    variable : Variable
        What is fitted.
    dispositions : sequence of Disposition
        One a patient, for the groups.
    targets : sequence of int
        One a patient, in grid points.
    bounds : sequence of (int, int)
        The least and the greatest value that each patient may take, in grid points.
    keep_order : bool
        Keep the order of the targets within a group, which leaves little to search. Not where each patient has bounds
        of his own: the one drawn highest may not be able to be.

    Returns
    -------
    list of int
        One a patient, in grid points.

    Raises
    ------
    InfeasibleError
        No values agree with the claims and the bounds.
    """
    model = new_model()
    values = [model.new_int_var(low, high, "") for low, high in bounds]
    weights = [max(1, round(20_000 / (target + 5))) for target in targets]
    crowding = 0
    by_response = variable.name == "onset_to_diagnosis"
    groups: dict[tuple[Prior, bool], list[int]] = {}
    for index, d in enumerate(dispositions):
        groups.setdefault((d.prior, by_response and d.course is Course.CR), []).append(index)
    for members in groups.values() if keep_order else ():
        members.sort(key=lambda i: (min(max(targets[i], bounds[i][0]), bounds[i][1]), bounds[i], i))
        for before, after in pairwise(members):
            model.add(values[before] <= values[after])
            # Without a price for lost distance, all that have to cross a limit would end on the same value.
            lost = model.new_int_var(0, 10**6, "")
            model.add(lost >= abs(targets[after] - targets[before]) // 2 - values[after] + values[before])
            crowding += CROWDING * weights[after] * lost
    for name in (*Prior, "all"):
        group = [v for v, d in zip(values, dispositions, strict=True) if name in ("all", d.prior)]
        _add_claim(model, claims, f"baseline.{variable.name}.{name}", group, variable.scale)
    if by_response:
        for name, favorable in (("favorable", True), ("unfavorable", False)):
            group = [v for v, d in zip(values, dispositions, strict=True) if (d.course is Course.CR) is favorable]
            _add_claim(model, claims, f"onset_to_diagnosis.{name}", group, variable.scale)
    model.minimize(add_distance(model, values, targets, weights) + crowding)
    for value, target in zip(values, targets, strict=True):
        model.add_hint(value, target)
    solver = solve(model, f"median and range of {variable.name} in every group (Table 3)", effort=0.15)
    return [solver.value(value) for value in values]


def _add_claim(model: object, claims: Claims, claim_id: str, values: Sequence[object], scale: int) -> None:
    claim = claimed(claims, claim_id, Median)
    doubled = _grid(2 * claim.median, scale)
    add_median(model, values, doubled, doubled)
    aside = claims.claims[claim_id].set_aside
    ends = []
    for name, end in (("low", claim.low), ("high", claim.high)):
        followed = end is not None and name not in aside
        ends.append((_grid(end, scale),) * 2 if end is not None and followed else (0, 10**6))
    add_range(model, values, *ends)


def _grid(value: Decimal, scale: int) -> int:
    return int((value * scale).to_integral_value())
