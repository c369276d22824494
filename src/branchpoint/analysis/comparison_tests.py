"""The test between groups, chosen by a stated rule; the test and the rule are printed with the P value.

The reference trial's P values of counts are those of Fisher's exact test whatever the expected counts, so that the
profile ``paper`` uses it always; the others take Pearson's chi-square unless an expected count is below 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from branchpoint.statistics.chi_square import pearson
from branchpoint.statistics.fisher import fisher_exact
from branchpoint.statistics.freeman_halton import fisher_freeman_halton
from branchpoint.statistics.normality import shapiro_wilk
from branchpoint.statistics.ranks import kruskal_wallis, rank_sum
from branchpoint.statistics.results import no_test
from branchpoint.statistics.t_test import t_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from branchpoint.statistics.profiles import Profile
    from branchpoint.statistics.results import TestResult

__all__ = ["ALPHA", "LONE", "all_normal", "categorical_test", "numeric_test"]

ALPHA = 0.05
LONE = "no test: fewer than two groups hold anybody"
_SMALL = 5


def categorical_test(table: Sequence[Sequence[int]], profile: Profile) -> tuple[TestResult, str]:
    """Test whether groups (rows) differ in their counts (columns), and say why by this test.

    Groups and categories without anybody are left out.
    """
    cells = np.asarray(table, np.int64).reshape(len(table), -1)
    cells = cells[cells.sum(1) > 0]
    if len(cells) < 2:
        return no_test("test of association", LONE), ""
    cells = cells[:, cells.sum(0) > 0]
    if cells.shape[1] < 2:
        return no_test("test of association", "no test: the outcome does not vary"), ""
    smallest = float((np.outer(cells.sum(1), cells.sum(0)) / cells.sum()).min())
    if profile.name == "paper":
        why = "exact whatever the expected counts"
    elif smallest < _SMALL:
        why = f"exact, as the smallest expected count is {smallest:.2g}, below {_SMALL}"
    else:
        return pearson(cells, profile.chi_square), f"as every expected count is at least {_SMALL}"
    if cells.shape == (2, 2):
        return fisher_exact(cells, profile.fisher), why
    return fisher_freeman_halton(cells), why


def numeric_test(samples: Sequence[NDArray[np.float64]], profile: Profile, *, normal: bool) -> tuple[TestResult, str]:
    """Test whether samples differ: t or Wilcoxon for two, Kruskal-Wallis for more; and say why by this test."""
    filled = [sample for sample in samples if len(sample)]
    if len(filled) < 2:
        return no_test("test of two samples", LONE), ""
    if len(filled) > 2:
        return kruskal_wallis(filled), "more than two groups"
    if normal:
        return t_test(filled[0], filled[1]), f"as Shapiro-Wilk rejects normality in no group at {ALPHA}"
    return rank_sum(filled[0], filled[1], form=profile.ranks), f"as normality is not given in every group at {ALPHA}"


def all_normal(samples: Sequence[NDArray[np.float64]]) -> bool:
    """Whether Shapiro-Wilk can be done in every sample and rejects normality in none."""
    tests = [shapiro_wilk(sample) for sample in samples if len(sample)]
    return bool(tests) and all(test.estimable and test.p >= ALPHA for test in tests)
