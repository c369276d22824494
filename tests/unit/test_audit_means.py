"""The audit knows which means and standard deviations so many whole numbers can have."""

from itertools import combinations_with_replacement
from statistics import stdev

import pytest

from branchpoint.publication.audit.means import have_moments
from tests.unit.claims_text import audited, claim, verdicts

SCORE = """
[[variable]]
id = "score"
label = "Score"
kind = "number"
unit = "1"
decimals = 0
least = 1
most = 5
"""


def mean(value: str, population: str = "few", variable: str = "score", **fields: object) -> str:
    return claim("mean", "mean", population, variable=variable, mean=value, **fields)


@pytest.mark.parametrize(
    ("value", "fields", "verdict"),
    [
        ("3.40", {}, "not derivable"),
        ("3.45", {}, "impossible"),
        ("3.4", {"sd": "1.07"}, "not derivable"),
        ("3.4", {"sd": "1.02"}, "other method"),
        ("3.4", {"sd": "0.90"}, "impossible"),
        ("3.4", {"sd": "2.60"}, "impossible"),
        ("5.60", {}, "impossible"),
    ],
)
def test_ten_scores_from_1_to_5(value: str, fields: dict[str, object], verdict: str) -> None:
    assert verdicts(SCORE, mean(value, **fields)) == {"mean": verdict}


def test_the_nearest_means_are_told() -> None:
    one = audited(SCORE, mean("3.45"))["mean"]
    assert one.method == "GRIM"
    assert one.note == "No 10 whole numbers have the mean 3.45; the nearest are 3.300, 3.400, 3.500."


def test_a_deviation_divided_by_n_is_told() -> None:
    """Of 1, 2, 3, 3, 3, 4, 4, 4, 5, 5 the sum is 34, that of the squares 130: sqrt(14.4 / 9) and sqrt(14.4 / 10)."""
    one = audited(SCORE, mean("3.4", sd="1.20"))["mean"]
    assert one.verdict == "other method"
    assert "if it is divided by 10, not by 9" in one.note
    assert verdicts(SCORE, mean("3.4", sd="1.26"))["mean"] == "not derivable"


@pytest.mark.parametrize(("variable", "sd"), [("weight", "1.013"), ("os", "0.013")])
def test_values_that_need_not_be_whole_are_let_be(variable: str, sd: str) -> None:
    assert verdicts(mean("3.447", "all", variable, sd=sd))["mean"] == "not derivable"


def test_many_patients_have_any_mean() -> None:
    assert verdicts(SCORE, mean("3.45", "all"))["mean"] == "not derivable"


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        # So many values of so many digits have more sums of squares than a machine word counts.
        ("123456789012", {"sd": "100000000000", "verbatim": True}),
        ("3", {"sd": "0.000001", "verbatim": True}),
    ],
)
def test_numbers_of_many_digits_are_let_be(value: str, fields: dict[str, object]) -> None:
    fine = SCORE.replace("decimals = 0\nleast = 1\nmost = 5", "decimals = 6")
    many = '\n[[population]]\nid = "many"\nlabel = "Many"\nsize = 1000000\n'
    assert verdicts(fine, many, mean(value, "many", **fields))["mean"] == "not derivable"


@pytest.mark.parametrize("n", [2, 3, 5])
def test_moments_that_some_numbers_have_are_those_found_by_listing_all(n: int) -> None:
    listed = {
        (sum(numbers), sum(number * number for number in numbers))
        for numbers in combinations_with_replacement(range(5), n)
    }
    for total in range(4 * n + 2):
        for squares in range(16 * n + 2):
            assert have_moments(n, total, squares, 0, 4) == ((total, squares) in listed)


def test_every_mean_and_deviation_of_whole_numbers_passes() -> None:
    for numbers in combinations_with_replacement(range(1, 6), 4):
        average = f"{sum(numbers) / 4:.2f}"
        population = '\n[[population]]\nid = "four"\nlabel = "Four"\nsize = 4\n'
        if numbers[0] == 1 and numbers[-1] == 5:
            text = mean(average, "four", sd=f"{stdev(numbers):.2f}")
            assert verdicts(SCORE, population, text)["mean"] == "not derivable", numbers
