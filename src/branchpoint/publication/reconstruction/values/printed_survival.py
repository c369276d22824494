"""Printed survival: which risk sets a cohort may have behind each survival estimate, and how its limits are read.

An estimate printed to 0.1% leaves few sequences of risk sets; what is printed beside it leaves fewer, by the first of
the usual readings that leaves any. They bound the events before the time of the estimate, and are what drawn times are
held to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor
from typing import TYPE_CHECKING

from branchpoint.publication.audit.survival_fits import Group, estimate_of
from branchpoint.publication.audit.survival_readings import estimate_box, rounded_on_the_way, stated_readings
from branchpoint.publication.claims import Survival

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from branchpoint.publication.audit.risk_paths import Box
    from branchpoint.publication.audit.survival_fits import Estimate
    from branchpoint.publication.audit.survival_readings import Reading
    from branchpoint.publication.claims import Claim, Claims

__all__ = ["BESIDE", "PrintedCurve", "RiskSets", "curves_of", "risk_sets", "survival_fields", "without"]

BESIDE = ("low", "high", "half_width", "standard_error", "plus_minus")
"""Fields of what is printed beside an estimate."""
_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class RiskSets:
    """What an estimate, and what is printed beside it, leaves open.

    Attributes
    ----------
    reading : Reading or None
        How what is beside the estimate is read; None where nothing is, or where nothing follows (at 0% and 100%).
    least, most, usual : int
        Events up to the time of the estimate: bounds, and how many with the fewest censored.
    box : Box
        Between which fractions the estimate lies, and its standard error.
    complete : bool
        Whether all its risk sets are known.
    possible : bool
        False only where a complete search found no risk sets.
    """

    reading: Reading | None
    least: int
    most: int
    usual: int
    box: Box
    complete: bool = True
    possible: bool = True


@dataclass(frozen=True, slots=True)
class PrintedCurve:
    """A survival estimate that times must print as.

    Attributes
    ----------
    claim, population : str
    value : Survival
        With the fields that are followed.
    text : str
        What is said, and where.
    sets : RiskSets
    """

    claim: str
    population: str
    value: Survival
    text: str
    sets: RiskSets

    def __str__(self) -> str:
        return self.text


def survival_fields(
    claim: Claim, dropped: frozenset[tuple[str, str]] = frozenset(), *, judged: bool = True
) -> Survival | None:
    """A survival claim with the fields that are followed; None where its estimate or its time is not."""
    value = claim.value
    if not isinstance(value, Survival) or (judged and not claim.used):
        return None
    aside = {field for own, field in dropped if own == claim.id} | (claim.set_aside if judged else frozenset())
    if aside & {"percent", "at"}:
        return None
    return without(value, aside)


def without(value: Survival, fields: Collection[str]) -> Survival:
    """A survival claim without some of what is printed beside its estimate."""
    beside = {name: None if name in fields else getattr(value, name) for name in BESIDE}
    return Survival(value.percent, value.at, level=value.level, **beside)


def curves_of(
    claims: Claims, variable: str, dropped: frozenset[tuple[str, str]] = frozenset(), *, judged: bool = True
) -> tuple[PrintedCurve, ...]:
    """The survival estimates that times of a variable must print as, in the order of the file.

    Parameters
    ----------
    claims : Claims
    variable : str
        The id of a time.
    dropped : frozenset of (str, str)
        Claim and field, not followed.
    judged : bool
        Leave out what the claims file sets aside (``used = false``, ``set_aside``).
    """
    found = []
    for claim in claims.claims.values():
        value = survival_fields(claim, dropped, judged=judged) if claim.variable == variable else None
        if value is not None and claims.where(claim) is not None:
            population = claims.populations[claim.population]
            unit = claims.variables[variable].unit or "mo"
            text = f"{claim.quantity}, {population.label}: {value.percent}% at {value.at} {unit} ({claim.place})"
            sets = risk_sets(population.size, value, claim.method)
            found.append(PrintedCurve(claim.id, population.id, value, text, sets))
    return tuple(found)


@lru_cache(maxsize=1024)
def risk_sets(size: int, value: Survival, method: str | None = None) -> RiskSets:
    """What a survival estimate of so many patients leaves open.

    Parameters
    ----------
    size : int
        Patients.
    value : Survival
    method : str, optional
        As the report states it for this number.

    Returns
    -------
    RiskSets
        Not ``possible`` where no reading of what is printed has risk sets, and every search was complete.
    """
    box = estimate_box(value.percent)
    if box.low <= 0:
        return RiskSets(None, 1, size, size, box)
    if box.high >= 1 and 1 - 1 / size < box.low:
        return RiskSets(None, 0, 0, 0, box)
    estimate = estimate_of(Group(size), value)
    bounds = ceil(1 / box.high - 1 - _EDGE), floor(size * (1 - box.low) + _EDGE)
    usual = round(size * (1 - float(value.percent) / 100))
    if not any(getattr(value, name) is not None for name in BESIDE):
        return _open(estimate, None, bounds, usual) or RiskSets(None, *bounds, usual, box, possible=False)
    for readings in _readings(value, method):
        found, proved = estimate.best(readings)
        for reading in [one.reading for one in found[:1]] or ([] if proved else readings[:1]):
            left = _open(estimate, reading, bounds, usual)
            if left is not None:
                return left
    return RiskSets(None, *bounds, usual, box, possible=False)


def _readings(value: Survival, method: str | None) -> Iterator[list[Reading]]:
    """Readings that are tried together, in the order in which they are taken."""
    stated = stated_readings(value, method)
    plain = [reading for reading in stated if reading.form == "plain"]
    scaled = [reading for reading in stated if reading.form != "plain"]
    yield from (readings for readings in (plain, rounded_on_the_way(value, plain), scaled) if readings)


def _open(estimate: Estimate, reading: Reading | None, bounds: tuple[int, int], usual: int) -> RiskSets | None:
    """What a reading leaves open: by all its paths, where they are known, and by what any path must be otherwise.

    None where no path is left. The audit lets an estimate halfway between two printed ones be either of them; here it
    is the greater, as everything that is printed.
    """
    box, paths = estimate.box if reading is None else reading.box(estimate.box), estimate.paths
    if not paths.complete:
        return RiskSets(reading, *bounds, min(max(usual, bounds[0]), bounds[1]), box, complete=False)
    fits = paths.survival < estimate_box(estimate.value.percent).high - _EDGE
    if reading is not None:
        fits &= reading.fits(paths.survival, paths.error)
    events = paths.events[fits]
    return RiskSets(reading, int(events.min()), int(events.max()), int(events[0]), box) if len(events) else None
