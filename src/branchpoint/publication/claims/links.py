"""Links: claims that name other claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.publication.claims.values import Count, Percentage, Sum

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from branchpoint.publication.claims.claims import Claim
    from branchpoint.publication.claims.entry import Entry

__all__ = ["check_links"]

# Kinds that have a number in common, so that one can repeat the other.
_ALIKE = (
    frozenset({"count", "percentage", "proportion"}),
    frozenset({"percentage", "proportion", "survival"}),
    frozenset({"median", "range"}),
)


def check_links(claims: Mapping[str, Claim], broken: Collection[str], places: Mapping[str, Entry]) -> list[str]:
    """Refuse a claim that names one that is not there, that is itself, or that holds no such number.

    Claims may stand in any order.

    Parameters
    ----------
    claims : mapping of str to Claim
        Those that could be read.
    broken : collection of str
        Ids of those that could not.
    places : mapping of str to Entry
        Where each stands.

    Returns
    -------
    list of str
        The problems.
    """
    for claim in claims.values():
        entry = places[claim.id]
        for name, other in _named(claim):
            if other == claim.id or (other not in claims and other not in broken):
                entry.refuse(name, f"the id of another claim of this file; {other!r:.80} is none")
            elif other in broken:
                continue
            elif name == "same_as":
                _check_repeated(entry, places[other])
            elif not isinstance(claims[other].value, Count | Percentage):
                entry.refuse(name, f"claims that are counts; {other!r} is none")
    for claim_id in _circular(claims):
        places[claim_id].refuse("same_as", "a claim that does not lead back to this one")
    return [problem for claim_id in claims for problem in places[claim_id].problems]


def _check_repeated(entry: Entry, other: Entry) -> None:
    kind, repeated = entry.raw["kind"], other.raw["kind"]
    alike = sorted(frozenset({kind}).union(*(kinds for kinds in _ALIKE if kind in kinds)))
    if repeated not in alike:
        entry.refuse("same_as", f"a claim that a {kind} can repeat, a {' or a '.join(alike)}; it is a {repeated}")


def _named(claim: Claim) -> Iterator[tuple[str, str]]:
    if claim.same_as is not None:
        yield "same_as", claim.same_as
    if isinstance(claim.value, Sum):
        yield "whole", claim.value.whole
        yield from (("parts", part) for part in claim.value.parts)


def _circular(claims: Mapping[str, Claim]) -> Iterator[str]:
    """One claim of each circle of repetitions."""
    done: set[str] = set()
    for start in claims:
        path: list[str] = []
        at: str | None = start
        while at is not None and at in claims and at not in done:
            done.add(at)
            path.append(at)
            at = claims[at].same_as
        if at in path and at != path[-1]:
            yield path[-1]
