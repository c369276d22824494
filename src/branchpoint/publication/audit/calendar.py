"""Calendar: how long anything can have taken between the first enrollment and the data cutoff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchpoint.publication.audit.spreads import SLACK, spreads
from branchpoint.publication.audit.telling import duration, said
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims.conditions import VariableKind
from branchpoint.publication.claims.values import Date

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.audit.spreads import Spread
    from branchpoint.publication.claims import Claims, Variable

__all__ = ["DAYS", "check"]

DAYS = {"h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25, "y": 365.25}
"""Days in a unit of time."""


@dataclass(frozen=True, slots=True)
class _Limit:
    days: float
    what: str
    claim: str | None


def check(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Hold times against the dates of the study and against the longest follow-up.

    A time that began after another one needs room for both: the longest of it ends no earlier than its own length after
    the shortest of what came before, in the same patients or in those that they are part of. The values behind rounded
    numbers are taken as they fit best.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts

    Yields
    ------
    Finding
        A mismatch for a study that ends before it starts, or for a time that is longer than the study or the follow-up.
    """
    span = _span(claims)
    if span is not None and span < 0 and claims.study.start and claims.study.end:
        start, end = claims.claims[claims.study.start], claims.claims[claims.study.end]
        note = f"The study ends before it starts: {said(start)}, {said(end)}."
        for date, other in ((start, end), (end, start)):
            yield Finding(date.id, Verdict.MISMATCH, None, "dates in order", note=note, others=(other.id,))
        return
    every = [one for one in spreads(claims, known) if one.variable.unit in DAYS]
    for one in every:
        if _seen_in_study(one.variable, claims):
            yield from _within(claims, one, every, span)


def _span(claims: Claims) -> int | None:
    """Days from the start of the study to its end, where both are printed."""
    dates = [claims.claims[name].value for name in (claims.study.start, claims.study.end) if name is not None]
    first, last = (date.date if isinstance(date, Date) else None for date in dates) if len(dates) == 2 else (None, None)
    return (last - first).days if first is not None and last is not None else None


def _seen_in_study(variable: Variable, claims: Claims) -> bool:
    return variable.within_study or (variable.after is not None and claims.variables[variable.after].within_study)


def _within(claims: Claims, one: Spread, every: Sequence[Spread], span: int | None) -> Iterator[Finding]:
    longest, limit = _longest(one), _limit(claims, one, every, span)
    if limit is None or longest is None:
        return
    before, told = _before(claims, one, one.variable, every)
    over = longest + before - limit.days
    if over <= SLACK:
        return
    unit = one.variable.unit or "d"
    note = f"At least {_in(longest, unit)}"
    if told:
        note += f", begun {_in(before, 'd')} after entry or later ({', '.join(said(other.claim) for other in told)}),"
    note += f" is {_in(over, 'd')} more than {limit.what}, {_in(limit.days, unit)}"
    note += f" ({said(claims.claims[limit.claim])})." if limit.claim else "."
    if told and longest <= limit.days:
        origins = _other_origins(one, every, limit.days - longest)
        note += f" Counted from {' or from '.join(origins or ['entry'])} it would fit."
    others = [*(other.claim.id for other in told), limit.claim, claims.study.start, claims.study.end]
    most = max(0.0, limit.days - before) / DAYS[unit]
    yield Finding(
        one.claim.id,
        Verdict.MISMATCH,
        f"at most {most:.2f}",
        "time that the dates and the follow-up leave",
        note=note,
        others=tuple(name for name in dict.fromkeys(others) if name),
    )


def _longest(one: Spread) -> float | None:
    """Days that the longest of these times took at the least."""
    ends = [one.low, one.median, one.mean, one.high if one.attained else None]
    days = [end.low * DAYS[one.variable.unit or "d"] for end in ends if end is not None]
    return max(days, default=None)


def _before(claims: Claims, one: Spread, variable: Variable, every: Sequence[Spread]) -> tuple[float, list[Spread]]:
    """Days from entry to the start of a time at the least, and the claims that say so."""
    if variable.after is None:
        return 0.0, []
    earlier = claims.variables[variable.after]
    known = [other for other in every if other.variable is earlier and other.low is not None and _encloses(other, one)]
    shortest = max(known, key=lambda other: other.low.low if other.low else 0.0, default=None)
    days, told = _before(claims, one, earlier, every)
    if shortest is not None and shortest.low is not None:
        return days + max(0.0, shortest.low.low) * DAYS[earlier.unit or "d"], [shortest, *told]
    return days, told


def _limit(claims: Claims, one: Spread, every: Sequence[Spread], span: int | None) -> _Limit | None:
    """The days that anything can have taken: the study's, or the longest follow-up where that is shorter."""
    limits = [] if span is None else [_Limit(float(span), "the whole study", None)]
    by_variable: dict[str, _Limit] = {}
    for other in every:
        own = other.variable is one.variable or other.variable.after is not None
        if own or other.variable.kind is not VariableKind.TIME or other.high is None or not _encloses(other, one):
            continue
        limit = _Limit(other.high.high * DAYS[other.variable.unit or "d"], "the longest follow-up", other.claim.id)
        by_variable[other.variable.id] = min(by_variable.get(other.variable.id, limit), limit, key=lambda own: own.days)
    # A time to an early event ends sooner than the follow-up: the longest of such times comes nearest to it.
    limits += [max(by_variable.values(), key=lambda own: own.days)] if by_variable else []
    return min(limits, key=lambda own: own.days, default=None)


def _other_origins(one: Spread, every: Sequence[Spread], room: float) -> list[str]:
    """Other times from entry after which a time would not be too long."""
    return [
        f"{other.variable.label.lower()}, {said(other.claim)}"
        for other in every
        if other.variable.within_study and other.variable.after is None and other.variable.kind is VariableKind.NUMBER
        if other.variable.id != one.variable.after and other.low is not None and _encloses(other, one)
        if other.low.low * DAYS[other.variable.unit or "d"] <= room + SLACK
    ][:1]


def _encloses(other: Spread, one: Spread) -> bool:
    """Whether all patients of one are among those of another."""
    if other.claim.population == one.claim.population:
        return True
    return other.box is not None and one.box is not None and one.box & ~other.box == 0


def _in(days: float, unit: str) -> str:
    return duration(days / DAYS[unit], unit)
