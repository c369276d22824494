"""The held-back list, recomputed: its entries are right by arithmetic that shares nothing with the audit.

Counts are shares as fractions, P values scipy's, limits of proportions by the binomial tails that define them, survival
by its product over risk sets. Whatever the list says that is none of these is printed again from where it is checked.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import comb, prod, sqrt

import pytest
from scipy import stats

from tests.unit.test_audit_of_the_paper import EXPECTED

NAIVE, STEROID = 34, 18


def shown(value: float | Fraction, places: int) -> str:
    exact = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else Decimal(repr(value))
    return str(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


SHARES = {
    name: found
    for name, (_, cell) in EXPECTED.items()
    if (found := re.fullmatch(r"(\d+)/(\d+) \((\d+)(\.\d+)?%\)", cell))
}


def test_most_of_the_list_are_shares() -> None:
    assert len(SHARES) > 100


@pytest.mark.parametrize("name", SHARES)
def test_a_percentage_is_that_of_its_count(name: str) -> None:
    count, of, whole, rest = SHARES[name].groups()
    assert shown(Fraction(100 * int(count), int(of)), len(rest or ".") - 1) == whole + (rest or "")


SUMS = [(name, cell) for name, (_, cell) in EXPECTED.items() if name.startswith("sum.")]


@pytest.mark.parametrize(("name", "cell"), SUMS)
def test_a_sum_adds_up(name: str, cell: str) -> None:
    parts, _, whole = cell.partition(" = ")
    assert sum(map(int, parts.split(" + "))) == int(whole), name


# Percentages that the report prints without their counts: those, and of how many.
BARE = """
feature.fever.all 52 52; feature.fever.naive 34 34; feature.fever.steroid 18 18
feature.splenomegaly.all 40 52; feature.splenomegaly.naive 27 34; feature.splenomegaly.steroid 13 18
feature.hepatomegaly.all 38 52; feature.hepatomegaly.naive 26 34; feature.hepatomegaly.steroid 12 18
feature.lymphadenopathy.all 42 52; feature.lymphadenopathy.naive 28 34; feature.lymphadenopathy.steroid 14 18
feature.jaundice.all 10 52; feature.jaundice.naive 7 34; feature.jaundice.steroid 3 18
feature.rash.naive 12 34
feature.cns_involvement.all 10 52; feature.cns_involvement.naive 6 34; feature.cns_involvement.steroid 4 18
feature.low_nk_activity.all 39 52; feature.low_nk_activity.naive 26 34; feature.low_nk_activity.steroid 13 18
feature.hemophagocytosis.all 40 52; feature.hemophagocytosis.naive 28 34; feature.hemophagocytosis.steroid 12 18
frontline.nr.all.percent 16 52; frontline.pd_after_pr.all.percent 9 52; frontline.improvement.all.percent 5 52
orr.ebv 21 24; orr.caebv 3 10; orr.saids 7 11; orr.unknown 5 7; cr.ebv 14 24
keypoints.overall.cr 38 52; keypoints.frontline.cr 22 52; discussion.orr 36 52; overall.relapse.percent 3 38
primary.percent 4 52; text.overall.alive 43 52
text.ae.constipation.monotherapy.any 10 22; text.ae.pancreatic_damage.monotherapy.any 8 22
text.ae.anemia.monotherapy.any 7 22; text.ae.thrombocytopenia.monotherapy.any 5 22
text.ae.myelosuppression.additional.any 22 30; text.ae.secondary_infection.additional.any 17 30
text.ae.sweating.additional.any 16 30; text.ae.liver_damage.additional.any 14 30
"""


@pytest.mark.parametrize("entry", [entry.strip() for entry in re.split(r"[;\n]", BARE) if entry.strip()])
def test_a_percentage_without_its_count_is_that_of_the_count_meant(entry: str) -> None:
    name, count, of = entry.split()
    printed = re.search(r"([\d.]+)%", EXPECTED[name][1])
    assert printed is not None
    places = len(printed[1].partition(".")[2])
    assert shown(Fraction(100 * int(count), int(of)), places) == printed[1]


FISHER = {
    "sex.p": (22, 8), "feature.splenomegaly.p": (27, 13), "feature.hepatomegaly.p": (26, 12),
    "feature.lymphadenopathy.p": (28, 14), "feature.jaundice.p": (7, 3), "feature.rash.p": (12, 9),
    "feature.cns_involvement.p": (6, 4), "feature.low_nk_activity.p": (26, 13), "feature.hemophagocytosis.p": (28, 12),
    "frontline.cr.p": (15, 7),
}  # fmt: skip


@pytest.mark.parametrize("name", FISHER)
def test_a_p_value_by_prior_corticosteroid_is_that_of_fishers_test(name: str) -> None:
    naive, steroid = FISHER[name]
    p = stats.fisher_exact([[naive, NAIVE - naive], [steroid, STEROID - steroid]]).pvalue
    assert shown(float(p), 3).removeprefix("0") == EXPECTED[name][1]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("hlh94.cr.p", [(38, 52), (122, 207)]),
        ("hlh94.alive.week_8.p", [(47, 52), (214, 249)]),
        ("hlh94.alive.year_1.p", [(43, 52), (185, 249)]),
        ("hlh94.primary.p", [(4, 52), (60, 249)]),
        ("orr.etiology.p", [(21, 24), (3, 10), (7, 11), (5, 7)]),
    ],
)
def test_a_p_value_of_the_comparison_with_history_is_that_of_chi_square(name: str, rows: list[tuple[int, int]]) -> None:
    table = [[count, of - count] for count, of in rows]
    p = stats.chi2_contingency(table, correction=False).pvalue
    assert shown(float(p), 3).removeprefix("0") == EXPECTED[name][1]


def test_the_exact_tests_of_etiologies_print_what_is_printed_for_one_and_not_for_the_other() -> None:
    """Printed are .009, which the report says is chi-square's, and .003."""
    assert shown(exact(((21, 3), (3, 7), (7, 4), (5, 2))), 3) == "0.009"
    assert shown(exact(((14, 10), (3, 8), (0, 10))), 3).removeprefix("0") == EXPECTED["cr.etiology.p"][1]
    assert shown(exact(((14, 10), (3, 8), (0, 10))), 4) == "0.0025"


def exact(table: tuple[tuple[int, int], ...]) -> Fraction:
    """The ways to the tables with these margins that are no likelier, of all ways."""
    sizes, events = [sum(row) for row in table], sum(row[0] for row in table)
    own = prod(comb(sum(row), row[0]) for row in table)

    def ways(place: int, left: int, so_far: int) -> int:
        if place == len(sizes):
            return so_far if left == 0 and so_far <= own else 0
        return sum(
            ways(place + 1, left - k, so_far * comb(sizes[place], k)) for k in range(min(left, sizes[place]) + 1)
        )

    return Fraction(ways(0, events, 1), comb(sum(sizes), events))


def test_no_test_gives_the_p_value_of_the_response_by_prior_corticosteroid() -> None:
    """Printed is .753: 22 of 34 v 14 of 18."""
    table = [[22, 12], [14, 4]]
    tails = [stats.fisher_exact(table, side).pvalue for side in ("two-sided", "less", "greater")]
    squares = [stats.chi2_contingency(table, correction=correction).pvalue for correction in (False, True)]
    assert "0.753" not in {shown(float(p), 3) for p in (*tails, *squares)}
    ranks = stats.mannwhitneyu([1] * 22 + [0] * 12, [1] * 14 + [0] * 4, use_continuity=False, method="asymptotic")
    assert shown(float(ranks.pvalue), 3).removeprefix("0") == EXPECTED["orr.p"][1]


@pytest.mark.parametrize(("name", "count", "of"), [("orr.all", 36, 52), ("orr.steroid", 14, 18), ("orr.naive", 22, 34)])
def test_limits_of_the_response_leave_a_fortieth_to_each_side(name: str, count: int, of: int) -> None:
    """Of a share at the low limit, one more than the count's is seen once in 40 times; so of one at the high limit."""
    percent, low, high = map(float, re.findall(r"[\d.]+", EXPECTED[name][1]))
    assert shown(Fraction(100 * count, of), 1) == str(percent)
    for limit, tail in ((low, range(count, of + 1)), (high, range(count + 1))):
        chances = [
            sum(comb(of, k) * share**k * (1 - share) ** (of - k) for k in tail)
            for share in ((limit - 0.05) / 100, (limit + 0.05) / 100)
        ]
        assert min(chances) < 0.025 < max(chances)


def survival(*events: tuple[int, int]) -> tuple[float, float]:
    """Of events (how many, of how many at risk) the estimate and Greenwood's standard error, in percent."""
    left = prod(1 - many / risk for many, risk in events)
    return 100 * left, 100 * left * sqrt(sum(many / (risk * (risk - many)) for many, risk in events))


@pytest.mark.parametrize(
    ("name", "events"),
    [
        # 12 without response; of the 22 left, 2 with improvement are censored, 5 progress.
        ("efs.frontline.naive", [(12, 34), (5, 20)]),
        # 4 without response, one progresses, 3 are censored, 3 progress.
        ("efs.frontline.steroid", [(5, 18), (3, 10)]),
        ("efs.intensive.responders", [(6, 14)]),
        ("efs.intensive.nonresponders", [(9, 16)]),
    ],
)
def test_survival_is_that_of_its_risk_sets(name: str, events: list[tuple[int, int]]) -> None:
    percent, *beside = map(float, re.findall(r"[\d.]+", EXPECTED[name][1]))
    estimate, error = survival(*events)
    assert shown(estimate, 1) == str(percent)
    if len(beside) == 1:
        assert shown(error, 1) == str(beside[0])
    else:
        half = float(shown(1.96 * error, 1))
        assert beside == pytest.approx([percent - half, percent + half])


@pytest.mark.parametrize(("percent", "size", "half"), [(87.3, 24, 11.5), (32.0, 10, 16.5)], ids=["os.ebv", "os.caebv"])
def test_limits_are_narrower_than_so_few_patients_allow(percent: float, size: int, half: float) -> None:
    least = 1.96 * 100 * sqrt(min((p / 100) * (1 - p / 100) for p in (percent - 0.05, percent + 0.05)) / size)
    assert half + 0.1 < least


def test_survival_of_all_in_the_intensive_phase_is_below_that_of_both_parts() -> None:
    """8 of 14 and 7 of 16 without an event are 15 of 30."""
    assert EXPECTED["efs.intensive.all"][1] == f"{shown(Fraction(1500, 30), 1)}%"
    assert min(*(survival(*events)[0] for events in ([(6, 14)], [(9, 16)]))) > 35.4
