"""Our own study as ADaM: ADSL, ADRS, ADTTE and ADAE, as frames and as files.

CDISC has no day 0: study day d of ours, counted from 0 at the first dose, is d + 1 there; days before the first dose
are the same. Times to an event count both ends for the same reason, so that they are longer by a day than ours.

What has no controlled term keeps the words of the protocol, and its label says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from branchpoint.analysis.survival_times import frontline_events, intensive_events, overall_survival
from branchpoint.language.responses import RESPONDING
from branchpoint.records.dataset_json import DatasetMetadata
from branchpoint.records.dataset_json_writer import write_dataset_json

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from branchpoint.language.protocol import Protocol
    from branchpoint.records.tables import Study

__all__ = ["adam_frames", "adam_metadata", "cdisc_day", "write_adam", "write_dataset_json"]

_TITLES = {
    "adsl": "Subject-Level Analysis Dataset",
    "adrs": "Response Analysis Dataset",
    "adtte": "Time-to-Event Analysis Dataset",
    "adae": "Adverse Events Analysis Dataset",
}
_KEYS = {
    "adsl": ("USUBJID",),
    "adrs": ("USUBJID", "PARAMCD", "ADY"),
    "adtte": ("USUBJID", "PARAMCD"),
    "adae": ("USUBJID", "ASTDY", "AEDECOD"),
}
_LABELS = {
    "STUDYID": "Study Identifier", "USUBJID": "Unique Subject Identifier", "AGE": "Age", "AGEU": "Age Units",
    "SEX": "Sex", "ARM": "Description of Planned Arm", "TRT01P": "Planned Treatment for Period 01",
    "TRT01A": "Actual Treatment for Period 01", "ITTFL": "Intent-To-Treat Population Flag",
    "PPROTFL": "Per-Protocol Population Flag", "SAFFL": "Safety Population Flag",
    "TRTSDT": "Date of First Exposure to Treatment", "ETIOLOGY": "Etiology, as the Protocol Classifies It",
    "PRIORSTR": "Prior Corticosteroid", "STRATUM": "Response on Leaving the Frontline", "EOSSTT": "End of Study Status",
    "DCSREAS": "Reason for Discontinuation from Study", "DTHFL": "Subject Death Flag", "PARAM": "Parameter",
    "PARAMCD": "Parameter Code", "AVALC": "Analysis Value (C)", "AVAL": "Analysis Value",
    "AVALU": "Analysis Value Unit", "ADT": "Analysis Date", "ADY": "Analysis Relative Day", "AVISIT": "Analysis Visit",
    "ANL01FL": "Analysis Flag 01", "STARTDT": "Time-to-Event Origin Date for Subject", "CNSR": "Censor",
    "EVNTDESC": "Event or Censoring Description", "CNSDTDSC": "Censor Date Description",
    "AEDECOD": "Protocol's Adverse Event (not MedDRA)", "AEBODSYS": "Protocol's Section (not MedDRA)",
    "ATOXGR": "Analysis Toxicity Grade", "ASTDT": "Analysis Start Date", "ASTDY": "Analysis Start Relative Day",
    "TRTEMFL": "Treatment Emergent Analysis Flag",
}  # fmt: skip
_BEST, _VISIT, _RESPONDED = ("BOR", "OVR", "RSP")
_NOT_TREATED = "NOT TREATED"


def cdisc_day(day: pl.Expr) -> pl.Expr:
    """Give the study day in the convention of CDISC, which has no day 0."""
    return pl.when(day >= 0).then(day + 1).otherwise(day).cast(pl.Float64)


def adam_frames(
    study: Study, courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol
) -> dict[str, pl.DataFrame]:
    """Give a study as ADaM datasets.

    Parameters
    ----------
    study : Study
    courses : DataFrame
        As `branchpoint.analysis.courses.patient_courses` gives them.
    decisions : DataFrame
        As `branchpoint.engine.cohort.decide_cohort` gives them.
    protocol : Protocol

    Returns
    -------
    dict of str to DataFrame
        ``adsl``, ``adrs``, ``adtte``, ``adae``. Numbers are floats, as in SAS.
    """
    adsl = _adsl(study, courses, protocol)
    started = adsl.select("STUDYID", "USUBJID", "TRTSDT")
    return {
        "adsl": adsl,
        "adrs": _adrs(started, courses, decisions, protocol),
        "adtte": _adtte(started, courses),
        "adae": _adae(started, study, protocol),
    }


def adam_metadata(study: Study, created: datetime | None = None) -> dict[str, DatasetMetadata]:
    """Give what the datasets of `adam_frames` say of themselves."""
    return {
        dataset: DatasetMetadata(
            name=dataset.upper(), label=title, labels=_LABELS, study=study.meta.protocol, keys=_KEYS[dataset],
            created=created,
        )
        for dataset, title in _TITLES.items()
    }  # fmt: skip


def write_adam(
    frames: dict[str, pl.DataFrame],
    metadata: dict[str, DatasetMetadata],
    folder: Path,
    form: Literal["xpt", "json", "ndjson"] = "json",
) -> tuple[Path, ...]:
    """Write datasets to a folder, one file each.

    Parameters
    ----------
    frames, metadata : dict
        As `adam_frames` and `adam_metadata` give them.
    folder : Path
        Made where it is not there.
    form : {"xpt", "json", "ndjson"}
        SAS transport, version 5, which needs the extra ``adam``; or Dataset-JSON 1.1.

    Raises
    ------
    RecordProblems
        Text is too long for a transport file.
    Refused
        The extra is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for dataset, frame in frames.items():
        path, said = folder / f"{dataset}.{form}", metadata[dataset]
        own = DatasetMetadata(
            name=said.name, label=said.label, labels={name: said.labels.get(name, name) for name in frame.columns},
            study=said.study, keys=said.keys, created=said.created,
        )  # fmt: skip
        if form == "xpt":
            from branchpoint.records.adam_xpt import write_xpt

            written.append(write_xpt(frame, path, own))
        else:
            written.append(write_dataset_json(frame, path, own))
    return tuple(written)


def _adsl(study: Study, courses: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    given = " + ".join(intervention.label.text for intervention in protocol.epochs[0].gives) or protocol.epochs[0].name
    dosed, excluded = pl.col("first_dose_date").is_not_null(), pl.col("excluded")
    born, then = pl.col("birth_date"), pl.coalesce("first_dose_date", "consent_date")
    months = (then.dt.year() - born.dt.year()) * 12 + then.dt.month().cast(pl.Int32) - born.dt.month().cast(pl.Int32)
    months -= (then.dt.day() < born.dt.day()).cast(pl.Int32)
    facts = study.subjects.select(pl.col("subject").cast(pl.String), "birth_date", "consent_date", "first_dose_date")
    rows = courses.join(facts, on="subject", how="left", maintain_order="left")
    rows = rows.join(_endings(study), on="subject", how="left", maintain_order="left")
    died = pl.col("death_day").is_not_null()
    return rows.select(
        STUDYID=pl.lit(study.meta.protocol),
        USUBJID="subject",
        # In completed months, which tell children apart where years do not.
        AGE=months.cast(pl.Float64),
        AGEU=pl.when(months.is_not_null()).then(pl.lit("MONTHS")),
        SEX=pl.col("sex").cast(pl.String),
        ARM=pl.lit(given),
        TRT01P=pl.lit(given),
        TRT01A=pl.when(dosed).then(pl.lit(given)).otherwise(pl.lit(_NOT_TREATED)),
        ITTFL=pl.lit("Y"),
        PPROTFL=_flag(~excluded),
        SAFFL=_flag(dosed),
        TRTSDT="first_dose_date",
        ETIOLOGY="etiology",
        PRIORSTR=pl.when(pl.col("prior_corticosteroid").is_not_null()).then(_flag(pl.col("prior_corticosteroid"))),
        STRATUM=pl.when("favorable").then(pl.lit("FAVORABLE")).when(~pl.col("favorable")).then(pl.lit("UNFAVORABLE")),
        EOSSTT=pl.when(died).then(pl.lit("DISCONTINUED")).otherwise(pl.col("_state").fill_null("ONGOING")),
        DCSREAS=pl.when(died).then(pl.lit("DEATH")).otherwise("_reason"),
        DTHFL=pl.when(died).then(pl.lit("Y")),
    )


def _endings(study: Study) -> pl.DataFrame:
    states = {"completed": "COMPLETED", "withdrawn": "DISCONTINUED", "lost": "DISCONTINUED"}
    reasons = {"withdrawn": "WITHDRAWAL BY SUBJECT", "lost": "LOST TO FOLLOW-UP"}
    ended = study.disposition.with_columns(pl.col("subject", "status").cast(pl.String))
    last = ended.filter(pl.col("status").is_in(list(states))).sort("day").group_by("subject").last()
    return last.select(
        "subject",
        _state=pl.col("status").replace_strict(states, default=None, return_dtype=pl.String),
        _reason=pl.col("status").replace_strict(reasons, default=None, return_dtype=pl.String),
    )


def _adrs(started: pl.DataFrame, courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    rules = protocol.responses[0]
    best = f"Best Overall Response on {protocol.epochs[0].label.text}"
    visits = decisions.select(
        USUBJID="subject", PARAMCD=pl.lit(_VISIT), PARAM=pl.lit(f"Response at Visit, {rules.label.text}"),
        AVALC=pl.col(f"response_{rules.name}").str.to_uppercase(), AVISIT="visit", _day=pl.col("day").cast(pl.Int32),
    ).drop_nulls("AVALC")  # fmt: skip
    nothing = {"AVISIT": pl.lit(None, pl.String), "_day": pl.lit(None, pl.Int32)}
    overall = courses.select(
        USUBJID="subject", PARAMCD=pl.lit(_BEST), PARAM=pl.lit(best),
        AVALC=pl.col("best_response").str.to_uppercase().fill_null("MISSING"), **nothing,
    )  # fmt: skip
    responded = courses.select(
        USUBJID="subject", PARAMCD=pl.lit(_RESPONDED), PARAM=pl.lit("Response (CR, PR or Improvement)"),
        AVALC=_flag(pl.col("best_response").is_in(RESPONDING).fill_null(value=False)), **nothing,
    )  # fmt: skip
    rows = started.join(pl.concat([overall, responded, visits]), on="USUBJID", how="inner", maintain_order="left_right")
    return rows.select(
        "STUDYID", "USUBJID", "PARAMCD", "PARAM", "AVALC", "AVISIT",
        ADT=pl.col("TRTSDT") + pl.duration(days="_day"), ADY=cdisc_day(pl.col("_day")), ANL01FL=pl.lit("Y"),
    )  # fmt: skip


def _adtte(started: pl.DataFrame, courses: pl.DataFrame) -> pl.DataFrame:
    later = courses.select("subject", _from=pl.coalesce("additional_treatment_day", "decision_day"))
    first = courses.select("subject", _from=pl.lit(0))
    parameters = [
        ("OS", "Overall Survival", overall_survival(courses), first, "Death", "Last contact"),
        ("EFS", "Event-Free Survival of Frontline Treatment", frontline_events(courses), first,
         "No response, progression, relapse or death", "Additional treatment for improvement, or last contact"),
        ("EFSADD", "Event-Free Survival of Additional Treatment", intensive_events(courses), later,
         "Refractory disease, relapse or death", "Last contact"),
    ]  # fmt: skip
    parts = [
        times.join(origin, on="subject", maintain_order="left").select(
            USUBJID="subject", PARAMCD=pl.lit(code), PARAM=pl.lit(label), _from=pl.col("_from").cast(pl.Int32),
            _time=pl.col("time").cast(pl.Int32), CNSR=(~pl.col("event")).cast(pl.Float64),
            EVNTDESC=pl.when("event").then(pl.lit(happened)).otherwise(pl.lit("Censored")),
            CNSDTDSC=pl.when(~pl.col("event")).then(pl.lit(censored)),
        )
        for code, label, times, origin, happened, censored in parameters
    ]  # fmt: skip
    rows = started.join(pl.concat(parts), on="USUBJID", how="inner", maintain_order="left_right")
    origin = pl.col("TRTSDT") + pl.duration(days="_from")
    return rows.select(
        "STUDYID", "USUBJID", "PARAMCD", "PARAM", AVAL=(pl.col("_time") + 1).cast(pl.Float64), AVALU=pl.lit("DAYS"),
        STARTDT=origin, ADT=origin + pl.duration(days="_time"), CNSR="CNSR", EVNTDESC="EVNTDESC", CNSDTDSC="CNSDTDSC",
    )  # fmt: skip


def _adae(started: pl.DataFrame, study: Study, protocol: Protocol) -> pl.DataFrame:
    groups = pl.DataFrame(
        [(group.name, group.label, group.section.upper()) for group in protocol.adverse_events],
        schema={"event": pl.String, "AEDECOD": pl.String, "AEBODSYS": pl.String}, orient="row",
    )  # fmt: skip
    events = study.events.with_columns(pl.col("subject", "event").cast(pl.String)).join(groups, on="event")
    rows = started.join(events, left_on="USUBJID", right_on="subject", how="inner", maintain_order="left_right")
    return rows.select(
        "STUDYID", "USUBJID", "AEDECOD", "AEBODSYS", ATOXGR=pl.col("grade").cast(pl.String),
        ASTDT=pl.col("TRTSDT") + pl.duration(days="day"), ASTDY=cdisc_day(pl.col("day")),
        TRTEMFL=pl.when(pl.col("day") >= 0).then(pl.lit("Y")),
    )  # fmt: skip


def _flag(holds: pl.Expr) -> pl.Expr:
    return pl.when(holds).then(pl.lit("Y")).otherwise(pl.lit("N"))
