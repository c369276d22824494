"""One ``[[claim]]``: its value, whom it counts, and what it is to the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.publication.claims.claims import Claim, Role
from branchpoint.publication.claims.conditions import VariableKind
from branchpoint.publication.claims.methods import check_methods
from branchpoint.publication.claims.read_value import KINDS, UNLESS, read_value
from branchpoint.publication.claims.values import Count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from branchpoint.publication.claims.claims import Population
    from branchpoint.publication.claims.conditions import Condition, Variable
    from branchpoint.publication.claims.entry import Declared, Entry
    from branchpoint.publication.claims.values import ClaimValue

__all__ = ["COMMON", "SAID_BY", "read_claim"]

COMMON = (
    "id",
    "place",
    "kind",
    "quantity",
    "population",
    "unit",
    "event",
    "variable",
    "same_as",
    "method",
    "role",
    "used",
    "set_aside",
    "conflict",
    "verbatim",
)
"""The fields that claims of every kind may have; those of the value come beside them."""

_NUMBERS = (VariableKind.NUMBER, VariableKind.TIME)
SAID_BY: Mapping[str, tuple[bool, tuple[VariableKind, ...]]] = {
    "count": (True, ()),
    "percentage": (True, ()),
    "proportion": (True, ()),
    "median": (False, _NUMBERS),
    "mean": (False, _NUMBERS),
    "range": (False, _NUMBERS),
    "survival": (False, (VariableKind.TIME,)),
    "p_value": (True, tuple(VariableKind)),
    "ratio": (True, tuple(VariableKind)),
    "number": (False, ()),
    "sum": (False, ()),
    "date": (False, ()),
}
"""By kind of claim, whether it may have an event, and of which kinds its variable may be."""


def read_claim(entry: Entry, declared: Declared) -> Claim | None:
    """Read a claim; None when anything is wrong with it, as the entry then says."""
    value = read_value(entry, COMMON, declared)
    place, quantity = (entry.text(name, required=True) for name in ("place", "quantity"))
    if "population" not in entry.raw:
        entry.refuse("population", "the id of a population")
    population = entry.one_of("population", declared.populations, declared.broken_populations)
    unit, method, same_as, conflict = (entry.text(name) for name in ("unit", "method", "same_as", "conflict"))
    check_methods(entry, "method", () if method is None else (method,))
    event = entry.condition("event", declared.variables, declared.broken_variables)
    variable = entry.one_of("variable", declared.variables, declared.broken_variables)
    role = entry.one_of("role", tuple(Role))
    used, verbatim = entry.truth("used", otherwise=True), entry.truth("verbatim", otherwise=False)
    aside = _set_aside(entry)
    if (not used or aside) and "conflict" not in entry.raw:
        entry.refuse("conflict", "the reason why the claim is not followed")
    _check_subject(entry, None if variable is None else declared.variables[variable])
    if population is not None:
        _check_population(entry, declared.populations[population], event, None if verbatim else value)
    if entry.problems or value is None or place is None or quantity is None or population is None:
        return None
    return Claim(
        id=entry.raw["id"],
        place=place,
        quantity=quantity,
        population=population,
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
        verbatim=verbatim,
        line=entry.lines.header,
    )


def _check_population(entry: Entry, population: Population, event: Condition | None, value: ClaimValue | None) -> None:
    where = population.where
    if event is not None and where is not None and (event & where).empty:
        entry.refuse("event", f"levels that somebody of {population.id!r} ({where}) can have")
    if isinstance(value, Count) and value.count > population.size:
        entry.refuse("count", f"at most {population.size}, the size of {population.id!r}{UNLESS}")


def _check_subject(entry: Entry, variable: Variable | None) -> None:
    """A count is of an event, a median of a variable; a comparison of one or the other."""
    kind = entry.raw.get("kind")
    if not isinstance(kind, str) or kind not in SAID_BY:
        return
    may_have_event, kinds = SAID_BY[kind]
    if "event" in entry.raw and not may_have_event:
        entry.refuse("event", f"no event in a {kind}" + ("; what it is of is its variable" if kinds else ""))
    elif "variable" in entry.raw and not kinds:
        entry.refuse(
            "variable", f"no variable in a {kind}" + ("; what it counts is its event" if may_have_event else "")
        )
    elif variable is not None and variable.kind not in kinds:
        entry.refuse("variable", f"for a {kind} a {' or a '.join(kinds)}; {variable.id!r} is a {variable.kind}")
    elif "event" in entry.raw and "variable" in entry.raw:
        entry.refuse("variable", "an event or a variable, not both")
    if variable is not None and entry.raw.get("unit", variable.unit) != variable.unit:
        entry.refuse("unit", f"{variable.unit or 'none'}, as {variable.id!r} has, or nothing")


def _set_aside(entry: Entry) -> frozenset[str]:
    kind = KINDS.get(str(entry.raw.get("kind")))
    names = set(kind.__dataclass_fields__) if kind else set()
    aside = entry.texts("set_aside")
    if kind and not set(aside) <= names:
        entry.refuse("set_aside", f"a list of fields of the value: {', '.join(sorted(names))}")
    return frozenset(aside)
