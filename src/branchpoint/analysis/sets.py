"""Analysis sets, as the protocol declares them: who belongs, and why the others do not.

A set is read from its declaration alone. Who was excluded from the trial, and has hardly a record, belongs to every set
that does not say otherwise; such patients are counted, as not evaluable where nothing was recorded of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.outcomes import analysis_set
from branchpoint.refused import Refused

if TYPE_CHECKING:
    from branchpoint.language.declarations import AnalysisSet
    from branchpoint.language.protocol import Protocol

__all__ = ["find_set", "left_out", "members", "set_counts"]


def find_set(protocol: Protocol, name: str | None) -> AnalysisSet:
    """Find an analysis set by name; None gives the one that efficacy is analyzed in.

    Raises
    ------
    Refused
        The protocol declares none of that name.
    """
    if name is None:
        chosen = analysis_set(protocol)
        if chosen is not None:
            return chosen
    for one in protocol.analysis_sets:
        if one.name == name:
            return one
    declared = ", ".join(one.name for one in protocol.analysis_sets) or "none"
    raise Refused(f"analysis set {name!r}: {protocol.name} declares {declared}")


def members(
    courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol, name: str | None = None
) -> pl.DataFrame:
    """Give the courses of the members of an analysis set.

    Parameters
    ----------
    courses : DataFrame
        As `branchpoint.analysis.courses.patient_courses` gives them, of all subjects; further columns are kept.
    decisions : DataFrame
        As `branchpoint.engine.cohort.decide_cohort` gives them.
    protocol : Protocol
    name : str, optional
        Of a declared set; that of efficacy when not given.

    Raises
    ------
    Refused
        No such set, or one that cannot be read from courses.
    """
    return _judged(courses, decisions, protocol, name).filter(pl.col("_why").is_null()).drop("_why")


def left_out(
    courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol, name: str | None = None
) -> tuple[tuple[str, int], ...]:
    """Count those whom a set leaves out, by reason; each patient once, for the first reason that applies."""
    out = _judged(courses, decisions, protocol, name).drop_nulls("_why")
    return tuple(out.group_by("_why", maintain_order=True).len().iter_rows())


def set_counts(courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol) -> dict[str, int]:
    """Count the members of every declared set."""
    return {one.name: len(members(courses, decisions, protocol, one.name)) for one in protocol.analysis_sets}


def _judged(courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol, name: str | None) -> pl.DataFrame:
    chosen = find_set(protocol, name)
    treated = [epoch.name for epoch in protocol.epochs if epoch.gives]
    entered = decisions.group_by("subject").agg(_epochs=pl.col("epoch_after").unique())
    table = courses.join(entered, on="subject", how="left", maintain_order="left")
    epochs = pl.col("_epochs").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    reasons = []
    for column in chosen.excludes:
        if courses.schema.get(column) != pl.Boolean:
            raise Refused(f"analysis set {chosen.name!r}: it excludes {column!r}, and nothing of that name is recorded")
        reasons.append((pl.col(column).fill_null(value=False), column))
    if chosen.only_epoch is not None:
        others = [epoch for epoch in treated if epoch != chosen.only_epoch]
        reasons.append((~epochs.list.contains(chosen.only_epoch), f"never entered {chosen.only_epoch}"))
        reasons.append((epochs.list.eval(pl.element().is_in(others)).list.any(), f"treated after {chosen.only_epoch}"))
    if chosen.reaching_epoch is not None:
        reasons.append((~epochs.list.contains(chosen.reaching_epoch), f"never entered {chosen.reaching_epoch}"))
    why = pl.coalesce(
        pl.lit(None, pl.String),
        *(pl.when(holds.fill_null(value=False)).then(pl.lit(reason)) for holds, reason in reasons),
    )
    return table.with_columns(_why=why).drop("_epochs")
