"""Statistics in plain Python, by the shortest code that is right: slow, and sharing nothing with what they check."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import product
from math import atan, comb, cos, erfc, exp, factorial, lgamma, log, pi, prod, sqrt
from statistics import NormalDist, fmean
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "Step",
    "clopper_pearson",
    "fisher",
    "log_rank",
    "pearson",
    "prints",
    "quartiles",
    "rank_sum",
    "rounded",
    "survival",
    "t_tests",
    "z",
]

MOST_TABLES = 200_000
Table = tuple[tuple[int, ...], ...]


class Step(NamedTuple):
    """Kaplan-Meier survival at a time and its Greenwood standard error, as shares."""

    survival: float
    standard_error: float


def rounded(value: float | Decimal, like: Decimal) -> Decimal:
    """A value to the decimals of a printed number, halves rounded up."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(round(value, 9)))
    return exact.quantize(Decimal(1).scaleb(int(like.as_tuple().exponent)), ROUND_HALF_UP)


def prints(value: float | Decimal, like: Decimal) -> bool:
    """Whether a value is printed as it says."""
    return rounded(value, like) == like


def z(level: float) -> float:
    """The normal quantile of a two-sided level in percent."""
    return NormalDist().inv_cdf(0.5 + level / 200)


def quartiles(values: Sequence[float]) -> list[tuple[float, float]]:
    """The quartiles by the conventions of SAS, SPSS and R."""
    ordered, n = sorted(values), len(values)

    def at(place: float) -> float:
        place = min(max(place, 1.0), float(n))
        low = int(place)
        return ordered[low - 1] + (place - low) * (ordered[min(low, n - 1)] - ordered[low - 1])

    def averaged(share: float) -> float:
        place = n * share
        return (at(place) + at(place + 1)) / 2 if place == int(place) else at(int(place) + 1)

    pairs = [(averaged(0.25), averaged(0.75))]
    pairs.append((at((n + 1) * 0.25), at((n + 1) * 0.75)))
    pairs.append((at(1 + (n - 1) * 0.25), at(1 + (n - 1) * 0.75)))
    return pairs


def survival(times: Sequence[float], events: Sequence[bool], at: float) -> Step:
    """Kaplan-Meier survival at a time; whoever is censored when another dies is still at risk."""
    alive, variance = 1.0, 0.0
    for moment in sorted({time for time, event in zip(times, events, strict=True) if event and time <= at}):
        at_risk = sum(time >= moment for time in times)
        died = sum(time == moment and event for time, event in zip(times, events, strict=True))
        alive *= 1 - died / at_risk
        variance += died / (at_risk * (at_risk - died)) if at_risk > died else 0.0
    return Step(alive, alive * sqrt(variance))


@cache
def clopper_pearson(count: int, size: int, level: float = 95.0) -> tuple[float, float]:
    """The exact limits of a share, by halving the interval until the binomial tail is right."""
    tail = (1 - level / 100) / 2

    def above(share: float) -> float:
        return sum(comb(size, k) * share**k * (1 - share) ** (size - k) for k in range(count, size + 1))

    def below(share: float) -> float:
        return sum(comb(size, k) * share**k * (1 - share) ** (size - k) for k in range(count + 1))

    low, high = 0.0, 1.0
    if count > 0:
        low = _halved(lambda share: above(share) < tail)
    if count < size:
        high = _halved(lambda share: below(share) > tail)
    return low, high


def _halved(too_low: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if too_low(middle) else (low, middle)
    return (low + high) / 2


@cache
def fisher(table: Table) -> float | None:
    """Two-sided exact P of a table of counts (Fisher, Freeman, Halton), listing all; None where there are too many."""
    table = _filled(table)
    if len(table) < 2 or len(table[0]) < 2:
        return 1.0
    if len(table) < len(table[0]):
        table = tuple(zip(*table, strict=True))
    columns = [sum(column) for column in zip(*table, strict=True)]
    rows = [sum(row) for row in table]
    if prod(comb(row + len(columns) - 1, len(columns) - 1) for row in rows[:-1]) > MOST_TABLES:
        return None

    def weight(cells: Sequence[Sequence[int]]) -> float:
        return -sum(lgamma(count + 1) for row in cells for count in row)

    seen, total, extreme = weight(table), 0.0, 0.0
    for first in product(*(list(_shared(row, columns)) for row in rows[:-1])):
        last = [whole - sum(row[place] for row in first) for place, whole in enumerate(columns)]
        if min(last) >= 0:
            own = weight([*first, last])
            total += exp(own - seen)
            extreme += exp(own - seen) if own <= seen + 1e-7 else 0.0
    return extreme / total


def _shared(count: int, columns: Sequence[int]) -> list[tuple[int, ...]]:
    if len(columns) == 1:
        return [(count,)] if count <= columns[0] else []
    return [(own, *rest) for own in range(min(count, columns[0]) + 1) for rest in _shared(count - own, columns[1:])]


@cache
def pearson(table: Table, *, yates: bool = False) -> float:
    """P of Pearson's chi-square of a table of counts, with Yates' correction if asked."""
    table = _filled(table)
    if len(table) < 2 or len(table[0]) < 2:
        return 1.0
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]
    square = 0.0
    for row, line in zip(rows, table, strict=True):
        for column, count in zip(columns, line, strict=True):
            expected = row * column / sum(rows)
            away = abs(count - expected)
            square += max(0.0, away - (min(0.5, away) if yates else 0.0)) ** 2 / expected
    return _chi_square_tail(square, (len(rows) - 1) * (len(columns) - 1))


def _filled(table: Table) -> Table:
    kept = [column for column in zip(*(row for row in table if sum(row)), strict=True) if sum(column)]
    return tuple(zip(*kept, strict=True))


def _chi_square_tail(square: float, df: int) -> float:
    """By its finite sums for an even and for an odd number of degrees of freedom."""
    half = square / 2
    if df % 2 == 0:
        return exp(-half) * sum(half**k / factorial(k) for k in range(df // 2))
    if square == 0:
        return 1.0
    rest = sum(exp((k - 0.5) * log(half) - half - lgamma(k + 0.5)) for k in range(1, (df - 1) // 2 + 1))
    return erfc(sqrt(half)) + rest


def rank_sum(x: Sequence[float], y: Sequence[float]) -> list[float]:
    """Two-sided P of the rank sum: normal, with and without continuity correction, and exact where nothing is tied."""
    both = sorted([*x, *y])
    ties = [both.count(value) for value in sorted(set(both))]
    place = {value: both.index(value) + (both.count(value) + 1) / 2 for value in set(both)}
    n, m = len(x), len(y)
    u = sum(place[value] for value in x) - n * (n + 1) / 2
    spread = sqrt(n * m / 12 * (n + m + 1 - sum(t**3 - t for t in ties) / ((n + m) * (n + m - 1))))
    if spread == 0:
        return []
    away = abs(u - n * m / 2)
    found = [erfc(max(0.0, away - correction) / spread / sqrt(2)) for correction in (0.5, 0.0)]
    if max(ties) == 1 and n * m <= 2500:
        found.append(_exact_rank_sum(u, n, m))
    return found


def _exact_rank_sum(u: float, n: int, m: int) -> float:
    ways = _rank_ways(n, m)
    low = sum(ways[: int(min(u, n * m - u)) + 1])
    return min(1.0, 2 * low / sum(ways))


@cache
def _rank_ways(n: int, m: int) -> list[int]:
    """How many ways give each U: the coefficients of Gauss's binomial."""
    ways = [1] + [0] * (n * m)
    for k in range(1, n + 1):
        for u in range(n * m, m + k - 1, -1):
            ways[u] -= ways[u - m - k]
        for u in range(k, n * m + 1):
            ways[u] += ways[u - k]
    return ways


def t_tests(x: Sequence[float], y: Sequence[float]) -> list[float]:
    """Two-sided P of t, with the variances pooled and apart (Welch)."""
    n, m = len(x), len(y)
    if min(n, m) < 2:
        return []
    v, w = (sum((value - fmean(own)) ** 2 for value in own) / (len(own) - 1) for own in (x, y))
    if v == w == 0:
        return []
    away = fmean(x) - fmean(y)
    pooled = ((n - 1) * v + (m - 1) * w) / (n + m - 2)
    welch = (v / n + w / m) ** 2 / ((v / n) ** 2 / (n - 1) + (w / m) ** 2 / (m - 1))
    return [_t_tail(away / sqrt(pooled * (1 / n + 1 / m)), n + m - 2), _t_tail(away / sqrt(v / n + w / m), welch)]


def _t_tail(t: float, df: float) -> float:
    """By Simpson's rule over the angle, in which the density of t is a power of the cosine."""
    low, high, steps = atan(abs(t) / sqrt(df)), pi / 2, 2000
    width = (high - low) / steps
    heights = [max(0.0, cos(low + k * width)) ** (df - 1) for k in range(steps + 1)]
    area = width / 3 * (heights[0] + 4 * sum(heights[1::2]) + 2 * sum(heights[2:-1:2]) + heights[-1])
    return 2 * area * exp(lgamma((df + 1) / 2) - lgamma(df / 2)) / sqrt(pi)


def log_rank(groups: Sequence[tuple[Sequence[float], Sequence[bool]]]) -> float | None:
    """P of the log-rank test of two groups, each its times and whether they are events; None where nobody had one."""
    (time, event), (other, happened) = groups
    away, variance = 0.0, 0.0
    for moment in sorted({t for own, ended in groups for t, e in zip(own, ended, strict=True) if e}):
        n, m = sum(t >= moment for t in time), sum(t >= moment for t in other)
        d = sum(t == moment and e for t, e in zip(time, event, strict=True))
        both = d + sum(t == moment and e for t, e in zip(other, happened, strict=True))
        away += d - both * n / (n + m)
        if n + m > 1:
            variance += both * n * m * (n + m - both) / ((n + m) ** 2 * (n + m - 1))
    return erfc(abs(away) / sqrt(variance) / sqrt(2)) if variance > 0 else None
