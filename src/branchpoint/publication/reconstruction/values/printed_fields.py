"""Printed fields: each number of a summary (median, low, high, quartile, mean) as limits on whole steps of a grid.

A value is recorded to so many decimals, and lies on the grid of these; a printed number is an interval of that grid.
What a report says of one variable thereby becomes inequalities between whole numbers: of order statistics, two of which
make a median of an even number, and of sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from branchpoint.publication.claims import Mean, Median, Range, VariableKind, printed_like

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from branchpoint.publication.claims import Claim, Claims, Variable

__all__ = [
    "DAYS_PER_UNIT",
    "SPREADS",
    "Form",
    "PrintedField",
    "described_by",
    "fields_of",
    "form_of",
    "grid_of",
    "grid_steps",
    "members",
    "per_unit",
]

DAYS_PER_UNIT = {
    "d": Decimal(1),
    "wk": Decimal(7),
    "mo": Decimal("30.4375"),
    "a": Decimal("365.25"),
    "y": Decimal("365.25"),
}
"""Months and years as UCUM counts them: a year has 365.25 days, a month the twelfth part."""
UNLIMITED = 10**12
_ORDERED = ("median", "low", "high", "q1", "q3")
SPREADS = ("sd", "standard_error", "plus_minus")


@dataclass(frozen=True, slots=True)
class PrintedField:
    """One number that a claim prints of a variable.

    Attributes
    ----------
    claim, field : str
        The id of the claim and the field of its value: median, low, high, q1, q3, mean, sd, standard_error, plus_minus.
    text : str
        What is said, and where.
    printed : Decimal
    population : str
    per_unit : Decimal
        Units of the claim in one unit of the variable, 1 unless the two differ.
    """

    claim: str
    field: str
    text: str
    printed: Decimal
    population: str
    per_unit: Decimal = Decimal(1)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Form:
    """Limits on a weighted sum of two order statistics, in steps of the grid.

    ``least <= first_weight * x[first] + second_weight * x[second] <= most``, places from 0 in ascending order;
    ``least > most`` where no values print as the field does.
    """

    first: int
    second: int
    first_weight: int
    second_weight: int
    least: int
    most: int


def fields_of(
    claims: Claims, variable: str, dropped: frozenset[tuple[str, str]] = frozenset(), *, judged: bool = True
) -> tuple[PrintedField, ...]:
    """The fields that values of a variable must print as, in the order of the file.

    Parameters
    ----------
    claims : Claims
    variable : str
        The id of a number or a time.
    dropped : frozenset of (str, str)
        Claim and field, not followed.
    judged : bool
        Leave out what the claims file sets aside (``used = false``, ``set_aside``).
    """
    found = []
    for claim in claims.claims.values():
        if not described_by(claims, claim, variable) or (judged and not claim.used):
            continue
        for name in (*_ORDERED, "mean", *SPREADS):
            printed = getattr(claim.value, name, None)
            aside = (claim.id, name) in dropped or (judged and name in claim.set_aside)
            if printed is not None and not aside:
                population = claims.populations[claim.population].label
                text = f"{claim.quantity}, {population}: {name} {printed} ({claim.place})"
                ratio = per_unit(claim, claims.variables[variable])
                found.append(PrintedField(claim.id, name, text, printed, claim.population, ratio))
    return tuple(found)


def described_by(claims: Claims, claim: Claim, variable: str) -> bool:
    """Whether a claim summarizes a variable in patients of the study."""
    known = claims.where(claim) is not None
    return claim.variable == variable and known and isinstance(claim.value, Median | Mean | Range)


def per_unit(claim: Claim, variable: Variable) -> Decimal:
    """Units of a claim in one unit of its variable; 1 where they are no units of time."""
    otherwise = "mo" if variable.kind is VariableKind.TIME else None
    own, theirs = (DAYS_PER_UNIT.get(unit or "") for unit in (claim.unit or variable.unit, variable.unit or otherwise))
    return Decimal(1) if own is None or theirs is None or own == theirs else theirs / own


def members(claims: Claims, population: str, patients: Sequence[Mapping[str, str]]) -> list[int]:
    """The places of the patients of a population, which must be said in variables."""
    where = claims.populations[population].where
    assert where is not None, "asked only of populations that are said in variables"
    return [place for place, patient in enumerate(patients) if where.holds(patient)]


def grid_of(variable: Variable, fields: Sequence[PrintedField]) -> int:
    """Steps of the grid in one unit: by the decimals recorded or, where unknown, one more than are printed."""
    decimals = variable.decimals
    if decimals is None:
        # Of times nothing but survival may be printed; hundredths keep those of different patients apart.
        least = 1 if variable.kind is VariableKind.TIME else 0
        decimals = 1 + max((-int(field.printed.as_tuple().exponent) for field in fields), default=least)
    return int(10 ** max(decimals, 0))


def grid_steps(printed: Decimal, scale: Decimal | int) -> tuple[int, int]:
    """The least and the greatest whole number that, divided by a scale, prints like a number.

    The first exceeds the second where none does.
    """
    half = Decimal(1).scaleb(int(printed.as_tuple().exponent)) / 2
    least = int(((printed - half) * scale).to_integral_value(ROUND_CEILING))
    most = int(((printed + half) * scale).to_integral_value(ROUND_FLOOR))
    if least <= most and not printed_like(Decimal(least) / scale, printed):
        least += 1
    if least <= most and not printed_like(Decimal(most) / scale, printed):
        most -= 1
    return least, most


def form_of(field: PrintedField, size: int, grid: Decimal | int, *, loose: bool = False) -> tuple[Form, ...]:
    """A field as limits on order statistics; none for a mean or a spread.

    Parameters
    ----------
    field : PrintedField
    size : int
        Patients of the population.
    grid : Decimal or int
        Steps in one unit of the variable.
    loose : bool
        Let a quartile be of any usual type (Hyndman and Fan's 2, 6 or 7), not 7 alone, which takes the order
        statistics around it apart.
    """
    scale = grid / field.per_unit
    if field.field in ("low", "high"):
        place = 0 if field.field == "low" else size - 1
        return (Form(place, place, 1, 0, *grid_steps(field.printed, scale)),)
    if field.field not in _ORDERED or not size:
        return ()
    # Type 7: the share of the way from the first to the last.
    quarters = {"q1": 1, "median": 2, "q3": 3}[field.field] * (size - 1)
    place, rest = divmod(quarters, 4)
    if field.field != "median" and loose:
        return _any_quartile(field, size, scale)
    if not rest:
        return (Form(place, place, 1, 0, *grid_steps(field.printed, scale)),)
    first, second = (1, 1) if rest == 2 else (4 - rest, rest)
    return (Form(place, place + 1, first, second, *grid_steps(field.printed, scale * (first + second))),)


def _any_quartile(field: PrintedField, size: int, scale: Decimal | int) -> tuple[Form, ...]:
    """What holds of a quartile of whatever type: it lies between the outermost order statistics that one uses."""
    low, high = (size // 4 - 1, -(-(size + 3) // 4) - 1)
    if field.field == "q3":
        low, high = size - 1 - high, size - 1 - low
    low, high = max(low, 0), min(high, size - 1)
    # A quartile may lie between two steps of the grid, at a quarter of the way.
    least, most = grid_steps(field.printed, scale * 4)
    return Form(low, low, 1, 0, -UNLIMITED, most // 4), Form(high, high, 1, 0, -(-least // 4), UNLIMITED)
