"""A cohort held against the claims it should agree with, by plain counting: no solver, no estimator of the package.

What is read of a claims file is what it says (conditions, printed numbers), never what the package makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING

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
    VariableKind,
)
from validation import plain_numbers as plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    import polars as pl

__all__ = ["Checked", "check_cohort"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One claim that a cohort could be held against, and the printed numbers that it does not have."""

    claim: str
    wrong: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether the cohort has every number that the claim prints."""
        return not self.wrong


def check_cohort(
    claims: Claims, cohort: pl.DataFrame, dropped: frozenset[tuple[str, str]] = frozenset()
) -> tuple[Checked, ...]:
    """Hold one cohort against every claim that it is meant to follow and that speaks of its variables.

    Parameters
    ----------
    claims : Claims
        Claims with ``used = false``, and fields that are set aside, are left out.
    cohort : polars.DataFrame
        A cohort table of one draw. A null is "not applicable", and is in no level and in no summary.
    dropped : frozenset of (str, str)
        Claims and fields that the cohort is known not to follow.

    Returns
    -------
    tuple of Checked
        Without claims that no cohort can answer: dates, numbers of the design, and what names no variables.
    """
    counter = _Counter(claims, cohort)
    checked = []
    for claim in claims.claims.values():
        aside = claim.set_aside | {field for own, field in dropped if own == claim.id}
        estimated = isinstance(claim.value, Survival) and aside & {"percent", "at"}
        answers = counter.hold(claim) if claim.used and not estimated else None
        if answers is not None:
            checked.append(Checked(claim.id, tuple(wrong for name, wrong in answers if wrong and name not in aside)))
    return tuple(checked)


@dataclass(slots=True)
class _Counter:
    claims: Claims
    cohort: pl.DataFrame
    columns: dict[str, list] = field(init=False)
    chosen: dict[Condition, list[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = {name: self.cohort[name].to_list() for name in self.cohort.columns}

    def hold(self, claim: Claim) -> Iterator[tuple[str, str]] | None:
        """By field, what a claim prints and the cohort has otherwise, if so; None where the cohort cannot say."""
        named = {*(self.claims.where(claim) or ()), *(claim.event or ()), *([claim.variable] if claim.variable else ())}
        if not named <= set(self.columns):
            return None
        match claim.value:
            case Count() | Percentage() | Proportion():
                return self._counted(claim)
            case Median() | Mean() | Range():
                return self._summarized(claim)
            case Survival():
                return self._survival(claim)
            case PValue():
                return self._tested(claim)
            case Sum():
                return self._added(claim)
            case _:
                return None

    def _who(self, condition: Condition) -> list[int]:
        if condition not in self.chosen:
            rows = range(self.cohort.height)
            for name in condition:
                column, levels = self.columns[name], condition.levels[name]
                rows = [row for row in rows if column[row] in levels]
            self.chosen[condition] = list(rows)
        return self.chosen[condition]

    def _known(self, where: Condition, event: Condition) -> list[int]:
        """Those of a population in whom it is known whether they have an event."""
        return [row for row in self._who(where) if all(self.columns[name][row] is not None for name in event)]

    def _values(self, claim: Claim) -> list[float] | None:
        where = self.claims.where(claim)
        if where is None or claim.variable is None:
            return None
        column = self.columns[claim.variable]
        rows = self._who(where & claim.event if claim.event else where)
        return [column[row] for row in rows if column[row] is not None]

    def _counted(self, claim: Claim) -> Iterator[tuple[str, str]] | None:
        condition, where = self.claims.condition(claim), self.claims.where(claim)
        if condition is None or where is None or claim.event is None:
            return None
        sizes = (len(self._who(where)), len(self._known(where, claim.event)))
        return _share(claim.value, len(self._who(condition)), sizes)

    def _summarized(self, claim: Claim) -> Iterator[tuple[str, str]] | None:
        values = self._values(claim)
        if values is None:
            return None
        if not values:
            return iter([("", "nobody has a value")])
        return _summary(claim.value, values)

    def _survival(self, claim: Claim) -> Iterator[tuple[str, str]] | None:
        where = self.claims.where(claim)
        variable = self.claims.variables.get(claim.variable or "")
        if where is None or variable is None or variable.event is None or not set(variable.event) <= set(self.columns):
            return None
        times, events = self._times(variable.id, where & claim.event if claim.event else where)
        return _curve(claim.value, plain.survival(times, events, float(claim.value.at)))

    def _times(self, variable: str, condition: Condition) -> tuple[list[float], list[bool]]:
        event = self.claims.variables[variable].event
        ended = set(self._who(event)) if event is not None else set()
        rows = [row for row in self._who(condition) if self.columns[variable][row] is not None]
        return [self.columns[variable][row] for row in rows], [row in ended for row in rows]

    def _added(self, claim: Claim) -> Iterator[tuple[str, str]] | None:
        ids = (claim.value.whole, *claim.value.parts)
        conditions = [self.claims.condition(self.claims.claims[own]) for own in ids]
        if any(condition is None or not set(condition) <= set(self.columns) for condition in conditions):
            return None
        whole, *parts = (len(self._who(condition)) for condition in conditions)
        return iter([("parts", "" if whole == sum(parts) else f"{' + '.join(map(str, parts))} is not {whole}")])

    def _tested(self, claim: Claim) -> Iterator[tuple[str, str]] | None:
        groups = [self.claims.populations[name].where for name in claim.value.groups]
        if len(groups) < 2 or any(group is None or not set(group) <= set(self.columns) for group in groups):
            return None
        answers = self._p_values(claim, groups)
        tried, printed = [p for p in answers if p is not None], claim.value.p
        below = claim.value.below
        right = any(p < printed if below else plain.prints(p, printed) for p in tried)
        if not tried or (None in answers and not right):
            return None
        found = " or ".join(f"{p:.5f}" for p in tried)
        return iter([("p", "" if right else f"P {'<' if below else ''}{printed}: found {found}")])

    def _p_values(self, claim: Claim, groups: list[Condition]) -> list[float | None]:
        """P by every test that the report may mean; None by one that would take too long."""
        if claim.event is not None:
            counts = [len(self._who(group & claim.event)) for group in groups]
            sizes = [len(self._known(group, claim.event)) for group in groups]
            return _table_tests(tuple((count, size - count) for count, size in zip(counts, sizes, strict=True)))
        variable = self.claims.variables.get(claim.variable or "")
        if variable is None:
            return []
        if variable.kind is VariableKind.CATEGORY:
            rows = [[self.columns[variable.id][row] for row in self._who(group)] for group in groups]
            return _table_tests(tuple(tuple(row.count(level) for level in variable.levels) for row in rows))
        if len(groups) != 2:
            return []
        if variable.kind is VariableKind.TIME:
            p = plain.log_rank([self._times(variable.id, group) for group in groups])
            return [] if p is None else [p]
        x, y = ([self.columns[variable.id][row] for row in self._who(group)] for group in groups)
        x, y = ([value for value in own if value is not None] for own in (x, y))
        return [*plain.rank_sum(x, y), *plain.t_tests(x, y)] if x and y else []


def _table_tests(table: tuple[tuple[int, ...], ...]) -> list[float | None]:
    square = len(table) == len(table[0]) == 2
    return [plain.fisher(table), plain.pearson(table), *([plain.pearson(table, yates=True)] if square else [])]


def _differ(name: str, found: float, printed: Decimal | None) -> tuple[str, str]:
    if printed is None or plain.prints(found, printed):
        return name, ""
    return name, f"{name} {printed}: found {found:.6g}"


def _share(value: Count | Percentage | Proportion, count: int, sizes: tuple[int, int]) -> Iterator[tuple[str, str]]:
    """A percentage is of the denominator that is printed: the population, or those of it in whom the event is known."""
    printed = None if isinstance(value, Proportion) else value.of
    size = sizes[0] if printed is None else printed
    if isinstance(value, Count):
        yield "count", "" if value.count == count else f"count {value.count}: found {count}"
    if not isinstance(value, Proportion):
        yield "of", "" if value.of in (None, *sizes) else f"of {value.of}: found {sizes[-1]}"
    if size == 0:
        yield "percent", "nobody is in the population"
        return
    yield _differ("percent", 100 * count / size, value.percent)
    if isinstance(value, Proportion):
        low, high = plain.clopper_pearson(count, size, float(value.level))
        yield _differ("low", 100 * low, value.low)
        yield _differ("high", 100 * high, value.high)


def _summary(value: Median | Mean | Range, values: list[float]) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mean):
        sd = stdev(values) if len(values) > 1 else 0.0
        error = sd / len(values) ** 0.5
        yield _differ("mean", fmean(values), value.mean)
        yield _differ("sd", sd, value.sd)
        yield _differ("standard_error", error, value.standard_error)
        if value.plus_minus is not None and not plain.prints(error, value.plus_minus):
            yield _differ("plus_minus", sd, value.plus_minus)
        return
    yield _differ("low", min(values), value.low)
    yield _differ("high", max(values), value.high)
    if isinstance(value, Median):
        yield _differ("median", float(median(values)), value.median)
        pairs = plain.quartiles(values)
        for name, printed, ends in (("q1", value.q1, {q for q, _ in pairs}), ("q3", value.q3, {q for _, q in pairs})):
            if printed is not None and not any(plain.prints(end, printed) for end in ends):
                yield _differ(name, min(ends), printed)


def _curve(value: Survival, step: plain.Step) -> Iterator[tuple[str, str]]:
    """By plain limits of Greenwood's error, or of what was rounded before they were computed."""
    estimate, error, z = 100 * step.survival, 100 * step.standard_error, plain.z(float(value.level))
    yield _differ("percent", estimate, value.percent)
    places = max(0, -int(value.percent.as_tuple().exponent))
    rounded = _half_up(estimate, places)
    ways = [
        (estimate, z * error),
        (rounded, _half_up(z * error, places)),
        (rounded, z * _half_up(error, places + 1)),
        (rounded, z * _half_up(error, places)),
    ]
    told = [list(_limits(value, *way)) for way in ways]
    yield from min(told, key=lambda answers: sum(bool(wrong) for _, wrong in answers))
    yield _differ("standard_error", error, value.standard_error)
    if value.plus_minus is not None and not plain.prints(error, value.plus_minus):
        yield _differ("plus_minus", z * error, value.plus_minus)


def _limits(value: Survival, estimate: float, half: float) -> Iterator[tuple[str, str]]:
    for name, end, cut in (("low", estimate - half, 0.0), ("high", estimate + half, 100.0)):
        printed = getattr(value, name)
        beyond = (end - cut) * (end - estimate) > 0
        yield _differ(name, cut if beyond and printed == cut else end, printed)
    yield _differ("half_width", half, value.half_width)


def _half_up(number: float, places: int) -> float:
    return floor(number * 10**places + 0.5 + 1e-9) / 10**places
