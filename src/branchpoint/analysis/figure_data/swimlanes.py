"""Swimming lanes: the epochs of every patient as spans of days, and what happened in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.language.responses import CR, IMPROVEMENT, PD, RESPONSES

if TYPE_CHECKING:
    from branchpoint.language.protocol import Protocol

__all__ = ["MARKS", "Swimlanes", "swimlanes"]

MARKS = ("first response", "CR", "progression", "transplantation", "relapse", "death", "ongoing")
# Frontline outcomes from top to bottom.
_ORDER = (CR, IMPROVEMENT, PD)


@dataclass(frozen=True, slots=True, eq=False)
class Swimlanes:
    """Everybody's course.

    Parameters
    ----------
    lanes : DataFrame
        One row a patient, from top to bottom: subject, lane, etiology, outcome, last_day.
    spans : DataFrame
        Columns subject, lane, epoch, start, end.
    marks : DataFrame
        Columns subject, lane, kind, day; of the kinds of `MARKS`.
    without_course : int
        Who has none to draw.
    """

    lanes: pl.DataFrame
    spans: pl.DataFrame
    marks: pl.DataFrame
    without_course: int


def swimlanes(decisions: pl.DataFrame, courses: pl.DataFrame, protocol: Protocol) -> Swimlanes:
    """Lay out the courses of some patients, ordered by how the frontline ended and by length of follow-up.

    Parameters
    ----------
    decisions : DataFrame
    courses : DataFrame
        Of whom to draw.
    protocol : Protocol
    """
    drawn = courses.filter(pl.col("last_contact_day").is_not_null())
    place = pl.col("frontline_outcome").replace_strict(
        {name: number for number, name in enumerate((*_ORDER, *RESPONSES))}
        | {name: number for number, name in enumerate(_ORDER)},
        default=99,
        return_dtype=pl.Int32,
    )
    lanes = drawn.sort(place.fill_null(98), "last_contact_day", "subject", descending=[False, True, False]).select(
        "subject", pl.int_range(pl.len()).alias("lane"), "etiology", outcome="frontline_outcome",
        last_day="last_contact_day",
    )  # fmt: skip
    return Swimlanes(
        lanes, _spans(decisions, lanes), _marks(decisions, drawn, lanes, protocol), len(courses) - len(drawn)
    )


def _spans(decisions: pl.DataFrame, lanes: pl.DataFrame) -> pl.DataFrame:
    moved = decisions.filter(pl.col("epoch_after") != pl.col("epoch_before")).sort("subject", "day")
    entered = moved.select("subject", epoch="epoch_after", start="day").join(lanes, on="subject")
    end = pl.col("start").shift(-1).over("subject", order_by="start").fill_null(pl.col("last_day"))
    spans = entered.with_columns(end=pl.max_horizontal(end, "start"))
    return spans.select("subject", "lane", "epoch", "start", "end").sort("lane", "start")


def _marks(decisions: pl.DataFrame, drawn: pl.DataFrame, lanes: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    response = f"response_{protocol.responses[0].name}"
    judged = decisions.select("subject", "day", response=response).sort("subject", "day")
    first_cr = judged.filter(pl.col("response") == CR).group_by("subject").agg(day=pl.col("day").min())
    progressed = drawn.filter(pl.col("frontline_outcome") == PD).select("subject", day="decision_day")
    alive = pl.col("death_day").is_null()
    found = {
        "first response": drawn.select("subject", day="first_response_day"),
        "CR": first_cr,
        "progression": progressed,
        "transplantation": drawn.select("subject", day="transplant_day"),
        "relapse": drawn.select("subject", day="relapse_day"),
        "death": drawn.select("subject", day="death_day"),
        "ongoing": drawn.filter(alive).select("subject", day="last_contact_day"),
    }
    rows = [
        days.select("subject", pl.lit(kind).alias("kind"), pl.col("day").cast(pl.Int32)) for kind, days in found.items()
    ]
    placed = pl.concat(rows).drop_nulls().join(lanes.select("subject", "lane"), on="subject")
    return placed.select("subject", "lane", "kind", "day").sort("lane", "day", "kind")
