"""Lookup: what one patient's record says to one input of a rule, on a day.

The rules of reading are stated here once for one patient; `branchpoint.records.frame` gives the same answers for a
cohort, and the two are tested against each other.

- A value on or before study day 0 speaks for day 0. After day 0 only values from after day 0 speak, for as long as the
  measurement stays current; what never goes out of date speaks always.
- Exposures and events are complete by definition: what is not recorded did not happen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from branchpoint.language.measurements import Exposed, Measurement, Numeric, Occurred
from branchpoint.language.quantities import BASELINE, NOW, Aspect, Input
from branchpoint.records.patient import MISSING_REASONS, Finding, Observation, Patient
from branchpoint.records.subject_facts import subject_fact

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Finder", "finder", "lookup"]

_NOT_RECORDED = Observation(None, missing="not_recorded")

Finder = Callable[[Patient, int], Observation]

# Half the time of the constructor that NamedTuple writes.
_new = tuple.__new__


def lookup(patient: Patient, item: Input, day: int) -> Observation:
    """Give what the record says to an input on a study day.

    Parameters
    ----------
    patient : Patient
    item : Input
    day : int
        The day of evaluation.

    Returns
    -------
    Observation
        With a value, or with the reason why there is none.
    """
    return finder(item)(patient, day)


def finder(item: Input) -> Finder:
    """Prepare an input to be looked up for many patients."""
    if item.measurement.source == "findings":
        name, read = item.measurement.name, _READERS[item.aspect]

        def find(patient: Patient, at: int) -> Observation:
            return read(patient.findings.get(name, ()), item, at)
    else:

        def find(patient: Patient, at: int) -> Observation:
            return _outside_findings(patient, item, at)

    if item.when == NOW:
        return find
    fixed = 0 if item.when == BASELINE else int(item.when)
    return lambda patient, day: find(patient, fixed) if fixed <= day else _NOT_RECORDED


def _outside_findings(patient: Patient, item: Input, day: int) -> Observation:
    measurement = item.measurement
    if isinstance(measurement, Exposed):
        since = None if measurement.within is None else day - measurement.within
        for given in patient.exposures:
            ended_before = since is not None and given.end is not None and given.end < since
            if given.drug in measurement.drugs and given.start <= day and not ended_before:
                return Observation(True, given.start, source=given.source)
        return Observation(False, day, source="exposures")
    if isinstance(measurement, Occurred):
        for event in patient.events:
            if event.event in measurement.events and event.day <= day:
                return Observation(True, event.day, source=event.source)
        return Observation(False, day, source="events")
    value = subject_fact(patient.subject, measurement.name, day)
    if isinstance(value, str) and value in MISSING_REASONS:
        known = None if item.aspect is not Aspect.RECORDED or value == "pending" else False
        return Observation(known, day, source="subject", missing=value if known is None else "")
    if item.aspect is Aspect.RECORDED:
        return Observation(value is not None, day, source="subject")
    unit = measurement.unit if isinstance(measurement, Numeric) else ""
    return _NOT_RECORDED if value is None else Observation(value, day, unit, patient.subject.source or "subject")


def _standing(found: tuple[Finding, ...], measurement: Measurement, day: int) -> Finding | None:
    # The last value that still speaks; failing that, the last stated reason for having none.
    reason = None
    current_for = measurement.current_for
    oldest = -math.inf if day <= 0 or current_for is None else max(1, day - current_for)
    for finding in reversed(found):
        if finding.day > day:
            continue
        if finding.day < oldest:
            break
        if finding.value is not None:
            return finding
        reason = reason or finding
    return reason


def _value(found: tuple[Finding, ...], item: Input, day: int) -> Observation:
    finding = _standing(found, item.measurement, day)
    if finding is None:
        return _NOT_RECORDED
    if finding.value is None:
        return Observation(None, finding.day, missing=finding.missing, source=finding.source)
    if item.scale is not None and finding.unit != item.scale:
        return Observation(None, finding.day, missing="not_applicable", source=finding.source)
    return _new(Observation, (finding.value, finding.day, finding.unit, finding.source, ""))


def _recorded(found: tuple[Finding, ...], item: Input, day: int) -> Observation:
    finding = _standing(found, item.measurement, day)
    if finding is None or (finding.value is None and finding.missing != "pending"):
        return Observation(False, source="findings")
    if finding.value is None:
        return Observation(None, finding.day, missing="pending", source=finding.source)
    return Observation(True, finding.day, source=finding.source)


def _scale(found: tuple[Finding, ...], item: Input, day: int) -> Observation:
    seen = _value(found, item, day)
    return seen if seen.value is None else Observation(seen.unit, seen.day, source=seen.source)


def _limit(found: tuple[Finding, ...], item: Input, day: int) -> Observation:
    seen = _value(found, item, day)
    finding = _standing(found, item.measurement, day)
    if seen.value is None or finding is None:
        return seen
    limit = finding.upper_limit if item.aspect is Aspect.UPPER_LIMIT else finding.lower_limit
    if limit is None:
        return Observation(None, finding.day, missing="not_recorded", source=finding.source)
    return Observation(limit, finding.day, finding.unit, finding.source)


def _reference(found: tuple[Finding, ...], item: Input, day: int) -> Observation:
    current, baseline = _value(found, item, day), _value(found, item, 0)
    comparable = current.value is not None and baseline.value is not None and current.unit == baseline.unit
    return baseline if comparable else _NOT_RECORDED


def _extreme_so_far(found: tuple[Finding, ...], item: Input, day: int) -> Observation:
    measurement = item.measurement
    current = _standing(found, measurement, day)
    baseline = _standing(found, measurement, 0)
    if current is None or current.value is None:
        return _NOT_RECORDED
    since = 1 if baseline is None else baseline.day
    known = [f for f in found if since <= f.day <= day and f.value is not None and f.unit == current.unit]
    if not known:  # Asked before baseline: nothing lies between.
        return _NOT_RECORDED
    highest = (item.aspect is Aspect.WORST) == (isinstance(measurement, Numeric) and measurement.worse == "high")
    return _pick(known, item, highest=highest)


def _extreme_over(found: tuple[Finding, ...], item: Input, day: int) -> Observation:
    opened = day - (item.days or 0)
    standing = [f for f in found if f.day <= opened and f.value is not None]
    if not standing:
        return Observation(None, missing="not_recorded")
    known = [f for f in found if standing[-1].day <= f.day <= day and f.value is not None]
    return _pick(known, item, highest=item.aspect is Aspect.HIGHEST)


def _pick(known: Iterable[Finding], item: Input, *, highest: bool) -> Observation:
    choose = max if highest else min
    finding = choose(known, key=lambda f: f.value if not isinstance(f.value, str) and f.value is not None else 0)
    return Observation(finding.value, finding.day, finding.unit, finding.source)


_READERS: dict[Aspect, Callable[[tuple[Finding, ...], Input, int], Observation]] = {
    Aspect.VALUE: _value,
    Aspect.UPPER_LIMIT: _limit,
    Aspect.LOWER_LIMIT: _limit,
    Aspect.SCALE: _scale,
    Aspect.RECORDED: _recorded,
    Aspect.REFERENCE: _reference,
    Aspect.WORST: _extreme_so_far,
    Aspect.BEST: _extreme_so_far,
    Aspect.HIGHEST: _extreme_over,
    Aspect.LOWEST: _extreme_over,
}
