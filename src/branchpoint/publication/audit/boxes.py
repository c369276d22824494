"""Boxes: conditions as bit sets, closed under the rules of a report.

A box has one bit for each level of each category; a level whose bit is unset is ruled out. Whether one condition lies
within another, and what both have in common, are then single operations on whole numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.publication.claims.conditions import VariableKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.publication.claims import Claims, Condition

__all__ = ["NOBODY", "Boxes"]

NOBODY = 0
"""The box of a condition that no patient can fulfill."""


class Boxes:
    """The categories and the rules of a report, as bits.

    Parameters
    ----------
    claims : Claims
    """

    __slots__ = ("_bits", "_closed", "_rules", "everybody", "fields")

    def __init__(self, claims: Claims) -> None:
        self._bits: dict[tuple[str, str], int] = {}
        self.fields: dict[str, int] = {}
        """The bits of each category, by its name."""
        for variable in claims.variables.values():
            if variable.kind is VariableKind.CATEGORY:
                for level in variable.levels:
                    self._bits[variable.id, level] = 1 << len(self._bits)
                self.fields[variable.id] = sum(self._bits[variable.id, level] for level in variable.levels)
        self.everybody = sum(self.fields.values())
        self._rules = tuple(
            (self._box(rule.given), self._box(rule.then), self._named(rule.given), self._named(rule.then))
            for rule in claims.rules
        )
        self._closed: dict[int, int] = {}

    def _box(self, condition: Condition) -> int:
        box = self.everybody
        for name, levels in condition.levels.items():
            box &= ~self.fields[name] | sum(self._bits[name, level] for level in levels)
        return box

    def of(self, condition: Condition) -> int:
        """The box of a condition, closed: conditions that the rules make equal meet in one box."""
        return self.close(self._box(condition))

    def close(self, box: int) -> int:
        """Everything that follows for the patients of a box, by the rules and their converse.

        Conditions that are equal by rules in a roundabout way may keep different boxes: fewer relations are then found,
        never a wrong one.
        """
        if box not in self._closed:
            self._closed[box] = self._close(box)
        return self._closed[box]

    def _close(self, box: int) -> int:
        if not all(box & field for field in self.fields.values()):
            return NOBODY
        before = None
        while before != box:
            before = box
            for given, then, if_fields, then_fields in self._rules:
                if box & ~given == 0:
                    box &= then
                    changed = then_fields
                elif not all(box & then & field for field in then_fields):
                    # The patients of the box are none of those given: one variable must tell them apart.
                    cut = [field for field in if_fields if box & field & ~given]
                    changed = tuple(cut) if len(cut) == 1 else ()
                    box &= ~(given & changed[0]) if changed else box
                else:
                    continue
                if not all(box & field for field in changed):
                    return NOBODY
        return box

    def _named(self, condition: Condition) -> tuple[int, ...]:
        return tuple(self.fields[name] for name in condition.levels)

    def constrained(self, box: int) -> Iterator[str]:
        """The variables of which a box rules out a level."""
        return (name for name, field in self.fields.items() if box & field != field)
