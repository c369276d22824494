"""One patient: subject, findings, exposures, events and overrides, in memory and immutable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

__all__ = ["MISSING_REASONS", "Event", "Exposure", "Finding", "Observation", "Override", "Patient", "Subject"]

MISSING_REASONS = ("not_done", "not_asked", "pending", "not_applicable", "unknown", "below_detection")

Value = float | bool | str


class Observation(NamedTuple):
    """What the record says when it is asked for one input: a value with its provenance, or why there is none.

    Attributes
    ----------
    value : float, bool, str or None
        None where the record has no answer; then `missing` says why.
    day : int or None
        Study day of the finding that answers.
    unit : str
        UCUM unit of a number.
    source : str
        Where in the record it stands, for example ``findings.csv, row 12``.
    missing : str
        One of `MISSING_REASONS`, or ``not_recorded`` or ``out_of_date``.
    """

    value: Value | None
    day: int | None = None
    unit: str = ""
    source: str = ""
    missing: str = ""


class Finding(NamedTuple):
    """One result of one test on one day, in canonical units.

    Attributes
    ----------
    day : int
        Study day; day 0 is the day of the first dose.
    value : float, bool, str or None
    unit : str
        Unit of the scale on which the test was reported (UCUM); empty for answers without one.
    lower_limit, upper_limit : float or None
        The laboratory's limits of normal, in `unit`.
    missing : str
        Why there is no value; empty when there is one.
    source : str
    given : str
        The value and unit as they were given.
    """

    day: int
    test: str
    value: Value | None
    unit: str = ""
    lower_limit: float | None = None
    upper_limit: float | None = None
    missing: str = ""
    source: str = ""
    given: str = ""


class Exposure(NamedTuple):
    """One course or administration of a drug or support, by study day.

    Attributes
    ----------
    end : int or None
        The last day; None while it goes on.
    """

    drug: str
    start: int
    end: int | None
    dose: float | None = None
    unit: str = ""
    every_hours: float | None = None
    source: str = ""


class Event(NamedTuple):
    """Something that happened on a study day."""

    day: int
    event: str
    grade: int | None = None
    note: str = ""
    source: str = ""


class Override(NamedTuple):
    """An investigator's decision to leave the pathway, with the reason; it never edits a response."""

    day: int
    go: str
    reason: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who the patient is.

    Parameters
    ----------
    id : str
    sex : {"F", "M"}
    birth_date, consent_date, first_dose_date : date, optional
    center : str
    genetic_result : str, optional
        A code of the protocol, or one of `MISSING_REASONS`.
    """

    id: str
    sex: str | None = None
    birth_date: date | None = None
    center: str = ""
    consent_date: date | None = None
    first_dose_date: date | None = None
    genetic_result: str | None = None
    source: str = ""

    @property
    def reference_date(self) -> date | None:
        """The date of study day 0: the first dose, or consent while no dose has been given."""
        return self.first_dose_date or self.consent_date


@dataclass(frozen=True, slots=True)
class Patient:
    """Everything that is known of one patient.

    Parameters
    ----------
    subject : Subject
    findings : mapping of str to tuple of Finding
        By test; the findings of a test in order of day.
    exposures, events, overrides : tuple
        In order of day.
    """

    subject: Subject
    findings: Mapping[str, tuple[Finding, ...]]
    exposures: tuple[Exposure, ...] = ()
    events: tuple[Event, ...] = ()
    overrides: tuple[Override, ...] = ()
