"""Blame: which printed count is wrong where several cannot all be right.

The smallest set of counts is looked for without which every relation is fulfilled, where a count that is supported by
other relations, by the percentage beside it or by its repetitions weighs more than a lone one. Where several sets are
equally small, one of them holds the error, and nobody can say which.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from branchpoint.publication.audit.printed_counts import PrintedCount
    from branchpoint.publication.audit.relations import Relation

__all__ = ["Blame", "blame", "connected", "smallest_covers"]

MOST_SUPPORT = 16
"""Weight from which further support adds none."""
MOST_STEPS = 20_000
"""Sets looked at before the search settles for the best that it has found."""


@dataclass(frozen=True, slots=True)
class Blame:
    """Who is to blame.

    Attributes
    ----------
    ties : mapping of str to frozenset of str
        For each suspect, by name, all suspects of which one is wrong: itself alone where there is no doubt.
    """

    ties: Mapping[str, frozenset[str]]

    @property
    def suspects(self) -> frozenset[str]:
        """All printed counts that are, or may be, wrong."""
        return frozenset(self.ties)


def blame(relations: Sequence[Relation], printed: Mapping[str, PrintedCount]) -> Blame:
    """Find the printed counts that break relations.

    Parameters
    ----------
    relations : sequence of Relation
    printed : mapping of str to PrintedCount
        By name.

    Returns
    -------
    Blame
    """
    broken = [relation.names for relation in relations if not relation.holds]
    if not broken:
        return Blame({})
    weights = _weights(relations, printed)
    ties: dict[str, frozenset[str]] = {}
    for group in connected(broken):
        best = smallest_covers(group, weights)
        sure = frozenset.intersection(*best)
        doubtful = frozenset.union(*best) - sure
        ties.update({name: frozenset({name}) for name in sure})
        ties.update({name: _doubt(name, doubtful, group) for name in doubtful})
    return Blame(ties)


def _doubt(name: str, doubtful: frozenset[str], group: Iterable[frozenset[str]]) -> frozenset[str]:
    """The suspects with which a suspect shares a broken relation."""
    return frozenset.union(*(names & doubtful for names in group if name in names))


def _weights(relations: Sequence[Relation], printed: Mapping[str, PrintedCount]) -> dict[str, int]:
    """2 for each count, 2 more for its percentage and for each relation that supports it on its own.

    One less where its own percentage contradicts it.
    """
    support: dict[str, set[str]] = defaultdict(set)
    weights = {name: 2 + 2 * count.firm - count.odd for name, count in printed.items()}
    for relation in relations:
        if relation.holds and relation.equal:
            for name in relation.names:
                others = relation.names - {name}
                if not others & support[name] and weights[name] <= MOST_SUPPORT:
                    support[name] |= others
                    weights[name] += 2
    return weights


def connected(broken: Sequence[frozenset[str]]) -> list[list[frozenset[str]]]:
    """Sets, grouped so that groups share nothing."""
    groups: list[list[frozenset[str]]] = []
    for names in broken:
        touching = [group for group in groups if any(names & other for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([names, *(other for group in touching for other in group)])
    return groups


def smallest_covers(broken: Sequence[frozenset[str]], weights: Mapping[str, int]) -> list[frozenset[str]]:
    """All sets of least weight that have a count in every relation, by branching on the shortest one left."""
    ordered = sorted(broken, key=len)
    bound = sum(weights[name] for name in _greedy(ordered, weights))
    best: list[frozenset[str]] = [_greedy(ordered, weights)]
    stack: list[tuple[frozenset[str], frozenset[str]]] = [(frozenset(), frozenset())]
    for _ in range(MOST_STEPS):
        if not stack:
            break
        chosen, spared = stack.pop()
        weight = sum(weights[name] for name in chosen)
        left = next((names for names in ordered if not names & chosen), None)
        if weight > bound:
            continue
        if left is None:
            best = [chosen] if weight < bound else [*best, chosen]
            bound = weight
            continue
        for name in sorted(left - spared):
            stack.append((chosen | {name}, spared))
            spared |= {name}
    return list(dict.fromkeys(best))


def _greedy(broken: Sequence[frozenset[str]], weights: Mapping[str, int]) -> frozenset[str]:
    chosen: frozenset[str] = frozenset()
    while left := [names for names in broken if not names & chosen]:
        hits: dict[str, int] = defaultdict(int)
        for names in left:
            for name in names:
                hits[name] += 1
        chosen |= {max(sorted(hits), key=lambda name: hits[name] / weights[name])}
    return chosen
