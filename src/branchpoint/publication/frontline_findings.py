"""Ruxolitinib alone: what each assessment up to day 28, or up to the unfavorable decision, is meant to find.

After the Results, Response to frontline RUX monotherapy (Zhang 2022, Blood 139:3493): first response within 3 days; in
CR soluble CD25, ferritin and IFN-gamma normal within 1 to 2 weeks, triglycerides within 2 weeks, hemoglobin, fibrinogen
and spleen by the day of CR; in PR the early response lost again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.language.responses import CR, IMPROVEMENT, PR
from branchpoint.publication.course import Seen, levels, partial, progressing, unresponsive
from branchpoint.publication.disease import FAST
from branchpoint.publication.kinetics import CNS, TEMPERATURE, Level
from branchpoint.publication.subjects import Course

if TYPE_CHECKING:
    import numpy as np

    from branchpoint.publication.disease import Disease
    from branchpoint.publication.subjects import ReconstructedSubject

__all__ = ["plan_frontline"]

DAILY = (1, 2, 3)
WEEKLY = (7, 14, 21, 28)
"""Days of evaluation (Methods), and day 21: the median day of CR lies between two of them."""
RESPONDING = frozenset({PR, IMPROVEMENT})


def plan_frontline(subject: ReconstructedSubject, disease: Disease, rng: np.random.Generator) -> list[Seen]:
    """Assessments of frontline therapy, in order of day."""
    course, decision = subject.frontline.course, subject.frontline.decision_day
    first = subject.frontline.first_response_day
    if course is Course.NR or first is None:
        return [_before_response(disease, day, rng) for day in DAILY]
    before = [_before_response(disease, day, rng) for day in DAILY if day < first]
    if course is Course.CR:
        return before + _complete_course(subject, disease, rng)
    assert decision is not None, "only a complete response goes without an unfavorable decision"
    days = [day for day in (*DAILY, *WEEKLY) if first <= day < decision]
    if course is Course.IMPROVEMENT:
        # An improvement is decided on at the first visit from day 7 on; a later decision means a visit missed.
        days = [day for day in days if day <= DAILY[-1]] + [decision]
        only = frozenset({IMPROVEMENT})
        return before + [partial(disease, day, 0.0, intended=only) for day in days]
    return before + [_held(disease, day, day >= DAILY[-1]) for day in days] + [progressing(disease, decision, rng)]


def _before_response(disease: Disease, day: int, rng: np.random.Generator) -> Seen:
    """No response yet; in some the fever goes first, which alone is none."""
    seen = unresponsive(disease, day, full=day == DAILY[-1])
    afebrile = rng.random() < 0.2
    return Seen(day, seen.intended, {**seen.levels, TEMPERATURE: Level.NORMAL}, seen.full) if afebrile else seen


def _held(disease: Disease, day: int, settled: bool) -> Seen:
    """A response that will be lost: an improvement at first, a PR from day 3 on."""
    chosen = {TEMPERATURE: Level.NORMAL, "ifn_gamma": Level.BETTER, "triglycerides": Level.BETTER}
    chosen |= dict.fromkeys(disease.leaders, Level.NORMAL if settled else Level.BETTER)
    chosen = {item: level for item, level in chosen.items() if item in disease.abnormal or item == TEMPERATURE}
    if settled and day > DAILY[-1]:
        chosen |= {item: Level.BETTER for item in disease.abnormal if item not in chosen}
    return Seen(day, frozenset({PR}) if settled else RESPONDING, levels(disease, chosen))


def _complete_course(subject: ReconstructedSubject, disease: Disease, rng: np.random.Generator) -> list[Seen]:
    first, complete = subject.frontline.first_response_day, subject.frontline.complete_response_day
    assert first is not None, "a course of CR has a first response"
    assert complete is not None, "a course of CR has its day"
    normal = _days_of_normality(disease, complete, rng)
    better = {item: first if item in disease.leaders else int(rng.choice((3, 7, 7))) for item in disease.abnormal}
    planned = []
    for day in (*DAILY, *WEEKLY):
        if day < first:
            continue
        chosen: dict[str, Level] = {TEMPERATURE: Level.NORMAL}
        for item in disease.abnormal:
            if day >= normal[item]:
                chosen[item] = Level.HEALTHY if item in FAST and day >= WEEKLY[1] else Level.NORMAL
            elif day >= max(better[item], first):
                chosen[item] = Level.BETTER
        if day >= complete:
            chosen |= dict.fromkeys(disease.late, Level.NORMAL)
        if day >= WEEKLY[1]:
            chosen |= dict.fromkeys(FAST, Level.HEALTHY)
        intended = frozenset({CR}) if day >= complete else frozenset({PR}) if day > DAILY[-1] else RESPONDING
        planned.append(Seen(day, intended, levels(disease, chosen)))
    return planned


def _days_of_normality(disease: Disease, complete: int, rng: np.random.Generator) -> dict[str, int]:
    """The first visit at which each abnormal item is normal."""
    earlier = [day for day in WEEKLY if day < complete]
    days = {}
    for item in disease.abnormal:
        if item in disease.late:
            days[item] = complete
        elif item in disease.leaders:
            days[item] = int(rng.choice((3, 7)))
        elif item in FAST or item in ("triglycerides", CNS):
            days[item] = int(rng.choice(earlier[:2]))
        else:
            days[item] = int(rng.choice(earlier))
    return days
