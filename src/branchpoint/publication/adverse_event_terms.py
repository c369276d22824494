"""Which CTCAE term of a group a reconstructed event is noted as, and with which grade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchpoint.publication.adverse_event_counts import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from branchpoint.language.grading import AdverseEventGroup, GradingTable
    from branchpoint.publication.adverse_event_costs import Shown

__all__ = ["Graded", "choose_term", "grades_by_term"]

GRADES = {Severity.MILD: (1, 2), Severity.SEVERE: (3, 4)}
LIFE_THREATENING = 0.25
"""Chance that a severe event is of grade 4, where nothing says which."""
SECOND_GRADE = 0.4
"""Chance that a mild one is of grade 2."""


@dataclass(frozen=True, slots=True)
class Graded:
    """A CTCAE term with its grade; the day where a laboratory value gives it."""

    term: str
    grade: int
    day: int | None = None


def grades_by_term(
    group: AdverseEventGroup, tables: Sequence[GradingTable], severity: Severity, terms: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """Give the grades of a severity that each of some terms of a group has; terms that have none are left out."""
    found = {}
    for term in terms:
        described = {grade for clinical in group.terms if clinical.term == term for grade, _ in clinical.grades}
        if term in group.gradings:
            described |= {grade for table in tables if table.term == term for grade in table.grades}
        found[term] = tuple(grade for grade in GRADES[severity] if grade in described)
    return {term: grades for term, grades in found.items() if grades}


def choose_term(
    described: Mapping[str, tuple[int, ...]],
    severity: Severity,
    laboratory: Mapping[str, Shown],
    rng: np.random.Generator,
) -> Graded:
    """Choose the term and grade of an event: one that the laboratory shows, or does not exclude, or any.

    Parameters
    ----------
    described : mapping of str to tuple of int
        As `grades_by_term` gives them, not empty.
    severity : Severity
        Mild or severe.
    laboratory : mapping of str to Shown
        By term.
    rng : numpy.random.Generator
    """
    chance, pick = float(rng.random()), float(rng.random())
    higher = chance < (SECOND_GRADE if severity is Severity.MILD else LIFE_THREATENING)
    certain, possible = [], []
    for term, grades in described.items():
        seen = laboratory.get(term)
        fits = [grade for grade in grades if seen is None or seen.at_least <= grade <= seen.at_most]
        if seen is not None and seen.at_least in fits:
            certain.append(Graded(term, seen.at_least, seen.day))
        elif fits:
            possible.append(Graded(term, fits[-1] if higher else fits[0]))
    if certain:
        return max(certain, key=lambda graded: graded.grade)
    chosen = possible or [Graded(term, grades[-1] if higher else grades[0]) for term, grades in described.items()]
    return chosen[int(pick * len(chosen))]
