"""The ledger of every claim: as data, as text for a terminal, and as one self-contained page."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.audit.verdicts import Verdict
from branchpoint.publication.ledger import Standing, counted
from branchpoint.reporting.audit_page import CHECK, DIAMOND, RING, SIGNS, TRIANGLE, by_part
from branchpoint.reporting.audit_text import claim_lines, filled, people, shown, tally_lines
from branchpoint.reporting.pages import render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from branchpoint.publication.claims import Claims
    from branchpoint.publication.ledger import Entry
    from branchpoint.reporting.reproduction import Made

__all__ = ["MEANINGS", "ledger_data", "ledger_page", "ledger_text"]

MEANINGS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.AGREES: "the patients give what is printed, to the last digit",
        Standing.DIFFERS: "the patients give something else",
        Standing.NOT_FOLLOWED: "it contradicts other claims, and the patients follow those",
        Standing.NOT_COMPUTED: "nothing that patients are known by gives it",
    }
)
_SIGNS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.AGREES: CHECK,
        Standing.DIFFERS: TRIANGLE,
        Standing.NOT_FOLLOWED: DIAMOND,
        Standing.NOT_COMPUTED: RING,
    }
)
_OPEN = (Standing.DIFFERS, Standing.NOT_FOLLOWED)


def ledger_data(entries: Sequence[Entry], made: Made) -> list[dict[str, object]]:
    """Give a ledger as data for JSON, one object a claim, in the order of the claims.

    Parameters
    ----------
    entries : sequence of Entry
    made : Made
        Whose patients gave the numbers; every object says so.

    Returns
    -------
    list of dict
        Keys ``id``, ``place``, ``quantity``, ``population``, ``published``, ``computed``, ``verdict``, ``audit``,
        ``note`` and ``patients``.
    """
    return [{**asdict(entry), "verdict": entry.verdict.value, "patients": made.kind} for entry in entries]


def _headline(counts: Mapping[Standing, int], made: Made) -> str:
    """Say in a breath how a reproduction came out."""
    total, left = sum(counts.values()), counts[Standing.NOT_COMPUTED]
    return (
        f"{total:,} printed number{'' if total == 1 else 's'}, of which {total - left:,} could be computed from "
        f"{made.people}: {counts[Standing.AGREES]:,} agreed, {counts[Standing.DIFFERS]:,} differed, and "
        f"{counts[Standing.NOT_FOLLOWED]:,} contradicted other numbers, which the patients follow."
    )


def ledger_text(claims: Claims, entries: Sequence[Entry], made: Made) -> str:
    """Give a ledger as plain text: how many claims stand how, then each that does not agree.

    Parameters
    ----------
    claims : Claims
    entries : sequence of Entry
    made : Made
        Whose patients gave the numbers.
    """
    lines = [
        filled(f"Reproduction of {claims.citation} ({claims.registry}), from {made.people}"),
        "",
        filled(made.told),
    ]
    counts = counted(entries)
    lines += ["", filled(_headline(counts, made)), "", *tally_lines(counts, MEANINGS), "", filled(made.border)]
    for standing in _OPEN:
        for entry in (one for one in entries if one.verdict is standing):
            numbers = {"published": shown(claims, entry), "computed": f"{entry.computed} ({made.kind})"}
            lines += ["", f"{standing.value.upper()} (audit: {entry.audit})"]
            lines += claim_lines(entry.place, f"{entry.quantity}: {people(claims, entry.id)}", numbers, [entry.note])
    return "\n".join(lines)


def ledger_page(claims: Claims, entries: Sequence[Entry], made: Made) -> str:
    """Render a ledger.

    Parameters
    ----------
    claims : Claims
    entries : sequence of Entry
    made : Made
        Whose patients gave the numbers.
    """
    counts = counted(entries)
    return render(
        "ledger.html.j2",
        claims=claims,
        made=made,
        counts=counts,
        headline=_headline(counts, made),
        meanings=MEANINGS,
        signs=_SIGNS,
        audit_signs=SIGNS,
        audit_verdict=Verdict,
        people=partial(people, claims),
        shown=partial(shown, claims),
        parts=by_part(entries),
        open_ones={standing: [entry for entry in entries if entry.verdict is standing] for standing in _OPEN},
    )
