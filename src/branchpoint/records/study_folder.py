"""The study folder: ``study.toml`` and six tables, read and checked against the protocol and against each other.

Everything that is wrong is reported at once. A table that cannot be read at all does not hide what is wrong with the
others. What is true of one table by itself is checked by its schema; what needs the protocol, or the subject's dates or
death, is checked here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from branchpoint.language.responses import RESPONSES
from branchpoint.records.cells import COLUMNS, REQUIRED, typed
from branchpoint.records.checks import (
    ask,
    outside,
    repeated,
    resolve_days,
    span_from,
    spans_of,
    strangers,
    with_deaths,
    with_spans,
)
from branchpoint.records.course import (
    event_refusals,
    exposure_refusals,
    genetic_refusals,
    override_refusals,
    response_refusals,
)
from branchpoint.records.findings_table import admit_findings
from branchpoint.records.patient import MISSING_REASONS
from branchpoint.records.problems import Problem, RecordProblems, Refusal
from branchpoint.records.raw_table import find_table, read_raw
from branchpoint.records.schemas import SCHEMAS, failures
from branchpoint.records.study_toml import read_meta
from branchpoint.records.tables import Study, empty_table
from branchpoint.records.timeline import day_refusals, subject_refusals
from branchpoint.records.vocabulary import Vocabulary, vocabulary_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from branchpoint.language.protocol import Protocol

__all__ = ["check_study", "read_study"]

OPTIONAL = ("assessments", "disposition")


def read_study(path: str | Path, protocol: Protocol | None = None) -> Study:
    """Read a study folder.

    Parameters
    ----------
    path : str or Path
    protocol : Protocol, optional
        In place of the registered one that ``study.toml`` names.

    Returns
    -------
    Study

    Raises
    ------
    RecordProblems
        With everything that is wrong. What is missing, with or without a reason, is no problem.
    """
    study, problems = _read(Path(path), protocol)
    if problems or study is None:
        raise RecordProblems(problems)
    return study


def check_study(path: str | Path, protocol: Protocol | None = None) -> tuple[Problem, ...]:
    """Give everything that is wrong with a study folder; nothing when it can be read."""
    _, problems = _read(Path(path), protocol)
    return RecordProblems(problems).problems


def _read(folder: Path, protocol: Protocol | None) -> tuple[Study | None, list[Problem]]:
    if not folder.is_dir():
        return None, [Problem(folder.name, None, None, "no such folder", "the folder of a study")]
    meta, protocol, problems = read_meta(folder, protocol)
    files, cells = _tables(folder, problems)
    if protocol is None:
        return None, problems
    reading = _Reading(vocabulary_of(protocol), files, problems, None if meta is None else meta.data_cutoff)
    tables = _checked(reading, cells)
    if meta is None or problems:
        return None, problems
    return Study(path=folder, meta=meta, files=files, **tables), problems


def _tables(folder: Path, problems: list[Problem]) -> tuple[dict[str, str], dict[str, pl.DataFrame]]:
    files: dict[str, str] = {}
    cells: dict[str, pl.DataFrame] = {}
    for table, columns in COLUMNS.items():
        path, found = find_table(folder, table, required=table not in OPTIONAL)
        problems += found
        if path is None:
            continue
        files[table] = path.name
        raw, found = read_raw(path, columns, REQUIRED[table])
        problems += found
        if raw is not None:
            cells[table], found = typed(raw, columns, path.name)
            problems += found
    return files, cells


class _Reading(NamedTuple):
    """What checking the tables of one study needs, and the problems that it gathers."""

    names: Vocabulary
    files: dict[str, str]
    problems: list[Problem]
    cutoff: date | None


def _checked(reading: _Reading, cells: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    subjects = _subjects(reading, cells.get("subjects"))
    spans = spans_of(subjects, reading.cutoff)
    known = subjects["subject"] if "subjects" in cells else None
    dated = {}
    for table in ("events", "exposures", "assessments", "disposition"):
        if table in cells:
            dated[table] = _dated(reading, table, with_spans(cells[table], spans), known)
    if "events" in dated:
        spans = with_deaths(spans, dated["events"], reading.names.ending)
    tables = {"subjects": subjects, "findings": empty_table("findings")}
    for table in ("exposures", "events", "assessments", "disposition"):
        tables[table] = _course(reading, table, dated[table], spans) if table in dated else empty_table(table)
    if "findings" in cells:
        file = reading.files["findings"]
        tables["findings"], found = admit_findings(cells["findings"], reading.names, file, spans, known)
        reading.problems.extend(found)
    return tables


def _subjects(reading: _Reading, frame: pl.DataFrame | None) -> pl.DataFrame:
    if frame is None:
        return empty_table("subjects")
    file, names, problems = reading.files["subjects"], reading.names, reading.problems
    birth, consent, dose = (pl.col(name) for name in ("birth_date", "consent_date", "first_dose_date"))
    wrong = (consent < birth) | (dose < birth) | (dose < consent)
    if reading.cutoff is not None:
        wrong |= (birth > reading.cutoff) | (consent > reading.cutoff) | (dose > reading.cutoff)
    held = wrong.fill_null(False)
    if names.genetic_results is not None:
        held |= ~pl.col("genetic_result").is_in([*names.genetic_results, *MISSING_REASONS]).fill_null(True)

    def reasons(row: dict[str, Any]) -> Iterable[Refusal]:
        yield from subject_refusals(row["birth_date"], row["consent_date"], row["first_dose_date"], reading.cutoff)
        yield from genetic_refusals(names, row["genetic_result"])

    problems += ask(frame.filter(held), file, reasons)
    frame = frame.select(SCHEMAS["subjects"].column_names())
    problems += failures(SCHEMAS["subjects"], frame, file)
    problems += repeated("subjects", frame, file)
    return frame.filter(pl.col("subject").is_not_null())


def _dated(reading: _Reading, table: str, frame: pl.DataFrame, known: pl.Series | None) -> pl.DataFrame:
    file = reading.files[table]
    reading.problems.extend(strangers(frame, file, known))
    times = (("start", "start_date"), ("end", "end_date")) if table == "exposures" else (("day", "date"),)
    for day, when in times:
        frame, found = resolve_days(frame, file, day, when)
        reading.problems.extend(found)
    return frame


def _course(reading: _Reading, table: str, frame: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    file, problems, names = reading.files[table], reading.problems, reading.names
    if table == "exposures":
        once = pl.col("end").is_null() & pl.col("every_hours").is_null() & ~pl.col("_unread")
        frame = frame.with_columns(end=pl.when(once).then("start").otherwise("end"))
    schema = SCHEMAS[table]
    time, when = ("start", "start_date") if table == "exposures" else ("day", "date")
    # A date that could not be read or counted has been reported already.
    sound = frame.filter(~pl.col("_unread"), pl.col(time).is_not_null() | pl.col(when).is_null())
    problems += failures(schema, sound.select(schema.column_names()), file)
    # Where a name or a day is missing the schema has said so, and nothing more can be asked of the row.
    frame = with_spans(frame.drop(column for column in spans.columns if column != "subject"), spans)
    complete = frame.filter(pl.all_horizontal(pl.col("subject", time, _NAMED[table]).is_not_null()))
    held = complete.filter(_screen(table, names) | outside(time) | (outside("end") if table == "exposures" else False))
    problems += ask(held, file, lambda row: _reasons(table, names, row))
    problems += repeated(table, complete, file)
    return complete.select(schema.column_names())


_NAMED = {"exposures": "drug", "events": "event", "assessments": "response", "disposition": "status"}


def _screen(table: str, names: Vocabulary) -> pl.Expr:
    match table:
        case "exposures":
            return ~pl.col("drug").is_in(names.drugs) | (pl.col("end") < pl.col("start")).fill_null(False)
        case "events":
            return ~pl.col("event").is_in(names.events)
        case "assessments":
            return ~pl.col("response").is_in(RESPONSES)
        case _:
            unfounded = ~pl.col("go").is_in(names.epochs).fill_null(False) | pl.col("reason").is_null()
            return (pl.col("status") == "override") & unfounded


def _reasons(table: str, names: Vocabulary, row: dict[str, Any]) -> tuple[Refusal, ...]:
    span = span_from(row)
    match table:
        case "exposures":
            return exposure_refusals(names, span, row["drug"], row["start"], row["end"])
        case "events":
            return event_refusals(names, span, row["event"], row["day"], column=row["_day_column"])
        case "assessments":
            return response_refusals(span, row["response"], row["day"], column=row["_day_column"])
        case _ if row["status"] == "override":
            return override_refusals(names, span, row["go"], row["reason"], row["day"], column=row["_day_column"])
        case _:
            return day_refusals(span, row["day"], row["_day_column"])
