"""Courses: what became of each patient, one row a subject, read off the walked pathway and the recorded events.

What an epoch means is taken from the pathway itself, so that the same code reads any protocol:

- the *first* epoch of the pathway is the frontline, the *second* is the additional treatment;
- an epoch is one of *remission* when a decision sends complete responses into it;
- a response is *favorable* when the patient leaves the frontline in CR into an epoch of remission, and *unfavorable*
  when the patient leaves it for any other epoch;
- *additional treatment* is what the epoch entered gives and the frontline does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from branchpoint.language.responses import CR, PD, RELAPSE, RESPONDING, RESPONSES

if TYPE_CHECKING:
    from branchpoint.language.protocol import Protocol
    from branchpoint.records.tables import Study

__all__ = ["REFRACTORY", "TRANSPLANTATION", "Roles", "epoch_roles", "patient_courses"]

REFRACTORY = "refractory"
TRANSPLANTATION = "transplantation"
_LAST_SEEN = ("last_contact", "completed", "withdrawn", "lost")


class Roles(NamedTuple):
    """What the epochs of a pathway are to an analysis.

    Attributes
    ----------
    first : str
    second : str or None
        None when the pathway has one epoch, or its second is one of remission.
    remission : frozenset of str
    horizon : int or None
        The last study day that counts as the end of the frontline, the window of its last visit included; None where
        the frontline does not keep time from the first dose.
    first_end, second_end : str
        When these epochs end as planned, in words: ``day 28``, ``week 8``.
    """

    first: str
    second: str | None
    remission: frozenset[str]
    horizon: int | None
    first_end: str
    second_end: str


def epoch_roles(protocol: Protocol) -> Roles:
    """Read the roles of the epochs off a protocol's pathway."""
    first, *others = protocol.epochs
    remission = frozenset(d.go for d in protocol.pathway.decisions if CR in d.responses and d.go != d.epoch)
    second = others[0].name if others and others[0].name not in remission else None
    last = first.visits[-1]
    weeks = f"week {others[0].visits[-1].day // 7}" if second is not None else "its end"
    horizon = last.day + last.after if first.clock == "first_dose" else None
    return Roles(first.name, second, remission, horizon, f"day {last.day}", weeks)


def patient_courses(study: Study, decisions: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Give the course of every subject of a study.

    Parameters
    ----------
    study : Study
    decisions : DataFrame
        As `branchpoint.engine.cohort.decide_cohort` gives them, under the same protocol.
    protocol : Protocol

    Returns
    -------
    DataFrame
        One row a subject, in the order of the subjects table, with the columns

        - subject, sex, excluded, prior_corticosteroid, eligible, etiology, dose_mg: at baseline;
        - first_response_day, best_response, cr_day: on the frontline, up to its last visit;
        - frontline_outcome, decision_day, epoch_entered: the assessment with which the patient left the frontline; null
          while still there;
        - favorable: true or false once the frontline was left, else null;
        - additional_treatment_day: the first exposure, from the decision on, to additional treatment;
        - week_8_outcome (CR or refractory), week_8_day: the assessment with which the patient left the second
          epoch; who died there is refractory, and died_in_second says so;
        - overall_cr, cr_held_from: CR on leaving the first or the second epoch, and that day;
        - transplant_day, relapse_day (after that CR, recorded or judged), death_day, death_note, died_after_transplant;
        - last_contact_day: of death in those who died;
        - overrides: how many decisions an investigator replaced;
        - path: every change of epoch, in words.
    """
    roles = epoch_roles(protocol)
    response = pl.col(f"response_{protocol.responses[0].name}")
    walked = decisions.with_columns(response=response).sort("subject", "day")
    parts = [
        _baseline(study, walked),
        _frontline(walked, roles),
        _leaving_first(walked, roles),
        _leaving_second(walked, roles),
        _events(study, protocol),
        _paths(walked),
    ]
    table = study.subjects.select(pl.col("subject").cast(pl.String), pl.col("sex").cast(pl.String))
    for part in parts:
        table = table.join(part, on="subject", how="left", maintain_order="left")
    there_still = (pl.col("epoch_entered") == roles.second) & pl.col("week_8_day").is_null()
    died_there = there_still & pl.col("death_day").is_not_null()
    table = table.with_columns(
        pl.col("excluded").fill_null(value=False),
        pl.col("overrides").fill_null(0),
        died_in_second=died_there.fill_null(value=False),
    )
    table = table.join(_additional(study, protocol, table), on="subject", how="left", maintain_order="left")
    table = _outcome(table)
    table = table.join(_relapses(study, walked, table, roles), on="subject", how="left", maintain_order="left")
    last_row = walked.group_by("subject").agg(_last_row=pl.col("day").max())
    table = table.join(last_row, on="subject", how="left", maintain_order="left")
    seen = pl.coalesce("death_day", "_last_seen", pl.max_horizontal("_last_row", "_last_event"))
    return table.with_columns(last_contact_day=seen).drop("_last_seen", "_last_row", "_last_event")


def _baseline(study: Study, walked: pl.DataFrame) -> pl.DataFrame:
    status = study.disposition.group_by(pl.col("subject").cast(pl.String)).agg(
        excluded=(pl.col("status").cast(pl.String) == "excluded").any(),
        _last_seen=pl.col("day").filter(pl.col("status").cast(pl.String).is_in(_LAST_SEEN)).max(),
    )
    asked = study.findings.filter((pl.col("test").cast(pl.String) == "prior_corticosteroid") & (pl.col("day") <= 0))
    answers = asked.sort("day").group_by(pl.col("subject").cast(pl.String))
    prior = answers.agg(prior_corticosteroid=pl.col("truth").last())
    screened = walked.filter(pl.col("day") == 0).select("subject", "eligible", "etiology", "dose_mg")
    return screened.join(status, on="subject", how="left").join(prior, on="subject", how="left")


def _frontline(walked: pl.DataFrame, roles: Roles) -> pl.DataFrame:
    on = walked.filter(pl.col("epoch_before") == roles.first)
    if roles.horizon is not None:
        on = on.filter(pl.col("day") <= roles.horizon)
    rank = pl.col("response").cast(pl.Enum(RESPONSES))
    return on.group_by("subject").agg(
        first_response_day=pl.col("day").filter(pl.col("response").is_in(RESPONDING)).min(),
        best_response=rank.min().cast(pl.String),
        cr_day=pl.col("day").filter(pl.col("response") == CR).min(),
        frontline_status=pl.col("response").last(),
    )


def _leaving(walked: pl.DataFrame, epoch: str) -> pl.DataFrame:
    left = walked.filter((pl.col("epoch_before") == epoch) & (pl.col("epoch_after") != epoch))
    return left.group_by("subject", maintain_order=True).first()


def _leaving_first(walked: pl.DataFrame, roles: Roles) -> pl.DataFrame:
    return _leaving(walked, roles.first).select(
        "subject",
        frontline_outcome="response",
        decision_day="day",
        epoch_entered="epoch_after",
        favorable=pl.when(~pl.col("epoch_after").is_in(roles.remission)).then(pl.lit(False))
        .when(pl.col("response") == CR).then(pl.lit(True)),
    )  # fmt: skip


def _leaving_second(walked: pl.DataFrame, roles: Roles) -> pl.DataFrame:
    if roles.second is None:
        schema = {"subject": pl.String, "week_8_outcome": pl.String, "week_8_day": pl.Int32}
        return pl.DataFrame(schema=schema)
    return _leaving(walked, roles.second).select(
        "subject",
        week_8_outcome=pl.when(~pl.col("epoch_after").is_in(roles.remission)).then(pl.lit(REFRACTORY))
        .when(pl.col("response") == CR).then(pl.lit(CR)),
        week_8_day="day",
    )  # fmt: skip


def _events(study: Study, protocol: Protocol) -> pl.DataFrame:
    ending = [event.name for event in protocol.events if event.ends_study]
    event, day = pl.col("event").cast(pl.String), pl.col("day")
    found = study.events.sort("day").group_by(pl.col("subject").cast(pl.String)).agg(
        transplant_day=day.filter(event == TRANSPLANTATION).min(),
        death_day=day.filter(event.is_in(ending)).min(),
        death_note=pl.col("note").filter(event.is_in(ending)).first(),
        _last_event=day.max(),
    )  # fmt: skip
    return found.with_columns(died_after_transplant=pl.col("death_day") >= pl.col("transplant_day")).with_columns(
        # Null where nobody died, false where nobody was transplanted before.
        died_after_transplant=pl.when(pl.col("death_day").is_not_null()).then(
            pl.col("died_after_transplant").fill_null(value=False)
        )
    )


def _paths(walked: pl.DataFrame) -> pl.DataFrame:
    moved = pl.col("epoch_after") != pl.col("epoch_before")
    why = pl.when(pl.col("action") == "override").then(pl.lit("override")).otherwise("response")
    reason = (pl.lit(", ") + why).fill_null("")
    told = pl.format("{} (day {}{})", pl.col("epoch_after"), pl.col("day"), reason)
    return walked.group_by("subject").agg(
        overrides=(pl.col("action") == "override").sum(),
        path=told.filter(moved).str.join(" → "),
    )


def _additional(study: Study, protocol: Protocol, table: pl.DataFrame) -> pl.DataFrame:
    before = {given.name for given in protocol.epochs[0].gives}
    added = [
        {"epoch_entered": epoch.name, "drug": given.name}
        for epoch in protocol.epochs[1:]
        for given in epoch.gives
        if given.name not in before
    ]
    drugs = pl.DataFrame(added, schema={"epoch_entered": pl.String, "drug": pl.String})
    given = study.exposures.select(pl.col("subject", "drug").cast(pl.String), "start")
    entered = table.filter(favorable=False).select("subject", "epoch_entered", "decision_day")
    exposed = entered.join(drugs, on="epoch_entered").join(given, on=["subject", "drug"])
    exposed = exposed.filter(pl.col("start") >= pl.col("decision_day"))
    return exposed.group_by("subject").agg(additional_treatment_day=pl.col("start").min())


def _outcome(table: pl.DataFrame) -> pl.DataFrame:
    died_there = pl.col("died_in_second")
    table = table.with_columns(
        week_8_outcome=pl.when(died_there).then(pl.lit(REFRACTORY)).otherwise(pl.col("week_8_outcome"))
    )
    early, late = pl.col("favorable").fill_null(value=False), pl.col("week_8_outcome").eq(CR).fill_null(value=False)
    return table.with_columns(
        overall_cr=early | late,
        cr_held_from=pl.when(early).then("decision_day").when(late).then("week_8_day"),
    )


def _relapses(study: Study, walked: pl.DataFrame, table: pl.DataFrame, roles: Roles) -> pl.DataFrame:
    recorded = study.events.filter(pl.col("event").cast(pl.String) == RELAPSE)
    judged = walked.filter(pl.col("epoch_before").is_in(roles.remission) & pl.col("response").is_in([PD, RELAPSE]))
    days = pl.concat([recorded.select(pl.col("subject").cast(pl.String), "day"), judged.select("subject", "day")])
    since = table.select("subject", "cr_held_from").drop_nulls()
    return days.join(since, on="subject").filter(pl.col("day") > pl.col("cr_held_from")).group_by("subject").agg(
        relapse_day=pl.col("day").min()
    )  # fmt: skip
