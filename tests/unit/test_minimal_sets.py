"""The smallest contradictory sets and the least to drop, against trying every subset."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchpoint.publication.reconstruction.conflicts.minimal_sets import Chooser, minimal_sets

ITEMS = tuple("abcdef")
ONE_EACH = (1,) * len(ITEMS)


def subsets(items):
    return [some for size in range(len(items) + 1) for some in combinations(items, size)]


def contradictory(items, possible):
    """By trying everything: the sets that cannot hold and of which every part can."""
    failing = [set(some) for some in subsets(items) if not possible(some)]
    return {frozenset(some) for some in failing if not any(other < some for other in failing)}


def least_weight(items, weights, possible):
    """By trying everything: what it costs at the least to be left with what can hold."""
    price = dict(zip(items, weights, strict=True))
    return min(sum(price[i] for i in items if i not in kept) for kept in subsets(items) if possible(kept))


def avoiding(cores):
    """Whether none of some sets is whole among the kept."""
    return lambda kept: not any(core <= set(kept) for core in cores)


def found_as_by_trying(items, weights, possible):
    found = minimal_sets(items, weights, possible, limit=1000)
    assert found.complete
    assert {frozenset(some) for some in found.sets} == contradictory(items, possible)
    assert len(found.sets) == len(set(found.sets))
    assert [len(some) for some in found.sets] == sorted(len(some) for some in found.sets)
    kept = tuple(item for item in items if item not in found.dropped)
    assert possible(kept)
    price = dict(zip(items, weights, strict=True))
    assert sum(price[item] for item in found.dropped) == least_weight(items, weights, possible)


# --- against all subsets ----------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.frozensets(st.sampled_from(ITEMS), min_size=1, max_size=4), max_size=5),
    st.lists(st.integers(0, 4), min_size=len(ITEMS), max_size=len(ITEMS)),
)
def test_sets_that_cannot_be_whole_are_found_and_the_lightest_is_dropped(cores, weights) -> None:
    found_as_by_trying(ITEMS, weights, avoiding(cores))


SUMS = st.lists(
    st.tuples(st.tuples(*[st.integers(-1, 1)] * 3), st.integers(-3, 6), st.integers(0, 3)),
    min_size=1,
    max_size=6,
    unique=True,
)


@settings(max_examples=40, deadline=None)
@given(SUMS, st.data())
def test_sums_of_whole_numbers_contradict_each_other_as_all_values_of_them_show(sums, data) -> None:
    """Three numbers of 0 to 3, of which sums are asked to lie within limits."""
    weights = data.draw(st.lists(st.integers(1, 3), min_size=len(sums), max_size=len(sums)))

    def keeps(numbers, multipliers, low, wide):
        return low <= sum(m * n for m, n in zip(multipliers, numbers, strict=True)) <= low + wide

    def possible(kept):
        return any(all(keeps(numbers, *one) for one in kept) for numbers in product(range(4), repeat=3))

    found_as_by_trying(sums, weights, possible)


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_what_can_hold_together_is_not_contradicted() -> None:
    found = minimal_sets(ITEMS, ONE_EACH, lambda _: True)
    assert (found.sets, found.dropped, found.complete) == ((), (), True)


def test_one_that_everything_contradicts_is_dropped_alone() -> None:
    found = minimal_sets(ITEMS, ONE_EACH, lambda kept: "c" not in kept or len(kept) == 1)
    assert found.dropped == ("c",)
    assert set(found.sets) == {("a", "c"), ("b", "c"), ("c", "d"), ("c", "e"), ("c", "f")}


def test_two_light_ones_are_dropped_rather_than_a_heavy_one() -> None:
    clashes = avoiding([{"a", "b"}, {"a", "c"}])
    assert minimal_sets("abc", (3, 1, 1), clashes).dropped == ("b", "c")
    assert minimal_sets("abc", (1, 1, 1), clashes).dropped == ("a",)


def test_of_two_that_weigh_the_same_the_later_is_dropped() -> None:
    assert minimal_sets(ITEMS, ONE_EACH, avoiding([{"b", "e"}])).dropped == ("e",)
    assert minimal_sets(ITEMS, (1, 1, 1, 1, 2, 1), avoiding([{"b", "e"}])).dropped == ("b",)


def test_what_weighs_nothing_is_dropped_first() -> None:
    assert minimal_sets("abc", (0, 1, 1), avoiding([{"a", "b"}, {"a", "c"}])).dropped == ("a",)
    assert minimal_sets("abc", (1, 0, 0), avoiding([{"a", "b"}, {"a", "c"}])).dropped == ("b", "c")


@pytest.mark.parametrize(("limit", "complete"), [(0, False), (2, False), (4, True), (9, True)])
def test_no_more_sets_are_listed_than_asked_for_and_it_is_said_whether_these_are_all(limit, complete) -> None:
    found = minimal_sets(ITEMS, ONE_EACH, avoiding([{"a", "b"}, {"c", "d"}, {"e", "f"}]), limit=limit)
    assert len(found.sets) == min(limit, 3)
    assert found.complete == complete
    assert found.dropped == ("b", "d", "f"), "whatever is listed, all of them have to go"


def test_the_smallest_sets_are_listed_first() -> None:
    cores = [{"a", "b", "c"}, {"d"}, {"e", "f"}]
    assert minimal_sets(ITEMS, ONE_EACH, avoiding(cores), limit=2).sets == (("d",), ("e", "f"))


def test_no_question_is_asked_twice() -> None:
    asked = []
    cores = avoiding([{"a", "b"}, {"b", "c", "d"}, {"e"}])
    minimal_sets(ITEMS, ONE_EACH, lambda kept: asked.append(kept) or cores(kept))
    assert len(asked) == len(set(asked))


# --- the choice -------------------------------------------------------------------------------------------------------

SETS = st.lists(st.frozensets(st.sampled_from(ITEMS), min_size=1), max_size=4)


@settings(max_examples=80, deadline=None)
@given(SETS, SETS, st.lists(st.integers(1, 4), min_size=len(ITEMS), max_size=len(ITEMS)))
def test_the_lightest_choice_is_that_of_trying_all(hit, avoided, weights) -> None:
    chooser, price = Chooser(ITEMS, weights), dict(zip(ITEMS, weights, strict=True))
    for some in hit:
        chooser.hit(some)
    for some in avoided:
        chooser.avoid(some)
    fitting = [
        some
        for some in map(set, subsets(ITEMS))
        if all(some & one for one in hit) and not any(one <= some for one in avoided)
    ]
    best = chooser.best()
    if not fitting:
        assert best is None
        return
    assert best is not None
    assert set(best) in fitting
    assert sum(price[item] for item in best) == min(sum(price[item] for item in some) for some in fitting)
