"""The door: through it every finding passes before it is believed.

A test must be known to the protocol, its value must be of the test's kind, in a unit that the test can have, and
plausible. Which route a finding takes depends on its test and unit alone; so a table asks once for each pair of them,
a patient file once a finding, and both give the same reasons.

- Numbers are converted to the unit of the scale they were reported on, and limits of normal with them. Scales that do
  not convert into each other stay apart. A finding without a unit is in the canonical one, unless the test has several
  scales or demands a unit.
- Yes/no answers are booleans; as text ``true``, ``yes``, ``1`` and ``false``, ``no``, ``0`` in any case of letters.
- A finding has a value or a reason for having none, never both. A result below the limit of detection is such a reason,
  ``below_detection``, without a value: the limit is a property of the assay, and beside a reason it would be read as a
  result. ``<0.1`` is therefore refused as a number.
- A limit of normal that a finding does not bring is the default of the scale, unless it contradicts the other limit.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from branchpoint.language.measurements import Coded, Numeric
from branchpoint.language.units import convert, convertible, ucum
from branchpoint.records.patient import MISSING_REASONS, Finding
from branchpoint.records.problems import NOTHING, Refusal, as_found
from branchpoint.records.vocabulary import one_of, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from branchpoint.language.measurements import Measurement, Scale
    from branchpoint.records.patient import Value

__all__ = [
    "FALSE_WORDS",
    "ROUNDED",
    "TRUE_WORDS",
    "Conversion",
    "Given",
    "Route",
    "admit",
    "as_given",
    "find_route",
    "number_in",
]

TRUE_WORDS = ("true", "yes", "1")
FALSE_WORDS = ("false", "no", "0")

# Where 12 digits are the same digits in Python and in Polars, which scales by a power of ten that must be exact.
ROUNDED = (1e-9, 1e12)

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class Given(NamedTuple):
    """A finding as it was handed in; None where there is nothing."""

    test: object
    value: object = None
    unit: object = None
    lower_limit: object = None
    upper_limit: object = None
    missing: object = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """From one unit to another: a factor, or the pair of units where their zeros differ.

    Parameters
    ----------
    times, over : float
        Multiplied with and divided by; one of them is 1.
    shifted : tuple of (str, str), optional
        Source and target.
    """

    times: float = 1.0
    over: float = 1.0
    shifted: tuple[str, str] | None = None

    @property
    def changes(self) -> bool:
        """Whether a value can differ afterwards."""
        return self != Conversion()

    def __call__(self, value: float) -> float:
        if self.shifted is not None:
            return convert(value, *self.shifted)
        if not self.changes:
            return value
        converted = value * self.times / self.over
        # As in convert: a last-digit residue would move a value across a threshold.
        return float(f"{converted:.12g}") if ROUNDED[0] <= abs(converted) < ROUNDED[1] else converted


@dataclass(frozen=True, slots=True)
class Route:
    """What becomes of the findings of one test in one unit.

    Parameters
    ----------
    kind : {"number", "truth", "code"}
    unit : str
        Unit of the scale that the value ends on; empty for answers without one.
    low, high : float
        The plausible range, in `unit`.
    lower_limit, upper_limit : float, optional
        Default limits of normal.
    lasting : bool
        Whether the answer does not change with time, and may come from long before enrollment.
    """

    kind: Literal["number", "truth", "code"]
    unit: str = ""
    conversion: Conversion = Conversion()
    low: float = -math.inf
    high: float = math.inf
    lower_limit: float | None = None
    upper_limit: float | None = None
    codes: tuple[str, ...] = ()
    lasting: bool = False


def find_route(tests: Mapping[str, Measurement], test: object, unit: object) -> Route | Refusal:
    """Give the route for findings of one test in one unit.

    Parameters
    ----------
    tests : mapping of str to Measurement
        Those that findings may carry, see `branchpoint.records.vocabulary.Vocabulary`.
    test, unit : object
        As handed in; None or empty for no unit.

    Returns
    -------
    Route or Refusal
        A refusal for want of a unit does not concern findings without a value.
    """
    if not isinstance(test, str) or not test:
        return Refusal("test", as_found(test), "the name of a test")
    if test not in tests:
        return Refusal("test", test, f"a test of the protocol; {suggest(test, tests)}")
    if unit is not None and not isinstance(unit, str):
        return Refusal("unit", as_found(unit), "a unit as text")
    return _route(tests[test], (unit or "").strip())


@cache
def _route(measurement: Measurement, unit: str) -> Route | Refusal:
    lasting = measurement.current_for is None
    if not isinstance(measurement, Numeric):
        if unit:
            return Refusal("unit", unit, f"no unit: {measurement.name} is {_kind_of_answer(measurement)}")
        if isinstance(measurement, Coded):
            return Route("code", codes=measurement.codes, lasting=lasting)
        return Route("truth", lasting=lasting)
    if not unit:
        if measurement.unit_required or len(measurement.scales) > 1:
            return Refusal("unit", NOTHING, f"a unit: {_units_of(measurement)}")
        return _on(measurement.scales[0], Conversion(), lasting)
    for scale in measurement.scales:
        if ucum(unit) == ucum(scale.unit):
            return _on(scale, Conversion(), lasting)
    for known, factor in measurement.equivalents:
        if ucum(unit) == ucum(known):
            return _on(measurement.scales[0], Conversion(times=factor), lasting)
    for scale in measurement.scales:
        if convertible(unit, scale.unit):
            return _on(scale, _conversion(unit, scale.unit), lasting)
    return Refusal("unit", unit, f"{_units_of(measurement)}, or a unit that converts to {_it(measurement)}")


def _kind_of_answer(measurement: Measurement) -> str:
    return "a code" if isinstance(measurement, Coded) else "answered yes or no"


def _units_of(measurement: Numeric) -> str:
    units = [scale.unit for scale in measurement.scales] + [unit for unit, _ in measurement.equivalents]
    return " or ".join(units)


def _it(measurement: Numeric) -> str:
    return "it" if len(measurement.scales) == 1 else "one of them"


def _on(scale: Scale, conversion: Conversion, lasting: bool) -> Route:
    low, high = scale.plausible
    lower, upper = (None if limit is None else float(limit) for limit in (scale.lower_limit, scale.upper_limit))
    return Route("number", scale.unit, conversion, low, high, lower, upper, lasting=lasting)


def _conversion(source: str, target: str) -> Conversion:
    if convert(0.0, source, target) != 0.0:
        return Conversion(shifted=(source, target))
    forth, back = convert(1.0, source, target), convert(1.0, target, source)
    # Whole numbers are exact; of two fractions the shorter is the less rounded one.
    exact = forth.is_integer() or (not back.is_integer() and len(repr(forth)) <= len(repr(back)))
    return Conversion(times=forth) if exact else Conversion(over=back)


def number_in(value: object, *, text: bool) -> float | None:
    """Give the finite number that a value is, or, as `text`, says; None when it is none."""
    if text:
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            return None
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def admit(
    tests: Mapping[str, Measurement], given: Given, day: int, source: str = "", *, text: bool = False
) -> tuple[Finding | None, tuple[Refusal, ...]]:
    """Let one finding in, or say everything that speaks against it.

    Parameters
    ----------
    tests : mapping of str to Measurement
    given : Given
    day : int
        Study day.
    source : str
        Where it stands in the record.
    text : bool
        Whether numbers and answers are given as text, as CSV does.

    Returns
    -------
    tuple of (Finding or None, tuple of Refusal)
        The finding in canonical units with the value as given, and no refusal; or None and why.
    """
    route = find_route(tests, given.test, given.unit)
    has_value = given.value is not None and given.value != ""
    refusals = list(_missing_refusals(given, has_value))
    if isinstance(route, Refusal):
        if route.column == "test" or has_value or given.unit:
            refusals.append(route)
        elif not refusals:
            return _without_value(given, day, source), ()
        return None, tuple(refusals)
    value: Value | None = None
    limits: tuple[float | None, float | None] = (None, None)
    if has_value:
        outcome = _value_on(route, given, text=text)
        if isinstance(outcome, Refusal):
            refusals.append(outcome)
        else:
            value = outcome
    judged = _limits_on(route, given, text=text)
    if isinstance(judged, Refusal):
        refusals.append(judged)
    else:
        limits = judged
    if refusals:
        return None, tuple(refusals)
    if value is None:
        return _without_value(given, day, source), ()
    written = as_given(given.value, given.unit)
    return Finding(day, str(given.test), value, route.unit, *limits, source=source, given=written), ()


def as_given(value: object, unit: object) -> str:
    """Give value and unit in the words in which they came."""
    return f"{as_found(value)} {unit or ''}".strip()


def _without_value(given: Given, day: int, source: str) -> Finding:
    return Finding(day, str(given.test), None, missing=str(given.missing), source=source)


def _missing_refusals(given: Given, has_value: bool) -> tuple[Refusal, ...]:
    if given.missing is None or given.missing == "":
        expected = f"a value, or a reason under missing: {one_of(MISSING_REASONS)}"
        return () if has_value else (Refusal("value", NOTHING, expected),)
    if given.missing not in MISSING_REASONS:
        return (Refusal("missing", as_found(given.missing), one_of(MISSING_REASONS)),)
    if has_value:
        found = f"{given.missing} beside the value {as_found(given.value)}"
        return (Refusal("missing", found, "a value or a reason for having none, not both"),)
    return ()


def _value_on(route: Route, given: Given, *, text: bool) -> Value | Refusal:
    found = as_found(given.value)
    if route.kind == "truth":
        if text and isinstance(given.value, str) and given.value.lower() in TRUE_WORDS + FALSE_WORDS:
            return given.value.lower() in TRUE_WORDS
        if isinstance(given.value, bool):
            return given.value
        return Refusal("value", found, "yes or no (true, yes, 1 or false, no, 0)" if text else "true or false")
    if route.kind == "code":
        known = isinstance(given.value, str) and given.value in route.codes
        return str(given.value) if known else Refusal("value", found, one_of(route.codes))
    number = number_in(given.value, text=text)
    if number is None:
        hint = "; a result below detection has no value and missing = below_detection" if found[:1] in "<≤" else ""
        return Refusal("value", found, f"a number{hint}")
    number = route.conversion(number)
    if not route.low <= number <= route.high:
        unit = f" {route.unit}" if route.unit != "1" else ""
        converted = f", which is {number:.6g}{unit}" if route.conversion.changes else ""
        expected = f"{as_found(route.low)} to {as_found(route.high)}{unit}"
        return Refusal("value", f"{as_given(given.value, given.unit)}{converted}", expected)
    return number


def _limits_on(route: Route, given: Given, *, text: bool) -> tuple[float | None, float | None] | Refusal:
    limits: list[float | None] = []
    for column in ("lower_limit", "upper_limit"):
        value = getattr(given, column)
        if value is None or value == "":
            limits.append(None)
            continue
        if route.kind != "number":
            return Refusal(column, as_found(value), f"nothing: {given.test} is not a number")
        number = number_in(value, text=text)
        if number is None:
            return Refusal(column, as_found(value), "a number")
        limits.append(route.conversion(number))
    lower, upper = limits
    if lower is not None and upper is not None and lower > upper:
        return Refusal(
            "lower_limit", as_found(given.lower_limit), f"at most the upper limit, {as_found(given.upper_limit)}"
        )
    return _with_defaults(route, lower, upper)


def _with_defaults(route: Route, lower: float | None, upper: float | None) -> tuple[float | None, float | None]:
    default_lower, default_upper = route.lower_limit, route.upper_limit
    if lower is None and default_lower is not None and (upper is None or default_lower <= upper):
        lower = default_lower
    if upper is None and default_upper is not None and (lower is None or lower <= default_upper):
        upper = default_upper
    return lower, upper
