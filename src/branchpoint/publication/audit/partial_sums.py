"""Partial sums: counts of those patients of whom something is known, who are fewer than their group."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from branchpoint.publication.audit.partitions import making_up
from branchpoint.publication.audit.telling import listed
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims.values import Count
from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.claims import Claim, Claims, Condition

__all__ = ["check"]

MOST_SETS = 20
"""So many sets of groups that make up a larger one are held against it."""


@dataclass(frozen=True, slots=True)
class _Partial:
    """A count with its own denominator, of a group of patients."""

    claim: Claim
    box: int
    size: int
    count: int
    of: int


def check(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Hold counts with denominators of their own against those of the groups that make up their population.

    A denominator below the size of its group says of how many something is known. Where those of some groups add up to
    that of the whole, so do their counts. Where they do not, nothing is said: it may be known of others.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts

    Yields
    ------
    Finding
        A match for each count of a sum that holds, a mismatch for each of one that does not.
    """
    for alike in _by_event(claims, known).values():
        for whole in alike:
            within = [one for one in alike if one.box != whole.box and not one.box & ~whole.box]
            for parts in islice(making_up(known.boxes, whole.size, within), MOST_SETS):
                partial = any(one.of != one.size for one in (whole, *parts))
                if partial and sum(one.of for one in parts) == whole.of:
                    yield from _held(claims, whole, parts)


def _by_event(claims: Claims, known: KnownCounts) -> dict[Condition, list[_Partial]]:
    found: dict[Condition, list[_Partial]] = defaultdict(list)
    for claim in claims.claims.values():
        value, where = claim.value, claims.where(claim)
        if isinstance(value, Count) and claim.event is not None and where is not None:
            size = claims.populations[claim.population].size
            of = size if value.of is None else value.of
            found[claim.event].append(_Partial(claim, known.boxes.of(where), size, value.count, of))
    return found


def _held(claims: Claims, whole: _Partial, parts: tuple[_Partial, ...]) -> Iterator[Finding]:
    total = sum(one.count for one in parts)
    text = f"{' + '.join(str(one.count) for one in parts)} = {total}"
    for one in (whole, *parts):
        others = tuple(other.claim.id for other in (whole, *parts) if other is not one)
        if total == whole.count:
            method = f"adds up: {text}"
            yield Finding(one.claim.id, Verdict.MATCH, printed(one.claim.value), method, others=others)
            continue
        fits = total if one is whole else one.count + whole.count - total
        note = f"{text}, not {whole.count}, of the {whole.of} of whom it is known."
        note += f" {fits} would fit." * (0 <= fits <= one.of)
        note += f" It is this one that is wrong, or {listed(claims, others)}."
        yield Finding(one.claim.id, Verdict.MISMATCH, None, "sums of counts", note=note, others=others)
