"""The log-rank test of equal survival, with its weighted, stratified, trend and one-sample forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from branchpoint.statistics.counting import Counts, count
from branchpoint.statistics.distributions import chi_square_tail
from branchpoint.statistics.results import TestResult, no_test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "RankComparison",
    "Weight",
    "compare_groups",
    "log_rank_test",
    "log_rank_trend",
    "one_sample_log_rank",
]

Weight = Literal["log-rank", "Gehan", "Tarone-Ware", "Peto-Peto", "G-rho"]


@dataclass(frozen=True, slots=True, eq=False)
class RankComparison:
    """Events observed in each group beside those expected if all groups survived alike.

    Attributes
    ----------
    groups : ndarray, shape (g,)
    observed, expected : ndarray, shape (g,)
        Weighted, if the test is.
    variance : ndarray, shape (g, g)
        Of observed minus expected.
    method : str
    """

    groups: NDArray[Any]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    variance: NDArray[np.float64]
    method: str

    def test(self) -> TestResult:
        """Test that all groups survive alike.

        Groups that were never at risk at an event say nothing and have no degree of freedom.
        """
        told = np.flatnonzero(self.expected > 0)
        if len(told) < 2:
            return no_test(self.method, "not estimable: fewer than two groups were at risk at an event")
        # One group's excess follows from the others'.
        excess, variance = (self.observed - self.expected)[told[1:]], self.variance[np.ix_(told[1:], told[1:])]
        df = int(np.linalg.matrix_rank(variance, hermitian=True))
        if df == 0:
            return no_test(self.method, "not estimable: no event while more than one group was at risk")
        statistic = float(excess @ np.linalg.solve(variance, excess)) if df == len(excess) else _singular(self, told)
        note = "" if len(told) == len(self.groups) else "groups never at risk at an event are left out"
        if df < len(excess):
            note = "some groups were never at risk together: fewer degrees of freedom than groups less one"
        return TestResult(chi_square_tail(statistic, df), statistic, float(df), self.method, note)

    def trend(self, scores: ArrayLike | None = None) -> TestResult:
        """Test for a trend over ordered groups.

        Parameters
        ----------
        scores : array-like of float, shape (g,), optional
            One a group, in the order of `groups`; 0, 1, 2, ... by default.

        Returns
        -------
        TestResult
            Two-sided; chi-square with 1 degree of freedom.
        """
        given = np.arange(len(self.groups), dtype=np.float64) if scores is None else np.asarray(scores, float)
        if given.shape != self.groups.shape:
            raise ValueError(f"{len(self.groups)} groups, scores of shape {given.shape}: give one score a group")
        method = f"{self.method}, trend with scores {', '.join(f'{score:g}' for score in given)}"
        spread = float(given @ self.variance @ given)
        if spread <= 1e-12 * float(np.square(given).sum() * np.trace(self.variance)):
            return no_test(method, "not estimable: no event while groups of different scores were at risk")
        statistic = float(given @ (self.observed - self.expected)) ** 2 / spread
        return TestResult(chi_square_tail(statistic, 1), statistic, 1.0, method)


def compare_groups(counts: Counts, weight: Weight = "log-rank", rho: float = 0.0) -> RankComparison:
    """Compare groups, within strata if there are any, from one counting pass.

    Where one is at risk, an event counts as observed and as expected and adds no variance.

    Parameters
    ----------
    counts : Counts
        Events of every cause count.
    weight : {"log-rank", "Gehan", "Tarone-Ware", "Peto-Peto", "G-rho"}
        What an event weighs: 1; the number at risk; its square root; Peto's estimate of survival; or Kaplan-Meier
        survival just before it, to the power rho. Survival is that of the stratum, groups pooled.
    rho : float
        For G-rho alone.

    References
    ----------
    .. [1] Mantel N. Evaluation of survival data and two new rank order statistics arising in its consideration. Cancer
       Chemother Rep 1966;50:163-170.
    .. [2] Peto R, Peto J. Asymptotically efficient rank invariant test procedures. J R Stat Soc A 1972;135:185-207.
    .. [3] Harrington DP, Fleming TR. A class of rank test procedures for censored survival data. Biometrika
       1982;69:553-566.
    """
    events, at_risk = counts.events, counts.at_risk
    died, risk = events.sum(-1), at_risk.sum(-1)
    many = np.maximum(risk, 1)
    importance = _weights(weight, rho, died, many)
    share = at_risk / many[..., None]
    observed = np.einsum("ks,ksg->g", importance, events)
    expected = np.einsum("ks,ksg->g", importance * died, share)
    spread = np.square(importance) * died * (many - died) / np.maximum(many - 1, 1)
    variance = np.diag(np.einsum("ks,ksg->g", spread, share)) - np.einsum("ks,ksg,ksh->gh", spread, share, share)
    name = {"log-rank": "log-rank test", "G-rho": f"G-rho test, rho = {rho:g}"}.get(weight, f"{weight} test")
    method = f"stratified {name}" if len(counts.strata) > 1 else name
    return RankComparison(counts.groups, observed, expected, variance, method)


def log_rank_test(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    stratum: ArrayLike | None = None,
    *,
    entry: ArrayLike | None = None,
    weight: Weight = "log-rank",
    rho: float = 0.0,
) -> TestResult:
    """Test whether groups survive alike.

    Parameters
    ----------
    time : array-like of float, shape (n,)
    event : array-like of bool, shape (n,)
    group, stratum : array-like, shape (n,)
        Labels; none missing.
    entry : array-like of float, shape (n,), optional
        When each came under observation, before its time.
    weight, rho
        As in `compare_groups`.

    Returns
    -------
    TestResult
        Chi-square, two-sided; not estimable with fewer than two groups at risk at an event.

    Raises
    ------
    ValueError
        When shapes differ, a label is missing, or a time is negative or missing.
    """
    return compare_groups(count(time, np.asarray(event, bool), group, stratum, entry=entry), weight, rho).test()


def log_rank_trend(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    scores: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
) -> TestResult:
    """Test for a trend of survival over groups in the order of their labels; see `RankComparison.trend`.

    References
    ----------
    .. [1] Tarone RE. Tests for trend in life table analysis. Biometrika 1975;62:679-682.
    """
    return compare_groups(count(time, np.asarray(event, bool), group, stratum)).trend(scores)


def one_sample_log_rank(event: ArrayLike, expected_hazard: ArrayLike) -> TestResult:
    """Test whether a group survives as a reference population does.

    Parameters
    ----------
    event : array-like of bool, shape (n,)
    expected_hazard : array-like of float, shape (n,)
        The cumulative hazard of the reference up to each subject's follow-up; not negative, not missing.

    Returns
    -------
    TestResult
        Two-sided; chi-square with 1 degree of freedom, variance as expected.

    References
    ----------
    .. [1] Breslow NE. Analysis of survival data under the proportional hazards model. Int Stat Rev 1975;43:45-57.
    """
    happened, hazard = np.asarray(event, bool), np.asarray(expected_hazard, float)
    if happened.shape != hazard.shape or not (hazard >= 0).all():
        raise ValueError("give one expected hazard per subject, not negative, not missing")
    observed, expected = int(happened.sum()), float(hazard.sum())
    method = "one-sample log-rank test"
    if not 0 < expected < np.inf:
        return no_test(method, "not estimable: no event is expected, or infinitely many")
    statistic = (observed - expected) ** 2 / expected
    note = f"{observed} events observed, {expected:.6g} expected"
    return TestResult(chi_square_tail(statistic, 1), statistic, 1.0, method, note)


def _weights(weight: Weight, rho: float, died: NDArray[np.int64], risk: NDArray[np.int64]) -> NDArray[np.float64]:
    if weight == "log-rank":
        return np.ones(died.shape)
    if weight == "Gehan":
        return risk.astype(np.float64)
    if weight == "Tarone-Ware":
        return np.sqrt(risk)
    if weight == "Peto-Peto":
        return np.asarray(np.cumprod(1 - died / (risk + 1), axis=0), np.float64)
    if weight == "G-rho":
        survival = np.cumprod(1 - died / risk, axis=0)
        before = np.concatenate([np.ones((1, died.shape[1])), survival[:-1]])
        return np.asarray(before**rho, np.float64)
    raise ValueError(f"the weight {weight!r}: give log-rank, Gehan, Tarone-Ware, Peto-Peto or G-rho")


def _singular(comparison: RankComparison, told: NDArray[np.int64]) -> float:
    excess = (comparison.observed - comparison.expected)[told]
    return float(excess @ np.linalg.pinv(comparison.variance[np.ix_(told, told)], hermitian=True) @ excess)
