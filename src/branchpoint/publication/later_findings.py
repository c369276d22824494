"""After week 8, or after day 28 in a favorable response: what salvage and follow-up are meant to find.

Printed are relapses, transplantations, deaths and their causes, and last contacts. That survivors of transplantation
and of relapse were in remission when last seen is an assumption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.language.responses import IMPROVEMENT, NR, PD, PR, RELAPSE
from branchpoint.publication.course import Seen, complete, partial, progressing, relapsing
from branchpoint.publication.subjects import DeathCause, Week8

if TYPE_CHECKING:
    import numpy as np

    from branchpoint.publication.disease import Disease
    from branchpoint.publication.subjects import Intensive, ReconstructedSubject

__all__ = ["plan_later"]

DAY_28 = 28
FOLLOW_UP = (28, 91, 182, 364)
SALVAGE = (28, 56, 84)
AFTER_HSCT = (30, 91, 182, 364)
JITTER = 9
SHORTEST_INTERVAL = 12
"""Days between two visits of follow-up, at least."""
UNRESOLVED = frozenset({PR, IMPROVEMENT, NR, PD})
RELAPSED = frozenset({RELAPSE})


def plan_later(subject: ReconstructedSubject, disease: Disease, rng: np.random.Generator) -> list[Seen]:
    """Assessments of salvage and follow-up, in order of day."""
    intensive = subject.intensive
    if intensive is None:
        return _in_remission(disease, DAY_28, subject.last_contact_day, FOLLOW_UP, rng)
    if intensive.week_8_day is None:
        return []
    if intensive.week_8 is Week8.REFRACTORY:
        return _salvage(subject, intensive, intensive.week_8_day, disease, rng)
    if intensive.relapse_day is None:
        return _in_remission(disease, intensive.week_8_day, subject.last_contact_day, FOLLOW_UP, rng)
    until = _in_remission(disease, intensive.week_8_day, intensive.relapse_day - 7, FOLLOW_UP, rng)
    return [*until, relapsing(disease, intensive.relapse_day), *_after_relapse(subject, intensive, disease, rng)]


def _days(start: int, end: int, offsets: tuple[int, ...], rng: np.random.Generator) -> list[int]:
    """Days of visits after a start, the last on the end."""
    drawn = [start + offset + int(rng.integers(-JITTER, JITTER + 1)) for offset in offsets]
    kept = [day for day in drawn if day - start >= SHORTEST_INTERVAL and end - day >= SHORTEST_INTERVAL]
    return [*kept, end] if end - start >= 1 else kept


def _in_remission(
    disease: Disease, start: int, end: int, offsets: tuple[int, ...], rng: np.random.Generator
) -> list[Seen]:
    return [complete(disease, day, full=False) for day in _days(start, end, offsets, rng)]


def _last_seen(subject: ReconstructedSubject) -> int:
    return subject.last_contact_day if subject.death_day is None else subject.last_contact_day - 1


def _after_relapse(
    subject: ReconstructedSubject, intensive: Intensive, disease: Disease, rng: np.random.Generator
) -> list[Seen]:
    assert intensive.relapse_day is not None, "only asked of patients who relapsed"
    end = _last_seen(subject)
    if subject.death_day is None:
        return _in_remission(disease, intensive.relapse_day, end, FOLLOW_UP, rng)
    return [
        progressing(disease, day, rng, intended=RELAPSED) for day in _days(intensive.relapse_day, end, SALVAGE, rng)
    ]


def _salvage(
    subject: ReconstructedSubject, intensive: Intensive, start: int, disease: Disease, rng: np.random.Generator
) -> list[Seen]:
    end, transplanted = _last_seen(subject), intensive.transplant_day
    if transplanted is None:
        remission = start + SALVAGE[-1]
        before = [day for day in _days(start, end, SALVAGE, rng) if day < min(remission, end)]
        planned = [partial(disease, day, 0.5, intended=UNRESOLVED) for day in before]
        return planned + _in_remission(disease, remission, end, FOLLOW_UP, rng)
    before = [day for day in _days(start, transplanted - 1, SALVAGE, rng) if day - start >= 2]
    planned = [partial(disease, day, 0.4, intended=UNRESOLVED) for day in before]
    if subject.death_cause is not DeathCause.RELAPSE:
        return planned + _in_remission(disease, transplanted, end, AFTER_HSCT, rng)
    # Disease that transplantation did not end: no CR in between, or the relapses would be more than were printed.
    after = _days(transplanted, end, AFTER_HSCT, rng)
    planned += [partial(disease, day, 0.5, intended=UNRESOLVED) for day in after[:-1]]
    return planned + [progressing(disease, day, rng, intended=UNRESOLVED) for day in after[-1:]]
