"""What the flow diagram says: the stages of treatment, and what leads from each to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from branchpoint.language.responses import CR, NE, RESPONSES
from branchpoint.reporting.decision_table import action_words
from branchpoint.reporting.notation import quantity_words, sentence, within_sentence
from branchpoint.reporting.tables import NO_BREAK, span_words
from branchpoint.reporting.words import RESPONSE_WORDS, intervention_words, listed

if TYPE_CHECKING:
    from branchpoint.language.interventions import Intervention
    from branchpoint.language.pathway import Decision
    from branchpoint.language.protocol import Protocol
    from branchpoint.language.schedule import Epoch, Visit

__all__ = ["Branch", "Kind", "Stage", "Text", "eligible_text", "stages"]

_EVALUABLE = {*RESPONSES} - {NE}
Kind = Literal["eligible", "epoch", "assessment", "favorable", "unfavorable", "branch", "stay"]


@dataclass(frozen=True, slots=True)
class Text:
    """What a box says: a title and paragraphs."""

    kind: Kind
    title: str
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """What leads from one epoch to another, by its place in the protocol."""

    to: int
    text: Text


@dataclass(frozen=True, slots=True)
class Stage:
    """An epoch, its assessments, what leads out of it, and what keeps a patient in it."""

    epoch: Text
    assessment: Text
    branches: tuple[Branch, ...]
    stay: Text | None


def eligible_text(protocol: Protocol) -> Text:
    """Give what the first box says."""
    asked = f"{len(protocol.inclusion)} inclusion and {len(protocol.exclusion)} exclusion criteria"
    etiologies = listed(protocol.etiology.answers)
    return Text(
        "eligible",
        "Eligible patients",
        (f"{protocol.diagnosis.label.text}; {asked}", f"{protocol.etiology.label.text}: {etiologies}"),
    )


def stages(protocol: Protocol) -> tuple[Stage, ...]:
    """Give each epoch of a protocol as a stage, in order."""
    names = [epoch.name for epoch in protocol.epochs]
    told: set[Intervention] = set()
    found = []
    for place, epoch in enumerate(protocol.epochs):
        visits = _assessed(epoch, first=place == 0)
        decisions = [one for one in _given_in(protocol, epoch) if _when(one, visits)]
        targets = dict.fromkeys(one.go for one in decisions if one.go != epoch.name)
        branches = tuple(
            Branch(names.index(target), _branch([one for one in decisions if one.go == target], visits))
            for target in targets
        )
        staying = tuple(_staying(one, visits) for one in decisions if one.go == epoch.name)
        found.append(
            Stage(
                epoch=_epoch(epoch, told),
                assessment=Text("assessment", "Response assessed", (span_words(visits),)),
                branches=branches,
                stay=Text("stay", "Stays, and is assessed again", staying) if staying else None,
            )
        )
        told.update(epoch.gives)
    return tuple(found)


def _given_in(protocol: Protocol, epoch: Epoch) -> list[Decision]:
    """Give the decisions of an epoch, about the responses that the rule set of the pathway can give."""
    followed = protocol.responses[0]
    possible = {NE, followed.otherwise, *(case.category for case in followed.cases)}
    found = []
    for decision in protocol.pathway.decisions:
        responses = tuple(response for response in decision.responses if response in possible)
        if decision.epoch == epoch.name and responses:
            found.append(replace(decision, responses=responses))
    return found


def _assessed(epoch: Epoch, *, first: bool) -> tuple[Visit, ...]:
    # Before treatment there is no response.
    later = tuple(visit for visit in epoch.visits if visit.day > 0)
    return later if first and later else epoch.visits


def _epoch(epoch: Epoch, told: set[Intervention]) -> Text:
    duration = f" ({quantity_words(epoch.days, 'd')})" if epoch.days else ""
    lines = tuple(_given(given, given in told) for given in epoch.gives)
    return Text("epoch", f"{epoch.label.text}{duration}", lines)


def _given(given: Intervention, known: bool) -> str:
    if known:
        return f"{given.label.text}: as before"
    # Procedures have no dose; for drugs, the synopsis says where the source states none.
    told = intervention_words(given).removeprefix("dose not stated").removeprefix(", ")
    return f"{given.label.text}: {told}" if told else given.label.text


def _branch(decisions: list[Decision], visits: tuple[Visit, ...]) -> Text:
    strata = dict.fromkeys(one.stratum for one in decisions)
    stratum = next(iter(strata)) if len(strata) == 1 else None
    actions = tuple(dict.fromkeys(_action(one) for one in decisions))
    conditions = tuple(dict.fromkeys(_condition(one, visits) for one in decisions))
    if stratum is not None:
        return Text(stratum, f"{stratum.capitalize()} response", (*conditions, *actions))
    return Text("branch", " / ".join(actions), conditions)


def _action(decision: Decision) -> str:
    return decision.text or sentence(action_words(decision.action))


def _staying(decision: Decision, visits: tuple[Visit, ...]) -> str:
    stratum = f" ({decision.stratum})" if decision.stratum else ""
    action = _action(decision).removeprefix(f"{sentence(_responses(decision))}: ")
    return f"{_condition(decision, visits)}{stratum}: {within_sentence(action)}"


def _condition(decision: Decision, visits: tuple[Visit, ...]) -> str:
    return f"{sentence(_responses(decision))} {_when(decision, visits)}"


def _responses(decision: Decision) -> str:
    found = set(decision.responses)
    unevaluable = [RESPONSE_WORDS[NE]] if NE in found else []
    if found >= _EVALUABLE:
        return listed(["any response", *unevaluable])
    if found >= _EVALUABLE - {CR}:
        return listed(["anything short of complete response", *unevaluable])
    return listed([RESPONSE_WORDS[response] for response in decision.responses])


def _when(decision: Decision, visits: tuple[Visit, ...]) -> str:
    """Say at which visits a decision applies; nothing when at none of them."""
    covered = [visit for visit in visits if decision.covers(visit.day)]
    if not covered:
        return ""
    first, last = _name(covered[0]), _name(covered[-1])
    if len(covered) == len(visits) > 1:
        return "at any visit" if decision.first_day is None else f"from {first}"
    if len(covered) == 1:
        return f"at {first}"
    if covered[0] is visits[0]:
        return f"up to {last}"
    return f"from {first}" if covered[-1] is visits[-1] else f"from {first} to {last}"


def _name(visit: Visit) -> str:
    # "Day 7" is not broken before its number.
    stem, _, number = within_sentence(visit.name).rpartition(" ")
    return f"{stem}{NO_BREAK}{number}" if stem else number
