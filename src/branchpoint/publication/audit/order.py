"""Order: what a range, its quartiles, its median and its mean allow each other to be, in one group and in its parts."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from math import sqrt
from typing import TYPE_CHECKING

from branchpoint.publication.audit.spreads import SLACK, behind, spreads
from branchpoint.publication.audit.subgroups import subgroups
from branchpoint.publication.audit.telling import said
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims.values import Mean, Median, Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.audit.spreads import Spread
    from branchpoint.publication.claims import Claims

__all__ = ["check"]


def check(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Hold medians, means and ranges against what the same patients, and those around them, allow.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts

    Yields
    ------
    Finding
        Impossible where a median is out of its range, or no value that so many recorded values can have as their
        median, where a mean or a standard deviation fits no values in the range. A mismatch where a limit of the
        variable, or of other patients, is broken.
    """
    every = list(spreads(claims, known))
    for one in every:
        yield from _own_order(one)
        yield from _own_limits(one)
        yield from _own_median(one)
    yield from _means(every)
    yield from subgroups(claims, every, known.boxes)


def _own_order(one: Spread) -> Iterator[Finding]:
    value = one.claim.value
    names = ("low", "q1", "median", "q3", "high")
    if isinstance(value, Median | Range):
        numbers = [(name, getattr(value, name, None)) for name in names]
        there = [(name, number) for name, number in numbers if number is not None]
        if [number for _, number in there] != sorted(number for _, number in there):
            text = ", ".join(f"{name} {number}" for name, number in there)
            note = f"Not in order: {text}."
            yield Finding(one.claim.id, Verdict.IMPOSSIBLE, None, "least, quartiles and greatest in order", note=note)


def _own_limits(one: Spread) -> Iterator[Finding]:
    least, most = one.variable.least, one.variable.most
    for what, value in (("least", one.low), ("greatest", one.high), ("median", one.median), ("mean", one.mean)):
        if value is not None and least is not None and value.high < least - SLACK:
            note = f"The {what} value is below {least:g}, the least that {one.variable.label!r} can be."
        elif value is not None and most is not None and value.low > most + SLACK:
            note = f"The {what} value is above {most:g}, the most that {one.variable.label!r} can be."
        else:
            continue
        yield Finding(one.claim.id, Verdict.MISMATCH, None, "limits of the variable", note=note)


def _own_median(one: Spread) -> Iterator[Finding]:
    """A median of an odd number of recorded values is one of them, of an even number the middle between two."""
    value, places = one.claim.value, one.variable.decimals
    if not isinstance(value, Median) or places is None or one.n < 1:
        return
    step = Decimal(1).scaleb(-places) / (1 if one.n % 2 else 2)
    nearest = (value.median / step).quantize(Decimal(1), ROUND_HALF_EVEN) * step
    around = (nearest - step, nearest, nearest + step)
    unit = Decimal(1).scaleb(min(0, int(value.median.as_tuple().exponent)))
    if any(
        number.quantize(unit, rule) == value.median for number in around for rule in (ROUND_HALF_UP, ROUND_HALF_EVEN)
    ):
        return
    kind = "one of them" if one.n % 2 else "halfway between two of them"
    values = "whole numbers" if places == 0 else f"values with {places} decimal{'s' * (places > 1)}"
    below = max(number for number in around if number <= value.median)
    above = min(number for number in around if number > value.median)
    note = (
        f"The median of {one.n} {values} is {kind}: {below.normalize():f} or {above.normalize():f}, not {value.median}."
        " It could be one of fewer patients, were a value missing."
    )
    yield Finding(one.claim.id, Verdict.IMPOSSIBLE, None, "medians that recorded values can have", note=note)


def _means(every: Sequence[Spread]) -> Iterator[Finding]:
    """Means and standard deviations against the range of the same patients."""
    ranges: dict[tuple[str, str], Spread] = {}
    for one in every:
        if one.low is not None and one.high is not None:
            ranges.setdefault((one.claim.population, one.variable.id), one)
    for one in every:
        whole = ranges.get((one.claim.population, one.variable.id))
        if one.mean is None or whole is None or whole.low is None or whole.high is None:
            continue
        others, value = (whole.claim.id,), one.claim.value
        if isinstance(value, Mean) and value.sd is not None and one.n > 1:
            low, high = whole.low.low, whole.high.high
            middle = min(max((low + high) / 2, one.mean.low), one.mean.high)
            most = sqrt(max(0.0, (middle - low) * (high - middle)) * one.n / (one.n - 1))
            if behind(value.sd).low > most + SLACK:
                note = f"With this mean, {one.n} values in the range {said(whole.claim)} have a standard deviation of "
                note += f"{most:.3g} at most."
                method = "greatest standard deviation within the range (Bhatia and Davis)"
                yield Finding(one.claim.id, Verdict.MISMATCH, None, method, note=note, others=others)
