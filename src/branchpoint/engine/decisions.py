"""Decisions: what a protocol decides for one patient, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchpoint.language.responses import NE

if TYPE_CHECKING:
    from branchpoint.engine.explain import Explanation
    from branchpoint.engine.walk import History
    from branchpoint.language.logic import Truth
    from branchpoint.language.pathway import Decision
    from branchpoint.language.protocol import Protocol
    from branchpoint.records.patient import Override, Patient

__all__ = ["SCREENING", "UNSCHEDULED", "Assessment", "Decisions", "Judgment"]

SCREENING = "screening"
UNSCHEDULED = "Unscheduled"
_SCREENED = {
    True: ("enroll", "Eligible: enroll and begin treatment"),
    False: ("do_not_enroll", "Not eligible: do not enroll"),
    None: ("complete_screening", "Eligibility is open: complete the screening"),
}


@dataclass(frozen=True, slots=True)
class Judgment:
    """One assessment under one rule set.

    Parameters
    ----------
    category : str
        The response; NE where it cannot be evaluated.
    possible : tuple of str
        Every response that the missing values leave possible; one when it is settled.
    cases : tuple of Explanation
        The rule of each case, in the order of the rule set; on days before the one asked for, only as far as the
        verdict needed.
    history : History
        What the earlier assessments had found when this one was judged.
    """

    category: str
    possible: tuple[str, ...]
    cases: tuple[Explanation, ...]
    history: History


@dataclass(frozen=True, slots=True)
class Assessment:
    """One step on the pathway.

    Parameters
    ----------
    day : int
        Study day.
    visit : str
        The visit whose window holds the day, or ``Unscheduled``.
    epoch_before, epoch_after : str
    judgment : Judgment
        Under the rule set that the pathway follows.
    decision : Decision
        The decision of the pathway; `override` may have replaced it.
    stratum : str or None
        The stratum last assigned, this step included.
    override : Override or None
    """

    day: int
    visit: str
    epoch_before: str
    epoch_after: str
    judgment: Judgment
    decision: Decision
    stratum: str | None
    override: Override | None = None

    @property
    def action(self) -> str:
        """What is done next."""
        return "override" if self.override else self.decision.action


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the protocol decides for one patient.

    Parameters
    ----------
    eligible : bool or None
    inclusion, exclusion : tuple of Explanation
    diagnosis, etiology, dose : Explanation
    items : tuple of Explanation
        The diagnostic criteria, one by one.
    advisories : tuple of Explanation
        Shown beside the decisions, never part of them.
    path : tuple of Assessment
        In order of day; empty before the first assessment under treatment.
    responses : dict of str to Judgment
        The judgments of the day under every rule set, side by side; empty when `path` is.
    """

    protocol: Protocol
    patient: Patient
    day: int
    eligible: Truth
    inclusion: tuple[Explanation, ...]
    exclusion: tuple[Explanation, ...]
    diagnosis: Explanation
    items: tuple[Explanation, ...]
    etiology: Explanation
    dose: Explanation | None
    advisories: tuple[Explanation, ...]
    path: tuple[Assessment, ...]
    responses: dict[str, Judgment]

    @property
    def epoch(self) -> str:
        """Where the patient is on the day: before the decision of the day is carried out."""
        return self.path[-1].epoch_before if self.path else SCREENING

    @property
    def next_epoch(self) -> str:
        """Where the patient is once the decision of the day is carried out."""
        if self.path:
            return self.path[-1].epoch_after
        return self.protocol.epochs[0].name if self.eligible or self._dosed else SCREENING

    @property
    def action(self) -> str:
        """What is done next."""
        if self.path:
            return self.path[-1].action
        return _SCREENED[self.eligible][0]

    @property
    def action_text(self) -> str:
        """What is done next, in words for the clinic."""
        if self.path:
            override = self.path[-1].override
            return f"Override: {override.reason}" if override else self.path[-1].decision.text
        return _SCREENED[self.eligible][1]

    @property
    def stratum(self) -> str | None:
        """The stratum last assigned."""
        return self.path[-1].stratum if self.path else None

    @property
    def open_decisions(self) -> dict[str, tuple[Explanation, ...]]:
        """The decisions that could not be made, by name, each with the rules behind it."""
        found: dict[str, tuple[Explanation, ...]] = {}
        for rule, part in zip(
            self.protocol.inclusion + self.protocol.exclusion, self.inclusion + self.exclusion, strict=True
        ):
            if part.value is None:
                found[rule.name] = (part,)
        if self.etiology.value is None:
            found["etiology"] = (self.etiology,)
        if self.dose is not None and self.dose.value is None:
            found["dose"] = (self.dose,)
        for name, judgment in self.responses.items():
            if judgment.category == NE:
                found[f"response.{name}"] = judgment.cases
        return found

    @property
    def _dosed(self) -> bool:
        return self.patient.subject.first_dose_date is not None
