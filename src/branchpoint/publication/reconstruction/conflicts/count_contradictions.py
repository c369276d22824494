"""Contradictions of counts: which statements no cohort can fulfill together, and the least that has to be dropped.

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

from typing import TYPE_CHECKING, Any

from branchpoint.publication.reconstruction.conflicts.contradictions import Contradiction, Contradictions
from branchpoint.publication.reconstruction.conflicts.minimal_sets import Chooser
from branchpoint.publication.reconstruction.counts.joint_table import Counts, components
from branchpoint.publication.solver import InfeasibleError, solve

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from branchpoint.publication.reconstruction.counts.joint_table import Component, JointModel
    from branchpoint.publication.reconstruction.counts.statements import Statement

__all__ = ["count_contradictions", "satisfiable"]

EFFORT = 30.0
"""CP-SAT's deterministic time for one question, which takes hundredths of it for a report of 250 claims."""
FEW = (0.1, 0.4, 1.6, EFFORT)
"""The same for a correction, which helps even if it is not the smallest; tried until one is found."""
ROUNDS = 400
"""Corrections looked for in one component before its list of contradictory sets is called incomplete."""


def count_contradictions(model: JointModel, *, limit: int = 5) -> Contradictions:
    """Find the contradictory sets of statements, and the statements to drop.

    Parameters
    ----------
    model : JointModel
        From `branchpoint.publication.reconstruction.counts.joint_table.joint_model`.
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
    # What the file sets aside costs nothing to drop.
    weights = {group[0]: sum(s.weight * s.followed for s in group) for group in groups.values()}
    sets: list[tuple[Statement, ...]] = []
    dropped: list[Statement] = []
    complete = proven = True
    for part in components(model.levels, list(weights), prune=False):
        if satisfiable(model.levels, part.statements, model.size):
            continue
        corrections = _Corrections(part, model.size)
        least, lightest = corrections.lightest(weights)
        proven &= lightest
        for statement in least:
            others = [other for other in least if other is not statement]
            found, all_found = _explained(model, corrections, statement, others, limit)
            complete &= all_found
            sets += found
            dropped += groups[statement.content]
    place = {statement: i for i, statement in enumerate(model.statements)}
    sets.sort(key=lambda found: (len(found), [place[statement] for statement in found]))
    dropped.sort(key=place.__getitem__)
    listed = tuple(Contradiction(found, model.size) for found in sets)
    return Contradictions(listed, tuple(dropped), complete, proven)


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
    model: JointModel, corrections: _Corrections, dropped: Statement, others: Sequence[Statement], limit: int
) -> tuple[list[tuple[Statement, ...]], bool]:
    """The smallest sets in which a statement contradicts some that can be fulfilled; and whether these are all."""
    statements = [statement for statement in corrections.kept if statement not in others]
    chooser = Chooser(statements)
    chooser.hit([dropped])
    found: list[tuple[Statement, ...]] = []
    for _ in range(ROUNDS):
        members = chooser.best()
        if members is None:
            return found, True
        if len(found) == limit:
            return found, False
        if satisfiable(model.levels, members, model.size):
            chooser.hit(corrections.few(members, others))
        else:
            found.append(members)
            chooser.avoid(members)
    return found or [_shrunk(model, statements)], False


def _shrunk(model: JointModel, statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """One smallest contradictory set: statements are left out as long as the rest contradicts itself."""
    members = tuple(statements)
    for statement in statements:
        rest = tuple(s for s in members if s is not statement)
        if not satisfiable(model.levels, rest, model.size):
            members = rest
    return members


class _Corrections:
    """The sets of statements of one component without which the rest can be fulfilled.

    Every statement has a flag (``kept``); a question fixes some of them in a copy of the model.
    """

    def __init__(self, component: Component, size: int) -> None:
        counts = Counts(component, size)
        self.model = counts.model
        self.kept: dict[Statement, Any] = {}
        for statement in component.statements:
            self.kept[statement] = self.model.new_bool_var("")
            counts.hold(statement, when=self.kept[statement])

    def few(self, required: Collection[Statement], without: Collection[Statement]) -> tuple[Statement, ...]:
        """Few statements, apart from some, without which the rest and all that are required can be fulfilled."""
        model = self.model.clone()
        for statement in required:
            model.add(self.kept[statement] == 1)
        for statement in without:
            model.add(self.kept[statement] == 0)
        # Nearly everything can be kept: a search that starts there is soon done.
        for statement, kept in self.kept.items():
            model.add_hint(kept, statement not in without)
        model.minimize(sum(~kept for kept in self.kept.values()))
        for effort in FEW:
            try:
                solver = solve(model, "what has to give for some claims to be true", effort=effort)
            except InfeasibleError as error:
                if error.status != "UNKNOWN" or effort == FEW[-1]:
                    raise
            else:
                return tuple(statement for statement in self._dropped(solver) if statement not in without)
        raise AssertionError("the last effort returns or raises")

    def lightest(self, weights: Mapping[Statement, int]) -> tuple[tuple[Statement, ...], bool]:
        """The statements of least weight without which the rest can be fulfilled, and whether that is proven."""
        size, model = len(self.kept), self.model.clone()
        ties = size * (size + 1) // 2
        costs = ((weights[s] * ties + size - i) * ~kept for i, (s, kept) in enumerate(self.kept.items()))
        model.minimize(sum(costs))
        solver = solve(model, "the least to drop from the claims", effort=EFFORT)
        return self._dropped(solver), solver.objective_value == solver.best_objective_bound

    def _dropped(self, solver: Any) -> tuple[Statement, ...]:
        return tuple(statement for statement, kept in self.kept.items() if not solver.boolean_value(kept))
