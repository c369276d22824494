"""Choices: one answer among several, by the first rule that holds or by the band that a number falls in."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from branchpoint.language.errors import ProtocolError
from branchpoint.language.nodes import Label, Node, Rule
from branchpoint.language.quantities import NumericQuantity, Quantity, number

if TYPE_CHECKING:
    from branchpoint.language.measurements import Numeric

__all__ = [
    "AnswerIs",
    "Band",
    "Bands",
    "Case",
    "Classification",
    "above",
    "bands",
    "below",
    "between",
    "classify",
    "up_to",
]


@dataclass(frozen=True, slots=True)
class Band:
    """An interval of a quantity.

    Parameters
    ----------
    low, high : float
        Bounds; infinite where the band is open.
    includes_low, includes_high : bool
        Whether a bound belongs to the band.
    """

    low: float
    high: float
    includes_low: bool
    includes_high: bool

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ProtocolError(f"band {self}", "it holds no value", "Give the lower bound first")

    def __str__(self) -> str:
        left = "" if self.low == -inf else f"{self.low:g} {'<=' if self.includes_low else '<'} "
        right = "" if self.high == inf else f" {'<=' if self.includes_high else '<'} {self.high:g}"
        return f"{left}x{right}"


def up_to(high: float) -> Band:
    """Give the band of values up to and including a bound."""
    return Band(-inf, high, includes_low=False, includes_high=True)


def below(high: float) -> Band:
    """Give the band of values below a bound."""
    return Band(-inf, high, includes_low=False, includes_high=False)


def above(low: float) -> Band:
    """Give the band of values above a bound."""
    return Band(low, inf, includes_low=False, includes_high=False)


def between(low: float, high: float, *, includes: str = "high") -> Band:
    """Give the band between two bounds, of which one (``"low"`` or ``"high"``) or ``"both"`` belong to it."""
    return Band(low, high, includes_low=includes in ("low", "both"), includes_high=includes in ("high", "both"))


@dataclass(frozen=True, slots=True)
class Bands(NumericQuantity):
    """A number for each band of a quantity; together the bands cover every value exactly once.

    Parameters
    ----------
    of : NumericQuantity
    bands : tuple of Band
        In ascending order, as written: a band written as ``up_to(20)`` after ``up_to(10)`` starts above 10.
    values : tuple of float
    unit : str
        UCUM unit of the values.
    """

    of: NumericQuantity
    bands: tuple[Band, ...]
    values: tuple[float, ...]
    unit: str

    def __post_init__(self) -> None:
        where = f"bands of {self.of}"
        if self.bands[0].low != -inf or self.bands[-1].high != inf:
            raise ProtocolError(
                where, "values at an end fall in no band", "Begin with up_to(...) and end with above(...)"
            )
        for lower, upper in zip(self.bands, self.bands[1:], strict=False):
            both = lower.includes_high and upper.includes_low
            neither = not lower.includes_high and not upper.includes_low
            if upper.low > lower.high or (upper.low == lower.high and neither):
                raise ProtocolError(
                    where,
                    f"there is a gap between {lower} and {upper}",
                    "Let the bands meet, one including the bound",
                )
            if upper.low < lower.high or both:
                raise ProtocolError(
                    where, f"{lower} and {upper} overlap", "Let the bands meet, one including the bound"
                )


def bands(of: NumericQuantity | Numeric, *pairs: tuple[Band, float], unit: str) -> Bands:
    """Give a number by the band in which a quantity falls.

    Parameters
    ----------
    of : NumericQuantity or Numeric
    *pairs : tuple of (Band, float)
        In ascending order. ``up_to(20)`` after ``up_to(10)`` reads as papers do: above 10, up to 20.
    unit : str
        UCUM unit of the numbers.

    Raises
    ------
    ProtocolError
        When the bands leave a gap or overlap.
    """
    read: list[Band] = []
    for band, _ in pairs:
        read.append(_after(read[-1], band, of) if read and band.low == -inf else band)
    return Bands(number(of), tuple(read), tuple(float(value) for _, value in pairs), unit)


def _after(previous: Band, band: Band, of: object) -> Band:
    if not band.high > previous.high:
        raise ProtocolError(f"bands of {of}", f"{band} overlaps {previous}", "Write the bands in ascending order")
    return Band(previous.high, band.high, includes_low=not previous.includes_high, includes_high=band.includes_high)


@dataclass(frozen=True, slots=True)
class Case(Node):
    """One answer of a classification, and the rule that earns it."""

    answer: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Classification(Quantity):
    """The answer of the first case that holds, in the order written.

    Not known while an earlier case is open, unless everything still possible gives the same answer.

    Parameters
    ----------
    name : str
    cases : tuple of Case
    otherwise : str
        The answer when no case holds.
    label : Label
    """

    name: str
    cases: tuple[Case, ...]
    otherwise: str
    label: Label

    def __post_init__(self) -> None:
        answers = [case.answer for case in self.cases]
        if len(set(answers)) != len(answers) or self.otherwise in answers:
            raise ProtocolError(
                f"classification {self.name!r}", "an answer is given twice", "Join its rules with any_of"
            )

    @property
    def answers(self) -> tuple[str, ...]:
        """Every answer, the default last."""
        return (*(case.answer for case in self.cases), self.otherwise)


def classify(name: str, label: str, *cases: tuple[str, Rule], otherwise: str, cite: str = "") -> Classification:
    """Give the answer of the first case that holds."""
    return Classification(name, tuple(Case(answer, rule) for answer, rule in cases), otherwise, Label(label, cite))


@dataclass(frozen=True, slots=True)
class AnswerIs(Rule):
    """A classification whose answer is among some; settled as soon as no other answer is possible."""

    classification: Classification
    answers: tuple[str, ...]

    def __post_init__(self) -> None:
        for answer in self.answers:
            if answer not in self.classification.answers:
                raise ProtocolError(
                    f"answer {answer!r} of {self.classification.name!r}",
                    "it is never given",
                    f"Use {', '.join(self.classification.answers)}",
                )
