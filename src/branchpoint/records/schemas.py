"""The tables of a study in canonical form: columns, types, and what is true of one table by itself.

Written with dataframely, whose rules are Polars expressions and whose failures name row and rule. What needs the
protocol, another table or a unit is checked where the tables are read. Findings state columns and types alone: their
values are the door's. Keys are stated here and checked by `branchpoint.records.checks`, which names the row that was
first, as a rule that is true or false of a row cannot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dataframely as dy
import polars as pl

from branchpoint.records.problems import NOTHING, Problem, as_found
from branchpoint.records.vocabulary import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "KEYS", "SCHEMAS", "STATUSES", "Assessments", "Disposition", "Events", "Exposures", "Findings", "Subjects",
    "failures",
]  # fmt: skip

STATUSES = ("enrolled", "excluded", "override", "completed", "withdrawn", "lost", "last_contact")


class Subjects(dy.Schema):
    """Who takes part; one row a subject."""

    subject = dy.String(min_length=1)
    sex = dy.String(nullable=True, check=lambda value: value.is_in(["F", "M"]))
    birth_date = dy.Date(nullable=True)
    center = dy.String(nullable=True)
    consent_date = dy.Date(nullable=True)
    first_dose_date = dy.Date(nullable=True)
    genetic_result = dy.String(nullable=True)
    row = dy.UInt32()


class Findings(dy.Schema):
    """What was measured, asked or looked up; one row a subject, test and day.

    A number stands in `number`, an answer in `truth`, a code in `code`. `given` holds the value and unit as they were
    given where this row says them differently; else it is null.
    """

    subject = dy.String()
    day = dy.Int32()
    test = dy.String()
    number = dy.Float64(nullable=True)
    truth = dy.Bool(nullable=True)
    code = dy.String(nullable=True)
    unit = dy.String(nullable=True)
    lower_limit = dy.Float64(nullable=True)
    upper_limit = dy.Float64(nullable=True)
    missing = dy.String(nullable=True)
    given = dy.String(nullable=True)
    row = dy.UInt32()


class Exposures(dy.Schema):
    """What was given; one row an administration or a course. `end` is null while it goes on."""

    subject = dy.String()
    start = dy.Int32()
    end = dy.Int32(nullable=True)
    drug = dy.String()
    dose = dy.Float64(nullable=True, min_exclusive=0)
    unit = dy.String(nullable=True)
    every_hours = dy.Float64(nullable=True, min_exclusive=0)
    row = dy.UInt32()


class Events(dy.Schema):
    """What happened; one row a subject, event and day."""

    subject = dy.String()
    day = dy.Int32()
    event = dy.String()
    grade = dy.Int32(nullable=True, min=1, max=5)
    note = dy.String(nullable=True)
    row = dy.UInt32()


class Assessments(dy.Schema):
    """How somebody judged the response; one row a subject, day and judge."""

    subject = dy.String()
    day = dy.Int32()
    response = dy.String()
    by = dy.String(nullable=True)
    note = dy.String(nullable=True)
    row = dy.UInt32()


class Disposition(dy.Schema):
    """How a subject's part in the study went, and every override; one row a subject, status and day."""

    subject = dy.String()
    day = dy.Int32()
    status = dy.String(check=lambda value: value.is_in(list(STATUSES)))
    go = dy.String(nullable=True)
    reason = dy.String(nullable=True)
    row = dy.UInt32()


SCHEMAS: dict[str, type[dy.Schema]] = {
    "subjects": Subjects,
    "findings": Findings,
    "exposures": Exposures,
    "events": Events,
    "assessments": Assessments,
    "disposition": Disposition,
}

# What may stand once only, and how a second one is told.
KEYS: dict[str, tuple[tuple[str, ...], str]] = {
    "subjects": (("subject",), "each subject once"),
    "findings": (("subject", "day", "test"), "one finding of a test on a day"),
    "exposures": (("subject", "start", "end", "drug", "dose", "unit", "every_hours"), "an exposure once"),
    "events": (("subject", "day", "event"), "an event once on a day"),
    "assessments": (("subject", "day", "by"), "one assessment by a judge on a day"),
    "disposition": (("subject", "day", "status"), "a status once on a day"),
}

_EXPECTED = {
    "subject": "a subject",
    "day": "a study day, or a date",
    "start": "a study day, or a date",
    "drug": "a drug or support",
    "event": "an event",
    "response": "a response",
    "status": "a status",
    "sex|check": "F or M, or nothing where it is not known",
    "dose|min_exclusive": "a number above 0",
    "every_hours|min_exclusive": "a number of hours above 0",
    "grade|min": "a grade, 1 to 5",
    "grade|max": "a grade, 1 to 5",
    "status|check": one_of(STATUSES),
}


def failures(schema: type[dy.Schema], frame: pl.DataFrame, file: str) -> Iterator[Problem]:
    """Give a problem for every rule of a schema that a row of a table breaks.

    Parameters
    ----------
    schema : type of dataframely.Schema
    frame : DataFrame
        With the columns of the schema, in its types, and `row`; what could not be read is null.
    file : str
    """
    _, failed = schema.filter(frame)
    if not len(failed):
        return
    broken = failed.details()
    for rule in failed.counts():
        rows = broken.filter(pl.col(rule) == "invalid")
        column, _, kind = rule.partition("|")
        if kind == "nullability":
            yield from (Problem(file, row, column, NOTHING, _EXPECTED[column]) for row in rows["row"])
        elif kind:
            for row, value in rows.select("row", column).iter_rows():
                yield Problem(file, row, column, as_found(value), _EXPECTED[rule])
