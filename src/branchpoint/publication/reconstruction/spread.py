"""What a report leaves open: how far the numbers that it does not print vary over many reconstructed cohorts.

Each drawn cohort agrees with what was printed. A number that is the same in all of them follows from the report, as far
as so many draws can show; one that varies is not known from it, whatever a single cohort says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.claims import VariableKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from numpy.typing import NDArray

    from branchpoint.publication.claims import Claims, Condition

__all__ = ["curve_band", "spread"]


def spread(claims: Claims, cohorts: pl.DataFrame) -> pl.DataFrame:
    """Give the range over draws of every count and every median that the claims' populations allow to ask for.

    Parameters
    ----------
    claims : Claims
    cohorts : DataFrame
        One row a draw and patient: ``draw``, and a column for each variable.

    Returns
    -------
    DataFrame
        One row a population and quantity: ``population``, ``quantity``, ``statistic`` ("count" or "median"), ``size``
        (of the population, in the first draw), ``least``, ``middle``, ``most`` over the draws. Only what varies; the
        widest, as a share of the population or of the median, first.
    """
    import polars as pl

    ordered = cohorts.sort("draw")
    starts = np.flatnonzero(np.diff(ordered["draw"].to_numpy(), prepend=-1))
    rows = [*_counts(claims, ordered, starts), *_medians(claims, ordered, starts)]
    schema = {"population": pl.String, "quantity": pl.String, "statistic": pl.String, "size": pl.Int64,
              "least": pl.Float64, "middle": pl.Float64, "most": pl.Float64}  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row").filter(pl.col("least") < pl.col("most"))
    scale = pl.when(statistic="count").then(pl.col("size")).otherwise("middle")
    return frame.sort((pl.col("most") - pl.col("least")) / scale, descending=True, maintain_order=True)


def _counts(claims: Claims, cohorts: pl.DataFrame, starts: NDArray[np.int64]) -> Iterator[tuple[object, ...]]:
    events: dict[Condition, str] = {}
    for claim in claims.claims.values():
        if claim.event is not None:
            events.setdefault(claim.event, claim.quantity)
    groups = {p.label: _fulfilling(cohorts, p.where) for p in claims.populations.values() if p.where is not None}
    held = {event: _fulfilling(cohorts, event) for event in events}
    for label, members in groups.items():
        sizes = np.add.reduceat(members, starts, dtype=np.int64)
        for event, quantity in events.items():
            found = np.add.reduceat(members & held[event], starts, dtype=np.int64)
            yield label, quantity, "count", int(sizes[0]), *_range(found)


def _medians(claims: Claims, cohorts: pl.DataFrame, starts: NDArray[np.int64]) -> Iterator[tuple[object, ...]]:
    groups = {p.label: _fulfilling(cohorts, p.where) for p in claims.populations.values() if p.where is not None}
    for variable in claims.variables.values():
        if variable.kind is not VariableKind.NUMBER or variable.id not in cohorts.columns:
            continue
        values = cohorts[variable.id].cast(float).to_numpy()
        for label, members in groups.items():
            taken = np.where(members, values, np.nan)
            found = np.array([_median(part) for part in np.split(taken, starts[1:])])
            if not np.isnan(found).any():
                size = int(members[: starts[1] if len(starts) > 1 else None].sum())
                yield label, variable.label, "median", size, *_range(found)


def curve_band(
    claims: Claims, cohorts: pl.DataFrame, variable: str, population: str, times: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the Kaplan-Meier estimate of every draw at some times.

    Parameters
    ----------
    claims : Claims
    cohorts : DataFrame
        As for `spread`.
    variable, population : str
        Ids of a time, and of whose.
    times : ndarray, shape (k,)
        In the unit of the variable.

    Returns
    -------
    ndarray, shape (draws, k)
        Nan beyond the last follow-up of a draw.
    """
    from branchpoint.statistics.kaplan_meier import kaplan_meier

    where, event = claims.populations[population].where, claims.variables[variable].event
    if where is None or event is None:
        raise ValueError(f"{variable!r} of {population!r}: expected a time with an event, of a population with a where")
    ordered = cohorts.sort("draw")
    chosen = ordered.with_columns(_held=_fulfilling(ordered, event)).filter(_fulfilling(ordered, where))
    curves = [
        kaplan_meier(part[variable].to_numpy(), part["_held"].to_numpy())
        for part in chosen.drop_nulls(variable).partition_by("draw", maintain_order=True)
    ]
    return np.array([[curve.at(float(time))[0] for time in times] for curve in curves])


def _fulfilling(cohorts: pl.DataFrame, condition: Condition) -> NDArray[np.bool_]:
    held = np.ones(cohorts.height, dtype=bool)
    for name, levels in condition.levels.items():
        held &= cohorts[name].is_in(list(levels)).fill_null(value=False).to_numpy()
    return held


def _median(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _range(found: NDArray[np.generic]) -> tuple[float, float, float]:
    numbers = found.astype(float)
    return float(numbers.min()), float(np.median(numbers)), float(numbers.max())
