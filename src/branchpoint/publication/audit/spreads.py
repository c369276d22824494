"""Spreads: the medians, means and ranges of a report, with the patients and the unrounded values behind each."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import TYPE_CHECKING

from branchpoint.publication.audit.shares import decimals
from branchpoint.publication.claims.values import Mean, Median, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.claims import Claim, Claims, Variable

__all__ = ["Interval", "Spread", "behind", "patients", "spreads"]

SLACK = 1e-9
"""Against rounding errors of binary fractions."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The values that may stand behind a printed number."""

    low: float = -inf
    high: float = inf

    def below(self, other: Interval) -> bool:
        """Whether every value is less than every value of another."""
        return self.high < other.low - SLACK


@dataclass(frozen=True, slots=True)
class Spread:
    """What one claim says of a variable.

    Attributes
    ----------
    claim : Claim
    variable : Variable
    box : int or None
        Its patients; None where the file does not say who they are in variables.
    n : int
        How many they are.
    low, high, median, mean : Interval or None
        Unrounded; None where not printed.
    attained : bool
        Whether somebody has the least and the greatest value; false for a limit such as "within 3 days".
    """

    claim: Claim
    variable: Variable
    box: int | None
    n: int
    low: Interval | None = None
    high: Interval | None = None
    median: Interval | None = None
    mean: Interval | None = None
    attained: bool = True


def spreads(claims: Claims, known: KnownCounts) -> Iterator[Spread]:
    """All claims that summarize a variable, in its own unit."""
    for claim in claims.claims.values():
        if claim.variable is None or not isinstance(claim.value, Median | Mean | Range):
            continue
        variable, where = claims.variables[claim.variable], claims.where(claim)
        if claim.unit is not None and claim.unit != variable.unit:
            continue
        value = claim.value
        ends = {name: _interval(getattr(value, name, None), variable) for name in ("low", "high")}
        yield Spread(
            claim,
            variable,
            None if where is None else known.boxes.of(where),
            patients(claims, known, claim),
            **ends,
            median=behind(value.median) if isinstance(value, Median) else None,
            mean=behind(value.mean) if isinstance(value, Mean) else None,
            attained=not isinstance(value, Range) or None not in (value.low, value.high),
        )


def patients(claims: Claims, known: KnownCounts, claim: Claim) -> int:
    """How many patients a claim speaks of."""
    where = claims.where(claim)
    size = None if where is None else known.of(where)
    return claims.populations[claim.population].size if size is None else size.value


def behind(printed: Decimal) -> Interval:
    """The values that print like a number, both ends included: half up and half to even are both in use."""
    half = float(Decimal(1).scaleb(-decimals(printed)) / 2)
    return Interval(float(printed) - half, float(printed) + half)


def _interval(printed: Decimal | None, variable: Variable) -> Interval | None:
    """One patient's value: exact where it was printed as it is recorded."""
    if printed is None:
        return None
    if variable.decimals is not None and decimals(printed) >= variable.decimals:
        return Interval(float(printed), float(printed))
    return behind(printed)
