"""P values that cohorts are pulled to: the compiled statistics are those of the tests, and the pull gets there."""

import sys
from decimal import Decimal
from itertools import combinations, product
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import chdtrc

from branchpoint.publication.claims import PValue
from branchpoint.publication.reconstruction.cohort import reconstruct
from branchpoint.publication.reconstruction.counts.table_targets import table_targets
from branchpoint.publication.reconstruction.values.compiled import njit
from branchpoint.publication.reconstruction.values.move_state import (
    LOG_RANK,
    MANY_RANKS,
    MEANS,
    RANKS,
    State,
    Targets,
)
from branchpoint.publication.reconstruction.values.move_targets import all_away, counted, rerank
from branchpoint.publication.reconstruction.values.soft_p import SoftTarget, exact_reach, p_limits, z_limits
from branchpoint.statistics.log_rank import log_rank_test
from branchpoint.statistics.ranks import kruskal_wallis, rank_sum
from branchpoint.statistics.t_test import t_test
from tests.unit.claims_text import claim, claims_of
from validation import plain_numbers as plain

FAR = 1000.0
"""Beyond any statistic: so far is it from here, less its value."""
NEVER = (0.0, -1.0)
"""No distance of U prints as the P value."""


def ready(values, labels, kind, ends, events=None):
    """A state and one target, counted."""
    values, labels = np.asarray(values, np.int64), np.asarray(labels, np.int64)
    groups = int(labels.max()) + 1
    targets = Targets(
        labels=labels[None, :],
        sizes=np.asarray([[int((labels == group).sum()) for group in range(groups)]], np.int64),
        kind=np.asarray([kind], np.int64),
        ends=np.asarray([ends], float),
        events=np.zeros(len(values), np.int64) if events is None else np.asarray(events, np.int64),
    )
    none = np.zeros((0, 0), np.int64)
    ranked, ties = np.zeros((1, groups), np.int64), np.zeros(1, np.int64)
    state = State(values, none, np.zeros(0, np.int64), none, np.zeros((0, 2)), ranked, ties)
    counted(state, targets)
    return state, targets


def statistic(values, labels, kind, events=None, *, greatest=True):
    """The root of chi-square that the compiled code finds, or the least one where a test has several forms."""
    if greatest:
        return FAR - all_away(*ready(values, labels, kind, (FAR, FAR, *NEVER), events))
    return all_away(*ready(values, labels, kind, (0.0, 0.0, *NEVER), events))


def p_of(z, df=1):
    return float(chdtrc(df, z * z))


def split(values, labels):
    """The values of each group, as many as there are, without those outside."""
    return [[v for v, own in zip(values, labels, strict=True) if own == group] for group in range(max(labels) + 1)]


VALUE = st.integers(0, 12)
ROWS = st.lists(st.tuples(VALUE, st.integers(-1, 1), st.booleans()), min_size=4, max_size=40)


def usable(rows, groups):
    sizes = [sum(label == group for _, label, _ in rows) for group in range(groups)]
    inside = {value for value, label, _ in rows if label >= 0}
    return min(sizes) > 1 and len(inside) > 1


# --- compiled statistics ----------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_the_rank_sum_is_that_of_the_test_with_and_without_correction(rows) -> None:
    if not usable(rows, 2):
        return
    values, labels, _ = zip(*rows, strict=True)
    x, y = split(values, labels)
    for greatest, form in ((True, "normal"), (False, "normal-cc")):
        p = p_of(statistic(values, labels, RANKS, greatest=greatest))
        assert p == pytest.approx(rank_sum(x, y, form=form).p, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(VALUE, st.integers(-1, 3), st.booleans()), min_size=10, max_size=40))
def test_ranks_of_several_groups_are_those_of_kruskal_and_wallis(rows) -> None:
    if not usable(rows, 4):
        return
    values, labels, _ = zip(*rows, strict=True)
    p = p_of(statistic(values, labels, MANY_RANKS), 3)
    assert p == pytest.approx(kruskal_wallis(split(values, labels)).p, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(VALUE, st.integers(-1, 2), st.booleans()), min_size=8, max_size=40), st.integers(2, 3))
def test_times_are_compared_as_by_the_log_rank_test(rows, groups) -> None:
    rows = [(time, min(label, groups - 1), event) for time, label, event in rows]
    if not usable(rows, groups):
        return
    values, labels, events = zip(*rows, strict=True)
    inside = [row for row in rows if row[1] >= 0]
    test = log_rank_test(*(np.asarray(column) for column in zip(*[(t, e, g) for t, g, e in inside], strict=True)))
    if not test.estimable:
        return
    p = p_of(statistic(values, labels, LOG_RANK, events), test.df)
    assert p == pytest.approx(test.p, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(-1, 1), st.booleans()), min_size=8, max_size=40))
def test_means_are_compared_nearly_as_by_welch(rows) -> None:
    """By a normal deviate that approximates t: to 0.002 from 5 patients a group on."""
    values, labels, _ = zip(*rows, strict=True)
    if max(labels) < 1:
        return
    x, y = split(values, labels)
    if min(len(x), len(y)) < 5 or min(len(set(x)), len(set(y))) < 2:
        return
    assert p_of(statistic(values, labels, MEANS)) == pytest.approx(t_test(x, y).p, abs=0.002)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.lists(st.tuples(st.integers(0, 39), VALUE), min_size=1, max_size=20))
def test_ranks_that_are_kept_up_are_those_counted_afresh(rows, moves) -> None:
    if not usable(rows, 2):
        return
    values, labels, _ = zip(*rows, strict=True)
    state, targets = ready(values, labels, RANKS, (0.0, 0.0, *NEVER))
    for place, new in moves:
        patient = place % len(values)
        old = int(state.values[patient])
        rerank(state, targets, patient, old, new)
        state.values[patient] = new
        afresh, _ = ready(state.values, labels, RANKS, (0.0, 0.0, *NEVER))
        assert (state.ranked.tolist(), state.ties.tolist()) == (afresh.ranked.tolist(), afresh.ties.tolist())


def test_a_statistic_within_its_limits_is_not_away() -> None:
    """One to four against five to eight: U is 0, 8 from its mean, with a standard deviation of the root of 12."""
    values, labels, z = list(range(1, 9)), [0] * 4 + [1] * 4, 8 / sqrt(12)
    assert all_away(*ready(values, labels, RANKS, (z - 0.1, z + 0.1, *NEVER))) == 0
    assert all_away(*ready(values, labels, RANKS, (z + 0.1, z + 0.2, *NEVER))) == pytest.approx(0.1)
    corrected = 7.5 / sqrt(12)
    assert all_away(*ready(values, labels, RANKS, (corrected - 0.2, corrected - 0.1, *NEVER))) == pytest.approx(0.1)
    assert all_away(*ready(values, labels, RANKS, (FAR, FAR, 8.0, 8.0))) == 0, "counted exactly"
    tied = [1, 1, 3, 4, 5, 6, 7, 8]
    assert all_away(*ready(tied, labels, RANKS, (FAR, FAR, 8.0, 8.0))) > 1, "with ties nothing is counted"


def test_without_numba_functions_run_as_they_are_written(monkeypatch) -> None:
    def twice(number: int) -> int:
        return 2 * number

    monkeypatch.setitem(sys.modules, "numba", None)
    assert njit(twice) is twice


# --- printed P values -------------------------------------------------------------------------------------------------


def p_value(p, groups=("new", "old"), *, below=False):
    return PValue(Decimal(p), groups=groups, below=below)


@pytest.mark.parametrize(
    ("p", "below", "limits"),
    [
        (".04", False, (0.035, 0.045)),
        (".040", False, (0.0395, 0.0405)),
        ("1.0", False, (0.95, 1.0)),
        (".001", True, (0.0, 0.001)),
    ],
)
def test_a_printed_p_value_stands_for_an_interval(p, below, limits) -> None:
    assert p_limits(p_value(p, below=below)) == pytest.approx(limits)


@pytest.mark.parametrize("p", [".5", ".04", ".0017", ".99"])
@pytest.mark.parametrize("df", [1, 2, 4])
def test_statistics_within_the_limits_print_as_the_p_value_and_no_others_do(p, df) -> None:
    least, greatest = z_limits(p_value(p), df)
    half = Decimal(1).scaleb(Decimal(p).as_tuple().exponent) / 2
    assert p_of(greatest, df) == pytest.approx(float(Decimal(p) - half), rel=1e-3)
    assert p_of(least, df) == pytest.approx(min(float(Decimal(p) + half), 1.0), rel=1e-3)
    inside = np.linspace(least, greatest, 9)[1:-1]
    assert all(plain.prints(p_of(float(z), df), Decimal(p)) for z in inside)
    assert not plain.prints(p_of(greatest * 1.001, df), Decimal(p))


def test_a_p_value_below_a_limit_has_no_greatest_statistic() -> None:
    least, greatest = z_limits(p_value(".001", below=True), 1)
    assert least == pytest.approx(3.2905, abs=1e-4)
    assert greatest == np.inf


@pytest.mark.parametrize(("n", "m"), [(3, 4), (5, 5), (2, 7)])
@pytest.mark.parametrize("p", [".1", ".40", ".057", "1.0", ".003"])
def test_distances_whose_exact_p_value_prints_so_are_those_of_all_ways(n, m, p) -> None:
    every = {}
    us = [sum(places) - n * (n - 1) / 2 for places in combinations(range(n + m), n)]
    for u in sorted(set(us)):
        away = abs(u - n * m / 2)
        every[away] = sum(abs(other - n * m / 2) >= away for other in us) / len(us)
    fitting = [away for away, exact in every.items() if plain.prints(exact, Decimal(p))]
    reach = exact_reach(p_value(p), n, m)
    assert reach == ((min(fitting), max(fitting)) if fitting else NEVER)
    assert exact_reach(p_value(p), 50, 50) == NEVER, "programs approximate from 50 a group on"


def test_a_p_value_agrees_where_it_prints_as_published() -> None:
    assert SoftTarget("a", p_value(".05"), 0.045).agrees, "half up"
    assert not SoftTarget("a", p_value(".04"), 0.045).agrees
    assert not SoftTarget("a", p_value(".05"), None).agrees
    assert SoftTarget("a", p_value(".001", below=True), 0.00099).agrees
    assert not SoftTarget("a", p_value(".001", below=True), 0.001).agrees


# --- tables -----------------------------------------------------------------------------------------------------------

CR = '{ response = "CR" }'


def compared(p, method=None, **fields):
    stated = {} if method is None else {"method": method}
    return claim("p", "p_value", groups='["new", "old"]', p=p, **fields, **stated)


@pytest.mark.parametrize(
    ("method", "tests"),
    [
        ("Fisher exact", [plain.fisher]),
        ("chi-square", [plain.pearson, lambda table: plain.pearson(table, yates=True)]),
        (None, [plain.fisher, plain.pearson, lambda table: plain.pearson(table, yates=True)]),
    ],
)
def test_pairs_of_counts_are_those_whose_tests_print_the_p_value(method, tests) -> None:
    (target,) = table_targets(claims_of(compared(".046", method, event=CR)), [])
    assert target.sizes == (22, 18)
    expected = set()
    for first, second in product(range(23), range(19)):
        table = ((first, 22 - first), (second, 18 - second))
        if 0 < first + second < 40 and any(plain.prints(test(table), Decimal(".046")) for test in tests):
            expected.add((first, second))
    assert set(target.pairs) == expected


@pytest.mark.parametrize(
    "told",
    [
        [compared(".043", variable="age")],
        [compared(".043", event=CR, used=False, conflict="It is not.")],
        [compared(".000001", "chi-square", event='{ response = "CR", arm = "new" }')],
        [claim("p", "p_value", groups='["new", "few"]', p=".043", event=CR)],
    ],
    ids=["of a number", "set aside", "of nobody in a group", "of patients elsewhere"],
)
def test_no_pairs_are_looked_for(told) -> None:
    assert list(table_targets(claims_of(*told), [])) == []


# --- drawn ------------------------------------------------------------------------------------------------------------

DEAD = claim("dead", "count", event="dead", count="15")
AGES = (
    claim("age.new", "median", "new", variable="age", median="9.5", low="0", high="17"),
    claim("age.old", "median", "old", variable="age", median="8", low="1", high="18"),
)
TIMES = (
    claim("os.new", "survival", "new", variable="os", at="6", percent="81.8"),
    claim("os.old", "survival", "old", variable="os", at="6", percent="66.7"),
)
PULLED = {
    "ages by ranks": (AGES, compared(".34", variable="age")),
    "ages by means": (AGES, compared(".21", "t test", variable="age")),
    "times": (TIMES, compared(".12", variable="os")),
    "a limit": (AGES, compared("<.5", variable="age")),
    "counts": ((), compared(".043", event=CR)),
    "counts by name": ((), compared(".046", "Fisher exact", event=CR)),
}


def plain_p(case, cohort):
    """By every test that may be meant, in plain Python."""
    new, old = (cohort.filter(arm=arm) for arm in ("new", "old"))
    if case.startswith("ages"):
        x, y = (own["age"].to_list() for own in (new, old))
        return plain.t_tests(x, y) if "means" in case else plain.rank_sum(x, y)
    if case == "a limit":
        return plain.rank_sum(new["age"].to_list(), old["age"].to_list())
    if case == "times":
        return [plain.log_rank([(own["os"].to_list(), (own["dead"] == "yes").to_list()) for own in (new, old)])]
    counts = [int((own["response"] == "CR").sum()) for own in (new, old)]
    table = ((counts[0], 22 - counts[0]), (counts[1], 18 - counts[1]))
    asymptotic = [plain.pearson(table), plain.pearson(table, yates=True)]
    return [plain.fisher(table)] + (asymptotic if case == "counts" else [])


@pytest.mark.parametrize("case", PULLED)
def test_cohorts_are_pulled_to_the_printed_p_value(case) -> None:
    told, own = PULLED[case]
    found = reconstruct(claims_of(DEAD, *told, own), draws=3)
    assert found.reached == {"p": 3}
    printed = found.claims.claims["p"].value
    for reached, cohort in zip(found.p_values["p"], found.cohorts.partition_by("draw"), strict=True):
        every = plain_p(case, cohort)
        assert min(abs(reached - p) for p in every) < 1e-6, "it is one of them"
        assert any(p < printed.p if printed.below else plain.prints(p, printed.p) for p in every)


def test_a_p_value_that_cannot_be_reached_is_told_and_nothing_printed_is_lost_for_it() -> None:
    """Both groups are between 5 and 7 years old, with the same median: no P value of a millionth."""
    told = [claim(f"age.{who}", "median", who, variable="age", median="6", low="5", high="7") for who in ("new", "old")]
    found = reconstruct(claims_of(DEAD, *told, compared(".000001", variable="age")), draws=2)
    assert found.reached == {"p": 0}
    assert min(found.p_values["p"]) > 1e-5
    assert found.unmet == {}
    assert found.contradictions.sets == ()


def test_what_follows_from_printed_counts_is_not_pulled() -> None:
    counts = [claim(f"cr.{who}", "count", who, event=CR, count="8") for who in ("new", "old")]
    found = reconstruct(claims_of(DEAD, *counts, compared(".043", event=CR)), draws=1)
    assert found.p_values == {}
