"""Telling: claims and sums of claims in the words of a finding."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from branchpoint.publication.claims import Claim, Claims

__all__ = ["duration", "listed", "said"]

_WORDS = {"h": "hours", "d": "days", "wk": "weeks", "mo": "months", "a": "years", "y": "years"}


def said(claim: Claim) -> str:
    """What a claim prints, and where."""
    return f"{printed(claim.value)} ({claim.place})"


def duration(number: float | Decimal, unit: str | None) -> str:
    """A time in words, such as "17.45 months"; months where no unit is given."""
    shown = f"{number:f}" if isinstance(number, Decimal) else f"{number:.4g}"
    return f"{shown} {_WORDS.get(unit or 'mo', unit or '')}"


def listed(claims: Claims, ids: Iterable[str], most: int = 3) -> str:
    """Some claims, as `said`; of many the first, and how many more there are."""
    names = list(dict.fromkeys(ids))
    text = "; ".join(said(claims.claims[name]) for name in names[:most])
    return text + (f"; and {len(names) - most} more" if len(names) > most else "")
