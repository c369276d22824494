"""Units of measure: UCUM codes, compared and converted.

Only conversions that hold for every analyte live here (1 g/dL is 10 g/L). What holds for one analyte alone, such as
the molar mass behind mg/dL and umol/L of creatinine, is declared with that measurement.

References
----------
.. [1] Schadow G, McDonald CJ. The Unified Code for Units of Measure, version 2.1. https://ucum.org/ucum
"""

from functools import cache
from typing import Any

from branchpoint.language.errors import ProtocolError

__all__ = ["convert", "convertible", "ucum"]

# What laboratories print, beside the UCUM code for it.
_SPELLINGS = {
    "c": "Cel",
    "°c": "Cel",
    "degc": "Cel",
    "f": "[degF]",
    "°f": "[degF]",
    "k/ul": "10*3/uL",
    "/ul": "/uL",
    "years": "a",
    "year": "a",
    "y": "a",
    "months": "mo",
    "days": "d",
    "day": "d",
    "iu/l": "[IU]/L",
    "iu/ml": "[IU]/mL",
    "copies/ml": "{copies}/mL",
    "copies/l": "{copies}/L",
    "inr": "1",
    "ratio": "1",
}


@cache
def ucum(text: str) -> str:
    """Give the UCUM code for a unit as laboratories print it.

    Parameters
    ----------
    text : str
        A unit: a UCUM code, or a common spelling of one (``"x10^9/L"``, ``"µg/L"``, ``"°C"``).

    Returns
    -------
    str
        The UCUM code; a text without a known spelling is returned as it stands, to be judged by `convert`.
    """
    plain = text.strip().replace("μ", "u").replace("µ", "u").replace("×", "x")
    if plain.lower() in _SPELLINGS:
        return _SPELLINGS[plain.lower()]
    plain = plain.removeprefix("x").strip()
    for power in ("10^", "10**", "10e", "10E"):
        plain = plain.replace(power, "10*")
    if plain.endswith(("/l", "/dl", "/ml", "/ul")):
        plain = plain[:-1] + "L"
    return plain


@cache
def _registry() -> Any:
    # A second of start-up: paid only when a value comes in a unit other than the protocol's own.
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry()


@cache
def _unit(code: str) -> Any:
    from lark.exceptions import LarkError
    from pint.errors import PintError

    try:
        return _registry().from_ucum(code).units
    except (LarkError, PintError, AttributeError, ValueError):
        raise ProtocolError(
            f"unit {code!r}",
            "it is not a UCUM code",
            "Write units as UCUM does, for example 10*9/L, g/L, ug/L, Cel",
        ) from None


def convert(value: float, source: str, target: str) -> float:
    """Convert a value between two units of the same dimension.

    Parameters
    ----------
    value : float
        The value in `source` units.
    source, target : str
        UCUM codes or common spellings.

    Returns
    -------
    float
        The value in `target` units.

    Raises
    ------
    ProtocolError
        When a unit is not known, or the two measure different things.
    """
    start, goal = ucum(source), ucum(target)
    if start == goal:
        return value
    if not convertible(start, goal):
        raise ProtocolError(
            f"unit {source!r}",
            f"it does not convert to {target!r}",
            f"Give the value in {target!r} or a multiple of it",
        )
    converted = float(_registry().Quantity(value, _unit(start)).to(_unit(goal)).magnitude)
    # Powers of ten leave a last-digit residue that would move a value across a threshold: 0.1 g/dL is 1 g/L.
    return float(f"{converted:.12g}")


@cache
def convertible(source: str, target: str) -> bool:
    """Say whether two units measure the same thing; an unknown unit measures nothing."""
    start, goal = ucum(source), ucum(target)
    if start == goal:
        return True
    try:
        return bool(_unit(start).dimensionality == _unit(goal).dimensionality and _counts(start) == _counts(goal))
    except ProtocolError:
        return False


def _counts(code: str) -> tuple[str, ...]:
    # UCUM's annotations carry no dimension, yet copies per mL are not cells per mL.
    return tuple(part.split("}")[0] for part in code.split("{")[1:])
