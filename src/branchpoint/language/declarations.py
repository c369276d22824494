"""Declarations: what a protocol says of its analysis, and the numbers that it had to choose.

Nothing here is computed by the language. Endpoints and analysis sets are what an analysis of the trial must deliver.

References
----------
.. [1] ICH E9(R1). Addendum on estimands and sensitivity analysis in clinical trials. 2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from branchpoint.language.nodes import Label

if TYPE_CHECKING:
    from branchpoint.language.nodes import Rule

__all__ = ["AnalysisSet", "Endpoint", "EventType", "Parameter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number that the protocol had to choose, where its source gives none or leaves it open."""

    name: str
    value: float
    unit: str
    label: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """Something that happens to a patient and is recorded with its day.

    Parameters
    ----------
    name : str
        As the events table carries it.
    label : Label
    ends_study : bool
        Whether nothing more can happen to the patient afterwards.
    """

    name: str
    label: Label
    ends_study: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSet:
    """A population of analysis, in the words of the protocol."""

    name: str
    label: Label
    excludes: tuple[str, ...] = ()
    only_epoch: str | None = None
    reaching_epoch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A quantity that the trial reports.

    Parameters
    ----------
    name : str
    label : Label
    rank : {"primary", "key secondary", "secondary"}
    kind : {"proportion", "time to event", "duration", "count"}
    population : str
        An analysis set.
    intercurrent_events : tuple of (str, str)
        Each event that changes what the endpoint means, and how it is handled.
    rule : Rule, optional
        Where the endpoint is the share of patients for whom a rule holds.
    """

    name: str
    label: Label
    rank: Literal["primary", "key secondary", "secondary"]
    kind: Literal["proportion", "time to event", "duration", "count"]
    population: str
    intercurrent_events: tuple[tuple[str, str], ...] = ()
    rule: Rule | None = None
