"""The audit recomputes percentages, and says what a wrong one stands for."""

from decimal import Decimal

import pytest

from branchpoint.publication.audit.chance import chance_of_hit, share_of_counts
from branchpoint.publication.audit.percent_search import Sizes, explain
from branchpoint.publication.audit.shares import counts_like, percent_of, prints_like
from branchpoint.publication.audit.verdicts import Verdict
from tests.unit.claims_text import audited, claim, verdicts

RASH = "{ rash = true }"


def test_a_percentage_of_its_count_matches() -> None:
    one = audited(claim("rash", "count", event=RASH, count="13", of="40", percent="32.5"))["rash"]
    assert (one.verdict, one.recomputed, one.method) == ("match", "13/40 (32.5%)", "100 × 13 / 40")


@pytest.mark.parametrize(
    ("percent", "verdict", "said"),
    [
        ("30.0", "misprint", "30.0% is 12 of 40"),
        ("35.2", "misprint", "two digits are swapped"),
        ("3.25", "misprint", "the decimal point is shifted"),
        ("67.5", "misprint", "67.5% is 27 of 40, all but these 13"),
        ("59.1", "misprint", "59.1% is 13 of 22, the size of 'New treatment'"),
        ("33.0", "other method", "rounded to a whole percentage"),
        ("32.6", "misprint", "one digit differs"),
        ("27.4", "misprint", "that of 11 of 40, 27.5%, is 1 off in the last digit"),
        ("41.3", "mismatch", "13 of 40 is 32.5%, not 41.3%."),
    ],
)
def test_a_percentage_that_is_not_of_its_count_is_explained(percent: str, verdict: str, said: str) -> None:
    one = audited(claim("rash", "count", event=RASH, count="13", of="40", percent=percent))["rash"]
    assert one.verdict == verdict
    assert said in one.note
    assert one.recomputed == f"13/40 ({percent_of(13, 40, Decimal(percent))}%)"


def test_cut_off_is_another_method_than_rounding() -> None:
    one = audited(claim("rash", "count", "old", event=RASH, count="1", of="18", percent="5.5"))["rash"]
    assert (one.verdict, one.recomputed) == ("other method", "1/18 (5.6%)")


@pytest.mark.parametrize("percent", ["32.5", "32.500", "33", "32"])
def test_a_share_halfway_between_may_be_rounded_either_way(percent: str) -> None:
    assert verdicts(claim("rash", "count", event=RASH, count="13", of="40", percent=percent)) == {"rash": "match"}


def test_a_percentage_without_its_count_that_no_count_gives_is_impossible() -> None:
    one = audited(claim("rash", "percentage", "old", event=RASH, percent="35.0"))["rash"]
    assert (one.verdict, one.recomputed, one.searched) == ("impossible", None, 19)
    assert "No count of 18 prints as 35.0%: 6 is 33.3% and 7 is 38.9%." in one.note
    # 19 counts of 1001 percentages with one decimal.
    assert one.chance == pytest.approx(19 / 1001)


def test_a_percentage_without_its_count_that_some_count_gives_is_not_derivable() -> None:
    assert verdicts(claim("rash", "percentage", "old", event=RASH, percent="38.9")) == {"rash": "not derivable"}


def test_a_percentage_is_recomputed_from_the_counts_of_the_others() -> None:
    found = audited(
        claim("all", "count", event=RASH, count="13"),
        claim("old", "count", "old", event=RASH, count="6"),
        claim("new", "percentage", "new", event=RASH, percent="31.8"),
    )
    assert (found["new"].verdict, found["new"].recomputed) == ("match", "31.8%")
    assert found["new"].note == "The count is 7 (13 - 6), by 13 (Table 1); 6 (Table 1)."


def test_more_patients_than_there_are_is_impossible() -> None:
    text = claim("rash", "count", event=RASH, count="41", percent="100", verbatim=True)
    one = audited(text)["rash"]
    assert one.verdict == "impossible"
    assert one.note.startswith("41 is more than all 40 patients.")


def test_a_denominator_that_the_percentage_contradicts_is_a_misprint() -> None:
    one = audited(claim("rash", "count", event=RASH, count="13", of="30", percent="32.5"))["rash"]
    assert (one.verdict, one.recomputed) == ("misprint", "13/40 (32.5%)")
    assert one.note == "Printed as of 30, in a population of 40: 32.5% is 13 of 40."


@pytest.mark.parametrize("of", ["38", "39"])
def test_a_denominator_of_those_of_whom_it_is_known_is_no_error(of: str) -> None:
    percent = str(percent_of(13, int(of), Decimal("1.0")))
    one = audited(claim("rash", "count", event=RASH, count="13", of=of, percent=percent))["rash"]
    assert (one.verdict, one.note) == ("match", f"Of {of}, not of all 40.")


def test_a_percentage_that_fits_both_denominators_speaks_against_neither() -> None:
    # 20 of 46 and 20 of 47 both print as 43%.
    assert prints_like(20, 46, Decimal(43))
    assert prints_like(20, 47, Decimal(43))
    population = '\n[[population]]\nid = "seen"\nlabel = "Seen"\nsize = 47\n'
    text = claim("rash", "count", "seen", event=RASH, count="20", of="46", percent="43")
    assert verdicts(population, text) == {"rash": "match"}


def test_a_search_that_would_explain_anything_explains_nothing() -> None:
    found = explain(Decimal(71), 25, 200, (), Sizes({}, dict.fromkeys(range(26, 200), "")))
    assert found.verdict is Verdict.MISMATCH
    assert found.chance > 0.5


def test_of_many_patients_any_percentage_is_that_of_some_count() -> None:
    """37350 of 100000 are 37.35%, 37450 are 37.45%, which half to even is 37.4%: to find this is to find nothing."""
    found = explain(Decimal("37.4"), 31_000, 100_000, (), Sizes({}, {}))
    assert (found.verdict, found.chance) == (Verdict.MISMATCH, 1)
    assert found.note.startswith("37.4% is any of 37350 to 37450 of 100000")
    assert found.searched > 99_000


def test_with_more_decimals_few_counts_of_many_patients_have_a_percentage() -> None:
    found = explain(Decimal("37.4200"), 3_100, 10_000, (), Sizes({}, {}))
    assert (found.verdict, found.count) == (Verdict.MISPRINT, 3_742)
    assert found.chance == pytest.approx(0.01, rel=0.01)
    assert explain(Decimal("37.4123"), 3_100, 10_000, (), Sizes({}, {})).verdict is Verdict.MISMATCH


@pytest.mark.parametrize("of", [1, 7, 99, 100, 101, 249, 1000, 1001])
@pytest.mark.parametrize("places", [0, 1])
def test_the_share_of_percentages_that_are_those_of_counts_is_found_by_listing_them(of: int, places: int) -> None:
    like = Decimal(1).scaleb(-places)
    listed = chance_of_hit((percent_of(count, of, like) for count in range(of + 1)), places)
    assert share_of_counts(of, places) == pytest.approx(listed)


@pytest.mark.parametrize("of", [1, 7, 30, 52, 249])
@pytest.mark.parametrize("percent", ["0", "8.1", "28.9", "42.3", "50", "100", "99.96"])
def test_the_counts_of_a_percentage_are_those_that_print_like_it(of: int, percent: str) -> None:
    number = Decimal(percent)
    assert counts_like(number, of) == tuple(count for count in range(of + 1) if prints_like(count, of, number))
