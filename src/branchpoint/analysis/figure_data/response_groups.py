"""Best responses by group: by prior corticosteroid, by etiology, and etiologies by what the response led to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.figure_data.shares import SHARE, compare_shares, exact_share, true_only
from branchpoint.language.responses import NE, RESPONDING, RESPONSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from branchpoint.language.protocol import Protocol
    from branchpoint.statistics.results import TestResult

__all__ = [
    "FAVORABLE",
    "PRIOR",
    "Stacks",
    "etiologies_by_response",
    "responses_by_etiology",
    "responses_by_prior_corticosteroid",
]

PRIOR = {False: "No prior corticosteroid", True: "Prior corticosteroid"}
FAVORABLE = {True: "Favorable response", False: "Unfavorable response"}
EVERYBODY = "All patients"


@dataclass(frozen=True, slots=True, eq=False)
class Stacks:
    """Groups that are each split into categories.

    Parameters
    ----------
    counts : DataFrame
        Columns group, category, n, size, start, percent: where a category begins in its group, and its share of it.
    rates : DataFrame
        One row a group, with the share of interest: group, n, size, percent, low, high.
    test : TestResult
        Whether that share differs between the groups.
    categories : tuple of str
        All there could be, in the order in which they are stacked.
    not_evaluable : tuple of (str, int)
        Why patients could not be counted where they belong, and how many.
    """

    counts: pl.DataFrame
    rates: pl.DataFrame
    test: TestResult
    categories: tuple[str, ...]
    not_evaluable: tuple[tuple[str, int], ...] = ()


def responses_by_prior_corticosteroid(courses: pl.DataFrame) -> Stacks:
    """Count best responses without and with a corticosteroid before, and of everybody; the share is that responding."""
    prior = pl.col("prior_corticosteroid")
    groups = {label: courses.filter(prior == value) for value, label in PRIOR.items()}
    unknown = ("prior corticosteroid not known", courses["prior_corticosteroid"].null_count())
    tested = compare_shares([_responding(members) for members in groups.values()])
    return _stacks({**groups, EVERYBODY: courses}, pl.col("best_response").is_in(RESPONDING), tested, courses, unknown)


def responses_by_etiology(courses: pl.DataFrame, protocol: Protocol) -> Stacks:
    """Count best responses by etiology; the share is that of favorable responses, CR on the frontline alone.

    The test leaves out patients whose etiology is that which the protocol calls unknown.
    """
    groups = {answer: courses.filter(etiology=answer) for answer in protocol.etiology.answers}
    named = [members for answer, members in groups.items() if answer != protocol.etiology.otherwise]
    tested = compare_shares([(int(true_only(one["favorable"]).sum()), len(one)) for one in named])
    unknown = ("etiology not evaluable", courses["etiology"].null_count())
    shown = {answer: members for answer, members in groups.items() if len(members)}
    return _stacks(shown, pl.col("favorable"), tested, courses, unknown)


def etiologies_by_response(courses: pl.DataFrame, protocol: Protocol) -> Stacks:
    """Count etiologies of favorable and unfavorable responses; the share is that of the commonest etiology."""
    groups = {label: courses.filter(favorable=value) for value, label in FAVORABLE.items()}
    present = courses["etiology"].drop_nulls()
    commonest = present.mode().sort()[0] if len(present) else ""
    category = pl.col("etiology").fill_null(NE)
    categories = (*protocol.etiology.answers, NE)
    counts = _counts(groups, category, categories)
    holds = pl.col("etiology") == commonest
    rates = _rates(groups, holds)
    tested = compare_shares(list(rates.select("n", "size").iter_rows()))
    undecided = ("frontline not finished or not evaluable", courses["favorable"].null_count())
    return Stacks(counts, rates, tested, categories, _reasons(undecided))


def _responding(members: pl.DataFrame) -> tuple[int, int]:
    return int(true_only(members["best_response"].is_in(RESPONDING)).sum()), len(members)


def _stacks(
    groups: Mapping[str, pl.DataFrame], holds: pl.Expr, tested: TestResult, courses: pl.DataFrame,
    unknown: tuple[str, int],
) -> Stacks:  # fmt: skip
    counts = _counts(groups, pl.col("best_response").fill_null(NE), RESPONSES)
    best = courses["best_response"].fill_null(NE)
    open_responses = ("no evaluable response, counted as not responding", int((best == NE).sum()))
    return Stacks(counts, _rates(groups, holds), tested, RESPONSES, _reasons(unknown, open_responses))


def _reasons(*found: tuple[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((reason, number) for reason, number in found if number)


def _counts(groups: Mapping[str, pl.DataFrame], category: pl.Expr, order: tuple[str, ...]) -> pl.DataFrame:
    rows = []
    for group, members in groups.items():
        size, start = len(members), 0
        found = dict(members.select(category=category).group_by("category").len().iter_rows())
        for name in order:
            if name in found:
                rows.append((group, name, found[name], size, 100 * start / size, 100 * found[name] / size))
                start += found[name]
    schema = {"group": pl.String, "category": pl.String, "n": pl.Int64, "size": pl.Int64, "start": pl.Float64}
    return pl.DataFrame(rows, schema={**schema, "percent": pl.Float64}, orient="row")


def _rates(groups: Mapping[str, pl.DataFrame], holds: pl.Expr) -> pl.DataFrame:
    rows = [
        {"group": group, **exact_share(true_only(members.select(holds=holds)["holds"]))}
        for group, members in groups.items()
    ]
    return pl.DataFrame(rows, schema={"group": pl.String, **SHARE})
