"""Adverse events dealt out to reconstructed patients: none, mild or severe in each group, so that every count agrees.

A claim is named ``ae.<group>.<set>.any`` or ``ae.<group>.<set>.grade3``; a count that is not claimed is taken as none.
Which patients they are is not published. They are those in whom it is most plausible: see
`branchpoint.publication.adverse_event_costs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from branchpoint.publication.claims import count_of
from branchpoint.publication.solver import new_model, solve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from branchpoint.publication.claims import Claims

__all__ = ["BLOOD_COUNTS", "MYELOSUPPRESSION", "GroupCounts", "Severity", "claimed_counts", "deal_severities"]

MYELOSUPPRESSION = "myelosuppression"
BLOOD_COUNTS = ("neutrocytopenia", "thrombocytopenia", "anemia")
"""What myelosuppression is the worst of, where it is counted: as many had it as had neutrocytopenia."""


class Severity(IntEnum):
    """No event of a group; one of grade 1 or 2; one of grade 3 or higher."""

    NONE = 0
    MILD = 1
    SEVERE = 2


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """How many patients of a set had an event of a group: of any grade, and of grade 3 or higher."""

    any_grade: int
    severe: int


def claimed_counts(claims: Claims, groups: Sequence[str], safety_set: str) -> dict[str, GroupCounts]:
    """Read the counts of a set.

    Parameters
    ----------
    claims : Claims
    groups : sequence of str
        Groups of adverse events, as the protocol names them.
    safety_set : str

    Returns
    -------
    dict of str to GroupCounts
        Of every group; empty where the claims say nothing of the set.
    """
    ids = {group: tuple(f"ae.{group}.{safety_set}.{grade}" for grade in ("any", "grade3")) for group in groups}
    if not any(claim_id in claims.claims for pair in ids.values() for claim_id in pair):
        return {}
    return {
        group: GroupCounts(*(count_of(claims, claim_id) if claim_id in claims.claims else 0 for claim_id in pair))
        for group, pair in ids.items()
    }


def deal_severities(
    subjects: Sequence[str],
    counts: Mapping[str, GroupCounts],
    costs: Mapping[tuple[str, str], tuple[int, int, int]],
    what: str,
    *,
    seed: int,
) -> dict[tuple[str, str], Severity]:
    """Deal out the events of one set at the least cost.

    Parameters
    ----------
    subjects : sequence of str
        The members of the set.
    counts : mapping of str to GroupCounts
    costs : mapping of (str, str) to (int, int, int)
        Of each severity, by subject and group.
    what : str
        The set, for the message when there is no answer.
    seed : int

    Raises
    ------
    InfeasibleError
        The counts contradict each other, or exceed the set.
    """
    model = new_model()
    mild = {(who, group): model.new_bool_var("") for group in counts for who in subjects}
    severe = {key: model.new_bool_var("") for key in mild}
    for group, count in counts.items():
        for who in subjects:
            model.add_at_most_one(mild[who, group], severe[who, group])
        model.add(sum(severe[who, group] for who in subjects) == count.severe)
        model.add(sum(mild[who, group] for who in subjects) == count.any_grade - count.severe)
    parts = [group for group in BLOOD_COUNTS if group in counts]
    if parts and MYELOSUPPRESSION in counts and counts[MYELOSUPPRESSION].any_grade:
        for who in subjects:
            _is_worst(model, [(mild[who, g], severe[who, g]) for g in (MYELOSUPPRESSION, *parts)])
    model.minimize(
        sum(
            (mildly - none) * mild[key] + (severely - none) * severe[key]
            for key in mild
            for none, mildly, severely in [costs[key]]
        )
    )
    solver = solve(model, f"adverse events of {what}", seed=seed)
    return {key: Severity(solver.value(mild[key]) + 2 * solver.value(severe[key])) for key in mild}


def _is_worst(model: Any, severities: Sequence[tuple[Any, Any]]) -> None:
    """Require that the first severity is the worst of the others."""
    (mild, severe), *parts = severities
    model.add_max_equality(severe, [part for _, part in parts])
    # Mild and severe exclude each other, so that their sum is whether there was any.
    some = model.new_bool_var("")
    model.add(some == mild + severe)
    model.add_max_equality(some, [one + other for one, other in parts])
