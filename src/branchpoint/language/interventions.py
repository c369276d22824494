"""Interventions: what is given, to whom, how much and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchpoint.language.errors import ProtocolError
from branchpoint.language.nodes import Label, Rule
from branchpoint.language.quantities import NumericQuantity, number

if TYPE_CHECKING:
    from branchpoint.language.measurements import Numeric

__all__ = ["Dose", "Intervention", "daily", "hours", "per_amount_of"]


@dataclass(frozen=True, slots=True)
class Dose:
    """How much is given and how often.

    Parameters
    ----------
    amount : NumericQuantity
        The amount of one dose: by bands of a measurement, or a multiple of one (per kg, per m2).
    unit : str
        UCUM unit of the amount.
    every_hours : float, optional
        Hours between doses; None where the source leaves the interval to the clinician.
    basis : str
        How a reader is told the amount: ``"2 mg/kg"``, or empty for banded doses, which are listed.
    """

    amount: NumericQuantity
    unit: str
    every_hours: float | None
    basis: str = ""

    def __post_init__(self) -> None:
        if self.every_hours is not None and self.every_hours <= 0:
            raise ProtocolError(
                f"dose of {self.basis or self.unit}", "its interval is not positive", "Give hours above 0"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """A drug, support or procedure that the protocol gives or permits.

    Parameters
    ----------
    name : str
        As the exposures table carries it.
    label : Label
    dose : Dose, optional
        None for what is given as the clinician sees fit.
    days : int, optional
        The planned duration.
    only_if : Rule, optional
        Who receives it; None for everyone in the epoch.
    """

    name: str
    label: Label
    dose: Dose | None = None
    days: int | None = None
    only_if: Rule | None = None


def per_amount_of(
    measure: NumericQuantity | Numeric, amount: float, basis: str, unit: str, every_hours: float | None
) -> Dose:
    """Give a dose in proportion to a measurement, such as 2 mg per kg of weight."""
    return Dose(amount * number(measure), unit, every_hours, basis)


def hours(count: float) -> float:
    """Give an interval in hours, so that a dose reads ``hours(12)``."""
    return float(count)


def daily() -> float:
    """Give the interval of a daily dose, in hours."""
    return 24.0
