"""Met: printed numbers recomputed from a drawn cohort, by the estimators that analyze a trial and not by the search."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.claims import VariableKind, printed_like
from branchpoint.publication.reconstruction.values.printed_fields import SPREADS, fields_of, members
from branchpoint.publication.reconstruction.values.printed_survival import BESIDE, curves_of
from branchpoint.statistics.descriptives import mean_sd, median_range, quantile
from branchpoint.statistics.kaplan_meier import kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from branchpoint.publication.claims import Claims
    from branchpoint.publication.reconstruction.values.printed_fields import PrintedField
    from branchpoint.publication.reconstruction.values.printed_survival import PrintedCurve

__all__ = ["Unmet", "unmet"]

_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Unmet:
    """A printed number that a drawn cohort does not have, and what it has instead."""

    claim: str
    field: str
    text: str
    found: float


def unmet(
    claims: Claims,
    variable: str,
    patients: Sequence[Mapping[str, str]],
    values: Sequence[float | None],
    dropped: frozenset[tuple[str, str]] = frozenset(),
) -> Iterator[Unmet]:
    """The summaries and survival estimates of a variable that a cohort does not print.

    Parameters
    ----------
    claims : Claims
    variable : str
        The id of a number or a time.
    patients : sequence of mapping of str to str
        The level of every category, one a patient.
    values : sequence of float or None
        One a patient.
    dropped : frozenset of (str, str)
        Claims and fields that are not followed.
    """
    own = claims.variables[variable]
    for field in fields_of(claims, variable, dropped):
        inside = [values[place] for place in members(claims, field.population, patients)]
        found = _summary(field, np.asarray([value for value in inside if value is not None], float))
        if not any(_prints(one * float(field.per_unit), field) for one in found):
            yield Unmet(field.claim, field.field, field.text, found[0])
    for curve in curves_of(claims, variable, dropped) if own.kind is VariableKind.TIME and own.event else ():
        places = [place for place in members(claims, curve.population, patients) if values[place] is not None]
        times = np.asarray([values[place] for place in places], float)
        events = np.asarray([own.event is not None and own.event.holds(patients[place]) for place in places])
        survival, error = kaplan_meier(times, events).at(float(curve.value.at)) if places else (np.nan, np.nan)
        yield from _curve(curve, survival, error)


def _summary(field: PrintedField, values: np.ndarray) -> list[float]:
    """What a field would be; quartiles by every usual rule."""
    if not len(values):
        return [float("nan")]
    match field.field:
        case "low":
            return [float(values.min())]
        case "high":
            return [float(values.max())]
        case "median":
            return [float(median_range(values).median)]
        case "q1" | "q3":
            share = 0.25 if field.field == "q1" else 0.75
            return [quantile(values, share, kind) for kind in ("r", "sas", "spss")]
        case "mean":
            return [mean_sd(values).mean]
        case "standard_error":
            return [mean_sd(values).sd / len(values) ** 0.5]
        case "plus_minus":
            sd = mean_sd(values).sd
            return [sd, sd / len(values) ** 0.5]
        case _:
            return [mean_sd(values).sd]


def _prints(value: float, field: PrintedField) -> bool:
    slack = _EDGE if field.field in SPREADS else 0.0
    return not isnan(value) and any(
        printed_like(round(value + side, 9), field.printed) for side in (0.0, slack, -slack)
    )


def _curve(curve: PrintedCurve, survival: float, error: float) -> Iterator[Unmet]:
    if isnan(survival) or not printed_like(round(100 * survival, 9), curve.value.percent):
        yield Unmet(curve.claim, "percent", curve.text, 100 * survival)
        return
    reading = curve.sets.reading
    if reading is not None and not bool(reading.fits(np.asarray([survival]), np.asarray([error]))[0]):
        beside = next(name for name in BESIDE if getattr(curve.value, name) is not None)
        yield Unmet(curve.claim, beside, f"{curve.text}, what is printed beside it", 100 * error)
