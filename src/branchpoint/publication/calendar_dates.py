"""Calendar dates of a reconstruction: consent and first dose, within the study's calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from branchpoint.publication.claims import Claims, Date, claimed, count_of
from branchpoint.publication.solver import InfeasibleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

__all__ = ["draw_dates", "draw_excluded_dates"]

LONGEST_TO_FIRST_DOSE = 2
"""Days from consent to the first dose, at most: an assumption."""
LONGEST_SINCE_CONTACT = 21
"""Days from the last contact with a living patient to the data cutoff, at most: an assumption."""
FRONTLINE = 28


def draw_dates(
    claims: Claims, last_contacts: Sequence[int], died: Sequence[bool], rng: np.random.Generator
) -> tuple[tuple[date, date], ...]:
    """Dates of consent and first dose of all patients.

    The patient followed longest is the first enrolled. Those alive were last seen shortly before the cutoff; those who
    died may have been enrolled at any time that leaves day 28 before it.

    Parameters
    ----------
    claims : Claims
        The study's claims.
    last_contacts : sequence of int
        Study day of last contact, one a patient.
    died : sequence of bool
        Whether that was the day of death.
    rng : numpy.random.Generator
        Draws the dates.

    Raises
    ------
    InfeasibleError
        A follow-up is longer than the study.
    """
    opened, cutoff = _calendar(claims)
    longest = max(range(len(last_contacts)), key=last_contacts.__getitem__)
    dates = []
    for index, (days, dead) in enumerate(zip(last_contacts, died, strict=True)):
        latest = cutoff - timedelta(days=max(days, FRONTLINE))
        room = (latest - opened).days
        if room < 0:
            raise InfeasibleError(f"follow-up of {days} days from {opened} to {cutoff}", "NO DATE")
        back = int(rng.integers(0, (room if dead else min(room, LONGEST_SINCE_CONTACT)) + 1))
        first_dose = opened if index == longest else latest - timedelta(days=back)
        wait = int(rng.integers(0, LONGEST_TO_FIRST_DOSE + 1))
        dates.append((max(opened, first_dose - timedelta(days=wait)), first_dose))
    return tuple(dates)


def draw_excluded_dates(claims: Claims, rng: np.random.Generator) -> tuple[date, ...]:
    """Dates of consent of the excluded patients."""
    opened, cutoff = _calendar(claims)
    days = rng.integers(0, (cutoff - opened).days + 1, count_of(claims, "excluded.count"))
    return tuple(opened + timedelta(days=int(day)) for day in sorted(days))


def _calendar(claims: Claims) -> tuple[date, date]:
    return claimed(claims, "date.first_enrollment", Date).date, claimed(claims, "date.cutoff", Date).date
