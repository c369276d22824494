"""Contradictions: which statements no cohort can fulfill together, and the least that has to be dropped.

A set of statements is *contradictory* when no joint table of whole patients fulfills all of it, and a *smallest* such
set when every part of it can be fulfilled. A *correction* is a set of statements without which the rest can be
fulfilled; it has one from every smallest contradictory set. So the smallest set that has one statement from each
correction known so far is either contradictory, and then nothing smaller is, or it can be fulfilled, and the statements
that a fulfilling cohort breaks are one more correction [1]_ [2]_. This finds the contradictory sets smallest first.

References
----------
.. [1] Liffiton MH, Previti A, Malik A, Marques-Silva J. Fast, flexible MUS enumeration. Constraints 2016;21:223.
.. [2] Ignatiev A, Previti A, Liffiton M, Marques-Silva J. Smallest MUS extraction with minimal hitting set
   dualization. CP 2015, LNCS 9255:173.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from branchpoint.publication.reconstruction.joint_table import Counts, components
from branchpoint.publication.solver import InfeasibleError, new_model, solve

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from branchpoint.publication.reconstruction.joint_table import Component, JointModel
    from branchpoint.publication.reconstruction.statements import Statement

__all__ = ["Contradiction", "Contradictions", "contradictions", "satisfiable"]

EFFORT = 30.0
"""CP-SAT's deterministic time for one question, which takes hundredths of it for a report of 250 claims."""
ROUNDS = 400
"""Corrections looked for in one component before its list of contradictory sets is called incomplete."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Statements that no cohort fulfills together, while it can fulfill any of them but one.

    Attributes
    ----------
    statements : tuple of Statement
        In the order of the file. Of statements that say the same, the first.
    size : int
        Number of patients of the cohort.
    """

    statements: tuple[Statement, ...]
    size: int

    def __str__(self) -> str:
        said = [f"'{statement}'" for statement in self.statements]
        if len(said) == 1:
            (only,) = self.statements
            why = ": no number of patients prints like it" if only.least > only.most else ""
            return f"No cohort of {self.size} can have {said[0]}{why}."
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
    dropped : tuple of Statement
        The statements of least weight without which all others can be true together.
    complete : bool
        Whether these are all the smallest contradictory sets, and ``dropped`` is proven to weigh least.
    """

    sets: tuple[Contradiction, ...]
    dropped: tuple[Statement, ...]
    complete: bool

    def __bool__(self) -> bool:
        return bool(self.dropped)

    def __str__(self) -> str:
        if not self:
            return "All statements can be true together."
        more = "" if self.complete else "\nThere may be more contradictory sets."
        left = "; ".join(f"'{statement}'" for statement in self.dropped)
        return "\n".join(str(found) for found in self.sets) + f"{more}\nThe rest can be true together without {left}."


def contradictions(model: JointModel, *, limit: int = 5) -> Contradictions:
    """Find the contradictory sets of statements, and the statements to drop.

    Parameters
    ----------
    model : JointModel
        From `branchpoint.publication.reconstruction.joint_table.joint_model`.
    limit : int
        Most contradictory sets to list of one component of linked variables.

    Returns
    -------
    Contradictions
        Empty when all statements can be true together.

    Raises
    ------
    TableTooLargeError
        Conditions link too many variables.
    InfeasibleError
        The solver's effort was spent (status UNKNOWN).

    Notes
    -----
    The size of the cohort is taken as given: were it in doubt, each way in which a table adds up to it would make one
    more contradictory set. Among corrections of equal weight, statements that come later in the file are dropped:
    rules, populations, then claims.
    """
    groups: dict[Any, list[Statement]] = {}
    for statement in model.statements:
        groups.setdefault(statement.content, []).append(statement)
    weights = {group[0]: sum(statement.weight for statement in group) for group in groups.values()}
    sets: list[tuple[Statement, ...]] = []
    dropped: list[Statement] = []
    complete = True
    for part in components(model.levels, list(weights), prune=False):
        if satisfiable(model.levels, part.statements, model.size):
            continue
        least, proven = _Corrections(part, model.size).lightest(weights)
        complete &= proven
        kept = [statement for statement in part.statements if statement not in least]
        for statement in least:
            found, all_found = _explained(model, statement, kept, limit)
            complete &= all_found
            sets += found
            dropped += groups[statement.content]
    place = {statement: i for i, statement in enumerate(model.statements)}
    sets.sort(key=lambda found: (len(found), [place[statement] for statement in found]))
    dropped.sort(key=place.__getitem__)
    return Contradictions(tuple(Contradiction(found, model.size) for found in sets), tuple(dropped), complete)


def satisfiable(levels: Mapping[str, Sequence[str]], statements: Sequence[Statement], size: int) -> bool:
    """Whether some cohort of a size fulfills all statements.

    Parameters
    ----------
    levels : mapping of str to sequence of str
        Levels of every category.
    statements : sequence of Statement
    size : int

    Raises
    ------
    TableTooLargeError
        Conditions link too many variables.
    InfeasibleError
        The solver's effort was spent (status UNKNOWN).
    """
    if any(statement.least > statement.most for statement in statements):
        return False
    return all(_satisfied(linked, size) for linked in components(levels, statements, prune=True))


def _satisfied(component: Component, size: int) -> bool:
    if any(statement.least > statement.most for statement in component.statements):
        return False
    counts = Counts(component, size)
    for statement in component.statements:
        counts.hold(statement)
    return _solved(counts.model, "whether the claims can be true together") is not None


def _solved(model: Any, what: str) -> Any | None:
    """The solver with its answer, or None when it is proven that there is none."""
    try:
        return solve(model, what, effort=EFFORT)
    except InfeasibleError as error:
        if error.status != "INFEASIBLE":
            raise
        return None


def _explained(
    model: JointModel, dropped: Statement, kept: Sequence[Statement], limit: int
) -> tuple[list[tuple[Statement, ...]], bool]:
    """The smallest sets in which a statement contradicts some that can be fulfilled; and whether these are all."""
    parts = components(model.levels, [*kept, dropped], prune=False)
    part = next(part for part in parts if dropped in part.statements)
    chooser = _Chooser(part.statements)
    chooser.hit([dropped])
    found: list[tuple[Statement, ...]] = []
    for _ in range(ROUNDS):
        members = chooser.smallest()
        if members is None:
            return found, True
        if len(found) == limit:
            return found, False
        if satisfiable(model.levels, members, model.size):
            chooser.hit(_Corrections(part, model.size, members).fewest())
        else:
            found.append(members)
            chooser.avoid(members)
    return found or [_shrunk(model, part.statements)], False


def _shrunk(model: JointModel, statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """One smallest contradictory set: statements are left out as long as the rest contradicts itself."""
    members = tuple(statements)
    for statement in statements:
        rest = tuple(s for s in members if s is not statement)
        if not satisfiable(model.levels, rest, model.size):
            members = rest
    return members


class _Corrections:
    """The sets of statements of one component without which the rest, the required among it, can be fulfilled."""

    def __init__(self, component: Component, size: int, required: Collection[Statement] = ()) -> None:
        counts = Counts(component, size)
        self.model = counts.model
        self.kept: dict[Statement, Any] = {}
        for statement in component.statements:
            if statement in required:
                counts.hold(statement)
            else:
                self.kept[statement] = self.model.new_bool_var("")
                counts.hold(statement, when=self.kept[statement])

    def fewest(self) -> tuple[Statement, ...]:
        """The fewest statements without which the rest can be fulfilled."""
        self.model.minimize(sum(~kept for kept in self.kept.values()))
        return self._dropped(solve(self.model, "what has to give for some claims to be true", effort=EFFORT))

    def lightest(self, weights: Mapping[Statement, int]) -> tuple[tuple[Statement, ...], bool]:
        """The statements of least weight without which the rest can be fulfilled, and whether that is proven."""
        size = len(self.kept)
        ties = size * (size + 1) // 2
        costs = ((weights[s] * ties + size - i) * ~kept for i, (s, kept) in enumerate(self.kept.items()))
        self.model.minimize(sum(costs))
        solver = solve(self.model, "the least to drop from the claims", effort=EFFORT)
        return self._dropped(solver), solver.objective_value == solver.best_objective_bound

    def _dropped(self, solver: Any) -> tuple[Statement, ...]:
        return tuple(statement for statement, kept in self.kept.items() if not solver.boolean_value(kept))


class _Chooser:
    """Chooses the smallest set that has a statement from each correction and does not contain a set already found."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.model = new_model()
        self.chosen = {statement: self.model.new_bool_var("") for statement in statements}
        self.model.minimize(sum(self.chosen.values()))

    def smallest(self) -> tuple[Statement, ...] | None:
        solver = _solved(self.model, "the smallest contradictory claims")
        return None if solver is None else tuple(s for s, own in self.chosen.items() if solver.boolean_value(own))

    def hit(self, correction: Collection[Statement]) -> None:
        self.model.add_bool_or([self.chosen[statement] for statement in correction])

    def avoid(self, members: Collection[Statement]) -> None:
        self.model.add_bool_or([~self.chosen[statement] for statement in members])
