"""Checks of ADaM datasets: the variables that an analysis needs, their types, and what may stand in them.

Only what the analysis relies on is checked; the rest of a submission is its authors' and its validator's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from branchpoint.records.adam_censoring import censoring_problems
from branchpoint.records.adam_terms import (
    AGE_UNITS,
    BEST_RESPONSE,
    GRADES,
    POPULATIONS,
    RESPONSE_TERMS,
    SEXES,
    TIME_UNITS,
    is_best_response,
)
from branchpoint.records.cells import problems_of
from branchpoint.records.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["canonical", "dataset_problems"]

# Alternatives are written with a bar.
_REQUIRED = {
    "adsl": ("USUBJID", "|".join(POPULATIONS), "TRT01A|TRT01P"),
    "adrs": ("USUBJID", "PARAMCD", "AVALC", "ADT|ADY", "ANL01FL"),
    "adtte": ("USUBJID", "PARAMCD", "AVAL", "CNSR"),
    "adae": ("USUBJID", "AEBODSYS", "AEDECOD", "|".join(GRADES), "TRTEMFL"),
}
_TEXT = (
    "STUDYID", "USUBJID", "PARAMCD", "PARAM", "AVALC", "AVALU", "ANL01FL", "TRT01A", "TRT01P", "SEX", "AGEU", "EOSSTT",
    "DCSREAS", "EVNTDESC", "CNSDTDSC", "AEBODSYS", "AEDECOD", "ATOXGR", "AETOXGR", "ASEV", "AESEV", "TRTEMFL",
    *POPULATIONS,
)  # fmt: skip
_NUMBERS = ("AGE", "AVAL", "CNSR", "ADY", "ASTDY")
_DATES = ("ADT", "STARTDT", "TRTSDT", "ASTDT")
_NEVER_BLANK = {
    "adsl": ("USUBJID", *POPULATIONS),
    "adrs": ("USUBJID", "PARAMCD"),
    "adtte": ("USUBJID", "PARAMCD", "AVAL", "CNSR"),
    "adae": ("USUBJID", "AEBODSYS", "AEDECOD"),
}
_ISO = "%Y-%m-%d"


def canonical(frame: pl.DataFrame, dataset: str, file: str) -> tuple[pl.DataFrame, list[Problem]]:
    """Bring the variables that are known into their types, and number the rows.

    Returns
    -------
    tuple of (DataFrame, list of Problem)
        With `row`. A variable of a wrong type is a problem and left out.
    """
    numbered = frame.with_row_index("row", offset=1)
    problems = [
        Problem(file, None, names.split("|")[0], "no such variable", f"a variable {' or '.join(names.split('|'))}")
        for names in _REQUIRED[dataset]
        if not set(names.split("|")) & set(frame.columns)
    ]
    for column in frame.get_columns():
        name, dtype = column.name, column.dtype
        if name in _TEXT and dtype != pl.String():
            # A dataset in which a grade or flag was never recorded, or was recorded as a bare number.
            if name in GRADES and dtype.is_numeric():
                numbered = numbered.with_columns(pl.col(name).cast(pl.Int64, strict=False).cast(pl.String))
                continue
            problems.append(Problem(file, None, name, f"a variable of type {dtype}", "text"))
            numbered = numbered.drop(name)
        elif name in _NUMBERS and not dtype.is_numeric():
            problems.append(Problem(file, None, name, f"a variable of type {dtype}", "numbers"))
            numbered = numbered.drop(name)
        elif name in _DATES:
            numbered, wrong = _dated(numbered, name, file)
            problems += wrong
    return numbered, problems


def _dated(frame: pl.DataFrame, name: str, file: str) -> tuple[pl.DataFrame, list[Problem]]:
    dtype = frame.schema[name]
    if dtype.is_temporal():
        return frame.with_columns(pl.col(name).cast(pl.Date)), []
    if dtype != pl.String():
        problem = Problem(file, None, name, "numbers without a date format", "dates")
        return frame.drop(name), [problem]
    read = pl.col(name).str.to_date(_ISO, strict=False)
    wrong = problems_of(frame, pl.col(name).is_not_null() & read.is_null(), file, name, "a date as YYYY-MM-DD")
    return frame.with_columns(read), wrong


def dataset_problems(tables: Mapping[str, pl.DataFrame], files: Mapping[str, str]) -> list[Problem]:
    """Give everything that is wrong in some datasets.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By dataset, as `canonical` gives them.
    files : mapping of str to str
        Their files.
    """
    problems: list[Problem] = []
    own = {"adsl": _adsl, "adrs": _adrs, "adtte": _adtte, "adae": _adae}
    for dataset, table in tables.items():
        file = files[dataset]
        for name in _NEVER_BLANK[dataset]:
            if name in table.columns:
                problems += problems_of(table, pl.col(name).is_null(), file, name, _expected(name))
        problems += own[dataset](table, file)
        if dataset != "adsl" and "adsl" in tables:
            problems += _strangers(table, tables["adsl"], file, files["adsl"])
    return problems


def _expected(name: str) -> str:
    if name.endswith("FL"):
        return "Y or N"
    return {"USUBJID": "a subject", "AVAL": "a time", "CNSR": "0 for an event, 1 or more for censoring"}.get(
        name, "text that is not blank"
    )


def _adsl(table: pl.DataFrame, file: str) -> Iterator[Problem]:
    if not table.height:
        yield Problem(file, None, None, "no subject", "at least one")
    yield from _repeated(table, ("USUBJID",), file, "each subject once")
    for flag in POPULATIONS:
        yield from _one_of(table, flag, ("Y", "N"), file, "Y or N")
    yield from _one_of(table, "SEX", SEXES, file, f"one of {', '.join(SEXES)}, or blank")
    yield from _one_of(table, "AGEU", AGE_UNITS, file, f"one of {', '.join(AGE_UNITS)}")
    if "AGE" in table.columns:
        yield from problems_of(table, ~pl.col("AGE").is_between(0, 50_000), file, "AGE", "an age of 0 or more")
    if {"AGE", "AGEU"} <= set(table.columns) and table["AGEU"].drop_nulls().n_unique() > 1:
        units = ", ".join(table["AGEU"].drop_nulls().unique().sort())
        yield Problem(file, None, "AGEU", units, "one unit of age in all rows")


def _adrs(table: pl.DataFrame, file: str) -> Iterator[Problem]:
    yield from _one_of(table, "ANL01FL", ("Y", "N"), file, "Y, or blank")
    if "ADY" in table.columns:
        yield from problems_of(table, pl.col("ADY") == 0, file, "ADY", "a study day, of which there is no 0")
    if not {"USUBJID", "PARAMCD", "AVALC", "ANL01FL"} <= set(table.columns):
        return
    best = table.filter(pl.col("ANL01FL") == "Y", is_best_response())
    yield from _repeated(best, ("USUBJID", "PARAMCD"), file, "one best response a subject")
    # Y and N belong to a parameter that asks whether there was a response.
    yield from _one_of(best, "AVALC", (*RESPONSE_TERMS, "Y", "N"), file, f"a {BEST_RESPONSE} of the controlled terms")


def _adtte(table: pl.DataFrame, file: str) -> Iterator[Problem]:
    names = set(table.columns)
    if {"USUBJID", "PARAMCD"} <= names:
        used = table.filter(pl.col("ANL01FL") == "Y") if "ANL01FL" in names else table
        yield from _repeated(used, ("USUBJID", "PARAMCD"), file, "a parameter once a subject")
    if "AVAL" in names:
        yield from problems_of(table, pl.col("AVAL") < 0, file, "AVAL", "a time that is not negative")
    if "CNSR" in names:
        odd = (pl.col("CNSR") < 0) | (pl.col("CNSR") != pl.col("CNSR").floor())
        yield from problems_of(table, odd, file, "CNSR", _expected("CNSR"))
    if {"ADT", "STARTDT"} <= names:
        yield from problems_of(table, pl.col("ADT") < pl.col("STARTDT"), file, "ADT", "a date not before STARTDT")
    yield from _one_of(table, "AVALU", tuple(TIME_UNITS), file, f"one of {', '.join(TIME_UNITS)}")
    if {"AVALU", "PARAMCD"} <= names:
        mixed = pl.col("AVALU").n_unique().over("PARAMCD") > 1
        first = pl.col("AVALU").first().over("PARAMCD")
        yield from problems_of(table, mixed & pl.col("AVALU").ne_missing(first), file, "AVALU", "one unit a parameter")
    if {"AVALU", "AVAL", "ADT", "STARTDT"} <= names:
        counted = (pl.col("ADT") - pl.col("STARTDT")).dt.total_days()
        differs = (pl.col("AVALU").str.to_uppercase() == "DAYS") & ~(pl.col("AVAL") - counted).is_in([0.0, 1.0])
        yield from problems_of(table, differs, file, "AVAL", "the days from STARTDT to ADT, with or without the first")
    if {"PARAMCD", "CNSR"} <= names:
        yield from censoring_problems(table, file)


def _adae(table: pl.DataFrame, file: str) -> Iterator[Problem]:
    yield from _one_of(table, "TRTEMFL", ("Y", "N"), file, "Y, or blank")
    for name, terms in GRADES.items():
        yield from _one_of(table, name, terms, file, f"one of {', '.join(terms)}, or blank")


def _one_of(table: pl.DataFrame, name: str, terms: tuple[str, ...], file: str, expected: str) -> list[Problem]:
    """What is no controlled term; the case of its letters is not held against it, save in flags."""
    if name not in table.columns:
        return []
    written = pl.col(name) if set(terms) == {"Y", "N"} else pl.col(name).str.to_uppercase()
    return problems_of(table, ~written.is_in(terms), file, name, expected)


def _repeated(table: pl.DataFrame, key: tuple[str, ...], file: str, expected: str) -> list[Problem]:
    if not set(key) <= set(table.columns):
        return []
    # The first of them stands.
    again = table.filter(pl.all_horizontal(pl.col(key).is_not_null())).filter(~pl.struct(key).is_first_distinct())
    named = again.select("row", pl.concat_str(key, separator=", ").alias("_key"))
    told = problems_of(named, pl.lit(value=True), file, "_key", expected)
    return [problem._replace(column=key[-1], found=f"{problem.found} again") for problem in told]


def _strangers(table: pl.DataFrame, adsl: pl.DataFrame, file: str, known: str) -> list[Problem]:
    if "USUBJID" not in table.columns or "USUBJID" not in adsl.columns:
        return []
    unknown = table.filter(~pl.col("USUBJID").is_in(adsl["USUBJID"].drop_nulls().implode()))
    return problems_of(unknown, pl.lit(value=True), file, "USUBJID", f"a subject of {known}")
