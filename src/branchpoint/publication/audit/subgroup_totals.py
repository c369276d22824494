"""Subgroup totals: the range, the median and the mean that disjoint subgroups give the whole, or allow it to have."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from branchpoint.publication.audit.spreads import SLACK, Interval
from branchpoint.publication.audit.summary_ties import MEAN, MEDIAN, Tie, apart
from branchpoint.publication.audit.telling import said
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims.values import Range
from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.publication.audit.spreads import Spread

__all__ = ["pooled_mean", "pooled_median", "pooled_range"]


def pooled_range(whole: Spread, parts: Sequence[Spread]) -> Iterator[Finding]:
    """The range of the whole is that of the subgroups that make it up; what they leave for its median is told."""
    lows, highs = [part.low for part in parts if part.low], [part.high for part in parts if part.high]
    if whole.low is None or whole.high is None or not len(lows) == len(highs) == len(parts):
        return
    low = Interval(min(end.low for end in lows), min(end.high for end in lows))
    high = Interval(max(end.low for end in highs), max(end.high for end in highs))
    if apart(low, whole.low) or apart(high, whole.high):
        return
    note = ""
    if whole.median is not None and all(part.median is not None for part in parts):
        note = f"By its subgroups the median is from {_middle(whole, parts, 0, -1):.4g} to "
        note += f"{_middle(whole, parts, 0, 1):.4g}."
    others = tuple(part.claim.id for part in parts)
    ends = Range(getattr(whole.claim.value, "low", None), getattr(whole.claim.value, "high", None))
    method = "range of its subgroups"
    yield Finding(whole.claim.id, Verdict.MATCH, printed(ends), method, note=note, others=others)


def pooled_median(whole: Spread, parts: Sequence[Spread]) -> Iterator[Tie]:
    """The median of the whole is one that the medians and ranges of disjoint subgroups allow."""
    rest = whole.n - sum(part.n for part in parts)
    if whole.median is None or rest < 0 or any(part.median is None for part in parts):
        return
    lower, upper = _middle(whole, parts, rest, -1), _middle(whole, parts, rest, 1)
    if whole.median.low > upper + SLACK or whole.median.high < lower - SLACK:
        limit = f"at least {lower:.4g}" if whole.median.high < lower else f"at most {upper:.4g}"
        broken = f"The median of all {whole.n} is {limit}, not {said(whole.claim)}, by its subgroups: {_told(parts)}"
        yield Tie(whole, tuple(parts), MEDIAN, broken)


def pooled_mean(whole: Spread, parts: Sequence[Spread]) -> Iterator[Tie]:
    """The mean of the whole is the mean of those of the subgroups that make it up, weighted by their sizes."""
    means = [(part.mean, part.n) for part in parts if part.mean is not None]
    if whole.mean is None or len(means) < len(parts) or not whole.n:
        return
    low = sum(mean.low * n for mean, n in means) / whole.n
    high = sum(mean.high * n for mean, n in means) / whole.n
    limits = f"from {low:.4g} to {high:.4g}"
    broken = f"The mean of all {whole.n} is {limits}, not {said(whole.claim)}, by its subgroups: {_told(parts)}"
    yield Tie(whole, tuple(parts), MEAN, broken if apart(whole.mean, Interval(low, high)) else "")


def _told(parts: Sequence[Spread]) -> str:
    return "; ".join(f"{said(part.claim)} of {part.n}" for part in parts)


def _middle(whole: Spread, parts: Sequence[Spread], rest: int, side: int) -> float:
    """The least (side -1) or greatest (1) median that the subgroups, and the patients in none of them, allow.

    At least half of a subgroup, the middle included, is on this side of its median; the others may reach as far as
    the range goes. Where nobody is in none of them, the median lies between theirs.
    """
    far = _outermost(whole, side)
    middles = [part.median.high if side > 0 else -part.median.low for part in parts if part.median is not None]
    runs = [(far, rest)]
    for part, middle in zip(parts, middles, strict=True):
        half, end = (part.n + 1) // 2, min(far, _outermost(part, side))
        runs += [(middle, half), (end, part.n - half)]
        if part.n % 2 == 0:
            # The median is halfway between the two in the middle: the outer one is no further out than the inner one
            # can be on the other side.
            runs[-1:] = [(min(end, 2 * middle + _outermost(part, -side)), 1), (end, half - 1)]
    runs.sort()
    found = (_ranked(runs, (whole.n - 1) // 2) + _ranked(runs, whole.n // 2)) / 2
    return side * (found if rest else min(found, max(middles)))


def _outermost(one: Spread, side: int) -> float:
    """The end of a range on one side; turned about on the left side, so that more is always further out."""
    if side > 0:
        return inf if one.high is None else one.high.high
    return inf if one.low is None else -one.low.low


def _ranked(runs: Sequence[tuple[float, int]], place: int) -> float:
    for value, count in runs:
        if place < count:
            return value
        place -= count
    return inf
