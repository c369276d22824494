"""Additions: which counts add up to which, found from what they count.

Patients who differ in one variable alone, with levels that do not overlap, are disjoint: the count of a whole is the
sum of the counts of its parts. Nobody lists these sums; they follow from the conditions.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from branchpoint.publication.audit.boxes import NOBODY
from branchpoint.publication.claims.conditions import Condition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from branchpoint.publication.audit.boxes import Boxes

__all__ = ["Addition", "additions", "enclosing", "within_one"]

MOST_DROPPED = 4
"""Conditions on more variables than this are not taken apart into all the wholes that they are part of."""


@dataclass(frozen=True, slots=True)
class Addition:
    """The patients of a whole are those of its parts, which are disjoint."""

    whole: int
    parts: tuple[int, ...]


def enclosing(condition: Condition) -> Iterator[Condition]:
    """A condition and all that leave out some of its variables."""
    names = sorted(condition.levels)
    sizes = range(len(names) + 1) if len(names) <= MOST_DROPPED else (0, len(names) - 1, len(names))
    for size in sizes:
        for kept in combinations(names, size):
            yield Condition({name: condition.levels[name] for name in kept})


def additions(boxes: Boxes, nodes: Iterable[int]) -> Iterator[Addition]:
    """All sums among some boxes and what is left of a whole when the others are taken away.

    Parameters
    ----------
    boxes : Boxes
    nodes : iterable of int
        Boxes that are counted, and the wholes they are part of.
    """
    known = set(nodes) - {NOBODY}
    cuts: dict[tuple[str, int], list[int]] = defaultdict(list)
    for box in sorted(known):
        for name in boxes.constrained(box):
            cuts[name, box & boxes.fields[name]].append(box)
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    for whole in sorted(known):
        for (name, levels), inside in cuts.items():
            if whole & boxes.fields[name] == levels or not any(box & ~whole == 0 for box in inside):
                continue
            if boxes.close(whole & ~boxes.fields[name] | levels & whole) in known:
                found[whole, name].add(levels & whole)
    seen = set()
    for (whole, name), parts in found.items():
        for addition in within_one(boxes, whole, name, parts):
            if addition not in seen:
                seen.add(addition)
                yield addition


def within_one(boxes: Boxes, whole: int, name: str, parts: Iterable[int]) -> Iterator[Addition]:
    """The sums over the levels of one variable among the patients of a whole.

    Parameters
    ----------
    boxes : Boxes
    whole : int
    name : str
        The variable.
    parts : iterable of int
        The levels, as bits, of each part that is counted.
    """
    field = boxes.fields[name]
    wanted = [*sorted(parts), whole & field]
    pieces = [whole & field]
    for levels in wanted:
        pieces = [piece for old in pieces for piece in (old & levels, old & ~levels) if piece]
    node = {piece: boxes.close(whole & ~field | piece) for piece in pieces}
    for levels in wanted:
        inside = tuple(node[piece] for piece in pieces if piece & ~levels == 0 and node[piece] != NOBODY)
        box = boxes.close(whole & ~field | levels)
        if box != NOBODY and inside != (box,):
            yield Addition(box, inside)
