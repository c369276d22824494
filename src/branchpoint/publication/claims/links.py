"""What only the whole file can show: claims that name other claims, and populations that lie in each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.publication.claims.conditions import VariableKind
from branchpoint.publication.claims.values import Count, Percentage, Sum

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from branchpoint.publication.claims.claims import Claim, Population
    from branchpoint.publication.claims.conditions import Condition, Variable
    from branchpoint.publication.claims.entry import Entry

__all__ = ["check_links", "check_sizes"]


def check_links(claims: Mapping[str, Claim], broken: Collection[str], places: Mapping[str, Entry]) -> list[str]:
    """Refuse a claim that names a claim which is not there, or itself; claims may stand in any order.

    Parameters
    ----------
    claims : mapping of str to Claim
        Those that could be read.
    broken : collection of str
        Ids of those that could not.
    places : mapping of str to Entry
        Where each stands.

    Returns
    -------
    list of str
        The problems.
    """
    for claim in claims.values():
        entry = places[claim.id]
        for name, other in _named(claim):
            if other == claim.id or (other not in claims and other not in broken):
                entry.refuse(name, f"the id of another claim of this file; {other!r:.80} is none")
            elif name != "same_as" and other in claims and not isinstance(claims[other].value, Count | Percentage):
                entry.refuse(name, f"claims that are counts; {other!r} is none")
    for claim_id in _circular(claims):
        places[claim_id].refuse("same_as", "a claim that does not lead back to this one")
    return [problem for claim_id in claims for problem in places[claim_id].problems]


def check_sizes(
    populations: Mapping[str, Population], variables: Mapping[str, Variable], places: Mapping[str, Entry]
) -> list[str]:
    """Refuse a population that is larger than one it lies in, or of another size than the same one under another name.

    Parameters
    ----------
    populations : mapping of str to Population
    variables : mapping of str to Variable
    places : mapping of str to Entry
        Where each population stands.

    Returns
    -------
    list of str
        The problems.
    """
    masks = _Masks(variables)
    distinct: dict[int, Population] = {}
    for population in populations.values():
        if population.where is None:
            continue
        same = distinct.setdefault(masks.of(population.where), population)
        if same.size != population.size:
            expected = f"{same.size}, the size of {same.id!r}, which has the same condition"
            places[population.id].refuse("size", expected)
    for mask, inner in distinct.items():
        around = [outer for other, outer in distinct.items() if not mask & ~other and outer.size < inner.size]
        if around:
            least = min(around, key=lambda outer: outer.size)
            places[inner.id].refuse("size", f"at most {least.size}, the size of {least.id!r}, in which it lies")
    return [problem for population_id in populations for problem in places[population_id].problems]


def _named(claim: Claim) -> Iterator[tuple[str, str]]:
    if claim.same_as is not None:
        yield "same_as", claim.same_as
    if isinstance(claim.value, Sum):
        yield "whole", claim.value.whole
        yield from (("parts", part) for part in claim.value.parts)


def _circular(claims: Mapping[str, Claim]) -> Iterator[str]:
    """One claim of each circle of repetitions."""
    done: set[str] = set()
    for start in claims:
        path: list[str] = []
        at: str | None = start
        while at is not None and at in claims and at not in done:
            done.add(at)
            path.append(at)
            at = claims[at].same_as
        if at in path and at != path[-1]:
            yield path[-1]


class _Masks:
    """Conditions as bits, one for each level of each category: to lie within is then to have no bit beyond."""

    def __init__(self, variables: Mapping[str, Variable]) -> None:
        self.bits: dict[str, dict[str, int]] = {}
        number = 0
        for variable in variables.values():
            if variable.kind is VariableKind.CATEGORY:
                self.bits[variable.id] = {level: 1 << (number + i) for i, level in enumerate(variable.levels)}
                number += len(variable.levels)

    def of(self, condition: Condition) -> int:
        """The bits of all levels that a condition allows."""
        return sum(
            bit
            for name, bits in self.bits.items()
            for level, bit in bits.items()
            if level in condition.levels.get(name, bits)
        )
