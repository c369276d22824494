"""What holds of every survival curve and every rank test, on data nobody thought of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchpoint.statistics.competing_risks import aalen_johansen
from branchpoint.statistics.counting import count
from branchpoint.statistics.curve_limits import FORMS
from branchpoint.statistics.kaplan_meier import kaplan_meier, kaplan_meier_by_group
from branchpoint.statistics.log_rank import compare_groups
from branchpoint.statistics.log_rank_exact import log_rank_permutation
from branchpoint.statistics.nelson_aalen import nelson_aalen
from branchpoint.statistics.rmst import restricted_mean
from branchpoint.statistics.simon_makuch import mantel_byar

TIMES = st.integers(0, 30) | st.sampled_from([0.5, 1.25, 7.75])
ROWS = st.lists(st.tuples(TIMES, st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40)


def columns(rows):
    time, cause, group = (np.array(column) for column in zip(*rows, strict=True))
    return time, cause, group


@given(ROWS)
def test_survival_is_at_most_the_share_without_an_event(rows):
    time, cause, _ = columns(rows)
    curve = kaplan_meier(time, cause > 0)
    assert (curve.survival <= 1 - np.cumsum(curve.events) / len(time) + 1e-12).all()


@given(ROWS)
def test_greenwood_is_never_below_the_binomial_error_of_everybody(rows):
    time, cause, _ = columns(rows)
    curve = kaplan_meier(time, cause > 0)
    floor = np.sqrt(curve.survival * (1 - curve.survival) / len(time))
    assert (curve.standard_error >= floor - 1e-9).all()


@given(ROWS)
def test_without_censoring_the_whole_lies_between_its_parts(rows):
    time, _, group = columns(rows)
    everybody = np.ones(len(time), bool)
    parts = kaplan_meier_by_group(count(time, everybody, group)).values()
    whole = kaplan_meier(time, everybody)
    for moment in whole.time:
        found = [part.at(moment)[0] for part in parts]
        assert min(found) - 1e-12 <= whole.at(moment)[0] <= max(found) + 1e-12


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    (time, cause, group), (other_time, other_cause, other_group) = columns(rows), columns(shuffled)
    ours, theirs = count(time, cause, group), count(other_time, other_cause, other_group)
    assert np.array_equal(ours.table, theirs.table)
    assert repr(compare_groups(ours).test()) == repr(compare_groups(theirs).test())


@given(ROWS)
def test_the_number_at_risk_is_counted_just_before_each_time(rows):
    time, cause, _ = columns(rows)
    asked = np.arange(0, 32, 0.5)
    assert kaplan_meier(time, cause > 0).number_at_risk(asked).tolist() == [(time >= moment).sum() for moment in asked]


@given(ROWS)
def test_observed_and_expected_events_add_up(rows):
    time, cause, group = columns(rows)
    found = compare_groups(count(time, cause > 0, group))
    assert found.expected.sum() == pytest.approx((cause > 0).sum())
    assert found.variance.sum(0) == pytest.approx(np.zeros(len(found.groups)), abs=1e-9)


@given(ROWS)
def test_incidences_and_survival_add_up_to_one(rows):
    time, cause, _ = columns(rows)
    curve = aalen_johansen(time, cause)
    assert curve.incidence.sum(1) + curve.survival == pytest.approx(np.ones(len(curve.time)))


@given(ROWS)
def test_with_one_cause_aalen_johansen_is_kaplan_meier(rows):
    time, cause, _ = columns(rows)
    incidence, survival = aalen_johansen(time, cause > 0), kaplan_meier(time, cause > 0)
    assert incidence.incidence[:, 0] == pytest.approx(1 - survival.survival)
    assert incidence.standard_error[:, 0] == pytest.approx(survival.standard_error, abs=1e-8)


@given(ROWS)
def test_limits_hold_the_estimate_and_stay_within_0_and_1(rows):
    time, cause, _ = columns(rows)
    curve = kaplan_meier(time, cause > 0)
    for form in FORMS:
        low, high = curve.band(form=form)
        known = ~np.isnan(low)
        assert (low[known] >= 0).all()
        assert (high[known] <= 1).all()
        assert (low[known] <= curve.survival[known] + 1e-12).all()
        assert (high[known] >= curve.survival[known] - 1e-12).all()


@given(ROWS)
def test_hazards_are_between_minus_log_survival_and_less(rows):
    time, cause, _ = columns(rows)
    curve = kaplan_meier(time, cause > 0)
    together = nelson_aalen(time, cause > 0)
    in_turn = nelson_aalen(time, cause > 0, ties="in turn")
    with np.errstate(divide="ignore"):
        assert (together.hazard <= in_turn.hazard + 1e-12).all()
        assert (together.hazard <= -np.log(curve.survival) + 1e-9).all()


@given(ROWS)
def test_the_mean_without_censoring_is_the_mean(rows):
    time, _, _ = columns(rows)
    found = restricted_mean(kaplan_meier(time, np.ones(len(time), bool)), 50)
    assert found.value == pytest.approx(time.mean())
    assert found.standard_error == pytest.approx(time.std() / np.sqrt(len(time)), abs=1e-7)


@given(ROWS)
def test_who_never_changes_or_always_had_is_an_ordinary_group(rows):
    time, cause, group = columns(rows)
    change = np.where(group > 0, -1.0, np.nan)
    time = time + 1
    assert repr(mantel_byar(time, cause > 0, change).p) == repr(
        compare_groups(count(time, cause > 0, group > 0, entry=np.zeros(len(time)))).test().p
    )


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 2)), min_size=1, max_size=10))
@settings(max_examples=40, deadline=None)
def test_permutations_by_enumeration_and_by_chance_agree(rows):
    time, event, group = columns(rows)
    exact = log_rank_permutation(time, event, group)
    drawn = log_rank_permutation(time, event, group, most=0, draws=4000)
    assert exact.estimable == drawn.estimable
    if exact.estimable:
        assert drawn.p == pytest.approx(exact.p, abs=0.05)


@given(
    st.lists(
        st.tuples(st.integers(0, 9000), st.integers(0, 3), st.integers(-2, 3), st.integers(0, 1)),
        min_size=1,
        max_size=50,
    ),
    st.sampled_from([np.int16, np.int32, np.int64, np.uint64, np.float32, np.float64]),
)
@settings(deadline=None)
def test_numba_and_numpy_count_alike(rows, kind):
    pytest.importorskip("numba", reason="numba is an optional extra")
    time, cause, group, stratum = (np.array(column) for column in zip(*rows, strict=True))
    ours, theirs = (count(time.astype(kind), cause, group, stratum, engine=engine) for engine in ("numba", "numpy"))
    assert np.array_equal(ours.table, theirs.table)
    assert np.array_equal(ours.time, theirs.time)
    assert np.array_equal(ours.groups, theirs.groups)
    by_hand = {(t, s, g, k): 0 for t in time for s in stratum for g in group for k in cause}
    for row in zip(time, stratum, group, cause, strict=True):
        by_hand[row] += 1
    for (t, s, g, k), many in by_hand.items():
        place = [int(np.flatnonzero(of == x)[0]) for of, x in ((ours.time, t), (ours.strata, s), (ours.groups, g))]
        assert ours.table[*place, k] == many
