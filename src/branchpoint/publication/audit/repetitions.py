"""Repetitions: a number that a report prints twice must be the same number, to the coarser of its precisions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING

from branchpoint.publication.audit.shares import decimals
from branchpoint.publication.audit.telling import listed
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims.values import (
    Count,
    Mean,
    Median,
    Percentage,
    Proportion,
    PValue,
    Range,
    Survival,
)
from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.claims import Claim, Claims, ClaimValue

__all__ = ["check"]

_NOT_SAID = ("of", "level", "below", "sides")
"""Fields that say how a number is meant."""


def check(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Hold claims of the same thing against each other.

    Claims repeat each other where the file says so (``same_as``), or where kind, population, variable and event are the
    same. Two counts that differ are left to `sums`, which knows what else each is held to.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts

    Yields
    ------
    Finding
        A match for each claim that repeats an earlier one: to be printed twice does not support the first. A mismatch
        for one that differs from most of its repetitions, or from the first where there are but two.
    """
    for group in _groups(claims, known):
        agreeing = {
            claim.id: [other for other in group if other is not claim and _agree(known, claim, other)]
            for claim in group
        }
        best = max(group, key=lambda claim: len(agreeing[claim.id]))
        standing = {best.id, *(claim.id for claim in agreeing[best.id])}
        for claim in group:
            same = tuple(other.id for other in agreeing[claim.id])
            if claim.id not in standing and not _counted(claim, best):
                note = f"Elsewhere it is {listed(claims, sorted(standing))}."
                value = printed(best.value, claim.value) if type(best.value) is type(claim.value) else None
                others = tuple(sorted(standing))
                yield Finding(claim.id, Verdict.MISMATCH, value, "repetition", note=note, others=others)
            elif same and claim is not group[0]:
                method = f"printed again: {listed(claims, same, 2)}"
                yield Finding(claim.id, Verdict.MATCH, printed(claim.value), method, others=same)


def _groups(claims: Claims, known: KnownCounts) -> Iterator[Sequence[Claim]]:
    """Claims of the same thing, in the order of the file, those that say that they repeat another last."""
    joined: dict[Hashable, Hashable] = {}

    def root(item: Hashable) -> Hashable:
        while joined.get(item, item) != item:
            item = joined[item]
        return item

    for claim in claims.claims.values():
        for other in (_key(claims, claim, known), claim.same_as):
            if other is not None:
                joined[root(claim.id)] = root(other)
    groups: dict[Hashable, list[Claim]] = defaultdict(list)
    for claim in claims.claims.values():
        groups[root(claim.id)].append(claim)
    for group in groups.values():
        if len(group) > 1:
            yield sorted(group, key=lambda claim: claim.same_as is not None)


def _key(claims: Claims, claim: Claim, known: KnownCounts) -> Hashable:
    """What a claim is about; None where the file does not say it in variables."""
    who: tuple[Hashable, ...] = (claim.population, claim.variable, claim.event)
    match claim.value:
        case Count() | Percentage() | Proportion() if claim.id in known.printed and claims.condition(claim) is not None:
            return "count", known.printed[claim.id].box
        case Median() | Mean() | Range() if claim.variable is not None:
            return type(claim.value).__name__, who, claim.unit
        case Survival(at=at) if claim.variable is not None:
            return "survival", who, at
        case PValue(groups=groups) if groups and (claim.variable or claim.event):
            return "p", who, groups, claim.method, claim.quantity
    return None


def _counted(claim: Claim, other: Claim) -> bool:
    kinds = (Count, Percentage, Proportion)
    return isinstance(claim.value, kinds) and isinstance(other.value, kinds)


def _agree(known: KnownCounts, claim: Claim, other: Claim) -> bool:
    """Whether two claims print the same wherever both print something."""
    one, two = claim.value, other.value
    if isinstance(one, PValue) and isinstance(two, PValue) and one.below != two.below:
        limit, exact = (one, two) if one.below else (two, one)
        return exact.p < limit.p
    if not (numbers := _shared(one, two)):
        counts = known.printed.get(claim.id), known.printed.get(other.id)
        if counts[0] is not None and counts[1] is not None:
            return counts[0].value == counts[1].value
        return _headline(one) == _headline(two)
    return all(_same(first, second) for first, second in numbers)


def _shared(one: ClaimValue, two: ClaimValue) -> list[tuple[Decimal, Decimal]]:
    found = []
    for field in fields(one):
        first, second = getattr(one, field.name), getattr(two, field.name, None)
        if isinstance(first, int | Decimal) and isinstance(second, int | Decimal) and field.name not in _NOT_SAID:
            found.append((Decimal(first), Decimal(second)))
    return found


def _headline(value: ClaimValue) -> object:
    """The first number of a claim, for two kinds that have none in common."""
    return getattr(value, fields(value)[0].name)


def _same(one: Decimal, other: Decimal) -> bool:
    """Whether some number prints like both."""
    units = [Decimal(1).scaleb(-decimals(number)) for number in (one, other)]
    return abs(one - other) * 2 < sum(units)
