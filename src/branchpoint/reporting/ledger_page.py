"""The ledger of every claim: as data, as text for a terminal, and as one self-contained page."""

from __future__ import annotations

from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.ledger import Standing, counted
from branchpoint.reporting.pages import render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from branchpoint.publication.claims import Claims
    from branchpoint.publication.ledger import Entry

__all__ = ["MEANINGS", "ledger_data", "ledger_page", "ledger_text"]

MEANINGS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.AGREES: "the patients give what is printed, to the last digit",
        Standing.DIFFERS: "the patients give something else",
        Standing.NOT_FOLLOWED: "it contradicts other claims, and the patients follow those",
        Standing.NOT_COMPUTED: "nothing that patients are known by gives it",
    }
)


def ledger_data(entries: Sequence[Entry]) -> list[dict[str, object]]:
    """Give a ledger as data for JSON, one object a claim, in the order of the claims.

    Parameters
    ----------
    entries : sequence of Entry

    Returns
    -------
    list of dict
        Keys ``id``, ``place``, ``quantity``, ``population``, ``published``, ``computed``, ``verdict``, ``audit`` and
        ``note``.
    """
    return [{**asdict(entry), "verdict": entry.verdict.value} for entry in entries]


def ledger_text(claims: Claims, entries: Sequence[Entry], made: str) -> str:
    """Give a ledger as plain text: how many claims stand how, then each that does not agree.

    Parameters
    ----------
    claims : Claims
    entries : sequence of Entry
    made : str
        How the patients were made.
    """
    from textwrap import fill

    lines = [f"Reproduction of {claims.citation} ({claims.registry}): {len(entries)} claims", made, ""]
    lines += [f"  {count:4}  {standing.value}: {MEANINGS[standing]}" for standing, count in counted(entries).items()]
    for standing in (Standing.DIFFERS, Standing.NOT_FOLLOWED):
        for entry in (one for one in entries if one.verdict is standing):
            lines += ["", f"{standing.value.upper()}  {entry.place}", f"  {entry.quantity}, {entry.population}: "
                      f"published {entry.published}, computed {entry.computed}"]  # fmt: skip
            lines += [fill(entry.note, 100, initial_indent="  ", subsequent_indent="  ")] if entry.note else []
    return "\n".join(lines)


def ledger_page(claims: Claims, entries: Sequence[Entry], made: str) -> str:
    """Render a ledger.

    Parameters
    ----------
    claims : Claims
    entries : sequence of Entry
    made : str
        How the patients were made, with the word "reconstructed".
    """
    parts: dict[str, list[Entry]] = {}
    for entry in entries:
        place = entry.place.split(";", maxsplit=1)[0]
        part = place.split(",", maxsplit=1)[0] if place.startswith("Table") else place
        parts.setdefault(part.strip(), []).append(entry)
    return render(
        "ledger.html.j2",
        claims=claims,
        entries=entries,
        made=made,
        counts=counted(entries),
        meanings=MEANINGS,
        parts=parts,
        open_ones=[entry for entry in entries if entry.verdict in (Standing.DIFFERS, Standing.NOT_FOLLOWED)],
    )
