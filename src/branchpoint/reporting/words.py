"""Words: any rule or quantity of the language, as a reader would say it.

What has a name of its own (a criterion, a derived quantity, a classification) is called by its label, so that a
definition stays as short as its author wrote it; `expanded` opens it by one level.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any

from branchpoint.language.choices import AnswerIs, Band, Bands, Case, Classification
from branchpoint.language.proofs import unit_of
from branchpoint.language.quantities import (
    BASELINE,
    NOW,
    Arithmetic,
    Aspect,
    Clip,
    Derived,
    Input,
    Number,
    Points,
    Scaled,
    Transform,
)
from branchpoint.language.responses import CR, IMPROVEMENT, NE, NR, PD, PR, RELAPSE, ResponseCase
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
from branchpoint.reporting.notation import number_words, quantity_words, unit_words, within_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from branchpoint.language.interventions import Dose, Intervention
    from branchpoint.language.nodes import Node

__all__ = ["RESPONSE_WORDS", "band_words", "dose_words", "intervention_words", "listed", "words"]

RESPONSE_WORDS = {
    CR: "complete response",
    PR: "partial response",
    IMPROVEMENT: "improvement short of partial response",
    NR: "no response",
    PD: "progression",
    RELAPSE: "relapse",
    NE: "not evaluable",
}
_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "+": "+", "-": "−", "*": "×", "/": "/"}
_CONTRARY: dict[str, Any] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2}
_AFTER = {"response": "after an earlier response", "complete_response": "after an earlier complete response"}


def words(node: Node, *, expanded: bool = False) -> str:
    """Give a node in words.

    Parameters
    ----------
    node : Node
        A rule or a quantity.
    expanded : bool
        Whether a named node is told by its definition instead of its label.

    Returns
    -------
    str
        Such as ``"hemoglobin < 90 g/L"`` or ``"at least 5 of: fever of at least 38.5 C, splenomegaly, ..."``.
    """
    if expanded:
        match node:
            case Criterion(rule=rule):
                return words(rule)
            case Derived(of=of):
                return words(of)
            case Classification(cases=cases, otherwise=otherwise):
                return "; ".join((*map(words, cases), f"otherwise {otherwise}"))
            case ResponseCase(rule=rule, after=after, label=label):
                same = isinstance(rule, Criterion) and rule.label == label
                return words(rule, expanded=same) + (f", {_AFTER[after]}" if after else "")
    tell = _WORDS.get(type(node))
    if tell is None:
        raise TypeError(f"{type(node).__name__} has no words yet: add them to branchpoint.reporting.words")
    return str(tell(node))


def listed(items: Iterable[str], joint: str = "or") -> str:
    """Join words as a sentence does: "a, b or c"."""
    *most, last = items
    return f"{', '.join(most)} {joint} {last}" if most else last


def _named(node: Any) -> str:
    return within_sentence(node.label.text or node.name)


def _input(node: Input) -> str:
    label = within_sentence(node.measurement.label)
    if node.scale is not None and node.aspect is Aspect.VALUE:
        label = f"{label} in {unit_words(node.scale)}"
    told = {
        Aspect.VALUE: label,
        Aspect.RECORDED: f"{label} recorded",
        Aspect.SCALE: f"the unit of {label}",
        Aspect.REFERENCE: f"{label} at baseline",
        Aspect.UPPER_LIMIT: f"the upper limit of normal of {label}",
        Aspect.LOWER_LIMIT: f"the lower limit of normal of {label}",
        Aspect.WORST: f"the worst {label} since baseline",
        Aspect.BEST: f"the best {label} since baseline",
        Aspect.HIGHEST: f"the highest {label} in {quantity_words(node.days or 0, 'd')}",
        Aspect.LOWEST: f"the lowest {label} in {quantity_words(node.days or 0, 'd')}",
    }[node.aspect]
    if node.when == NOW:
        return told
    return f"{told} at baseline" if node.when == BASELINE else f"{told} on day {node.when}"


def _own(node: Input) -> str:
    # Beside the value of the same measurement, its reference needs no second name.
    if node.aspect is Aspect.REFERENCE or (node.aspect is Aspect.VALUE and node.when == BASELINE):
        return "its baseline"
    return {
        Aspect.UPPER_LIMIT: "its upper limit of normal",
        Aspect.LOWER_LIMIT: "its lower limit of normal",
        Aspect.WORST: "its worst since baseline",
        Aspect.BEST: "its best since baseline",
    }.get(node.aspect, _input(node))


def _arithmetic(node: Arithmetic) -> str:
    one, other = node.left, node.right
    if isinstance(one, Input) and isinstance(other, Input) and one.measurement == other.measurement:
        return f"{_input(one)} {_SIGNS[node.operator]} {_own(other)}"
    left, right = _operand(node.left, node.operator), _operand(node.right, node.operator, last=True)
    return f"{left} {_SIGNS[node.operator]} {right}"


def _operand(node: Node, operator: str, *, last: bool = False) -> str:
    if isinstance(node, Points | Clip):
        return f"({words(node)})"
    if not isinstance(node, Arithmetic):
        return words(node)
    looser = _BINDS[node.operator] < _BINDS[operator]
    regroups = last and _BINDS[node.operator] == _BINDS[operator] and operator in "-/"
    return f"({words(node)})" if looser or regroups else words(node)


def _clip(node: Clip) -> str:
    bounds = [f"at least {number_words(node.low)}"] if node.low > -inf else []
    bounds += [f"at most {number_words(node.high)}"] if node.high < inf else []
    return f"{words(node.of)}, taken as {' and '.join(bounds)}" if bounds else words(node.of)


def _points(node: Points) -> str:
    return f"{number_words(node.holds)} if {words(node.rule)}, else {number_words(node.fails)}"


def _bands(node: Bands) -> str:
    unit = unit_of(node.of) or ""
    pairs = zip(node.bands, node.values, strict=True)
    return "; ".join(f"{quantity_words(value, node.unit)} {band_words(band, unit)}" for band, value in pairs)


def band_words(band: Band, unit: str = "") -> str:
    """Give an interval in words: "up to 10 kg", "above 10 up to 20 kg"."""
    low = "" if band.low == -inf else f"{'from' if band.includes_low else 'above'} {number_words(band.low)}"
    high = "" if band.high == inf else f"{'up to' if band.includes_high else 'below'} {number_words(band.high)}"
    return " ".join(part for part in (low, high, unit_words(unit)) if part).replace(" %", "%")


def _compare(node: Compare) -> str:
    left, right = node.left, node.right
    if isinstance(right, Number):
        told = quantity_words(right.value, unit_of(left))
    elif isinstance(left, Number):
        return f"{quantity_words(left.value, unit_of(right))} {_SIGNS[node.operator]} {words(right)}"
    else:
        told = words(right)
    if isinstance(left, Scaled | Input) and isinstance(right, Number):
        # The unit stands behind the number.
        source = left.of if isinstance(left, Scaled) else left
        plain = isinstance(source, Input) and source.aspect is Aspect.VALUE and source.when == NOW
        name = within_sentence(source.measurement.label) if plain and isinstance(source, Input) else words(source)
        return f"{name} {_SIGNS[node.operator]} {told}"
    return f"{words(left)} {_SIGNS[node.operator]} {told}"


def _holds(node: Holds) -> str:
    item = node.input
    if item.aspect in (Aspect.LOWEST, Aspect.HIGHEST) and item.days is not None:
        label = within_sentence(item.measurement.label)
        span = "throughout" if item.aspect is Aspect.LOWEST else "at some time in"
        return f"{label} {span} {quantity_words(item.days, 'd')}"
    return _input(item)


def _is_one_of(node: IsOneOf) -> str:
    return f"{_input(node.input)} is {listed(node.codes)}"


def _recorded(node: Recorded) -> str:
    return _input(node.input)


def _not(node: Not) -> str:
    match node.rule:
        case Not(rule):
            return words(rule)
        case Compare(operator=operator) as rule:
            return words(replace(rule, operator=_CONTRARY[operator]))
        case Holds(Input(aspect=Aspect.HIGHEST, days=int(days)) as item):
            return f"no {within_sentence(item.measurement.label)} throughout {quantity_words(days, 'd')}"
        case Holds() as rule:
            return f"no {_holds(rule)}"
        case Recorded(item):
            return f"{_input(item).removesuffix(' recorded')} not recorded"
        case IsOneOf(item, codes):
            return f"{_input(item)} is not {listed(codes)}"
    return f"not ({words(node.rule)})"


def _part(rule: Node) -> str:
    told = words(rule)
    if isinstance(rule, AllOf | AnyOf | AtLeast):
        return f"({told})"
    mixed = any(joint in told for joint in (" and ", " or ", ", "))
    return f"“{told}”" if isinstance(rule, Criterion) and mixed else told


def _joined(rules: tuple[Node, ...], joint: str) -> str:
    return f" {joint} ".join(map(_part, rules))


def _at_least(node: AtLeast) -> str:
    parts = [words(rule) if isinstance(rule, Criterion) else _part(rule) for rule in node.rules]
    return f"at least {node.count} of: {('; ' if any(', ' in part for part in parts) else ', ').join(parts)}"


def _answer_is(node: AnswerIs) -> str:
    return f"{_named(node.classification)} is {listed(node.answers)}"


def _response_case(node: ResponseCase) -> str:
    return (within_sentence(node.label.text) or words(node.rule)) + (f", {_AFTER[node.after]}" if node.after else "")


_WORDS: dict[type, Any] = {
    Input: _input,
    Number: lambda node: number_words(node.value),
    Arithmetic: _arithmetic,
    Transform: lambda node: f"{node.function}({words(node.of)})",
    Clip: _clip,
    Points: _points,
    Scaled: lambda node: f"{words(node.of)} in {unit_words(node.unit)}",
    Derived: _named,
    Bands: _bands,
    Classification: _named,
    Case: lambda node: f"{node.answer}: {words(node.rule).removeprefix(f'{node.answer}: ')}",
    ResponseCase: _response_case,
    Compare: _compare,
    Holds: _holds,
    IsOneOf: _is_one_of,
    OnScale: lambda node: f"{within_sentence(node.input.measurement.label)} reported in {unit_words(node.unit)}",
    Recorded: _recorded,
    Not: _not,
    AllOf: lambda node: _joined(node.rules, "and"),
    AnyOf: lambda node: _joined(node.rules, "or"),
    AtLeast: _at_least,
    Criterion: _named,
    AnswerIs: _answer_is,
}


def dose_words(dose: Dose) -> str:
    """Give a dose in words: its amount, and how often."""
    unit = "" if isinstance(dose.amount, Bands) else f" {unit_words(dose.unit)}"
    amount = dose.basis.replace("/m2", "/m²") or words(dose.amount) + unit
    if dose.every_hours is None:
        return f"{amount}; interval not stated"
    if dose.every_hours == 24 and "per day" in amount:
        return amount
    return f"{amount}; {'once daily' if dose.every_hours == 24 else f'every {number_words(dose.every_hours)} h'}"


def intervention_words(given: Intervention) -> str:
    """Give how an intervention is given: dose, duration, and to whom."""
    parts = [dose_words(given.dose) if given.dose is not None else "dose not stated"]
    parts += [f"for {quantity_words(given.days, 'd')}"] if given.days else []
    parts += [f"if {words(given.only_if)}"] if given.only_if is not None else []
    return ", ".join(parts)
