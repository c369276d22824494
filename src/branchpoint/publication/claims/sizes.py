"""Sizes: populations that lie in each other, and disjoint ones that lie together in another, leave each other room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.publication.claims.conditions import VariableKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from branchpoint.publication.claims.claims import Population
    from branchpoint.publication.claims.conditions import Condition, Variable
    from branchpoint.publication.claims.entry import Entry

__all__ = ["check_sizes"]


def check_sizes(
    populations: Mapping[str, Population], variables: Mapping[str, Variable], places: Mapping[str, Entry]
) -> list[str]:
    """Refuse a population that is larger than one it lies in, smaller than its parts, or of two sizes.

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
    sound = {mask: population for mask, population in distinct.items() if not places[population.id].problems}
    for whole, variable, parts in _crowded(sound, masks):
        added = " and ".join(f"{part.id!r} ({part.size})" for part in parts)
        expected = f"at least {sum(part.size for part in parts)}: {added} lie in it, and share no {variable!r}"
        places[whole.id].refuse("size", expected)
    return [problem for population_id in populations for problem in places[population_id].problems]


def _crowded(
    distinct: Mapping[int, Population], masks: _Masks
) -> Iterator[tuple[Population, str, tuple[Population, ...]]]:
    """Populations that have no room for disjoint ones within them: the smallest for the same parts.

    Parts that share no level of one variable are disjoint, whatever else they are. Larger ones are taken first: they
    hold whatever smaller ones they are made of.
    """
    larger_first = sorted(distinct.items(), key=lambda item: -item[1].size)
    naming = {
        variable: [(mask, one) for mask, one in larger_first if one.where is not None and variable in one.where]
        for variable in masks.levels
    }
    told: set[tuple[str, ...]] = set()
    for mask, whole in reversed(larger_first):
        for variable, levels in masks.levels.items():
            parts: list[Population] = []
            taken = 0
            for other, part in naming[variable]:
                if other != mask and not other & ~mask and not other & levels & taken:
                    parts.append(part)
                    taken |= other & levels
            names = tuple(part.id for part in parts)
            if sum(part.size for part in parts) > whole.size and names not in told:
                told.add(names)
                yield whole, variable, tuple(parts)


class _Masks:
    """Conditions as bits, one for each level of each category: to lie within is then to have no bit beyond.

    ``levels`` has the bits of all levels of each variable.
    """

    def __init__(self, variables: Mapping[str, Variable]) -> None:
        self.bits: dict[str, dict[str, int]] = {}
        number = 0
        for variable in variables.values():
            if variable.kind is VariableKind.CATEGORY:
                self.bits[variable.id] = {level: 1 << (number + i) for i, level in enumerate(variable.levels)}
                number += len(variable.levels)
        self.levels = {name: sum(bits.values()) for name, bits in self.bits.items()}

    def of(self, condition: Condition) -> int:
        """The bits of all levels that a condition allows."""
        return sum(
            bit
            for name, bits in self.bits.items()
            for level, bit in bits.items()
            if level in condition.levels.get(name, bits)
        )
