"""The rarer tests and intervals that an audit tries, against R (audit.R) and scipy."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from scipy import stats

from branchpoint.publication.audit import p_of_means
from branchpoint.publication.audit.exact_tables import barnard
from branchpoint.publication.audit.interval_forms import FORMS
from branchpoint.publication.audit.tests_tried import tests_of as every_test_of
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


@pytest.mark.parametrize("text", [text for text in SQUARES if max(map(sum, read(text))) < 60])
def test_barnard_agrees_with_scipy(text):
    table = read(text)
    if not all(map(sum, zip(*table, strict=True))):
        pytest.skip("scipy gives no P where a column holds nobody")
    columns = list(zip(*table, strict=True))
    assert barnard(table) == pytest.approx(stats.barnard_exact(columns, pooled=True, n=128).pvalue, abs=2e-5)


@pytest.mark.parametrize("text", COUNTS)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_limits_agree_with_r(text, form):
    if f"{form.name} low" not in ANSWERS[text]:
        pytest.skip("in proportions.csv, or not defined")
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
    found = {test.name: test.p(samples) for test in p_of_means.tests_of_means(len(samples))}
    assert found[name] == pytest.approx(ANSWERS[text][statistic], rel=1e-9)
