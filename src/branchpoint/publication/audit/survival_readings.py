"""Readings of what is printed beside a survival estimate: which limits, on which scale, of how many standard errors."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from math import asin, e, inf, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from branchpoint.publication.audit.risk_paths import Box
from branchpoint.publication.audit.shares import decimals
from branchpoint.statistics.curve_limits import FORMS, Form, curve_limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

    from branchpoint.publication.claims import Survival

__all__ = [
    "Reading",
    "Steps",
    "estimate_box",
    "one_limit",
    "other_readings",
    "rounded_on_the_way",
    "stated_readings",
    "unit",
]

_EDGE = 1e-9
_ERROR = "one standard error"
_SCALES: dict[str, tuple[Any, Any, tuple[float, ...]]] = {
    "plain": (lambda p: p, lambda _: 1.0, ()),
    "log": (log, lambda p: p, ()),
    "log-log": (lambda p: -log(-log(p)), lambda p: -p * log(p), (1 / e,)),
    "logit": (lambda p: log(p / (1 - p)), lambda p: p * (1 - p), (0.5,)),
    "arcsine": (lambda p: asin(sqrt(p)), lambda p: 2 * sqrt(p * (1 - p)), (0.5,)),
}
"""By form: the scale, one over its slope, and where that is greatest."""
_NAMED: dict[str, re.Pattern[str]] = {
    "log-log": re.compile(r"log[- (]*log|complementary", re.IGNORECASE),
    "logit": re.compile(r"\blogit", re.IGNORECASE),
    "arcsine": re.compile(r"\barc-?sin", re.IGNORECASE),
    "log": re.compile(r"\blog\b(?![- (]*(rank|log))(?<!log-log)", re.IGNORECASE),
    "plain": re.compile(r"\b(plain|linear|symmetric)\b", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Steps:
    """To how many decimals, in percent, what plain limits are computed from was rounded; None where it was not."""

    estimate: int | None = None
    error: int | None = None
    half: int | None = None


def _rounded(percent: NDArray[np.float64], places: int | None) -> NDArray[np.float64]:
    """Rounded half up, a hair below the half included."""
    return percent if places is None else np.floor(percent * 10.0**places + 0.5 + _EDGE) / 10.0**places


def _reach(places: int | None) -> float:
    """The most that rounding changes, as a fraction."""
    return 0.0 if places is None else 10.0**-places / 200


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the numbers beside an estimate.

    Attributes
    ----------
    label : str
        Such as "95% limits", "one standard error".
    z : float
        Standard errors in half of the interval.
    numbers : tuple of (str, Decimal)
        What is printed, in percent: "low" and "high" limit, "half" width, standard "error".
    form : {"plain", "log", "log-log", "logit", "arcsine"}
        The scale on which limits are symmetric.
    slack : int
        By how many units of its last place each number may differ, rounding apart.
    steps : Steps
        What was rounded on the way; of plain limits alone.
    """

    label: str
    z: float
    numbers: tuple[tuple[str, Decimal], ...]
    form: Form = "plain"
    slack: int = 0
    steps: Steps = Steps()

    def printed(self, name: str, survival: ArrayLike, error: ArrayLike) -> NDArray[np.float64]:
        """One of the numbers, in percent, computed from estimates and their standard errors.

        Plain limits are cut at 0 and 100, unless a number beyond them was printed.
        """
        p = _rounded(100 * np.asarray(survival, float), self.steps.estimate) / 100
        error = _rounded(100 * np.asarray(error, float), self.steps.error) / 100
        if name == "error":
            return 100 * error
        half = _rounded(100 * self.z * error, self.steps.half)
        if name == "half":
            return half
        if self.form == "plain":
            limit = 100 * p - half if name == "low" else 100 * p + half
            return np.clip(limit, 0, 100) if self._within else limit
        level = 2 * NormalDist().cdf(self.z) - 1
        return 100 * curve_limits(p, error, level, self.form)[0 if name == "low" else 1]

    @property
    def errors(self) -> float:
        """Standard errors in what is printed: in half of an interval, or one."""
        return 1.0 if all(name == "error" for name, _ in self.numbers) else self.z

    def widths(self, error: NDArray[np.float64]) -> NDArray[np.float64]:
        """What is printed of the precision, in percent: half of the interval, or one standard error."""
        return self.printed("error" if self.errors == 1.0 else "half", np.zeros(1), error)

    @property
    def _within(self) -> bool:
        return all(0 <= number <= 100 for _, number in self.numbers)

    def fits(self, survival: ArrayLike, error: ArrayLike) -> NDArray[np.bool_]:
        """Which estimates print all of the numbers, rounded either way where they lie between two printed values."""
        fitting = np.ones(np.shape(survival), bool)
        for name, number in self.numbers:
            apart = np.abs(self.printed(name, survival, error) - float(number))
            fitting &= apart <= float(unit(number)) * (0.5 + self.slack) + 100 * _EDGE
        return fitting

    def box(self, of: Box) -> Box:
        """Bounds of the standard error that follow from the numbers; the least is above the greatest where none fits.

        Parameters
        ----------
        of : Box
            Bounds of the estimate, above 0 and below 1.
        """
        least, most = 0.0, inf
        on_the_way = _reach(self.steps.half) + self.z * _reach(self.steps.error)
        for name, number in self.numbers:
            reach = float(unit(number)) * (0.5 + self.slack) / 100
            if name != "error":
                reach += on_the_way + (_reach(self.steps.estimate) if name != "half" else 0.0)
            else:
                reach += _reach(self.steps.error)
            low, high = float(number) / 100 - reach, float(number) / 100 + reach
            if name in ("half", "error"):
                z = self.z if name == "half" else 1.0
                bounds = low / z, high / z
            else:
                bounds = self._from_limit(name, low, high, of)
            least, most = max(least, bounds[0]), min(most, bounds[1])
        return replace(of, least_error=least, most_error=most)

    def _from_limit(self, name: str, low: float, high: float, of: Box) -> tuple[float, float]:
        """Bounds of the standard error that one limit leaves, the estimate anywhere in its box."""
        if self.form != "plain" and not self._within:
            return inf, 0
        scale, slope, peaks = _SCALES[self.form]
        slopes = [slope(edge) for edge in (of.low, of.high, *(peak for peak in peaks if of.low < peak < of.high))]
        if name == "low":
            near, cut = scale(of.low) - scale(high) if high < of.low else 0.0, low <= _EDGE and self._within
            far = inf if cut else scale(of.high) - scale(low)
        else:
            near, cut = scale(low) - scale(of.high) if low > of.high else 0.0, high >= 1 - _EDGE and self._within
            far = inf if cut else scale(high) - scale(of.low)
        return near * min(slopes) / self.z, far * max(slopes) / self.z


def unit(printed: Decimal) -> Decimal:
    """One unit of the last place of a printed number."""
    return Decimal(1).scaleb(-decimals(printed))


def estimate_box(percent: Decimal) -> Box:
    """Between which fractions an estimate lies that prints as a percentage."""
    reach = unit(percent) / 2
    return Box(max(float(percent - reach) / 100, 0.0), min(float(percent + reach) / 100, 1.0))


def stated_readings(value: Survival, method: str | None) -> list[Reading]:
    """The readings that a claim leaves open: of limits the scale, of an unnamed ± what it is.

    Parameters
    ----------
    value : Survival
    method : str, optional
        As the report states it: a scale that it names is the only one.
    """
    z = _z(float(value.level))
    limits = [(name, number) for name, number in (("low", value.low), ("high", value.high)) if number is not None]
    named = [("half", value.half_width), ("error", value.standard_error)]
    numbers = limits + [(name, number) for name, number in named if number is not None]
    forms = [form for form in FORMS if method and _NAMED[form].search(method)] or list(FORMS)
    if not limits or value.half_width is not None:
        forms = ["plain"]
    level = f"{value.level:f}%"
    if value.plus_minus is not None:
        as_error, as_half = ((*numbers, (name, value.plus_minus)) for name in ("error", "half"))
        half = [Reading(f"half of a {level} interval", z, as_half)]
        return [*(Reading(_ERROR, z, as_error, form) for form in forms), *half]
    label = f"{level} limits" if limits else f"half of a {level} interval" if value.half_width is not None else _ERROR
    return [Reading(label if form == "plain" else f"{form} {label}", z, tuple(numbers), form) for form in forms]


def rounded_on_the_way(value: Survival, readings: Sequence[Reading]) -> list[Reading]:
    """Plain limits of what was rounded before: of half the width, or of the standard error as programs print it.

    That is with three or four decimals, as a fraction.
    """
    places = decimals(value.percent)
    ways = [Steps(places, None, places), Steps(places, 2), Steps(places, 1)]
    plain = [reading for reading in readings if reading.form == "plain" and reading.errors != 1.0]
    return [replace(reading, steps=steps) for steps in ways for reading in plain]


def one_limit(value: Survival, readings: Sequence[Reading]) -> list[Reading]:
    """Each of the limits without the other."""
    if value.low is None or value.high is None:
        return []
    plain = [reading for reading in readings if reading.form == "plain"]
    alone = (("lower limit", ("low", value.low)), ("upper limit", ("high", value.high)))
    return [replace(reading, label=label, numbers=(number,)) for reading in plain for label, number in alone]


def other_readings(value: Survival, readings: Sequence[Reading]) -> Iterator[Reading]:
    """What else the numbers may be than the report says: of another level, or of one or two standard errors."""
    names = [name for name, _ in readings[0].numbers]
    if value.plus_minus is not None:
        return
    numbers = readings[0].numbers
    if names == ["error"]:
        yield Reading("half of a 95% interval", _z(95), (("half", numbers[0][1]),))
        return
    what = "limits" if "low" in names or "high" in names else "half of an interval"
    for label, z in (("one standard error", 1.0), ("two standard errors", 2.0)):
        yield Reading(label, z, numbers)
    for level in (90, 95, 99):
        if level != value.level:
            yield Reading(f"{level}% {what}", _z(level), numbers)


def _z(level: float) -> float:
    return NormalDist().inv_cdf(0.5 + level / 200)
