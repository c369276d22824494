"""Missing values: a denominator smaller than its population says of how many patients a category is not known."""

from __future__ import annotations

import polars as pl

from branchpoint.publication.reconstruction.cohort import reconstruct
from tests.unit.claims_text import claim, claims_of, disagreements

AMONG_32 = claim("rash.all", "count", event="rash", count="24", of="32", percent="75.0")


def unknown(*tables: str) -> list[int]:
    """Of how many of the 40 it is not known whether they had a rash, by draw."""
    cohorts = reconstruct(claims_of(*tables), 3).cohorts
    return cohorts.group_by("draw").agg(pl.col("rash").null_count())["rash"].to_list()


def test_of_the_others_the_category_is_not_known() -> None:
    found = reconstruct(claims_of(AMONG_32), 3)
    assert not found.contradictions
    assert disagreements(found) == []
    assert set(found.cohorts["rash"].unique()) == {"yes", "no", None}
    assert unknown(AMONG_32) == [8, 8, 8]


def test_parts_of_the_patients_are_held_against_the_whole() -> None:
    new = claim("rash.new", "percentage", "new", event="rash", of="20", percent="70.0")
    old = claim("rash.old", "percentage", "old", event="rash", of="15", percent="66.7")
    assert not reconstruct(claims_of(AMONG_32, new)).contradictions
    found = reconstruct(claims_of(AMONG_32, new, old))
    (conflict,) = found.contradictions.sets
    assert {(one.claim, one.field) for one in conflict.statements} == {
        ("rash.all", "of"),
        ("rash.new", "of"),
        ("rash.old", "of"),
    }
    assert disagreements(found) == []


def test_a_claim_that_knows_it_of_everybody_contradicts() -> None:
    again = claim("text.rash", "count", event="rash", count="24", of="40", percent="60.0")
    found = reconstruct(claims_of(AMONG_32, again)).contradictions
    assert [{one.claim for one in conflict.statements} for conflict in found.sets] == [{"rash.all", "text.rash"}]


def test_a_category_that_is_counted_with_another_alone_is_left_as_it_is() -> None:
    both = claim("both", "count", event='{ rash = "yes", dead = "yes" }', count="3", of="32")
    found = reconstruct(claims_of(both)).contradictions
    assert [(one.claim, one.field) for one in found.dropped] == [("both", "of")]


def test_known_of_everybody_is_known_in_every_draw() -> None:
    assert unknown(claim("rash.all", "count", event="rash", count="24", of="40")) == [0, 0, 0]
