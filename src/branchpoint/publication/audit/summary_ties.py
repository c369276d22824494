"""Summary ties: what the ranges, medians and means of one variable have to do with each other, pair by pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchpoint.publication.audit.spreads import Interval
from branchpoint.publication.audit.telling import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.publication.audit.spreads import Spread

__all__ = ["Tie", "apart", "attained", "contained", "repeated"]

LEAST, GREATEST, MEDIAN, MEAN = "least value", "greatest value", "median", "mean"


@dataclass(frozen=True, slots=True)
class Tie:
    """Claims that are held against each other, and what was found.

    Attributes
    ----------
    whole : Spread
    parts : tuple of Spread
        Of patients in the whole, or of the same ones.
    what : str
        In what they are compared.
    broken : str
        How they contradict each other, as a sentence without its period; empty where they agree.
    repeated : bool
        Whether one prints again what the other does.
    """

    whole: Spread
    parts: tuple[Spread, ...]
    what: str
    broken: str = ""
    repeated: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Their ids."""
        return frozenset({self.whole.claim.id, *(part.claim.id for part in self.parts)})


def apart(one: Interval, other: Interval) -> bool:
    """Whether no value prints like both."""
    return one.below(other) or other.below(one)


def _ends(one: Spread) -> dict[str, Interval]:
    """Both ends, the greatest value with its sign changed, so that less is always further out."""
    ends = {}
    if one.low is not None:
        ends[LEAST] = one.low
    if one.high is not None:
        ends[GREATEST] = Interval(-one.high.high, -one.high.low)
    return ends


def contained(whole: Spread, part: Spread) -> Iterator[Tie]:
    """Nobody in a part is outside of the range of the whole; where both have the same end, each supports the other."""
    limits = _ends(whole)
    for what, end in _ends(part).items():
        if what in limits and end.below(limits[what]):
            broken = f"The {what} of {said(part.claim)} lies outside of {said(whole.claim)}"
            yield Tie(whole, (part,), what, broken)
        elif what in limits and not limits[what].below(end) and part.attained and whole.attained:
            yield Tie(whole, (part,), what)
    for what, middle in ((MEDIAN, part.median), (MEAN, part.mean)):
        if middle is not None and _outside(middle, whole):
            broken = f"The {what} of {said(part.claim)} lies outside of {said(whole.claim)}"
            yield Tie(whole, (part,), what, broken)


def repeated(one: Spread, other: Spread) -> Iterator[Tie]:
    """Two claims of the same patients have the same ends, the same median and mean, and these within the range."""
    limits = _ends(one)
    for what, end in _ends(other).items():
        if what not in limits:
            continue
        if not apart(end, limits[what]):
            yield Tie(one, (other,), what, repeated=one.attained and other.attained)
        elif one.attained and other.attained:
            yield Tie(one, (other,), what, f"The {what}s of {said(one.claim)} and {said(other.claim)} differ")
        elif end.below(limits[what]) if other.attained else limits[what].below(end):
            inner, outer = (other, one) if other.attained else (one, other)
            yield Tie(one, (other,), what, f"The {what} of {said(inner.claim)} is beyond {said(outer.claim)}")
    for what, first, second in ((MEDIAN, one.median, other.median), (MEAN, one.mean, other.mean)):
        if first is not None and second is not None:
            broken = f"The {what}s of {said(one.claim)} and {said(other.claim)} differ"
            yield Tie(one, (other,), what, *((broken,) if apart(first, second) else ("", True)))
    for inner, outer in ((one, other), (other, one)):
        for what, middle in ((MEDIAN, inner.median), (MEAN, inner.mean)):
            if middle is not None and _outside(middle, outer):
                broken = f"The {what} of {said(inner.claim)} lies outside of the range {said(outer.claim)}"
                yield Tie(one, (other,), what, broken)


def _outside(middle: Interval, range_: Spread) -> bool:
    low, high = range_.low, range_.high
    return (low is not None and middle.below(low)) or (high is not None and high.below(middle))


def attained(whole: Spread, parts: Sequence[Spread]) -> Iterator[Tie]:
    """The ends of a range are found in one of the parts that make the whole up."""
    ends = [_ends(part) for part in parts]
    for what, limit in _ends(whole).items():
        if whole.attained and all(what in end for end in ends) and all(limit.below(end[what]) for end in ends):
            told = "; ".join(said(part.claim) for part in parts)
            yield Tie(whole, tuple(parts), what, f"No subgroup has the {what} of {said(whole.claim)}: {told}")
