"""Exact tests of tables against R (tables.R), scipy, every table counted one by one, and Zhang 2022."""

from fractions import Fraction
from itertools import product
from math import factorial, prod

import numpy as np
import pytest
from scipy import stats

from branchpoint.statistics.fisher import fisher_exact, fisher_freeman_halton
from tests.oracle.tables import SQUARES, TABLES, read


@pytest.mark.parametrize("text", TABLES)
def test_freeman_halton_agrees_with_r(text):
    assert fisher_freeman_halton(read(text)).p == pytest.approx(TABLES[text]["fisher"], rel=1e-9)


@pytest.mark.parametrize("text", SQUARES)
@pytest.mark.parametrize(
    ("alternative", "statistic"), [("two-sided", "fisher"), ("less", "less"), ("greater", "greater")]
)
def test_fisher_agrees_with_r_and_scipy(text, alternative, statistic):
    found = fisher_exact(read(text), alternative).p
    assert found == pytest.approx(TABLES[text][statistic], rel=1e-10)
    assert found == pytest.approx(stats.fisher_exact(read(text), alternative).pvalue, rel=1e-10)


@pytest.mark.parametrize("text", SQUARES)
def test_mid_p_agrees_with_r(text):
    assert fisher_exact(read(text), mid_p=True).p == pytest.approx(TABLES[text]["mid-p"], rel=1e-10)


def one_by_one(table):
    table = np.array(table)
    rows, columns = table.sum(1).tolist(), table.sum(0).tolist()
    fixed = prod(map(factorial, rows + columns))
    chance = lambda cells: Fraction(fixed, factorial(sum(rows)) * prod(factorial(int(c)) for c in cells))  # noqa: E731
    observed, total = chance(table.flat), Fraction(0)
    for free in product(*(range(rows[r] + 1) for r in range(len(rows) - 1) for _ in range(len(columns) - 1))):
        inner = np.array(free).reshape(len(rows) - 1, -1)
        right = np.column_stack([inner, np.array(rows[:-1]) - inner.sum(1)])
        whole = np.vstack([right, np.array(columns) - right.sum(0)])
        if (whole >= 0).all():
            each = chance(whole.flat)
            total += each if each <= observed else 0
    return float(total)


@pytest.mark.parametrize(
    "table",
    [[[3, 1, 0], [1, 2, 2], [0, 1, 4]], [[5, 0], [2, 3], [0, 4]], [[1, 2, 3], [3, 2, 1]], [[2, 2, 2], [2, 2, 2]],
     [[0, 3, 1, 0], [2, 0, 1, 2]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]],
)  # fmt: skip
def test_freeman_halton_agrees_with_every_table_counted_one_by_one(table):
    assert fisher_freeman_halton(table).p == pytest.approx(one_by_one(table), rel=1e-12)


def test_a_very_small_p_keeps_its_digits():
    # The two tables furthest out, by hand: 2 / C(60, 30).
    expected = 2 * factorial(30) ** 2 / factorial(60)
    assert fisher_exact([[30, 0], [0, 30]]).p == pytest.approx(expected, rel=1e-10)
    assert fisher_freeman_halton([[30, 0], [0, 30]]).p == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("text", ["21 3;3 7;7 4;5 2", "14 7 3;0 3 7;3 4 4;5 0 2", "14 5 2 3;0 2 1 7;3 2 2 4;5 0 0 2"])
def test_random_tables_come_near(text):
    exact = fisher_freeman_halton(read(text)).p
    drawn = fisher_freeman_halton(read(text), monte_carlo=20_000, seed=1)
    assert drawn.p == pytest.approx(exact, abs=4 * (exact / 20_000) ** 0.5)
    assert drawn == fisher_freeman_halton(read(text), monte_carlo=20_000, seed=1)


def test_association_of_response_with_etiology_is_as_printed_in_the_paper():
    assert round(fisher_freeman_halton([[21, 3], [3, 7], [7, 4], [5, 2]]).p, 5) == 0.00917


def test_cr_by_prior_corticosteroid_is_as_printed_in_the_paper():
    assert round(fisher_exact([[15, 19], [7, 11]]).p, 4) == 0.7749
