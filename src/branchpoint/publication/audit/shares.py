"""Shares: counts as percentages, and which counts print like one. Exact, in whole numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

__all__ = ["counts_like", "decimals", "percent_of", "prints_like"]


def decimals(printed: Decimal) -> int:
    """How many decimals a number was printed with."""
    exponent = printed.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def prints_like(count: int, of: int, percent: Decimal) -> bool:
    """Whether a count of a number of patients prints like a percentage, rounded half up.

    Where the share lies exactly between two printed values, rounding half to even is accepted as well.
    Of 0 patients no percentage is printed.
    """
    if of <= 0:
        return False
    scaled = 200 * count * 10 ** decimals(percent)
    up, rest = divmod(scaled + of, 2 * of)
    shown = int(percent.scaleb(decimals(percent)))
    return shown == up or (rest == 0 and up % 2 == 1 and shown == up - 1)


def counts_like(percent: Decimal, of: int) -> tuple[int, ...]:
    """All counts of a number of patients that print like a percentage, in order."""
    scale = 10 ** decimals(percent)
    twice, wide = 2 * int(percent.scaleb(decimals(percent))), 200 * scale
    low, high = max(0, (twice - 1) * of // wide), min(of, (twice + 1) * of // wide + 1)
    while low <= high and not prints_like(low, of, percent):
        low += 1
    while low <= high and not prints_like(high, of, percent):
        high -= 1
    return tuple(range(low, high + 1))


def percent_of(count: int, of: int, like: Decimal) -> Decimal:
    """A share in percent, rounded half up to the decimals of a printed percentage. ``of`` must not be 0."""
    return (Decimal(100 * count) / of).quantize(Decimal(1).scaleb(-decimals(like)), ROUND_HALF_UP)
