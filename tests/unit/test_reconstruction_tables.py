"""Joint tables of linked variables: small ones by hand, and against every cohort of a few patients."""

from collections import Counter
from itertools import combinations, combinations_with_replacement, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchpoint.publication.claims import Condition
from branchpoint.publication.reconstruction.conflicts.count_contradictions import count_contradictions, satisfiable
from branchpoint.publication.reconstruction.counts.categories import draw_categories, tables_of
from branchpoint.publication.reconstruction.counts.cliques import Clique, junction_forest
from branchpoint.publication.reconstruction.counts.joint_table import (
    JointModel,
    TableTooLargeError,
    components,
    joint_model,
)
from branchpoint.publication.reconstruction.counts.statements import Statement
from branchpoint.publication.solver import InfeasibleError
from tests.unit.claims_text import TRIAL, claim, claims_of


def forest(*scopes, levels=2):
    names = sorted({name for scope in scopes for name in scope})
    return junction_forest(dict.fromkeys(names, levels), [frozenset(scope) for scope in scopes])


def condition(**levels):
    return Condition({name: frozenset(own if isinstance(own, tuple) else (own,)) for name, own in levels.items()})


def statement(least, most, *terms, name="s", weight=1):
    return Statement(name, "count", name, terms, least, most, weight)


def counted(number, name="s", /, **levels):
    return statement(number, number, (1, condition(**levels)), name=name)


def random(seed):
    return np.random.Generator(np.random.Philox(seed))


# --- cliques ----------------------------------------------------------------------------------------------------------


def test_variables_in_a_row_need_tables_of_two() -> None:
    assert forest("ab", "bc", "cd") == (
        Clique(("a", "b"), None, ()),
        Clique(("b", "c"), 0, ("b",)),
        Clique(("c", "d"), 1, ("c",)),
    )


def test_variables_in_a_ring_are_cut_in_two() -> None:
    first, second = forest("ab", "bc", "cd", "da")
    assert {len(first.variables), len(second.variables)} == {3}
    assert {*first.variables} | {*second.variables} == set("abcd")
    assert second.separator in {("a", "c"), ("b", "d")}


def test_variables_that_nothing_links_stand_apart() -> None:
    assert [(one.parent, one.separator) for one in forest("ab", "cd", "e")] == [(None, ())] * 3


@given(st.lists(st.frozensets(st.sampled_from("abcdefg"), min_size=1, max_size=3), min_size=1, max_size=8))
def test_every_scope_has_a_clique_and_what_cliques_share_runs_along_the_tree(scopes) -> None:
    cliques = forest(*scopes)
    assert all(any(scope <= set(one.variables) for one in cliques) for scope in scopes)
    assert not any(set(one.variables) <= set(other.variables) for one, other in combinations(cliques, 2))
    for place, one in enumerate(cliques):
        before = {name for other in cliques[:place] for name in other.variables}
        assert one.parent is None or one.parent < place, "parents come first"
        above = cliques[one.parent].variables if one.parent is not None else ()
        assert set(one.separator) == set(one.variables) & set(above)
        assert set(one.variables) & before == set(one.separator), "what is shared, is shared with the parent"


# --- tables -----------------------------------------------------------------------------------------------------------

LEVELS = {"arm": ("new", "old"), "response": ("CR", "PR", "NR"), "rash": ("yes", "no"), "dead": ("yes", "no")}


def test_levels_that_no_statement_tells_apart_stand_together() -> None:
    ((own),) = components(LEVELS, [counted(8, arm="new", response="CR"), counted(5, arm="old")], prune=False)
    assert own.classes == {
        "arm": (frozenset({"new"}), frozenset({"old"})),
        "response": (frozenset({"CR"}), frozenset({"PR", "NR"})),
    }
    assert own.cells == (((0, 0), (0, 1), (1, 0), (1, 1)),)


def test_cells_that_a_rule_or_a_count_of_nobody_excludes_are_left_out() -> None:
    nobody = statement(0, 0, (1, condition(response="CR", dead="yes")))
    asked = [nobody, counted(9, response="NR")]
    (pruned,), (whole,) = (components(LEVELS, asked, prune=prune) for prune in (True, False))
    assert len(whole.cells[0]) - len(pruned.cells[0]) == 1
    cr, dead = pruned.classes["response"].index(frozenset({"CR"})), pruned.classes["dead"].index(frozenset({"yes"}))
    assert set(whole.cells[0]) - set(pruned.cells[0]) == {(cr, dead)}


def test_statements_without_a_variable_in_common_are_solved_apart() -> None:
    asked = [counted(8, arm="new", response="CR"), counted(3, rash="yes"), counted(5, response="NR")]
    assert [sorted(own.classes) for own in components(LEVELS, asked, prune=True)] == [["arm", "response"], ["rash"]]


def test_more_combinations_than_can_be_solved_are_refused_with_their_variables() -> None:
    """Sixteen variables of yes and no in one condition: 65,536 combinations."""
    names = [f"v{number:02}" for number in range(16)]
    trial = TRIAL + "".join(f'\n[[variable]]\nid = "{name}"\nlabel = "{name}"\n' for name in names)
    every = "{ " + ", ".join(f"{name} = true" for name in names) + " }"
    claims = claims_of(claim("all.of.them", "count", event=every, count="3"), trial=trial)
    with pytest.raises(TableTooLargeError, match=r"variables v00, v01, .*, v15: found more than 50,000 combinations"):
        tables_of(joint_model(claims))


def test_a_table_by_hand_is_found_and_its_contradiction_too() -> None:
    """Of 10, 6 new and 7 with CR: at least 3 are new with CR, and at most 6."""
    arm, cr = counted(6, "arm", arm="new"), counted(7, "cr", response="CR")
    both = [counted(number, "both", arm="new", response="CR") for number in range(9)]
    found = [satisfiable(LEVELS, [arm, cr, one], 10) for one in both]
    assert found == [number in range(3, 7) for number in range(9)]
    (two,) = count_contradictions(JointModel(10, LEVELS, (arm, both[7]))).sets
    assert [one.claim for one in two.statements] == ["arm", "both"]
    (three,) = count_contradictions(JointModel(10, LEVELS, (arm, cr, both[2]))).sets
    assert [one.claim for one in three.statements] == ["arm", "cr", "both"]


def test_tables_that_overlap_agree_on_what_they_share() -> None:
    """Arm and response, response and rash, rash and death: 4 with CR, all of them with a rash, and nobody with one."""
    chain = [
        counted(4, "cr", arm="new", response="CR"),
        statement(0, 0, (1, condition(response="CR", rash="no")), name="rule"),
        counted(3, "rash", rash="yes", dead=("yes", "no")),
    ]
    assert not satisfiable(LEVELS, chain, 10)
    assert satisfiable(LEVELS, [*chain[:2], counted(4, "rash", rash="yes")], 10)


# --- against every cohort ---------------------------------------------------------------------------------------------

SMALL = {"a": ("x", "y", "z"), "b": ("x", "y"), "c": ("x", "y")}
PEOPLE = [dict(zip(SMALL, levels, strict=True)) for levels in product(*SMALL.values())]
SIZE = 3
COHORTS = list(combinations_with_replacement(range(len(PEOPLE)), SIZE))

CONDITION = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(["x", "y"]), min_size=1, max_size=2)
TERM = st.tuples(st.sampled_from([1, 1, -1]), CONDITION)
ASKED = st.tuples(st.lists(TERM, min_size=1, max_size=2), st.integers(-1, SIZE), st.integers(0, 1), st.integers(1, 3))


def asked_of(rows):
    return tuple(
        statement(low, low + wide, *((m, condition(**levels)) for m, levels in terms), name=f"s{number}", weight=weight)
        for number, (terms, low, wide, weight) in enumerate(rows)
    )


def fulfilled_by(statements):
    """For each cohort, which of the statements it fulfills."""
    holding = [
        [sum(m * condition.holds(patient) for m, condition in one.terms) for patient in PEOPLE] for one in statements
    ]
    return [
        frozenset(
            one
            for one, own in zip(statements, holding, strict=True)
            if one.least <= sum(own[place] for place in cohort) <= one.most
        )
        for cohort in COHORTS
    ]


@settings(max_examples=80, deadline=None)
@given(st.lists(ASKED, min_size=1, max_size=6))
def test_statements_can_be_true_together_exactly_where_some_cohort_fulfills_them(rows) -> None:
    statements = asked_of(rows)
    expected = any(len(fulfilled) == len(statements) for fulfilled in fulfilled_by(statements))
    assert satisfiable(SMALL, statements, SIZE) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(ASKED, min_size=1, max_size=6, unique_by=lambda row: repr(row[:3])))
def test_what_is_dropped_is_the_least_and_each_of_it_is_explained_by_all_smallest_sets(rows) -> None:
    statements = asked_of(rows)
    fulfilled = set(fulfilled_by(statements))
    found = count_contradictions(JointModel(SIZE, SMALL, statements), limit=1000)
    weights = Counter()
    for one in statements:
        weights[one.content] += one.weight
    assert found.complete
    best = max(sum(one.weight for one in own) for own in fulfilled)
    assert sum(one.weight for one in found.dropped) == sum(one.weight for one in statements) - best
    assert any(set(statements) - set(found.dropped) <= own for own in fulfilled)

    def contradict(some):
        return not any(set(some) <= own for own in fulfilled)

    told = {frozenset(one.statements) for one in found.sets}
    assert len(told) == len(found.sets)
    first = {one.content: one for one in reversed(statements)}
    distinct = list(reversed(first.values()))
    dropped = {first[one.content] for one in found.dropped}
    expected = set()
    for own in dropped:
        kept = [one for one in distinct if one is own or one not in dropped]
        failing = [set(some) for size in range(len(kept) + 1) for some in combinations(kept, size) if contradict(some)]
        expected |= {frozenset(some) for some in failing if not any(other < some for other in failing)}
    assert told == expected


# --- drawing ----------------------------------------------------------------------------------------------------------


def holds(statement, patients):
    total = sum(m * sum(condition.holds(patient) for patient in patients) for m, condition in statement.terms)
    return statement.least <= total <= statement.most


def test_every_draw_fulfills_every_statement_and_has_every_variable_that_is_spoken_of() -> None:
    asked = (
        counted(11, arm="new"),
        counted(5, arm="new", response="CR"),
        statement(2, 4, (1, condition(response="NR", rash="yes"))),
        statement(0, 0, (1, condition(rash="no", dead="yes"))),
        statement(1, 1, (1, condition(response="CR")), (-1, condition(dead="yes"))),
    )
    tables = tables_of(JointModel(20, LEVELS, asked))
    draws = [draw_categories(tables, random(number), {}) for number in range(10)]
    assert all(holds(one, patients) for one in asked for patients in draws)
    assert all(len(patients) == 20 and set(patient) == set(LEVELS) for patients in draws for patient in patients)
    distinct = {tuple(sorted(tuple(patient[name] for name in LEVELS) for patient in patients)) for patients in draws}
    assert len(distinct) == 10


def test_what_the_statements_leave_open_varies_over_all_that_it_can_be() -> None:
    """Of 10, 6 new and 7 with CR: 3 to 6 are new with CR."""
    both = condition(arm="new", response="CR")
    asked = (counted(6, arm="new"), counted(7, response="CR"), statement(0, 10, (1, both)))
    tables = tables_of(JointModel(10, LEVELS, asked))
    found = Counter(sum(map(both.holds, draw_categories(tables, random(seed), {}))) for seed in range(60))
    assert set(found) <= {3, 4, 5, 6}
    assert {4, 5} <= set(found), "in a random cohort they are 4 or 5 of 10, four times out of five"


def test_levels_that_nothing_tells_apart_are_drawn_at_random() -> None:
    tables = tables_of(JointModel(30, LEVELS, (counted(10, response="CR"),)))
    found = Counter(patient["response"] for seed in range(5) for patient in draw_categories(tables, random(seed), {}))
    assert found["CR"] == 50
    assert 30 < found["PR"] < 70, "100 fair throws come out so but in 1 of 10,000 cases"


def test_the_order_of_patients_says_nothing() -> None:
    tables = tables_of(JointModel(12, LEVELS, (counted(6, arm="new"), counted(6, response="CR"))))
    first = {draw_categories(tables, random(seed), {})[0]["arm"] for seed in range(12)}
    assert first == {"new", "old"}


def test_statements_that_contradict_each_other_cannot_be_drawn() -> None:
    with pytest.raises(InfeasibleError, match="the claims used there contradict each other"):
        tables_of(JointModel(10, LEVELS, (counted(6, arm="new"), counted(3, arm="old"))))
    with pytest.raises(InfeasibleError):
        tables_of(JointModel(10, LEVELS, (counted(9),)))
