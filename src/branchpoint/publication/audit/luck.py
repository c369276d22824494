"""Luck: whether a computed number prints like a published one, which slip of the pen joins the two, and how easily a
search hits by chance.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from math import isnan

from branchpoint.publication.audit.shares import decimals

__all__ = ["Draws", "as_printed", "cut_off", "prints_as", "rounded_twice", "slip"]

# More digits than any report prints, fewer than rounding errors of the computation leave intact.
_DIGITS = 12


def as_printed(value: float, like: Decimal) -> Decimal:
    """Round a value half up to the decimals of a printed number."""
    return _exact(value).quantize(Decimal(1).scaleb(-decimals(like)), ROUND_HALF_UP)


def prints_as(value: float, printed: Decimal) -> bool:
    """Whether a value, rounded half up, is what was printed; nan and the infinite never are."""
    return abs(value) < 1e15 and as_printed(value, printed) == printed


def cut_off(value: float, printed: Decimal) -> bool:
    """Whether a value is what was printed if its further decimals are cut off instead of rounded."""
    if not abs(value) < 1e15:
        return False
    return _exact(value).quantize(Decimal(1).scaleb(-decimals(printed)), ROUND_DOWN) == printed


def rounded_twice(value: float, printed: Decimal) -> bool:
    """Whether a value is what was printed if it is first rounded to one decimal more (.00248, .0025, .003)."""
    return abs(value) < 1e15 and as_printed(float(as_printed(value, printed.scaleb(-1))), printed) == printed


def slip(printed: Decimal, right: Decimal) -> str:
    """Say which slip turns the right number into the printed one; empty where none of the usual slips does.

    Parameters
    ----------
    printed, right : Decimal
        To the same number of decimals.
    """
    if printed == right:
        return ""
    if right != 0 and printed in {right.scaleb(1), right.scaleb(-1)}:
        return "the decimal point is shifted"
    one, two = (str(number).zfill(max(len(str(printed)), len(str(right)))) for number in (printed, right))
    apart = [place for place in range(len(one)) if one[place] != two[place]]
    if len(apart) == 2 and _swapped(one, two, *apart):
        return "two digits are swapped"
    if len(apart) == 1 and sum(digit.isdigit() for digit in one.lstrip("0.")) >= 3:
        return "one digit differs"
    return ""


def _swapped(one: str, two: str, first: int, second: int) -> bool:
    """Whether two digits that stand beside each other, at most the point between them, are exchanged."""
    beside = second == first + 1 or one[first + 1 : second] == "."
    return beside and one[first] == two[second] and one[second] == two[first]


def _exact(value: float) -> Decimal:
    return Decimal(f"{value:.{_DIGITS}g}")


class Draws:
    """P values drawn in a search for a printed one.

    The chance of a hit by luck is that of a P value that has nothing to do with the data, and is therefore uniform from
    0 to 1, to print like one of those drawn: how many different printed values they cover, times the width of what
    prints alike (10 to the minus decimals).

    Parameters
    ----------
    printed : Decimal
        The P value looked for.
    below : bool
        Whether it was printed as an upper limit ("<.001"): any smaller P hits, and the chance is at least the limit.
    """

    __slots__ = ("_covered", "below", "printed", "tried")

    def __init__(self, printed: Decimal, *, below: bool = False) -> None:
        self.printed, self.below, self.tried = printed, below, 0
        self._covered: set[tuple[int, int]] = set()

    def hit(self, p: float, high: float | None = None) -> bool:
        """Draw one more P, or all from one to a higher one, and say whether the one looked for is among them.

        nan is no draw.
        """
        high = p if high is None else high
        if isnan(p) or isnan(high):
            return False
        self.tried += 1
        least, most = as_printed(p, self.printed), as_printed(high, self.printed)
        self._covered.add((self._place(least), self._place(most)))
        return p < float(self.printed) if self.below else least <= self.printed <= most

    @property
    def chance(self) -> float | None:
        """The chance of a hit by luck; None where nothing was drawn."""
        if not self.tried:
            return None
        covered, end = 0, -1
        for first, last in sorted(self._covered):
            covered += max(0, last - max(first, end + 1) + 1)
            end = max(end, last)
        chance = covered * 10.0 ** -decimals(self.printed)
        return round(min(1.0, max(chance, float(self.printed)) if self.below else chance), 9)

    def _place(self, p: Decimal) -> int:
        return int(p.scaleb(decimals(self.printed)))
