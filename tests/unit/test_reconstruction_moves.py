"""The compiled search: what it computes of its state is what the estimators compute, whatever moves were made."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchpoint.publication.reconstruction.values.move_curves import (
    ERROR,
    ESTIMATE,
    FORMS,
    HALF,
    HIGH,
    LEAST,
    LOW,
    NOBODY,
    curves_missed,
)
from branchpoint.publication.reconstruction.values.move_state import Curves, Printed, Shapes, State, Targets
from branchpoint.publication.reconstruction.values.moves import DRAWS, anneal, missed
from branchpoint.statistics.curve_limits import curve_limits
from branchpoint.statistics.kaplan_meier import kaplan_meier

Z = 1.959963984540054
FAR = 1000.0
"""Beyond any number of a curve: so far is it from here, less its value."""


def state_of(values, groups):
    """A state of patients in some groups, each a list of patients."""
    values = np.array(values, np.int64)
    sizes = np.asarray([len(group) for group in groups], np.int64)
    rows = np.zeros((len(groups), max(sizes)), np.int64)
    for number, group in enumerate(groups):
        rows[number, : len(group)] = np.sort(values[group])
    around = [[n for n, group in enumerate(groups) if patient in group] for patient in range(len(values))]
    width = max(map(len, around)) + 1
    table = np.asarray([own + [-1] * (width - len(own)) for own in around], np.int64)
    sums = np.asarray([[values[group].sum(), (values[group].astype(float) ** 2).sum()] for group in groups], float)
    return State(values, rows, sizes, table, sums, np.zeros((0, 0), np.int64), np.zeros(0, np.int64))


def curve(events, at, what=ESTIMATE, form=0, ends=(FAR, FAR)):
    return Curves(
        groups=np.asarray([[0, events]], np.int64),
        at=np.asarray([at], np.int64),
        first=np.asarray([0, 1], np.int64),
        what=np.asarray([[what, form]], np.int64),
        z=np.asarray([Z]),
        ends=np.asarray([ends], float),
        scale=np.asarray([1.0]),
    )


# --- survival ---------------------------------------------------------------------------------------------------------

TIMES = st.lists(st.tuples(st.integers(1, 15), st.booleans()), min_size=2, max_size=30)


def numbers_of(times, events, at):
    """The estimate, its standard error and its limits on every scale, by the estimators of trials."""
    survival, error = (float(number) for number in kaplan_meier(times, events).at(at))
    found = {(ESTIMATE, 0): survival, (ERROR, 0): error, (HALF, 0): Z * error}
    for name, form in FORMS.items():
        if 0 < survival < 1:
            low, high = curve_limits(survival, error, 0.95, name)
            found |= {(LOW, form): float(low), (HIGH, form): float(high)}
    return found


@settings(max_examples=150, deadline=None)
@given(TIMES, st.integers(1, 15))
def test_curves_are_those_of_the_estimators_also_where_times_are_tied(rows, at) -> None:
    times, events = (np.asarray(column) for column in zip(*rows, strict=True))
    if times.max() < at or not (events & (times <= at)).any():
        return
    if not (times > at).any() and kaplan_meier(times, events).at(at)[0] == 0:
        return
    state = state_of(times, [list(range(len(times))), np.flatnonzero(events).tolist()])
    for (what, form), expected in numbers_of(times, events, at).items():
        found = FAR + LEAST - curves_missed(state, curve(1, at, what, form))
        # Estimators cut limits at 0 and at 100%; the search does where the report does.
        cut = min(max(found, 0.0), 1.0)
        assert cut == pytest.approx(min(max(expected, 0.0), 1.0), abs=1e-9), (what, form)


def test_a_curve_within_its_ends_misses_nothing_and_outside_what_is_missing() -> None:
    """Of four, one died at 1 and one at 3, with one censored at 2: 3 of 4, and 1 of 2 left of that."""
    state = state_of([1, 2, 3, 9], [[0, 1, 2, 3], [0, 2]])
    assert curves_missed(state, curve(1, 4, ends=(0.37, 0.38))) == 0
    assert curves_missed(state, curve(1, 4, ends=(0.4, 0.41))) == pytest.approx(0.4 - 0.375 + LEAST)
    assert curves_missed(state, curve(1, 1, ends=(0.75, 0.75))) == 0, "an event at the time has come by it"
    assert curves_missed(state, curve(NOBODY, 4, ends=(1.0, 1.0))) == 0


def test_a_curve_whose_last_patient_was_censored_before_has_no_estimate() -> None:
    state = state_of([1, 2, 3, 4], [[0, 1, 2, 3], [0]])
    assert curves_missed(state, curve(1, 4, ends=(0.75, 0.75))) == 0
    assert curves_missed(state, curve(1, 5, ends=(0.75, 0.75))) == 1


# --- moves ------------------------------------------------------------------------------------------------------------


def asked(bounds, first_low, first_high):
    """The least of all within limits, and the two in the middle of the first group with a sum of 30."""
    return Printed(
        first=np.asarray([0, 1, 2], np.int64),
        places=np.asarray([[2, 3], [0, 0]], np.int64),
        weights=np.asarray([[1, 1], [1, 0]], np.int64),
        ends=np.asarray([[30, 30], [first_low, first_high]], np.int64),
        scale=np.asarray([1.0, 1.0]),
        moments=np.tile([-np.inf, np.inf, -np.inf, np.inf], (2, 1)),
        pairs=np.asarray([[0, 2, 3]], np.int64),
        bounds=np.asarray(bounds, np.int64),
    )


NO_CURVES = Curves(
    groups=np.zeros((0, 2), np.int64),
    at=np.zeros(0, np.int64),
    first=np.zeros(1, np.int64),
    what=np.zeros((0, 2), np.int64),
    z=np.zeros(0),
    ends=np.zeros((0, 2)),
    scale=np.zeros(0),
)


def no_targets(size):
    none = np.zeros((0, 0), np.int64)
    return Targets(
        np.zeros((0, size), np.int64), none, np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros(size, np.int64)
    )


@pytest.mark.parametrize("seed", range(4))
def test_after_many_moves_groups_are_in_order_sums_are_right_and_limits_are_kept(seed) -> None:
    rng = np.random.Generator(np.random.Philox(seed))
    size, groups = 12, [list(range(6)), list(range(12))]
    bounds = [(0, 40)] * 8 + [(20, 60)] * 4
    values = np.asarray([rng.integers(low, high + 1) for low, high in bounds])
    state, printed = state_of(values, groups), asked(bounds, 2, 4)
    width = np.full(size, 8.0)
    shapes = Shapes(np.full(size, 20.0), width, width, np.zeros(size), np.zeros(size, np.int64), np.log(20.0))
    left = anneal(state, printed, NO_CURVES, shapes, no_targets(size), rng.random((6000, DRAWS)), 0.3, 0.0)
    assert left == 0
    assert missed(state, printed, NO_CURVES) == 0
    afresh = state_of(state.values, groups)
    assert (state.rows == afresh.rows).all()
    assert state.sums == pytest.approx(afresh.sums)
    assert not (state.values == values).all()
    assert all(low <= value <= high for value, (low, high) in zip(state.values, bounds, strict=True))
    ordered = sorted(state.values[:6])
    assert ordered[2] + ordered[3] == 30
    assert 2 <= min(state.values) <= 4
