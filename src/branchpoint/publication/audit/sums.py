"""Sums: wholes and their parts, complements and subsets, and which of their counts is wrong where they disagree."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from branchpoint.publication.audit.chance import chance_of_hit, slips
from branchpoint.publication.audit.luck import slip
from branchpoint.publication.audit.printed_counts import of_whom, size_name
from branchpoint.publication.audit.shares import percent_of, prints_like
from branchpoint.publication.audit.telling import listed
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims.values import Count, Sum
from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.audit.printed_counts import PrintedCount
    from branchpoint.publication.audit.relations import Relation
    from branchpoint.publication.claims import Claim, Claims

__all__ = ["check", "equation"]

MOST_TOLD = 2
"""Sums that a finding writes out."""


def check(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Hold every count against the sums that it is part of.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts

    Yields
    ------
    Finding
        A match for a count that adds up. For one that is to blame for a sum that does not: a misprint where its digits
        are changed over or its own percentage gives the count that is missing, else a mismatch. A percentage that
        stands for a count and is to blame is left to `percentages`.
    """
    of_claim: dict[str, list[Relation]] = defaultdict(list)
    for relation in known.relations:
        for name in relation.names:
            of_claim[name].append(relation)
    for name, held in of_claim.items():
        claim = claims.claims.get(name)
        if claim is None:
            continue
        broken = [relation for relation in held if not relation.holds]
        if name not in known.blame.ties:
            yield from _adds_up(claim, [relation for relation in held if relation.holds], known)
        elif isinstance(claim.value, Count):
            yield _amiss(claims, claim, claim.value, broken, known)
    yield from _sizes(claims, of_claim, known)
    yield from _stated(claims, known)


def _adds_up(claim: Claim, held: Sequence[Relation], known: KnownCounts) -> Iterator[Finding]:
    told: dict[str, Relation] = {}
    for relation in held:
        if len(told) < MOST_TOLD and relation.equal and _supports(relation, known.printed[claim.id], known):
            told.setdefault(equation(claim.id, relation, known), relation)
    if told:
        ids = dict.fromkeys(name for relation in told.values() for name in relation.terms if name != claim.id)
        others = tuple(name for name in ids if known.printed[name].claim)
        yield Finding(claim.id, Verdict.MATCH, printed(claim.value), f"adds up: {'; '.join(told)}", others=others)


def _supports(relation: Relation, count: PrintedCount, known: KnownCounts) -> bool:
    """Whether a relation says more of a count than that it is printed twice.

    The size of a population speaks for its parts alone: whoever wrote the file may have it from its own count.
    """
    others = [known.printed[name] for name in relation.terms if name != count.name]
    return any(other.claim and other.box != count.box for other in others) and all(
        other.claim or (other.box != count.box and count.box & ~other.box == 0) for other in others
    )


def equation(name: str, relation: Relation, known: KnownCounts) -> str:
    """A relation as an equation for one of its counts, such as "22 = 15 + 7"."""
    sign = -relation.terms[name]
    own = known.printed[name].value
    terms = [(times * sign, known.printed[other].value) for other, times in relation.terms.items() if other != name]
    others = sorted(terms, key=lambda term: -term[0])
    text = "".join(f" {'+' if times > 0 else '-'} {value}" for times, value in others).removeprefix(" + ").strip()
    if not relation.equal and not relation.holds:
        return f"{own} is {'less' if sign < 0 else 'more'} than {text or 0}"
    return f"{own} {'=' if relation.holds else 'is not'} {text or 0}"


def _amiss(claims: Claims, claim: Claim, value: Count, broken: Sequence[Relation], known: KnownCounts) -> Finding:
    tied = sorted((known.blame.ties[claim.id] - {claim.id}) & set(claims.claims))
    sure = known.blame.suspects - known.blame.ties[claim.id]
    fair = [relation for relation in broken if not relation.names & sure] or list(broken)
    needed = {value.count - relation.terms[claim.id] * relation.off for relation in fair if relation.equal}
    fits = next(iter(needed)) if len(needed) == 1 and min(needed) >= 0 else None
    told: dict[str, Relation] = {}
    for relation in fair:
        told.setdefault(equation(claim.id, relation, known), relation)
    told = dict(list(told.items())[:MOST_TOLD])
    ids = dict.fromkeys(name for relation in told.values() for name in relation.terms)
    others = tuple(name for name in ids if name != claim.id and known.printed[name].claim)
    reason = None if fits is None else _reason(claims, claim, value, fits)
    note = "; ".join(told)
    note += f", by {listed(claims, others)}." if others else "."
    if fits is not None:
        note += f" {fits} would fit{f': {reason}' if reason else ''}."
    if tied:
        note += f" It is this one that is wrong, or {listed(claims, tied)}."
    return Finding(
        claim.id,
        Verdict.MISPRINT if reason and not tied else Verdict.MISMATCH,
        None if fits is None else printed(_corrected(claims, claim, value, fits), value),
        "sums of counts",
        searched=1 + len(slips(value.count)) if reason else 1,
        chance=chance_of_hit(slips(value.count), 0, 0, claims.populations[claim.population].size) if reason else None,
        note=note,
        others=others,
    )


def _reason(claims: Claims, claim: Claim, value: Count, fits: int) -> str:
    """Why another count may be meant; empty where nothing but the sums speaks for it."""
    size = of_whom(claims, claim)
    if value.percent is not None and prints_like(fits, size, value.percent):
        return f"{fits} of {size} is what its own percentage says, {value.percent}%"
    return slip(Decimal(value.count), Decimal(fits))


def _corrected(claims: Claims, claim: Claim, value: Count, fits: int) -> Count:
    size = of_whom(claims, claim)
    return Count(fits, value.of, None if value.percent is None else percent_of(fits, size, value.percent))


def _sizes(claims: Claims, of_claim: Mapping[str, Sequence[Relation]], known: KnownCounts) -> Iterator[Finding]:
    """The size of a population that is wrong itself is told where its count is printed, or with its parts."""
    for population in claims.populations.values():
        name = size_name(population.id)
        if name not in known.blame.ties or known.blame.ties[name] & set(claims.claims):
            continue
        broken = [relation for relation in of_claim[name] if not relation.holds]
        for relation in broken[:1]:
            others = tuple(other for other in relation.terms if other in claims.claims)
            told = f"{equation(name, relation, known)}, by {listed(claims, others)}"
            note = f"The size given for {population.label!r}: {told}."
            for other in others:
                yield Finding(other, Verdict.MISMATCH, None, "sums of counts", note=note, others=others)


def _stated(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Sums that the report states."""
    for claim in claims.claims.values():
        if not isinstance(claim.value, Sum) or not {claim.value.whole, *claim.value.parts} <= set(known.printed):
            continue
        whole, parts = (known.printed[claim.value.whole].value, [known.printed[p].value for p in claim.value.parts])
        text = f"{' + '.join(map(str, parts))} = {sum(parts)}"
        others = (claim.value.whole, *claim.value.parts)
        if sum(parts) == whole:
            yield Finding(claim.id, Verdict.MATCH, text, "sum of counts", others=others)
        else:
            note = f"{text}, not {whole}, by {listed(claims, others)}."
            yield Finding(claim.id, Verdict.MISMATCH, text, "sum of counts", note=note, others=others)
