"""The value of a claim, by its kind: every field parsed as printed, and its numbers in order."""

from __future__ import annotations

from dataclasses import MISSING, fields
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from branchpoint.publication.claims.values import (
    ClaimValue,
    Count,
    Date,
    Mean,
    Median,
    Number,
    Percentage,
    Proportion,
    PValue,
    Range,
    Ratio,
    Sum,
    Survival,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from branchpoint.publication.claims.claims import Population
    from branchpoint.publication.claims.entry import Entry

__all__ = ["KINDS", "read_value"]

KINDS: Mapping[str, type[ClaimValue]] = MappingProxyType(
    {
        "count": Count,
        "percentage": Percentage,
        "median": Median,
        "mean": Mean,
        "range": Range,
        "number": Number,
        "proportion": Proportion,
        "survival": Survival,
        "p_value": PValue,
        "ratio": Ratio,
        "sum": Sum,
        "date": Date,
    }
)
MEASURES = ("hazard ratio", "odds ratio", "risk ratio")


def read_value(entry: Entry, populations: Mapping[str, Population], common: frozenset[str]) -> ClaimValue | None:
    """Read the value of a ``[[claim]]``; None when anything is wrong with it, as the entry then says."""
    name = entry.one_of("kind", KINDS)
    if name is None:
        if "kind" not in entry.raw:
            entry.refuse("kind", f"one of {', '.join(KINDS)}")
        return None
    kind, before = KINDS[name], len(entry.problems)
    names = [f.name for f in fields(kind) if f.name != "below"]
    for other in sorted(set(entry.raw) - common - set(names)):
        entry.refuse(other, f"no such field in a {name}; its fields are {', '.join(names)}")
    values: dict[str, Any] = {}
    for f in fields(kind):
        if f.name in entry.raw:
            values[f.name] = _parse(entry, f.name, populations)
        elif f.default is MISSING:
            entry.refuse(f.name, f"a value: a {name} needs it")
    if kind is PValue and isinstance(entry.raw.get("p"), str):
        values["below"] = entry.raw["p"].startswith("<")
    if len(entry.problems) > before:
        return None
    _check(entry, kind, values)
    return kind(**values) if len(entry.problems) == before else None


def _parse(entry: Entry, name: str, populations: Mapping[str, Population]) -> object:
    match name:
        case "count" | "of":
            return entry.printed_count(name)
        case "date":
            return entry.date(name)
        case "measure":
            return entry.one_of(name, MEASURES)
        case "whole":
            return entry.text(name)
        case "parts":
            return entry.texts(name)
        case "sides":
            return _sides(entry)
        case "groups":
            return _groups(entry, populations)
        case "table":
            return _table(entry)
        case "p":
            return _p(entry)
        case _:
            return entry.printed(name)


def _p(entry: Entry) -> Decimal | None:
    raw = entry.raw["p"]
    if not isinstance(raw, str) or not raw.startswith("<"):
        return entry.printed("p")
    entry.raw["p"] = raw[1:]
    value = entry.printed("p")
    entry.raw["p"] = raw
    return value


def _sides(entry: Entry) -> int | None:
    if entry.raw["sides"] in (1, 2):
        return int(entry.raw["sides"])
    entry.refuse("sides", "1 or 2")
    return None


def _groups(entry: Entry, populations: Mapping[str, Population]) -> tuple[str, ...]:
    groups = entry.texts("groups")
    if len(groups) < 2 or len(set(groups)) < len(groups) or not set(groups) <= set(populations):
        entry.refuse("groups", f"two or more different populations of {', '.join(populations)}")
    return groups


def _table(entry: Entry) -> tuple[tuple[int, ...], ...]:
    raw = entry.raw["table"]
    rows = raw if isinstance(raw, list) and all(isinstance(row, list) for row in raw) else []
    whole = all(type(cell) is int and cell >= 0 for row in rows for cell in row)
    if len(rows) < 2 or not whole or len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        entry.refuse("table", "two or more rows of counts, one a group, all of one length")
        return ()
    return tuple(tuple(row) for row in rows)


def _check(entry: Entry, kind: type[ClaimValue], values: Mapping[str, Any]) -> None:
    if "count" in values and values.get("of", values["count"]) < values["count"]:
        entry.refuse("of", f"at least the count, {values['count']}")
    if "of" in values and values["of"] == 0:
        entry.refuse("of", "at least 1 patient")
    if "p" in values and not 0 <= values["p"] <= 1:
        entry.refuse("p", "a probability from 0 to 1")
    if "percent" in values and not 0 <= values["percent"] <= 100:
        entry.refuse("percent", "a percentage from 0 to 100")
    if "level" in values and not 0 < values["level"] < 100:
        entry.refuse("level", "a percentage above 0 and below 100")
    for name in ("sd", "standard_error", "half_width", "plus_minus", "at"):
        if name in values and values[name] < 0:
            entry.refuse(name, "zero or more")
    if kind is Ratio and min(v for v in values.values() if isinstance(v, Decimal)) < 0:
        entry.refuse("ratio", "a ratio and limits of zero or more")
    if kind is Range and not values:
        entry.refuse("low", "low or high, or both")
    _check_order(entry, kind, values)


def _check_order(entry: Entry, kind: type[ClaimValue], values: Mapping[str, Any]) -> None:
    middle = next((values[name] for name in ("median", "percent", "ratio") if name in values), None)
    if kind is Range and "low" in values and "high" in values:
        middle = values["low"]
    if middle is None:
        return
    for name in ("low", "q1"):
        if name in values and values[name] > middle:
            entry.refuse(name, f"at most {middle}")
    for name in ("high", "q3"):
        if name in values and values[name] < middle:
            entry.refuse(name, f"at least {middle}")
