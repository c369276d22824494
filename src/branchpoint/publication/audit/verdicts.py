"""Verdicts: what recomputing a claim can show, and the finding that says how it was shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["GRAVITY", "Finding", "Verdict"]


class Verdict(StrEnum):
    """What recomputing a claim showed."""

    MATCH = "match"
    """Recomputed, it prints the same, by the method stated or, where none is, by a usual one."""
    OTHER_METHOD = "other method"
    """Reproduced, but not by the method that the report states."""
    MISPRINT = "misprint"
    """Another count or denominator than the claim's own gives what is printed; the note says which."""
    MISMATCH = "mismatch"
    """It could be true alone, but not together with what else is printed."""
    IMPOSSIBLE = "impossible"
    """No data of the stated size could give it."""
    NOT_DERIVABLE = "not derivable"
    """Nothing printed allows recomputing it."""


GRAVITY = {
    Verdict.IMPOSSIBLE: 5,
    Verdict.MISPRINT: 4,
    Verdict.MISMATCH: 3,
    Verdict.OTHER_METHOD: 2,
    Verdict.MATCH: 1,
    Verdict.NOT_DERIVABLE: 0,
}
"""Of two findings about one claim the graver stands."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found of one claim.

    Attributes
    ----------
    claim : str
        Its id.
    verdict : Verdict
    recomputed : str or None
        As the report would have printed it; None where there is nothing to print.
    method : str
        What was done: the formula, the test, the comparison.
    searched : int
        How many alternatives (methods, counts, paths) were tried to reproduce it.
    chance : float or None
        The chance that so many alternatives hit a number printed to this precision by luck; None where nothing was
        searched.
    note : str
        Why, in a sentence or two; names the other claims by place and value.
    others : tuple of str
        Ids of the claims it was held against.
    """

    claim: str
    verdict: Verdict
    recomputed: str | None
    method: str
    searched: int = 1
    chance: float | None = None
    note: str = ""
    others: tuple[str, ...] = ()
