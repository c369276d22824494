"""Ruxolitinib with chemotherapy: what each weekly assessment up to week 8 is meant to find.

The paper prints the outcome by week 8 and when liposomal doxorubicin and PEG-asparaginase were added. Between them a
refractory patient is taken to have responded in part until the day of the addition, and a patient with CR to have
reached it within the last weeks and kept it: assumptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.language.responses import IMPROVEMENT, NR, PD, PR
from branchpoint.publication.course import Seen, complete, partial, progressing, unresponsive
from branchpoint.publication.subjects import Course, Week8

if TYPE_CHECKING:
    import numpy as np

    from branchpoint.publication.disease import Disease
    from branchpoint.publication.subjects import Intensive, ReconstructedSubject

__all__ = ["FIRST_JUDGED", "plan_intensive"]

WEEKS = tuple(range(1, 8))
WINDOW = 3
"""Days by which a weekly visit may be early or late."""
FIRST_JUDGED = 14 - WINDOW
"""Day from which no response to intensive therapy counts: its visit of week 2, at the earliest."""
FIRST_WEEKS_OF_CR = (4, 5, 6, 7, 8)
UNFAVORABLE = frozenset({NR, PD})
ANYTHING = frozenset({NR, PD, PR, IMPROVEMENT})


def plan_intensive(subject: ReconstructedSubject, disease: Disease, rng: np.random.Generator) -> list[Seen]:
    """Assessments of intensive therapy up to week 8, in order of day; none after a favorable response."""
    intensive, decided = subject.intensive, subject.frontline.decision_day
    if intensive is None or decided is None:
        return []
    if intensive.week_8 is Week8.CR:
        return _to_complete_response(subject, intensive, decided, disease, rng)
    return _refractory(subject, intensive, decided, disease, rng)


def _weekly(intensive: Intensive, decided: int) -> list[int]:
    """Days of weeks 1 to 7. Chemotherapy may start days after the decision, from which the visits are counted."""
    return [min(intensive.start_day + 7 * week, decided + 7 * week + WINDOW) for week in WEEKS]


def _to_complete_response(
    subject: ReconstructedSubject, intensive: Intensive, decided: int, disease: Disease, rng: np.random.Generator
) -> list[Seen]:
    assert intensive.week_8_day is not None, "a CR of week 8 was assessed"
    first = int(rng.choice(FIRST_WEEKS_OF_CR))
    planned = []
    for week, day in zip((*WEEKS, 8), (*_weekly(intensive, decided), intensive.week_8_day), strict=True):
        if week >= first:
            planned.append(complete(disease, day))
        elif week == 1 and subject.frontline.course is Course.NR and rng.random() < 0.5:
            planned.append(unresponsive(disease, day))
        else:
            planned.append(partial(disease, day, 0.2 + 0.6 * week / first))
    return planned


def _refractory(
    subject: ReconstructedSubject, intensive: Intensive, decided: int, disease: Disease, rng: np.random.Generator
) -> list[Seen]:
    added = intensive.doxorubicin_pegaspargase_day
    assert added is not None, "second-line drugs were added in all refractory patients"
    last = intensive.week_8_day or subject.last_contact_day - 1
    weekly = [day for day in _weekly(intensive, decided) if abs(day - added) > 1 and day < last - 2]
    responded = subject.frontline.course is not Course.NR
    planned = []
    for day in sorted({*weekly, added, last}):
        if day == added:
            planned.append(_lost(disease, day, responded, rng))
        elif day == last:
            planned.append(_unresolved(subject, disease, day, responded, rng))
        elif day < added and day - decided < FIRST_JUDGED and not responded:
            planned.append(unresponsive(disease, day))
        else:
            planned.append(partial(disease, day, 0.3))
            responded = True
    return planned


def _lost(disease: Disease, day: int, responded: bool, rng: np.random.Generator) -> Seen:
    """Why second-line drugs were added: a response lost, or none by week 2."""
    return progressing(disease, day, rng) if responded else unresponsive(disease, day)


def _unresolved(
    subject: ReconstructedSubject, disease: Disease, day: int, responded: bool, rng: np.random.Generator
) -> Seen:
    """The last assessment: in those who died before week 8 active disease, else whatever is short of CR."""
    if subject.intensive is not None and subject.intensive.week_8_day is None:
        return progressing(disease, day, rng, intended=UNFAVORABLE) if responded else unresponsive(disease, day)
    if rng.random() < 0.5 and responded:
        return progressing(disease, day, rng, intended=ANYTHING)
    return partial(disease, day, 0.3, intended=ANYTHING)
