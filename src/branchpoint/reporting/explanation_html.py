"""An explanation as one self-contained page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.language.quantities import Number
from branchpoint.reporting.explanation_json import explanation_data
from branchpoint.reporting.explanation_text import DISCLAIMER, MARKS, answer, counted, folded, missing_words, observed
from branchpoint.reporting.pages import render
from branchpoint.reporting.words import words

if TYPE_CHECKING:
    from branchpoint.engine.decisions import Decisions
    from branchpoint.engine.explain import Explanation

__all__ = ["explanation_html"]


def explanation_html(decisions: Decisions) -> str:
    """Give the decisions for one patient, with all their reasons, as an HTML page.

    Parameters
    ----------
    decisions : Decisions
    """
    groups = [
        ("Inclusion criteria", [_branch(part) for part in decisions.inclusion]),
        ("Exclusion criteria", [_branch(part) for part in decisions.exclusion]),
        ("Etiology", [_branch(decisions.etiology)]),
        ("Dose", [] if decisions.dose is None else [_branch(decisions.dose)]),
        ("Advisory, never part of a decision", [_branch(part) for part in decisions.advisories]),
    ]
    for rule_set in decisions.protocol.responses:
        judgment = decisions.responses.get(rule_set.name)
        if judgment is not None:
            title = f"Response, {rule_set.label.text} ({rule_set.name}): {judgment.category}"
            cases = zip(rule_set.cases, judgment.cases, strict=True)
            groups.append((title, [_branch(part, case.category) for case, part in cases]))
    return render(
        "explanation.html.j2",
        data=explanation_data(decisions),
        diagnosis_label=decisions.protocol.diagnosis.label.text,
        diagnosis_name=decisions.protocol.diagnosis.name,
        groups=groups,
        marks=MARKS,
        disclaimer=DISCLAIMER,
        missing_words=missing_words,
    )


def _branch(part: Explanation, prefix: str = "") -> dict[str, object]:
    label = getattr(part.node, "label", None)
    text = f"{prefix}: {words(part.node)}" if prefix else words(part.node)
    shown = folded(part)
    return {
        "words": text + counted(part),
        "verdict": MARKS[part.value] if part.value is None or isinstance(part.value, bool) else "value",
        "value": answer(part),
        "observed": observed(shown).removeprefix(" "),
        "cite": getattr(label, "cite", ""),
        "parts": [_branch(inner) for inner in shown.parts if not isinstance(inner.node, Number)],
    }
