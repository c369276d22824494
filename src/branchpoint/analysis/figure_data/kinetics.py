"""Kinetics of laboratory findings: median and quartiles by day, of patients with CR on the frontline and of the others.

Only what was found on frontline treatment alone is counted: from the start of additional treatment on, a value says
nothing of the frontline. Patients who leave it early are then no longer among those counted, so that every day carries
its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from branchpoint.records.tables import Study

__all__ = ["CR_GROUP", "DAYS", "OTHERS", "Kinetics", "Series", "kinetics"]

CR_GROUP, OTHERS = "CR on frontline alone", "Others"
DAYS = (0, 1, 2, 3, 7, 14, 21, 28)
# How far from its day a finding may be, by the day.
_WINDOW = {0: 0, 1: 0, 2: 0, 3: 1, 7: 2, 14: 3, 21: 3, 28: 3}
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Series:
    """A test as it is drawn.

    Parameters
    ----------
    test, label, unit : str
    fold : bool
        Whether values are folds of the laboratory's upper limit.
    log : bool
        Whether it needs a logarithmic scale.
    limit : float or None
        The reference limit.
    """

    test: str
    label: str
    unit: str
    fold: bool
    log: bool
    limit: float | None


# Folds: the laboratory's upper limit of normal. Others: Henter 2007 (Pediatr Blood Cancer 48:124), items 3 and 4.
SERIES = (
    Series("soluble_cd25", "Soluble CD25", "× ULN", True, True, 1),
    Series("ferritin", "Ferritin", "× ULN", True, True, 1),
    Series("ifn_gamma", "IFN-γ", "× ULN", True, True, 1),
    Series("triglycerides", "Triglycerides", "mmol/L", False, False, 3.0),
    Series("fibrinogen", "Fibrinogen", "g/L", False, False, 1.5),
    Series("hemoglobin", "Hemoglobin", "g/L", False, False, 90),
    Series("platelets", "Platelets", "10⁹/L", False, False, 100),
    Series("neutrophils", "Neutrophils", "10⁹/L", False, False, 1.0),
    Series("ast", "AST", "× ULN", True, True, 1),
    Series("alt", "ALT", "× ULN", True, True, 1),
    Series("spleen_below_costal_margin", "Spleen below rib", "cm", False, False, None),
)


@dataclass(frozen=True, slots=True, eq=False)
class Kinetics:
    """Medians by day.

    Parameters
    ----------
    series : tuple of Series
        Those of which anything was found.
    points : DataFrame
        Columns test, group, day, n, median, q1, q3; quartiles are null for fewer than three values.
    sizes : dict of str to int
        How many are in each group.
    without_values : int
        How many have none at all.
    """

    series: tuple[Series, ...]
    points: pl.DataFrame
    sizes: dict[str, int]
    without_values: int


def kinetics(study: Study, courses: pl.DataFrame) -> Kinetics:
    """Give the kinetics of the tests that judge the disease.

    Parameters
    ----------
    study : Study
    courses : DataFrame
        Of the analysis set.
    """
    group = pl.when(pl.col("favorable").fill_null(value=False)).then(pl.lit(CR_GROUP)).otherwise(pl.lit(OTHERS))
    entered = pl.when(favorable=False).then(pl.coalesce("additional_treatment_day", "decision_day"))
    people = courses.select("subject", group=group, until=entered)
    found = _values(study, people)
    quarter = pl.when(pl.len() >= _FEWEST)
    points = found.group_by("test", "group", "day").agg(
        n=pl.len().cast(pl.Int64),
        median=pl.col("value").median(),
        q1=quarter.then(pl.col("value").quantile(0.25, "linear")),
        q3=quarter.then(pl.col("value").quantile(0.75, "linear")),
    )
    tests = set(points["test"])
    sizes = {name: int((people["group"] == name).sum()) for name in (CR_GROUP, OTHERS)}
    seen = found["subject"].n_unique() if len(found) else 0
    return Kinetics(
        tuple(one for one in SERIES if one.test in tests), points.sort("test", "group", "day"), sizes,
        len(people) - seen,
    )  # fmt: skip


def _values(study: Study, people: pl.DataFrame) -> pl.DataFrame:
    """One value a patient, test and planned day: the one nearest to the day, in the unit of the series."""
    folds = [one.test for one in SERIES if one.fold]
    value = pl.when(pl.col("test").is_in(folds)).then(pl.col("number") / pl.col("upper_limit")).otherwise("number")
    findings = study.findings.filter(pl.col("test").is_in([one.test for one in SERIES])).select(
        "subject", "test", found_on="day", value=value
    )
    on_frontline = pl.col("until").is_null() | (pl.col("found_on") <= pl.col("until"))
    rows = findings.drop_nulls("value").join(people, on="subject").filter(on_frontline & (pl.col("found_on") >= -7))
    # A baseline value may be some days old.
    planned = pl.DataFrame(
        {"day": list(DAYS), "window": [_WINDOW[day] for day in DAYS]}, schema_overrides={"day": pl.Int32}
    )
    away = (pl.col("found_on") - pl.col("day")).abs()
    baseline = (pl.col("day") == 0) & (pl.col("found_on") <= 0)
    near = rows.join(planned, how="cross").filter((away <= pl.col("window")) | baseline)
    nearest = near.sort(away, "found_on").group_by("subject", "group", "test", "day", maintain_order=True).first()
    # A value belongs to the planned day that it is nearest to.
    return nearest.sort(away).unique(["subject", "test", "found_on"], keep="first", maintain_order=True)
