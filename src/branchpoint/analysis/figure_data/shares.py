"""Shares of patients with exact limits, and the exact test that compares them between groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from branchpoint.statistics.fisher import fisher_exact
from branchpoint.statistics.freeman_halton import fisher_freeman_halton
from branchpoint.statistics.proportions import clopper_pearson
from branchpoint.statistics.results import no_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from branchpoint.statistics.results import TestResult

__all__ = ["SHARE", "SHARE_METHOD", "compare_shares", "exact_share", "true_only"]

SHARE_METHOD = "exact (Clopper-Pearson) 95% limits"

# What `exact_share` gives; percentages are null where nobody can be counted.
SHARE = {"n": pl.Int64, "size": pl.Int64, "percent": pl.Float64, "low": pl.Float64, "high": pl.Float64}


def true_only(holds: pl.Series) -> pl.Series:
    """Take what is not known for what does not hold: who was not evaluable has not responded."""
    return holds.fill_null(value=False)


def exact_share(holds: pl.Series) -> dict[str, Any]:
    """Give of how many something holds, in percent with exact limits: n, size, percent, low, high."""
    found, size = int(holds.sum()), len(holds)
    estimate = clopper_pearson(found, size)
    if not estimate.estimable:
        return {"n": found, "size": size, "percent": None, "low": None, "high": None}
    percents = {"percent": 100 * estimate.value, "low": 100 * estimate.low, "high": 100 * estimate.high}
    return {"n": found, "size": size, **percents}


def compare_shares(counts: Sequence[tuple[int, int]]) -> TestResult:
    """Compare shares exactly, two-sided.

    Parameters
    ----------
    counts : sequence of (int, int)
        Of each group: of how many it holds, and of how many there are. Groups without anybody are left out.

    Returns
    -------
    TestResult
        Fisher's test for two groups, Freeman and Halton's for more.
    """
    table = [(found, size - found) for found, size in counts if size]
    if len(table) < 2:
        return no_test("Fisher's exact test", "no test: fewer than two groups hold anybody")
    return fisher_exact(table) if len(table) == 2 else fisher_freeman_halton(table)
