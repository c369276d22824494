"""Synthetic patient files to vary in tests."""

import copy

ADMITTED = {
    "protocol": "rux-hlh",
    "subject": {
        "id": "synthetic-1",
        "sex": "F",
        "birth_date": "2016-05-02",
        "center": "synthetic",
        "consent_date": "2020-05-01",
        "first_dose_date": "2020-05-02",
    },
    "findings": {
        "temperature": 39.4, "weight": 14.0, "height": 98.0, "splenomegaly": True, "spleen_below_costal_margin": 4.0,
        "hemoglobin": 80.0, "platelets": 40.0, "neutrophils": 0.6, "triglycerides": 3.6, "fibrinogen": 1.2,
        "hemophagocytosis": True, "nk_activity": 10.0, "ferritin": 6000.0, "soluble_cd25": (30000.0, "pg/mL"),
        "ifn_gamma": 300.0, "cns_involvement": False, "alt": 500.0, "creatinine": 30.0, "bilirubin": 12.0, "inr": 1.1,
        "albumin": 30.0, "growth_failure": False, "newly_diagnosed": True, "active_hlh": True,
        "prior_hlh_chemotherapy": False, "prior_corticosteroid": False, "active_malignancy": False,
        "rheumatologic_disorder": False, "uncontrolled_infection": False, "severe_cns_involvement": False,
        "extracorporeal_life_support": False, "active_gastrointestinal_bleeding": False,
        "severe_hypersensitivity_history": False, "ebv_dna_blood": (1e5, "{copies}/mL"),
        "ebv_dna_plasma": (1e4, "{copies}/mL"), "ebv_vca_igm": True, "ebv_vca_igg": True, "ebv_ebna_igg": False,
        "ebv_vca_igg_avidity": "low", "mononucleosis_symptom_months": 0.5, "eber_in_situ": False,
        "ebv_lymphoproliferation_biopsy": False, "known_immunodeficiency": False,
    },
}  # fmt: skip
"""A patient who meets every criterion at baseline, with EBV-HLH."""

REMISSION = {
    "temperature": 36.8, "splenomegaly": False, "spleen_below_costal_margin": 0.0, "hemoglobin": 110.0,
    "platelets": 180.0, "neutrophils": 2.0, "triglycerides": 1.5, "fibrinogen": 2.2, "ferritin": 300.0,
    "soluble_cd25": (5000.0, "pg/mL"), "ifn_gamma": 5.0, "cns_involvement": False, "alt": 30.0,
}  # fmt: skip
"""The findings of a complete response under every rule set."""


def patient_data(baseline=None, later=None, exposures=(), events=(), overrides=(), **subject):
    """Give a patient file: the admitted patient, with findings changed, and findings on later days.

    A finding of None is left out; ``("missing", reason)`` is recorded as missing.
    """
    data = copy.deepcopy(ADMITTED)
    data["subject"].update(subject)
    days = {0: {**data.pop("findings"), **(baseline or {})}, **(later or {})}
    data["findings"] = [
        _finding(day, test, value) for day, tests in days.items() for test, value in tests.items() if value is not None
    ]
    data["exposures"], data["events"], data["overrides"] = list(exposures), list(events), list(overrides)
    return data


def _finding(day, test, value):
    if isinstance(value, tuple) and value[0] == "missing":
        return {"day": day, "test": test, "missing": value[1]}
    if isinstance(value, tuple):
        return {"day": day, "test": test, "value": value[0], "unit": value[1]}
    return {"day": day, "test": test, "value": value}
