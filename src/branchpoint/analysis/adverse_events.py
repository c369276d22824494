"""Adverse events: how many patients of each safety set had one, by group and grade, as the investigators recorded them.

A patient counts once for a group, by the worst grade within the days of the set. Nothing is derived here: what the
laboratory shows stands in `branchpoint.analysis.laboratory_grades`, beside and never in place of what was recorded.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.results import Result
from branchpoint.analysis.safety_sets import periods_of, safety_sets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.analysis.safety_sets import SafetySet
    from branchpoint.language.protocol import Protocol
    from branchpoint.records.tables import Study

__all__ = ["SEVERE", "adverse_event_results", "observed_events", "worst_by_group"]

SEVERE = 3
"""The grade from which an event is counted apart."""
_SECTIONS = {"hematologic": "Hematologic adverse event", "nonhematologic": "Nonhematologic adverse event"}


def adverse_event_results(study: Study, courses: pl.DataFrame, protocol: Protocol) -> Iterator[Result]:
    """Count patients with an adverse event: of every group, of every section, and of any kind.

    A study that recorded no adverse event at all gives no result, since nothing tells none from not recorded.

    Parameters
    ----------
    study : Study
    courses : DataFrame
        As `branchpoint.analysis.courses.patient_courses` gives them, of all subjects.
    protocol : Protocol

    Yields
    ------
    Result
        ``ae.<group>.<set>.any`` and ``ae.<group>.<set>.grade3``, where a set is named without ``safety_``, and a group
        may also be a section, or ``event`` for all groups; ``ae.patients.<set>``; and ``ae.outside``.
    """
    sets = safety_sets(courses, protocol)
    recorded = _recorded(study, protocol)
    if not len(recorded) or not sets:
        return
    events = observed_events(study, periods_of(sets), protocol)
    for one in sets:
        yield from _of_set(one, events.filter(set=one.name), protocol)
    yield _outside(recorded, events)


def observed_events(study: Study, periods: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Give the adverse events within the days of each set.

    Parameters
    ----------
    study : Study
    periods : DataFrame
        As `branchpoint.analysis.safety_sets.periods_of` gives them.
    protocol : Protocol

    Returns
    -------
    DataFrame
        Columns set, subject, group, day, grade and note (for one of several CTCAE terms, which it is).
    """
    joined = periods.join(_recorded(study, protocol), on="subject", maintain_order="left_right")
    within = pl.col("day").is_between(pl.col("first_day"), pl.col("last_day"))
    return joined.filter(within).select("set", "subject", "group", "day", "grade", "note")


def worst_by_group(events: pl.DataFrame) -> pl.DataFrame:
    """Give the worst event of each patient and group; one without a grade comes after those that have one."""
    ranked = events.sort("grade", "day", descending=[True, False], nulls_last=True)
    return ranked.unique(["set", "subject", "group"], keep="first", maintain_order=True)


def _recorded(study: Study, protocol: Protocol) -> pl.DataFrame:
    groups = [group.name for group in protocol.adverse_events]
    events = study.events.select(
        pl.col("subject").cast(pl.String), group=pl.col("event").cast(pl.String), day="day", grade="grade",
        note=pl.col("note").cast(pl.String),
    )  # fmt: skip
    return events.filter(pl.col("group").is_in(groups))


def _of_set(one: SafetySet, events: pl.DataFrame, protocol: Protocol) -> Iterator[Result]:
    yield Result(id=f"ae.patients.{one.name}", label=one.label, n=len(one.members), method="patients of the safety set")
    everything = events.with_columns(group=pl.lit("event"))
    yield from _counts(one, "event", "Adverse event of any kind", everything)
    groups = protocol.adverse_events
    for section, label in _SECTIONS.items():
        names = [group.name for group in groups if group.section == section]
        if names:
            joined = events.filter(pl.col("group").is_in(names)).with_columns(group=pl.lit(section))
            yield from _counts(one, section, label, joined)
    yield from chain.from_iterable(
        _counts(one, group.name, group.label, events.filter(group=group.name)) for group in groups
    )


def _counts(one: SafetySet, name: str, label: str, events: pl.DataFrame) -> Iterator[Result]:
    worst = worst_by_group(events)
    ungraded = worst["grade"].null_count()
    note = f"{ungraded} with no grade recorded are counted in any grade only" if ungraded else ""
    method = f"patients, each once by the worst grade as recorded, {one.period}"
    severe = int((worst["grade"] >= SEVERE).sum())
    for suffix, words, number in (("any", "any grade", len(worst)), ("grade3", f"grade {SEVERE} or higher", severe)):
        yield Result(
            id=f"ae.{name}.{one.name}.{suffix}", label=f"{label}, {words}: {one.label}", n=number,
            denominator=len(one.members), method=method, note=note,
        )  # fmt: skip


def _outside(recorded: pl.DataFrame, events: pl.DataFrame) -> Result:
    counted = events.select("subject", "group", "day").unique()
    left = recorded.join(counted, on=["subject", "group", "day"], how="anti")
    return Result(
        id="ae.outside", label="Adverse events recorded outside the days or the patients of every safety set",
        n=len(left), denominator=len(recorded), method="events",
    )  # fmt: skip
