"""The content of a protocol as plain data: to hash it, to store it beside a study, and to tell two versions apart."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.language.protocol import Protocol

__all__ = ["as_data", "content_hash", "differences"]

# A named thing is written once, under its name; elsewhere it is referred to.
_NAMED = (
    "Criterion",
    "Derived",
    "Classification",
    "Measurement",
    "Numeric",
    "YesNo",
    "Coded",
    "Exposed",
    "Occurred",
)


def as_data(value: Any) -> Any:
    """Give a declaration as JSON-ready data: dataclasses become objects that carry their kind.

    Parameters
    ----------
    value : object
        A protocol or any part of one.
    """
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        content = {item.name: as_data(getattr(value, item.name)) for item in fields(value) if item.init}
        return {"kind": type(value).__name__, **content}
    if isinstance(value, tuple | list):
        return [as_data(item) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return "infinity" if value > 0 else "-infinity"
    return value


def content_hash(protocol: Protocol) -> str:
    """Give the SHA-256 of a protocol's content, in hexadecimal."""
    text = json.dumps(as_data(protocol), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def differences(old: Any, new: Any) -> tuple[tuple[str, Any, Any], ...]:
    """Give what differs between the data of two versions.

    Parameters
    ----------
    old, new : object
        As `as_data` gives them.

    Returns
    -------
    tuple of (str, object, object)
        Where, what it was, what it is; None where one version has nothing there. A change inside a named rule is
        reported once, under that rule's name.
    """
    before, after = _flatten(old), _flatten(new)
    found: dict[str, tuple[Any, Any]] = {}
    for place in dict.fromkeys((*before, *after)):
        if before.get(place) != after.get(place):
            found[place] = (before.get(place), after.get(place))
    return tuple((place, *pair) for place, pair in found.items())


def _flatten(data: Any) -> dict[str, Any]:
    return dict(_leaves(data, ""))


def _leaves(data: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        if data.get("kind") in _NAMED and "name" in data:
            # Where it stands, the name; what it says, once, under that name.
            name = f"{data['kind'].lower()} {data['name']}"
            if path:
                yield path, name
            path = name
        for key, value in data.items():
            yield from _leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(data, list):
        for position, value in enumerate(data):
            yield from _leaves(value, f"{path}.{_title(value, position)}")
    else:
        yield path, data


def _title(value: Any, position: int) -> str:
    if isinstance(value, dict):
        for key in ("name", "category", "answer", "term"):
            if isinstance(value.get(key), str):
                return str(value[key])
        if value.get("kind") == "Decision":
            return f"{value['epoch']}/{'+'.join(value['responses'])}/{value['first_day']}-{value['last_day']}"
    return str(position)
