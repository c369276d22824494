"""Definitions: every rule and quantity of a protocol that has a name, and what reads which measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branchpoint.language.choices import Classification
from branchpoint.language.nodes import Node, children
from branchpoint.language.proofs import nodes_of
from branchpoint.language.quantities import Derived, Input
from branchpoint.language.rules import Criterion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.language.protocol import Protocol

__all__ = ["named_nodes", "readers_of_measurements"]

Named = Criterion | Derived | Classification


def named_nodes(value: object) -> dict[str, Named]:
    """Give every criterion, derived quantity and classification anywhere in a declaration, by name."""
    return {node.name: node for node in nodes_of(value) if isinstance(node, Named)}


def readers_of_measurements(protocol: Protocol) -> dict[str, tuple[str, ...]]:
    """Give, for each measurement, what reads it itself and not through another named rule."""
    found: dict[str, dict[str, None]] = {}

    def note(reader: str, root: Node) -> None:
        for item in _inputs_read(root, root):
            found.setdefault(item.measurement.name, {})[reader] = None

    for name, node in named_nodes(protocol).items():
        note(name, node)
    for reader, node in _unnamed(protocol):
        note(reader, node)
    for table in protocol.gradings:
        found.setdefault(table.measurement, {})[f"grade of {table.term}"] = None
    return {name: tuple(readers) for name, readers in found.items()}


def _inputs_read(node: Node, root: Node) -> Iterator[Input]:
    if isinstance(node, Input):
        yield node
    if node is root or not isinstance(node, Named):
        for child in children(node):
            yield from _inputs_read(child, root)


def _unnamed(protocol: Protocol) -> Iterator[tuple[str, Any]]:
    for rule_set in protocol.responses:
        for case in rule_set.cases:
            yield f"response {case.category} ({rule_set.name})", case
    for given in protocol.interventions:
        if given.dose is not None:
            yield f"dose of {given.name}", given.dose.amount
        if given.only_if is not None:
            yield f"who receives {given.name}", given.only_if
    for endpoint in protocol.endpoints:
        if endpoint.rule is not None:
            yield f"endpoint {endpoint.name}", endpoint.rule
