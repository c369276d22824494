"""Cliques: which variables need a table together, and how the tables hang together.

Variables that occur in one condition are linked. Once the links are completed to a chordal graph, a joint table of
all variables exists exactly when tables of its maximal cliques exist that agree wherever two neighbors in a junction
tree overlap [1]_; 45 variables then need some dozen small tables and not one of 2 to the 45th cells.

References
----------
.. [1] Lauritzen SL. Graphical Models. Oxford University Press 1996, sections 2.1 and 3.4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Clique", "junction_forest"]


@dataclass(frozen=True, slots=True)
class Clique:
    """Variables of one table, and the table that it hangs on.

    Attributes
    ----------
    variables : tuple of str
    parent : int or None
        Place of its neighbor toward the root of the junction tree; None for a root. Parents come first.
    separator : tuple of str
        The variables that it shares with its parent, and so with everything beyond it.
    """

    variables: tuple[str, ...]
    parent: int | None
    separator: tuple[str, ...]


def junction_forest(sizes: Mapping[str, int], scopes: Iterable[frozenset[str]]) -> tuple[Clique, ...]:
    """Maximal cliques of a chordal graph in which every scope is complete, as a forest of junction trees.

    The graph is completed by eliminating, again and again, the variable that needs the fewest new links (min-fill);
    of these the one with the smallest table, then the first.

    Parameters
    ----------
    sizes : mapping of str to int
        Levels of each variable.
    scopes : iterable of frozenset of str
        Variables that must stand in one clique.
    """
    order = {name: place for place, name in enumerate(sizes)}
    links: dict[str, set[str]] = {name: set() for name in sizes}
    for scope in scopes:
        for one, other in combinations(scope, 2):
            links[one].add(other)
            links[other].add(one)
    found: list[frozenset[str]] = []
    while links:
        name = min(
            links, key=lambda v: (_missing(links, v), math.prod(sizes[u] for u in links[v]) * sizes[v], order[v])
        )
        clique = frozenset(links[name] | {name})
        if not any(clique <= other for other in found):
            found.append(clique)
        for one in links[name]:
            links[one] |= links[name] - {one}
            links[one].discard(name)
        del links[name]
    return _forest([tuple(sorted(clique, key=order.__getitem__)) for clique in found])


def _missing(links: Mapping[str, set[str]], name: str) -> int:
    return sum(other not in links[one] for one, other in combinations(links[name], 2))


def _forest(cliques: list[tuple[str, ...]]) -> tuple[Clique, ...]:
    """Hang each clique on the one it shares most with: a spanning tree of greatest overlap is a junction tree."""
    left, placed = list(range(1, len(cliques))), [Clique(cliques[0], None, ())] if cliques else []
    while left:
        shared, place, parent = max(
            (len(set(cliques[place]) & set(clique.variables)), -place, -parent)
            for place in left
            for parent, clique in enumerate(placed)
        )
        place, parent = -place, -parent
        left.remove(place)
        separator = tuple(name for name in cliques[place] if name in placed[parent].variables)
        placed.append(Clique(cliques[place], parent if shared else None, separator))
    return tuple(placed)
