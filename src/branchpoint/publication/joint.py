"""The joint table of a reconstruction: who had which prior treatment, etiology, frontline course and fate.

The report prints margins of this table (Table 4; Results). CP-SAT finds whole numbers that agree with all of
them; among the many tables that do, the seed picks one near a random draw.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING, Any

from branchpoint.publication.claims import Survival, claimed, count_of
from branchpoint.publication.solver import new_model, solve
from branchpoint.publication.subjects import Course, Etiology, Prior

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np

    from branchpoint.publication.claims import Claims

__all__ = ["DIED", "EARLY", "RELAPSED", "REMITTED", "Disposition", "Fate", "reconstruct_dispositions", "survivors"]


class Fate(StrEnum):
    """What became of a patient after day 28. Early: within 6 months of the start of intensive therapy."""

    FAVORABLE = "favorable response, kept"
    CR = "CR at week 8, kept"
    RELAPSED_EARLY = "CR at week 8, early relapse, alive"
    RELAPSED_LATE = "CR at week 8, late relapse, alive"
    RELAPSED_EARLY_DIED = "CR at week 8, early relapse, HSCT, died"
    RELAPSED_LATE_DIED = "CR at week 8, late relapse, HSCT, died"
    TRANSPLANTED = "refractory, HSCT, alive"
    TRANSPLANTED_DIED = "refractory, HSCT, died"
    UNTRANSPLANTED = "refractory, no HSCT, alive"
    UNTRANSPLANTED_DIED = "refractory, no HSCT, died"


RELAPSED = frozenset({Fate.RELAPSED_EARLY, Fate.RELAPSED_LATE, Fate.RELAPSED_EARLY_DIED, Fate.RELAPSED_LATE_DIED})
EARLY = frozenset({Fate.RELAPSED_EARLY, Fate.RELAPSED_EARLY_DIED})
REMITTED = RELAPSED | {Fate.CR}
REFRACTORY = frozenset({Fate.TRANSPLANTED, Fate.TRANSPLANTED_DIED, Fate.UNTRANSPLANTED, Fate.UNTRANSPLANTED_DIED})
DIED_AFTER_HSCT = frozenset({Fate.TRANSPLANTED_DIED, Fate.RELAPSED_EARLY_DIED, Fate.RELAPSED_LATE_DIED})
DIED = DIED_AFTER_HSCT | {Fate.UNTRANSPLANTED_DIED}
EVENT_FREE = frozenset({Fate.CR, Fate.RELAPSED_LATE, Fate.RELAPSED_LATE_DIED})
RESPONDED = frozenset({Course.PR_THEN_PD, Course.IMPROVEMENT})


@dataclass(frozen=True, slots=True)
class Disposition:
    """One patient's cell of the joint table."""

    prior: Prior
    etiology: Etiology
    course: Course
    fate: Fate


class _Table:
    """Counts of all cells as solver variables, and sums over them."""

    def __init__(self, model: Any, size: int) -> None:
        self.model = model
        self.cells = {
            Disposition(*cell): model.new_int_var(0, size, "")
            for cell in product(Prior, Etiology, Course, Fate)
            if (cell[2] is Course.CR) == (cell[3] is Fate.FAVORABLE)
        }

    def sum(
        self,
        *,
        prior: Prior | None = None,
        etiology: Etiology | None = None,
        courses: Collection[Course] = tuple(Course),
        fates: Collection[Fate] = tuple(Fate),
    ) -> Any:
        """Patients with all of these; None is any."""
        return sum(
            count
            for cell, count in self.cells.items()
            if prior in (None, cell.prior)
            and etiology in (None, cell.etiology)
            and cell.course in courses
            and cell.fate in fates
        )


def reconstruct_dispositions(claims: Claims, rng: np.random.Generator) -> tuple[Disposition, ...]:
    """The cells of all analyzed patients, one entry a patient.

    Parameters
    ----------
    claims : Claims
        The study's claims.
    rng : numpy.random.Generator
        Draws the table that the answer is near to.

    Returns
    -------
    tuple of Disposition
        In a fixed order of cells.

    Raises
    ------
    InfeasibleError
        No table agrees with the claims.
    ClaimsError
        A claim needed here is missing.
    """
    size = claims.populations["all"].size
    model = new_model()
    table = _Table(model, size)
    _add_frontline(table, claims)
    _add_intensive(table, claims)
    _add_deaths(table, claims)
    drawn = Counter(_draw(rng, claims, size))
    misses = []
    for cell, count in table.cells.items():
        miss = model.new_int_var(0, size, "")
        model.add_abs_equality(miss, count - drawn[cell])
        misses.append(miss)
    model.minimize(sum(misses))
    solver = solve(model, "joint table of Table 4 and the Results", seed=int(rng.integers(2**31)), effort=2.0)
    return tuple(cell for cell, count in table.cells.items() for _ in range(solver.value(count)))


def survivors(claims: Claims, claim_id: str) -> int:
    """The whole number of patients nearest to a survival estimate, had nobody been censored."""
    share = claimed(claims, claim_id, Survival).percent / 100
    size = claims.populations[claims.claims[claim_id].population].size
    return int((share * size).quantize(Decimal(1), ROUND_HALF_UP))


def _add_frontline(table: _Table, claims: Claims) -> None:
    model = table.model
    names = {
        Course.CR: "cr",
        Course.PR_THEN_PD: "pd_after_pr",
        Course.IMPROVEMENT: "improvement",
        Course.NR: "nr",
    }
    for prior, course in product(Prior, Course):
        count = count_of(claims, f"frontline.{names[course]}.{prior}")
        model.add(table.sum(prior=prior, courses=[course]) == count)
    responses = [course for course in Course if course is not Course.NR]
    for etiology in Etiology:
        model.add(table.sum(etiology=etiology) == count_of(claims, f"etiology.{etiology}"))
        model.add(table.sum(etiology=etiology, courses=responses) == count_of(claims, f"orr.{etiology}"))
        if f"cr.{etiology}" in claims.claims:
            model.add(table.sum(etiology=etiology, courses=[Course.CR]) == count_of(claims, f"cr.{etiology}"))


def _add_intensive(table: _Table, claims: Claims) -> None:
    model = table.model
    for prior in Prior:
        for fates, name in ((REMITTED, "cr"), (REFRACTORY, "refractory")):
            model.add(table.sum(prior=prior, fates=fates) == count_of(claims, f"intensive.{name}.{prior}"))
    alive, transplanted = count_of(claims, "refractory.hsct.alive"), count_of(claims, "refractory.hsct")
    model.add(table.sum(fates=[Fate.TRANSPLANTED]) == alive)
    model.add(table.sum(fates=[Fate.TRANSPLANTED_DIED]) == transplanted - alive)
    model.add(table.sum(fates=[Fate.UNTRANSPLANTED]) == count_of(claims, "refractory.no_hsct.alive"))
    model.add(table.sum(fates=RELAPSED) == count_of(claims, "overall.relapse"))
    for claim_id, courses in (("efs.intensive.responders", RESPONDED), ("efs.intensive.nonresponders", [Course.NR])):
        model.add(table.sum(courses=courses, fates=EVENT_FREE) == survivors(claims, claim_id))
    saids_only = ("intensive.cr.methylprednisolone", "intensive.cr.cyclosporine")
    without_etoposide = sum(count_of(claims, claim_id) for claim_id in saids_only)
    model.add(table.sum(etiology=Etiology.SAIDS, fates=REMITTED) >= without_etoposide)
    # "Dominated by CAEBV-HLH" (Abstract).
    refractory_caebv = table.sum(etiology=Etiology.CAEBV, fates=REFRACTORY)
    model.add(2 * refractory_caebv > count_of(claims, "intensive.refractory.all"))


def _add_deaths(table: _Table, claims: Claims) -> None:
    model = table.model
    for prior in Prior:
        before = table.sum(prior=prior, fates=[Fate.UNTRANSPLANTED_DIED])
        model.add(before == count_of(claims, f"death.before_hsct.{prior}"))
        after = table.sum(prior=prior, fates=DIED_AFTER_HSCT)
        model.add(after == count_of(claims, f"death.after_hsct.{prior}"))
    # 12-month survival by etiology, 100% and 87.3%, leaves the other deaths to CAEBV-HLH.
    lost = claims.populations["saids_or_unknown"].size - survivors(claims, "os.saids_or_unknown")
    elsewhere = [table.sum(etiology=etiology, fates=DIED) for etiology in (Etiology.SAIDS, Etiology.UNKNOWN)]
    model.add(sum(elsewhere) == lost)
    ebv = claims.populations["ebv"].size - survivors(claims, "os.ebv")
    model.add(table.sum(etiology=Etiology.EBV, fates=DIED) == ebv)
    # 87.3% has somebody censored before the last death of EBV-HLH, and 86.4% overall leaves two deaths for the time
    # after month 12: too late, all three, for deaths without HSCT.
    model.add(table.sum(etiology=Etiology.EBV, fates=DIED_AFTER_HSCT) >= 1)
    model.add(table.sum(etiology=Etiology.CAEBV, fates=DIED_AFTER_HSCT) >= 2)
    # A follow-up of 0.72 months (22 days) with two drugs tried leaves time for a start in the first days only.
    model.add(table.sum(courses=[Course.NR], fates=[Fate.UNTRANSPLANTED_DIED]) >= 1)


def _draw(rng: np.random.Generator, claims: Claims, size: int) -> list[Disposition]:
    """A random cohort with about the published margins, taken as independent."""
    steroid = claims.populations["steroid"].size / size
    causes = list(Etiology)
    weights = [count_of(claims, f"etiology.{cause}") / size for cause in causes]
    later = [fate for fate in Fate if fate is not Fate.FAVORABLE]
    drawn = []
    for _ in range(size):
        prior = Prior.STEROID if rng.random() < steroid else Prior.NAIVE
        etiology = causes[int(rng.choice(len(causes), p=weights))]
        course = list(Course)[int(rng.integers(len(Course)))]
        fate = Fate.FAVORABLE if course is Course.CR else later[int(rng.integers(len(later)))]
        drawn.append(Disposition(prior, etiology, course, fate))
    return drawn
