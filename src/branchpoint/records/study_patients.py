"""Patients out of a study: the rows of one subject become what a patient file would have said of the same patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from branchpoint.records.course import assemble
from branchpoint.records.door import as_given
from branchpoint.records.patient import Event, Exposure, Finding, Override, Subject
from branchpoint.records.problems import Problem, RecordProblems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.records.patient import Patient
    from branchpoint.records.tables import Study

__all__ = ["patient", "patients"]

# Subjects whose rows are taken out of the tables together.
BATCH = 2_000

_TABLES = ("findings", "exposures", "events", "disposition")


def patients(study: Study) -> Iterator[Patient]:
    """Give every patient of a study, in the order of the subjects table."""
    for batch in study.subjects.iter_slices(BATCH):
        tables = {name: _by_subject(study, name, batch["subject"]) for name in _TABLES}
        for row in batch.iter_rows(named=True):
            rows = {name: tables[name].get(row["subject"], []) for name in _TABLES}
            yield _patient(study, row, rows)


def patient(study: Study, subject: str) -> Patient:
    """Give one patient of a study.

    Raises
    ------
    RecordProblems
        When the study has no such subject.
    """
    found = study.subjects.filter(pl.col("subject") == subject)
    if found.is_empty():
        file = study.files.get("subjects", "subjects")
        raise RecordProblems([Problem(file, None, "subject", "no such subject", f"a row of {subject}")])
    rows = {name: _by_subject(study, name, found["subject"]).get(subject, []) for name in _TABLES}
    return _patient(study, found.row(0, named=True), rows)


def _by_subject(study: Study, name: str, subjects: pl.Series) -> dict[str, list[dict[str, Any]]]:
    chosen = study.tables[name].filter(pl.col("subject").is_in(subjects.implode()))
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in chosen.iter_rows(named=True):
        rows.setdefault(row["subject"], []).append(row)
    return rows


def _patient(study: Study, row: dict[str, Any], rows: dict[str, list[dict[str, Any]]]) -> Patient:
    def source(table: str, of: dict[str, Any]) -> str:
        return f"{study.files.get(table, table)}, row {of['row']}" if of.get("row") is not None else table

    subject = Subject(
        id=row["subject"],
        sex=row["sex"],
        birth_date=row["birth_date"],
        center=row["center"] or "",
        consent_date=row["consent_date"],
        first_dose_date=row["first_dose_date"],
        genetic_result=row["genetic_result"],
        source=source("subjects", row),
    )
    exposures = [
        Exposure(r["drug"], r["start"], r["end"], r["dose"], r["unit"] or "", r["every_hours"], source("exposures", r))
        for r in rows["exposures"]
    ]
    events = [Event(r["day"], r["event"], r["grade"], r["note"] or "", source("events", r)) for r in rows["events"]]
    overrides = [
        Override(r["day"], r["go"], r["reason"], source("disposition", r))
        for r in rows["disposition"]
        if r["status"] == "override"
    ]
    return assemble(
        subject, [_finding(r, source("findings", r)) for r in rows["findings"]], exposures, events, overrides
    )


def _finding(row: dict[str, Any], source: str) -> Finding:
    if row["missing"] is not None:
        return Finding(row["day"], row["test"], None, missing=row["missing"], source=source)
    value = next((row[name] for name in ("number", "truth", "code") if row[name] is not None), None)
    given = row["given"] if row["given"] is not None else as_given(value, row["unit"])
    limits = row["lower_limit"], row["upper_limit"]
    return Finding(row["day"], row["test"], value, row["unit"] or "", *limits, source=source, given=given)
