"""The result of one endpoint: every group with its estimate, the test between groups, and what it all means."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from branchpoint.analysis.estimands import Estimand
    from branchpoint.analysis.measures import Kind
    from branchpoint.statistics.results import Estimate, TestResult

__all__ = ["EndpointResult", "GroupResult", "Named", "printed"]

ALL = "all"


@dataclass(frozen=True, slots=True)
class Named:
    """One more statistic of a group.

    Parameters
    ----------
    name, label : str
    value : float
        May be nan (not estimable) or infinite (not reached).
    level : str
        The category counted, where it is one.
    unit : str
    """

    name: str
    label: str
    value: float
    level: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """An endpoint in one group.

    Parameters
    ----------
    level : str
        The group; ``all`` for everybody.
    n : int
        Patients of the set in the group who can have the endpoint.
    not_evaluable : tuple of (str, int)
        Those of them of whom it is not known, by reason.
    events : int, optional
        How many have it, or had the event.
    estimate : Estimate, optional
        A share from 0 to 1, with its limits.
    more : tuple of Named
    warning, error : str, optional
    """

    level: str
    n: int
    not_evaluable: tuple[tuple[str, int], ...] = ()
    events: int | None = None
    estimate: Estimate | None = None
    more: tuple[Named, ...] = ()
    warning: str | None = None
    error: str | None = None

    @property
    def evaluable(self) -> int:
        """How many could be judged."""
        return self.n - sum(number for _, number in self.not_evaluable)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointResult:
    """An endpoint in all groups.

    Parameters
    ----------
    name, label, unit : str
    kind : Kind
    declared : str
        The name under which the protocol declares it; empty where it does not.
    rank : str
    estimand : Estimand
    by, by_label : str
        The grouping; ``all`` when there is none.
    analysis_set, profile : str
    set_size : int
    groups : tuple of GroupResult
        Everybody first.
    test : TestResult, optional
        Between the groups.
    notes : tuple of str
    """

    name: str
    label: str
    unit: str
    kind: Kind
    declared: str
    rank: str
    estimand: Estimand
    by: str
    by_label: str
    analysis_set: str
    set_size: int
    profile: str
    groups: tuple[GroupResult, ...]
    test: TestResult | None = None
    notes: tuple[str, ...] = ()


def printed(value: float, unit: str = "%", *, digits: int = 1) -> str:
    """Print a value in its unit: a share as percent; "not reached" where infinite, "not estimable" where nan."""
    if not isfinite(value):
        return "not reached" if value > 0 else "not estimable"
    if unit == "%":
        return f"{100 * value:.{digits}f}%"
    return f"{value:.4g} {unit}".strip()
