"""Ruxolitinib first, then therapy stratified by early response, for children with HLH (ChiCTR2000031702).

Zhang Q, et al. A study of ruxolitinib response-based stratified treatment for pediatric hemophagocytic
lymphohistiocytosis. Blood 2022;139(24):3493-3504. What the paper leaves open is decided here, and says so.
"""

from importlib.resources import files

from branchpoint.language import (
    CR, IMPROVEMENT, NE, NR, PD, PR, RELAPSE,
    AnalysisSet, AnswerIs, Coded, Dose, Endpoint, Epoch, Intervention, Label, Numeric, Parameter, Pathway,
    Protocol, Scale, Visit, YesNo, above, all_of, any_of, at, bands, classify, criterion, daily, hours, not_,
    per_amount_of, up_to, weeks,
)  # fmt: skip
from branchpoint.language.grading_files import read_gradings, read_groups
from branchpoint.protocols import hlh
from branchpoint.protocols.hlh import ASSUMED, PAPER
from branchpoint.protocols.hlh_responses import dep, strict, trial

TABLE_1, TABLE_2, TABLE_4 = (f"{PAPER}, Table {number}" for number in (1, 2, 4))
METHODS, RESULTS, SAFETY = (f"{PAPER}, {place}" for place in ("Methods", "Results", "Safety"))


def data(name):
    """Read a table that lies beside this file."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def asked(name, label, cite=TABLE_1):
    """Declare a yes/no question that keeps its answer."""
    return YesNo(name=name, label=label, current_for=None, cite=cite)


def counted(name, label, unit, high, cite=TABLE_1):
    """Declare a number that keeps its value."""
    return Numeric(name=name, label=label, scales=(Scale(unit, (0, high)),), current_for=None, cite=cite)


def coded(name, label, *codes, cite=TABLE_1):
    """Declare a code that keeps its value."""
    return Coded(name=name, label=label, codes=codes, current_for=None, cite=cite)


# Eligibility (Table 1) -------------------------------------------------------------------------------------------
newly_diagnosed = asked("newly_diagnosed", "Newly diagnosed HLH")
active_hlh = asked("active_hlh", "Active HLH at enrollment")
prior_chemotherapy = asked("prior_hlh_chemotherapy", "Chemotherapy for HLH before enrollment")
prior_corticosteroid = asked("prior_corticosteroid", "Corticosteroid before enrollment")
prior_dose = counted("prior_corticosteroid_dose", "Prior corticosteroid, prednisone equivalent", "mg/kg/d", 50)
prior_days = counted("prior_corticosteroid_days", "Prior corticosteroid, duration", "d", 1000)
prior_response = coded(
    "prior_corticosteroid_response", "Best response to prior corticosteroid", "none", "improvement", "PR", "CR"
)
intermittent_fever = asked("intermittent_fever", "Intermittent fever on corticosteroid")
onset = counted("onset_to_diagnosis", "Onset to diagnosis", "d", 10000, cite=f"{PAPER}, Table 3")
malignancy = asked("active_malignancy", "Active malignancy")
rheumatologic = asked("rheumatologic_disorder", "Active rheumatologic disorder")
infection = asked("uncontrolled_infection", "Mycobacterial, fungal, parasitic or other uncontrolled infection")
severe_cns = asked("severe_cns_involvement", "Obvious MRI abnormality or neurological dysfunction")
measured_gfr = counted("glomerular_filtration_rate", "Glomerular filtration rate, measured", "mL/min", 400)
life_support = asked("extracorporeal_life_support", "Extracorporeal life support")
gi_bleeding = asked("active_gastrointestinal_bleeding", "Active gastrointestinal bleeding")
hypersensitivity = asked("severe_hypersensitivity_history", "Severe hypersensitivity to chemicals")

failed_corticosteroid = all_of(
    prior_dose >= 2,
    any_of(
        all_of(prior_days >= 3, prior_response.is_("none")),
        all_of(prior_days >= 7, prior_response.is_("none", "improvement"), intermittent_fever),
    ),
)
INCLUSION = (
    criterion("inclusion_1", "Age of at most 18 years", hlh.age <= 18, cite=f"{TABLE_1}, 1"),
    criterion("inclusion_2", "Newly diagnosed HLH", newly_diagnosed, cite=f"{TABLE_1}, 2"),
    criterion("inclusion_3", "HLH-2004 criteria met", hlh.hlh_2004, cite=f"{TABLE_1}, 3"),
    criterion("inclusion_4", "Active HLH at enrollment", active_hlh, cite=f"{TABLE_1}, 4"),
    criterion("inclusion_5", "No prior HLH chemotherapy", not_(prior_chemotherapy),
              cite=f"{TABLE_1}, 5, read with 6 and Methods ('without prior chemotherapy')"),
    criterion("inclusion_6", "No corticosteroid before, or corticosteroid that failed",
              any_of(not_(prior_corticosteroid), failed_corticosteroid), cite=f"{TABLE_1}, 6"),
    criterion("inclusion_7", "Informed consent signed", hlh.informed_consent, cite=f"{TABLE_1}, 7"),
)  # fmt: skip
gfr_below_15 = any_of(hlh.creatinine_clearance < 15, all_of(measured_gfr.recorded, measured_gfr < 15))
EXCLUSION = (
    criterion("exclusion_1", "Active malignancy or rheumatologic disorder", any_of(malignancy, rheumatologic),
              cite=f"{TABLE_1}, 1"),
    criterion("exclusion_2", "Uncontrolled infection", infection, cite=f"{TABLE_1}, 2"),
    criterion("exclusion_3", "Severe CNS involvement", severe_cns, cite=f"{TABLE_1}, 3"),
    criterion("exclusion_4", "Severe organ dysfunction: clearance or GFR < 15 mL/min, MELD > 20, or life support",
              any_of(gfr_below_15, hlh.meld > 20, life_support), cite=f"{TABLE_1}, 4"),
    criterion("exclusion_5", "Active gastrointestinal bleeding", gi_bleeding, cite=f"{TABLE_1}, 5"),
    criterion("exclusion_6", "Severe hypersensitivity", hypersensitivity, cite=f"{TABLE_1}, 6"),
)  # fmt: skip


# Etiology (Table 2, in the order that it implies) ------------------------------------------------------------------
def ebv_dna(name, label):
    """Declare an EBV-DNA load; its unit must always be given."""
    note = f"{TABLE_2} prints copies/L; Wang 2021 (Orphanet J Rare Dis 16:394), same group: copies/mL"
    return Numeric(
        name=name, label=label, scales=(Scale("{copies}/mL", (0, 1e12)),), worse="high", unit_required=True, cite=note
    )


ebv_blood = ebv_dna("ebv_dna_blood", "EBV DNA, blood")
ebv_plasma = ebv_dna("ebv_dna_plasma", "EBV DNA, plasma (cell-free)")
ebna_igg = asked("ebv_ebna_igg", "EBV nuclear-antigen IgG positive", TABLE_2)
vca_igg = asked("ebv_vca_igg", "EBV capsid-antigen IgG positive", TABLE_2)
vca_igm = asked("ebv_vca_igm", "EBV capsid-antigen IgM positive", TABLE_2)
avidity = coded("ebv_vca_igg_avidity", "EBV capsid-antigen IgG avidity", "low", "intermediate", "high", cite=TABLE_2)
eber = asked("eber_in_situ", "EBV-encoded RNA in situ in affected tissue", TABLE_2)
lpd_biopsy = asked("ebv_lymphoproliferation_biopsy", "Biopsy: EBV-positive lymphoproliferative disease", TABLE_2)
mono_months = counted("mononucleosis_symptom_months", "Mononucleosis-like symptoms, duration", "mo", 300, TABLE_2)
immunodeficiency = asked("known_immunodeficiency", "Known immunodeficiency", TABLE_2)
recurrent_fever = asked("recurrent_fever", "Recurrent fever", TABLE_2)
evidence_of_infection = asked("evidence_of_infection", "Evidence of infection", TABLE_2)
specific_antibody = asked("specific_antibody", "Specific antibody involvement", TABLE_2)

ebv_dna_high = criterion(
    "ebv_dna_high",
    "EBV DNA > 500 copies/mL in blood and plasma",
    all_of(ebv_blood > 500, ebv_plasma > 500),
    cite=TABLE_2,
)
caebv = criterion(
    "caebv", "CAEBV-HLH: every item of the table",
    all_of(hlh.hlh_2004, mono_months > 3, ebv_dna_high, ebna_igg, vca_igg, avidity.is_("high"), eber, lpd_biopsy,
           not_(immunodeficiency), not_(malignancy)),
    cite=f"{TABLE_2}; that every bullet is required is this protocol's reading",
)  # fmt: skip
ebv = criterion(
    "ebv", "EBV-HLH: EBV DNA and serology of primary or previous infection",
    all_of(hlh.hlh_2004, ebv_dna_high, any_of(vca_igm, vca_igg, ebna_igg)), cite=f"{TABLE_2}; CAEBV goes before",
)  # fmt: skip
saids = criterion(
    "saids", "SAIDs-HLH: excessive systemic inflammation without infection, tumor or specific antibody",
    all_of(hlh.hlh_2004, recurrent_fever, hlh.rash, hlh.crp.fold_of_upper_limit > 1, hlh.esr.fold_of_upper_limit > 1,
           hlh.il6.fold_of_upper_limit > 1, not_(evidence_of_infection), not_(malignancy), not_(specific_antibody)),
    cite=TABLE_2,
)  # fmt: skip
etiology = classify(
    "etiology", "Underlying etiology", ("CAEBV-HLH", caebv), ("EBV-HLH", ebv), ("SAIDs-HLH", saids),
    otherwise="unknown", cite=TABLE_2,
)  # fmt: skip

# Interventions -----------------------------------------------------------------------------------------------------
ruxolitinib = Intervention(
    name="ruxolitinib", days=28, label=Label("Ruxolitinib, oral", METHODS),
    dose=Dose(bands(hlh.weight, (up_to(10), 2.5), (up_to(20), 5), (above(20), 10), unit="mg"), "mg", hours(12)),
)  # fmt: skip
corticosteroid = Intervention(
    name="methylprednisolone_continued", only_if=prior_corticosteroid.holds,
    label=Label("Methylprednisolone, continued and tapered when already given", METHODS),
)  # fmt: skip
two_per_kg = per_amount_of(hlh.weight, 2, "2 mg/kg per day", "mg", daily())
methylprednisolone = Intervention(
    name="methylprednisolone", label=Label("Methylprednisolone", RESULTS), days=56, dose=two_per_kg
)
etoposide = Intervention(
    name="etoposide", label=Label("Etoposide", f"{PAPER}, Results; the interval is not stated"), days=56,
    dose=per_amount_of(hlh.surface_area, 100, "100 mg/m2 per dose", "mg", None),
)  # fmt: skip
in_saids = AnswerIs(etiology, ("SAIDs-HLH",))
cyclosporine = Intervention(name="cyclosporine", label=Label("Cyclosporine A", RESULTS), only_if=in_saids)
doxorubicin = Intervention(name="liposomal_doxorubicin", label=Label("Liposomal doxorubicin, if refractory", RESULTS))
pegaspargase = Intervention(name="pegaspargase", label=Label("PEG-asparaginase, if refractory", RESULTS))
transplantation = Intervention(name="transplantation", label=Label("Salvage stem-cell transplantation", TABLE_4))

# Schedule ----------------------------------------------------------------------------------------------------------
improvement_deadline = Parameter(
    name="improvement_deadline", value=7, unit="d",
    label=Label("First visit at which improvement short of PR is an unfavorable response",
                f"{METHODS} gives it no day; day 7 is the first visit after the day-3 decision: {ASSUMED}"),
)  # fmt: skip
BLOOD = (hlh.hemoglobin, hlh.platelets, hlh.neutrophils, hlh.white_blood_cells, hlh.lymphocytes)
CHEMISTRY = (hlh.triglycerides, hlh.fibrinogen, hlh.ferritin, hlh.d_dimer, hlh.ast, hlh.alt, hlh.alp, hlh.bilirubin,
             hlh.creatinine, hlh.inr, hlh.albumin, hlh.sodium, hlh.amylase, hlh.lipase)  # fmt: skip
DISEASE = (hlh.temperature, hlh.weight, hlh.splenomegaly, hlh.spleen_below_costal_margin, hlh.cns_involvement, *BLOOD,
           *CHEMISTRY, hlh.soluble_cd25, hlh.ifn_gamma, hlh.nk_activity, hlh.hemophagocytosis)  # fmt: skip
ENROLLMENT = (
    *DISEASE, hlh.height, hlh.hepatomegaly, hlh.lymphadenopathy, hlh.jaundice, hlh.rash, hlh.growth_failure,
    hlh.crp, hlh.esr, hlh.il6, onset, newly_diagnosed, active_hlh, prior_chemotherapy, prior_corticosteroid,
    prior_dose, prior_days, prior_response, intermittent_fever, malignancy, rheumatologic, infection, severe_cns,
    measured_gfr, life_support, gi_bleeding, hypersensitivity, ebv_blood, ebv_plasma, ebna_igg, vca_igg, vca_igm,
    avidity, eber, lpd_biopsy, mono_months, immunodeficiency, recurrent_fever, evidence_of_infection,
    specific_antibody,
)  # fmt: skip


def visits(name, on_days, window):
    """Plan visits in numbered weeks, each of which may be so many days early or late."""
    return tuple(Visit(day, DISEASE, min(day, window), min(day, window), f"{name} {day // 7}") for day in on_days)


frontline = Epoch(
    name="frontline", label=Label("Ruxolitinib monotherapy", METHODS), days=28, clock="first_dose",
    gives=(ruxolitinib, corticosteroid),
    visits=(Visit(0, ENROLLMENT, label="Baseline"), Visit(3, DISEASE, after=1), Visit(7, DISEASE, 1, 1),
            Visit(14, DISEASE, 2, 2), Visit(28, DISEASE, 2, 2)),
)  # fmt: skip
intensive = Epoch(
    name="intensive", label=Label("Ruxolitinib with additional therapy", METHODS), days=56,
    gives=(ruxolitinib, methylprednisolone, etoposide, cyclosporine, doxorubicin, pegaspargase),
    visits=visits("Intensive week", weeks(0, 1, 2, 3, 4, 5, 6, 7, 8), window=3),
)  # fmt: skip
salvage = Epoch(
    name="salvage", label=Label("Salvage therapy or transplantation", TABLE_4), gives=(transplantation,),
    visits=visits("Salvage week", weeks(0, 4, 8, 12), window=13),
)  # fmt: skip
follow_up = Epoch(
    name="follow_up", label=Label("Follow-up", METHODS),
    visits=visits("Follow-up week", weeks(0, 4, 13, 26, 52), window=13),
)  # fmt: skip

# Pathway (Figure 1) ------------------------------------------------------------------------------------------------
FIGURE_1 = f"{PAPER}, Figure 1 and Methods"
STAY = "Remain on ruxolitinib"
INTENSIFY: dict = dict(
    go=intensive, action="start_intensive", text="Add intensive therapy", stratum="unfavorable", cite=FIGURE_1
)
REFRACTORY: dict = dict(go=salvage, action="start_salvage", text="Refractory: salvage or transplantation", cite=TABLE_4)
REPEAT: dict = dict(when=NE, action="repeat_assessment", text="Not evaluable: complete the assessment", cite=ASSUMED)
STOP: dict = dict(go=follow_up, action="stop_and_follow_up", text="Stop therapy; follow up")
ADD: dict = dict(action="add_second_line", text="Add liposomal doxorubicin and PEG-asparaginase", cite=RESULTS)
pathway = Pathway(
    epochs=(frontline, intensive, salvage, follow_up),
    decisions=(
        at(frontline, when=NR, before=3, action="continue", text=f"{STAY}: judged from day 3", cite=METHODS),
        at(frontline, when=NR, on_or_after=3, **INTENSIFY),
        at(frontline, when=IMPROVEMENT, before=int(improvement_deadline.value), action="continue", text=STAY,
           cite=improvement_deadline.label.cite),
        at(frontline, when=IMPROVEMENT, on_or_after=int(improvement_deadline.value), **INTENSIFY),
        at(frontline, when=(PD, RELAPSE), **INTENSIFY),
        at(frontline, when=PR, action="continue", text=f"{STAY} until CR or progression",
           cite=f"{FIGURE_1} name neither stratum for PR: {ASSUMED}, as happened to all 9 such patients"),
        at(frontline, when=CR, before=28, action="continue", text=STAY, stratum="favorable", cite=FIGURE_1),
        at(frontline, when=CR, on_or_after=28, **STOP, stratum="favorable",
           cite=f"{PAPER}, Results: all who achieved CR stopped at day 28"),
        at(frontline, **REPEAT),
        at(intensive, when=CR, before=56, action="continue", text="Continue to week 8", cite=METHODS),
        at(intensive, when=CR, on_or_after=56, **STOP, cite=TABLE_4),
        at(intensive, when=(PR, IMPROVEMENT), before=56, action="continue", text="Continue to week 8", cite=METHODS),
        at(intensive, when=NR, before=14, action="continue", text="Continue: judged from week 2", cite=ASSUMED),
        at(intensive, when=NR, on_or_after=14, before=56, **ADD),
        at(intensive, when=(PD, RELAPSE), before=56, **ADD),
        at(intensive, when=(PR, IMPROVEMENT, NR, PD, RELAPSE), on_or_after=56, **REFRACTORY),
        at(intensive, **REPEAT),
        at(salvage, when=CR, **STOP, cite=ASSUMED),
        at(salvage, when=(PR, IMPROVEMENT, NR, PD, RELAPSE), action="continue", text="Continue salvage", cite=ASSUMED),
        at(salvage, **REPEAT),
        at(follow_up, when=(CR, PR, IMPROVEMENT, NR), action="continue", text="Continue to follow up", cite=METHODS),
        at(follow_up, when=(PD, RELAPSE), **REFRACTORY),
        at(follow_up, **REPEAT),
    ),
)  # fmt: skip

# Declarations ------------------------------------------------------------------------------------------------------
VIOLATION = ("excluded",)
SETS = (
    AnalysisSet(name="itt", label=Label("Intention to treat: all enrolled", RESULTS)),
    AnalysisSet(name="pp", label=Label("Without major violations", RESULTS), excludes=VIOLATION),
    AnalysisSet(name="safety_monotherapy", label=Label("Ruxolitinib only", SAFETY), only_epoch="frontline",
                excludes=VIOLATION),
    AnalysisSet(name="safety_additional", label=Label("Ruxolitinib and additional therapy", SAFETY),
                reaching_epoch="intensive", excludes=VIOLATION),
)  # fmt: skip
SWITCH = (("additional therapy for improvement short of PR", "censored when it starts, as the published EFS implies"),)


def endpoint(name, rank, kind, label, population="pp"):
    """Declare an endpoint, with the event that changes what it means."""
    events, text = SWITCH if name == "efs_frontline" else (), Label(label, METHODS)
    return Endpoint(name=name, rank=rank, kind=kind, population=population, label=text, intercurrent_events=events)


ENDPOINTS = (
    endpoint("orr_day_28", "primary", "proportion", "ORR: best response to ruxolitinib alone by day 28"),
    endpoint("status_day_28", "secondary", "proportion", "Responding on ruxolitinib alone at day 28 (added here)"),
    endpoint("cr_overall", "key secondary", "proportion", "CR after treatment overall"),
    endpoint("os_12_months", "key secondary", "time to event", "12-month overall survival"),
    endpoint("time_to_response", "secondary", "duration", "Time to first response"),
    endpoint("duration_of_response", "secondary", "duration", "Duration of response"),
    endpoint("efs_frontline", "secondary", "time to event", "12-month EFS of frontline therapy"),
    endpoint("cr_week_8", "secondary", "proportion", "CR at week 8 of intensive therapy", "safety_additional"),
    endpoint("transplantation", "secondary", "count", "Transplantation", "safety_additional"),
    endpoint("efs_intensive", "secondary", "time to event", "6-month EFS of intensive therapy", "safety_additional"),
)
GRADINGS = read_gradings(data("rux_hlh_gradings.toml"), "rux_hlh_gradings.toml")
GROUPS = read_groups(data("rux_hlh_adverse_events.toml"), "rux_hlh_adverse_events.toml", GRADINGS)
PROTOCOL = Protocol(
    name="rux-hlh", version="1.0.0", cite="Zhang Q, et al. Blood 2022;139(24):3493-3504; ChiCTR2000031702",
    title="Ruxolitinib response-based stratified treatment for pediatric hemophagocytic lymphohistiocytosis",
    inclusion=INCLUSION, exclusion=EXCLUSION, diagnosis=hlh.hlh_2004, diagnosis_items=hlh.ITEMS, etiology=etiology,
    interventions=(ruxolitinib, corticosteroid, methylprednisolone, etoposide, cyclosporine, doxorubicin, pegaspargase,
                   transplantation),
    responses=(trial, dep, strict), pathway=pathway, parameters=(improvement_deadline,),
    advisories=hlh.ADVISORIES, events=hlh.EVENTS, analysis_sets=SETS, endpoints=ENDPOINTS,
    gradings=GRADINGS, adverse_events=GROUPS,
)  # fmt: skip
