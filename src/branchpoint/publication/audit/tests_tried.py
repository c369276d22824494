"""Tests tried: every test of a table of counts that a report may have used, the usual ones first."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.audit.exact_tables import barnard, exact_chi_square, fisher, freeman_halton
from branchpoint.statistics.chi_square import cochran_armitage, likelihood_ratio, pearson
from branchpoint.statistics.distributions import chi_square_tail, normal_cdf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from branchpoint.publication.audit.stated_tests import Stated

__all__ = ["MOST_PAIRS", "TableTest", "least_expected", "table_tests"]

Table = tuple[tuple[int, ...], ...]

MOST_PAIRS = 500_000
"""Some hundredths of a second; a table that needs more goes without its exact test."""
_USUAL = frozenset({"chi-square", "fisher"})


@dataclass(frozen=True, slots=True)
class TableTest:
    """One test of one table.

    Attributes
    ----------
    name : str
    families : frozenset of str
        Names under which a report may state it, as in `branchpoint.publication.audit.stated_tests`.
    sides : int
        0 for a test that has no sides, as one of more than two groups.
    p : callable
        Computes its P value; nan where the table allows none.
    """

    name: str
    families: frozenset[str]
    sides: int
    p: Callable[[], float]

    def meant(self, stated: Stated) -> bool:
        """Whether a report means this test; one that says nothing means a usual one, two-sided."""
        families = stated.families if stated.names else _USUAL
        return bool(self.families & families) and self.sides in (0, stated.sides)


def table_tests(table: Table, most_pairs: int = MOST_PAIRS) -> tuple[TableTest, ...]:
    """List the tests of a table, the usual first: Pearson's chi-square, Yates', Fisher's.

    Parameters
    ----------
    table : tuple of tuple of int, shape (r, c)
        Groups in rows; in columns the event and its absence, or levels in order.
    most_pairs : int
        Of the exact test of a larger table: how long it may take.

    Returns
    -------
    tuple of TableTest
        For two rows and columns also one-sided tests (half the two-sided chi-square, either tail of Fisher's), mid-P,
        twice the smaller tail, the likelihood ratio, linear-by-linear association as SPSS prints it ((n - 1) r²), the
        rank sum test, the z test with unpooled variance, the Wald test of the log odds ratio (logistic regression), the
        exact chi-square and Barnard's test. For larger tables Fisher-Freeman-Halton, exact chi-square, linear-by-linear
        association, trend, and rank tests of ordered levels. Boschloo's test is not among them.
    """
    if len(table) == 2 and len(table[0]) == 2:
        return _square(table)
    return _larger(table, most_pairs)


def least_expected(table: Table) -> float:
    """The smallest expected count of a table whose rows and columns are independent; infinite for an empty table."""
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]
    total = sum(rows)
    return min(rows) * min(columns) / total if total else inf


def _test(name: str, families: Iterable[str], sides: int, p: Callable[[], float]) -> TableTest:
    return TableTest(name, frozenset(families), sides, p)


def _square(table: Table) -> tuple[TableTest, ...]:
    plain, corrected = "Pearson's chi-square test", "Yates' chi-square test"
    one = ("chi-square", "uncorrected", "z")
    return (
        _test(plain, one, 2, lambda: pearson(table).p),
        _test(corrected, ("chi-square", "yates"), 2, lambda: pearson(table, "yates").p),
        _test("Fisher's exact test", ("fisher",), 2, lambda: fisher(table)),
        _test("Fisher's exact test, one-sided", ("fisher",), 1, lambda: _smaller_tail(table)),
        _test("Fisher's exact test, the other side", ("fisher",), 1, lambda: _greater_tail(table)),
        _test(
            "Fisher's exact test, twice one side", ("fisher doubled",), 2, lambda: min(1.0, 2 * _smaller_tail(table))
        ),
        _test(f"{plain}, one-sided", one, 1, lambda: pearson(table).p / 2),
        _test(f"{corrected}, one-sided", ("chi-square", "yates"), 1, lambda: pearson(table, "yates").p / 2),
        _test("Fisher's exact test, mid-P", ("mid-p",), 2, lambda: fisher(table, mid_p=True)),
        _test("Fisher's exact test, mid-P, one-sided", ("mid-p",), 1, lambda: _smaller_tail(table, mid_p=True)),
        _test("likelihood ratio test", ("likelihood ratio",), 2, lambda: likelihood_ratio(table).p),
        _test("linear-by-linear association", ("trend",), 2, lambda: pearson(table, "n-1").p),
        _test("rank sum test", ("rank sum",), 2, lambda: _rank_sum(table, 0.0)),
        _test("rank sum test with continuity correction", ("rank sum",), 2, lambda: _rank_sum(table, 0.5)),
        _test("z test with unpooled variance", ("z",), 2, lambda: _unpooled(table)),
        _test("Wald test of the log odds ratio", ("logistic",), 2, lambda: _log_odds(table)),
        _test("exact chi-square test", ("exact chi-square",), 2, lambda: exact_chi_square(table)),
        _test("Barnard's test", ("barnard",), 2, lambda: barnard(table)),
    )


def _larger(table: Table, most_pairs: int) -> tuple[TableTest, ...]:
    tests = [
        _test("Pearson's chi-square test", ("chi-square", "uncorrected"), 0, lambda: pearson(table).p),
        _test(
            "Fisher-Freeman-Halton exact test",
            ("fisher",),
            0,
            lambda: freeman_halton(table, most_pairs),
        ),
        _test("likelihood ratio test", ("likelihood ratio",), 0, lambda: likelihood_ratio(table).p),
        _test("linear-by-linear association", ("trend",), 2, lambda: _linear(table)),
        _test("Kruskal-Wallis test of ordered levels", ("kruskal",), 0, lambda: _kruskal(table)),
    ]
    if min(len(table), len(table[0])) == 2:
        long = table if len(table[0]) == 2 else tuple(zip(*table, strict=True))
        tests += [
            _test("exact chi-square test", ("exact chi-square",), 0, lambda: exact_chi_square(long)),
            _test("Cochran-Armitage test for trend", ("trend",), 2, lambda: cochran_armitage(long).p),
        ]
    if len(table) == 2:
        tests += [
            _test("rank sum test of ordered levels", ("rank sum",), 2, lambda: _rank_sum(table, 0.0)),
            _test("rank sum test with continuity correction", ("rank sum",), 2, lambda: _rank_sum(table, 0.5)),
        ]
    return tuple(tests)


def _smaller_tail(table: Table, *, mid_p: bool = False) -> float:
    return min(fisher(table, "less", mid_p=mid_p), fisher(table, "greater", mid_p=mid_p))


def _greater_tail(table: Table) -> float:
    return max(fisher(table, "less"), fisher(table, "greater"))


def _unpooled(table: Table) -> float:
    (a, b), (c, d) = table
    m, n = a + b, c + d
    variance = a * b / m**3 + c * d / n**3 if m and n else 0.0
    return 2 * normal_cdf(-abs(a / m - c / n) / sqrt(variance)) if variance else nan


def _log_odds(table: Table) -> float:
    (a, b), (c, d) = table
    if not (a and b and c and d):
        return nan
    return 2 * normal_cdf(-abs(np.log(a * d / (b * c))) / sqrt(1 / a + 1 / b + 1 / c + 1 / d))


def _linear(table: Table) -> float:
    """(n - 1) times the squared correlation of row and column numbers, on one degree of freedom."""
    cells = np.array(table, float)
    total = cells.sum()
    down, right = np.arange(len(cells), dtype=float), np.arange(cells.shape[1], dtype=float)
    if not total:
        return nan
    down -= cells.sum(axis=1) @ down / total
    right -= cells.sum(axis=0) @ right / total
    spread = float((cells.sum(axis=1) @ down**2) * (cells.sum(axis=0) @ right**2))
    return chi_square_tail(float(total - 1) * float(down @ cells @ right) ** 2 / spread, 1) if spread else nan


def _midranks(cells: np.ndarray) -> np.ndarray:
    """The rank shared by everybody of a column."""
    columns = cells.sum(axis=0)
    return np.cumsum(columns) - (columns - 1) / 2


def _kruskal(table: Table) -> float:
    cells = np.array(table, float)
    cells = cells[cells.sum(axis=1) > 0]
    sizes, columns, total = cells.sum(axis=1), cells.sum(axis=0), float(cells.sum())
    ties = 1 - float((columns**3 - columns).sum()) / (total**3 - total) if total > 1 else 0.0
    if ties <= 0 or len(cells) < 2:
        return nan
    sums = cells @ _midranks(cells)
    statistic = 12 / (total * (total + 1)) * float((sums**2 / sizes).sum()) - 3 * (total + 1)
    return chi_square_tail(statistic / ties, len(cells) - 1)


def _rank_sum(table: Table, correction: float) -> float:
    cells = np.array(table, float)
    m, n = cells.sum(axis=1).tolist()
    columns, total = cells.sum(axis=0), m + n
    if not (m and n) or (columns > 0).sum() < 2:
        return nan
    distance = abs(float(cells[0] @ _midranks(cells)) - m * (total + 1) / 2)
    variance = m * n / 12 * (total + 1 - float((columns**3 - columns).sum()) / (total * (total - 1)))
    return min(1.0, 2 * normal_cdf(-max(0.0, distance - correction) / sqrt(variance)))
