"""The walk of a cohort: the n-th assessment of every subject at a time, with the steps that move a single patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from branchpoint.engine.pathway_table import compile_pathway
from branchpoint.engine.walk import History, Position, judge, remember, step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from branchpoint.engine.pathway_table import PathwayTable
    from branchpoint.language.protocol import Protocol

__all__ = ["STRATA", "Path", "walk_cohort"]

STRATA = (None, "favorable", "unfavorable")


class Path(NamedTuple):
    """What the walk gives, one element a row; rows of day 0 are not assessed and hold zeros.

    Attributes
    ----------
    possible : dict of str to ndarray
        For each rule set the set of responses that are possible, as bits.
    before, after : ndarray
        Epochs, as indices.
    visit : ndarray
        Index of the visit of the epoch before whose window holds the day; -1 where none does.
    decision : ndarray
        Index of the decision of the pathway.
    stratum : ndarray
        Index into `STRATA` of the stratum last assigned.
    """

    possible: dict[str, NDArray[np.int64]]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    visit: NDArray[np.int64]
    decision: NDArray[np.int64]
    stratum: NDArray[np.int64]


def walk_cohort(
    protocol: Protocol,
    day: NDArray[np.int64],
    verdicts: Mapping[str, Sequence[pl.Series]],
    override: NDArray[np.int64],
) -> Path:
    """Walk every subject along the pathway.

    Parameters
    ----------
    protocol : Protocol
    day : ndarray
        Study day of each row; the rows of a subject in order of day, the first of them day 0.
    verdicts : mapping of str to sequence of Series
        For each rule set, the verdict of each of its cases on every row: true, false or null.
    override : ndarray
        Index of the epoch to which an investigator moved the patient on that row; -1 for none.

    Returns
    -------
    Path
    """
    table = compile_pathway(protocol.pathway)
    first = np.flatnonzero(day == 0)
    length = np.diff(np.append(first, len(day)))
    surely = {
        name: [v.fill_null(value=False).to_numpy().astype(np.int64) for v in cases] for name, cases in verdicts.items()
    }
    perhaps = {
        name: [v.fill_null(value=True).to_numpy().astype(np.int64) for v in cases] for name, cases in verdicts.items()
    }
    histories = {name: History(*(np.zeros(len(first), np.int64) for _ in History._fields)) for name in verdicts}
    position = Position(np.zeros(len(first), np.int64), np.zeros(len(first), np.int64))
    stratum, assigned = np.zeros(len(first), np.int64), _strata(protocol)
    path = Path({name: _zeros(day) for name in verdicts}, *(_zeros(day) for _ in Path._fields[1:]))
    for nth in range(1, int(length.max(initial=0))):
        who = np.flatnonzero(length > nth)
        row = first[who] + nth
        for rule_set in protocol.responses:
            name = rule_set.name
            history = History(*(found[who] for found in histories[name]))
            pairs = [(holds[row], may[row]) for holds, may in zip(surely[name], perhaps[name], strict=True)]
            possible = judge(rule_set, pairs, history)
            path.possible[name][row] = possible
            for found, new in zip(histories[name], remember(history, possible), strict=True):
                found[who] = new
        before = Position(position.epoch[who], position.entered[who])
        taken = step(table, before, day[row], path.possible[protocol.responses[0].name][row])
        moved = override[row] >= 0
        position.epoch[who] = np.where(moved, override[row], taken.after.epoch)
        position.entered[who] = np.where(moved, day[row], taken.after.entered)
        stratum[who] = np.where(assigned[taken.decision] > 0, assigned[taken.decision], stratum[who])
        path.before[row], path.after[row] = before.epoch, position.epoch[who]
        path.visit[row] = _held(protocol, table, before, day[row], taken.visit)
        path.decision[row], path.stratum[row] = taken.decision, stratum[who]
    return path


def _integers(verdict: pl.Series, where_open: bool) -> NDArray[np.int64]:
    return verdict.fill_null(where_open).cast(pl.Int64).to_numpy()


def _zeros(like: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.zeros(len(like), np.int64)


def _strata(protocol: Protocol) -> NDArray[np.int64]:
    return np.array([STRATA.index(decision.stratum) for decision in protocol.pathway.decisions])


def _held(
    protocol: Protocol, table: PathwayTable, before: Position, day: NDArray[np.int64], visit: NDArray[np.int64]
) -> NDArray[np.int64]:
    # The visit as of which an assessment counts need not be one whose window holds the day.
    width = max(len(epoch.visits) for epoch in protocol.epochs)
    opens, closes = np.zeros((2, len(protocol.epochs), width), np.int64)
    for index, epoch in enumerate(protocol.epochs):
        opens[index, : len(epoch.visits)] = [planned.day - planned.before for planned in epoch.visits]
        closes[index, : len(epoch.visits)] = [planned.day + planned.after for planned in epoch.visits]
    own_day = day - np.where(table.from_first_dose[before.epoch], 0, before.entered)
    inside = (opens[before.epoch, visit] <= own_day) & (own_day <= closes[before.epoch, visit])
    return np.where(inside, visit, -1)
