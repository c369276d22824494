"""Confidence intervals of proportions: which form, at which level, of which count, has the limits printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from branchpoint.publication.audit.interval_forms import FORMS, ODD_FORMS, USUAL_FORMS, Form, stated_forms
from branchpoint.publication.audit.luck import as_printed, cut_off, prints_as, slip
from branchpoint.publication.audit.shares import counts_like, decimals
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims import Proportion
from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.claims import Claim, Claims

__all__ = ["check"]

_LEVELS = (Decimal(95), Decimal(90), Decimal(99))
_MOST_CASES = 8
_MOST_FEWER = 300
# A search that hits most limits says nothing of these.
_LUCKY = 0.5


@dataclass(frozen=True, slots=True)
class _Case:
    """A count out of a size, and the limits of a form at a level (in percent)."""

    count: int
    size: int
    form: Form
    level: Decimal

    @property
    def limits(self) -> tuple[float, float] | None:
        """In percent."""
        return _limits(self.form, self.count, self.size, self.level)

    @property
    def told(self) -> str:
        name = self.form.name
        return name if "standard error" in name else f"{name}, {self.level.normalize():f}%"


@lru_cache(maxsize=4096)
def _limits(form: Form, count: int, size: int, level: Decimal) -> tuple[float, float] | None:
    found = form.limits(count, size, float(level) / 100)
    return None if found is None else (100 * found[0], 100 * found[1])


def check(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Recompute every confidence interval of a proportion.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts

    Yields
    ------
    Finding
        One a proportion. *Match*: the form that the claim states or, where it states none, any form at its level gives
        both limits. *Other method*: another form or level does, one or two standard errors or a limit on one side alone
        do, or the decimals are cut off. *Misprint*: another count of the same patients, or another denominator, has
        these limits in a usual form. *Impossible*: limits outside 0% to 100% or on one side of the percentage, or a
        percentage that no count gives. *Mismatch*: no form gives them; recomputed are the limits of the form nearest
        to those printed. The chance of a hit by luck is that of both limits at once, each anywhere in a range as wide
        as the interval.
    """
    sizes = sorted({population.size for population in claims.populations.values()})
    values = [(claim, claim.value) for claim in claims.claims.values()]
    every = [_Interval(claims, known, claim, value) for claim, value in values if isinstance(value, Proportion)]
    seen = Counter(form for one in every for form in one.fitting())
    for one in every:
        yield one.finding(sizes, seen)


class _Interval:
    """The search for the limits of one proportion."""

    def __init__(self, claims: Claims, known: KnownCounts, claim: Claim, value: Proportion) -> None:
        self.claim, self.value = claim, value
        self.size = claims.populations[claim.population].size
        condition = claims.condition(claim)
        sure = None if condition is None else known.of(condition)
        alike = counts_like(value.percent, self.size)
        self.others: tuple[str, ...] = ()
        if sure is not None and (sure.value in alike or not alike) and sure.value <= self.size:
            alike, self.others = (sure.value,), tuple(name for name in sure.claims if name != claim.id)
        self.counts, self.tried = alike[:_MOST_CASES], 0
        self.seen: Mapping[Form, int] = {}

    def fitting(self) -> set[Form]:
        """The usual forms that give both limits."""
        return {case.form for case in self._usual((count, self.size) for count in self.counts) if self._fits(case)}

    def finding(self, sizes: Sequence[int], seen: Mapping[Form, int]) -> Finding:
        """Search for the limits, the forms first that others of the report have (``seen``: how many of them)."""
        self.seen = seen
        low, high, percent = self.value.low, self.value.high, self.value.percent
        if not 0 <= low <= percent <= high <= 100:
            return self._found(Verdict.IMPOSSIBLE, None, f"No proportion of {percent}% lies from {low}% to {high}%.")
        if not counts_like(percent, self.size):
            return self._no_count()
        stated = stated_forms(self.claim.method) if self.claim.method else FORMS
        said = sorted(stated, key=lambda form: -seen.get(form, 0))
        first = [_Case(count, self.size, form, self.value.level) for count in self.counts for form in said]
        if case := self._search(first, self._fits):
            return self._found(Verdict.MATCH, case, f"{case.count} of {case.size}.")
        found = self._by_another_way(first)
        if found is None and not said:
            return self._found(
                Verdict.NOT_DERIVABLE, None, f"{self.claim.method}: no form of interval that is known here."
            )
        return found or self._of_another_count(sizes) or self._wrong(first)

    def _by_another_way(self, first: Sequence[_Case]) -> Finding | None:
        if case := next(filter(self._cut_off, first), None):
            return self._found(
                Verdict.OTHER_METHOD, case, f"The decimals are cut off, not rounded: {self._exact(case)}."
            )
        levels = dict.fromkeys((self.value.level, *_LEVELS))
        rest = [
            _Case(count, self.size, form, level)
            for count in self.counts
            for level in levels
            for form in (*FORMS, *(ODD_FORMS if level == self.value.level else ()))
        ]
        case = self._search([case for case in rest if case not in first], self._fits)
        if case is None:
            return None
        right = first[0] if first else case
        note = f"{case.count} of {case.size}: what is printed is {case.told}; {right.told} gives {self._shown(right)}."
        return self._found(Verdict.OTHER_METHOD, right, note)

    def _of_another_count(self, sizes: Sequence[int]) -> Finding | None:
        """Another count of the patients, or the count of other patients, that has the limits in a usual form."""
        pairs = [(count, self.size) for count in self._counts_between() if count not in self.counts]
        pairs += [(count, size) for count in self.counts for size in sizes if size >= count and size != self.size]
        case = self._search(self._usual(pairs), self._fits)
        if case is None or (self._chance() or 0) > _LUCKY:
            return None
        right = _Case(self.counts[0], self.size, case.form, case.level)
        note = (
            f"The limits are those of {case.count} of {case.size} ({case.told}); "
            f"those of {right.count} of {right.size} are {self._shown(right)}."
        )
        return self._found(Verdict.MISPRINT, right, note)

    def _usual(self, pairs: Iterable[tuple[int, int]]) -> list[_Case]:
        return [_Case(*pair, form, self.value.level) for pair in pairs for form in USUAL_FORMS]

    def _counts_between(self) -> range:
        """Counts whose share lies within the printed limits, the most likely first where they are many."""
        low, high = (float(limit) * self.size / 100 for limit in (self.value.low, self.value.high))
        middle = (low + high) / 2
        reach = min((high - low) / 2, 200)
        return range(max(0, int(middle - reach)), min(self.size, int(middle + reach) + 1) + 1)

    def _wrong(self, first: Sequence[_Case]) -> Finding:
        cases = [case for case in first if case.limits is not None] or self._usual([(self.counts[0], self.size)])
        half = [case for case in cases if any(self._each(case))]
        usual = [case for case in half if case.form in USUAL_FORMS]
        nearest = min(usual or half or cases, key=lambda case: (-self.seen.get(case.form, 0), self._distance(case)))
        return self._found(
            Verdict.MISMATCH, nearest, f"{nearest.count} of {nearest.size}. {self._limits_told(nearest)}"
        )

    def _limits_told(self, case: _Case) -> str:
        """Which limit is right, and what became of the other."""
        right, limits = self._each(case), case.limits or (0.0, 0.0)
        if not any(right):
            return f"No form of interval has these limits; the nearest is {case.told}, {self._shown(case)}."
        name, wrong = ("high", self.value.high) if right[0] else ("low", self.value.low)
        good = as_printed(limits[1] if right[0] else limits[0], wrong)
        how = slip(wrong, good)
        return (
            f"The {'low' if right[0] else 'high'} limit is that of {case.told}; its {name} one is {good}, "
            f"not {wrong}{f': {how}' if how else ''}."
        )

    def _no_count(self) -> Finding:
        """No count prints like the percentage: it is misprinted beside its limits, or that of fewer patients."""
        wrong = f"No count of {self.size} prints as {self.value.percent}%."
        case = self._search(self._usual((count, self.size) for count in self._counts_between()), self._fits)
        if case is not None:
            return self._found(Verdict.MISPRINT, case, f"{wrong} The limits are those of {case.count} of {case.size}.")
        fewer = range(self.size - 1, max(0, self.size - _MOST_FEWER), -1)
        pairs = ((count, size) for size in fewer for count in counts_like(self.value.percent, size))
        case = self._search(self._usual(pairs), self._fits)
        if case is not None:
            return self._found(
                Verdict.MISPRINT, case, f"{wrong} {case.count} of {case.size} gives it, and both limits."
            )
        return self._found(Verdict.IMPOSSIBLE, None, wrong)

    def _search(self, cases: Iterable[_Case], fits: Callable[[_Case], bool]) -> _Case | None:
        for case in cases:
            self.tried += 1
            if fits(case):
                return case
        return None

    def _each(self, case: _Case) -> tuple[bool, bool]:
        limits = case.limits
        if limits is None:
            return False, False
        return prints_as(limits[0], self.value.low), prints_as(limits[1], self.value.high)

    def _fits(self, case: _Case) -> bool:
        return all(self._each(case))

    def _cut_off(self, case: _Case) -> bool:
        limits = case.limits
        return limits is not None and cut_off(limits[0], self.value.low) and cut_off(limits[1], self.value.high)

    def _distance(self, case: _Case) -> float:
        low, high = case.limits or (0.0, 0.0)
        return abs(low - float(self.value.low)) + abs(high - float(self.value.high))

    def _shown(self, case: _Case) -> str:
        low, high = case.limits or (0.0, 0.0)
        return f"{as_printed(low, self.value.low)}% to {as_printed(high, self.value.high)}%"

    def _exact(self, case: _Case) -> str:
        low, high = case.limits or (0.0, 0.0)
        return f"{low:.3f}% to {high:.3f}%"

    def _found(self, verdict: Verdict, case: _Case | None, note: str) -> Finding:
        recomputed = None
        if case is not None and case.limits is not None:
            share, (low, high) = 100 * case.count / case.size, case.limits
            numbers = (Decimal(f"{number:.12g}") for number in (share, low, high))
            recomputed = printed(Proportion(*numbers), self.value)
        method = case.told if case is not None else self.claim.method or ""
        return Finding(self.claim.id, verdict, recomputed, method, self.tried, self._chance(), note, self.others)

    def _chance(self) -> float | None:
        """That both limits are hit by luck."""
        width = float(self.value.high - self.value.low)
        unit = 10.0 ** -decimals(self.value.low)
        return round(min(1.0, self.tried * (unit / width) ** 2), 9) if width > 0 and self.tried else None
