"""The order of things in one patient's record: what cannot have happened before or after what.

Study day 0 is the day of the first dose, or of consent while no dose has been given. A date becomes a study day here,
and a study day is held against birth, enrollment, death and the date on which the data were closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from branchpoint.records.problems import NOTHING, Refusal, as_found

__all__ = [
    "BEFORE_ENROLLMENT",
    "DATE",
    "FURTHEST",
    "Span",
    "date_in",
    "day_in",
    "day_refusals",
    "span_of",
    "subject_refusals",
]

# A result that goes out of date, from earlier than this many days before consent, is a date mistyped.
BEFORE_ENROLLMENT = 90

# Further from study day 0 than anybody lives.
FURTHEST = 45_000

DATE = "a date as YYYY-MM-DD"

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Span:
    """The study days between which one patient's record lies; None where a bound is not known.

    Parameters
    ----------
    reference : date, optional
        The date of study day 0.
    birth, opening, death, cutoff : int, optional
        Study days of birth, of `BEFORE_ENROLLMENT` days before consent, of the event that ends the study, and on which
        the data were closed.
    """

    reference: date | None = None
    birth: int | None = None
    opening: int | None = None
    death: int | None = None
    cutoff: int | None = None


def span_of(
    birth: date | None,
    consent: date | None,
    first_dose: date | None,
    *,
    death: int | None = None,
    cutoff: date | None = None,
) -> Span:
    """Give the span of a patient's record."""
    reference = first_dose or consent
    if reference is None:
        return Span(death=death)
    consented = 0 if consent is None else (consent - reference).days
    return Span(
        reference,
        birth=None if birth is None else (birth - reference).days,
        opening=consented - BEFORE_ENROLLMENT,
        death=death,
        cutoff=None if cutoff is None else (cutoff - reference).days,
    )


def date_in(value: object) -> date | None:
    """Give the date that a text says as YYYY-MM-DD; None when it says none."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def day_in(span: Span, day: int | None, when: object, column: str = "date") -> int | Refusal:
    """Give the study day of what was handed in with a study day, a date, or both if they agree."""
    if when is None or when == "":
        return day if day is not None else Refusal("day", NOTHING, "a study day, or a date")
    found = when if isinstance(when, date) else date_in(when)
    if found is None:
        return Refusal(column, as_found(when), DATE)
    if span.reference is None:
        expected = "a study day, as neither first_dose_date nor consent_date says on which date study day 0 was"
        return Refusal(column, found.isoformat(), expected) if day is None else day
    counted = (found - span.reference).days
    if day is not None and day != counted:
        return Refusal("day", str(day), f"study day {counted}, which {found} is")
    return counted


def day_refusals(span: Span, day: int, column: str = "day", *, lasting: bool = True) -> tuple[Refusal, ...]:
    """Say what speaks against a study day in a patient's record; at most one thing.

    Parameters
    ----------
    column : str
        Where the day was given.
    lasting : bool
        Whether it may lie long before enrollment.
    """
    expected = ""
    if abs(day) > FURTHEST:
        expected = f"at most {FURTHEST} days before or after study day 0"
    elif span.birth is not None and day < span.birth:
        expected = f"on or after birth, {_day(span, span.birth)}"
    elif span.death is not None and day > span.death:
        expected = f"on or before death, {_day(span, span.death)}"
    elif span.cutoff is not None and day > span.cutoff:
        expected = f"on or before the data cutoff, {_day(span, span.cutoff)}"
    elif not lasting and span.opening is not None and day < span.opening:
        consent = span.opening + BEFORE_ENROLLMENT
        expected = f"at most {BEFORE_ENROLLMENT} days before enrollment, {_day(span, consent)}"
    return (Refusal(column, _day(span, day), expected),) if expected else ()


def _day(span: Span, day: int) -> str:
    try:
        dated = None if span.reference is None else span.reference + timedelta(days=day)
    except OverflowError:
        dated = None
    return f"study day {day}" + (f" ({dated})" if dated else "")


def subject_refusals(
    birth: date | None, consent: date | None, first_dose: date | None, cutoff: date | None = None
) -> tuple[Refusal, ...]:
    """Say what speaks against a subject's dates: birth, then consent, then the first dose, then the data cutoff."""
    refusals = []
    for column, value, earlier_column, earlier in (
        ("consent_date", consent, "birth_date", birth),
        ("first_dose_date", first_dose, "birth_date", birth),
        ("first_dose_date", first_dose, "consent_date", consent),
    ):
        if value is not None and earlier is not None and value < earlier:
            refusals.append(Refusal(column, str(value), f"on or after {earlier_column}, {earlier}"))
    for column, value in (("birth_date", birth), ("consent_date", consent), ("first_dose_date", first_dose)):
        if value is not None and cutoff is not None and value > cutoff:
            refusals.append(Refusal(column, str(value), f"on or before the data cutoff, {cutoff}"))
    return tuple(refusals)
