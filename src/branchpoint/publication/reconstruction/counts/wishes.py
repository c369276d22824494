"""Wishes: which numbers of events a draw is pulled to, and what it learns from those with which no times are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from branchpoint.publication.reconstruction.counts.usual_events import Usual

__all__ = ["Wishes"]


class Wishes:
    """Numbers of events to wish for in one draw: those with which no times were found are not wished for again.

    Parameters
    ----------
    usual : sequence of Usual
    """

    def __init__(self, usual: Sequence[Usual]) -> None:
        self.usual = usual
        self.found: dict[Usual, tuple[int, ...]] = {}
        self.failed: dict[Usual, list[tuple[int, ...]]] = {own: [] for own in usual}

    def drawn(self, rng: np.random.Generator) -> dict[Usual, tuple[int, ...]]:
        """Numbers to wish for, of everything usual."""
        return {own: self.found[own] if own in self.found else self._drawn(own, rng) for own in self.usual}

    def _drawn(self, own: Usual, rng: np.random.Generator) -> tuple[int, ...]:
        for options in (own.options, own.others):
            left = [option for option in options if option not in self.failed[own]]
            if left:
                return left[_late(len(left), rng)]
        return own.options[_late(len(own.options), rng)]

    def learn(self, variable: str, patients: Sequence[Mapping[str, str]], *, agreed: bool) -> None:
        """Learn from a search for the times of a variable; not which of several groups made it fail."""
        own = [one for one in self.usual if one.variable == variable]
        for one in own:
            if agreed:
                self.found[one] = one.reached(patients)
            elif len(own) == 1:
                self.found.pop(one, None)
                self.failed[one].append(one.reached(patients))


def _late(size: int, rng: np.random.Generator) -> int:
    """A place, the later the likelier: with many events, fewer were censored before them."""
    return int(max(rng.random(2)) * size)
