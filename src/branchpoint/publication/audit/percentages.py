"""Percentages: whether each is that of its count, and whether it can be that of any.

Of n patients there are n + 1 percentages. One that is none of them is impossible whatever the data (the GRIM test of
Brown and Heathers, Social Psychological and Personality Science 2017;8:363, for percentages).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from branchpoint.publication.audit.chance import share_of_counts
from branchpoint.publication.audit.known_counts import Known
from branchpoint.publication.audit.luck import slip
from branchpoint.publication.audit.percent_search import Sizes, explain, smaller_denominator
from branchpoint.publication.audit.printed_counts import of_whom
from branchpoint.publication.audit.shares import counts_like, decimals, percent_of, prints_like
from branchpoint.publication.audit.telling import listed, said
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims.values import Count, Percentage, Proportion
from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.claims import Claim, Claims

__all__ = ["check"]


def check(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Hold every percentage against its count, and against all counts that its denominator allows.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts

    Yields
    ------
    Finding
        A match where the percentage is that of its count, as printed beside it or known from other claims, rounded
        half up (a share exactly between may be rounded to even). Else what it stands for, see `percent_search.explain`.
        Impossible where there are more patients than there can be, or where no count gives the percentage.
    """
    denominators = _denominators(claims, known)
    for claim in claims.claims.values():
        if isinstance(claim.value, Count | Percentage | Proportion):
            yield from _Share(claims, known, denominators, claim).findings()


def _denominators(claims: Claims, known: KnownCounts) -> dict[int, str]:
    """Every number of patients that is known, and what it is."""
    found = {
        count.value: f"the count of {claims.claims[count.claim].quantity}"
        for count in known.printed.values()
        if count.claim is not None and count.value > 0
    }
    return found | {population.size: f"the size of {population.label!r}" for population in claims.populations.values()}


class _Share:
    """One claim, with the number of patients that it refers to (``of``) and what others say of its count."""

    def __init__(self, claims: Claims, known: KnownCounts, denominators: Mapping[int, str], claim: Claim) -> None:
        self.claims, self.known, self.denominators, self.claim = claims, known, denominators, claim
        self.of = of_whom(claims, claim)
        self.size = claims.populations[claim.population].size
        condition = claims.condition(claim)
        self.other: Known | None = None
        if condition is not None and self.of == self.size:
            self.other = known.without(condition, claim.id)

    def findings(self) -> Iterator[Finding]:
        match self.claim.value:
            case Count() as value:
                yield from self._count(value)
            case Percentage(percent=percent) | Proportion(percent=percent):
                yield from self._alone(percent)

    def _count(self, value: Count) -> Iterator[Finding]:
        most = min(self.of, self.size)
        if value.count > most:
            note = f"{value.count} is more than all {most} patients."
            yield Finding(self.claim.id, Verdict.IMPOSSIBLE, None, "count within its population", note=note)
            return
        percent = value.percent
        fits = percent is not None and prints_like(value.count, self.of, percent)
        # A denominator below the size is usual: those of whom something is not known are left out.
        fits_size = percent is not None and not fits and prints_like(value.count, self.size, percent)
        if value.of is not None and value.of != self.size and (value.of > self.size or fits_size):
            yield self._denominator(value, value.of, fits_size=fits_size)
        if percent is None or self.of == 0 or fits_size:
            return
        if fits:
            note = f"Of {self.of}, not of all {self.size}." if self.of != self.size else ""
            yield Finding(self.claim.id, Verdict.MATCH, printed(value), f"100 × {value.count} / {self.of}", note=note)
        else:
            yield self._contradicted(percent, value.count)

    def _denominator(self, value: Count, of: int, *, fits_size: bool) -> Finding:
        """A printed denominator that is larger than the population, or that its own percentage contradicts."""
        reason = slip(Decimal(of), Decimal(self.size))
        if fits_size:
            reason = f"{value.percent}% is {value.count} of {self.size}"
        note = f"Printed as of {of}, in a population of {self.size}" + (f": {reason}." if reason else ".")
        return Finding(
            self.claim.id,
            Verdict.MISPRINT if reason else Verdict.MISMATCH,
            printed(Count(value.count, self.size, value.percent), value),
            "denominator against the size of the population",
            note=note,
        )

    def _alone(self, percent: Decimal) -> Iterator[Finding]:
        possible = counts_like(percent, self.of)
        if self.other is not None and self.other.value in possible:
            if isinstance(self.claim.value, Percentage) and self.other.said:
                method, others = f"100 × {self.other.value} / {self.of}", self.other.claims
                yield Finding(self.claim.id, Verdict.MATCH, f"{percent}%", method, note=self._source(), others=others)
        elif possible and (self.other is None or self._trusted()):
            # Another claim is to blame, or nothing is known.
            return
        elif self.other is not None and (possible or self._printed()):
            yield self._contradicted(percent, self.other.value)
        else:
            yield self._no_count(percent)

    def _trusted(self) -> bool:
        """Whether the count that the percentage stands for is held to others, and none of them speaks against it."""
        return self.claim.id in self.known.printed and self.claim.id not in self.known.blame.ties

    def _contradicted(self, percent: Decimal, count: int) -> Finding:
        """A percentage that is not that of its count."""
        beside, other = self._beside(), self.other
        likely = {*beside, *(() if other is None else (other.value,))} - {count}
        why = explain(percent, count, self.of, likely, Sizes(self._wholes(), self.denominators))
        right = percent_of(count, self.of, percent)
        note = f"{count} of {self.of} is {right}%, not {percent}%" + (f": {why.note}." if why.note else ".")
        meant = count
        if other is not None and other.value != count:
            note += f" The count is misprinted for {other.value}." * (why.count == other.value)
            meant = other.value if why.count == other.value else count
        if other is not None:
            note += " " + self._source()
        if why.count in beside and (other is None or why.count != other.value):
            note += f" {why.count} is printed as {said(beside[why.count])}."
        recomputed = f"{right}%"
        if isinstance(self.claim.value, Count):
            corrected = Count(meant, self.claim.value.of, percent_of(meant, self.of, percent))
            recomputed = printed(corrected, self.claim.value)
        method = f"100 × {count} / {self.of}"
        others = other.claims if other is not None else ()
        return Finding(self.claim.id, why.verdict, recomputed, method, why.searched, why.chance, note, others)

    def _no_count(self, percent: Decimal) -> Finding:
        """A percentage that no count gives."""
        of, other = self.of, self.other
        below = max(0, min(of - 1, int(percent * of / 100)))
        shares = " and ".join(f"{count} is {percent_of(count, of, percent)}%" for count in (below, below + 1))
        note = f"No count of {of} prints as {percent}%: {shares}."
        whole = percent.quantize(Decimal(1))
        if whole == percent and decimals(percent) and (counts := counts_like(whole, of)):
            note += f" As a whole percentage, {whole}%, it could be {' or '.join(map(str, counts))} of {of}."
        elif smaller := smaller_denominator(percent, of, self.denominators):
            note += f" Of fewer patients, {smaller}."
        recomputed = None
        if other is not None:
            recomputed = f"{percent_of(other.value, of, percent)}%"
            word = slip(percent, percent_of(other.value, of, percent))
            note += f" {other.value} of {of} would be {recomputed}{f': {word}' if word else ''}. {self._source()}"
        chance = share_of_counts(of, decimals(percent))
        method = f"all {of + 1} counts of {of} (GRIM)"
        others = other.claims if other is not None else ()
        return Finding(self.claim.id, Verdict.IMPOSSIBLE, recomputed, method, of + 1, chance, note, others)

    def _source(self) -> str:
        """What the other claims have for the count, and where."""
        if self.other is None:
            return ""
        how = "" if self.other.how == "printed" else f" ({self.other.how})"
        by = f", by {listed(self.claims, self.other.claims)}" if self.other.claims else ""
        return f"The count is {self.other.value}{how}{by}."

    def _printed(self) -> bool:
        """Whether the count is printed as one, and not only left by others."""
        names = self.other.claims if self.other is not None else ()
        return len(names) == 1 and isinstance(self.claims.claims[names[0]].value, Count)

    def _wholes(self) -> dict[int, str]:
        """The sizes of groups that hold all patients of the population, and other denominators printed with it."""
        where, found = self.claims.where(self.claim), {}
        for other in self.claims.claims.values():
            of = getattr(other.value, "of", None)
            if of is not None and other.population == self.claim.population:
                found[int(of)] = f"the denominator of {other.quantity}"
        box = None if where is None else self.known.boxes.of(where)
        for population in self.claims.populations.values():
            if box is not None and population.where is not None and not box & ~self.known.boxes.of(population.where):
                found[population.size] = f"the size of {population.label!r}"
        return found

    def _beside(self) -> dict[int | None, Claim]:
        """The printed counts of other patients of the same population."""
        return {
            other.value.count: other
            for other in self.claims.claims.values()
            if isinstance(other.value, Count)
            and other.population == self.claim.population
            and other.event != self.claim.event
        }
