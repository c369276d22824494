"""P values as targets: the statistic at which a test of a drawn variable prints its P value, and how near it came.

A P value depends on every value of both groups, and the test is not always named; so cohorts are pulled toward it and
what was reached is reported, but no cohort is refused for it. Ranks are compared unless the claim names a t test.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtri

from branchpoint.publication.claims import PValue, printed_like
from branchpoint.publication.reconstruction.values.printed_fields import members
from branchpoint.statistics.log_rank import log_rank_test
from branchpoint.statistics.ranks import kruskal_wallis, rank_sum
from branchpoint.statistics.t_test import t_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from branchpoint.publication.claims import Claim, Claims
    from branchpoint.statistics.results import TestResult

__all__ = [
    "SoftTarget",
    "by_means",
    "compared",
    "exact_reach",
    "nearest_p",
    "p_limits",
    "soft_numbers",
    "soft_times",
    "z_limits",
]

_EXACT_BELOW = 50


@dataclass(frozen=True, slots=True)
class SoftTarget:
    """A P value that a drawn cohort was pulled to.

    Attributes
    ----------
    claim : str
    published : PValue
    reached : float or None
        The P value of the cohort; None where there is no test.
    """

    claim: str
    published: PValue
    reached: float | None

    @property
    def agrees(self) -> bool:
        """Whether it prints as published."""
        if self.reached is None:
            return False
        if self.published.below:
            return self.reached < float(self.published.p)
        return printed_like(round(Decimal(repr(self.reached)), 9), self.published.p)


def compared(claims: Claims, variable: str, dropped: frozenset[tuple[str, str]] = frozenset()) -> tuple[Claim, ...]:
    """The claims that compare a variable between groups of the study's patients by a P value; repetitions once."""
    found = []
    for claim in claims.claims.values():
        value = claim.value
        if not isinstance(value, PValue) or claim.variable != variable or claim.event is not None:
            continue
        followed = claim.used and "p" not in claim.set_aside and (claim.id, "p") not in dropped
        placed = len(value.groups) > 1 and all(claims.populations[g].where is not None for g in value.groups)
        if followed and placed and claim.same_as is None:
            found.append(claim)
    return tuple(found)


def by_means(claim: Claim) -> bool:
    """Whether a claim names a test of means."""
    return (claim.method or "").startswith("t")


def p_limits(value: PValue) -> tuple[float, float]:
    """The least and the greatest P value that prints like one."""
    p = float(value.p)
    if value.below:
        return 0.0, p
    half = 0.5 * 10.0 ** int(value.p.as_tuple().exponent)
    return max(p - half, 0.0), min(p + half, 1.0)


def z_limits(value: PValue, df: int) -> tuple[float, float]:
    """The square root of the least and the greatest chi-square statistic that prints as a P value."""
    low, high = p_limits(value)
    margin = 1e-6 * (high - low)
    greatest = np.inf if low == 0 else float(np.sqrt(chdtri(df, low + margin)))
    return float(np.sqrt(chdtri(df, high - margin))), greatest


def exact_reach(value: PValue, n: int, m: int) -> tuple[float, float]:
    """The least and the greatest distance of U from its mean whose exact P value, without ties, prints like one.

    Where two groups of fewer than 50 hold no ties, P is counted; ``(0, -1)`` for larger ones, and where none prints so.
    """
    if max(n, m) >= _EXACT_BELOW:
        return 0.0, -1.0
    ps, (low, high) = _exact(n, m), p_limits(value)
    fits = np.flatnonzero((ps >= low) & (ps < high) if high < 1 else ps >= low)
    return (abs(fits - n * m / 2).min(), abs(fits - n * m / 2).max()) if len(fits) else (0.0, -1.0)


@lru_cache(maxsize=256)
def _exact(n: int, m: int) -> NDArray[np.float64]:
    """The two-sided P value of every U of two groups without ties: the coefficients of a Gaussian binomial."""
    ways = np.zeros(n * m + 1)
    ways[0] = 1.0
    for part in range(1, n + 1):
        for place in range(n * m, m + part - 1, -1):
            ways[place] -= ways[place - m - part]
        for place in range(part, n * m + 1):
            ways[place] += ways[place - part]
    tails = np.cumsum(ways / ways.sum())
    return np.minimum(1.0, 2 * np.minimum(tails, tails[::-1]))


def soft_numbers(
    claims: Claims,
    variable: str,
    patients: Sequence[Mapping[str, str]],
    values: Sequence[float | None],
    dropped: frozenset[tuple[str, str]] = frozenset(),
) -> tuple[SoftTarget, ...]:
    """The P values that compare a number, in a cohort.

    Parameters
    ----------
    claims : Claims
    variable : str
    patients : sequence of mapping of str to str
        The level of every category, one a patient.
    values : sequence of float or None
        One a patient.
    dropped : frozenset of (str, str)
    """
    found = []
    for claim in compared(claims, variable, dropped):
        assert isinstance(claim.value, PValue)
        samples = []
        for group in claim.value.groups:
            inside = (values[place] for place in members(claims, group, patients))
            samples.append([value for value in inside if value is not None])
        found.append(_nearest(claim, _number_tests(claim, samples)))
    return tuple(found)


def _number_tests(claim: Claim, samples: Sequence[Sequence[float]]) -> Iterator[TestResult]:
    """The tests that may stand behind a P value of a number: of ranks in every usual form, unless means are named."""
    if len(samples) > 2:
        yield kruskal_wallis(samples)
        return
    first, second = samples
    if by_means(claim):
        yield t_test(first, second)
        return
    yield rank_sum(first, second, form="normal")
    yield rank_sum(first, second, form="normal-cc")
    if len({*first, *second}) == len(first) + len(second) and max(len(first), len(second)) < _EXACT_BELOW:
        yield rank_sum(first, second, form="exact")


def _nearest(claim: Claim, tests: Iterable[TestResult]) -> SoftTarget:
    return nearest_p(claim, [test.p for test in tests if test.estimable])


def nearest_p(claim: Claim, ps: Iterable[float]) -> SoftTarget:
    """What was reached, by the test that prints as published, or else comes nearest to it."""
    assert isinstance(claim.value, PValue)
    printed, every = float(claim.value.p), [SoftTarget(claim.id, claim.value, p) for p in ps]
    away = {one: abs(one.reached - printed) for one in every if one.reached is not None}
    return min(away, key=lambda one: (not one.agrees, away[one]), default=SoftTarget(claim.id, claim.value, None))


def soft_times(
    claims: Claims,
    variable: str,
    patients: Sequence[Mapping[str, str]],
    times: Sequence[float | None],
    dropped: frozenset[tuple[str, str]] = frozenset(),
) -> tuple[SoftTarget, ...]:
    """The log-rank P values that compare a time, in a cohort; as `soft_numbers`."""
    event = claims.variables[variable].event
    found = []
    for claim in compared(claims, variable, dropped):
        assert isinstance(claim.value, PValue)
        rows = [
            (times[place], event is not None and event.holds(patients[place]), label)
            for label, group in enumerate(claim.value.groups)
            for place in members(claims, group, patients)
            if times[place] is not None
        ]
        if not rows:
            continue
        found.append(_nearest(claim, [log_rank_test(*(np.asarray(column) for column in zip(*rows, strict=True)))]))
    return tuple(found)
