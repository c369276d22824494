"""Planting errors: every known error of a kind that a clean paper could have, and one of them drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from validation import estimates

if TYPE_CHECKING:
    import numpy as np

    from validation.paper import Field, Paper

__all__ = ["Edit", "Kind", "plant", "possible"]

MOST_STALE = 3
"""By how many patients an earlier data cut differs at most."""


class Kind(StrEnum):
    """A kind of error."""

    SWAPPED = "swapped digits"
    DENOMINATOR = "wrong denominator"
    STALE = "stale count"
    ONE_SIDED = "one-sided P as two-sided"
    STANDARD_ERROR = "standard error as interval"
    RANGE = "impossible range"


@dataclass(frozen=True, slots=True)
class Edit:
    """One error in one claim.

    Attributes
    ----------
    kind : Kind
    variety : str
        Which of the errors of its kind.
    claim : str
    changed : mapping of str to (str, str)
        Printed fields, before and after.
    """

    kind: Kind
    variety: str
    claim: str
    changed: Mapping[str, tuple[str, str]]

    def __str__(self) -> str:
        return ", ".join(f"{name} {before} -> {after}" for name, (before, after) in self.changed.items())


Fields = Mapping[str, "Field"]


def plant(paper: Paper, kind: Kind, random: np.random.Generator, number: int = 1) -> tuple[Paper, tuple[Edit, ...]]:
    """Plant errors of a kind, each in a claim of its own.

    Parameters
    ----------
    paper : Paper
        A clean one.
    kind : Kind
    random : numpy.random.Generator
    number : int

    Returns
    -------
    Paper, tuple of Edit
        Fewer errors than asked for where the paper prints nothing else that could have one.
    """
    edits: list[Edit] = []
    for _ in range(number):
        taken = {edit.claim for edit in edits}
        by_variety: dict[str, list[Edit]] = {}
        for edit in possible(paper, kind):
            if edit.claim not in taken:
                by_variety.setdefault(edit.variety, []).append(edit)
        if not by_variety:
            break
        # A variety first, so that many possible edits of one do not drown the others.
        variety = sorted(by_variety)[int(random.integers(len(by_variety)))]
        edit = by_variety[variety][int(random.integers(len(by_variety[variety])))]
        paper = paper.edited(edit.claim, **{name: after for name, (_, after) in edit.changed.items()})
        edits.append(edit)
    return paper, tuple(edits)


def possible(paper: Paper, kind: Kind) -> Iterator[Edit]:
    """Every error of a kind that could be planted in a paper, in the order of its claims."""
    for claim, fields in paper.claims.items():
        for variety, after in _MAKERS[kind](paper, claim, fields):
            changed = {name: (str(fields[name]), new) for name, new in after.items() if fields[name] != new}
            if changed and _readable({**fields, **after}):
                yield Edit(kind, variety, claim, changed)


Made = Iterator[tuple[str, dict[str, str]]]


def _swapped(paper: Paper, claim: str, fields: Fields) -> Made:
    """Two digits that stand side by side, the decimal point aside, change places."""
    for name in ("count", "percent", "low", "high"):
        printed = fields.get(name)
        if isinstance(printed, str) and (name in ("count", "percent") or fields["kind"] in ("proportion", "survival")):
            variety = "CI limit" if name in ("low", "high") else name
            for new in _digit_swaps(printed):
                yield variety, {name: new}


def _digit_swaps(printed: str) -> Iterator[str]:
    places = [place for place, sign in enumerate(printed) if sign.isdigit()]
    for here, there in pairwise(places):
        signs = list(printed)
        signs[here], signs[there] = signs[there], signs[here]
        new = "".join(signs)
        padded = new[0] == "0" and len(new) > 1 and new[1].isdigit()
        if new != printed and not padded:
            yield new


def _denominator(paper: Paper, claim: str, fields: Fields) -> Made:
    """The percent of a count, by the size of another group of the paper."""
    if fields["kind"] != "count" or "percent" not in fields:
        return
    count, percent = int(str(fields["count"])), str(fields["percent"])
    for size in sorted({int(str(group["size"])) for group in paper.populations}):
        if size != int(str(fields["of"])) and size >= count:
            yield "percent", {"percent": estimates.percent(count, size, _decimals(percent))}


def _stale(paper: Paper, claim: str, fields: Fields) -> Made:
    """The count of an earlier data cut, a few patients off; its percent fits it, and no other place was updated."""
    if fields["kind"] != "count" or "of" not in fields:
        return
    count, size = int(str(fields["count"])), int(str(fields["of"]))
    for off in range(-MOST_STALE, MOST_STALE + 1):
        if off and 0 <= count + off <= size:
            after = {"count": str(count + off)}
            if "percent" in fields:
                after["percent"] = estimates.percent(count + off, size, _decimals(str(fields["percent"])))
            yield "count", after


def _one_sided(paper: Paper, claim: str, fields: Fields) -> Made:
    """P of the one-sided test, in a paper that says its tests are two-sided."""
    if claim in paper.one_sided:
        variety = "table" if "event" in fields or fields.get("variable") == "etiology" else "other test"
        yield variety, {"p": paper.one_sided[claim]}


def _standard_error(paper: Paper, claim: str, fields: Fields) -> Made:
    """One standard error where the half width of the 95% interval should stand, or on each side of the estimate."""
    spread = paper.spreads.get(claim)
    if spread is None or spread.standard_error == 0:
        return
    if "half_width" in fields:
        yield "survival, ±", {"half_width": estimates.half_up(spread.standard_error, spread.decimals)}
    elif "low" in fields:
        low, high = spread.estimate - spread.standard_error, spread.estimate + spread.standard_error
        limits = {"low": max(0.0, low), "high": min(100.0, high)}
        yield (
            f"{fields['kind']}, limits",
            {name: estimates.half_up(limit, spread.decimals) for name, limit in limits.items()},
        )


def _range(paper: Paper, claim: str, fields: Fields) -> Made:
    """A range without its median, a subgroup's range beyond the total's, or half a day as the median of odd n."""
    yield from _range_without_median(paper, claim, fields)
    yield from _range_beyond_total(paper, claim, fields)
    sizes = {str(group["id"]): int(str(group["size"])) for group in paper.populations}
    decimals = {str(variable["id"]): variable.get("decimals") for variable in paper.variables}
    whole = fields["kind"] == "median" and decimals[str(fields["variable"])] == 0
    if whole and sizes[str(fields["population"])] % 2 and "low" in fields:
        median = int(Decimal(str(fields["median"])))
        for shifted in (f"{median}.5", f"{median - 1}.5"):
            yield "half a unit, odd n", {"median": shifted}


def _range_without_median(paper: Paper, claim: str, fields: Fields) -> Made:
    """Low and median differ in the median's last decimal at least, so that rounding cannot make them meet."""
    if fields["kind"] != "range":
        return
    for other in paper.claims.values():
        if other["kind"] == "median" and all(other[name] == fields[name] for name in ("population", "variable")):
            median, low, high = Decimal(str(other["median"])), Decimal(str(fields["low"])), Decimal(str(fields["high"]))
            above, below = median + (high - median) / 2, low + (median - low) / 2
            step = Decimal(1).scaleb(-_decimals(str(fields["low"])))
            if median + 2 * step <= above:
                yield "without its median", {"low": estimates.half_up(above, _decimals(str(fields["low"])))}
            if below <= median - 2 * step:
                yield "without its median", {"high": estimates.half_up(below, _decimals(str(fields["high"])))}
            return


def _range_beyond_total(paper: Paper, claim: str, fields: Fields) -> Made:
    """A tenth farther than anybody."""
    total = paper.claims.get(f"{claim.rpartition('.')[0]}.all")
    if fields["kind"] != "median" or "low" not in fields or total is None or total is fields or "low" not in total:
        return
    low, high = Decimal(str(total["low"])), Decimal(str(total["high"]))
    decimals = _decimals(str(fields["high"]))
    step = Decimal(1).scaleb(-decimals)
    yield "beyond the total's", {"high": estimates.half_up(max(high * Decimal("1.1"), high + step), decimals)}
    if low > step:
        yield "beyond the total's", {"low": estimates.half_up(min(low * Decimal("0.9"), low - step), decimals)}


def _readable(fields: Fields) -> bool:
    """Whether the reader takes it: it refuses a count above its denominator, and limits on the wrong side."""
    number = {
        name: Decimal(str(fields[name]))
        for name in ("count", "of", "percent", "low", "median", "high")
        if name in fields
    }
    if number.get("count", 0) > number.get("of", Decimal("inf")) or not 0 <= number.get("percent", 0) <= 100:
        return False
    middle = number.get("median", number.get("percent"))
    ends = [end for end in (number.get("low"), middle, number.get("high")) if end is not None]
    return ends == sorted(ends)


def _decimals(printed: str) -> int:
    return len(printed.partition(".")[2])


_MAKERS: Mapping[Kind, Callable[[Paper, str, Fields], Made]] = MappingProxyType(
    {
        Kind.SWAPPED: _swapped,
        Kind.DENOMINATOR: _denominator,
        Kind.STALE: _stale,
        Kind.ONE_SIDED: _one_sided,
        Kind.STANDARD_ERROR: _standard_error,
        Kind.RANGE: _range,
    }
)
