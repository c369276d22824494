"""The joint table: how many patients have which levels, as small tables that agree where they overlap.

Variables that no statement links fall into components, which are solved apart. Within a component every clique of
linked variables has a table of whole numbers, and two neighbors in the junction tree agree on what they share. Such
tables are the margins of some table of everybody: within each level of what two neighbors share, both have the same
number of patients, who are paired in any way. Nothing is lost, and nothing is approximated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from branchpoint.publication.claims import VariableKind
from branchpoint.publication.reconstruction.counts.cliques import junction_forest
from branchpoint.publication.reconstruction.counts.statements import cohort_size, statements_of
from branchpoint.publication.solver import new_model
from branchpoint.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from branchpoint.publication.claims import Claims, Condition
    from branchpoint.publication.reconstruction.counts.cliques import Clique
    from branchpoint.publication.reconstruction.counts.statements import Statement

__all__ = ["MOST_CELLS", "Component", "Counts", "JointModel", "TableTooLargeError", "components", "joint_model"]

MOST_CELLS = 50_000
"""More cells than this in one clique's table are refused."""

Classes = tuple[frozenset[str], ...]


class TableTooLargeError(Refused, ValueError):
    """Conditions link so many variables that their table cannot be solved.

    Parameters
    ----------
    variables : tuple of str
        The variables of the clique.
    """

    def __init__(self, variables: tuple[str, ...]) -> None:
        super().__init__(
            f"variables {', '.join(variables)}: found more than {MOST_CELLS:,} combinations of their levels, which "
            f"conditions link, expected at most {MOST_CELLS:,}; leave a variable out of some conditions, or say in a "
            "rule which combinations cannot be"
        )
        self.variables = variables


@dataclass(frozen=True, slots=True)
class JointModel:
    """What is said of the patients of one cohort.

    Attributes
    ----------
    size : int
        Number of patients; taken as given, never contradicted.
    levels : mapping of str to tuple of str
        Levels of every category.
    statements : tuple of Statement
    """

    size: int
    levels: Mapping[str, tuple[str, ...]]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """Variables that statements link, directly or through others.

    Attributes
    ----------
    classes : mapping of str to tuple of frozenset of str
        The levels of each variable; those that no statement tells apart stand together.
    cliques : tuple of Clique
        A junction forest: parents before children.
    cells : tuple of tuple of tuple of int
        By clique: the class of each of its variables, for every combination that is not excluded.
    statements : tuple of Statement
    """

    classes: Mapping[str, Classes]
    cliques: tuple[Clique, ...]
    cells: tuple[tuple[tuple[int, ...], ...], ...]
    statements: tuple[Statement, ...]

    def allowed(self, condition: Condition) -> dict[str, frozenset[int]]:
        """The classes that fulfill a condition, by variable."""
        return _allowed(condition, self.classes)


def joint_model(
    claims: Claims,
    *,
    extra: Sequence[Statement] = (),
    judged: bool = False,
    dropped: frozenset[tuple[str, str]] = frozenset(),
) -> JointModel:
    """Everything that a claims file says about numbers of patients.

    Parameters
    ----------
    claims : Claims
    extra : sequence of Statement
        More statements, such as numbers of deaths derived from a survival curve.
    judged : bool
        Leave out what the claims file sets aside (``used = false``, ``set_aside``).
    dropped : frozenset of (str, str)
        Claims and fields that are left out beside.
    """
    levels = {v.id: v.levels for v in claims.variables.values() if v.kind is VariableKind.CATEGORY}
    statements = (*statements_of(claims), *extra)
    kept = (s for s in statements if (s.followed or not judged) and (s.claim, s.field) not in dropped)
    return JointModel(cohort_size(claims), levels, tuple(kept))


def components(
    levels: Mapping[str, Sequence[str]], statements: Sequence[Statement], *, prune: bool
) -> tuple[Component, ...]:
    """The components of the variables that occur in some statements.

    Parameters
    ----------
    levels : mapping of str to sequence of str
        Levels of every category.
    statements : sequence of Statement
    prune : bool
        Leave out the cells that a statement excludes (a rule, or a count of 0); these statements then hold always.

    Raises
    ------
    TableTooLargeError
        Too many variables are linked.
    """
    return tuple(_component(group, levels, prune) for group in _linked(statements))


def _linked(statements: Iterable[Statement]) -> list[list[Statement]]:
    """Statements that share variables, together; those about nobody in particular (of the whole cohort) apart."""
    groups: list[tuple[set[str], list[Statement]]] = []
    for statement in statements:
        names = set(statement.variables)
        joined = [group for group in groups if group[0] & names or (not group[0] and not names)]
        rest = [group for group in groups if group not in joined]
        names |= set().union(*(group[0] for group in joined))
        groups = [*rest, (names, [s for _, old in joined for s in old] + [statement])]
    place = {id(statement): i for i, statement in enumerate(statements)}
    found = [sorted(group, key=lambda s: place[id(s)]) for _, group in groups]
    return sorted(found, key=lambda group: place[id(group[0])])


def _component(statements: list[Statement], levels: Mapping[str, Sequence[str]], prune: bool) -> Component:
    names = set().union(*(statement.variables for statement in statements))
    conditions = {condition for statement in statements for _, condition in statement.terms}
    classes = {name: _classes(name, tuple(levels[name]), conditions) for name in levels if name in names}
    sizes = {name: len(own) for name, own in classes.items()}
    cliques = junction_forest(sizes, {frozenset(condition) for condition in conditions})
    excluded = [c for s in statements if prune and s.excludes for _, c in s.terms]
    zeros = [_allowed(condition, classes) for condition in excluded]
    cells = tuple(_cells(clique.variables, sizes, zeros) for clique in cliques)
    return Component(classes, cliques, cells, tuple(statements))


def _classes(name: str, levels: tuple[str, ...], conditions: Iterable[Condition]) -> Classes:
    sets = {condition.levels[name] for condition in conditions if name in condition.levels}
    together: dict[tuple[bool, ...], set[str]] = {}
    for level in levels:
        together.setdefault(tuple(level in s for s in sets), set()).add(level)
    return tuple(frozenset(own) for own in together.values())


def _allowed(condition: Condition, classes: Mapping[str, Classes]) -> dict[str, frozenset[int]]:
    return {
        name: frozenset(index for index, own in enumerate(classes[name]) if own <= allowed)
        for name, allowed in condition.levels.items()
    }


def _cells(
    variables: tuple[str, ...], sizes: Mapping[str, int], zeros: Sequence[Mapping[str, frozenset[int]]]
) -> tuple[tuple[int, ...], ...]:
    """All combinations that are not excluded, one variable after the other, so that what is excluded never grows."""
    cells: list[tuple[int, ...]] = [()]
    for depth, name in enumerate(variables):
        known = variables[: depth + 1]
        checks = [
            [(known.index(v), own) for v, own in zero.items()]
            for zero in zeros
            if name in zero and set(zero) <= set(known)
        ]
        cells = [
            cell
            for before in cells
            for cell in ((*before, index) for index in range(sizes[name]))
            if not any(all(cell[at] in own for at, own in check) for check in checks)
        ]
        if len(cells) > MOST_CELLS:
            raise TableTooLargeError(variables)
    return tuple(cells)


class Counts:
    """The cells of a component's tables as variables of a CP-SAT model, which agree where tables overlap.

    Parameters
    ----------
    component : Component
    size : int
        Number of patients.
    """

    def __init__(self, component: Component, size: int) -> None:
        self.component, self.size, self.model = component, size, new_model()
        self.cells = [[self.model.new_int_var(0, size, "") for _ in cells] for cells in component.cells]
        self._numbers: dict[Condition, Any] = {}
        for place, clique in enumerate(component.cliques):
            if clique.separator:
                self._agree(place, clique)
            else:
                self.model.add(sum(self.cells[place]) == size)

    def _agree(self, place: int, clique: Clique) -> None:
        own, others = self._margins(place, clique.separator), self._margins(clique.parent, clique.separator)
        for levels in sorted(set(own) | set(others)):
            self.model.add(sum(own.get(levels, ())) == sum(others.get(levels, ())))

    def _margins(self, place: int | None, names: tuple[str, ...]) -> dict[tuple[int, ...], list[Any]]:
        assert place is not None
        variables = self.component.cliques[place].variables
        at = [variables.index(name) for name in names]
        found: dict[tuple[int, ...], list[Any]] = {}
        for cell, count in zip(self.component.cells[place], self.cells[place], strict=True):
            found.setdefault(tuple(cell[i] for i in at), []).append(count)
        return found

    def number(self, condition: Condition) -> Any:
        """The patients who fulfill a condition, as one variable of the model, or a number when it is everybody."""
        if not condition.levels:
            return self.size
        if condition not in self._numbers:
            holding = [
                place
                for place, clique in enumerate(self.component.cliques)
                if set(condition.levels) <= set(clique.variables)
            ]
            place = min(holding, key=lambda place: len(self.component.cells[place]))
            variables = self.component.cliques[place].variables
            checks = [(variables.index(name), own) for name, own in self.component.allowed(condition).items()]
            inside = [
                count
                for cell, count in zip(self.component.cells[place], self.cells[place], strict=True)
                if all(cell[at] in own for at, own in checks)
            ]
            number = self.model.new_int_var(0, self.size, "")
            self.model.add(sum(inside) == number)
            self._numbers[condition] = number
        return self._numbers[condition]

    def total(self, statement: Statement) -> Any:
        """What a statement is about."""
        return reduce(lambda total, term: total + term[0] * self.number(term[1]), statement.terms, 0)

    def hold(self, statement: Statement, when: Any = None) -> None:
        """Require a statement; with ``when``, a Boolean variable, only where that is true."""
        total = self.total(statement)
        if statement.least > statement.most or (
            isinstance(total, int) and not statement.least <= total <= statement.most
        ):
            required = self.model.add_bool_or([])
        else:
            required = self.model.add_linear_constraint(total, statement.least, statement.most)
        if when is not None:
            required.only_enforce_if(when)
