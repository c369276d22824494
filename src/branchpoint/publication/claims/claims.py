"""Claims: the numbers a trial report prints, each with its place, and what contradicts it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from branchpoint.publication.claims.conditions import Condition, Rule, Variable
    from branchpoint.publication.claims.values import ClaimValue

__all__ = ["Claim", "Claims", "ClaimsError", "Methods", "Population", "Role", "Study"]


class ClaimsError(Refused, ValueError):
    """A claims file that cannot be used, with everything that is wrong with it.

    Parameters
    ----------
    path : Path
        The file.
    problems : tuple of str
        One sentence each: claim, line, field, what was found, what was expected.
    """

    def __init__(self, path: Path, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))
        self.path = path
        self.problems = problems


class Role(StrEnum):
    """What a number is to the conclusions of its report, weightiest first."""

    PRIMARY = "primary endpoint"
    KEY_SECONDARY = "key secondary endpoint"
    SECONDARY = "secondary endpoint"
    SAFETY = "safety"
    EXPLORATORY = "exploratory"
    BASELINE = "baseline"
    DESIGN = "design"


@dataclass(frozen=True, slots=True)
class Claim:
    """One published number.

    Attributes
    ----------
    id : str
        Stable name, dot case.
    place : str
        Where the report says it.
    quantity, population : str
        What is counted or measured, in words, and in whom (the id of a `Population`).
    value : ClaimValue
        The number, by its kind.
    unit : str or None
        UCUM unit of the quantity; None where it has none.
    event : Condition or None
        Who is counted, in the study's variables; None where it is not expressed in them.
    variable : str or None
        The variable that is summarized or compared; None for a count.
    same_as : str or None
        The claim that this one repeats.
    method : str or None
        The method that the report states for this very number.
    role : Role
        What the number is to the conclusions.
    used : bool
        Whether a reconstructed cohort follows the claim.
    set_aside : frozenset of str
        Fields of the value that it does not follow although it follows the rest.
    conflict : str or None
        What contradicts the claim.
    verbatim : bool
        Whether the report really prints a number that none of its kind can be, such as 54 of 52 patients.
    line : int or None
        Line of the file where the claim begins.
    """

    id: str
    place: str
    quantity: str
    population: str
    value: ClaimValue
    unit: str | None = None
    event: Condition | None = None
    variable: str | None = None
    same_as: str | None = None
    method: str | None = None
    role: Role = Role.EXPLORATORY
    used: bool = True
    set_aside: frozenset[str] = frozenset()
    conflict: str | None = None
    verbatim: bool = False
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """A group of patients that claims speak of, and its size.

    ``where`` says who belongs to it, in the study's variables. None: its patients are not (all) those of the study, or
    it cannot be said in the variables.
    """

    id: str
    label: str
    size: int
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Methods:
    """What the report says of its methods, for numbers that name none of their own.

    Attributes
    ----------
    categorical, continuous, survival : tuple of str
        Tests named for such variables.
    sides : int or None
        Whether its tests are 2- or 1-sided.
    """

    categorical: tuple[str, ...] = ()
    continuous: tuple[str, ...] = ()
    survival: tuple[str, ...] = ()
    sides: int | None = None


@dataclass(frozen=True, slots=True)
class Study:
    """The report. ``start`` and ``end`` are the claims (dates) between which patients were seen.

    ``follow_up`` is the variable, a time from entry, at whose end each patient was last seen.
    """

    registry: str
    citation: str
    protocol: str | None = None
    start: str | None = None
    end: str | None = None
    follow_up: str | None = None
    methods: Methods = Methods()


@dataclass(frozen=True, slots=True)
class Claims:
    """All claims of one report, with the populations, variables and rules that they are said in."""

    path: Path
    study: Study
    populations: Mapping[str, Population]
    claims: Mapping[str, Claim]
    variables: Mapping[str, Variable] = field(default_factory=lambda: MappingProxyType({}))
    rules: tuple[Rule, ...] = ()

    @property
    def registry(self) -> str:
        """The registry number of the study."""
        return self.study.registry

    @property
    def citation(self) -> str:
        """The report, as it is cited."""
        return self.study.citation

    @property
    def protocol(self) -> str | None:
        """The registered protocol that the study followed, where the file names one."""
        return self.study.protocol

    def where(self, claim: Claim) -> Condition | None:
        """The claim's population as a condition; None where it is not expressed in variables."""
        return self.populations[claim.population].where

    def condition(self, claim: Claim) -> Condition | None:
        """Who is counted in a claim: of its population, with its event."""
        where = self.where(claim)
        return None if where is None or claim.event is None else where & claim.event
