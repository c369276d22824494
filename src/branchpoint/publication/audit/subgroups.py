"""Subgroups: ranges, medians and means of patients against those of the patients that they are part of."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from branchpoint.publication.audit.blame import connected, smallest_covers
from branchpoint.publication.audit.boxes import NOBODY, Boxes
from branchpoint.publication.audit.subgroup_totals import pooled_mean, pooled_median, pooled_range
from branchpoint.publication.audit.summary_ties import MEAN, Tie, attained, contained, repeated
from branchpoint.publication.audit.telling import listed
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from branchpoint.publication.audit.spreads import Spread
    from branchpoint.publication.claims import Claims

__all__ = ["subgroups"]

MOST_SUBGROUPS = 12
"""Of more subgroups than this, those after it are not tried together."""
MOST_SETS = 60
"""So many sets of disjoint subgroups of a whole are held against it."""


def subgroups(claims: Claims, every: Sequence[Spread], boxes: Boxes) -> Iterator[Finding]:
    """Hold the summaries of a variable against each other, those of the same patients and those of their subgroups.

    Two claims of the same patients agree wherever both say something. Nobody in a subgroup is outside of the range of
    the whole, and the ends of that range are found in a subgroup where these are all patients. The median of the whole
    has to be one that the medians and ranges of disjoint subgroups allow, and its mean is the weighted mean of theirs.

    Where claims contradict each other, the fewest are blamed, and one that others support by the same number last.

    Yields
    ------
    Finding
        A mismatch for each claim to blame, and a match for one that repeats another, or whose range or mean is that
        of its subgroups.
    """
    by_variable: dict[str, list[Spread]] = defaultdict(list)
    for one in every:
        if one.box != NOBODY:
            by_variable[one.variable.id].append(one)
    for alike in by_variable.values():
        wholes = [(one, parts) for one in alike for parts in _parts(one, alike, boxes)]
        ties = [*_of_the_same(alike), *_of_parts(alike, wholes)]
        yield from _agreeing(tie for tie in ties if not tie.broken)
        for whole, parts in wholes:
            if sum(part.n for part in parts) == whole.n:
                yield from pooled_range(whole, parts)
        broken = [tie for tie in ties if tie.broken]
        for names in connected([tie.names for tie in broken]):
            group = frozenset.union(*names)
            yield from _judged(claims, [tie for tie in broken if tie.names <= group], ties)


def _of_the_same(alike: Sequence[Spread]) -> Iterator[Tie]:
    same: dict[Hashable, list[Spread]] = defaultdict(list)
    for one in alike:
        same[one.claim.population if one.box is None else one.box].append(one)
    for claimed in same.values():
        for one, other in combinations(claimed, 2):
            yield from repeated(one, other)


def _of_parts(alike: Sequence[Spread], wholes: Iterable[tuple[Spread, tuple[Spread, ...]]]) -> Iterator[Tie]:
    for whole in alike:
        for part in _inside(whole, alike):
            yield from contained(whole, part)
    for whole, parts in wholes:
        if sum(part.n for part in parts) == whole.n:
            yield from attained(whole, parts)
            yield from pooled_mean(whole, parts)
        yield from pooled_median(whole, parts)


def _inside(whole: Spread, alike: Sequence[Spread]) -> list[Spread]:
    """Claims of subgroups."""
    boxes = [(one, one.box) for one in alike if one.box is not None and one.box != whole.box]
    return [one for one, box in boxes if whole.box is not None and not box & ~whole.box]


def _parts(whole: Spread, alike: Sequence[Spread], boxes: Boxes) -> Iterator[tuple[Spread, ...]]:
    """Sets of subgroups that share no patient, none of which another could join; one claim of each subgroup."""
    first = {one.box: one for one in reversed(_inside(whole, alike)) if one.box is not None}
    known = sorted(first)[:MOST_SUBGROUPS]
    free = {one: {other for other in known if boxes.close(one & other) == NOBODY} for one in known}
    sets = _largest(free, set(known), set(), ())
    for _, chosen in zip(range(MOST_SETS), sets, strict=False):
        yield tuple(first[box] for box in chosen)


def _largest(
    free: dict[int, set[int]], may: set[int], seen: set[int], chosen: tuple[int, ...]
) -> Iterator[tuple[int, ...]]:
    """Cliques that no other vertex can join, by the search of Bron and Kerbosch."""
    if not may and not seen and chosen:
        yield chosen
    for box in sorted(may):
        yield from _largest(free, may & free[box], seen & free[box], (*chosen, box))
        may, seen = may - {box}, seen | {box}


def _agreeing(kept: Iterable[Tie]) -> Iterator[Finding]:
    for tie in kept:
        others = tuple(part.claim.id for part in tie.parts)
        if tie.what == MEAN and not tie.repeated:
            yield Finding(tie.whole.claim.id, Verdict.MATCH, None, "mean of its subgroups, weighted", others=others)
        elif tie.repeated:
            first, again = tie.whole.claim, tie.parts[0].claim
            if type(first.value) is type(again.value):
                # Left to `repetitions`.
                continue
            text = f"printed again: {printed(first.value)} ({first.place})"
            yield Finding(again.id, Verdict.MATCH, printed(again.value), text, others=(first.id,))


def _judged(claims: Claims, broken: Sequence[Tie], ties: Sequence[Tie]) -> Iterator[Finding]:
    """Findings about claims that contradict each other, in one way or more."""
    said_of = {(name, tie.what) for tie in broken for name in tie.names}
    support: dict[str, set[str]] = defaultdict(set)
    for tie in ties:
        for name in tie.names:
            if not tie.broken and (name, tie.what) in said_of:
                support[name] |= tie.names - {name}
    names = [tie.names for tie in broken]
    covers = smallest_covers(names, {name: 1 + len(support[name]) for group in names for name in group})
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
        yield Finding(name, Verdict.MISMATCH, None, f"{own[0].what}s held together", note=note, others=others)
