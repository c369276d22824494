"""Differences: what changed between two versions of a protocol, rule by rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from branchpoint.language.content import as_data, differences
from branchpoint.language.protocol import Protocol
from branchpoint.reporting.notation import number_words

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["difference_text"]

# What is compared is the content, not what was computed from it.
_COMPUTED = ("hash",)
_NAMED_KINDS = {"criterion": "rule", "derived": "quantity", "classification": "classification"}
_MEASUREMENTS = {"measurement", "numeric", "yesno", "coded", "exposed", "occurred"}
_LISTS = {
    "analysis_sets": "analysis set",
    "adverse_events": "adverse event",
    "endpoints": "endpoint",
    "epochs": "epoch",
    "events": "event",
    "gradings": "grading",
    "interventions": "intervention",
    "parameters": "parameter",
    "responses": "response rule set",
}
_ASPECTS = {
    "cite": "source",
    "go": "next epoch",
    "kind": "kind of rule",
    "every_hours": "hours between doses",
    "first_day": "first day",
    "last_day": "last day",
    "days": "days",
    "current_for": "days for which it is current",
    "operator": "comparison",
    "plausible": "plausible range",
    "count": "how many are needed",
}


def difference_text(old: Protocol | Mapping[str, Any], new: Protocol | Mapping[str, Any]) -> str:
    """Say what differs between two protocols, or two versions of one: a line for each change, grouped by rule.

    Parameters
    ----------
    old, new : Protocol or mapping
        Protocols, or their content as `branchpoint.language.content.as_data` gives it.

    Returns
    -------
    str
        Lines such as ``"rule ebv_dna_high: threshold 500 -> 1000"``.
    """
    before, after = _content(old), _content(new)
    found = differences(before, after)
    if not found:
        if before == after:
            return "Nothing differs."
        return "The protocols differ, but only in which named rules refer to each other."
    grouped: dict[str, list[str]] = {}
    for place, was, now in found:
        subject, aspect = _read(place)
        line = f"{aspect} {_value(was)} -> {_value(now)}"
        lines = grouped.setdefault(subject, [])
        if line not in lines:
            lines.append(line)
    told = (f"{subject}: {line}" for subject, lines in grouped.items() for line in lines)
    return "\n".join(told)


def _content(value: Protocol | Mapping[str, Any]) -> dict[str, Any]:
    data = as_data(value) if isinstance(value, Protocol) else value
    return {key: part for key, part in data.items() if key not in _COMPUTED}


def _read(place: str) -> tuple[str, str]:
    kind, _, rest = place.partition(" ")
    if kind in _NAMED_KINDS or kind in _MEASUREMENTS:
        name, _, path = rest.partition(".")
        return f"{_NAMED_KINDS.get(kind, 'measurement')} {name}", _aspect(path)
    first, _, rest = place.partition(".")
    if first == "pathway":
        return _read_pathway(rest)
    if first in _LISTS:
        # A visit or a case inside keeps its own name in front of what changed.
        name, _, path = rest.partition(".")
        return f"{_LISTS[first]} {name}", _aspect(path)
    return "protocol", _aspect(place)


def _read_pathway(rest: str) -> tuple[str, str]:
    part, _, path = rest.partition(".")
    name, _, aspect = path.partition(".")
    if part == "epochs":
        return f"epoch {name}", _aspect(aspect)
    cell = re.fullmatch(r"([^/]*)/([^/]*)/(None|-?\d+)-(None|-?\d+)", name)
    if cell is None:
        return f"pathway {name}", _aspect(aspect)
    epoch, responses, first, last = cell.groups()
    days = "".join((f" from day {first}" if first != "None" else "", f" to day {last}" if last != "None" else ""))
    return f"pathway at {epoch}{days}, {responses.replace('+', ' or ')}", _aspect(aspect)


def _aspect(path: str) -> str:
    """Say in a word what of a rule a path leads to; what has no word keeps its path."""
    steps = [step for step in path.split(".") if step != "init"]
    last = steps[-1] if steps else ""
    if last == "value" and len(steps) > 1 and steps[-2] in ("left", "right"):
        return _beside(steps[:-2], "threshold")
    if steps[-2:] == ["label", "text"]:
        return _beside(steps[:-2], "label")
    if last == "cite":
        return _beside([step for step in steps[:-1] if step != "label"], "source")
    return _beside(steps[:-1], _ASPECTS.get(last, last.replace("_", " ")))


def _beside(steps: list[str], word: str) -> str:
    # Which of several alike: the second rule of an at_least, the visit of an epoch.
    where = [
        step for step in steps if step not in ("rule", "rules", "of", "left", "right", "cases", "decisions", "kind")
    ]
    where = [f"part {int(step) + 1}" if step.isdigit() else step.replace("_", " ") for step in where]
    return f"{word} ({', '.join(where)})" if where else word


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_words(value)
    return repr(value) if " " in str(value) else str(value)
