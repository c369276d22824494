"""Contradictions: which printed numbers no patients can have together, and the fewest to go without.

Numbers of patients, numbers measured in them and survival estimates are looked at one after the other: by the joint
table (`count_contradictions`), by order statistics of each variable (`number_contradictions`), and by risk sets
(`survival_contradictions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from branchpoint.publication.claims import Claims

__all__ = ["Contradiction", "Contradictions", "Said", "contradictions"]


class Said(Protocol):
    """Something that a report says: a field of a claim, the size of a population, or a rule."""

    @property
    def claim(self) -> str:
        """The id of the claim, population or rule."""

    @property
    def field(self) -> str:
        """Which of its fields."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Statements that no cohort fulfills together, while it can fulfill any of them but one.

    Attributes
    ----------
    statements : tuple of Said
        In the order of the file. Of statements that say the same, the first.
    size : int
        Number of patients of the cohort.
    """

    statements: tuple[Said, ...]
    size: int

    def __str__(self) -> str:
        said = [f"'{statement}'" for statement in self.statements]
        if len(said) == 1:
            return f"No cohort of {self.size} can have {said[0]}."
        if len(said) == 2:
            return f"No cohort of {self.size} can have both {said[0]} and {said[1]}."
        return f"No cohort of {self.size} can have all of {', '.join(said[:-1])} and {said[-1]}."


@dataclass(frozen=True, slots=True)
class Contradictions:
    """What a report says that cannot be true together.

    Attributes
    ----------
    sets : tuple of Contradiction
        Smallest contradictory sets, the smallest first.
    dropped : tuple of Said
        The statements of least weight without which all others can be true together.
    complete : bool
        Whether these are all the smallest contradictory sets.
    proven : bool
        Whether ``dropped`` is proven to weigh least.
    """

    sets: tuple[Contradiction, ...] = ()
    dropped: tuple[Said, ...] = ()
    complete: bool = True
    proven: bool = True

    def __bool__(self) -> bool:
        return bool(self.dropped)

    def __str__(self) -> str:
        if not self:
            return "All statements can be true together."
        more = "" if self.complete else "\nThere may be more contradictory sets."
        left = "; ".join(f"'{statement}'" for statement in self.dropped)
        return "\n".join(str(found) for found in self.sets) + f"{more}\nThe rest can be true together without {left}."

    @property
    def fields(self) -> frozenset[tuple[str, str]]:
        """Claim and field of what is dropped."""
        return frozenset((statement.claim, statement.field) for statement in self.dropped)


def contradictions(claims: Claims, *, limit: int = 5) -> Contradictions:
    """Find what a report says that cannot be true together, whatever its file sets aside.

    Parameters
    ----------
    claims : Claims
    limit : int
        Most contradictory sets to list of one thing that is contradicted.

    Returns
    -------
    Contradictions
        What the file sets aside is dropped first.

    Raises
    ------
    TableTooLargeError
        Conditions link too many variables.
    InfeasibleError
        The solver's effort was spent.
    """
    from branchpoint.publication.reconstruction.conflicts.count_contradictions import count_contradictions
    from branchpoint.publication.reconstruction.conflicts.number_contradictions import number_contradictions
    from branchpoint.publication.reconstruction.conflicts.survival_contradictions import survival_contradictions
    from branchpoint.publication.reconstruction.counts.joint_table import joint_model
    from branchpoint.publication.reconstruction.counts.milestones import curve_statements, with_milestones
    from branchpoint.publication.reconstruction.counts.missing_values import with_missing_values

    curves = survival_contradictions(claims, limit=limit)
    whole = with_milestones(with_missing_values(claims))
    known = [s for s in curve_statements(whole, judged=False) if (s.claim, s.field) not in curves.fields]
    found = (
        count_contradictions(joint_model(whole, extra=known), limit=limit),
        number_contradictions(claims, limit=limit),
        curves,
    )
    sets = sorted((one for part in found for one in part.sets), key=lambda one: len(one.statements))
    return Contradictions(
        sets=tuple(sets),
        dropped=tuple(one for part in found for one in part.dropped),
        complete=all(part.complete for part in found),
        proven=all(part.proven for part in found),
    )
