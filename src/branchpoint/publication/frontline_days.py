"""Days of frontline therapy: first response, CR, the unfavorable decision, and the start of additional treatment.

The order in which patients progressed or were switched is not printed, but three estimates of event-free survival are,
and they leave few orders (`branchpoint.publication.risk_sets`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from branchpoint.publication.claims import Claims, Median, Survival, claimed, summarizes
from branchpoint.publication.joint import Disposition, Fate
from branchpoint.publication.risk_sets import interleavings, merge, orders
from branchpoint.publication.solver import InfeasibleError, add_distance, add_median, add_range, new_model, solve
from branchpoint.publication.subjects import Course, Frontline, Prior

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

__all__ = ["FrontlineDays", "reconstruct_frontline"]

VISITS = (3, 7, 14, 28)
"""Evaluations of frontline therapy (Methods, Treatment procedures and response assessment)."""
FIRST_IMPROVEMENT_VISIT = 7
"""Improvement short of PR is unfavorable from this visit on: an assumption, the paper names no day."""
LAST_START_AFTER_NR = 8
LONGEST_WAIT = 3
"""Longest wait, in days, from decision to additional treatment after PD or improvement: an assumption."""
MOST_DRAWS = 100_000


@dataclass(frozen=True, slots=True)
class FrontlineDays:
    """One patient's frontline therapy, and the day additional treatment started (None after a favorable response)."""

    frontline: Frontline
    start_day: int | None


def reconstruct_frontline(
    claims: Claims, dispositions: Sequence[Disposition], early_start: int, rng: np.random.Generator
) -> tuple[FrontlineDays, ...]:
    """The frontline days of all patients, in the order of the dispositions.

    Parameters
    ----------
    claims : Claims
        The study's claims.
    dispositions : sequence of Disposition
        From `branchpoint.publication.joint.reconstruct_dispositions`.
    early_start : int
        The earliest start among non-responders who died without HSCT must be no later than this day, so that the
        shortest follow-up is possible.
    rng : numpy.random.Generator
        Draws what the claims leave open.

    Raises
    ------
    InfeasibleError
        No days agree with the claims.
    """
    first = _first_responses(claims, dispositions, rng)
    complete = _complete_responses(claims, dispositions, rng)
    switched = _switches(claims, dispositions, early_start, rng)
    return tuple(
        FrontlineDays(
            Frontline(
                course=disposition.course,
                first_response_day=first.get(index),
                complete_response_day=complete.get(index),
                decision_day=switched[index][0] if index in switched else None,
            ),
            switched[index][1] if index in switched else None,
        )
        for index, disposition in enumerate(dispositions)
    )


def _draw(rng: np.random.Generator, days: Sequence[int], size: int, claim: Median, what: str) -> list[int]:
    """Days drawn evenly until their median and range are the claim's."""
    allowed = [day for day in days if (claim.low or 0) <= day <= (claim.high or day)]
    for _ in range(MOST_DRAWS):
        drawn = [int(day) for day in rng.choice(allowed, size)]
        if summarizes(claim, drawn):
            return drawn
    raise InfeasibleError(what, "NOT DRAWN")


def _first_responses(claims: Claims, dispositions: Sequence[Disposition], rng: np.random.Generator) -> dict[int, int]:
    responders = [index for index, d in enumerate(dispositions) if d.course is not Course.NR]
    days = _draw(rng, (1, 2, 3), len(responders), claimed(claims, "first_response", Median), "time to first response")
    return dict(zip(responders, days, strict=True))


def _complete_responses(
    claims: Claims, dispositions: Sequence[Disposition], rng: np.random.Generator
) -> dict[int, int]:
    complete: dict[int, int] = {}
    for prior in Prior:
        members = [index for index, d in enumerate(dispositions) if d.course is Course.CR and d.prior is prior]
        claim = claimed(claims, f"frontline.time_to_cr.{prior}", Median)
        # Medians are day 21, between two visits: weekly evaluations, as printed.
        days = _draw(rng, (14, 21, 28), len(members), claim, f"time to CR, {prior}")
        complete |= dict(zip(members, days, strict=True))
    return complete


def _switches(
    claims: Claims, dispositions: Sequence[Disposition], early_start: int, rng: np.random.Generator
) -> dict[int, tuple[int, int]]:
    """Day of decision and day of start of the patients with an unfavorable response, by their index."""
    members = [index for index, d in enumerate(dispositions) if d.course is not Course.CR]
    model = new_model()
    decision: dict[int, Any] = {}
    start: dict[int, Any] = {}
    for index in members:
        course = dispositions[index].course
        decision[index], start[index] = _days_of(model, course)
    _add_order(model, claims, dispositions, decision, start, rng=rng)
    for name in (*Prior, "all"):
        group = [start[index] for index in members if name in ("all", dispositions[index].prior)]
        claim = claimed(claims, f"intensive.start.{name}", Median)
        # A printed median that no whole days have is set aside for the whole days beside it.
        slack = int("median" in claims.claims[f"intensive.start.{name}"].set_aside)
        doubled = int(2 * claim.median)
        add_median(model, group, doubled - slack, doubled + slack)
        low, high = int(claim.low or 0), int(claim.high or 0)
        add_range(model, group, (low, low), (high, high))
    early = [
        start[index]
        for index in members
        if dispositions[index].fate is Fate.UNTRANSPLANTED_DIED and dispositions[index].course is Course.NR
    ]
    soonest = model.new_int_var(0, early_start, "")
    model.add_min_equality(soonest, early)
    targets = [int(rng.integers(3, 7 if dispositions[i].course is Course.NR else 24)) for i in members]
    waits = sum(start[index] - decision[index] for index in members if dispositions[index].course is not Course.NR)
    model.minimize(add_distance(model, [start[index] for index in members], targets) + waits)
    solver = solve(model, "days of decision and of additional treatment", seed=int(rng.integers(2**31)))
    return {index: (solver.value(decision[index]), solver.value(start[index])) for index in members}


def _days_of(model: Any, course: Course) -> tuple[Any, Any]:
    """Decision and start: variables with what the course itself requires of them."""
    if course is Course.NR:
        return VISITS[0], model.new_int_var(VISITS[0], LAST_START_AFTER_NR, "")
    start = model.new_int_var(VISITS[0] + 1, VISITS[-1] - 1, "")
    if course is Course.PR_THEN_PD:
        decision = model.new_int_var(VISITS[0] + 1, VISITS[-1] - 1, "")
    else:
        first = model.new_bool_var("")
        visits = [visit for visit in VISITS if FIRST_IMPROVEMENT_VISIT <= visit < VISITS[-1]]
        decision = visits[0] + (visits[1] - visits[0]) * first
    model.add(start >= decision)
    model.add(start <= decision + LONGEST_WAIT)
    return decision, start


def _add_order(
    model: Any,
    claims: Claims,
    dispositions: Sequence[Disposition],
    decision: dict[int, Any],
    start: dict[int, Any],
    *,
    rng: np.random.Generator,
) -> None:
    """Order progressions and switches so that frontline event-free survival is as printed, in each group and overall.

    No response is an event on day 1 (Figure 4), progression on its day; a switch in improvement is a censoring.
    """
    nonresponders: Counter[str] = Counter()
    queues: list[list[Any]] = []
    group_orders: list[str] = []
    for prior in Prior:
        members = [index for index, d in enumerate(dispositions) if d.prior is prior]
        members = [members[place] for place in rng.permutation(len(members))]
        progressed = [decision[i] for i in members if dispositions[i].course is Course.PR_THEN_PD]
        improved = [start[i] for i in members if dispositions[i].course is Course.IMPROVEMENT]
        nonresponders[prior] = sum(dispositions[i].course is Course.NR for i in members)
        percent = claimed(claims, f"efs.frontline.{prior}", Survival).percent
        possible = orders(len(progressed), len(improved), len(members), nonresponders[prior], percent)
        if not possible:
            raise InfeasibleError(f"event-free survival of {percent}%, {prior}", "NO ORDER OF EVENTS")
        order = possible[int(rng.integers(len(possible)))]
        sources = {"P": iter(progressed), "C": iter(improved)}
        group_orders.append(order)
        queues.append([next(sources[kind]) for kind in order])
    percent = claimed(claims, "efs.frontline.all", Survival).percent
    merged = interleavings(group_orders[0], group_orders[1], len(dispositions), nonresponders.total(), percent)
    if not merged:
        raise InfeasibleError(f"event-free survival of {percent}%, all", "NO ORDER OF EVENTS")
    choices = [model.new_bool_var("") for _ in merged]
    model.add_exactly_one(choices)
    for owners, chosen in zip(merged, choices, strict=True):
        kinds = merge(owners, group_orders[0], group_orders[1])
        sources = {"1": iter(queues[0]), "2": iter(queues[1])}
        times = [next(sources[owner]) for owner in owners]
        for (before, earlier), (after, later) in pairwise(zip(kinds, times, strict=True)):
            # A patient censored on the day of an event is still at risk.
            gap = int(before == "C" and after == "P")
            model.add(later >= earlier + gap).only_enforce_if(chosen)
