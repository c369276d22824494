"""Facts about the subject that rules may read as measurements: age, sex, genetic result, consent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from branchpoint.records.patient import Subject

__all__ = ["SUBJECT_FACTS", "age_in_years", "subject_fact"]

SUBJECT_FACTS = ("age", "age_days", "sex", "genetic_result", "informed_consent")


def subject_fact(subject: Subject, name: str, day: int) -> float | bool | str | None:
    """Give a fact about the subject on a study day.

    Parameters
    ----------
    subject : Subject
    name : str
        One of `SUBJECT_FACTS`: ``age`` in years, ``age_days`` in days.
    day : int

    Returns
    -------
    float, bool, str or None
        None where it is not known.
    """
    if name == "sex":
        return subject.sex
    if name == "genetic_result":
        return subject.genetic_result
    reference = subject.reference_date
    if name == "informed_consent":
        return None if subject.consent_date is None else reference is None or subject.consent_date <= reference
    if subject.birth_date is None or reference is None:
        return None
    today = reference + timedelta(days=day)
    return age_in_years(subject.birth_date, today) if name == "age" else float((today - subject.birth_date).days)


def age_in_years(birth: date, today: date) -> float:
    """Give an exact age: full years since birth, and the part of the current year of life that has passed."""
    full = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
    last, following = _birthday(birth, birth.year + full), _birthday(birth, birth.year + full + 1)
    return full + (today - last).days / (following - last).days


def _birthday(birth: date, year: int) -> date:
    # A child born on 29 February grows a year older on 1 March of common years.
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
