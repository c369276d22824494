"""Ratios: hazard, odds and risk ratios against their own limits, and against the P value printed with them."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from math import log, sqrt
from typing import TYPE_CHECKING

from branchpoint.publication.audit.crude_ratios import counts_behind, crude, is_adjusted
from branchpoint.publication.audit.importance import SIGNIFICANT
from branchpoint.publication.audit.luck import as_printed, slip
from branchpoint.publication.audit.shares import decimals
from branchpoint.publication.audit.stated_tests import stated
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims import PValue, Ratio
from branchpoint.publication.printed import printed
from branchpoint.statistics.distributions import normal_cdf, normal_quantile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.claims import Claim, Claims, Condition

__all__ = ["check"]

# Limits that need not lie about the ratio on the log scale.
_LEANING = re.compile(r"bayes|bootstrap|posterior|profile|exact|score|sequential|credible")
# Profile likelihood, score and exact limits lean to one side, but seldom so far that one arm is twice the other.
_MOST_LEAN = 2.0
# A log-rank or likelihood ratio P differs from Wald's, but seldom by more than this factor near .05.
_MOST_APART = 3.0
# Of an unadjusted ratio it is rarely less than two thirds of Wald's, nor more than a twentieth above it.
_TOO_FAR, _LESS, _MORE = 0.65, 0.8, 1.05
# Where rounding leaves a wider range of P values, half of it cannot be told from the whole.
_VAGUE = 1.5


def check(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Check every ratio, and the P value that belongs to it.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts

    Yields
    ------
    Finding
        Of an odds or a risk ratio whose counts are known: *match* by Woolf's, Katz' or exact conditional limits, *other
        method* as the other measure, as its inverse or at another level, else *mismatch*; *not derivable* where the
        report adjusts it. Of any other ratio with limits: *match* where it is their geometric mean within rounding, as
        Wald's limits on the log scale; *mismatch* where a hazard ratio is not, or any ratio leans far to one side.
        Of any ratio: *impossible* where it or one of its limits is below 0.
        Of the P value printed for the same comparison: *match* where the limits imply it by Wald's test, *mismatch*
        where limits and P contradict each other on significance and are far apart, *other method* where P is half of
        what they imply.
    """
    for claim in claims.claims.values():
        if not isinstance(claim.value, Ratio):
            continue
        negative = [number for number in (claim.value.ratio, claim.value.low, claim.value.high) if (number or 0) < 0]
        if negative:
            note = f"No ratio, and no limit of one, is below 0, as {negative[0]} is."
            yield Finding(claim.id, Verdict.IMPOSSIBLE, None, "limits of ratios", note=note)
            continue
        p_claim = _p_of(claims, claim)
        hazards = claim.value.measure == "hazard ratio"
        table = None if hazards else counts_behind(claims, known, claim, p_claim)
        if table is not None:
            yield crude(claim, claim.value, table)
        elif claim.value.low is not None and claim.value.high is not None:
            yield _leaning(claim, claim.value, claim.value.low, claim.value.high)
        if p_claim is not None:
            sides = stated(p_claim, (), claims.study.methods.sides).sides
            yield from _p_against_limits(claim, claim.value, p_claim, sides)


def _leaning(claim: Claim, value: Ratio, low: Decimal, high: Decimal) -> Finding:
    method = "geometric mean of the limits"
    ends = [_loose(number) for number in (low, high)]
    least, most = sqrt(ends[0][0] * ends[1][0]), sqrt(ends[0][1] * ends[1][1])
    middle = as_printed(sqrt(low * high), value.ratio)
    if as_printed(least, value.ratio) <= value.ratio <= as_printed(most, value.ratio):
        return Finding(claim.id, Verdict.MATCH, printed(value), method)
    known = min(low, high, value.ratio) > 0
    arms = [abs(log(high / value.ratio)), abs(log(value.ratio / low))] if known else [1.0, 0.0]
    note = f"The limits lie about {middle} on the log scale, where Wald's limits lie about the ratio, {value.ratio}."
    if how := slip(value.ratio, middle):
        note += f" From {middle}, {how}."
    may_lean = value.measure != "hazard ratio" and max(arms) < _MOST_LEAN * min(arms)
    if may_lean or _LEANING.search(f"{claim.method or ''} {claim.quantity}".lower()):
        return Finding(claim.id, Verdict.NOT_DERIVABLE, None, method, note=f"{note} Other forms of limits may lean.")
    return Finding(claim.id, Verdict.MISMATCH, printed(replace(value, ratio=middle), value), method, note=note)


def _loose(number: Decimal) -> tuple[float, float]:
    """The least and the greatest number that prints so."""
    half = 10.0 ** -decimals(number) / 2
    return max(0.0, float(number) - half), float(number) + half


def _p_of(claims: Claims, claim: Claim) -> Claim | None:
    """The only P value of the same population that is of the same event and variable, or the same quantity."""
    same = [
        other
        for other in claims.claims.values()
        if isinstance(other.value, PValue)
        and other.population == claim.population
        and (other.quantity == claim.quantity or _subject(other) == _subject(claim) != (None, None))
    ]
    near = [other for other in same if other.quantity == claim.quantity or other.place == claim.place]
    found = near or same
    return found[0] if len(found) == 1 else None


def _subject(claim: Claim) -> tuple[str | None, Condition | None]:
    return claim.variable, claim.event


def _p_against_limits(claim: Claim, value: Ratio, p_claim: Claim, sides: int) -> Iterator[Finding]:
    p, span = p_claim.value, _implied(value)
    assert isinstance(p, PValue)
    if span is None:
        return
    low, high = span
    method = f"Wald's test from the limits of {value.ratio} ({value.low} to {value.high})"
    if (low < float(p.p)) if p.below else (as_printed(low, p.p) <= p.p <= as_printed(high, p.p)):
        yield Finding(p_claim.id, Verdict.MATCH, printed(p), method, others=(claim.id,))
        return
    middle = sqrt(max(low, 1e-300)) * sqrt(max(high, 1e-300))
    shown = printed(PValue(Decimal(f"{middle:.6g}")), p)
    said = p.p <= SIGNIFICANT if p.below else p.p < SIGNIFICANT
    turned = low > float(SIGNIFICANT) if said else high < float(SIGNIFICANT)
    far = max(middle / float(p.p), float(p.p) / middle) > _MOST_APART if p.p else middle > float(SIGNIFICANT)
    note = f"The limits of {claim.place} imply a P value of {low:.2g} to {high:.2g} by Wald's test."
    if turned and far and value.level == 95:
        note = f"{note} They {'include' if said else 'exclude'} 1: significance at .05 turns."
        yield Finding(p_claim.id, Verdict.MISMATCH, shown, method, note=note, others=(claim.id,))
    elif sides == 2 and not is_adjusted(claim) and _half_of(p, low, high):
        note = f"{note} What is printed is half of it, as of a one-sided test, though tests are two-sided."
        yield Finding(p_claim.id, Verdict.OTHER_METHOD, shown, method, searched=2, note=note, others=(claim.id,))
    else:
        yield Finding(p_claim.id, Verdict.NOT_DERIVABLE, None, method, note=note, others=(claim.id,))


def _half_of(p: PValue, low: float, high: float) -> bool:
    """Whether P is half of what the limits imply, and further from all of it than another test would be."""
    if high > low * _VAGUE:
        return False
    least, most = _loose(p.p)
    from_half = low / 2 * _LESS <= most and least <= high / 2 * _MORE
    return not p.below and from_half and most < low * _TOO_FAR


def _implied(value: Ratio) -> tuple[float, float] | None:
    """The least and the greatest P value that ratio and limits imply within their rounding."""
    if value.low is None or value.high is None or value.low <= 0 or value.ratio <= 0:
        return None
    (bottom, low), (high, top) = _loose(value.low), _loose(value.high)
    if bottom <= 0 or high <= low:
        return None
    wide = 2 * normal_quantile(0.5 + float(value.level) / 200)
    ratios = [abs(log(ratio)) for ratio in _loose(value.ratio) if ratio > 0]
    nearest = 0.0 if _loose(value.ratio)[0] <= 1 <= _loose(value.ratio)[1] else min(ratios)
    narrow, broad = log(high / low) / wide, log(top / bottom) / wide
    return 2 * normal_cdf(-max(ratios) / narrow), 2 * normal_cdf(-nearest / broad)
