"""Estimands: the five attributes of what an analysis estimates, in words, printed with every result.

References
----------
.. [1] ICH E9(R1). Addendum on estimands and sensitivity analysis in clinical trials. 2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from branchpoint.analysis.measures import Measure
    from branchpoint.language.declarations import AnalysisSet, Endpoint
    from branchpoint.language.protocol import Protocol

__all__ = ["Estimand", "estimand_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimand:
    """What an analysis estimates.

    Parameters
    ----------
    population, treatment, variable : str
    intercurrent : tuple of (str, str)
        Each intercurrent event with the strategy that handles it.
    summary : str
        The population-level summary measure.
    """

    population: str
    treatment: str
    variable: str
    intercurrent: tuple[tuple[str, str], ...]
    summary: str

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """The attributes by name, in the order of the guideline."""
        events = tuple(("intercurrent event", f"{event}: {strategy}") for event, strategy in self.intercurrent)
        return (
            ("population", self.population), ("treatment", self.treatment), ("variable", self.variable), *events,
            ("summary measure", self.summary),
        )  # fmt: skip


def estimand_of(measure: Measure, declared: Endpoint | None, chosen: AnalysisSet, protocol: Protocol) -> Estimand:
    """State the estimand of a measure; what the protocol declares goes before what the analysis assumes."""
    whole = measure.among_words.startswith("all")
    population = f"{chosen.label.text} ({chosen.name})" + ("" if whole else f"; {measure.among_words}")
    events = declared.intercurrent_events if declared is not None and declared.intercurrent_events else ()
    return Estimand(
        population=population, treatment=_treatment(protocol, measure), variable=measure.variable,
        intercurrent=events or measure.intercurrent, summary=measure.summary,
    )  # fmt: skip


def _treatment(protocol: Protocol, measure: Measure) -> str:
    first = protocol.epochs[0].label.text
    if measure.name == "efs_intensive" and len(protocol.epochs) > 1:
        return protocol.epochs[1].label.text
    return f"{first}, then as the pathway of {protocol.name} {protocol.version} directs"
