"""The audit as one self-contained page, ordered by how much a finding matters to the conclusions."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from branchpoint.publication.audit.verdicts import Verdict
from branchpoint.reporting.audit_text import BORDERS, MEANINGS, headline, people, ranked, search_words, shown, tally
from branchpoint.reporting.pages import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from branchpoint.publication.audit.report import Audited
    from branchpoint.publication.claims import Claims
    from branchpoint.publication.ledger import Entry

    Told = TypeVar("Told", Audited, Entry)

__all__ = ["CHECK", "DIAMOND", "RING", "SIGNS", "TRIANGLE", "audit_page", "by_part"]

# Silhouettes in a square of 16, so that verdicts differ in shape where colors do not show.
CHECK = "M8 .8a7.2 7.2 0 1 0 0 14.4A7.2 7.2 0 0 0 8 .8zM3.8 8.4 5.2 7l1.9 1.9 3.9-3.9 1.4 1.4-5.3 5.3z"
DIAMOND = "M8 .4 15.6 8 8 15.6.4 8zM4.6 7h6.8v2H4.6z"
RING = "M8 .8a7.2 7.2 0 1 0 0 14.4A7.2 7.2 0 0 0 8 .8zM8 2.8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 8 2.8z"
TRIANGLE = "M8 .8 15.8 15H.2zM7 5.8v4.4h2V5.8zM7 11.4v2h2v-2z"
_OCTAGON = "M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5zM4.6 6l2 2-2 2L6 11.4l2-2 2 2 1.4-1.4-2-2 2-2L10 4.6l-2 2-2-2z"
_SQUARE = "M1 1h14v14H1zM3.6 10.4v2h2l6.8-6.8-2-2z"
SIGNS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.IMPOSSIBLE: _OCTAGON,
        Verdict.MISMATCH: TRIANGLE,
        Verdict.MISPRINT: _SQUARE,
        Verdict.OTHER_METHOD: DIAMOND,
        Verdict.MATCH: CHECK,
        Verdict.NOT_DERIVABLE: RING,
    }
)


def audit_page(claims: Claims, audited: Sequence[Audited]) -> str:
    """Render an audit.

    Parameters
    ----------
    claims : Claims
    audited : sequence of Audited
        In the order of the claims.
    """
    counts = tally(audited)
    return render(
        "audit.html.j2",
        claims=claims,
        audited=audited,
        ranked=ranked(audited),
        counts=counts,
        headline=headline(counts),
        meanings=MEANINGS,
        signs=SIGNS,
        borders=BORDERS,
        people=partial(people, claims),
        shown=partial(shown, claims),
        search_words=search_words,
        parts=by_part(audited),
        known={one.id: one for one in audited},
    )


def by_part(entries: Iterable[Told]) -> dict[str, list[Told]]:
    """Claims by the part of the report that they stand in, in the order in which the parts come first."""
    parts: dict[str, list[Told]] = {}
    for one in entries:
        parts.setdefault(_part(one.place), []).append(one)
    return parts


def _part(place: str) -> str:
    first = place.split(";", maxsplit=1)[0]
    return first.split(",", maxsplit=1)[0].strip() if first.startswith("Table") else first.strip()
