"""The course of a patient: what exposures, events, overrides and assessments must be, whatever file they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.language.responses import RESPONSES
from branchpoint.records.patient import MISSING_REASONS, Patient
from branchpoint.records.problems import NOTHING, Refusal
from branchpoint.records.timeline import day_refusals
from branchpoint.records.vocabulary import one_of, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from branchpoint.records.patient import Event, Exposure, Finding, Override, Subject
    from branchpoint.records.timeline import Span
    from branchpoint.records.vocabulary import Vocabulary

__all__ = [
    "assemble",
    "event_refusals",
    "exposure_refusals",
    "genetic_refusals",
    "override_refusals",
    "response_refusals",
]


def genetic_refusals(names: Vocabulary, result: str | None) -> tuple[Refusal, ...]:
    """Say what speaks against a genetic result: a code of the protocol, or a reason for having none."""
    allowed = names.genetic_results
    if result is None or allowed is None or result in allowed or result in MISSING_REASONS:
        return ()
    return (Refusal("genetic_result", result, one_of((*allowed, *MISSING_REASONS))),)


def exposure_refusals(names: Vocabulary, span: Span, drug: str, start: int, end: int | None) -> tuple[Refusal, ...]:
    """Say what speaks against an exposure."""
    refusals = list(day_refusals(span, start, "start"))
    if drug not in names.drugs:
        refusals.append(Refusal("drug", drug, f"a drug or support of the protocol; {suggest(drug, names.drugs)}"))
    if end is not None and end < start:
        refusals.append(Refusal("end", f"study day {end}", f"on or after the start, study day {start}"))
    elif end is not None:
        refusals += day_refusals(span, end, "end")
    return tuple(refusals)


def event_refusals(names: Vocabulary, span: Span, event: str, day: int, *, column: str = "day") -> tuple[Refusal, ...]:
    """Say what speaks against an event."""
    refusals = list(day_refusals(span, day, column))
    if event not in names.events:
        refusals.append(Refusal("event", event, f"an event of the protocol; {suggest(event, names.events)}"))
    return tuple(refusals)


def override_refusals(
    names: Vocabulary, span: Span, go: str | None, reason: str | None, day: int, *, column: str = "day"
) -> tuple[Refusal, ...]:
    """Say what speaks against an investigator's override: it goes to an epoch, and has a reason."""
    refusals = list(day_refusals(span, day, column))
    if go not in names.epochs:
        refusals.append(Refusal("go", go or NOTHING, f"an epoch of the protocol: {one_of(names.epochs)}"))
    if not (reason or "").strip():
        refusals.append(Refusal("reason", NOTHING, "the investigator's reason"))
    return tuple(refusals)


def response_refusals(span: Span, response: str, day: int, *, column: str = "day") -> tuple[Refusal, ...]:
    """Say what speaks against a recorded assessment of response."""
    refusals = list(day_refusals(span, day, column))
    if response not in RESPONSES:
        refusals.append(Refusal("response", response, one_of(RESPONSES)))
    return tuple(refusals)


def assemble(
    subject: Subject,
    findings: Iterable[Finding],
    exposures: Iterable[Exposure],
    events: Iterable[Event],
    overrides: Iterable[Override],
) -> Patient:
    """Put one patient together, everything in order of day."""
    by_test: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda item: item.day):
        by_test.setdefault(finding.test, []).append(finding)
    return Patient(
        subject,
        {test: tuple(by_test[test]) for test in sorted(by_test)},
        tuple(sorted(exposures, key=lambda item: item.start)),
        tuple(sorted(events, key=lambda item: item.day)),
        tuple(sorted(overrides, key=lambda item: item.day)),
    )
