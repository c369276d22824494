"""A broken study is refused whole, with a message for every fault that a coordinator could act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pytest

from branchpoint.records.problems import Problem, RecordProblems
from branchpoint.records.study_folder import check_study, read_study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = {
    "study.toml": """\
protocol = "rux-hlh"
version = "1.0.0"
title = "Two children who do not exist"
kind = "synthetic"
data_cutoff = 2024-06-30
""",
    "subjects.csv": """\
subject,sex,birth_date,center,consent_date,first_dose_date,genetic_result
A1,F,2018-03-02,Center A,2024-01-09,2024-01-10,negative
B2,M,2011-11-30,Center B,2024-02-01,2024-02-02,
""",
    "findings.csv": """\
subject,day,date,test,value,unit,lower_limit,upper_limit,missing
A1,0,,temperature,39.1,Cel,,,
A1,0,,hemoglobin,79,g/L,110,145,
A1,,2024-01-13,hemoglobin,91,g/L,110,145,
A1,0,,soluble_cd25,9400,pg/mL,,6400,
A1,0,,splenomegaly,yes,,,,
A1,0,,nk_activity,,,,,pending
B2,0,,ebv_vca_igg_avidity,high,,,,
B2,0,,weight,35,kg,,,
""",
    "exposures.csv": """\
subject,start,end,drug,dose,unit,every_hours
A1,0,28,ruxolitinib,5,mg,12
A1,2024-01-11,,platelet_transfusion,,,
""",
    "events.csv": """\
subject,day,event,grade,note
A1,7,anemia,2,
B2,60,death,,progression
""",
    "assessments.csv": """\
subject,day,response,by,note
A1,3,PR,investigator,
""",
    "disposition.csv": """\
subject,day,status,go,reason
A1,0,enrolled,,
A1,3,override,intensive,Rising ferritin
""",
}

Change = "Callable[[Path], None]"


class Broken(NamedTuple):
    name: str
    change: Callable[[Path], None]
    problem: Problem


def swap(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / file).read_text()
        assert text.count(old) == 1, f"{old!r} must stand once in {file}"
        (folder / file).write_text(text.replace(old, new))

    return change


def add(file: str, line: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).open("a").write(line + "\n") and None


def remove(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


def replace(file: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / file).write_bytes(content) and None


def parquet(table: str, **columns: object) -> Callable[[Path], None]:
    """Put a Parquet file in the place of a CSV file, with columns of other types."""

    def change(folder: Path) -> None:
        file = folder / f"{table}.csv"
        frame = pl.read_csv(file, infer_schema=False).with_columns(**columns)
        file.unlink()
        frame.write_parquet(file.with_suffix(".parquet"))

    return change


S, F, X, E, A, D, T = (
    f"{name}.csv" for name in ("subjects", "findings", "exposures", "events", "assessments", "disposition", "study")
)
T = "study.toml"
REASONS = "not_done, not_asked, pending, not_applicable, unknown, below_detection"
TEST = "a test of the protocol; "
DATE = "a date as YYYY-MM-DD"
GENES = "pathogenic, PRF1, UNC13D, STX11, STXBP2, RAB27A, LYST, AP3B1, SH2D1A, XIAP, BIRC4, uncertain, negative"
STATUSES = "enrolled, excluded, override, completed, withdrawn, lost, last_contact"
FINDINGS = "subject, day, date, test, value, number, truth, code, unit, lower_limit, upper_limit, missing, given"
