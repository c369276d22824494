"""The counting pass: rows of survival data to the counts from which every curve and rank test follows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Counts", "Engine", "count"]

Engine = Literal["auto", "numba", "numpy"]

# Loading the compiled kernel takes longer than numpy needs for fewer rows than this.
_WORTH_COMPILING = 300_000
# More labels than this are ranked rather than used as they are.
_FEW = 256
# Whole numbers beyond are ranked, as other times are.
_LONGEST = 1 << 31
_IMPOSSIBLE = "a time is negative or missing: leave such subjects out, and say so"


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """How many left at each time, by stratum, group and what happened.

    Attributes
    ----------
    time : ndarray, shape (k,)
        The distinct times at which anybody leaves, ascending.
    table : ndarray of int, shape (k, strata, groups, kinds)
        Rows leaving at each time. Kind 0 is censoring; 1 is the event, or the first cause; further causes follow.
    groups, strata : ndarray
        The labels, sorted.
    entries : tuple of ndarray or None
        The entry times of each stratum's groups in turn, sorted; None when everybody is at risk from the start.
    """

    time: NDArray[np.float64]
    table: NDArray[np.int64]
    groups: NDArray[Any]
    strata: NDArray[Any]
    entries: tuple[NDArray[np.float64], ...] | None = None

    @property
    def events(self) -> NDArray[np.int64]:
        """Events of any cause; shape (k, strata, groups)."""
        return np.asarray(self.table[..., 1:].sum(-1), np.int64)

    @property
    def at_risk(self) -> NDArray[np.int64]:
        """Rows at risk just before each time; shape (k, strata, groups)."""
        leaving = self.table.sum(-1)
        gone = np.cumsum(leaving, axis=0) - leaving
        if self.entries is None:
            return np.asarray(leaving.sum(0) - gone, np.int64)
        entered = [np.searchsorted(times, self.time, side="left") for times in self.entries]
        return np.asarray(np.stack(entered, -1).reshape(gone.shape) - gone, np.int64)


def count(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    *,
    entry: ArrayLike | None = None,
    engine: Engine = "auto",
) -> Counts:
    """Count who leaves when, in one pass over the rows if times are whole numbers (days, say).

    Other times are ranked first. A row is at risk after its entry, up to and including its time.

    Parameters
    ----------
    time : array-like of int or float, shape (n,)
        Follow-up; not negative, not missing.
    event : array-like of bool or int, shape (n,)
        Whether the event happened; or 0 for censored and 1, 2, ... for the causes that compete.
    group, stratum : array-like, shape (n,), optional
        Labels; none missing. Without them there is one group, one stratum.
    entry : array-like of float, shape (n,), optional
        When the row came under observation, before its time (left truncation, or a new row after a change).
    engine : {"auto", "numba", "numpy"}
        All count alike. By default numba, an optional extra, counts many rows if it is installed.

    Returns
    -------
    Counts

    Raises
    ------
    ValueError
        When shapes differ, a value is missing, a time is negative, or an entry is not before its time.
    """
    times, kinds = np.asarray(time), _kinds(np.asarray(event))
    if times.shape != kinds.shape or times.ndim != 1:
        raise ValueError(f"time has shape {times.shape}, event {kinds.shape}: give one of each per subject")
    cells, groups, strata = _cells(group, stratum, times.shape)
    columns = len(strata) * len(groups), max(2, int(kinds.max(initial=0)) + 1)
    lines, table, distinct = _whole(times), None, None
    if lines is not None:
        table = _tally((lines, cells, kinds), columns, _most_lines(len(times), columns), engine)
    if table is None:
        distinct, lines = np.unique(times.astype(np.float64), return_inverse=True)
        table = _tally((lines, cells, kinds), columns, len(distinct), engine)
    if table is None:
        raise AssertionError("ranked times have a line each")
    used = np.flatnonzero(table.sum((1, 2)))
    distinct = used.astype(np.float64) if distinct is None else distinct
    full = table[used].reshape(len(used), len(strata), len(groups), columns[1])
    kept = full.any((0, 1, 3)) if group is not None else np.ones(len(groups), bool)
    entries = None if entry is None else _entries(entry, times, cells, np.tile(kept, len(strata)))
    return Counts(distinct, full[:, :, kept], groups[kept], strata, entries)


def _kinds(event: NDArray[Any]) -> NDArray[Any]:
    if event.dtype == bool:
        return event.view(np.uint8)
    if event.dtype.kind not in "iu":
        whole = np.asarray(event, float)
        if not (whole == np.floor(whole)).all():
            raise ValueError("an event is missing, or no whole number: 0 is censored, 1 the event")
        event = whole.astype(np.int64)
    if event.size and not 0 <= event.min() <= event.max() < _FEW:
        raise ValueError("an event is negative, or a large number: 0 is censored, 1 the event")
    return event


def _cells(
    group: ArrayLike | None, stratum: ArrayLike | None, shape: tuple[int, ...]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Number the groups of all strata through; with the labels of groups and of strata."""
    groups, group_labels = _codes(group, shape)
    if stratum is None:
        return groups, group_labels, np.zeros(1, np.int64)
    strata, stratum_labels = _codes(stratum, shape)
    found, place = np.unique(strata, return_inverse=True)
    labels = stratum_labels[found] if len(found) else stratum_labels[:1]
    return place * len(group_labels) + groups, group_labels, labels


def _codes(label: ArrayLike | None, shape: tuple[int, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    if label is None:
        return np.broadcast_to(np.zeros(1, np.uint8), shape), np.zeros(1, np.int64)
    labels = np.asarray(label)
    if labels.shape != shape:
        raise ValueError(f"time has shape {shape}, group {labels.shape}: give one of each per subject")
    if labels.dtype == bool:
        return labels.view(np.uint8), np.array([False, True])
    # Small numbers are codes already: ranking labels would cost more than the pass itself.
    if labels.dtype.kind in "iu" and labels.size and labels.min() >= 0 and labels.max() < _FEW:
        return labels, np.arange(int(labels.max()) + 1, dtype=labels.dtype)
    if (labels.dtype.kind == "f" and np.isnan(labels).any()) or (labels.dtype == object and None in labels.tolist()):
        raise ValueError("a group is missing: leave such subjects out, and say so")
    found, codes = np.unique(labels, return_inverse=True)
    return codes, (found if len(found) else np.zeros(1, np.int64))


def _whole(times: NDArray[Any]) -> NDArray[Any] | None:
    """Give the times as whole numbers, None if they are not."""
    if times.dtype.kind in "iu":
        return times.astype(np.int64) if times.dtype == np.uint64 else times
    values = times.astype(np.float64)
    if not (values >= 0).all():
        raise ValueError(_IMPOSSIBLE)
    if values.size and values.max() < _LONGEST and (values == np.floor(values)).all():
        return values.astype(np.int64)
    return None


def _entries(
    entry: ArrayLike, times: NDArray[Any], cells: NDArray[Any], kept: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], ...]:
    entered = np.asarray(entry, float)
    if entered.shape != times.shape or not (entered < times).all():
        raise ValueError("give each subject an entry, before its time")
    return tuple(np.sort(entered[cells == cell]) for cell in np.flatnonzero(kept))


def _most_lines(rows: int, columns: tuple[int, int]) -> int:
    """How long the table may be without ranking the times, so that it takes no more memory than a few of the rows'."""
    return max(1 << 12, 8 * rows // (columns[0] * columns[1]))


def _tally(
    rows: tuple[NDArray[Any], NDArray[Any], NDArray[Any]], columns: tuple[int, int], most: int, engine: Engine
) -> NDArray[np.int64] | None:
    """Count the rows of each line, cell and kind; None if there are more than so many lines."""
    lines, cells, kinds = rows
    kernel = _kernel() if engine == "numba" or (engine == "auto" and len(lines) >= _WORTH_COMPILING) else None
    if engine == "numba" and kernel is None:
        raise ValueError("numba is not installed: install it, or count with numpy")
    if kernel is not None:
        return _tally_compiled(kernel, rows, columns, most)
    if lines.size and lines.min() < 0:
        raise ValueError(_IMPOSSIBLE)
    size = int(lines.max(initial=-1)) + 1
    if size > most:
        return None
    places = (lines.astype(np.int64) * columns[0] + cells) * columns[1] + kinds
    found = np.bincount(places, minlength=size * columns[0] * columns[1])
    return np.asarray(found, np.int64).reshape(size, *columns)


def _tally_compiled(
    kernel: Any, rows: tuple[NDArray[Any], NDArray[Any], NDArray[Any]], columns: tuple[int, int], most: int
) -> NDArray[np.int64] | None:
    table = np.zeros((min(most, 1 << 12), *columns), np.int64)
    lines, row = rows[0], 0
    # Looking for the longest time first would be a second pass: the table grows when the kernel meets a longer one.
    while (row := kernel(*rows, table, row)) < len(lines):
        line = int(lines[row])
        if line < 0:
            raise ValueError(_IMPOSSIBLE)
        if line >= most:
            return None
        longer = min(most, max(2 * len(table), line + 1))
        table = np.concatenate([table, np.zeros((longer - len(table), *columns), np.int64)])
    return table


@cache
def _kernel() -> Any:
    """Give the compiled kernel, None without numba."""
    try:
        numba = import_module("numba")
    except ImportError:
        return None
    return numba.njit(cache=True, nogil=True)(_tally_rows)


def _tally_rows(  # pragma: no cover
    lines: NDArray[Any], cells: NDArray[Any], kinds: NDArray[Any], table: NDArray[np.int64], row: int
) -> int:
    """Count from a row on, up to the first whose line is not in the table."""
    size = table.shape[0]
    for place in range(row, len(lines)):
        line = lines[place]
        if line < 0 or line >= size:
            return place
        table[line, cells[place], kinds[place]] += 1
    return len(lines)
