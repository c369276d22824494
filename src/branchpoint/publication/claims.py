"""Claims: the numbers a trial report prints, each with its place, and what contradicts it.

A claim keeps its number as printed. `branchpoint.publication.read_claims` reads them from a study's ``claims.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import TYPE_CHECKING, TypeVar

from branchpoint.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

__all__ = [
    "Claim",
    "ClaimValue",
    "Claims",
    "ClaimsError",
    "Count",
    "Date",
    "Mean",
    "Median",
    "PValue",
    "Percentage",
    "Population",
    "Proportion",
    "Survival",
    "claimed",
    "count_of",
    "printed_like",
    "printed_range",
    "summarizes",
]


class ClaimsError(Refused, ValueError):
    """A claims file that cannot be used, with everything that is wrong with it.

    Parameters
    ----------
    path : Path
        The file.
    problems : tuple of str
        One sentence each: claim, line, field, what was found, what was expected.
    """

    def __init__(self, path: Path, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))
        self.path = path
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Count:
    """A number of patients; ``of`` is the printed denominator, ``percent`` the percentage printed beside it."""

    count: int
    of: int | None = None
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Percentage:
    """A percentage printed without its count."""

    percent: Decimal
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Median:
    """A median and, where printed, its range."""

    median: Decimal
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean and, where printed, its standard deviation."""

    mean: Decimal
    sd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Proportion:
    """A percentage with the limits of its 95% confidence interval."""

    percent: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Survival:
    """A survival estimate in percent, ``at`` months after its time origin, with what was printed of its precision."""

    percent: Decimal
    at: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    half_width: Decimal | None = None
    standard_error: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PValue:
    """A P value; ``below`` when it was printed as an upper limit ("<.001")."""

    p: Decimal
    below: bool = False
    test: str | None = None


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date."""

    date: date


ClaimValue = Count | Percentage | Median | Mean | Proportion | Survival | PValue | Date
V = TypeVar("V", Count, Percentage, Median, Mean, Proportion, Survival, PValue, Date)


@dataclass(frozen=True, slots=True)
class Claim:
    """One published number.

    Attributes
    ----------
    id : str
        Stable name, dot case.
    place : str
        Where the report says it.
    quantity, population : str
        What is counted or measured, and in whom (the id of a `Population`).
    unit : str or None
        UCUM unit of the quantity; None where it has none.
    value : ClaimValue
        The number, by its kind.
    used : bool
        Whether a reconstructed cohort follows the claim.
    set_aside : frozenset of str
        Fields of the value that it does not follow although it follows the rest.
    conflict : str or None
        What contradicts the claim.
    line : int or None
        Line of the file where the claim begins.
    """

    id: str
    place: str
    quantity: str
    population: str
    value: ClaimValue
    unit: str | None = None
    used: bool = True
    set_aside: frozenset[str] = frozenset()
    conflict: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """A group of patients that claims speak of, and its size."""

    id: str
    label: str
    size: int


@dataclass(frozen=True, slots=True)
class Claims:
    """All claims of one study; ``protocol`` is the registered protocol that it followed, where the file names one."""

    path: Path
    registry: str
    citation: str
    populations: Mapping[str, Population]
    claims: Mapping[str, Claim]
    protocol: str | None = None


def claimed(claims: Claims, claim_id: str, kind: type[V]) -> V:
    """The value of a claim, which must be of the kind asked for.

    Raises
    ------
    ClaimsError
        The file has no such claim, or it is of another kind.
    """
    claim = claims.claims.get(claim_id)
    if claim is None:
        raise ClaimsError(claims.path, (f"claim {claim_id!r} is needed, and is not there",))
    if not isinstance(claim.value, kind):
        found = type(claim.value).__name__
        problem = f"claim {claim_id!r} (line {claim.line}): found a {found}, expected a {kind.__name__}"
        raise ClaimsError(claims.path, (problem,))
    return claim.value


def count_of(claims: Claims, claim_id: str) -> int:
    """The number of patients that a count or a percentage claims.

    A percentage stands for the only count of its population that prints like it.

    Raises
    ------
    ClaimsError
        No count, or more than one, prints like the percentage; or the claim is of another kind.
    """
    claim = claims.claims.get(claim_id)
    if claim is None or isinstance(claim.value, Count):
        return claimed(claims, claim_id, Count).count
    percent = claimed(claims, claim_id, Percentage).percent
    size = claims.populations[claim.population].size
    fits = [n for n in range(size + 1) if printed_like(Decimal(100 * n) / size, percent)]
    if len(fits) != 1:
        problem = (
            f"claim {claim_id!r} (line {claim.line}), field 'percent': found {percent}, "
            f"expected a percentage that one count of {size} prints like; {fits or 'none'} do"
        )
        raise ClaimsError(claims.path, (problem,))
    return fits[0]


def printed_range(claims: Claims, claim_id: str) -> tuple[Decimal, Decimal]:
    """The range printed with a median.

    Raises
    ------
    ClaimsError
        The claim is no median, or was printed without its range.
    """
    claim = claimed(claims, claim_id, Median)
    if claim.low is None or claim.high is None:
        missing = "low" if claim.low is None else "high"
        line = claims.claims[claim_id].line
        problem = f"claim {claim_id!r} (line {line}), field {missing!r}: found nothing, expected the printed range"
        raise ClaimsError(claims.path, (problem,))
    return claim.low, claim.high


def printed_like(value: Decimal | float, printed: Decimal) -> bool:
    """Whether a value, rounded half up to the decimals of a printed number, is that number."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return exact.quantize(Decimal(1).scaleb(_exponent(printed)), ROUND_HALF_UP) == printed


def summarizes(claim: Median, values: Sequence[float]) -> bool:
    """Whether values have the median and, where printed, the range of a claim."""
    if not printed_like(float(median(values)), claim.median):
        return False
    ends = ((claim.low, min(values)), (claim.high, max(values)))
    return all(printed is None or printed_like(float(end), printed) for printed, end in ends)


def _exponent(printed: Decimal) -> int:
    exponent = printed.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
