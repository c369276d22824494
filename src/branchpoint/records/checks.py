"""Checks of whole tables: subjects that are known, study days that can be, rows that stand once.

A table is first screened by Polars expressions. The few rows that the screen holds back are then asked about one by
one, by the functions that also read a patient file; so every reason is worded once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from branchpoint.records.cells import LISTED
from branchpoint.records.problems import Problem, Refusal, as_found
from branchpoint.records.schemas import KEYS
from branchpoint.records.timeline import BEFORE_ENROLLMENT, FURTHEST, Span, day_in
from branchpoint.records.vocabulary import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

__all__ = [
    "ask", "outside", "repeated", "resolve_days", "span_from", "spans_of", "strangers", "tell_repeated",
    "with_deaths", "with_spans",
]  # fmt: skip


def spans_of(subjects: pl.DataFrame, cutoff: date | None) -> pl.DataFrame:
    """Give the span of each subject's record, as `branchpoint.records.timeline.span_of` does for one."""
    reference = pl.coalesce("first_dose_date", "consent_date")

    def day(when: pl.Expr) -> pl.Expr:
        return (when - reference).dt.total_days().cast(pl.Int32)

    return subjects.unique("subject", keep="first", maintain_order=True).select(
        "subject",
        _known=pl.lit(True),
        _reference=reference,
        _birth=day(pl.col("birth_date")),
        _opening=day(pl.coalesce("consent_date", reference)) - BEFORE_ENROLLMENT,
        _death=pl.lit(None, pl.Int32),
        _cutoff=day(pl.lit(cutoff, pl.Date)),
    )


def with_deaths(spans: pl.DataFrame, events: pl.DataFrame, ending: Iterable[str]) -> pl.DataFrame:
    """Add the first event of each subject that ends the study."""
    ended = events.filter(pl.col("event").is_in(list(ending)), pl.col("day").is_not_null())
    first = ended.group_by("subject").agg(pl.col("day").min().alias("_ended"))
    joined = spans.join(first, on="subject", how="left", maintain_order="left")
    return joined.with_columns(_death=pl.col("_ended")).drop("_ended")


def with_spans(frame: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Join the span of its subject to each row."""
    return frame.join(spans, on="subject", how="left", maintain_order="left")


def span_from(row: dict[str, Any]) -> Span:
    """Give the span that was joined to a row."""
    return Span(row["_reference"], row["_birth"], row["_opening"], row["_death"], row["_cutoff"])


def outside(day: str, lasting: pl.Expr | None = None) -> pl.Expr:
    """Screen for study days that cannot be; `lasting` exempts rows from the bound before enrollment."""
    value = pl.col(day)
    late = (value > pl.col("_death")).fill_null(False) | (value > pl.col("_cutoff")).fill_null(False)
    early = (value < pl.col("_birth")).fill_null(False)
    if lasting is not None:
        early |= (~lasting & (value < pl.col("_opening"))).fill_null(False)
    return late | early | (value.abs() > FURTHEST).fill_null(False)


def resolve_days(
    frame: pl.DataFrame, file: str, day: str = "day", when: str = "date"
) -> tuple[pl.DataFrame, list[Problem]]:
    """Turn dates into study days.

    Parameters
    ----------
    frame : DataFrame
        With spans.
    day, when : str
        The columns of study day and date, of which each row fills one, or both if they agree.

    Returns
    -------
    tuple of (DataFrame, list of Problem)
        With `day`, null where there is none, and ``_column``, the name of the column in which it was given.
    """
    counted = (pl.col(when) - pl.col("_reference")).dt.total_days().cast(pl.Int32)
    absent = pl.col(day).is_null() & counted.is_null() & ~pl.col("_unread")
    # The date of an unknown subject has no study day; that the subject is unknown is told elsewhere.
    undated = absent & pl.col(when).is_not_null() & pl.col("_known").is_not_null()
    wrong = undated
    if day == "day":
        wrong = undated | (absent & pl.col(when).is_null()) | (pl.col(day) != counted).fill_null(False)
    held = frame.filter(wrong)

    def reasons(row: dict[str, Any]) -> Iterable[Refusal]:
        outcome = day_in(span_from(row), row[day], row[when], when if day == "day" else day)
        return (outcome,) if isinstance(outcome, Refusal) else ()

    problems = ask(held, file, reasons)
    given = pl.when(pl.col(day).is_null() & (day == "day")).then(pl.lit(when)).otherwise(pl.lit(day))
    return frame.with_columns(pl.coalesce(day, counted).alias(day), given.alias(f"_{day}_column")), problems


def ask(held: pl.DataFrame, file: str, reasons: Callable[[dict[str, Any]], Iterable[Refusal]]) -> list[Problem]:
    """Ask about rows that a screen held back, one by one."""
    problems: list[Problem] = []
    for row in held.head(LISTED).iter_rows(named=True):
        refusals = tuple(reasons(row))
        problems += [Problem(file, row["row"], *refusal) for refusal in refusals]
        if not refusals:
            # Nothing may be left out in silence, were screen and reasons ever to disagree.
            problems.append(Problem(file, row["row"], None, "a row that cannot be taken in", "a row as documented"))
    if held.height > LISTED:
        problems.append(Problem(file, None, None, f"{held.height - LISTED} more rows with problems", "as above"))
    return problems


def strangers(frame: pl.DataFrame, file: str, known: pl.Series | None) -> list[Problem]:
    """Give a problem for each row of a subject whom the subjects table does not hold; none where it cannot be read."""
    if known is None:
        return []
    held = frame.filter(pl.col("_known").is_null() & pl.col("subject").is_not_null())

    def reasons(row: dict[str, Any]) -> Iterable[Refusal]:
        # Close matches among a million subjects take a second each.
        hint = suggest(row["subject"], known.to_list()) if known.len() <= 1000 else f"{known.len()} are known"
        return (Refusal("subject", row["subject"], f"a subject of the subjects table; {hint}"),)

    return ask(held, file, reasons)


def repeated(table: str, frame: pl.DataFrame, file: str) -> list[Problem]:
    """Give a problem for each row that repeats the key of an earlier one."""
    key = list(KEYS[table][0])
    duplicates = frame.filter(pl.struct(key).is_duplicated() & pl.col("subject").is_not_null())
    return tell_repeated(table, duplicates, file) if duplicates.height else []


def tell_repeated(table: str, duplicates: pl.DataFrame, file: str) -> list[Problem]:
    """Word the problems of rows that share their keys."""
    keys, expected = KEYS[table]
    column = {"subjects": "subject", "findings": "test", "exposures": "drug"}.get(table, keys[-1])
    first = pl.col("row").min().over(list(keys))
    held = duplicates.with_columns(_first=first).filter(pl.col("row") != pl.col("_first"))

    def reasons(row: dict[str, Any]) -> Iterable[Refusal]:
        day = row.get("day", row.get("start"))
        when = "" if day is None else f" on study day {day}"
        whose = "" if table == "subjects" else f" of {row['subject']}"
        return (Refusal(column, f"{as_found(row[column])}{when}{whose}, as in row {row['_first']}", expected),)

    return ask(held, file, reasons)
