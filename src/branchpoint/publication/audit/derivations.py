"""Derivations: every way in which the printed counts give the count of some patients.

A derivation is a sum of printed counts, each added or taken away once. Two derivations for the same patients are held
against each other: their difference is a relation that the printed counts have to fulfill.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from branchpoint.publication.audit.additions import Addition

__all__ = ["Derivation", "derive"]

MOST_TERMS = 8
"""A sum of more printed counts than this is followed only where each of them is printed: it would blame nobody."""
MOST_DERIVED = 6
"""So many derivations are kept for the same patients, the shortest."""
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Derivation:
    """A sum of printed counts.

    Attributes
    ----------
    value : int
        What it comes to.
    terms : mapping of str to int
        1 for each printed count (by its name) that is added, -1 for each that is taken away.
    names : frozenset of str
        The printed counts in it.
    """

    value: int
    terms: Mapping[str, int]
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(self.terms))


def derive(printed: Mapping[int, Sequence[Derivation]], sums: Iterable[Addition]) -> dict[int, list[Derivation]]:
    """All derivations of the counts of all boxes, printed ones first, then the shortest.

    Parameters
    ----------
    printed : mapping of int to sequence of Derivation
        What is printed of each box.
    sums : iterable of Addition
    """
    found: dict[int, list[Derivation]] = defaultdict(list)
    for box, own in printed.items():
        found[box].extend(own)
    left = set(sums)
    touching: dict[int, set[Addition]] = defaultdict(set)
    for addition in left:
        for box in (addition.whole, *addition.parts):
            touching[box].add(addition)
    for _ in range(ROUNDS):
        news = [(box, new) for addition in sorted(left, key=_order) for box, new in _solved(addition, found)]
        changed = {box for box, new in news if _keep(found[box], new, len(printed.get(box, ())))}
        left = set().union(*(touching[box] for box in changed))
    return dict(found)


def _order(addition: Addition) -> tuple[int, tuple[int, ...]]:
    return addition.whole, addition.parts


def _solved(addition: Addition, found: Mapping[int, Sequence[Derivation]]) -> Iterator[tuple[int, Derivation]]:
    """Each box of a sum from the others, once from the best of each and once for every alternative to one of them."""
    boxes = (addition.whole, *addition.parts)
    ways = [found.get(box, ()) for box in boxes]
    missing = [place for place, way in enumerate(ways) if not way]
    if len(missing) > 1:
        return
    for target in missing or range(len(boxes)):
        others = [place for place in range(len(boxes)) if place != target]
        best = {place: ways[place][0] for place in others}
        choices = [best]
        choices += [{**best, place: other} for place in others for other in ways[place][1:]]
        for chosen in choices:
            new = _sum([(chosen[place], 1 if 0 in (target, place) else -1) for place in others])
            if new is not None:
                yield boxes[target], new


def _sum(parts: Sequence[tuple[Derivation, int]]) -> Derivation | None:
    value = 0
    terms: dict[str, int] = defaultdict(int)
    for part, sign in parts:
        value += sign * part.value
        for name, times in part.terms.items():
            terms[name] += sign * times
    left = {name: times for name, times in terms.items() if times}
    if len(left) > max(MOST_TERMS, len(parts)) or any(abs(times) > 1 for times in left.values()):
        return None
    return Derivation(value, left)


def _keep(kept: list[Derivation], new: Derivation, printed: int) -> bool:
    """Add a derivation, unless one of its own counts alone gives as much; say whether it was added."""
    if any(old.names <= new.names for old in kept):
        return False
    derived = [old for old in kept[printed:] if not new.names < old.names]
    kept[printed:] = sorted([*derived, new], key=lambda old: len(old.terms))[:MOST_DERIVED]
    return any(old is new for old in kept[printed:])
