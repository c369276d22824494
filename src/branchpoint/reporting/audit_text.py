"""An audit in words: what each verdict means, the findings as text for a terminal, and all of it as data."""

from __future__ import annotations

from collections import Counter
from textwrap import fill
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.audit.verdicts import Verdict
from branchpoint.publication.claims import Sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from branchpoint.publication.audit.report import Audited
    from branchpoint.publication.claims import Claims
    from branchpoint.publication.ledger import Entry

__all__ = [
    "BORDERS",
    "MEANINGS",
    "audit_data",
    "audit_text",
    "chance_words",
    "claim_lines",
    "filled",
    "headline",
    "people",
    "ranked",
    "search_words",
    "shown",
    "tally",
    "tally_lines",
]

MEANINGS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.IMPOSSIBLE: "no data of the stated size could give it",
        Verdict.MISMATCH: "could be true alone, but not with the rest of what is printed",
        Verdict.MISPRINT: "another count or denominator gives what is printed",
        Verdict.OTHER_METHOD: "reproduced, but not by the method that is stated",
        Verdict.MATCH: "recomputed, it prints the same",
        Verdict.NOT_DERIVABLE: "nothing else that is printed gives it",
    }
)
BORDERS = (
    "It read what was printed, and no patient data. It says that numbers do not fit, not why; of intent it says "
    "nothing. Look a number up in the report before you believe a finding.",
    "Which of two numbers is wrong it says only where others side with one.",
    "Numbers that match may be wrong together; those that are not derivable may be right or wrong.",
    "Whoever tries many alternatives finds one that fits. The chance of that stands beside every search.",
)
"""What an audit cannot know, a sentence or two each."""
_AMISS = "What is amiss, the weightiest for the conclusions first"
_FIT = "Nothing is amiss in what can be recomputed."
_WIDTH = 80
_RARE = 1e-4


def audit_data(audited: Iterable[Audited]) -> list[dict[str, object]]:
    """Give an audit as data for JSON, one object a claim, in the order of the claims.

    Parameters
    ----------
    audited : iterable of Audited

    Returns
    -------
    list of dict
        Keys ``id``, ``place``, ``quantity``, ``published``, ``recomputed``, ``method``, ``verdict``, ``searched``,
        ``note``, then ``population``, ``role``, ``chance``, ``others`` and ``importance``.
    """
    return [
        {
            "id": one.id,
            "place": one.place,
            "quantity": one.quantity,
            "published": one.published,
            "recomputed": one.recomputed,
            "method": one.method,
            "verdict": one.verdict.value,
            "searched": one.searched,
            "note": one.note,
            "population": one.population,
            "role": one.role.value,
            "chance": one.chance,
            "others": list(one.others),
            "importance": one.importance,
        }
        for one in audited
    ]


def ranked(audited: Iterable[Audited]) -> list[Audited]:
    """What is amiss, the weightiest for the conclusions first; of equal weight, in the order of the report."""
    return sorted((one for one in audited if one.amiss), key=lambda one: -one.importance)


def tally(audited: Iterable[Audited]) -> dict[Verdict, int]:
    """How many claims have each verdict, the gravest verdict first."""
    counts = Counter(one.verdict for one in audited)
    return {verdict: counts[verdict] for verdict in MEANINGS}


def headline(counts: Mapping[Verdict, int]) -> str:
    """Say in a breath how an audit came out."""
    total, left = sum(counts.values()), counts[Verdict.NOT_DERIVABLE]
    wrong = sum(counts[verdict] for verdict in (Verdict.IMPOSSIBLE, Verdict.MISMATCH, Verdict.MISPRINT))
    told = (
        f"{total:,} printed number{'' if total == 1 else 's'}, of which {total - left:,} could be recomputed from the "
        f"others: {counts[Verdict.MATCH]:,} matched, {wrong:,} did not fit (impossible, mismatch or misprint), and "
        f"{counts[Verdict.OTHER_METHOD]:,} fitted only by another method than is stated."
    )
    return f"{told} For the other {left:,} nothing else that is printed could tell." if left else told


def people(claims: Claims, claim_id: str) -> str:
    """Whom a claim speaks of, and how many they are."""
    population = claims.populations[claims.claims[claim_id].population]
    return f"{population.label} ({population.size:,} patient{'' if population.size == 1 else 's'})"


def shown(claims: Claims, one: Audited | Entry) -> str:
    """What is published, for readers: ids of a file are nothing that a report prints."""
    return "that they add up" if isinstance(claims.claims[one.id].value, Sum) else one.published


def chance_words(chance: float) -> str:
    """Write a probability the one way that pages and terminal have: about 1 in 12 (8%).

    Parameters
    ----------
    chance : float
        From 0 to 1.
    """
    if chance < _RARE:
        return f"below 1 in {round(1 / _RARE):,} ({_RARE:.2%})"
    if chance > 0.25:
        return f"{'close to' if chance > 0.95 else 'about'} {round(10 * chance)} in 10 ({chance:.0%})"
    # Two digits are as many as the word "about" bears.
    odds = round(float(f"{1 / chance:.2g}"))
    share = f"{100 * chance:.0f}" if chance >= 0.00995 else f"{100 * chance:.1g}"
    return f"about 1 in {odds:,} ({share}%)"


def search_words(one: Audited) -> str:
    """Say how much was tried, and how far luck explains a hit."""
    if one.chance is None:
        return "No alternatives were tried." if one.searched <= 1 else f"Computed in {one.searched:,} ways."
    tried = f"{one.searched:,} alternatives were" if one.searched > 1 else "1 alternative was"
    return f"{tried} tried; the chance of a hit by luck is {chance_words(one.chance)}."


def audit_text(claims: Claims, audited: Sequence[Audited]) -> str:
    """Give an audit as plain text: a line for each verdict, then what is amiss in order of weight.

    Parameters
    ----------
    claims : Claims
    audited : sequence of Audited
    """
    counts = tally(audited)
    lines = [filled(f"Audit of {claims.citation} ({claims.registry})"), "", filled(headline(counts)), ""]
    lines += [*tally_lines(counts, MEANINGS), "", "What this audit cannot know"]
    lines += [filled(border, "  - ", "    ") for border in BORDERS]
    found = ranked(audited)
    lines += ["", _AMISS if found else _FIT]
    for number, one in enumerate(found, 1):
        numbers = {"published": shown(claims, one), "recomputed": one.recomputed or "no single value"}
        told = (one.note, f"How: {one.method}." if one.method else "", search_words(one))
        what = f"{one.quantity}: {people(claims, one.id)}"
        lines += ["", f"{number}. {one.verdict.value.upper()}"]
        lines += claim_lines(f"{one.place} ({one.role.value})", what, numbers, told)
    return "\n".join(lines)


def tally_lines(counts: Mapping, meanings: Mapping) -> list[str]:
    """Verdicts with their counts and meanings."""
    hang = " " * 23
    return [filled(meanings[one], f"{count:6}  {one.value:<15}", hang) for one, count in counts.items()]


def claim_lines(place: str, what: str, numbers: Mapping[str, str], told: Iterable[str]) -> list[str]:
    """A claim in a terminal: where it stands, what it is of, its numbers one under the other, what is told of it."""
    lines = [filled(text, "   ") for text in (place, what)]
    lines += [f"     {name:<11} {value}" for name, value in numbers.items()]
    return lines + [filled(text, "   ") for text in told if text]


def filled(text: str, first: str = "", rest: str | None = None) -> str:
    """Break a text into lines for a terminal; ``rest`` indents all but the first, where they differ."""
    indent = first if rest is None else rest
    return fill(text, _WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)
