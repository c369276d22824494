"""Baseline by what the frontline led to: every value, median and quartiles, and a rank-sum or exact test of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.baseline import baseline_table
from branchpoint.analysis.figure_data.response_groups import FAVORABLE
from branchpoint.analysis.figure_data.shares import SHARE, compare_shares, exact_share
from branchpoint.statistics.ranks import rank_sum

if TYPE_CHECKING:
    from branchpoint.records.tables import Study

__all__ = ["FEATURES", "NUMBERS", "BaselineByResponse", "baseline_by_response"]

# Column of the baseline table, label, unit, and whether it is drawn on a logarithmic scale.
NUMBERS = (
    ("baseline.age", "Age", "years", False),
    ("baseline.onset_to_diagnosis", "Onset to diagnosis", "days", True),
    ("baseline.soluble_cd25", "Soluble CD25", "× ULN", True),
    ("baseline.ferritin", "Ferritin", "× ULN", True),
    ("baseline.ifn_gamma", "IFN-γ", "× ULN", True),
    ("baseline.triglycerides", "Triglycerides", "mmol/L", False),
    ("baseline.fibrinogen", "Fibrinogen", "g/L", False),
    ("baseline.hemoglobin", "Hemoglobin", "g/L", False),
    ("baseline.platelets", "Platelets", "10⁹/L", True),
    ("baseline.neutrophils", "Neutrophils", "10⁹/L", True),
    ("baseline.ast", "AST", "U/L", True),
    ("baseline.alt", "ALT", "U/L", True),
)
FEATURES = (
    ("feature.splenomegaly", "Splenomegaly"),
    ("feature.hepatomegaly", "Hepatomegaly"),
    ("feature.lymphadenopathy", "Lymphadenopathy"),
    ("feature.jaundice", "Jaundice"),
    ("feature.rash", "Rash"),
    ("feature.cns_involvement", "CNS involvement"),
    ("feature.low_nk_activity", "Low NK-cell activity"),
    ("feature.hemophagocytosis", "Hemophagocytosis"),
)
_TEST = {"p": pl.Float64, "method": pl.String}


@dataclass(frozen=True, slots=True, eq=False)
class BaselineByResponse:
    """Baseline by response.

    Parameters
    ----------
    values : DataFrame
        Columns statistic, subject, group, value.
    summaries : DataFrame
        Columns statistic, group, n, median, q1, q3.
    shares : DataFrame
        Columns statistic, group, n, size, percent, low, high, of features.
    tests : DataFrame
        Columns statistic, p (null where there is no test), method.
    not_evaluable : tuple of (str, int)
    """

    values: pl.DataFrame
    summaries: pl.DataFrame
    shares: pl.DataFrame
    tests: pl.DataFrame
    not_evaluable: tuple[tuple[str, int], ...]


def baseline_by_response(study: Study, courses: pl.DataFrame) -> BaselineByResponse:
    """Compare baseline between favorable and unfavorable responses.

    Parameters
    ----------
    study : Study
    courses : DataFrame
        Of the analysis set; who has not finished the frontline is left out and counted.
    """
    table = baseline_table(study, courses)
    undecided = table["favorable"].null_count()
    group = pl.col("favorable").replace_strict(FAVORABLE, return_dtype=pl.String)
    table = table.drop_nulls("favorable").with_columns(group=group)
    values = pl.concat(
        table.select(pl.lit(name).alias("statistic"), "subject", "group", value=pl.col(name).cast(pl.Float64))
        for name, *_ in NUMBERS
    ).drop_nulls()
    summaries = values.group_by("statistic", "group").agg(
        n=pl.len().cast(pl.Int64),
        median=pl.col("value").median(),
        q1=pl.col("value").quantile(0.25, "linear"),
        q3=pl.col("value").quantile(0.75, "linear"),
    )
    shares, tests = [], [_ranked(values, name) for name, *_ in NUMBERS]
    for name, _ in FEATURES:
        asked = table.drop_nulls(name)
        found = [
            {"statistic": name, "group": label, **exact_share(asked.filter(group=label)[name])} for label in _order()
        ]
        if len(asked):
            shares += found
            test = compare_shares([(one["n"], one["size"]) for one in found])
            tests.append((name, test.p if test.estimable else None, test.method))
    text = {"statistic": pl.String, "group": pl.String}
    return BaselineByResponse(
        values,
        summaries.sort("statistic", "group"),
        pl.DataFrame(shares, schema={**text, **SHARE}),
        pl.DataFrame(tests, schema={"statistic": pl.String, **_TEST}, orient="row"),
        (("frontline not finished or not evaluable", undecided),) if undecided else (),
    )


def _order() -> tuple[str, ...]:
    return tuple(FAVORABLE.values())


def _ranked(values: pl.DataFrame, name: str) -> tuple[str, float | None, str]:
    found = values.filter(statistic=name)
    one, other = (found.filter(group=label)["value"].to_numpy() for label in _order())
    test = rank_sum(one, other)
    return name, test.p if test.estimable else None, test.method
