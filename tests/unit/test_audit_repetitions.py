"""The audit holds what a report prints twice against itself, to the coarser of two precisions."""

import pytest

from tests.unit.claims_text import audited, claim, verdicts

RASH = "{ rash = true }"


def test_a_number_that_is_printed_again_matches_where_it_is_repeated() -> None:
    """To be printed twice does not support the first."""
    once = claim("table", "count", event=RASH, count="13")
    again = claim("text", "percentage", place="Results", event=RASH, percent="32.5")
    found = audited(once, again)
    assert (found["text"].verdict, found["text"].recomputed) == ("match", "32.5%")
    assert "printed again: 13 (Table 1)" in found["text"].method


@pytest.mark.parametrize(
    ("table", "text", "verdict"),
    [("64.3", "64", "match"), ("64.5", "65", "match"), ("64.5", "64", "match"), ("64.6", "64", "mismatch")],
)
def test_two_precisions_agree_where_some_number_prints_like_both(table: str, text: str, verdict: str) -> None:
    found = verdicts(
        claim("table", "survival", variable="os", at="12", percent=table),
        claim("text", "survival", place="Abstract", variable="os", at="12", percent=text),
    )
    assert found["text"] == verdict


def test_claims_that_do_not_show_that_they_repeat_say_so() -> None:
    days = [claim("table", "number", number="28"), claim("text", "number", number="{}")]
    for number, verdict in (("28", "match"), ("27", "mismatch")):
        text = claim("text", "number", place="Results", number=number, same_as="table")
        assert verdicts(days[0], text)["text"] == verdict


def test_of_three_the_one_that_differs_is_wrong() -> None:
    ages = [claim(name, "median", place=name, variable="age", median=age) for name, age in
            (("Table 1", "5"), ("Abstract", "6"), ("Results", "5"))]  # fmt: skip
    assert verdicts(*[age.replace('id = "Table 1"', 'id = "table"') for age in ages]) == {
        "table": "not derivable",
        "Abstract": "mismatch",
        "Results": "match",
    }


def test_a_p_value_below_a_limit_agrees_with_one_that_is_lower() -> None:
    exact = claim("table", "p_value", variable="age", groups='["new", "old"]', quantity="age", p=".0004")
    for p, verdict in (("<.001", "match"), ("<.0001", "mismatch")):
        text = claim("text", "p_value", place="Abstract", p=p, same_as="table", quantity="age")
        assert verdicts(exact, text)["text"] == verdict


def test_other_times_populations_and_variables_are_no_repetition() -> None:
    found = verdicts(
        claim("one", "survival", variable="os", at="12", percent="80.0"),
        claim("two", "survival", variable="os", at="24", percent="75.0"),
        claim("three", "median", "new", variable="age", median="5"),
        claim("four", "median", "new", variable="weight", median="21.5"),
        claim("five", "count", event=RASH, count="13"),
        claim("six", "count", event="dead", count="14"),
    )
    assert "mismatch" not in found.values()


def test_a_repeated_p_value_is_held_to_the_test_that_is_stated_where_it_stands_first() -> None:
    groups = '["new", "old"]'
    counts = [claim(arm, "count", arm, event=RASH, count=n) for arm, n in (("new", "12"), ("old", "5"))]
    table = claim("p", "p_value", event=RASH, groups=groups, p=".116", method="chi-square")
    text = claim("p.text", "p_value", place="Abstract", event=RASH, groups=groups, p=".116", same_as="p")
    found = audited(*counts, table, text)
    # scipy, 12 of 22 v 5 of 18: chi-square .0884, with Yates' correction .1669, Fisher's exact test .1159.
    assert (found["p"].verdict, found["p"].recomputed) == ("other method", ".088")
    assert (found["p.text"].verdict, found["p.text"].recomputed) == ("other method", ".088")
