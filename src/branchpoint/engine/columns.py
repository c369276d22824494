"""Columns: each kind of node as a narwhals expression over the expressions of its parts.

Three-valued logic holds on every backend: what is not known is null. No choice states null by a literal, since some
backends turn that into false; leaving `otherwise` out is exact on all of them.
"""

from __future__ import annotations

from functools import reduce
from math import comb, inf
from typing import TYPE_CHECKING, Any

import narwhals as nw

from branchpoint.language.choices import AnswerIs, Bands, Case, Classification
from branchpoint.language.quantities import (
    RATIO_DIGITS,
    Arithmetic,
    Clip,
    Derived,
    Number,
    Points,
    Scaled,
    Transform,
)
from branchpoint.language.rules import (
    AllOf,
    AnyOf,
    AtLeast,
    Compare,
    Criterion,
    Holds,
    IsOneOf,
    Not,
    OnScale,
    Recorded,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from branchpoint.language.nodes import Node

__all__ = ["SAME_AS_PART", "column", "times_used"]

Column = nw.Expr

# Nodes that add a name or a meaning to their part, and nothing to its value.
SAME_AS_PART = (Criterion, Derived, Holds, Recorded, Case)

# Up to here a count is written out in "and" and "or", which cost a bit a row; beyond, the rules are counted in numbers.
_MOST_WAYS = 126


def column(node: Node, parts: Sequence[Column]) -> Column:
    """Give the expression of a node.

    Parameters
    ----------
    node : Node
        Neither an input nor one of `SAME_AS_PART`.
    parts : sequence of Expr
        The expressions of its parts, in the order of `branchpoint.language.nodes.children`; of a classification, and of
        a rule about its answer, those of its cases.
    """
    return _COLUMNS[type(node)](node, parts)


def times_used(node: Node) -> int:
    """Give how often the expression of a node repeats that of a part."""
    several = isinstance(node, AtLeast | Classification | AnswerIs | Points | Bands | Transform | Arithmetic)
    return 2 if several else 1


def _arithmetic(node: Arithmetic, parts: Sequence[Column]) -> Column:
    left, right = parts
    match node.operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    ratio = (left / right).round(RATIO_DIGITS)
    return ratio if isinstance(node.right, Number) and node.right.value != 0 else nw.when(right != 0).then(ratio)


def _transform(node: Transform, parts: Sequence[Column]) -> Column:
    (of,) = parts
    if node.function == "ln":
        return nw.when(of > 0).then(of.log())
    return nw.when(of >= 0).then(of.sqrt())


def _clip(node: Clip, parts: Sequence[Column]) -> Column:
    return parts[0].clip(None if node.low == -inf else node.low, None if node.high == inf else node.high)


def _points(node: Points, parts: Sequence[Column]) -> Column:
    (rule,) = parts
    return nw.when(rule).then(nw.lit(node.holds)).otherwise(nw.when(~rule).then(nw.lit(node.fails)))


def _bands(node: Bands, parts: Sequence[Column]) -> Column:
    (of,) = parts
    answer = nw.lit(node.values[-1])
    for band, value in reversed(list(zip(node.bands[:-1], node.values[:-1], strict=True))):
        inside = of <= band.high if band.includes_high else of < band.high
        answer = nw.when(inside).then(nw.lit(value)).otherwise(answer)
    return nw.when(~of.is_null()).then(answer)


def _compare(node: Compare, parts: Sequence[Column]) -> Column:
    left, right = parts
    match node.operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
    return left >= right


def _all_of(rules: Sequence[Column]) -> Column:
    return nw.all_horizontal(*rules, ignore_nulls=False)


def _any_of(rules: Sequence[Column]) -> Column:
    return nw.any_horizontal(*rules, ignore_nulls=False)


def _at_least(node: AtLeast, parts: Sequence[Column]) -> Column:
    if comb(len(parts), node.count) <= _MOST_WAYS:
        return _in_some_way(node.count, parts)
    hold = nw.sum_horizontal(*[part.cast(nw.Int16) for part in parts])
    fail = nw.sum_horizontal(*[(~part).cast(nw.Int16) for part in parts])
    open_ = nw.when(fail > len(parts) - node.count).then(nw.lit(False))
    return nw.when(hold >= node.count).then(nw.lit(True)).otherwise(open_)


def _in_some_way(count: int, parts: Sequence[Column]) -> Column:
    # The first holds and one fewer of the rest do, or enough of the rest do. By induction over the parts this is just
    # the count with bounds: Kleene's "and" and "or" lose nothing, since no part is ever negated.
    if count == 1:
        return _any_of(parts)
    if count == len(parts):
        return _all_of(parts)
    return (parts[0] & _in_some_way(count - 1, parts[1:])) | _in_some_way(count, parts[1:])


def _classification(node: Classification, cases: Sequence[Column]) -> Column:
    answer = nw.lit(node.otherwise)
    for case, holds in reversed(list(zip(node.cases, cases, strict=True))):
        answer = nw.when(holds).then(nw.lit(case.answer)).otherwise(nw.when(~holds).then(answer))
    return answer


def _answer_is(node: AnswerIs, cases: Sequence[Column]) -> Column:
    def earlier(rest: Column, case: tuple[str, Column]) -> Column:
        answer, holds = case
        return (holds | rest) if answer in node.answers else (~holds & rest)

    choice = node.classification
    pairs = [(case.answer, holds) for case, holds in zip(choice.cases, cases, strict=True)]
    return reduce(earlier, reversed(pairs), nw.lit(choice.otherwise in node.answers))


_COLUMNS: dict[type, Callable[[Any, Sequence[Column]], Column]] = {
    Number: lambda node, parts: nw.lit(node.value),
    Arithmetic: _arithmetic,
    Transform: _transform,
    Clip: _clip,
    Points: _points,
    Scaled: lambda node, parts: parts[0] * node.factor,
    Bands: _bands,
    Compare: _compare,
    IsOneOf: lambda node, parts: parts[0].is_in(node.codes),
    OnScale: lambda node, parts: parts[0] == nw.lit(node.unit),
    Not: lambda node, parts: ~parts[0],
    AllOf: lambda node, parts: _all_of(parts),
    AnyOf: lambda node, parts: _any_of(parts),
    AtLeast: _at_least,
    Classification: _classification,
    AnswerIs: _answer_is,
}
