"""Ages and rashes that the definitions of Table 2 require, exchanged between patients so that no summary changes.

The features of Table 3 are dealt out by prior treatment, the definitions of Table 2 speak of etiology: SAIDs-HLH asks
for rash, and symptoms of CAEBV-HLH for more than 3 months ask for a child that old. An exchange between two patients
with the same prior treatment leaves every printed count, median and range as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from branchpoint.publication.solver import InfeasibleError
from branchpoint.publication.subjects import Etiology

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from branchpoint.publication.subjects import ReconstructedSubject

__all__ = ["YOUNGEST_CAEBV", "fit_definitions"]

YOUNGEST_CAEBV = 0.5
"""Years: more than 3 months of symptoms after the first weeks of life."""
DAYS_PER_YEAR = 365.25

Exchange = tuple[str, ...]
BODY: Exchange = ("age", "weight", "height")
RASH: Exchange = ("rash",)


def fit_definitions(subjects: Sequence[ReconstructedSubject]) -> tuple[ReconstructedSubject, ...]:
    """Exchange features until every patient can meet the definition of the own etiology.

    Raises
    ------
    InfeasibleError
        There is nobody to exchange with.
    """
    fitted = list(subjects)
    for index, subject in enumerate(fitted):
        if subject.etiology is Etiology.CAEBV and subject.baseline.age < YOUNGEST_CAEBV:
            _exchange(fitted, index, BODY, _can_be_younger)
        if subject.etiology is Etiology.SAIDS and not subject.baseline.rash:
            _exchange(fitted, index, RASH, _can_be_without_rash)
    return tuple(fitted)


def _can_be_younger(giver: ReconstructedSubject, taker: ReconstructedSubject) -> bool:
    old_enough = giver.baseline.age >= YOUNGEST_CAEBV
    born_before_onset = giver.baseline.onset_to_diagnosis < taker.baseline.age * DAYS_PER_YEAR
    return giver.sex == taker.sex and giver.etiology is not Etiology.CAEBV and old_enough and born_before_onset


def _can_be_without_rash(giver: ReconstructedSubject, taker: ReconstructedSubject) -> bool:
    return giver.etiology is not Etiology.SAIDS and giver.baseline.rash


def _exchange(
    subjects: list[ReconstructedSubject],
    index: int,
    names: Exchange,
    can: Callable[[ReconstructedSubject, ReconstructedSubject], bool],
) -> None:
    """Exchange fields of the baseline with the patient who differs least in age."""
    taker = subjects[index]
    others = [i for i, other in enumerate(subjects) if other.prior is taker.prior and can(other, taker)]
    if not others:
        raise InfeasibleError(
            f"{' and '.join(names)} of {taker.subject_id}, {taker.etiology}", "NOBODY TO EXCHANGE WITH"
        )
    other = min(others, key=lambda i: abs(subjects[i].baseline.age - taker.baseline.age))
    giver = subjects[other]
    given = {name: getattr(giver.baseline, name) for name in names}
    taken = {name: getattr(taker.baseline, name) for name in names}
    subjects[index] = replace(taker, baseline=replace(taker.baseline, **given))
    subjects[other] = replace(giver, baseline=replace(giver.baseline, **taken))
