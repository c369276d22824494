"""What cannot be true together: small reports of which the contradictory numbers are known by hand.

The trial has 40 patients, 22 on the new and 18 on the old treatment, 0 to 18 years old, and lasted 366 days.
"""

from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from itertools import combinations
from math import prod

import pytest

from branchpoint.publication.claims import Survival
from branchpoint.publication.reconstruction.cohort import reconstruct
from branchpoint.publication.reconstruction.conflicts.contradictions import contradictions
from branchpoint.publication.reconstruction.values.printed_survival import risk_sets
from tests.unit.claims_text import TRIAL, claim, claims_of, disagreements

CR = '{ response = "CR" }'


def count(name, who, number, event=CR, **fields):
    return claim(name, "count", who, event=event, count=str(number), **fields)


def survival(name, who, percent, at="12", **fields):
    return claim(name, "survival", who, variable="os", at=at, percent=percent, **fields)


def age(name, kind, who="all", **fields):
    return claim(name, kind, who, variable="age", **fields)


def rule(name, given, then):
    return f'\n[[rule]]\nid = "{name}"\nplace = "Methods"\ngiven = {given}\nthen = {then}\n'


def names(statements):
    return " ".join(sorted(f"{one.claim}.{one.field}" for one in statements))


RESPONSES = tuple(count(level, "new", 8, f'{{ response = "{level}" }}') for level in ("CR", "PR", "NR"))

KNOWN = {
    "more than the population": (
        [count("cr", "new", 25, verbatim=True)],
        # 22 are new; and with 18 old of 40, no more can be.
        {"cr.count new.size", "cr.count old.size"},
        "cr.count",
    ),
    "parts that do not add up": (
        list(RESPONSES),
        {"CR.count NR.count PR.count new.size", "CR.count NR.count PR.count old.size"},
        "NR.count",
    ),
    "the same patients, counted twice": (
        [count("text", "new", 8), count("table", "new", 9)],
        {"table.count text.count"},
        "table.count",
    ),
    "the same patients under two names": (
        [count("text", "new", 8), count("table", "all", 9, '{ response = "CR", arm = "new" }')],
        {"table.count text.count"},
        "table.count",
    ),
    "a part larger than its whole": (
        [count("new", "new", 8), count("all", "all", 7)],
        {"all.count new.count"},
        "all.count",
    ),
    "a count and its percentage": (
        # 8 of 22 are 36.4%.
        [count("cr", "new", 8, percent="34.6")],
        {"cr.percent"},
        "cr.percent",
    ),
    "a percentage of another count": (
        # 9 of 22 are 40.9%.
        [count("cr", "new", 8, percent="40.9")],
        {"cr.count cr.percent"},
        "cr.percent",
    ),
    "a percentage that nobody has": (
        # Of 40, 17 are 42.5% and 18 are 45%.
        [claim("cr", "percentage", event=CR, percent="44")],
        {"cr.percent"},
        "cr.percent",
    ),
    "a denominator larger than the population": (
        [count("cr", "new", 8, of="25", verbatim=True)],
        {"cr.of new.size", "cr.of old.size"},
        "cr.of",
    ),
    "two numbers of those whose response is known": (
        [count("cr", "new", 8, of="20"), count("pr", "new", 6, '{ response = "PR" }', of="21")],
        {"cr.of pr.of"},
        "pr.of",
    ),
    "a rule that more patients break than can": (
        [
            count("rash", "all", 12, "rash"),
            count("dead", "all", 8, "dead"),
            rule("fatal", "{ rash = true }", "{ dead = true }"),
        ],
        {"dead.count fatal.rule rash.count"},
        "dead.count",
    ),
    "a rule within a rule": (
        # Rash only in those without response, who all died; 5 had a rash and responded or lived.
        [
            rule("toxic", "{ rash = true }", '{ response = "NR" }'),
            rule("lost", '{ response = "NR" }', "{ dead = true }"),
            count("odd", "all", 5, "{ rash = true, dead = false }"),
        ],
        {"lost.rule odd.count toxic.rule"},
        "odd.count",
    ),
    "a sum that its parts do not give": (
        # Deaths and rashes share patients, so that nothing but the statement adds them up.
        [
            claim("added", "sum", whole="cr", parts='["rash", "dead"]'),
            count("rash", "all", 6, "rash"),
            count("dead", "all", 5, "dead"),
            count("cr", "all", 10),
        ],
        {"added.parts cr.count dead.count rash.count"},
        "cr.count",
    ),
    "a median outside its range": (
        [age("age", "median", median="9", low="10", high="17", verbatim=True)],
        {"age.low age.median"},
        "age.low",
    ),
    "a value outside its limits": (
        [age("age", "range", low="1", high="19")],
        {"age.high"},
        "age.high",
    ),
    "a part whose range is wider": (
        [age("all", "range", low="3", high="12"), age("new", "range", "new", low="2", high="12")],
        {"all.low new.low"},
        "new.low",
    ),
    "a median above those of both parts": (
        # Of each part the two in the middle add up to 12 at the most, and then so do those of all: 6.
        [
            age("all", "median", median="7"),
            age("new", "median", "new", median="6"),
            age("old", "median", "old", median="6"),
        ],
        {"all.median new.median old.median"},
        "old.median",
    ),
    "a median between the steps of its scale": (
        # In whole years, a median is whole or a half.
        [age("age", "median", median="9.3")],
        {"age.median"},
        "age.median",
    ),
    "a mean that no sum gives": (
        # 18 patients in whole years: 171 years make 9.50, 172 make 9.56.
        [age("age", "mean", "old", mean="9.53")],
        {"age.mean"},
        "age.mean",
    ),
    "a mean outside the range": (
        [age("mean", "mean", "old", mean="9.50"), age("range", "range", "old", low="10", high="12")],
        {"mean.mean range.low"},
        "range.low",
    ),
    "a mean that the median keeps down": (
        # The ninth and tenth are 9 and 9 at the most, all others 10 at the most: 170 years, 9.44.
        [age("mean", "mean", "old", mean="9.50"), age("middle", "median", "old", median="9", low="8", high="10")],
        {"mean.mean middle.high middle.median"},
        "middle.high",
    ),
    "longer than the study": (
        [claim("start", "range", variable="start", low="0", high="400")],
        {"cutoff.date first.date start.high"},
        "start.high",
    ),
    "survival that one event goes beyond": (
        # Of 18, one event leaves 17/18, 94.4%, or less.
        [survival("os", "old", "97.0")],
        {"os.percent"},
        "os.percent",
    ),
    "limits that no risk sets have": (
        # Nine events in 18 have a standard error of 11.8%, and the fewer are at risk the greater it is.
        [survival("os", "old", "50.0", low="40.0", high="60.0")],
        {"os.low os.percent", "os.high os.percent"},
        "os.high os.low",
    ),
    "deaths in a curve of the living": (
        [survival("os", "old", "50.0"), count("dead", "old", 0, "dead")],
        {"dead.count os ≤ 12.rule os.percent"},
        "os.percent",
    ),
}


@pytest.mark.parametrize("case", KNOWN)
def test_the_smallest_contradictory_sets_are_those_found_by_hand(case) -> None:
    tables, sets, dropped = KNOWN[case]
    found = contradictions(claims_of(*tables))
    assert {names(one.statements) for one in found.sets} == sets
    assert names(found.dropped) == dropped
    assert (found.complete, found.proven, bool(found)) == (True, True, True)


def test_survival_that_rises_contradicts_itself() -> None:
    """Either estimate can be, with one event or with many; but none is higher than one before it."""
    found = contradictions(claims_of(survival("half", "old", "50.0", at="6"), survival("year", "old", "75.0")))
    assert [names(one.statements) for one in found.sets] == ["half.percent year.percent"]
    assert names(found.dropped) == "year.percent"


SIX = TRIAL.replace("size = 40", "size = 6").replace("size = 22", "size = 3").replace("size = 18", "size = 3")


@pytest.mark.parametrize(("whole", "possible"), [("33.3", True), ("25.0", True), ("22.2", True), ("20.8", False)])
def test_survival_of_a_whole_is_held_against_that_of_its_parts(whole, possible) -> None:
    """A third of three: deaths at 3 and 2 at risk in both groups, so that whoever is left leaves after them.

    Of all, deaths are at 6, 5, 4 and 3 at risk; at 6, 5, 4 and 2 where one group's last left before the last death of
    the other; at 6, 5, 3 and 2 where he left before both. For 20.8%, of deaths at 6, 4, 3 and 2, somebody would have
    left after the first.
    """
    told = [survival("new", "new", "33.3"), survival("old", "old", "33.3"), survival("all", "all", whole)]
    assert contradictions(claims_of(told[2], trial=SIX)).sets == ()
    found = contradictions(claims_of(*told, trial=SIX))
    expected = [] if possible else ["all.percent new.percent old.percent"]
    assert [names(one.statements) for one in found.sets] == expected


def test_a_report_without_contradictions_has_none() -> None:
    found = contradictions(claims_of(count("cr", "new", 8, percent="36.4"), age("age", "median", median="9.5")))
    assert (found.sets, found.dropped, found.complete, bool(found)) == ((), (), True, False)
    assert str(found) == "All statements can be true together."


# --- what is dropped --------------------------------------------------------------------------------------------------


def test_one_number_that_contradicts_two_others_is_dropped_alone() -> None:
    """Told three times as 16, 10 and 6, and once more as 11 among the new."""
    told = [count("all", "all", 16), count("new", "new", 11), count("old", "old", 6), count("again", "new", 10)]
    found = contradictions(claims_of(*told))
    assert {names(one.statements) for one in found.sets} == {"again.count new.count", "all.count new.count old.count"}
    assert names(found.dropped) == "new.count"


def test_what_is_printed_twice_outweighs_what_is_printed_once() -> None:
    first_wrong = [count("a", "new", 9), count("b", "new", 8), count("c", "new", 8)]
    assert names(contradictions(claims_of(*first_wrong)).dropped) == "a.count"
    last_wrong = [count("a", "new", 9, percent="40.9"), count("b", "new", 8)]
    assert names(contradictions(claims_of(*last_wrong)).dropped) == "b.count"


def test_a_percentage_is_dropped_rather_than_a_count_and_a_count_rather_than_a_size() -> None:
    told = [count("cr", "new", 8, percent="40.9"), count("dead", "new", 23, "dead", verbatim=True)]
    found = contradictions(claims_of(*told))
    assert names(found.dropped) == "cr.percent dead.count"


def test_what_the_file_sets_aside_is_dropped_first() -> None:
    """Two claims agree on 8; the file follows the one that says 9."""
    aside = {"used": False, "conflict": "The table says 9."}
    told = [count("a", "new", 8, **aside), count("b", "new", 8, **aside), count("c", "new", 9)]
    assert names(contradictions(claims_of(*told)).dropped) == "a.count b.count"
    numbers = [age("a", "median", median="9", used=False, conflict="It is 10."), age("b", "median", median="10")]
    assert names(contradictions(claims_of(*numbers)).dropped) == "a.median"
    curves = [survival("a", "old", "97.0", used=False, conflict="It is 94.4."), survival("b", "old", "94.4")]
    assert names(contradictions(claims_of(*curves)).dropped) == "a.percent"


def test_no_more_sets_are_listed_than_asked_for() -> None:
    told = [count(f"c{number}", "new", number) for number in range(1, 6)]
    found = contradictions(claims_of(*told), limit=2)
    assert len(found.dropped) == 4, "one of five can be true"
    assert all(names(one.statements).count("count") == 2 for one in found.sets)
    none = contradictions(claims_of(*told), limit=0)
    assert (none.sets, names(none.dropped), none.complete) == ((), names(found.dropped), False)


# --- what is told -----------------------------------------------------------------------------------------------------


def test_contradictions_read_as_sentences() -> None:
    one = contradictions(claims_of(claim("cr", "percentage", event=CR, percent="44", quantity="CR")))
    assert str(one) == (
        "No cohort of 40 can have 'CR, All patients: 44% of 40 (Table 1), which no number of patients prints like'.\n"
        "The rest can be true together without "
        "'CR, All patients: 44% of 40 (Table 1), which no number of patients prints like'."
    )
    two = contradictions(claims_of(count("a", "new", 8), count("b", "new", 9)))
    assert str(two.sets[0]) == (
        "No cohort of 40 can have both 'a, New treatment: 8 of 22 (Table 1)' and 'b, New treatment: 9 of 22 (Table 1)'."
    )
    three = contradictions(claims_of(count("a", "all", 16), count("b", "new", 10), count("c", "old", 7)))
    assert str(three.sets[0]) == (
        "No cohort of 40 can have all of 'a, All patients: 16 of 40 (Table 1)', 'b, New treatment: 10 of 22 (Table 1)' "
        "and 'c, Old treatment: 7 of 18 (Table 1)'."
    )
    assert "There may be more contradictory sets." in str(contradictions(claims_of(*RESPONSES), limit=1))


# --- survival, against all risk sets ----------------------------------------------------------------------------------


def attainable(size, rounding):
    """What a Kaplan-Meier estimate of so many patients prints, in percent to one decimal: all sets of risk sets."""
    found = set()
    for events in range(size + 1):
        for at_risk in combinations(range(1, size + 1), events):
            share = prod((Decimal(n - 1) / n for n in at_risk), start=Decimal(1))
            found.add((100 * share).quantize(Decimal("0.1"), rounding))
    return found


@pytest.mark.parametrize("size", [3, 5, 6])
def test_an_estimate_is_possible_exactly_where_some_risk_sets_print_it(size) -> None:
    """An estimate of 31.25% is printed as 31.3; that it is no 31.2 need not be proven."""
    every = {Decimal(number).scaleb(-1) for number in range(1001)}
    possible = {percent for percent in every if risk_sets(size, Survival(percent, Decimal(12))).possible}
    printed = attainable(size, ROUND_HALF_UP)
    assert printed <= possible <= printed | attainable(size, ROUND_HALF_DOWN)


@pytest.mark.parametrize(("size", "percent"), [(8, "87"), (16, "31.2")])
def test_an_estimate_halfway_between_two_printed_ones_is_printed_as_the_greater(size, percent) -> None:
    """7 of 8 are 87.5%, printed as 88, and 5 of 16 are 31.25%, printed as 31.3."""
    trial = TRIAL.replace("size = 22", f"size = {size}").replace("size = 40", f"size = {size + 18}")
    found = reconstruct(claims_of(survival("os", "new", percent), trial=trial), draws=2)
    assert disagreements(found) == []


# --- the rest is followed ---------------------------------------------------------------------------------------------

TOLD = [
    count("first.cr", "new", 8, percent="36.4"),
    count("first.pr", "old", 6, '{ response = "PR" }', percent="33.3"),
    count("first.rash", "new", 5, "rash", percent="22.7"),
    count("first.dead", "new", 9, "dead"),
    age("first.age", "median", "new", median="8.5", low="3", high="11"),
    survival("first.os", "new", "70.1", at="6"),
]


@pytest.mark.parametrize("case", KNOWN)
def test_the_reconstruction_goes_on_without_what_is_dropped(case) -> None:
    tables, _, _ = KNOWN[case]
    found = reconstruct(claims_of(*TOLD, *tables))
    assert found.dropped
    assert disagreements(found) == []
    assert found.unmet == {}


def test_what_is_dropped_is_missing_from_the_cohorts() -> None:
    found = reconstruct(claims_of(*TOLD, count("again", "new", 9)), draws=2)
    assert names(found.dropped) == "again.count"
    assert [wrong for _, _, wrong in disagreements(found, dropped=frozenset())] == [("count 9: found 8",)] * 2
