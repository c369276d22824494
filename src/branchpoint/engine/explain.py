"""Explain: one rule, one patient, one day, and everything that was looked at to answer."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from branchpoint.language.choices import AnswerIs, Bands, Classification
from branchpoint.language.logic import every, negation, some, threshold
from branchpoint.language.nodes import Node, descend
from branchpoint.language.quantities import (
    BASELINE,
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
from branchpoint.records.lookup import finder

if TYPE_CHECKING:
    from branchpoint.language.logic import Truth
    from branchpoint.records.patient import Observation, Patient, Value

__all__ = ["Explainer", "Explanation", "Reader", "explain", "possible_answers", "reader"]


class Explanation(NamedTuple):
    """The answer of one node, with the answers that it rests on.

    Attributes
    ----------
    node : Node
        The rule or quantity, with its label and source.
    value : float, bool, str or None
        None where it is not known.
    parts : tuple of Explanation
        The nodes directly inside, all of them: nothing is skipped because the answer was already clear.
    observation : Observation or None
        For an input: what the record said, and where.
    """

    node: Node
    value: Value | None
    parts: tuple[Explanation, ...] = ()
    observation: Observation | None = None


def explain(rule: Node, patient: Patient, day: int = 0) -> Explanation:
    """Answer a rule or quantity for one patient on a study day.

    Parameters
    ----------
    rule : Node
    patient : Patient
    day : int
        The day of evaluation; values from later days are not seen.

    Returns
    -------
    Explanation
    """
    return reader(rule)(Explainer(patient, day))


class Explainer:
    """One patient on one day, and what has been answered so far, so that rules share their answers.

    Parameters
    ----------
    patient : Patient
    day : int
    thorough : bool
        Whether to answer every part. Otherwise a conjunction stops at the first part that fails and a disjunction at
        the first that holds: enough for a verdict whose reasons nobody will read.
    earlier : Explainer, optional
        The same patient on another day after treatment began: what rests on the baseline record alone is taken over.
    """

    __slots__ = ("baseline", "day", "patient", "seen", "thorough")

    def __init__(self, patient: Patient, day: int, *, thorough: bool = True, earlier: Explainer | None = None) -> None:
        self.patient = patient
        self.day = day
        self.thorough = thorough
        self.seen: dict[int, Explanation] = {}
        self.baseline: dict[int, Explanation] = {} if earlier is None else earlier.baseline


Reader = Callable[[Explainer], Explanation]

# Half the time of the constructor that NamedTuple writes, and there are a thousand of them in a tree.
_new = tuple.__new__

_RATIO_SCALE = 10.0**RATIO_DIGITS


def reader(node: Node) -> Reader:
    """Prepare a rule or quantity to be answered for many patients."""
    return _READERS[type(node)](node)


def _answered_once(node: Node, read: Reader) -> Reader:
    key = id(node)

    def read_once(explainer: Explainer) -> Explanation:
        found = explainer.seen.get(key)
        if found is None:
            found = explainer.seen[key] = read(explainer)
        return found

    def read_once_of_baseline(explainer: Explainer) -> Explanation:
        found = explainer.baseline.get(key)
        if found is None:
            found = explainer.baseline[key] = read(explainer)
        return found

    rests_on_baseline = all(item.when == BASELINE for item in descend(node) if isinstance(item, Input))
    return read_once_of_baseline if rests_on_baseline else read_once


def _input(node: Input) -> Reader:
    find, key, of_baseline = finder(node), id(node), node.when == BASELINE

    def read(explainer: Explainer) -> Explanation:
        known = explainer.baseline if of_baseline else explainer.seen
        answer = known.get(key)
        if answer is None:
            found = find(explainer.patient, explainer.day)
            answer = known[key] = _new(Explanation, (node, found.value, (), found))
        return answer

    return read


def _number(node: Number) -> Reader:
    answer = Explanation(node, node.value)
    return lambda explainer: answer


def _divide(left: float, right: float) -> float | None:
    if not right:
        return None
    # As data-frame engines round: by way of a whole number of the last decimal.
    scaled = left / right * _RATIO_SCALE
    return round(scaled) / _RATIO_SCALE if math.isfinite(scaled) else left / right


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _binary(node: Arithmetic | Compare) -> Reader:
    left, right, operation = reader(node.left), reader(node.right), _OPERATIONS[node.operator]

    def read(explainer: Explainer) -> Explanation:
        parts = (left(explainer), right(explainer))
        one, other = parts[0].value, parts[1].value
        value = None if one is None or other is None else operation(one, other)
        return _new(Explanation, (node, value, parts, None))

    return read


def _unary(node: Node, of: Node, function: Callable[[Any], Any]) -> Reader:
    inner = reader(of)

    def read(explainer: Explainer) -> Explanation:
        part = inner(explainer)
        value = None if part.value is None else function(part.value)
        return _new(Explanation, (node, value, (part,), None))

    return read


def _transform(node: Transform) -> Reader:
    if node.function == "ln":
        return _unary(node, node.of, lambda value: math.log(value) if value > 0 else None)
    return _unary(node, node.of, lambda value: math.sqrt(value) if value >= 0 else None)


def _band(node: Bands) -> Callable[[float], float]:
    bounds = [(band.high, band.includes_high, answer) for band, answer in zip(node.bands, node.values, strict=True)]

    def find(value: float) -> float:
        return next(answer for high, within, answer in bounds if value < high or (within and value == high))

    return find


def _same(value: Value) -> Value:
    return value


def _group(node: AllOf | AnyOf | AtLeast, holds: int, fails: int, join: Callable[[list[Any]], Truth]) -> Reader:
    # The group is settled once so many parts hold, or so many fail.
    readers = tuple([reader(rule) for rule in node.rules])

    def read(explainer: Explainer) -> Explanation:
        parts = [read_part(explainer) for read_part in readers] if explainer.thorough else settle(explainer)
        return _new(Explanation, (node, join([part.value for part in parts]), tuple(parts), None))

    def settle(explainer: Explainer) -> list[Explanation]:
        parts, left = [], {True: holds, False: fails, None: len(readers) + 1}
        for read_part in readers:
            part = read_part(explainer)
            parts.append(part)
            left[part.value] -= 1  # type: ignore[index]
            if not left[part.value]:  # type: ignore[index]
                break
        return parts

    return read


def _classification(node: Classification) -> Reader:
    readers = tuple([reader(case.rule) for case in node.cases])

    def read(explainer: Explainer) -> Explanation:
        parts = tuple([read_part(explainer) for read_part in readers])
        possible = _possible(node, parts)
        return Explanation(node, possible[0] if len(possible) == 1 else None, parts)

    return _answered_once(node, read)


def _answer_is(node: AnswerIs) -> Reader:
    inner = reader(node.classification)

    def read(explainer: Explainer) -> Explanation:
        part = inner(explainer)
        among = [answer in node.answers for answer in possible_answers(part)]
        return Explanation(node, True if all(among) else None if any(among) else False, (part,))

    return read


def possible_answers(explanation: Explanation) -> tuple[str, ...]:
    """Give every answer that a classification could still have, given what is known."""
    if not isinstance(explanation.node, Classification):
        raise TypeError(f"{type(explanation.node).__name__} is not a classification")
    return _possible(explanation.node, explanation.parts)


def _possible(node: Classification, parts: tuple[Explanation, ...]) -> tuple[str, ...]:
    possible = []
    for case, part in zip(node.cases, parts, strict=True):
        if part.value is not False:
            possible.append(case.answer)
        if part.value is True:
            return tuple(possible)
    return (*possible, node.otherwise)


_READERS: dict[type, Callable[[Any], Reader]] = {
    Input: _input,
    Number: _number,
    Arithmetic: _binary,
    Compare: _binary,
    Transform: _transform,
    Clip: lambda node: _unary(node, node.of, lambda value: min(max(value, node.low), node.high)),
    Scaled: lambda node: _unary(node, node.of, lambda value: value * node.factor),
    Points: lambda node: _unary(node, node.rule, lambda value: node.holds if value else node.fails),
    Bands: lambda node: _unary(node, node.of, _band(node)),
    Derived: lambda node: _answered_once(node, _unary(node, node.of, _same)),
    Holds: lambda node: _unary(node, node.input, _same),
    Recorded: lambda node: _unary(node, node.input, _same),
    IsOneOf: lambda node: _unary(node, node.input, lambda value: value in node.codes),
    OnScale: lambda node: _unary(node, node.input, lambda value: value == node.unit),
    Not: lambda node: _unary(node, node.rule, negation),
    AllOf: lambda node: _group(node, len(node.rules) + 1, 1, every),
    AnyOf: lambda node: _group(node, 1, len(node.rules) + 1, some),
    AtLeast: lambda node: _group(
        node, node.count, len(node.rules) - node.count + 1, lambda values: threshold(node.count, values)
    ),
    Criterion: lambda node: _answered_once(node, _unary(node, node.rule, _same)),
    Classification: _classification,
    AnswerIs: _answer_is,
}
