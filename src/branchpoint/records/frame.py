"""The frame: what the records of a cohort say to the inputs of rules, one row a patient-visit and one column an input.

The cohort's counterpart of `branchpoint.records.lookup`, which states the rules of reading; the two are tested against
each other. Columns are named `branchpoint.language.Input.name`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import polars as pl

from branchpoint.language.measurements import Exposed, Occurred
from branchpoint.language.quantities import BASELINE, NOW
from branchpoint.records.frame_findings import Moments, TestFindings
from branchpoint.records.frame_subject import exposed, occurred, subject_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from branchpoint import language
    from branchpoint.language.quantities import Input, When

__all__ = ["StudyTables", "Tables", "assessment_days", "batches", "visit_frame"]


class StudyTables(Protocol):
    """Anything that holds the canonical tables of a study, in memory or scanned from disk."""

    @property
    def subjects(self) -> pl.DataFrame | pl.LazyFrame: ...
    @property
    def findings(self) -> pl.DataFrame | pl.LazyFrame: ...
    @property
    def exposures(self) -> pl.DataFrame | pl.LazyFrame: ...
    @property
    def events(self) -> pl.DataFrame | pl.LazyFrame: ...
    @property
    def disposition(self) -> pl.DataFrame | pl.LazyFrame: ...


class Tables(NamedTuple):
    """The tables of some of the subjects, in memory."""

    subjects: pl.DataFrame
    findings: pl.DataFrame
    exposures: pl.DataFrame
    events: pl.DataFrame
    disposition: pl.DataFrame


def batches(tables: StudyTables, size: int) -> Iterator[Tables]:
    """Give the tables of `size` subjects at a time, in order of subject; only one batch is in memory at a time."""
    subjects = tables.subjects.lazy().select(pl.col("subject").cast(pl.String)).unique().sort("subject").collect()
    for start in range(0, len(subjects), size):
        batch = subjects["subject"].slice(start, size)
        inside = pl.col("subject").cast(pl.String).is_between(pl.lit(batch[0]), pl.lit(batch[-1]))
        yield Tables(*(getattr(tables, name).lazy().filter(inside).collect() for name in Tables._fields))


def assessment_days(tables: Tables, protocol: language.Protocol) -> pl.DataFrame:
    """Give the days on which each subject is assessed, in order of subject and day.

    Parameters
    ----------
    tables : Tables
    protocol : Protocol

    Returns
    -------
    DataFrame
        Columns subject and day: day 0 of every subject, and each later day with a finding that some response rule reads
        or with an investigator's override.
    """
    later = pl.col("day") > 0
    read = pl.col("test").cast(pl.String).is_in(sorted(protocol.response_findings))
    parts = [
        tables.subjects.select("subject", day=pl.lit(0, pl.Int32)),
        tables.findings.filter(later & read).select("subject", "day"),
        tables.disposition.filter(later & (pl.col("status").cast(pl.String) == "override")).select("subject", "day"),
    ]
    days = pl.concat(
        [part.with_columns(pl.col("subject").cast(pl.String), pl.col("day").cast(pl.Int32)) for part in parts]
    )
    return days.unique().sort("subject", "day")


def visit_frame(tables: Tables, inputs: Iterable[Input], rows: pl.DataFrame) -> pl.DataFrame:
    """Read every input at every row.

    Parameters
    ----------
    tables : Tables
    inputs : iterable of Input
        To read an input at baseline whatever the day of the row, give it with ``when="baseline"``.
    rows : DataFrame
        Columns subject and day, in any order; values from after the day of a row are not seen.

    Returns
    -------
    DataFrame
        Subject and day as given, and a column for each different input; null where it is not known.
    """
    rows = rows.with_columns(pl.col("subject").cast(pl.String))
    reader = _Reader(tables, rows)
    by_measurement: dict[str, list[Input]] = {}
    for item in dict.fromkeys(inputs):
        by_measurement.setdefault(item.measurement.name, []).append(item)
    wanted = {name: items[0] for name, items in by_measurement.items() if items[0].measurement.source == "findings"}
    findings = reader.numbered(tables.findings.filter(pl.col("test").cast(pl.String).is_in(list(wanted))))
    by_test = findings.with_columns(pl.col("test").cast(pl.String)).partition_by(
        "test", as_dict=True, include_key=False
    )
    columns = []
    for name, items in by_measurement.items():
        test = None
        if name in wanted:
            test = TestFindings(items[0].measurement, by_test.pop((name,), findings.clear()))
        columns += [reader.read(item, test).alias(item.name) for item in items]
    return rows.select("subject", "day").with_columns(columns)


class _Reader:
    """Numbers the subjects of some rows, and answers inputs for them."""

    def __init__(self, tables: Tables, rows: pl.DataFrame) -> None:
        subjects = rows["subject"].unique().sort()
        self._numbers = pl.Enum(subjects)
        self._tables = tables
        self._moments: dict[When, Moments] = {
            NOW: Moments(self._number(rows["subject"]), rows["day"].cast(pl.Int64).to_numpy()),
        }
        self._subjects = subjects.to_frame().join(
            tables.subjects.with_columns(pl.col("subject").cast(pl.String)),
            on="subject",
            how="left",
            maintain_order="left",
        )
        self._exposures = self.numbered(tables.exposures)
        self._events = self.numbered(tables.events)

    def _number(self, subjects: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return subjects.cast(self._numbers).to_physical().cast(pl.Int64).to_numpy()

    def numbered(self, table: pl.DataFrame) -> pl.DataFrame:
        """Replace the subject by its number; what belongs to other subjects is left out."""
        group = pl.col("subject").cast(pl.String).cast(self._numbers, strict=False).to_physical().cast(pl.Int64)
        return table.with_columns(group=group).drop("subject").drop_nulls("group")

    def read(self, item: Input, test: TestFindings | None) -> pl.Series:
        """Answer an input at every row."""
        moments = self._at(item.when)
        measurement = item.measurement
        if test is not None:
            answer = test.answer(item, moments)
        elif isinstance(measurement, Exposed):
            answer = exposed(measurement, self._exposures, moments)
        elif isinstance(measurement, Occurred):
            answer = occurred(measurement, self._events, moments)
        else:
            answer = subject_facts(item, self._subjects, moments)
        return self._at_rows(item.when, answer)

    def _at(self, when: When) -> Moments:
        # What is asked at a fixed day is answered once for each subject.
        if when not in self._moments:
            group = np.arange(len(self._subjects))
            self._moments[when] = Moments(group, np.full_like(group, _fixed_day(when)))
        return self._moments[when]

    def _at_rows(self, when: When, answer: pl.Series) -> pl.Series:
        if when == NOW:
            return answer
        now = self._moments[NOW]
        answer = answer.gather(pl.Series(now.group))
        future = now.day < _fixed_day(when)
        return pl.select(pl.when(pl.Series(~future)).then(answer)).to_series() if future.any() else answer


def _fixed_day(when: When) -> int:
    return 0 if when == BASELINE else int(when)
