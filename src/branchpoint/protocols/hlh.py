"""The vocabulary of hemophagocytic lymphohistiocytosis (HLH), shared by its protocols.

Measurements with their units and plausible ranges, the diagnostic criteria of HLH-2004, and the scores of organ
function. Limits of normal are those of the trial's laboratory (Zhang 2022, footnote of Table 3) unless a finding
brings its own.
"""

from branchpoint.language import (
    Clip,
    Coded,
    Derived,
    EventType,
    Exposed,
    Label,
    Numeric,
    Points,
    Scale,
    Transform,
    YesNo,
    all_of,
    any_of,
    at_least,
    criterion,
    not_,
)

PAPER = "Zhang 2022 (Blood 139:3493)"
HLH_2004 = "Henter 2007 (Pediatr Blood Cancer 48:124), HLH-2004"
LABORATORY = f"{PAPER}, Table 3, footnote"
ASSUMED = "Assumption of this protocol"


def _number(
    name, label, unit, low, high, *, worse=None, upper=None, lower=None, current_for=7, also=(), cite="", **more
):
    scales = (Scale(unit, (low, high), upper, lower), *also)
    return Numeric(name=name, label=label, scales=scales, worse=worse, current_for=current_for, cite=cite, **more)


def _question(name, label, current_for=7, cite=""):
    return YesNo(name=name, label=label, current_for=current_for, cite=cite)


# Who the patient is.
age = _number("age", "Age", "a", 0, 120, current_for=None, source="subject")
age_days = _number("age_days", "Age in days", "d", 0, 45000, current_for=None, source="subject")
sex = Coded(name="sex", label="Sex", codes=("F", "M"), current_for=None, source="subject")
informed_consent = YesNo(name="informed_consent", label="Informed consent signed", current_for=None, source="subject")
GENES = ("PRF1", "UNC13D", "STX11", "STXBP2", "RAB27A", "LYST", "AP3B1", "SH2D1A", "XIAP", "BIRC4")
genetic_result = Coded(
    name="genetic_result", label="Genetic result", codes=("pathogenic", *GENES, "uncertain", "negative"),
    current_for=None, source="subject", cite=f"{HLH_2004}: a gene name states a molecular diagnosis in that gene",
)  # fmt: skip
weight = _number("weight", "Weight", "kg", 0.3, 300, current_for=None)
height = _number("height", "Height", "cm", 20, 230, current_for=None)

# How the disease shows.
temperature = _number("temperature", "Temperature", "Cel", 30, 45, worse="high", current_for=1)
splenomegaly = _question("splenomegaly", "Splenomegaly")
spleen_below_costal_margin = _number(
    "spleen_below_costal_margin", "Spleen below costal margin", "cm", 0, 40, worse="high"
)
hepatomegaly = _question("hepatomegaly", "Hepatomegaly")
lymphadenopathy = _question("lymphadenopathy", "Lymphadenopathy")
jaundice = _question("jaundice", "Jaundice")
rash = _question("rash", "Rash")
cns_involvement = _question("cns_involvement", "CNS involvement")
hemoglobin = _number("hemoglobin", "Hemoglobin", "g/L", 10, 260, worse="low", equivalents=(("mmol/L", 16.11),))
platelets = _number("platelets", "Platelets", "10*9/L", 0, 3000, worse="low")
neutrophils = _number("neutrophils", "Neutrophils", "10*9/L", 0, 200, worse="low")
white_blood_cells = _number("white_blood_cells", "White blood cells", "10*9/L", 0, 1000, worse="low")
lymphocytes = _number("lymphocytes", "Lymphocytes", "10*9/L", 0, 500, worse="low")
triglycerides = _number(
    "triglycerides", "Triglycerides", "mmol/L", 0.05, 100, worse="high", equivalents=(("mg/dL", 1 / 88.57),)
)
fibrinogen = _number("fibrinogen", "Fibrinogen", "g/L", 0, 20, worse="low")
hemophagocytosis = _question("hemophagocytosis", "Hemophagocytosis", current_for=30)
nk_activity = _number(
    "nk_activity", "NK-cell activity", "%", 0, 100, worse="low", lower=15.11, current_for=30, cite=LABORATORY
)
ferritin = _number(
    "ferritin",
    "Ferritin",
    "ug/L",
    0,
    1e6,
    worse="high",
    upper=500,
    cite=LABORATORY,
    equivalents=(("pmol/L", 1 / 2.247),),
)
soluble_cd25 = _number(
    "soluble_cd25", "Soluble CD25", "pg/mL", 0, 1e7, worse="high", upper=6400,
    also=(Scale("U/mL", (0, 1e6), upper_limit=2400),),
    cite=f"{LABORATORY}; no factor converts pg/mL and U/mL; in U/mL the limit of HLH-2004 stands for the laboratory's",
)  # fmt: skip
ifn_gamma = _number("ifn_gamma", "Interferon gamma", "pg/mL", 0, 1e6, worse="high", upper=8, cite=LABORATORY)
d_dimer = _number("d_dimer", "D-dimer", "ug/L", 0, 1e6, worse="high", upper=500, cite="Locatelli 2020 (NEJM 382:1811)")
ast = _number("ast", "Aspartate aminotransferase", "U/L", 0, 1e5, worse="high", upper=40, cite=LABORATORY)
alt = _number("alt", "Alanine aminotransferase", "U/L", 0, 1e5, worse="high", upper=40, cite=LABORATORY)
alp = _number("alp", "Alkaline phosphatase", "U/L", 0, 1e5, worse="high")
bilirubin = _number("bilirubin", "Total bilirubin", "umol/L", 0, 2000, worse="high", equivalents=(("mg/dL", 17.1),))
creatinine = _number("creatinine", "Creatinine", "umol/L", 1, 3000, worse="high", equivalents=(("mg/dL", 88.4),))
inr = _number("inr", "International normalized ratio", "1", 0.5, 30, worse="high")
albumin = _number("albumin", "Albumin", "g/L", 5, 80, worse="low", equivalents=(("g/dL", 10.0),))
sodium = _number("sodium", "Sodium", "mmol/L", 80, 220, equivalents=(("meq/L", 1.0),))
amylase = _number("amylase", "Amylase", "U/L", 0, 1e5, worse="high")
lipase = _number("lipase", "Lipase", "U/L", 0, 1e5, worse="high")
crp = _number("crp", "C-reactive protein", "mg/L", 0, 1000, worse="high", upper=8, cite=f"{ASSUMED}: upper limit")
esr = _number(
    "esr", "Erythrocyte sedimentation rate", "mm/h", 0, 200, worse="high", upper=20, cite=f"{ASSUMED}: upper limit"
)
il6 = _number("il6", "Interleukin 6", "pg/mL", 0, 1e6, worse="high", upper=7, cite=f"{ASSUMED}: upper limit")

# Diagnosis: HLH-2004, item by item.
molecular_diagnosis = criterion(
    "molecular_diagnosis", "A molecular diagnosis consistent with HLH has been made",
    all_of(genetic_result.recorded, genetic_result.is_("pathogenic", *GENES)), cite=HLH_2004,
)  # fmt: skip
fever = criterion("fever", "Fever of at least 38.5 C", temperature >= 38.5, cite=f"{HLH_2004}, item 1")
spleen = criterion("splenomegaly", "Splenomegaly", splenomegaly, cite=f"{HLH_2004}, item 2")
low_hemoglobin = any_of(hemoglobin < 90, all_of(age_days < 28, hemoglobin < 100))
cytopenia = criterion(
    "cytopenia", "Cytopenia of at least 2 of 3 lineages",
    at_least(2, low_hemoglobin, platelets < 100, neutrophils < 1.0),
    cite=f"{HLH_2004}, item 3: hemoglobin < 90 g/L (< 100 g/L under 4 weeks of age), platelets, neutrophils",
)  # fmt: skip
lipids = criterion(
    "lipids", "Triglycerides of at least 3.0 mmol/L or fibrinogen of at most 1.5 g/L",
    any_of(triglycerides >= 3.0, fibrinogen <= 1.5), cite=f"{HLH_2004}, item 4",
)  # fmt: skip
phagocytosis = criterion("hemophagocytosis", "Hemophagocytosis", hemophagocytosis, cite=f"{HLH_2004}, item 5")
low_nk = criterion(
    "nk_activity", "Low or absent NK-cell activity", nk_activity.fold_of_lower_limit < 1, cite=f"{HLH_2004}, item 6"
)
high_ferritin = criterion("ferritin", "Ferritin of at least 500 ug/L", ferritin >= 500, cite=f"{HLH_2004}, item 7")
high_cd25 = criterion(
    "soluble_cd25", "Soluble CD25 of at least 2400 U/mL, or above the laboratory's limit where it reports pg/mL",
    any_of(
        all_of(soluble_cd25.is_on("U/mL"), soluble_cd25.on("U/mL") >= 2400),
        all_of(soluble_cd25.is_on("pg/mL"), soluble_cd25.fold_of_upper_limit > 1),
    ),
    cite=f"{HLH_2004}, item 8; {LABORATORY}",
)  # fmt: skip
ITEMS = (fever, spleen, cytopenia, lipids, phagocytosis, low_nk, high_ferritin, high_cd25)
five_of_eight = criterion("five_of_eight", "At least 5 of the 8 criteria", at_least(5, *ITEMS), cite=HLH_2004)
hlh_2004 = criterion(
    "hlh_2004", "HLH-2004 diagnostic criteria", any_of(molecular_diagnosis, five_of_eight), cite=HLH_2004
)

# Organ function.
_creatinine, _bilirubin = creatinine.within("mg/dL"), bilirubin.within("mg/dL")
meld = Derived(
    "meld",
    Clip(
        10 * (
            0.957 * Transform("ln", Clip(_creatinine, 1.0, 4.0))
            + 0.378 * Transform("ln", Clip(_bilirubin, 1.0))
            + 1.120 * Transform("ln", Clip(inr.value, 1.0))
            + 0.643
        ),
        high=40,
    ),
    "1", Label("MELD score", "Kamath 2001 (Hepatology 33:464); validated from 12 years of age"),
)  # fmt: skip
growth_failure = _question("growth_failure", "Growth failure (below -2 SD)", current_for=None)
peld = Derived(
    "peld",
    4.80 * Transform("ln", _bilirubin) + 18.57 * Transform("ln", inr.value)
    - 6.87 * Transform("ln", albumin.within("g/dL"))
    + Points(age < 1, 4.36) + Points(growth_failure.holds, 6.67),
    "1", Label("PELD score (advisory, under 12 years)", "McDiarmid 2002 (Transplantation 74:173)"),
)  # fmt: skip
schwartz = Derived(
    "egfr_schwartz", 0.413 * height.value / _creatinine, "mL/min/{1.73_m2}",
    Label("Estimated GFR, bedside Schwartz (advisory, under 18 years)", "Schwartz 2009 (J Am Soc Nephrol 20:629)"),
)  # fmt: skip
creatinine_clearance = Derived(
    "creatinine_clearance",
    (140 - age.value) * weight.value * Points(sex.is_("F"), 0.85, 1.0) / (72 * _creatinine), "mL/min",
    Label("Creatinine clearance, Cockcroft-Gault", "Cockcroft 1976 (Nephron 16:31); derived in adults"),
)  # fmt: skip
surface_area = Derived(
    "surface_area", Transform("sqrt", height.value * weight.value / 3600), "m2",
    Label("Body-surface area", "Mosteller 1987 (NEJM 317:1098)"),
)  # fmt: skip

# Supports that make a count look better than it is.
neutrophil_support = Exposed(name="neutrophil_support", label="G-CSF in the last 4 days", drugs=("g_csf",), within=4)
platelet_support = Exposed(
    name="platelet_support", label="Platelet transfusion in the last 4 days", drugs=("platelet_transfusion",), within=4
)

DISCORDANT_LIVER = criterion(
    "liver_scores_discordant", "MELD and PELD disagree at 20, under 12 years of age",
    all_of(age < 12, any_of(all_of(meld > 20, not_(peld > 20)), all_of(not_(meld > 20), peld > 20))), cite=ASSUMED,
)  # fmt: skip
DISCORDANT_KIDNEY = criterion(
    "kidney_estimates_discordant", "Cockcroft-Gault and Schwartz disagree at 15, under 18 years of age",
    all_of(age < 18, any_of(
        all_of(creatinine_clearance < 15, not_(schwartz < 15)), all_of(not_(creatinine_clearance < 15), schwartz < 15)
    )), cite=ASSUMED,
)  # fmt: skip
ADVISORIES = (meld, peld, creatinine_clearance, schwartz, DISCORDANT_LIVER, DISCORDANT_KIDNEY)

# What can happen to a patient.
EVENTS = (
    EventType(name="death", label=Label("Death"), ends_study=True),
    EventType(name="transplantation", label=Label("Stem-cell transplantation")),
    EventType(name="relapse", label=Label("Relapse")),
    EventType(name="hlh_therapy_restarted", label=Label("HLH therapy restarted for reactivation")),
)
