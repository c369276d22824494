"""Means: whether any whole numbers have a printed mean, and a printed standard deviation with it.

Of n whole numbers the mean is a whole number divided by n (GRIM: Brown and Heathers, Social Psychological and
Personality Science 2017;8:363), and their squares add up to a whole number that is odd where their sum is (GRIMMER:
Anaya, PeerJ Preprints 2016;4:e2400v1). Here both sums are also held to the limits of the variable; with the limits 0
and 1 that is DEBIT (Heathers and Brown 2019, osf.io/pm825).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, isqrt
from typing import TYPE_CHECKING

from branchpoint.publication.audit.shares import decimals
from branchpoint.publication.audit.spreads import patients
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims.values import Mean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.claims import Claims, Variable

__all__ = ["check", "have_moments"]

MOST_STEPS = 5_000
"""Of a search that takes longer it is not known whether the numbers exist, and nothing is said."""
MOST_SQUARES = 200
"""With more sums of squares that print alike, one of them is as good as certain to be possible."""
MOST_SUMS = 2_000
"""Where more sums print like a mean, nothing is said of the standard deviation beside it."""
MOST_SEARCHED = 200
"""Of more numbers only the limits of both sums are looked at: nearly all between them is possible."""


def check(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Hold means and standard deviations of recorded values against what whole numbers allow.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts

    Yields
    ------
    Finding
        Impossible where no recorded values have the mean, or none with this mean the standard deviation; another
        method where they have it only if it was divided by n instead of n - 1.
    """
    for claim in claims.claims.values():
        variable = claims.variables.get(claim.variable or "")
        if not isinstance(claim.value, Mean) or variable is None or variable.decimals is None:
            continue
        n = patients(claims, known, claim)
        if n < 1 or claim.unit not in (None, variable.unit):
            continue
        sums = _sums(claim.value.mean, n, variable)
        what = _recorded(variable)
        if not sums:
            near = round(Fraction(claim.value.mean) * n * 10**variable.decimals)
            shown = sorted(float(Fraction(total, n * 10**variable.decimals)) for total in (near - 1, near, near + 1))
            note = f"No {n} {what} have the mean {claim.value.mean}; the nearest are "
            note += f"{', '.join(f'{mean:.{decimals(claim.value.mean) + 1}f}' for mean in shown)}."
            yield Finding(claim.id, Verdict.IMPOSSIBLE, None, "GRIM", note=note)
        elif claim.value.sd is not None and n > 1:
            yield from _spread(claim.id, claim.value.sd, sums, n, variable)


def _spread(claim: str, sd: Decimal, sums: range, n: int, variable: Variable) -> Iterator[Finding]:
    method = "DEBIT" if (variable.least, variable.most, variable.decimals) == (0, 1, 0) else "GRIMMER"
    if _possible(sd, sums, n, n - 1, variable):
        return
    what = _recorded(variable)
    if _possible(sd, sums, n, n, variable):
        note = f"{n} {what} have this standard deviation if it is divided by {n}, not by {n - 1}."
        yield Finding(claim, Verdict.OTHER_METHOD, str(sd), method, searched=2, note=note)
    else:
        note = f"No {n} {what} have this mean and the standard deviation {sd}."
        yield Finding(claim, Verdict.IMPOSSIBLE, None, method, searched=2, note=note)


def _recorded(variable: Variable) -> str:
    if variable.decimals == 0:
        return "whole numbers"
    return f"values with {variable.decimals} decimal{'s' if variable.decimals != 1 else ''}"


def _sums(mean: Decimal, n: int, variable: Variable) -> range:
    """The sums of recorded values, in units of their last decimal, that print as a mean."""
    half, unit = Fraction(1, 2 * 10 ** decimals(mean)), 10 ** (variable.decimals or 0)
    low, high = (Fraction(mean) - half) * n * unit, (Fraction(mean) + half) * n * unit
    least, most = _limits(variable)
    if least is not None:
        low = max(low, Fraction(least * n))
    if most is not None:
        high = min(high, Fraction(most * n))
    return range(ceil(low), floor(high) + 1)


def _limits(variable: Variable) -> tuple[int | None, int | None]:
    unit = 10 ** (variable.decimals or 0)
    least = None if variable.least is None else ceil(Fraction(str(variable.least)) * unit)
    most = None if variable.most is None else floor(Fraction(str(variable.most)) * unit)
    return least, most


def _possible(sd: Decimal, sums: range, n: int, divisor: int, variable: Variable) -> bool:
    """Whether values with one of the sums have a standard deviation that prints as this one."""
    unit, half = 10 ** (variable.decimals or 0), Fraction(1, 2 * 10 ** decimals(sd))
    low, high = max(Fraction(0), Fraction(sd) - half) * unit, (Fraction(sd) + half) * unit
    least, most = _limits(variable)
    # Not len(), which fails on ranges of more than 2 ** 63.
    if sums.stop - sums.start > MOST_SUMS:
        return True
    for total in sums:
        squares = range(
            ceil(low * low * divisor + Fraction(total * total, n)),
            floor(high * high * divisor + Fraction(total**2, n)) + 1,
        )
        if squares.stop - squares.start > MOST_SQUARES:
            return True
        # No value is further from the mean than the whole spread is wide.
        reach = isqrt(ceil(high * high * divisor)) + 1
        bottom, top = floor(Fraction(total, n)) - reach, ceil(Fraction(total, n)) + reach
        bottom, top = bottom if least is None else max(bottom, least), top if most is None else min(top, most)
        if any(have_moments(n, total, square, bottom, top) for square in squares if (square - total) % 2 == 0):
            return True
    return False


def have_moments(n: int, total: int, squares: int, least: int, most: int) -> bool:
    """Whether some whole numbers have a sum and a sum of squares.

    Parameters
    ----------
    n : int
        How many numbers.
    total, squares : int
        Their sum, and that of their squares.
    least, most : int
        What each of them may be.

    Returns
    -------
    bool
        True also where the search was given up, so that nothing is called impossible that was not proved to be.
    """
    search = _Search(least, most)
    if n > MOST_SEARCHED:
        return search.in_reach(n, total, squares, most)
    return search.found(n, total, squares, most) is not False


@dataclass(slots=True)
class _Search:
    least: int
    most: int
    steps: int = 0

    def found(self, n: int, total: int, squares: int, top: int) -> bool | None:
        """Numbers of at most ``top``, the largest first; None where the search was given up."""
        if not self.in_reach(n, total, squares, top):
            return False
        if n == 1:
            return True
        self.steps += 1
        if self.steps > MOST_STEPS:
            return None
        for value in range(min(top, total - self.least * (n - 1)), ceil(Fraction(total, n)) - 1, -1):
            if (answer := self.found(n - 1, total - value, squares - value * value, value)) is not False:
                return answer
        return False

    def in_reach(self, n: int, total: int, squares: int, top: int) -> bool:
        """Whether numbers within the limits have the sum, and the squares lie between the least and the most."""
        low, rest = divmod(total, n)
        if low < self.least or low + (rest > 0) > top:
            return False
        if n == 1:
            return squares == total * total
        even = (n - rest) * low * low + rest * (low + 1) ** 2
        wide = top - self.least
        full, left = divmod(total - n * self.least, wide) if wide else (0, 0)
        full = min(full, n)
        last = (self.least + left) ** 2 if full < n else 0
        far = full * top * top + last + max(0, n - full - 1) * self.least**2
        return even <= squares <= far and (squares - total) % 2 == 0
