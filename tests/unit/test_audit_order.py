"""The audit knows which medians, ranges and times a group, its subgroups and the calendar allow."""

from decimal import Decimal

import pytest

from branchpoint.publication.audit.spreads import Interval, Spread
from branchpoint.publication.audit.subgroup_totals import pooled_median
from branchpoint.publication.claims import Claim, Median, Variable
from tests.unit.claims_text import TRIAL, audited, claim, verdicts


def ages(name: str, median: str, low: str, high: str, place: str = "Table 1") -> str:
    return claim(
        name, "median", name.split(".", maxsplit=1)[0], place, variable="age", median=median, low=low, high=high
    )


# --- one claim --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("population", "median", "verdict"),
    [
        ("all", "5", "not derivable"),
        ("all", "5.5", "not derivable"),
        ("all", "5.25", "impossible"),
        ("odd", "5", "not derivable"),
        ("odd", "5.5", "impossible"),
    ],
)
def test_a_median_of_whole_years_is_one_that_so_many_patients_can_have(
    population: str, median: str, verdict: str
) -> None:
    odd = '\n[[population]]\nid = "odd"\nlabel = "Odd"\nsize = 11\n'
    assert verdicts(odd, claim("age", "median", population, variable="age", median=median)) == {"age": verdict}


def test_a_median_outside_of_its_range_is_impossible() -> None:
    one = audited(claim("age", "median", variable="age", median="9", low="1", high="8", verbatim=True))["age"]
    assert (one.verdict, one.note.split(".")[0]) == ("impossible", "Not in order: low 1, median 9, high 8")


def test_a_value_beyond_the_limits_of_its_variable_is_a_mismatch() -> None:
    one = audited(ages("all", "5", "1", "19"))["all"]
    assert one.verdict == "mismatch"
    assert one.note == "The greatest value is above 18, the most that 'Age' can be."


# --- the same patients ------------------------------------------------------------------------------------------------


def test_a_range_that_is_printed_again_matches() -> None:
    again = claim("text", "range", place="Results", variable="age", low="1", high="15")
    assert verdicts(ages("all", "5", "1", "15"), again)["text"] == "match"


def test_two_ranges_of_the_same_patients_that_differ_contradict_each_other() -> None:
    found = audited(
        ages("all", "5", "1", "15"),
        claim("text", "range", place="Results", variable="age", low="1", high="16"),
    )
    assert {found["all"].verdict, found["text"].verdict} == {"mismatch"}
    assert "It is this one that is wrong, or" in found["all"].note


def test_a_range_without_its_median_is_the_one_that_is_wrong() -> None:
    """The median is printed in three places, the other end of the range in two."""
    found = audited(
        ages("all", "5", "1", "15"),
        claim("median", "median", place="Results", variable="age", median="5"),
        claim("range", "range", place="Results", variable="age", low="7", high="15"),
    )
    assert {name: one.verdict for name, one in found.items() if one.amiss} == {"range": "mismatch"}


def test_within_three_days_is_a_limit_that_ranges_keep() -> None:
    within = claim("text", "range", place="Abstract", variable="start", high="3")
    for high, amiss in (("3", False), ("2", False), ("5", True)):
        days = claim("table", "median", variable="start", median="2", low="1", high=high)
        assert audited(days, within)["text"].amiss is amiss


def test_a_mean_lies_within_the_range() -> None:
    mean = claim("mean", "mean", place="Results", variable="weight", mean="24.0", sd="4.0")
    for low, amiss in (("15.0", False), ("26.0", True)):
        weights = claim("range", "range", variable="weight", low=low, high="40.0")
        assert audited(mean, weights)["mean"].amiss is amiss


def test_a_deviation_is_not_wider_than_the_range_allows() -> None:
    weights = claim("range", "range", variable="weight", low="15.0", high="40.0")
    for sd, amiss in (("12.0", False), ("12.8", True)):
        mean = claim("mean", "mean", place="Results", variable="weight", mean="27.5", sd=sd)
        assert audited(mean, weights)["mean"].amiss is amiss


# --- subgroups --------------------------------------------------------------------------------------------------------


def test_the_range_of_a_whole_is_recomputed_from_its_subgroups() -> None:
    found = audited(ages("all", "6", "1", "15"), ages("new", "5", "1", "12"), ages("old", "7", "2", "15"))
    assert (found["all"].verdict, found["all"].recomputed) == ("match", "1-15")
    assert found["all"].note == "By its subgroups the median is from 4.5 to 7.5."
    assert found["new"].verdict == found["old"].verdict == "not derivable"


def test_a_subgroup_does_not_reach_beyond_the_whole() -> None:
    found = audited(ages("all", "6", "2", "15"), ages("new", "5", "1", "12"))
    assert found["new"].verdict == found["all"].verdict == "mismatch"
    assert "The least value of 5 (1-12) (Table 1) lies outside of 6 (2-15) (Table 1)" in found["new"].note


def test_somebody_in_the_subgroups_has_the_ends_of_the_whole() -> None:
    found = audited(ages("all", "6", "0", "15"), ages("new", "5", "1", "12"), ages("old", "7", "2", "15"))
    assert "No subgroup has the least value of 6 (0-15)" in found["all"].note


@pytest.mark.parametrize(("median", "amiss"), [("5", False), ("7", False), ("9", True), ("3", True)])
def test_the_median_of_a_whole_lies_between_those_of_its_subgroups(median: str, amiss: bool) -> None:
    found = audited(ages("all", median, "1", "15"), ages("new", "5", "1", "12"), ages("old", "7", "2", "15"))
    assert found["all"].amiss is amiss


def test_the_mean_of_a_whole_is_that_of_its_subgroups_by_their_sizes() -> None:
    means = [claim(arm, "mean", arm, variable="weight", mean=mean) for arm, mean in (("new", "20.0"), ("old", "30.0"))]
    for mean, verdict in (("24.5", "match"), ("25.0", "mismatch")):
        assert verdicts(*means, claim("all", "mean", variable="weight", mean=mean))["all"] == verdict


def test_the_greatest_median_is_reached_by_the_ranks_of_unequal_groups() -> None:
    """The two in the middle of 30 patients with the median 1, none below 0, are at most 2: so is the middle of 31."""
    variable = Variable("age", "Age")

    def group(box: int, n: int, median: int) -> Spread:
        value = Claim(f"group {box}", "Table 1", "age", "all", Median(Decimal(median)), variable="age")
        return Spread(value, variable, box, n, Interval(0, 0), Interval(99, 99), Interval(median, median))

    whole = group(3, 31, 5)
    parts = (group(1, 30, 1), group(2, 1, 90))
    (tie,) = pooled_median(whole, parts)
    assert tie.broken.startswith("The median of all 31 is at most 2, not 5")


# --- the calendar -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("high", "amiss"), [("366", False), ("367", True)])
def test_no_time_is_longer_than_the_study(high: str, amiss: bool) -> None:
    """From 1 January 2020 to 1 January 2021 are 366 days."""
    one = audited(claim("start", "range", variable="start", low="1", high=high))["start"]
    assert one.amiss is amiss


@pytest.mark.parametrize(("high", "amiss"), [("352", False), ("353", True)])
def test_what_began_later_has_less_time(high: str, amiss: bool) -> None:
    one = audited(
        claim("start", "median", variable="start", median="21", low="14", high="28"),
        claim("response", "range", variable="response_time", low="30", high=high),
    )["response"]
    assert one.amiss is amiss
    if amiss:
        assert "begun 14 days after entry or later" in one.note
        assert one.recomputed == "at most 352.00"


def test_nobody_was_followed_longer_than_the_longest_follow_up() -> None:
    follow_up = claim("follow-up", "median", variable="os", median="6.0", low="0.5", high="10.0")
    for high, amiss in (("290", False), ("300", True)):
        response = claim("response", "range", variable="response_time", low="30", high=high)
        start = claim("start", "median", variable="start", median="21", low="14", high="28")
        assert audited(follow_up, start, response)["response"].amiss is amiss


def test_a_study_does_not_end_before_it_starts() -> None:
    found = audited(trial=TRIAL.replace("2021-01-01", "2019-12-31"))
    assert {found["first"].verdict, found["cutoff"].verdict} == {"mismatch"}


def test_a_time_of_other_patients_says_nothing() -> None:
    assert verdicts(claim("age", "range", "few", variable="start", low="1", high="30")) == {"age": "not derivable"}
