"""Tables that the protocol gives by itself: eligibility, etiology, response criteria."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.analysis.cohort_counts import eligibility_counts
from branchpoint.reporting.documents.common import source_line
from branchpoint.reporting.documents.table import Column, Table, heading, row
from branchpoint.reporting.notation import sentence
from branchpoint.reporting.words import words

if TYPE_CHECKING:
    from branchpoint.language.protocol import Protocol
    from branchpoint.language.rules import Criterion
    from branchpoint.reporting.documents.table import Row
    from branchpoint.reporting.report_material import Material

__all__ = ["eligibility_table", "etiology_table", "response_table"]

_RULES = (Column("Criterion", width=2.1), Column("As it is judged", width=3.4), Column("Source", width=1.6))
_NOTES = (
    "Analysis set: none. Method: printed from the definition that is executed.",
    "Missing values are neither yes nor no: a rule that rests on one is not evaluable, which is counted.",
)


def eligibility_table(material: Material) -> Table:
    """Table 1: who may enter."""
    protocol = material.protocol
    rows = [heading("Inclusion: every criterion must hold"), *map(_criterion, protocol.inclusion)]
    if protocol.exclusion:
        rows += [heading("Exclusion: no criterion may hold"), *map(_criterion, protocol.exclusion)]
    counted = "; ".join(f"{one['verdict']} {one['n']}" for one in eligibility_counts(material.courses).to_dicts())
    told = f"Judged by these rules, of {len(material.courses)} enrolled: {counted or 'nobody'}."
    return Table(
        id="table-1", label="Table 1", title="Eligibility criteria", columns=_RULES, rows=tuple(rows),
        notes=(*_NOTES, told), source=source_line(material, patients=False), long=True,
    )  # fmt: skip


def _criterion(rule: Criterion) -> Row:
    return row(sentence(rule.label.text), words(rule, expanded=True), rule.label.cite)


def etiology_table(material: Material) -> Table:
    """Table 2: the underlying diseases, in the order in which they are tried."""
    protocol = material.protocol
    chosen = protocol.etiology
    rows = [
        row(f"{order}. {case.answer}", words(case.rule, expanded=True), _cited(case.rule, chosen.label.cite))
        for order, case in enumerate(chosen.cases, start=1)
    ]
    rows.append(row(f"{len(rows) + 1}. {chosen.otherwise}", "when no earlier case holds", chosen.label.cite))
    unknown = material.analyzed["etiology"].null_count()
    told = f"The first case that holds is the answer. Not evaluable: {unknown} of {len(material.analyzed)} analyzed."
    return Table(
        id="table-2", label="Table 2", title="Diagnostic criteria for underlying diseases",
        columns=(Column("Etiology", width=1.3), Column("As it is judged", width=4), Column("Source", width=1.5)),
        rows=tuple(rows), notes=(_NOTES[0], told), source=source_line(material, patients=False), long=True,
    )  # fmt: skip


def _cited(rule: object, otherwise: str) -> str:
    label = getattr(rule, "label", None)
    return otherwise if label is None else str(label.cite)


def response_table(material: Material) -> Table:
    """Supplemental Table 1: what each response means, in every rule set."""
    protocol = material.protocol
    rows = [one for place in range(len(protocol.responses)) for one in _rule_set(protocol, place)]
    columns = (Column("Response", width=1.2), Column("As it is judged", width=4.4), Column("Source", width=1.8))
    return Table(
        id="table-s1", label="Supplemental Table 1", title="Response criteria", columns=columns, rows=tuple(rows),
        notes=(_NOTES[0], "Cases are tried in the order given; the first that holds is the response.", _NOTES[1]),
        source=source_line(material, patients=False), long=True,
    )  # fmt: skip


def _rule_set(protocol: Protocol, place: int) -> list[Row]:
    chosen = protocol.responses[place]
    followed = ". The pathway follows it" if place == 0 else ". Beside it, for comparison"
    cases = [
        row(f"{order}. {case.category}", words(case, expanded=True), case.label.cite)
        for order, case in enumerate(chosen.cases, start=1)
    ]
    rest = row(f"{len(cases) + 1}. {chosen.otherwise}", "when no earlier case holds", chosen.label.cite)
    return [heading(f"{chosen.label.text}{followed}"), *cases, rest]
