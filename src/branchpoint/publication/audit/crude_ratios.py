"""Crude ratios: the odds and the risk ratio of the counts of two groups, in the forms that reports give."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from math import exp, isnan, log, nan, sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.audit.luck import prints_as
from branchpoint.publication.audit.shares import decimals
from branchpoint.publication.audit.tables_behind import Table, tables_behind, told
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims import Condition, Ratio
from branchpoint.publication.printed import printed
from branchpoint.statistics.differences import odds_ratio, risk_ratio
from branchpoint.statistics.distributions import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.claims import Claim, Claims
    from branchpoint.statistics.results import Estimate

__all__ = ["counts_behind", "crude", "is_adjusted"]

_ADJUSTED = re.compile(
    r"(?<!un)adjust|multiv|logistic|regress|model|\bcox|stratif|weight|match|mantel|propensity|bayes|bootstrap|posterior"
)


def is_adjusted(claim: Claim) -> bool:
    """Whether a ratio is said to be of a model with more than the groups in it."""
    return bool(_ADJUSTED.search(f"{claim.method or ''} {claim.quantity}".lower()))


def counts_behind(claims: Claims, known: KnownCounts, claim: Claim, p_claim: Claim | None) -> Table | None:
    """The counts of two groups: of the P value's, or of the two levels of the ratio's variable."""
    if p_claim is not None:
        behind = tables_behind(claims, known, p_claim)
        if len(behind.tables) == 1 and _square(behind.tables[0].rows):
            return behind.tables[0]
    variable, where = claims.variables.get(claim.variable or ""), claims.condition(claim)
    if variable is None or len(variable.levels) != 2 or where is None:
        return None
    rows, others = [], []
    for level in variable.levels:
        group = Condition(MappingProxyType({variable.id: frozenset({level})}))
        events, size = known.of(where & group), known.of((claims.where(claim) or Condition()) & group)
        if events is None or size is None or not 0 <= events.value <= size.value:
            return None
        rows.append((events.value, size.value - events.value))
        others += [*events.claims, *size.claims]
    return Table(tuple(rows), told(tuple(rows)), tuple(dict.fromkeys(others)))


def _square(rows: tuple[tuple[int, ...], ...]) -> bool:
    return len(rows) == 2 and len(rows[0]) == 2


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to a ratio: the measure that it is, and whether that is how a report usually gives it."""

    measure: str
    name: str
    usual: bool
    value: float
    low: float
    high: float


def crude(claim: Claim, value: Ratio, table: Table) -> Finding:
    """Find the form in which the counts of two groups give a printed ratio, and its limits where they are printed.

    Parameters
    ----------
    claim : Claim
    value : Ratio
        An odds or a risk ratio.
    table : Table
        Of two groups and an event.

    Returns
    -------
    Finding
        The chance of a hit by luck is that of the ratio alone, were it anywhere from half to twice what is printed.
    """
    level = float(value.level) / 100
    ways = [way for each in dict.fromkeys((level, 0.95, 0.9, 0.99)) for way in _ways(table, each, said=each == level)]
    tried = 0

    def finding(verdict: Verdict, way: _Way, note: str) -> Finding:
        shown = printed(_as_ratio(way, value), value) if way.value < 1e9 else None
        return Finding(claim.id, verdict, shown, way.name, tried, _chance(value, tried), note, table.others)

    ways.sort(key=lambda way: not (way.usual and way.measure == value.measure))
    for way in ways:
        tried += 1
        if _fits(way, value):
            if way.usual and way.measure == value.measure:
                return finding(Verdict.MATCH, way, f"{table.told}.")
            note = f"{table.told}: printed as {value.measure}, it is {way.name}."
            return finding(Verdict.OTHER_METHOD, way, note)
    if is_adjusted(claim):
        near = ways[0]
        return Finding(
            claim.id,
            Verdict.NOT_DERIVABLE,
            None,
            claim.method or "",
            0,
            note=f"{table.told}: {near.name} is {near.value:.3g}; the report adjusts.",
        )
    agreeing = [way for way in ways if way.usual and way.measure == value.measure and prints_as(way.value, value.ratio)]
    nearest = agreeing[0] if agreeing else min(ways, key=lambda way: _apart(way, value))
    if agreeing and _close(nearest, value):
        note = f"{table.told} gives the ratio; its limits are near those of {nearest.name}, perhaps of another form."
        return Finding(claim.id, Verdict.NOT_DERIVABLE, None, nearest.name, tried, note=note, others=table.others)
    return finding(Verdict.MISMATCH, nearest, f"{table.told}: no usual form gives the ratio and limits printed.")


def _ways(table: Table, level: float, *, said: bool) -> Iterator[_Way]:
    at = "" if said else f", at {100 * level:.0f}%"
    for rows, turned in ((table.rows, False), (table.rows[::-1], True)):
        (a, b), (c, d) = rows
        ratio = risk_ratio(a, a + b, c, c + d, level=level)
        lost = risk_ratio(b, a + b, d, c + d, level=level)
        inverse = ", second group first" if turned else ""
        yield _way("odds ratio", f"odds ratio, Woolf's limits{inverse}{at}", _woolf(rows, 0.0, level), usual=said)
        yield _way(
            "odds ratio", f"odds ratio, conditional, exact limits{inverse}{at}", odds_ratio(rows, level), usual=said
        )
        yield _way("risk ratio", f"risk ratio, Katz' limits{inverse}{at}", ratio, usual=said)
        half = _woolf(rows, 0.5, level)
        yield _way("odds ratio", f"odds ratio, Woolf's limits with a half added{inverse}{at}", half, usual=False)
        yield _way("risk ratio", f"risk ratio of not having the event{inverse}{at}", lost, usual=False)


def _way(measure: str, name: str, estimate: Estimate | tuple[float, float, float], *, usual: bool) -> _Way:
    numbers = estimate if isinstance(estimate, tuple) else (estimate.value, estimate.low, estimate.high)
    return _Way(measure, name, usual, *numbers)


def _woolf(rows: tuple[tuple[int, ...], ...], added: float, level: float) -> tuple[float, float, float]:
    a, b, c, d = (count + added for row in rows for count in row)
    if not (a and b and c and d):
        return nan, nan, nan
    ratio, spread = a * d / (b * c), normal_quantile(0.5 + level / 2) * sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return ratio, ratio * exp(-spread), ratio * exp(spread)


def _fits(way: _Way, value: Ratio) -> bool:
    ends = ((way.value, value.ratio), (way.low, value.low), (way.high, value.high))
    return all(shown is None or (not isnan(number) and prints_as(number, shown)) for number, shown in ends)


def _apart(way: _Way, value: Ratio) -> float:
    if isnan(way.value) or way.value <= 0 or value.ratio <= 0 or way.value > 1e9:
        return float("inf")
    return abs(log(way.value / float(value.ratio))) + 1.0 * (way.measure != value.measure or not way.usual)


def _close(way: _Way, value: Ratio) -> bool:
    """Whether both limits are within a fifth of their distance from the ratio, on the log scale."""
    for number, shown in ((way.low, value.low), (way.high, value.high)):
        if shown is None:
            continue
        if (
            isnan(number)
            or number <= 0
            or shown <= 0
            or abs(log(number / float(shown))) > abs(log(number / way.value)) / 5
        ):
            return False
    return True


def _as_ratio(way: _Way, like: Ratio) -> Ratio:
    numbers = [None if isnan(number) else Decimal(f"{number:.12g}") for number in (way.value, way.low, way.high)]
    return replace(like, ratio=numbers[0] or Decimal(0), low=numbers[1], high=numbers[2])


def _chance(value: Ratio, tried: int) -> float:
    """That so many ratios, each anywhere from half to twice the printed one, print like it."""
    unit = 10.0 ** -decimals(value.ratio)
    return round(min(1.0, tried * unit / max(1.5 * float(value.ratio), unit)), 9)
