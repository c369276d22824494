"""Survival estimates: could so many patients give them, with what is printed beside them, and with each other?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

from branchpoint.publication.audit.survival_fits import Group
from branchpoint.publication.audit.survival_groups import Judged, held_together
from branchpoint.publication.audit.survival_precision import judge
from branchpoint.publication.audit.survival_readings import unit
from branchpoint.publication.audit.telling import listed
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims import Survival
from branchpoint.publication.printed import printed
from branchpoint.statistics.curve_limits import curve_limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from branchpoint.publication.audit.known_counts import Known, KnownCounts
    from branchpoint.publication.audit.survival_precision import Judgment
    from branchpoint.publication.claims import Claim, Claims
    from branchpoint.statistics.curve_limits import Form

__all__ = ["check"]

_NO_PRODUCT = ("life table", "life-table", "actuarial", "fleming", "nelson", "parametric", "cox")
"""Words for estimates that are no product over risk sets."""
_MANY = 3
"""So many estimates with symmetric limits, for each that has others, tell in which form a report gives them."""
_VISIBLE = 1.5
"""Units of the last place: rounding makes limits lean by one, and by less tells nothing."""
_SCALES: tuple[Form, ...] = ("log", "log-log")
_PLAIN: Form = "plain"


def check(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Check every survival estimate by itself, and those of one endpoint against each other.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts
        Of the same claims; how many had the event bounds the risk sets.

    Yields
    ------
    Finding
        One for each claim, and more for those that are held against others. Estimates that are said to be other than
        Kaplan-Meier's are passed over.
    """
    judged: list[Judged] = []
    estimates = {claim.id: value for claim in claims.claims.values() if (value := _product(claim)) is not None}
    odd = _lopsided(claims, estimates)
    for claim, value in ((claims.claims[name], value) for name, value in estimates.items()):
        method, beside = (_PLAIN, f" {odd.others}") if claim.id in odd.claims else (claim.method, "")
        group = Group(claims.populations[claim.population].size)
        bound = _bound(claims, known, claim)
        judgment = bounded = judge(group if bound is None else _bounded(group, bound), value, method)
        if bound is not None and bounded.verdict is not Verdict.MATCH:
            # What so few events allow, any number of them does; what they do not is held against any number.
            judgment = judge(group, value, method)
        if bound is None or bounded.verdict is judgment.verdict:
            judgment = bounded
            yield _finding(claim, judgment, beside)
        else:
            yield _against_counts(claims, claim, bounded, bound)
        where = claims.where(claim)
        if claim.variable is not None and where is not None:
            label, box = claims.populations[claim.population].label, known.boxes.of(where)
            judged.append(Judged(claim.id, claim.place, label, claim.variable, box, value, group, judgment))
    yield from held_together(claims, known.boxes, judged)


def _product(claim: Claim) -> Survival | None:
    """The estimate, unless it is said to be another one than Kaplan and Meier's."""
    other = any(word in (claim.method or "").lower() for word in _NO_PRODUCT)
    return claim.value if isinstance(claim.value, Survival) and not other else None


@dataclass(frozen=True, slots=True)
class _Lopsided:
    """Estimates whose limits do not lie symmetrically in a report of plain limits, and what tells that it is one."""

    claims: frozenset[str] = frozenset()
    others: str = ""


def _lopsided(claims: Claims, estimates: Mapping[str, Survival]) -> _Lopsided:
    """A report computes its limits in one way: where most others are plain, so are these, or a limit is wrong."""
    level, not_so = 0, []
    for name, value in estimates.items():
        if value.low is None or value.high is None or not 0 < value.low <= value.high < 100:
            continue
        if _asymmetry(value.percent, value.low, value.high) > _VISIBLE * float(unit(value.percent)):
            not_so += [] if claims.claims[name].method else [name]
        else:
            level += _would_show(value, value.low, value.high)
    if level < _MANY * max(1, len(not_so)):
        return _Lopsided()
    return _Lopsided(frozenset(not_so), f"Those of {level} other estimates lie symmetrically, as plain limits do.")


def _asymmetry(percent: Decimal | float, low: Decimal | float, high: Decimal | float) -> float:
    return abs(float(percent) - float(low) - (float(high) - float(percent)))


def _would_show(value: Survival, low: Decimal, high: Decimal) -> bool:
    """Whether symmetric limits would not be so on the other usual scales, log and log-log."""
    p, level = float(value.percent) / 100, float(value.level) / 100
    error = float(high - low) / 200 / NormalDist().inv_cdf(0.5 + level / 2)
    apart = []
    for form in _SCALES:
        limits = curve_limits(p, error, level, form)
        apart.append(100 * _asymmetry(p, *(float(limit) for limit in limits)))
    return min(apart) > _VISIBLE * float(unit(value.percent))


@dataclass(frozen=True, slots=True)
class _Bound:
    """How many had the event, in the group of a claim or in one that it lies within."""

    events: Known
    exact: bool
    label: str


def _bound(claims: Claims, known: KnownCounts, claim: Claim) -> _Bound | None:
    """The best bound on the events of a group by the counts of the report; they are those of all follow-up."""
    where = claims.where(claim)
    event = None if claim.variable is None else claims.variables[claim.variable].event
    if where is None or event is None:
        return None
    own = known.of(where & event)
    if own is not None:
        return _Bound(own, True, claims.populations[claim.population].label)
    box = known.boxes.of(where)
    found = []
    for population in claims.populations.values():
        if population.where is not None and box & ~known.boxes.of(population.where) == 0:
            count = known.of(population.where & event)
            found += [] if count is None else [_Bound(count, False, population.label)]
    return min(found, key=lambda bound: bound.events.value, default=None)


def _bounded(group: Group, bound: _Bound) -> Group:
    """Who had the event was never censored."""
    return Group(group.size, bound.events.value, max(group.size - bound.events.value, 0) if bound.exact else None)


def _finding(claim: Claim, judgment: Judgment, beside: str = "") -> Finding:
    recomputed = None if judgment.recomputed is None else printed(judgment.recomputed)
    note = judgment.note if judgment.verdict is Verdict.MATCH else f"{judgment.note}{beside}"
    found = judgment.searched, judgment.chance, note
    return Finding(claim.id, judgment.verdict, recomputed, judgment.method, *found)


def _against_counts(claims: Claims, claim: Claim, judgment: Judgment, bound: _Bound) -> Finding:
    """It could be, but not with so few events."""
    how = "" if bound.events.how == "printed" else f" ({bound.events.how})"
    number = f"{bound.events.value} event{'s' * (bound.events.value != 1)}"
    events = f"{bound.label!r} has {number}{how}, by {listed(claims, bound.events.claims)}."
    finding = _finding(claim, judgment)
    verdict = Verdict.MISMATCH if judgment.verdict is Verdict.IMPOSSIBLE else judgment.verdict
    return replace(finding, verdict=verdict, note=f"{events} {judgment.note}", others=bound.events.claims)
