"""Shared parts: what several rules have in common, found once, so that a table computes it once.

Equal parts get one number. Parts come before what they are parts of.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple

from branchpoint.engine.columns import SAME_AS_PART, times_used
from branchpoint.language.choices import AnswerIs, Classification
from branchpoint.language.nodes import Node, children
from branchpoint.language.proofs import inputs_of
from branchpoint.language.quantities import BASELINE, NOW, Input
from branchpoint.language.rules import Compare, Operator

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Part", "SharedParts", "column_of"]

_MIRRORED: dict[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def column_of(item: Input, now: str = NOW) -> str:
    """Give the column that holds an input when the rules are judged on the day of the row, or at baseline."""
    if now == BASELINE and item.when == NOW:
        return f"{item.name}__{BASELINE}"
    return item.name


class Part(NamedTuple):
    """A part of a rule.

    Attributes
    ----------
    node : Node
    column : str
        The column that holds an input; empty for what has parts.
    parts : tuple of int
        The numbers of its own parts.
    is_constant : bool
        Whether no input is anywhere in it.
    """

    node: Node
    column: str
    parts: tuple[int, ...]
    is_constant: bool


class SharedParts:
    """The parts of some rules, each different one once.

    Parameters
    ----------
    rules : mapping of str to (Node, str)
        Each rule, and whether it is judged "now" or at "baseline".

    Attributes
    ----------
    rules : dict of str to int
        The number of each rule.
    """

    def __init__(self, rules: Mapping[str, tuple[Node, str]]) -> None:
        self._parts: list[Part] = []
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._seen: dict[tuple[int, str], int] = {}
        self._uses: Counter[int] = Counter()
        self.rules = {name: self._number(node, now) for name, (node, now) in rules.items()}
        self._uses.update(self.rules.values())

    def __getitem__(self, number: int) -> Part:
        return self._parts[number]

    def stages(self) -> tuple[tuple[int, ...], ...]:
        """Give the parts that are used more than once, in stages: each needs those of earlier stages only."""
        stage = [0] * len(self._parts)
        found: dict[int, list[int]] = {}
        for number, part in enumerate(self._parts):
            stage[number] = max((stage[inner] + self._is_shared(inner) for inner in part.parts), default=0)
            if self._is_shared(number):
                found.setdefault(stage[number], []).append(number)
        return tuple(tuple(found[number]) for number in sorted(found))

    def _is_shared(self, number: int) -> bool:
        part = self._parts[number]
        return not part.column and not part.is_constant and self._uses[number] > 1

    def _number(self, node: Node, now: str) -> int:
        known = self._seen.get((id(node), now))
        if known is None:
            known = self._seen[id(node), now] = self._new_number(node, now)
        return known

    def _new_number(self, node: Node, now: str) -> int:
        if isinstance(node, SAME_AS_PART):
            return self._number(children(node)[0], now)
        if isinstance(node, Input):
            name, parts = column_of(node, now), tuple[int, ...]()
            key: tuple[Any, ...] = (Input, name)
        else:
            node = _constant_on_the_right(node)
            choice = node.classification if isinstance(node, AnswerIs) else node
            name, parts = "", tuple(self._number(inner, now) for inner in children(choice))
            key = (type(node), parts, *_own(node))
        number = self._numbers.setdefault(key, len(self._parts))
        if number == len(self._parts):
            is_constant = not name and all(self._parts[inner].is_constant for inner in parts)
            self._parts.append(Part(node, name, parts, is_constant))
            self._uses.update({inner: times_used(node) * parts.count(inner) for inner in set(parts)})
        return number


def _constant_on_the_right(node: Node) -> Node:
    # Polars 2.1 gives one row for some comparisons of a constant, on the left, with a column of nulls alone.
    if isinstance(node, Compare) and not inputs_of(node.left):
        return Compare(node.right, _MIRRORED[node.operator], node.left)
    return node


def _own(node: Node) -> tuple[Any, ...]:
    # What tells a node from another of its kind with the same parts.
    if isinstance(node, AnswerIs):
        return node.answers, node.classification.answers
    if isinstance(node, Classification):
        return node.answers
    values = (getattr(node, field.name) for field in fields(node))  # type: ignore[arg-type]
    return tuple(value for value in values if not _holds_nodes(value))


def _holds_nodes(value: Any) -> bool:
    return isinstance(value, Node) or (isinstance(value, tuple) and any(isinstance(item, Node) for item in value))
