"""Event-free survival of the frontline, under conventions that are chosen by name.

What happens to a patient who is given additional treatment for improvement short of PR, and when no response counts as
an event, changes the number printed. The convention of the reference trial is `PUBLISHED`; the others stand beside it.

References
----------
.. [1] ICH E9(R1). Addendum on estimands and sensitivity analysis in clinical trials. 2019. For the names of strategies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from branchpoint.analysis.courses import REFRACTORY
from branchpoint.language.responses import IMPROVEMENT, NR

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CONVENTIONS", "PUBLISHED", "Convention", "event_free"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """How event-free survival treats what comes between.

    Parameters
    ----------
    name, label : str
    switch : {"censored", "event", "ignored"}
        Additional treatment for improvement short of PR.
    strategy : str
        The same in the words of ICH E9(R1).
    no_response_on : {"day 1", "day of decision"}
    """

    name: str
    label: str
    switch: Literal["censored", "event", "ignored"]
    strategy: str
    no_response_on: Literal["day 1", "day of decision"] = "day 1"


PUBLISHED = Convention(
    name="published", label="as published: additional treatment for improvement censors, no response fails on day 1",
    switch="censored",
    strategy="hypothetical: censored when it starts, as if improvement had gone on as in those still observed",
)  # fmt: skip
CONVENTIONS: Mapping[str, Convention] = {
    one.name: one
    for one in (
        PUBLISHED,
        Convention(name="switch_is_event", label="any additional treatment is an event", switch="event",
                   strategy="composite: an event on the day of the decision"),
        Convention(name="treatment_policy", label="additional treatment for improvement is ignored", switch="ignored",
                   strategy="treatment policy: followed on, to refractory disease, relapse or death"),
        Convention(name="decision_day", label="as published, but no response fails on the day of the decision",
                   switch="censored", strategy=PUBLISHED.strategy, no_response_on="day of decision"),
    )
}  # fmt: skip


def event_free(courses: pl.DataFrame, convention: Convention = PUBLISHED) -> pl.DataFrame:
    """Give time from the first dose to failure of the frontline, with the columns subject, time and event.

    Progression, relapse and death are events under every convention.

    Parameters
    ----------
    courses : DataFrame
        As `branchpoint.analysis.courses.patient_courses` gives them.
    convention : Convention

    Returns
    -------
    DataFrame
        One row a subject; time is null where it is not known.
    """
    outcome, failed = pl.col("frontline_outcome"), pl.col("favorable").eq(other=False).fill_null(value=False)
    switched = failed & (outcome == IMPROVEMENT).fill_null(value=False)
    first_failure = pl.min_horizontal("relapse_day", "death_day")
    no_response = pl.lit(1) if convention.no_response_on == "day 1" else pl.col("decision_day")
    left = pl.when(outcome == NR).then(no_response).otherwise("decision_day")
    refractory = pl.when(week_8_outcome=REFRACTORY).then(pl.coalesce("week_8_day", "death_day"))
    later = pl.min_horizontal(refractory, first_failure)
    at_switch, is_event = {
        "censored": (pl.coalesce("additional_treatment_day", "decision_day"), pl.lit(value=False)),
        "event": (pl.col("decision_day"), pl.lit(value=True)),
        "ignored": (pl.coalesce(later, "last_contact_day"), later.is_not_null()),
    }[convention.switch]
    return courses.select(
        "subject",
        time=pl.when(switched).then(at_switch)
        .when(failed).then(left)
        .otherwise(pl.coalesce(first_failure, "last_contact_day")),
        event=pl.when(switched).then(is_event).otherwise(failed | first_failure.is_not_null()),
    )  # fmt: skip
