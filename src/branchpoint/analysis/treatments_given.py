"""Treatments given: what patients had beside the frontline, from their exposures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.courses import REFRACTORY, epoch_roles
from branchpoint.analysis.results import Result, count, spread
from branchpoint.language.responses import CR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.language.protocol import Protocol
    from branchpoint.records.tables import Study

__all__ = ["treatment_results"]

_PER_WEEK = 7


def treatment_results(study: Study, counted: pl.DataFrame, protocol: Protocol) -> Iterator[Result]:
    """Count the drugs of additional treatment in patients with CR after it, and when more was added in the others.

    Parameters
    ----------
    study : Study
    counted : DataFrame
        Courses of the analysis set.
    protocol : Protocol
    """
    if len(protocol.epochs) < 2:
        return
    yield from _without_transplantation(study, counted)
    week = epoch_roles(protocol).second_end
    frontline = {given.name for given in protocol.epochs[0].gives}
    added = [given.name for given in protocol.epochs[1].gives if given.name not in frontline]
    since = counted.select("subject", "week_8_outcome", first="additional_treatment_day").drop_nulls("first")
    given = study.exposures.select(pl.col("subject", "drug").cast(pl.String), "start").join(since, on="subject")
    given = given.filter(pl.col("drug").is_in(added) & (pl.col("start") >= pl.col("first")))
    remitted = given.filter(week_8_outcome=CR).group_by("subject").agg(
        drugs=pl.col("drug").unique().sort(), **{name: pl.col("drug").eq(name).sum() for name in added}
    )  # fmt: skip
    if not len(remitted):
        return
    sets = remitted.group_by(pl.col("drugs").list.join(", ")).len().sort("len", "drugs", descending=[True, False])
    for drugs, number in sets.iter_rows():
        yield Result(id="intensive.cr.drugs", label=f"CR at {week} on {drugs}", group=drugs, n=number,
                     denominator=len(remitted), method="count of exposures")  # fmt: skip
    for name in added:
        had = remitted.filter(pl.col(name) > 0)
        if len(had):
            yield count("intensive.cr.with", f"CR at {week} with {name}", name, remitted[name] > 0)
            for other in added:
                if other != name:
                    yield count(f"intensive.cr.with.{name}", f"Of these, also {other}", other, had[other] > 0)
        yield spread(f"doses.{name}", f"Doses of {name} in CR at {week}", "all", remitted[name], "{dose}")
    late = given.filter((pl.col("week_8_outcome") == REFRACTORY) & (pl.col("start") > pl.col("first")))
    for name in added:
        waits = late.filter(drug=name).group_by("subject").agg(day=(pl.col("start") - pl.col("first")).min())
        if len(waits):
            label = f"From additional treatment to {name} in refractory patients"
            yield spread(f"wait.{name}", label, "all", waits["day"] / _PER_WEEK, "wk")


def _without_transplantation(study: Study, counted: pl.DataFrame) -> Iterator[Result]:
    """Why refractory patients were not transplanted, where the disposition says "without transplantation: reason"."""
    untransplanted = counted.filter((pl.col("week_8_outcome") == REFRACTORY) & pl.col("transplant_day").is_null())
    told = study.disposition.join(untransplanted.select("subject"), on="subject").select(
        reason=pl.col("reason").str.extract(r"without transplantation: ([^;]+)")
    )
    for reason, number in told.drop_nulls().group_by("reason").len().sort("reason").iter_rows():
        label = f"Without HSCT: {reason}"
        yield Result(
            id="refractory.no_hsct.reason", label=label, group=reason, n=number, denominator=len(untransplanted),
            method="count, by the reason recorded",
        )  # fmt: skip
