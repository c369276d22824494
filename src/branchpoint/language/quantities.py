"""Quantities: what has a number, a code or a yes/no for a patient on a day, before anything is judged.

The leaf is `Input`: one measurement, in one of its aspects, at one time. Everything else is arithmetic over leaves. A
comparison turns a quantity into a rule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from branchpoint.language.errors import ProtocolError
from branchpoint.language.nodes import Label, Node, Rule

if TYPE_CHECKING:
    from branchpoint.language.measurements import Measurement
    from branchpoint.language.rules import Compare

__all__ = [
    "BASELINE",
    "NOW",
    "RATIO_DIGITS",
    "Arithmetic",
    "Aspect",
    "Clip",
    "Derived",
    "Input",
    "Number",
    "NumericQuantity",
    "Points",
    "Quantity",
    "Scaled",
    "Transform",
    "number",
]

When = int | Literal["now", "baseline"]
NOW: Literal["now"] = "now"
BASELINE: Literal["baseline"] = "baseline"


class Aspect(StrEnum):
    """What is asked of a measurement.

    ``REFERENCE`` is the baseline value if it is on the scale of the value of the day, so that the two can be compared.
    ``WORST`` and ``BEST`` look back from the day of evaluation to baseline, in the measurement's own direction;
    ``HIGHEST`` and ``LOWEST`` over a number of days that the record must span.
    """

    VALUE = "value"
    UPPER_LIMIT = "upper_limit"
    LOWER_LIMIT = "lower_limit"
    SCALE = "scale"
    RECORDED = "recorded"
    REFERENCE = "reference"
    WORST = "worst"
    BEST = "best"
    HIGHEST = "highest"
    LOWEST = "lowest"


class Quantity(Node):
    """A node whose answer is a number, a code, or not known."""

    __slots__ = ()


class NumericQuantity(Quantity):
    """A quantity that can be compared and calculated with."""

    __slots__ = ()

    def __lt__(self, other: object) -> Compare:
        return _compare(self, "<", other)

    def __le__(self, other: object) -> Compare:
        return _compare(self, "<=", other)

    def __gt__(self, other: object) -> Compare:
        return _compare(self, ">", other)

    def __ge__(self, other: object) -> Compare:
        return _compare(self, ">=", other)

    def __add__(self, other: object) -> Arithmetic:
        return Arithmetic("+", self, number(other))

    def __radd__(self, other: object) -> Arithmetic:
        return Arithmetic("+", number(other), self)

    def __sub__(self, other: object) -> Arithmetic:
        return Arithmetic("-", self, number(other))

    def __rsub__(self, other: object) -> Arithmetic:
        return Arithmetic("-", number(other), self)

    def __mul__(self, other: object) -> Arithmetic:
        return Arithmetic("*", self, number(other))

    def __rmul__(self, other: object) -> Arithmetic:
        return Arithmetic("*", number(other), self)

    def __truediv__(self, other: object) -> Arithmetic:
        return Arithmetic("/", self, number(other))

    def __rtruediv__(self, other: object) -> Arithmetic:
        return Arithmetic("/", number(other), self)


def _compare(left: NumericQuantity, operator: Literal["<", "<=", ">", ">="], right: object) -> Compare:
    from branchpoint.language.rules import Compare

    return Compare(left, operator, number(right))


@dataclass(frozen=True, slots=True)
class Number(NumericQuantity):
    """A number that the protocol states."""

    value: float


@dataclass(frozen=True, slots=True)
class Input(NumericQuantity):
    """One measurement, in one aspect, at one time: all that a rule ever asks of the record.

    Parameters
    ----------
    measurement : Measurement
    aspect : Aspect
    when : int or {"now", "baseline"}
        The day of evaluation, the last value on or before study day 0, or the value at a visit on a study day.
    days : int, optional
        How far ``HIGHEST`` and ``LOWEST`` look back.
    scale : str, optional
        For a measurement that laboratories report on scales that do not convert: the unit of the scale meant.
    """

    measurement: Measurement
    aspect: Aspect = Aspect.VALUE
    when: When = NOW
    days: int | None = None
    scale: str | None = None

    @property
    def name(self) -> str:
        """The input as a column of a table: ``ferritin``, ``ferritin__baseline``, ``temperature__highest_3d``."""
        parts = [self.measurement.name]
        if self.aspect is not Aspect.VALUE:
            parts.append(self.aspect + (f"_{self.days}d" if self.days is not None else ""))
        if self.scale is not None:
            parts.append("in_" + "".join(c if c.isalnum() else "_" for c in self.scale).strip("_"))
        if self.when != NOW:
            parts.append(self.when if isinstance(self.when, str) else f"day_{self.when}")
        return "__".join(parts)


@dataclass(frozen=True, slots=True)
class Arithmetic(NumericQuantity):
    """A sum, difference, product or ratio; not known where a part is not known, or where the divisor is zero.

    Ratios are rounded to `RATIO_DIGITS` decimals.
    """

    operator: Literal["+", "-", "*", "/"]
    left: NumericQuantity
    right: NumericQuantity


@dataclass(frozen=True, slots=True)
class Transform(NumericQuantity):
    """The natural logarithm or the square root; not known outside the function's domain."""

    function: Literal["ln", "sqrt"]
    of: NumericQuantity


@dataclass(frozen=True, slots=True)
class Clip(NumericQuantity):
    """A quantity held between bounds, as scores do with their laboratory values."""

    of: NumericQuantity
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ProtocolError(f"clip to {self.low}..{self.high}", "the bounds are reversed", "Give the lower first")


@dataclass(frozen=True, slots=True)
class Points(NumericQuantity):
    """One number where a rule holds and another where it does not, as scores add points and formulae adjust for sex."""

    rule: Rule
    holds: float
    fails: float = 0.0


@dataclass(frozen=True, slots=True)
class Scaled(NumericQuantity):
    """A quantity in another unit, by a factor that the measurement declares."""

    of: NumericQuantity
    factor: float
    unit: str


@dataclass(frozen=True, slots=True)
class Derived(NumericQuantity):
    """A quantity that the protocol names and calculates, such as a clinical score."""

    name: str
    of: NumericQuantity
    unit: str
    label: Label


# Folds are rounded, so that 0.3 is one and a half times 0.2, as a reader would say; thresholds are rounded alike.
RATIO_DIGITS = 9


def number(value: object) -> NumericQuantity:
    """Read a number, a numeric quantity or a numeric measurement as a numeric quantity."""
    from branchpoint.language.measurements import Numeric

    if isinstance(value, NumericQuantity):
        return value
    if isinstance(value, Numeric):
        return value.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise ProtocolError(f"number {value}", "a rule cannot use it", "Write a finite number")
        return Number(round(float(value), RATIO_DIGITS))
    raise ProtocolError(
        f"{value!r}", "it is not a number", "Compare and calculate with numbers and numeric measurements"
    )
