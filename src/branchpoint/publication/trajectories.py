"""From planned courses to one patient's record, redrawn until the protocol judges it as published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.agreement import disagreements
from branchpoint.publication.chemistry import UNITS, Organs, cells_around, draw_organs
from branchpoint.publication.disease import Disease, draw_disease
from branchpoint.publication.frontline_findings import plan_frontline
from branchpoint.publication.intensive_findings import plan_intensive
from branchpoint.publication.kinetics import (
    CNS,
    MARKERS,
    SPLEEN,
    TEMPERATURE,
    Level,
    Marker,
    draw,
    draw_spleen,
    draw_temperature,
    nearest_band,
    recovered,
)
from branchpoint.publication.later_findings import plan_later
from branchpoint.publication.screening import draw_screening
from branchpoint.publication.treatments import draw_exposures, draw_supports, events_of
from branchpoint.records.course import assemble
from branchpoint.records.door import Given, admit
from branchpoint.records.vocabulary import vocabulary_of
from branchpoint.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from branchpoint.engine.decisions import Decisions
    from branchpoint.language.measurements import Measurement
    from branchpoint.language.protocol import Protocol
    from branchpoint.publication.course import Seen
    from branchpoint.publication.subjects import Baseline, ReconstructedSubject
    from branchpoint.records.patient import Finding, Patient

__all__ = ["DisagreementError", "Trajectory", "draw_trajectory"]

ATTEMPTS = 40
AT_REST = {Level.NORMAL: 0.15, Level.HEALTHY: 0.0, Level.BETTER: 0.5}
"""Activity of the disease by the level of a marker; 1 at any other."""
GROWTH = 0.12
"""Weight gained in a year, as a share; none is recorded while doses depend on it."""
DOSED_UNTIL = 90


class DisagreementError(Refused):
    """No record was drawn that the protocol judges as published.

    Parameters
    ----------
    subject_id : str
    problems : sequence of str
        What the last one disagreed in.
    """

    def __init__(self, subject_id: str, problems: Sequence[str]) -> None:
        super().__init__(
            f"{subject_id}: none of {ATTEMPTS} records drawn is judged by the protocol as published; "
            f"in the last, {'; '.join(problems)}"
        )


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One patient's record, and what the protocol decides on it."""

    subject: ReconstructedSubject
    patient: Patient
    decisions: Decisions


def draw_trajectory(subject: ReconstructedSubject, protocol: Protocol, seed: int) -> Trajectory:
    """The record of a patient.

    Parameters
    ----------
    subject : ReconstructedSubject
    protocol : Protocol
        Judges the record.
    seed : int
        With the number of the patient it settles every draw, so that patients do not depend on each other.

    Raises
    ------
    DisagreementError
        The protocol judges no record as published.
    """
    number = int(subject.subject_id.removeprefix("S"))
    problems: Sequence[str] = ()
    for attempt in range(ATTEMPTS):
        rng = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, number, attempt])))
        patient, planned = _draw(subject, protocol, rng)
        decisions, problems = disagreements(subject, protocol, patient, planned)
        if not problems:
            return Trajectory(subject, patient, decisions)
    raise DisagreementError(subject.subject_id, problems)


def _draw(
    subject: ReconstructedSubject, protocol: Protocol, rng: np.random.Generator
) -> tuple[Patient, tuple[Seen, ...]]:
    disease, organs = draw_disease(subject, rng), draw_organs(subject.baseline, rng)
    planned = (
        *plan_frontline(subject, disease, rng),
        *plan_intensive(subject, disease, rng),
        *plan_later(subject, disease, rng),
    )
    who, found = draw_screening(subject, disease, organs, rng)
    found += _followed(subject.baseline, disease, organs, planned, rng)
    tests = vocabulary_of(protocol).tests
    findings = [_admitted(tests, given, day) for day, given in found]
    patient = assemble(who, findings, (), (), ())
    supports = draw_supports(subject, disease, rng)
    exposures = draw_exposures(subject, patient, protocol, supports, rng)
    return replace(patient, exposures=tuple(exposures), events=tuple(events_of(subject))), planned


def _admitted(tests: Mapping[str, Measurement], given: Given, day: int) -> Finding:
    finding, refusals = admit(tests, given, day)
    if finding is None:
        raise ValueError(f"{given.test} on day {day}: {refusals}")
    return finding


def _followed(
    baseline: Baseline, disease: Disease, organs: Organs, planned: Sequence[Seen], rng: np.random.Generator
) -> list[tuple[int, Given]]:
    """The findings of all planned assessments."""
    markers = {name: _Followed(marker, disease.values[name]) for name, marker in MARKERS.items()}
    progress = {item: _progress(planned, item) for item in (TEMPERATURE, SPLEEN, *MARKERS)}
    found: list[tuple[int, Given]] = []
    for place, seen in enumerate(planned):
        now = {item: steps[place] for item, steps in progress.items()}
        given = [*_bedside(disease, seen, now, rng), *(markers[name].on(seen, now[name], rng) for name in MARKERS)]
        if seen.full:
            activity = _activity(seen)
            given += [Given(name, value, UNITS[name]) for name, value in organs.at(activity, rng).items()]
            neutrophils = next(float(str(item.value)) for item in given if item.test == "neutrophils")
            cells = cells_around(neutrophils, baseline, activity)
            given += [Given(name, value, UNITS[name]) for name, value in cells.items()]
        if seen.day >= 14:
            given.append(Given("weight", _weight(baseline.weight, seen.day, rng), "kg"))
        found += [(seen.day, item) for item in given]
    return found


def _progress(planned: Sequence[Seen], item: str) -> list[float]:
    """How far each assessment is through the time for which an item keeps its level."""
    steps: list[float] = []
    start = 0
    for place, seen in enumerate(planned):
        if place + 1 == len(planned) or planned[place + 1].levels[item] is not seen.levels[item]:
            length = place + 1 - start
            steps += [(step + 0.5) / length for step in range(length)]
            start = place + 1
    return steps


def _bedside(disease: Disease, seen: Seen, progress: dict[str, float], rng: np.random.Generator) -> Iterator[Given]:
    yield Given(TEMPERATURE, draw_temperature(seen.levels[TEMPERATURE], progress[TEMPERATURE], rng), "Cel")
    size = draw_spleen(seen.levels[SPLEEN], disease.values[SPLEEN], progress[SPLEEN], rng)
    yield Given(SPLEEN, size, "cm")
    yield Given("splenomegaly", size > 0)
    yield Given(CNS, seen.levels[CNS] not in (Level.NORMAL, Level.HEALTHY))


class _Followed:
    """One marker on its way: its best so far, and since when it is normal."""

    __slots__ = ("baseline", "best", "marker", "normal_since", "standing")

    def __init__(self, marker: Marker, baseline: float) -> None:
        self.marker = marker
        self.baseline = baseline
        self.best = baseline
        self.standing: Level | None = None
        self.normal_since = 0

    def on(self, seen: Seen, progress: float, rng: np.random.Generator) -> Given:
        """The finding of an assessment."""
        level, edges = nearest_band(self.marker, seen.levels[self.marker.name], self.baseline, self.best)
        if level is not self.standing:
            self.standing, self.normal_since = level, seen.day
        if level in (Level.NORMAL, Level.HEALTHY):
            progress = recovered(seen.day - self.normal_since)
        value = self.marker.value(draw(edges, progress, rng))
        if self.marker.badness(value) < self.marker.badness(self.best):
            self.best = value
        return Given(self.marker.name, value, self.marker.unit)


def _activity(seen: Seen) -> float:
    """Activity of the disease, told by ferritin and soluble CD25."""
    return sum(AT_REST.get(seen.levels[name], 1.0) for name in ("ferritin", "soluble_cd25")) / 2


def _weight(baseline: float, day: int, rng: np.random.Generator) -> float:
    if day < DOSED_UNTIL:
        return baseline
    return round(baseline * (1 + GROWTH * (day - DOSED_UNTIL) / 365 + float(rng.normal(0, 0.01))), 1)
