"""The rarer tests and intervals that an audit tries, against R (audit.R) and against listing everything."""

import csv
from collections import defaultdict
from fractions import Fraction
from math import comb, isnan
from pathlib import Path

import numpy as np
import pytest

from branchpoint.publication.audit import p_of_means
from branchpoint.publication.audit.exact_tables import barnard
from branchpoint.publication.audit.interval_forms import FORMS
from branchpoint.publication.audit.tests_tried import table_tests as every_test_of
from tests.oracle.tables import SQUARES, read

ANSWERS: dict[str, dict[str, float]] = defaultdict(dict)
for row in csv.DictReader(Path(__file__).with_name("audit.csv").read_text().splitlines()[1:]):
    ANSWERS[row["of"]][row["statistic"]] = float(row["value"])

NAMES = {
    "linear": "linear-by-linear association",
    "kruskal": "Kruskal-Wallis test of ordered levels",
    "rank sum FALSE": "rank sum test",
    "rank sum TRUE": "rank sum test with continuity correction",
    "unpooled z": "z test with unpooled variance",
    "log odds": "Wald test of the log odds ratio",
    "exact chi-square": "exact chi-square test",
}
TABLES = [text for text in ANSWERS if "linear" in ANSWERS[text]]
COUNTS = [text for text in ANSWERS if "mid-P low" in ANSWERS[text]]


@pytest.mark.parametrize("text", TABLES)
def test_tests_of_a_table_agree_with_r(text):
    found = {
        test.name.removesuffix(" of ordered levels"): test.p for test in every_test_of(tuple(map(tuple, read(text))))
    }
    shared = {
        statistic: name.removesuffix(" of ordered levels")
        for statistic, name in NAMES.items()
        if statistic in ANSWERS[text]
    }
    tried = {statistic: name for statistic, name in shared.items() if name in found}
    assert set(shared) - set(tried) <= {"kruskal"}
    for statistic, name in tried.items():
        assert found[name]() == pytest.approx(ANSWERS[text][statistic], rel=1e-7), statistic


def _away(a: int, m: int, c: int, n: int) -> Fraction:
    """The square of z with the pooled variance, exactly: scipy's barnard_exact takes equal ones for different."""
    pooled = Fraction(a + c, m + n)
    variance = pooled * (1 - pooled) * (Fraction(1, m) + Fraction(1, n))
    return (Fraction(a, m) - Fraction(c, n)) ** 2 / variance if variance else Fraction(0)


@pytest.mark.parametrize("text", [text for text in SQUARES if max(map(sum, read(text))) < 60])
def test_barnard_agrees_with_listing_all_outcomes(text):
    (a, b), (c, d) = read(text)
    m, n = a + b, c + d
    if not (m and n):
        assert isnan(barnard(((a, b), (c, d))))
        return
    observed = _away(a, m, c, n)
    extreme = [(i, j) for i in range(m + 1) for j in range(n + 1) if _away(i, m, j, n) >= observed]
    p = np.linspace(0, 1, 4001)
    chance = sum(comb(m, i) * comb(n, j) * p ** (i + j) * (1 - p) ** (m + n - i - j) for i, j in extreme)
    assert barnard(((a, b), (c, d))) == pytest.approx(chance.max(), abs=2e-5)


@pytest.mark.parametrize(
    ("text", "form"),
    # The others are in proportions.csv, or are not defined.
    [(text, form) for text in COUNTS for form in FORMS if f"{form.name} low" in ANSWERS[text]],
    ids=lambda value: getattr(value, "name", value),
)
def test_limits_agree_with_r(text, form):
    count, size = map(int, text.split())
    expected = [ANSWERS[text][f"{form.name} {end}"] for end in ("low", "high")]
    # Blaker's limits are searched on a grid, here and there.
    assert form.limits(count, size, 0.95) == pytest.approx(expected, abs=2.5e-5 if form.name == "Blaker" else 1e-8)


@pytest.mark.parametrize(
    ("text", "statistic", "name"),
    [
        ("5.1 1.2 20;6.0 1.5 25", "pooled t", "Student's t test"),
        ("5.1 1.2 20;6.0 1.5 25", "welch t", "Welch's t test"),
        ("5.1 1.2 20;6.0 1.5 25;5.5 1.1 15", "anova", "analysis of variance"),
    ],
)
def test_tests_of_means_agree_with_r(text, statistic, name):
    samples = [
        p_of_means.Sample(int(size), float(mean), float(sd))
        for mean, sd, size in (group.split() for group in text.split(";"))
    ]
    found = {test.name: test.p(samples) for test in p_of_means.means_tests(len(samples))}
    assert found[name] == pytest.approx(ANSWERS[text][statistic], rel=1e-9)
