"""Evaluate: rules as columns over a table, one row a patient-visit, on Polars, DuckDB, PySpark or any narwhals backend.

The table holds one column for each input that the rules read, named `branchpoint.language.Input.name`; rules become
columns of true, false and null (not known).
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import narwhals as nw

from branchpoint.language.choices import AnswerIs, Bands, Classification
from branchpoint.language.nodes import Node
from branchpoint.language.proofs import inputs_of
from branchpoint.language.quantities import (
    BASELINE,
    NOW,
    RATIO_DIGITS,
    Arithmetic,
    Clip,
    Derived,
    Input,
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
    from collections.abc import Callable, Mapping

__all__ = ["column_of", "evaluate", "expression"]

Column = nw.Expr


def evaluate(rules: Mapping[str, Node], frame: Any, *, at_baseline: frozenset[str] = frozenset()) -> Any:
    """Give a table with one more column for each rule.

    Parameters
    ----------
    rules : mapping of str to Node
        Rules and quantities by the name of their column.
    frame : native data frame
        One row a patient-visit. Polars (eager or lazy), DuckDB, PySpark, PyArrow, or pandas with Arrow or nullable
        dtypes. NaN counts as missing.
    at_baseline : frozenset of str
        The rules to be judged on the record up to study day 0, such as eligibility.

    Returns
    -------
    native data frame
        Of the kind that was given; lazy where it was lazy.

    Raises
    ------
    TypeError
        For a pandas column of dtype object, in which missing values have no meaning.
    KeyError
        When a column that a rule reads is absent.
    """
    table = nw.from_native(frame)
    schema = table.collect_schema()
    wanted = {
        column_of(item, at)
        for name, rule in rules.items()
        for at in [_time(name, at_baseline)]
        for item in inputs_of(rule)
    }
    _check_columns(schema, wanted)
    floats = [nw.col(name).fill_nan(None) for name in sorted(wanted) if schema[name].is_float()]
    table = table.with_columns(*floats) if floats else table
    columns = [expression(rule, _time(name, at_baseline)).alias(name) for name, rule in rules.items()]
    return nw.to_native(table.with_columns(*columns))


def _time(name: str, at_baseline: frozenset[str]) -> str:
    return BASELINE if name in at_baseline else NOW


def _check_columns(schema: Mapping[str, nw.dtypes.DType], wanted: set[str]) -> None:
    absent = sorted(wanted - set(schema))
    if absent:
        raise KeyError(f"the table lacks columns that the rules read: {', '.join(absent)}")
    for name in sorted(wanted):
        if schema[name] == nw.Object:
            raise TypeError(f"column {name!r} has dtype object: convert it to an Arrow or nullable dtype first")


def column_of(item: Input, now: str = NOW) -> str:
    """Give the column that holds an input when the rules are judged on the day of the row, or at baseline."""
    if now == BASELINE and item.when == NOW:
        return f"{item.name}__{BASELINE}"
    return item.name


def expression(node: Node, now: str = NOW) -> Column:
    """Compile a rule or quantity to a narwhals expression.

    Parameters
    ----------
    node : Node
    now : {"now", "baseline"}
        Which columns stand for the day of evaluation.
    """
    return _COMPILERS[type(node)](node, now)


def _input(node: Input, now: str) -> Column:
    return nw.col(column_of(node, now))


def _arithmetic(node: Arithmetic, now: str) -> Column:
    left, right = expression(node.left, now), expression(node.right, now)
    match node.operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    ratio = (left / right).round(RATIO_DIGITS)
    return ratio if isinstance(node.right, Number) else nw.when(right != 0).then(ratio)


def _transform(node: Transform, now: str) -> Column:
    of = expression(node.of, now)
    if node.function == "ln":
        return nw.when(of > 0).then(of.log())
    return nw.when(of >= 0).then(of.sqrt())


def _points(node: Points, now: str) -> Column:
    rule = expression(node.rule, now)
    return nw.when(rule).then(nw.lit(node.holds)).otherwise(nw.when(~rule).then(nw.lit(node.fails)))


def _clip(node: Clip, now: str) -> Column:
    low = None if node.low == -float("inf") else node.low
    high = None if node.high == float("inf") else node.high
    return expression(node.of, now).clip(low, high)


def _bands(node: Bands, now: str) -> Column:
    of = expression(node.of, now)
    answer = nw.lit(node.values[-1])
    for band, value in reversed(list(zip(node.bands[:-1], node.values[:-1], strict=True))):
        inside = of <= band.high if band.includes_high else of < band.high
        answer = nw.when(inside).then(nw.lit(value)).otherwise(answer)
    return nw.when(~of.is_null()).then(answer)


def _compare(node: Compare, now: str) -> Column:
    left, right = expression(node.left, now), expression(node.right, now)
    match node.operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
    return left >= right


def _at_least(node: AtLeast, now: str) -> Column:
    parts = [expression(rule, now) for rule in node.rules]
    hold = nw.sum_horizontal(*[part.cast(nw.Int8) for part in parts])
    fail = nw.sum_horizontal(*[(~part).cast(nw.Int8) for part in parts])
    # No `otherwise` in the inner choice: what is neither certain nor excluded stays null on every backend.
    open_ = nw.when(fail > len(parts) - node.count).then(nw.lit(False))
    return nw.when(hold >= node.count).then(nw.lit(True)).otherwise(open_)


def _classification(node: Classification, now: str) -> Column:
    answer = nw.lit(node.otherwise)
    for case in reversed(node.cases):
        holds = expression(case.rule, now)
        answer = nw.when(holds).then(nw.lit(case.answer)).otherwise(nw.when(~holds).then(answer))
    return answer


def _answer_is(node: AnswerIs, now: str) -> Column:
    def earlier(rest: Column, case: tuple[str, Column]) -> Column:
        answer, holds = case
        return (holds | rest) if answer in node.answers else (~holds & rest)

    cases = [(case.answer, expression(case.rule, now)) for case in node.classification.cases]
    return reduce(earlier, reversed(cases), nw.lit(node.classification.otherwise in node.answers))


_COMPILERS: dict[type, Callable[[Any, str], Column]] = {
    Input: _input,
    Number: lambda node, now: nw.lit(node.value),
    Arithmetic: _arithmetic,
    Transform: _transform,
    Clip: _clip,
    Points: _points,
    Scaled: lambda node, now: expression(node.of, now) * node.factor,
    Derived: lambda node, now: expression(node.of, now),
    Bands: _bands,
    Compare: _compare,
    Holds: lambda node, now: expression(node.input, now),
    Recorded: lambda node, now: expression(node.input, now),
    IsOneOf: lambda node, now: expression(node.input, now).is_in(node.codes),
    OnScale: lambda node, now: expression(node.input, now) == nw.lit(node.unit),
    Not: lambda node, now: ~expression(node.rule, now),
    AllOf: lambda node, now: nw.all_horizontal(*[expression(r, now) for r in node.rules], ignore_nulls=False),
    AnyOf: lambda node, now: nw.any_horizontal(*[expression(r, now) for r in node.rules], ignore_nulls=False),
    AtLeast: _at_least,
    Criterion: lambda node, now: expression(node.rule, now),
    Classification: _classification,
    AnswerIs: _answer_is,
}
