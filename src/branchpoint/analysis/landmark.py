"""Landmark analysis: survival from a day on, by what was known of patients on that day.

Who responds must first have lived to respond, so that survival from day 0 by response favors responders whatever the
treatment does (immortal time). From the landmark on, groups are as they stood on it, and those who died or were lost
before are counted and left out.

References
----------
.. [1] Anderson JR, Cain KC, Gelber RD. Analysis of survival by tumor response. J Clin Oncol 1983;1:710-719.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.results import DAYS_PER_MONTH
from branchpoint.language.responses import RESPONDING
from branchpoint.statistics.kaplan_meier import kaplan_meier
from branchpoint.statistics.log_rank import log_rank_test
from branchpoint.statistics.results import Estimate, TestResult, no_test

if TYPE_CHECKING:
    from branchpoint.statistics.curve_limits import Form

__all__ = ["Landmark", "landmark_survival"]

LEVELS = ("responders", "non-responders")


@dataclass(frozen=True, slots=True)
class Landmark:
    """Survival from a landmark, by response up to it.

    Parameters
    ----------
    day : int
    groups : tuple of (str, int, int, Estimate)
        Level, patients at risk at the landmark, deaths after it, and survival at the horizon, counted from day 0.
    test : TestResult
    died_before, lost_before, unjudged : int
        Left out: dead or no longer followed by the landmark, and those of whom no response is known.
    """

    day: int
    groups: tuple[tuple[str, int, int, Estimate], ...]
    test: TestResult
    died_before: int
    lost_before: int
    unjudged: int


def landmark_survival(
    courses: pl.DataFrame, *, day: int = 28, months: float = 12, form: Form = "plain", complete: bool = False
) -> Landmark:
    """Compare survival after a landmark between those who had responded by it and those who had not.

    Parameters
    ----------
    courses : DataFrame
        Of the analysis set. The best response is that of the frontline, and counts if first seen by the landmark.
    day : int
        The landmark.
    months : float
        When survival is estimated, counted from day 0.
    form : str
        Of the limits.
    complete : bool
        Whether only CR by the landmark is a response.
    """
    died = (pl.col("death_day") <= day).fill_null(value=False)
    lost = ~died & (pl.col("last_contact_day") <= day).fill_null(value=True)
    judged = pl.col("best_response").is_not_null()
    responded = pl.col("best_response").is_in(RESPONDING) & (pl.col("first_response_day") <= day)
    if complete:
        responded = pl.col("cr_day") <= day
    rows = courses.filter(~died & ~lost & judged).select(
        level=pl.when(responded.fill_null(value=False)).then(pl.lit(LEVELS[0])).otherwise(pl.lit(LEVELS[1])),
        time=pl.col("last_contact_day") - day,
        event=pl.col("death_day").is_not_null(),
    )
    groups = []
    for level in LEVELS:
        part = rows.filter(pl.col("level") == level)
        curve = kaplan_meier(part["time"].to_numpy(), part["event"].to_numpy())
        estimate = curve.estimate(months * DAYS_PER_MONTH - day, form=form)
        groups.append((level, len(part), int(part["event"].sum()), estimate))
    test = no_test("log-rank test", "no test: fewer than two groups hold anybody")
    if rows["level"].n_unique() == 2:
        test = log_rank_test(rows["time"].to_numpy(), rows["event"].to_numpy(), rows["level"].to_numpy())
    counts = courses.select(died.sum().alias("died"), lost.sum().alias("lost"), (~died & ~lost & ~judged).sum())
    return Landmark(day, tuple(groups), test, *(int(number) for number in counts.row(0)))
