"""What a claim states: one frozen dataclass for each kind, with every number as it was printed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

__all__ = [
    "ClaimValue",
    "Count",
    "Date",
    "Mean",
    "Median",
    "Number",
    "PValue",
    "Percentage",
    "Proportion",
    "Range",
    "Ratio",
    "Sum",
    "Survival",
]


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
    """A median and, where printed, its range and its quartiles."""

    median: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    q1: Decimal | None = None
    q3: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean and, where printed, its standard deviation, or a number after ± that is not said to be one."""

    mean: Decimal
    sd: Decimal | None = None
    standard_error: Decimal | None = None
    plus_minus: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the greatest of what was measured, or the ends of a span of time; None where open."""

    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number that describes the design: a day of evaluation, a dose, a limit."""

    number: Decimal


@dataclass(frozen=True, slots=True)
class Proportion:
    """A percentage with the limits of its confidence interval, ``level`` in percent."""

    percent: Decimal
    low: Decimal
    high: Decimal
    level: Decimal = Decimal(95)


@dataclass(frozen=True, slots=True)
class Survival:
    """A survival estimate in percent, ``at`` a time after its origin, with what was printed of its precision.

    ``half_width`` and ``standard_error`` are numbers after ± that the report says are such; ``plus_minus`` is one that
    it does not name. ``at`` is in months unless the claim's variable has another unit.
    """

    percent: Decimal
    at: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    half_width: Decimal | None = None
    standard_error: Decimal | None = None
    plus_minus: Decimal | None = None
    level: Decimal = Decimal(95)


@dataclass(frozen=True, slots=True)
class PValue:
    """A P value; ``below`` when it was printed as an upper limit ("<.001").

    ``groups`` are the populations compared. ``table`` holds the counts behind it, one row a group, where they are
    printed with it and not as claims.
    """

    p: Decimal
    below: bool = False
    groups: tuple[str, ...] = ()
    table: tuple[tuple[int, ...], ...] = ()
    sides: int | None = None


@dataclass(frozen=True, slots=True)
class Ratio:
    """A hazard, odds or risk ratio (``measure``) with the limits of its confidence interval."""

    ratio: Decimal
    measure: str
    low: Decimal | None = None
    high: Decimal | None = None
    level: Decimal = Decimal(95)


@dataclass(frozen=True, slots=True)
class Sum:
    """A statement that some counts (claims, by id) add up to another."""

    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date."""

    date: date


ClaimValue = Count | Percentage | Median | Mean | Range | Number | Proportion | Survival | PValue | Ratio | Sum | Date
