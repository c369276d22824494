"""Responses: rule sets that judge how the disease stands on a day.

A rule set is a first-match list of cases, like a classification, except that a case may speak only of patients who
have responded before (progression) or who have been in complete response before (relapse). Rule sets are swapped and
compared side by side; the pathway follows one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from branchpoint.language.errors import ProtocolError
from branchpoint.language.nodes import Label, Node, Rule

__all__ = [
    "CR",
    "IMPROVEMENT",
    "NE",
    "NR",
    "PD",
    "PR",
    "RELAPSE",
    "RESPONDING",
    "RESPONSES",
    "ResponseCase",
    "ResponseRuleSet",
]

CR = "CR"
PR = "PR"
IMPROVEMENT = "improvement"
NR = "NR"
PD = "PD"
RELAPSE = "relapse"
NE = "NE"

RESPONSES = (CR, PR, IMPROVEMENT, NR, PD, RELAPSE, NE)
RESPONDING = (CR, PR, IMPROVEMENT)

After = Literal["response", "complete_response"]


@dataclass(frozen=True, slots=True)
class ResponseCase(Node):
    """One response category and the rule that earns it.

    Parameters
    ----------
    category : str
    rule : Rule
    after : {"response", "complete_response"}, optional
        The case applies only when an earlier assessment found a response, or a complete one.
    label : Label
    """

    category: str
    rule: Rule
    after: After | None = None
    label: Label = Label()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRuleSet:
    """A definition of response.

    Parameters
    ----------
    name : str
        Short: ``trial``, ``dep``, ``strict``. Stored with every assessment.
    label : Label
    cases : tuple of ResponseCase
        In order of precedence.
    otherwise : str
        The category when no case holds.
    """

    name: str
    label: Label
    cases: tuple[ResponseCase, ...]
    otherwise: str = NR

    def __post_init__(self) -> None:
        given = [case.category for case in self.cases] + [self.otherwise]
        for category in given:
            if category not in RESPONSES:
                raise ProtocolError(
                    f"response rule set {self.name!r}",
                    f"{category!r} is no response category",
                    f"Use {', '.join(RESPONSES)}",
                )
            if given.count(category) > 1:
                raise ProtocolError(
                    f"response rule set {self.name!r}",
                    f"{category} is given twice",
                    "Join its rules with any_of",
                )
