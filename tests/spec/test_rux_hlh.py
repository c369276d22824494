"""The reference protocol, decision by decision: what is recorded, and what it must say."""

import pytest

from branchpoint.engine.decide import decide
from branchpoint.language.registry import find_protocol
from branchpoint.records.patient_file import patient_from_data
from tests.spec.patients import REMISSION, patient_data

PROTOCOL = find_protocol("rux-hlh")


def decided(day=None, **record):
    patient, _ = patient_from_data(patient_data(**record), PROTOCOL, "synthetic.json")
    return decide(PROTOCOL, patient, day)


@pytest.mark.parametrize(
    ("item", "baseline", "met"),
    [
        ("fever", {"temperature": 38.5}, True),
        ("fever", {"temperature": 38.4}, False),
        ("splenomegaly", {"splenomegaly": False}, False),
        ("cytopenia", {"hemoglobin": 90.0, "platelets": 100.0, "neutrophils": 0.9}, False),
        ("cytopenia", {"hemoglobin": 89.0, "platelets": 99.0, "neutrophils": 1.0}, True),
        ("cytopenia", {"hemoglobin": None, "platelets": 99.0, "neutrophils": 1.0}, None),
        ("cytopenia", {"hemoglobin": None, "platelets": 100.0, "neutrophils": 1.0}, False),
        ("lipids", {"triglycerides": 3.0, "fibrinogen": 1.6}, True),
        ("lipids", {"triglycerides": 2.9, "fibrinogen": 1.5}, True),
        ("lipids", {"triglycerides": 2.9, "fibrinogen": 1.51}, False),
        ("lipids", {"triglycerides": None, "fibrinogen": 1.51}, None),
        ("hemophagocytosis", {"hemophagocytosis": ("missing", "pending")}, None),
        ("nk_activity", {"nk_activity": 15.11}, False),
        ("nk_activity", {"nk_activity": 15.10}, True),
        ("ferritin", {"ferritin": 500.0}, True),
        ("ferritin", {"ferritin": 499.0}, False),
        ("soluble_cd25", {"soluble_cd25": (2400.0, "U/mL")}, True),
        ("soluble_cd25", {"soluble_cd25": (2399.0, "U/mL")}, False),
        ("soluble_cd25", {"soluble_cd25": (6400.0, "pg/mL")}, False),
        ("soluble_cd25", {"soluble_cd25": (6401.0, "pg/mL")}, True),
        ("soluble_cd25", {"soluble_cd25": (6.401, "ng/mL")}, True),
        ("soluble_cd25", {"soluble_cd25": None}, None),
    ],
)
def test_hlh_2004_item_by_item(item, baseline, met):
    found = {part.node.name: part.value for part in decided(baseline=baseline).items}
    assert found[item] is met


@pytest.mark.parametrize(("birth", "met"), [("2020-04-05", True), ("2020-04-04", False)])
def test_newborns_under_four_weeks_have_their_own_hemoglobin_limit(birth, met):
    baseline = {"hemoglobin": 95.0, "platelets": 50.0, "neutrophils": 2.0}
    found = {part.node.name: part.value for part in decided(baseline=baseline, birth_date=birth).items}
    assert found["cytopenia"] is met


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        ("PRF1", True),
        ("pathogenic", True),
        ("negative", False),
        ("uncertain", False),
        (None, False),
        ("not_done", False),
        ("pending", None),
    ],
)
def test_a_molecular_diagnosis_stands_alone(result, verdict):
    well = {"temperature": 37.0, "splenomegaly": False, "hemophagocytosis": False, "ferritin": 100.0}
    assert decided(baseline=well, genetic_result=result).diagnosis.value is verdict


@pytest.mark.parametrize(
    ("weight", "dose"), [(3.0, 2.5), (10.0, 2.5), (10.1, 5.0), (20.0, 5.0), (20.1, 10.0), (60.0, 10.0), (None, None)]
)
def test_dose_by_weight(weight, dose):
    assert decided(baseline={"weight": weight}).dose.value == dose


CAEBV = {
    "mononucleosis_symptom_months": 6.0, "ebv_ebna_igg": True, "ebv_vca_igg": True, "ebv_vca_igg_avidity": "high",
    "ebv_vca_igm": False, "eber_in_situ": True, "ebv_lymphoproliferation_biopsy": True,
}  # fmt: skip
NO_EBV = {"ebv_dna_blood": (0.0, "{copies}/mL"), "ebv_dna_plasma": (0.0, "{copies}/mL")}
SAIDS = {
    **NO_EBV, "recurrent_fever": True, "rash": True, "crp": 80.0, "esr": 60.0, "il6": 90.0,
    "evidence_of_infection": False, "specific_antibody": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("baseline", "etiology"),
    [
        ({}, "EBV-HLH"),
        (CAEBV, "CAEBV-HLH"),
        ({**CAEBV, "mononucleosis_symptom_months": 3.0}, "EBV-HLH"),
        ({**CAEBV, "eber_in_situ": ("missing", "pending")}, None),
        ({"ebv_dna_plasma": (500.0, "{copies}/mL"), "rash": False}, "unknown"),
        ({"ebv_dna_plasma": (501e3, "{copies}/L"), "ebv_dna_blood": (501e3, "{copies}/L")}, "EBV-HLH"),
        (SAIDS, "SAIDs-HLH"),
        ({**SAIDS, "specific_antibody": True}, "unknown"),
        ({**SAIDS, "specific_antibody": None}, None),
        ({**NO_EBV, "recurrent_fever": False}, "unknown"),
    ],
)
def test_etiology_in_the_order_of_table_2(baseline, etiology):
    assert decided(baseline=baseline).etiology.value == etiology


@pytest.mark.parametrize(
    ("baseline", "subject", "failing"),
    [
        ({}, {"birth_date": "2002-05-01"}, "inclusion_1"),
        ({"newly_diagnosed": False}, {}, "inclusion_2"),
        ({"temperature": 37.0, "splenomegaly": False, "hemophagocytosis": False, "ferritin": 10.0}, {}, "inclusion_3"),
        ({"active_hlh": False}, {}, "inclusion_4"),
        ({"prior_hlh_chemotherapy": True}, {}, "inclusion_5"),
        ({"prior_corticosteroid": True, "prior_corticosteroid_dose": 2.0, "prior_corticosteroid_days": 2.0,
          "prior_corticosteroid_response": "none"}, {}, "inclusion_6"),
        ({"prior_corticosteroid": True, "prior_corticosteroid_dose": 1.9}, {}, "inclusion_6"),
        ({"active_malignancy": True}, {}, "exclusion_1"),
        ({"rheumatologic_disorder": True}, {}, "exclusion_1"),
        ({"uncontrolled_infection": True}, {}, "exclusion_2"),
        ({"severe_cns_involvement": True}, {}, "exclusion_3"),
        ({"glomerular_filtration_rate": 14.0}, {}, "exclusion_4"),
        ({"bilirubin": 300.0, "inr": 3.0}, {}, "exclusion_4"),
        ({"extracorporeal_life_support": True}, {}, "exclusion_4"),
        ({"active_gastrointestinal_bleeding": True}, {}, "exclusion_5"),
        ({"severe_hypersensitivity_history": True}, {}, "exclusion_6"),
    ],
)  # fmt: skip
def test_one_failing_criterion_excludes(baseline, subject, failing):
    decisions = decided(baseline=baseline, **subject)
    wrong = [part.node.name for part in decisions.inclusion if part.value is False]
    wrong += [part.node.name for part in decisions.exclusion if part.value is True]
    assert wrong == [failing]
    assert decisions.eligible is False
    assert decisions.action == "do_not_enroll"


@pytest.mark.parametrize(
    ("days", "response", "fever", "admitted"),
    [(3.0, "none", False, True), (7.0, "improvement", True, True), (7.0, "improvement", False, False),
     (6.0, "improvement", True, False), (7.0, "PR", True, False)],
)  # fmt: skip
def test_corticosteroid_that_failed_admits(days, response, fever, admitted):
    baseline = {
        "prior_corticosteroid": True, "prior_corticosteroid_dose": 2.0, "prior_corticosteroid_days": days,
        "prior_corticosteroid_response": response, "intermittent_fever": fever,
    }  # fmt: skip
    assert decided(baseline=baseline).eligible is admitted


def test_a_patient_of_whom_nothing_is_known_is_neither_admitted_nor_refused():
    data = {"protocol": "rux-hlh", "subject": {"id": "synthetic-2", "sex": "M", "birth_date": "2015-01-01",
            "center": "synthetic", "consent_date": None}, "findings": [], "exposures": [], "events": []}  # fmt: skip
    patient, _ = patient_from_data(data, PROTOCOL, "synthetic.json")
    decisions = decide(PROTOCOL, patient)
    assert decisions.eligible is None
    assert decisions.action == "complete_screening"


PARTIAL = {**REMISSION, "splenomegaly": True, "spleen_below_costal_margin": 3.0, "hemoglobin": 85.0, "platelets": 80.0}
IMPROVED = {
    "temperature": 37.9, "splenomegaly": True, "spleen_below_costal_margin": 2.0, "hemoglobin": 80.0, "platelets": 60.0,
    "neutrophils": 0.9, "triglycerides": 3.5, "fibrinogen": 1.3, "ferritin": 3000.0,
    "soluble_cd25": (15000.0, "pg/mL"), "ifn_gamma": 100.0, "cns_involvement": False, "alt": 400.0,
}  # fmt: skip
UNCHANGED = {**IMPROVED, "spleen_below_costal_margin": 4.0, "platelets": 41.0, "neutrophils": 0.6, "ferritin": 6100.0,
             "soluble_cd25": (29000.0, "pg/mL")}  # fmt: skip
FLARE = {**PARTIAL, "temperature": 39.2, "ferritin": 2500.0, "ifn_gamma": 90.0, "soluble_cd25": (20000.0, "pg/mL")}


@pytest.mark.parametrize(
    ("later", "day", "trial", "epoch", "action"),
    [
        ({3: UNCHANGED}, 3, "NR", "frontline", "start_intensive"),
        ({1: UNCHANGED}, 1, "NR", "frontline", "continue"),
        ({3: IMPROVED}, 3, "improvement", "frontline", "continue"),
        ({7: IMPROVED}, 7, "improvement", "frontline", "start_intensive"),
        ({3: PARTIAL, 7: PARTIAL}, 7, "PR", "frontline", "continue"),
        ({28: PARTIAL}, 28, "PR", "frontline", "continue"),
        ({3: PARTIAL, 10: FLARE}, 10, "PD", "frontline", "start_intensive"),
        ({14: REMISSION}, 14, "CR", "frontline", "continue"),
        ({28: REMISSION}, 28, "CR", "frontline", "stop_and_follow_up"),
        ({14: {"temperature": 37.0}}, 14, "NE", "frontline", "repeat_assessment"),
        ({3: UNCHANGED, 59: REMISSION}, 59, "CR", "intensive", "stop_and_follow_up"),
        ({3: UNCHANGED, 59: PARTIAL}, 59, "PR", "intensive", "start_salvage"),
        ({3: UNCHANGED, 24: UNCHANGED}, 24, "NR", "intensive", "add_second_line"),
    ],
)
def test_response_and_what_follows(later, day, trial, epoch, action):
    decisions = decided(day, later=later)
    assert decisions.responses["trial"].category == trial
    assert (decisions.epoch, decisions.action) == (epoch, action)


def test_rule_sets_differ_side_by_side():
    nearly = {**REMISSION, "ferritin": 1500.0, "soluble_cd25": (9000.0, "pg/mL")}
    found = {name: judgment.category for name, judgment in decided(14, later={14: nearly}).responses.items()}
    assert found == {"trial": "CR", "dep": "PR", "strict": "PR"}


@pytest.mark.parametrize(("day", "trial"), [(10, "PR"), (9, "CR")])
def test_platelets_after_a_transfusion_do_not_count(day, trial):
    given = [{"start": day, "drug": "platelet_transfusion"}]
    assert decided(14, later={14: REMISSION}, exposures=given).responses["trial"].category == trial


def test_d_dimer_counts_only_where_available():
    assert decided(14, later={14: REMISSION}).responses["trial"].category == "CR"
    abnormal = {**REMISSION, "d_dimer": 900.0}
    assert decided(14, later={14: abnormal}).responses["trial"].category == "PR"


def test_what_was_normal_at_baseline_counts_only_once_it_is_found_abnormal():
    without = {**REMISSION, "cns_involvement": None}
    assert decided(14, later={14: without}).responses["trial"].category == "CR"
    assert decided(14, baseline={"cns_involvement": True}, later={14: without}).responses["trial"].category == "NE"
    assert decided(14, baseline={"cns_involvement": None}, later={14: without}).responses["trial"].category == "NE"
    assert decided(14, later={14: {**REMISSION, "cns_involvement": True}}).responses["trial"].category == "PR"


def test_a_decision_that_stands_whatever_is_missing_is_made():
    # Without spleen and soluble CD25 it is PR or CR on day 14: either way the patient stays on ruxolitinib.
    found = decided(14, later={14: {**REMISSION, "splenomegaly": None, "soluble_cd25": None}})
    assert found.responses["trial"].category == "NE"
    assert set(found.responses["trial"].possible) == {"CR", "PR"}
    assert found.action == "continue"


def test_an_override_moves_the_patient_and_leaves_the_response():
    override = [{"day": 3, "go": "intensive", "reason": "clinical deterioration"}]
    decisions = decided(3, later={3: PARTIAL}, overrides=override)
    assert decisions.responses["trial"].category == "PR"
    assert (decisions.epoch, decisions.next_epoch, decisions.action) == ("frontline", "intensive", "override")
    assert "clinical deterioration" in decisions.action_text


def test_values_from_before_treatment_never_speak_for_a_later_day():
    assert decided(3).responses["trial"].category == "NE"
    assert decided(3).action == "repeat_assessment"
