"""Sections: a protocol as the parts of a synopsis, each a few facts and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.reporting.decision_table import decision_section
from branchpoint.reporting.definitions import named_nodes
from branchpoint.reporting.measurement_table import measurement_section
from branchpoint.reporting.notation import quantity_words, sentence
from branchpoint.reporting.schedule_table import schedule_section
from branchpoint.reporting.tables import Cell, Section, Table, rows_of
from branchpoint.reporting.words import intervention_words, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from branchpoint.language.declarations import AnalysisSet, Endpoint
    from branchpoint.language.grading import AdverseEventGroup
    from branchpoint.language.protocol import Protocol
    from branchpoint.language.responses import ResponseRuleSet
    from branchpoint.language.rules import Criterion
    from branchpoint.reporting.definitions import Named

__all__ = ["sections"]

_RULE_COLUMNS = ("Rule", "Definition", "Source")


def sections(protocol: Protocol) -> tuple[Section, ...]:
    """Give the parts of a protocol in the order in which a reader wants them.

    Parameters
    ----------
    protocol : Protocol
    """
    return (
        _summary(protocol),
        _eligibility(protocol),
        _diagnosis(protocol),
        _etiology(protocol),
        _interventions(protocol),
        _parameters(protocol),
        _responses(protocol),
        decision_section(protocol),
        schedule_section(protocol),
        _endpoints(protocol),
        _events(protocol),
        _definitions(protocol),
        measurement_section(protocol),
        _proofs(protocol),
    )


def _summary(protocol: Protocol) -> Section:
    facts = (
        ("Protocol", protocol.name),
        ("Version", protocol.version),
        ("Content hash", protocol.hash),
        ("Source", protocol.cite),
    )
    return Section(name="summary", title=protocol.title, facts=facts)


def _rules(caption: str, rules: Iterable[Named]) -> Table:
    cells = ((Cell(sentence(rule.label.text), rule.name), _defined(rule), rule.label.cite) for rule in rules)
    return Table(caption=caption, columns=_RULE_COLUMNS, rows=rows_of(cells))


def _defined(rule: Named) -> str:
    return words(rule, expanded=True)


def _eligibility(protocol: Protocol) -> Section:
    tables = [_rules("Inclusion: every criterion must hold", protocol.inclusion)] if protocol.inclusion else []
    tables += [_rules("Exclusion: no criterion may hold", protocol.exclusion)] if protocol.exclusion else []
    return Section(name="eligibility", title="Eligibility", tables=tuple(tables))


def _diagnosis(protocol: Protocol) -> Section:
    between = [
        rule
        for rule in named_nodes(protocol.diagnosis).values()
        if rule.name not in {item.name for item in protocol.diagnosis_items}
    ]
    items: tuple[Criterion, ...] = protocol.diagnosis_items
    return Section(
        name="diagnosis",
        title="Diagnosis",
        tables=(_rules("The diagnostic criteria", between), _rules("Item by item", items)),
    )


def _etiology(protocol: Protocol) -> Section:
    chosen = protocol.etiology
    cases: list[tuple[str | Cell, ...]] = []
    for order, case in enumerate(chosen.cases, start=1):
        label = getattr(case.rule, "label", None)
        name = getattr(case.rule, "name", "")
        cases.append(
            (f"{order}. {case.answer}", Cell(words(case.rule, expanded=True), name), label.cite if label else "")
        )
    cases.append((f"{len(cases) + 1}. {chosen.otherwise}", "when no earlier case holds", chosen.label.cite))
    caption = f"{chosen.label.text}: the first case that holds"
    return Section(
        name="etiology",
        title="Etiology",
        tables=(Table(caption=caption, columns=("Answer", "When", "Source"), rows=rows_of(cases)),),
    )


def _interventions(protocol: Protocol) -> Section:
    places = {
        given.name: [epoch.label.text for epoch in protocol.epochs if given.name in {one.name for one in epoch.gives}]
        for given in protocol.interventions
    }
    cells = (
        (
            Cell(given.label.text, given.name),
            sentence(intervention_words(given)),
            "; ".join(places[given.name]) or "as needed",
            given.label.cite,
        )
        for given in protocol.interventions
    )
    table = Table(
        caption="What is given; the first is the study treatment",
        columns=("Intervention", "How", "Epochs", "Source"),
        rows=rows_of(cells),
    )
    return Section(name="interventions", title="Interventions", tables=(table,))


def _parameters(protocol: Protocol) -> Section:
    cells = (
        (Cell(item.label.text, item.name), quantity_words(item.value, item.unit), item.label.cite)
        for item in protocol.parameters
    )
    table = Table(
        caption="Numbers that the protocol had to choose", columns=("Parameter", "Value", "Source"), rows=rows_of(cells)
    )
    return Section(name="parameters", title="Parameters chosen", tables=(table,) if protocol.parameters else ())


def _responses(protocol: Protocol) -> Section:
    sets = protocol.responses
    categories = dict.fromkeys(case.category for rule_set in sets for case in rule_set.cases)
    cells: list[tuple[str | Cell, ...]] = [
        (category, *(_response_cell(rule_set, category) for rule_set in sets)) for category in categories
    ]
    cells.append(("otherwise", *(Cell(rule_set.otherwise) for rule_set in sets)))
    followed = f"{sets[0].name} is the one that the pathway follows"
    table = Table(
        caption=f"Response rule sets side by side; the numbers give the order of precedence; {followed}",
        columns=("Response", *map(_title, sets)),
        rows=rows_of(cells),
        notes=tuple(f"{rule_set.name}: {rule_set.label.cite}" for rule_set in sets),
    )
    sources = Table(
        caption="Sources of the response rules",
        columns=("Response", "Rule set", "Source"),
        rows=rows_of((case.category, one.name, case.label.cite) for one in sets for case in one.cases),
    )
    return Section(name="responses", title="Response", tables=(table, sources))


def _title(rule_set: ResponseRuleSet) -> str:
    named = rule_set.label.text.lower().startswith(rule_set.name)
    return rule_set.label.text if named else f"{rule_set.name}: {rule_set.label.text}"


def _response_cell(rule_set: ResponseRuleSet, category: str) -> Cell:
    for order, case in enumerate(rule_set.cases, start=1):
        if case.category == category:
            return Cell(f"{order}. {sentence(words(case))}", words(case, expanded=True))
    return Cell("not defined")


def _endpoints(protocol: Protocol) -> Section:
    endpoints = Table(
        caption="What the trial reports",
        columns=("Endpoint", "Rank", "Kind", "Population", "Intercurrent events", "Source"),
        rows=rows_of(map(_endpoint_cells, protocol.endpoints)),
    )
    populations = Table(
        caption="Analysis sets",
        columns=("Set", "Who", "Source"),
        rows=rows_of(
            (Cell(one.label.text, one.name), _population(protocol, one), one.label.cite)
            for one in protocol.analysis_sets
        ),
    )
    tables = tuple(table for table in (endpoints, populations) if table.rows)
    return Section(name="endpoints", title="Endpoints and analysis sets", tables=tables)


def _endpoint_cells(endpoint: Endpoint) -> tuple[str | Cell, ...]:
    handled = "; ".join(f"{event}: {how}" for event, how in endpoint.intercurrent_events)
    rule = "" if endpoint.rule is None else f": {words(endpoint.rule, expanded=True)}"
    name = Cell(endpoint.label.text, endpoint.name + rule)
    return (name, endpoint.rank, endpoint.kind, endpoint.population, handled or "none named", endpoint.label.cite)


def _population(protocol: Protocol, chosen: AnalysisSet) -> str:
    parts = [f"without those marked {', '.join(chosen.excludes)}"] if chosen.excludes else []
    parts += [f"never left {protocol.pathway.epoch(chosen.only_epoch).label.text}"] if chosen.only_epoch else []
    parts += [f"reached {protocol.pathway.epoch(chosen.reaching_epoch).label.text}"] if chosen.reaching_epoch else []
    return sentence("; ".join(parts)) or "Everyone"


def _events(protocol: Protocol) -> Section:
    events = Table(
        caption="Events that are recorded with their day",
        columns=("Event", "Ends the study", "Source"),
        rows=rows_of(
            (Cell(event.label.text, event.name), "yes" if event.ends_study else "no", event.label.cite)
            for event in protocol.events
        ),
    )
    adverse = Table(
        caption="Adverse events that are counted, with the CTCAE terms that they stand for",
        columns=("Adverse event", "Graded by laboratory", "Graded by a clinician", "Source"),
        rows=tuple(row for group in protocol.adverse_events for row in rows_of([_adverse(group)], group.section)),
    )
    tables = tuple(table for table in (events, adverse) if table.rows)
    return Section(name="events", title="Events and adverse events", tables=tables)


def _adverse(group: AdverseEventGroup) -> tuple[str | Cell, ...]:
    judged = ", ".join(term.term for term in group.terms)
    return (Cell(group.label, group.name), ", ".join(group.gradings), Cell(judged, group.remark), group.cite)


def _definitions(protocol: Protocol) -> Section:
    told = (*protocol.inclusion, *protocol.exclusion, *protocol.diagnosis_items, protocol.etiology)
    known = {str(getattr(rule, "name", "")) for rule in told} | set(named_nodes(protocol.diagnosis))
    known |= {getattr(case.rule, "name", "") for case in protocol.etiology.cases}
    rest = [rule for name, rule in named_nodes(protocol).items() if name not in known]
    tables = (_rules("Named rules and quantities that the others use", rest),) if rest else ()
    return Section(name="definitions", title="Further definitions", tables=tables)


def _proofs(protocol: Protocol) -> Section:
    table = Table(caption="Proved when it was built", columns=("Proof", "Covered"), rows=rows_of(protocol.prove()))
    return Section(name="proofs", title="Proofs", tables=(table,))
