"""Chance: how easily a search hits a printed number by luck.

Whoever tries many counts, denominators or methods finds one that prints like almost anything. So each search says how
much of the scale its alternatives cover: the probability that one of them would print like a number that was drawn at
random from all that could have been printed.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["chance_of_hit", "share_of_counts", "slips"]


def chance_of_hit(
    alternatives: Iterable[Decimal | float], decimals: int, low: Decimal | float = 0, high: Decimal | float = 100
) -> float:
    """The chance that some alternatives hit a number printed at random.

    Parameters
    ----------
    alternatives : iterable of Decimal or float
        What each alternative would give; those outside the scale count for nothing.
    decimals : int
        To which the number was printed.
    low, high : Decimal or float
        Ends of the scale; a percentage by default.

    Returns
    -------
    float
        Distinct printed values among the alternatives, divided by all printable ones. 1 on a scale of no length.
    """
    unit = Decimal(1).scaleb(-decimals)
    ends = Decimal(str(low)), Decimal(str(high))
    rounded = {Decimal(str(value)).quantize(unit, ROUND_HALF_UP) for value in alternatives}
    reached = sum(ends[0] <= value <= ends[1] for value in rounded)
    printable = int((ends[1] - ends[0]) / unit) + 1
    return min(1.0, reached / printable)


def share_of_counts(of: int, decimals: int) -> float:
    """The share of printable percentages that are those of a count of so many patients: all, or one for each count."""
    printable = 100 * 10**decimals + 1
    return min(of + 1, printable) / printable


def slips(number: Decimal | int) -> tuple[Decimal, ...]:
    """All numbers that one slip of the pen turns into a printed one: see `luck.slip` for the slips."""
    text = str(number)
    places = [place for place, letter in enumerate(text) if letter.isdigit()]
    found = [Decimal(number).scaleb(1), Decimal(number).scaleb(-1)]
    for one, other in pairwise(places):
        found.append(_with(text, {one: text[other], other: text[one]}))
    if len(text.lstrip("0.").replace(".", "")) >= 3:
        found += [_with(text, {place: digit}) for place in places for digit in "0123456789"]
    return tuple(value for value in dict.fromkeys(found) if value != number)


def _with(text: str, letters: dict[int, str]) -> Decimal:
    return Decimal("".join(letters.get(place, letter) for place, letter in enumerate(text)))
