"""Safety sets: in whom adverse events are counted, and on which days, read off the declared sets and the courses.

A set of those who had no epoch but one is counted while that epoch lasts; a set of those who reached an epoch, from
its treatment on. An epoch lasts to its last visit, the window of the visit included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from branchpoint.language.declarations import AnalysisSet
    from branchpoint.language.protocol import Protocol

__all__ = ["SafetySet", "periods_of", "safety_sets"]

PREFIX = "safety_"


@dataclass(frozen=True, slots=True, eq=False)
class SafetySet:
    """One set, and the days on which its members are observed.

    Parameters
    ----------
    name : str
        Of the declared set, without ``safety_``.
    label : str
    period : str
        The days, in words.
    members : DataFrame
        Columns subject, first_day and last_day.
    """

    name: str
    label: str
    period: str
    members: pl.DataFrame


def safety_sets(courses: pl.DataFrame, protocol: Protocol) -> tuple[SafetySet, ...]:
    """Give every declared set that is defined by the epochs of its members.

    Parameters
    ----------
    courses : DataFrame
        As `branchpoint.analysis.courses.patient_courses` gives them, of all subjects.
    protocol : Protocol
    """
    sets = ((one, one.reaching_epoch or one.only_epoch) for one in protocol.analysis_sets)
    return tuple(_observed(one, epoch, courses, protocol) for one, epoch in sets if epoch is not None)


def periods_of(sets: tuple[SafetySet, ...]) -> pl.DataFrame:
    """Give the members of all sets in one table, with the name of the set."""
    empty = pl.DataFrame(schema={"set": pl.String, "subject": pl.String, "first_day": pl.Int32, "last_day": pl.Int32})
    return pl.concat([empty, *(one.members.select(pl.lit(one.name).alias("set"), pl.all()) for one in sets)])


def _observed(declared: AnalysisSet, name: str, courses: pl.DataFrame, protocol: Protocol) -> SafetySet:
    epoch = protocol.pathway.epoch(name)
    last = epoch.visits[-1]
    lasts = last.day + last.after
    entered = pl.col("path").str.extract(rf"(?:^|→ ){epoch.name} \(day (-?\d+)").cast(pl.Int32)
    # Of additional treatment it is the drugs that matter, not the decision to give them.
    started = pl.when(pl.col("epoch_entered") == epoch.name).then("additional_treatment_day")
    others = [other.name for other in protocol.epochs if other.gives and other is not epoch]
    treated_otherwise = pl.col("path").str.contains_any([f"{other} (day" for other in others])
    members = courses.filter(entered.is_not_null())
    for excluded in declared.excludes:
        members = members.filter(~pl.col(excluded).fill_null(value=False))
    if declared.only_epoch is not None:
        members = members.filter(~treated_otherwise)
    members = members.select("subject", first_day=pl.coalesce(started, entered).cast(pl.Int32))
    since = "the first dose" if epoch.clock == "first_dose" else "the start of that treatment"
    return SafetySet(
        name=declared.name.removeprefix(PREFIX),
        label=declared.label.text,
        period=f"from {since} to day {lasts} after it",
        members=members.with_columns(last_day=pl.col("first_day") + lasts),
    )
