"""Open questions: what is missing behind an answer that is not known, and what would settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from branchpoint.engine.explain import Explanation, possible_answers
from branchpoint.language.choices import AnswerIs
from branchpoint.language.logic import Truth, every, negation, some, threshold
from branchpoint.language.nodes import Node, Rule
from branchpoint.language.quantities import Aspect, Input
from branchpoint.language.rules import AllOf, AnyOf, AtLeast, Criterion, Not

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Missing", "Settling", "count_of", "missing_inputs", "open_parts", "settling", "supposing"]


class Missing(NamedTuple):
    """An input that the record does not answer, and the reason that it gives."""

    input: Input
    reason: str


class Settling(NamedTuple):
    """An answer to one open part that would settle the whole.

    Attributes
    ----------
    node : Node
        The open part.
    answer : bool
        What the part would have to turn out as.
    verdict : bool
        What the whole would then be.
    """

    node: Node
    answer: bool
    verdict: bool


def missing_inputs(explanation: Explanation) -> tuple[Missing, ...]:
    """Give each different input that is missing behind an open answer; none behind a settled one."""
    found: dict[Input, str] = {}
    for part in _open(explanation):
        if part.observation is not None and isinstance(part.node, Input):
            # A limit of normal, or a value at another time, is asked of the same test.
            found.setdefault(part.node, part.observation.missing or "not_recorded")
    return tuple(Missing(item, reason) for item, reason in found.items() if item.aspect is not Aspect.RECORDED)


def _open(explanation: Explanation) -> Iterator[Explanation]:
    if explanation.value is None:
        yield explanation
        for part in explanation.parts:
            yield from _open(part)


def open_parts(explanation: Explanation) -> tuple[Explanation, ...]:
    """Give the innermost open rules behind an open answer: those whose own parts are no rules, or criteria by name."""
    found: dict[Node, Explanation] = {}
    for part in _open(explanation):
        deeper = part.parts[0].parts if isinstance(part.node, AnswerIs) else part.parts
        inner = [one for one in deeper if isinstance(one.node, Rule) and one.value is None]
        if isinstance(part.node, Rule) and not inner:
            found.setdefault(part.node, part)
    return tuple(found.values())


def settling(explanation: Explanation, parts: tuple[Explanation, ...] | None = None) -> tuple[Settling, ...]:
    """Give the answers to single open parts that would settle an open rule.

    Parameters
    ----------
    explanation : Explanation
        Of a rule.
    parts : tuple of Explanation, optional
        The open parts to try; the innermost open rules when not given.

    Returns
    -------
    tuple of Settling
        Empty when the rule is settled, or when no single answer would do.
    """
    if explanation.value is not None:
        return ()
    found = []
    for part in open_parts(explanation) if parts is None else parts:
        if part.value is None:
            for answer in (True, False):
                verdict = supposing(explanation, {part.node: answer})
                if verdict is not None:
                    found.append(Settling(part.node, answer, verdict))
    return tuple(found)


def supposing(explanation: Explanation, answers: Mapping[Node, bool]) -> Truth:
    """Give the verdict of a rule if some of its open parts were answered.

    Parameters
    ----------
    explanation : Explanation
        Of a rule.
    answers : mapping of Node to bool
        The supposed answers.
    """
    node = explanation.node
    if node in answers:
        return answers[node]
    if explanation.value is not None or not explanation.parts:
        return explanation.value  # type: ignore[return-value]
    if isinstance(node, AnswerIs):
        return _answer_supposing(node, explanation.parts[0], answers)
    verdicts = [supposing(part, answers) for part in explanation.parts if isinstance(part.node, Rule)]
    match node:
        case AllOf():
            return every(verdicts)
        case AnyOf():
            return some(verdicts)
        case AtLeast(count=count):
            return threshold(count, verdicts)
        case Not():
            return negation(verdicts[0])
        case Criterion():
            return verdicts[0]
    return None


def _answer_supposing(node: AnswerIs, choice: Explanation, answers: Mapping[Node, bool]) -> Truth:
    supposed = [part._replace(value=supposing(part, answers)) for part in choice.parts]
    possible = possible_answers(choice._replace(parts=tuple(supposed)))
    among = [answer in node.answers for answer in possible]
    return True if all(among) else None if any(among) else False


def count_of(explanation: Explanation) -> tuple[int, int, int]:
    """Give how many parts of a group hold, do not hold, and are open."""
    values = [part.value for part in explanation.parts]
    return values.count(True), values.count(False), values.count(None)
