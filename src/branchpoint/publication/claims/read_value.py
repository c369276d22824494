"""The value of a claim, by its kind: every field parsed as printed, and its numbers such as they can be."""

from __future__ import annotations

from dataclasses import MISSING, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from branchpoint.publication.claims.entry import DECIMALS, DIGITS, MOST
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
    from collections.abc import Collection, Iterator, Mapping

    from branchpoint.publication.claims.entry import Declared, Entry

__all__ = ["KINDS", "UNLESS", "read_value"]

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
# Nobody prints percentages, or what stands beside them, with more; of a P value every digit may be a decimal.
_DECIMALS: Mapping[type[ClaimValue], int] = MappingProxyType(
    {**dict.fromkeys((Count, Percentage, Proportion, Survival), 4), PValue: DIGITS}
)
MEASURES = ("hazard ratio", "odds ratio", "risk ratio")
UNLESS = "; or verbatim = true, where the report really prints this"


def read_value(entry: Entry, common: Collection[str], declared: Declared) -> ClaimValue | None:
    """Read the value of a ``[[claim]]``; None when anything is wrong with it, as the entry then says.

    ``common`` are the fields that claims of every kind may have.
    """
    before = len(entry.problems)
    name = entry.one_of("kind", KINDS)
    _check_names(entry, name, common)
    if name is None:
        if "kind" not in entry.raw:
            entry.refuse("kind", f"one of {', '.join(KINDS)}")
        return None
    kind = KINDS[name]
    values: dict[str, Any] = {}
    for f in fields(kind):
        if f.name == "groups" and "groups" in entry.raw:
            values["groups"] = _groups(entry, declared)
        elif f.name != "below" and f.name in entry.raw:
            values[f.name] = _parse(entry, f.name, _DECIMALS.get(kind, DECIMALS))
        elif f.default is MISSING:
            entry.refuse(f.name, f"a value: a {name} needs it")
    if kind is PValue and isinstance(entry.raw.get("p"), str):
        values["below"] = entry.raw["p"].startswith("<")
    if len(entry.problems) > before:
        return None
    _check_form(entry, kind, values)
    if len(entry.problems) == before and entry.raw.get("verbatim") is not True:
        for field, expected in _cannot_be(kind, values):
            entry.refuse(field, expected + UNLESS)
    return kind(**values) if len(entry.problems) == before else None


def _names(kind: type[ClaimValue]) -> list[str]:
    """The fields that a file may give for a kind of number."""
    return [f.name for f in fields(kind) if f.name != "below"]


_ANY = frozenset(name for kind in KINDS.values() for name in _names(kind))


def _check_names(entry: Entry, kind: str | None, common: Collection[str]) -> None:
    """Refuse fields that the kind of number does not have; those of no kind, where it is not known."""
    names = _names(KINDS[kind]) if kind else sorted(_ANY)
    own = f"its fields are {', '.join(names)}" if kind else "there are those of its kind"
    told = f"{own}, and those of every claim: {', '.join(common)}"
    entry.only((*names, *common), elsewhere=_ANY, where=f" in a {kind or 'claim'}", told=told)


def _parse(entry: Entry, name: str, decimals: int) -> object:
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
            return entry.several(name)
        case "sides":
            return sides(entry)
        case "table":
            return _table(entry)
        case "p":
            return entry.printed(name, after="<", decimals=decimals)
        case _:
            return entry.printed(name, decimals=decimals)


def sides(entry: Entry) -> int | None:
    """Whether tests are 2- or 1-sided; None where the table does not say, or not so."""
    found = entry.raw.get("sides")
    if found is None or (type(found) is int and found in (1, 2)):
        return found
    entry.refuse("sides", "1 or 2")
    return None


def _groups(entry: Entry, declared: Declared) -> tuple[str, ...]:
    groups = entry.several("groups")
    for group in groups:
        if group not in declared.populations and group not in declared.broken_populations:
            entry.refuse("groups", f"populations of this file; {group!r:.80} is none")
    return groups


def _table(entry: Entry) -> tuple[tuple[int, ...], ...]:
    raw = entry.raw["table"]
    rows = raw if isinstance(raw, list) and all(isinstance(row, list) for row in raw) else []
    whole = all(type(cell) is int and cell >= 0 for row in rows for cell in row)
    if len(rows) < 2 or not whole or len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        entry.refuse("table", "two or more rows of counts, one a group, all of one length")
        return ()
    if sum(map(sum, rows)) > MOST:
        entry.refuse("table", f"counts of at most {MOST:,} patients together")
        return ()
    return tuple(tuple(row) for row in rows)


def _check_form(entry: Entry, kind: type[ClaimValue], values: Mapping[str, Any]) -> None:
    """Refuse what no report can mean."""
    if values.get("of") == 0:
        entry.refuse("of", "at least 1 patient; leave it out where none is printed")
    if "level" in values and not 0 < values["level"] < 100:
        entry.refuse("level", "a percentage above 0 and below 100")
    if kind is Range and not values:
        entry.refuse("low", "low or high, or both")
    if values.get("groups") and values.get("table") and len(values["groups"]) != len(values["table"]):
        entry.refuse("table", f"{len(values['groups'])} rows, one a group")


def _cannot_be(kind: type[ClaimValue], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is a slip of whoever wrote the file, unless the report prints it so: field, and what was expected."""
    if "count" in values and values.get("of", values["count"]) < values["count"]:
        yield "of", f"at least the count, {values['count']}"
    if "p" in values and not 0 <= values["p"] <= 1:
        yield "p", "a probability from 0 to 1"
    elif values.get("below") and values["p"] == 0:
        yield "p", "a limit above 0"
    if "percent" in values and not 0 <= values["percent"] <= 100:
        yield "percent", "a percentage from 0 to 100"
    spreads = ("sd", "standard_error", "half_width", "plus_minus", "at")
    for name in (*spreads, *(("ratio", "low", "high") if kind is Ratio else ())):
        if name in values and values[name] < 0:
            yield name, "zero or more"
    yield from _out_of_order(kind, values)


def _out_of_order(kind: type[ClaimValue], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    middle = next((values[name] for name in ("median", "percent", "ratio") if name in values), None)
    if kind is Range and "low" in values and "high" in values:
        middle = values["low"]
    if middle is None:
        return
    for name in ("low", "q1"):
        if name in values and values[name] > middle:
            yield name, f"at most {middle}"
    for name in ("high", "q3"):
        if name in values and values[name] < middle:
            yield name, f"at least {middle}"
    for outer, inner, text in (("low", "q1", "at least"), ("high", "q3", "at most")):
        ends = (values[outer], values[inner]) if outer in values and inner in values else None
        if ends and (ends[0] > ends[1] if outer == "low" else ends[0] < ends[1]):
            yield inner, f"{text} {ends[0]}"
