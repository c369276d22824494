"""Measurements: what a protocol has measured, asked or looked up, each declared once.

A measurement knows its unit and the range outside which a value is an error of entry. How its record is read
(at baseline, as a fold, at its worst so far) is said where it is used, by the methods here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from branchpoint.language.errors import ProtocolError
from branchpoint.language.quantities import BASELINE, Aspect, Input, NumericQuantity, Scaled, When
from branchpoint.language.rules import Holds, IsOneOf, OnScale, Recorded
from branchpoint.language.units import convert, convertible

if TYPE_CHECKING:
    from branchpoint.language.nodes import Rule
    from branchpoint.language.quantities import Arithmetic
    from branchpoint.language.rules import Compare

__all__ = ["Coded", "Exposed", "Measurement", "Numeric", "Occurred", "Scale", "YesNo"]

Source = Literal["findings", "subject", "exposures", "events"]


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit in which laboratories report a measurement.

    Parameters
    ----------
    unit : str
        UCUM code.
    plausible : tuple of float
        The range of values that are not errors of entry.
    upper_limit, lower_limit : float, optional
        Limits of normal, used when a finding brings none.
    """

    unit: str
    plausible: tuple[float, float]
    upper_limit: float | None = None
    lower_limit: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What all measurements share.

    Parameters
    ----------
    name : str
        Plain snake case, as findings carry it.
    label : str
        As a reader sees it.
    cite : str
        Where definition, limits or range come from.
    current_for : int, optional
        Days for which a value speaks for the patient; None for what does not change. A value from before treatment
        never speaks for a day after it, unless it does not change.
    source : {"findings", "subject", "exposures", "events"}
        The table that holds it.
    """

    name: str
    label: str
    cite: str = ""
    current_for: int | None = 7
    source: Source = "findings"

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.name != self.name.lower() or "__" in self.name:
            raise ProtocolError(
                f"measurement {self.name!r}", "the name is not plain snake case", "Use a_name_like_this"
            )

    @property
    def value(self) -> Input:
        """The value on the day of evaluation."""
        return Input(self)

    def at(self, when: When) -> Input:
        """Give the value at baseline or at the visit of a study day."""
        return Input(self, when=when)

    @property
    def recorded(self) -> Recorded:
        """Whether the record holds a value: no where it was not done, not known while it is pending."""
        return Recorded(Input(self, Aspect.RECORDED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeric(Measurement):
    """A number with a unit.

    Parameters
    ----------
    scales : tuple of Scale
        The unit first, then any other in which laboratories report and which does not convert to it.
    worse : {"high", "low"}, optional
        The direction in which the disease takes it.
    unit_required : bool
        Whether a finding without a unit is refused rather than read in the canonical unit; always so with several
        scales.
    equivalents : tuple of (str, float)
        Units that convert for this analyte alone, with the number of canonical units in one of them.
    """

    scales: tuple[Scale, ...] = ()
    worse: Literal["high", "low"] | None = None
    unit_required: bool = False
    equivalents: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        Measurement.__post_init__(self)
        if not self.scales:
            raise ProtocolError(
                f"measurement {self.name!r}", "it has no unit", "Give scales=(Scale(unit, (low, high)),)"
            )
        for scale in self.scales:
            if not scale.plausible[0] < scale.plausible[1]:
                raise ProtocolError(
                    f"measurement {self.name!r}",
                    f"its plausible range {scale.plausible} is empty",
                    "Give (low, high)",
                )

    @property
    def unit(self) -> str:
        """The canonical unit (UCUM)."""
        return self.scales[0].unit

    @property
    def baseline(self) -> Input:
        """The last value on or before study day 0."""
        return Input(self, when=BASELINE)

    @property
    def fold_of_baseline(self) -> Arithmetic:
        """The value as a multiple of its baseline."""
        return Input(self) / self._reference

    @property
    def fold_of_upper_limit(self) -> Arithmetic:
        """The value as a multiple of the reporting laboratory's upper limit of normal."""
        return Input(self) / Input(self, Aspect.UPPER_LIMIT)

    @property
    def fold_of_lower_limit(self) -> Arithmetic:
        """The value as a multiple of the reporting laboratory's lower limit of normal."""
        return Input(self) / Input(self, Aspect.LOWER_LIMIT)

    @property
    def change(self) -> Arithmetic:
        """The value less its baseline."""
        return Input(self) - self._reference

    @property
    def _reference(self) -> Input:
        if len(self.scales) > 1:
            return Input(self, Aspect.REFERENCE)
        return Input(self, when=BASELINE)

    @property
    def worst(self) -> Input:
        """The worst value from baseline to the day of evaluation."""
        return self._directed(Aspect.WORST)

    @property
    def best(self) -> Input:
        """The best value from baseline to the day of evaluation."""
        return self._directed(Aspect.BEST)

    def highest(self, days: int) -> Input:
        """Give the highest value over a number of days that the record must span."""
        return Input(self, Aspect.HIGHEST, days=days)

    def lowest(self, days: int) -> Input:
        """Give the lowest value over a number of days that the record must span."""
        return Input(self, Aspect.LOWEST, days=days)

    def within(self, unit: str) -> NumericQuantity:
        """Give the value in another unit that is declared for this analyte.

        Raises
        ------
        ProtocolError
            When neither UCUM nor the measurement relates the unit to the canonical one.
        """
        for known, factor in self.equivalents:
            if known == unit:
                return Scaled(Input(self), 1 / factor, unit)
        if unit == self.unit:
            return Input(self)
        if convertible(unit, self.unit):
            return Scaled(Input(self), convert(1.0, self.unit, unit), unit)
        raise ProtocolError(
            f"measurement {self.name!r} in {unit!r}",
            f"the unit does not fit: it is measured in {self.unit!r}",
            "Declare the unit among its equivalents, with its factor and source",
        )

    def on(self, unit: str) -> Input:
        """Give the value on one of the scales that do not convert into each other; not known on another scale."""
        self._check_scale(unit)
        return Input(self, scale=unit)

    def is_on(self, unit: str) -> OnScale:
        """Whether the value was reported on the scale with this unit."""
        self._check_scale(unit)
        return OnScale(Input(self, Aspect.SCALE), unit)

    def _check_scale(self, unit: str) -> None:
        if unit not in [scale.unit for scale in self.scales]:
            declared = ", ".join(scale.unit for scale in self.scales)
            raise ProtocolError(
                f"measurement {self.name!r} on {unit!r}",
                f"the unit does not fit: its scales are {declared}",
                "Use one of them",
            )

    def _directed(self, aspect: Aspect) -> Input:
        if self.worse is None:
            raise ProtocolError(
                f"measurement {self.name!r}", f"{aspect} has no meaning", 'Declare worse="high" or "low"'
            )
        return Input(self, aspect)

    def __lt__(self, other: object) -> Compare:
        return Input(self) < other

    def __le__(self, other: object) -> Compare:
        return Input(self) <= other

    def __gt__(self, other: object) -> Compare:
        return Input(self) > other

    def __ge__(self, other: object) -> Compare:
        return Input(self) >= other


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo(Measurement):
    """A question that is answered yes or no."""

    @property
    def holds(self) -> Holds:
        """The rule that the answer is yes."""
        return Holds(Input(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed(YesNo):
    """Whether one of some drugs or supports was given, today or within some days before.

    The record of exposures is complete by definition: what it does not hold was not given.

    Parameters
    ----------
    drugs : tuple of str
        Names as the exposures table carries them.
    within : int, optional
        Days before the day of evaluation that count; None counts everything since the record began.
    """

    drugs: tuple[str, ...]
    within: int | None = None
    source: Source = "exposures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurred(YesNo):
    """Whether one of some events has happened by the day of evaluation; events that are not recorded did not happen."""

    events: tuple[str, ...]
    source: Source = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded(Measurement):
    """An answer from a list of codes."""

    codes: tuple[str, ...]

    def __post_init__(self) -> None:
        Measurement.__post_init__(self)
        if len(set(self.codes)) != len(self.codes) or not self.codes:
            raise ProtocolError(f"measurement {self.name!r}", "its codes repeat or are absent", "List each code once")

    def is_(self, *codes: str) -> Rule:
        """Give the rule that the answer is one of the codes."""
        unknown = [code for code in codes if code not in self.codes]
        if unknown:
            raise ProtocolError(
                f"measurement {self.name!r}",
                f"{unknown} is not among its codes",
                f"Use {', '.join(self.codes)}",
            )
        return IsOneOf(Input(self), codes)
