"""HLH-94: etoposide and dexamethasone for eight weeks, then a way that depends on how the disease stands.

Trottestam H, et al. Chemoimmunotherapy for hemophagocytic lymphohistiocytosis: long-term results of the HLH-94
treatment protocol. Blood 2011;118(17):4577-4584; and the comparison with it in Zhang 2022. Of the first, only
tables were at hand: the plan of treatment is a summary that was not compared with the text, and says so; no dose
is given.
"""

from branchpoint.language import (
    CR, IMPROVEMENT, NE, NR, PD, PR, RELAPSE,
    AnalysisSet, Endpoint, Epoch, EventType, Intervention, Label, Pathway, Protocol, ResponseCase, ResponseRuleSet,
    Visit, YesNo, any_of, at, classify, criterion, not_, weeks,
)  # fmt: skip
from branchpoint.protocols import hlh
from branchpoint.protocols.hlh import ASSUMED, PAPER

TROTTESTAM = "Trottestam 2011 (Blood 118:4577), HLH-94"
PLAN = f"{TROTTESTAM}: plan in summary, not compared with its text"
COMPARED = f"{PAPER}, Results, comparison with HLH-94"

non_active_disease = YesNo(
    name="non_active_disease", label="Non-active disease, as the clinician declares it", cite=f"{TROTTESTAM}, Table 3"
)
familial_disease = YesNo(name="familial_disease", label="Familial disease", current_for=None, cite=TROTTESTAM)
prior_chemotherapy = YesNo(
    name="prior_hlh_chemotherapy", label="Chemotherapy for HLH before enrollment", current_for=None, cite=COMPARED
)

INCLUSION = (
    criterion("inclusion_1", "HLH diagnostic criteria met", hlh.hlh_2004,
              cite=f"{hlh.HLH_2004}, in place of those of HLH-94's own time, which were not at hand"),
    criterion("inclusion_2", "No prior chemotherapy for HLH", not_(prior_chemotherapy), cite=COMPARED),
)  # fmt: skip
familial = criterion("familial", "Familial disease", any_of(familial_disease, hlh.molecular_diagnosis), cite=TROTTESTAM)
etiology = classify(
    "etiology", "Underlying etiology", ("familial", familial), otherwise="not known to be familial", cite=TROTTESTAM
)

clinician = ResponseRuleSet(name="clinician", label=Label("As the clinician declares", TROTTESTAM), cases=(
    ResponseCase(CR, non_active_disease.holds, label=Label("Non-active disease", f"{TROTTESTAM}: no rule")),
    ResponseCase(RELAPSE, not_(non_active_disease), after="complete_response", label=Label("Active again", ASSUMED)),
))  # fmt: skip

UNDOSED = f"{PLAN}; no dose was at hand, and none is given"
etoposide = Intervention(name="etoposide", label=Label("Etoposide", UNDOSED))
dexamethasone = Intervention(name="dexamethasone", label=Label("Dexamethasone", UNDOSED))
continuation_therapy = Intervention(
    name="continuation_therapy", label=Label("Continuation therapy, a bridge to transplantation", UNDOSED)
)
transplantation = Intervention(name="transplantation", label=Label("Stem-cell transplantation", PLAN))
familial_transplantation = Intervention(
    name="transplantation", label=Label("Stem-cell transplantation, although resolved", PLAN), only_if=familial
)

BLOOD = (hlh.hemoglobin, hlh.platelets, hlh.neutrophils)
STATUS = (non_active_disease, hlh.temperature, hlh.splenomegaly, *BLOOD, hlh.ferritin)
ENROLLMENT = (*STATUS, familial_disease, prior_chemotherapy, hlh.triglycerides, hlh.fibrinogen, hlh.hemophagocytosis,
              hlh.nk_activity, hlh.soluble_cd25)  # fmt: skip


def visits(name, *counts):
    """Plan visits in numbered weeks, each of which may be 3 days early or late."""
    return tuple(Visit(day, STATUS, min(day, 3), 3, f"{name} {day // 7}") for day in weeks(*counts))


initial = Epoch(
    name="initial", label=Label("Initial therapy", PLAN), days=56, clock="first_dose",
    gives=(etoposide, dexamethasone), visits=(Visit(0, ENROLLMENT, label="Baseline"), *visits("Week", 2, 4, 8)),
)  # fmt: skip
continuation = Epoch(
    name="continuation", label=Label("Continuation, until transplantation", PLAN),
    gives=(continuation_therapy, transplantation), visits=visits("Continuation week", 0, 4, 8, 16),
)  # fmt: skip
follow_up = Epoch(
    name="follow_up", label=Label("Off therapy", PLAN), gives=(familial_transplantation,),
    visits=visits("Off-therapy week", 0, 4, 16, 44),
)  # fmt: skip

ACTIVE = (PR, IMPROVEMENT, NR, PD, RELAPSE)
TO_TRANSPLANT: dict = dict(go=continuation, action="bridge_to_transplant", cite=PLAN)
pathway = Pathway(epochs=(initial, continuation, follow_up), decisions=(
    at(initial, when=(CR, *ACTIVE), before=56, action="continue", text="Complete eight weeks", cite=PLAN),
    at(initial, when=CR, on=56, go=follow_up, action="stop", text="Resolved: stop therapy", cite=PLAN),
    at(initial, when=ACTIVE, on=56, text="Persistent disease: continuation to transplantation", **TO_TRANSPLANT),
    at(initial, when=NE, action="repeat_assessment", text="The clinician has not declared", cite=ASSUMED),
    at(continuation, when=(CR, *ACTIVE, NE), action="continue", text="Continue to transplantation", cite=PLAN),
    at(follow_up, when=CR, action="continue", text="Remain off; transplantation when familial", cite=PLAN),
    at(follow_up, when=ACTIVE, text="Recurrent disease: continuation to transplantation", **TO_TRANSPLANT),
    at(follow_up, when=NE, action="repeat_assessment", text="The clinician has not declared", cite=ASSUMED),
))  # fmt: skip

PROTOCOL = Protocol(
    name="hlh-94", version="1.0.0", title="HLH-94: etoposide and dexamethasone for hemophagocytic lymphohistiocytosis",
    cite="Trottestam H, et al. Blood 2011;118(17):4577-4584", inclusion=INCLUSION, exclusion=(),
    diagnosis=hlh.hlh_2004, diagnosis_items=hlh.ITEMS, etiology=etiology,
    interventions=(etoposide, dexamethasone, continuation_therapy, transplantation), responses=(clinician,),
    pathway=pathway, events=(EventType(name="death", label=Label("Death", TROTTESTAM), ends_study=True),),
    analysis_sets=(AnalysisSet(name="enrolled", label=Label("All enrolled", TROTTESTAM)),),
    endpoints=(Endpoint(name="non_active_week_8", rank="secondary",
                        label=Label("Non-active disease at 2 months", f"{TROTTESTAM}, Table 3; its rank is not stated"),
                        kind="proportion", population="enrolled"),),
)  # fmt: skip
