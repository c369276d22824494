"""One table of a claims file on its way in: its fields parsed, and every problem with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from branchpoint.publication.claims.conditions import NO, YES, Condition, Variable, VariableKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Entry", "entries"]

_HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z_.]+)\s*\]\]?")


@dataclass(slots=True)
class Entry:
    """One table of the file, such as a ``[[claim]]``, with the problems found so far."""

    name: str
    raw: dict[str, Any]
    number: int
    line: int | None = None
    field_lines: Mapping[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def refuse(self, name: str, expected: str) -> None:
        """Note a field that is missing or wrong."""
        own = self.raw.get("id")
        who = f"{self.name} {own!r}" if isinstance(own, str) and own else f"{self.name} number {self.number}"
        line = self.field_lines.get(name, self.line)
        found = f"{self.raw[name]!r:.80}" if name in self.raw else "nothing"
        where = f" (line {line})" if line else ""
        self.problems.append(f"{who}{where}, field {name!r}: found {found}, expected {expected}")

    def only(self, names: Sequence[str]) -> None:
        """Refuse every field that is not one of these."""
        for name in sorted(set(self.raw) - set(names)):
            self.refuse(name, f"no such field; the fields here are {', '.join(names)}")

    def text(self, name: str, *, required: bool = False) -> str | None:
        """A field that holds text."""
        value = self.raw.get(name)
        if value is None and not required:
            return None
        if not isinstance(value, str) or not value.strip():
            self.refuse(name, "text")
            return None
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A field that holds a list of texts; empty where there is none."""
        value = self.raw.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            self.refuse(name, "a list of texts")
            return ()
        return tuple(value)

    def one_of(self, name: str, known: Sequence[str] | Mapping[str, object]) -> str | None:
        """A field that holds one of some words; None where it is not there, or wrong."""
        value = self.raw.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or value not in known:
            self.refuse(name, f"one of {', '.join(known)}")
            return None
        return value

    def truth(self, name: str, *, otherwise: bool) -> bool:
        """A field that holds true or false."""
        value = self.raw.get(name, otherwise)
        if not isinstance(value, bool):
            self.refuse(name, "true or false")
            return otherwise
        return value

    def whole(self, name: str, *, least: int, required: bool = False) -> int | None:
        """A field that holds a whole number, without quotation marks."""
        value = self.raw.get(name)
        if value is None and not required:
            return None
        if type(value) is not int or value < least:
            self.refuse(name, f"a whole number, {least} or more")
            return None
        return value

    def printed(self, name: str) -> Decimal | None:
        """A field that holds a number as printed, in quotation marks."""
        raw = self.raw.get(name)
        if not isinstance(raw, str):
            self.refuse(name, "text in quotation marks, as printed")
            return None
        try:
            number = Decimal(raw)
        except InvalidOperation:
            self.refuse(name, "a decimal number, as printed")
            return None
        if not number.is_finite():
            self.refuse(name, "a finite number")
            return None
        return number

    def printed_count(self, name: str) -> int | None:
        """A field that holds a number of patients as printed, in quotation marks."""
        raw = self.raw.get(name)
        if not isinstance(raw, str):
            self.refuse(name, "text in quotation marks, as printed")
        elif raw.isascii() and raw.isdigit():
            return int(raw)
        else:
            self.refuse(name, "a whole number of patients, zero or more")
        return None

    def date(self, name: str) -> date | None:
        """A field that holds an ISO date in quotation marks."""
        raw = self.raw.get(name)
        if not isinstance(raw, str):
            self.refuse(name, "text in quotation marks, as printed")
            return None
        try:
            return date.fromisoformat(raw)
        except ValueError:
            self.refuse(name, "an ISO date such as 2020-04-07")
            return None

    def condition(self, name: str, variables: Mapping[str, Variable]) -> Condition | None:
        """A field that says who is meant, as levels by variable; a text alone is a yes/no variable that is yes."""
        raw = self.raw.get(name)
        if raw is None:
            return None
        given = {raw: True} if isinstance(raw, str) else raw
        if not isinstance(given, dict):
            self.refuse(name, "levels by variable, such as { prior = 'naive' }, or the name of a yes/no variable")
            return None
        levels: dict[str, frozenset[str]] = {}
        for key, value in given.items():
            allowed = variables[key].levels if key in variables else ()
            wanted = _levels(value)
            if not allowed:
                categories = [v.id for v in variables.values() if v.kind is VariableKind.CATEGORY]
                self.refuse(
                    name, f"levels of a category; {key!r} is none of {', '.join(categories) or 'none declared'}"
                )
            elif not wanted or not set(wanted) <= set(allowed):
                self.refuse(name, f"for {key!r} some of {', '.join(allowed)}")
            else:
                levels[key] = frozenset(wanted)
        return Condition(MappingProxyType(levels))


def entries(text: str, name: str, tables: Sequence[dict[str, Any]]) -> list[Entry]:
    """The tables of one name, each with the lines of its header and of its fields."""
    blocks = _blocks(text, name)
    if len(blocks) != len(tables):
        # Written inline, or under a header that this simple reading does not know.
        blocks = [(None, {})] * len(tables)
    return [
        Entry(name, raw, number, line, lines)
        for number, (raw, (line, lines)) in enumerate(zip(tables, blocks, strict=True), 1)
    ]


def _blocks(text: str, name: str) -> list[tuple[int | None, dict[str, int]]]:
    found: list[tuple[int | None, dict[str, int]]] = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            inside = header[1] == name
            if inside:
                found.append((number, {}))
        elif inside and (key := re.match(r"\s*([A-Za-z_0-9]+)\s*=", line)):
            found[-1][1].setdefault(key[1], number)
    return found


def _levels(value: object) -> tuple[str, ...]:
    if isinstance(value, bool):
        return (YES if value else NO,)
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return ()
