"""Sensitivity: the same question answered under other choices, side by side.

Each `Variation` is one answer to one question, with everything that was varied in its label. The first answer to each
question is that of the main analysis.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from branchpoint.analysis.ard import Statistic, ard_frame
from branchpoint.analysis.endpoint_result import printed
from branchpoint.analysis.endpoints import analyze
from branchpoint.analysis.event_free import CONVENTIONS, event_free
from branchpoint.analysis.landmark import landmark_survival
from branchpoint.analysis.results import DAYS_PER_MONTH
from branchpoint.analysis.rule_set_responses import rule_set_responses
from branchpoint.analysis.sets import find_set, members
from branchpoint.analysis.survival_times import overall_survival
from branchpoint.language.responses import RESPONDING
from branchpoint.statistics.competing_risks import aalen_johansen
from branchpoint.statistics.kaplan_meier import kaplan_meier
from branchpoint.statistics.profiles import profile as find_profile
from branchpoint.statistics.proportions import proportion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.language.protocol import Protocol
    from branchpoint.statistics.profiles import Profile
    from branchpoint.statistics.results import Estimate

__all__ = ["Variation", "ard_of_variations", "sensitivity"]

MONTHS = 12
_ENDPOINTS = ("orr", "cr", "cr_overall", "os", "efs_frontline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """One answer to a question.

    Parameters
    ----------
    question, endpoint, label : str
    n, events : int
    estimate : Estimate
        A share from 0 to 1.
    note : str
    """

    question: str
    endpoint: str
    label: str
    n: int
    events: int
    estimate: Estimate
    note: str = ""


def sensitivity(
    courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol, *,
    set_name: str | None = None, profile: str = "paper",
) -> tuple[Variation, ...]:  # fmt: skip
    """Answer every question that the data allow.

    Parameters
    ----------
    courses, decisions : DataFrame
        Of all subjects.
    protocol : Protocol
    set_name : str, optional
        The analysis set of everything but the comparison of sets.
    profile : str
    """
    chosen, using = find_set(protocol, set_name).name, find_profile(profile)
    table = members(courses, decisions, protocol, chosen)
    parts = [
        _sets(courses, decisions, protocol, chosen, profile), _rule_sets(table, decisions, protocol, using),
        _bounds(courses, decisions, protocol, using), _conventions(table, using), _immortal(table, using),
        _competing(table, using),
    ]  # fmt: skip
    return tuple(variation for part in parts for variation in part)


def _sets(
    courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol, first: str, profile: str
) -> Iterator[Variation]:
    plain = [one.name for one in protocol.analysis_sets if not one.only_epoch and not one.reaching_epoch]
    for endpoint in _ENDPOINTS:
        for name in sorted(plain, key=lambda name: name != first):
            result = analyze(endpoint, courses, decisions, protocol, set_name=name, profile=profile)
            group = result.groups[0]
            missing = "; ".join(f"{number} not evaluable ({reason})" for reason, number in group.not_evaluable)
            if group.estimate is not None:
                yield Variation(question="analysis set", endpoint=endpoint, label=name, n=group.n,
                                events=group.events or 0, estimate=group.estimate, note=missing)  # fmt: skip


def _rule_sets(table: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol, using: Profile) -> Iterator[Variation]:
    for found in rule_set_responses(table, decisions, protocol):
        open_ones = f"up to {found.possible} if all that is missing were favorable" if found.possible > found.n else ""
        yield Variation(
            question="response rule set", endpoint=found.outcome, label=found.rule_set, n=found.size, events=found.n,
            estimate=proportion(found.n, found.size, form=using.proportion), note=open_ones,
        )  # fmt: skip


def _bounds(courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol, using: Profile) -> Iterator[Variation]:
    """Of everybody enrolled: the worst and the best that the missing could have been."""
    widest = next((one.name for one in protocol.analysis_sets if not one.excludes and not one.only_epoch
                   and not one.reaching_epoch), None)  # fmt: skip
    if widest is None:
        return
    table = members(courses, decisions, protocol, widest)
    for found in rule_set_responses(table, decisions, protocol):
        if found.rule_set == protocol.responses[0].name and found.outcome in ("ORR", "CR"):
            for label, number in (("worst", found.n), ("best", found.possible)):
                yield Variation(
                    question="missing data", endpoint=found.outcome, label=f"{label} case, {widest}", n=found.size,
                    events=number, estimate=proportion(number, found.size, form=using.proportion),
                )  # fmt: skip
    times = overall_survival(table)
    time, event = times["time"].to_numpy().astype(float), times["event"].to_numpy()
    horizon = MONTHS * DAYS_PER_MONTH
    early = ~event & (time < horizon)
    for label, moved, happened in (
        ("worst case: the censored died when last seen", time, event | early),
        ("best case: the censored lived on", np.where(early, horizon, time), event),
    ):
        estimate = kaplan_meier(moved, happened).estimate(horizon, form=using.survival)
        yield Variation(question="missing data", endpoint="os", label=f"{label}, {widest}", n=len(time),
                        events=int(happened.sum()), estimate=estimate,
                        note=f"{int(early.sum())} censored before {MONTHS} months, mostly by the cutoff")  # fmt: skip


def _conventions(table: pl.DataFrame, using: Profile) -> Iterator[Variation]:
    for convention in CONVENTIONS.values():
        times = event_free(table, convention).drop_nulls()
        yield Variation(
            question="EFS convention", endpoint="efs_frontline", label=convention.label, n=len(times),
            events=int(times["event"].sum()), estimate=_survival(times, using), note=convention.strategy,
        )  # fmt: skip


def _immortal(table: pl.DataFrame, using: Profile) -> Iterator[Variation]:
    responding = pl.col("best_response").is_in(RESPONDING).fill_null(value=False)
    complete = pl.col("cr_day").is_not_null()
    for what, holds, only_complete in (("response", responding, False), ("CR", complete, True)):
        for level, part in ((what, table.filter(holds)), (f"no {what}", table.filter(~holds))):
            times = overall_survival(part)
            yield Variation(
                question="immortal time", endpoint="os", label=f"{level}, from day 0", n=len(part),
                events=int(times["event"].sum()), estimate=_survival(times, using),
                note="biased: who responds had first to live to respond",
            )  # fmt: skip
        mark = landmark_survival(table, months=MONTHS, form=using.survival, complete=only_complete)
        left = f"left out: {mark.died_before} died before, {mark.lost_before} lost, {mark.unjudged} not judged"
        p = f"{mark.test.p:.3f}" if mark.test.estimable else mark.test.note
        for level, (_, n, events, estimate) in zip((what, f"no {what}"), mark.groups, strict=True):
            yield Variation(
                question="immortal time", endpoint="os", label=f"{level} by day {mark.day}, from day {mark.day}",
                n=n, events=events, estimate=estimate, note=f"{left}; {mark.test.method}, P = {p}",
            )  # fmt: skip


def _competing(table: pl.DataFrame, using: Profile) -> Iterator[Variation]:
    first = pl.min_horizontal("transplant_day", "death_day")
    cause = pl.when(pl.col("transplant_day") == first).then(1).when(pl.col("death_day") == first).then(2).otherwise(0)
    rows = table.select(time=pl.coalesce(first, "last_contact_day"), cause=cause).drop_nulls()
    causes = rows["cause"].to_numpy()
    if not {1, 2} <= set(causes.tolist()):
        return
    curve = aalen_johansen(rows["time"].to_numpy(), causes)
    for number, label in ((1, "transplantation, death competing"), (2, "death without transplantation")):
        yield Variation(
            question="transplantation as competing event", endpoint="cumulative incidence", label=label, n=len(rows),
            events=int((causes == number).sum()), estimate=curve.estimate(MONTHS * DAYS_PER_MONTH, number),
        )  # fmt: skip


def _survival(times: pl.DataFrame, using: Profile) -> Estimate:
    curve = kaplan_meier(times["time"].to_numpy(), times["event"].to_numpy())
    return curve.estimate(MONTHS * DAYS_PER_MONTH, form=using.survival)


def ard_of_variations(variations: tuple[Variation, ...], *, analysis_set: str = "", profile: str = "") -> pl.DataFrame:
    """Give variations as results data: the question as second grouping, and the answer as its level."""
    return ard_frame(row for one in variations for row in _rows(one, analysis_set, profile))


def _rows(one: Variation, analysis_set: str, profile: str) -> Iterator[Statistic]:
    common: dict[str, Any] = {
        "variable": one.endpoint, "group2": one.question, "group2_level": one.label, "context": "sensitivity",
        "method": one.estimate.method, "profile": profile,
        "analysis_set": one.label if one.question == "analysis set" else analysis_set,
    }  # fmt: skip
    yield Statistic(**common, stat_name="N", stat_label="N", stat=float(one.n), stat_fmt=str(one.n))
    yield Statistic(**common, stat_name="n", stat_label="n", stat=float(one.events), stat_fmt=str(one.events))
    why = "; ".join(filter(None, [one.estimate.note, one.note])) or None
    for name, label, value in (
        ("estimate", "Estimate", one.estimate.value), ("conf.low", "95% CI, lower limit", one.estimate.low),
        ("conf.high", "95% CI, upper limit", one.estimate.high),
    ):  # fmt: skip
        stat = value if isfinite(value) else None
        yield Statistic(**common, stat_name=name, stat_label=label, stat=stat, stat_fmt=printed(value), warning=why)
