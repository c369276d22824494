"""Adjusted P values against R's p.adjust (multiplicity.R) and statsmodels."""

import csv
from pathlib import Path

import pytest
from statsmodels.stats.multitest import multipletests

from branchpoint.statistics.multiplicity import adjusted

LINES = Path(__file__).with_name("multiplicity.csv").read_text().splitlines()[1:]
ROWS = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(LINES)]


@pytest.mark.parametrize(
    ("method", "theirs"),
    [
        ("bonferroni", "bonferroni"),
        ("holm", "holm"),
        ("hochberg", "simes-hochberg"),
        ("benjamini-hochberg", "fdr_bh"),
        ("benjamini-yekutieli", "fdr_by"),
    ],
)
def test_agrees_with_r_and_statsmodels(method, theirs):
    p = [row["p"] for row in ROWS]
    assert adjusted(p, method) == pytest.approx([row[method] for row in ROWS], rel=1e-10)
    assert adjusted(p, method) == pytest.approx(multipletests(p, method=theirs)[1], rel=1e-10)
