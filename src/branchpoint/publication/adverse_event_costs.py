"""How implausible each severity of an adverse event is in a patient: by the laboratory, the course, and chance.

Blood counts and liver tests are low or high in most patients with HLH, and the report counts far fewer events than
abnormal values: some were attributed to the disease. So an abnormal value without an event costs little where it was as
bad at baseline, and an event that the laboratory contradicts costs most. The weights are assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from branchpoint.publication.adverse_event_counts import Severity
from branchpoint.publication.subjects import DeathCause, NoTransplantReason, Sex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from branchpoint.language.grading import AdverseEventGroup
    from branchpoint.publication.subjects import ReconstructedSubject

__all__ = ["Shown", "severity_costs"]

CONTRADICTED = 30
UNREPORTED = 20
AS_AT_BASELINE = 6
CHANCE = 10
LIKELY = 15
CERTAIN = 1000


@dataclass(frozen=True, slots=True)
class Shown:
    """The worst grade that the laboratory shows of one term: at least, and at most; the day; and that of baseline."""

    at_least: int
    at_most: int
    day: int
    baseline: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Shown:
        """Read it from a row of the worst laboratory grades."""
        return cls(row["at_least"], row["at_most"], row["day"], row["baseline_at_least"] or 0)


def severity_costs(
    subjects: Sequence[ReconstructedSubject],
    groups: Sequence[AdverseEventGroup],
    shown: Mapping[tuple[str, str], Shown],
    rng: np.random.Generator,
) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Give the cost of every severity, by subject and group.

    Parameters
    ----------
    subjects : sequence of ReconstructedSubject
        The members of one safety set.
    groups : sequence of AdverseEventGroup
    shown : mapping of (str, str) to Shown
        By subject and CTCAE term.
    rng : numpy.random.Generator
        Decides between patients who are alike.
    """
    costs = {}
    for subject in subjects:
        for group in groups:
            chance = rng.integers(0, CHANCE, 2)
            laboratory = [shown[key] for term in group.gradings if (key := (subject.subject_id, term)) in shown]
            found = [_by_laboratory(laboratory, severity) for severity in Severity]
            found[Severity.MILD] += int(chance[0])
            found[Severity.SEVERE] += int(chance[1])
            mild, severe = _by_course(subject, group.name)
            found[Severity.MILD] -= mild
            found[Severity.SEVERE] -= severe
            costs[subject.subject_id, group.name] = (found[0], found[1], found[2])
    return costs


def _by_laboratory(laboratory: Sequence[Shown], severity: Severity) -> int:
    if not laboratory:
        return 0
    least, most = (max(getattr(one, name) for one in laboratory) for name in ("at_least", "at_most"))
    if severity is Severity.NONE and least:
        new = any(one.at_least == least > one.baseline for one in laboratory)
        return UNREPORTED if new else AS_AT_BASELINE
    return CONTRADICTED * max(_severity(least) - severity, severity - _severity(most), 0)


def _severity(grade: int) -> Severity:
    return Severity.NONE if grade == 0 else Severity.MILD if grade < 3 else Severity.SEVERE


def _by_course(subject: ReconstructedSubject, group: str) -> tuple[int, int]:
    """What makes a mild and a severe event more likely than in other patients."""
    intensive = subject.intensive
    if group == "pancreatic_damage":
        if intensive is None:
            # The one severe event on ruxolitinib alone was in a girl.
            return 0, 0 if subject.sex is Sex.FEMALE else -CERTAIN
        pegaspargase = intensive.doxorubicin_pegaspargase_day is not None
        return (LIKELY, 2 * LIKELY) if pegaspargase else (0, 0)
    if group == "secondary_infection" and intensive is not None:
        died = subject.death_cause is DeathCause.INFECTION
        serious = intensive.no_transplant_reason is NoTransplantReason.INFECTION
        return 0, CERTAIN if died or serious else 0
    if subject.death_cause is DeathCause.ORGAN_FAILURE and group in ("liver_damage", "heart_damage", "kidney_damage"):
        return LIKELY, 2 * LIKELY
    return 0, 0
