"""The search for what a percentage stands for that is not that of its count."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import chain
from typing import TYPE_CHECKING

from branchpoint.publication.audit.chance import chance_of_hit, share_of_counts, slips
from branchpoint.publication.audit.luck import slip
from branchpoint.publication.audit.shares import counts_like, decimals, percent_of, prints_like
from branchpoint.publication.audit.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

__all__ = ["Explanation", "Sizes", "explain", "smaller_denominator"]

MOST_TOLD = 3
"""Of more counts that print like a percentage the first and the last are told."""
NEAR = 3
"""A denominator that differs by no more is tried although nothing printed has it: patients go missing by ones."""
MOST_COUNTS = 5_000
"""Of more patients not every count is listed: the share of percentages that theirs hit is known without."""
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
    """Alternatives tried so far, those not listed by number and share, and the first hit when too many had been."""

    percent: Decimal
    tried: list[Decimal] = field(default_factory=list)
    unlisted: int = 0
    covered: float = 0.0
    lucky: str = ""

    @property
    def searched(self) -> int:
        return len(self.tried) + self.unlisted

    def chance(self) -> float:
        return max(self.covered, chance_of_hit(self.tried, decimals(self.percent)))

    def hit(self, note: str, count: int | None = None) -> Explanation | None:
        chance = self.chance()
        if chance <= LUCKY:
            return Explanation(Verdict.MISPRINT, note, self.searched, chance, count)
        self.lucky = self.lucky or f"{note}, but of so many alternatives one fits most percentages"
        return None

    def counts(self, counts: Iterable[int], of: int) -> Explanation | None:
        """Other counts of the same patients."""
        some = [count for count in counts if count <= of]
        self.tried += [percent_of(count, of, self.percent) for count in some]
        return self._of_counts(sorted({count for count in some if prints_like(count, of, self.percent)}), of)

    def every_count(self, but: int, of: int) -> Explanation | None:
        """Any other count of the same patients."""
        if of <= MOST_COUNTS:
            return self.counts((count for count in range(of + 1) if count != but), of)
        self._leave_unlisted(of, 1)
        return self._of_counts([count for count in counts_like(self.percent, of) if count != but], of)

    def _leave_unlisted(self, of: int, times: int) -> None:
        self.unlisted += times * of
        self.covered = max(self.covered, min(1.0, times * share_of_counts(of, decimals(self.percent))))

    def _of_counts(self, hits: Sequence[int], of: int) -> Explanation | None:
        if not hits:
            return None
        many = len(hits) > MOST_TOLD
        told = f"any of {hits[0]} to {hits[-1]}" if many else " or ".join(map(str, hits))
        return self.hit(f"{self.percent}% is {told} of {of}", hits[0] if len(hits) == 1 else None)

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
        if counts_like(self.percent, of):
            return None
        unit = Decimal(1).scaleb(-decimals(self.percent))
        if of <= MOST_COUNTS:
            shares = [percent_of(count, of, self.percent) for count in range(of + 1)]
            self.tried += [share + step for share in shares for step in (unit, -unit)]
        else:
            self._leave_unlisted(of, 2)
        close = {count: near for near in (self.percent - unit, self.percent + unit) for count in counts_like(near, of)}
        if not close:
            return None
        told = " or ".join(f"{count} of {of}, {near}%," for count, near in close.items())
        note = f"no count of {of} gives {self.percent}%; that of {told} is 1 off in the last digit"
        return self.hit(note, next(iter(close)) if len(close) == 1 else None)


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
        or search.every_count(count, of)
        or search.sizes(count, of, near | dict(sizes.others))
        or search.near_misses(of)
    )
    return found or Explanation(Verdict.MISMATCH, search.lucky, search.searched, search.chance())


def smaller_denominator(percent: Decimal, of: int, denominators: Mapping[int, str]) -> str:
    """The denominator below another that has a count which prints like a percentage: a known one, else the largest."""
    known = (size for size in sorted(denominators, reverse=True) if 0 < size < of)
    sizes = (size for size in chain(known, range(of - 1, 0, -1)) if counts_like(percent, size))
    size = next(sizes, None)
    if size is None:
        return ""
    what = f", {denominators[size]}" if size in denominators else ""
    return f"{percent}% is {counts_like(percent, size)[0]} of {size}{what}"
