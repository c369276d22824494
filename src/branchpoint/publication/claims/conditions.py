"""Conditions: which patients a claim speaks of, in the study's own variables.

A condition lets each variable that it names take some of its levels. Two claims that differ in one variable alone, with
levels that do not overlap, speak of disjoint patients: sums, complements, subsets and repetitions follow from the
conditions, and nobody has to list them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["EVERYBODY", "NO", "YES", "Condition", "Rule", "Variable", "VariableKind"]

YES, NO = "yes", "no"


class VariableKind(StrEnum):
    """What a variable holds of a patient."""

    CATEGORY = "category"
    NUMBER = "number"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Condition:
    """Patients whose variables have one of the levels named; a variable that is not named may have any.

    Parameters
    ----------
    levels : mapping of str to frozenset of str
        Allowed levels by variable. Empty for everybody.
    """

    levels: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    def __hash__(self) -> int:
        return hash(frozenset(self.levels.items()))

    def __iter__(self) -> Iterator[str]:
        return iter(self.levels)

    def __and__(self, other: Condition) -> Condition:
        """Both conditions at once; a variable without a level left says that nobody fulfills them."""
        joined = dict(self.levels)
        for name, levels in other.levels.items():
            joined[name] = joined[name] & levels if name in joined else levels
        return Condition(MappingProxyType(joined))

    @property
    def empty(self) -> bool:
        """Whether nobody can fulfill it."""
        return not all(self.levels.values())

    def within(self, other: Condition) -> bool:
        """Whether whoever fulfills this condition fulfills the other."""
        return self.empty or all(
            name in self.levels and self.levels[name] <= levels for name, levels in other.levels.items()
        )

    def holds(self, patient: Mapping[str, str]) -> bool:
        """Whether a patient, given by the level of every variable that is known of him, fulfills it."""
        return all(patient.get(name) in levels for name, levels in self.levels.items())

    def __str__(self) -> str:
        parts = (f"{name} {' or '.join(sorted(levels))}" for name, levels in sorted(self.levels.items()))
        return ", ".join(parts) or "everybody"


EVERYBODY = Condition()


@dataclass(frozen=True, slots=True)
class Variable:
    """Something that every patient of the study has.

    Attributes
    ----------
    id, label : str
    kind : VariableKind
        A category; a number, with median or mean printed; or a time to an event.
    levels : tuple of str
        Of a category, ``("yes", "no")`` where the file gives none; else empty.
    unit : str or None
        UCUM unit of a number or a time.
    decimals : int or None
        Of a number or time as it was recorded: 0 for whole days. None where it is not known.
    least, most : float or None
        Limits that every value keeps, where they are known.
    event : Condition or None
        Of a time: who had the event; all others are censored at their time.
    after : str or None
        Of a time or number: the variable from whose time it is counted.
    within_study : bool
        Whether it passed between first enrollment and data cutoff.
    """

    id: str
    label: str
    kind: VariableKind = VariableKind.CATEGORY
    levels: tuple[str, ...] = ()
    unit: str | None = None
    decimals: int | None = None
    least: float | None = None
    most: float | None = None
    event: Condition | None = None
    after: str | None = None
    within_study: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Something the report says of every patient: whoever fulfills ``given`` fulfills ``then``."""

    id: str
    place: str
    given: Condition
    then: Condition
