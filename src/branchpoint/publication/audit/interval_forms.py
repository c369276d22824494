"""Forms of a confidence interval of a proportion: the usual ones, and rarer ones that a report may have used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import asin, exp, log, sin, sqrt
from math import pi as PI
from typing import TYPE_CHECKING

from branchpoint.statistics.distributions import normal_quantile, student_quantile
from branchpoint.statistics.proportions import proportion

if TYPE_CHECKING:
    from collections.abc import Callable

    from branchpoint.statistics.proportions import ProportionForm

__all__ = ["FORMS", "ODD_FORMS", "USUAL_FORMS", "Form", "stated_forms"]

Limits = tuple[float, float]

# Blaker's limits are searched on a grid; beyond this size they are hardly told from the other exact ones.
_MOST_BLAKER = 400
# Points of the grid looked at together; the limit is found among the first of them.
_PIECE = 500


@dataclass(frozen=True, slots=True)
class Form:
    """One form of interval.

    Attributes
    ----------
    name : str
    pattern : str
        Regular expression of the words by which a report states it.
    limits : callable
        From count, size and level (between 0 and 1) to the limits as proportions. None where it has none.
    """

    name: str
    pattern: str
    limits: Callable[[int, int, float], Limits | None]


def stated_forms(method: str) -> tuple[Form, ...]:
    """The forms that the words of a report can mean; none where it names no form known here.

    Words that name a special form ("Wilson with continuity correction") do not mean the plain one too.
    """
    words = method.lower()
    found = [form for form in FORMS if re.search(form.pattern, words)]
    corrected = [form for form in found if form.name.endswith("with continuity correction")]
    plain = [form for form in found if form not in corrected]
    if re.search(r"continuity|corrected", words) and not re.search(r"without|uncorrected", words):
        return tuple(corrected or plain)
    return tuple(plain or corrected)


def _quantile(level: float) -> float:
    return normal_quantile(0.5 + level / 2)


def _library(form: ProportionForm) -> Callable[[int, int, float], Limits]:
    def limits(count: int, size: int, level: float) -> Limits:
        estimate = proportion(count, size, level, form)
        return estimate.low, estimate.high

    return limits


def _about(share: float, spread: float) -> Limits:
    return max(0.0, share - spread), min(1.0, share + spread)


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return (low + high) / 2


def _mid_p(count: int, size: int, level: float) -> Limits:
    """Where half the chance of what was observed, and all of what is more extreme, is the tail."""
    from scipy.special import bdtr

    share, tail = count / size, (1 - level) / 2

    def at_most(p: float) -> float:
        return float(bdtr(count, size, p) + (bdtr(count - 1, size, p) if count else 0.0)) / 2

    low = 0.0 if count == 0 else _root(lambda p: 1 - at_most(p) - tail, 0.0, share)
    high = 1.0 if count == size else _root(lambda p: tail - at_most(p), share, 1.0)
    return low, high


def _likelihood(count: int, size: int, level: float) -> Limits:
    share, drop = count / size, _quantile(level) ** 2 / 2

    def fit(p: float) -> float:
        with_event = count * log(p) if count else 0.0
        return with_event + ((size - count) * log(1 - p) if count < size else 0.0)

    best = fit(share) if 0 < count < size else 0.0
    tiny = 1e-12
    low = 0.0 if count == 0 else _root(lambda p: fit(p) - best + drop, tiny, share)
    high = 1.0 if count == size else _root(lambda p: best - drop - fit(p), share, 1 - tiny)
    return low, high


def _logit(count: int, size: int, level: float) -> Limits | None:
    if count in (0, size):
        return None
    center, spread = log(count / (size - count)), _quantile(level) * sqrt(1 / count + 1 / (size - count))
    return 1 / (1 + exp(spread - center)), 1 / (1 + exp(-spread - center))


def _arcsine(count: int, size: int, level: float) -> Limits:
    center, spread = asin(sqrt(count / size)), _quantile(level) / (2 * sqrt(size))
    return sin(max(0.0, center - spread)) ** 2, sin(min(PI / 2, center + spread)) ** 2


def _student(count: int, size: int, level: float) -> Limits | None:
    """Limits of the mean of zeros and ones, as a program gives that is asked for a mean."""
    if size < 2:
        return None
    share = count / size
    return _about(share, student_quantile(0.5 + level / 2, size - 1) * sqrt(share * (1 - share) / (size - 1)))


def _blaker(count: int, size: int, level: float) -> Limits | None:
    """All proportions that Blaker's acceptability does not reject, found to a hundred-thousandth."""
    if size > _MOST_BLAKER:
        return None
    outer = proportion(count, size, level)
    return (
        0.0 if count == 0 else _least_accepted(count, size, level, outer.low),
        1.0 if count == size else 1 - _least_accepted(size - count, size, level, 1 - outer.high),
    )


def _least_accepted(count: int, size: int, level: float, start: float) -> float:
    import numpy as np
    from scipy.special import bdtr

    whole = np.arange(start, count / size, 1e-5)
    for grid in np.array_split(whole, max(1, len(whole) // _PIECE)):
        upper = 1 - bdtr(count - 1, size, grid)
        below = bdtr(np.arange(size + 1)[:, None], size, grid[None, :])
        # The other tail: the largest chance of few events that does not exceed that of so many.
        other = np.where(below <= upper * (1 + 1e-9), below, 0.0).max(axis=0)
        accepted = np.flatnonzero(upper + other >= 1 - level)
        if len(accepted):
            return float(grid[accepted[0]])
    return count / size


def _standard_errors(times: float) -> Callable[[int, int, float], Limits]:
    def limits(count: int, size: int, _: float) -> Limits:
        share = count / size
        return _about(share, times * sqrt(share * (1 - share) / size))

    return limits


def _one_sided(form: ProportionForm, *, upper: bool) -> Callable[[int, int, float], Limits | None]:
    def limits(count: int, size: int, level: float) -> Limits | None:
        if level <= 0.5:
            return None
        low, high = _library(form)(count, size, 2 * level - 1)
        return (0.0, high) if upper else (low, 1.0)

    return limits


_WALD = r"wald|normal approx|asymptotic|simple"
USUAL_FORMS = (
    Form("Clopper-Pearson", r"clopper|pearson|exact", _library("clopper-pearson")),
    Form("Wilson", r"wilson|score", _library("wilson")),
    Form("Wald", _WALD, _library("wald")),
    Form("Agresti-Coull", r"agresti|coull|adjusted wald", _library("agresti-coull")),
    Form("Jeffreys", r"jeffreys", _library("jeffreys")),
    Form("Wilson with continuity correction", r"wilson|score", _library("wilson-cc")),
    Form("Wald with continuity correction", _WALD, _library("wald-cc")),
)
FORMS = (
    *USUAL_FORMS,
    Form("mid-P", r"mid.?p", _mid_p),
    Form("likelihood ratio", r"likelihood", _likelihood),
    Form("logit", r"logit|log odds", _logit),
    Form("arcsine", r"arc.?sin|angular", _arcsine),
    Form("Student's t of zeros and ones", r"\bt\b|student", _student),
    Form("Blaker", r"blaker", _blaker),
)
ODD_FORMS = (
    Form("the estimate ± 1 standard error", r"^$", _standard_errors(1.0)),
    Form("the estimate ± 2 standard errors", r"^$", _standard_errors(2.0)),
    Form("Clopper-Pearson, lower limit alone", r"^$", _one_sided("clopper-pearson", upper=False)),
    Form("Clopper-Pearson, upper limit alone", r"^$", _one_sided("clopper-pearson", upper=True)),
    Form("Wilson, lower limit alone", r"^$", _one_sided("wilson", upper=False)),
    Form("Wilson, upper limit alone", r"^$", _one_sided("wilson", upper=True)),
)
