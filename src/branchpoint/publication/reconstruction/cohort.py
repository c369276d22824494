"""Cohorts: patients who agree with a report, many times over, and what the report says that they cannot all be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.claims import VariableKind
from branchpoint.publication.reconstruction.conflicts.contradictions import Contradictions, contradictions
from branchpoint.publication.reconstruction.counts.missing_values import NOT_KNOWN
from branchpoint.publication.reconstruction.drawing import Drawn, Source, draw, source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from branchpoint.publication.claims import Claims
    from branchpoint.publication.reconstruction.conflicts.contradictions import Said
    from branchpoint.publication.reconstruction.met import Unmet

__all__ = ["Reconstruction", "reconstruct"]


@dataclass(frozen=True, slots=True, eq=False)
class Reconstruction:
    """Cohorts that agree with a report.

    Attributes
    ----------
    claims : Claims
    cohorts : DataFrame
        One row a draw and patient: ``draw`` (from 1), ``subject``, and a column for each variable of the claims: the
        level of a category, a number, or the time to the event or to the end of observation. Null where the report says
        nothing of the patient.
    contradictions : Contradictions
        What cannot be true together, and what the cohorts therefore do not follow.
    unmet : mapping of Unmet to int
        Printed numbers that some cohorts do not have although they follow them, and how many cohorts.
    p_values : mapping of str to tuple of float
        By claim, the P value of each draw; nan where there is no test.
    reached : mapping of str to int
        By claim, in how many draws the P value prints as published.
    seed : int
    """

    claims: Claims
    cohorts: pl.DataFrame
    contradictions: Contradictions
    unmet: Mapping[Unmet, int]
    p_values: Mapping[str, tuple[float, ...]]
    reached: Mapping[str, int]
    seed: int

    @property
    def dropped(self) -> tuple[Said, ...]:
        """What the cohorts do not follow, because it contradicts the rest."""
        return self.contradictions.dropped

    @property
    def draws(self) -> int:
        """How many cohorts there are."""
        return int(self.cohorts["draw"].n_unique())


def reconstruct(
    claims: Claims,
    draws: int = 1,
    seed: int = 1,
    *,
    limit: int = 5,
    processes: int = 1,
    told: Callable[[int], None] | None = None,
) -> Reconstruction:
    """Reconstruct patients who agree with a report, as many times as asked.

    Parameters
    ----------
    claims : Claims
    draws : int
        Number of cohorts.
    seed : int
        The same seed gives the same cohorts, whatever the number of draws and of processes.
    limit : int
        Most contradictory sets to list of one thing that is contradicted; 0 for none.
    processes : int
    told : callable, optional
        Told how many cohorts are drawn, each time that there are more.

    Returns
    -------
    Reconstruction

    Raises
    ------
    InfeasibleError
        The solver's effort was spent before an answer was found.
    TableTooLargeError
        Conditions link too many variables.
    SolverMissingError
        OR-tools is not installed.
    """
    found = contradictions(claims, limit=limit)
    source = source_of(claims, found.fields)
    every = _many(source, draws, seed, processes, told)
    missed = Counter(one for drawn in every for one in drawn.unmet)
    targets = [target for drawn in every for target in drawn.p_values]
    p_values: dict[str, list[float]] = {}
    for target in targets:
        p_values.setdefault(target.claim, []).append(np.nan if target.reached is None else target.reached)
    return Reconstruction(
        claims=claims,
        cohorts=_table(claims, every),
        contradictions=found,
        unmet=dict(missed.most_common()),
        p_values={claim: tuple(ps) for claim, ps in p_values.items()},
        reached={claim: sum(t.claim == claim and t.agrees for t in targets) for claim in p_values},
        seed=seed,
    )


def _many(source: Source, draws: int, seed: int, processes: int, told: Callable[[int], None] | None) -> list[Drawn]:
    found: list[Drawn] = []
    if processes == 1 or draws < processes:
        for number in range(1, draws + 1):
            found.append(draw(source, seed, number))
            if told is not None:
                told(number)
        return found
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    start = partial(_prepare, source.claims.path, source.dropped, seed)
    with ProcessPoolExecutor(processes, get_context("spawn"), start) as pool:
        for drawn in pool.map(_draw, range(1, draws + 1), chunksize=4):
            found.append(drawn)
            if told is not None:
                told(len(found))
    return found


_SOURCE: list[tuple[Source, int]] = []
"""What this process draws from, where cohorts are drawn in several."""


def _prepare(path: Path, dropped: frozenset[tuple[str, str]], seed: int) -> None:
    from branchpoint.publication.claims.reading import read_claims

    _SOURCE[:] = [(source_of(read_claims(path), dropped), seed)]


def _draw(number: int) -> Drawn:
    source, seed = _SOURCE[0]
    return draw(source, seed, number)


def _table(claims: Claims, every: Sequence[Drawn]) -> pl.DataFrame:
    import polars as pl

    size = len(every[0].patients)
    columns: dict[str, pl.Series] = {
        "draw": pl.Series(np.repeat(np.arange(1, len(every) + 1), size), dtype=pl.Int32),
        "subject": pl.Series([f"R{number:0{len(str(size))}}" for number in range(1, size + 1)] * len(every)),
    }
    for variable in claims.variables.values():
        if variable.kind is VariableKind.CATEGORY:
            levels = [_level(patient.get(variable.id)) for drawn in every for patient in drawn.patients]
            columns[variable.id] = pl.Series(levels, dtype=pl.String)
        else:
            values = [value for drawn in every for value in drawn.values[variable.id]]
            columns[variable.id] = pl.Series(values, dtype=pl.Float64)
    return pl.DataFrame(columns)


def _level(drawn: str | None) -> str | None:
    return None if drawn == NOT_KNOWN else drawn
