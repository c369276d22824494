"""Tests between groups, by the tests that the report of the reference trial used; each result names its test."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from branchpoint.analysis.results import Result
from branchpoint.analysis.survival_times import frontline_events, intensive_events, overall_survival
from branchpoint.language.responses import RESPONDING
from branchpoint.statistics.chi_square import pearson
from branchpoint.statistics.fisher import fisher_exact, fisher_freeman_halton
from branchpoint.statistics.log_rank import log_rank_test
from branchpoint.statistics.ranks import rank_sum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.language.protocol import Protocol

__all__ = ["association", "group_tests", "shift"]


def group_tests(counted: pl.DataFrame, protocol: Protocol) -> Iterator[Result]:
    """Compare groups of the analysis set; a comparison without two groups is left out.

    Parameters
    ----------
    counted : DataFrame
        Courses.
    protocol : Protocol
    """
    responding = pl.col("best_response").is_in(RESPONDING).fill_null(value=False)
    favorable = pl.col("favorable").fill_null(value=False)
    yield from association(
        "orr.p", "Overall response by prior corticosteroid", counted, "prior_corticosteroid", responding
    )
    yield from association("frontline.cr.p", "CR by prior corticosteroid", counted, "prior_corticosteroid", favorable)
    yield from association("orr.etiology.p", "Overall response by etiology", counted, "etiology", responding)
    named = counted.filter(pl.col("etiology") != protocol.etiology.otherwise)
    yield from association("cr.etiology.p", "CR by etiology, unknown left out", named, "etiology", favorable)
    treated = counted.filter(favorable=False).with_columns(responded=responding)
    yield from _survival("efs.frontline.p", "EFS of frontline treatment by prior corticosteroid", counted,
                         frontline_events(counted), "prior_corticosteroid")  # fmt: skip
    yield from _survival("efs.intensive.p", "EFS of additional treatment by response before", treated,
                         intensive_events(treated), "responded")  # fmt: skip
    yield from _survival("efs.intensive.etiology.p", "EFS of additional treatment by etiology", treated,
                         intensive_events(treated), "etiology")  # fmt: skip
    survival = overall_survival(counted)
    yield from _survival("os.response.p", "Overall survival by response", counted, survival, "favorable")
    rest = pl.col("etiology").is_in(protocol.etiology.answers[-2:])
    pooled = counted.with_columns(etiology=pl.when(rest).then(pl.lit("other")).otherwise("etiology"))
    yield from _survival("os.etiology.p", "Overall survival by etiology", pooled, survival, "etiology")


def association(name: str, label: str, members: pl.DataFrame, group: str, holds: pl.Expr) -> Iterator[Result]:
    """Test whether something holds as often in every group, exactly."""
    counts = (
        members.drop_nulls(group)
        .group_by(group)
        .agg(yes=holds.sum().cast(pl.Int64), no=(~holds).sum().cast(pl.Int64))
        .sort(group)
    )
    if len(counts) < 2:
        return
    table = counts.select("yes", "no").to_numpy()
    test = "Fisher's exact test" if len(counts) == 2 else "Fisher-Freeman-Halton exact test"
    p = fisher_exact(table).p if len(counts) == 2 else fisher_freeman_halton(table).p
    beside = _pearson(table) if len(counts) > 2 else f"one-sided: {_one_sided(table):.3f}"
    yield Result(id=name, label=label, n=int(table.sum()), p=_known(p), method=f"{test}, two-sided", note=beside)


def shift(name: str, label: str, members: pl.DataFrame, group: str, values: str) -> Iterator[Result]:
    """Test whether the values of one group tend to be higher than those of the other, by ranks."""
    known = members.select(pl.col(group).alias("_group"), pl.col(values).alias("_value")).drop_nulls()
    samples = [part["_value"].to_numpy() for part in known.partition_by("_group")]
    if len(samples) != 2:
        return
    test = rank_sum(samples[0], samples[1])
    yield Result(id=name, label=label, n=len(known), p=_known(test.p), method=test.method, note=test.note)


def _pearson(table: np.ndarray) -> str:
    found = pearson(table)
    if not found.estimable:
        return f"Pearson's chi-square does not apply: {found.note}"
    return f"Pearson's chi-square without correction: {found.p:.4f}"


def _one_sided(table: np.ndarray) -> float:
    # To the side on which the table lies.
    return min(fisher_exact(table, "less").p, fisher_exact(table, "greater").p)


def _known(p: float) -> float | None:
    return None if isnan(p) else p


def _survival(name: str, label: str, members: pl.DataFrame, times: pl.DataFrame, group: str) -> Iterator[Result]:
    rows = times.join(members.select("subject", pl.col(group).cast(pl.String).alias("_group")), on="subject")
    rows = rows.drop_nulls("_group")
    if rows["_group"].n_unique() < 2:
        return
    test = log_rank_test(rows["time"].to_numpy(), rows["event"].to_numpy(), rows["_group"].to_numpy())
    yield Result(id=name, label=label, n=len(rows), p=_known(test.p), method="log-rank test", note=test.note)
