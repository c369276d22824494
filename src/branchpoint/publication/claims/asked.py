"""Asking claims for their numbers, and whether a value prints like one."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import TYPE_CHECKING, TypeVar

from branchpoint.publication.claims.claims import ClaimsError
from branchpoint.publication.claims.values import (
    Count,
    Date,
    Mean,
    Median,
    Number,
    Percentage,
    Proportion,
    PValue,
    Range,
    Ratio,
    Sum,
    Survival,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from branchpoint.publication.claims.claims import Claims

__all__ = ["claimed", "count_of", "printed_like", "printed_range", "summarizes"]

V = TypeVar("V", Count, Percentage, Median, Mean, Range, Number, Proportion, Survival, PValue, Ratio, Sum, Date)


def claimed(claims: Claims, claim_id: str, kind: type[V]) -> V:
    """The value of a claim, which must be of the kind asked for.

    Raises
    ------
    ClaimsError
        The file has no such claim, or it is of another kind.
    """
    claim = claims.claims.get(claim_id)
    if claim is None:
        raise ClaimsError(claims.path, (f"claim {claim_id!r} is needed, and is not there",))
    if not isinstance(claim.value, kind):
        found = type(claim.value).__name__
        problem = f"claim {claim_id!r} (line {claim.line}): found a {found}, expected a {kind.__name__}"
        raise ClaimsError(claims.path, (problem,))
    return claim.value


def count_of(claims: Claims, claim_id: str) -> int:
    """The number of patients that a count or a percentage claims.

    A percentage stands for the only count of its population that prints like it.

    Raises
    ------
    ClaimsError
        No count, or more than one, prints like the percentage; or the claim is of another kind.
    """
    claim = claims.claims.get(claim_id)
    if claim is None or isinstance(claim.value, Count):
        return claimed(claims, claim_id, Count).count
    percent = claimed(claims, claim_id, Percentage).percent
    size = claims.populations[claim.population].size
    around = percent * size / 100
    reach = Decimal(size).scaleb(_exponent(percent)) / 200 + 1
    near = range(max(0, int(around - reach)), min(size, int(around + reach)) + 1)
    fits = [n for n in near if printed_like(Decimal(100 * n) / size, percent)]
    if len(fits) != 1:
        do = f"{fits[0]} to {fits[-1]} do" if fits else "none do"
        problem = (
            f"claim {claim_id!r} (line {claim.line}), field 'percent': found {percent}, "
            f"expected a percentage that one count of {size} prints like; {do}"
        )
        raise ClaimsError(claims.path, (problem,))
    return fits[0]


def printed_range(claims: Claims, claim_id: str) -> tuple[Decimal, Decimal]:
    """The range printed with a median.

    Raises
    ------
    ClaimsError
        The claim is no median, or was printed without its range.
    """
    claim = claimed(claims, claim_id, Median)
    if claim.low is None or claim.high is None:
        missing = "low" if claim.low is None else "high"
        line = claims.claims[claim_id].line
        problem = f"claim {claim_id!r} (line {line}), field {missing!r}: found nothing, expected the printed range"
        raise ClaimsError(claims.path, (problem,))
    return claim.low, claim.high


def printed_like(value: Decimal | float, printed: Decimal) -> bool:
    """Whether a value, rounded half up to the decimals of a printed number, is that number."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return exact.quantize(Decimal(1).scaleb(_exponent(printed)), ROUND_HALF_UP) == printed


def summarizes(claim: Median, values: Sequence[float]) -> bool:
    """Whether values have the median and, where printed, the range of a claim."""
    if not printed_like(float(median(values)), claim.median):
        return False
    ends = ((claim.low, min(values)), (claim.high, max(values)))
    return all(printed is None or printed_like(float(end), printed) for printed, end in ends)


def _exponent(printed: Decimal) -> int:
    exponent = printed.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
