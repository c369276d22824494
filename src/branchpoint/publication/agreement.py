"""Whether the protocol, run on a reconstructed record, decides what was published of the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.engine.decide import decide
from branchpoint.language.responses import CR, RESPONDING
from branchpoint.publication.subjects import Course, Etiology, Week8

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.engine.decisions import Assessment, Decisions
    from branchpoint.language.protocol import Protocol
    from branchpoint.publication.course import Seen
    from branchpoint.publication.subjects import Intensive, ReconstructedSubject
    from branchpoint.records.patient import Patient

__all__ = ["ETIOLOGIES", "disagreements"]

ETIOLOGIES = {
    Etiology.EBV: "EBV-HLH",
    Etiology.CAEBV: "CAEBV-HLH",
    Etiology.SAIDS: "SAIDs-HLH",
    Etiology.UNKNOWN: "unknown",
}
FRONTLINE, INTENSIVE, SALVAGE, FOLLOW_UP = "frontline", "intensive", "salvage", "follow_up"


def disagreements(
    subject: ReconstructedSubject, protocol: Protocol, patient: Patient, planned: Sequence[Seen]
) -> tuple[Decisions, tuple[str, ...]]:
    """What the protocol decides on a record, and everything in which that is not what was published.

    Parameters
    ----------
    subject : ReconstructedSubject
        What was published.
    protocol : Protocol
    patient : Patient
    planned : sequence of Seen
        The assessments of the record, with the responses intended.
    """
    decisions = decide(protocol, patient)
    found = [*_screening(subject, decisions), *_responses(decisions, planned), *_frontline(subject, decisions.path)]
    if subject.intensive is not None:
        found += _intensive(subject, subject.intensive, decisions.path)
    return decisions, tuple(found)


def _differs(what: str, computed: object, published: object) -> Iterator[str]:
    if computed != published:
        yield f"{what} is {computed}, published {published}"


def _screening(subject: ReconstructedSubject, decisions: Decisions) -> Iterator[str]:
    yield from _differs("eligibility", decisions.eligible, True)
    yield from _differs("etiology", decisions.etiology.value, ETIOLOGIES[subject.etiology])
    open_items = [str(item.node) for item in decisions.items if item.value is None]
    yield from _differs("number of open HLH-2004 items", len(open_items), 0)


def _responses(decisions: Decisions, planned: Sequence[Seen]) -> Iterator[str]:
    intended = {seen.day: seen.intended for seen in planned}
    yield from _differs("days of assessment", [step.day for step in decisions.path], sorted(intended))
    for step in decisions.path:
        category = step.judgment.category
        if category not in intended.get(step.day, ()):
            yield f"response on day {step.day} is {category}, intended {'/'.join(sorted(intended.get(step.day, ())))}"


def _first(path: Sequence[Assessment], *categories: str) -> int | None:
    days = (step.day for step in path if step.judgment.category in categories)
    return next(days, None)


def _frontline(subject: ReconstructedSubject, path: Sequence[Assessment]) -> Iterator[str]:
    frontline = subject.frontline
    steps = [step for step in path if step.epoch_before == FRONTLINE]
    yield from _differs("first response", _first(steps, *RESPONDING), frontline.first_response_day)
    yield from _differs("day of CR", _first(steps, CR), frontline.complete_response_day)
    favorable = frontline.course is Course.CR
    yield from _differs("stratum", steps[-1].stratum, "favorable" if favorable else "unfavorable")
    yield from _differs("epoch after frontline", steps[-1].epoch_after, FOLLOW_UP if favorable else INTENSIVE)
    if not favorable:
        yield from _differs("day of decision", steps[-1].day, frontline.decision_day)


def _intensive(subject: ReconstructedSubject, intensive: Intensive, path: Sequence[Assessment]) -> Iterator[str]:
    steps = [step for step in path if step.epoch_before == INTENSIVE]
    added = next((step.day for step in steps if step.action == "add_second_line"), None)
    yield from _differs("addition of second-line drugs", added, intensive.doxorubicin_pegaspargase_day)
    last = steps[-1]
    if intensive.week_8_day is None:
        yield from _differs("epoch at death", last.epoch_after, INTENSIVE)
        return
    yield from _differs("assessment of week 8", last.day, intensive.week_8_day)
    remitted = intensive.week_8 is Week8.CR
    yield from _differs("epoch after week 8", last.epoch_after, FOLLOW_UP if remitted else SALVAGE)
    if intensive.relapse_day is not None:
        turned = [step.day for step in path if step.epoch_before == FOLLOW_UP and step.epoch_after == SALVAGE]
        yield from _differs("relapse", turned, [intensive.relapse_day])
    elif subject.intensive is not None and remitted:
        yield from _differs("epoch at last contact", path[-1].epoch_after, FOLLOW_UP)
