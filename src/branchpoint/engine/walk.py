"""Walk: the pathway over visits, one step an assessment.

A step is written once, over integers. Given Python integers it moves one patient; given arrays it moves a cohort, one
element a patient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from branchpoint.engine.pathway_table import BIT, CR_BIT, NE_CODE, RESPONDING_BITS, SETTLED, PathwayTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from branchpoint.language.responses import ResponseCase, ResponseRuleSet

__all__ = ["History", "Position", "Step", "judge", "may_apply", "remember", "step"]

# An integer for one patient, or an array of them for a cohort.
Integers = Any


class History(NamedTuple):
    """What earlier assessments found under one rule set; each 1 or 0.

    Attributes
    ----------
    responded, may_have_responded : int or ndarray
        Whether a response was certain, or possible, at an earlier assessment.
    complete, may_have_been_complete : int or ndarray
        The same of complete response.
    """

    responded: Integers = 0
    may_have_responded: Integers = 0
    complete: Integers = 0
    may_have_been_complete: Integers = 0


class Position(NamedTuple):
    """Where a patient is on the pathway: index of the epoch, and the study day on which it was entered."""

    epoch: Integers = 0
    entered: Integers = 0


class Step(NamedTuple):
    """One assessment on the pathway.

    Attributes
    ----------
    response : int or ndarray
        Index into `branchpoint.language.responses.RESPONSES`; NE where more than one is possible.
    visit : int or ndarray
        Index of the epoch's visit as of which the assessment counts.
    decision : int or ndarray
        Index into the pathway's decisions.
    after : Position
    """

    response: Integers
    visit: Integers
    decision: Integers
    after: Position


def judge(rule_set: ResponseRuleSet, verdicts: Sequence[tuple[Integers, Integers]], history: History) -> Integers:
    """Give the set of responses that are possible, as bits.

    Parameters
    ----------
    rule_set : ResponseRuleSet
    verdicts : sequence of (int or ndarray, int or ndarray)
        For each case of the rule set: whether it surely holds, whether it may hold; each 1 or 0.
    history : History

    Returns
    -------
    int or ndarray
        One bit a response, see `branchpoint.engine.pathway_table.BIT`.
    """
    gates = _gates(history)
    possible, undecided = 0, 1
    for case, (holds, may_hold) in zip(rule_set.cases, verdicts, strict=True):
        surely, perhaps = gates[case.after]
        possible = possible | (undecided & may_hold & perhaps) * BIT[case.category]
        undecided = undecided & (1 - (holds & surely))
    return possible | undecided * BIT[rule_set.otherwise]


def may_apply(case: ResponseCase, history: History) -> Integers:
    """Say whether a case may apply to a patient with a history; each 1 or 0."""
    return _gates(history)[case.after][1]


def _gates(history: History) -> dict[str | None, tuple[Integers, Integers]]:
    return {
        None: (1, 1),
        "response": (history.responded, history.may_have_responded),
        "complete_response": (history.complete, history.may_have_been_complete),
    }


def remember(history: History, possible: Integers) -> History:
    """Add an assessment to the history."""
    return History(
        history.responded | _within(possible, RESPONDING_BITS),
        history.may_have_responded | _meets(possible, RESPONDING_BITS),
        history.complete | _within(possible, CR_BIT),
        history.may_have_been_complete | _meets(possible, CR_BIT),
    )


def _within(possible: Integers, bits: int) -> Integers:
    return ((possible & ~bits) == 0) * 1


def _meets(possible: Integers, bits: int) -> Integers:
    return ((possible & bits) != 0) * 1


def step(table: PathwayTable, position: Position, day: Integers, possible: Integers) -> Step:
    """Take one step on the pathway.

    Parameters
    ----------
    table : PathwayTable
    position : Position
        Where the patient is before the assessment.
    day : int or ndarray
        Study day.
    possible : int or ndarray
        The set of possible responses, from `judge`.
    """
    own_day = day - position.entered * (1 - table.from_first_dose[position.epoch])
    visit = table.visit[position.epoch, np.minimum(own_day, table.visit.shape[1] - 1)]
    decision = table.decision[position.epoch, visit, possible]
    after = table.next_epoch[decision]
    moved = (after != position.epoch) * 1
    return Step(SETTLED[possible], visit, decision, Position(after, moved * day + (1 - moved) * position.entered))


assert len(BIT) - 1 == NE_CODE
