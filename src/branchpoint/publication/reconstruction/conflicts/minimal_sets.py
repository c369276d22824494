"""Minimal sets: of things that cannot all hold, the smallest sets that contradict each other and the least to drop.

A *contradictory* set cannot hold together; a *correction* is what has to go so that the rest can. Each correction has
one thing from each contradictory set. So the lightest choice of one from each set known so far is either a correction,
and then nothing lighter is, or it shows one more contradictory set [1]_; and the smallest choice of one from each
correction is either contradictory, and then nothing smaller is, or it shows one more correction [2]_.

References
----------
.. [1] Reiter R. A theory of diagnosis from first principles. Artif Intell 1987;32:57.
.. [2] Liffiton MH, Previti A, Malik A, Marques-Silva J. Fast, flexible MUS enumeration. Constraints 2016;21:223.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from branchpoint.publication.solver import InfeasibleError, new_model, solve

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Sequence

__all__ = ["Chooser", "Minimal", "minimal_sets"]

ROUNDS = 60
"""Corrections looked for before a list of contradictory sets is called incomplete."""
T = TypeVar("T", bound="Hashable")


class Chooser(Generic[T]):
    """Chooses the lightest set that has something from each of some sets and does not contain any of others.

    Parameters
    ----------
    items : sequence
    weights : sequence of int, optional
        1 each by default. Of equally light sets, the one with later items.
    """

    def __init__(self, items: Sequence[T], weights: Sequence[int] = ()) -> None:
        self.model = new_model()
        self.chosen = {item: self.model.new_bool_var("") for item in items}
        size = len(items)
        ties = size * (size + 1) // 2 + 1
        prices = (weight * ties + size - place for place, weight in enumerate(weights or [1] * size))
        self.model.minimize(sum(price * own for price, own in zip(prices, self.chosen.values(), strict=True)))

    def best(self) -> tuple[T, ...] | None:
        """The set, in the order of the items; None where there is none."""
        try:
            solver: Any = solve(self.model, "the smallest sets of claims that contradict each other", effort=30.0)
        except InfeasibleError as error:
            if error.status != "INFEASIBLE":
                raise
            return None
        return tuple(item for item, own in self.chosen.items() if solver.boolean_value(own))

    def hit(self, members: Collection[T]) -> None:
        """Have one of some items from now on."""
        self.model.add_bool_or([self.chosen[item] for item in members])

    def avoid(self, members: Collection[T]) -> None:
        """Leave out one of some items from now on."""
        self.model.add_bool_or([~self.chosen[item] for item in members])


@dataclass(frozen=True, slots=True)
class Minimal(Generic[T]):
    """Smallest contradictory sets, smallest first; the lightest correction; whether the sets are all there are."""

    sets: tuple[tuple[T, ...], ...] = ()
    dropped: tuple[T, ...] = ()
    complete: bool = True


def minimal_sets(
    items: Sequence[T], weights: Sequence[int], possible: Callable[[tuple[T, ...]], bool], *, limit: int = 5
) -> Minimal[T]:
    """Find what cannot hold together, and the least to drop, by questions alone.

    Parameters
    ----------
    items : sequence
    weights : sequence of int
        What it costs to drop each.
    possible : callable
        Whether some of the items can hold together; if so, any part of them can.
    limit : int
        Most contradictory sets to list.
    """
    asked: dict[frozenset[T], bool] = {}

    def holds(some: Collection[T]) -> bool:
        key = frozenset(some)
        if key not in asked:
            asked[key] = possible(tuple(item for item in items if item in key))
        return asked[key]

    if holds(items):
        return Minimal()
    corrections = Chooser(items, weights)
    while not holds(_without(items, dropped := corrections.best() or ())):
        corrections.hit(_shrunk(_without(items, dropped), holds))
    chooser, found = Chooser(items), list[tuple[T, ...]]()
    for _ in range(ROUNDS):
        members = chooser.best()
        if members is None:
            return Minimal(tuple(found), dropped)
        if len(found) == limit:
            return Minimal(tuple(found), dropped, complete=False)
        if holds(members):
            chooser.hit(_without(items, _grown(items, members, holds)))
        else:
            found.append(members)
            chooser.avoid(members)
    return Minimal(tuple(found), dropped, complete=False)


def _without(items: Sequence[T], some: Collection[T]) -> tuple[T, ...]:
    return tuple(item for item in items if item not in some)


def _shrunk(items: Sequence[T], holds: Callable[[Collection[T]], bool]) -> tuple[T, ...]:
    """A contradictory set of which every part can hold."""
    members = tuple(items)
    for item in reversed(items):
        rest = _without(members, (item,))
        if not holds(rest):
            members = rest
    return members


def _grown(items: Sequence[T], members: Sequence[T], holds: Callable[[Collection[T]], bool]) -> tuple[T, ...]:
    """Items that can hold with some that can, as many as can be added; halves are tried at once, then their halves."""
    kept, waiting = tuple(members), [_without(items, members)]
    while waiting:
        some = waiting.pop()
        if holds((*kept, *some)):
            kept = (*kept, *some)
        elif len(some) > 1:
            half = len(some) // 2
            waiting += [some[half:], some[:half]]
    return kept
