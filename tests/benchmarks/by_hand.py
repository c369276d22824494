"""The rules of the reference protocol written by hand in Polars, with what they share computed once.

It must follow the protocol: the benchmark compares every answer.
"""

import polars as pl

c = pl.col
GENES = ["pathogenic", "PRF1", "UNC13D", "STX11", "STXBP2", "RAB27A", "LYST", "AP3B1", "SH2D1A", "XIAP", "BIRC4"]
FOLLOWED = ("temperature", "spleen", "cns", "neutrophils", "platelets", "fibrinogen", "d_dimer", "cd25")


def at_least(count, rules):
    """Kleene's count: enough hold, too few can, or not known."""
    rules = list(rules)
    hold = pl.sum_horizontal(rule.cast(pl.Int8) for rule in rules)
    fail = pl.sum_horizontal((~rule).cast(pl.Int8) for rule in rules)
    return pl.when(hold >= count).then(True).when(fail > len(rules) - count).then(False)


def ratio(left, right):
    return pl.when(c(right) != 0).then((c(left) / c(right)).round(9))


def normals(at):
    """What is normal, from the columns of a day."""
    return {
        "temperature": c("temperature" + at) < 37.5,
        "spleen": ~c("splenomegaly" + at),
        "cns": ~c("cns_involvement" + at),
        "neutrophils": c("neutrophils" + at) >= 1.0,
        "platelets": c("platelets" + at) >= 100,
        "fibrinogen": c("fibrinogen" + at) > 1.5,
        "d_dimer": c("d_dimer" + at) < 500,
        "cd25": ratio("soluble_cd25" + at, "soluble_cd25__upper_limit" + at) <= 1,
        "trial": c("ferritin" + at) < 2000,
        "strict": ratio("ferritin" + at, "ferritin__upper_limit" + at) <= 1,
        "hemoglobin": c("hemoglobin" + at) >= 90,
        "triglycerides": c("triglycerides" + at) < 3.0,
    }


MEASURED = {
    "temperature": "temperature", "spleen": "splenomegaly", "cns": "cns_involvement", "neutrophils": "neutrophils",
    "platelets": "platelets", "fibrinogen": "fibrinogen", "d_dimer": "d_dimer", "cd25": "soluble_cd25",
    "trial": "ferritin", "strict": "ferritin", "hemoglobin": "hemoglobin", "triglycerides": "triglycerides",
}  # fmt: skip


def folds():
    """Values as folds of baseline, of the upper limit and of the best so far."""
    based = (
        "neutrophils",
        "platelets",
        "fibrinogen",
        "d_dimer",
        "ferritin",
        "spleen_below_costal_margin",
        "triglycerides",
        "alt",
    )
    yield from (ratio(name, f"{name}__baseline").alias(f"fold.{name}") for name in based)
    yield ratio("soluble_cd25", "soluble_cd25__reference").alias("fold.soluble_cd25")
    limited = ("soluble_cd25", "ferritin", "ifn_gamma", "alt")
    yield from (ratio(name, f"{name}__upper_limit").alias(f"limit.{name}") for name in limited)
    best = ("neutrophils", "platelets", "fibrinogen", "ferritin", "soluble_cd25", "ifn_gamma")
    yield from (ratio(name, f"{name}__best").alias(f"best.{name}") for name in best)


def hlh_items(at):
    """The 8 items of HLH-2004, from the columns of a day."""
    anemia = (c("hemoglobin" + at) < 90) | ((c("age_days" + at) < 28) & (c("hemoglobin" + at) < 100))
    pg = ratio("soluble_cd25" + at, "soluble_cd25__upper_limit" + at) > 1
    on = c("soluble_cd25__scale" + at)
    return [
        c("temperature" + at) >= 38.5,
        c("splenomegaly" + at),
        at_least(2, [anemia, c("platelets" + at) < 100, c("neutrophils" + at) < 1.0]),
        (c("triglycerides" + at) >= 3.0) | (c("fibrinogen" + at) <= 1.5),
        c("hemophagocytosis" + at),
        ratio("nk_activity" + at, "nk_activity__lower_limit" + at) < 1,
        c("ferritin" + at) >= 500,
        ((on == "U/mL") & (c("soluble_cd25__in_U_mL" + at) >= 2400)) | ((on == "pg/mL") & pg),
    ]


def shared_items():
    """Each followed abnormality: clear, resolved and improved."""
    support = {"neutrophils": ~c("neutrophil_support"), "platelets": ~c("platelet_support")}
    better = {
        "spleen": c("spleen_below_costal_margin__recorded") & (c("fold.spleen_below_costal_margin") <= 0.5),
        "d_dimer": c("fold.d_dimer") <= 0.5,
        "cd25": c("fold.soluble_cd25") <= 0.5,
        **{name: c("fold.ferritin") <= 0.5 for name in ("trial", "strict")},
        **{name: c(f"fold.{name}") >= 1.5 for name in ("neutrophils", "platelets", "fibrinogen")},
    }
    for name, measured in MEASURED.items():
        normal, was = c(f"normal.{name}"), c(f"was.{name}")
        unaided = normal & support[name] if name in support else normal
        improved = (normal | better[name]) if name in better else normal
        improved = improved & support[name] if name in support else improved
        yield (unaided | (~was & ~c(f"{measured}__recorded"))).alias(f"clear.{name}")
        yield (was & unaided).alias(f"resolved.{name}")
        yield (was & improved).alias(f"improved.{name}")


def worse(name, normal, high):
    return ~c(f"normal.{normal}") & ((c(f"best.{name}") >= 1.5) if high else (c(f"best.{name}") <= 0.5))


def family(name, cd25_limit):
    """The cases of a rule set of the emapalumab family; `name` is also its item for ferritin."""
    items = (*FOLLOWED, name)
    every_item = (
        "temperature",
        "spleen",
        "cns",
        "neutrophils",
        "platelets",
        "fibrinogen",
        "d_dimer",
        name,
        "hemoglobin",
        "triglycerides",
    )
    counts = [worse(item, item, False) for item in ("neutrophils", "platelets", "fibrinogen")]
    counts += [worse("ferritin", name, True), worse("soluble_cd25", "cd25", True)]
    counts += [c("cns_involvement") & ~c("cns_involvement__baseline")]
    yield pl.all_horizontal([*(c(f"clear.{item}") for item in every_item), cd25_limit]).alias(f"rule.{name}__CR")
    yield (c("five_now") | c("hlh_therapy_restarted") | c("cns_involvement")).alias(f"rule.{name}__relapse")
    yield (at_least(2, counts) | c("fever_back")).alias(f"rule.{name}__PD")
    yield (~at_least(3, (c(f"was.{item}") for item in items))).alias(f"rule.{name}__NE")
    yield at_least(3, (c(f"resolved.{item}") for item in items)).alias(f"rule.{name}__PR")
    yield at_least(3, (c(f"improved.{item}") for item in items)).alias(f"rule.{name}__improvement")


def dep():
    normal = [c("limit.soluble_cd25") <= 1, c("limit.ferritin") <= 1, c("normal.triglycerides"), c("normal.hemoglobin"),
              c("normal.neutrophils"), c("normal.platelets"), c("limit.alt") <= 1]  # fmt: skip
    before, now = c("neutrophils__baseline"), c("neutrophils")
    doubled = (c("fold.neutrophils") >= 2) & (
        ((before < 0.5) & (now > 0.5)) | ((before >= 0.5) & (before <= 2.0) & (now > 2.0))
    )
    better = [c("fold.soluble_cd25") <= 2 / 3, c("fold.ferritin") <= 0.75, c("fold.triglycerides") <= 0.75, doubled,
              (c("alt__baseline") > 400) & (c("fold.alt") <= 0.5)]  # fmt: skip
    return pl.all_horizontal(normal).alias("rule.dep__CR"), at_least(2, better).alias("rule.dep__PR")


def eligibility():
    b = lambda name: c(f"{name}__baseline")  # noqa: E731
    response, dose, days = (
        b("prior_corticosteroid_response"),
        b("prior_corticosteroid_dose"),
        b("prior_corticosteroid_days"),
    )
    failed = (dose >= 2) & (
        ((days >= 3) & response.is_in(["none"]))
        | ((days >= 7) & response.is_in(["none", "improvement"]) & b("intermittent_fever"))
    )
    creatinine, bilirubin = b("creatinine") * (1 / 88.4), b("bilirubin") * (1 / 17.1)
    logs = 0.957 * creatinine.clip(1, 4).log() + 0.378 * bilirubin.clip(1).log() + 1.120 * b("inr").clip(1).log()
    meld = (10 * (logs + 0.643)).clip(upper_bound=40)
    sex = pl.when(b("sex") == "F").then(0.85).when(b("sex") != "F").then(1.0)
    below = 72 * creatinine
    clearance = pl.when(below != 0).then(((140 - b("age")) * b("weight") * sex / below).round(9))
    gfr = b("glomerular_filtration_rate")
    poor = (clearance < 15) | (b("glomerular_filtration_rate__recorded") & (gfr < 15))
    return {
        "inclusion_1": b("age") <= 18,
        "inclusion_2": b("newly_diagnosed"),
        "inclusion_3": c("hlh"),
        "inclusion_4": b("active_hlh"),
        "inclusion_5": ~b("prior_hlh_chemotherapy"),
        "inclusion_6": ~b("prior_corticosteroid") | failed,
        "inclusion_7": b("informed_consent"),
        "exclusion_1": b("active_malignancy") | b("rheumatologic_disorder"),
        "exclusion_2": b("uncontrolled_infection"),
        "exclusion_3": b("severe_cns_involvement"),
        "exclusion_4": poor | (meld > 20) | b("extracorporeal_life_support"),
        "exclusion_5": b("active_gastrointestinal_bleeding"),
        "exclusion_6": b("severe_hypersensitivity_history"),
    }


def etiologies():
    b = lambda name: c(f"{name}__baseline")  # noqa: E731
    dna = (b("ebv_dna_blood") > 500) & (b("ebv_dna_plasma") > 500)
    ebna, vca = b("ebv_ebna_igg"), b("ebv_vca_igg")
    well = [~b("known_immunodeficiency"), ~b("active_malignancy")]
    caebv = [c("hlh"), b("mononucleosis_symptom_months") > 3, dna, ebna, vca, b("ebv_vca_igg_avidity") == "high",
             b("eber_in_situ"), b("ebv_lymphoproliferation_biopsy"), *well]  # fmt: skip
    yield pl.all_horizontal(caebv).alias("caebv")
    yield (c("hlh") & dna & (b("ebv_vca_igm") | vca | ebna)).alias("ebv")
    high = [ratio(f"{name}__baseline", f"{name}__upper_limit__baseline") > 1 for name in ("crp", "esr", "il6")]
    saids = [c("hlh"), b("recurrent_fever"), b("rash"), *high, ~b("evidence_of_infection"), ~b("active_malignancy"),
             ~b("specific_antibody")]  # fmt: skip
    yield pl.all_horizontal(saids).alias("saids")


def by_hand(frame):
    """Give the wide frame with a column for each rule."""
    b = "__baseline"
    molecular = c("genetic_result__recorded" + b) & c("genetic_result" + b).is_in(GENES)
    was = {name: ~normal for name, normal in normals(b).items()}
    was["d_dimer"] = c("d_dimer__recorded" + b) & was["d_dimer"]
    rises = [(c(f"limit.{name}") > 1) & (c(f"best.{name}") > 1) for name in ("soluble_cd25", "ferritin", "ifn_gamma")]
    not_doubled = (c("fold.soluble_cd25") <= 2) | (~c("was.cd25") & ~c("soluble_cd25__recorded"))
    none_before = ~c("caebv") & ~c("ebv")
    etiology = (
        pl.when("caebv").then(pl.lit("CAEBV-HLH"))
        .when(~c("caebv") & c("ebv")).then(pl.lit("EBV-HLH"))
        .when(none_before & c("saids")).then(pl.lit("SAIDs-HLH"))
        .when(none_before & ~c("saids")).then(pl.lit("unknown"))
    )  # fmt: skip
    weight = c("weight")
    dose = pl.when(weight <= 10).then(2.5).when(weight <= 20).then(5.0).when(weight > 20).then(10.0)
    return (
        frame.lazy()
        .with_columns(pl.selectors.float().fill_nan(None))
        .with_columns(
            *folds(),
            *(normal.alias(f"normal.{name}") for name, normal in normals("").items()),
            *(abnormal.alias(f"was.{name}") for name, abnormal in was.items()),
            (molecular | at_least(5, hlh_items(b))).alias("hlh"),
            at_least(5, hlh_items("")).alias("five_now"),
        )
        .with_columns(
            *shared_items(),
            *etiologies(),
            ((c("temperature") >= 38.5) & pl.any_horizontal(rises)).alias("fever_back"),
        )
        .select(
            *family("trial", not_doubled),
            *family("strict", c("clear.cd25")),
            *dep(),
            *(rule.alias(f"rule.{name}") for name, rule in eligibility().items()),
            etiology.alias("rule.etiology"),
            dose.alias("rule.dose"),
        )
        .collect()
    )
