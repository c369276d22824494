"""An audit accuses nobody who prints what is true, and its searches find what listing everything finds."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations, product
from math import inf, isclose, prod, sqrt
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchpoint.publication.audit.blame import smallest_covers
from branchpoint.publication.audit.exact_tables import fisher
from branchpoint.publication.audit.pooled_paths import Part, pooled
from branchpoint.publication.audit.report import audit
from branchpoint.publication.audit.risk_paths import Box, _Search, risk_paths
from branchpoint.publication.audit.survival_fits import Group
from branchpoint.publication.audit.survival_precision import judge
from branchpoint.publication.audit.tests_tried import table_tests as every_test_of
from branchpoint.publication.claims import Survival
from branchpoint.statistics.curve_limits import curve_limits
from branchpoint.statistics.fisher import fisher_exact
from branchpoint.statistics.kaplan_meier import kaplan_meier
from tests.unit.claims_text import STUDY, audited, claim, variables
from validation.planted_errors import paper_of
from validation.planting import Kind, plant

# --- what is true is not accused --------------------------------------------------------------------------------------

HEAD = STUDY + variables("arm", "response", "rash", "age")
PATIENT = st.tuples(
    st.sampled_from(["new", "old"]), st.sampled_from(["CR", "PR", "NR"]), st.booleans(), st.integers(0, 18)
)


def shown(value: float | Decimal, places: int) -> str:
    return str(Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def counted(name: str, who: str, group: list, event: str, *, holds, places: int) -> str:
    count = sum(map(holds, group))
    percent = shown(Decimal(100 * count) / len(group), places)
    return claim(name, "count", who, event=event, count=str(count), of=str(len(group)), percent=percent)


def printed(patients: list, places: int) -> tuple[str, list[str]]:
    """The file's head with its populations, and a claim for each row and column."""
    groups = {"all": patients} | {arm: [one for one in patients if one[0] == arm] for arm in ("new", "old")}
    groups = {name: group for name, group in groups.items() if group}
    where = {"all": "{}", "new": '{ arm = "new" }', "old": '{ arm = "old" }'}
    head, claims = HEAD, []
    for name, group in groups.items():
        head += f'[[population]]\nid = "{name}"\nlabel = "{name}"\nsize = {len(group)}\nwhere = {where[name]}\n'
        for level in ("CR", "PR", "NR"):
            event = f'{{ response = "{level}" }}'
            claims.append(
                counted(
                    f"{level}.{name}", name, group, event, holds=lambda one, want=level: one[1] == want, places=places
                )
            )
        claims.append(counted(f"rash.{name}", name, group, "{ rash = true }", holds=lambda one: one[2], places=places))
        ages = [one[3] for one in group]
        middle = f"{median(ages):g}"
        claims.append(
            claim(f"age.{name}", "median", name, variable="age", median=middle, low=str(min(ages)), high=str(max(ages)))
        )
    return head, claims


@settings(max_examples=60, deadline=None)
@given(st.lists(PATIENT, min_size=2, max_size=40), st.integers(0, 2), st.data())
def test_a_report_of_random_patients_is_not_accused(patients, places, data) -> None:
    head, claims = printed(patients, places)
    kept = data.draw(st.lists(st.sampled_from(claims), min_size=1, unique=True))
    found = audited(*kept, methods="{ sides = 2 }", trial=head)
    assert [one for one in found.values() if one.amiss] == []


@pytest.mark.parametrize("number", [70, 133, 210])
def test_a_synthetic_paper_is_not_accused(number: int) -> None:
    _, paper, _ = paper_of(number, 9)
    assert [one for one in audit(paper.read()) if one.amiss] == []


@pytest.mark.parametrize("kind", [Kind.DENOMINATOR, Kind.STANDARD_ERROR])
@pytest.mark.parametrize("number", [70, 133])
def test_a_wrong_denominator_and_a_standard_error_as_an_interval_are_found(number: int, kind: Kind) -> None:
    _, paper, _ = paper_of(number, 9)
    paper, edits = plant(paper, kind, np.random.Generator(np.random.Philox(number)))
    accused = {one.id for one in audit(paper.read()) if one.amiss}
    assert {edit.claim for edit in edits} <= accused


# --- P values ---------------------------------------------------------------------------------------------------------

COUNT = st.integers(0, 12)


@given(st.tuples(COUNT, COUNT), st.tuples(COUNT, COUNT))
def test_a_complement_table_and_groups_in_another_order_have_the_same_p_values(one, other) -> None:
    ours = {test.name: test.p() for test in every_test_of((one, other)) if test.sides != 1}
    for rows in (((one[1], one[0]), (other[1], other[0])), (other, one)):
        theirs = {test.name: test.p() for test in every_test_of(rows) if test.sides != 1}
        assert theirs == pytest.approx(ours, rel=1e-6, nan_ok=True)


@given(
    st.tuples(st.integers(0, 400), st.integers(0, 400)),
    st.tuples(st.integers(0, 400), st.integers(0, 400)),
    st.sampled_from(["two-sided", "less", "greater"]),
    st.booleans(),
)
def test_fishers_test_is_that_of_the_analysis(one, other, alternative, mid_p) -> None:
    theirs = fisher_exact((one, other), alternative, mid_p=mid_p).p
    assert fisher((one, other), alternative, mid_p=mid_p) == pytest.approx(theirs, rel=1e-6, abs=1e-200, nan_ok=True)


@given(st.lists(st.tuples(COUNT, COUNT, COUNT), min_size=2, max_size=3))
def test_every_p_value_of_a_larger_table_is_a_probability(rows) -> None:
    for test in every_test_of(tuple(rows)):
        p = test.p()
        assert np.isnan(p) or -1e-12 <= p <= 1 + 1e-12, test.name


# --- survival ---------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=3, max_size=30),
    st.integers(1, 30),
    st.sampled_from(["plain", "log", "log-log", "logit", "arcsine", "half", "error"]),
    st.integers(0, 2),
)
def test_an_estimate_of_random_times_is_possible(rows, at, form, places) -> None:
    time, event = (np.array(column) for column in zip(*rows, strict=True))
    curve = kaplan_meier(time, event)
    survival, error = (float(value) for value in (curve.at(at)[0], _error(curve, at)))
    if not 0 < survival < 1:
        return
    beside = {}
    if form in ("half", "error"):
        wide = 1.959963984540054 if form == "half" else 1
        name = "half_width" if form == "half" else "standard_error"
        beside = {name: Decimal(shown(100 * wide * error, places))}
    else:
        low, high = (float(limit) for limit in curve_limits(survival, error, 0.95, form))
        beside = {"low": Decimal(shown(100 * low, places)), "high": Decimal(shown(100 * high, places))}
    value = Survival(Decimal(shown(100 * survival, places)), Decimal(12), **beside)
    if not 0 < value.percent < 100:
        return
    assert judge(Group(len(rows)), value).verdict in {"match", "not derivable"}


def _error(curve, at) -> float:
    place = int(np.searchsorted(curve.time, at, side="right")) - 1
    return float(curve.standard_error[place]) if place >= 0 else 0.0


@settings(deadline=None)
@given(st.integers(2, 9), st.floats(0.05, 0.95), st.floats(0.001, 0.2), st.floats(0, 0.3), st.floats(0.01, 0.3))
def test_the_search_for_risk_sets_finds_what_listing_them_all_finds(size, low, width, least, wide) -> None:
    box = Box(low, min(low + width, 0.99), least, least + wide)
    found = risk_paths(size, box)
    assert found.complete
    paths = {found.path(place) for place in range(len(found))}
    every = [path for events in range(1, size) for path in combinations(range(size, 1, -1), events)]
    inside, outside = ({path for path in every if _in(box, path, slack)} for slack in (-1e-7, 1e-7))
    assert inside <= paths <= outside


@settings(deadline=None)
@given(
    st.integers(4, 60),
    st.tuples(st.floats(0.05, 0.95), st.floats(0.001, 0.2), st.floats(0, 0.2), st.floats(0.01, 0.3)),
    st.integers(0, 20),
    st.integers(5, 3000),
)
def test_a_search_is_given_up_beforehand_only_if_it_would_have_been(size, limits, censored, budget) -> None:
    low, width, least, wide = limits
    search = _Search(size, Box(low, min(low + width, 0.99), least, least + wide), min(size, 30), budget)
    if search._too_many(censored):
        search._too_many = lambda _: False
        assert not search.run(censored).complete


def _in(box: Box, path: tuple[int, ...], slack: float) -> bool:
    """Whether a path ends in a box, or within some distance of it; ends that lie on an edge are left to either side."""
    survival = prod(1 - 1 / at_risk for at_risk in path)
    error = survival * sqrt(sum(1 / (at_risk * (at_risk - 1)) for at_risk in path))
    within = box.low - slack <= survival <= box.high + slack
    return within and box.least_error - slack <= error <= box.most_error + slack


SIZES = (3, 3)


def _all_courses() -> dict[tuple[tuple[int, ...], ...], set[tuple[int, ...]]]:
    """By the risk sets of two groups of three, those of all: whoever leaves next, with an event or without."""
    found = defaultdict(set)
    leavers = set(combinations(range(sum(SIZES)), SIZES[0]))
    for first, events in product(leavers, product((True, False), repeat=sum(SIZES))):
        left, own, all_of = list(SIZES), ([], []), []
        for place, event in enumerate(events):
            group = 0 if place in first else 1
            if event:
                own[group].append(left[group])
                all_of.append(sum(left))
            left[group] -= 1
        found[tuple(map(tuple, own))].add(tuple(all_of))
    return found


COURSES = {
    own: every for own, every in _all_courses().items() if all(1 not in path for path in own) and any(map(len, own))
}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(COURSES)), st.floats(0.05, 0.95), st.floats(0.0, 0.1), st.floats(0, 0.2))
def test_the_search_for_pooled_risk_sets_finds_what_listing_all_courses_finds(own, low, width, least) -> None:
    parts = tuple(Part(size, path) for size, path in zip(SIZES, own, strict=True))
    box = Box(low, min(low + width, 0.999), least, inf)
    found = pooled(parts, box)
    assert found.proved
    ends = [path for path in COURSES[own] if 1 not in path]
    if any(_in(box, path, -1e-7) for path in ends):
        assert found.path is not None
    elif not any(_in(box, path, 1e-7) for path in ends):
        assert found.path is None


@given(st.sampled_from(sorted(COURSES)), st.data())
def test_every_course_of_two_groups_is_found(own, data) -> None:
    path = data.draw(st.sampled_from(sorted(COURSES[own])))
    survival = prod(1 - 1 / at_risk for at_risk in path)
    error = survival * sqrt(sum(1 / (at_risk * (at_risk - 1)) for at_risk in path))
    parts = tuple(Part(size, risk) for size, risk in zip(SIZES, own, strict=True))
    found = pooled(parts, Box(survival - 1e-6, survival + 1e-6, error - 1e-6, error + 1e-6))
    assert found.path is not None
    assert isclose(prod(1 - 1 / at_risk for at_risk in found.path), survival, abs_tol=2e-6)


# --- blame ------------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.frozensets(st.sampled_from("abcdef"), min_size=1, max_size=4), min_size=1, max_size=6),
    st.fixed_dictionaries({name: st.integers(1, 4) for name in "abcdef"}),
)
def test_the_least_sets_to_blame_are_those_found_by_trying_all(broken, weights) -> None:
    tried = [frozenset(some) for size in range(7) for some in combinations("abcdef", size)]
    covers = [some for some in tried if all(names & some for names in broken)]
    least = min(sum(weights[name] for name in cover) for cover in covers)
    expected = {cover for cover in covers if sum(weights[name] for name in cover) == least}
    assert set(smallest_covers(broken, weights)) == expected
