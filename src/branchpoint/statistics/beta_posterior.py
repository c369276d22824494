"""What is believed of a proportion after the data: the beta posterior."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, log1p, nan

from branchpoint.statistics.distributions import beta_quantile, beta_tail
from branchpoint.statistics.inputs import checked_level, counted
from branchpoint.statistics.results import Estimate

__all__ = ["BetaPosterior", "beta_posterior"]


@dataclass(frozen=True, slots=True)
class BetaPosterior:
    """What is believed of a proportion after the data, from a beta prior.

    Attributes
    ----------
    a, b : float
        Shapes of the posterior.
    method : str
        Names the prior.
    """

    a: float
    b: float
    method: str

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)

    @property
    def median(self) -> float:
        return beta_quantile(0.5, self.a, self.b)

    def above(self, threshold: float) -> float:
        """Give the probability that the proportion is above a threshold."""
        return beta_tail(min(max(threshold, 0.0), 1.0), self.a, self.b)

    def equal_tailed(self, level: float = 0.95) -> Estimate:
        """Give the posterior mean, and limits that leave as much below as above."""
        tail = (1 - checked_level(level)) / 2
        low, high = (beta_quantile(p, self.a, self.b) for p in (tail, 1 - tail))
        return Estimate(self.mean, low, high, level, f"{self.method}, equal-tailed limits")

    def highest_density(self, level: float = 0.95) -> Estimate:
        """Give the posterior mean, and the shortest interval that holds the level.

        Returns
        -------
        Estimate
            Without limits when both shapes are at most 1 (and not both 1): the densest region is then no interval.
        """
        checked_level(level)
        method = f"{self.method}, highest posterior density"
        if self.a <= 1 and self.b <= 1 and (self.a, self.b) != (1, 1):
            return Estimate(self.mean, nan, nan, level, method, "the densest region is no interval")
        if self.a <= 1 < self.b:
            below = 0.0
        elif self.b <= 1 < self.a:
            below = 1 - level
        elif self.a == self.b:
            below = (1 - level) / 2
        else:
            below = self._shortest(level)
        # The far ends are exact: quantiles of 0 and 1.
        low = beta_quantile(below, self.a, self.b)
        high = 1.0 if below == 1 - level else beta_quantile(below + level, self.a, self.b)
        return Estimate(self.mean, low, high, level, method)

    def _shortest(self, level: float) -> float:
        # The probability below the interval whose ends are equally dense; the low end gains density as it rises.
        def rises(below: float) -> bool:
            low, high = (beta_quantile(p, self.a, self.b) for p in (below, below + level))
            if low <= 0 or high >= 1:
                return low <= 0
            return (self.a - 1) * log(low / high) + (self.b - 1) * (log1p(-low) - log1p(-high)) < 0

        least, most = 0.0, 1 - level
        for _ in range(60):
            middle = (least + most) / 2
            least, most = (middle, most) if rises(middle) else (least, middle)
        return (least + most) / 2


def beta_posterior(count: int, size: int, a: float = 0.5, b: float = 0.5) -> BetaPosterior:
    """Update a beta prior by a count; without trials the posterior is the prior.

    Parameters
    ----------
    count, size : int
    a, b : float
        Shapes of the prior; 1/2 and 1/2 are Jeffreys', 1 and 1 uniform.

    Returns
    -------
    BetaPosterior

    Raises
    ------
    ValueError
        When the count is not between 0 and the size, or a shape is not above 0.

    References
    ----------
    .. [1] Gelman A, Carlin JB, Stern HS, et al. Bayesian Data Analysis. 3rd ed. CRC Press, 2013, section 2.4.
    """
    count, size = counted(count, size)
    if not (a > 0 and b > 0):
        raise ValueError(f"a prior Beta({a}, {b}): give shapes above 0")
    return BetaPosterior(a + count, b + size - count, f"Bayes, prior Beta({a:g}, {b:g})")
