"""At the edges of the data: nothing to estimate is an answer with a reason, and what is no data is refused."""

import math
import subprocess
import sys

import pytest

from branchpoint.statistics import descriptives
from branchpoint.statistics.beta_posterior import beta_posterior
from branchpoint.statistics.chi_square import cochran_armitage, likelihood_ratio, mcnemar, pearson
from branchpoint.statistics.differences import odds_ratio, risk_difference, risk_ratio
from branchpoint.statistics.fisher import fisher_exact, fisher_freeman_halton
from branchpoint.statistics.multiplicity import adjusted
from branchpoint.statistics.normality import shapiro_wilk
from branchpoint.statistics.profiles import PROFILES, profile, rounded
from branchpoint.statistics.proportions import proportion
from branchpoint.statistics.ranks import kruskal_wallis, rank_sum, signed_rank
from branchpoint.statistics.t_test import mean_difference, t_test

FORMS = ["clopper-pearson", "wilson", "wilson-cc", "jeffreys", "agresti-coull", "wald", "wald-cc"]
DIFFERENCES = ["newcombe", "newcombe-cc", "wald", "wald-cc", "agresti-caffo", "miettinen-nurminen"]


def refuses(result, reason):
    assert not result.estimable
    assert reason in result.note
    assert result.method


@pytest.mark.parametrize("form", FORMS)
def test_proportions_at_the_edges(form):
    found = proportion(0, 0, form=form)
    refuses(found, "0 of 0")
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    nobody, everybody = proportion(0, 10, form=form), proportion(10, 10, form=form)
    assert (nobody.value, nobody.low) == (0, 0)
    assert (everybody.value, everybody.high) == (1, 1)


def test_exact_limits_at_the_edges_are_closed_forms():
    assert proportion(0, 10).high == pytest.approx(1 - 0.025**0.1, rel=1e-12)
    assert proportion(10, 10).low == pytest.approx(0.025**0.1, rel=1e-12)


def test_a_wald_interval_without_width_says_so():
    assert "no width" in proportion(0, 10, form="wald").note


@pytest.mark.parametrize(("count", "size"), [(-1, 5), (6, 5), (1.5, 5), (math.nan, 5), (1, math.nan), (0, -1)])
def test_what_is_no_count_is_refused(count, size):
    for refused in (proportion, beta_posterior, descriptives.count_of):
        with pytest.raises(ValueError, match="whole count"):
            refused(count, size)
    with pytest.raises(ValueError, match="whole count"):
        risk_difference(count, size, 1, 2)


@pytest.mark.parametrize("level", [0, 1, 95, math.nan])
def test_what_is_no_level_is_refused(level):
    for form in FORMS:
        with pytest.raises(ValueError, match="confidence level"):
            proportion(1, 2, level, form)
    with pytest.raises(ValueError, match="confidence level"):
        odds_ratio([[1, 2], [3, 4]], level)


def test_unknown_names_are_refused_with_those_known():
    for call in (
        lambda: proportion(1, 2, form="exact"),
        lambda: risk_difference(1, 2, 1, 2, form="exact"),
        lambda: fisher_exact([[1, 2], [3, 4]], "both"),
        lambda: pearson([[1, 2], [3, 4]], "continuity"),
        lambda: mcnemar([[1, 2], [3, 4]], "yates"),
        lambda: rank_sum([1], [2], form="asymptotic"),
        lambda: rank_sum([1], [2], "both"),
        lambda: t_test([1, 2], [3, 4], variances="pooled"),
        lambda: t_test([1, 2], [3, 4], "both"),
        lambda: adjusted([0.1], "fdr"),
        lambda: descriptives.quantile([1], 0.5, "stata"),
        lambda: profile("stata"),
    ):
        with pytest.raises(ValueError, match="choose from"):
            call()


def test_a_flat_prior_without_data_is_the_prior():
    posterior = beta_posterior(0, 0, 1, 1)
    assert (posterior.mean, posterior.median, posterior.above(0.2)) == pytest.approx((0.5, 0.5, 0.8))
    assert posterior.highest_density(0.9).low == pytest.approx(0.05)
    assert "no interval" in beta_posterior(0, 0).highest_density().note
    with pytest.raises(ValueError, match="above 0"):
        beta_posterior(1, 2, 0, 1)


@pytest.mark.parametrize("form", DIFFERENCES)
def test_differences_at_the_edges(form):
    refuses(risk_difference(0, 0, 3, 5, form=form), "empty")
    refuses(risk_difference(3, 5, 0, 0, form=form), "empty")
    for case in ((0, 5, 0, 7), (5, 5, 7, 7), (0, 5, 7, 7), (5, 5, 0, 7)):
        found = risk_difference(*case, form=form)
        assert -1 <= found.low <= found.high <= 1


def test_ratios_at_the_edges():
    refuses(risk_ratio(0, 0, 1, 2), "empty")
    assert not risk_ratio(0, 5, 0, 7).estimable
    assert risk_ratio(0, 5, 2, 7).value == 0
    assert risk_ratio(2, 5, 0, 7).value == math.inf
    assert "no event" in risk_ratio(2, 5, 0, 7).note
    refuses(odds_ratio([[0, 0], [2, 3]]), "empty")
    refuses(odds_ratio([[0, 4], [0, 3]]), "empty")
    assert (odds_ratio([[0, 4], [3, 3]]).value, odds_ratio([[0, 4], [3, 3]]).low) == (0, 0)
    assert (odds_ratio([[4, 0], [3, 3]]).value, odds_ratio([[4, 0], [3, 3]]).high) == (math.inf, math.inf)


def test_tables_with_an_empty_group_or_nothing_at_all_give_no_p():
    for table in ([[0, 0], [2, 3]], [[2, 3], [0, 0]], [[0, 0], [0, 0]]):
        for test in (fisher_exact, fisher_freeman_halton, pearson, likelihood_ratio):
            refuses(test(table), "no test")
        refuses(fisher_freeman_halton(table, monte_carlo=10), "no test")


def test_an_outcome_that_does_not_vary_has_only_one_table():
    for test in (fisher_exact, fisher_freeman_halton):
        assert test([[0, 4], [0, 3]]).p == 1
        assert "does not vary" in test([[0, 4], [0, 3]]).note
    refuses(pearson([[0, 4], [0, 3]]), "no test")
    refuses(cochran_armitage([[0, 4], [0, 3]]), "does not vary")


def test_empty_rows_of_larger_tables_are_left_out():
    with_empty, without = [[3, 1], [0, 0], [1, 4]], [[3, 1], [1, 4]]
    assert fisher_freeman_halton(with_empty).p == fisher_freeman_halton(without).p
    assert pearson(with_empty).df == 1
    assert "left out" in pearson(with_empty).note


def test_trend_at_the_edges():
    refuses(cochran_armitage([[2, 3], [0, 0]]), "same score")
    refuses(cochran_armitage([[2, 3], [1, 4]], [1, 1]), "same score")
    with pytest.raises(ValueError, match="one a row"):
        cochran_armitage([[2, 3], [1, 4]], [1, 2, 3])
    with pytest.raises(ValueError, match="two columns"):
        cochran_armitage([[2, 3, 1], [1, 4, 1]])


def test_pairs_that_do_not_change_give_no_p():
    refuses(mcnemar([[5, 0], [0, 3]]), "no pair changes")
    assert mcnemar([[5, 2], [2, 3]]).p == 1
    assert mcnemar([[5, 2], [2, 3]], "asymptotic").p == 1


def test_a_small_correction_is_named_where_it_cannot_be_used():
    assert "without" in pearson([[1, 2, 3], [3, 2, 1]], "yates").method


@pytest.mark.parametrize("table", [[[1, -1], [2, 3]], [[1, 0.5], [2, 3]], [[1, math.nan], [2, 3]], [1, 2], [[]]])
def test_what_is_no_table_is_refused(table):
    for test in (fisher_exact, fisher_freeman_halton, pearson, likelihood_ratio, mcnemar, odds_ratio):
        with pytest.raises(ValueError, match=r"table of shape|a cell is"):
            test(table)


def test_too_much_work_is_declined_and_random_tables_offered():
    table = [[9, 3, 7, 2], [3, 8, 1, 6], [5, 5, 9, 1], [2, 7, 3, 8]]
    refuses(fisher_freeman_halton(table, most_pairs=1000), "monte_carlo=")
    refuses(fisher_freeman_halton([[40] * 8] * 8), "monte_carlo=")
    assert fisher_freeman_halton(table, monte_carlo=500).p < 0.05
    with pytest.raises(ValueError, match="at least one"):
        fisher_freeman_halton(table, monte_carlo=0)


def test_rank_tests_at_the_edges():
    refuses(rank_sum([], [1, 2]), "empty")
    refuses(rank_sum([], []), "empty")
    refuses(rank_sum([2, 2], [2, 2, 2]), "equal")
    refuses(signed_rank([0, 0, 0]), "other than 0")
    refuses(signed_rank([]), "other than 0")
    assert "2 differences of 0" in signed_rank([0, 0, 1, 2, -3]).note
    refuses(kruskal_wallis([[1, 2], []]), "fewer than two")
    refuses(kruskal_wallis([[1, 1], [1]]), "equal")
    assert "1 empty" in kruskal_wallis([[1, 2], [3], []]).note
    refuses(rank_sum(range(3000), range(3000), form="exact"), "too many")
    assert rank_sum([1, math.inf], [2, 3]).estimable


def test_t_tests_at_the_edges():
    refuses(t_test([], [1, 2]), "empty")
    refuses(t_test([1], [1, 2]), "one value")
    refuses(t_test([1], [2], variances="equal"), "two values")
    refuses(t_test([0.1] * 3, [0.3] * 3), "varies")
    assert t_test([1], [1, 2], variances="equal").df == 1
    assert mean_difference([1], [1, 2]).value == -0.5
    assert "no limits" in mean_difference([1], [1, 2]).note
    refuses(mean_difference([], [1]), "empty")


def test_normality_at_the_edges():
    refuses(shapiro_wilk([1, 2]), "at least 3")
    refuses(shapiro_wilk([4, 4, 4, 4]), "equal")
    assert "uncertain" in shapiro_wilk([float(k % 977) for k in range(5001)]).note


@pytest.mark.parametrize("values", [[1, math.nan, 2], [[1, 2]]])
def test_missing_values_are_refused(values):
    calls = (
        lambda: rank_sum(values, [1, 2]), lambda: rank_sum([1, 2], values), lambda: signed_rank(values),
        lambda: kruskal_wallis([values, [1]]), lambda: t_test(values, [1, 2]), lambda: shapiro_wilk(values),
        lambda: descriptives.mean_sd(values), lambda: descriptives.median_range(values),
        lambda: descriptives.geometric_mean(values), lambda: adjusted(values, "holm"),
    )  # fmt: skip
    for call in calls:
        with pytest.raises(ValueError, match=r"missing|one value per subject"):
            call()
    with pytest.raises(ValueError, match="infinite"):
        t_test([1, math.inf], [1, 2])
    with pytest.raises(ValueError, match="pairs"):
        signed_rank([1, 2], [1])


def test_descriptives_at_the_edges():
    assert descriptives.mean_sd([]).note == "no value"
    assert (descriptives.mean_sd([3]).mean, descriptives.mean_sd([3]).note[:9]) == (3, "one value")
    assert descriptives.median_range([]).note == "no value"
    assert descriptives.median_range([7]).first_quartile == 7
    assert descriptives.count_of(0, 0).note == "nobody to count"
    assert descriptives.count_of(13, 52).percent == 25
    refuses(descriptives.geometric_mean([1, 0]), "above 0")
    refuses(descriptives.geometric_mean([]), "no value")
    assert descriptives.geometric_mean([5]).note
    with pytest.raises(ValueError, match="share"):
        descriptives.quantile([1, 2], 25)


def test_adjusting_nothing_or_what_is_no_p():
    assert len(adjusted([], "holm")) == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjusted([0.5, 1.2], "holm")


def test_rounding_leaves_what_is_no_number():
    for each in PROFILES.values():
        assert math.isnan(rounded(math.nan, 1, each))
        assert rounded(math.inf, 1, each) == math.inf
        assert math.copysign(1, rounded(-0.01, 1, each)) == 1


def test_scipy_stats_is_not_imported():
    modules = "beta_posterior chi_square descriptives differences fisher multiplicity normality profiles ranks t_test"
    code = f"import sys; {'; '.join(f'import branchpoint.statistics.{name}' for name in modules.split())}"
    code += "; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
