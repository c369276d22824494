"""Firth's penalized likelihood for Cox's and for logistic regression: finite estimates under separation."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, nan
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from branchpoint.statistics.distributions import chi_square_tail
from branchpoint.statistics.inputs import checked_level
from branchpoint.statistics.results import Estimate, TestResult, no_estimate, no_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["FirthModel", "firth_cox", "firth_logistic"]

_STEPS, _HALVINGS, _LONGEST_STEP, _SMALL = 200, 30, 5.0, 1e-10


class _Likelihood(Protocol):
    def __call__(
        self, beta: NDArray[np.float64], /
    ) -> tuple[float, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Log-likelihood, score, information and the derivative of the information, at some coefficients."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FirthModel:
    """A model fitted by Firth's penalized likelihood.

    Attributes
    ----------
    names : tuple of str
    coefficients : ndarray, shape (p,)
        Logarithms of hazard ratios, or of odds ratios; nan when not estimable.
    variance : ndarray, shape (p, p)
        The inverse of the information; limits and tests are from the profile likelihood instead.
    log_likelihood : float
        Penalized.
    method : str
    note : str
    """

    names: tuple[str, ...]
    coefficients: NDArray[np.float64]
    variance: NDArray[np.float64]
    log_likelihood: float
    method: str
    note: str
    _likelihood: _Likelihood | None = None

    @property
    def standard_errors(self) -> NDArray[np.float64]:
        """Shape (p,)."""
        return np.asarray(np.sqrt(np.diag(self.variance)), np.float64)

    def ratio(self, name: str, level: float = 0.95) -> Estimate:
        """Give the hazard or odds ratio of one unit of a covariate, with profile penalized likelihood limits."""
        place, method = self.names.index(name), f"{self.method}, profile likelihood limits"
        checked_level(level)
        if self._likelihood is None or np.isnan(self.coefficients[place]):
            return no_estimate(level, method, self.note)
        limits = [self._limit(place, level, side) for side in (-1, 1)]
        low, high = (nan if np.isnan(limit) else exp(limit) if limit < 700 else inf for limit in limits)
        note = "" if not np.isnan(limits).any() else "a limit was not found: the profile is flat"
        return Estimate(exp(float(self.coefficients[place])), low, high, level, method, note)

    def test(self, name: str) -> TestResult:
        """Test that a covariate has no effect, by the penalized likelihood ratio."""
        place, method = self.names.index(name), f"{self.method}, penalized likelihood ratio test"
        if self._likelihood is None or np.isnan(self.coefficients[place]):
            return no_test(method, self.note)
        statistic = max(0.0, 2 * (self.log_likelihood - self._profile(place, 0.0)))
        return TestResult(chi_square_tail(statistic, 1), statistic, 1.0, method)

    def _profile(self, place: int, value: float) -> float:
        assert self._likelihood is not None
        start = self.coefficients.copy()
        start[place] = value
        free = np.arange(len(start)) != place
        return _maximum(self._likelihood, start, free)[1]

    def _limit(self, place: int, level: float, side: int) -> float:
        """Where the profile has fallen by half a chi-square quantile: bracketed, then by the Illinois rule."""
        target = self.log_likelihood - NormalDist().inv_cdf(0.5 + level / 2) ** 2 / 2
        inner, above = float(self.coefficients[place]), self.log_likelihood - target
        step = side * float(self.standard_errors[place])
        for _ in range(30):
            outer = inner + step
            if (below := self._profile(place, outer) - target) < 0:
                break
            inner, above, step = outer, below, step * 1.5
        else:
            return nan
        for _ in range(100):
            middle = outer - below * (outer - inner) / (below - above)
            height = self._profile(place, middle) - target
            if abs(height) < 1e-11 or abs(outer - inner) < 1e-12 * max(1.0, abs(outer)):
                return middle
            if (height < 0) == (below < 0):
                above /= 2
            else:
                inner, above = outer, below
            outer, below = middle, height
        return (inner + outer) / 2


def firth_logistic(outcome: ArrayLike, covariates: ArrayLike, names: Sequence[str] | None = None) -> FirthModel:
    """Fit a logistic regression by Firth's penalized likelihood.

    Parameters
    ----------
    outcome : array-like of bool, shape (n,)
    covariates : array-like of float, shape (n,) or (n, p)
        Without the intercept, which is added first. None missing.
    names : sequence of str, optional

    Returns
    -------
    FirthModel
        The first name is (intercept).

    References
    ----------
    .. [1] Firth D. Bias reduction of maximum likelihood estimates. Biometrika 1993;80:27-38.
    .. [2] Heinze G, Schemper M. A solution to the problem of separation in logistic regression. Stat Med
       2002;21:2409-2419.
    """
    happened, (design, called) = np.asarray(outcome, bool), _design(covariates, names)
    if happened.shape != (len(design),):
        raise ValueError(f"{happened.shape} outcomes, {design.shape} covariates: give a row a subject")
    design, called = np.column_stack([np.ones(len(design)), design]), ("(intercept)", *called)

    def likelihood(
        beta: NDArray[np.float64],
    ) -> tuple[float, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        line = design @ beta
        p = np.exp(-np.logaddexp(0, -line))
        weight = p * (1 - p)
        information = np.einsum("n,ni,nj->ij", weight, design, design)
        turn = np.einsum("n,ni,nj,nk->ijk", weight * (1 - 2 * p), design, design, design)
        value = float(-np.logaddexp(0, np.where(happened, -line, line)).sum())
        return value, design.T @ (happened - p), information, turn

    return _fit(likelihood, called, "logistic regression, Firth's penalized likelihood")


def firth_cox(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    names: Sequence[str] | None = None,
    *,
    entry: ArrayLike | None = None,
    ties: Literal["efron", "breslow"] = "efron",
) -> FirthModel:
    """Fit Cox's model by Firth's penalized likelihood; meant for up to thousands of rows.

    Parameters
    ----------
    time, event, covariates, names, entry, ties
        As in `cox.cox`.

    Returns
    -------
    FirthModel

    References
    ----------
    .. [1] Heinze G, Schemper M. A solution to the problem of monotone likelihood in Cox regression. Biometrics
       2001;57:114-119.
    """
    times, happened, (design, called) = np.asarray(time, float), np.asarray(event, bool), _design(covariates, names)
    start = np.full(times.shape, -inf) if entry is None else np.asarray(entry, float)
    if not times.shape == happened.shape == start.shape == (len(design),) or not (start < times).all():
        raise ValueError("give a row a subject, each entry before its time")
    # One term an event: who is at risk, and (Efron) how much of those who have it at the same time still is.
    terms = []
    for moment in np.unique(times[happened]):
        now = happened & (times == moment)
        present = (times >= moment) & (start < moment)
        for turn in range(int(now.sum())):
            gone = turn / now.sum() if ties == "efron" else 0.0
            terms.append(present - gone * now)
    risk = np.array(terms).reshape(-1, len(times))
    design = design - design.mean(0)
    products = np.einsum("ni,nj->nij", design, design).reshape(len(design), -1)
    cubes = np.einsum("nq,nk->nqk", products, design).reshape(len(design), -1)

    def likelihood(
        beta: NDArray[np.float64],
    ) -> tuple[float, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        line = design @ beta
        top = line.max()
        weight = risk * np.exp(line - top)
        total = weight.sum(1)
        share = weight / total[:, None]
        mean = share @ design
        second = (share @ products).reshape(-1, len(beta), len(beta))
        information = second.sum(0) - mean.T @ mean
        # The third central moment from raw ones: covariates are centered, so that little cancels.
        mixed = np.einsum("tij,tk->ijk", second, mean)
        turn = (share.sum(0) @ cubes).reshape((len(beta),) * 3) + 2 * np.einsum("ti,tj,tk->ijk", mean, mean, mean)
        turn -= mixed + mixed.transpose(0, 2, 1) + mixed.transpose(2, 1, 0)
        value = float(line[happened].sum() - (np.log(total) + top).sum())
        return value, design[happened].sum(0) - mean.sum(0), information, turn

    name = f"Cox model, {ties.capitalize()} ties, Firth's penalized likelihood"
    return _fit(likelihood, called, name) if len(risk) else _nothing(called, name, "not estimable: no event")


def _design(covariates: ArrayLike, names: Sequence[str] | None) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    design = np.asarray(covariates, float)
    design = design[:, None] if design.ndim == 1 else design
    if design.ndim != 2 or not np.isfinite(design).all():
        raise ValueError("a covariate is missing: leave such subjects out, and say so")
    called = tuple(names) if names is not None else tuple(f"x{place + 1}" for place in range(design.shape[1]))
    if len(set(called)) != design.shape[1]:
        raise ValueError(f"{design.shape[1]} covariates, names {called}: give each a name of its own")
    return design, called


def _nothing(names: tuple[str, ...], method: str, note: str) -> FirthModel:
    p = len(names)
    return FirthModel(names, np.full(p, nan), np.full((p, p), nan), nan, method, note)


def _fit(likelihood: _Likelihood, names: tuple[str, ...], method: str) -> FirthModel:
    start = np.zeros(len(names))
    information = likelihood(start)[2]
    scale = np.sqrt(np.diag(information))
    if not (scale > 0).all() or np.linalg.matrix_rank(information / np.outer(scale, scale), hermitian=True) < len(
        scale
    ):
        return _nothing(names, method, "not estimable: a covariate does not vary, or repeats others")
    beta, value, converged = _maximum(likelihood, start, np.ones(len(names), bool))
    if not converged:
        return _nothing(names, method, "not estimable: the iteration did not converge")
    return FirthModel(
        names, beta, np.asarray(np.linalg.inv(likelihood(beta)[2]), np.float64), value, method, "", likelihood
    )


def _maximum(
    likelihood: _Likelihood, beta: NDArray[np.float64], free: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float, bool]:
    """Climb the penalized likelihood over the free coefficients; where, how high, and whether it is the top."""

    def penalized(beta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        value, score, information, turn = likelihood(beta)
        sign, logarithm = np.linalg.slogdet(information)
        if sign <= 0:
            return -inf, score, information
        return (
            float(value + logarithm / 2),
            score + np.einsum("ij,ijk->k", np.linalg.inv(information), turn) / 2,
            information,
        )

    value, score, information = penalized(beta)
    for _ in range(_STEPS):
        step = np.zeros(len(beta))
        step[free] = np.linalg.solve(information[np.ix_(free, free)], score[free])
        if not free.any() or float(score[free] @ step[free]) < _SMALL**2:
            return beta, value, True
        step *= min(1.0, _LONGEST_STEP / np.abs(step).max())
        for _ in range(_HALVINGS):
            trial = penalized(beta + step)
            if trial[0] >= value - 1e-13 * abs(value):
                break
            step /= 2
        else:
            return beta, value, float(score[free] @ step[free]) < _SMALL
        beta, (value, score, information) = beta + step, trial
    return beta, value, float(score[free] @ step[free]) < _SMALL
