"""Measures: what each endpoint is of one patient, read from the patient's course.

A measure says among whom it is taken, which value every patient has, and, in words, what a summary of it estimates.
Labels follow the protocol: "day 28" and "week 8" are those of its own epochs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from branchpoint.analysis.courses import REFRACTORY, Roles, epoch_roles
from branchpoint.analysis.event_free import CONVENTIONS, event_free
from branchpoint.analysis.results import DAYS_PER_MONTH
from branchpoint.analysis.survival_times import intensive_events, overall_survival
from branchpoint.language.responses import CR, NE, PR, RESPONDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from branchpoint.analysis.event_free import Convention
    from branchpoint.language.protocol import Protocol

__all__ = ["Kind", "Measure", "measures"]

Kind = Literal["proportion", "time to event", "duration", "categories"]
_ALL = pl.lit(value=True)
_LEFT = pl.col("favorable").eq(other=False).fill_null(value=False)
_BEST = pl.col("best_response").replace(NE, None)
_DEATH = ("death", "not responding: the patient stays in the denominator (composite)")
_ADDED = ("additional treatment", "what follows it does not count (while on treatment)")
_POLICY = ("additional treatment, transplantation", "disregarded (treatment policy)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What an endpoint is of one patient.

    Parameters
    ----------
    name, label : str
    kind : {"proportion", "time to event", "duration", "categories"}
    variable : str
        What is taken of a patient, in words.
    summary : str
        The summary measure, in words.
    among, among_words : Expr, str
        Who of the analysis set can have it.
    value : callable
        From courses to a table with the columns subject and value (true, false, a number or a category), or subject,
        time (days) and event; null where it is not evaluable.
    intercurrent : tuple of (str, str)
        Each intercurrent event with its strategy.
    months : float, optional
        When survival is estimated.
    unit : str
    starts_later : bool
        Whether time is counted from later than day 0.
    """

    name: str
    label: str
    kind: Kind
    variable: str
    summary: str
    value: Callable[[pl.DataFrame], pl.DataFrame]
    among: pl.Expr = _ALL
    among_words: str = "all of the analysis set"
    intercurrent: tuple[tuple[str, str], ...] = ()
    months: float | None = None
    unit: str = "%"
    starts_later: bool = False


def measures(protocol: Protocol) -> dict[str, Measure]:
    """Give every measure that can be read from the courses of a protocol, by name."""
    roles = epoch_roles(protocol)
    found = [*_responses(roles), *_later(roles), *_survival(roles), *_durations(), _causes()]
    return {measure.name: measure for measure in found}


def _share(
    name: str, label: str, variable: str, value: pl.Expr, *, among: pl.Expr = _ALL,
    among_words: str = "all of the analysis set", intercurrent: tuple[tuple[str, str], ...] = (_DEATH, _ADDED),
) -> Measure:  # fmt: skip
    return Measure(
        name=name, label=label, kind="proportion", variable=variable, among=among, among_words=among_words,
        summary="proportion; who is not evaluable stays in the denominator and does not count as having it",
        value=lambda courses: courses.select("subject", value=value), intercurrent=intercurrent,
    )  # fmt: skip


def _or_died(holds: pl.Expr) -> pl.Expr:
    """Who died before it could be judged does not have it; of the others who were not judged it is not known."""
    return holds.fill_null(pl.when(pl.col("death_day").is_not_null()).then(statement=False))


def _responses(roles: Roles) -> Iterator[Measure]:
    day = roles.first_end
    on_frontline = pl.col("favorable").fill_null(value=True)
    told = f"best response by {day} on the frontline treatment alone"
    yield _share("orr", f"Overall response rate: best response by {day}", f"{told}: CR, PR or improvement",
                 _or_died(_BEST.is_in(RESPONDING)))  # fmt: skip
    yield _share("status", f"Responding on frontline treatment alone at {day}",
                 f"status at {day}: CR, PR or improvement, still on the frontline treatment alone",
                 _or_died(pl.col("frontline_status").replace(NE, None).is_in(RESPONDING) & on_frontline),
                 intercurrent=(_DEATH, ("additional treatment before", "not responding (composite)")))  # fmt: skip
    yield _share("cr", f"Complete response by {day}", f"{told}: CR", _or_died(_BEST == CR))
    yield _share("cr_pr", f"CR or PR by {day}", f"{told}: CR or PR, improvement left out",
                 _or_died(_BEST.is_in([CR, PR])))  # fmt: skip
    yield _share("favorable", f"Favorable response: left the frontline in CR at {day}",
                 f"in CR when the frontline ends at {day}", _or_died(pl.col("favorable")))  # fmt: skip


def _later(roles: Roles) -> Iterator[Measure]:
    judged = pl.col("best_response").is_not_null() | pl.col("favorable").is_not_null()
    yield _share("cr_overall", "CR after treatment overall", "CR on leaving the frontline or additional treatment",
                 _or_died(pl.when(judged).then("overall_cr")), intercurrent=(_DEATH, _POLICY))  # fmt: skip
    remitted = pl.col("overall_cr").fill_null(value=False)
    yield _share("relapse", "Relapse after CR", "relapse, recorded or judged, after CR overall",
                 pl.col("relapse_day").is_not_null(), among=remitted, among_words="patients with CR overall",
                 intercurrent=(("death without relapse", "counted as no relapse (while alive)"), _POLICY))  # fmt: skip
    yield _share("alive", "Alive at last follow-up", "not known to have died",
                 pl.when((pl.col("last_contact_day") > 0) | pl.col("death_day").is_not_null())
                 .then(pl.col("death_day").is_null()),
                 intercurrent=(_POLICY,))  # fmt: skip
    words = "patients given additional treatment"
    yield _share("transplantation", "Transplantation", "transplanted at any time",
                 pl.col("transplant_day").is_not_null(), among=_LEFT, among_words=words,
                 intercurrent=(("death before it", "counted as not transplanted (while alive)"),))  # fmt: skip
    if roles.second is not None:
        outcome = pl.col("week_8_outcome")
        yield _share("cr_week_8", f"CR at {roles.second_end} of additional treatment",
                     f"CR on leaving additional treatment at {roles.second_end}", _or_died(outcome == CR), among=_LEFT,
                     among_words=words, intercurrent=(_DEATH,))  # fmt: skip
        yield _share("refractory", f"Refractory at {roles.second_end} of additional treatment",
                     "left additional treatment without CR, or died there", outcome == REFRACTORY, among=_LEFT,
                     among_words=words, intercurrent=(("death before", "refractory (composite)"),))  # fmt: skip


def _survival(roles: Roles) -> Iterator[Measure]:
    yield Measure(
        name="os", label="Overall survival", kind="time to event", variable="time from the first dose to death",
        summary="Kaplan-Meier estimate at 12 months", months=12, value=overall_survival, intercurrent=(_POLICY,),
    )  # fmt: skip
    for convention in CONVENTIONS.values():
        yield _event_free(convention)
    yield Measure(
        name="cr_kept", label="Duration of CR, from the first response (Kaplan-Meier)", kind="time to event",
        variable="time from the first response to relapse or death; censored at last contact", months=12,
        summary="Kaplan-Meier estimate of still being in CR at 12 months", value=_cr_kept, starts_later=True,
        among=pl.col("favorable").fill_null(value=False), among_words="patients with a favorable response",
        intercurrent=(_POLICY,),
    )  # fmt: skip
    if roles.second is not None:
        yield Measure(
            name="efs_intensive", label="Event-free survival of additional treatment", kind="time to event",
            variable="time from the start of additional treatment to refractory disease, relapse or death",
            summary="Kaplan-Meier estimate at 6 months", months=6, value=intensive_events, among=_LEFT,
            among_words="patients given additional treatment", starts_later=True,
            intercurrent=(("transplantation", "disregarded (treatment policy)"),),
        )  # fmt: skip


def _cr_kept(courses: pl.DataFrame) -> pl.DataFrame:
    ended = pl.min_horizontal("relapse_day", "death_day")
    end = pl.coalesce(ended, "last_contact_day")
    return courses.select("subject", time=end - pl.col("first_response_day"), event=ended.is_not_null())


def _event_free(convention: Convention) -> Measure:
    published = convention.name == "published"
    return Measure(
        name="efs_frontline" if published else f"efs_frontline.{convention.name}", months=12, kind="time to event",
        label="Event-free survival of the frontline" + ("" if published else f": {convention.label}"),
        variable=f"time from the first dose to no response (on {convention.no_response_on}), progression, relapse or "
        "death",
        summary="Kaplan-Meier estimate at 12 months",
        value=lambda courses: event_free(courses, convention),
        intercurrent=(("additional treatment for improvement short of PR", convention.strategy),),
    )  # fmt: skip


def _durations() -> Iterator[Measure]:
    observed = "median with minimum and maximum, as observed"
    responding, favorable = _BEST.is_in(RESPONDING), pl.col("favorable").fill_null(value=False)
    end = pl.min_horizontal("relapse_day", "last_contact_day")
    for name, label, among, words, value, unit in (
        ("time_to_response", "Time to first response", responding, "responders", pl.col("first_response_day"), "d"),
        ("time_to_cr", "Time to CR", _BEST == CR, "patients with CR", pl.col("cr_day"), "d"),
        ("duration_of_cr", "Duration of CR, from the first response", favorable, "patients with a favorable response",
         (end - pl.col("first_response_day")) / DAYS_PER_MONTH, "mo"),
        ("duration_since_cr", "Duration of CR, from CR", favorable, "patients with a favorable response",
         (end - pl.col("cr_day")) / DAYS_PER_MONTH, "mo"),
    ):  # fmt: skip
        lasting = unit == "mo"
        yield Measure(
            name=name, label=label, kind="duration", among=among.fill_null(value=False), among_words=words, unit=unit,
            variable="time to relapse, death or last contact" if lasting else "days since the first dose",
            summary=observed + (", whether or not the response had ended" if lasting else ""), starts_later=lasting,
            value=_read(value),
            intercurrent=(_POLICY,) if lasting else (_ADDED,),
        )  # fmt: skip


def _read(value: pl.Expr) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda courses: courses.select("subject", value=value.cast(pl.Float64))


def _causes() -> Measure:
    when = pl.when("died_after_transplant").then(pl.lit("after transplantation")).otherwise(pl.lit("without it"))
    cause = pl.col("death_note").str.split(",").list.first().fill_null("not recorded")
    return Measure(
        name="cause_of_death", label="Cause of death", kind="categories", variable="recorded cause, and whether after "
        "transplantation", summary="number of deaths by cause", among=pl.col("death_day").is_not_null(),
        among_words="patients who died", unit="",
        value=lambda courses: courses.select("subject", value=pl.format("{} ({})", cause, when)),
    )  # fmt: skip
