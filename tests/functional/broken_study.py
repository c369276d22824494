"""A good study, ways to break it, and what must come of it. No patient stands behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pytest

from branchpoint.records.problems import Problem, RecordProblems
from branchpoint.records.study_folder import check_study, read_study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

S, F, X, E, A, D = (
    f"{name}.csv" for name in ("subjects", "findings", "exposures", "events", "assessments", "disposition")
)
T = "study.toml"
REASONS = "not_done, not_asked, pending, not_applicable, unknown, below_detection"

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
    def change(folder: Path) -> None:
        (folder / file).write_text((folder / file).read_text() + line + "\n")

    return change


def remove(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


def write(file: str, content: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / file).write_bytes(content)

    return change


def rename(file: str, other: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / file).rename(folder / other)

    return change


def parquet(table: str, **columns: object) -> Callable[[Path], None]:
    """Put a Parquet file in the place of a CSV file, with columns of other types."""

    def change(folder: Path) -> None:
        file = folder / f"{table}.csv"
        frame = pl.read_csv(file, infer_schema=False).with_columns(**columns)
        file.unlink()
        frame.write_parquet(file.with_suffix(".parquet"))

    return change


def good_study(folder: Path) -> Path:
    folder.mkdir()
    for name, text in GOOD.items():
        (folder / name).write_text(text)
    return folder


def refuse(folder: Path, case: Broken) -> None:
    """Break a study, and see it refused with the message that was expected, and nothing written."""
    case.change(good_study(folder))
    before = contents(folder.parent)
    with pytest.raises(RecordProblems) as refused:
        read_study(folder)
    assert case.problem in refused.value.problems, str(refused.value)
    assert str(case.problem) in str(refused.value)
    assert check_study(folder) == refused.value.problems
    assert contents(folder.parent) == before


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
