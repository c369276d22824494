"""Whether an error could be seen at all: which exact relation to another printed number it breaks, if any.

Defined before any audit is run, from a fixed list of relations, taking every other number of the paper as right. It
knows where the error is; an audit has to find that out. An error that breaks none of these is called unconstrained: an
audit may still find it by a longer way, and is not expected to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.claims import (
    Claim,
    Claims,
    Condition,
    Count,
    Mean,
    Median,
    Percentage,
    Proportion,
    PValue,
    Range,
    Sum,
    Survival,
)
from validation import estimates

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["broken_relations"]

Key = frozenset[tuple[str, frozenset[str]]]


def broken_relations(claims: Claims, planted: str) -> tuple[str, ...]:
    """Name the relations to other printed numbers that a planted error breaks.

    Parameters
    ----------
    claims : Claims
        Of the paper with the error.
    planted : str
        The claim that has it.

    Returns
    -------
    tuple of str
        Empty for an error that nothing printed constrains.
    """
    held = _Held(claims, claims.claims[planted])
    return tuple(dict.fromkeys(held.broken()))


@dataclass(slots=True)
class _Held:
    claims: Claims
    claim: Claim
    known: dict[Key, int] = field(init=False, default_factory=dict)
    sizes: dict[Key, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for population in self.claims.populations.values():
            if population.where is not None:
                self.known[self._key(population.where)] = population.size
        for other in self.claims.claims.values():
            condition, count = self.claims.condition(other), self._count(other)
            if condition is not None:
                self.sizes.setdefault(self._key(condition), self._size(other))
            if other is not self.claim and condition is not None and count is not None:
                self.known.setdefault(self._key(condition), count)

    def broken(self) -> Iterator[str]:
        """Each broken relation, by name."""
        match self.claim.value:
            case Count() | Percentage() | Proportion():
                yield from self._own_arithmetic()
                yield from self._counts()
            case Survival():
                yield from self._survival()
            case PValue():
                yield from self._p(self.claim)
            case Median() | Range():
                yield from self._summary()

    def _key(self, condition: Condition) -> Key:
        """A condition without the variables that it leaves free."""
        levels = {name: frozenset(self.claims.variables[name].levels) for name in condition}
        return frozenset((name, condition.levels[name]) for name in condition if condition.levels[name] != levels[name])

    def _size(self, claim: Claim) -> int:
        """The printed denominator, or the size of the population."""
        return getattr(claim.value, "of", None) or self.claims.populations[claim.population].size

    def _count(self, claim: Claim) -> int | None:
        """The only number of patients that a claim can mean."""
        match claim.value:
            case Count(count=count):
                return count
            case Percentage(percent=shown) | Proportion(percent=shown):
                size, decimals = self._size(claim), _decimals(shown)
                fits = [k for k in range(size + 1) if estimates.percent(k, size, decimals) == str(shown)]
                return fits[0] if len(fits) == 1 else None
        return None

    # --- counts -------------------------------------------------------------------------------------------------

    def _own_arithmetic(self) -> Iterator[str]:
        value, size = self.claim.value, self._size(self.claim)
        if isinstance(value, Count):
            if value.percent is not None and value.of is not None:
                right = estimates.percent(value.count, value.of, _decimals(value.percent))
                if right != str(value.percent):
                    yield "its own percent"
            return
        assert isinstance(value, Percentage | Proportion)
        shown = (value.percent, value.low, value.high) if isinstance(value, Proportion) else (value.percent,)
        decimals = _decimals(value.percent)
        for count in range(size + 1):
            if estimates.percent(count, size, decimals) == str(value.percent):
                limits = estimates.exact_limits(count, size) if isinstance(value, Proportion) else ()
                if all(
                    estimates.half_up(limit, decimals) == str(own) for limit, own in zip(limits, shown[1:], strict=True)
                ):
                    return
        yield "its own denominator" if len(shown) == 1 else "its own limits"

    def _counts(self) -> Iterator[str]:
        condition, count = self.claims.condition(self.claim), self._count(self.claim)
        if condition is None or count is None:
            return
        key = self._key(condition)
        if self.known.get(key, count) != count:
            yield "a repetition"
        now = {**self.known, key: count}
        if any(not _adds_up(key, name, now, self.claims) for name in self.claims.variables):
            yield "an addition"
        for group, size in self.known.items():
            if (_within(key, group) and count > size) or (_within(group, key) and size > count):
                yield "a part and its whole"
        yield from self._sums(count)
        for other in self.claims.claims.values():
            if isinstance(other.value, PValue) and self._behind(other, key):
                for _ in self._p(other, now):
                    yield "a P value"

    def _sums(self, count: int) -> Iterator[str]:
        for other in self.claims.claims.values():
            if isinstance(other.value, Sum) and self.claim.id in (other.value.whole, *other.value.parts):
                counts = {
                    own: count if own == self.claim.id else self._count(self.claims.claims[own])
                    for own in (other.value.whole, *other.value.parts)
                }
                if counts[other.value.whole] != sum(counts[own] or 0 for own in other.value.parts):
                    yield "a printed sum"

    # --- P values -----------------------------------------------------------------------------------------------

    def _cells(self, claim: Claim) -> list[list[Key]] | None:
        """The counts behind a P value; the rest of each row is its group less these."""
        assert isinstance(claim.value, PValue)
        wheres = [self.claims.populations[name].where for name in claim.value.groups]
        variable = self.claims.variables.get(claim.variable or "")
        if claim.event is not None:
            events = [claim.event]
        elif variable is not None and variable.levels:
            events = [Condition({variable.id: frozenset({level})}) for level in variable.levels]
        else:
            return None
        return [[self._key(where & event) for event in events] for where in wheres if where is not None]

    def _looked_up(self, key: Key, known: Mapping[Key, int]) -> int | None:
        """A count as printed, or as the sum of the counts of its levels."""
        if key in known:
            return known[key]
        for name, levels in key:
            parts = [known.get(key - {(name, levels)} | {(name, frozenset({level}))}) for level in levels]
            if None not in parts:
                return sum(part for part in parts if part is not None)
        return None

    def _behind(self, claim: Claim, key: Key) -> bool:
        return any(key in row for row in self._cells(claim) or ())

    def _p(self, claim: Claim, known: Mapping[Key, int] | None = None) -> Iterator[str]:
        """Recompute a P value by the test stated; nothing where its counts or its data are not printed."""
        assert isinstance(claim.value, PValue)
        known, cells = self.known if known is None else known, self._cells(claim)
        if cells is None:
            yield from self._t(claim)
            return
        groups = [self.claims.populations[name].size for name in claim.value.groups]
        sizes = [self.sizes.get(row[0], size) for row, size in zip(cells, groups, strict=True)]
        table = [
            _row([self._looked_up(key, known) for key in row], size) for row, size in zip(cells, sizes, strict=True)
        ]
        if any(row is None for row in table):
            return
        if min(count for row in table if row for count in row) < 0:
            yield "the test stated"
            return
        method = claim.method or self.claims.study.methods.categorical[0]
        tested = estimates.table_test(np.array(table, np.int64), method)
        if tested is not None and not _prints(tested.p, claim.value):
            yield "the test stated"

    def _t(self, claim: Claim) -> Iterator[str]:
        """A P of t lies between those of all corners of what the printed means and deviations can have been.

        Where a rank test is named too, and the P value does not say which it is of, means tell nothing of it.
        """
        assert isinstance(claim.value, PValue)
        named = (claim.method,) if claim.method else self.claims.study.methods.continuous
        if named != ("t",):
            return
        found = {other.population: other.value for other in self.claims.claims.values()
                 if other.variable == claim.variable and isinstance(other.value, Mean)}  # fmt: skip
        groups = [(found.get(name), self.claims.populations[name].size) for name in claim.value.groups]
        if any(mean is None or mean.sd is None for mean, _ in groups):
            return
        boxes = [_corners(mean, size) for mean, size in groups if mean is not None]
        ps = [_welch_or_pooled(*pair) for pair in product(*boxes)]
        low, high = (estimates.half_up(p, _decimals(claim.value.p)) for p in (min(map(min, ps)), max(map(max, ps))))
        if not Decimal(low) <= claim.value.p <= Decimal(high):
            yield "the test stated"

    # --- survival, medians, ranges ------------------------------------------------------------------------------

    def _survival(self) -> Iterator[str]:
        value, size = self.claim.value, self.claims.populations[self.claim.population].size
        assert isinstance(value, Survival)
        step = float(Decimal(1).scaleb(-_decimals(value.percent)))
        percent = float(value.percent)
        down = None if value.low is None else percent - float(value.low)
        up = None if value.high is None else float(value.high) - percent
        within = value.low != 0 and value.high != 100
        if down is not None and up is not None and within and abs(up - down) > 2 * step + 1e-9:
            yield "its own limits"
        widest = max((float(one) for one in (value.half_width, down, up) if one is not None), default=None)
        shares = [min(max(percent + part * step, 0.0), 100.0) / 100 for part in (-0.5, 0.5)]
        least = 100 * min(share * (1 - share) / size for share in shares) ** 0.5
        if widest is not None and (widest + step) / 1.959963984540054 < least:
            yield "the least standard error"
        for other in self.claims.claims.values():
            alike = (other.variable, other.population) == (self.claim.variable, self.claim.population)
            if other is not self.claim and alike and isinstance(other.value, Survival):
                later = other.value.at - value.at
                if (later > 0 and other.value.percent > value.percent) or (
                    later < 0 and other.value.percent < value.percent
                ):
                    yield "an earlier or later time"

    def _summary(self) -> Iterator[str]:
        value, own = self.claim.value, self.claim
        assert isinstance(value, Median | Range)
        variable, size = self.claims.variables[own.variable or ""], self.claims.populations[own.population].size
        median = value.median if isinstance(value, Median) else None
        recorded = None if variable.decimals is None else Decimal(1).scaleb(-variable.decimals)
        if median is not None and recorded is not None and size % 2 and median % recorded:
            yield "an odd number of whole units"
        where = self.claims.where(own)
        for other in self.claims.claims.values():
            if other is own or other.variable != own.variable or not isinstance(other.value, Median | Range):
                continue
            outer, ends, others = self.claims.where(other), _ends(value), _ends(other.value)
            if other.population == own.population:
                yield from _of_the_same(value, other.value)
            elif where is not None and outer is not None and ends is not None and others is not None:
                (low, high), (least, most) = ends, others
                if (where.within(outer) and not least <= low <= high <= most) or (
                    outer.within(where) and not low <= least <= most <= high
                ):
                    yield "a part and its whole"


def _of_the_same(value: Median | Range, other: Median | Range) -> Iterator[str]:
    """Two claims of one variable in one population."""
    for one, two in ((value, other), (other, value)):
        ends = _ends(one)
        if isinstance(two, Median) and ends and not ends[0] <= two.median <= ends[1]:
            yield "a median and its range"
    if _ends(value) and _ends(other) and _ends(value) != _ends(other):
        yield "a repetition"
    if isinstance(value, Median) and isinstance(other, Median) and value.median != other.median:
        yield "a repetition"


def _ends(value: Median | Range) -> tuple[Decimal, Decimal] | None:
    return None if value.low is None or value.high is None else (value.low, value.high)


def _within(inner: Key, outer: Key) -> bool:
    levels = dict(inner)
    return inner != outer and all(name in levels and levels[name] <= wide for name, wide in outer)


def _adds_up(key: Key, name: str, known: Mapping[Key, int], claims: Claims) -> bool:
    """Whether every way to put levels of a variable together from printed counts gives the count of the whole."""
    levels = frozenset(claims.variables[name].levels)
    if not levels:
        return True
    rest = frozenset(part for part in key if part[0] != name)
    counts: dict[frozenset[str], int] = {}
    for own, count in known.items():
        if frozenset(part for part in own if part[0] != name) == rest:
            counts[dict(own).get(name, levels)] = count
    wholes = list(counts)
    for number in range(2, len(levels) + 1):
        for parts in combinations(wholes, number):
            union = frozenset().union(*parts)
            disjoint = len(union) == sum(len(part) for part in parts)
            if disjoint and union in counts and sum(counts[part] for part in parts) != counts[union]:
                return False
    return True


def _row(counts: list[int | None], size: int) -> list[int] | None:
    missing = [place for place, count in enumerate(counts) if count is None]
    known = [count for count in counts if count is not None]
    if len(counts) == 1 and not missing:
        return [known[0], size - known[0]]
    if len(missing) > 1 or len(counts) == len(missing):
        return None
    return [size - sum(known) if count is None else count for count in counts]


def _prints(p: float, printed: PValue) -> bool:
    if printed.below:
        return p < printed.p
    return estimates.half_up(p, _decimals(printed.p)) == str(printed.p)


def _corners(mean: Mean, size: int) -> list[tuple[float, float, int]]:
    assert mean.sd is not None
    half, wide = (0.5 * 10.0 ** -_decimals(number) for number in (mean.mean, mean.sd))
    return [
        (float(mean.mean) + a * half, max(1e-9, float(mean.sd) + b * wide), size) for a in (-1, 0, 1) for b in (-1, 1)
    ]


def _welch_or_pooled(x: tuple[float, float, int], y: tuple[float, float, int]) -> NDArray[np.float64]:
    from scipy import stats

    return np.array([stats.ttest_ind_from_stats(*x, *y, equal_var=equal).pvalue for equal in (True, False)])


def _decimals(printed: Decimal) -> int:
    return max(0, -int(printed.as_tuple().exponent))
