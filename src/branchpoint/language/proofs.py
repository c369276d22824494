"""Proofs: what is checked of a whole protocol before it exists.

Bands and pathway prove themselves when they are made. Here are the proofs that need to see everything at once.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from branchpoint.language.choices import AnswerIs, Bands, Classification
from branchpoint.language.errors import ProtocolError
from branchpoint.language.logic import Truth, every, negation, some, threshold
from branchpoint.language.measurements import Exposed, Measurement, Numeric, Occurred
from branchpoint.language.nodes import Node, descend
from branchpoint.language.quantities import (
    Arithmetic,
    Aspect,
    Clip,
    Derived,
    Input,
    Number,
    NumericQuantity,
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
from branchpoint.language.units import convertible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from branchpoint.language.protocol import Protocol

__all__ = ["PROOFS", "inputs_of", "nodes_of", "unit_of", "when_nothing_is_known"]

_LIMITED = (Aspect.VALUE, Aspect.WORST, Aspect.BEST, Aspect.HIGHEST, Aspect.LOWEST)


def nodes_of(value: Any) -> Iterator[Node]:
    """Visit every node anywhere in a declaration, a tuple of them, or a protocol."""
    if isinstance(value, Node):
        yield from descend(value)
    elif isinstance(value, tuple):
        for item in value:
            yield from nodes_of(item)
    elif is_dataclass(value) and not isinstance(value, Measurement):
        for item in fields(value):
            yield from nodes_of(getattr(value, item.name))


def inputs_of(value: Any) -> tuple[Input, ...]:
    """Give each different input that a declaration reads, in order of first use."""
    return tuple(dict.fromkeys(node for node in nodes_of(value) if isinstance(node, Input)))


def names_are_unique(protocol: Protocol) -> str:
    """No two rules and no two measurements share a name."""
    known: dict[tuple[bool, str], object] = {}
    for node in nodes_of(protocol):
        named: Iterable[object] = ()
        if isinstance(node, Criterion | Derived | Classification):
            named = (node,)
        elif isinstance(node, Input):
            named = (node.measurement,)
        for thing in named:
            name = thing.name  # type: ignore[attr-defined]
            first = known.setdefault((isinstance(thing, Measurement), name), thing)
            if first is not thing and first != thing:
                raise ProtocolError(
                    f"{type(thing).__name__.lower()} {name!r}",
                    f"another {type(first).__name__.lower()} has this name and says something else",
                    "Rename one of them",
                )
    return f"{len(known)} names, each for one thing"


def nobody_is_admitted_unknown(protocol: Protocol) -> str:
    """No criterion of eligibility is satisfied by a patient of whom nothing is known."""
    for kind, criteria, passes in (
        ("inclusion", protocol.inclusion, True),
        ("exclusion", protocol.exclusion, False),
    ):
        for rule in criteria:
            if when_nothing_is_known(rule) is passes:
                raise ProtocolError(
                    f"{kind} criterion {rule.name!r}",
                    "it would admit a patient of whom nothing is known",
                    "Ask for something that must be recorded",
                )
    return f"{len(protocol.inclusion) + len(protocol.exclusion)} criteria, none passed by an empty record"


def units_fit(protocol: Protocol) -> str:
    """Both sides of every comparison measure the same thing, and thresholds lie where values can."""
    compared = [node for node in nodes_of(protocol) if isinstance(node, Compare)]
    for node in compared:
        left, right = unit_of(node.left), unit_of(node.right)
        if left and right and left != right:
            verb = "differ and must be converted" if convertible(left, right) else "do not fit"
            raise ProtocolError(
                _text(node), f"the units {left!r} and {right!r} {verb}", "Use .within(unit) on one side"
            )
        _threshold_is_plausible(node)
    return f"{len(compared)} comparisons, each between like units"


def _threshold_is_plausible(node: Compare) -> None:
    if not (isinstance(node.left, Input) and isinstance(node.right, Number) and node.left.aspect in _LIMITED):
        return
    measurement = node.left.measurement
    if not isinstance(measurement, Numeric):
        raise ProtocolError(_text(node), f"{measurement.name} is not a number", "Use it as a rule, or with .is_(...)")
    scale = next(s for s in measurement.scales if s.unit == (node.left.scale or measurement.unit))
    low, high = scale.plausible
    if not low <= node.right.value <= high:
        raise ProtocolError(
            _text(node),
            f"{node.right.value:g} {scale.unit} is outside the plausible range {low:g} to {high:g}: does the unit fit?",
            "State the threshold in the measurement's unit",
        )


def everything_used_is_collected(protocol: Protocol) -> str:
    """Every finding that a rule reads is collected at some visit."""
    collected = {
        measurement.name for epoch in protocol.epochs for visit in epoch.visits for measurement in visit.collects
    }
    used = {item.measurement.name for item in inputs_of(protocol) if item.measurement.source == "findings"}
    for name in sorted(used - collected):
        raise ProtocolError(
            f"measurement {name!r}",
            "a rule uses it, but no visit collects it",
            "Add it to a visit's collects",
        )
    return f"{len(used)} findings used, all collected at some visit"


def scales_are_chosen(protocol: Protocol) -> str:
    """Where laboratories report on scales that do not convert, every use says which, or uses a ratio."""
    ratios = {
        id(part)
        for node in nodes_of(protocol)
        if isinstance(node, Arithmetic) and node.operator == "/"
        for part in (node.left, node.right)
    }
    for node in nodes_of(protocol):
        if isinstance(node, Input) and isinstance(node.measurement, Numeric) and len(node.measurement.scales) > 1:
            free = (
                node.aspect in (Aspect.SCALE, Aspect.RECORDED, Aspect.UPPER_LIMIT, Aspect.LOWER_LIMIT)
                or id(node) in ratios
            )
            if node.scale is None and not free:
                units = " or ".join(scale.unit for scale in node.measurement.scales)
                raise ProtocolError(
                    f"measurement {node.measurement.name!r}",
                    f"the unit is open: {units}",
                    "Use .on(unit), or a fold of a limit or baseline",
                )
    return "values on scales that do not convert are never mixed"


def doses_fit(protocol: Protocol) -> str:
    """Every intervention that an epoch gives is declared, under a name of its own, with a dose in one unit."""
    names = [node.name for node in protocol.interventions]
    for node in (*protocol.interventions, *(node for epoch in protocol.epochs for node in epoch.gives)):
        if names.count(node.name) != 1:
            how = "twice" if node.name in names else "nowhere"
            raise ProtocolError(
                f"intervention {node.name!r}", f"the protocol declares it {how}", "List it once in interventions"
            )
    for node in protocol.interventions:
        if node.dose is not None and isinstance(node.dose.amount, Bands) and node.dose.amount.unit != node.dose.unit:
            raise ProtocolError(
                f"dose of {node.name}",
                f"its bands are in {node.dose.amount.unit!r}, the dose in {node.dose.unit!r}",
                "Use one unit",
            )
    return f"{len(protocol.interventions)} interventions, doses in one unit each"


def pathway_is_whole(protocol: Protocol) -> str:
    """Every cell of the pathway is decided once; the pathway proved it when it was made."""
    cells = sum(len(visit) for epoch in protocol.pathway.table for visit in epoch)
    decisions = len(protocol.pathway.decisions)
    return f"{cells} cells, each decided once by one of {decisions} decisions; every epoch is reached"


PROOFS = (
    names_are_unique,
    nobody_is_admitted_unknown,
    units_fit,
    scales_are_chosen,
    everything_used_is_collected,
    doses_fit,
    pathway_is_whole,
)


def when_nothing_is_known(node: Node) -> Truth:
    """Give the verdict of a rule for a patient whose record is empty.

    What is not recorded is not known, except exposures and events, which are complete by definition, and `Recorded`.
    """
    match node:
        case Criterion(rule=rule):
            return when_nothing_is_known(rule)
        case Not(rule=rule):
            return negation(when_nothing_is_known(rule))
        case AllOf(rules=rules):
            return every([*map(when_nothing_is_known, rules)])
        case AnyOf(rules=rules):
            return some([*map(when_nothing_is_known, rules)])
        case AtLeast(count=count, rules=rules):
            return threshold(count, [*map(when_nothing_is_known, rules)])
        case AnswerIs(classification=choice, answers=answers):
            possible, decided = set(), False
            for case in choice.cases:
                verdict = when_nothing_is_known(case.rule)
                if verdict is not False and not decided:
                    possible.add(case.answer)
                decided = decided or verdict is True
            possible |= set() if decided else {choice.otherwise}
            return True if possible <= set(answers) else False if possible.isdisjoint(answers) else None
        case Holds(input=item) if isinstance(item.measurement, Exposed | Occurred):
            return False
        case Recorded():
            return False
        case Compare(left=Number(value=left), operator=operator, right=Number(value=right)):
            return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]
        case Compare() | Holds() | IsOneOf() | OnScale():
            return None
    raise TypeError(f"{type(node).__name__} is not a rule that eligibility can use")


def unit_of(quantity: NumericQuantity) -> str | None:
    """Give the unit of a quantity; None where any unit fits, or where arithmetic leaves it to the author."""
    match quantity:
        case Input(measurement=measurement, scale=scale) if isinstance(measurement, Numeric):
            return scale or measurement.unit
        case Derived(unit=unit) | Scaled(unit=unit) | Bands(unit=unit):
            return unit
        case Clip(of=of):
            return unit_of(of)
        case Arithmetic(operator=operator, left=left, right=right):
            units = {unit_of(left), unit_of(right)}
            if operator in "+-":
                return units.pop() if len(units) == 1 else None
            return "1" if operator == "/" and len(units) == 1 and None not in units else None
        case Transform():
            return "1"
    return None


def _text(node: Compare) -> str:
    left = node.left.name if isinstance(node.left, Input | Derived) else type(node.left).__name__.lower()
    right = f"{node.right.value:g}" if isinstance(node.right, Number) else type(node.right).__name__.lower()
    return f"rule {left} {node.operator} {right}"
