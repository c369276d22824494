"""What must hold of every proportion, table and sample, whatever the numbers."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from branchpoint.statistics.beta_posterior import beta_posterior
from branchpoint.statistics.chi_square import cochran_armitage, likelihood_ratio, mcnemar, pearson
from branchpoint.statistics.descriptives import quantile
from branchpoint.statistics.differences import odds_ratio, risk_difference, risk_ratio
from branchpoint.statistics.fisher import fisher_exact, fisher_freeman_halton
from branchpoint.statistics.multiplicity import adjusted
from branchpoint.statistics.normality import shapiro_wilk
from branchpoint.statistics.profiles import PROFILES, rounded
from branchpoint.statistics.proportions import proportion
from branchpoint.statistics.ranks import kruskal_wallis, rank_sum, signed_rank
from branchpoint.statistics.t_test import t_test

FORMS = ["clopper-pearson", "wilson", "wilson-cc", "jeffreys", "agresti-coull", "wald", "wald-cc"]
DIFFERENCES = ["newcombe", "newcombe-cc", "wald", "wald-cc", "agresti-caffo", "miettinen-nurminen"]
SLACK = 1e-9

sizes = st.integers(1, 80)
levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
samples = st.lists(st.integers(-20, 20) | st.floats(-1e6, 1e6), min_size=1, max_size=14)


@st.composite
def counts(draw):
    size = draw(sizes)
    return draw(st.integers(0, size)), size


def tables(rows, columns, most=9):
    return st.lists(
        st.lists(st.integers(0, most), min_size=columns, max_size=columns), min_size=rows, max_size=rows
    ).map(np.array)


squares = tables(2, 2, 25)
larger = st.tuples(st.integers(2, 4), st.integers(2, 4)).flatmap(lambda shape: tables(*shape, most=5))


def is_p(result):
    return 0 <= result.p <= 1 if result.estimable else bool(result.note)


@given(counts(), levels, st.sampled_from(FORMS))
@settings(deadline=None)
def test_interval_contains_its_proportion_and_mirrors(count_size, level, form):
    count, size = count_size
    found, mirrored = proportion(count, size, level, form), proportion(size - count, size, level, form)
    # Jeffreys' prior pulls narrow intervals a little off proportions near 0 and 1.
    if form != "jeffreys":
        assert 0 <= found.low <= found.value + SLACK
        assert found.value - SLACK <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-9)


@given(counts(), st.sampled_from(FORMS))
@settings(deadline=None)
def test_interval_widens_with_the_level(count_size, form):
    narrow, wide = proportion(*count_size, 0.9, form), proportion(*count_size, 0.99, form)
    assert wide.low <= narrow.low + SLACK
    assert wide.high >= narrow.high - SLACK


@given(counts(), levels, st.sampled_from([form for form in FORMS if not form.startswith("wald")]))
@settings(deadline=None)
def test_limits_rise_with_the_count(count_size, level, form):
    count, size = count_size
    assume(count < size)
    one, more = proportion(count, size, level, form), proportion(count + 1, size, level, form)
    assert one.low <= more.low + SLACK
    assert one.high <= more.high + SLACK


@given(st.integers(1, 12), st.floats(0.001, 0.999))
@settings(deadline=None)
def test_exact_limits_cover_as_often_as_they_say(size, true):
    covered = sum(
        math.comb(size, count) * true**count * (1 - true) ** (size - count)
        for count in range(size + 1)
        if (limits := proportion(count, size)).low <= true <= limits.high
    )
    assert covered >= 0.95 - SLACK


@given(counts(), levels, st.sampled_from([0.5, 1.0, 2.0, 7.5]), st.sampled_from([0.5, 1.0, 3.0]))
@settings(deadline=None)
def test_highest_density_is_the_shorter_interval_of_the_same_content(count_size, level, a, b):
    posterior = beta_posterior(*count_size, a, b)
    densest, tailed = posterior.highest_density(level), posterior.equal_tailed(level)
    assume(not math.isnan(densest.low))
    assert densest.high - densest.low <= tailed.high - tailed.low + 1e-7
    assert posterior.above(densest.low) - posterior.above(densest.high) == pytest.approx(level, abs=1e-8)


@given(counts(), counts(), st.sampled_from(DIFFERENCES))
@settings(deadline=None)
def test_difference_lies_in_its_interval_and_changes_sign_with_the_groups(one, two, form):
    found, turned = risk_difference(*one, *two, form=form), risk_difference(*two, *one, form=form)
    # The center of Agresti and Caffo's is pulled to 0.
    if form != "agresti-caffo":
        assert -1 <= found.low <= found.value + SLACK
        assert found.value - SLACK <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((-turned.high, -turned.low), abs=1e-9)


@given(counts(), counts())
@settings(deadline=None)
def test_ratios_lie_in_their_intervals(one, two):
    ratio = risk_ratio(*one, *two)
    assert math.isnan(ratio.low) or ratio.low <= ratio.value * (1 + SLACK) <= ratio.high * (1 + 2 * SLACK)
    odds = odds_ratio([[one[0], one[1] - one[0]], [two[0], two[1] - two[0]]])
    assert not odds.estimable or odds.low <= odds.value * (1 + SLACK) <= odds.high * (1 + 2 * SLACK)


@given(squares)
@settings(deadline=None)
def test_fisher_does_not_depend_on_how_the_table_is_written(table):
    assume(table.sum(0).all() and table.sum(1).all())
    p = fisher_exact(table).p
    for written in (table[::-1], table[:, ::-1], table.T, table[::-1, ::-1]):
        assert fisher_exact(written).p == pytest.approx(p, rel=1e-9)
    assert fisher_freeman_halton(table).p == pytest.approx(p, rel=1e-9)
    assert fisher_exact(table[::-1], "less").p == pytest.approx(fisher_exact(table, "greater").p, rel=1e-9)


@given(squares)
@settings(deadline=None)
def test_one_sided_p_values_share_the_table_observed(table):
    assume(table.sum(0).all() and table.sum(1).all())
    less, greater = fisher_exact(table, "less"), fisher_exact(table, "greater")
    (a, b), (c, d) = table.tolist()
    observed = math.comb(a + b, a) * math.comb(c + d, c) / math.comb(a + b + c + d, a + c)
    assert less.p + greater.p == pytest.approx(1 + observed, rel=1e-10)
    assert fisher_exact(table, "less", mid_p=True).p == pytest.approx(less.p - observed / 2, rel=1e-9, abs=1e-14)
    assert 0 < fisher_exact(table, mid_p=True).p <= fisher_exact(table).p


@given(larger, st.randoms())
@settings(deadline=None)
def test_tests_of_tables_do_not_depend_on_order(table, random):
    assume((table.sum(0) > 0).sum() > 1 and (table.sum(1) > 0).sum() > 1)
    rows, columns = list(range(len(table))), list(range(table.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    mixed = table[np.ix_(rows, columns)]
    for test in (fisher_freeman_halton, pearson, likelihood_ratio):
        p = test(table).p
        assert 0 <= p <= 1
        assert test(mixed).p == pytest.approx(p, rel=1e-8)
        assert test(table.T).p == pytest.approx(p, rel=1e-8)


@given(squares, tables(4, 2))
@settings(deadline=None)
def test_p_values_of_tables_are_between_0_and_1(square, groups):
    for correction in ("none", "yates", "n-1"):
        assert is_p(pearson(square, correction))
    for form in ("exact", "asymptotic"):
        assert is_p(mcnemar(square, form))
        assert mcnemar(square, form).p == pytest.approx(mcnemar(square.T, form).p, nan_ok=True)
    trend = cochran_armitage(groups)
    assert is_p(trend)
    assert cochran_armitage(groups[::-1, ::-1]).p == pytest.approx(trend.p, rel=1e-8, abs=1e-12, nan_ok=True)


@given(samples, samples, st.sampled_from(["exact", "normal", "normal-cc", "auto"]))
@settings(deadline=None)
def test_tests_of_samples_mirror(x, y, form):
    for side, other in (("two-sided", "two-sided"), ("less", "greater")):
        found, turned = rank_sum(x, y, side, form), rank_sum(y, x, other, form)
        assert is_p(found)
        assert found.p == pytest.approx(turned.p, rel=1e-8, abs=1e-12, nan_ok=True)
        found, turned = signed_rank(x, None, side, form), signed_rank([-v for v in x], None, other, form)
        assert is_p(found)
        assert found.p == pytest.approx(turned.p, rel=1e-8, abs=1e-12, nan_ok=True)
    for variances in ("equal", "unequal"):
        found, turned = t_test(x, y, "less", variances), t_test(y, x, "greater", variances)
        assert is_p(found)
        assert found.p == pytest.approx(turned.p, nan_ok=True)
    assert is_p(kruskal_wallis([x, y]))
    # Two samples: Kruskal and Wallis' is the square of Wilcoxon's.
    assert kruskal_wallis([x, y]).p == pytest.approx(rank_sum(x, y, form="normal").p, rel=1e-6, abs=1e-9, nan_ok=True)
    assert is_p(shapiro_wilk(x))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms())
@settings(deadline=None)
def test_adjusted_p_values_never_fall_and_keep_their_order(p, random):
    everything = {name: adjusted(p, name) for name in ("bonferroni", "holm", "hochberg", "benjamini-hochberg")}
    for values in everything.values():
        assert (values >= np.array(p) * (1 - SLACK)).all()
        assert (values <= 1).all()
        assert (np.diff(values[np.argsort(p, kind="stable")]) >= 0).all()
    strict = [everything[name] for name in ("bonferroni", "holm", "hochberg", "benjamini-hochberg")]
    for more, less in pairwise(strict):
        assert (more >= less * (1 - SLACK)).all()


@given(samples, st.sampled_from(["sas", "spss", "r"]))
@settings(deadline=None)
def test_quantiles_rise_from_the_least_to_the_greatest(values, kind):
    found = [quantile(values, share / 10, kind) for share in range(11)]
    assert found == sorted(found)
    assert (found[0], found[-1]) == (min(values), max(values))


@given(st.floats(-1e6, 1e6), st.integers(0, 4), st.sampled_from(["r", "sas"]))
@settings(deadline=None)
def test_rounding_moves_by_at_most_half_a_step_and_twice_is_once(value, digits, name):
    profile = PROFILES[name]
    once = rounded(value, digits, profile)
    assert abs(once - value) <= 0.5 * 10.0**-digits * (1 + 1e-6) + 1e-9
    assert rounded(once, digits, profile) == once
    if name == "sas":
        assert rounded(-value, digits, profile) == -once
