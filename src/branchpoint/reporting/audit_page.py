"""The audit as one self-contained page, ordered by how much a finding matters to the conclusions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.publication.audit.report import CHECKS
from branchpoint.reporting.audit_text import MEANINGS, chance_text, ranked, tally
from branchpoint.reporting.pages import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from branchpoint.publication.audit.report import Audited
    from branchpoint.publication.claims import Claims

__all__ = ["audit_page"]


def audit_page(claims: Claims, audited: Sequence[Audited]) -> str:
    """Render an audit.

    Parameters
    ----------
    claims : Claims
    audited : sequence of Audited
        In the order of the claims.
    """
    return render(
        "audit.html.j2",
        claims=claims,
        audited=audited,
        ranked=ranked(audited),
        tally=tally(audited),
        meanings=MEANINGS,
        chance_text=chance_text,
        checks=CHECKS,
        places=_by_place(audited),
        known={one.id: one for one in audited},
    )


def _by_place(audited: Sequence[Audited]) -> list[tuple[str, list[Audited]]]:
    """All claims by the part of the report that they stand in, in the order in which the parts come first."""
    parts: dict[str, list[Audited]] = {}
    for one in audited:
        parts.setdefault(_part(one.place), []).append(one)
    return list(parts.items())


def _part(place: str) -> str:
    first = place.split(";", maxsplit=1)[0]
    return first.split(",", maxsplit=1)[0].strip() if first.startswith("Table") else first.strip()
