"""What reconstructed cohorts do not follow because it contradicts the rest, each with the sets that it resolves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchpoint.reporting.reconstruction_claims import aside

if TYPE_CHECKING:
    from branchpoint.publication.reconstruction.cohort import Reconstruction
    from branchpoint.publication.reconstruction.conflicts.contradictions import Contradiction, Said

__all__ = ["LeftOut", "conflict_words", "left_outs", "others_of"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that cohorts do not follow, because it contradicts the rest.

    Attributes
    ----------
    said : Said
    aside : bool
        Whether the claims file sets it aside by itself.
    sets : tuple of Contradiction
        The smallest contradictory sets that it resolves; none where it says the same as another that is left out, or
        where its sets are not listed.
    """

    said: Said
    aside: bool
    sets: tuple[Contradiction, ...]


def left_outs(found: Reconstruction) -> tuple[LeftOut, ...]:
    """Give what is left out, what the claims file does not set aside first.

    Each contradictory set stands with the first statement that resolves it.

    Parameters
    ----------
    found : Reconstruction
    """
    own: dict[tuple[str, str], list[Contradiction]] = {(one.claim, one.field): [] for one in found.dropped}
    for contradiction in found.contradictions.sets:
        named = {(one.claim, one.field) for one in contradiction.statements}
        first = next((key for key in own if key in named), None)
        if first is not None:
            own[first].append(contradiction)
    told = [LeftOut(one, aside(found, one.claim, one.field), tuple(own[one.claim, one.field])) for one in found.dropped]
    return tuple(sorted(told, key=lambda one: one.aside))


def others_of(said: Said, contradiction: Contradiction) -> tuple[Said, ...]:
    """What a statement contradicts in a set."""
    return tuple(one for one in contradiction.statements if (one.claim, one.field) != (said.claim, said.field))


def conflict_words(found: Reconstruction) -> str:
    """Say in a breath what cannot be true together."""
    sets, dropped = len(found.contradictions.sets), left_outs(found)
    if not dropped:
        return "Everything that is printed of these patients can be true together."
    own = sum(one.aside for one in dropped)
    more = "" if found.contradictions.complete else ", and there may be more"
    one = len(dropped) == 1
    without = "Without 1 number, the one that weighs" if one else f"Without {len(dropped):,} numbers, those that weigh"
    least = "least" if found.contradictions.proven else "little (less was not found, nor proven impossible)"
    told = f"{sets:,} set{'' if sets == 1 else 's'} of printed numbers cannot be true together{more}. {without} {least}"
    those = "it" if one else "all of these" if own == len(dropped) else f"{own:,} of these"
    file = f"; the claims file sets {those} aside by itself" if own else ""
    return f"{told}, all the rest can{file}."
