"""Reading a study's ``claims.toml``: every field checked, every problem reported at once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from branchpoint.publication.claims import (
    Claim,
    Claims,
    ClaimsError,
    ClaimValue,
    Count,
    Date,
    Mean,
    Median,
    Percentage,
    Population,
    Proportion,
    PValue,
    Survival,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["read_claims"]

SCHEMA = 1
KINDS: Mapping[str, type[ClaimValue]] = MappingProxyType(
    {
        "count": Count,
        "percentage": Percentage,
        "median": Median,
        "mean": Mean,
        "proportion": Proportion,
        "survival": Survival,
        "p_value": PValue,
        "date": Date,
    }
)
_TEXT = ("id", "place", "kind", "quantity", "population")
_COMMON = frozenset({*_TEXT, "unit", "used", "set_aside", "conflict"})
_HEADER = re.compile(r"^\s*\[\[\s*claim\s*\]\]")


@dataclass(slots=True)
class _Entry:
    """One ``[[claim]]`` on its way to a `Claim`, with the problems found so far."""

    raw: dict[str, Any]
    line: int | None
    number: int
    problems: list[str] = field(default_factory=list)

    def refuse(self, name: str, expected: str) -> None:
        claim_id = self.raw.get("id")
        who = f"claim {claim_id!r}" if isinstance(claim_id, str) else f"claim number {self.number}"
        where = f" (line {self.line})" if self.line else ""
        found = repr(self.raw[name]) if name in self.raw else "nothing"
        self.problems.append(f"{who}{where}, field {name!r}: found {found}, expected {expected}")


def read_claims(path: Path) -> Claims:
    """Read the claims of a study.

    Parameters
    ----------
    path : Path
        A ``claims.toml`` of schema 1.

    Returns
    -------
    Claims
        With the claims in the order of the file.

    Raises
    ------
    ClaimsError
        The file is no TOML, or any claim in it is broken; all problems are named.
    OSError
        The file cannot be read.
    """
    text = path.read_text(encoding="utf-8")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ClaimsError(path, (f"is no TOML: {error}",)) from error
    problems = _document_problems(document)
    if problems:
        raise ClaimsError(path, tuple(problems))
    populations = _populations(document["population"], problems)
    claims: dict[str, Claim] = {}
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _HEADER.match(line)]
    for index, raw in enumerate(document["claim"]):
        entry = _Entry(raw, lines[index] if len(lines) == len(document["claim"]) else None, index + 1)
        claim = _claim(entry, populations, claims)
        problems += entry.problems
        if claim is not None:
            claims[claim.id] = claim
    if problems:
        raise ClaimsError(path, tuple(problems))
    study = document["study"]
    return Claims(
        path,
        study["registry"],
        study["citation"],
        MappingProxyType(populations),
        MappingProxyType(claims),
        study.get("protocol"),
    )


def _document_problems(document: dict[str, Any]) -> list[str]:
    problems = []
    if document.get("schema") != SCHEMA:
        problems.append(f"field 'schema': found {document.get('schema')!r}, expected {SCHEMA}")
    study = document.get("study")
    for name in ("registry", "citation"):
        value = study.get(name) if isinstance(study, dict) else None
        if not isinstance(value, str) or not value:
            problems.append(f"[study], field {name!r}: found {value!r}, expected text")
    protocol = study.get("protocol", "-") if isinstance(study, dict) else "-"
    if not isinstance(protocol, str) or not protocol:
        problems.append(f"[study], field 'protocol': found {protocol!r}, expected the name of a protocol, or nothing")
    for name in ("population", "claim"):
        tables = document.get(name)
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            problems.append(f"[[{name}]]: found {tables!r:.60}, expected a list of tables")
    known = {"schema", "study", "population", "claim"}
    problems += [f"{name!r}: no such table; expected one of {sorted(known)}" for name in document if name not in known]
    return problems


def _populations(tables: list[dict[str, Any]], problems: list[str]) -> dict[str, Population]:
    populations: dict[str, Population] = {}
    for number, table in enumerate(tables, 1):
        who = f"population {table.get('id', f'number {number}')!r}"
        before = len(problems)
        problems += [
            f"{who}, field {name!r}: found {table.get(name)!r}, expected text"
            for name in ("id", "label")
            if not isinstance(table.get(name), str) or not table[name]
        ]
        size = table.get("size")
        if type(size) is not int or size < 1:
            problems.append(f"{who}, field 'size': found {size!r}, expected a whole number of patients")
        if extra := sorted(set(table) - {"id", "label", "size"}):
            problems.append(f"{who}: found fields {extra}, expected only id, label and size")
        if table.get("id") in populations:
            problems.append(f"{who}, field 'id': found twice, expected each population once")
        if len(problems) == before:
            populations[table["id"]] = Population(**table)
    return populations


def _claim(entry: _Entry, populations: Mapping[str, Population], known: Mapping[str, Claim]) -> Claim | None:
    raw = entry.raw
    for name in _TEXT:
        if not isinstance(raw.get(name), str) or not raw[name]:
            entry.refuse(name, "text")
    if raw.get("id") in known:
        entry.refuse("id", "an id of its own; this one is taken")
    if isinstance(raw.get("population"), str) and raw["population"] not in populations:
        entry.refuse("population", f"one of {', '.join(populations)}")
    kind = raw.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        entry.refuse("kind", f"one of {', '.join(KINDS)}")
        return None
    value = _value(entry, KINDS[kind])
    _check_conflict(entry, KINDS[kind])
    if entry.problems or value is None:
        return None
    return Claim(
        id=raw["id"],
        place=raw["place"],
        quantity=raw["quantity"],
        population=raw["population"],
        value=value,
        unit=raw.get("unit"),
        used=raw.get("used", True),
        set_aside=frozenset(raw.get("set_aside", ())),
        conflict=raw.get("conflict"),
        line=entry.line,
    )


def _value(entry: _Entry, kind: type[ClaimValue]) -> ClaimValue | None:
    raw, before = entry.raw, len(entry.problems)
    names = [f.name for f in fields(kind) if f.name != "below"]
    for name in sorted(set(raw) - _COMMON - set(names)):
        entry.refuse(name, f"no such field in a {raw['kind']}; its fields are {', '.join(names)}")
    values: dict[str, Any] = {}
    for f in fields(kind):
        if f.name in raw:
            values[f.name] = _parse(entry, f.name)
        elif f.default is MISSING:
            entry.refuse(f.name, f"a value: a {raw['kind']} needs it")
    if kind is PValue and isinstance(raw.get("p"), str):
        values["below"] = raw["p"].startswith("<")
    if len(entry.problems) > before:
        return None
    _check_order(entry, values)
    return kind(**values) if len(entry.problems) == before else None


def _parse(entry: _Entry, name: str) -> object:
    """A field of a value as its type; problems are noted in the entry and give None."""
    raw = entry.raw[name]
    if not isinstance(raw, str):
        entry.refuse(name, "text in quotation marks, as printed")
    elif name == "test":
        return raw
    elif name == "date":
        try:
            return date.fromisoformat(raw)
        except ValueError:
            entry.refuse(name, "an ISO date such as 2020-04-07")
    elif name in ("count", "of"):
        if raw.isascii() and raw.isdigit():
            return int(raw)
        entry.refuse(name, "a whole number of patients, zero or more")
    else:
        try:
            number = Decimal(raw.removeprefix("<") if name == "p" else raw)
        except InvalidOperation:
            entry.refuse(name, "a decimal number, as printed")
        else:
            if number.is_finite():
                return number
            entry.refuse(name, "a finite number")
    return None


def _check_order(entry: _Entry, values: Mapping[str, Any]) -> None:
    if "count" in values and values.get("of", values["count"]) < values["count"]:
        entry.refuse("of", f"at least the count, {values['count']}")
    if "p" in values and not 0 <= values["p"] <= 1:
        entry.refuse("p", "a probability from 0 to 1")
    if "percent" in values and not 0 <= values["percent"] <= 100:
        entry.refuse("percent", "a percentage from 0 to 100")
    middle = values.get("median", values.get("percent"))
    if middle is not None and "low" in values and values["low"] > middle:
        entry.refuse("low", f"at most {middle}")
    if middle is not None and "high" in values and values["high"] < middle:
        entry.refuse("high", f"at least {middle}")


def _check_conflict(entry: _Entry, kind: type[ClaimValue]) -> None:
    raw = entry.raw
    for name in ("unit", "conflict"):
        if name in raw and (not isinstance(raw[name], str) or not raw[name]):
            entry.refuse(name, "text")
    if not isinstance(raw.get("used", True), bool):
        entry.refuse("used", "true or false")
    aside = raw.get("set_aside", [])
    names = {f.name for f in fields(kind)}
    if not isinstance(aside, list) or not all(isinstance(name, str) and name in names for name in aside):
        entry.refuse("set_aside", f"a list of fields of the value: {', '.join(sorted(names))}")
    if (raw.get("used") is False or aside) and not raw.get("conflict"):
        entry.refuse("conflict", "the reason why the claim is not followed")
