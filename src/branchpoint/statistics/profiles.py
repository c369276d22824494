"""Named sets of conventions: what a paper, R, SAS or SPSS would do where nobody chose."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from branchpoint.statistics.chi_square import Correction
    from branchpoint.statistics.descriptives import QuantileType
    from branchpoint.statistics.proportions import ProportionForm
    from branchpoint.statistics.ranks import RankForm
    from branchpoint.statistics.results import Alternative

__all__ = ["PROFILES", "Profile", "profile", "rounded"]


@dataclass(frozen=True, slots=True)
class Profile:
    """The conventions that belong together.

    Attributes
    ----------
    name : str
    proportion : str
        Form of the interval of a proportion, for `proportions.proportion`.
    survival : {"plain", "log", "log-log"}
        Form of the interval of a Kaplan-Meier estimate.
    chi_square : str
        Correction of a 2 x 2 table, for `chi_square.pearson`.
    fisher : str
        Alternative of Fisher's exact test.
    ranks : str
        Form of the rank tests, for `ranks.rank_sum`.
    ties : {"efron", "breslow"}
        Tied events in Cox's regression.
    quantile : str
        Type of quantiles, for `descriptives.quantile`.
    rounding : {"half-up", "half-even"}
        Where a number lies halfway between two that can be printed.
    """

    name: str
    proportion: ProportionForm
    survival: Literal["plain", "log", "log-log"]
    chi_square: Correction
    fisher: Alternative
    ranks: RankForm
    ties: Literal["efron", "breslow"]
    quantile: QuantileType
    rounding: Literal["half-up", "half-even"]


# `paper` is what reproduces the reference trial, which used SPSS and added 1.96 standard errors by hand.
# `r`: binom.test, survfit, chisq.test, fisher.test, wilcox.test, coxph, quantile, round.
# `sas`: FREQ (exact limits), LIFETEST, FREQ, NPAR1WAY, PHREG, UNIVARIATE, round.
# `spss`: PROPORTIONS does not exist before version 27, so exact limits; KM prints a standard error alone.
PROFILES: dict[str, Profile] = {
    made.name: made
    for made in (
        Profile("paper", "clopper-pearson", "plain", "none", "two-sided", "normal", "breslow", "spss", "half-up"),
        Profile("r", "clopper-pearson", "log", "yates", "two-sided", "auto", "efron", "r", "half-even"),
        Profile("sas", "clopper-pearson", "log-log", "none", "two-sided", "normal-cc", "breslow", "sas", "half-up"),
        Profile("spss", "clopper-pearson", "plain", "none", "two-sided", "normal", "breslow", "spss", "half-up"),
    )
}

# The square root of the machine's epsilon, as R's cards::round5.
_EPSILON = 2.0**-26


def profile(name: str) -> Profile:
    """Find a profile by name.

    Raises
    ------
    ValueError
        When there is none of that name.
    """
    if name not in PROFILES:
        raise ValueError(f"no profile is called {name!r}: choose from {', '.join(PROFILES)}")
    return PROFILES[name]


def rounded(value: float, digits: int, profile: Profile) -> float:
    """Round as a profile does.

    Parameters
    ----------
    value : float
        nan and infinite ones are given back.
    digits : int
        Decimals.
    profile : Profile
        "half-up" rounds halves away from zero, and takes for a half what lies short of it by rounding error alone, as
        SAS; "half-even" takes the nearer of the two, by distances as the machine holds them, or else the one whose
        last digit is even, as R 4 (Python's round differs for 0.45).

    Returns
    -------
    float
        Never minus zero.
    """
    if not isfinite(value):
        return value
    if profile.rounding == "half-even":
        return _nearer(value, digits) + 0.0
    # Through the printed form, so that no digit of the division is left over.
    steps = floor(abs(value) * 10.0**digits + 0.5 + _EPSILON)
    size = round(steps / 10.0**digits, max(digits, 0))
    return size if value > 0 or size == 0 else -size


def _nearer(value: float, digits: int) -> float:
    if digits <= 0 or abs(value) >= 2.0**52:
        return float(round(value, digits))
    power = 10.0**digits
    steps = floor(value * power)
    low, high = steps / power, ceil(value * power) / power
    below, above = value - low, high - value
    return low if below < above or (below == above and steps % 2 == 0) else high
