"""Discordance: what investigators graded beside what the laboratory shows, patient by patient; neither is corrected.

The events table records no attribution. What the record does say of it stands in ``attribution``: whether the worst
value was worse than at baseline, or as bad before any treatment was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.adverse_events import worst_by_group

if TYPE_CHECKING:
    from branchpoint.language.protocol import Protocol

__all__ = ["VERDICTS", "discordance", "discordance_counts"]

VERDICTS = ("agrees", "laboratory higher", "investigator higher", "other term", "not settled", "not graded")


def discordance(events: pl.DataFrame, worst: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Set recorded and derived grades side by side.

    Parameters
    ----------
    events : DataFrame
        As `branchpoint.analysis.adverse_events.observed_events` gives them.
    worst : DataFrame
        As `branchpoint.analysis.laboratory_grades.worst_laboratory_grades` gives it, of the same periods.
    protocol : Protocol

    Returns
    -------
    DataFrame
        One row a set, patient, group and laboratory term of the group:

        - investigator: the worst grade of the group, 0 where nothing was reported; named: the term it was noted as;
        - at_least, at_most, test, value, day: what the laboratory shows;
        - verdict: one of `VERDICTS`. ``laboratory higher`` and ``investigator higher`` are certain whatever is not
          known; an investigator's grade that another term of the group carries, or could, is ``other term``;
          ``not settled`` are grades between the lowest and the highest possible;
        - attribution: "worse than at baseline", "as bad at baseline", or null where nothing is abnormal or it is open.
    """
    terms = pl.DataFrame(
        [(group.name, term) for group in protocol.adverse_events for term in group.gradings],
        schema={"group": pl.String, "term": pl.String}, orient="row",
    )  # fmt: skip
    reported = worst_by_group(events).select("set", "subject", "group", "grade", "note", reported=pl.lit(value=True))
    table = worst.join(terms, on="term").join(reported, on=["set", "subject", "group"], how="left")
    table = table.with_columns(investigator=pl.when(pl.col("reported")).then("grade").otherwise(0), named="note")
    # A term that was not measured could carry any grade.
    all_measured = pl.len().over("set", "subject", "group") == pl.col("group").replace_strict(
        {group.name: len(group.gradings) for group in protocol.adverse_events}, return_dtype=pl.UInt32
    )
    group_most = pl.when(all_measured).then(pl.col("at_most").max().over("set", "subject", "group")).otherwise(5)
    table = table.with_columns(verdict=_verdict(group_most), attribution=_attribution())
    rank = {group.name: place for place, group in enumerate(protocol.adverse_events)}
    order = pl.col("group").replace_strict(rank, return_dtype=pl.Int32)
    return table.sort("set", "subject", order, "term").select(
        "set", "subject", "group", "term", "investigator", "named", "at_least", "at_most", "test", "value", "day",
        "verdict", "attribution",
    )  # fmt: skip


def _verdict(group_most: pl.Expr) -> pl.Expr:
    investigator, low, high = pl.col("investigator"), pl.col("at_least"), pl.col("at_most")
    elsewhere = pl.when(pl.col("named").is_null()).then(group_most >= investigator).otherwise(
        pl.col("named") != pl.col("term")
    )  # fmt: skip
    return (
        pl.when(investigator.is_null()).then(pl.lit("not graded"))
        .when(low > investigator).then(pl.lit("laboratory higher"))
        .when((low == investigator) & (high == investigator)).then(pl.lit("agrees"))
        .when(high >= investigator).then(pl.lit("not settled"))
        .when(elsewhere).then(pl.lit("other term"))
        .otherwise(pl.lit("investigator higher"))
    )  # fmt: skip


def _attribution() -> pl.Expr:
    return (
        pl.when(pl.col("at_most") == 0).then(None)
        .when((pl.col("at_least") > 0) & (pl.col("baseline_at_least") >= pl.col("at_most")))
        .then(pl.lit("as bad at baseline"))
        .when(pl.col("baseline_at_most") < pl.col("at_least")).then(pl.lit("worse than at baseline"))
    )  # fmt: skip


def discordance_counts(listed: pl.DataFrame) -> pl.DataFrame:
    """Count patients by set, group, term and verdict; columns are the verdicts."""
    counted = listed.group_by("set", "group", "term", maintain_order=True).agg(
        pl.col("verdict").eq(verdict).sum().alias(verdict) for verdict in VERDICTS
    )
    return counted.with_columns(patients=pl.sum_horizontal(VERDICTS))
