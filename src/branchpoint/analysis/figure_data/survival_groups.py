"""Who stands in which survival curve: the groups of the published survival figures, and of the landmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.courses import epoch_roles
from branchpoint.analysis.figure_data.response_groups import FAVORABLE, PRIOR
from branchpoint.analysis.figure_data.shares import true_only
from branchpoint.analysis.survival_times import frontline_events, intensive_events, overall_survival
from branchpoint.language.responses import RESPONDING

if TYPE_CHECKING:
    from branchpoint.language.protocol import Protocol

__all__ = ["Landmark", "frontline_groups", "intensive_groups", "landmark_groups", "survival_groups"]

Groups = dict[str, pl.DataFrame]
ALL = "All patients"


def frontline_groups(courses: pl.DataFrame) -> tuple[Groups, Groups]:
    """Give event-free survival of the frontline: of everybody, and by prior corticosteroid."""
    times = frontline_events(courses)
    by_prior = {label: _of(times, courses.filter(prior_corticosteroid=value)) for value, label in PRIOR.items()}
    return {ALL: times}, by_prior


def intensive_groups(courses: pl.DataFrame, protocol: Protocol) -> tuple[Groups, Groups, Groups]:
    """Give event-free survival of additional treatment: of everybody, by response before it, and by etiology."""
    treated = courses.filter(favorable=False)
    times = intensive_events(treated)
    responded = true_only(treated["best_response"].is_in(RESPONDING))
    by_response = {
        "Response on frontline": _of(times, treated.filter(responded)),
        "No response on frontline": _of(times, treated.filter(~responded)),
    }
    by_etiology = {answer: _of(times, treated.filter(etiology=answer)) for answer in protocol.etiology.answers}
    return {"All treated": times}, by_response, by_etiology


def survival_groups(courses: pl.DataFrame, protocol: Protocol) -> tuple[Groups, Groups, Groups]:
    """Give overall survival: of everybody, by response to the frontline, and by etiology.

    The last named etiology and those left over are pooled where there are more than two, as the reference trial did.
    """
    times = overall_survival(courses)
    by_response = {label: _of(times, courses.filter(favorable=value)) for value, label in FAVORABLE.items()}
    answers = protocol.etiology.answers
    sets: list[tuple[str, ...]] = [(answer,) for answer in answers]
    if len(answers) > 2:
        sets = [*sets[:-2], answers[-2:]]
    by_etiology = {" or ".join(names): _of(times, courses.filter(pl.col("etiology").is_in(names))) for names in sets}
    return {ALL: times}, by_response, by_etiology


@dataclass(frozen=True, slots=True, eq=False)
class Landmark:
    """Overall survival from a landmark on.

    Parameters
    ----------
    day : int
    groups : dict of str to DataFrame
        Times since the landmark.
    dropped : tuple of (str, int)
        Why patients are not in any group, and how many; also where nobody is.
    """

    day: int
    groups: Groups
    dropped: tuple[tuple[str, int], ...]


def landmark_groups(courses: pl.DataFrame, protocol: Protocol) -> Landmark:
    """Split who is alive and followed at the end of the frontline by whether they are in CR on it alone.

    Only what was known on that day sorts them, so that nobody is in a group because of having lived long enough.
    """
    day = protocol.epochs[0].visits[-1].day
    died = pl.col("death_day") <= day
    gone = pl.col("death_day").is_null() & (pl.col("last_contact_day") <= day)
    failed = pl.col("favorable").eq(other=False) & (pl.col("decision_day") <= day)
    remitted = (pl.col("cr_day") <= day).fill_null(value=False) & ~failed.fill_null(value=False)
    marked = courses.with_columns(
        died=died.fill_null(value=False), gone=gone.fill_null(value=False), remitted=remitted,
        judged=pl.col("best_response").is_not_null(), followed=pl.col("last_contact_day").is_not_null(),
    )  # fmt: skip
    there = marked.filter(~pl.col("died") & ~pl.col("gone") & pl.col("followed"))
    kept = there.filter("judged")
    times = overall_survival(kept).with_columns(pl.col("time") - day)
    response = epoch_roles(protocol).first_end
    groups = {
        f"CR at {response}": _of(times, kept.filter("remitted")),
        f"No CR at {response}": _of(times, kept.filter(~pl.col("remitted"))),
    }
    dropped = (
        (f"died by day {day}", int(marked["died"].sum())),
        (f"not followed beyond day {day}", int((marked["gone"] | ~marked["followed"]).sum())),
        ("no evaluable response", len(there) - len(kept)),
    )
    return Landmark(day, groups, dropped)


def _of(times: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    return times.filter(pl.col("subject").is_in(members["subject"].implode()))
