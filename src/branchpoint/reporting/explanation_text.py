"""An explanation as text for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.engine.open_questions import count_of
from branchpoint.language.quantities import Input, Number
from branchpoint.language.rules import AtLeast
from branchpoint.reporting.explanation_json import explanation_data
from branchpoint.reporting.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from branchpoint.engine.decisions import Decisions
    from branchpoint.engine.explain import Explanation

__all__ = ["DISCLAIMER", "MARKS", "answer", "counted", "explanation_text", "folded", "missing_words", "observed"]

MARKS: dict[object, str] = {True: "yes", False: "no", None: "open"}
DISCLAIMER = "Research software, not a medical device: the decision is the clinician's."


def explanation_text(decisions: Decisions, *, tree: bool = False) -> str:
    """Give the decisions for one patient, and what is missing, as text.

    Parameters
    ----------
    decisions : Decisions
    tree : bool
        Whether to add everything that was looked at.
    """
    return "\n".join([*_summary(decisions), *(_tree(decisions) if tree else ()), "", DISCLAIMER])


def _summary(decisions: Decisions) -> Iterator[str]:
    protocol, data = decisions.protocol, explanation_data(decisions)
    yield f"{protocol.name} {protocol.version} ({protocol.hash[:12]})   subject {data['subject']}   day {data['day']}"
    yield ""
    yield f"Eligible      {MARKS[data['eligible']]}"
    yield from _criteria("Inclusion", data["inclusion"])
    yield from _criteria("Exclusion", data["exclusion"])
    diagnosis = data[protocol.diagnosis.name]
    yield f"Diagnosis     {protocol.diagnosis.label.text}: {MARKS[diagnosis['verdict']]}"
    for key, title in (("met", "met"), ("not_met", "not met"), ("open", "open"), ("would_settle", "would settle it")):
        if diagnosis[key]:
            yield f"              {title}: {', '.join(diagnosis[key])}"
    yield f"Etiology      {data['etiology'] or 'not evaluable'}"
    yield f"Dose          {_dose(data['dose'])}"
    yield "Response      " + ", ".join(f"{name}: {category}" for name, category in data["response"].items())
    yield f"Epoch         {data['epoch']} ({data['visit']})"
    yield f"Next          {data['action']}: {data['action_text']}"
    if data["action_cite"]:
        yield f"              {data['action_cite']}"
    yield f"Stratum       {data['stratum'] or 'none yet'}"
    yield from _path(data["path"])
    yield from _questions(data["open_questions"])


def _criteria(title: str, criteria: Iterable[dict[str, Any]]) -> Iterator[str]:
    for item in criteria:
        yield f"  {title} {item['id'].split('_')[-1]:<3} {MARKS[item['verdict']]:<5} {item['label']}"


def _dose(dose: dict[str, Any] | None) -> str:
    if dose is None:
        return "not evaluable"
    interval = "" if dose["every_hours"] is None else f" every {dose['every_hours']:g} h"
    return f"{dose['drug']} {dose['amount']:g} {dose['unit']}{interval}"


def _path(path: list[dict[str, Any]]) -> Iterator[str]:
    if path:
        yield "Path"
    for step in path:
        reason = f" ({step['override']['reason']})" if step["override"] else ""
        yield f"  day {step['day']:>4}  {step['epoch']:<12} {step['response']:<12} {step['action']}{reason}"


def _questions(questions: list[dict[str, Any]]) -> Iterator[str]:
    if questions:
        yield "Not evaluable"
    for question in questions:
        missing = ", ".join(missing_words(item) for item in question["missing"])
        yield f"  {question['decision']}: missing {missing}"


def missing_words(item: dict[str, Any]) -> str:
    """Give one missing measurement, and why it is missing, in words."""
    when = "" if item["when"] == "now" else f" at {item['when']}"
    reason = item["reason"].replace("_", " ")
    return f"{item['measurement']}{when}" + ("" if reason == "not recorded" else f" ({reason})")


def _tree(decisions: Decisions) -> Iterator[str]:
    groups: list[tuple[str, tuple[Explanation, ...]]] = [
        ("Inclusion", decisions.inclusion),
        ("Exclusion", decisions.exclusion),
        ("Etiology", (decisions.etiology,)),
        ("Dose", () if decisions.dose is None else (decisions.dose,)),
        *((f"Response, {name}", judgment.cases) for name, judgment in decisions.responses.items()),
        ("Advisory", decisions.advisories),
    ]
    for title, parts in groups:
        yield ""
        yield title
        for part in parts:
            yield from _branch(part, 1)


def _branch(part: Explanation, depth: int) -> Iterator[str]:
    shown = folded(part)
    yield f"{'  ' * depth}{answer(part):<7} {words(part.node)}{counted(part)}{observed(shown)}"
    for inner in shown.parts:
        if not isinstance(inner.node, Number):
            yield from _branch(inner, depth + 1)


def folded(part: Explanation) -> Explanation:
    """Give the innermost explanation that says the same in words: a criterion that only names a yes/no says it once."""
    while len(part.parts) == 1 and words(part.parts[0].node).lower() == words(part.node).lower():
        part = part.parts[0]
    return part


def counted(part: Explanation) -> str:
    """Give how far a count has come; empty for all other nodes."""
    if not isinstance(part.node, AtLeast):
        return ""
    hold, _, still_open = count_of(part)
    return f" [{hold} hold, {still_open} open, {part.node.count} needed]"


def answer(part: Explanation) -> str:
    """Give the answer of a node as a reader sees it."""
    if part.value is None or isinstance(part.value, bool):
        return MARKS[part.value]
    return f"{part.value:.4g}" if isinstance(part.value, float | int) else part.value


def observed(part: Explanation) -> str:
    """Give where an input stands in the record, or why it is missing; empty for all other nodes."""
    seen = part.observation
    if seen is None or not isinstance(part.node, Input):
        return ""
    if seen.value is None:
        return f" - {seen.missing.replace('_', ' ')}"
    day = "" if seen.day is None else f", day {seen.day}"
    return f"{' ' + seen.unit if seen.unit not in ('', '1') else ''}{day}{', ' + seen.source if seen.source else ''}"
