"""Days after frontline therapy: drugs added, HSCT, relapse, death, last contact; and calendar dates.

Follow-up is not printed patient by patient, but its median and range are, as are the durations of CR and survival at
month 12 overall, by response and by etiology. `branchpoint.publication.risk_sets` turns each estimate into the risk
sets it can come from; one integer model holds them all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from branchpoint.publication.claims import Claims, Median, Survival, claimed, count_of, printed_like, printed_range
from branchpoint.publication.joint import DIED, EARLY, RELAPSED, REMITTED, Disposition, Fate, survivors
from branchpoint.publication.risk_sets import risk_paths
from branchpoint.publication.solver import InfeasibleError, add_distance, add_median, add_range, new_model, solve
from branchpoint.publication.subjects import Course, Etiology

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from branchpoint.publication.frontline_days import FrontlineDays

__all__ = ["DAYS_PER_MONTH", "WEEK_8", "LaterDays", "earliest_start", "printed_days", "reconstruct_later"]

DAYS_PER_MONTH = Decimal("30.4375")
WEEK_8 = 56
MONTH_6 = 183
MONTH_12 = 365
SHORTEST_CR = 14
"""Days from the CR of week 8 to a relapse, at least. This and the next four are assumptions: no such day is printed."""
RELAPSE_TO_HSCT = 21
WEEK_8_TO_HSCT = (4, 150)
HSCT_TO_DEATH = 14
EVENT_TO_LAST_CONTACT = 30


@dataclass(frozen=True, slots=True)
class LaterDays:
    """One patient's days after the frontline; None where there is no such event."""

    doxorubicin_pegaspargase_day: int | None
    transplant_day: int | None
    relapse_day: int | None
    death_day: int | None
    last_contact_day: int


@dataclass(slots=True)
class _Model:
    """The solver's model and each patient's variables, by index."""

    model: Any
    claims: Claims
    dispositions: Sequence[Disposition]
    frontline: Sequence[FrontlineDays]
    last: list[Any]
    added: dict[int, Any]
    transplant: dict[int, Any]
    relapse: dict[int, Any]

    def start(self, index: int) -> int:
        """First day of intensive therapy."""
        day = self.frontline[index].start_day
        assert day is not None, "only asked of patients with an unfavorable response"
        return day


def printed_days(printed: Decimal, per_unit: Decimal, scale: int = 1) -> tuple[int, int]:
    """The least and the greatest whole number of days whose ``scale``-th part prints like a number of longer units.

    Parameters
    ----------
    printed : Decimal
        As printed, in months or weeks.
    per_unit : Decimal
        Days of one unit.
    scale : int
        2 for the sum of two middle values, whose half is a median.

    Raises
    ------
    InfeasibleError
        No whole number of days prints like it.
    """
    middle = int(printed * per_unit * scale)
    around = range(middle - 31 * scale, middle + 31 * scale)
    fits = [days for days in around if printed_like(Decimal(days) / (per_unit * scale), printed)]
    if not fits:
        raise InfeasibleError(f"{printed} at {per_unit} days a unit", "NO WHOLE DAY")
    return fits[0], fits[-1]


def earliest_start(claims: Claims) -> int:
    """The latest start of intensive therapy that leaves time for second-line drugs within the shortest follow-up."""
    shortest = printed_days(printed_range(claims, "follow_up.all")[0], DAYS_PER_MONTH)[0]
    wait = printed_days(printed_range(claims, "intensive.doxorubicin_start")[0], Decimal(7))[0]
    return shortest - wait - 2


def reconstruct_later(
    claims: Claims,
    dispositions: Sequence[Disposition],
    frontline: Sequence[FrontlineDays],
    rng: np.random.Generator,
) -> tuple[LaterDays, ...]:
    """The later days of all patients, in the order of the dispositions.

    Raises
    ------
    InfeasibleError
        No days agree with the claims.
    """
    late = [index for index, d in enumerate(dispositions) if d.fate in DIED and d.fate is not Fate.UNTRANSPLANTED_DIED]
    # The deaths after HSCT in order of time. Only CAEBV-HLH has any after month 12 (joint.py).
    sequences = [[late[place] for place in rng.permutation(len(late))] for _ in range(8 * len(late))]
    wanted = len(late) - _late_deaths_by_month_12(claims)
    sequences = [s for s in sequences if all(dispositions[i].etiology is Etiology.CAEBV for i in s[-wanted:])]
    for sequence in sequences:
        try:
            return _solve(claims, dispositions, frontline, sequence, rng)
        except InfeasibleError:
            continue
    raise InfeasibleError("follow-up and survival, in every order of deaths tried", "INFEASIBLE")


def _late_deaths_by_month_12(claims: Claims) -> int:
    """Deaths after HSCT up to month 12: those that the survival estimate needs beyond the deaths before HSCT."""
    deaths = claims.populations["all"].size - survivors(claims, "os.all")
    return deaths - count_of(claims, "death.before_hsct.all")


def _solve(
    claims: Claims,
    dispositions: Sequence[Disposition],
    frontline: Sequence[FrontlineDays],
    sequence: Sequence[int],
    rng: np.random.Generator,
) -> tuple[LaterDays, ...]:
    model = new_model()
    longest = printed_days(printed_range(claims, "follow_up.all")[1], DAYS_PER_MONTH)[1]
    last = [model.new_int_var(0, longest, "") for _ in dispositions]
    m = _Model(model, claims, dispositions, frontline, last, {}, {}, {})
    for index, disposition in enumerate(dispositions):
        _add_course(m, index, disposition.fate, longest)
    _add_printed_times(m)
    _add_survival(m, sequence)
    targets = _targets(m, sequence, rng)
    model.minimize(
        add_distance(model, [*last, *m.transplant.values(), *m.relapse.values(), *m.added.values()], targets)
    )
    what = "follow-up, durations and survival"
    solver = solve(model, what, seed=int(rng.integers(2**31)), effort=0.6)

    def read(variables: dict[int, Any], index: int) -> int | None:
        return solver.value(variables[index]) if index in variables else None

    days = []
    for index, disposition in enumerate(dispositions):
        end = solver.value(last[index])
        death = end if disposition.fate in DIED else None
        days.append(LaterDays(read(m.added, index), read(m.transplant, index), read(m.relapse, index), death, end))
    return tuple(days)


def _add_course(m: _Model, index: int, fate: Fate, longest: int) -> None:
    """What the patient's own fate requires of the days."""
    model, last = m.model, m.last[index]
    if fate is Fate.FAVORABLE:
        return
    start = m.start(index)
    week_8 = start + WEEK_8
    if fate not in REMITTED:
        shortest, longest_wait = printed_range(m.claims, "intensive.doxorubicin_start")
        low, high = printed_days(shortest, Decimal(7))[0], printed_days(longest_wait, Decimal(7))[1]
        m.added[index] = model.new_int_var(start + low, start + high, "")
        model.add(last >= m.added[index] + 2)
    if fate is Fate.UNTRANSPLANTED_DIED:
        model.add(last <= WEEK_8)
        return
    model.add(last >= week_8 + SHORTEST_CR)
    if fate is Fate.CR:
        model.add(last > start + MONTH_6)
    if fate in RELAPSED:
        early = (week_8 + SHORTEST_CR, start + MONTH_6 - 1)
        m.relapse[index] = model.new_int_var(*(early if fate in EARLY else (start + MONTH_6 + 1, longest)), "")
        model.add(last >= m.relapse[index] + EVENT_TO_LAST_CONTACT)
    if fate in RELAPSED and fate in DIED:
        m.transplant[index] = model.new_int_var(0, longest, "")
        model.add(m.transplant[index] >= m.relapse[index] + RELAPSE_TO_HSCT)
    if fate in (Fate.TRANSPLANTED, Fate.TRANSPLANTED_DIED):
        m.transplant[index] = model.new_int_var(week_8 + WEEK_8_TO_HSCT[0], week_8 + WEEK_8_TO_HSCT[1], "")
    if index in m.transplant:
        model.add(last >= m.transplant[index] + (HSCT_TO_DEATH if fate in DIED else EVENT_TO_LAST_CONTACT))


def _add_printed_times(m: _Model) -> None:
    """Follow-up, duration of CR from the first response, and time to the second-line drugs, as printed."""
    _add_printed(m, m.last, "follow_up.all", DAYS_PER_MONTH)
    durations = {
        index: m.last[index] - (days.frontline.first_response_day or 0)
        for index, days in enumerate(m.frontline)
        if days.frontline.course is Course.CR
    }
    for name in ("naive", "steroid", "all"):
        group = [d for i, d in durations.items() if name in ("all", m.dispositions[i].prior)]
        _add_printed(m, group, f"frontline.duration_of_cr.{name}", DAYS_PER_MONTH)
    waits = [day - m.start(index) for index, day in m.added.items()]
    _add_printed(m, waits, "intensive.doxorubicin_start", Decimal(7))


def _add_printed(m: _Model, values: Sequence[Any], claim_id: str, per_unit: Decimal) -> None:
    claim = claimed(m.claims, claim_id, Median)
    scale = 2 - len(values) % 2
    least, most = printed_days(claim.median, per_unit, scale)
    add_median(m.model, values, least * (2 // scale), most * (2 // scale))
    low, high = (printed_days(end, per_unit) for end in printed_range(m.claims, claim_id))
    add_range(m.model, values, low, high)


def _add_survival(m: _Model, sequence: Sequence[int]) -> None:
    """Bind the numbers at risk at the late deaths to the risk sets that print as the survival estimates."""
    model = m.model
    early = [index for index, d in enumerate(m.dispositions) if d.fate is Fate.UNTRANSPLANTED_DIED]
    if len(m.last) - len(early) != count_of(m.claims, "alive.week_8"):
        # Deaths after HSCT come later than week 8, which salvages what intensive therapy did not cure by then.
        raise InfeasibleError("alive at week 8, against deaths before HSCT", "COUNTS DIFFER")
    for before, after in pairwise(sequence):
        model.add(m.last[after] > m.last[before])
    by_month_12 = _late_deaths_by_month_12(m.claims)
    for place, index in enumerate(sequence):
        model.add(m.last[index] > WEEK_8)
        model.add(m.last[index] <= MONTH_12 if place < by_month_12 else m.last[index] > MONTH_12)
    at_risk = {death: [_still_at_risk(m, index, death) for index in range(len(m.last))] for death in sequence}

    def bind(claim_id: str, member: Callable[[Disposition], bool], deaths: Sequence[int]) -> None:
        inside = [index for index, d in enumerate(m.dispositions) if member(d)]
        late = [index for index in deaths if index in inside]
        first = sum(index in inside for index in early)
        percent = claimed(m.claims, claim_id, Survival).percent
        paths = risk_paths(len(inside), first + len(late), percent, uncensored=first)
        if not paths:
            raise InfeasibleError(f"survival of claim {claim_id!r}, {percent}%", "NO RISK SETS")
        numbers = [sum(at_risk[death][index] for index in inside) for death in late]
        if numbers:
            model.add_allowed_assignments(numbers, [path[first:] for path in paths])

    first_year = sequence[:by_month_12]
    bind("os.all", lambda d: True, first_year)
    bind("os.unfavorable", lambda d: d.course is not Course.CR, first_year)
    bind("os.ebv", lambda d: d.etiology is Etiology.EBV, first_year)
    # Printed for month 12, where it contradicts the other two: followed as the last value of its curve.
    bind("os.caebv", lambda d: d.etiology is Etiology.CAEBV, sequence)


def _still_at_risk(m: _Model, index: int, death: int) -> Any:
    flag = m.model.new_bool_var("")
    m.model.add(m.last[index] >= m.last[death]).only_enforce_if(flag)
    m.model.add(m.last[index] < m.last[death]).only_enforce_if(~flag)
    return flag


def _targets(m: _Model, sequence: Sequence[int], rng: np.random.Generator) -> list[int]:
    """Days drawn at random that the answer is near to, as `_solve` orders its variables."""
    by_month_12 = _late_deaths_by_month_12(m.claims)
    deaths = [*sorted(rng.integers(150, 320, by_month_12)), *sorted(rng.integers(380, 500, len(sequence)))]
    died = {index: int(day) for index, day in zip(sequence, deaths, strict=False)}
    targets = []
    for index, disposition in enumerate(m.dispositions):
        if disposition.fate is Fate.UNTRANSPLANTED_DIED:
            low, high = 25, WEEK_8
        elif disposition.fate is Fate.FAVORABLE:
            name = f"frontline.duration_of_cr.{disposition.prior}"
            middle, (shortest, longest) = claimed(m.claims, name, Median).median, printed_range(m.claims, name)
            ends = (shortest, middle) if rng.random() < 0.5 else (middle, longest)
            low, high = (math.ceil(end * DAYS_PER_MONTH) for end in ends)
        else:
            low, high = (230, 340) if rng.random() < 0.6 else (340, 530)
        targets.append(died.get(index, int(rng.integers(low, high + 1))))
    targets += [m.start(index) + WEEK_8 + int(rng.integers(7, 100)) for index in m.transplant]
    targets += [m.start(index) + WEEK_8 + int(rng.integers(20, 250)) for index in m.relapse]
    weeks = [int(end) for end in printed_range(m.claims, "intensive.doxorubicin_start")]
    return targets + [m.start(index) + int(rng.integers(7 * weeks[0], 7 * weeks[1] + 1)) for index in m.added]
