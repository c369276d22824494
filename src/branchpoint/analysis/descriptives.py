"""Descriptives as reports state them, with the choice of statistic and test printed in every row.

A number is told as mean and standard deviation where Shapiro-Wilk rejects normality in none of the groups compared, and
as median with minimum and maximum otherwise; groups are compared by t or Wilcoxon (Kruskal-Wallis for more than two)
accordingly, and by chi-square or Fisher's exact test where something is counted. All tests are two-sided.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.ard import Statistic, capture
from branchpoint.analysis.comparison_tests import all_normal, categorical_test, numeric_test
from branchpoint.analysis.subgroups import NOT_KNOWN, split
from branchpoint.statistics.descriptives import mean_sd, median_range
from branchpoint.statistics.profiles import profile as find_profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from branchpoint.language.protocol import Protocol
    from branchpoint.statistics.profiles import Profile
    from branchpoint.statistics.results import TestResult

__all__ = ["Characteristic", "characteristics", "describe"]


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A column to describe.

    Parameters
    ----------
    column, label, unit : str
        A column of numbers, truths or categories.
    """

    column: str
    label: str
    unit: str = ""


def characteristics(table: pl.DataFrame) -> tuple[Characteristic, ...]:
    """Give what can be described at baseline: the columns that `baseline_table` added, where anything is known."""
    known = [Characteristic("sex", "Sex"), Characteristic("baseline.age", "Age", "y")]
    for column in table.columns:
        stem, _, name = column.partition(".")
        if stem in ("baseline", "feature") and column != "baseline.age":
            known.append(Characteristic(column, name.replace("_", " ").capitalize()))
    known.append(Characteristic("primary", "Pathogenic variant of primary HLH"))
    return tuple(one for one in known if one.column in table.columns and table[one.column].is_not_null().any())


def describe(
    table: pl.DataFrame, protocol: Protocol, *, by: str = "prior_corticosteroid", set_name: str = "",
    profile: str = "paper",
) -> Iterator[Statistic]:  # fmt: skip
    """Describe patients by group, and compare the groups.

    Parameters
    ----------
    table : DataFrame
        As `branchpoint.analysis.baseline.baseline_table` gives it, of the analysis set.
    protocol : Protocol
    by : str
        A grouping; ``prior_corticosteroid`` and ``stratum`` are those of the reference trial.
    set_name, profile : str
    """
    using = find_profile(profile)
    _, groups = split(table, protocol, by)
    for one in characteristics(table):
        common: dict[str, Any] = {"variable": one.column, "analysis_set": set_name, "profile": profile}
        yield Statistic(**common, context="attributes", stat_name="label", stat_label="Label", stat_fmt=one.label)
        number = table[one.column].dtype.is_numeric()
        rows = _numeric if number else _categorical
        yield from rows(one, [("", table), *groups], common, by, using)


def _compared(groups: list[tuple[str, pl.DataFrame]]) -> list[tuple[str, pl.DataFrame]]:
    return [(level, part) for level, part in groups if level not in ("", NOT_KNOWN)]


def _samples(one: Characteristic, groups: list[tuple[str, pl.DataFrame]]) -> list[NDArray[np.float64]]:
    return [part[one.column].drop_nulls().cast(pl.Float64).to_numpy() for _, part in groups]


def _numeric(
    one: Characteristic, groups: list[tuple[str, pl.DataFrame]], common: dict[str, Any], by: str, using: Profile
) -> Iterator[Statistic]:  # fmt: skip
    samples = _samples(one, _compared(groups))
    normal = bool(capture(lambda: all_normal(samples))[0])
    chosen = "normal in every group (Shapiro-Wilk, P >= .05)" if normal else "not normal in every group (Shapiro-Wilk)"
    for (level, part), sample in zip(groups, _samples(one, groups), strict=True):
        placed = common | _placed(by, level) | {"context": "summary", "method": f"{_told(normal)}: {chosen}"}
        yield _number(placed, "N.obs", "Known", len(sample))
        yield _number(placed, "N.miss", "Not known", len(part) - len(sample))
        if normal:
            mean = mean_sd(sample)
            told = [("mean", "Mean", mean.mean), ("sd", "SD", mean.sd)]
        else:
            middle = median_range(sample, using.quantile)
            told = [("median", "Median", middle.median), ("min", "Minimum", middle.minimum),
                    ("max", "Maximum", middle.maximum)]  # fmt: skip
        for name, label, value in told:
            yield _number(placed, name, label, value, one.unit)
    yield _comparison(lambda: numeric_test(samples, using, normal=normal), common, by)


def _told(normal: bool) -> str:
    return "mean and SD" if normal else "median (minimum-maximum)"


def _categorical(
    one: Characteristic, groups: list[tuple[str, pl.DataFrame]], common: dict[str, Any], by: str, using: Profile
) -> Iterator[Statistic]:  # fmt: skip
    levels = _levels(groups[0][1][one.column])

    def counts(part: pl.DataFrame) -> list[int]:
        return [int((part[one.column].cast(pl.String) == level).sum()) for level in levels]

    for level, part in groups:
        known = part[one.column].count()
        placed = common | _placed(by, level) | {"context": "tabulate", "method": "n (%) of those in whom it is known"}
        yield _number(placed, "N.miss", "Not known", len(part) - known)
        for category, number in zip(levels, counts(part), strict=True):
            placed = placed | {"variable_level": category}
            yield _number(placed, "n", "n", number)
            yield _number(placed, "N", "N", known)
            share = number / known if known else float("nan")
            yield _number(placed, "p", "%", share, "%")
    yield _comparison(lambda: categorical_test([counts(part) for _, part in _compared(groups)], using), common, by)


def _levels(values: pl.Series) -> list[str]:
    # Of truths both, so that "nobody" is counted too.
    return ["true", "false"] if values.dtype == pl.Boolean else sorted(values.drop_nulls().cast(pl.String).unique())


def _placed(by: str, level: str) -> dict[str, str]:
    return {"group1": by, "group1_level": level} if level else {}


def _number(placed: dict[str, Any], name: str, label: str, value: float, unit: str = "") -> Statistic:
    known = isfinite(value)
    text = f"{100 * value:.1f}%" if unit == "%" else f"{value:.4g} {unit}".strip()
    return Statistic(
        **placed, stat_name=name, stat_label=label, stat=float(value) if known else None,
        stat_fmt=text if known else "", warning=None if known else "not estimable: too few known",
    )  # fmt: skip


def _comparison(compute: Any, common: dict[str, Any], by: str) -> Statistic:
    answer, warning, error = capture(compute)
    placed = common | {"group1": by, "context": "stats_test", "stat_name": "p.value", "stat_label": "P value"}
    if answer is None:
        return Statistic(**placed, error=error, stat_fmt="failed")
    test: TestResult = answer[0]
    why = f"{test.method}; {answer[1]}" if answer[1] else test.method
    told = "not estimable" if not test.estimable else "<.001" if test.p < 0.001 else f"{test.p:.3f}".lstrip("0")
    return Statistic(
        **placed, stat=test.p if test.estimable else None, stat_fmt=told, method=why,
        warning="; ".join(filter(None, [warning, test.note])) or None,
    )  # fmt: skip
