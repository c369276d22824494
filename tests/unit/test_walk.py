"""The walk: one step for one patient and for a cohort, and decisions that stand whatever is missing."""

import numpy as np
import pytest

from branchpoint.engine.pathway_table import BIT, NE_CODE, SETTLED, compile_pathway
from branchpoint.engine.walk import History, Position, judge, may_apply, remember, step
from branchpoint.language import CR, IMPROVEMENT, NR, PD, PR, RELAPSE, RESPONSES, Label, ResponseCase, ResponseRuleSet
from branchpoint.language.registry import find_protocol
from tests.spec.examples import high, low, rash

PROTOCOL = find_protocol("rux-hlh")
TABLE = compile_pathway(PROTOCOL.pathway)
RULES = ResponseRuleSet(
    name="small",
    label=Label("Small"),
    cases=(
        ResponseCase(CR, high),
        ResponseCase(RELAPSE, low, after="complete_response"),
        ResponseCase(PD, rash.holds, after="response"),
        ResponseCase(PR, high),
    ),
)
NO, MAYBE, YES = (0, 0), (0, 1), (1, 1)


def responses(bits):
    return {name for name in RESPONSES if bits & BIT[name]}


@pytest.mark.parametrize(
    ("verdicts", "history", "possible"),
    [
        ((YES, YES, YES, YES), History(), {CR}),
        ((NO, YES, YES, NO), History(), {NR}),
        ((NO, YES, YES, NO), History(1, 1, 0, 0), {PD}),
        ((NO, YES, YES, NO), History(1, 1, 1, 1), {RELAPSE}),
        ((NO, YES, YES, NO), History(0, 1, 0, 1), {RELAPSE, PD, NR}),
        ((MAYBE, NO, NO, YES), History(), {CR, PR}),
        ((NO, NO, NO, MAYBE), History(), {PR, NR}),
        ((MAYBE, MAYBE, MAYBE, MAYBE), History(1, 1, 1, 1), {CR, RELAPSE, PD, PR, NR}),
    ],
)
def test_possible_responses(verdicts, history, possible):
    assert responses(judge(RULES, verdicts, history)) == possible


def test_history_remembers_what_was_certain_and_what_was_possible():
    maybe = remember(History(), BIT[CR] | BIT[NR])
    assert maybe == History(0, 1, 0, 1)
    assert remember(maybe, BIT[IMPROVEMENT]) == History(1, 1, 0, 1)
    assert remember(maybe, BIT[CR]) == History(1, 1, 1, 1)
    assert not may_apply(RULES.cases[2], History())
    assert may_apply(RULES.cases[2], maybe)


def test_a_set_of_responses_is_settled_only_when_it_has_one():
    assert [RESPONSES[SETTLED[BIT[name]]] for name in RESPONSES] == list(RESPONSES)
    assert SETTLED[BIT[CR] | BIT[PR]] == NE_CODE


def test_a_decision_that_stands_whatever_is_missing_is_taken():
    either = step(TABLE, Position(0, 0), 7, BIT[NR] | BIT[PD])
    assert PROTOCOL.pathway.decisions[either.decision].action == "start_intensive"
    open_ = step(TABLE, Position(0, 0), 7, BIT[NR] | BIT[PR])
    assert PROTOCOL.pathway.decisions[open_.decision].action == "repeat_assessment"


def test_one_patient_and_a_cohort_take_the_same_step():
    epochs, entered, days, possible = (
        grid.ravel() for grid in np.meshgrid(range(4), [0, 5], [5, 6, 12, 30, 61, 90, 800], range(1, 128))
    )
    cohort = step(TABLE, Position(epochs, entered), days, possible)
    for index in range(0, len(days), 7):
        one = step(TABLE, Position(int(epochs[index]), int(entered[index])), int(days[index]), int(possible[index]))
        assert (one.response, one.visit, one.decision) == (
            cohort.response[index], cohort.visit[index], cohort.decision[index],
        )  # fmt: skip
        assert one.after == (cohort.after.epoch[index], cohort.after.entered[index])


def test_every_cell_of_the_table_is_the_decision_that_the_pathway_lists():
    for number, epoch in enumerate(PROTOCOL.epochs):
        for visit in epoch.visits:
            for response in RESPONSES:
                taken = step(TABLE, Position(number, 0), visit.day, BIT[response])
                decision = PROTOCOL.pathway.decisions[taken.decision]
                assert decision.epoch == epoch.name
                assert response in decision.responses
                assert decision.covers(visit.day)
