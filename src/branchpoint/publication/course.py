"""A planned course: the days on which a patient is seen, the response intended on each, and the level of every item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchpoint.language.responses import CR, IMPROVEMENT, NR, PD, PR, RELAPSE
from branchpoint.publication.disease import FAST
from branchpoint.publication.kinetics import CNS, MARKERS, SPLEEN, TEMPERATURE, Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from branchpoint.publication.disease import Disease

__all__ = ["Seen", "complete", "levels", "partial", "progressing", "relapsing", "unresponsive"]

NORMAL_AFTER = 0.3
"""Share of a recovery between 50% better and normal."""
ITEMS = (TEMPERATURE, SPLEEN, CNS, *MARKERS)


@dataclass(frozen=True, slots=True)
class Seen:
    """One planned assessment.

    Attributes
    ----------
    day : int
        Study day.
    intended : frozenset of str
        The responses under the trial's rule set that agree with what was published; one, or several that lead to the
        same decision.
    levels : mapping of str to Level
        Of every item that response looks at.
    full : bool
        Whether chemistry was taken too, or what response needs alone.
    """

    day: int
    intended: frozenset[str]
    levels: Mapping[str, Level]
    full: bool = True


def levels(disease: Disease, chosen: Mapping[str, Level]) -> dict[str, Level]:
    """Levels of all items: those chosen, and otherwise as at baseline."""
    unchosen = {item: Level.UNCHANGED if item in disease.abnormal else Level.NORMAL for item in ITEMS}
    unchosen[TEMPERATURE] = Level.UNCHANGED
    if "hemoglobin" in disease.late and "hemoglobin" not in disease.abnormal:
        unchosen["hemoglobin"] = Level.ABNORMAL
    found = unchosen | dict(chosen)
    for item in disease.late:
        # What cannot be 50% better and short of normal waits, and with it the complete response.
        if found[item] is Level.BETTER and not disease.can_be_better(item):
            found[item] = unchosen[item]
    if found[CNS] is Level.BETTER:
        # Involvement is there or it is not.
        found[CNS] = Level.NORMAL
    return found


def unresponsive(disease: Disease, day: int, *, full: bool = True) -> Seen:
    """Plan no response: nothing 50% better."""
    return Seen(day, frozenset({NR}), levels(disease, {}), full)


def partial(
    disease: Disease, day: int, share: float, *, intended: frozenset[str] = frozenset({PR, IMPROVEMENT})
) -> Seen:
    """Plan a response short of CR: no fever, the leading items 50% better, and those whose turn has come."""
    chosen = {TEMPERATURE: Level.NORMAL} | dict.fromkeys(disease.leaders, Level.BETTER)
    for item, turn in disease.turns.items():
        if item not in chosen and share > turn:
            chosen[item] = Level.NORMAL if share > turn + NORMAL_AFTER and item not in disease.late else Level.BETTER
    return Seen(day, intended, levels(disease, chosen))


def complete(disease: Disease, day: int, *, full: bool = True) -> Seen:
    """Plan a complete response."""
    chosen = dict.fromkeys(ITEMS, Level.NORMAL) | dict.fromkeys(FAST, Level.HEALTHY)
    return Seen(day, frozenset({CR}), levels(disease, chosen), full)


def progressing(
    disease: Disease, day: int, rng: np.random.Generator, *, intended: frozenset[str] = frozenset({PD})
) -> Seen:
    """Plan progression as the report tells it: fever back, with a rise of IFN-gamma, soluble CD25 and ferritin."""
    chosen = dict.fromkeys((TEMPERATURE, *FAST), Level.WORSE)
    for item in (SPLEEN, "platelets", "hemoglobin"):
        if item in disease.abnormal and rng.random() < 0.5:
            chosen[item] = Level.BETTER
    return Seen(day, intended, levels(disease, chosen))


def relapsing(disease: Disease, day: int) -> Seen:
    """Plan a relapse: the criteria of the diagnosis met again."""
    chosen = dict.fromkeys(ITEMS, Level.NORMAL)
    chosen |= dict.fromkeys((TEMPERATURE, SPLEEN, *FAST), Level.WORSE)
    chosen |= dict.fromkeys(("platelets", "hemoglobin", "triglycerides"), Level.ABNORMAL)
    return Seen(day, frozenset({RELAPSE}), chosen)
