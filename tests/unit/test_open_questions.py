"""Open questions: what is missing, and which answers would settle a rule."""

import pytest

from branchpoint.engine.explain import explain
from branchpoint.engine.open_questions import missing_inputs, open_parts, settling, supposing
from branchpoint.language import all_of, any_of, at_least, classify, not_
from branchpoint.language.choices import AnswerIs
from tests.spec.examples import ferritin, high, low, patient_of, platelets, rash, rows, spleen


def settles(rule, record):
    found = settling(explain(rule, patient_of(record)))
    return {(item.node, item.answer, item.verdict) for item in found}


@pytest.mark.parametrize(
    ("rule", "record", "expected"),
    [
        (all_of(high, low), rows((ferritin, 600.0)), {(low, True, True), (low, False, False)}),
        (any_of(high, low), (), {(high, True, True), (low, True, True)}),
        (at_least(2, high, low, rash), rows((ferritin, 600.0)), {(low, True, True), (rash.holds, True, True)}),
        (at_least(2, high, low, rash), (), set()),
        (not_(rash), (), {(rash.holds, True, False), (rash.holds, False, True)}),
        (all_of(high, low), rows((ferritin, 100.0)), set()),
    ],
)
def test_single_answers_that_would_settle(rule, record, expected):
    assert settles(rule, record) == expected


def test_an_answer_among_some_is_settled_through_its_classification():
    choice = classify("kind", "Kind", ("both", all_of(high, rash)), ("ferritin", high), otherwise="neither")
    rule = AnswerIs(choice, ("both", "ferritin"))
    assert settles(rule, rows((rash, True))) == {(high, True, True), (high, False, False)}


def test_missing_inputs_come_with_their_reason_and_only_behind_open_answers():
    record = rows((ferritin, None), (platelets, 50.0))
    found = missing_inputs(explain(all_of(high, low, spleen), patient_of(record)))
    assert {(item.input.name, item.reason) for item in found} == {
        ("ferritin", "pending"),
        ("splenomegaly", "not_recorded"),
    }
    assert missing_inputs(explain(any_of(high, low), patient_of(record))) == ()


def test_supposing_agrees_with_recording():
    rule = at_least(2, high, low, not_(rash))
    open_answer = explain(rule, patient_of(rows((rash, False))))
    recorded = explain(rule, patient_of(rows((rash, False), (ferritin, 600.0))))
    assert supposing(open_answer, {high: True}) is recorded.value is True
    assert [part.node for part in open_parts(open_answer)] == [high, low]
