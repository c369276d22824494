"""Matching-adjusted indirect comparison: weights that give patients the means of a published population.

The weights are those of least information that meet the means (entropy balancing), found by Newton's method on a convex
function. How much is left after weighting is told by the effective sample size.

References
----------
.. [1] Signorovitch JE, Wu EQ, Yu AP, et al. Comparative effectiveness without head-to-head trials: a method for
   matching-adjusted indirect comparisons. Pharmacoeconomics 2010;28:935-945.
.. [2] Phillippo DM, Ades AE, Dias S, et al. NICE DSU technical support document 18. 2016.
.. [3] Hainmueller J. Entropy balancing for causal effects. Polit Anal 2012;20:25-46.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.statistics.inputs import normal_quantile
from branchpoint.statistics.results import Estimate, no_estimate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Matching", "entropy_weights", "weighted_proportion"]

_STEPS = 200
_CLOSE, _NEARLY = 1e-9, 1e-7
_METHOD = "weighted proportion, sandwich standard error with the weights estimated"


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """Weights, and what they cost.

    Attributes
    ----------
    weights : ndarray, shape (n,)
        With mean 1; empty where no weights give the means.
    deviations : ndarray, shape (n, k)
        Covariates less the means aimed at, scaled.
    effective_size : float
    note : str
        Why there are none; empty otherwise.
    """

    weights: NDArray[np.float64]
    deviations: NDArray[np.float64]
    effective_size: float
    note: str = ""


def entropy_weights(covariates: ArrayLike, means: ArrayLike) -> Matching:
    """Find weights under which the means of covariates are those aimed at.

    Parameters
    ----------
    covariates : array-like of float, shape (n, k)
        None missing.
    means : array-like of float, shape (k,)

    Raises
    ------
    ValueError
        When shapes do not fit or a value is missing.
    """
    x, aim = np.asarray(covariates, float), np.asarray(means, float)
    if x.ndim != 2 or aim.shape != x.shape[1:] or not (np.isfinite(x).all() and np.isfinite(aim).all()):
        raise ValueError("give one row a patient and one mean a covariate, none missing")
    spread = x.std(axis=0) if len(x) else np.ones(x.shape[1])
    away = (x - aim) / np.where(spread > 0, spread, 1)
    found = _newton(away) if len(x) else None
    if found is None:
        return Matching(np.empty(0), away, 0.0, "not estimable: no weights give patients the means aimed at")
    weights = found * len(x) / found.sum()
    return Matching(weights, away, float(weights.sum() ** 2 / (weights**2).sum()))


def _newton(away: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Minimize the logarithm of the sum of exp(away @ a); its gradient is the weighted mean, to be 0."""
    a = np.zeros(away.shape[1])

    def value_at(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = away @ point
        top = float(score.max())
        raw = np.exp(score - top)
        return top + float(np.log(raw.sum())), raw / raw.sum()

    value, weights = value_at(a)
    for _ in range(_STEPS):
        gradient = weights @ away
        if float(np.abs(gradient).max(initial=0.0)) < _CLOSE:
            return weights
        centered = away - gradient
        curvature = (centered * weights[:, None]).T @ centered
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        size = 1.0
        while size > 1e-10:
            value_new, weights_new = value_at(a - size * step)
            if value_new < value + 1e-4 * size * -float(gradient @ step):
                break
            size /= 2
        else:
            # Rounding alone may keep the last step from going down.
            return weights if float(np.abs(gradient).max()) < _NEARLY else None
        a, value, weights = a - size * step, value_new, weights_new
    return None


def weighted_proportion(matching: Matching, outcome: ArrayLike, level: float = 0.95) -> tuple[Estimate, float]:
    """Estimate a proportion under the weights, and its standard error.

    Parameters
    ----------
    matching : Matching
    outcome : array-like of bool, shape (n,)
    level : float

    Returns
    -------
    Estimate
        With limits symmetric about it, cut at 0 and 1.
    float
        The standard error, nan where there is no estimate. That the means aimed at are themselves estimates is not
        part of it.
    """
    y, w = np.asarray(outcome, float), matching.weights
    if not len(w):
        return no_estimate(level, _METHOD, matching.note), float("nan")
    value = float(w @ y / w.sum())
    rest = y - value
    # What the estimation of the weights takes off, by stacking both sets of estimating equations.
    moments = (matching.deviations * w[:, None]).T @ matching.deviations
    slope = np.linalg.lstsq(moments, (matching.deviations * (w * rest)[:, None]).sum(axis=0), rcond=None)[0]
    influence = w * (rest - matching.deviations @ slope)
    error = sqrt(float(influence @ influence)) / float(w.sum())
    wide = normal_quantile(level) * error
    note = "" if error > 0 else "no spread to give limits from"
    return Estimate(value, max(0.0, value - wide), min(1.0, value + wide), level, _METHOD, note), error
