"""Listings: patients as they were recorded, with nothing estimated: genetic findings, and additional treatment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from branchpoint.records.patient import MISSING_REASONS
from branchpoint.reporting.documents.common import set_note, source_line
from branchpoint.reporting.documents.table import Column, Table, heading, row
from branchpoint.reporting.notation import unit_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from branchpoint.reporting.documents.analyses import Analyses
    from branchpoint.reporting.documents.table import Row
    from branchpoint.reporting.report_material import Material

__all__ = ["additional_treatment_table", "genetic_table"]

_LISTED = "Method: a listing of the records and of what the protocol decided; nothing is estimated."


def _days(first: int, last: int | None) -> str:
    return f"day {first}" if last is None or last == first else f"days {first}-{last}"


def _known(course: dict[str, Any]) -> str:
    """What was last known of a patient."""
    if course["death_day"] is not None:
        return f"died day {course['death_day']}" + (f", {course['death_note']}" if course["death_note"] else "")
    return "not known" if course["last_contact_day"] is None else f"alive day {course['last_contact_day']}"


def genetic_table(material: Material, analyses: Analyses) -> Table | None:
    """Supplemental Table 2: who carries a variant; None where nobody was tested."""
    tested = material.study.subjects.select(pl.col("subject").cast(pl.String), pl.col("genetic_result").cast(pl.String))
    table = analyses.table.drop("genetic_result", strict=False).join(
        tested, on="subject", how="left", maintain_order="left"
    )
    untested = pl.col("genetic_result").is_null() | pl.col("genetic_result").is_in(MISSING_REASONS)
    if table.select(untested.all()).item():
        return None
    found = table.group_by("genetic_result").len().sort("len", descending=True)
    counts = "; ".join(f"{name or 'not recorded'} {number}" for name, number in found.iter_rows())
    listed = table.filter(~untested & (pl.col("genetic_result") != "negative"))
    rows = [
        row(one["subject"], one["genetic_result"], _age(one["baseline.age"]), one["etiology"] or "not evaluable",
            one["best_response"] or "not evaluable", "yes" if one["overall_cr"] else "no", _known(one))
        for one in listed.iter_rows(named=True)
    ]  # fmt: skip
    columns = ("Subject", "Result", "Age, years", "Etiology", "Best response, frontline", "CR overall", "Last known")
    return Table(
        id="table-s2", label="Supplemental Table 2", title="Genetic findings other than negative",
        columns=tuple(Column(title, width=2 if title == "Last known" else 1) for title in columns),
        rows=tuple(rows) or (heading("Nobody"),),
        notes=(set_note(material), f"{_LISTED} Results of all {len(table)}: {counts}."), source=source_line(material),
        long=True,
    )  # fmt: skip


def _age(years: float | None) -> str:
    return "not known" if years is None else f"{years:g}"


def additional_treatment_table(material: Material) -> Table | None:
    """Supplemental Table 3: what each patient was given after the frontline, and what became of them."""
    treated = material.analyzed.filter(favorable=False)
    if not len(treated) or len(material.protocol.epochs) < 2:
        return None
    given = _exposures(material, treated)
    columns = (
        Column("Subject", width=0.7), Column("Etiology", width=1), Column("Best response", width=0.9),
        Column("Left the frontline", width=1), Column("Start, day", "right", width=0.6),
        Column("Drugs and doses", width=3.6), Column("Outcome", width=1.4), Column("HSCT, day", "right", width=0.6),
        Column("Relapse, day", "right", width=0.7), Column("Last known", width=1.6),
    )  # fmt: skip
    open_ = treated["week_8_outcome"].null_count()
    return Table(
        id="table-s3", label="Supplemental Table 3", title="Additional treatment and outcome of each patient",
        columns=columns, rows=tuple(_treated(one, given) for one in treated.iter_rows(named=True)),
        long=True, wide=True,
        notes=(
            f"{set_note(material)} Listed: the {len(treated)} with an unfavorable response.",
            f"{_LISTED} Days are study days; a dose is as given, × how many single doses; a drug without a dose was "
            "recorded without one.",
            f"Not evaluable for the outcome: {open_}.",
        ),
        source=source_line(material),
    )  # fmt: skip


def _exposures(material: Material, treated: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    frontline = {given.name for given in material.protocol.epochs[0].gives}
    # What a label says after its comma is when the drug is given, which the listing shows by itself.
    added = {
        given.name: given.label.text.partition(",")[0]
        for epoch in material.protocol.epochs[1:]
        for given in epoch.gives
        if given.name not in frontline
    }
    table = material.study.exposures.with_columns(pl.col("subject", "drug", "unit").cast(pl.String))
    table = table.filter(pl.col("drug").is_in(list(added)) & pl.col("subject").is_in(treated["subject"].to_list()))
    found: dict[str, list[dict[str, Any]]] = {}
    for one in table.sort("subject", "start", "drug").iter_rows(named=True):
        found.setdefault(one["subject"], []).append({**one, "label": added[one["drug"]]})
    return found


def _treated(course: dict[str, Any], given: dict[str, list[dict[str, Any]]]) -> Row:
    outcome = course["week_8_outcome"] or "not evaluable"
    if course["died_in_second"]:
        outcome += " (died before it was judged)"
    cells = (
        course["subject"], course["etiology"] or "not evaluable", course["best_response"] or "not evaluable",
        f"{course['frontline_outcome'] or 'override'}, day {course['decision_day']}",
        _day(course["additional_treatment_day"]), _drugs(given.get(course["subject"], ())),
        outcome if course["week_8_day"] is None else f"{outcome}, day {course['week_8_day']}",
        _day(course["transplant_day"]), _day(course["relapse_day"]), _known(course),
    )  # fmt: skip
    return row(*cells)


def _day(day: int | None) -> str:
    return "–" if day is None else str(day)


def _drugs(records: Iterable[dict[str, Any]]) -> str:
    """Each drug once: dose, interval, how often, and the days."""
    by_drug: dict[str, list[dict[str, Any]]] = {}
    for one in records:
        by_drug.setdefault(one["label"], []).append(one)
    told = []
    for label, rows in by_drug.items():
        doses = dict.fromkeys(_dose(one) for one in rows if one["dose"] is not None)
        single = all(one["end"] in (None, one["start"]) for one in rows)
        often = f" × {len(rows)}" if single else ""
        amount = f" {' or '.join(doses)}" if doses else ""
        last = max((one["end"] if one["end"] is not None else one["start"]) for one in rows)
        told.append(f"{label}{amount}{often} ({_days(rows[0]['start'], last)})")
    return "; ".join(told) or "none recorded"


def _dose(one: dict[str, Any]) -> str:
    every = f" every {one['every_hours']:g} h" if one["every_hours"] is not None else ""
    return f"{one['dose']:g} {unit_words(one['unit'] or '')}{every}"
