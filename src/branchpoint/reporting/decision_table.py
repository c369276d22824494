"""The decision table: what the pathway does at every visit of every epoch, for every response."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from branchpoint.language.responses import RESPONSES
from branchpoint.reporting.tables import NO_BREAK, Cell, Row, Section, Table, span_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.language.pathway import Decision
    from branchpoint.language.protocol import Protocol
    from branchpoint.language.schedule import Epoch, Visit

__all__ = ["DecisionRow", "action_words", "decision_rows", "decision_section"]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """Visits of one epoch that follow each other and at which every response is decided alike."""

    epoch: Epoch
    visits: tuple[Visit, ...]
    decisions: tuple[Decision, ...]


def decision_rows(protocol: Protocol) -> tuple[DecisionRow, ...]:
    """Give the rows of the decision table, one decision for each of `branchpoint.language.responses.RESPONSES`."""
    return tuple(_rows(protocol))


def _rows(protocol: Protocol) -> Iterator[DecisionRow]:
    pathway = protocol.pathway
    for epoch, by_visit in zip(pathway.epochs, pathway.table, strict=True):
        for indices, run in groupby(zip(by_visit, epoch.visits, strict=True), key=lambda pair: pair[0]):
            visits = tuple(visit for _, visit in run)
            yield DecisionRow(epoch, visits, tuple(pathway.decisions[index] for index in indices))


def action_words(action: str) -> str:
    """Give the word of an action as a reader reads it."""
    return action.replace("_", " ")


def decision_section(protocol: Protocol) -> Section:
    """Give the decision table, its citations as notes, and what each response means for the stratum."""
    notes: dict[str, int] = {}
    rows = tuple(
        Row((Cell(_when(row)), *(_cell(protocol, row, one, notes) for one in row.decisions)), row.epoch.label.text)
        for row in decision_rows(protocol)
    )
    table = Table(
        caption="Decision table: what is done at each visit, by response, and the epoch entered",
        columns=("Visit", *RESPONSES),
        rows=rows,
        notes=tuple(notes),
        dense=True,
    )
    return Section(name="pathway", title="Pathway", tables=(table,))


def _when(row: DecisionRow) -> str:
    return span_words(row.visits)


def _cell(protocol: Protocol, row: DecisionRow, decision: Decision, notes: dict[str, int]) -> Cell:
    stratum = f" [{decision.stratum} response]" if decision.stratum else ""
    note = f"{decision.text or action_words(decision.action)}{stratum}. {decision.cite}".rstrip()
    number = notes.setdefault(note, len(notes) + 1)
    moves = decision.go != row.epoch.name
    entered = f"→ {action_words(decision.go)}".replace(" ", NO_BREAK) if moves else ""
    return Cell(action_words(decision.action), entered, (number,))
