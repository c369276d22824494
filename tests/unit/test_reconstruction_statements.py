"""What a claims file says about numbers of patients: each printed field as a sum that lies within limits."""

import pytest

from branchpoint.publication.claims import Condition
from branchpoint.publication.reconstruction.counts.missing_values import with_missing_values
from branchpoint.publication.reconstruction.counts.statements import WEIGHTS, cohort_size, statements_of
from tests.unit.claims_text import TRIAL, claim, claims_of


def condition(**levels):
    return Condition({name: frozenset(own if isinstance(own, tuple) else (own,)) for name, own in levels.items()})


def said(*tables, trial=TRIAL):
    """Claim and field of each statement, with the statement; the sizes of the trial's populations left out."""
    every = statements_of(claims_of(*tables, trial=trial))
    return {(one.claim, one.field): one for one in every if (one.claim, one.field) not in SIZES}


SIZES = {("all", "size"), ("new", "size"), ("old", "size")}
EVERYBODY = condition()
NEW_CR = condition(arm="new", response="CR")


def rule(name, given, then):
    return f'\n[[rule]]\nid = "{name}"\nplace = "Methods"\ngiven = {given}\nthen = {then}\n'


# --- counts and percentages -------------------------------------------------------------------------------------------


def test_a_count_with_its_percentage_says_two_things_of_one_number() -> None:
    """11 of 22 are 50.0%; 10 are 45.5% and 12 are 54.5%."""
    found = said(claim("cr", "count", "new", event='{ response = "CR" }', count="11", percent="50.0"))
    assert {field: (one.terms, one.least, one.most) for (_, field), one in found.items()} == {
        "count": (((1, NEW_CR),), 11, 11),
        "percent": (((1, NEW_CR),), 11, 11),
    }


@pytest.mark.parametrize(
    ("percent", "of", "least", "most"),
    [
        ("50", "40", 20, 20),  # 19 are 47.5, 21 are 52.5
        ("60", "200", 119, 120),  # 119 are 59.5, which is printed as 60; 121 are 60.5, which is 61
        ("0", "300", 0, 1),  # 1 is 0.33; 2 are 0.67
        ("100", "300", 299, 300),
        ("33.3", "9999", 3325, 3334),  # 33.25% to 33.35% of 9999 are 3324.67 to 3334.67
    ],
)
def test_a_percentage_is_every_number_that_prints_so(percent, of, least, most) -> None:
    large = TRIAL.replace("size = 40", f"size = {of}")
    found = said(claim("cr", "percentage", event='{ response = "CR" }', percent=percent), trial=large)
    assert (found["cr", "percent"].least, found["cr", "percent"].most) == (least, most)


def test_a_percentage_that_no_number_prints_as_says_so() -> None:
    """Of 40, 17 are 42.5 (43) and 18 are 45: none are 44%."""
    one = said(claim("cr", "percentage", event='{ response = "CR" }', percent="44"))["cr", "percent"]
    assert one.least > one.most
    assert str(one) == "cr, All patients: 44% of 40 (Table 1), which no number of patients prints like"


def test_a_denominator_smaller_than_the_population_says_of_how_many_the_category_is_known() -> None:
    """12 of 20 are 60%, and of the 22 on the new treatment the response of 2 is not known."""
    told = claims_of(claim("cr", "count", "new", event='{ response = "CR" }', count="12", of="20", percent="60"))
    found = {one.field: one for one in statements_of(with_missing_values(told)) if one.claim == "cr"}
    known = condition(arm="new", response=("CR", "PR", "NR"))
    assert {field: (one.terms, one.least, one.most) for field, one in found.items()} == {
        "count": (((1, NEW_CR),), 12, 12),
        "percent": (((1, NEW_CR),), 12, 12),
        "of": (((1, known),), 20, 20),
    }


def test_a_denominator_larger_than_the_population_contradicts_its_size() -> None:
    cr = claim("cr", "count", "new", event='{ response = "CR" }', count="12", of="24", verbatim=True)
    one = said(cr)["cr", "of"]
    assert (one.terms, one.least, one.most) == (((1, condition(arm="new")),), 24, 24)


def test_of_a_proportion_the_percentage_counts_and_its_limits_do_not() -> None:
    value = {"percent": "50.0", "low": "28.2", "high": "71.8"}
    found = said(claim("cr", "proportion", "new", event='{ response = "CR" }', **value))
    assert {field: (one.least, one.most) for (_, field), one in found.items()} == {"percent": (11, 11)}


def test_a_level_that_everybody_may_have_is_not_named() -> None:
    every = '{ response = ["CR", "PR", "NR"], rash = true }'
    ((_, own),) = said(claim("any", "count", event=every, count="3"))["any", "count"].terms
    assert own == condition(rash="yes")


def test_what_is_not_said_in_variables_is_no_statement() -> None:
    age = claim("age", "median", variable="age", median="9")
    elsewhere = claim("cr", "count", "few", event='{ response = "CR" }', count="2")
    unsaid = claim("visits", "count", count="3")
    assert said(age, elsewhere, unsaid) == {}


# --- populations, sums and rules --------------------------------------------------------------------------------------


def test_every_population_that_is_said_in_variables_has_its_size() -> None:
    sizes = [(one.claim, one.terms, one.least, one.most) for one in statements_of(claims_of())]
    assert sizes == [
        ("all", ((1, EVERYBODY),), 40, 40),
        ("new", ((1, condition(arm="new")),), 22, 22),
        ("old", ((1, condition(arm="old")),), 18, 18),
    ]


def test_parts_that_add_up_take_the_parts_from_the_whole() -> None:
    counts = [
        claim(f"cr.{who}", "count", who, event='{ response = "CR" }', count=count)
        for who, count in (("all", "16"), ("new", "10"), ("old", "6"))
    ]
    one = said(*counts, claim("added", "sum", whole="cr.all", parts='["cr.new", "cr.old"]'))["added", "parts"]
    assert one.terms == ((1, condition(response="CR")), (-1, NEW_CR), (-1, condition(arm="old", response="CR")))
    assert (one.least, one.most) == (0, 0)
    assert not one.excludes, "16 may fulfill its conditions"


def test_a_rule_says_that_nobody_has_what_is_given_and_another_level_of_any_variable_that_follows() -> None:
    found = said(rule("fatal", "{ rash = true }", '{ dead = true, response = ["PR", "NR"] }'))
    one = found["fatal", "rule"]
    assert one.terms == ((1, condition(rash="yes", dead="no")), (1, condition(rash="yes", response="CR")))
    assert (one.least, one.most) == (0, 0)
    assert one.excludes
    assert str(one) == "whoever has rash yes has dead yes, response NR or PR (Methods)"


# --- weights, and what is followed ------------------------------------------------------------------------------------


def test_a_rule_weighs_most_and_a_percentage_least() -> None:
    assert WEIGHTS["rule"] > WEIGHTS["size"] > WEIGHTS["count"] > WEIGHTS["percent"]
    found = said(
        claim("cr", "count", "new", event='{ response = "CR" }', count="12", of="20", percent="60"),
        rule("fatal", "{ rash = true }", "{ dead = true }"),
    )
    weights = {one.field: one.weight for one in found.values()}
    assert weights == {name: WEIGHTS[name] for name in ("count", "percent", "of", "rule")}


def test_what_the_file_sets_aside_is_a_statement_that_is_not_followed() -> None:
    aside = claim("a", "count", event="rash", count="3", used=False, conflict="The text says 4.")
    part = claim("b", "count", event="dead", count="3", percent="8.5", set_aside='["percent"]', conflict="It is 7.5.")
    found = said(aside, part)
    assert {name: one.followed for name, one in found.items()} == {
        ("a", "count"): False,
        ("b", "count"): True,
        ("b", "percent"): False,
    }


def test_the_same_count_of_the_same_patients_is_the_same_content() -> None:
    """Those with CR on the new treatment, told as an event of the arm and of the trial; 5 and 12.5% of 40."""
    inside = claim("a", "count", "new", event='{ response = "CR" }', count="5")
    outside = claim("b", "count", event='{ response = "CR", arm = "new" }', count="5", percent="12.5")
    other = claim("c", "count", "new", event='{ response = "CR" }', count="6")
    found = said(inside, outside, other)
    assert found["a", "count"].content == found["b", "count"].content == found["b", "percent"].content
    assert found["a", "count"].content != found["c", "count"].content


# --- the cohort -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left_out", "size"),
    [
        ((), 40),
        (("{}",), 40),  # 22 and 18, told apart by the treatment
        (("{}", '{ arm = "old" }'), 22),
        (("{}", '{ arm = "new" }', '{ arm = "old" }'), 0),
    ],
)
def test_a_cohort_is_everybody_or_those_that_one_variable_tells_apart(left_out, size) -> None:
    trial = TRIAL
    for where in left_out:
        trial = trial.replace(f"where = {where}\n", "")
    assert cohort_size(claims_of(trial=trial)) == size


def test_populations_that_share_a_level_are_not_added() -> None:
    trial = TRIAL.replace("where = {}\n", "").replace('where = { arm = "new" }', 'where = { response = ["CR", "PR"] }')
    trial = trial.replace('where = { arm = "old" }', 'where = { response = ["PR", "NR"] }')
    assert cohort_size(claims_of(trial=trial)) == 22
