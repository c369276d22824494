"""The search for what a percentage stands for that is not that of its count."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from branchpoint.publication.audit.chance import chance_of_hit, slips
from branchpoint.publication.audit.luck import slip
from branchpoint.publication.audit.shares import counts_like, decimals, percent_of, prints_like
from branchpoint.publication.audit.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["Explanation", "Sizes", "explain", "smaller_denominator"]

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


@dataclass(frozen=True, slots=True)
class Sizes:
    """Denominators by number, with what each is.

    Attributes
    ----------
    wholes : mapping of int to str
        Of groups that the patients are part of, and those printed with other counts of the same group.
    others : mapping of int to str
        All that are known.
    """

    wholes: Mapping[int, str]
    others: Mapping[int, str]


@dataclass(slots=True)
class _Search:
    """Alternatives tried so far, and the first that hit when too many had been."""

    percent: Decimal
    tried: list[Decimal] = field(default_factory=list)
    lucky: str = ""

    def chance(self) -> float:
        return chance_of_hit(self.tried, decimals(self.percent))

    def hit(self, note: str, count: int | None = None) -> Explanation | None:
        chance = self.chance()
        if chance <= LUCKY:
            return Explanation(Verdict.MISPRINT, note, len(self.tried), chance, count)
        self.lucky = self.lucky or f"{note}, but of so many alternatives one fits most percentages"
        return None

    def counts(self, counts: Iterable[int], of: int) -> Explanation | None:
        """Other counts of the same patients."""
        some = [count for count in counts if count <= of]
        self.tried += [percent_of(count, of, self.percent) for count in some]
        hits = sorted({count for count in some if prints_like(count, of, self.percent)})
        only = hits[0] if len(hits) == 1 else None
        return self.hit(f"{self.percent}% is {' or '.join(map(str, hits))} of {of}", only) if hits else None

    def sizes(self, count: int, of: int, sizes: Mapping[int, str]) -> Explanation | None:
        """The same count of other patients."""
        some = {size: what for size, what in sizes.items() if size >= max(1, count) and size != of}
        self.tried += [percent_of(count, size, self.percent) for size in some]
        hits = [size for size in some if prints_like(count, size, self.percent)]
        if not hits:
            return None
        best = max(hits, key=lambda size: (bool(some[size]), -abs(size - of)))
        return self.hit(f"{self.percent}% is {count} of {best}" + (f", {some[best]}" if some[best] else ""))

    def near_misses(self, of: int) -> Explanation | None:
        """A percentage that no count has, 1 off in its last digit."""
        unit = Decimal(1).scaleb(-decimals(self.percent))
        shares = {count: percent_of(count, of, self.percent) for count in range(of + 1)}
        self.tried += [share + step for share in shares.values() for step in (unit, -unit)]
        close = [count for count, share in shares.items() if abs(share - self.percent) == unit]
        if not close or counts_like(self.percent, of):
            return None
        told = " or ".join(f"{count} of {of}, {shares[count]}%," for count in close)
        note = f"no count of {of} gives {self.percent}%; that of {told} is 1 off in the last digit"
        return self.hit(note, close[0] if len(close) == 1 else None)


def explain(percent: Decimal, count: int, of: int, likely: Collection[int], sizes: Sizes) -> Explanation:
    """Find what a percentage stands for that is not the one of a count.

    In this order: other rounding, a slip of the pen, those that were not counted, a count that is printed elsewhere for
    these patients or beside them, a larger group as the denominator, any other count, a denominator that is known from
    elsewhere or is near, the percentage of another count that is 1 off in its last digit.

    Parameters
    ----------
    percent : Decimal
    count, of : int
        The count and the denominator that it was printed with.
    likely : collection of int
        Counts of the same or of other patients of the same population.
    sizes : Sizes
    """
    places, unit = decimals(percent), Decimal(1).scaleb(-decimals(percent))
    share, right = Decimal(100 * count) / of, percent_of(count, of, percent)
    rounded = [share.quantize(unit, ROUND_DOWN), share.quantize(Decimal(1), ROUND_HALF_UP)]
    if percent in rounded:
        how = "cut off instead of rounded" if percent == rounded[0] else "rounded to a whole percentage"
        note = f"{share:.{places + 1}f}% {how}"
        return Explanation(Verdict.OTHER_METHOD, note, len(rounded), chance_of_hit(rounded, places))
    search = _Search(percent, [*rounded, *slips(percent)])
    if word := slip(percent, right):
        return Explanation(
            Verdict.MISPRINT, f"{word}, {percent} for {right}", len(search.tried), chance_of_hit(search.tried, places)
        )
    search.tried.append(percent_of(of - count, of, percent))
    if prints_like(of - count, of, percent):
        return Explanation(
            Verdict.MISPRINT,
            f"{percent}% is {of - count} of {of}, all but these {count}",
            len(search.tried),
            search.chance(),
            of - count,
        )
    near = dict.fromkeys(range(max(1, of - NEAR), of + NEAR + 1), "")
    found = (
        search.counts(sorted(set(likely) - {count}), of)
        or search.sizes(count, of, sizes.wholes)
        or search.counts((other for other in range(of + 1) if other != count), of)
        or search.sizes(count, of, near | dict(sizes.others))
        or search.near_misses(of)
    )
    return found or Explanation(Verdict.MISMATCH, search.lucky, len(search.tried), search.chance())


def smaller_denominator(percent: Decimal, of: int, denominators: Mapping[int, str]) -> str:
    """The denominator below another that has a count which prints like a percentage: a known one, else the largest."""
    hits = [size for size in range(of - 1, 0, -1) if counts_like(percent, size)]
    if not hits:
        return ""
    size = next((size for size in hits if size in denominators), hits[0])
    what = f", {denominators[size]}" if size in denominators else ""
    return f"{percent}% is {counts_like(percent, size)[0]} of {size}{what}"
