"""Printed: a value as a report prints it, and a computed one in the same form and to the same decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from branchpoint.publication.claims import (
    Count,
    Date,
    Mean,
    Median,
    Number,
    Percentage,
    Proportion,
    PValue,
    Range,
    Ratio,
    Sum,
    Survival,
)

if TYPE_CHECKING:
    from branchpoint.publication.claims import ClaimValue

__all__ = ["printed"]


def printed(value: ClaimValue, like: ClaimValue | None = None) -> str:
    """Write a value as a report prints it.

    Parameters
    ----------
    value : ClaimValue
    like : ClaimValue, optional
        A printed value of the same kind: only what it holds is written, to its decimals.
    """
    like = value if like is None else like
    match value:
        case Count(count=count):
            return _count(value, like, count)
        case Percentage():
            return f"{_text(value, like, 'percent')}%"
        case Median():
            spread = f" ({_text(value, like, 'low')}-{_text(value, like, 'high')})" if _has(like, "low") else ""
            return f"{_text(value, like, 'median')}{spread}"
        case Mean():
            names = [name for name in ("sd", "standard_error", "plus_minus") if _has(like, name)]
            return _text(value, like, "mean") + "".join(f" ± {_text(value, like, name)}" for name in names)
        case Number():
            return _text(value, like, "number")
        case Range():
            ends = [_text(value, like, name) for name in ("low", "high") if _has(like, name)]
            return "-".join(ends) if len(ends) == 2 else f"{'≥' if _has(like, 'low') else '≤'} {ends[0]}"
        case Ratio():
            limits = f" ({_text(value, like, 'low')} to {_text(value, like, 'high')})" if _has(like, "low") else ""
            return _text(value, like, "ratio") + limits
        case Sum(whole=whole, parts=parts):
            return f"{' + '.join(parts)} = {whole}"
        case Proportion():
            return f"{_text(value, like, 'percent')}% ({_text(value, like, 'low')}% to {_text(value, like, 'high')}%)"
        case Survival():
            return _survival(value, like)
        case PValue():
            return _p_value(value, like)
        case Date(date=date):
            return f"{date.day} {date:%B %Y}"


def _count(value: ClaimValue, like: ClaimValue, count: int) -> str:
    size = getattr(value, "of", None)
    of = f"/{size}" if _has(like, "of") and size is not None else ""
    return f"{count}{of}" + (f" ({_text(value, like, 'percent')}%)" if _has(like, "percent") else "")


def _survival(value: ClaimValue, like: ClaimValue) -> str:
    text = _text(value, like, "percent")
    for name in ("half_width", "standard_error", "plus_minus"):
        if _has(like, name):
            text += f" ± {_text(value, like, name)}"
    text += "%" if "±" not in text else ""
    return text + (f" ({_text(value, like, 'low')}% to {_text(value, like, 'high')}%)" if _has(like, "low") else "")


def _p_value(value: PValue, like: ClaimValue) -> str:
    text = _text(value, like, "p")
    if not value.below and Decimal(text) == 0:
        text, below = f"{Decimal(1).scaleb(Decimal(text).as_tuple().exponent)}", True  # type: ignore[arg-type]
    else:
        below = value.below
    return ("<" if below else "") + text.removeprefix("0")


def _has(value: ClaimValue, name: str) -> bool:
    return getattr(value, name) is not None


def _text(value: ClaimValue, like: ClaimValue, name: str) -> str:
    """A number to the decimals to which the other prints it; "none" where there is no number."""
    number, model = getattr(value, name), getattr(like, name)
    if number is None:
        return "none"
    exponent = model.as_tuple().exponent if isinstance(model, Decimal) else 0
    return str(number.quantize(Decimal(1).scaleb(int(exponent)), ROUND_HALF_UP))
