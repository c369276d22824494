"""Reading a ``claims.toml``: every field checked, every problem reported at once."""

from __future__ import annotations

import tomllib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from branchpoint.publication.claims.claims import Claim, Claims, ClaimsError, Methods, Population, Study
from branchpoint.publication.claims.conditions import NO, YES, Rule, Variable, VariableKind
from branchpoint.publication.claims.entry import DECIMALS, DIGITS, Declared, Entry, entries
from branchpoint.publication.claims.lines import Lines, table_lines
from branchpoint.publication.claims.links import check_links
from branchpoint.publication.claims.messages import shown
from branchpoint.publication.claims.methods import check_methods
from branchpoint.publication.claims.read_claim import read_claim
from branchpoint.publication.claims.read_value import sides
from branchpoint.publication.claims.sizes import check_sizes
from branchpoint.publication.claims.values import Date

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["read_claims"]

SCHEMA = 2
RESERVED = ("subject", "draw")
"""Columns of a table of patients that are no variable."""
_TABLES = ("variable", "rule", "population", "claim")
_VARIABLE = ("id", "label", "kind", "levels", "unit", "decimals", "least", "most", "event", "after", "within_study")
_OF_NUMBERS = {"unit", "decimals", "least", "most", "after", "within_study"}
_STUDY = ("registry", "citation", "protocol", "start", "end", "follow_up", "methods")
_TESTS = ("categorical", "continuous", "survival")
T = TypeVar("T", Variable, Rule, Population, Claim)


def read_claims(path: Path) -> Claims:
    """Read the claims of a report.

    Parameters
    ----------
    path : Path
        A ``claims.toml`` of schema 2: UTF-8, with or without a byte order mark.

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
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ClaimsError(path, (f"found byte 0x{error.object[error.start]:02X}, expected text in UTF-8",)) from error
    try:
        document = tomllib.loads(text)
    except ValueError as error:
        raise ClaimsError(path, (f"is no TOML: {error}",)) from error
    except RecursionError:
        raise ClaimsError(path, ("is no claims file: its tables or lists lie too deep in each other",)) from None
    lines = table_lines(text)
    if problems := _document_problems(document):
        raise ClaimsError(path, tuple(problems))
    return _Reader(path, document, lines).read()


def _document_problems(document: dict[str, Any]) -> list[str]:
    schema = document.get("schema")
    if type(schema) is not int or schema != SCHEMA:
        return [f"field 'schema': found {shown(schema)}, expected {SCHEMA}"]
    problems = []
    if not isinstance(document.get("study"), dict):
        problems.append(f"[study]: found {shown(document.get('study'))}, expected a table")
    for name in _TABLES:
        tables = document.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            problems.append(f"[[{name}]]: found {shown(tables)}, expected a list of tables")
        elif not tables and name in ("population", "claim"):
            problems.append(f"[[{name}]]: found none, expected one or more")
    known = sorted({"schema", "study", *_TABLES})
    problems += [f"{name!r:.60}: no such table; expected one of {known}" for name in document if name not in known]
    return problems


class _Reader:
    """The tables of one file, read in the order in which they need each other."""

    def __init__(self, path: Path, document: dict[str, Any], lines: dict[str, list[Lines]]) -> None:
        self.path, self.document, self.lines = path, document, lines
        self.problems: list[str] = []
        # Of each table, those with problems of their own: what refers to them is not refused for it.
        self.broken: dict[str, set[str]] = {name: set() for name in _TABLES}
        self.variables: dict[str, Variable] = {}
        self.rules: dict[str, Rule] = {}
        self.populations: dict[str, Population] = {}
        self.claims: dict[str, Claim] = {}

    def read(self) -> Claims:
        self._each("variable", self._variable, self.variables)
        self._each("rule", self._rule, self.rules)
        places = self._each("population", self._population, self.populations)
        self.problems += check_sizes(self.populations, self.variables, places)
        declared = Declared(self.variables, self.populations, self.broken["variable"], self.broken["population"])
        places = self._each("claim", lambda entry: read_claim(entry, declared), self.claims)
        self.problems += check_links(self.claims, self.broken["claim"], places)
        study = self._study()
        if self.problems:
            raise ClaimsError(self.path, tuple(self.problems))
        return Claims(
            self.path,
            study,
            MappingProxyType(self.populations),
            MappingProxyType(self.claims),
            MappingProxyType(self.variables),
            tuple(self.rules.values()),
        )

    def _each(self, name: str, read: Callable[[Entry], T | None], found: dict[str, T]) -> dict[str, Entry]:
        """Read the tables of one name into ``found``; return where each stands."""
        places: dict[str, Entry] = {}
        for entry in entries(name, self.document.get(name, []), self.lines.get(name, [])):
            own = entry.id()
            if own is not None and own in places:
                entry.refuse("id", "an id of its own; this one is taken")
            item = read(entry)
            self.problems += entry.problems
            if own is None:
                continue
            places.setdefault(own, entry)
            if item is None or entry.problems:
                self.broken[name].add(own)
            else:
                found[own] = item
            # What is found later of this table is told later.
            entry.problems = []
        return places

    def _variable(self, entry: Entry) -> Variable | None:
        entry.only(_VARIABLE)
        own, label = entry.raw.get("id"), entry.text("label", required=True)
        if own in RESERVED:
            entry.refuse("id", "another id: a table of patients has columns of this name")
        named = entry.one_of("kind", tuple(VariableKind))
        if named is None and "kind" in entry.raw:
            return None
        kind = VariableKind(named or VariableKind.CATEGORY)
        self._check_kind(entry, kind)
        levels = entry.several("levels")
        least, most = self._limits(entry)
        after = entry.one_of("after", self.variables, self.broken["variable"])
        if after is not None and self.variables[after].kind is VariableKind.CATEGORY:
            entry.refuse("after", "a time or a number, from which this one is counted")
        variable = Variable(
            str(own),
            label or "",
            kind,
            () if kind is not VariableKind.CATEGORY else levels or (YES, NO),
            unit=entry.text("unit"),
            decimals=entry.whole("decimals", least=0, most=DECIMALS),
            least=least,
            most=most,
            event=entry.condition("event", self.variables, self.broken["variable"]),
            after=after,
            within_study=entry.truth("within_study", otherwise=False),
        )
        return None if entry.problems else variable

    def _check_kind(self, entry: Entry, kind: VariableKind) -> None:
        wrong = _OF_NUMBERS if kind is VariableKind.CATEGORY else {"levels"}
        if kind is not VariableKind.TIME:
            wrong = wrong | {"event"}
        elif "event" not in entry.raw:
            entry.refuse("event", "who had the event, as levels by variable: a time ends in one")
        for name in sorted(wrong & set(entry.raw)):
            entry.refuse(name, f"no such field in a {kind}")

    def _limits(self, entry: Entry) -> tuple[float | None, float | None]:
        ends = [entry.raw.get(name) for name in ("least", "most")]
        for name, end in zip(("least", "most"), ends, strict=True):
            if end is not None and (type(end) not in (int, float) or not abs(end) < 10**DIGITS):
                entry.refuse(name, f"a number without quotation marks, of at most {DIGITS} digits")
                return None, None
        if None not in ends and ends[0] > ends[1]:  # type: ignore[operator]
            entry.refuse("most", f"at least {ends[0]}, the least")
        return ends[0], ends[1]

    def _rule(self, entry: Entry) -> Rule | None:
        entry.only(("id", "place", "given", "then"))
        place = entry.text("place", required=True)
        given, then = (entry.condition(name, self.variables, self.broken["variable"]) for name in ("given", "then"))
        for name in ("given", "then"):
            if name not in entry.raw:
                entry.refuse(name, "levels by variable")
        if place is None or given is None or then is None or entry.problems:
            return None
        if (given & then).empty:
            entry.refuse("then", f"levels that somebody can have of whom it is given: {given}")
        return Rule(entry.raw["id"], place, given, then)

    def _population(self, entry: Entry) -> Population | None:
        entry.only(("id", "label", "size", "where"))
        label, size = entry.text("label", required=True), entry.whole("size", least=1, required=True)
        where = entry.condition("where", self.variables, self.broken["variable"])
        if label is None or size is None or entry.problems:
            return None
        return Population(entry.raw["id"], label, size, where)

    def _study(self) -> Study:
        entry = Entry("study", self.document["study"], None, next(iter(self.lines.get("study", [])), Lines()))
        entry.only(_STUDY)
        registry, citation = (entry.text(name, required=True) for name in ("registry", "citation"))
        protocol = entry.text("protocol")
        dates = [claim.id for claim in self.claims.values() if isinstance(claim.value, Date)]
        start, end = (entry.one_of(name, dates, self.broken["claim"]) for name in ("start", "end"))
        times = [v.id for v in self.variables.values() if v.kind is VariableKind.TIME and v.after is None]
        follow_up = entry.one_of("follow_up", times, self.broken["variable"])
        methods = self._methods(entry)
        self.problems += entry.problems
        return Study(registry or "", citation or "", protocol, start, end, follow_up, methods)

    def _methods(self, study: Entry) -> Methods:
        raw = study.raw.get("methods", {})
        if not isinstance(raw, dict):
            study.refuse("methods", "a table")
            return Methods()
        entry = Entry("study.methods", raw, None, Lines(study.lines.fields.get("methods")))
        entry.only((*_TESTS, "sides"))
        categorical, continuous, survival = (entry.texts(name) for name in _TESTS)
        for name, tests in zip(_TESTS, (categorical, continuous, survival), strict=True):
            check_methods(entry, name, tests)
        methods = Methods(categorical, continuous, survival, sides(entry))
        self.problems += entry.problems
        return methods
