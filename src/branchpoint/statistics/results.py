"""What every estimator and every test returns: a number, how it was reached, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import ClassVar, Literal

__all__ = ["Alternative", "Estimate", "TestResult", "no_estimate", "no_test"]

Alternative = Literal["two-sided", "less", "greater"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its confidence (or credible) limits.

    Attributes
    ----------
    value, low, high : float
        nan where the data give none; `note` then says why. Limits may be infinite.
    level : float
        Confidence level of the limits, between 0 and 1.
    method : str
        The name of the method, to be printed with the result.
    note : str
        What a reader must know besides; empty if nothing.
    """

    value: float
    low: float
    high: float
    level: float
    method: str
    note: str = ""

    @property
    def estimable(self) -> bool:
        """Whether there is a value; the limits may be missing all the same."""
        return not isnan(self.value)


@dataclass(frozen=True, slots=True)
class TestResult:
    """The outcome of a significance test.

    Attributes
    ----------
    p : float
        nan where the data allow no test; `note` then says why.
    statistic : float or None
        None where the test has none, as an exact test of a table.
    df : float or None
        Degrees of freedom of the reference distribution; None where it has none.
    method : str
        The name of the test with its conventions, to be printed with the result.
    note : str
        What a reader must know besides; empty if nothing.
    """

    # pytest would take a class of this name for one of its own.
    __test__: ClassVar[bool] = False

    p: float
    statistic: float | None
    df: float | None
    method: str
    note: str = ""

    @property
    def estimable(self) -> bool:
        """Whether there is a P value."""
        return not isnan(self.p)


def no_estimate(level: float, method: str, note: str) -> Estimate:
    """Say that there is nothing to estimate, and why."""
    return Estimate(nan, nan, nan, level, method, note)


def no_test(method: str, note: str) -> TestResult:
    """Say that there is nothing to test, and why."""
    return TestResult(nan, None, None, method, note)
