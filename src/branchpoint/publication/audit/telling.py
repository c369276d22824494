"""Telling: claims and sums of claims in the words of a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from branchpoint.publication.claims import Claim, Claims

__all__ = ["listed", "said"]


def said(claim: Claim) -> str:
    """What a claim prints, and where."""
    return f"{printed(claim.value)} ({claim.place})"


def listed(claims: Claims, ids: Iterable[str], most: int = 3) -> str:
    """Some claims, as `said`; of many the first, and how many more there are."""
    names = list(dict.fromkeys(ids))
    text = "; ".join(said(claims.claims[name]) for name in names[:most])
    return text + (f"; and {len(names) - most} more" if len(names) > most else "")
