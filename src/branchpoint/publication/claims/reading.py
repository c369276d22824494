"""Reading a ``claims.toml``: every field checked, every problem reported at once."""

from __future__ import annotations

import tomllib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from branchpoint.publication.claims.claims import Claim, Claims, ClaimsError, Methods, Population, Role, Study
from branchpoint.publication.claims.conditions import NO, YES, Rule, Variable, VariableKind
from branchpoint.publication.claims.entry import Entry, entries
from branchpoint.publication.claims.read_value import KINDS, read_value
from branchpoint.publication.claims.values import Count, Date, Percentage, Sum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["read_claims"]

SCHEMA = 2
_TEXT = ("id", "place", "quantity", "population")
_LINKS = ("unit", "event", "variable", "same_as", "method", "role")
_COMMON = frozenset({*_TEXT, *_LINKS, "kind", "used", "set_aside", "conflict"})
_TABLES = ("population", "claim", "variable", "rule")
_STUDY = ("registry", "citation", "protocol", "start", "end", "methods")
T = TypeVar("T", Variable, Rule, Population, Claim)


def read_claims(path: Path) -> Claims:
    """Read the claims of a report.

    Parameters
    ----------
    path : Path
        A ``claims.toml`` of schema 2.

    Returns
    -------
    Claims
        With the claims in the order of the file.

    Raises
    ------
    ClaimsError
        The file is no TOML, or anything in it is broken; all problems are named.
    OSError
        The file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ClaimsError(path, (f"is no UTF-8 text: {error}",)) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ClaimsError(path, (f"is no TOML: {error}",)) from error
    if problems := _document_problems(document):
        raise ClaimsError(path, tuple(problems))
    return _Reader(path, text, document).read()


def _document_problems(document: dict[str, Any]) -> list[str]:
    problems = []
    if document.get("schema") != SCHEMA:
        problems.append(f"field 'schema': found {document.get('schema')!r}, expected {SCHEMA}")
    if not isinstance(document.get("study"), dict):
        problems.append(f"[study]: found {document.get('study')!r:.60}, expected a table")
    for name in _TABLES:
        tables = document.get(name, [] if name in ("variable", "rule") else None)
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            problems.append(f"[[{name}]]: found {tables!r:.60}, expected a list of tables")
    known = sorted({"schema", "study", *_TABLES})
    problems += [f"{name!r}: no such table; expected one of {known}" for name in document if name not in known]
    return problems


class _Reader:
    """The tables of one file, read in the order in which they need each other."""

    def __init__(self, path: Path, text: str, document: dict[str, Any]) -> None:
        self.path, self.text, self.document = path, text, document
        self.problems: list[str] = []
        self.variables: dict[str, Variable] = {}
        self.populations: dict[str, Population] = {}
        self.claims: dict[str, Claim] = {}

    def read(self) -> Claims:
        self._each("variable", self._variable, self.variables)
        rules: dict[str, Rule] = {}
        self._each("rule", self._rule, rules)
        self._each("population", self._population, self.populations)
        self._each("claim", self._claim, self.claims)
        study = self._study()
        self._check_links()
        if self.problems:
            raise ClaimsError(self.path, tuple(self.problems))
        return Claims(
            self.path,
            study,
            MappingProxyType(self.populations),
            MappingProxyType(self.claims),
            MappingProxyType(self.variables),
            tuple(rules.values()),
        )

    def _each(self, name: str, read: Callable[[Entry], T | None], found: dict[str, T]) -> None:
        for entry in entries(self.text, name, self.document.get(name, [])):
            if entry.raw.get("id") in found:
                entry.refuse("id", "an id of its own; this one is taken")
            item = read(entry)
            self.problems += entry.problems
            if item is not None and not entry.problems:
                found[item.id] = item

    def _variable(self, entry: Entry) -> Variable | None:
        names = ["id", "label", "kind", "levels", "unit", "decimals", "least", "most", "event", "after", "within_study"]
        entry.only(names)
        own, label = entry.text("id", required=True), entry.text("label", required=True)
        kind = VariableKind(entry.one_of("kind", tuple(VariableKind)) or VariableKind.CATEGORY)
        levels = entry.texts("levels")
        if kind is VariableKind.CATEGORY and "levels" in entry.raw and len(set(levels)) < 2:
            entry.refuse("levels", "two or more different levels, or none for yes and no")
        of_numbers = {"unit", "decimals", "least", "most", "after", "within_study"}
        wrong = of_numbers | {"event"} if kind is VariableKind.CATEGORY else {"levels"}
        for name in sorted(wrong & set(entry.raw)):
            entry.refuse(name, f"no such field in a {kind}")
        if kind is VariableKind.NUMBER and "event" in entry.raw:
            entry.refuse("event", "no such field in a number; a time has one")
        ends = [entry.raw.get(name) for name in ("least", "most")]
        for name, end in zip(("least", "most"), ends, strict=True):
            if end is not None and (isinstance(end, bool) or not isinstance(end, int | float)):
                entry.refuse(name, "a number")
        after = entry.one_of("after", self.variables)
        event = entry.condition("event", self.variables)
        if own is None or label is None or entry.problems:
            return None
        return Variable(
            own,
            label,
            kind,
            () if kind is not VariableKind.CATEGORY else levels or (YES, NO),
            unit=entry.text("unit"),
            decimals=entry.whole("decimals", least=0),
            least=ends[0],
            most=ends[1],
            event=event,
            after=after,
            within_study=entry.truth("within_study", otherwise=False),
        )

    def _rule(self, entry: Entry) -> Rule | None:
        entry.only(("id", "place", "given", "then"))
        own, place = entry.text("id", required=True), entry.text("place", required=True)
        given, then = (entry.condition(name, self.variables) for name in ("given", "then"))
        for name in ("given", "then"):
            if name not in entry.raw:
                entry.refuse(name, "levels by variable")
        return None if None in (own, place, given, then) else Rule(own, place, given, then)  # type: ignore[arg-type]

    def _population(self, entry: Entry) -> Population | None:
        entry.only(("id", "label", "size", "where"))
        own, label = entry.text("id", required=True), entry.text("label", required=True)
        size = entry.whole("size", least=1, required=True)
        where = entry.condition("where", self.variables)
        return None if own is None or label is None or size is None else Population(own, label, size, where)

    def _claim(self, entry: Entry) -> Claim | None:
        raw = entry.raw
        for name in _TEXT:
            entry.text(name, required=True)
        population = entry.one_of("population", self.populations)
        value = read_value(entry, self.populations, _COMMON)
        unit, method, conflict = (entry.text(name) for name in ("unit", "method", "conflict"))
        variable, same_as = entry.one_of("variable", self.variables), entry.text("same_as")
        event, role = entry.condition("event", self.variables), entry.one_of("role", tuple(Role))
        where = self.populations[population].where if population else None
        if event is not None and where is not None and (event & where).empty:
            entry.refuse("event", f"levels that somebody of {population!r} ({where}) can have")
        used = entry.truth("used", otherwise=True)
        aside = self._set_aside(entry)
        if (used is False or aside) and not conflict:
            entry.refuse("conflict", "the reason why the claim is not followed")
        if isinstance(value, Count | Percentage) and variable is not None:
            entry.refuse("variable", "an event: a count has no variable")
        if entry.problems or value is None:
            return None
        return Claim(
            id=raw["id"],
            place=raw["place"],
            quantity=raw["quantity"],
            population=raw["population"],
            value=value,
            unit=unit,
            event=event,
            variable=variable,
            same_as=same_as,
            method=method,
            role=Role(role or Role.EXPLORATORY),
            used=used,
            set_aside=aside,
            conflict=conflict,
            line=entry.line,
        )

    def _set_aside(self, entry: Entry) -> frozenset[str]:
        kind = KINDS.get(str(entry.raw.get("kind")))
        names = set(kind.__dataclass_fields__) if kind else set()
        aside = entry.texts("set_aside")
        if not set(aside) <= names:
            entry.refuse("set_aside", f"a list of fields of the value: {', '.join(sorted(names))}")
        return frozenset(aside)

    def _study(self) -> Study:
        entry = Entry("study", self.document["study"], 1)
        entry.only(_STUDY)
        registry, citation = (entry.text(name, required=True) for name in ("registry", "citation"))
        protocol, start, end = (entry.text(name) for name in ("protocol", "start", "end"))
        for name in ("start", "end"):
            claim = self.claims.get(str(entry.raw.get(name)))
            if name in entry.raw and (claim is None or not isinstance(claim.value, Date)):
                entry.refuse(name, "the id of a claim that is a date")
        methods = self._methods(entry)
        self.problems += entry.problems
        return Study(registry or "", citation or "", protocol, start, end, methods)

    def _methods(self, study: Entry) -> Methods:
        raw = study.raw.get("methods", {})
        if not isinstance(raw, dict):
            study.refuse("methods", "a table")
            return Methods()
        entry = Entry("study.methods", raw, 1)
        names = ("categorical", "continuous", "survival")
        entry.only((*names, "sides"))
        if raw.get("sides", 2) not in (1, 2):
            entry.refuse("sides", "1 or 2")
        tests = {name: entry.texts(name) for name in names}
        self.problems += entry.problems
        return Methods(**tests, sides=raw.get("sides"))

    def _check_links(self) -> None:
        """A claim that names another claim must find it; they may stand in any order."""
        for entry in entries(self.text, "claim", self.document["claim"]):
            claim = self.claims.get(str(entry.raw.get("id")))
            if claim is None:
                continue
            self._check_link(entry, "same_as", [] if claim.same_as is None else [claim.same_as])
            if isinstance(claim.value, Sum):
                self._check_link(entry, "whole", [claim.value.whole])
                self._check_link(entry, "parts", claim.value.parts)
            self.problems += entry.problems

    def _check_link(self, entry: Entry, name: str, ids: Mapping[str, object] | list[str] | tuple[str, ...]) -> None:
        for other in ids:
            if other not in self.claims or other == entry.raw["id"]:
                entry.refuse(name, f"the id of another claim of this file; {other!r} is none")
