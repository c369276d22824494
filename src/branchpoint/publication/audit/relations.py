"""Relations: what the printed counts of a report have to fulfill together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from math import comb
from typing import TYPE_CHECKING

from branchpoint.publication.audit.boxes import NOBODY
from branchpoint.publication.audit.derivations import MOST_TERMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from branchpoint.publication.audit.derivations import Derivation
    from branchpoint.publication.audit.printed_counts import PrintedCount

__all__ = ["Relation", "relations"]

MOST_COMPARED = 4
"""The first ways to know a count are held against each other; any further one against the first alone."""
_MANY = 20_000


@dataclass(frozen=True, slots=True)
class Relation:
    """Printed counts whose sum, each with its sign, is 0; or at least 0 (``equal`` false).

    Attributes
    ----------
    terms : mapping of str to int
        The sign of each count, by name.
    off : int
        What the sum comes to.
    equal : bool
    """

    terms: Mapping[str, int]
    off: int
    equal: bool = True

    @property
    def names(self) -> frozenset[str]:
        """The printed counts in it."""
        return frozenset(self.terms)

    @property
    def holds(self) -> bool:
        """Whether it is fulfilled."""
        return self.off == 0 if self.equal else self.off >= 0


def relations(found: Mapping[int, Sequence[Derivation]], printed: Iterable[PrintedCount]) -> tuple[Relation, ...]:
    """The smallest relations among printed counts, shortest first.

    Two ways to know the same count must agree, no count is below 0, and no part is above its whole. A relation that
    contains a smaller one of its kind (fulfilled or not) says nothing new, and is left out.

    Parameters
    ----------
    found : mapping of int to sequence of Derivation
        All derivations of each box.
    printed : iterable of PrintedCount
    """
    kept: dict[tuple[bool, frozenset[str]], Relation] = {}
    every = [*_compared(found), *_contained(printed)]
    for relation in sorted(every, key=lambda relation: (len(relation.terms), not relation.equal)):
        if not any((relation.holds, part) in kept for part in _subsets(relation.names)):
            kept[relation.holds, relation.names] = relation
    return tuple(kept.values())


def _compared(found: Mapping[int, Sequence[Derivation]]) -> Iterator[Relation]:
    for ways in found.values():
        pairs = [*combinations(ways[:MOST_COMPARED], 2), *((ways[0], other) for other in ways[MOST_COMPARED:])]
        for one, other in pairs:
            if len(one.terms) == 1 or len(one.names | other.names) <= MOST_TERMS:
                yield _difference(one, other)
        yield from (Relation(way.terms, way.value, equal=False) for way in ways if way.value < 0)


def _contained(printed: Iterable[PrintedCount]) -> Iterator[Relation]:
    inside = [count for count in printed if count.box > NOBODY]
    for part, whole in product(inside, inside):
        if part.value > whole.value and part.box & ~whole.box == 0 and part.box != whole.box:
            yield Relation({whole.name: 1, part.name: -1}, whole.value - part.value, equal=False)


def _difference(one: Derivation, other: Derivation) -> Relation:
    terms = dict(one.terms)
    for name, times in other.terms.items():
        terms[name] = terms.get(name, 0) - times
    return Relation({name: times for name, times in terms.items() if times}, one.value - other.value)


def _subsets(names: frozenset[str]) -> Iterator[frozenset[str]]:
    ordered = sorted(names)
    # The longest sums are looked into less deeply.
    most = (
        len(ordered)
        if len(ordered) <= MOST_TERMS
        else max((k for k in range(1, 5) if comb(len(ordered), k) <= _MANY), default=1)
    )
    for size in range(1, most + 1):
        yield from (frozenset(some) for some in combinations(ordered, size))
