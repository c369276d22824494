"""Learning a missing value never overturns a settled answer."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branchpoint.engine.explain import explain
from branchpoint.language import Coded, Numeric
from branchpoint.language.nodes import descend
from branchpoint.language.quantities import Aspect, Input
from branchpoint.language.rules import Recorded
from branchpoint.records.patient import Finding
from tests.generative.records import CODED, LASTING, LOW, NUMBERS, SIGN, TWO_SCALES, patients
from tests.generative.rules import GENERATORS, nodes

# A later day is out of sight, and an earlier value is out of date: so what is learned is what was pending on the day.
DAY = 3
MEASUREMENTS = (TWO_SCALES, LOW, LASTING, SIGN, CODED)
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


@st.composite
def answers(draw, measurement):
    """A result of a test, as it might come in."""
    name, unit = measurement.name, ""
    if isinstance(measurement, Numeric):
        unit, value = draw(st.sampled_from([scale.unit for scale in measurement.scales])), draw(NUMBERS)
    else:
        value = draw(st.sampled_from(measurement.codes) if isinstance(measurement, Coded) else st.booleans())
    return Finding(DAY, name, value, unit, 1.0, 3.0)


@st.composite
def before_and_after(draw):
    """A patient of whose tests some are pending, and the same patient when results have come in."""
    patient = draw(patients(measurements=()))
    tests = draw(st.sets(st.sampled_from(MEASUREMENTS)))
    known = {m.name: (draw(answers(m)),) for m in tests}
    pending = {m.name: (Finding(DAY, m.name, None, missing="pending"),) for m in MEASUREMENTS if m not in tests}
    learned = {m.name: (draw(answers(m)),) for m in MEASUREMENTS if m not in tests and draw(st.booleans())}
    return replace(patient, findings=known | pending), replace(patient, findings=known | pending | learned)


@pytest.mark.parametrize("kind", sorted(GENERATORS, key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_learning_never_overturns(kind):
    @settings(max_examples=40, deadline=None, suppress_health_check=QUIET)
    @given(nodes(kind), before_and_after())
    def look(node, patients):
        before, after = (explain(node, patient, DAY).value for patient in patients)
        assert before is None or before == after

    look()


@settings(max_examples=100, deadline=None, suppress_health_check=QUIET)
@given(nodes(Recorded), before_and_after())
def test_a_pending_result_may_yet_be_recorded(rule, patients):
    before, after = (explain(rule, patient, DAY).value for patient in patients)
    assert before in (None, after)
    if before is None:
        assert patients[0].findings[rule.input.measurement.name][0].missing == "pending"


def test_what_was_not_done_is_settled_and_pending_is_not():
    rule = LOW.recorded
    made = {
        reason: explain(rule, _with(Finding(DAY, "low", None, missing=reason)), DAY).value
        for reason in ("not_done", "pending")
    }
    assert made == {"not_done": False, "pending": None}
    assert {type(node) for node in descend(rule)} == {Recorded, Input}
    assert rule.input.aspect is Aspect.RECORDED


def _with(finding):
    from branchpoint.records.patient import Patient, Subject

    return Patient(Subject("S1"), {finding.test: (finding,)})
