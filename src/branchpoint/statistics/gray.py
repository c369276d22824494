"""Gray's test of equal cumulative incidence where causes compete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from branchpoint.statistics.counting import count
from branchpoint.statistics.distributions import chi_square_tail
from branchpoint.statistics.results import TestResult, no_test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["gray_test"]


def gray_test(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    cause: int = 1,
    stratum: ArrayLike | None = None,
    rho: float = 0.0,
) -> TestResult:
    """Test whether the cumulative incidence of a cause is the same in all groups.

    Parameters
    ----------
    time : array-like of float, shape (n,)
        Follow-up to the first event of any cause; not negative, not missing.
    event : array-like of int, shape (n,)
        0 for censored; 1, 2, ... for the cause.
    group, stratum : array-like, shape (n,)
        Labels; none missing. Groups are compared within strata.
    cause : int
        The cause tested; all others compete.
    rho : float
        Power of one minus the incidence just before the event that weighs it; 0 for none.

    Returns
    -------
    TestResult
        Chi-square with one degree of freedom less than groups.

    Raises
    ------
    ValueError
        When shapes differ, a label is missing, or the cause is 0 or negative.

    References
    ----------
    .. [1] Gray RJ. A class of K-sample tests for comparing the cumulative incidence of a competing risk. Ann Stat
       1988;16:1141-1154.
    """
    if cause < 1:
        raise ValueError(f"cause {cause}: 0 is censored, causes are 1, 2, ...")
    counts = count(time, event, group, stratum)
    name = "stratified Gray's test" if len(counts.strata) > 1 else "Gray's test"
    method = f"{name}, cause {cause}" + (f", rho = {rho:g}" if rho else "")
    if len(counts.groups) < 2:
        return no_test(method, "not estimable: fewer than two groups")
    if cause >= counts.table.shape[-1] or not counts.table[..., cause].any():
        return no_test(method, "not estimable: no event of this cause")
    of_cause = counts.table[..., cause]
    others, at_risk = counts.events - of_cause, counts.at_risk
    score, variance = np.zeros(len(counts.groups)), np.zeros((len(counts.groups),) * 2)
    for place in range(len(counts.strata)):
        happened = counts.events[:, place].any(-1)
        own, other, risk = of_cause[happened, place], others[happened, place], at_risk[happened, place]
        of_score, of_variance = _within(own, other, risk, rho)
        score, variance = score + of_score, variance + of_variance
    # Groups' scores add up to 0 as the log-rank test's do, so that one follows from the others.
    if np.linalg.matrix_rank(variance[:-1, :-1], hermitian=True) < len(score) - 1:
        return no_test(method, "not estimable: some groups were never at risk together at an event of this cause")
    statistic = float(score[:-1] @ np.linalg.solve(variance[:-1, :-1], score[:-1]))
    return TestResult(chi_square_tail(statistic, len(score) - 1), statistic, float(len(score) - 1), method)


def _within(
    own: NDArray[np.int64], others: NDArray[np.int64], risk: NDArray[np.int64], rho: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score and variance in one stratum, from counts of shape (times, groups)."""
    many = np.maximum(risk, 1)
    survival = np.asarray(np.cumprod(1 - (own + others) / many, axis=0), np.float64)
    before = _shifted(survival, 1.0)
    incidence_before = _shifted(np.cumsum(before * own / many, axis=0), 0.0)
    # Gray's weighted risk sets: who would be at risk, had nobody left by another cause or by censoring.
    held = np.divide(risk, before, out=np.zeros(risk.shape), where=before > 0)
    free = held * (1 - incidence_before)
    total, died = held.sum(1), own.sum(1)
    pooled = np.cumsum(died / total)
    pooled_before = _shifted(pooled, 0.0)
    weight = (1 - pooled_before) ** rho
    score = (weight[:, None] * (own - died[:, None] * free / free.sum(1)[:, None])).sum(0)

    # How a group's score answers to each group's incidence: at once, and through what is still to come.
    at_once = weight[:, None, None] * held[:, :, None] * (np.eye(risk.shape[1]) - (held / total[:, None])[:, None, :])
    step = np.divide(died, total * (1 - pooled_before), out=np.zeros(len(died)), where=pooled_before < 1)
    reached = np.cumsum(at_once * step[:, None, None], axis=0)
    coming = reached[-1] - reached
    left = np.divide((1 - pooled)[:, None], survival, out=np.zeros(survival.shape), where=survival > 0)

    again = np.broadcast_to(np.maximum(died - 1, 0)[:, None], risk.shape)
    ties = 1 - np.divide(again, total[:, None] * before - 1, out=np.zeros(risk.shape), where=again > 0)
    spread = ties * before * (died / total)[:, None] / many * (risk > 0)
    effect = at_once + (1 - left)[:, None, :] * coming
    variance = np.einsum("tk,tik,tjk->ij", spread, effect, effect)

    ties = 1 - np.divide(others - 1, risk - 1, out=np.zeros(risk.shape), where=others > 1)
    spread = ties * np.square(before / many) * others * (survival > 0)
    effect = left[:, None, :] * coming
    return score, variance + np.einsum("tk,tik,tjk->ij", spread, effect, effect)


def _shifted(values: NDArray[np.float64], first: float) -> NDArray[np.float64]:
    """The values just before each time."""
    return np.concatenate([np.full((1, *values.shape[1:]), first), values[:-1]])
