"""Rules: what holds for a patient, does not hold, or is not known (Kleene's three-valued logic).

References
----------
.. [1] Kleene SC. Introduction to Metamathematics, section 64. North-Holland, 1952.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from branchpoint.language.errors import ProtocolError
from branchpoint.language.nodes import Label, Node, Rule, rewrite
from branchpoint.language.quantities import BASELINE, NOW, Aspect, Input, Number, NumericQuantity

if TYPE_CHECKING:
    from branchpoint.language.measurements import YesNo

__all__ = [
    "AllOf",
    "AnyOf",
    "AtLeast",
    "Compare",
    "Criterion",
    "Holds",
    "IsOneOf",
    "Not",
    "OnScale",
    "Recorded",
    "all_of",
    "any_of",
    "at_baseline",
    "at_least",
    "criterion",
    "not_",
    "sustained",
]

Operator = Literal["<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare(Rule):
    """One quantity against another; not known where either is not known."""

    left: NumericQuantity
    operator: Operator
    right: NumericQuantity


@dataclass(frozen=True, slots=True)
class Holds(Rule):
    """A yes/no measurement whose answer is yes."""

    input: Input


@dataclass(frozen=True, slots=True)
class IsOneOf(Rule):
    """A coded measurement whose answer is among some codes."""

    input: Input
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnScale(Rule):
    """A measurement reported on one of its scales."""

    input: Input
    unit: str


@dataclass(frozen=True, slots=True)
class Recorded(Rule):
    """A measurement that the record holds: no where it was never done, not known while it is pending.

    The one rule about the record and not about the patient. With it a protocol says "where available".
    """

    input: Input


@dataclass(frozen=True, slots=True)
class Not(Rule):
    """The contrary; not known where the rule is not known."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class AllOf(Rule):
    """Every rule holds: no as soon as one does not, not known while one is open."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Rule):
    """Some rule holds: yes as soon as one does, not known while one is open."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AtLeast(Rule):
    """At least `count` rules hold: yes when enough hold, no when too few can, not known between."""

    count: int
    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.count <= len(self.rules):
            raise ProtocolError(
                f"at_least({self.count}, ...) of {len(self.rules)} rules",
                "it always holds or never does",
                f"Ask for 1 to {len(self.rules)}",
            )


@dataclass(frozen=True, slots=True)
class Criterion(Rule):
    """A rule with a name of its own, a label and a source.

    Parameters
    ----------
    name : str
        Plain snake case, unique in the protocol for this rule.
    rule : Rule
    label : Label
    """

    name: str
    rule: Rule
    label: Label

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ProtocolError(f"criterion {self.name!r}", "the name is not plain snake case", "Use a_name_like_this")


Part = "Rule | YesNo"


def _as_rule(part: object) -> Rule:
    from branchpoint.language.measurements import YesNo

    if isinstance(part, Rule):
        return part
    if isinstance(part, YesNo):
        return part.holds
    raise ProtocolError(f"{part!r}", "it is not a rule", "Combine comparisons, criteria and yes/no measurements")


def _as_rules(parts: tuple[object, ...], word: str) -> tuple[Rule, ...]:
    if not parts:
        raise ProtocolError(f"{word}()", "it combines nothing", "Give at least one rule")
    return tuple(_as_rule(part) for part in parts)


def all_of(*parts: Rule | YesNo) -> AllOf:
    """Give the rule that every part holds."""
    return AllOf(_as_rules(parts, "all_of"))


def any_of(*parts: Rule | YesNo) -> AnyOf:
    """Give the rule that some part holds."""
    return AnyOf(_as_rules(parts, "any_of"))


def not_(part: Rule | YesNo) -> Not:
    """Give the rule that the part does not hold."""
    return Not(_as_rule(part))


def at_least(count: int, *parts: Rule | YesNo) -> AtLeast:
    """Give the rule that at least `count` parts hold."""
    return AtLeast(count, _as_rules(parts, "at_least"))


def criterion(name: str, label: str, rule: Rule | YesNo, *, cite: str = "") -> Criterion:
    """Name a rule, in words and with its source."""
    return Criterion(name, _as_rule(rule), Label(label, cite))


def at_baseline(rule: Rule) -> Rule:
    """Give the same rule about the baseline record: every value of the day of evaluation becomes the baseline value.

    Criteria inside it are renamed, since they now ask something else.
    """

    def change(node: Node) -> Node:
        if isinstance(node, Input) and node.when == NOW:
            return replace(node, when=BASELINE)
        if isinstance(node, Criterion):
            return replace(
                node,
                name=f"{node.name}_at_baseline",
                label=replace(node.label, text=f"{node.label.text} (baseline)"),
            )
        return node

    return rewrite(rule, change)


def sustained(rule: Rule | YesNo, days: int) -> Rule:
    """Give the rule that a comparison with a number, or a yes/no answer, has held throughout the last `days` days.

    The record must span the days: while it does not, the answer is not known.

    Raises
    ------
    ProtocolError
        When the rule is not a comparison of one measurement with a number, nor a yes/no measurement.
    """
    rule = _as_rule(rule)
    match rule:
        case Compare(Input(aspect=Aspect.VALUE, when="now") as value, operator, Number() as limit):
            aspect = Aspect.HIGHEST if operator in ("<", "<=") else Aspect.LOWEST
            return Compare(replace(value, aspect=aspect, days=days), operator, limit)
        case Holds(Input(aspect=Aspect.VALUE, when="now") as value):
            return Holds(replace(value, aspect=Aspect.LOWEST, days=days))
        case Not(Holds(Input(aspect=Aspect.VALUE, when="now") as value)):
            return Not(Holds(replace(value, aspect=Aspect.HIGHEST, days=days)))
    raise ProtocolError(
        f"sustained({rule})",
        "only simple rules can be sustained",
        "Use a comparison with a number or a yes/no",
    )
