"""Response in subgroups at baseline: shares with exact limits, and an exact test of each variable.

Numbers are split at the median of who was measured; tests are not corrected for how many there are, and the figure
must say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.baseline import baseline_table
from branchpoint.analysis.figure_data.response_groups import PRIOR
from branchpoint.analysis.figure_data.shares import SHARE, compare_shares, exact_share, true_only
from branchpoint.language.responses import RESPONDING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.language.protocol import Protocol
    from branchpoint.records.tables import Study

__all__ = ["OVERALL", "Subgroups", "response_subgroups"]

OVERALL = "All patients"

# Years; a band holds its lower end.
_AGES = (("Less than 2 years", 0.0, 2.0), ("2 to less than 6 years", 2.0, 6.0), ("6 years or more", 6.0, 200.0))
_SPLIT = (
    ("baseline.onset_to_diagnosis", "Onset to diagnosis", " days"),
    ("baseline.soluble_cd25", "Soluble CD25", " × ULN"),
    ("baseline.ferritin", "Ferritin", " × ULN"),
    ("baseline.ifn_gamma", "IFN-γ", " × ULN"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Subgroups:
    """Response by subgroup.

    Parameters
    ----------
    rows : DataFrame
        One row a level: variable, level, n, size, percent, low, high; everybody first.
    tests : DataFrame
        One row a variable: variable, p (null where there is no test), method, note, missing.
    not_evaluable : int
        Who has no evaluable response, and counts as not responding.
    """

    rows: pl.DataFrame
    tests: pl.DataFrame
    not_evaluable: int


def response_subgroups(study: Study, courses: pl.DataFrame, protocol: Protocol) -> Subgroups:
    """Give the share of responders, best response on the frontline, in every subgroup.

    Parameters
    ----------
    study : Study
    courses : DataFrame
        Of the analysis set.
    protocol : Protocol
    """
    table = baseline_table(study, courses)
    rows = [{"variable": OVERALL, "level": OVERALL, **exact_share(_responds(table))}]
    tests = []
    for variable, level in _variables(table, protocol):
        levels = [(name, table.filter(member)) for name, member in level]
        shares = [{"variable": variable, "level": name, **exact_share(_responds(part))} for name, part in levels]
        test = compare_shares([(share["n"], share["size"]) for share in shares])
        placed = sum(share["size"] for share in shares)
        rows += shares
        tests.append(
            {"variable": variable, "p": test.p if test.estimable else None, "method": test.method, "note": test.note,
             "missing": len(table) - placed}
        )  # fmt: skip
    text = dict.fromkeys(("variable", "level"), pl.String)
    schema = {"variable": pl.String, "p": pl.Float64, "method": pl.String, "note": pl.String, "missing": pl.Int64}
    return Subgroups(
        pl.DataFrame(rows, schema={**text, **SHARE}),
        pl.DataFrame(tests, schema=schema),
        table["best_response"].null_count(),
    )


def _responds(members: pl.DataFrame) -> pl.Series:
    return true_only(members["best_response"].is_in(RESPONDING))


def _variables(table: pl.DataFrame, protocol: Protocol) -> Iterator[tuple[str, list[tuple[str, pl.Expr]]]]:
    """Every variable that was asked of somebody, with its levels."""
    if table["prior_corticosteroid"].is_not_null().any():
        levels = [(label, pl.col("prior_corticosteroid") == value) for value, label in PRIOR.items()]
        yield "Prior treatment", levels
    if table["sex"].is_not_null().any():
        yield "Sex", [("Female", pl.col("sex") == "F"), ("Male", pl.col("sex") == "M")]
    if table["baseline.age"].is_not_null().any():
        age = pl.col("baseline.age")
        yield "Age", [(label, age.is_between(low, high, closed="left")) for label, low, high in _AGES]
    named = [(answer, pl.col("etiology") == answer) for answer in protocol.etiology.answers]
    if table["etiology"].is_not_null().any():
        yield "Etiology", [(answer, held) for answer, held in named if len(table.filter(held))]
    for column, label, unit in _SPLIT[:1]:
        yield from _halves(table, column, label, unit)
    if table["feature.cns_involvement"].is_not_null().any():
        involved = pl.col("feature.cns_involvement")
        yield "CNS involvement", [("No", ~involved), ("Yes", involved)]
    for column, label, unit in _SPLIT[1:]:
        yield from _halves(table, column, label, unit)


def _halves(table: pl.DataFrame, column: str, label: str, unit: str) -> Iterator[tuple[str, list[tuple[str, pl.Expr]]]]:
    known = table[column].drop_nulls().to_list()
    if not known:
        return
    middle, value = median(known), pl.col(column)
    said = f"{middle:.3g}{unit}"
    yield label, [(f"At most {said}", value <= middle), (f"More than {said}", value > middle)]
