"""The schedule of activities: which measurement is taken at which visit."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from branchpoint.reporting.notation import quantity_words
from branchpoint.reporting.tables import Cell, Row, Section, Table, rows_of, span_words

if TYPE_CHECKING:
    from branchpoint.language.measurements import Measurement
    from branchpoint.language.protocol import Protocol
    from branchpoint.language.schedule import Epoch, Visit

__all__ = ["TAKEN", "schedule_section"]

TAKEN = "●"


def schedule_section(protocol: Protocol) -> Section:
    """Give the visits with their windows, and the matrix of visits and measurements."""
    return Section(name="schedule", title="Schedule of activities", tables=(_visits(protocol), _matrix(protocol)))


def _visits(protocol: Protocol) -> Table:
    return Table(
        caption="Visits and their windows",
        columns=("Visit", "Day", "May be early by", "May be late by"),
        rows=tuple(
            row
            for epoch in protocol.epochs
            for row in rows_of(
                (
                    (visit.name, str(visit.day), quantity_words(visit.before, "d"), quantity_words(visit.after, "d"))
                    for visit in epoch.visits
                ),
                f"{epoch.label.text}: {_clock(epoch)}",
            )
        ),
    )


def _clock(epoch: Epoch) -> str:
    counted = "days from the first dose" if epoch.clock == "first_dose" else "days from the start of the epoch"
    return f"{counted}; planned for {quantity_words(epoch.days, 'd')}" if epoch.days else counted


def _matrix(protocol: Protocol) -> Table:
    spans = [span for epoch in protocol.epochs for span in _spans(epoch)]
    taken: dict[Measurement, tuple[bool, ...]] = {}
    for visits in spans:
        for measurement in visits[0].collects:
            taken.setdefault(measurement, tuple(measurement in span[0].collects for span in spans))
    titles = tuple(map(span_words, spans))
    patterns = dict.fromkeys(taken.values())
    rows = tuple(
        Row((Cell(measurement.label), *(Cell(TAKEN if one else "") for one in pattern)), _group(pattern, titles))
        for pattern in patterns
        for measurement, found in taken.items()
        if found == pattern
    )
    return Table(
        caption=f"What is collected at which visits ({TAKEN}); visits that collect the same stand in one column",
        columns=("Measurement", *titles),
        rows=rows,
        dense=True,
    )


def _spans(epoch: Epoch) -> list[tuple[Visit, ...]]:
    runs = groupby(epoch.visits, key=lambda visit: frozenset(item.name for item in visit.collects))
    return [tuple(visits) for _, visits in runs]


def _group(pattern: tuple[bool, ...], titles: tuple[str, ...]) -> str:
    if all(pattern):
        return "At every visit"
    return "At " + "; ".join(title for title, one in zip(titles, pattern, strict=True) if one)
