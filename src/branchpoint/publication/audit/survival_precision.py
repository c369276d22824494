"""Survival precision: the verdict on a survival estimate and on what is printed beside it, by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING

from branchpoint.publication.audit.risk_paths import Box, Paths, least_error
from branchpoint.publication.audit.survival_fits import (
    Estimate,
    Fit,
    Group,
    chance_of_estimate,
    chance_of_width,
    estimate_of,
)
from branchpoint.publication.audit.survival_readings import (
    Reading,
    Steps,
    estimate_box,
    one_limit,
    other_readings,
    rounded_on_the_way,
    stated_readings,
)
from branchpoint.publication.audit.verdicts import Verdict
from branchpoint.publication.claims import Survival

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Judgment", "beside", "judge"]

_BESIDE = ("low", "high", "half_width", "standard_error", "plus_minus")
_GREENWOOD = "Kaplan-Meier, Greenwood's standard error"


@dataclass(frozen=True, slots=True, eq=False)
class Judgment:
    """What a survival claim is worth by itself.

    Attributes
    ----------
    verdict : Verdict
    recomputed : Survival or None
        The nearest that risk sets give.
    method, note : str
    searched : int
        Paths that print the estimate, times the readings they were held against.
    chance : float or None
    box : Box
        The estimate and, where what is beside it stands, its standard error, give or take a unit of the last place.
    paths : Paths or None
        What prints the estimate; None at 0 and 100%, and where nothing does.
    exact : bool
        Whether a plain share, with nobody censored, gives all that is printed.
    """

    verdict: Verdict
    recomputed: Survival | None
    method: str
    note: str
    searched: int
    chance: float | None
    box: Box
    paths: Paths | None = None
    exact: bool = False


@lru_cache(maxsize=512)
def judge(group: Group, value: Survival, method: str | None = None) -> Judgment:
    """Judge an estimate: can so many patients give it, with the limits or the error printed beside it?

    Parameters
    ----------
    group : Group
    value : Survival
        As printed.
    method : str, optional
        As the report states it for this number.

    Returns
    -------
    Judgment
        "Impossible" only if a complete search found no risk sets; "not derivable" if none was found and the search was
        too large to be complete.

    References
    ----------
    .. [1] Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. JASA 1958;53:457-481.
    .. [2] Borgan O, Liestol K. A note on confidence intervals and bands for the survival function based on
       transformations. Scand J Stat 1990;17:35-41.
    """
    box = estimate_box(value.percent)
    precision = beside(value)
    if box.low <= 0 or (box.high >= 1 and 1 - 1 / group.size < box.low):
        return _at_the_end(group, value, box)
    estimate = estimate_of(group, value)
    if box.high >= 1 and not precision:
        return Judgment(Verdict.MATCH, value, "Kaplan-Meier", "No event.", 1, None, box)
    if not len(estimate.paths):
        return _no_paths(estimate)
    if not precision:
        fit = estimate.fit()
        note = f"{_capital(fit)}: {_one_of(fit.paths)} {value.percent}%."
        found = len(estimate.paths), chance_of_estimate(estimate)
        return Judgment(Verdict.MATCH, fit.value(value), "Kaplan-Meier", note, *found, estimate.box, estimate.paths)
    return _Precision(estimate, method).judgment()


def beside(value: Survival) -> list[str]:
    """The fields of what is printed beside an estimate."""
    return [name for name in _BESIDE if getattr(value, name) is not None]


def _at_the_end(group: Group, value: Survival, box: Box) -> Judgment:
    """At 100% nobody had the event, at 0% everybody left: there is no spread."""
    wide = [name for name in ("half_width", "standard_error", "plus_minus") if getattr(value, name)]
    limits = [limit for limit in (value.low, value.high) if limit is not None and limit != value.percent]
    if not wide and not limits:
        note = "No event." if box.high >= 1 else "The last patients at risk had the event."
        return Judgment(Verdict.MATCH, value, "Kaplan-Meier", note, 1, None, box)
    if box.high >= 1 and value.low is not None and not wide:
        outside = float(1 - value.level / 100)
        reach = float(estimate_box(value.low).high - estimate_box(value.low).low) / 2 + 1e-9
        for tail, sides in ((outside / 2, "2-sided"), (outside, "1-sided")):
            if abs(tail ** (1 / group.size) - float(value.low) / 100) <= reach:
                note = f"With no event there is no standard error; the limit is that of {group.size}/{group.size}."
                named = f"exact binomial limits, {sides}"
                return Judgment(Verdict.OTHER_METHOD, value, named, note, 2, None, box)
    note = f"An estimate of {value.percent}% has no standard error, and no limits that follow from one."
    return Judgment(Verdict.NOT_DERIVABLE, None, "Kaplan-Meier", note, 1, None, box)


def _no_paths(estimate: Estimate) -> Judgment:
    group, percent, tried = estimate.group, estimate.value.percent, estimate.paths.tried
    if not estimate.paths.complete:
        note = f"No risk sets that print {percent}% were found, but not all could be tried: it is not excluded."
        return Judgment(Verdict.NOT_DERIVABLE, None, "Kaplan-Meier", note, tried, None, estimate.box)
    near = group.paths(replace(estimate.box, low=max(estimate.box.low - 1 / group.size, 1e-6), high=1 - 1 / group.size))
    middle = float(percent) / 100
    place = min(range(len(near)), key=lambda at: abs(near.survival[at] - middle), default=None)
    nearest, told = None, ""
    if place is not None:
        fit = Fit(None, near.survival[place], 0.0, near.path(place), group.size, None)
        nearest = Survival(fit.value(estimate.value).percent, estimate.value.at)
        told = f"; the nearest is {nearest.percent}% ({fit})"
    limit = "" if group.most_events is None else f" with at most {group.most_events} events"
    note = f"No risk sets of {group.size} patients{limit} print {percent}%{told}."
    return Judgment(Verdict.IMPOSSIBLE, nearest, "Kaplan-Meier", note, tried, None, estimate.box)


class _Precision:
    """An estimate that can be, held against what is printed beside it: reading by reading until one fits."""

    def __init__(self, estimate: Estimate, method: str | None) -> None:
        self.estimate, self.value = estimate, estimate.value
        self.stated = stated_readings(self.value, method)
        self.tried: list[Reading] = []
        self.uncensored: list[Reading] = []
        self.proved = True

    def judgment(self) -> Judgment:
        plain = [reading for reading in self.stated if reading.form == "plain"]
        scaled = [reading for reading in self.stated if reading.form != "plain"]
        found = self._stated(plain) or self._rounded(plain) or self._near(plain)
        found = found or self._stated(scaled) or self._near(scaled)
        if found:
            return found
        if not self.proved:
            note = "No risk sets that print the rest too were found, but not all could be tried: it is not excluded."
            return self._judgment(Verdict.NOT_DERIVABLE, None, note)
        return self._read_otherwise() or self._one_limit() or self._contradicted()

    def _fits(self, readings: Sequence[Reading]) -> list[Fit]:
        self.tried += readings
        found, proved = self.estimate.best(readings)
        self.proved &= proved
        return found

    def _stated(self, readings: Sequence[Reading]) -> Judgment | None:
        found = self._fits(readings)
        if not found:
            return None
        also = f" Read as {' or '.join(fit.label for fit in found[1:])} it fits too." if found[1:] else ""
        note = f"{_capital(found[0])}: {_one_of(found[0].paths)} all of it.{also}"
        return self._judgment(Verdict.MATCH, found[0], note)

    def _rounded(self, readings: Sequence[Reading]) -> Judgment | None:
        found = self._fits(rounded_on_the_way(self.value, readings))
        if not found or found[0].reading is None:
            return None
        what = "half of the width" if found[0].reading.steps.half is not None else "the standard error"
        note = f"Computed from {what} after that was rounded: {found[0]}, {_exactly(found[0])}."
        return self._judgment(Verdict.MATCH, found[0], note)

    def _near(self, readings: Sequence[Reading]) -> Judgment | None:
        found = self._fits([replace(reading, slack=1) for reading in readings])
        if not found:
            return None
        low, high, percent = self.value.low, self.value.high, self.value.percent
        note = "No risk sets print all of it." if self.proved else "None were found that print all of it."
        if low is not None and high is not None and low + high != 2 * percent and found[0].reading in _plain(found):
            note = f"The limits center on {(low + high) / 2:f}, not {percent}."
        note = f"{note} Within one unit of the last place is {found[0]}, {_exactly(found[0])}."
        return self._judgment(Verdict.MATCH, found[0], note)

    def _read_otherwise(self) -> Judgment | None:
        """Reproduced by another reading and a plain share, with nobody censored: hardly a coincidence."""
        others = list(other_readings(self.value, self.stated))
        others += rounded_on_the_way(self.value, others)
        self.uncensored += others
        found = [fit for fit in self.estimate.best(others)[0] if not fit.censored]
        if not found:
            return None
        note = f"With {found[0]}, what is printed is {found[0].label}, not {self.stated[0].label}."
        return self._judgment(Verdict.OTHER_METHOD, found[0], note)

    def _one_limit(self) -> Judgment | None:
        found = self._fits(one_limit(self.value, self.stated))
        low, high, percent = self.value.low, self.value.high, self.value.percent
        if not found or low is None or high is None:
            return None
        fit = replace(found[0], reading=self.stated[0])
        wrong, other = ("high", "upper") if found[0].label.startswith("lower") else ("low", "lower")
        told = f"The {found[0].label} fits ({fit}); the {other} one would be {getattr(fit.value(self.value), wrong)}."
        told = "Either limit fits alone, not both." if len(found) > 1 else told
        note = f"The limits lie {percent - low} below the estimate and {high - percent} above it. {told}"
        return self._judgment(Verdict.MISMATCH, fit, note)

    def _contradicted(self) -> Judgment:
        nearest = replace(self.estimate.fit(), reading=self.stated[0])
        could = dict.fromkeys(fit.label for fit in self.estimate.best(self.uncensored)[0])
        hint = f" Read as {' or '.join(could)} it could be." if could else ""
        if narrow := self._too_narrow():
            return self._judgment(Verdict.IMPOSSIBLE, nearest, narrow + hint)
        low, high = self.value.low, self.value.high
        if low is not None and high is not None and self.value.percent - low != high - self.value.percent:
            scales = dict.fromkeys(reading.form for reading in self.stated)
            note = f"On no scale ({', '.join(scales)}) do the limits belong to this estimate"
            return self._judgment(Verdict.MISMATCH, nearest, f"{note}; the nearest is {nearest}.")
        note = f"{len(self.estimate.paths)} sequences of risk sets print {self.value.percent}%, none the rest too"
        return self._judgment(Verdict.IMPOSSIBLE, nearest, f"{note}; the nearest is {nearest}.{hint}")

    def _too_narrow(self) -> str:
        """Say so, if on every scale one of the numbers is nearer to the estimate than so many patients allow."""
        box, size = self.estimate.box, self.estimate.group.size
        least = least_error(box.low, box.high, size)
        most = [
            min(replace(reading, numbers=(number,)).box(box).most_error for number in reading.numbers)
            for reading in self.stated
        ]
        if max(most) >= least:
            return ""
        enough = ceil(size * (least / max(most)) ** 2)
        reach = f"reach at least {100 * self.stated[0].errors * least:.1f} to each side of {self.value.percent}%"
        return (
            f"Narrower than {size} patients allow: {self.stated[0].label} {reach}, even with nobody censored; "
            f"it takes {enough} patients."
        )

    def _judgment(self, verdict: Verdict, fit: Fit | None, note: str) -> Judgment:
        estimate, accepted = self.estimate, verdict in (Verdict.MATCH, Verdict.OTHER_METHOD) and fit is not None
        reading = fit.reading if fit is not None else None
        box = replace(reading, slack=1).box(estimate.box) if accepted and reading is not None else estimate.box
        like = next(number for _, number in self.stated[0].numbers)
        return Judgment(
            verdict,
            None if fit is None else fit.value(self.value),
            _GREENWOOD if reading is None else f"{_GREENWOOD}, {reading.label}",
            note,
            max(1, len(estimate.paths)) * (len(self.tried) + len(self.uncensored)),
            chance_of_estimate(estimate) * chance_of_width(estimate, self.tried, self.uncensored, like),
            box,
            estimate.paths,
            accepted and fit is not None and not fit.censored,
        )


def _capital(fit: Fit) -> str:
    return f"{str(fit)[:1].upper()}{str(fit)[1:]}"


def _one_of(paths: int | None) -> str:
    if paths == 1:
        return "the only sequence of risk sets that prints"
    return f"one of {'many' if paths is None else f'{paths:,}'} sequences of risk sets that print"


def _plain(fits: Sequence[Fit]) -> list[Reading]:
    return [fit.reading for fit in fits if fit.reading is not None and fit.reading.form == "plain"]


def _exactly(fit: Fit) -> str:
    """What a fit gives, to one decimal more than it is printed."""
    reading = None if fit.reading is None else replace(fit.reading, steps=Steps())
    numbers = [] if reading is None else [reading.printed(name, fit.survival, fit.error) for name, _ in reading.numbers]
    return f"{100 * fit.survival:.2f}% with {', '.join(f'{float(number):.2f}' for number in numbers)}"
