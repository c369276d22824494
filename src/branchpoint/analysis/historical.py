"""Comparison with a published trial: as it was published, and adjusted for what both sides report.

As published, rates are compared by Pearson's chi-square without continuity correction, which is what reproduces the
reference trial's P values, with Newcombe's limits for the difference. Adjusted, patients are weighted so that their
means are those of the published trial; the caveats of the control belong to every number here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, isfinite, sqrt
from typing import TYPE_CHECKING, Any

import polars as pl

from branchpoint.analysis.ard import Statistic, ard_frame
from branchpoint.analysis.matching import Matching, entropy_weights, weighted_proportion
from branchpoint.statistics.chi_square import pearson
from branchpoint.statistics.differences import risk_difference
from branchpoint.statistics.inputs import normal_quantile
from branchpoint.statistics.results import Estimate, TestResult, no_estimate, no_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.analysis.published_control import Control, ControlMean, ControlOutcome

__all__ = ["Adjusted", "Unadjusted", "ard_of_historical", "compare_adjusted", "compare_as_published"]

WEEK_8, YEAR_1 = 56, 365
_DIFFERENCE = "difference of a weighted and a published proportion, z test, unequal variances"
_OUTCOMES: dict[str, pl.Expr] = {
    "cr_overall": pl.col("overall_cr"),
    "alive_week_8": (pl.col("death_day") > WEEK_8).fill_null(value=True),
    "alive_year_1": (pl.col("death_day") > YEAR_1).fill_null(value=True),
    "alive": pl.col("death_day").is_null(),
    "primary": pl.col("primary"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unadjusted:
    """One row of the comparison as published.

    Parameters
    ----------
    outcome : ControlOutcome
    count, size : int
        Of the patients at hand.
    difference : Estimate
    test : TestResult
    note : str
        Where the patients at hand are not those that were printed.
    """

    outcome: ControlOutcome
    count: int
    size: int
    difference: Estimate
    test: TestResult
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """One outcome under one set of means.

    Parameters
    ----------
    outcome : ControlOutcome
    adjustment : str
    n : int
        Patients in whom every covariate is known.
    left_out : int
        The others.
    effective_size : float
    estimate : Estimate
        Weighted share, with sandwich limits.
    difference : Estimate
    test : TestResult
    """

    outcome: ControlOutcome
    adjustment: str
    n: int
    left_out: int
    effective_size: float
    estimate: Estimate
    difference: Estimate
    test: TestResult


def compare_as_published(table: pl.DataFrame, control: Control) -> tuple[Unadjusted, ...]:
    """Compare every outcome that both sides have.

    Parameters
    ----------
    table : DataFrame
        Courses of the analysis set, with baseline columns.
    control : Control
    """
    rows = []
    for outcome in control.outcomes:
        values = _values(table, outcome.id)
        if values is None:
            continue
        count, size = int(values.sum()), len(values)
        others = outcome.count, outcome.size
        test = pearson([[count, size - count], [others[0], others[1] - others[0]]]) if size else no_test("", "nobody")
        rows.append(
            Unadjusted(outcome=outcome, count=count, size=size, test=test,
                       difference=risk_difference(count, size, *others), note=_printed(outcome, count, size))
        )  # fmt: skip
    return tuple(rows)


def _values(table: pl.DataFrame, name: str) -> pl.Series | None:
    expression = _OUTCOMES.get(name)
    if expression is None or not set(expression.meta.root_names()) <= set(table.columns):
        return None
    return table.select(value=expression.fill_null(value=False))["value"]


def _printed(outcome: ControlOutcome, count: int, size: int) -> str:
    if outcome.printed is None or outcome.printed[:2] == (count, size):
        return ""
    return f"the publication printed {outcome.printed[0]}/{outcome.printed[1]}"


def compare_adjusted(table: pl.DataFrame, control: Control) -> tuple[Adjusted, ...]:
    """Compare every outcome under every set of means of the control.

    Parameters
    ----------
    table : DataFrame
        Courses of the analysis set, with baseline columns.
    control : Control
    """
    means = {mean.id: mean for mean in control.means}
    rows = []
    for name, wanted in control.adjustments:
        chosen = [means[one] for one in wanted]
        covariates = _covariates(table, chosen)
        if covariates is None:
            continue
        known = covariates.select(pl.all_horizontal(pl.all().is_not_null()).alias("known"))["known"]
        part, matrix = table.filter(known), covariates.filter(known).to_numpy()
        matching = entropy_weights(matrix, [mean.value for mean in chosen])
        for outcome in control.outcomes:
            values = _values(part, outcome.id)
            if values is not None and not outcome.baseline:
                rows.append(_adjusted(outcome, name, matching, values, len(table)))
    return tuple(rows)


def _covariates(table: pl.DataFrame, means: list[ControlMean]) -> pl.DataFrame | None:
    if not {mean.column for mean in means} <= set(table.columns):
        return None
    columns = []
    for mean in means:
        column = pl.col(mean.column) if mean.equals is None else pl.col(mean.column) == mean.equals
        columns.append(column.cast(pl.Float64).alias(mean.id))
    return table.select(columns)


def _adjusted(outcome: ControlOutcome, name: str, matching: Matching, values: pl.Series, size: int) -> Adjusted:
    estimate, error = weighted_proportion(matching, values.to_numpy())
    other = outcome.count / outcome.size
    spread = sqrt(error**2 + other * (1 - other) / outcome.size) if isfinite(error) else 0.0
    if spread:
        value, wide = estimate.value - other, normal_quantile(0.95) * spread
        difference = Estimate(value, max(-1.0, value - wide), min(1.0, value + wide), 0.95, _DIFFERENCE)
        test = TestResult(erfc(abs(value / spread) / sqrt(2)), value / spread, None, _DIFFERENCE)
    else:
        why = estimate.note or "no spread to compare by"
        difference, test = no_estimate(0.95, _DIFFERENCE, why), no_test(_DIFFERENCE, why)
    return Adjusted(
        outcome=outcome, adjustment=name, n=len(values), left_out=size - len(values), estimate=estimate,
        effective_size=matching.effective_size, difference=difference, test=test,
    )  # fmt: skip


def ard_of_historical(
    unadjusted: tuple[Unadjusted, ...], adjusted: tuple[Adjusted, ...], control: Control, *,
    analysis_set: str = "", profile: str = "",
) -> pl.DataFrame:  # fmt: skip
    """Give the comparison as results data, the caveats as rows of text."""
    common: dict[str, Any] = {"analysis_set": analysis_set, "profile": profile}
    return ard_frame([
        *(Statistic(variable="historical", context="attributes", stat_name=f"caveat.{number}", stat_label="Caveat",
                    stat_fmt=text, **common) for number, text in enumerate(control.caveats, start=1)),
        *(row for one in unadjusted for row in _unadjusted_rows(one, control, common)),
        *(row for one in adjusted for row in _adjusted_rows(one, control, common)),
    ])  # fmt: skip


def _unadjusted_rows(one: Unadjusted, control: Control, common: dict[str, Any]) -> Iterator[Statistic]:
    placed = common | {"variable": one.outcome.id, "context": "historical", "method": "as published"}
    for group, count, size in (("at hand", one.count, one.size), (control.name, one.outcome.count, one.outcome.size)):
        who = placed | {"group1": "trial", "group1_level": group}
        yield Statistic(**who, stat_name="n", stat_label="n", stat=float(count), stat_fmt=str(count))
        yield Statistic(**who, stat_name="N", stat_label="N", stat=float(size), stat_fmt=str(size))
    yield from _contrast(one.difference, one.test, placed | {"group1": "trial"}, one.note)


def _adjusted_rows(one: Adjusted, control: Control, common: dict[str, Any]) -> Iterator[Statistic]:
    placed = common | {"variable": one.outcome.id, "context": "historical_adjusted", "group2": "adjustment",
                       "group2_level": one.adjustment}  # fmt: skip
    who = placed | {"group1": "trial", "group1_level": "at hand", "method": one.estimate.method}
    for name, label, value in (
        ("N", "N", float(one.n)), ("N.miss", "Without every covariate", float(one.left_out)),
        ("n.effective", "Effective sample size", one.effective_size), ("estimate", "Estimate", one.estimate.value),
        ("conf.low", "95% CI, lower limit", one.estimate.low), ("conf.high", "95% CI, upper limit", one.estimate.high),
    ):  # fmt: skip
        yield _number(who, name, label, value, one.estimate.note)
    yield from _contrast(one.difference, one.test, placed | {"group1": "trial"}, "")


def _contrast(difference: Estimate, test: TestResult, placed: dict[str, Any], note: str) -> Iterator[Statistic]:
    for name, label, value in (
        ("difference", "Difference", difference.value), ("difference.conf.low", "95% CI, lower limit", difference.low),
        ("difference.conf.high", "95% CI, upper limit", difference.high),
    ):  # fmt: skip
        yield _number(placed | {"method": difference.method}, name, label, value, difference.note or note)
    why = "; ".join(filter(None, [test.note, note]))
    yield _number(placed | {"method": test.method}, "p.value", "P value", test.p, why)


def _number(placed: dict[str, Any], name: str, label: str, value: float, why: str) -> Statistic:
    stat = value if isfinite(value) else None
    shown = "not estimable" if stat is None else f"{stat:.4g}"
    return Statistic(**placed, stat_name=name, stat_label=label, stat=stat, stat_fmt=shown, warning=why or None)
