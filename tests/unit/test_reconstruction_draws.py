"""Drawn cohorts: the same from the same seed, different from draw to draw where the report leaves something open."""

import polars as pl
import pytest

from branchpoint.publication.claims.reading import read_claims
from branchpoint.publication.reconstruction.cohort import reconstruct
from branchpoint.publication.reconstruction.spread import spread
from tests.unit.claims_text import METHODS, TRIAL, claim, claims_of, disagreements

CR = '{ response = "CR" }'


def count(name, who, number, event=CR, **fields):
    return claim(name, "count", who, event=event, count=str(number), **fields)


TOLD = (
    count("cr.new", "new", 8, percent="36.4"),
    count("cr.old", "old", 5, percent="27.8"),
    count("dead", "all", 15, "dead", percent="37.5"),
    claim("age", "median", variable="age", median="9.5", low="1", high="17"),
    claim("age.new", "median", "new", variable="age", median="11.0", low="2", high="17"),
    claim("os.new", "survival", "new", variable="os", at="12", percent="70.1"),
    claim("age.p", "p_value", groups='["new", "old"]', variable="age", p=".31"),
)


@pytest.fixture(scope="module")
def told():
    return claims_of(*TOLD)


@pytest.fixture(scope="module")
def drawn(told):
    return reconstruct(told, draws=6, seed=1)


# --- the same again ---------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_cohorts_and_fewer_draws_the_first(told, drawn) -> None:
    again = reconstruct(told, draws=6, seed=1)
    assert again.cohorts.equals(drawn.cohorts)
    assert again.p_values == drawn.p_values
    assert reconstruct(told, draws=2, seed=1).cohorts.equals(drawn.cohorts.filter(pl.col("draw") <= 2))


def test_another_seed_gives_other_cohorts(told, drawn) -> None:
    other = reconstruct(told, draws=6, seed=2)
    assert not [one for one in parts(other) if any(one.equals(own) for own in parts(drawn))]
    assert disagreements(other) == []


@pytest.mark.slow
def test_several_processes_draw_the_same_cohorts(drawn, tmp_path) -> None:
    path = tmp_path / "claims.toml"
    path.write_text(TRIAL.replace("METHODS", METHODS) + "".join(TOLD), encoding="utf-8")
    heard = []
    found = reconstruct(read_claims(path), draws=6, seed=1, processes=2, told=heard.append)
    assert found.cohorts.equals(drawn.cohorts)
    assert found.p_values == drawn.p_values
    assert heard == [1, 2, 3, 4, 5, 6]


def test_it_is_told_how_many_cohorts_there_are(told) -> None:
    heard = []
    reconstruct(told, draws=3, told=heard.append)
    assert heard == [1, 2, 3]


# --- and otherwise different ------------------------------------------------------------------------------------------


def parts(found):
    return [cohort.drop("draw", "subject") for cohort in found.cohorts.partition_by("draw")]


def test_draws_are_distinct_in_whom_they_count_and_in_what_they_measure(drawn) -> None:
    categories, numbers = ["arm", "response", "dead"], ["age", "os"]
    for columns in (categories, numbers):
        patients = {tuple(sorted(cohort.select(columns).rows(), key=repr)) for cohort in parts(drawn)}
        assert len(patients) == 6


def test_every_draw_has_what_is_printed(drawn) -> None:
    assert disagreements(drawn) == []
    assert drawn.unmet == {}
    assert (drawn.draws, drawn.seed, drawn.dropped) == (6, 1, ())


def test_what_is_printed_does_not_vary_and_the_rest_does(told, drawn) -> None:
    """Survival to a tenth of a percent varies within it; of an even number, a median to a half cannot."""
    rows = spread(told, drawn.cohorts).select("population", "quantity", "least", "most").rows()
    wide = {(population, quantity): most - least for population, quantity, least, most in rows}
    counts = {("New treatment", "cr.new"), ("Old treatment", "cr.old"), ("All patients", "dead")}
    assert not (counts | {("New treatment", "Age"), ("All patients", "Age")}) & set(wide)
    assert wide.pop(("New treatment", "Overall survival at 12 mo"), 0) < 0.1
    assert {("All patients", "Response: PR"), ("Old treatment", "Age"), ("New treatment", "dead")} <= set(wide)


def test_what_follows_from_what_is_printed_does_not_vary() -> None:
    """8 and 5 with CR and 4 and 6 with PR leave 10 and 7 with NR; nobody with NR had a rash, and everybody else."""
    rule = '\n[[rule]]\nid = "rash"\nplace = "Results"\ngiven = {given}\nthen = {{ rash = {rash} }}\n'
    told = claims_of(
        count("cr.new", "new", 8),
        count("cr.old", "old", 5),
        *(count(f"pr.{who}", who, number, '{ response = "PR" }') for who, number in (("new", 4), ("old", 6))),
        rule.format(given='{ response = "NR" }', rash="false"),
        rule.format(given='{ response = ["CR", "PR"] }', rash="true").replace('"rash"\nplace', '"other"\nplace'),
        count("dead", "all", 0, "dead"),
    )
    found = reconstruct(told, draws=4)
    nr = found.cohorts.filter(response="NR").group_by("draw", "arm").len().sort("draw", "arm")["len"].to_list()
    assert nr == [10, 7] * 4
    assert found.cohorts.filter(rash="yes").group_by("draw").len()["len"].to_list() == [23] * 4
    assert spread(told, found.cohorts).height == 0


# --- the table --------------------------------------------------------------------------------------------------------


def test_the_table_has_a_row_a_patient_and_a_column_a_variable(told, drawn) -> None:
    table = drawn.cohorts
    assert table.columns == ["draw", "subject", *told.variables]
    text = {"subject", "arm", "response", "rash", "dead"}
    assert {name for name, kind in table.schema.items() if kind == pl.String} == text
    assert table["draw"].to_list() == [draw for draw in range(1, 7) for _ in range(40)]
    assert table["subject"].to_list() == [f"R{number:02}" for number in range(1, 41)] * 6


def test_what_the_report_says_nothing_of_is_null(drawn) -> None:
    nulls = {name for name in drawn.cohorts.columns if drawn.cohorts[name].null_count() == drawn.cohorts.height}
    assert nulls == {"rash", "weight", "start", "response_time"}
    assert drawn.cohorts.filter(arm="old")["os"].is_null().all(), "survival is printed of the new treatment alone"


def test_where_a_denominator_is_smaller_some_values_are_null() -> None:
    """8 of 20 among 22: the response of two is not known."""
    told = claims_of(count("cr", "new", 8, of="20", percent="40.0"), count("dead", "all", 15, "dead"))
    found = reconstruct(told, draws=3)
    assert disagreements(found) == []
    for cohort in parts(found):
        new = cohort.filter(arm="new")["response"]
        assert (new.null_count(), new.eq("CR").sum()) == (2, 8)


@pytest.mark.parametrize(
    "told",
    [
        [count("cr", "new", 8)],
        [claim("os", "median", variable="os", median="9.5", low="0.5", high="12.0")],
        [claim("p", "p_value", groups='["new", "old"]', variable="os", p=".31")],
    ],
    ids=["of a category", "of a time", "of a comparison"],
)
def test_a_time_whose_events_nobody_counts_does_not_matter(told) -> None:
    """The trial has a time to death, and not a word of how many died."""
    found = reconstruct(claims_of(*told), draws=1)
    assert disagreements(found) == []
    assert found.unmet == {}
