"""An audit in words: what each verdict means, the findings as text for a terminal, and all of it as data."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.audit.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from branchpoint.publication.audit.report import Audited
    from branchpoint.publication.claims import Claims

__all__ = ["MEANINGS", "audit_data", "audit_text", "chance_text", "ranked", "tally"]

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
_WIDTH = 100


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


def chance_text(one: Audited) -> str:
    """How far luck explains a hit, in words; empty where nothing was searched for."""
    if one.chance is None:
        return ""
    share = f"{one.chance:.0%}" if one.chance >= 0.01 else f"{one.chance:.1g}"
    return f"{one.searched:,} alternatives tried; the chance that one hits by luck is {share}"


def audit_text(claims: Claims, audited: Sequence[Audited]) -> str:
    """Give an audit as plain text: a line for each verdict, then what is amiss in order of weight.

    Parameters
    ----------
    claims : Claims
    audited : sequence of Audited
    """
    from textwrap import fill

    lines = [f"Audit of {claims.citation} ({claims.registry}): {len(audited)} claims", ""]
    lines += [f"  {count:4}  {verdict.value}: {MEANINGS[verdict]}" for verdict, count in tally(audited).items()]
    for one in ranked(audited):
        lines += ["", f"{one.verdict.value.upper()}  {one.place}"]
        lines += [f"  {one.quantity}, {one.population}: published {one.published}{_recomputed(one)}"]
        told = " ".join(part for part in (one.note, f"[{one.method}]" if one.method else "", chance_text(one)) if part)
        lines.append(fill(told, _WIDTH, initial_indent="  ", subsequent_indent="  "))
    return "\n".join(lines)


def _recomputed(one: Audited) -> str:
    return "" if one.recomputed is None else f", recomputed {one.recomputed}"
