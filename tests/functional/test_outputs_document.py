"""docs/outputs.md lists what is written, no more and no less."""

import re
from pathlib import Path

from branchpoint.engine.cohort import decisions_schema
from branchpoint.engine.decide import decide
from branchpoint.language.registry import find_protocol
from branchpoint.records.patient_file import patient_from_data
from branchpoint.reporting.explanation_json import explanation_data
from tests.spec.patients import REMISSION, patient_data

DOCUMENT = (Path(__file__).parents[2] / "docs" / "outputs.md").read_text(encoding="utf-8")
PROTOCOL = find_protocol("rux-hlh")


def names_in(title):
    section = DOCUMENT.split(f"## {title}")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.*?`) \|", section, re.M)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_explanation():
    patient, _ = patient_from_data(patient_data(later={28: REMISSION}), PROTOCOL)
    data = explanation_data(decide(PROTOCOL, patient))
    assert names_in("An explanation") == set(data)
    assert set(data["path"][0]) == {
        "day", "visit", "epoch", "response", "action", "next_epoch", "stratum", "override",
    }  # fmt: skip


def test_decisions():
    assert names_in("Decisions") == set(decisions_schema(PROTOCOL))


def test_outcomes():
    assert names_in("Outcomes") == {"id", "place", "published", "computed", "agrees", "note"}
