"""Dated entries of many subjects in one order, and fast answers to "which of them stood on that day?".

Everything is an array of integers: the number of the subject, the study day, and the place of an entry in the order.
Minus one is the place of nothing; since arrays end in an entry without content, reading them there gives nothing too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

__all__ = ["Timeline", "extreme", "order_key"]

# Days fit in 22 bits, 5000 years either side of day 0, so that group and day are ordered by one integer.
_SPAN = 1 << 22


def order_key(group: Integers, day: Integers | int) -> Integers:
    """Give one integer that orders entries by group, then by day."""
    return group * _SPAN + (day + _SPAN // 2)


class Timeline:
    """Entries in order of group and day.

    Parameters
    ----------
    group, day : ndarray of int64
        In ascending order of group, then of day.
    """

    __slots__ = ("_key",)

    def __init__(self, group: Integers, day: Integers) -> None:
        self._key = order_key(group, day)

    def last(self, group: Integers, day: Integers) -> Integers:
        """Give the place of the last entry of a group on or before a day; -1 where there is none."""
        place = self.beyond(group, day) - 1
        if not len(self._key):
            return place
        return np.where(self._key[place] >= order_key(group, -_SPAN // 2), place, -1)

    def first(self, group: Integers, day: Integers) -> Integers:
        """Give the place of the first entry on or after a day, of the group or of a later one."""
        return self._key.searchsorted(order_key(group, day), "left")

    def beyond(self, group: Integers, day: Integers) -> Integers:
        """Give the place after the last entry on or before a day."""
        return self._key.searchsorted(order_key(group, day), "right")


def extreme(values: NDArray[Any], first: Integers, beyond: Integers, *, highest: bool) -> NDArray[Any]:
    """Give the highest or lowest value of each of many windows; of windows without an entry, anything.

    Parameters
    ----------
    values : ndarray
    first, beyond : ndarray of int64
        Each window: the place of its first value, and the place after its last.
    highest : bool

    Notes
    -----
    Two runs of 2**k values, one from each end, cover a window of up to 2**(k + 1); the extremes of all runs of a length
    come from those of half the length. So the cost grows with the logarithm of the longest window.
    """
    choose = np.maximum if highest else np.minimum
    length = beyond - first
    longest = int(length.max(initial=0))
    runs, width = values, 1
    answer: NDArray[Any] = values[np.minimum(first, len(values) - 1)]
    while 2 * width <= longest:
        runs = choose(runs[: len(runs) - width], runs[width:])
        width *= 2
        fits = length >= width
        answer = np.where(fits, choose(runs[np.where(fits, first, 0)], runs[np.where(fits, beyond - width, 0)]), answer)
    return answer
