"""Notation: numbers, units and days as people write them."""

from __future__ import annotations

import re
from fractions import Fraction
from math import isinf

from branchpoint.language.quantities import RATIO_DIGITS

__all__ = ["number_words", "quantity_words", "sentence", "unit_words", "within_sentence"]

_MICRO = "\N{MICRO SIGN}"
_SPECIAL = {
    "1": "",
    "": "",
    "Cel": "°C",
    "[degF]": "°F",
    "a": "years",
    "mo": "months",
    "wk": "weeks",
    "d": "days",
    "meq/L": "mEq/L",
}
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def unit_words(unit: str) -> str:
    """Give a unit as people print it.

    Parameters
    ----------
    unit : str
        UCUM code: ``"10*9/L"`` becomes 10⁹/L, ``"Cel"`` °C, ``"{copies}/mL"`` copies/mL, and ``"1"`` nothing.
    """
    if unit in _SPECIAL:
        return _SPECIAL[unit]
    text = re.sub(r"10[*^](-?\d+)", lambda power: "10" + power[1].translate(_SUPERSCRIPTS), unit)
    text = re.sub(r"(?<![A-Za-z])u(?=(g|L|mol|m|s|kat|[IU])\b)", _MICRO, text)
    text = re.sub(r"\bm([23])\b|(?<=_m)([23])\b", _square, text)
    return re.sub(r"[{}\[\]]", "", text).replace("_", " ")


def _square(found: re.Match[str]) -> str:
    digit = (found[1] or found[2]).translate(_SUPERSCRIPTS)
    return f"m{digit}" if found[1] else digit


def number_words(value: float) -> str:
    """Give a number without losing digits: thousands are grouped from 10,000, and 2/3 stays a fraction."""
    if isinf(value):
        return "∞" if value > 0 else "−∞"
    if float(value).is_integer():
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.0f}"
    if float(f"{value:.6g}") == value:
        return f"{value:.6g}"
    simple = Fraction(value).limit_denominator(20)
    return str(simple) if round(float(simple), RATIO_DIGITS) == value else f"{value:.12g}"


def quantity_words(value: float, unit: str | None) -> str:
    """Give a number with its unit: "90 g/L", "100 × 10⁹/L", "15%", "1 year"."""
    printed = unit_words(unit or "")
    if value == 1 and printed.endswith("s") and unit in _SPECIAL:
        printed = printed.removesuffix("s")
    joint = "" if printed in ("", "%") else " × " if printed.startswith("10") else " "
    return f"{number_words(value)}{joint}{printed}"


def within_sentence(text: str) -> str:
    """Let a label stand inside a sentence: "Fever" becomes "fever", while "HLH" and "D-dimer" stay."""
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    plain = first == "A" or (first[:1].isupper() and first[1:2].islower() and not any(map(str.isupper, first[1:])))
    return text[0].lower() + text[1:] if plain else text


def sentence(text: str) -> str:
    """Let words begin a line of their own."""
    return text[:1].upper() + text[1:]
