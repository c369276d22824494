"""The second protocol: the language says another trial too, and nothing that its sources do not state."""

import ast
import inspect
from pathlib import Path

import pytest

from branchpoint.language import RESPONSES
from branchpoint.language.proofs import when_nothing_is_known
from branchpoint.language.registry import find_protocol
from branchpoint.language.schedule import weeks

PROTOCOL = find_protocol("hlh-94")


def decision(epoch, day, response):
    found = PROTOCOL.pathway.epoch(epoch)
    row = PROTOCOL.pathway.table[PROTOCOL.epochs.index(found)][found.visit_index(day)]
    return PROTOCOL.pathway.decisions[row[RESPONSES.index(response)]]


def test_it_is_found_by_its_name_and_proves_itself():
    assert PROTOCOL.name == "hlh-94"
    assert len(PROTOCOL.prove()) >= 7


def test_eight_weeks_of_etoposide_and_dexamethasone_assessed_at_weeks_2_4_and_8():
    initial = PROTOCOL.epochs[0]
    assert [given.name for given in initial.gives] == ["etoposide", "dexamethasone"]
    assert initial.days == 56
    assert tuple(visit.day for visit in initial.visits if visit.day > 0) == weeks(2, 4, 8)


def test_no_dose_is_invented():
    for given in {*PROTOCOL.interventions, *(one for epoch in PROTOCOL.epochs for one in epoch.gives)}:
        assert given.dose is None
        assert given.label.cite
    assert all("no dose was at hand" in given.label.cite for given in PROTOCOL.epochs[0].gives)


def test_response_is_what_the_clinician_declares():
    (rule_set,) = PROTOCOL.responses
    assert PROTOCOL.response_findings == {"non_active_disease"}
    assert [case.category for case in rule_set.cases] == ["CR", "relapse"]
    assert rule_set.otherwise == "NR"
    assert all(when_nothing_is_known(case.rule) is None for case in rule_set.cases)


@pytest.mark.parametrize(
    ("epoch", "day", "response", "after", "action"),
    [
        ("initial", 14, "CR", "initial", "continue"),
        ("initial", 28, "NR", "initial", "continue"),
        ("initial", 56, "CR", "follow_up", "stop"),
        ("initial", 56, "NR", "continuation", "bridge_to_transplant"),
        ("initial", 56, "relapse", "continuation", "bridge_to_transplant"),
        ("initial", 56, "NE", "initial", "repeat_assessment"),
        ("continuation", 56, "CR", "continuation", "continue"),
        ("continuation", 112, "NR", "continuation", "continue"),
        ("follow_up", 112, "CR", "follow_up", "continue"),
        ("follow_up", 28, "relapse", "continuation", "bridge_to_transplant"),
        ("follow_up", 28, "NE", "follow_up", "repeat_assessment"),
    ],
)
def test_where_a_patient_goes(epoch, day, response, after, action):
    found = decision(epoch, day, response)
    assert (found.go, found.action) == (after, action)
    assert found.cite


def test_familial_disease_is_transplanted_although_resolved():
    (given,) = PROTOCOL.pathway.epoch("follow_up").gives
    assert (given.name, given.only_if.name) == ("transplantation", "familial")


def test_it_is_written_in_the_language_and_the_vocabulary_of_the_disease_alone_in_under_120_lines():
    source = Path(inspect.getsourcefile(type(PROTOCOL))).parents[1] / "protocols" / "hlh_94.py"
    text = source.read_text(encoding="utf-8")
    modules = {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    assert modules == {"branchpoint.language", "branchpoint.protocols", "branchpoint.protocols.hlh"}
    assert len(text.splitlines()) < 120
