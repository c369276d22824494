"""An explanation as JSON: what the protocol decides for one patient, why, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branchpoint.engine.open_questions import missing_inputs, settling
from branchpoint.language.choices import Classification
from branchpoint.language.quantities import Derived, Input, Number
from branchpoint.language.responses import NE
from branchpoint.language.rules import Criterion
from branchpoint.reporting.words import words

if TYPE_CHECKING:
    from branchpoint.engine.decisions import Assessment, Decisions
    from branchpoint.engine.explain import Explanation

__all__ = ["explanation_data", "tree_data"]


def explanation_data(decisions: Decisions) -> dict[str, Any]:
    """Give every decision for one patient as JSON-ready data.

    Parameters
    ----------
    decisions : Decisions

    Returns
    -------
    dict
        The keys are documented in ``docs/formats.md``.
    """
    protocol = decisions.protocol
    names = [rule_set.name for rule_set in protocol.responses]
    judged = decisions.responses
    return {
        "protocol": {"name": protocol.name, "version": protocol.version},
        "protocol_hash": protocol.hash,
        "subject": decisions.patient.subject.id,
        "day": decisions.day,
        "eligible": decisions.eligible,
        protocol.diagnosis.name: diagnosis_data(decisions),
        "inclusion": [_criterion(part) for part in decisions.inclusion],
        "exclusion": [_criterion(part) for part in decisions.exclusion],
        "etiology": decisions.etiology.value,
        "dose": _dose(decisions),
        "response": {name: judged[name].category if name in judged else NE for name in names},
        "response_possible": {name: list(judged[name].possible) if name in judged else [] for name in names},
        "visit": decisions.path[-1].visit if decisions.path else "Baseline",
        "epoch": decisions.epoch,
        "next_epoch": decisions.next_epoch,
        "action": decisions.action,
        "action_text": decisions.action_text,
        "action_cite": decisions.path[-1].decision.cite if decisions.path else "",
        "stratum": decisions.stratum,
        "not_evaluable": list(decisions.open_decisions),
        "open_questions": [_question(name, parts) for name, parts in decisions.open_decisions.items()],
        "advisories": [
            {"id": _name(part), "label": part.node.label.text, "value": part.value}  # type: ignore[attr-defined]
            for part in decisions.advisories
        ],
        "path": [_assessment(step) for step in decisions.path],
        "tree": _tree(decisions),
    }


def diagnosis_data(decisions: Decisions) -> dict[str, Any]:
    """Give the diagnostic criteria item by item: met, not met, open, and which open ones would settle the verdict."""
    by_value: dict[Any, list[str]] = {True: [], False: [], None: []}
    for item in decisions.items:
        by_value[item.value].append(_name(item))
    open_items = tuple(item for item in decisions.items if item.value is None)
    alone = {_name_of(found.node) for found in settling(decisions.diagnosis, open_items)}
    undecided = decisions.diagnosis.value is None
    return {
        "verdict": decisions.diagnosis.value,
        "met": by_value[True],
        "not_met": by_value[False],
        "open": by_value[None],
        # Where no single item would do, the open ones would together.
        "would_settle": [name for name in by_value[None] if name in alone or (undecided and not alone)],
    }


def _name(part: Explanation) -> str:
    return _name_of(part.node)


def _name_of(node: Any) -> str:
    return str(node.name)


def _criterion(part: Explanation) -> dict[str, Any]:
    label = part.node.label  # type: ignore[attr-defined]
    return {"id": _name(part), "label": label.text, "verdict": part.value, "cite": label.cite}


def _dose(decisions: Decisions) -> dict[str, Any] | None:
    drug = decisions.protocol.interventions[0]
    if drug.dose is None or decisions.dose is None or decisions.dose.value is None:
        return None
    return {
        "drug": drug.name,
        "amount": decisions.dose.value,
        "unit": drug.dose.unit,
        "every_hours": drug.dose.every_hours,
    }


def _question(name: str, parts: tuple[Explanation, ...]) -> dict[str, Any]:
    missing: dict[tuple[str, str | int], str] = {}
    for part in parts:
        for item, reason in missing_inputs(part):
            missing.setdefault((item.measurement.name, item.when), reason)
    return {
        "decision": name,
        "missing": [
            {"measurement": measurement, "when": when, "reason": reason}
            for (measurement, when), reason in missing.items()
        ],
        "would_settle": [
            {"if": words(found.node), "is": found.answer, "then": found.verdict}
            for part in parts
            if not isinstance(part.node, Classification)
            for found in settling(part)
        ]
        if len(parts) == 1
        else [],
    }


def _assessment(step: Assessment) -> dict[str, Any]:
    override = step.override
    return {
        "day": step.day,
        "visit": step.visit,
        "epoch": step.epoch_before,
        "response": step.judgment.category,
        "action": step.action,
        "next_epoch": step.epoch_after,
        "stratum": step.stratum,
        "override": None if override is None else {"go": override.go, "reason": override.reason},
    }


def _tree(decisions: Decisions) -> dict[str, Any]:
    judged = decisions.responses
    return {
        "inclusion": [tree_data(part) for part in decisions.inclusion],
        "exclusion": [tree_data(part) for part in decisions.exclusion],
        "etiology": tree_data(decisions.etiology),
        "dose": None if decisions.dose is None else tree_data(decisions.dose),
        "response": {
            rule_set.name: [
                {"category": case.category, "after": case.after, **tree_data(part)}
                for case, part in zip(rule_set.cases, judged[rule_set.name].cases, strict=True)
            ]
            for rule_set in decisions.protocol.responses
            if rule_set.name in judged
        },
        "advisories": [tree_data(part) for part in decisions.advisories],
    }


def tree_data(part: Explanation) -> dict[str, Any]:
    """Give one explanation, and everything that it rests on, as JSON-ready data."""
    node = part.node
    data: dict[str, Any] = {"kind": type(node).__name__, "words": words(node), "value": part.value}
    if isinstance(node, Criterion | Derived | Classification):
        data |= {"id": node.name, "label": node.label.text, "cite": node.label.cite}
    if isinstance(node, Input) and part.observation is not None:
        seen = part.observation
        data |= {"input": node.name, "day": seen.day, "unit": seen.unit, "source": seen.source}
        if seen.missing:
            data["missing"] = seen.missing
    parts = [inner for inner in part.parts if not isinstance(inner.node, Number)]
    if parts:
        data["parts"] = [tree_data(inner) for inner in parts]
    return data
