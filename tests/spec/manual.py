"""Prints the examples as the manual of the language: ``python -m tests.spec.manual`` writes docs/language.md."""

from pathlib import Path

from branchpoint.records.patient import Event, Exposure
from branchpoint.reporting.words import words
from tests.spec.examples import TOPICS

ANSWERS = {True: "yes", False: "no", None: "open"}
HEAD = """# The language

A protocol is written in Python, in the words below. Every rule is a value: it is checked when it is made, it can be
printed, compared and hashed, and it has no truth of its own until it meets a patient. Answers are *yes*, *no* and
*open*: what is missing is never a default.

Each table here is run as a test. The records are synthetic.
"""


def manual() -> str:
    """Give the manual as Markdown."""
    return HEAD + "".join(_topic(topic) for topic in TOPICS)


def _topic(topic) -> str:
    told, limits = words(topic.rule), "limit" in words(topic.rule)
    rows = "".join(
        f"| {_record(example.record, limits)} | {example.day} | {_answer(example.expected)} |\n"
        for example in topic.examples
    )
    table = f"| record | day | answer |\n| --- | --- | --- |\n{rows}"
    return f"\n## {topic.title}\n\n{topic.meaning}\n\n```python\n{topic.code}\n```\n\nIn words: {told}.\n\n{table}"


def _record(record, limits) -> str:
    return "; ".join(_item(item, limits) for item in record) or "nothing"


def _item(item, limits) -> str:
    if isinstance(item, Exposure):
        return f"{item.drug} on day {item.start}"
    if isinstance(item, Event):
        return f"{item.event} on day {item.day}"
    value = item.missing if item.value is None else ANSWERS.get(item.value) or item.value
    value = item.value if isinstance(item.value, float) else value
    limit = f" (limit {item.upper_limit:g})" if limits and item.upper_limit else ""
    text = f"{value:g}" if isinstance(value, float) else value
    return f"{item.test} {text}{' ' + item.unit if item.unit else ''}{limit} on day {item.day}"


def _answer(expected) -> str:
    if expected is None or isinstance(expected, bool):
        return ANSWERS[expected]
    return f"{expected:.5g}" if isinstance(expected, float) else str(expected)


if __name__ == "__main__":
    target = Path(__file__).parents[2] / "docs" / "language.md"
    target.write_text(manual(), encoding="utf-8")
    print(f"wrote {target}")
