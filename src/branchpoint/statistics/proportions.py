"""A proportion, with confidence limits under their own names."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal, get_args

from branchpoint.statistics.distributions import beta_quantile
from branchpoint.statistics.inputs import checked_level, counted, normal_quantile
from branchpoint.statistics.results import Estimate, no_estimate

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ProportionForm",
    "agresti_coull",
    "clopper_pearson",
    "jeffreys",
    "proportion",
    "wald",
    "wilson",
]

ProportionForm = Literal["clopper-pearson", "wilson", "wilson-cc", "jeffreys", "agresti-coull", "wald", "wald-cc"]

_NO_TRIAL = "not estimable: 0 of 0"


def proportion(count: int, size: int, level: float = 0.95, form: ProportionForm = "clopper-pearson") -> Estimate:
    """Estimate a proportion, with limits of a form chosen by name.

    Parameters
    ----------
    count, size : int
        Successes, and trials.
    level : float
        Confidence level.
    form : {"clopper-pearson", "wilson", "wilson-cc", "jeffreys", "agresti-coull", "wald", "wald-cc"}
        "-cc" is with continuity correction.

    Returns
    -------
    Estimate
        Without value and limits when there is no trial.

    Raises
    ------
    ValueError
        When the count is not between 0 and the size, the level not between 0 and 1, or the form unknown.
    """
    if form not in get_args(ProportionForm):
        raise ValueError(f"no form of interval is called {form!r}: choose from {', '.join(get_args(ProportionForm))}")
    return _FORMS[form](count, size, level)


def clopper_pearson(count: int, size: int, level: float = 0.95) -> Estimate:
    """Estimate a proportion with exact limits, from the tails of the binomial distribution.

    Parameters
    ----------
    count, size : int
    level : float

    Returns
    -------
    Estimate
        The low limit is 0 when nobody, the high limit 1 when everybody succeeds.

    Raises
    ------
    ValueError
        As in `proportion`.

    References
    ----------
    .. [1] Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in the case of the binomial.
       Biometrika 1934;26:404-413.
    """
    count, size = counted(count, size)
    tail, method = (1 - checked_level(level)) / 2, "Clopper-Pearson (exact)"
    if size == 0:
        return no_estimate(level, method, _NO_TRIAL)
    low = 0.0 if count == 0 else beta_quantile(tail, count, size - count + 1)
    high = 1.0 if count == size else beta_quantile(1 - tail, count + 1, size - count)
    return Estimate(count / size, low, high, level, method)


def wilson(count: int, size: int, level: float = 0.95, *, correction: bool = False) -> Estimate:
    """Estimate a proportion with Wilson's score limits.

    Parameters
    ----------
    count, size : int
    level : float
    correction : bool
        Whether to correct for continuity by 1/(2 size), as R's prop.test (which does not when count is half of size).

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        As in `proportion`.

    References
    ----------
    .. [1] Wilson EB. Probable inference, the law of succession, and statistical inference. JASA 1927;22:209-212.
    .. [2] Newcombe RG. Two-sided confidence intervals for the single proportion: comparison of seven methods.
       Stat Med 1998;17:857-872.
    """
    count, size = counted(count, size)
    quantile = normal_quantile(level)
    method = f"Wilson (score) {'with' if correction else 'without'} continuity correction"
    if size == 0:
        return no_estimate(level, method, _NO_TRIAL)
    share, step = count / size, 0.5 / size if correction else 0.0

    def limit(center: float, sign: int) -> float:
        spread = sqrt(center * (1 - center) / size + quantile**2 / (4 * size**2))
        return (center + quantile**2 / (2 * size) + sign * quantile * spread) / (1 + quantile**2 / size)

    # Rounding would leave limits a little off 0 and 1.
    low = 0.0 if count == 0 else max(0.0, limit(share - step, -1))
    high = 1.0 if count == size else min(1.0, limit(share + step, 1))
    return Estimate(share, low, high, level, method)


def jeffreys(count: int, size: int, level: float = 0.95) -> Estimate:
    """Estimate a proportion with equal-tailed limits from Jeffreys' prior, Beta(1/2, 1/2).

    Parameters
    ----------
    count, size : int
    level : float

    Returns
    -------
    Estimate
        The value is count / size. The low limit is put to 0 when nobody, the high limit to 1 when everybody succeeds,
        as Brown, Cai and DasGupta advise; use `branchpoint.statistics.beta_posterior` for the posterior as it is.

    Raises
    ------
    ValueError
        As in `proportion`.

    References
    ----------
    .. [1] Brown LD, Cai TT, DasGupta A. Interval estimation for a binomial proportion. Stat Sci 2001;16:101-133.
    """
    count, size = counted(count, size)
    tail, method = (1 - checked_level(level)) / 2, "Jeffreys"
    if size == 0:
        return no_estimate(level, method, _NO_TRIAL)
    shapes = count + 0.5, size - count + 0.5
    low = 0.0 if count == 0 else beta_quantile(tail, *shapes)
    high = 1.0 if count == size else beta_quantile(1 - tail, *shapes)
    return Estimate(count / size, low, high, level, method)


def agresti_coull(count: int, size: int, level: float = 0.95) -> Estimate:
    """Estimate a proportion with the adjusted Wald limits of Agresti and Coull, cut at 0 and 1.

    Parameters
    ----------
    count, size : int
    level : float

    Returns
    -------
    Estimate
        The value is count / size, not the center of the interval.

    Raises
    ------
    ValueError
        As in `proportion`.

    References
    ----------
    .. [1] Agresti A, Coull BA. Approximate is better than "exact" for interval estimation of binomial proportions.
       Am Stat 1998;52:119-126.
    """
    count, size = counted(count, size)
    quantile, method = normal_quantile(level), "Agresti-Coull"
    if size == 0:
        return no_estimate(level, method, _NO_TRIAL)
    trials = size + quantile**2
    center = (count + quantile**2 / 2) / trials
    spread = quantile * sqrt(center * (1 - center) / trials)
    return Estimate(count / size, max(0.0, center - spread), min(1.0, center + spread), level, method)


def wald(count: int, size: int, level: float = 0.95, *, correction: bool = False) -> Estimate:
    """Estimate a proportion with Wald's limits, cut at 0 and 1.

    Parameters
    ----------
    count, size : int
    level : float
    correction : bool
        Whether to widen by 1/(2 size) for continuity.

    Returns
    -------
    Estimate
        A note says when the interval has no width, which is no sign of certainty.

    Raises
    ------
    ValueError
        As in `proportion`.
    """
    count, size = counted(count, size)
    quantile, method = normal_quantile(level), f"Wald {'with' if correction else 'without'} continuity correction"
    if size == 0:
        return no_estimate(level, method, _NO_TRIAL)
    share = count / size
    spread = quantile * sqrt(share * (1 - share) / size) + (0.5 / size if correction else 0.0)
    note = "" if spread else "no width at 0 or 1: use another interval"
    return Estimate(share, max(0.0, share - spread), min(1.0, share + spread), level, method, note)


_FORMS: dict[str, Callable[[int, int, float], Estimate]] = {
    "clopper-pearson": clopper_pearson,
    "wilson": wilson,
    "wilson-cc": lambda count, size, level: wilson(count, size, level, correction=True),
    "jeffreys": jeffreys,
    "agresti-coull": agresti_coull,
    "wald": wald,
    "wald-cc": lambda count, size, level: wald(count, size, level, correction=True),
}
