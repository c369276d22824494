"""The audit recomputes P values of tables and of means, by the test that the report states, and knows what else was
done where that gives another one.

P values are those of scipy's chi2_contingency, fisher_exact and ttest_ind_from_stats.
"""

from decimal import Decimal
from fractions import Fraction
from math import comb, isnan

import pytest

from branchpoint.publication.audit import tests_tried
from branchpoint.publication.audit.exact_tables import fisher, freeman_halton
from branchpoint.publication.audit.luck import Draws, cut_off, prints_as, rounded_twice, slip
from branchpoint.publication.audit.stated_tests import stated
from branchpoint.publication.claims import Claim, PValue
from tests.unit.claims_text import audited, claim, verdicts

RASH = "{ rash = true }"
GROUPS = '["new", "old"]'
CHI_SQUARE = '{ categorical = ["chi-square"], sides = 2 }'
NOTHING = "{ sides = 2 }"

# 12 of 22 v 5 of 18: chi-square .08843, with Yates' correction .16689, Fisher's exact test .11588, one-sided .08288.
COUNTS = [claim(arm, "count", arm, event=RASH, count=count) for arm, count in (("new", "12"), ("old", "5"))]


def p_value(p: str, **fields: object) -> str:
    return claim("p", "p_value", event=RASH, groups=GROUPS, p=p, **fields)


@pytest.mark.parametrize(
    ("p", "fields", "verdict", "recomputed", "said"),
    [
        (".116", {}, "match", ".116", "12 of 22 v 5 of 18."),
        (".12", {}, "match", ".12", ""),
        (".088", {}, "other method", ".116", "What is printed is Pearson's chi-square test, not Fisher exact"),
        (".167", {}, "other method", ".116", "What is printed is Yates' chi-square test, not Fisher exact"),
        (".083", {}, "other method", ".116", "one-sided, though tests are said to be two-sided"),
        (".115", {}, "other method", ".116", "gives .11588, which was cut off, not rounded"),
        (".161", {}, "mismatch", ".116", "From .116, two digits are swapped"),
        (".016", {}, "mismatch", ".116", "Significance at .05 turns: printed as significant, it is not."),
        (".500", {}, "mismatch", ".116", "No test of these counts gives what is printed."),
        ("<.001", {}, "mismatch", ".116", ""),
        (".083", {"sides": 1}, "match", ".083", ""),
        (".083", {"method": "one-sided Fisher exact test"}, "match", ".083", ""),
        (".088", {"method": "chi-square"}, "match", ".088", ""),
        (".167", {"method": "chi-square with Yates' correction"}, "match", ".167", ""),
        (".088", {"method": "chi-square with Yates' correction"}, "other method", ".167", ""),
        # The rank sum test of two counts is chi-square times 39/40.
        (".088", {"method": "Wilcoxon rank sum"}, "other method", ".093", "rank sum test .0925"),
    ],
)
def test_a_p_value_of_two_counts(p: str, fields: dict[str, object], verdict: str, recomputed: str, said: str) -> None:
    one = audited(*COUNTS, p_value(p, **fields))["p"]
    assert (one.verdict, one.recomputed) == (verdict, recomputed)
    assert said in one.note


@pytest.mark.parametrize("p", [".116", ".088", ".167"])
def test_any_usual_test_will_do_where_none_is_stated(p: str) -> None:
    assert verdicts(*COUNTS, p_value(p), methods=NOTHING)["p"] == "match"


def test_a_p_value_is_rounded_twice() -> None:
    """14 of 24, 3 of 11 and none of 10 give .002492."""
    table = claim("p", "p_value", table="[[14, 10], [3, 8], [0, 10]]", p=".003")
    one = audited(table)["p"]
    assert (one.verdict, one.recomputed) == ("other method", ".002")
    assert one.note.endswith("gives .00249, which was rounded twice.")


def test_a_complement_table_has_the_same_p_value() -> None:
    without = [claim(arm, "count", arm, event="{ rash = false }", count=count) for arm, count in
               (("new", "10"), ("old", "13"))]  # fmt: skip
    one = audited(*without, p_value(".116"))["p"]
    assert (one.verdict, one.note) == ("match", "12 of 22 v 5 of 18.")


def test_the_table_comes_from_whatever_is_printed_of_the_groups() -> None:
    found = audited(
        claim("all", "count", event=RASH, count="17"),
        claim("new", "percentage", "new", event=RASH, percent="54.5"),
        p_value(".116"),
    )
    assert found["p"].verdict == "match"
    assert set(found["p"].others) == {"all", "new"}


def test_a_p_value_without_counts_is_not_derivable() -> None:
    one = audited(COUNTS[0], p_value(".116"))["p"]
    assert (one.verdict, one.recomputed) == ("not derivable", None)
    assert one.note == "How many of 'Old treatment' (18) had rash yes is not printed."


def test_a_wrong_table_that_gives_the_p_value_is_told() -> None:
    """12 and 5 of all 40: Fisher's exact test gives .09930."""
    one = audited(*COUNTS, p_value(".099"))["p"]
    assert one.verdict == "mismatch"
    assert "gives it for another table: out of everybody, 12 of 40 v 5 of 40" in one.note


def test_a_test_that_needs_more_than_counts_leaves_the_question_open() -> None:
    one = audited(*COUNTS, p_value(".500", method="Cochran-Mantel-Haenszel"))["p"]
    assert one.verdict == "not derivable"


@pytest.mark.parametrize(("p", "verdict"), [(".011", "match"), (".110", "mismatch")])
def test_levels_of_a_category_are_compared(p: str, verdict: str) -> None:
    """14/5/3 v 4/4/10: all tables with these margins that are no likelier have .01073 together, in whole numbers."""
    counts = [
        claim(f"{level}.{arm}", "count", arm, event=f'{{ response = "{level}" }}', count=count)
        for arm, row in (("new", ("14", "5", "3")), ("old", ("4", "4", "10")))
        for level, count in zip(("CR", "PR", "NR"), row, strict=True)
    ]
    one = claim("p", "p_value", variable="response", groups=GROUPS, p=p)
    assert verdicts(*counts, one)["p"] == verdict


@pytest.mark.parametrize("variable", ["os", "age"])
def test_times_and_medians_give_no_p_value(variable: str) -> None:
    medians = [claim(arm, "median", arm, variable="age", median="5", low="1", high="9") for arm in ("new", "old")]
    found = verdicts(*medians, claim("p", "p_value", variable=variable, groups=GROUPS, p=".500"))
    assert found["p"] == "not derivable"


# --- means: 24.1 ± 4.2 in 22, 21.0 ± 5.1 in 18; pooled t .0416, Welch .0466; as standard errors .6384 -----------------

MEANS = [
    claim(arm, "mean", arm, variable="weight", mean=mean, sd=sd)
    for arm, mean, sd in (("new", "24.1", "4.2"), ("old", "21.0", "5.1"))
]


@pytest.mark.parametrize(
    ("p", "verdict", "said"),
    [
        (".042", "match", ""),
        (".047", "match", ""),
        (".021", "other method", "What is printed is Student's t test, one-sided."),
        (".638", "other method", "if what is printed after ± is a standard error"),
        (".200", "mismatch", "Within rounding, Student's t test gives"),
    ],
)
def test_a_p_value_of_two_means(p: str, verdict: str, said: str) -> None:
    one = audited(*MEANS, claim("p", "p_value", variable="weight", groups=GROUPS, p=p))["p"]
    assert one.verdict == verdict
    assert said in one.note


def test_equal_means_without_any_spread_give_no_p_value_to_print() -> None:
    """As printed they give none; within their rounding they give any from 0 to 1."""
    means = [claim(arm, "mean", arm, variable="weight", mean="0", sd="0") for arm in ("new", "old")]
    one = audited(*means, claim("p", "p_value", variable="weight", groups=GROUPS, p=".03"))["p"]
    assert (one.verdict, one.recomputed) == ("match", None)


def test_a_rank_test_that_is_also_named_leaves_a_p_value_of_means_open() -> None:
    methods = '{ continuous = ["t", "Wilcoxon rank sum"], sides = 2 }'
    p = claim("p", "p_value", variable="weight", groups=GROUPS, p=".200")
    one = audited(*MEANS, p, methods=methods)["p"]
    assert one.verdict == "not derivable"
    assert "the report may have used another test" in one.note


# --- its parts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "families"),
    [
        ("Fisher exact", {"fisher"}),
        ("Fisher-Freeman-Halton", {"fisher"}),
        ("Fisher mid-P", {"mid-p"}),
        ("χ-square test", {"chi-square"}),
        ("chi-square with continuity correction", {"yates"}),
        ("chi-square with Yates' correction", {"yates"}),
        ("chi-square with Yate's correction", {"yates"}),
        ("Yate’s chi-square", {"yates"}),
        ("chi-square without Yates' correction", {"uncorrected"}),
        ("chi-square test without continuity correction", {"uncorrected"}),
        ("Mann-Whitney U test", {"rank sum"}),
        ("unpaired Student's t-test", {"t"}),
        ("Welch's t test", {"welch"}),
        ("one-way ANOVA", {"anova"}),
        ("log-rank", {"log-rank"}),
        ("somebody's test", set()),
    ],
)
def test_the_words_of_a_report_name_tests(words: str, families: set[str]) -> None:
    one = Claim("p", "Table 1", "rash", "all", PValue(Decimal(".5")), method=words)
    assert stated(one, (), None).families == families


def test_a_test_that_is_not_known_may_have_given_anything() -> None:
    one = Claim("p", "Table 1", "rash", "all", PValue(Decimal(".5")), method="somebody's test")
    assert stated(one, (), None).beyond == ("somebody's test",)


def test_the_first_test_tried_is_the_usual_one() -> None:
    tried = tests_tried.table_tests(((12, 10), (5, 13)))
    assert next(iter(tried)).name == "Pearson's chi-square test"


def test_groups_of_any_size_have_exact_p_values() -> None:
    """By adding up the probabilities in whole numbers; of a million, scipy's Yates-corrected chi-square is .1264995."""
    table = ((620, 1380), (580, 1420))
    assert fisher(table) == pytest.approx(exact_two_sided(table), rel=1e-9)
    assert fisher(((310_000, 690_000), (309_000, 691_000))) == pytest.approx(0.1264995, abs=1e-6)
    assert fisher(((400_000, 600_000), (309_000, 691_000))) < 1e-300


def exact_two_sided(table: tuple[tuple[int, int], tuple[int, int]]) -> float:
    (a, b), (c, d) = table
    ways = {k: comb(a + b, k) * comb(c + d, a + c - k) for k in range(max(0, a - d), min(a + b, a + c) + 1)}
    return float(Fraction(sum(some for some in ways.values() if some <= ways[a]), sum(ways.values())))


def test_the_exact_test_of_a_larger_table_is_left_out_where_it_takes_too_long() -> None:
    assert isnan(freeman_halton(((30_000, 70_000), (20_000, 80_000), (10_000, 90_000)), 500_000))
    rare = ((1, 99_999), (6, 99_994), (4, 99_996))
    assert 0.05 < freeman_halton(rare, 500_000) < 0.5


@pytest.mark.parametrize(
    ("value", "printed", "how"),
    [
        (0.0416, "0.042", "rounded"),
        (0.0416, "0.041", "cut"),
        (0.00249, "0.003", "twice"),
        (0.00244, "0.003", ""),
        (float("nan"), "0.042", ""),
    ],
)
def test_ways_of_rounding(value: float, printed: str, how: str) -> None:
    ways = {"rounded": prints_as, "cut": cut_off, "twice": rounded_twice}
    shown = Decimal(printed)
    fits = [name for name, way in ways.items() if way(value, shown)]
    assert how == next(iter(fits), "")


@pytest.mark.parametrize(
    ("printed", "right", "how"),
    [
        ("0.732", "0.723", "two digits are swapped"),
        ("45.6", "54.6", "two digits are swapped"),
        ("0.05", "0.50", "the decimal point is shifted"),
        ("28.9", "28.8", "one digit differs"),
        ("9", "8", ""),
        ("28.8", "28.8", ""),
        ("12.3", "45.6", ""),
    ],
)
def test_slips_of_the_pen(printed: str, right: str, how: str) -> None:
    assert slip(Decimal(printed), Decimal(right)) == how


def test_the_chance_of_a_hit_counts_what_prints_alike_once() -> None:
    draws = Draws(Decimal("0.500"))
    for p in (0.1001, 0.1004, 0.2, float("nan")):
        assert not draws.hit(p)
    assert draws.tried == 3
    assert draws.chance == pytest.approx(0.002)
    assert draws.hit(0.4, 0.5)
    assert draws.chance == pytest.approx(0.103)


def test_a_limit_is_hit_by_whatever_is_lower() -> None:
    draws = Draws(Decimal("0.001"), below=True)
    assert draws.hit(1e-9)
    assert not draws.hit(0.002)
    assert draws.chance == pytest.approx(0.002)
