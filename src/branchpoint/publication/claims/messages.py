"""What a message says of a field: the value that was found, what was expected, and what may have been meant."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["choice", "nearest", "shown"]

_LISTED, _COMPARED, _LONGEST = 30, 1000, 80


def nearest(name: str, known: Iterable[str], likeness: float = 0.7) -> str | None:
    """The known word that another one is most like, where it is like one.

    Parameters
    ----------
    name : str
    known : iterable of str
        In small letters.
    likeness : float
        The least that counts, from 0 to 1, as `difflib` measures it.
    """
    from difflib import get_close_matches

    return next(iter(get_close_matches(name[:_LONGEST].lower(), list(known), n=1, cutoff=likeness)), None)


def choice(value: object, known: Iterable[str]) -> str:
    """Say that one of some words was expected: all of them, or where they are many, those that are like the value."""
    known = list(known)
    if len(known) <= _LISTED:
        return f"one of {', '.join(known)}" if known else "one that is declared; none is"
    from difflib import get_close_matches

    # Looking for what was meant costs time in proportion to what there is.
    close = get_close_matches(str(value)[:_LONGEST], known, n=3) if len(known) <= _COMPARED else []
    return f"one of {len(known)} that are declared" + (f"; did you mean {' or '.join(close)}?" if close else "")


def shown(value: object) -> str:
    """A value of the file as a message shows it, cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    try:
        return f"{value!r:.80}"
    except ValueError:
        # Python writes no whole number of more than some thousand digits.
        return "a number of thousands of digits"
