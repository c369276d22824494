"""What each patient was given, and what happened: exposures and events.

Doses that the protocol states are read from it. The report names drugs, doses of etoposide and days of second-line
drugs; the days of etoposide follow HLH-94 (twice weekly for 2 weeks, then weekly) where they fit, and supports, tapers
and ends of courses are assumptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.engine.explain import explain
from branchpoint.publication.disease import Support
from branchpoint.publication.subjects import Drug, Prior
from branchpoint.records.patient import Event, Exposure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np

    from branchpoint.language.protocol import Protocol
    from branchpoint.publication.disease import Disease
    from branchpoint.publication.subjects import Intensive, ReconstructedSubject
    from branchpoint.records.patient import Patient

__all__ = ["draw_exposures", "draw_supports", "events_of"]

FRONTLINE = 28
WEEK_8 = 56
SUPPORT_FREE = 4
"""Days without support that count before an assessment."""
CORTICOSTEROID_FACTOR = 0.8
"""Methylprednisolone for the same effect as 1 of prednisone."""
TAPER = ((0, 6, 1.0), (7, 13, 0.5), (14, 20, 0.25))
LATE_ETOPOSIDE_WEEK = 3
HLH_94 = (0, 3, 7, 10, 14, 21, 28, 35, 42, 49)
HALF_WEEKS = tuple(sorted({day for week in range(8) for day in (7 * week, 7 * week + 3)}))


def draw_supports(subject: ReconstructedSubject, disease: Disease, rng: np.random.Generator) -> tuple[Support, ...]:
    """G-CSF, transfusions and fibrinogen in the first days, where counts were low.

    What leads the response is left unsupported, since a supported count is no response.
    """
    values, supports = disease.values, []
    if values["neutrophils"] < 0.5 and "neutrophils" not in disease.leaders and rng.random() < 0.8:
        start = int(rng.integers(0, 3))
        supports.append(Support("g_csf", start, start + int(rng.integers(2, 5))))
    if values["platelets"] < 40 and "platelets" not in disease.leaders:
        supports += _days("platelet_transfusion", 1 if values["platelets"] > 20 else 2, rng)
    if values["hemoglobin"] < 75:
        supports += _days("red_cell_transfusion", 1 if values["hemoglobin"] > 65 else 2, rng)
    if values["fibrinogen"] < 0.8 and "fibrinogen" not in disease.leaders:
        supports += _days("fibrinogen_concentrate", 1, rng)
    complete = subject.frontline.complete_response_day
    latest = subject.last_contact_day if complete is None else complete - SUPPORT_FREE - 1
    return tuple(support for support in supports if support.end <= latest)


def _days(drug: str, count: int, rng: np.random.Generator) -> list[Support]:
    days = sorted(int(day) for day in rng.choice(range(6), count, replace=False))
    return [Support(drug, day, day) for day in days]


def draw_exposures(
    subject: ReconstructedSubject,
    patient: Patient,
    protocol: Protocol,
    supports: Sequence[Support],
    rng: np.random.Generator,
) -> list[Exposure]:
    """Everything given to a patient, in order of day.

    Parameters
    ----------
    subject : ReconstructedSubject
    patient : Patient
        With the findings that doses are read from.
    protocol : Protocol
    supports : sequence of Support
    rng : numpy.random.Generator
    """
    end = FRONTLINE
    if subject.intensive is not None:
        end = min(subject.intensive.week_8_day or subject.last_contact_day, subject.last_contact_day)
    given = [_dosed("ruxolitinib", 0, end, patient, protocol)]
    given += [Exposure(support.drug, support.start, support.end) for support in supports]
    if subject.prior is Prior.STEROID:
        given += _continued(subject, patient)
    if subject.intensive is not None:
        given += _intensive(subject, subject.intensive, end, patient, protocol)
    return sorted(given, key=lambda exposure: (exposure.start, exposure.drug))


def _dosed(name: str, start: int, end: int, patient: Patient, protocol: Protocol) -> Exposure:
    """An intervention in the dose that the protocol gives to this patient."""
    dose = next(item.dose for item in protocol.interventions if item.name == name)
    if dose is None:
        return Exposure(name, start, end)
    amount = explain(dose.amount, patient, max(start, 0)).value
    assert isinstance(amount, float | int), "weight and height are always recorded"
    return Exposure(name, start, end, round(float(amount), 1), dose.unit, dose.every_hours)


def _continued(subject: ReconstructedSubject, patient: Patient) -> Iterator[Exposure]:
    """Corticosteroid given before, continued and tapered, at most until intensive therapy brings its own."""
    days, dose = (_number(patient, f"prior_corticosteroid_{what}") for what in ("days", "dose"))
    full = CORTICOSTEROID_FACTOR * dose * subject.baseline.weight
    stop = subject.last_contact_day if subject.intensive is None else subject.intensive.start_day - 1
    for start, end, share in TAPER:
        first = -int(days) if start == 0 else start
        if start <= stop:
            yield Exposure(
                "methylprednisolone_continued", first, min(end, stop), round(full * share, 1), "mg", every_hours=24.0
            )


def _number(patient: Patient, test: str) -> float:
    value = patient.findings[test][-1].value
    assert isinstance(value, float | int), f"{test} is recorded in all who had corticosteroid"
    return float(value)


def _intensive(
    subject: ReconstructedSubject, intensive: Intensive, end: int, patient: Patient, protocol: Protocol
) -> Iterator[Exposure]:
    start, added = intensive.start_day, intensive.doxorubicin_pegaspargase_day
    yield _dosed("methylprednisolone", start, end, patient, protocol)
    for day in _etoposide_days(intensive, end):
        yield _dosed("etoposide", day, day, patient, protocol)
    if Drug.CYCLOSPORINE in intensive.drugs:
        yield _dosed("cyclosporine", start, end, patient, protocol)
    if added is not None:
        yield _dosed("liposomal_doxorubicin", added, added, patient, protocol)
        yield _dosed("pegaspargase", min(added + 1, end), min(added + 1, end), patient, protocol)


def _etoposide_days(intensive: Intensive, end: int) -> list[int]:
    doses = intensive.etoposide_doses
    late = Drug.CYCLOSPORINE in intensive.drugs and intensive.doxorubicin_pegaspargase_day is None
    start = intensive.start_day + (7 * LATE_ETOPOSIDE_WEEK if late else 0)
    planned = [*HLH_94, *(day for day in HALF_WEEKS if day not in HLH_94)]
    fitting = [start + day for day in planned if start + day < end]
    if len(fitting) < doses:
        # Few weeks and many doses: as evenly as whole days allow.
        fitting = [start + place * (end - 1 - start) // max(doses - 1, 1) for place in range(doses)]
    return sorted(fitting[:doses])


def events_of(subject: ReconstructedSubject) -> list[Event]:
    """Relapse, transplantation and death, in order of day."""
    events = []
    intensive = subject.intensive
    if intensive is not None and intensive.relapse_day is not None:
        events.append(Event(intensive.relapse_day, "relapse"))
        events.append(Event(intensive.relapse_day, "hlh_therapy_restarted"))
    if intensive is not None and intensive.transplant_day is not None:
        note = "salvage" if intensive.relapse_day is None else "after relapse"
        events.append(Event(intensive.transplant_day, "transplantation", note=note))
    if subject.death_day is not None and subject.death_cause is not None:
        events.append(Event(subject.death_day, "death", note=subject.death_cause.value))
    return events
