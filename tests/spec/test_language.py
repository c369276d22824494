"""Every row of the manual, by the single-patient reading; and the manual itself."""

from pathlib import Path

import pytest

from branchpoint.engine.explain import explain
from tests.spec.examples import TOPICS, patient_of
from tests.spec.manual import manual

CASES = [
    pytest.param(topic.rule, example, id=f"{topic.title} {number}")
    for topic in TOPICS
    for number, example in enumerate(topic.examples, 1)
]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_answers_as_the_manual_says(rule, example):
    answer = explain(rule, patient_of(example.record), example.day).value
    if isinstance(example.expected, float):
        assert answer == pytest.approx(example.expected, rel=1e-12)
    else:
        assert answer is example.expected or answer == example.expected
        assert type(answer) is type(example.expected)


def test_the_manual_is_what_the_examples_print():
    written = Path(__file__).parents[2] / "docs" / "language.md"
    assert written.read_text(encoding="utf-8") == manual(), "run: python -m tests.spec.manual"
