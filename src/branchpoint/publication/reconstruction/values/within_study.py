"""Within the study: what was observed of a patient lasted no longer than his follow-up, counted from where it began.

A duration that begins at a complete response, and the day of that response, leave less room than the follow-up alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Literal

from branchpoint.publication.audit.boxes import Boxes
from branchpoint.publication.claims import Date, VariableKind
from branchpoint.publication.reconstruction.counts.milestones import event_bounds
from branchpoint.publication.reconstruction.values.printed_fields import DAYS_PER_UNIT, UNLIMITED, Form, fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from branchpoint.publication.claims import Claims, Variable
    from branchpoint.publication.reconstruction.values.printed_fields import PrintedField

__all__ = ["Floor", "days_in", "drawing_order", "floors_of", "least_follow_up", "rooms", "span"]

_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Floor:
    """What a summary of something within the study asks of follow-up: one order statistic is no less than it.

    Attributes
    ----------
    population : str
    field : PrintedField
        What is printed of the thing itself.
    starts : tuple of PrintedField
        The least of what it began after, one after the other.
    days : float
        From entry to its end, at the least.
    enough : bool
        Whether it is asked that it suffices, whoever has which value, and not only what must hold.
    """

    population: str
    field: PrintedField
    starts: tuple[PrintedField, ...]
    days: float
    enough: bool = False

    def form(self, size: int, steps_a_day: float) -> Form:
        """As a limit on the follow-up of so many patients, in steps of its grid."""
        # The lower or the upper one of the two middle values, and likewise of those around a quartile.
        down = self.enough
        places = {"low": 0, "q1": (size + 3 * (not down)) // 4, "q3": (3 * size + (not down)) // 4, "high": size - 1}
        place = min(places.get(self.field.field, (size - down) // 2), size - 1)
        return Form(place, place, 1, 0, round(self.days * steps_a_day + 0.5 - _EDGE), UNLIMITED)


def days_in(variable: Variable) -> float | None:
    """Days in the unit of a variable; months where a time names none, None where it is no unit of time."""
    unit = variable.unit or ("mo" if variable.kind is VariableKind.TIME else "")
    return float(DAYS_PER_UNIT[unit]) if unit in DAYS_PER_UNIT else None


def span(claims: Claims) -> float:
    """Days from the start of the study to its end, where both are printed."""
    dates = [claims.claims[name].value for name in (claims.study.start, claims.study.end) if name is not None]
    first, last = (date.date if isinstance(date, Date) else None for date in dates) if len(dates) == 2 else (None, None)
    return float((last - first).days) if first is not None and last is not None else inf


def _lasts(claims: Claims, variable: Variable) -> bool:
    """Whether a variable passed within the study: it, or what it begins after."""
    return variable.within_study or (variable.after is not None and _lasts(claims, claims.variables[variable.after]))


def drawing_order(claims: Claims) -> list[Variable]:
    """All numbers and times: follow-up first, each after what it begins after, and last what nothing else bears on."""
    found: dict[str, Variable] = {}

    def add(variable: Variable) -> None:
        if variable.after is not None:
            add(claims.variables[variable.after])
        if variable.kind is not VariableKind.CATEGORY:
            found.setdefault(variable.id, variable)

    bound = [variable for variable in claims.variables.values() if _lasts(claims, variable) or variable.event]
    names = (claims.study.follow_up, *(variable.id for variable in bound), *claims.variables)
    for name in names:
        if name is not None:
            add(claims.variables[name])
    return list(found.values())


def rooms(
    claims: Claims,
    variable: Variable,
    patients: Sequence[Mapping[str, str]],
    drawn: Mapping[str, Sequence[float | None]],
    dropped: frozenset[tuple[str, str]] = frozenset(),
) -> list[float]:
    """How long a variable can have lasted in each patient, in its unit; infinite where nothing limits it.

    Parameters
    ----------
    claims : Claims
    variable : Variable
    patients : sequence of mapping of str to str
        The level of every category, one a patient.
    drawn : mapping of str to sequence of float or None
        What is drawn already, by variable, one value a patient.
    dropped : frozenset of (str, str)
        Claim and field, not followed.
    """
    own, follow_up, size = days_in(variable), claims.study.follow_up, len(patients)
    if own is None or not _lasts(claims, variable):
        return [inf] * size
    most = [span(claims)] * size
    if follow_up is not None and follow_up != variable.id:
        most = [_at_most(most[i], _in_days(claims, drawn, follow_up, i)) for i in range(size)]
    taken = _reserved(claims, variable, patients, dropped)
    after = variable.after
    while after is not None:
        taken = [taken[i] + (_in_days(claims, drawn, after, i) or 0.0) for i in range(size)]
        after = claims.variables[after].after
    return [max(0.0, (most[i] - taken[i]) / own) for i in range(size)]


def _reserved(
    claims: Claims, variable: Variable, patients: Sequence[Mapping[str, str]], dropped: frozenset[tuple[str, str]]
) -> list[float]:
    """Days that what begins after a variable took at the least, in each patient whom that is printed of."""
    days = [0.0] * len(patients)
    for later in claims.variables.values():
        if later.after != variable.id or days_in(later) is None:
            continue
        for field in fields_of(claims, later.id, dropped):
            where = claims.populations[field.population].where
            if field.field == "low" and where is not None:
                least = _least(later, field)
                days = [max(d, least) if where.holds(p) else d for d, p in zip(days, patients, strict=True)]
    return days


def least_follow_up(
    claims: Claims, patients: Sequence[Mapping[str, str]], dropped: frozenset[tuple[str, str]] = frozenset()
) -> list[float]:
    """How long each patient was followed at the least, in the unit of follow-up: beyond each milestone he passed.

    Parameters
    ----------
    claims : Claims
        As `with_milestones` gives them.
    patients : sequence of mapping of str to str
        The level of every category and milestone, one a patient.
    dropped : frozenset of (str, str)
        Claim and field, not followed.
    """
    found = [0.0] * len(patients)
    own = claims.variables[claims.study.follow_up or ""]
    for variable in claims.variables.values():
        unit = days_in(variable)
        if variable.kind is not VariableKind.TIME or variable is own or unit is None or not _lasts(claims, variable):
            continue
        begun = _latest_start(claims, variable, dropped)
        for place, (low, _) in enumerate(event_bounds(claims, variable.id, patients)):
            if low > 0:
                found[place] = max(found[place], (low * unit + begun) / (days_in(own) or 1.0))
    return found


def _latest_start(claims: Claims, variable: Variable, dropped: frozenset[tuple[str, str]]) -> float:
    """Days from entry to the start of a variable, at the most that is printed."""
    days, after = 0.0, variable.after
    while after is not None:
        highs = [field for field in fields_of(claims, after, dropped) if field.field == "high"]
        own = claims.variables[after]
        days += max((float(h.printed / h.per_unit) for h in highs), default=0.0) * (days_in(own) or 0.0)
        after = own.after
    return days


def _in_days(claims: Claims, drawn: Mapping[str, Sequence[float | None]], name: str, patient: int) -> float | None:
    value, unit = drawn[name][patient] if name in drawn else None, days_in(claims.variables[name])
    return None if value is None or unit is None else value * unit


def _at_most(limit: float, days: float | None) -> float:
    return limit if days is None else min(limit, days)


def floors_of(
    claims: Claims,
    dropped: frozenset[tuple[str, str]] = frozenset(),
    *,
    judged: bool = True,
    start: Literal["low", "high"] = "low",
) -> Iterator[Floor]:
    """What the summaries of everything within the study ask of follow-up.

    Parameters
    ----------
    claims : Claims
        Nothing follows where it does not say which time is the follow-up.
    dropped : frozenset of (str, str)
        Claim and field, not followed.
    judged : bool
        Leave out what the claims file sets aside.
    start : {"low", "high"}
        Which end of the range of what something began after: the least is what must hold, with the greatest it suffices
        whoever has which. Of the least value of something the least must hold in any case.
    """
    follow_up, boxes = claims.study.follow_up, Boxes(claims)
    for variable in claims.variables.values():
        own = days_in(variable)
        if follow_up is None or variable.id == follow_up or own is None or not _lasts(claims, variable):
            continue
        for field in fields_of(claims, variable.id, dropped, judged=judged):
            if field.field in ("low", "q1", "median", "q3", "high"):
                fields = partial(fields_of, claims, dropped=dropped, judged=judged)
                end: Literal["low", "high"] = "low" if field.field == "low" else start
                starts = tuple(_starts(claims, field, end, fields, boxes))
                days = [_least(claims.variables[name], one) for name, one in starts]
                least = _least(variable, field) + sum(days)
                begun = tuple(one for _, one in starts)
                yield Floor(field.population, field, begun, least, enough=start == "high")


def _starts(
    claims: Claims,
    of: PrintedField,
    end: Literal["low", "high"],
    fields: Callable[[str], tuple[PrintedField, ...]],
    boxes: Boxes,
) -> Iterator[tuple[str, PrintedField]]:
    """The nearest end of the range of each thing that something begins after, in the same patients or in more."""
    after = claims.variables[claims.claims[of.claim].variable or ""].after
    while after is not None:
        ends = [one for one in fields(after) if one.field == end and _encloses(claims, boxes, one, of)]
        if ends:
            side = 1 if end == "low" else -1
            yield after, max(ends, key=lambda one: side * one.printed)
        after = claims.variables[after].after


def _encloses(claims: Claims, boxes: Boxes, outer: PrintedField, inner: PrintedField) -> bool:
    """Whether all patients of one field are, by the rules of the report, among those of another."""
    around, inside = (claims.populations[field.population].where for field in (outer, inner))
    return around is not None and inside is not None and boxes.of(inside) & ~boxes.of(around) == 0


def _least(variable: Variable, field: PrintedField) -> float:
    """The least that can stand behind a printed number, in days."""
    exponent = int(field.printed.as_tuple().exponent)
    exact = variable.decimals is not None and -exponent >= variable.decimals
    half = 0.0 if exact else float(_half(exponent))
    unit = (days_in(variable) or 0.0) / float(field.per_unit)
    return max(0.0, float(field.printed) - half) * unit


def _half(exponent: int) -> Decimal:
    from decimal import Decimal

    return Decimal(1).scaleb(exponent) / 2
