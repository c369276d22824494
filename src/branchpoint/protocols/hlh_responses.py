"""Response rule sets for HLH: the trial's own, a strict one, and that of the DEP family, to be compared side by side.

The first two follow the criteria of the emapalumab trial, on which the ruxolitinib trial based its own; they differ in
the limits for ferritin and soluble CD25.
"""

from typing import NamedTuple

from branchpoint.language import (
    CR,
    IMPROVEMENT,
    NE,
    PD,
    PR,
    RELAPSE,
    Criterion,
    Label,
    Occurred,
    ResponseCase,
    ResponseRuleSet,
    all_of,
    any_of,
    at_baseline,
    at_least,
    criterion,
    not_,
)
from branchpoint.protocols import hlh
from branchpoint.protocols.hlh import ASSUMED, PAPER

LOCATELLI = "Locatelli 2020 (NEJM 382:1811), on which the trial's Supplemental Table 1 is based"
SUPPORT_FREE = "NCT03985423: no G-CSF and no transfusion for at least 4 days"

restarted = Occurred(
    name="hlh_therapy_restarted", label="HLH therapy restarted for reactivation", events=("hlh_therapy_restarted",)
)


class Item(NamedTuple):
    """One HLH abnormality that is followed.

    Only what was abnormal at baseline, or is found abnormal later, counts: `clear` is normal now, or normal at baseline
    and not measured since.
    """

    normal: Criterion
    clear: Criterion
    abnormal: Criterion
    resolved: Criterion
    improved: Criterion


def item(name, measurement, normal, improvement=None, support=None, available=None):
    """Declare an abnormality to follow.

    Parameters
    ----------
    measurement : Measurement
    normal : Rule
        What counts as normal, on any day.
    improvement : Rule, optional
        What counts as improved short of normal.
    support : Exposed, optional
        What must not stand behind a value that counts as normal or improved.
    available : Rule, optional
        What must hold for the item to count at all, for a measurement taken only where available.
    """
    label = measurement.label
    abnormal = not_(at_baseline(normal)) if available is None else at_baseline(all_of(available, not_(normal)))
    unaided = normal if support is None else all_of(normal, not_(support))
    better = unaided if improvement is None else any_of(unaided, improvement)
    better = better if support is None else all_of(better, not_(support))
    is_normal = criterion(f"{name}_normal", f"{label}: normal", unaided)
    was = criterion(f"{name}_abnormal", f"{label}: abnormal at baseline", abnormal)
    clear = any_of(is_normal, all_of(not_(was), not_(measurement.recorded)))
    return Item(
        is_normal,
        criterion(f"{name}_clear", f"{label}: normal, or normal at baseline and not measured since", clear),
        was,
        criterion(f"{name}_resolved", f"{label}: abnormal at baseline, normal now", all_of(was, is_normal)),
        criterion(f"{name}_improved", f"{label}: abnormal at baseline, normal or 50% better now", all_of(was, better)),
    )


def fell_by_half(measurement):
    """Let a value that the disease raises be at most half of its baseline."""
    return measurement.fold_of_baseline <= 0.5


def rose_by_half(measurement):
    """Let a value that the disease lowers be at least one and a half times its baseline."""
    return measurement.fold_of_baseline >= 1.5


def worse_than_best(measurement, normal):
    """Let a value be abnormal and at least 50% worse than its best since baseline."""
    ratio = measurement.value / measurement.best
    return all_of(not_(normal), ratio >= 1.5 if measurement.worse == "high" else ratio <= 0.5)


def rises_again(measurement):
    """Let a value be above the laboratory's limit, and above its best since baseline."""
    return all_of(measurement.fold_of_upper_limit > 1, measurement.value / measurement.best > 1)


spleen_cm = hlh.spleen_below_costal_margin
FEVER = item("temperature", hlh.temperature, hlh.temperature < 37.5)
SPLEEN = item("spleen", hlh.splenomegaly, not_(hlh.splenomegaly), all_of(spleen_cm.recorded, fell_by_half(spleen_cm)))
CNS = item("cns", hlh.cns_involvement, not_(hlh.cns_involvement))
NEUTROPHILS = item(
    "neutrophils", hlh.neutrophils, hlh.neutrophils >= 1.0, rose_by_half(hlh.neutrophils), hlh.neutrophil_support
)
PLATELETS = item("platelets", hlh.platelets, hlh.platelets >= 100, rose_by_half(hlh.platelets), hlh.platelet_support)
FIBRINOGEN = item("fibrinogen", hlh.fibrinogen, hlh.fibrinogen > 1.5, rose_by_half(hlh.fibrinogen))
D_DIMER = item("d_dimer", hlh.d_dimer, hlh.d_dimer < 500, fell_by_half(hlh.d_dimer), available=hlh.d_dimer.recorded)
CD25 = item("cd25", hlh.soluble_cd25, hlh.soluble_cd25.fold_of_upper_limit <= 1, fell_by_half(hlh.soluble_cd25))
not_worse_than_double = any_of(
    hlh.soluble_cd25.fold_of_baseline <= 2, all_of(not_(CD25.abnormal), not_(hlh.soluble_cd25.recorded))
)
FERRITIN = item("ferritin_2000", hlh.ferritin, hlh.ferritin < 2000, fell_by_half(hlh.ferritin))
FERRITIN_STRICT = item(
    "ferritin_limit", hlh.ferritin, hlh.ferritin.fold_of_upper_limit <= 1, fell_by_half(hlh.ferritin)
)
HEMOGLOBIN = item("hemoglobin", hlh.hemoglobin, hlh.hemoglobin >= 90)
TRIGLYCERIDES = item("triglycerides", hlh.triglycerides, hlh.triglycerides < 3.0)
FOLLOWED = (FEVER, SPLEEN, CNS, NEUTROPHILS, PLATELETS, FIBRINOGEN, D_DIMER, CD25)
cns_anew = all_of(hlh.cns_involvement, not_(at_baseline(hlh.cns_involvement.holds)))
fever_back = criterion(
    "fever_back", "Fever back with a marker rising above its limit",
    all_of(hlh.fever, any_of(*map(rises_again, (hlh.soluble_cd25, hlh.ferritin, hlh.ifn_gamma)))),
    cite=f"{PAPER}, Results",
)  # fmt: skip
reactivated = criterion(
    "reactivated", "5 of 8 criteria again, therapy restarted, or CNS disease",
    any_of(hlh.five_of_eight, restarted, hlh.cns_involvement), cite="Bergsten 2017 (Blood 130:2728)",
)  # fmt: skip


def emapalumab_family(name, label, ferritin, cd25_limit):
    """Build a rule set of the family of Locatelli 2020, with its item for ferritin and its limit for soluble CD25."""
    items = (*FOLLOWED, ferritin)
    every_item = (FEVER, SPLEEN, CNS, NEUTROPHILS, PLATELETS, FIBRINOGEN, D_DIMER, ferritin, HEMOGLOBIN, TRIGLYCERIDES)
    complete = all_of(*(one.clear for one in every_item), cd25_limit)
    worse = at_least(
        2, worse_than_best(hlh.neutrophils, hlh.neutrophils >= 1.0),
        worse_than_best(hlh.platelets, hlh.platelets >= 100),
        worse_than_best(hlh.fibrinogen, FIBRINOGEN.normal), worse_than_best(hlh.ferritin, ferritin.normal),
        worse_than_best(hlh.soluble_cd25, CD25.normal), cns_anew,
    )  # fmt: skip
    return ResponseRuleSet(name=name, label=label, cases=(
        ResponseCase(CR, complete, label=Label(
            "Every abnormality normal",
            f"{LOCATELLI}; hemoglobin and triglycerides: {PAPER}, Results; {SUPPORT_FREE}")),
        ResponseCase(RELAPSE, reactivated, after="complete_response", label=reactivated.label),
        ResponseCase(PD, any_of(worse, fever_back), after="response", label=Label(
            "2 items at least 50% worse than their best, or fever back with a rising marker",
            f"{ASSUMED}; pattern described in {PAPER}, Results")),
        ResponseCase(NE, not_(at_least(3, *(one.abnormal for one in items))),
                     label=Label("Fewer than 3 abnormalities at baseline", ASSUMED)),
        ResponseCase(PR, at_least(3, *(one.resolved for one in items)),
                     label=Label("At least 3 abnormalities normalized", LOCATELLI)),
        ResponseCase(IMPROVEMENT, at_least(3, *(one.improved for one in items)),
                     label=Label("At least 3 abnormalities improved by 50%", LOCATELLI)),
    ))  # fmt: skip


trial = emapalumab_family("trial", Label("The trial's own", LOCATELLI), FERRITIN, not_worse_than_double)
strict = emapalumab_family(
    "strict", Label("Strict: ferritin and soluble CD25 within the laboratory's limits", hlh.LABORATORY),
    FERRITIN_STRICT, CD25.clear,
)  # fmt: skip
neutrophils_doubled = all_of(hlh.neutrophils.fold_of_baseline >= 2, any_of(
    all_of(hlh.neutrophils.baseline < 0.5, hlh.neutrophils > 0.5),
    all_of(hlh.neutrophils.baseline >= 0.5, hlh.neutrophils.baseline <= 2.0, hlh.neutrophils > 2.0),
))  # fmt: skip
dep = ResponseRuleSet(name="dep", label=Label("DEP and L-DEP family", "NCT02862054"), cases=(
    ResponseCase(CR, all_of(
        hlh.soluble_cd25.fold_of_upper_limit <= 1, hlh.ferritin.fold_of_upper_limit <= 1, hlh.triglycerides < 3.0,
        hlh.hemoglobin >= 90, hlh.neutrophils >= 1.0, hlh.platelets >= 100, hlh.alt.fold_of_upper_limit <= 1,
    ), label=Label("All quantifiable markers normal", "NCT02862054; where it names no limit, that of HLH-2004")),
    ResponseCase(PR, at_least(
        2, hlh.soluble_cd25.fold_of_baseline <= 2 / 3, hlh.ferritin.fold_of_baseline <= 0.75,
        hlh.triglycerides.fold_of_baseline <= 0.75, neutrophils_doubled,
        all_of(hlh.alt.baseline > 400, fell_by_half(hlh.alt)),
    ), label=Label("At least 2 markers improved by at least 25%", "NCT02862054")),
))  # fmt: skip
