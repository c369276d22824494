"""The patient-level table that a reconstruction fills in: one `ReconstructedSubject` a patient.

Days are whole study days; day 0 is the day of the first dose of ruxolitinib. None of these patients exists: together
they show what the report printed, singly they show nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

__all__ = [
    "Baseline",
    "Cohort",
    "Course",
    "DeathCause",
    "Drug",
    "EbvSerology",
    "Etiology",
    "ExcludedSubject",
    "Frontline",
    "Intensive",
    "NoTransplantReason",
    "Prior",
    "ReconstructedSubject",
    "Sex",
    "Week8",
]


class Sex(StrEnum):
    """Sex, CDISC codes."""

    MALE = "M"
    FEMALE = "F"


class Prior(StrEnum):
    """Corticosteroid before enrollment; the values are the ids of the claims' populations."""

    NAIVE = "naive"
    STEROID = "steroid"


class Etiology(StrEnum):
    """Underlying cause; the values are the ids of the claims' populations."""

    EBV = "ebv"
    CAEBV = "caebv"
    SAIDS = "saids"
    UNKNOWN = "unknown"


class Course(StrEnum):
    """What frontline ruxolitinib led to by day 28."""

    CR = "CR"
    PR_THEN_PD = "PR then PD"
    IMPROVEMENT = "HLH improvement"
    NR = "NR"


class EbvSerology(StrEnum):
    """EBV-specific antibody pattern: Table 2, and VCA-IgM or low-avidity VCA-IgG without EBNA-IgG for a primary."""

    PRIMARY = "primary infection"
    PREVIOUS = "previous infection"
    REACTIVATION = "reactivation"
    NONE = "no EBV infection"


class Drug(StrEnum):
    """Drugs added to ruxolitinib in intensive therapy."""

    METHYLPREDNISOLONE = "methylprednisolone"
    ETOPOSIDE = "etoposide"
    CYCLOSPORINE = "cyclosporine"
    LIPOSOMAL_DOXORUBICIN = "liposomal doxorubicin"
    PEGASPARGASE = "pegaspargase"
    TOCILIZUMAB = "tocilizumab"


class Week8(StrEnum):
    """Outcome of intensive therapy by week 8."""

    CR = "CR"
    REFRACTORY = "refractory"


class NoTransplantReason(StrEnum):
    """Why a refractory patient was not transplanted."""

    FINANCIAL = "financial difficulty"
    INFECTION = "serious infection"
    TOCILIZUMAB = "tocilizumab treatment"


class DeathCause(StrEnum):
    """Causes of death."""

    ORGAN_FAILURE = "multiple organ failure"
    INFECTION = "severe infection"
    GVHD = "graft-versus-host disease"
    RELAPSE = "relapsed HLH after HSCT"


@dataclass(frozen=True, slots=True)
class Baseline:
    """State at enrollment.

    Attributes
    ----------
    age : float
        Years, one decimal.
    onset_to_diagnosis : int
        Days from onset to diagnosis of HLH.
    weight, height : float
        Kilograms and centimeters, one decimal. Not published: from `branchpoint.publication.growth`.
    fever, splenomegaly, hepatomegaly, lymphadenopathy, jaundice, rash, cns_involvement : bool
        Clinical findings of Table 3; fever is above 38.5 degrees C.
    low_nk_activity, hemophagocytosis : bool
        NK activity below the laboratory's 15.11%; hemophagocytosis on marrow smear or biopsy.
    wbc, neutrophils, platelets : float
        10*9/L.
    hemoglobin, fibrinogen : float
        g/L.
    triglycerides : float
        mmol/L.
    ast, alt : float
        U/L.
    ifn_gamma, soluble_cd25, ferritin : float
        Fold of the upper limit of normal (8 pg/mL, 6400 pg/mL, 500 ug/L; Table 3, footnote).
    """

    age: float
    onset_to_diagnosis: int
    weight: float
    height: float
    fever: bool
    splenomegaly: bool
    hepatomegaly: bool
    lymphadenopathy: bool
    jaundice: bool
    rash: bool
    cns_involvement: bool
    low_nk_activity: bool
    hemophagocytosis: bool
    wbc: float
    neutrophils: float
    platelets: float
    hemoglobin: float
    fibrinogen: float
    triglycerides: float
    ast: float
    alt: float
    ifn_gamma: float
    soluble_cd25: float
    ferritin: float


@dataclass(frozen=True, slots=True)
class Frontline:
    """Ruxolitinib alone.

    Attributes
    ----------
    course : Course
        Response by day 28.
    first_response_day : int or None
        First day with improvement or better; None in NR.
    complete_response_day : int or None
        Day of CR; None unless the course is CR.
    decision_day : int or None
        Day the response was judged unfavorable (day 3 in NR, the day of PD, the visit in improvement); None in CR.
    """

    course: Course
    first_response_day: int | None
    complete_response_day: int | None
    decision_day: int | None


@dataclass(frozen=True, slots=True)
class Intensive:
    """Ruxolitinib with additional chemotherapy, after an unfavorable response.

    Attributes
    ----------
    start_day : int
        First day of additional treatment.
    drugs : tuple of Drug
        In order of use.
    etoposide_doses : int
        Doses of 100 mg/m2.
    doxorubicin_pegaspargase_day : int or None
        Day that liposomal doxorubicin and PEG-asparaginase were added; None in patients with CR at week 8.
    week_8_day : int or None
        Assessment 56 days after the start; None in patients who died before.
    week_8 : Week8
        CR, or refractory HLH.
    relapse_day : int or None
        Relapse after the CR of week 8.
    transplant_day : int or None
        HSCT.
    no_transplant_reason : NoTransplantReason or None
        In refractory patients without HSCT.
    """

    start_day: int
    drugs: tuple[Drug, ...]
    etoposide_doses: int
    doxorubicin_pegaspargase_day: int | None
    week_8_day: int | None
    week_8: Week8
    relapse_day: int | None
    transplant_day: int | None
    no_transplant_reason: NoTransplantReason | None


@dataclass(frozen=True, slots=True)
class ReconstructedSubject:
    """One analyzed patient of a reconstructed cohort.

    Attributes
    ----------
    subject_id : str
        Numbered in the order of enrollment, excluded patients included.
    sex, prior, etiology, ebv_serology
        See their types. The serology of EBV-HLH without a favorable response is not published: an assumption.
    primary_hlh : bool
        Pathogenic variant of primary HLH; known only after enrollment.
    consent_date, first_dose_date : date
        Calendar dates; the first dose is day 0.
    baseline : Baseline
        State at enrollment.
    frontline : Frontline
        Ruxolitinib alone.
    intensive : Intensive or None
        None after a favorable response.
    death_day, death_cause : int or None, DeathCause or None
        None in patients alive at last contact.
    last_contact_day : int
        The day of death in those who died.
    """

    subject_id: str
    sex: Sex
    prior: Prior
    etiology: Etiology
    ebv_serology: EbvSerology
    primary_hlh: bool
    consent_date: date
    first_dose_date: date
    baseline: Baseline
    frontline: Frontline
    intensive: Intensive | None
    death_day: int | None
    death_cause: DeathCause | None
    last_contact_day: int


@dataclass(frozen=True, slots=True)
class ExcludedSubject:
    """A patient enrolled and excluded from analysis for a major protocol violation; nothing else is published."""

    subject_id: str
    consent_date: date


@dataclass(frozen=True, slots=True)
class Cohort:
    """A reconstructed cohort, in the order of enrollment."""

    subjects: tuple[ReconstructedSubject, ...]
    excluded: tuple[ExcludedSubject, ...]
