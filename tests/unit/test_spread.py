"""The range over cohorts of numbers that a report does not print, on cohorts made by hand."""

import numpy as np
import polars as pl
import pytest

from branchpoint.publication.claims.reading import read_claims
from branchpoint.publication.reconstruction.spread import at_risk, curve_band, over_draws, spread

CLAIMS = """
schema = 2

[study]
registry = "none"
citation = "A trial that does not exist"

[[variable]]
id = "arm"
label = "Treatment"
levels = ["new", "old"]

[[variable]]
id = "response"
label = "Response"
levels = ["CR", "PR", "NR"]

[[variable]]
id = "dead"
label = "Death"

[[variable]]
id = "age"
label = "Age"
kind = "number"
unit = "y"

[[variable]]
id = "os"
label = "Overall survival"
kind = "time"
event = "dead"

[[population]]
id = "all"
label = "All patients"
size = 4
where = {}

[[population]]
id = "randomized"
label = "Randomized"
size = 4
where = {}

[[population]]
id = "new"
label = "New treatment"
size = 2
where = { arm = "new" }

[[population]]
id = "elsewhere"
label = "Another trial"
size = 9

[[claim]]
id = "cr"
place = "Results"
kind = "count"
quantity = "complete response"
population = "all"
event = { response = "CR" }
count = "2"

[[claim]]
id = "os"
place = "Results"
kind = "survival"
quantity = "survival"
population = "new"
variable = "os"
at = "12"
percent = "50"
"""
NEW = ["new", "new", "old", "old"]


@pytest.fixture
def claims(tmp_path):
    (tmp_path / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    return read_claims(tmp_path / "claims.toml")


def cohorts(*draws):
    """One draw a mapping; whatever it leaves out is the same in all of them."""
    same = {
        "arm": NEW, "response": ["CR", "PR", "CR", "NR"], "dead": ["yes", "no", "no", "no"],
        "age": [1.0, 2.0, 3.0, 4.0], "os": [6.0, 20.0, 20.0, 20.0],
    }  # fmt: skip
    frames = [pl.DataFrame({"draw": [number] * 4, **same, **own}) for number, own in enumerate(draws, 1)]
    return pl.concat(frames)


def rows(found, *names):
    return found.select(names).rows()


def test_what_never_varies_is_not_open(claims):
    assert spread(claims, cohorts({}, {}, {})).is_empty()
    assert spread(claims, cohorts({})).is_empty(), "one cohort shows no range"


def test_a_count_varies_between_its_least_and_its_most(claims):
    found = spread(claims, cohorts({}, {"dead": ["yes", "yes", "no", "no"]}, {"dead": ["yes"] * 4}))
    deaths = found.filter(statistic="count", quantity="Death")
    assert deaths.to_dicts()[0] == {
        "population": "All patients", "quantity": "Death", "statistic": "count", "variable": "dead", "unit": None,
        "size": 4, "least": 1.0, "middle": 2.0, "most": 4.0,
    }  # fmt: skip


def test_the_draws_may_stand_in_any_order(claims):
    table = cohorts({}, {"dead": ["yes"] * 4})
    assert spread(claims, table.reverse()).equals(spread(claims, table))


def test_what_says_the_same_is_said_once(claims):
    """Who is dead and who is not; all patients and those randomized."""
    found = spread(claims, cohorts({"dead": ["yes", "no", "yes", "no"]}, {"dead": ["yes", "yes", "yes", "no"]}))
    counted = found.filter(statistic="count")
    assert rows(counted, "population", "quantity") == [("All patients", "Death"), ("New treatment", "Death")]


def test_a_number_of_the_same_patients_is_said_once(claims):
    """All who died had the new treatment."""
    found = spread(claims, cohorts({}, {"dead": ["yes", "yes", "no", "no"]}))
    assert rows(found.filter(statistic="count"), "population", "quantity") == [("All patients", "Death")]


def test_levels_that_no_claim_counts_are_counted_too(claims):
    """A claim counts complete responses, in its words; partial ones have those of the variable."""
    found = spread(claims, cohorts({}, {"response": ["CR", "NR", "PR", "NR"]}))
    named = {(row["quantity"], row["least"], row["most"]) for row in found.filter(population="All patients").to_dicts()}
    assert named == {("complete response", 1, 2), ("Response: NR", 1, 2)}


def test_what_concerns_most_patients_comes_first(claims):
    """3 of 4 patients lie between the medians of 1.5 and 3.5 years; a death more is 1 of 4."""
    older = {"age": [3.0, 4.0, 2.0, 5.0], "dead": ["yes", "yes", "no", "no"]}
    found = spread(claims, cohorts({"age": [1.0, 1.0, 2.0, 2.0]}, older))
    assert found["statistic"][0] == "median"
    assert rows(found.filter(statistic="median"), "population", "least", "middle", "most") == [
        ("All patients", 1.5, 2.5, 3.5),
        ("New treatment", 1.0, 2.25, 3.5),
    ]


def test_medians_and_survival_are_of_whoever_all_have_it(claims):
    """Of old treatment nothing is printed of survival; all patients together have no median age that is known."""
    unknown = {"os": [6.0, 20.0, None, None], "age": [1.0, 2.0, 3.0, None]}
    found = spread(claims, cohorts(unknown, unknown | {"os": [20.0, 20.0, None, None], "age": [1.0, 5.0, 3.0, None]}))
    assert rows(found, "population", "quantity", "unit", "least", "most") == [
        ("New treatment", "Overall survival at 12 mo", "%", 50.0, 100.0),
        ("New treatment", "Age", "y", 1.5, 3.0),
    ]


def test_survival_is_asked_for_at_the_times_that_are_printed(claims):
    """Alive at 12 months: 1 of 2, the second censored before the first died, and both; and so of all 4."""
    found = spread(claims, cohorts({}, {"os": [6.0, 5.0, 20.0, 20.0]}, {"os": [13.0, 20.0, 20.0, 20.0]}))
    assert rows(found.filter(statistic="survival"), "population", "least", "middle", "most") == [
        ("New treatment", 0.0, 50.0, 100.0),
        ("All patients", pytest.approx(200 / 3), 75.0, 100.0),
    ]


def test_curves_end_with_follow_up(claims):
    table = cohorts({}, {"dead": ["no"] * 4, "os": [6.0, 9.0, 20.0, 20.0]})
    times = np.array([0.0, 5.9, 6.0, 9.0, 9.1])
    band = curve_band(claims, table, "os", "new", times)
    assert band.shape == (2, 5)
    assert band[0].tolist() == [1.0, 1.0, 0.5, 0.5, 0.5]
    assert band[1].tolist()[:4] == [1.0] * 4
    assert np.isnan(band[1, 4])
    assert at_risk(claims, table, "os", "new", times).tolist() == [[2, 2, 2, 1, 1], [2, 2, 2, 1, 0]]


def test_a_draw_that_has_nobody_has_no_curve(claims):
    band = curve_band(claims, cohorts({}, {"arm": ["old"] * 4}), "os", "new", np.array([0.0, 6.0]))
    assert band[0].tolist() == [1.0, 0.5]
    assert np.isnan(band[1]).all()


@pytest.mark.parametrize("population", ["elsewhere", "all"])
def test_a_curve_needs_a_time_and_a_population_that_is_said(claims, population):
    variable = "os" if population == "elsewhere" else "age"
    with pytest.raises(ValueError, match="expected a time with an event, of a population with a where"):
        curve_band(claims, cohorts({}), variable, population, np.array([1.0]))


def test_over_draws_an_estimate_is_kept_and_ends_where_half_have_ended():
    nan = np.nan
    found = np.array([[1.0, 0.8, 0.8, nan], [1.0, 0.6, nan, nan], [1.0, 0.4, 0.2, 0.0]])
    told = over_draws(found)
    assert told[:, 0].tolist() == [1.0] * 5
    assert told[[0, 2, 4], 1].tolist() == [0.4, 0.6, 0.8]
    assert told[[0, 2, 4], 2].tolist() == [0.2, 0.6, 0.8], "0.6 is kept where its cohort follows nobody"
    assert np.isnan(told[:, 3]).all()


def test_over_draws_of_nobody_there_is_nothing():
    assert np.isnan(over_draws(np.full((3, 2), np.nan))).all()
