"""The flow of responses over visits: in what state every patient is at each, and how many go from which to which.

A state is the latest response, and whether it was reached on the frontline alone or with additional treatment. Where
nothing was judged since the visit before, the latest response is carried forward and counted as such.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from branchpoint.analysis.courses import epoch_roles
from branchpoint.language.responses import NE, RESPONSES

if TYPE_CHECKING:
    from branchpoint.language.protocol import Protocol

__all__ = ["ADDED", "ALONE", "DIED", "GONE", "ResponseFlow", "response_flow"]

ALONE, ADDED, DIED, GONE = "frontline alone", "additional treatment", "died", "not followed"
_STAGES = (ALONE, ADDED, DIED, GONE)


@dataclass(frozen=True, slots=True, eq=False)
class ResponseFlow:
    """States at visits, and the moves between them.

    Parameters
    ----------
    visits : tuple of str
    nodes : DataFrame
        Columns visit (its place), stage, response, n; in the order in which they stand.
    links : DataFrame
        Columns visit (the one left), stage, response, to_stage, to_response, n.
    size : int
    carried : dict of str to int
        By visit: whose response was carried forward from an earlier one.
    """

    visits: tuple[str, ...]
    nodes: pl.DataFrame
    links: pl.DataFrame
    size: int
    carried: dict[str, int]


def response_flow(decisions: pl.DataFrame, courses: pl.DataFrame, protocol: Protocol) -> ResponseFlow:
    """Follow responses over the visits of the frontline, and to the end of additional treatment.

    The last column stands at the last visit of the second epoch, counted from the first dose for who stayed on the
    frontline, and from the start of that epoch for who entered it.
    """
    frontline = protocol.epochs[0]
    planned = [(visit.name, visit.day, visit.day + visit.after) for visit in frontline.visits if visit.day > 0]
    roles = epoch_roles(protocol)
    if roles.second is not None:
        last = protocol.epochs[1].visits[-1]
        planned.append((roles.second_end.capitalize(), last.day, last.day + last.after))
    response = f"response_{protocol.responses[0].name}"
    judged = decisions.select("subject", "day", "epoch_before", response=response).drop_nulls("response")
    states, carried, previous = [], {}, 0
    for place, (name, day, latest) in enumerate(planned):
        final = roles.second is not None and place == len(planned) - 1
        state = _state(judged, courses, _Visit(place, day, latest, previous, final))
        states.append(state)
        carried[name] = int(state["carried"].sum())
        previous = latest
    return _flow(states, tuple(name for name, *_ in planned), len(courses), carried)


class _Visit(NamedTuple):
    """A column of the flow: its day, the end of its window and of the one before, and whether it is the last."""

    place: int
    day: int
    latest: int
    previous: int
    final: bool


def _state(judged: pl.DataFrame, courses: pl.DataFrame, visit: _Visit) -> pl.DataFrame:
    place, day, latest, previous, final = visit
    started = pl.when(favorable=False).then("decision_day")
    # At the end of additional treatment its own clock counts.
    limit = pl.lit(latest)
    if final:
        limit = pl.coalesce("week_8_day", started + latest, limit)
    people = courses.select(
        "subject",
        "death_day",
        "last_contact_day",
        started=started,
        limit=limit,
        overall_day=pl.coalesce("week_8_day", pl.lit(day)),
    )
    seen = judged.join(people.select("subject", "limit"), on="subject").filter(pl.col("day") <= pl.col("limit"))
    latest_seen = seen.sort("subject", "day").group_by("subject").last().select("subject", "response", judged_on="day")
    rows = people.join(latest_seen, on="subject", how="left", maintain_order="left")
    died = (pl.col("death_day") <= (pl.col("limit") if final else pl.lit(day))).fill_null(value=False)
    gone = pl.col("last_contact_day").is_null() | (
        pl.col("last_contact_day") < pl.when(final).then("overall_day").otherwise(day)
    )
    on_added = (pl.col("started") < day).fill_null(value=False) | (pl.lit(final) & pl.col("started").is_not_null())
    stage = (
        pl.when(died)
        .then(pl.lit(DIED))
        .when(gone)
        .then(pl.lit(GONE))
        .when(on_added)
        .then(pl.lit(ADDED))
        .otherwise(pl.lit(ALONE))
    )
    rows = rows.with_columns(stage=stage, response=pl.col("response").fill_null(NE))
    ended = pl.col("stage").is_in([DIED, GONE])
    old = ~ended & pl.col("judged_on").is_not_null() & (pl.col("judged_on") <= previous)
    return rows.select(
        "subject",
        pl.lit(place).alias("visit"),
        "stage",
        response=pl.when(ended).then(pl.lit("")).otherwise("response"),
        carried=old,
    )


def _flow(states: list[pl.DataFrame], visits: tuple[str, ...], size: int, carried: dict[str, int]) -> ResponseFlow:
    order = [pl.col("stage").cast(pl.Enum(_STAGES)), pl.col("response").cast(pl.Enum((*RESPONSES, "")))]
    together = pl.concat(states)
    nodes = together.group_by("visit", "stage", "response").len("n").sort("visit", *order)
    moves = [
        one.join(other.select("subject", to_stage="stage", to_response="response"), on="subject")
        for one, other in itertools.pairwise(states)
    ]
    keys = ["visit", "stage", "response", "to_stage", "to_response"]
    empty = pl.DataFrame(schema={**dict.fromkeys(keys, pl.String), "visit": pl.Int32, "n": pl.UInt32})
    links = pl.concat(moves).group_by(keys).len("n") if moves else empty
    ends = [pl.col("to_stage").cast(pl.Enum(_STAGES)), pl.col("to_response").cast(pl.Enum((*RESPONSES, "")))]
    return ResponseFlow(visits, nodes, links.sort("visit", *order, *ends), size, carried)
