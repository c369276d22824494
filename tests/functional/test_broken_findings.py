"""A broken finding keeps the whole study out, with a message that a coordinator could act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from branchpoint.records.problems import Problem
from tests.functional.broken_study import (
    REASONS,
    Broken,
    F,
    add,
    parquet,
    refuse,
    swap,
)

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = [
    # Findings.
    Broken(
        "unknown test",
        swap(F, "temperature", "temprature"),
        Problem(F, 2, "test", "temprature", "a test of the protocol; did you mean temperature?"),
    ),
    Broken(
        "a fact about the subject as a finding",
        add(F, "B2,0,,age,12,a,,,"),
        Problem(F, 10, "test", "age", "a test of the protocol; 67 names are known, none is close"),
    ),
    Broken(
        "unknown subject",
        swap(F, "B2,0,,weight", "B3,0,,weight"),
        Problem(F, 9, "subject", "B3", "a subject of the subjects table; one of A1, B2"),
    ),
    Broken(
        "finding without a subject",
        swap(F, "B2,0,,weight", ",0,,weight"),
        Problem(F, 9, "subject", "nothing", "a subject"),
    ),
    Broken(
        "wrong unit",
        swap(F, "79,g/L", "79,kg"),
        Problem(F, 3, "unit", "kg", "g/L or mmol/L, or a unit that converts to it"),
    ),
    Broken(
        "unit of no system",
        swap(F, "39.1,Cel", "39.1,degrees"),
        Problem(F, 2, "unit", "degrees", "Cel, or a unit that converts to it"),
    ),
    Broken("unit demanded", swap(F, "9400,pg/mL", "9400,"), Problem(F, 5, "unit", "nothing", "a unit: pg/mL or U/mL")),
    Broken(
        "unit of an answer",
        swap(F, "splenomegaly,yes,", "splenomegaly,yes,cm"),
        Problem(F, 6, "unit", "cm", "no unit: splenomegaly is answered yes or no"),
    ),
    Broken("text in a number", swap(F, "39.1", "high"), Problem(F, 2, "value", "high", "a number")),
    Broken("decimal comma", swap(F, "39.1", '"39,1"'), Problem(F, 2, "value", "39,1", "a number")),
    Broken(
        "below detection as a number",
        swap(F, "A1,0,,soluble_cd25,9400", "A1,0,,soluble_cd25,<20"),
        Problem(F, 5, "value", "<20", "a number; a result below detection has no value and missing = below_detection"),
    ),
    Broken("infinite", swap(F, "39.1", "inf"), Problem(F, 2, "value", "inf", "a number")),
    Broken(
        "not a number",
        parquet("findings", test=pl.lit("weight"), unit=pl.lit("kg"), value=pl.lit(float("nan"))),
        Problem("findings.parquet", 1, "value", "nan", "a number"),
    ),
    Broken("implausible", swap(F, "39.1", "391"), Problem(F, 2, "value", "391 Cel", "30 to 45 Cel")),
    Broken(
        "implausible once converted",
        swap(F, "79,g/L", "79,g/dL"),
        Problem(F, 3, "value", "79 g/dL, which is 790 g/L", "10 to 260 g/L"),
    ),
    Broken(
        "neither yes nor no",
        swap(F, "splenomegaly,yes", "splenomegaly,large"),
        Problem(F, 6, "value", "large", "yes or no (true, yes, 1 or false, no, 0)"),
    ),
    Broken(
        "code not known",
        swap(F, "avidity,high", "avidity,strong"),
        Problem(F, 8, "value", "strong", "one of low, intermediate, high"),
    ),
    Broken("reason not known", swap(F, "pending", "later"), Problem(F, 7, "missing", "later", f"one of {REASONS}")),
    Broken(
        "value and reason",
        swap(F, "35,kg,,,", "35,kg,,,not_done"),
        Problem(F, 9, "missing", "not_done beside the value 35", "a value or a reason for having none, not both"),
    ),
    Broken(
        "neither value nor reason",
        swap(F, "weight,35,kg", "weight,,kg"),
        Problem(F, 9, "value", "nothing", f"a value, or a reason under missing: one of {REASONS}"),
    ),
    Broken(
        "limits reversed",
        swap(F, "79,g/L,110,145", "79,g/L,145,110"),
        Problem(F, 3, "lower_limit", "145", "at most the upper limit, 110"),
    ),
    Broken("text in a limit", swap(F, "79,g/L,110,145", "79,g/L,110,?"), Problem(F, 3, "upper_limit", "?", "a number")),
    Broken(
        "limit of an answer",
        swap(F, "splenomegaly,yes,,,", "splenomegaly,yes,,,1"),
        Problem(F, 6, "upper_limit", "1", "nothing: splenomegaly is not a number"),
    ),
    Broken(
        "duplicate finding",
        add(F, "A1,3,,hemoglobin,92,g/L,,,"),
        Problem(F, 10, "test", "hemoglobin on study day 3 of A1, as in row 4", "one finding of a test on a day"),
    ),
    Broken("part of a day", swap(F, "B2,0,,weight", "B2,0.5,,weight"), Problem(F, 9, "day", "0.5", "a whole number")),
    Broken("no day", swap(F, "B2,0,,weight", "B2,,,weight"), Problem(F, 9, "day", "nothing", "a study day, or a date")),
    Broken(
        "day and date disagree",
        swap(F, "A1,,2024-01-13", "A1,4,2024-01-13"),
        Problem(F, 4, "day", "4", "study day 3, which 2024-01-13 is"),
    ),
    Broken(
        "finding before birth",
        swap(F, "A1,,2024-01-13", "A1,,2014-01-13"),
        Problem(F, 4, "date", "study day -3649 (2014-01-13)", "on or after birth, study day -2140 (2018-03-02)"),
    ),
    Broken(
        "finding long before enrollment",
        swap(F, "A1,,2024-01-13", "A1,,2023-01-13"),
        Problem(
            F, 4, "date", "study day -362 (2023-01-13)", "at most 90 days before enrollment, study day -1 (2024-01-09)"
        ),
    ),
    Broken(
        "finding after death",
        swap(F, "B2,0,,weight", "B2,61,,weight"),
        Problem(F, 9, "day", "study day 61 (2024-04-03)", "on or before death, study day 60 (2024-04-02)"),
    ),
    Broken(
        "finding after the data cutoff",
        swap(F, "A1,,2024-01-13", "A1,,2025-01-13"),
        Problem(F, 4, "date", "study day 369 (2025-01-13)", "on or before the data cutoff, study day 172 (2024-06-30)"),
    ),
]


@pytest.mark.parametrize("case", BROKEN, ids=[case.name for case in BROKEN])
def test_is_refused(case: Broken, tmp_path: Path) -> None:
    refuse(tmp_path / "study", case)
