"""Outcomes: the trial's outcome table, counted from the courses of its patients and never from what was published.

Results that the published table has carry its structure: frontline, additional treatment, overall; by prior
corticosteroid and in total. Only the analysis set is counted, except where enrollment is.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.adverse_events import adverse_event_results
from branchpoint.analysis.baseline import baseline_results, baseline_table
from branchpoint.analysis.courses import REFRACTORY, epoch_roles
from branchpoint.analysis.ebv_serology import ebv_serology_results
from branchpoint.analysis.group_tests import group_tests
from branchpoint.analysis.results import DAYS_PER_MONTH, Result, count, proportion, results_frame, spread
from branchpoint.analysis.survival_times import (
    FRONTLINE_EVENTS,
    INTENSIVE_EVENTS,
    estimate_at,
    estimate_at_end,
    frontline_events,
    intensive_events,
    overall_survival,
)
from branchpoint.analysis.treatments_given import treatment_results
from branchpoint.language.responses import CR, IMPROVEMENT, NR, PD, PR, RELAPSE, RESPONDING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.language.declarations import AnalysisSet
    from branchpoint.language.protocol import Protocol
    from branchpoint.records.tables import Study

__all__ = ["analysis_set", "analyzed", "outcome_table", "prior_groups"]

MONTHS = 12
INTENSIVE_MONTHS = 6
_FROM_RESPONSE = "median (range), first response to relapse, death or last contact, as observed"


def analysis_set(protocol: Protocol) -> AnalysisSet | None:
    """Give the set that efficacy is analyzed in: the first to exclude somebody and ask for no epoch, or the first."""
    plain = [one for one in protocol.analysis_sets if not one.only_epoch and not one.reaching_epoch]
    return next((one for one in plain if one.excludes), plain[0] if plain else None)


def analyzed(courses: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Give the courses of the analysis set: of those who were dosed, and not excluded where the set excludes."""
    chosen = analysis_set(protocol)
    return courses.filter(~pl.col("excluded")) if chosen is not None and chosen.excludes else courses


def prior_groups(courses: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Give all patients, and those without and with a corticosteroid before, where that was asked."""
    groups = {"all": courses}
    if courses["prior_corticosteroid"].is_not_null().any():
        prior = pl.col("prior_corticosteroid")
        groups = {"naive": courses.filter(~prior), "steroid": courses.filter(prior), **groups}
    return groups


def outcome_table(study: Study, courses: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Compute the outcome table.

    Parameters
    ----------
    study : Study
    courses : DataFrame
        As `branchpoint.analysis.courses.patient_courses` gives them.
    protocol : Protocol

    Returns
    -------
    DataFrame
        One row a statistic, see `branchpoint.analysis.results.Result`, and its percent.
    """
    counted, roles = analyzed(courses, protocol), epoch_roles(protocol)
    day, week = roles.first_end, roles.second_end
    results: list[Result] = list(_disposition(study, courses, counted))
    for group, members in prior_groups(counted).items():
        results += chain(_frontline(group, members), _responses(group, members, day), _additional(group, members, week))
        results += chain(_overall(group, members), _survival(group, members))
    for answer, members in _etiologies(counted, protocol).items():
        results += chain(_by_etiology(answer, members, counted, day))
    for group, favorable in (("favorable", True), ("unfavorable", False)):
        results += _strata(group, counted.filter(favorable=favorable))
    results += chain(_causes(counted), group_tests(counted, protocol), treatment_results(study, counted, protocol))
    results += ebv_serology_results(study, counted, protocol)
    table = baseline_table(study, counted)
    results += baseline_results(table, _baseline_groups(table, protocol))
    results += adverse_event_results(study, courses, protocol)
    return results_frame(results)


def _disposition(study: Study, courses: pl.DataFrame, counted: pl.DataFrame) -> Iterator[Result]:
    size = len(courses)
    everyone = Result(id="enrolled", label="Enrolled", n=size, method="subjects of the study")
    yield everyone
    yield count("excluded", "Excluded from analysis", "all", courses["excluded"])
    yield Result(id="analyzed", label="Analyzed", n=len(counted), denominator=size, method="count")
    for group, members in prior_groups(counted).items():
        if group != "all":
            label = "No prior corticosteroid" if group == "naive" else "Prior corticosteroid"
            yield Result(id="group", label=label, group=group, n=len(members), denominator=len(counted), method="count")
    first = study.subjects["consent_date"].min()
    yield Result(id="date.first_enrollment", label="First enrollment", date=first, method="earliest consent")  # type: ignore[arg-type]
    yield Result(id="date.cutoff", label="Data cutoff", date=study.meta.data_cutoff, method="as the study states it")
    follow_up = counted["last_contact_day"] / DAYS_PER_MONTH
    yield spread("follow_up", "Follow-up", "all", follow_up, "mo", method="median (range) of observed follow-up")


def _frontline(group: str, members: pl.DataFrame) -> Iterator[Result]:
    favorable, unfavorable = members.filter(favorable=True), members.filter(favorable=False)
    yield count("frontline.cr", "Favorable response: CR", group, _true(members["favorable"]))
    yield spread("frontline.time_to_cr", "Time to CR", group, favorable["cr_day"], "d")
    end = favorable.select(pl.min_horizontal("relapse_day", "last_contact_day")).to_series()
    held = (end - favorable["first_response_day"]) / DAYS_PER_MONTH
    yield spread(
        "frontline.duration_of_cr", "Duration of CR, from the first response", group, held, "mo", method=_FROM_RESPONSE
    )
    since_cr = (end - favorable["cr_day"]) / DAYS_PER_MONTH
    yield spread("frontline.duration_since_cr", "Duration of CR, from CR", group, since_cr, "mo",
                 method=_FROM_RESPONSE.replace("first response", "CR"))  # fmt: skip
    yield count("frontline.unfavorable", "Unfavorable response", group, _true(~members["favorable"]))
    outcome, best = members["frontline_outcome"], members["best_response"]
    failed = _true(~members["favorable"])
    progressed = outcome.is_in([PD, RELAPSE]) & best.is_in([PR, CR])
    parts = {"nr": (outcome == NR), "pd_after_pr": progressed, "improvement": outcome == IMPROVEMENT}
    labels = {"nr": "No response", "pd_after_pr": "Progressive disease after PR", "improvement": "HLH improvement"}
    rest = failed
    for name, holds in parts.items():
        found = _true(holds) & failed
        rest = rest & ~found
        yield count(f"frontline.{name}", labels[name], group, found)
    if rest.any():
        yield count("frontline.other", "Other reasons, overrides included", group, rest)
    undecided = members["favorable"].is_null()
    if undecided.any():
        yield count("frontline.undecided", "Frontline not finished or not evaluable", group, undecided)
    started = unfavorable["additional_treatment_day"]
    yield spread("intensive.start", "Additional treatment start day since the first dose", group, started, "d")


def _responses(group: str, members: pl.DataFrame, day: str) -> Iterator[Result]:
    best = members["best_response"]
    yield proportion("orr", f"Overall response: best response by {day}", group, _true(best.is_in(RESPONDING)))
    for response in (CR, PR, IMPROVEMENT, NR):
        yield count(f"best.{response}", f"Best response by {day}: {response}", group, _true(best == response))
    on_frontline = members["favorable"].fill_null(value=True)
    still = _true(members["frontline_status"].is_in(RESPONDING)) & on_frontline
    yield proportion("status_day_28", f"Responding on frontline treatment alone at {day}", group, still)
    first = members.filter(_true(best.is_in(RESPONDING)))["first_response_day"]
    yield spread("first_response", "Time to first response", group, first, "d")


def _additional(group: str, members: pl.DataFrame, week: str) -> Iterator[Result]:
    treated = members.filter(favorable=False)
    outcome = treated["week_8_outcome"]
    yield count("intensive.cr", f"CR at {week}", group, _true(outcome == CR))
    yield count("intensive.refractory", "Refractory", group, _true(outcome == REFRACTORY))
    refractory = treated.filter(week_8_outcome=REFRACTORY)
    transplanted = refractory["transplant_day"].is_not_null()
    yield count("refractory.hsct", "Salvage HSCT", group, transplanted)
    yield count("refractory.hsct.alive", "Alive", group, _alive(refractory.filter(transplanted)))
    yield count("refractory.no_hsct", "Without HSCT", group, ~transplanted)
    yield count("refractory.no_hsct.alive", "Alive", group, _alive(refractory.filter(~transplanted)))
    died_there = treated["died_in_second"]
    yield count("intensive.died_before_week_8", f"Died before the assessment of {week}", group, died_there)
    yield _intensive_efs(group, members)


def _overall(group: str, members: pl.DataFrame) -> Iterator[Result]:
    remitted = members.filter(overall_cr=True)
    yield count("overall.cr", "CR after treatment overall", group, members["overall_cr"])
    yield count("overall.relapse", "Relapse", group, remitted["relapse_day"].is_not_null())
    yield count("overall.alive", "Alive at last follow-up", group, _alive(members))
    after = members["died_after_transplant"]
    yield count("death.before_hsct", "Death before HSCT", group, _true(~after))
    yield count("death.after_hsct", "Death after HSCT", group, _true(after))
    for name, label, end in (("week_8", "Alive at 8 weeks", 56), ("year_1", "Not known to have died by 1 year", 365)):
        yield count(f"alive.{name}", label, group, (members["death_day"] > end).fill_null(value=True))


def _survival(group: str, members: pl.DataFrame) -> Iterator[Result]:
    yield estimate_at("os", "Overall survival", group, overall_survival(members), MONTHS)
    times = frontline_events(members)
    yield estimate_at("efs.frontline", "EFS of frontline treatment", group, times, MONTHS, events=FRONTLINE_EVENTS)


def _strata(group: str, members: pl.DataFrame) -> Iterator[Result]:
    if not len(members):
        return
    yield estimate_at("os", "Overall survival", group, overall_survival(members), MONTHS)
    if group == "unfavorable":
        responders = _true(members["best_response"].is_in(RESPONDING))
        for part, holds in (("responders", responders), ("nonresponders", ~responders)):
            yield _intensive_efs(part, members.filter(holds))


def _intensive_efs(group: str, members: pl.DataFrame) -> Result:
    label, times = "EFS of additional treatment", intensive_events(members)
    return estimate_at("efs.intensive", label, group, times, INTENSIVE_MONTHS, events=INTENSIVE_EVENTS)


def _etiologies(counted: pl.DataFrame, protocol: Protocol) -> dict[str, pl.DataFrame]:
    groups = {answer: counted.filter(etiology=answer) for answer in protocol.etiology.answers}
    if len(groups) > 2:
        # The last that is named and what is left over are small, and the paper pools them.
        pair = protocol.etiology.answers[-2:]
        groups[" or ".join(pair)] = counted.filter(pl.col("etiology").is_in(pair))
    return {answer: members for answer, members in groups.items() if len(members)}


def _baseline_groups(table: pl.DataFrame, protocol: Protocol) -> dict[str, pl.Series]:
    prior, favorable = table["prior_corticosteroid"], table["favorable"]
    groups = {"all": pl.Series([True] * len(table), dtype=pl.Boolean), "naive": _true(~prior), "steroid": _true(prior)}
    groups |= {"favorable": _true(favorable), "unfavorable": _true(~favorable)}
    groups |= {answer: _true(table["etiology"] == answer) for answer in protocol.etiology.answers}
    return {group: members for group, members in groups.items() if members.any()}


def _by_etiology(answer: str, members: pl.DataFrame, counted: pl.DataFrame, day: str) -> Iterator[Result]:
    yield Result(id="etiology", label=answer, group=answer, n=len(members), denominator=len(counted), method="count")
    best = members["best_response"]
    yield proportion("orr", f"Overall response: best response by {day}", answer, _true(best.is_in(RESPONDING)))
    yield count("frontline.cr", "Favorable response: CR", answer, _true(members["favorable"]))
    yield count("best.PR or improvement", f"Best response by {day}: PR or improvement", answer,
                _true(best.is_in([PR, IMPROVEMENT])))  # fmt: skip
    yield count("best.NR", f"Best response by {day}: NR", answer, _true(best == NR))
    among = counted.filter(favorable=True)["subject"].is_in(members["subject"].implode())
    yield count("favorable", f"{answer} among favorable responses", answer, among)
    survival = overall_survival(members)
    yield estimate_at("os", "Overall survival", answer, survival, MONTHS)
    yield estimate_at_end("os.end", "Overall survival at the end of follow-up", answer, survival)


def _causes(counted: pl.DataFrame) -> Iterator[Result]:
    died = counted.filter(pl.col("death_day").is_not_null())
    cause = pl.col("death_note").str.split(",").list.first()
    causes = died.group_by("died_after_transplant", cause).len().drop_nulls().sort(pl.all())
    for after, note, number in causes.iter_rows():
        when = "after" if after else "before"
        yield Result(
            id=f"death.{when}_hsct.cause", label=f"Death {when} HSCT: {note}", group=note, n=number,
            method="count, by the note of the event up to its first comma",
        )  # fmt: skip


def _alive(members: pl.DataFrame) -> pl.Series:
    return members["death_day"].is_null()


def _true(holds: pl.Series) -> pl.Series:
    return holds.fill_null(value=False)
