"""Decide: everything the protocol decides for one patient, with its reasons, up to a study day.

Eligibility, diagnosis, etiology and dose are judged on the record up to study day 0 (the dose on the day asked for);
then each assessment is judged, and the pathway takes a step.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from branchpoint.engine.decisions import UNSCHEDULED, Assessment, Decisions, Judgment
from branchpoint.engine.explain import Explainer, Explanation, Reader, reader
from branchpoint.engine.pathway_table import BIT, PathwayTable, compile_pathway
from branchpoint.engine.walk import History, Position, judge, may_apply, remember, step
from branchpoint.language.logic import Truth, every, negation
from branchpoint.language.responses import NE, RESPONSES

if TYPE_CHECKING:
    from branchpoint.language.protocol import Protocol
    from branchpoint.language.responses import ResponseRuleSet
    from branchpoint.records.patient import Patient

__all__ = ["assessment_days", "decide"]


class _Prepared(NamedTuple):
    # A protocol's rules, ready to be answered.
    inclusion: tuple[Reader, ...]
    exclusion: tuple[Reader, ...]
    diagnosis: Reader
    items: tuple[Reader, ...]
    etiology: Reader
    dose: Reader | None
    advisories: tuple[Reader, ...]
    responses: tuple[tuple[Reader, ...], ...]
    pathway: PathwayTable


@lru_cache(maxsize=16)
def _prepare(protocol: Protocol) -> _Prepared:
    dose = protocol.interventions[0].dose
    return _Prepared(
        tuple(map(reader, protocol.inclusion)),
        tuple(map(reader, protocol.exclusion)),
        reader(protocol.diagnosis),
        tuple(map(reader, protocol.diagnosis_items)),
        reader(protocol.etiology),
        None if dose is None else reader(dose.amount),
        tuple(map(reader, protocol.advisories)),
        tuple(tuple(reader(case.rule) for case in rule_set.cases) for rule_set in protocol.responses),
        compile_pathway(protocol.pathway),
    )


def decide(protocol: Protocol, patient: Patient, day: int | None = None) -> Decisions:
    """Give every decision of a protocol for one patient.

    Parameters
    ----------
    protocol : Protocol
    patient : Patient
    day : int, optional
        Study day; values from later days are not seen. The last day of assessment when not given.

    Returns
    -------
    Decisions
    """
    if day is None:
        day = max(assessment_days(protocol, patient), default=0)
    rules = _prepare(protocol)
    screening, today = Explainer(patient, min(day, 0)), Explainer(patient, day)
    inclusion = tuple([read(screening) for read in rules.inclusion])
    exclusion = tuple([read(screening) for read in rules.exclusion])
    admitted: list[Truth] = [part.value for part in inclusion]  # type: ignore[misc]
    spared: list[Truth] = [negation(part.value) for part in exclusion]  # type: ignore[arg-type]
    path = _walk(protocol, rules, today)
    return Decisions(
        protocol=protocol,
        patient=patient,
        day=day,
        eligible=every(admitted + spared),
        inclusion=inclusion,
        exclusion=exclusion,
        diagnosis=rules.diagnosis(screening),
        items=tuple([read(screening) for read in rules.items]),
        etiology=rules.etiology(screening),
        dose=None if rules.dose is None else rules.dose(today),
        advisories=tuple([read(screening) for read in rules.advisories]),
        path=path,
        responses=_side_by_side(protocol, rules, today, path),
    )


def assessment_days(protocol: Protocol, patient: Patient) -> tuple[int, ...]:
    """Give the days after day 0 on which the patient is assessed.

    These are the days with a finding that some response rule reads, and the days of overrides.
    """
    found = {
        finding.day
        for test, findings in patient.findings.items()
        if test in protocol.response_findings
        for finding in findings
    }
    decided = {override.day for override in patient.overrides}
    return tuple(sorted(day for day in found | decided if day > 0))


def _walk(protocol: Protocol, rules: _Prepared, today: Explainer) -> tuple[Assessment, ...]:
    patient, followed = today.patient, protocol.responses[0]
    names = [epoch.name for epoch in protocol.epochs]
    overrides = {override.day: override for override in patient.overrides}
    position, history, stratum = Position(0, 0), History(), None
    path = []
    # The day that was asked for is assessed whatever was found on it.
    days = {day for day in assessment_days(protocol, patient) if day <= today.day} | {today.day}
    for day in sorted(day for day in days if day > 0):
        judgment, history = _judge(followed, rules.responses[0], _on(day, today), history)
        taken = step(rules.pathway, position, day, sum(BIT[response] for response in judgment.possible))
        epoch, decision = protocol.epochs[position.epoch], protocol.pathway.decisions[taken.decision]
        visit = epoch.visit_on(day if epoch.clock == "first_dose" else day - position.entered)
        override = overrides.get(day)
        position = taken.after if override is None else Position(names.index(override.go), day)
        stratum = decision.stratum or stratum
        path.append(
            Assessment(
                day=day,
                visit=visit.name if visit else UNSCHEDULED,
                epoch_before=epoch.name,
                epoch_after=names[position.epoch],
                judgment=judgment,
                decision=decision,
                stratum=stratum,
                override=override,
            )
        )
    return tuple(path)


def _on(day: int, today: Explainer) -> Explainer:
    # Only the day that was asked for is told with all its reasons.
    return today if day == today.day else Explainer(today.patient, day, thorough=False, earlier=today)


def _side_by_side(
    protocol: Protocol, rules: _Prepared, today: Explainer, path: tuple[Assessment, ...]
) -> dict[str, Judgment]:
    if not path:
        return {}
    found = {protocol.responses[0].name: path[-1].judgment}
    for rule_set, readers in list(zip(protocol.responses, rules.responses, strict=True))[1:]:
        history = History()
        # The past is asked only where a case of today turns on it.
        if any(
            case.after and read(today).value is not False for case, read in zip(rule_set.cases, readers, strict=True)
        ):
            for earlier in path[:-1]:
                _, history = _judge(rule_set, readers, _on(earlier.day, today), history)
        found[rule_set.name], _ = _judge(rule_set, readers, today, history)
    return found


def _judge(
    rule_set: ResponseRuleSet, readers: tuple[Reader, ...], explainer: Explainer, history: History
) -> tuple[Judgment, History]:
    cases: list[Explanation] = []
    verdicts = []
    for case, read in zip(rule_set.cases, readers, strict=True):
        if not explainer.thorough and not may_apply(case, history):
            verdicts.append((0, 0))
            continue
        part = read(explainer)
        cases.append(part)
        verdicts.append((int(part.value is True), int(part.value is not False)))
        if part.value is True and case.after is None and not explainer.thorough:
            break
    verdicts += [(0, 0)] * (len(readers) - len(verdicts))
    bits = judge(rule_set, verdicts, history)
    possible = tuple(response for response in RESPONSES if bits & BIT[response])
    category = possible[0] if len(possible) == 1 else NE
    return Judgment(category, possible, tuple(cases), history), remember(history, bits)
