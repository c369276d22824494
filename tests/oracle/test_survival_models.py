"""Competing risks, changing groups, Cox and Fine-Gray against R (survival.R); Firth against hand and closed forms."""

import math

import numpy as np
import pytest

from branchpoint.statistics.competing_risks import aalen_johansen
from branchpoint.statistics.cox import cox, fine_gray
from branchpoint.statistics.firth import firth_cox, firth_logistic
from branchpoint.statistics.landmark import landmark
from branchpoint.statistics.log_rank import log_rank_test
from branchpoint.statistics.simon_makuch import episodes, mantel_byar, simon_makuch
from tests.oracle.survival_answers import answers, data

# firthmodels 0.8.2, FirthCoxPH(gtol=1e-11, xtol=1e-13, backend="numpy"): veteran, karno and age, Breslow ties.
FIRTH = {
    "coefficients": [-0.03356013571726549, -0.0025209054098630046],
    "errors": [0.005195433652497932, 0.009076649222046089],
    "log_likelihood": -475.05523976036335,
    "limits": (-0.04375553108522285, -0.02340565690027209),
    "p": 0.7813841032348472,
}


def close(value):
    return pytest.approx(value, rel=1e-10, nan_ok=True)


def design(name):
    return np.column_stack([data(name)["x1"], data(name)["x2"]])


def myeloid():
    columns = data("myeloid")
    return columns["time"], columns["event"], np.where(columns["response"] < 0, np.nan, columns["response"])


@pytest.mark.parametrize(("name", "form", "at", "cause", "expected"), answers("incidence"))
def test_aalen_johansen(name, form, at, cause, expected):
    curve = aalen_johansen(data(name)["time"], data(name)["cause"])
    assert curve.at(float(at), int(cause)) == (close(expected["incidence"]), close(expected["error"]))
    if expected["incidence"] > 0:
        found = curve.estimate(float(at), int(cause), form=form)
        assert (found.low, found.high) == (close(expected["low"]), close(expected["high"]))


@pytest.mark.parametrize(("name", "ties", "stratified", "expected"), answers("cox"))
def test_cox(name, ties, stratified, expected):
    stratum = data(name)["stratum"] if stratified == "TRUE" else None
    found = cox(data(name)["time"], data(name)["event"], design(name), stratum=stratum, ties=ties)
    assert found.coefficients.tolist() == close([expected["b1"], expected["b2"]])
    assert found.standard_errors.tolist() == close([expected["e1"], expected["e2"]])
    assert found.log_likelihood == close((expected["null"], expected["fitted"]))


@pytest.mark.parametrize(("name", "cause", "expected"), answers("fine-gray"))
def test_fine_gray(name, cause, expected):
    found = fine_gray(data(name)["time"], data(name)["cause"], design(name), cause=int(cause))
    assert found.coefficients.tolist() == close([expected["b1"], expected["b2"]])
    assert found.standard_errors.tolist() == close([expected["e1"], expected["e2"]])


@pytest.mark.parametrize(("name", "part", "at", "expected"), answers("simon-makuch"))
def test_simon_makuch(name, part, at, expected):
    curve = simon_makuch(*myeloid())[int(part)]
    assert curve.at(float(at)) == (close(expected["survival"]), close(expected["error"]))
    assert curve.number_at_risk([float(at)])[0] == expected["risk"]


def test_response_that_changes_over_time_in_cox():
    ((*_, expected),) = answers("time-dependent")
    rows = episodes(*myeloid())
    covariates = np.column_stack([rows.changed, data("myeloid")["x1"][rows.subject]])
    found = cox(rows.stop, rows.event, covariates, ["changed", "arm"], entry=rows.start)
    assert found.coefficients.tolist() == close([expected["b1"], expected["b2"]])
    assert found.standard_errors.tolist() == close([expected["e1"], expected["e2"]])


def test_mantel_byar():
    ((*_, expected),) = answers("mantel-byar")
    assert mantel_byar(*myeloid()).statistic == close(expected["statistic"])


def test_landmark():
    ((*_, expected),) = answers("landmark")
    found = landmark(*myeloid(), at=60)
    assert len(found.time) == expected["kept"]
    assert found.kept.sum() + found.dropped_events + found.dropped_censored == len(found.kept)
    assert log_rank_test(found.time, found.event, found.changed).statistic == close(expected["statistic"])


def test_firth_logistic_of_a_two_by_two_table_adds_half_to_each_cell():
    # Saturated: Jeffreys' penalty is half an observation a cell (Firth 1993). 0 of 5 against 3 of 4.
    found = firth_logistic([0] * 5 + [1, 1, 1, 0], [0] * 5 + [1] * 4, ["treated"])
    assert found.coefficients[0] == close(math.log(0.5 / 5.5))
    assert found.coefficients[1] == close(math.log((3.5 / 1.5) / (0.5 / 5.5)))


def test_firth_agrees_with_firthmodels():
    found = firth_cox(data("veteran")["time"], data("veteran")["event"], design("veteran"), ties="breslow")
    assert found.coefficients.tolist() == pytest.approx(FIRTH["coefficients"], rel=1e-8)
    assert found.standard_errors.tolist() == pytest.approx(FIRTH["errors"], rel=1e-8)
    assert found.log_likelihood == pytest.approx(FIRTH["log_likelihood"], rel=1e-10)
    limits = found.ratio("x1")
    assert (math.log(limits.low), math.log(limits.high)) == pytest.approx(FIRTH["limits"], rel=1e-7)
    assert found.test("x2").p == pytest.approx(FIRTH["p"], rel=1e-7)
