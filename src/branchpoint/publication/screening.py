"""Screening: who the patient is, and everything that is asked and measured before the first dose.

The values of Table 3 are those of the reconstruction. The answers that Tables 1 and 2 require are given so that every
criterion can be evaluated, each etiology is met by its own definition, and the other definitions are not.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from branchpoint.publication.chemistry import LYMPHOCYTE_SHARE, UNITS
from branchpoint.publication.kinetics import MARKERS, SPLEEN
from branchpoint.publication.subjects import EbvSerology, Etiology, Prior
from branchpoint.records.door import Given
from branchpoint.records.patient import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from branchpoint.publication.chemistry import Organs
    from branchpoint.publication.disease import Disease
    from branchpoint.publication.subjects import ReconstructedSubject

__all__ = ["CENTER", "Screening", "draw_screening"]

CENTER = "Beijing Children's Hospital"
DAYS_PER_YEAR = 365.25
COPIES = "{copies}/mL"
NOT_DONE, NOT_APPLICABLE, BELOW_DETECTION = "not_done", "not_applicable", "below_detection"

Screening = list[tuple[int, Given]]
"""Study day and finding."""


def draw_screening(
    subject: ReconstructedSubject, disease: Disease, organs: Organs, rng: np.random.Generator
) -> tuple[Subject, Screening]:
    """Who a patient is, and the findings up to day 0."""
    workup = -int(rng.integers(0, 4))
    # A child a month old has no findings from before birth.
    workup = max(workup, -int(subject.baseline.age * DAYS_PER_YEAR) + 1)
    found: Screening = [(0, given) for given in (*_measured(subject, disease, organs, rng), *_seen(subject))]
    found += [(0, given) for given in (*_eligibility(subject), *_prior_treatment(subject, rng))]
    found += [(workup, given) for given in (*_ebv(subject, rng), *_inflammation(subject, rng), *_marrow(subject, rng))]
    # Half a tenth either way, so that age in years prints as reconstructed.
    days = round((subject.baseline.age + float(rng.uniform(-0.02, 0.03))) * DAYS_PER_YEAR)
    who = Subject(
        id=subject.subject_id,
        sex=subject.sex.value,
        birth_date=subject.first_dose_date - timedelta(days=days),
        center=CENTER,
        consent_date=subject.consent_date,
        first_dose_date=subject.first_dose_date,
        genetic_result="pathogenic" if subject.primary_hlh else "negative",
    )
    return who, found


def _answers(**answers: bool | str) -> Iterator[Given]:
    for test, answer in answers.items():
        yield Given(test, answer)


def _measured(
    subject: ReconstructedSubject, disease: Disease, organs: Organs, rng: np.random.Generator
) -> Iterator[Given]:
    baseline = subject.baseline
    yield Given("temperature", round(float(rng.uniform(38.6, 40.3)), 1), "Cel")
    yield Given("weight", baseline.weight, "kg")
    yield Given("height", baseline.height, "cm")
    yield Given(SPLEEN, disease.values[SPLEEN], "cm")
    for name, marker in MARKERS.items():
        yield Given(name, disease.values[name], marker.unit)
    for name, value in organs.values.items():
        yield Given(name, value, UNITS[name])
    yield Given("white_blood_cells", baseline.wbc, UNITS["white_blood_cells"])
    others = (baseline.wbc - baseline.neutrophils) * LYMPHOCYTE_SHARE
    yield Given("lymphocytes", round(others, 2), UNITS["lymphocytes"])


def _seen(subject: ReconstructedSubject) -> Iterator[Given]:
    baseline = subject.baseline
    for sign in ("splenomegaly", "hepatomegaly", "lymphadenopathy", "jaundice", "rash", "cns_involvement"):
        yield Given(sign, getattr(baseline, sign))
    yield Given("growth_failure", False)


def _eligibility(subject: ReconstructedSubject) -> Iterator[Given]:
    yield Given("onset_to_diagnosis", subject.baseline.onset_to_diagnosis, "d")
    yield from _answers(newly_diagnosed=True, active_hlh=True, prior_hlh_chemotherapy=False)
    yield from _answers(
        active_malignancy=False,
        rheumatologic_disorder=False,
        uncontrolled_infection=False,
        severe_cns_involvement=False,
        extracorporeal_life_support=False,
        active_gastrointestinal_bleeding=False,
        severe_hypersensitivity_history=False,
        known_immunodeficiency=False,
        specific_antibody=False,
    )
    yield Given("glomerular_filtration_rate", missing=NOT_DONE)


def _prior_treatment(subject: ReconstructedSubject, rng: np.random.Generator) -> Iterator[Given]:
    """Prior corticosteroid as inclusion criterion 6 admits it: 3 days without improvement, or 7 without PR."""
    treated = subject.prior is Prior.STEROID
    yield Given("prior_corticosteroid", treated)
    if not treated:
        for test in ("prior_corticosteroid_dose", "prior_corticosteroid_days", "prior_corticosteroid_response"):
            yield Given(test, missing=NOT_APPLICABLE)
        yield Given("intermittent_fever", missing=NOT_APPLICABLE)
        return
    days = int(rng.integers(3, max(min(14, subject.baseline.onset_to_diagnosis), 3) + 1))
    improved = days >= 7 and rng.random() < 0.4
    yield Given("prior_corticosteroid_dose", round(float(rng.choice((2.0, 2.0, 2.5, 3.0, 4.0))), 1), "mg/kg/d")
    yield Given("prior_corticosteroid_days", days, "d")
    yield Given("prior_corticosteroid_response", "improvement" if improved else "none")
    yield Given("intermittent_fever", True)


def _ebv(subject: ReconstructedSubject, rng: np.random.Generator) -> Iterator[Given]:
    """EBV load, serology and tissue (Table 2); months of symptoms, which set CAEBV-HLH apart."""
    serology = subject.ebv_serology
    chronic = serology is EbvSerology.REACTIVATION
    if serology is EbvSerology.NONE:
        for test in ("ebv_dna_blood", "ebv_dna_plasma"):
            yield Given(test, missing=BELOW_DETECTION)
    else:
        blood = float(rng.lognormal(11.5, 1.3))
        plasma = blood * float(rng.uniform(0.02, 0.4))
        for test, load in (("ebv_dna_blood", blood), ("ebv_dna_plasma", plasma)):
            yield Given(test, float(f"{max(load, 600):.2e}"), COPIES)
    past = serology in (EbvSerology.PREVIOUS, EbvSerology.REACTIVATION)
    primary = serology is EbvSerology.PRIMARY
    igm = primary and rng.random() < 0.85
    yield from _answers(ebv_ebna_igg=past, ebv_vca_igg=past or primary, ebv_vca_igm=bool(igm))
    if past or primary:
        yield Given("ebv_vca_igg_avidity", "high" if past else "low")
    else:
        yield Given("ebv_vca_igg_avidity", missing=NOT_APPLICABLE)
    for test in ("eber_in_situ", "ebv_lymphoproliferation_biopsy"):
        yield Given(test, True) if chronic else Given(test, missing=NOT_DONE)
    longest = max(min(24.0, (subject.baseline.age - 0.2) * 12), 3.5)
    months = rng.uniform(3.2, longest) if chronic else rng.uniform(0, 1) if serology is not EbvSerology.NONE else 0
    yield Given("mononucleosis_symptom_months", round(float(months), 1), "mo")


def _inflammation(subject: ReconstructedSubject, rng: np.random.Generator) -> Iterator[Given]:
    """Inflammation without another cause is SAIDs-HLH; where the etiology stayed unknown, fever did not recur."""
    autoinflammatory = subject.etiology is Etiology.SAIDS
    infected = subject.etiology in (Etiology.EBV, Etiology.CAEBV)
    yield from _answers(recurrent_fever=autoinflammatory, evidence_of_infection=infected)
    low, high = (25, 160) if autoinflammatory else (2, 60)
    yield Given("crp", round(float(rng.uniform(low, high)), 1), "mg/L")
    yield Given("esr", round(float(rng.uniform(25, 90) if autoinflammatory else rng.uniform(2, 45))), "mm/h")
    yield Given("il6", round(float(rng.uniform(15, 300) if autoinflammatory else rng.uniform(2, 80)), 1), "pg/mL")


def _marrow(subject: ReconstructedSubject, rng: np.random.Generator) -> Iterator[Given]:
    baseline = subject.baseline
    activity = rng.uniform(3, 14.9) if baseline.low_nk_activity else rng.uniform(15.3, 28)
    yield Given("nk_activity", round(float(activity), 2), "%")
    yield Given("hemophagocytosis", baseline.hemophagocytosis)
