"""P values of means: from the means and their standard deviations or errors, as far as rounding lets them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import product
from math import isnan, nan, sqrt
from typing import TYPE_CHECKING

from branchpoint.publication.audit.luck import Draws
from branchpoint.publication.audit.shares import decimals
from branchpoint.publication.audit.stated_tests import stated
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims import Mean, Median, PValue
from branchpoint.publication.printed import printed
from branchpoint.statistics.distributions import normal_cdf, student_cdf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from branchpoint.publication.claims import Claim, Claims, Population

__all__ = ["MeansTest", "Sample", "means_tests", "p_of_means"]

_RANKS = frozenset({"rank sum", "kruskal"})
_USUAL = frozenset({"t", "welch", "anova"})
_MOST_GROUPS = 6


@dataclass(frozen=True, slots=True)
class _Group:
    """A mean and the number after its ±, each with half a unit of its last decimal."""

    size: int
    mean: float
    loose_mean: float
    spread: float
    loose_spread: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One way to read the printed numbers of a group, within their rounding."""

    size: int
    mean: float
    sd: float


def p_of_means(claims: Claims, claim: Claim) -> Finding:
    """Recompute the P value of a number from the means of the groups.

    Parameters
    ----------
    claims : Claims
    claim : Claim
        A P value of a variable that is a number.

    Returns
    -------
    Finding
        Means and deviations are rounded, so that a test gives a range of P values; what is printed must lie in it.
        *Match*: a t test (pooled, or Welch's) or, of more groups, an analysis of variance gives it, where the number
        after ± is what the report says; where it does not say, the note tells which it then is. *Other method*: only a
        one-sided test or a z test does, or only standard errors read as deviations or the reverse. *Mismatch*: none
        does, and the report states no rank test, which means cannot give. *Not derivable*: medians, or a rank test.
    """
    assert isinstance(claim.value, PValue)
    found = [_summary(claims, claim, claims.populations[group]) for group in claim.value.groups]
    means = [value for _, value in found if isinstance(value, Mean)]
    if not found:
        return _none(claim, "The claim does not name the groups compared.")
    if len(means) < len(found) or len(means) < 2 or not all(map(_after, means)):
        medians = any(isinstance(value, Median) for _, value in found)
        return _none(
            claim, "Medians and ranges give no P value." if medians else "Means with deviations are not printed."
        )
    groups = [_group(claims.populations[group], mean) for group, mean in zip(claim.value.groups, means, strict=True)]
    if min(group.size for group in groups) < 2 or len(groups) > _MOST_GROUPS:
        return _none(claim, "No t test of a group of one, and none of so many groups.")
    return _judged(claims, claim, groups, {_after(mean) for mean in means}, tuple(name for name, _ in found))


def _judged(
    claims: Claims, claim: Claim, groups: Sequence[_Group], labels: set[str], others: tuple[str, ...]
) -> Finding:
    value = claim.value
    assert isinstance(value, PValue)
    methods = claims.study.methods
    said = stated(claim, methods.continuous, methods.sides)
    draws = Draws(value.p, below=value.below)
    label = labels.pop() if len(labels) == 1 else "plus_minus"
    as_said, otherwise = _READINGS[label]
    families = said.families if said.names else _USUAL

    def finding(verdict: Verdict, test: MeansTest, reading: str, note: str) -> Finding:
        p = test.p([_sample(group, reading) for group in groups])
        return Finding(claim.id, verdict, _shown(p, value), test.name, draws.tried, draws.chance, note, others)

    tests = tuple(means_tests(len(groups)))
    meant = [test for test in tests if test.families & families and test.sides in (0, said.sides)]
    for reading in as_said:
        for test in meant:
            if draws.hit(*_span(groups, reading, test.p)):
                unsaid = f"The number after ± is then a {reading}." if label == "plus_minus" else ""
                return finding(Verdict.MATCH, test, reading, unsaid)
    if not meant or not said.names or said.beyond or families & _RANKS:
        shown = finding(Verdict.NOT_DERIVABLE, (meant or tests)[0], as_said[0], "")
        gives = shown.recomputed or "no P value"
        note = f"{shown.method} of the means gives {gives}; the report may have used another test."
        return _none(claim, note)
    for reading, test in [*product(as_said, tests), *product(otherwise, meant)]:
        if (reading in otherwise or test not in meant) and draws.hit(*_span(groups, reading, test.p)):
            wrong = f" if what is printed after ± is a {reading}" if reading in otherwise else ""
            note = f"What is printed is {test.name}{wrong}."
            return finding(Verdict.OTHER_METHOD, meant[0], as_said[0], note)
    low, high = _span(groups, as_said[0], meant[0].p)
    note = (
        f"Within rounding, {meant[0].name} gives {low:.2g} to {high:.2g}; no other test of means gives what is printed."
    )
    return finding(Verdict.MISMATCH, meant[0], as_said[0], note)


def _shown(p: float, like: PValue) -> str | None:
    """A P value as the report would print it; None where a test gives none, as of equal means without any spread."""
    if isnan(p):
        return None
    return printed(like) if like.below and p < float(like.p) else printed(PValue(Decimal(f"{p:.12g}")), like)


def _none(claim: Claim, note: str) -> Finding:
    return Finding(claim.id, Verdict.NOT_DERIVABLE, None, claim.method or "", 0, note=note)


_SD, _SE = "standard deviation", "standard error"
# By what the claim says of the number after ±: how it is read, and how it may have been mistaken.
_READINGS = {"sd": ((_SD,), (_SE,)), "standard_error": ((_SE,), (_SD,)), "plus_minus": ((_SD, _SE), ())}


def _summary(claims: Claims, claim: Claim, group: Population) -> tuple[str, object]:
    """What is printed of the variable in a group: its mean, else its median."""
    found = [
        (other.id, other.value)
        for other in claims.claims.values()
        if other.population == group.id
        and isinstance(other.value, Mean | Median)
        and (other.variable == claim.variable if claim.variable is not None else other.quantity == claim.quantity)
    ]
    return min(found, key=lambda one: not isinstance(one[1], Mean), default=("", None))


def _after(mean: Mean) -> str:
    """The name of the number after ±; empty where there is none."""
    return next((name for name in _READINGS if getattr(mean, name) is not None), "")


def _group(population: Population, mean: Mean) -> _Group:
    spread: Decimal = getattr(mean, _after(mean))
    loose = [10.0 ** -decimals(number) / 2 for number in (mean.mean, spread)]
    return _Group(population.size, float(mean.mean), loose[0], float(spread), loose[1])


def _sample(group: _Group, reading: str, mean: float = 0.0, spread: float = 0.0) -> Sample:
    """A group as read, its mean and spread moved by so many half units of their last decimals."""
    sd = max(0.0, group.spread + spread * group.loose_spread) * (sqrt(group.size) if reading == _SE else 1.0)
    return Sample(group.size, group.mean + mean * group.loose_mean, sd)


def _span(groups: Sequence[_Group], reading: str, p: Callable[[Sequence[Sample]], float]) -> tuple[float, float]:
    """The least and the greatest P value that the rounding allows: at the corners, or where two means meet."""
    found = []
    for moves, spread in product(product((-1.0, 1.0), repeat=len(groups)), (-1.0, 1.0)):
        samples = [_sample(group, reading, move, spread) for group, move in zip(groups, moves, strict=True)]
        found += [value for value in (p(samples),) if not isnan(value)]
    if len(groups) == 2 and abs(groups[0].mean - groups[1].mean) <= sum(group.loose_mean for group in groups):
        found.append(1.0)
    return min(found, default=nan), max(found, default=nan)


@dataclass(frozen=True, slots=True)
class MeansTest:
    """One test of means.

    Attributes
    ----------
    name : str
    families : frozenset of str
        Names under which a report may state it, as in `branchpoint.publication.audit.stated_tests`.
    sides : int
        0 for a test that has no sides, as one of more than two groups.
    p : callable
        Computes its P value from a `Sample` of each group; nan where they allow none.
    """

    name: str
    families: frozenset[str]
    sides: int
    p: Callable[[Sequence[Sample]], float]


def means_tests(groups: int) -> Iterator[MeansTest]:
    """List the tests of the means of so many groups, the usual first."""
    if groups > 2:
        yield MeansTest("analysis of variance", frozenset({"anova", "t"}), 0, _anova)
        return
    for name, families, p in (
        ("Student's t test", {"t", "anova"}, partial(_t, pooled=True)),
        ("Welch's t test", {"t", "welch"}, partial(_t, pooled=False)),
        ("z test", {"z"}, _z),
    ):
        yield MeansTest(name, frozenset(families), 2, p)
        yield MeansTest(f"{name}, one-sided", frozenset(families), 1, partial(_half, p))


def _half(p: Callable[[Sequence[Sample]], float], samples: Sequence[Sample]) -> float:
    return p(samples) / 2


def _t(samples: Sequence[Sample], *, pooled: bool) -> float:
    one, two = samples
    m, n = one.size, two.size
    first, second = one.sd**2 / m, two.sd**2 / n
    if first + second == 0:
        return nan if one.mean == two.mean else 0.0
    if pooled:
        error = sqrt(((m - 1) * one.sd**2 + (n - 1) * two.sd**2) / (m + n - 2) * (1 / m + 1 / n))
        return 2 * student_cdf(-abs(one.mean - two.mean) / error, m + n - 2)
    df = (first + second) ** 2 / (first**2 / (m - 1) + second**2 / (n - 1))
    return 2 * student_cdf(-abs(one.mean - two.mean) / sqrt(first + second), df)


def _z(samples: Sequence[Sample]) -> float:
    one, two = samples
    variance = one.sd**2 / one.size + two.sd**2 / two.size
    return 2 * normal_cdf(-abs(one.mean - two.mean) / sqrt(variance)) if variance else nan


def _anova(samples: Sequence[Sample]) -> float:
    from scipy.special import fdtrc

    total, groups = sum(one.size for one in samples), len(samples)
    middle = sum(one.size * one.mean for one in samples) / total
    between = sum(one.size * (one.mean - middle) ** 2 for one in samples) / (groups - 1)
    within = sum((one.size - 1) * one.sd**2 for one in samples) / (total - groups)
    return float(fdtrc(groups - 1, total - groups, between / within)) if within else nan
