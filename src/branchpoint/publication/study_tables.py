"""The six tables of a reconstructed study: patients and their decisions as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from branchpoint.publication.screening import CENTER
from branchpoint.publication.subjects import NoTransplantReason
from branchpoint.records.schemas import SCHEMAS
from branchpoint.records.tables import Study, empty_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from branchpoint.publication.subjects import ExcludedSubject, ReconstructedSubject
    from branchpoint.publication.trajectories import Trajectory
    from branchpoint.records.patient import Finding
    from branchpoint.records.tables import StudyMeta

__all__ = ["VIOLATION", "tabulate"]

VIOLATION = "major protocol violation"
JUDGE = "reconstruction"

Row = dict[str, Any]


def tabulate(meta: StudyMeta, trajectories: Sequence[Trajectory], excluded: Sequence[ExcludedSubject]) -> Study:
    """Make a study of reconstructed patients and of those excluded, of whom nothing is known but their consent.

    Parameters
    ----------
    meta : StudyMeta
    trajectories : sequence of Trajectory
    excluded : sequence of ExcludedSubject
    """
    rows: dict[str, list[Row]] = {name: [] for name in SCHEMAS}
    for trajectory in trajectories:
        for name, found in _rows(trajectory).items():
            rows[name] += found
    for subject in excluded:
        rows["subjects"].append({"subject": subject.subject_id, "center": CENTER, "consent_date": subject.consent_date})
        rows["disposition"] += (
            {"subject": subject.subject_id, "day": 0, "status": "enrolled"},
            {"subject": subject.subject_id, "day": 0, "status": "excluded", "reason": VIOLATION},
        )
    frames = {name: _frame(name, found) for name, found in rows.items()}
    return Study(
        path=None,
        meta=meta,
        subjects=frames["subjects"],
        findings=frames["findings"],
        exposures=frames["exposures"],
        events=frames["events"],
        assessments=frames["assessments"],
        disposition=frames["disposition"],
    )


def _frame(name: str, rows: list[Row]) -> pl.DataFrame:
    types = {column: kind for column, kind in empty_table(name).schema.items() if column != "row"}
    # The order of enrollment, and within a patient that in which the rows were made.
    return pl.DataFrame(rows, schema=types).sort("subject", maintain_order=True)


def _rows(trajectory: Trajectory) -> dict[str, Iterable[Row]]:
    patient, subject = trajectory.patient, trajectory.subject
    who = patient.subject
    fields = ("sex", "birth_date", "center", "consent_date", "first_dose_date", "genetic_result")
    findings = sorted((f for found in patient.findings.values() for f in found), key=lambda f: (f.day, f.test))
    return {
        "subjects": [{"subject": who.id, **{name: getattr(who, name) for name in fields}}],
        "findings": [{"subject": who.id, **_finding(finding)} for finding in findings],
        "exposures": [
            {
                "subject": who.id,
                "start": given.start,
                "end": given.end,
                "drug": given.drug,
                "dose": given.dose,
                "unit": given.unit or None,
                "every_hours": given.every_hours,
            }
            for given in patient.exposures
        ],
        "events": [
            {"subject": who.id, "day": event.day, "event": event.event, "note": event.note or None}
            for event in patient.events
        ],
        "assessments": [
            {"subject": who.id, "day": step.day, "response": step.judgment.category, "by": JUDGE}
            for step in trajectory.decisions.path
        ],
        "disposition": [{"subject": who.id, **row} for row in _disposition(subject)],
    }


def _finding(finding: Finding) -> Row:
    value = finding.value
    row: Row = {"day": finding.day, "test": finding.test, "missing": finding.missing or None}
    if value is None:
        return row
    if isinstance(value, bool):
        return row | {"truth": value}
    if isinstance(value, str):
        return row | {"code": value}
    limits = {"lower_limit": finding.lower_limit, "upper_limit": finding.upper_limit}
    return row | {"number": float(value), "unit": finding.unit or None} | limits


def _disposition(subject: ReconstructedSubject) -> Iterator[Row]:
    consented = (subject.consent_date - subject.first_dose_date).days
    yield {"day": consented, "status": "enrolled"}
    yield {"day": subject.last_contact_day, "status": "last_contact", "reason": _last_known(subject)}


def _last_known(subject: ReconstructedSubject) -> str:
    state = "alive" if subject.death_day is None else "died"
    reason = None if subject.intensive is None else subject.intensive.no_transplant_reason
    if reason is None:
        return state
    # The drug is no part of the protocol's vocabulary, so this is the place where it is told.
    drug = "; tocilizumab was given in its place" if reason is NoTransplantReason.TOCILIZUMAB else ""
    return f"{state}; refractory without transplantation: {reason}{drug}"
