"""A protocol: everything a trial has decided beforehand, in one frozen value that proves itself when it is made."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING

from branchpoint.language.content import content_hash
from branchpoint.language.errors import ProtocolError
from branchpoint.language.nodes import Node, share
from branchpoint.language.proofs import PROOFS, inputs_of

if TYPE_CHECKING:
    from branchpoint.language.choices import Classification
    from branchpoint.language.declarations import AnalysisSet, Endpoint, EventType, Parameter
    from branchpoint.language.grading import AdverseEventGroup, GradingTable
    from branchpoint.language.interventions import Intervention
    from branchpoint.language.measurements import Measurement
    from branchpoint.language.pathway import Pathway
    from branchpoint.language.quantities import Derived
    from branchpoint.language.responses import ResponseRuleSet
    from branchpoint.language.rules import Criterion
    from branchpoint.language.schedule import Epoch

__all__ = ["Protocol"]


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """One executable protocol.

    Parameters
    ----------
    name : str
        As studies and commands refer to it.
    version : str
        Raised whenever a decision can change.
    title, cite : str
    inclusion, exclusion : tuple of Criterion
        Judged on the record up to study day 0.
    diagnosis : Criterion
        The diagnostic criteria, explained item by item.
    etiology : Classification
        Judged on the record up to study day 0.
    pathway : Pathway
        With the epochs and their visits.
    responses : tuple of ResponseRuleSet
        The first is the one that the pathway follows.
    interventions : tuple of Intervention
        The first is the study treatment, whose dose is explained.
    advisories : tuple of Criterion or Derived
        Shown beside a decision and never part of it.
    """

    name: str
    version: str
    title: str
    cite: str
    inclusion: tuple[Criterion, ...]
    exclusion: tuple[Criterion, ...]
    diagnosis: Criterion
    diagnosis_items: tuple[Criterion, ...]
    etiology: Classification
    interventions: tuple[Intervention, ...]
    responses: tuple[ResponseRuleSet, ...]
    pathway: Pathway
    advisories: tuple[Criterion | Derived, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    events: tuple[EventType, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    analysis_sets: tuple[AnalysisSet, ...] = ()
    gradings: tuple[GradingTable, ...] = field(default=(), repr=False)
    adverse_events: tuple[AdverseEventGroup, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        known: dict[Node, Node] = {}
        for item in fields(self):
            object.__setattr__(self, item.name, share(getattr(self, item.name), known))
        for proof in PROOFS:
            proof(self)
        names = [rule_set.name for rule_set in self.responses]
        if not names or len(set(names)) != len(names):
            raise ProtocolError(
                f"protocol {self.name!r}",
                "its response rule sets have no name of their own",
                "Name each once",
            )

    @property
    def epochs(self) -> tuple[Epoch, ...]:
        """The epochs of the pathway."""
        return self.pathway.epochs

    @cached_property
    def measurements(self) -> dict[str, Measurement]:
        """Every measurement that a rule reads or a visit collects, by name."""
        collected = [m for epoch in self.epochs for visit in epoch.visits for m in visit.collects]
        read = [item.measurement for item in inputs_of(self)]
        return {measurement.name: measurement for measurement in (*collected, *read)}

    @cached_property
    def response_findings(self) -> frozenset[str]:
        """The findings that some response rule reads: a day with one of them is a day of assessment."""
        read = inputs_of(tuple(case for rule_set in self.responses for case in rule_set.cases))
        return frozenset(item.measurement.name for item in read if item.measurement.source == "findings")

    @cached_property
    def hash(self) -> str:
        """The content hash: equal for protocols that say the same, different as soon as one word differs."""
        return content_hash(self)

    def __hash__(self) -> int:
        # The generated one would visit every rule at every look-up.
        return hash(self.hash)

    def prove(self) -> tuple[tuple[str, str], ...]:
        """Give each proof in words, with what it covered."""
        return tuple(((proof.__doc__ or "").strip(), proof(self)) for proof in PROOFS)
