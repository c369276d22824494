"""The log-rank test of equal survival in two or more groups."""

from __future__ import annotations

from math import erfc, exp, lgamma, log, sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["chi_square_tail", "log_rank"]


def log_rank(time: ArrayLike, event: ArrayLike, group: ArrayLike) -> tuple[float, int, float]:
    """Test whether groups survive alike.

    Parameters
    ----------
    time : array-like of float, shape (n,)
    event : array-like of bool, shape (n,)
    group : array-like, shape (n,)

    Returns
    -------
    chi_square : float
    degrees_of_freedom : int
    p : float

    Raises
    ------
    ValueError
        When there are fewer than two groups.

    References
    ----------
    .. [1] Peto R, Peto J. Asymptotically efficient rank invariant test procedures. J R Stat Soc A 1972;135:185-207.
    """
    times, events, groups = np.asarray(time, float), np.asarray(event, bool), np.asarray(group)
    names = np.unique(groups)
    if len(names) < 2:
        raise ValueError("give at least two groups")
    member = groups[:, None] == names
    excess, variance = np.zeros(len(names)), np.zeros((len(names), len(names)))
    for moment in np.unique(times[events]):
        at_risk = member[times >= moment].sum(0)
        died = member[(times == moment) & events].sum(0)
        total, deaths = at_risk.sum(), died.sum()
        share = at_risk / total
        excess += died - deaths * share
        if total > 1:
            spread = deaths * (total - deaths) / (total - 1)
            variance += spread * (np.diag(share) - np.outer(share, share))
    # One group's excess follows from the others'.
    statistic = float(excess[1:] @ np.linalg.pinv(variance[1:, 1:]) @ excess[1:])
    return statistic, len(names) - 1, chi_square_tail(statistic, len(names) - 1)


def chi_square_tail(statistic: float, degrees_of_freedom: int) -> float:
    """Give the probability that a chi-square variable is above a value.

    Parameters
    ----------
    statistic : float
    degrees_of_freedom : int
        At least 1.
    """
    if statistic <= 0:
        return 1.0
    half, odd = statistic / 2, degrees_of_freedom % 2
    tail = erfc(sqrt(half)) if odd else 0.0
    shapes = (place + odd / 2 for place in range(degrees_of_freedom // 2))
    return min(1.0, tail + sum(exp(shape * log(half) - half - lgamma(shape + 1)) for shape in shapes))
