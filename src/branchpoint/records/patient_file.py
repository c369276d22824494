"""The patient file: one patient as JSON, read with the standard library and checked against the protocol.

What the file must be is the contract of ``patient.schema.json``; what the values must be is the door's, the timeline's
and the protocol's. All problems are reported at once, each with the path of its value.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from branchpoint.language.registry import find_protocol, protocol_names
from branchpoint.records.course import (
    assemble,
    event_refusals,
    exposure_refusals,
    genetic_refusals,
    override_refusals,
)
from branchpoint.records.door import Given, admit
from branchpoint.records.patient import Event, Exposure, Finding, Override, Patient, Subject
from branchpoint.records.patient_shape import parse, path_of, shape_problems
from branchpoint.records.problems import Problem, RecordProblems, Refusal
from branchpoint.records.timeline import DATE, Span, date_in, day_in, day_refusals, span_of, subject_refusals
from branchpoint.records.vocabulary import Vocabulary, suggest, vocabulary_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.language.protocol import Protocol

__all__ = ["patient_from_data", "read_patient"]


def read_patient(path_or_text: str | Path, protocol: Protocol | None = None) -> tuple[Patient, Protocol]:
    """Read one patient.

    Parameters
    ----------
    path_or_text : str or Path
        A JSON file; or its text, which begins with a brace or is no more than one value.
    protocol : Protocol, optional
        In place of the registered one that the file names.

    Returns
    -------
    tuple of (Patient, Protocol)

    Raises
    ------
    RecordProblems
        With everything that is wrong. What is missing is no problem.
    """
    if isinstance(path_or_text, str) and path_or_text.lstrip()[:1] in ("{", "[", '"', ""):
        file, raw = "patient", path_or_text.encode()
    else:
        path = Path(path_or_text)
        file = path.name
        try:
            raw = path.read_bytes()
        except OSError as error:
            found = "no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
            raise RecordProblems([Problem(file, None, None, found, "a patient file")]) from None
    data, problems = parse(raw, file)
    if data is None and problems:
        raise RecordProblems(problems)
    return patient_from_data(data, protocol, file, problems)


def patient_from_data(
    data: object, protocol: Protocol | None = None, file: str = "patient", earlier: list[Problem] | None = None
) -> tuple[Patient, Protocol]:
    """Give the patient that parsed JSON describes.

    Parameters
    ----------
    data : object
        As parsed; its shape is checked here.
    protocol : Protocol, optional
        In place of the registered one that the data name.
    file : str
        How problems and provenance refer to it.
    earlier : list of Problem, optional
        Found while parsing; reported with the rest.

    Raises
    ------
    RecordProblems
    """
    problems = list(earlier or ())
    found, faulty = shape_problems(data, file)
    problems += found
    if not isinstance(data, dict):
        raise RecordProblems(problems)
    if protocol is None and ("protocol",) not in faulty:
        protocol = _registered(data["protocol"], file, problems)
    if protocol is None:
        raise RecordProblems(problems)
    reader = _Reader(vocabulary_of(protocol), file, faulty, problems)
    patient = _read(reader, data)
    if problems:
        raise RecordProblems(problems)
    return patient, protocol


def _registered(name: str, file: str, problems: list[Problem]) -> Protocol | None:
    # Asked for by name alone: find_protocol would run a Python file, and data must never say which code is run.
    if name in protocol_names():
        return find_protocol(name)
    problems.append(Problem(file, None, "protocol", name, f"a registered protocol; {suggest(name, protocol_names())}"))
    return None


class _Reader(NamedTuple):
    """What reading one file needs, and the problems that it gathers."""

    names: Vocabulary
    file: str
    faulty: set[tuple[object, ...]]
    problems: list[Problem]

    def refuse(self, path: str, refusals: tuple[Refusal, ...]) -> None:
        for refusal in refusals:
            column = f"{path}.{refusal.column}" if path else refusal.column
            self.problems.append(Problem(self.file, None, column, refusal.found, refusal.expected))

    def items(self, data: dict[str, Any], table: str) -> Iterator[tuple[str, dict[str, Any]]]:
        # Only what has the right shape is read further; the rest has been reported.
        if (table,) in self.faulty:
            return
        for index, item in enumerate(data.get(table, ())):
            if (table, index) not in self.faulty:
                yield path_of((table, index)), item

    def source(self, path: str) -> str:
        return f"{self.file}, {path}"


def _read(reader: _Reader, data: dict[str, Any]) -> Patient:
    subject = _subject(reader, data)
    dates = subject.birth_date, subject.consent_date, subject.first_dose_date
    span = span_of(*dates)
    events = []
    for path, item in reader.items(data, "events"):
        if (day := _day(reader, span, path, item)) is not None:
            events.append((path, item, day))
    ended = [day for _, item, day in events if item["event"] in reader.names.ending]
    span = span_of(*dates, death=min(ended, default=None))
    return assemble(
        subject,
        list(_findings(reader, data, span)),
        list(_exposures(reader, data, span)),
        list(_events(reader, events, span)),
        list(_overrides(reader, data, span)),
    )


def _subject(reader: _Reader, data: dict[str, Any]) -> Subject:
    given = data.get("subject")
    given = given if isinstance(given, dict) else {}
    sound = {key: value for key, value in given.items() if ("subject", key) not in reader.faulty}
    dates: dict[str, date | None] = {}
    for key in ("birth_date", "consent_date", "first_dose_date"):
        dates[key] = date_in(sound.get(key))
        if dates[key] is None and sound.get(key) is not None:
            reader.refuse("subject", (Refusal(key, str(sound[key]), DATE),))
    reader.refuse("subject", subject_refusals(dates["birth_date"], dates["consent_date"], dates["first_dose_date"]))
    genetic = sound.get("genetic_result")
    reader.refuse("subject", genetic_refusals(reader.names, genetic))
    return Subject(
        id=sound.get("id", ""),
        sex=sound.get("sex"),
        center=sound.get("center") or "",
        genetic_result=genetic,
        source=reader.source("subject"),
        **dates,
    )


def _day(reader: _Reader, span: Span, path: str, item: dict[str, Any]) -> int | None:
    day = None if item.get("day") is None else int(item["day"])
    counted = day_in(span, day, item.get("date"))
    if isinstance(counted, Refusal):
        reader.refuse(path, (counted,))
        return None
    return counted


def _column(item: dict[str, Any]) -> str:
    return "day" if item.get("day") is not None else "date"


def _findings(reader: _Reader, data: dict[str, Any], span: Span) -> Iterator[Finding]:
    seen: dict[tuple[str, int], str] = {}
    for path, item in reader.items(data, "findings"):
        given = Given(*(item.get(key) for key in Given._fields))
        day = _day(reader, span, path, item)
        finding, refusals = admit(reader.names.tests, given, day or 0, reader.source(path))
        reader.refuse(path, refusals)
        if day is None:
            continue
        measured = reader.names.tests.get(str(given.test))
        lasting = measured is None or measured.current_for is None
        reader.refuse(path, day_refusals(span, day, _column(item), lasting=lasting))
        first = seen.setdefault((str(given.test), day), path)
        if first != path:
            found = f"{given.test} on study day {day}, as in {first}"
            reader.refuse(path, (Refusal("test", found, "one finding of a test on a day"),))
        if finding is not None:
            yield finding


def _exposures(reader: _Reader, data: dict[str, Any], span: Span) -> Iterator[Exposure]:
    for path, item in reader.items(data, "exposures"):
        start = _bound(reader, span, path, item, "start")
        end = _bound(reader, span, path, item, "end")
        if start is None:
            continue
        if item.get("end") is None and item.get("every_hours") is None:
            end = start
        reader.refuse(path, exposure_refusals(reader.names, span, item["drug"], start, end))
        dose, every = item.get("dose"), item.get("every_hours")
        yield Exposure(
            item["drug"], start, end, None if dose is None else float(dose), item.get("unit") or "",
            None if every is None else float(every), reader.source(path),
        )  # fmt: skip


def _bound(reader: _Reader, span: Span, path: str, item: dict[str, Any], key: str) -> int | None:
    value = item.get(key)
    if not isinstance(value, str):
        return None if value is None else int(value)
    day = day_in(span, None, value, key)
    if isinstance(day, Refusal):
        reader.refuse(path, (day,))
        return None
    return day


def _events(reader: _Reader, read: list[tuple[str, dict[str, Any], int]], span: Span) -> Iterator[Event]:
    seen: dict[tuple[str, int], str] = {}
    for path, item, day in read:
        reader.refuse(path, event_refusals(reader.names, span, item["event"], day, column=_column(item)))
        first = seen.setdefault((item["event"], day), path)
        if first != path:
            found = f"{item['event']} on study day {day}, as in {first}"
            reader.refuse(path, (Refusal("event", found, "an event once on a day"),))
        grade = None if item.get("grade") is None else int(item["grade"])
        yield Event(day, item["event"], grade, item.get("note") or "", reader.source(path))


def _overrides(reader: _Reader, data: dict[str, Any], span: Span) -> Iterator[Override]:
    for path, item in reader.items(data, "overrides"):
        if (day := _day(reader, span, path, item)) is None:
            continue
        refusals = override_refusals(reader.names, span, item["go"], item["reason"], day, column=_column(item))
        reader.refuse(path, refusals)
        yield Override(day, item["go"], item["reason"], reader.source(path))
