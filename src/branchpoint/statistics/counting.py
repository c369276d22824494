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
    groups, group_labels = _codes(group, times.shape)
    strata, stratum_labels = _codes(stratum, times.shape)
    cells = groups
    if len(stratum_labels) > 1:
        cells = np.asarray(strata, np.int64) * len(group_labels) + groups
    low, shape = (0, (len(stratum_labels), len(group_labels), max(2, int(kinds.max(initial=0)) + 1)))
    places, distinct = _places(times)
    columns = (max(1, shape[0] * shape[1]), shape[2])
    table = _tally(places, cells, kinds, low, columns, engine)
    if distinct is None:
        distinct = np.flatnonzero(table.any((1, 2)))
        table = table[distinct]
    full = table.reshape(len(distinct), *shape)
    kept = full.any((0, 1, 3)) if group is not None else np.ones(shape[1], bool)
    entries = None if entry is None else _entries(entry, times, cells, columns[0], kept)
    return Counts(np.asarray(distinct, float), full[:, :, kept], group_labels[kept], stratum_labels, entries)


def _kinds(event: NDArray[Any]) -> NDArray[Any]:
    if event.dtype == bool:
        return event.view(np.uint8)
    if event.dtype.kind not in "iu":
        whole = np.asarray(event, float)
        if not (whole == np.floor(whole)).all():
            raise ValueError("an event is missing, or no whole number: 0 is censored, 1 the event")
        event = whole.astype(np.int64)
    if event.size and event.min() < 0:
        raise ValueError("an event is negative: 0 is censored, 1 the event")
    return event


def _codes(label: ArrayLike | None, shape: tuple[int, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    if label is None:
        return np.broadcast_to(np.zeros(1, np.uint8), shape), np.zeros(1, np.int64)
    labels = np.asarray(label)
    if labels.shape != shape:
        raise ValueError(f"time has shape {shape}, group {labels.shape}: give one of each per subject")
    if labels.dtype == bool:
        return labels.view(np.uint8), np.array([False, True])
    if labels.dtype.kind in "iu" and labels.size and labels.min() >= 0 and labels.max() < _FEW:
        return labels, np.arange(int(labels.max()) + 1, dtype=labels.dtype)
    if (labels.dtype.kind == "f" and np.isnan(labels).any()) or (labels == None).any():  # noqa: E711
        raise ValueError("a group is missing: leave such subjects out, and say so")
    found, codes = np.unique(labels, return_inverse=True)
    return codes, found


def _places(times: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.float64] | None]:
    """Rows to lines of the table; with the times of the lines unless these are the line numbers themselves."""
    if times.dtype.kind in "iu" and times.dtype != np.uint64:
        small = times.dtype.itemsize <= 2 or not times.size or times[0] < max(4 * len(times), 1 << 16)
        if small and times.size > _WORTH_COMPILING:
            return times, None
    values = np.asarray(times, float)
    if not (values >= 0).all():
        raise ValueError("a time is negative or missing: leave such subjects out, and say so")
    if len(values) and values.max() < max(4 * len(values), 1 << 16) and (values == np.floor(values)).all():
        return values.astype(np.int64), None
    distinct, place = np.unique(values, return_inverse=True)
    return place, distinct


def _entries(
    entry: ArrayLike, times: NDArray[Any], cells: NDArray[Any], many: int, kept: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], ...]:
    entered = np.asarray(entry, float)
    if entered.shape != times.shape or not (entered < times).all():
        raise ValueError("give each subject an entry before its time")
    return tuple(np.sort(entered[cells == cell]) for cell in range(many) if kept[cell % len(kept)])


def _tally(
    places: NDArray[Any], cells: NDArray[Any], kinds: NDArray[Any], low: int, columns: tuple[int, int], engine: Engine
) -> NDArray[np.int64]:
    kernel = _kernel() if engine == "numba" or (engine == "auto" and len(places) >= _WORTH_COMPILING) else None
    if engine == "numba" and kernel is None:
        raise ValueError("numba is not installed: pip install branchpoint[fast], or count with numpy")
    if kernel is None:
        return np.zeros((0, *columns), np.int64)
    return np.zeros((0, *columns), np.int64)


@cache
def _kernel() -> Any:
    return import_module("numba")
