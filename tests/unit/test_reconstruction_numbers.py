"""Drawn numbers print what is printed of them: medians, ranges, quartiles, means, in all groups at once."""

from decimal import Decimal
from itertools import combinations_with_replacement, product
from statistics import fmean, median, stdev

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchpoint.publication.claims import Variable, VariableKind
from branchpoint.publication.reconstruction.cohort import reconstruct
from branchpoint.publication.reconstruction.values.counting import Cell, Limits, Problem, fill
from branchpoint.publication.reconstruction.values.numbers import draw_numbers
from branchpoint.publication.reconstruction.values.printed_fields import (
    Form,
    PrintedField,
    fields_of,
    form_of,
    grid_of,
    grid_steps,
)
from branchpoint.publication.reconstruction.values.shapes import shape_of
from branchpoint.publication.solver import InfeasibleError
from tests.unit.claims_text import TRIAL, claim, claims_of, disagreements

DEAD = claim("dead", "count", event="dead", count="15")


def age(name, kind="median", who="all", **fields):
    return claim(name, kind, who, variable="age", **fields)


def weight(name, kind="median", who="all", **fields):
    return claim(name, kind, who, variable="weight", **fields)


def random(seed):
    return np.random.Generator(np.random.Philox(seed))


# --- printed fields ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "scale", "steps"),
    [
        ("9", 1, (9, 9)),
        ("9", 2, (17, 18)),  # 8.5 is printed as 9, and 9.5 as 10
        ("9.5", 2, (19, 19)),
        ("9.3", 1, (10, 9)),  # between two whole years
        ("1.0", 100, (95, 104)),
        ("-1.5", 100, (-154, -145)),
        ("0.05", 10, (1, 0)),
    ],
)
def test_a_printed_number_is_an_interval_of_the_grid(printed, scale, steps) -> None:
    assert grid_steps(Decimal(printed), scale) == steps


def field(name, printed):
    return PrintedField("a", name, "", Decimal(printed), "all")


@pytest.mark.parametrize(
    ("name", "size", "places", "weights"),
    [
        ("low", 10, (0, 0), (1, 0)),
        ("high", 10, (9, 9), (1, 0)),
        ("median", 9, (4, 4), (1, 0)),
        ("median", 10, (4, 5), (1, 1)),
        ("q1", 9, (2, 2), (1, 0)),
        ("q1", 10, (2, 3), (3, 1)),  # a quarter of the way from the third to the fourth
        ("q3", 10, (6, 7), (1, 3)),
        ("median", 1, (0, 0), (1, 0)),
    ],
)
def test_a_field_limits_the_order_statistics_that_make_it(name, size, places, weights) -> None:
    (form,) = form_of(field(name, "7"), size, 1)
    assert (form.first, form.second) == places
    assert (form.first_weight, form.second_weight) == weights
    assert (form.least, form.most) == grid_steps(Decimal("7"), sum(weights))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=9), st.sampled_from(["q1", "q3"]))
def test_a_quartile_of_any_usual_type_keeps_the_loose_limits(values, name) -> None:
    ordered, share = sorted(values), 0.25 if name == "q1" else 0.75
    for method in ("linear", "averaged_inverted_cdf", "weibull"):
        printed = Decimal(str(round(float(np.quantile(values, share, method=method)), 4)))
        for form in form_of(field(name, str(printed)), len(values), 1, loose=True):
            assert form.least <= ordered[form.first] <= form.most, method


def test_the_grid_has_the_decimals_recorded_or_one_more_than_are_printed() -> None:
    fields = [field("median", "9.5"), field("low", "3")]
    assert grid_of(Variable("a", "a", VariableKind.NUMBER, decimals=0), fields) == 1
    assert grid_of(Variable("a", "a", VariableKind.NUMBER), fields) == 100
    assert grid_of(Variable("a", "a", VariableKind.TIME), []) == 100


def test_what_is_set_aside_or_dropped_is_no_field() -> None:
    told = claims_of(
        age("a", median="9", low="3", high="17", set_aside='["high"]', conflict="It is 16."),
        age("b", "range", "new", low="4", used=False, conflict="It is 3."),
        weight("c", median="20.0"),
    )
    names = [(one.claim, one.field) for one in fields_of(told, "age", frozenset({("a", "low")}))]
    assert names == [("a", "median")]
    assert [(one.claim, one.field) for one in fields_of(told, "age", judged=False)] == [
        ("a", "median"),
        ("a", "low"),
        ("a", "high"),
        ("b", "low"),
    ]


# --- counting, against all values -------------------------------------------------------------------------------------

TOP = 4
GROUPS = (frozenset({0}), frozenset({1}), frozenset({0, 1}))


@st.composite
def problems(draw, *, rooms=False):
    """Two groups that share patients, values of 0 to 4, and limits on their order statistics and sums."""
    sizes = [draw(st.integers(0, 2)) for _ in GROUPS]
    sizes[2] += not sizes[2]
    cells = tuple(Cell(groups, size) for groups, size in zip(GROUPS, sizes, strict=True))
    of = (sizes[0] + sizes[2], sizes[1] + sizes[2])
    limits = []
    for _ in range(draw(st.integers(1, 4))):
        group = draw(st.integers(0, 1))
        if draw(st.booleans()) and draw(st.booleans()):
            least = draw(st.integers(0, TOP * of[group]))
            limits.append(Limits(group, total=(least, least + draw(st.integers(0, 1)))))
            continue
        first = draw(st.integers(0, of[group] - 1))
        paired = first + 1 < of[group] and draw(st.booleans())
        weights = draw(st.sampled_from([(1, 1), (3, 1), (1, 3)])) if paired else (1, 0)
        least = draw(st.integers(0, TOP * sum(weights)))
        form = Form(first, first + paired, *weights, least, least + draw(st.integers(-1, 1)))
        limits.append(Limits(group, (form,)))
    reach = tuple(tuple(sorted(draw(st.integers(0, TOP)) for _ in range(size))) for size in sizes)
    return Problem(cells, of, tuple(limits), 0, TOP, reach if rooms else ())


def keeps(problem, by_cell):
    for limits in problem.limits:
        cells = zip(problem.cells, by_cell, strict=True)
        values = sorted(value for cell, own in cells if limits.group in cell.groups for value in own)
        if limits.total is not None and not limits.total[0] <= sum(values) <= limits.total[1]:
            return False
        for form in limits.forms:
            value = form.first_weight * values[form.first] + form.second_weight * values[form.second]
            if not form.least <= value <= form.most:
                return False
    return all(
        value <= room
        for own, rooms in zip(by_cell, problem.rooms, strict=False)
        for value, room in zip(sorted(own), rooms, strict=True)
    )


def possible(problem):
    every = [list(combinations_with_replacement(range(TOP + 1), cell.size or 0)) for cell in problem.cells]
    return any(keeps(problem, by_cell) for by_cell in product(*every))


@settings(max_examples=150, deadline=None)
@given(problems())
def test_values_are_found_exactly_where_some_keep_all_limits(problem) -> None:
    filled = fill(problem)
    assert (filled is not None) == possible(problem)
    if filled is None:
        return
    assert [sum(count for _, _, count, _ in own) for own in filled.segments] == [cell.size for cell in problem.cells]
    inside = [
        [value for low, high, count, total in own for value in spread_evenly(low, high, count, total)]
        for own in filled.segments
    ]
    assert keeps(problem, inside)


def spread_evenly(low, high, count, total):
    """So many values between limits with a sum."""
    each, more = divmod(total, count)
    values = [each + (place < more) for place in range(count)]
    assert all(low <= value <= high for value in values)
    return values


@settings(max_examples=80, deadline=None)
@given(problems(rooms=True))
def test_values_of_patients_who_cannot_have_any_are_not_ruled_out(problem) -> None:
    """How far each patient's value can reach is asked at landmarks alone: it may be missed, and rules out no answer."""
    assert fill(problem) is not None or not possible(problem)


def test_more_values_than_patients_who_can_have_them_are_ruled_out() -> None:
    """Of five, the third is 7, and three can be no more than 6."""
    limits = (Limits(0, (Form(2, 2, 1, 0, 7, 7),)),)
    cell = Cell(frozenset({0}), 5)
    assert fill(Problem((cell,), (5,), limits, 0, 9, ((6, 6, 6, 9, 9),))) is None
    assert fill(Problem((cell,), (5,), limits, 0, 9, ((6, 6, 7, 9, 9),))) is not None


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_limits_that_are_not_kept_are_not_asked(problem, data) -> None:
    kept = data.draw(st.lists(st.integers(0, len(problem.limits) - 1), unique=True))
    asked = Problem(problem.cells, problem.sizes, tuple(problem.limits[k] for k in kept), 0, TOP, problem.rooms)
    assert (fill(problem, kept) is None) == (fill(asked) is None)


# --- drawn ------------------------------------------------------------------------------------------------------------

TOLD = {
    "a half of an even number": [age("a", median="9.5")],
    "a half at the edge of its range": [age("a", median="0.5", low="0", high="1")],
    "a range and nothing else": [age("a", "range", low="3", high="17")],
    "everybody of one age": [age("a", median="7", low="7", high="7")],
    "a whole and its parts": [
        age("all", median="8.5", low="0", high="17"),
        age("new", median="12", low="3", high="17", who="new"),
        age("old", median="5.5", low="0", high="16", who="old"),
    ],
    "quartiles": [
        age("a", median="9", q1="4.5", q3="12", low="1", high="18"),
        weight("w", median="20.0", q1="14.3", q3="31.6"),
    ],
    "quartiles of another type": [age("a", median="9", q1="4.75", who="new")],
    "a mean with its standard deviation": [
        age("a", "mean", mean="8.38", sd="4.71"),
        weight("w", "mean", mean="30.1", sd="5.2"),
    ],
    "a mean with its standard error": [weight("w", "mean", "new", mean="30.1", standard_error="1.2")],
    "a mean with a number after it": [weight("w", "mean", "old", mean="30.1", plus_minus="1.2")],
    "a mean and a median": [
        weight("m", "mean", mean="30.1", sd="12.0"),
        weight("w", median="27.4", low="9.8", high="71.3"),
    ],
    "decimals that are not printed": [weight("w", median="30", low="10", high="71")],
}


@pytest.mark.parametrize("case", TOLD)
def test_every_number_is_printed_as_it_was(case) -> None:
    found = reconstruct(claims_of(DEAD, *TOLD[case]), draws=3)
    assert found.contradictions.sets == ()
    assert found.unmet == {}
    assert disagreements(found) == []
    values = {name: found.cohorts[name].drop_nulls().to_numpy() for name in ("age", "weight")}
    assert (values["age"] == values["age"].round(0)).all(), "in whole years"
    assert ((values["age"] >= 0) & (values["age"] <= 18)).all(), "within the limits of the variable"
    assert np.allclose(values["weight"], values["weight"].round(1), atol=1e-12), "to a tenth of a kilogram"


def test_a_cohort_by_hand() -> None:
    """Of 18, the two in the middle make 9.5 years, the youngest is 3 and the oldest 17; three times over."""
    found = reconstruct(claims_of(DEAD, age("a", median="9.5", low="3", high="17", who="old")), draws=3)
    for cohort in found.cohorts.partition_by("draw"):
        values = sorted(cohort.filter(arm="old")["age"].to_list())
        assert (values[0], values[8] + values[9], values[-1]) == (3, 19, 17)
        assert cohort.filter(arm="new")["age"].to_list() == [None] * 22, "of whom nothing is said"


def test_a_spread_by_hand() -> None:
    found = reconstruct(claims_of(DEAD, weight("w", "mean", "new", mean="30.1", sd="5.2")), draws=3)
    for cohort in found.cohorts.partition_by("draw"):
        values = cohort.filter(arm="new")["weight"].to_list()
        assert 30.05 <= fmean(values) < 30.15
        assert 5.15 <= stdev(values) < 5.25


def test_numbers_are_drawn_for_patients_given_by_hand() -> None:
    """Three new patients of whom the median is 8, and two old ones of whom it is 3.5."""
    trial = TRIAL.replace("size = 40", "size = 5").replace("size = 22", "size = 3").replace("size = 18", "size = 2")
    told = claims_of(age("a", median="8", who="new"), age("b", median="3.5", who="old"), trial=trial)
    patients = [{"arm": arm, "dead": "no"} for arm in ("new", "old", "new", "old", "new")]
    for seed in range(10):
        values, agreed = draw_numbers(told, "age", patients, random(seed))
        assert agreed
        assert median(values[0::2]) == 8
        assert sum(values[1::2]) == 7


def test_numbers_that_cannot_be_are_refused() -> None:
    told = claims_of(age("a", median="4", low="9", who="new", verbatim=True))
    patients = [{"arm": "new", "dead": "no"}] * 22
    with pytest.raises(InfeasibleError, match="values of 'age' in every group"):
        draw_numbers(told, "age", patients, random(1))


def test_a_patients_own_limits_are_kept() -> None:
    told = claims_of(age("a", median="9", low="2", high="17"))
    patients = [{"arm": "new", "dead": "no"}] * 40
    bounds = [(0, 8.0)] * 15 + [(9.0, 18.0)] * 15 + [(0, float("inf"))] * 10
    values, agreed = draw_numbers(told, "age", patients, random(3), bounds=bounds)
    assert agreed
    assert all(low <= value <= high for value, (low, high) in zip(values, bounds, strict=True))


def test_numbers_spread_over_their_range() -> None:
    """A median of 20 kg between 10 and 80: a tenth at least lies in each third, from 10 to 20, to 40 and to 80."""
    found = reconstruct(claims_of(DEAD, weight("w", median="20.0", low="10.0", high="80.0")), draws=5)
    values = np.log(found.cohorts["weight"].to_numpy() / 10) / np.log(8)
    shares = np.histogram(values, [0, 1 / 3, 2 / 3, 1.0001])[0] / len(values)
    assert shares.min() > 0.1
    assert found.cohorts.group_by("draw").agg(pl.col("weight").n_unique())["weight"].min() > 20


@pytest.mark.parametrize(
    ("summary", "middle", "logs"),
    [
        ({"median": 20.0, "low": 10.0, "high": 80.0}, 20.0, True),
        ({"mean": 100.0, "sd": 10.0}, 100.0, False),
        ({"mean": 10.0, "sd": 12.0}, 10.0, True),  # a normal distribution would go below nothing
        ({"median": -2.0, "low": -5.0, "high": 3.0}, -2.0, False),
    ],
)
def test_a_shape_lies_around_what_is_printed(summary, middle, logs) -> None:
    shape = shape_of(summary, 40, 0.0 if middle > 0 else None)
    assert shape.logs == logs
    drawn = np.asarray(shape.draw(4000, random(1)))
    told = float(np.mean(drawn)) if "mean" in summary else float(np.median(drawn))
    assert told == pytest.approx(middle, abs=0.05 * abs(middle) + 0.2)
    if "sd" in summary:
        assert float(np.std(drawn)) == pytest.approx(summary["sd"], rel=0.2)
