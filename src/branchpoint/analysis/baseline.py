"""Baseline: what patients were like when they were enrolled, by prior corticosteroid and by response.

Measurements are those of the reference trial's baseline table; what a study has not measured is left out. The value of
a test is the last one up to study day 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.group_tests import association, shift
from branchpoint.analysis.results import Result, count, spread
from branchpoint.records.patient import MISSING_REASONS
from branchpoint.records.subject_facts import age_in_years

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from branchpoint.records.tables import Study

__all__ = ["baseline_results", "baseline_table"]

# Statistic, test, label, unit, and whether it is a fold of the laboratory's upper limit.
_NUMBERS = (
    ("onset_to_diagnosis", "onset_to_diagnosis", "Onset to diagnosis", "d", False),
    ("wbc", "white_blood_cells", "White blood cells", "10*9/L", False),
    ("neutrophils", "neutrophils", "Neutrophils", "10*9/L", False),
    ("platelets", "platelets", "Platelets", "10*9/L", False),
    ("hemoglobin", "hemoglobin", "Hemoglobin", "g/L", False),
    ("fibrinogen", "fibrinogen", "Fibrinogen", "g/L", False),
    ("triglycerides", "triglycerides", "Triglycerides", "mmol/L", False),
    ("ast", "ast", "AST", "U/L", False),
    ("alt", "alt", "ALT", "U/L", False),
    ("ifn_gamma", "ifn_gamma", "IFN-γ", "{fold}", True),
    ("soluble_cd25", "soluble_cd25", "Soluble CD25", "{fold}", True),
    ("ferritin", "ferritin", "Ferritin", "{fold}", True),
)
_NUMBER, _TRUTH = pl.col("number"), pl.col("truth")
_FEATURES: tuple[tuple[str, str, str, pl.Expr], ...] = (
    ("fever", "temperature", "Fever (> 38.5 °C)", _NUMBER > 38.5),
    ("splenomegaly", "splenomegaly", "Splenomegaly", _TRUTH),
    ("hepatomegaly", "hepatomegaly", "Hepatomegaly", _TRUTH),
    ("lymphadenopathy", "lymphadenopathy", "Lymphadenopathy", _TRUTH),
    ("jaundice", "jaundice", "Jaundice", _TRUTH),
    ("rash", "rash", "Rash", _TRUTH),
    ("cns_involvement", "cns_involvement", "CNS involvement", _TRUTH),
    ("low_nk_activity", "nk_activity", "Low NK-cell activity", pl.col("lower_limit") > _NUMBER),
    ("hemophagocytosis", "hemophagocytosis", "Hemophagocytosis", _TRUTH),
)
_NO_VARIANT = ("negative", "uncertain")


def baseline_table(study: Study, courses: pl.DataFrame) -> pl.DataFrame:
    """Give the courses with what was found at baseline beside them: one column a statistic, named as in the results."""
    at = study.findings.filter(pl.col("day") <= 0).with_columns(pl.col("subject", "test").cast(pl.String)).sort("day")
    last = at.group_by("subject", "test", maintain_order=True).last()
    table = courses.join(_facts(study), on="subject", how="left", maintain_order="left")
    columns = [(f"baseline.{name}", test, _NUMBER / pl.col("upper_limit") if fold else _NUMBER)
               for name, test, _, _, fold in _NUMBERS]  # fmt: skip
    columns += [(f"feature.{name}", test, holds) for name, test, _, holds in _FEATURES]
    for name, test, value in columns:
        found = last.filter(pl.col("test") == test).select("subject", value.alias(name))
        table = table.join(found, on="subject", how="left", maintain_order="left")
    return table


def _facts(study: Study) -> pl.DataFrame:
    rows = []
    for subject, birth, dose, consent, gene in study.subjects.select(
        "subject", "birth_date", "first_dose_date", "consent_date", "genetic_result"
    ).iter_rows():
        day = dose or consent
        # Ages are told to one decimal, and so compared.
        age = None if birth is None or day is None else round(age_in_years(birth, day), 1)
        rows.append(
            {
                "subject": subject,
                "baseline.age": age,
                "primary": None if gene is None or gene in MISSING_REASONS else gene not in _NO_VARIANT,
            }
        )
    return pl.DataFrame(rows, schema={"subject": pl.String, "baseline.age": pl.Float64, "primary": pl.Boolean})


def baseline_results(table: pl.DataFrame, groups: Mapping[str, pl.Series]) -> Iterator[Result]:
    """Describe the patients of each group.

    Parameters
    ----------
    table : DataFrame
        As `baseline_table` gives it, of the analysis set.
    groups : mapping of str to Series of bool
        Who belongs to each group.
    """
    for group, members in groups.items():
        part = table.filter(members)
        for sex, code in (("male", "M"), ("female", "F")):
            yield count(f"sex.{sex}", sex.capitalize(), group, (part["sex"] == code).fill_null(value=False))
        for name, _, label, unit, fold in (("age", "", "Age", "y", False), *_NUMBERS):
            said = f"{label}, fold of the upper limit" if fold else label
            if part[f"baseline.{name}"].is_not_null().any():
                yield spread(f"baseline.{name}", said, group, part[f"baseline.{name}"], unit)
        for name, _, label, _ in _FEATURES:
            known = part[f"feature.{name}"].drop_nulls()
            if len(known):
                yield count(f"feature.{name}", label, group, known)
        if part["primary"].is_not_null().any():
            yield count(
                "genetics.primary", "Pathogenic variant of primary HLH", group, part["primary"].fill_null(value=False)
            )
    carriers = table.filter(primary=True)
    if len(carriers):
        yield count(
            "genetics.primary.cr",
            "CR of those with a pathogenic variant",
            "all",
            carriers["overall_cr"] & carriers["favorable"].fill_null(value=False),
        )
    yield from association("sex.p", "Sex by prior corticosteroid", table, "prior_corticosteroid", pl.col("sex") == "M")
    for name, _, label, *_ in (("age", "", "Age"), *_NUMBERS):
        said = f"{label} by prior corticosteroid"
        yield from shift(f"baseline.{name}.p", said, table, "prior_corticosteroid", f"baseline.{name}")
    said = "Onset to diagnosis by favorable response"
    yield from shift("onset_to_diagnosis.p", said, table, "favorable", "baseline.onset_to_diagnosis")
    for name, _, label, _ in _FEATURES:
        asked = table.drop_nulls(f"feature.{name}")
        yield from association(
            f"feature.{name}.p",
            f"{label} by prior corticosteroid",
            asked,
            "prior_corticosteroid",
            pl.col(f"feature.{name}"),
        )
