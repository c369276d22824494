"""Survival by a group that changes over time: the curves of Simon and Makuch, the test of Mantel and Byar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.statistics.counting import count
from branchpoint.statistics.kaplan_meier import SurvivalCurve, kaplan_meier
from branchpoint.statistics.log_rank import compare_groups

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from branchpoint.statistics.results import TestResult

__all__ = ["Episodes", "episodes", "mantel_byar", "simon_makuch"]


@dataclass(frozen=True, slots=True, eq=False)
class Episodes:
    """Follow-up cut at the change of group: one row a subject before it, one after it.

    Attributes
    ----------
    subject : ndarray of int, shape (m,)
        The position of the subject in the arrays given.
    start, stop : ndarray, shape (m,)
        The row is at risk after its start, up to and including its stop.
    event, changed : ndarray of bool, shape (m,)
    dropped : int
        Subjects whose follow-up ended by the origin.
    """

    subject: NDArray[np.int64]
    start: NDArray[np.float64]
    stop: NDArray[np.float64]
    event: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    dropped: int


def episodes(time: ArrayLike, event: ArrayLike, change: ArrayLike, origin: float = 0.0) -> Episodes:
    """Cut follow-up where the group changes.

    Parameters
    ----------
    time : array-like of float, shape (n,)
        Follow-up; not negative, not missing.
    event : array-like of bool, shape (n,)
    change : array-like of float, shape (n,)
        When each changed for good, as by responding; nan or infinite for never. A change at the end of follow-up or
        later is none; one by the origin puts the subject among the changed from the start.
    origin : float
        Where observation begins. Follow-up of 0 ends with the origin of 0, so that such a subject is dropped; a
        negative origin keeps it.

    Returns
    -------
    Episodes

    Raises
    ------
    ValueError
        When shapes differ, or a time is negative or missing.
    """
    times, events, changes = np.asarray(time, float), np.asarray(event, bool), np.asarray(change, float)
    if not times.shape == events.shape == changes.shape or times.ndim != 1:
        raise ValueError("give one time, one event and one change per subject")
    if not (times >= 0).all():
        raise ValueError("a time is negative or missing: leave such subjects out, and say so")
    present = times > origin
    changing = present & (changes < times)
    start_after = np.maximum(np.where(changing, changes, np.inf), origin)
    first = np.flatnonzero(present & (start_after > origin))
    second = np.flatnonzero(changing)
    start = np.concatenate([np.full(len(first), float(origin)), start_after[second]])
    stop = np.concatenate([np.minimum(times[first], start_after[first]), times[second]])
    happened = np.concatenate([events[first] & ~changing[first], events[second]])
    changed = np.concatenate([np.zeros(len(first), bool), np.ones(len(second), bool)])
    return Episodes(np.concatenate([first, second]), start, stop, happened, changed, int((~present).sum()))


def simon_makuch(
    time: ArrayLike, event: ArrayLike, change: ArrayLike, origin: float = 0.0
) -> tuple[SurvivalCurve, SurvivalCurve]:
    """Estimate survival before and after a change of group, each subject at risk in the group it is in at the time.

    The curves do not follow any one cohort. Few are at risk among the changed at first, so one early event there may
    take the curve down for good; `note` of the curve says so when it reached 0. An origin at a landmark helps.

    Parameters
    ----------
    time, event, change, origin
        As in `episodes`.

    Returns
    -------
    SurvivalCurve
        Not changed.
    SurvivalCurve
        Changed. Empty, with a note, if nobody did.

    References
    ----------
    .. [1] Simon R, Makuch RW. A non-parametric graphical representation of the relationship between survival and the
       occurrence of an event: application to responder versus non-responder bias. Stat Med 1984;3:35-44.
    """
    rows = episodes(time, event, change, origin)
    before, after = (
        kaplan_meier(rows.stop[part], rows.event[part], rows.start[part]) for part in (~rows.changed, rows.changed)
    )
    method = f"Simon-Makuch from {origin:g}, Greenwood's standard error"
    return replace(before, method=method), replace(after, method=method)


def mantel_byar(time: ArrayLike, event: ArrayLike, change: ArrayLike, origin: float = 0.0) -> TestResult:
    """Test whether the hazard is the same before and after a change of group.

    Parameters
    ----------
    time, event, change, origin
        As in `episodes`.

    Returns
    -------
    TestResult
        The log-rank test with each subject at risk in the group it is in at the time.

    References
    ----------
    .. [1] Mantel N, Byar DP. Evaluation of response-time data involving transient states: an illustration using heart-
       transplant data. JASA 1974;69:81-86.
    """
    rows = episodes(time, event, change, origin)
    counts = count(rows.stop, rows.event, rows.changed, entry=rows.start)
    return replace(compare_groups(counts), method="Mantel-Byar test").test()
