"""Decide: everything the protocol decides for one patient, with its reasons, up to a study day.

Eligibility, diagnosis, etiology and dose are judged on the record up to study day 0 (the dose on the day asked for);
then each assessment is judged under every rule set, and the pathway takes a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from branchpoint.engine.explain import Explainer, Explanation, Reader, reader
from branchpoint.engine.pathway_table import BIT, PathwayTable, compile_pathway
from branchpoint.engine.walk import History, Position, judge, remember, step
from branchpoint.language.logic import Truth, every, negation
from branchpoint.language.responses import NE, RESPONSES

if TYPE_CHECKING:
    from branchpoint.language.pathway import Decision
    from branchpoint.language.protocol import Protocol
    from branchpoint.language.responses import ResponseRuleSet
    from branchpoint.records.patient import Override, Patient

__all__ = ["Assessment", "Decisions", "Judgment", "assessment_days", "decide"]

SCREENING = "screening"
UNSCHEDULED = "Unscheduled"


@dataclass(frozen=True, slots=True)
class Judgment:
    """One assessment under one rule set.

    Parameters
    ----------
    category : str
        The response; NE where it cannot be evaluated.
    possible : tuple of str
        Every response that the missing values leave possible; one when it is settled.
    cases : tuple of Explanation
        The rule of each case, in the order of the rule set; on days before the one asked for, only as far as the
        verdict needs.
    history : History
        What the earlier assessments had found when this one was judged.
    """

    category: str
    possible: tuple[str, ...]
    cases: tuple[Explanation, ...]
    history: History


@dataclass(frozen=True, slots=True)
class Assessment:
    """One step on the pathway.

    Parameters
    ----------
    day : int
        Study day.
    visit : str
        The visit whose window holds the day, or ``Unscheduled``.
    epoch_before, epoch_after : str
    judgments : dict of str to Judgment
        By rule set.
    decision : Decision
        The decision of the pathway; `override` may have replaced it.
    stratum : str or None
        The stratum last assigned, this step included.
    override : Override or None
    """

    day: int
    visit: str
    epoch_before: str
    epoch_after: str
    judgments: dict[str, Judgment]
    decision: Decision
    stratum: str | None
    override: Override | None = None

    @property
    def action(self) -> str:
        """What is done next."""
        return "override" if self.override else self.decision.action


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the protocol decides for one patient.

    Parameters
    ----------
    eligible : bool or None
    inclusion, exclusion : tuple of Explanation
    diagnosis, etiology, dose : Explanation
    items : tuple of Explanation
        The diagnostic criteria, one by one.
    advisories : tuple of Explanation
        Shown beside the decisions, never part of them.
    path : tuple of Assessment
        In order of day; empty before the first assessment under treatment.
    """

    protocol: Protocol
    patient: Patient
    day: int
    eligible: Truth
    inclusion: tuple[Explanation, ...]
    exclusion: tuple[Explanation, ...]
    diagnosis: Explanation
    items: tuple[Explanation, ...]
    etiology: Explanation
    dose: Explanation | None
    advisories: tuple[Explanation, ...]
    path: tuple[Assessment, ...]

    @property
    def responses(self) -> dict[str, Judgment]:
        """The judgments of the day, by rule set; empty before the first assessment under treatment."""
        return self.path[-1].judgments if self.path else {}

    @property
    def epoch(self) -> str:
        """Where the patient is on the day: before the decision of the day is carried out."""
        return self.path[-1].epoch_before if self.path else SCREENING

    @property
    def next_epoch(self) -> str:
        """Where the patient is once the decision of the day is carried out."""
        if self.path:
            return self.path[-1].epoch_after
        return self.protocol.epochs[0].name if self.eligible or self._dosed else SCREENING

    @property
    def action(self) -> str:
        """What is done next."""
        if self.path:
            return self.path[-1].action
        if self.eligible is None:
            return "complete_screening"
        return "enroll" if self.eligible else "do_not_enroll"

    @property
    def stratum(self) -> str | None:
        """The stratum last assigned."""
        return self.path[-1].stratum if self.path else None

    @property
    def open_decisions(self) -> dict[str, tuple[Explanation, ...]]:
        """The decisions that could not be made, by name, each with the rules behind it."""
        found = {str(part.node.name): (part,) for part in self.inclusion + self.exclusion if part.value is None}  # type: ignore[attr-defined]
        if self.etiology.value is None:
            found["etiology"] = (self.etiology,)
        if self.dose is not None and self.dose.value is None:
            found["dose"] = (self.dose,)
        for name, judgment in self.responses.items():
            if judgment.category == NE:
                found[f"response.{name}"] = judgment.cases
        return found

    @property
    def _dosed(self) -> bool:
        return self.patient.subject.first_dose_date is not None


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
        Study day; values from later days are not seen. The last day with a finding when not given.

    Returns
    -------
    Decisions
    """
    day = max(patient.last_day, 0) if day is None else day
    rules = _prepare(protocol)
    screening, today = Explainer(patient, min(day, 0)), Explainer(patient, day)
    inclusion = tuple([read(screening) for read in rules.inclusion])
    exclusion = tuple([read(screening) for read in rules.exclusion])
    admitted: list[Truth] = [part.value for part in inclusion]  # type: ignore[misc]
    spared: list[Truth] = [negation(part.value) for part in exclusion]  # type: ignore[arg-type]
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
        path=_walk(protocol, rules, today),
    )


def assessment_days(protocol: Protocol, patient: Patient, day: int) -> tuple[int, ...]:
    """Give the days after day 0, up to a day, on which the patient is assessed.

    These are the days with a finding that some response rule reads, the days of overrides, and the day itself.
    """
    found = {
        finding.day
        for test, findings in patient.findings.items()
        if test in protocol.response_findings
        for finding in findings
    }
    decided = {override.day for override in patient.overrides}
    return tuple(sorted(d for d in found | decided | {day} if 0 < d <= day))


def _walk(protocol: Protocol, rules: _Prepared, today: Explainer) -> tuple[Assessment, ...]:
    patient = today.patient
    names = [epoch.name for epoch in protocol.epochs]
    overrides = {override.day: override for override in patient.overrides}
    histories = {rule_set.name: History() for rule_set in protocol.responses}
    position, stratum = Position(0, 0), None
    path = []
    for day in assessment_days(protocol, patient, today.day):
        # Only the day that was asked for is told with all its reasons.
        explainer = today if day == today.day else Explainer(patient, day, thorough=False)
        judgments = {}
        for rule_set, readers in zip(protocol.responses, rules.responses, strict=True):
            cases = tuple([read(explainer) for read in readers])
            judgments[rule_set.name], histories[rule_set.name] = _judge(rule_set, cases, histories[rule_set.name])
        followed = judgments[protocol.responses[0].name].possible
        taken = step(rules.pathway, position, day, sum(BIT[response] for response in followed))
        epoch, decision = protocol.epochs[position.epoch], protocol.pathway.decisions[taken.decision]
        stratum = decision.stratum or stratum
        override = overrides.get(day)
        after = taken.after if override is None else Position(names.index(override.go), day)
        visit = epoch.visit_on(day if epoch.clock == "first_dose" else day - int(position.entered))
        path.append(
            Assessment(
                day=day,
                visit=visit.name if visit else UNSCHEDULED,
                epoch_before=epoch.name,
                epoch_after=names[after.epoch],
                judgments=judgments,
                decision=decision,
                stratum=stratum,
                override=override,
            )
        )
        position = after
    return tuple(path)


def _judge(rule_set: ResponseRuleSet, cases: tuple[Explanation, ...], history: History) -> tuple[Judgment, History]:
    verdicts = [(int(part.value is True), int(part.value is not False)) for part in cases]
    bits = judge(rule_set, verdicts, history)
    possible = tuple(response for response in RESPONSES if bits & BIT[response])
    category = possible[0] if len(possible) == 1 else NE
    return Judgment(category, possible, cases, history), remember(history, bits)
