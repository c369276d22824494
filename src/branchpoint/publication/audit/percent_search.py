"""The search for what a percentage stands for that is not that of its count."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from branchpoint.publication.audit.chance import chance_of_hit, slips
from branchpoint.publication.audit.luck import slip
from branchpoint.publication.audit.shares import counts_like, decimals, percent_of, prints_like
from branchpoint.publication.audit.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["Explanation", "explain", "smaller_denominator"]

NEAR = 3
"""A denominator that differs by no more is tried although nothing printed has it: patients go missing by ones."""
LUCKY = 0.5
"""A search that would explain every other percentage explains none."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a percentage stands for.

    Attributes
    ----------
    verdict : Verdict
        A misprint, or another method of rounding; a mismatch where nothing was found.
    note : str
        A clause, such as "13.5% is 7 of 52"; empty where nothing was found.
    searched : int
    chance : float
        That the search would have hit any percentage.
    count : int or None
        Another count of the same patients that the percentage stands for.
    """

    verdict: Verdict
    note: str
    searched: int
    chance: float
    count: int | None = None


def explain(
    percent: Decimal, count: int, of: int, likely: Collection[int], denominators: Mapping[int, str]
) -> Explanation:
    """Find what a percentage stands for that is not the one of a count.

    In this order: other rounding, a slip of the pen, a count that is printed elsewhere for these patients or beside
    them, any other count, a denominator that is printed elsewhere or near, the percentage of another count that is 1
    off in its last digit.

    Parameters
    ----------
    percent : Decimal
    count, of : int
        The count and the denominator that it was printed with.
    likely : collection of int
        Counts of the same or of other patients of the same population.
    denominators : mapping of int to str
        Denominators that are known, and what they are.
    """
    places, unit = decimals(percent), Decimal(1).scaleb(-decimals(percent))
    share, right = Decimal(100 * count) / of, percent_of(count, of, percent)
    tried = [share.quantize(unit, ROUND_DOWN), share.quantize(Decimal(1), ROUND_HALF_UP)]
    if percent in tried:
        how = "cut off instead of rounded" if percent == tried[0] else "rounded to a whole percentage"
        return Explanation(Verdict.OTHER_METHOD, f"{right}% {how}", len(tried), chance_of_hit(tried, places))
    tried += slips(percent)
    if word := slip(percent, right):
        return Explanation(Verdict.MISPRINT, f"{word}, {percent} for {right}", len(tried), chance_of_hit(tried, places))
    tried += [percent_of(other, of, percent) for other in likely if other <= of]
    others = counts_like(percent, of)
    if others and not set(others) & set(likely):
        tried += [percent_of(other, of, percent) for other in range(of + 1) if other != count]
    if others:
        note = f"{percent}% is {' or '.join(map(str, others))} of {of}"
        return _unless_lucky(note, tried, places, others[0] if len(others) == 1 else None)
    near = {size: "" for size in range(max(1, count, of - NEAR), of + NEAR + 1) if size != of}
    sizes = {**near, **{size: what for size, what in denominators.items() if size >= max(1, count) and size != of}}
    tried += [percent_of(other, of, percent) for other in range(of + 1) if other != count]
    tried += [percent_of(count, size, percent) for size in sizes]
    if hits := [size for size in sizes if prints_like(count, size, percent)]:
        best = max(hits, key=lambda size: (bool(sizes[size]), -abs(size - of)))
        note = f"{percent}% is {count} of {best}" + (f", {sizes[best]}" if sizes[best] else "")
        return _unless_lucky(note, tried, places, None)
    close = [other for other in range(of + 1) if abs(percent_of(other, of, percent) - percent) == unit]
    tried += [percent_of(other, of, percent) + step for other in range(of + 1) for step in (unit, -unit)]
    if close:
        shares = " or ".join(f"{other} of {of}, {percent_of(other, of, percent)}%," for other in close)
        note = f"no count of {of} gives {percent}%; that of {shares} is 1 off in the last digit"
        return _unless_lucky(note, tried, places, close[0] if len(close) == 1 else None)
    return Explanation(Verdict.MISMATCH, "", len(tried), chance_of_hit(tried, places))


def _unless_lucky(note: str, tried: list[Decimal], places: int, count: int | None) -> Explanation:
    chance = chance_of_hit(tried, places)
    if chance > LUCKY:
        return Explanation(Verdict.MISMATCH, f"{note}, as most percentages would be", len(tried), chance)
    return Explanation(Verdict.MISPRINT, note, len(tried), chance, count)


def smaller_denominator(percent: Decimal, of: int, denominators: Mapping[int, str]) -> str:
    """The denominator below another that has a count which prints like a percentage: a known one, else the largest."""
    hits = [size for size in range(of - 1, 0, -1) if counts_like(percent, size)]
    if not hits:
        return ""
    size = next((size for size in hits if size in denominators), hits[0])
    what = f", {denominators[size]}" if size in denominators else ""
    return f"{percent}% is {counts_like(percent, size)[0]} of {size}{what}"
