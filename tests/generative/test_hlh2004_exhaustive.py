"""All 6561 states of HLH-2004: each item met, not met or not known, read three ways and counted a fourth.

References
----------
.. [1] Henter JI, et al. HLH-2004: Diagnostic and therapeutic guidelines. Pediatr Blood Cancer 2007;48:124-131.
"""

from itertools import product

import duckdb
import polars as pl
import pytest

from branchpoint.engine.evaluate import evaluate
from branchpoint.engine.explain import explain
from branchpoint.language.proofs import inputs_of
from branchpoint.language.registry import find_protocol
from branchpoint.records.frame import visit_frame
from branchpoint.records.patient import Finding, Patient, Subject
from tests.generative.records import tables_of

PROTOCOL = find_protocol("rux-hlh")
RULE = PROTOCOL.diagnosis

# The findings that make each item met, not met and not known. An unknown item has what is known and does not settle it.
FINDINGS = {
    "fever": {True: {"temperature": 38.5}, False: {"temperature": 38.4}, None: {}},
    "splenomegaly": {True: {"splenomegaly": True}, False: {"splenomegaly": False}, None: {"splenomegaly": None}},
    "cytopenia": {
        True: {"hemoglobin": 89.0, "platelets": 99.0},
        False: {"hemoglobin": 90.0, "platelets": 100.0, "neutrophils": 0.5},
        None: {"hemoglobin": 89.0, "platelets": 100.0},
    },
    "lipids": {
        True: {"fibrinogen": 1.5},
        False: {"triglycerides": 2.9, "fibrinogen": 1.6},
        None: {"triglycerides": 2.9},
    },
    "hemophagocytosis": {True: {"hemophagocytosis": True}, False: {"hemophagocytosis": False}, None: {}},
    "nk_activity": {True: {"nk_activity": 15.0}, False: {"nk_activity": 15.11}, None: {}},
    "ferritin": {True: {"ferritin": 500.0}, False: {"ferritin": 499.0}, None: {"ferritin": None}},
    "soluble_cd25": {True: {"soluble_cd25": 6401.0}, False: {"soluble_cd25": 6400.0}, None: {}},
}
LIMITS = {"nk_activity": ("%", 15.11, None), "soluble_cd25": ("pg/mL", None, 6400.0)}
STATES = tuple(product((True, False, None), repeat=len(FINDINGS)))


def patient_in(number, state):
    found = {}
    for item, answer in zip(FINDINGS, state, strict=True):
        for test, value in FINDINGS[item][answer].items():
            missing = "pending" if value is None else ""
            found[test] = (Finding(0, test, value, *LIMITS.get(test, ("", None, None)), missing),)
    # Old enough for the hemoglobin of children beyond the first weeks; no mutation, so that the count alone decides.
    from datetime import date

    return Patient(
        Subject(f"S{number:04}", "F", date(2015, 1, 1), first_dose_date=date(2020, 1, 1), genetic_result="negative"),
        found,
    )


@pytest.fixture(scope="module")
def patients():
    return tuple(patient_in(number, state) for number, state in enumerate(STATES))


@pytest.fixture(scope="module")
def frame(patients):
    rows = pl.DataFrame({"subject": [patient.subject.id for patient in patients]}).with_columns(day=pl.lit(0))
    return visit_frame(tables_of(patients), inputs_of(RULE), rows)


def counted(state):
    """The verdict by counting with bounds."""
    met, possible = sum(answer is True for answer in state), sum(answer is not False for answer in state)
    return True if met >= 5 else False if possible < 5 else None


def test_the_states_are_all_there_and_differ():
    assert len(STATES) == 3**8
    verdicts = [counted(state) for state in STATES]
    assert {answer: verdicts.count(answer) for answer in (True, False, None)} == {True: 577, False: 1697, None: 4287}


def test_explain_agrees(patients):
    for state, patient in zip(STATES, patients, strict=True):
        assert explain(RULE, patient).value is counted(state), state


def test_each_item_is_in_the_state_that_it_was_put_in(patients, frame):
    items = {item.name: item for item in PROTOCOL.diagnosis_items}
    assert set(items) == set(FINDINGS)
    judged = evaluate({f"item {name}": rule for name, rule in items.items()}, frame)
    assert judged.select(f"item {name}" for name in FINDINGS).rows() == list(STATES)
    for state, patient in list(zip(STATES, patients, strict=True))[::50]:
        assert tuple(explain(items[name], patient).value for name in FINDINGS) == state


def test_evaluate_on_polars_agrees(frame):
    assert evaluate({"verdict": RULE}, frame)["verdict"].to_list() == [counted(state) for state in STATES]
    assert evaluate({"verdict": RULE}, frame.lazy()).collect()["verdict"].to_list() == [
        counted(state) for state in STATES
    ]


def test_evaluate_on_duckdb_agrees(frame):
    with duckdb.connect() as connection:
        judged = evaluate({"verdict": RULE}, connection.from_arrow(frame.to_arrow())).pl()
    assert judged.sort("subject")["verdict"].to_list() == [counted(state) for state in STATES]
