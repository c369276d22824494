"""Grading files: the grading tables and adverse-event groups of a protocol, read from TOML that lies beside it."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, fields
from math import inf
from typing import TYPE_CHECKING, Any

from branchpoint.language.choices import Band
from branchpoint.language.errors import ProtocolError
from branchpoint.language.grading import (
    AdverseEventGroup,
    ClinicalTerm,
    GradingTable,
    check_gradings,
    check_groups,
    one_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["read_gradings", "read_groups"]


def read_gradings(text: str, file: str) -> tuple[GradingTable, ...]:
    """Read and prove the tables of a TOML text: ``cite``, for all of them, and each table as ``[[grading]]``.

    A band is written ``{ grade = 2, above = 3, up_to = 5 }``. ``from`` and ``up_to`` include their bound, ``above`` and
    ``below`` do not. Errors name the `file`, the table, the field, what was found and what was expected.
    """
    tables = []
    for where, entry in _entries(text, file, "grading"):
        _check_fields(where, entry, GradingTable)
        numbered = enumerate(entry["bands"], start=1)
        entry["bands"] = tuple(_read_band(f"{where}, bands, item {item}", band) for item, band in numbered)
        entry["remarks"] = _by_grade(f"{where}, remarks", entry.get("remarks", {}))
        tables.append(_built(file, GradingTable, **entry))
    _built(file, check_gradings, tables)
    return tuple(tables)


def read_groups(text: str, file: str, tables: Iterable[GradingTable]) -> tuple[AdverseEventGroup, ...]:
    """Read and prove groups as `read_gradings` does, each as ``[[adverse_event]]``; `tables` has what they refer to."""
    groups = []
    for where, entry in _entries(text, file, "adverse_event"):
        _check_fields(where, entry, AdverseEventGroup)
        entry["gradings"] = tuple(_typed(f"{where}, gradings", term, str) for term in entry.get("gradings", []))
        terms = []
        for number, term in enumerate(entry.get("terms", []), start=1):
            inside = f"{where}, terms, item {number}"
            _check_fields(inside, _typed(inside, term, dict), ClinicalTerm)
            grades = _by_grade(f"{inside}, grades", term["grades"])
            terms.append(_built(inside, ClinicalTerm, **{**term, "grades": grades}))
        groups.append(_built(file, AdverseEventGroup, **{**entry, "terms": tuple(terms)}))
    _built(file, check_groups, groups, tables)
    return tuple(groups)


_KINDS: dict[type, str] = {str: "text", list: "a list", dict: "a table", bool: "true or false", int: "a whole number"}
_SHAPES = {"bands": list, "gradings": list, "terms": list, "remarks": dict, "grades": dict, "verified": bool}
_BOUNDS = ("above", "from", "below", "up_to")


def _entries(text: str, file: str, kind: str) -> list[tuple[str, dict[str, Any]]]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(file, f"it is not TOML: {error}", "Mend the syntax there") from None
    cite = {"cite": document.pop("cite")} if "cite" in document else {}
    listed = _typed(f"{file}, {kind}", document.pop(kind, None), list)
    for field in document:
        raise ProtocolError(f"{file}, field {field!r}", "it is not known", f"Use cite and [[{kind}]]")
    found = []
    for number, entry in enumerate(listed, start=1):
        where = f"{file}, {kind} {number}"
        named = [str(entry[key]) for key in ("name", "term") if key in _typed(where, entry, dict)]
        found.append((" ".join((where, *named)), {**cite, **entry}))
    return found


def _check_fields(where: str, entry: dict[str, Any], kind: type) -> None:
    known = {field.name: field for field in fields(kind)}
    for name in entry:
        if name not in known:
            raise ProtocolError(f"{where}, field {name!r}", "it is not known", f"Use {', '.join(known)}")
    for name, field in known.items():
        if name in entry or field.default is MISSING:
            _typed(f"{where}, field {name!r}", entry.get(name), _SHAPES.get(name, str))


def _typed(where: str, value: Any, kind: type) -> Any:
    if type(value) is not kind or value in ("", [], {}):
        found = "nothing" if value is None else repr(value)
        raise ProtocolError(where, f"{found} found, {_KINDS[kind]} expected", f"Give {_KINDS[kind]}, not empty")
    return value


def _read_band(where: str, entry: Any) -> tuple[int, Band]:
    for name, value in _typed(where, entry, dict).items():
        if name not in ("grade", *_BOUNDS):
            raise ProtocolError(f"{where}, field {name!r}", "it is not known", f"Use grade, {', '.join(_BOUNDS)}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ProtocolError(f"{where}, field {name!r}", f"{value!r} found, a number expected", "Give a number")
    if {"above", "from"} <= entry.keys() or {"below", "up_to"} <= entry.keys():
        raise ProtocolError(where, "it has two bounds on one side", "Give above or from, and below or up_to")
    low, high = entry.get("above", entry.get("from", -inf)), entry.get("below", entry.get("up_to", inf))
    grade = _typed(f"{where}, field 'grade'", entry.get("grade"), int)
    band = _built(where, Band, low, high, includes_low="from" in entry, includes_high="up_to" in entry)
    return grade, band


def _by_grade(where: str, entry: dict[str, Any]) -> tuple[tuple[int, str], ...]:
    for grade, text in entry.items():
        one_of(f"{where}, grade", grade, tuple("12345"))
        _typed(f"{where}, grade {grade}", text, str)
    return tuple((int(grade), entry[grade]) for grade in sorted(entry))


def _built(where: str, make: Callable[..., Any], *args: Any, **given: Any) -> Any:
    try:
        return make(*args, **given)
    except ProtocolError as error:
        raise ProtocolError(f"{where}, {error.where}", error.what, error.mend) from None
