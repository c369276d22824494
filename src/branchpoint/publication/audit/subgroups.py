"""Subgroups: ranges, medians and means of patients against those of the patients that they are part of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from math import inf
from typing import TYPE_CHECKING

from branchpoint.publication.audit.blame import smallest_covers
from branchpoint.publication.audit.boxes import NOBODY, Boxes
from branchpoint.publication.audit.spreads import SLACK, Interval
from branchpoint.publication.audit.telling import listed, said
from branchpoint.publication.audit.verdicts import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.publication.audit.spreads import Spread
    from branchpoint.publication.claims import Claims

__all__ = ["subgroups"]

MOST_SUBGROUPS = 12
"""Of more subgroups than this, those after it are not tried together."""


@dataclass(frozen=True, slots=True)
class _Tie:
    """Claims that are held against each other, and what was found: kept, broken, or said in a note."""

    whole: Spread
    parts: tuple[Spread, ...]
    what: str
    broken: str = ""

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.whole.claim.id, *(part.claim.id for part in self.parts)})


def subgroups(claims: Claims, every: Sequence[Spread], boxes: Boxes) -> Iterator[Finding]:
    """Hold the summaries of a variable in different patients against each other.

    Nobody in a subgroup is outside of the range of the whole, and the ends of that range are found in a subgroup where
    these are all patients. The median of the whole has to be one that the medians and ranges of disjoint subgroups
    allow, and its mean is the weighted mean of theirs.

    Where claims contradict each other, the fewest are blamed, and one that others support by the same number last.

    Yields
    ------
    Finding
        A mismatch for each claim to blame, and a match for a mean that is that of its subgroups.
    """
    by_variable: dict[str, list[Spread]] = defaultdict(list)
    for one in every:
        if one.box is not None and one.box != NOBODY:
            by_variable[one.variable.id].append(one)
    for alike in by_variable.values():
        ties = list(_all_ties(alike, boxes))
        for what in ("least value", "greatest value", "median", "mean"):
            yield from _judged(claims, [tie for tie in ties if tie.what == what])


def _all_ties(alike: Sequence[Spread], boxes: Boxes) -> Iterator[_Tie]:
    for whole in alike:
        inside = [one for one in alike if one.box != whole.box and not _bits(one) & ~_bits(whole)]
        for part in inside:
            yield from _contained(whole, part)
        for other in alike:
            if other is not whole and other.box == whole.box:
                yield from _repeated(whole, other)
        first = {one.box: one for one in reversed(inside)}
        for parts in _disjoint(sorted(first.values(), key=_bits)[:MOST_SUBGROUPS], boxes):
            if sum(part.n for part in parts) == whole.n:
                yield from _attained(whole, parts)
                yield from _mean(whole, parts)
            yield from _median(whole, parts)


def _bits(one: Spread) -> int:
    assert one.box is not None
    return one.box


def _ends(one: Spread) -> Iterator[tuple[str, Interval]]:
    """Both ends, the greatest value with its sign changed, so that less is always further out."""
    if one.low is not None:
        yield "least value", one.low
    if one.high is not None:
        yield "greatest value", Interval(-one.high.high, -one.high.low)


def _contained(whole: Spread, part: Spread) -> Iterator[_Tie]:
    limits = dict(_ends(whole))
    for what, end in _ends(part):
        if what in limits:
            broken = f"The {what} of {said(part.claim)} lies outside of {said(whole.claim)}"
            if end.below(limits[what]):
                yield _Tie(whole, (part,), what, broken)
            elif not limits[what].below(end) and part.attained and whole.attained:
                yield _Tie(whole, (part,), what)


def _repeated(whole: Spread, other: Spread) -> Iterator[_Tie]:
    limits = dict(_ends(whole))
    for what, end in _ends(other):
        if what in limits and not end.below(limits[what]) and not limits[what].below(end):
            yield _Tie(whole, (other,), what)
    if whole.median is not None and other.median is not None and not _apart(whole.median, other.median):
        yield _Tie(whole, (other,), "median")


def _apart(one: Interval, other: Interval) -> bool:
    return one.below(other) or other.below(one)


def _disjoint(inside: Sequence[Spread], boxes: Boxes) -> Iterator[tuple[Spread, ...]]:
    """All largest sets of subgroups that share no patient."""
    free = {
        one.box: {other.box for other in inside if boxes.close(_bits(one) & _bits(other)) == NOBODY} for one in inside
    }
    found: list[set[int | None]] = []
    for size in range(len(inside), 0, -1):
        for some in combinations(inside, size):
            own = {one.box for one in some}
            if all(own - {one.box} <= free[one.box] for one in some) and not any(own < larger for larger in found):
                found.append(own)
                yield some


def _attained(whole: Spread, parts: Sequence[Spread]) -> Iterator[_Tie]:
    limits = dict(_ends(whole))
    ends = [dict(_ends(part)) for part in parts]
    for what, limit in limits.items():
        if whole.attained and all(what in end for end in ends) and all(limit.below(end[what]) for end in ends):
            told = "; ".join(said(part.claim) for part in parts)
            broken = f"No subgroup has the {what} of {said(whole.claim)}: {told}"
            yield _Tie(whole, tuple(parts), what, broken)


def _median(whole: Spread, parts: Sequence[Spread]) -> Iterator[_Tie]:
    rest = whole.n - sum(part.n for part in parts)
    if whole.median is None or rest < 0 or any(part.median is None for part in parts):
        return
    lower, upper = _middle(whole, parts, rest, -1), _middle(whole, parts, rest, 1)
    if whole.median.low > upper + SLACK or whole.median.high < lower - SLACK:
        limit = f"at least {lower:.4g}" if whole.median.high < lower else f"at most {upper:.4g}"
        told = "; ".join(f"{said(part.claim)} of {part.n}" for part in parts)
        broken = f"The median of all {whole.n} is {limit}, not {said(whole.claim)}, by its subgroups: {told}"
        yield _Tie(whole, tuple(parts), "median", broken)


def _middle(whole: Spread, parts: Sequence[Spread], rest: int, side: int) -> float:
    """The least (side -1) or greatest (1) median that the subgroups, and the patients in none of them, allow.

    At least half of a subgroup, the middle included, is on this side of its median; the others may reach as far as
    the range goes.
    """
    far = _outermost(whole, side)
    runs = [(far, rest)]
    for part in parts:
        assert part.median is not None
        half = (part.n + 1) // 2
        runs.append((side * (part.median.high if side > 0 else part.median.low), half))
        runs.append((min(far, _outermost(part, side)), part.n - half))
    runs.sort()
    return side * (_ranked(runs, (whole.n - 1) // 2) + _ranked(runs, whole.n // 2)) / 2


def _outermost(one: Spread, side: int) -> float:
    """The end of a range on one side; turned about on the left side, so that more is always further out."""
    if side > 0:
        return inf if one.high is None else one.high.high
    return inf if one.low is None else -one.low.low


def _ranked(runs: Sequence[tuple[float, int]], place: int) -> float:
    for value, count in runs:
        if place < count:
            return value
        place -= count
    return inf


def _mean(whole: Spread, parts: Sequence[Spread]) -> Iterator[_Tie]:
    means = [(part.mean, part.n) for part in parts if part.mean is not None]
    if whole.mean is None or len(means) < len(parts) or not whole.n:
        return
    low = sum(mean.low * n for mean, n in means) / whole.n
    high = sum(mean.high * n for mean, n in means) / whole.n
    told = "; ".join(f"{said(part.claim)} of {part.n}" for part in parts)
    broken = (
        f"The mean of all {whole.n} is from {low:.4g} to {high:.4g}, not {said(whole.claim)}, by its subgroups: {told}"
    )
    yield _Tie(whole, tuple(parts), "mean", broken if _apart(whole.mean, Interval(low, high)) else "")


def _judged(claims: Claims, ties: Sequence[_Tie]) -> Iterator[Finding]:
    broken = [tie for tie in ties if tie.broken]
    support: dict[str, set[str]] = defaultdict(set)
    for tie in ties:
        if not tie.broken:
            for name in tie.names:
                support[name] |= tie.names - {name}
            if tie.what == "mean":
                others = tuple(part.claim.id for part in tie.parts)
                method = "mean of its subgroups, weighted"
                yield Finding(tie.whole.claim.id, Verdict.MATCH, None, method, others=others)
    if not broken:
        return
    weights = {name: 1 + len(support[name]) for tie in broken for name in tie.names}
    covers = smallest_covers([tie.names for tie in broken], weights)
    for name in sorted(frozenset.union(*covers)):
        own = [tie for tie in broken if name in tie.names]
        alone = all(name in cover for cover in covers)
        doubt = set() if alone else {other for tie in own for other in tie.names if any(other in c for c in covers)}
        others = tuple(sorted(frozenset.union(*(tie.names for tie in own[:2])) - {name}))
        note = ". ".join(dict.fromkeys(tie.broken for tie in own[:2])) + "."
        if kept := sorted(frozenset.union(*(frozenset(support[other]) for other in others)) - {name, *others}):
            note += f" The other side has the support of {listed(claims, kept, 2)}."
        if doubt - {name}:
            note += f" It is this one that is wrong, or {listed(claims, sorted(doubt - {name}))}."
        yield Finding(name, Verdict.MISMATCH, None, f"{own[0].what} in subgroups", note=note, others=others)
