"""Partitions: groups that make up a larger one, found from their conditions and sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from branchpoint.publication.audit.boxes import NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.publication.audit.boxes import Boxes

__all__ = ["Sized", "making_up"]


class Sized(Protocol):
    """Anything that is said of a group of patients."""

    @property
    def box(self) -> int:
        """Who they are."""

    @property
    def size(self) -> int:
        """How many they are."""


Group = TypeVar("Group", bound=Sized)


def making_up(boxes: Boxes, size: int, within: Sequence[Group]) -> Iterator[tuple[Group, ...]]:
    """All sets of disjoint groups that add up to a size.

    Parameters
    ----------
    boxes : Boxes
    size : int
        Of the whole.
    within : sequence of Sized
        Groups that lie in it.
    """
    if sum(one.size for one in within) < size:
        return
    for place, one in enumerate(within):
        if one.size == size:
            yield (one,)
        rest = [other for other in within[place + 1 :] if boxes.close(one.box & other.box) == NOBODY]
        if one.size < size:
            yield from ((one, *others) for others in making_up(boxes, size - one.size, rest))
