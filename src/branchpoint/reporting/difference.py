"""Differences: what changed between two versions of a protocol, rule by rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from branchpoint.language.content import as_data, differences
from branchpoint.language.protocol import Protocol
from branchpoint.reporting.notation import number_words
from branchpoint.reporting.told_again import definition_of, definitions_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["difference_text"]

# What is compared is the content, not what was computed from it.
_COMPUTED = ("hash",)
_RULES = {"criterion": "rule", "derived": "quantity", "classification": "classification"}
_MEASUREMENTS = ("measurement", "numeric", "yesno", "coded", "exposed", "occurred")
_LISTS = {
    "analysis_sets": "analysis set",
    "adverse_events": "adverse event",
    "endpoints": "endpoint",
    "events": "event",
    "gradings": "grading",
    "interventions": "intervention",
    "parameters": "parameter",
    "responses": "response rule set",
}
_ASPECTS = {
    "cite": "source",
    "go": "next epoch",
    "every_hours": "hours between doses",
    "first_day": "first day",
    "last_day": "last day",
    "current_for": "days for which it is current",
    "operator": "comparison",
    "count": "how many are needed",
}
_UNTOLD = ("rule", "rules", "of", "left", "right", "cases", "decisions", "input", "label")
_MOST = 8


class _Change(NamedTuple):
    path: str
    was: Any
    now: Any


def difference_text(old: Protocol | Mapping[str, Any], new: Protocol | Mapping[str, Any]) -> str:
    """Say what differs between two protocols, or two versions of one: a line for each change, grouped by rule.

    Parameters
    ----------
    old, new : Protocol or mapping
        Protocols, or their content as `branchpoint.language.content.as_data` gives it.

    Returns
    -------
    str
        Lines such as ``"rule ebv_dna_high: threshold 500 -> 1000"``; or that nothing differs.
    """
    before, after = _content(old), _content(new)
    if before == after:
        return "Nothing differs."
    grouped: dict[str, list[_Change]] = {}
    for place, was, now in differences(before, after):
        subject, path = _read(place)
        grouped.setdefault(subject, []).append(_Change(path, was, now))
    rules = definitions_in(before), definitions_in(after)
    lines = [f"{subject}: {line}" for subject, found in grouped.items() for line in _lines(subject, found, rules)]
    return "\n".join(lines or ["The content differs, in no place that can be named."])


def _content(value: Protocol | Mapping[str, Any]) -> dict[str, Any]:
    data = as_data(value) if isinstance(value, Protocol) else value
    return {key: part for key, part in data.items() if key not in _COMPUTED}


def _read(place: str) -> tuple[str, str]:
    """Split a place into what a reader calls the thing that changed, and the path inside it."""
    kind, _, rest = place.partition(" ")
    if kind in _RULES or kind in _MEASUREMENTS:
        name, _, path = rest.partition(".")
        return f"{_RULES.get(kind, 'measurement')} {name}", path
    first, _, rest = place.partition(".")
    name, _, path = rest.partition(".")
    if first == "responses" and path.startswith("cases."):
        category, _, inside = path.removeprefix("cases.").partition(".")
        return f"response {category} ({name})", inside
    if first in _LISTS:
        return f"{_LISTS[first]} {name}", path
    if first == "pathway":
        part, _, deeper = rest.partition(".")
        # A name may hold a full stop only in its days, which are whole numbers.
        name, _, path = deeper.partition(".")
        return (f"epoch {name}" if part == "epochs" else _cell(name)), path
    return "protocol", place


def _cell(name: str) -> str:
    found = re.fullmatch(r"([^/]*)/([^/]*)/(None|-?\d+)-(None|-?\d+)", name)
    if found is None:
        return f"pathway {name}"
    epoch, responses, first, last = found.groups()
    since, until = ("" if day == "None" else f" {word} day {day}" for word, day in (("from", first), ("to", last)))
    return f"pathway at {epoch}{since}{until}, {responses.replace('+', ' or ')}"


def _lines(subject: str, found: list[_Change], rules: tuple[dict[str, Any], dict[str, Any]]) -> Iterator[str]:
    if any(change.path == "kind" and change.now is None for change in found):
        yield "removed"
        return
    if any(change.path == "kind" and change.was is None for change in found):
        yield "added"
        return
    old, new = rules[0].get(subject), rules[1].get(subject)
    rebuilt = any(change.path.endswith("kind") or _refers(change.was) or _refers(change.now) for change in found)
    if old is not None and new is not None and rebuilt:
        yield f"definition {definition_of(old)!r} -> {definition_of(new)!r}"
        found = [change for change in found if change.path.startswith("label")]
    told = dict.fromkeys(_told(found))
    yield from list(told)[:_MOST]
    if len(told) > _MOST:
        yield f"and {len(told) - _MOST} more changes"


def _refers(value: Any) -> bool:
    # Where a named rule stands inside another, the content has its kind and name.
    return isinstance(value, str) and value.partition(" ")[0] in (*_RULES, *_MEASUREMENTS)


def _told(found: list[_Change]) -> Iterator[str]:
    # The same change in several places of one rule is told once, without the place.
    pairs = [(_aspect(change.path), f"{_value(change.was)} -> {_value(change.now)}") for change in found]
    for (word, where), change in pairs:
        alike = {other for (also, other), same in pairs if also == word and same == change}
        others = {same for (also, _), same in pairs if also == word}
        plain = not where or (len(alike) > 1 and len(others) == 1) or len(pairs) == 1
        yield f"{word} {change}" if plain else f"{word} ({where}) {change}"


def _aspect(path: str) -> tuple[str, str]:
    """Say what of a rule a path leads to, and where in the rule that is."""
    steps = path.split(".")
    last = steps[-1]
    if last == "value" and len(steps) > 1 and steps[-2] in ("left", "right"):
        word = "threshold"
    elif steps[-2:] == ["label", "text"]:
        word = "label"
    else:
        word = _ASPECTS.get(last, last.replace("_", " "))
    where = [f"part {int(step) + 1}" if step.isdigit() else step.replace("_", " ") for step in steps[:-1]]
    return word, ", ".join(step for step in where if step not in _UNTOLD)


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_words(value)
    return repr(value) if " " in str(value) or not value else str(value)
