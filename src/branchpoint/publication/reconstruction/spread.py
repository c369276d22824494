"""What a report leaves open: how far the numbers that it does not print vary over many reconstructed cohorts.

Each drawn cohort agrees with what was printed. A number that is the same in all of them follows from the report, as far
as so many draws can show; one that varies is not known from it, whatever a single cohort says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from branchpoint.publication.claims import YES, Condition, Count, Percentage, Proportion, Survival, VariableKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from numpy.typing import NDArray

    from branchpoint.publication.claims import Claims
    from branchpoint.statistics.kaplan_meier import SurvivalCurve

__all__ = ["at_risk", "curve_band", "over_draws", "spread"]

_OVER = (0, 5, 50, 95, 100)


class _Row(NamedTuple):
    """A number over all draws, and how wide it is: the share of all patients whom its range concerns."""

    population: str
    quantity: str
    statistic: str
    variable: str | None
    unit: str | None
    size: int
    least: float
    middle: float
    most: float
    width: float


class _Cohorts:
    """Drawn cohorts as columns, and which rows belong to which draw and group."""

    def __init__(self, claims: Claims, cohorts: pl.DataFrame) -> None:
        self.claims, self.table = claims, cohorts.sort("draw", maintain_order=True)
        self.starts = np.flatnonzero(np.diff(self.table["draw"].to_numpy(), prepend=-1))
        self.size = self.table.height // max(1, len(self.starts))
        self.groups: dict[str, NDArray[np.bool_]] = {}
        """Whom the populations that are said in variables hold; of those with the same patients in all draws, one."""
        seen = set()
        for population in claims.populations.values():
            held = None if population.where is None else self.fulfilling(population.where)
            if held is not None and held.tobytes() not in seen:
                seen.add(held.tobytes())
                self.groups.setdefault(population.label, held)

    def fulfilling(self, condition: Condition) -> NDArray[np.bool_]:
        held = np.ones(self.table.height, dtype=bool)
        for name, levels in condition.levels.items():
            held &= self.table[name].is_in(list(levels)).fill_null(value=False).to_numpy()
        return held

    def counted(self, held: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many are held in each draw."""
        return np.add.reduceat(held, self.starts, dtype=np.int64)

    def values(self, variable: str) -> NDArray[np.float64]:
        return self.table[variable].cast(float).to_numpy()

    def having(self, variable: str) -> Iterator[tuple[str, NDArray[np.bool_], int]]:
        """Groups in which every patient of every draw has a number or time, and their sizes."""
        unknown = np.isnan(self.values(variable))
        for label, members in self.groups.items():
            sizes = self.counted(members)
            if sizes.all() and not (members & unknown).any():
                yield label, members, int(sizes[0])

    def curves(self, variable: str, members: NDArray[np.bool_]) -> list[SurvivalCurve]:
        """The Kaplan-Meier estimate of each draw, of the members whose time is known."""
        from branchpoint.statistics.kaplan_meier import kaplan_meier

        event = self.claims.variables[variable].event
        assert event is not None, "asked only of times with an event"
        times, had = self.values(variable), self.fulfilling(event)
        known = members & ~np.isnan(times)
        parts = np.split(np.arange(len(known)), self.starts[1:])
        return [kaplan_meier(times[part][known[part]], had[part][known[part]]) for part in parts]


def spread(claims: Claims, cohorts: pl.DataFrame) -> pl.DataFrame:
    """Give the range over draws of every count, survival estimate and median that one may ask for of a population.

    Counts are of the events of claims and of every other level of a category; survival is that at the times at which
    the report prints any. Survival and medians are of populations in which every patient has the variable. Of numbers
    that say the same (those with an event, those without it; a population under two names) the first is given.

    Parameters
    ----------
    claims : Claims
    cohorts : DataFrame
        One row a draw and patient: ``draw``, and a column for each variable.

    Returns
    -------
    DataFrame
        One row a number: ``population``, ``quantity``, ``statistic`` ("count", "survival" or "median"), ``variable``
        (its id; null for a count in several), ``unit`` (null for a count), ``size`` (of the population, in the first
        draw), ``least``, ``middle``, ``most`` over the draws. Only what varies; what concerns most patients first:
        those between the least and the most count, those whose values lie between the least and the greatest median,
        the difference of survival times the size.
    """
    import polars as pl

    drawn = _Cohorts(claims, cohorts)
    every = [*_counts(drawn), *_survival(drawn), *_medians(drawn)]
    rows = sorted((row for row in every if row.least < row.most), key=lambda row: -row.width)
    words = dict.fromkeys(("population", "quantity", "statistic", "variable", "unit"), pl.String)
    schema = {**words, "size": pl.Int64, **dict.fromkeys(("least", "middle", "most"), pl.Float64)}
    return pl.DataFrame([row[:-1] for row in rows], schema=schema, orient="row")


def _counts(drawn: _Cohorts) -> Iterator[_Row]:
    events = [(event, quantity, drawn.fulfilling(event)) for event, quantity in _events(drawn.claims).items()]
    seen: set[bytes] = set()
    for label, members in drawn.groups.items():
        size = int(drawn.counted(members)[0])
        for event, quantity, held in events:
            both = members & held
            known = both.tobytes() in seen
            # Who has the event says who has it not, and the other way about.
            seen |= {both.tobytes(), (members & ~held).tobytes()}
            if known:
                continue
            least, middle, most = _range(drawn.counted(both))
            variable = next(iter(event)) if len(event.levels) == 1 else None
            width = (most - least) / drawn.size
            yield _Row(label, quantity, "count", variable, None, size, least, middle, most, width)


def _events(claims: Claims) -> dict[Condition, str]:
    """What can be counted, in words: the events of claims, and levels that no claim counts."""
    named: dict[Condition, str] = {}
    counts = [claim for claim in claims.claims.values() if isinstance(claim.value, Count | Percentage | Proportion)]
    for claim in (*counts, *claims.claims.values()):
        if claim.event is not None and claim.event.levels:
            named.setdefault(claim.event, claim.quantity)
    for variable in claims.variables.values():
        for level in variable.levels:
            yes = YES in variable.levels and len(variable.levels) == 2
            words = variable.label if yes and level == YES else f"{variable.label}: {level}"
            named.setdefault(Condition({variable.id: frozenset({level})}), words)
    return named


def _survival(drawn: _Cohorts) -> Iterator[_Row]:
    asked: dict[tuple[str, float], str] = {}
    for claim in drawn.claims.claims.values():
        variable = drawn.claims.variables.get(claim.variable or "")
        if isinstance(claim.value, Survival) and variable is not None and variable.event is not None:
            at = f"{claim.value.at.normalize():f} {variable.unit or 'mo'}"
            asked.setdefault((variable.id, float(claim.value.at)), f"{variable.label} at {at}")
    for variable_id in dict.fromkeys(variable for variable, _ in asked):
        times = {time: quantity for (own, time), quantity in asked.items() if own == variable_id}
        for label, members, size in drawn.having(variable_id):
            curves = drawn.curves(variable_id, members)
            for time, quantity in times.items():
                found = np.array([100 * curve.at(time)[0] for curve in curves])
                if not np.isnan(found).any():
                    least, middle, most = _range(found)
                    width = (most - least) / 100 * size / drawn.size
                    yield _Row(label, quantity, "survival", variable_id, "%", size, least, middle, most, width)


def _medians(drawn: _Cohorts) -> Iterator[_Row]:
    for variable in drawn.claims.variables.values():
        if variable.kind is not VariableKind.NUMBER or variable.id not in drawn.table.columns:
            continue
        values, words = drawn.values(variable.id), (variable.label, "median", variable.id, variable.unit)
        known = values[~np.isnan(values)]
        for label, members, size in drawn.having(variable.id):
            taken = np.where(members, values, np.nan)
            found = np.array([np.median(part[~np.isnan(part)]) for part in np.split(taken, drawn.starts[1:])])
            least, middle, most = _range(found)
            width = float(np.mean((known >= least) & (known <= most))) * size / drawn.size
            yield _Row(label, *words, size, least, middle, most, width)


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
        Nan beyond the last follow-up of a draw, and where it has nobody.
    """
    curves = _curves(claims, cohorts, variable, population)
    return np.array([[curve.at(float(time))[0] for time in times] for curve in curves])


def at_risk(
    claims: Claims, cohorts: pl.DataFrame, variable: str, population: str, times: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Give how many are at risk in every draw just before some times; parameters and shape as of `curve_band`."""
    return np.array([curve.number_at_risk(times) for curve in _curves(claims, cohorts, variable, population)])


def over_draws(found: NDArray[np.number]) -> NDArray[np.float64]:
    """Give the least, the 5th, 50th and 95th percentile, and the greatest over draws.

    Parameters
    ----------
    found : ndarray, shape (draws, k)
        As `curve_band` gives it. A draw that has no estimate any more keeps its last.

    Returns
    -------
    ndarray, shape (5, k)
        Nan where fewer than half of the draws have an estimate.
    """
    numbers = found.astype(float)
    known = ~np.isnan(numbers)
    last = np.maximum.accumulate(np.where(known, np.arange(numbers.shape[1]), 0), axis=1)
    carried = np.take_along_axis(numbers, last, axis=1)[known[:, 0]]
    told = np.full((len(_OVER), numbers.shape[1]), np.nan)
    enough = 2 * np.count_nonzero(known, axis=0) >= len(numbers)
    if len(carried):
        told[:, enough] = np.percentile(carried[:, enough], _OVER, axis=0)
    return told


def _curves(claims: Claims, cohorts: pl.DataFrame, variable: str, population: str) -> list[SurvivalCurve]:
    where = claims.populations[population].where
    if where is None or claims.variables[variable].event is None:
        raise ValueError(f"{variable!r} of {population!r}: expected a time with an event, of a population with a where")
    drawn = _Cohorts(claims, cohorts)
    return drawn.curves(variable, drawn.fulfilling(where))


def _range(found: NDArray[np.generic]) -> tuple[float, float, float]:
    # Beyond the ninth decimal lies the binary representation, not the number.
    numbers = found.astype(float).round(9)
    return float(numbers.min()), float(np.median(numbers)), float(numbers.max())
