"""A cohort's decisions are, row for row, those of each patient decided alone."""

from datetime import date
from functools import cache
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchpoint.engine.cohort import decide_cohort, decisions_schema, write_decisions
from branchpoint.engine.decide import assessment_days, decide
from branchpoint.engine.decisions import UNSCHEDULED
from branchpoint.language import Coded, Numeric, Occurred
from branchpoint.language.proofs import inputs_of, nodes_of
from branchpoint.language.quantities import Number
from branchpoint.language.registry import find_protocol
from branchpoint.language.responses import RESPONSES
from branchpoint.language.rules import Compare
from branchpoint.records.frame import Tables
from branchpoint.records.patient import MISSING_REASONS, Event, Exposure, Finding, Override, Patient, Subject
from tests.generative.records import tables_of

PROTOCOL = find_protocol("rux-hlh")
READ = {item.measurement.name for item in inputs_of((PROTOCOL.responses, PROTOCOL.etiology))}
EVENTS = [
    event
    for item in inputs_of(PROTOCOL.responses)
    if isinstance(item.measurement, Occurred)
    for event in item.measurement.events
]
DRUGS = ("g_csf", "platelet_transfusion")
DAYS = (-1, 0, 3, 7, 8, 13, 14, 20, 28, 35, 56, 60, 90)


@cache
def telling_values():
    """For each test values about which some rule changes its mind, so that all branches are taken."""
    told = {}
    for node in nodes_of(PROTOCOL):
        if isinstance(node, Compare) and isinstance(node.right, Number):
            for item in inputs_of(node.left):
                told.setdefault(item.measurement.name, set()).update(
                    node.right.value * factor for factor in (0.3, 1, 1.1, 4)
                )
    return told


EXPECTED = {"newly_diagnosed", "active_hlh"}
ORGANS = {"creatinine": 40.0, "bilirubin": 10.0, "inr": 1.0, "glomerular_filtration_rate": 90.0}


def finding(day, measurement, illness, random, certain):
    """One finding, of a patient who is well (0), ill (1) or between; `certain` where nothing is missing by chance."""
    name = measurement.name
    if not certain and random.random() < 0.05:
        return Finding(day, name, None, missing=random.choice(MISSING_REASONS))
    ill = random.random() < illness
    if certain and name in ORGANS:
        return Finding(day, name, ORGANS[name], measurement.unit)
    if isinstance(measurement, Coded):
        return Finding(day, name, random.choice(measurement.codes))
    if not isinstance(measurement, Numeric):
        return Finding(
            day, name, name in EXPECTED if measurement.current_for is None and random.random() < 0.95 else ill
        )
    scale = measurement.scales[0 if random.random() < 0.8 else -1]
    options = sorted(
        telling_values().get(name, {1.0}) | {limit * 1.2 for limit in (scale.upper_limit, scale.lower_limit) if limit}
    )
    half = len(options) // 2
    options = options[half:] if ill is (measurement.worse == "high") else options[: half + 1]
    return Finding(day, name, float(random.choice(options)), scale.unit, scale.lower_limit, scale.upper_limit)


def hlh_patient(name, seed):
    """One patient with some course of disease."""
    random = Random(f"{name} {seed}")
    measurements = [m for m in PROTOCOL.measurements.values() if m.source == "findings"]
    eligible = random.random() < 0.3
    completeness = 1.0 if eligible else random.choice([0.5, 0.95, 1.0])
    days = [-1, 0, *sorted(random.sample(DAYS[2:], random.randrange(8)))]
    illness = {day: random.choice([0.0, 0.0, 0.3, 1.0]) if day > 0 else random.choice([0.7, 1.0]) for day in days}
    found = {}
    for measurement in measurements:
        on = [day for day in days if random.random() < completeness and (day <= 0 or measurement.name in READ)]
        if on:
            found[measurement.name] = tuple(
                finding(day, measurement, illness[day], random, eligible and day <= 0) for day in on
            )
    events = tuple(
        Event(day, event)
        for day, event in zip(sorted(random.sample(DAYS[2:], 4)), EVENTS, strict=False)
        if random.random() < 0.3
    )
    exposures = [
        Exposure(drug, day, day + random.randrange(3)) for drug in DRUGS for day in days if random.random() < 0.1
    ]
    epochs = [epoch.name for epoch in PROTOCOL.epochs]
    overrides = tuple(Override(day, random.choice(epochs), "reason") for day in DAYS[2:] if random.random() < 0.04)
    subject = Subject(
        name,
        sex=random.choice(["F", "M", None]),
        birth_date=random.choice([date(2016, 2, 29), date(2017, 12, 31), date(1990, 1, 1), None]),
        consent_date=random.choice([date(2020, 3, 1), None]),
        first_dose_date=random.choice([date(2020, 3, 1), date(2020, 3, 2), None]),
        genetic_result=random.choice(["PRF1", "negative", "pending", "not_done", None]),
    )
    return Patient(subject, found, tuple(sorted(exposures, key=lambda given: given.start)), events, overrides)


def rows_of(patient):
    """What the single patient's decisions say, as a row of the cohort's for each day of assessment."""
    return [row_of(decide(PROTOCOL, patient, day)) for day in (0, *assessment_days(PROTOCOL, patient))]


def row_of(told):
    step = told.path[-1] if told.path else None
    open_at_screening = [part.node.name for part in told.inclusion + told.exclusion if part.value is None]
    open_at_screening += ["etiology"] if told.etiology.value is None else []
    judged = {name: judgment.category for name, judgment in told.responses.items()}
    open_responses = [
        f"response.{name}" + (f"[{' '.join(judgment.possible)}]" if len(judgment.possible) > 1 else "")
        for name, judgment in told.responses.items()
        if judgment.category == "NE"
    ]
    return {
        "subject": told.patient.subject.id,
        "visit": step.visit if step else PROTOCOL.epochs[0].visit_on(0).name,
        "day": told.day,
        "eligible": told.eligible,
        "etiology": told.etiology.value,
        "dose_mg": told.dose.value,
        **{f"response_{rule_set.name}": judged.get(rule_set.name) for rule_set in PROTOCOL.responses},
        "epoch_before": told.epoch,
        "epoch_after": told.next_epoch,
        "action": told.action,
        "stratum": step.stratum if step else None,
        "not_evaluable": ",".join(
            (open_at_screening if step is None else []) + (["dose"] if told.dose.value is None else []) + open_responses
        ),
    }


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.integers(7, 24))
def test_patient_and_cohort_agree(seed, batch_size):
    cohort = [hlh_patient(f"S{number:02}", seed) for number in range(24)]
    decisions = decide_cohort(tables_of(cohort), PROTOCOL, batch_size=batch_size)
    assert decisions.columns == list(decisions_schema(PROTOCOL))
    assert decisions.to_dicts() == [row for patient in cohort for row in rows_of(patient)]


def test_the_patients_take_every_branch():
    # Otherwise the agreement above would prove little.
    decisions = decide_cohort(tables_of([hlh_patient(f"S{number}", "many") for number in range(2000)]), PROTOCOL)
    seen = {column: set(decisions[column]) for column in decisions.columns}
    assert seen["epoch_after"] == {"screening", *(epoch.name for epoch in PROTOCOL.epochs)}
    assert seen["stratum"] == {None, "favorable", "unfavorable"}
    assert seen["response_trial"] == {None, *RESPONSES}
    assert seen["action"] >= {decision.action for decision in PROTOCOL.pathway.decisions} | {"override"}
    assert seen["eligible"] == {True, False, None}
    assert UNSCHEDULED in seen["visit"]


def test_a_study_without_subjects_has_no_decisions():
    decisions = decide_cohort(tables_of([]), PROTOCOL)
    assert decisions.schema == pl.Schema(decisions_schema(PROTOCOL))
    assert not len(decisions)


def test_tables_may_be_scanned():
    tables = tables_of([hlh_patient(f"S{number}", 0) for number in range(5)])
    lazy = Tables(*(table.lazy() for table in tables))
    assert decide_cohort(lazy, PROTOCOL).equals(decide_cohort(tables, PROTOCOL))


def test_written_decisions_name_their_protocol(tmp_path):
    decisions = decide_cohort(tables_of([]), PROTOCOL)
    write_decisions(decisions, PROTOCOL, tmp_path / "decisions.parquet")
    assert [file.name for file in tmp_path.iterdir()] == ["decisions.parquet"]
    metadata = pl.read_parquet_metadata(tmp_path / "decisions.parquet")
    assert metadata["protocol"] == PROTOCOL.name
    assert metadata["protocol_hash"] == PROTOCOL.hash
    with pytest.raises(OSError, match="absent"):
        write_decisions(decisions, PROTOCOL, tmp_path / "absent" / "decisions.parquet")
