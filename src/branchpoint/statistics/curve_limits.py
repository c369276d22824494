"""Pointwise confidence limits for a probability that changes over time."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np

from branchpoint.statistics.inputs import checked_level

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["FORMS", "Form", "curve_limits"]

Form = Literal["plain", "log", "log-log", "logit", "arcsine"]
FORMS: tuple[Form, ...] = ("plain", "log", "log-log", "logit", "arcsine")


def curve_limits(
    estimate: ArrayLike, error: ArrayLike, level: float = 0.95, form: Form = "plain"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give limits that are symmetric after a transformation.

    Parameters
    ----------
    estimate, error : array-like of float, shape (k,)
        Probabilities (survival, or cumulative incidence) with their standard errors.
    level : float
        Confidence level.
    form : {"plain", "log", "log-log", "logit", "arcsine"}
        The scale on which limits are symmetric. Plain limits are cut at 0 and 1, log limits at 1.

    Returns
    -------
    low, high : ndarray, shape (k,)
        nan where there are none: at 0, and with log-log, logit and arcsine also at 1.

    Raises
    ------
    ValueError
        When the form is unknown, or the level not between 0 and 1.

    References
    ----------
    .. [1] Borgan O, Liestol K. A note on confidence intervals and bands for the survival function based on
       transformations. Scand J Stat 1990;17:35-41.
    """
    if form not in FORMS:
        raise ValueError(f"limits of the form {form!r}: give one of {', '.join(FORMS)}")
    wide = NormalDist().inv_cdf(0.5 + checked_level(level) / 2) * np.asarray(error, float)
    p = np.asarray(estimate, float)
    # No event yet and nobody left give a standard error of 0, which is no certainty.
    p = np.where((p > 0) & ((p < 1) | (form in ("plain", "log"))), p, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        if form == "plain":
            return np.maximum(p - wide, 0), np.minimum(p + wide, 1)
        if form == "log":
            return p * np.exp(-wide / p), np.minimum(p * np.exp(wide / p), 1)
        if form == "log-log":
            spread = wide / (p * -np.log(p))
            return p ** np.exp(spread), p ** np.exp(-spread)
        if form == "logit":
            odds, spread = p / (1 - p), wide / (p * (1 - p))
            low, high = odds * np.exp(-spread), odds * np.exp(spread)
            return low / (1 + low), np.where(np.isinf(high), 1.0, high / (1 + high))
        angle, spread = np.arcsin(np.sqrt(p)), wide / (2 * np.sqrt(p * (1 - p)))
        return np.sin(np.maximum(angle - spread, 0)) ** 2, np.sin(np.minimum(angle + spread, np.pi / 2)) ** 2
