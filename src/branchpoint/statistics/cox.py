"""Cox's proportional hazards and Fine and Gray's subdistribution hazards, fitted by the package survival."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib import import_module
from math import erfc, exp, inf, nan, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from branchpoint.statistics.distributions import chi_square_tail
from branchpoint.statistics.inputs import checked_level
from branchpoint.statistics.results import Estimate, TestResult, no_estimate, no_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["HazardModel", "cox", "fine_gray"]

# A standard error of so many times the covariate's spread is that of a likelihood without a maximum.
_BOUNDLESS = 50.0
_SEPARATED = "not estimable: the likelihood has no maximum (separation) or covariates repeat one another; Firth's has"


@dataclass(frozen=True, slots=True, eq=False)
class HazardModel:
    """A fitted model of hazards.

    Attributes
    ----------
    names : tuple of str
        Of the covariates.
    coefficients : ndarray, shape (p,)
        Logarithms of hazard ratios; nan where there is no maximum.
    variance : ndarray, shape (p, p)
    log_likelihood : tuple of float
        Without covariates, and fitted.
    rows, events : int
    method : str
    note : str
        Why there are no coefficients, or some are missing; empty otherwise.
    """

    names: tuple[str, ...]
    coefficients: NDArray[np.float64]
    variance: NDArray[np.float64]
    log_likelihood: tuple[float, float]
    rows: int
    events: int
    method: str
    note: str = ""

    @property
    def standard_errors(self) -> NDArray[np.float64]:
        """Shape (p,)."""
        return np.asarray(np.sqrt(np.diag(self.variance)), np.float64)

    def hazard_ratio(self, name: str, level: float = 0.95) -> Estimate:
        """Give the hazard ratio of one unit of a covariate, with Wald limits."""
        place = self.names.index(name)
        value, error = float(self.coefficients[place]), float(self.standard_errors[place])
        method = f"hazard ratio, {self.method}, Wald limits"
        if np.isnan(value):
            return no_estimate(level, method, self.note)
        wide = NormalDist().inv_cdf(0.5 + checked_level(level) / 2) * error
        high = exp(value + wide) if value + wide < 700 else inf
        return Estimate(exp(value), exp(value - wide), high, level, method, self.note)

    def wald(self, name: str) -> TestResult:
        """Test that a covariate has no effect."""
        place = self.names.index(name)
        value, error = float(self.coefficients[place]), float(self.standard_errors[place])
        method = f"Wald test, {self.method}"
        if np.isnan(value):
            return no_test(method, self.note)
        return TestResult(erfc(abs(value / error) / sqrt(2)), value / error, None, method, self.note)

    def likelihood_ratio(self) -> TestResult:
        """Test that no covariate has an effect."""
        method = f"likelihood ratio test, {self.method}"
        if np.isnan(self.coefficients).any():
            return no_test(method, self.note)
        statistic = 2 * (self.log_likelihood[1] - self.log_likelihood[0])
        return TestResult(chi_square_tail(statistic, len(self.names)), statistic, float(len(self.names)), method)


def cox(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    names: Sequence[str] | None = None,
    *,
    entry: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    ties: Literal["efron", "breslow"] = "efron",
) -> HazardModel:
    """Fit Cox's proportional hazards model.

    A covariate that changes over time takes a row for every spell of a subject, with the spell's entry and end.

    Parameters
    ----------
    time : array-like of float, shape (n,)
        End of the follow-up, or of the spell.
    event : array-like of bool, shape (n,)
    covariates : array-like of float, shape (n,) or (n, p)
        None missing.
    names : sequence of str, optional
        One a covariate; x1, x2, ... by default.
    entry : array-like of float, shape (n,), optional
        When each came under observation, before its time.
    stratum : array-like, shape (n,), optional
        Labels of strata with a baseline hazard each.
    ties : {"efron", "breslow"}

    Returns
    -------
    HazardModel
        Coefficients are nan, with a note, without events, without variation, and where one has no finite maximum.

    Raises
    ------
    ValueError
        When shapes differ, or a value is missing.
    ImportError
        When the package survival is not installed.

    References
    ----------
    .. [1] Cox DR. Regression models and life-tables. J R Stat Soc B 1972;34:187-220.
    .. [2] Efron B. The efficiency of Cox's likelihood function for censored data. JASA 1977;72:557-565.
    """
    times, events, design, called = _read(time, event, covariates, names)
    data: dict[str, Any] = {"_time": times, "_event": events.astype(np.int64)}
    left = "_time, _event"
    if entry is not None:
        data["_entry"] = np.asarray(entry, float)
        if data["_entry"].shape != times.shape or not (data["_entry"] < times).all():
            raise ValueError("give each row an entry, before its time")
        left = "_entry, _time, _event"
    options: dict[str, Any] = {"ties": ties}
    if stratum is not None:
        _, options["strata"] = np.unique(np.asarray(stratum), return_inverse=True)
    method = f"Cox model, {ties.capitalize()} ties" + ("" if stratum is None else ", stratified")
    return _fitted(left, data, design, called, events=int(events.sum()), method=method, options=options)


def fine_gray(
    time: ArrayLike, event: ArrayLike, covariates: ArrayLike, names: Sequence[str] | None = None, cause: int = 1
) -> HazardModel:
    """Fit Fine and Gray's model of the subdistribution hazard of a cause.

    Who had a competing event stays at risk, weighted by the chance of not being censored since.

    Parameters
    ----------
    time : array-like of float, shape (n,)
        Follow-up to the first event of any cause.
    event : array-like of int, shape (n,)
        0 for censored; 1, 2, ... for the cause.
    covariates, names
        As in `cox`.
    cause : int

    Returns
    -------
    HazardModel
        With the sandwich variance, a subject being a cluster. Ties as Efron's.

    Raises
    ------
    ValueError
        When shapes differ, or a value is missing.
    ImportError
        When the package survival is not installed.

    References
    ----------
    .. [1] Fine JP, Gray RJ. A proportional hazards model for the subdistribution of a competing risk. JASA
       1999;94:496-509.
    """
    causes = np.asarray(event)
    times, happened, design, called = _read(time, causes == cause, covariates, names)
    method = f"Fine-Gray model of cause {cause}, sandwich standard error"
    if not happened.any():
        return _nothing(called, len(times), 0, method, f"not estimable: no event of cause {cause}")
    whole = {
        "_time": times,
        "_state": np.where(causes == 0, 0, np.where(happened, 1, 2)),
        "_row": np.arange(len(times)),
    }
    expanded = import_module("survival").finegray("Surv(_time, _state, type='mstate') ~ _row", whole, etype="1")
    rows = np.asarray(expanded["_row"], np.int64)
    data: dict[str, Any] = {"_entry": expanded["fgstart"], "_time": expanded["fgstop"], "_event": expanded["fgstatus"]}
    options = {"weights": np.asarray(expanded["fgwt"]), "cluster": rows}
    left, many = "_entry, _time, _event", int(happened.sum())
    return _fitted(left, data, design[rows], called, events=many, method=method, options=options)


def _read(
    time: ArrayLike, event: ArrayLike, covariates: ArrayLike, names: Sequence[str] | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64], tuple[str, ...]]:
    times, events, design = np.asarray(time, float), np.asarray(event, bool), np.asarray(covariates, float)
    design = design[:, None] if design.ndim == 1 else design
    if times.ndim != 1 or times.shape != events.shape or design.ndim != 2 or len(design) != len(times):
        raise ValueError(f"{times.shape} times, {events.shape} events, {design.shape} covariates: give a row a subject")
    if not (np.isfinite(times).all() and np.isfinite(design).all()):
        raise ValueError("a time or a covariate is missing: leave such subjects out, and say so")
    called = tuple(names) if names is not None else tuple(f"x{place + 1}" for place in range(design.shape[1]))
    if len(set(called)) != design.shape[1]:
        raise ValueError(f"{design.shape[1]} covariates, names {called}: give each a name of its own")
    return times, events, design, called


def _nothing(names: tuple[str, ...], rows: int, events: int, method: str, note: str) -> HazardModel:
    p = len(names)
    return HazardModel(names, np.full(p, nan), np.full((p, p), nan), (nan, nan), rows, events, method, note)


def _fitted(
    left: str,
    data: dict[str, Any],
    design: NDArray[np.float64],
    names: tuple[str, ...],
    *,
    events: int,
    method: str,
    options: dict[str, Any],
) -> HazardModel:
    spread = design.std(0) if len(design) else np.zeros(len(names))
    if not events:
        return _nothing(names, len(design), 0, method, "not estimable: no event")
    if (spread == 0).any():
        same = ", ".join(name for name, width in zip(names, spread, strict=True) if width == 0)
        return _nothing(names, len(design), events, method, f"not estimable: {same} is the same for all")
    columns = {f"_x{place}": design[:, place] for place in range(len(names))}
    with warnings.catch_warnings():
        # The library warns of likelihoods without a maximum; the check below finds them, and the note says so.
        warnings.simplefilter("ignore")
        model = import_module("survival").coxph(
            f"Surv({left}) ~ {' + '.join(columns)}", {**data, **columns}, eps=1e-12, **options
        )
    values = np.array([nan if value is None else value for value in model.coefficients], np.float64)
    variance = np.asarray(model.var, np.float64)
    naive = variance if model.naive_var is None else np.asarray(model.naive_var, np.float64)
    likelihood = (float(model.loglik[0]), float(model.loglik[-1]))
    bad = np.isnan(values) | ~(np.sqrt(np.diag(naive)) * spread < _BOUNDLESS)
    if bad.any():
        values, variance = np.where(bad, nan, values), np.where(bad[:, None] | bad, nan, variance)
        called = ", ".join(name for name, out in zip(names, bad, strict=True) if out)
        return HazardModel(names, values, variance, likelihood, len(design), events, method, f"{called} {_SEPARATED}")
    return HazardModel(names, values, variance, likelihood, len(design), events, method)
