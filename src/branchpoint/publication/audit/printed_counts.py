"""Printed counts: every number of patients that a report prints, said by the box of patients that it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchpoint.publication.audit.boxes import NOBODY
from branchpoint.publication.audit.shares import counts_like, prints_like
from branchpoint.publication.claims.values import Count, Percentage, Proportion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from branchpoint.publication.audit.boxes import Boxes
    from branchpoint.publication.claims import Claim, Claims

__all__ = ["PrintedCount", "of_whom", "printed_counts", "size_name"]


@dataclass(frozen=True, slots=True)
class PrintedCount:
    """A number of patients as printed.

    Attributes
    ----------
    name : str
        The claim's id; of the size of a population, `size_name`.
    box : int
        Who is counted; below zero where the file does not say it in variables.
    value : int
    how : str
        How it was read.
    claim : str or None
        The claim; None for the size of a population.
    firm, odd : bool
        Whether the percentage printed beside it agrees, or contradicts it; neither where there is none.
    """

    name: str
    box: int
    value: int
    how: str
    claim: str | None
    firm: bool = False
    odd: bool = False


def size_name(population: str) -> str:
    """The name of a population's size among printed counts."""
    return f"size of {population}"


def of_whom(claims: Claims, claim: Claim) -> int:
    """The number of patients that a share refers to: as printed with it, else the size of its population."""
    of = getattr(claim.value, "of", None)
    return claims.populations[claim.population].size if of is None else int(of)


def printed_counts(claims: Claims, boxes: Boxes) -> Iterator[PrintedCount]:
    """All printed counts of a report.

    A percentage counts where only one count prints like it. A claim with a denominator of its own, other than the size
    of its population, is left out: it does not speak of everybody in it.
    """
    for population in claims.populations.values():
        if population.where is not None:
            how = f"the size of {population.label!r}"
            yield PrintedCount(size_name(population.id), boxes.of(population.where), population.size, how, None)
    if claims.rules:
        yield PrintedCount("rules", NOBODY, 0, "nobody, by the rules of the report", None, firm=True)
    places = {claim_id: -place for place, claim_id in enumerate(claims.claims, 1)}
    for claim in claims.claims.values():
        size = of_whom(claims, claim)
        if size != claims.populations[claim.population].size:
            continue
        box = _box(claims, claim, boxes, places)
        match claim.value:
            case Count(count=count, percent=percent):
                firm = percent is not None and prints_like(count, size, percent)
                odd = percent is not None and not firm
                yield PrintedCount(claim.id, box, count, "printed", claim.id, firm, odd)
            case Percentage(percent=percent) | Proportion(percent=percent):
                counts = counts_like(percent, size)
                if len(counts) == 1:
                    how = f"the only count of {size} that prints as {percent}%"
                    yield PrintedCount(claim.id, box, counts[0], how, claim.id)


def _box(claims: Claims, claim: Claim, boxes: Boxes, places: Mapping[str, int]) -> int:
    """Who is counted in a claim; where it does not say so, in the one that it repeats; else a box of its own."""
    seen = set()
    while (condition := claims.condition(claim)) is None and claim.same_as is not None and claim.id not in seen:
        seen.add(claim.id)
        claim = claims.claims[claim.same_as]
    return places[claim.id] if condition is None else boxes.of(condition)
