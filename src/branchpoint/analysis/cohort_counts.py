"""Counts over a cohort's decisions: eligibility, etiology and dose, responses under every rule set, what was open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from branchpoint.language.protocol import Protocol

__all__ = ["eligibility_counts", "etiology_counts", "not_evaluable_counts", "rule_set_counts"]

_BRACKETS = re.compile(r"\[.*?\]")


def eligibility_counts(courses: pl.DataFrame) -> pl.DataFrame:
    """Count who is eligible, who is not, and of whom it cannot be said, by whether they were excluded from analysis."""
    verdict = pl.when("eligible").then(pl.lit("eligible")).when(~pl.col("eligible")).then(pl.lit("not eligible"))
    table = courses.select(verdict=verdict.otherwise(pl.lit("not evaluable")), excluded="excluded")
    return table.group_by("verdict").agg(
        n=pl.len(), analyzed=(~pl.col("excluded")).sum(), excluded=pl.col("excluded").sum()
    ).sort("n", "verdict", descending=[True, False])  # fmt: skip


def etiology_counts(courses: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Count patients by etiology: overall response, frontline CR and no response, and the doses that they were due."""
    answers = [*protocol.etiology.answers, "not evaluable"]
    grouped = courses.with_columns(pl.col("etiology").fill_null("not evaluable")).group_by("etiology").agg(
        n=pl.len(),
        cr=(pl.col("best_response") == "CR").sum(),
        partial=pl.col("best_response").is_in(["PR", "improvement"]).sum(),
        none=(pl.col("best_response") == "NR").sum(),
    )  # fmt: skip
    return grouped.sort(pl.col("etiology").cast(pl.Enum(answers)))


def rule_set_counts(decisions: pl.DataFrame, courses: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Count the responses that the rule sets give side by side, at the assessment with which the frontline was left.

    Parameters
    ----------
    decisions, courses : DataFrame
        Only subjects of the courses are counted.
    protocol : Protocol

    Returns
    -------
    DataFrame
        One column a rule set, n, and agree: whether all give the same response.
    """
    names = [rule_set.name for rule_set in protocol.responses]
    left = courses.select("subject", day="decision_day").drop_nulls()
    at_leaving = decisions.join(left, on=["subject", "day"]).select(
        pl.col(f"response_{name}").fill_null("NE").alias(name) for name in names
    )
    agree = pl.all_horizontal(pl.lit(value=True), *(pl.col(name) == pl.col(names[0]) for name in names[1:]))
    counted = at_leaving.group_by(names).agg(n=pl.len()).with_columns(agree=agree)
    return counted.sort(names[0], "n", *names[1:], descending=[False, True, *(False for _ in names[1:])])


def not_evaluable_counts(decisions: pl.DataFrame, courses: pl.DataFrame) -> pl.DataFrame:
    """Count what could not be evaluated: on how many visits, in how many patients, and what was still possible.

    Items with the same counts stand together.

    Parameters
    ----------
    decisions, courses : DataFrame
        Only subjects of the courses are counted.
    """
    rows = decisions.join(courses.select("subject", "excluded"), on="subject").select(
        "subject", "excluded", item=pl.col("not_evaluable").fill_null("").str.split(",")
    )
    items = rows.explode("item").filter(pl.col("item").fill_null("") != "")
    told = items.with_columns(
        what=pl.col("item").str.replace_all(_BRACKETS.pattern, ""),
        possible=pl.col("item").str.extract(r"\[(.*?)\]").fill_null(""),
    )
    counted = told.group_by("what", "possible").agg(
        visits=pl.len(), patients=pl.col("subject").n_unique(), excluded=pl.col("subject").filter("excluded").n_unique()
    )
    alike = ["possible", "visits", "patients", "excluded"]
    return counted.group_by(alike).agg(pl.col("what").sort()).sort("visits", *alike[:1], descending=[True, False])
