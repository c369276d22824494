"""One table of a claims file on its way in: its fields parsed, and every problem with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from branchpoint.publication.claims.conditions import NO, YES, Condition, Variable, VariableKind
from branchpoint.publication.claims.lines import Lines
from branchpoint.publication.claims.messages import choice, nearest, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from branchpoint.publication.claims.claims import Population

__all__ = ["DECIMALS", "DIGITS", "MOST", "Declared", "Entry", "entries"]

MOST = 1_000_000
"""Most patients anywhere in a file, so that a slip of the pen is no endless loop over them."""
DIGITS, DECIMALS = 12, 6
"""Most digits of a printed number, and how many of them may be decimals unless its kind says otherwise.

Even one that is rounded to as many decimals then fits the 28 digits with which `decimal` computes.
"""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
# A control character may do anything to a terminal, and a mark of direction turns what is read there around. Line
# breaks and tabs are what TOML has texts of several lines for.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ID = re.compile(r"[\w.-]+", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_QUOTED = "text in quotation marks, as printed"


@dataclass(frozen=True, slots=True)
class Declared:
    """The variables and populations of a file, by id.

    Of those that are ``broken`` the problems are told where they stand; what refers to them is not refused for it.
    """

    variables: Mapping[str, Variable]
    populations: Mapping[str, Population]
    broken_variables: Collection[str] = ()
    broken_populations: Collection[str] = ()


@dataclass(slots=True)
class Entry:
    """One table of the file, such as a ``[[claim]]``, with the problems found so far.

    ``number`` counts the tables of its name; None where there is only one. ``meant`` are fields that are there under a
    misspelled name, so that they are not missed besides.
    """

    name: str
    raw: dict[str, Any]
    number: int | None
    lines: Lines = field(default_factory=Lines)
    problems: list[str] = field(default_factory=list)
    meant: set[str] = field(default_factory=set)

    def refuse(self, name: str, expected: str) -> None:
        """Note a field that is missing or wrong."""
        if name in self.meant and name not in self.raw:
            return
        line = self.lines.fields.get(name, self.lines.header)
        found = shown(self.raw[name]) if name in self.raw else "nothing"
        where = f" (line {line})" if line else ""
        self.problems.append(f"{self._who()}{where}, field {name!r}: found {found}, expected {expected}")

    def _who(self) -> str:
        own = self.raw.get("id")
        if self.number is None:
            return f"[{self.name}]"
        return f"{self.name} {own!r:.80}" if isinstance(own, str) and own else f"{self.name} number {self.number}"

    def only(self, names: Sequence[str], *, elsewhere: Collection[str] = (), where: str = "", told: str = "") -> None:
        """Refuse every field that is not one of these, and say which one was meant, or else which there are.

        What is a field ``elsewhere`` is no misspelling. ``where`` and ``told`` say, for a message, in what it is no
        field, and which fields there are.
        """
        for name in sorted(set(self.raw) - set(names)):
            absent = () if name in elsewhere else [other for other in names if other not in self.raw]
            meant = nearest(name, absent)
            if meant is None:
                self.refuse(name, f"no such field{where}; {told or 'the fields here are ' + ', '.join(names)}")
            else:
                self.refuse(name, f"no such field{where}; did you mean {meant}?")
                self.meant.add(meant)

    def text(self, name: str, *, required: bool = False) -> str | None:
        """A field that holds text."""
        value = self.raw.get(name)
        if value is None and not required:
            return None
        if not isinstance(value, str) or not value.strip():
            self.refuse(name, "text")
            return None
        return value if self._harmless(name, value) else None

    def _harmless(self, name: str, *values: str) -> bool:
        found = next((found[0] for found in map(_CONTROL.search, values) if found), None)
        if found is not None:
            self.refuse(name, f"text without control characters; {found!r} is one")
        return found is None

    def id(self) -> str | None:
        """The name by which other tables refer to this one."""
        value = self.raw.get("id")
        if isinstance(value, str) and _ID.fullmatch(value):
            return value
        self.refuse("id", "a name of letters, digits, dots, hyphens and underscores")
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """A field that holds a list of texts; empty where there is none."""
        value = self.raw.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            self.refuse(name, "a list of texts")
            return ()
        return tuple(value) if self._harmless(name, *value) else ()

    def several(self, name: str) -> tuple[str, ...]:
        """A field that holds two or more different texts; empty where it does not, or is not there."""
        before = len(self.problems)
        found = self.texts(name)
        if name in self.raw and len(self.problems) == before and len(set(found)) < max(2, len(found)):
            self.refuse(name, "two or more texts, each once")
        return found if len(self.problems) == before else ()

    def one_of(self, name: str, known: Collection[str], broken: Collection[str] = ()) -> str | None:
        """A field that holds one of some words; None where it is not there, or wrong.

        Of a word that is among the ``broken`` nothing is said: what is wrong there is told where it stands.
        """
        value = self.raw.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or (value not in known and value not in broken):
            self.refuse(name, choice(value, known))
            return None
        return value if value in known else None

    def truth(self, name: str, *, otherwise: bool) -> bool:
        """A field that holds true or false."""
        value = self.raw.get(name, otherwise)
        if not isinstance(value, bool):
            self.refuse(name, "true or false")
            return otherwise
        return value

    def whole(self, name: str, *, least: int, most: int = MOST, required: bool = False) -> int | None:
        """A field that holds a whole number, without quotation marks."""
        value = self.raw.get(name)
        if value is None and not required:
            return None
        if type(value) is not int or not least <= value <= most:
            self.refuse(name, f"a whole number without quotation marks, from {least} to {most:,}")
            return None
        return value

    def printed(self, name: str, *, decimals: int, after: str = "") -> Decimal | None:
        """A field that holds a number as printed, in quotation marks; what it may stand ``after`` is left out."""
        raw = self.raw.get(name)
        if not isinstance(raw, str):
            self.refuse(name, _QUOTED)
            return None
        raw = raw.removeprefix(after)
        if not _NUMBER.fullmatch(raw):
            self.refuse(name, "a decimal number as printed, such as 42.3, without spaces, separators or an exponent")
            return None
        whole, _, behind = raw.partition(".")
        if len(behind) > decimals or len(whole.lstrip("+-0")) + len(behind) > DIGITS:
            places = "" if decimals >= DIGITS else f"{decimals} decimals and "
            self.refuse(name, f"a number of at most {places}{DIGITS} digits")
            return None
        return Decimal(raw)

    def printed_count(self, name: str) -> int | None:
        """A field that holds a number of patients as printed, in quotation marks."""
        raw = self.raw.get(name)
        if not isinstance(raw, str):
            self.refuse(name, _QUOTED)
        elif raw.isascii() and raw.isdigit() and len(raw) <= len(str(MOST)) and int(raw) <= MOST:
            return int(raw)
        else:
            self.refuse(name, f"a whole number of patients, from 0 to {MOST:,}")
        return None

    def date(self, name: str) -> date | None:
        """A field that holds an ISO date in quotation marks."""
        raw = self.raw.get(name)
        if isinstance(raw, str) and _DATE.fullmatch(raw):
            try:
                return date.fromisoformat(raw)
            except ValueError:
                pass
        self.refuse(name, 'an ISO date in quotation marks, such as "2020-04-07"')
        return None

    def condition(self, name: str, variables: Mapping[str, Variable], broken: Collection[str] = ()) -> Condition | None:
        """A field that says who is meant, as levels by variable; a text alone is a yes/no variable that is yes.

        None where it is not there, wrong, or said in ``broken`` variables.
        """
        raw = self.raw.get(name)
        if raw is None:
            return None
        given = {raw: True} if isinstance(raw, str) else raw
        if not isinstance(given, dict):
            self.refuse(name, 'levels by variable, such as { prior = "naive" }, or the name of a yes/no variable')
            return None
        levels = {key: self._levels(name, key, value, variables, broken) for key, value in given.items()}
        return None if None in levels.values() else Condition(MappingProxyType(levels))  # type: ignore[arg-type]

    def _levels(
        self, name: str, key: str, value: object, variables: Mapping[str, Variable], broken: Collection[str]
    ) -> frozenset[str] | None:
        variable = variables.get(key)
        if variable is None:
            if key not in broken:
                categories = [v.id for v in variables.values() if v.kind is VariableKind.CATEGORY]
                self.refuse(name, f"levels of a category that stands above; for {key!r} {choice(key, categories)}")
        elif variable.kind is not VariableKind.CATEGORY:
            self.refuse(name, f"levels of a category; {key!r} is a {variable.kind}")
        elif (wanted := _as_levels(value)) and set(wanted) <= set(variable.levels):
            return frozenset(wanted)
        else:
            self.refuse(name, f"for {key!r} some of {', '.join(variable.levels)}")
        return None


def entries(name: str, tables: Sequence[dict[str, Any]], lines: Sequence[Lines]) -> list[Entry]:
    """The tables of one name, each with its lines; without lines where not all headers were found."""
    known = list(lines) if len(lines) == len(tables) else [Lines() for _ in tables]
    return [Entry(name, raw, number, at) for number, (raw, at) in enumerate(zip(tables, known, strict=True), 1)]


def _as_levels(value: object) -> tuple[str, ...]:
    if isinstance(value, bool):
        return (YES if value else NO,)
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return ()
