"""The adverse events of a reconstructed study as rows of its events table: day, grade, and the CTCAE term.

Drawn last, and by numbers of their own, so that they move nothing else. Days and grades follow the worst laboratory
value where one agrees with the severity dealt out; the others are assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from branchpoint.analysis.laboratory_grades import laboratory_grades, worst_laboratory_grades
from branchpoint.publication.adverse_event_costs import Shown, severity_costs
from branchpoint.publication.adverse_event_counts import (
    BLOOD_COUNTS,
    MYELOSUPPRESSION,
    Severity,
    claimed_counts,
    deal_severities,
)
from branchpoint.publication.adverse_event_terms import Graded, choose_term, grades_by_term
from branchpoint.publication.subjects import DeathCause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from branchpoint.language.grading import AdverseEventGroup
    from branchpoint.language.protocol import Protocol
    from branchpoint.publication.claims import Claims
    from branchpoint.publication.subjects import ReconstructedSubject
    from branchpoint.records.tables import Study

__all__ = ["with_adverse_events"]

STREAM = 5
FRONTLINE = 28
WEEK_8 = 56
PANCREATITIS_DAYS = (8, 14)
"""It had not resolved after 2 weeks of treatment, nor until ruxolitinib was stopped on day 28."""
PANCREATITIS, LIPASE = "Pancreatitis", "Lipase increased"
ONLY_SEVERE: dict[str, tuple[int, ...]] = {PANCREATITIS: (3,)}
"""The one severe event of the pancreas on ruxolitinib alone."""
BEFORE_DEATH = (3, 9)


@dataclass(frozen=True, slots=True)
class _Period:
    """The days on which a patient's events fall; the first is the day on which the treatment began."""

    first_day: int
    last_day: int


def with_adverse_events(
    study: Study, claims: Claims, subjects: Sequence[ReconstructedSubject], protocol: Protocol, seed: int
) -> Study:
    """Add adverse events that agree with every claimed count.

    Parameters
    ----------
    study : Study
        Of the reconstructed patients.
    claims : Claims
        Where they count no adverse event, the study is given back as it is.
    subjects : sequence of ReconstructedSubject
    protocol : Protocol
    seed : int

    Raises
    ------
    InfeasibleError
        The counts contradict each other.
    """
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(STREAM,))))
    grades = laboratory_grades(study, protocol)
    rows: list[tuple[str, int, str, int, str | None]] = []
    sets = {
        "monotherapy": [subject for subject in subjects if subject.intensive is None],
        "additional": [subject for subject in subjects if subject.intensive is not None],
    }
    for name, members in sets.items():
        counts = claimed_counts(claims, [group.name for group in protocol.adverse_events], name)
        if not counts:
            continue
        periods = {subject.subject_id: _period(subject) for subject in members}
        shown = _shown(grades, periods)
        costs = severity_costs(members, protocol.adverse_events, shown, rng)
        dealt = deal_severities(list(periods), counts, costs, name, seed=seed)
        for subject in members:
            rows += _rows(subject, periods[subject.subject_id], dealt, shown, protocol, rng=rng)
    columns = ("subject", "day", "event", "grade", "note")
    added = pl.DataFrame(rows, schema={name: study.events.schema[name] for name in columns}, orient="row")
    events = pl.concat([study.events, added], how="diagonal").select(study.events.columns)
    return replace(study, events=events.sort("subject", "day", maintain_order=True))


def _period(subject: ReconstructedSubject) -> _Period:
    if subject.intensive is None:
        return _Period(0, FRONTLINE)
    start = subject.intensive.start_day
    return _Period(start, min(start + WEEK_8, subject.last_contact_day))


def _shown(grades: pl.DataFrame, periods: Mapping[str, _Period]) -> dict[tuple[str, str], Shown]:
    days = [("", subject, period.first_day, period.last_day) for subject, period in periods.items()]
    types = {"set": pl.String, "subject": pl.String, "first_day": pl.Int32, "last_day": pl.Int32}
    worst = worst_laboratory_grades(grades, pl.DataFrame(days, schema=types, orient="row"))
    return {(row["subject"], row["term"]): Shown.of(row) for row in worst.iter_rows(named=True)}


def _rows(
    subject: ReconstructedSubject,
    period: _Period,
    dealt: Mapping[tuple[str, str], Severity],
    shown: Mapping[tuple[str, str], Shown],
    protocol: Protocol,
    *,
    rng: np.random.Generator,
) -> Iterator[tuple[str, int, str, int, str | None]]:
    """One patient's rows, in the order of the protocol's groups."""
    who = subject.subject_id
    blood: list[Graded] = []
    for group in protocol.adverse_events:
        severity = dealt[who, group.name]
        if severity is Severity.NONE:
            continue
        if group.name == MYELOSUPPRESSION and blood:
            found = [max(blood, key=lambda graded: graded.grade)]
        else:
            laboratory = {term: shown[who, term] for term in group.gradings if (who, term) in shown}
            described = _described(subject, group, protocol, severity)
            graded = choose_term(described, severity, laboratory, rng)
            day = _day(graded, group, subject, period, rng)
            found = list(_course(replace(graded, day=day), group, subject, period, rng))
            blood += found if group.name in BLOOD_COUNTS else []
        for one in found:
            assert one.day is not None, "every event was given a day"
            yield who, one.day, group.name, one.grade, one.term if len(group.ctcae_terms) > 1 else None


def _described(
    subject: ReconstructedSubject, group: AdverseEventGroup, protocol: Protocol, severity: Severity
) -> dict[str, tuple[int, ...]]:
    """The terms and grades that the report allows: of the pancreas, enzymes alone in most who had a mild event."""
    terms = group.ctcae_terms
    if group.name == "pancreatic_damage":
        if severity is Severity.SEVERE and subject.intensive is None:
            return ONLY_SEVERE
        terms = group.gradings if severity is Severity.MILD else terms
    return grades_by_term(group, protocol.gradings, severity, terms)


def _day(
    graded: Graded,
    group: AdverseEventGroup,
    subject: ReconstructedSubject,
    period: _Period,
    rng: np.random.Generator,
) -> int:
    first, last = period.first_day + 1, period.last_day
    if group.name == "pancreatic_damage" and subject.intensive is None and graded.term == PANCREATITIS:
        first, last = PANCREATITIS_DAYS
    elif group.name == "pancreatic_damage" and subject.intensive is not None:
        given = subject.intensive.doxorubicin_pegaspargase_day
        first = min(given + 2, last) if given is not None else first
    drawn = int(rng.integers(first, last + 1))
    return drawn if graded.day is None else graded.day


def _course(
    graded: Graded,
    group: AdverseEventGroup,
    subject: ReconstructedSubject,
    period: _Period,
    rng: np.random.Generator,
) -> Iterator[Graded]:
    """An event as it was recorded: once, or again when it became worse."""
    day = graded.day
    assert day is not None, "it was drawn"
    earliest = period.first_day + 1
    if graded.term == PANCREATITIS:
        enzymes = day - int(rng.integers(2, 5))
        if enzymes >= earliest:
            yield Graded(LIPASE, 2, enzymes)
    died = subject.death_day
    of_infection = group.name == "secondary_infection" and subject.death_cause is DeathCause.INFECTION
    if of_infection and died is not None and died <= period.last_day:
        onset = max(died - int(rng.integers(*BEFORE_DEATH)), earliest)
        if onset < died:
            yield replace(graded, day=onset)
        yield Graded(graded.term, 5, died)
        return
    yield graded
