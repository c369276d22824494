"""Told again: rules read back from the stored content of a protocol, so that a version of long ago has words too."""

from __future__ import annotations

from functools import cache
from math import inf
from typing import TYPE_CHECKING, Any

from branchpoint.language import choices, measurements, nodes, quantities, responses, rules
from branchpoint.language.errors import ProtocolError
from branchpoint.language.nodes import Node
from branchpoint.language.quantities import Aspect
from branchpoint.reporting.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["definition_of", "definitions_in"]

_NAMED = {"Criterion": "rule", "Derived": "quantity", "Classification": "classification"}
_INFINITE = {"infinity": inf, "-infinity": -inf}


def definitions_in(content: Mapping[str, Any]) -> dict[str, Any]:
    """Find every named rule in the content of a protocol, and every case of its response rule sets.

    Parameters
    ----------
    content : mapping
        As `branchpoint.language.content.as_data` gives it.

    Returns
    -------
    dict of str to dict
        The data of each, by what a reader calls it: "rule fever", "response CR (trial)".
    """
    found = dict(_named_in(content))
    for rule_set in content.get("responses", ()):
        for case in rule_set["cases"]:
            found[f"response {case['category']} ({rule_set['name']})"] = case
    return found


def _named_in(data: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        if data.get("kind") in _NAMED:
            yield f"{_NAMED[data['kind']]} {data['name']}", data
        for value in data.values():
            yield from _named_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from _named_in(value)


def definition_of(data: Any) -> str:
    """Give the definition in words; where this version of the language cannot read it, say so."""
    try:
        return words(_read(data), expanded=True)
    except (KeyError, TypeError, ValueError, ProtocolError):
        return "a definition that this version cannot read"


@cache
def _kinds() -> dict[str, type]:
    modules = (choices, measurements, nodes, quantities, responses, rules)
    return {name: kind for module in modules for name, kind in vars(module).items() if isinstance(kind, type)}


def _read(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(map(_read, data))
    if isinstance(data, str):
        return _INFINITE.get(data, data)
    if not isinstance(data, dict):
        return data
    given = {key: _read(value) for key, value in data.items() if key != "kind"}
    if "aspect" in given:
        given["aspect"] = Aspect(given["aspect"])
    made: Node = _kinds()[data["kind"]](**given)
    return made
