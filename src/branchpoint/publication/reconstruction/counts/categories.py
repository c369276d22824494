"""Categories of a drawn cohort: whole patients whose counts agree with every statement, near to a random draw.

Many tables agree with a report. Each draw takes the one nearest to a random cohort in which variables are independent
of each other. How often that cohort meets each class is drawn too, from between extreme tables that agree, so that what
the report leaves open varies from draw to draw, and what follows from it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from branchpoint.publication.reconstruction.counts.joint_table import Counts, components
from branchpoint.publication.solver import InfeasibleError, domain_of, solve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from branchpoint.publication.reconstruction.counts.joint_table import Component, JointModel
    from branchpoint.publication.reconstruction.counts.table_targets import TableTarget
    from branchpoint.publication.reconstruction.counts.usual_events import Usual

__all__ = ["Tables", "draw_categories", "tables_of"]

EFFORTS = (0.3, 3.0, 30.0)
"""CP-SAT's deterministic time for one draw, tried one after the other until there is an answer."""
NEAR, TIES = 8, 4
"""Price of a patient away from the random cohort, and how much of it is drawn at random to break ties."""
UNUSUAL, P_VALUE = 80, 1_000
"""Price of a patient away from a number that is usual, and of a P value that is not reached."""
CORNERS, STEEP = 12, 100
"""Extreme tables that each draw lies between, and the steepest price of a patient that makes a table extreme."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A component's model with a wish for every cell, and how often extreme tables meet each class of a variable.

    ``usual`` are numbers that a draw wishes for too; ``price`` is of what is unusual and of P values not reached;
    ``shares`` has a row for each extreme table, by variable.
    """

    component: Component
    counts: Counts
    cells: tuple[Any, ...]
    wishes: tuple[Any, ...]
    misses: tuple[Any, ...]
    usual: tuple[tuple[Usual, tuple[Any, ...]], ...]
    price: Any
    shares: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Tables:
    """What cohorts are drawn from: made once by `tables_of`."""

    size: int
    levels: Mapping[str, tuple[str, ...]]
    tables: tuple[_Table, ...]


def tables_of(model: JointModel, targets: Sequence[TableTarget] = (), usual: Sequence[Usual] = ()) -> Tables:
    """Prepare to draw.

    Parameters
    ----------
    model : JointModel
        Of statements that can be true together.
    targets : sequence of TableTarget
        P values that cohorts are pulled to.
    usual : sequence of Usual
        Numbers of patients that cohorts are pulled to.

    Raises
    ------
    InfeasibleError
        The statements contradict each other.
    TableTooLargeError
        Conditions link too many variables.
    """
    scopes = [scope for target in targets for scope in target.scopes]
    parts = components(model.levels, [*model.statements, *scopes], prune=True)
    for part in parts:
        if not part.classes:
            # Statements about the whole cohort: there is nothing to draw.
            solve(_held(part, model.size).model, "numbers of patients that agree with the report")
    tables = tuple(_table(part, model.size, targets, usual) for part in parts if part.classes)
    return Tables(model.size, model.levels, tables)


def _held(part: Component, size: int) -> Counts:
    counts = Counts(part, size)
    for statement in part.statements:
        counts.hold(statement)
    return counts


def _table(part: Component, size: int, targets: Sequence[TableTarget], usual: Sequence[Usual]) -> _Table:
    counts = _held(part, size)
    cells = tuple(cell for own in counts.cells for cell in own)
    wished = tuple(
        (own, tuple(counts.model.new_int_var(0, size, "") for _ in own.counted))
        for own in usual
        if all(set(condition) <= set(part.classes) for condition in own.counted)
    )
    unusual = [
        _miss(counts, counts.number(condition), wish)
        for own, wishes in wished
        for condition, wish in zip(own.counted, wishes, strict=True)
    ]
    price = UNUSUAL * sum(unusual)
    price += P_VALUE * sum(1 - _reached(counts, target) for target in targets if _within(part, target))
    middle = counts.model.clone()
    for own, wishes in wished:
        for wish, number in zip(wishes, own.options[len(own.options) // 2], strict=True):
            middle.add(wish == number)
    shares = _shares(part, counts, middle, price)
    wishes = tuple(counts.model.new_int_var(0, size, "") for _ in cells)
    misses = tuple(_miss(counts, cell, wish) for cell, wish in zip(cells, wishes, strict=True))
    return _Table(part, counts, cells, wishes, misses, wished, price, shares)


def _miss(counts: Counts, number: Any, wished: Any) -> Any:
    """How far a number is from one that is wished, at the least."""
    miss = counts.model.new_int_var(0, counts.size, "")
    counts.model.add(miss >= number - wished)
    counts.model.add(miss >= wished - number)
    return miss


def _within(part: Component, target: TableTarget) -> bool:
    return all(set(condition) <= set(part.classes) for condition in target.counted)


def _reached(counts: Counts, target: TableTarget) -> Any:
    """A flag that can be true only where both counts have the P value."""
    first, second = (counts.number(condition) for condition in target.counted)
    flag, step = counts.model.new_bool_var(""), target.sizes[1] + 1
    codes = domain_of(step * one + other for one, other in target.pairs)
    counts.model.add_linear_expression_in_domain(step * first + second, codes).only_enforce_if(flag)
    return flag


def _shares(part: Component, counts: Counts, model: Any, price: Any) -> dict[str, NDArray[np.float64]]:
    """How often each class of each variable is met, in tables as different as can be that agree as well as any."""
    what, rng = "numbers of patients that agree with the report", np.random.default_rng(len(part.cells))
    cells = [count for own in counts.cells for count in own]
    model.minimize(price)
    best = solve(model, what, effort=EFFORTS[-1])
    model.add(price <= round(best.objective_value))
    corners = []
    for corner in range(CORNERS):
        slopes = rng.integers(-STEEP, STEEP + 1, len(cells)).tolist()
        model.minimize(sum(slope * cell for slope, cell in zip(slopes, cells, strict=True)))
        solver = solve(model, what, effort=EFFORTS[0], seed=corner)
        corners.append([[solver.value(count) for count in own] for own in counts.cells])
    return {name: np.stack([_met(part, name, numbers) for numbers in corners]) for name in part.classes}


def _met(part: Component, name: str, numbers: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """How often each class of a variable is met, in one table."""
    clique = next(place for place, clique in enumerate(part.cliques) if name in clique.variables)
    place = part.cliques[clique].variables.index(name)
    met = np.full(len(part.classes[name]), 0.5)
    for cell, number in zip(part.cells[clique], numbers[clique], strict=True):
        met[cell[place]] += number
    return met / met.sum()


def draw_categories(
    tables: Tables, rng: np.random.Generator, wished: Mapping[Usual, tuple[int, ...]]
) -> tuple[dict[str, str], ...]:
    """Draw the level of every category that the report speaks of, one mapping a patient, in random order.

    Parameters
    ----------
    tables : Tables
    rng : numpy.random.Generator
    wished : mapping of Usual to tuple of int
        The numbers of patients that the cohort is pulled to, of everything usual.

    Raises
    ------
    InfeasibleError
        The solver's effort was spent.
    """
    patients: list[dict[str, str]] = [{} for _ in range(tables.size)]
    for table in tables.tables:
        for patient, classes in zip(
            patients, _patients(table, _solved(table, tables.size, rng, wished), rng), strict=True
        ):
            for name, number in classes.items():
                levels = [level for level in tables.levels[name] if level in table.component.classes[name][number]]
                patient[name] = levels[int(rng.integers(len(levels)))]
    return tuple(patients[place] for place in rng.permutation(tables.size).tolist())


def _solved(table: _Table, size: int, rng: np.random.Generator, wished: Mapping[Usual, tuple[int, ...]]) -> list[int]:
    """Numbers of patients by cell."""
    model = table.counts.model.clone()
    for wish, wanted in zip(table.wishes, _wished(table, size, rng), strict=True):
        model.add(wish == wanted)
    for own, wishes in table.usual:
        for wish, number in zip(wishes, wished[own], strict=True):
            model.add(wish == number)
    prices = rng.integers(NEAR, NEAR + TIES, len(table.misses)).tolist()
    model.minimize(table.price + sum(price * miss for price, miss in zip(prices, table.misses, strict=True)))
    for effort in EFFORTS:
        try:
            solver = solve(model, "patients that agree with the report", effort=effort, seed=int(rng.integers(2**31)))
        except InfeasibleError as error:
            if error.status != "UNKNOWN" or effort == EFFORTS[-1]:
                raise
        else:
            return [solver.value(cell) for cell in table.cells]
    raise AssertionError("the last effort returns or raises")


def _wished(table: _Table, size: int, rng: np.random.Generator) -> list[int]:
    """The cells of a random cohort with independent variables."""
    weights = rng.dirichlet(np.full(CORNERS, 2 / CORNERS))
    drawn = {name: rng.choice(len(share.T), size, p=weights @ share) for name, share in table.shares.items()}
    found: list[int] = []
    for clique, cells in zip(table.component.cliques, table.component.cells, strict=True):
        rows = zip(*(drawn[name].tolist() for name in clique.variables), strict=True)
        met: dict[tuple[int, ...], int] = {}
        for row in rows:
            met[row] = met.get(row, 0) + 1
        found += [met.get(cell, 0) for cell in cells]
    return found


def _patients(table: _Table, numbers: Sequence[int], rng: np.random.Generator) -> list[dict[str, int]]:
    """Patients with a class of every variable: clique after clique, paired at random within what cliques share."""
    left = iter(numbers)
    patients: list[dict[str, int]] = []
    for clique, cells in zip(table.component.cliques, table.component.cells, strict=True):
        pool = [cell for cell in cells for _ in range(next(left))]
        patients = patients or [{} for _ in pool]
        by_shared: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
        at = [clique.variables.index(name) for name in clique.separator]
        for place in rng.permutation(len(pool)).tolist():
            by_shared.setdefault(tuple(pool[place][i] for i in at), []).append(pool[place])
        for patient in patients:
            cell = by_shared[tuple(patient[name] for name in clique.separator)].pop()
            patient.update(zip(clique.variables, cell, strict=True))
    return patients
