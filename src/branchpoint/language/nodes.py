"""The two kinds of node that every rule is built from: quantities, which have a value, and rules, which hold or do not.

Nodes are values. They are compared, copied, hashed and printed, but never asked for their truth: that takes a patient.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Label", "Node", "Rule", "children", "descend", "rewrite", "share"]


@dataclass(frozen=True, slots=True)
class Label:
    """What a reader is told of a node, and on whose authority.

    Parameters
    ----------
    text : str
        The node in words.
    cite : str
        The source: paper, guideline, or the protocol's own assumption, with the place in it.
    """

    text: str = ""
    cite: str = ""


class Node:
    """A part of a rule."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a rule has no truth of its own: combine rules with all_of, any_of and not_, and apply them to a patient "
            "(Python's and, or, not and a < x < b cannot be used)"
        )


class Rule(Node):
    """A node whose answer is yes, no or not known."""

    __slots__ = ()


_T = TypeVar("_T", bound=Node)


def children(node: Any) -> tuple[Node, ...]:
    """Give the nodes directly inside a node, in the order in which it holds them."""
    return tuple(_nodes_in(getattr(node, field.name) for field in fields(node)))


def _nodes_in(values: Any) -> Iterator[Node]:
    for value in values:
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from _nodes_in(value)


def descend(node: Node) -> Iterator[Node]:
    """Visit a node and everything inside it, the node itself first."""
    yield node
    for child in children(node):
        yield from descend(child)


def rewrite(node: _T, change: Callable[[Node], Node]) -> _T:
    """Give a copy of a node in which `change` was applied to every node inside it, innermost first.

    Parameters
    ----------
    node : Node
        The root.
    change : callable
        Takes a node whose insides are already rewritten, and returns its replacement or the node itself.

    Returns
    -------
    Node
        The rewritten root; parts that did not change are the same objects.
    """

    def visit(value: Any) -> Any:
        if isinstance(value, Node):
            return rewrite(value, change)
        if isinstance(value, tuple) and not isinstance(value, Enum):
            changed = tuple(visit(item) for item in value)
            return value if all(new is old for new, old in zip(changed, value, strict=True)) else changed
        return value

    replaced = {
        field.name: new
        for field in fields(node)  # type: ignore[arg-type]
        if field.init and (new := visit(old := getattr(node, field.name))) is not old
    }
    copy = replace(node, **replaced) if replaced else node  # type: ignore[type-var]
    return change(copy)  # type: ignore[return-value]


def share(value: Any, known: dict[Node, Node]) -> Any:
    """Give an equal declaration in which equal nodes are one object, so that each is answered once for a patient.

    Parameters
    ----------
    value : object
        A node, a declaration that holds nodes, or a tuple of these.
    known : dict
        The nodes met so far; shared between calls.
    """
    if isinstance(value, Node):
        return rewrite(value, lambda node: known.setdefault(node, node))
    if isinstance(value, tuple):
        items = tuple(share(item, known) for item in value)
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        shared = {name: share(part, known) for name, part in parts.items()}
        same = all(shared[name] is part for name, part in parts.items())
        return value if same else replace(value, **shared)
    return value
