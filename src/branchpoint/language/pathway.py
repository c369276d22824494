"""The pathway: the decision table that moves a patient between epochs.

Each cell is an epoch, one of its visits, and a response. The pathway refuses to be built unless every cell is decided
exactly once, every decision decides some cell, and every epoch can be reached.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from branchpoint.language.errors import ProtocolError
from branchpoint.language.responses import RESPONSES
from branchpoint.language.schedule import Epoch

__all__ = ["Decision", "Pathway", "at"]

Stratum = Literal["favorable", "unfavorable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the protocol does in some cells of its pathway.

    Parameters
    ----------
    epoch : str
    responses : tuple of str
    first_day, last_day : int, optional
        Visits of the epoch to which it applies, both included; None is open.
    go : str
        The epoch that the patient is in afterwards: the same, or the next.
    action : str
        What is done, in a word for tables.
    text : str
        What is done, in words for the clinic.
    stratum : {"favorable", "unfavorable"}, optional
        The stratum to which the decision assigns the patient.
    cite : str
        The source.
    """

    epoch: str
    responses: tuple[str, ...]
    go: str
    action: str
    text: str = ""
    first_day: int | None = None
    last_day: int | None = None
    stratum: Stratum | None = None
    cite: str = ""

    def __str__(self) -> str:
        since = "" if self.first_day is None else f" from day {self.first_day}"
        until = "" if self.last_day is None else f" to day {self.last_day}"
        return f"{self.epoch}{since}{until}, {' or '.join(self.responses)}"

    def covers(self, day: int) -> bool:
        """Say whether it applies to the visit of a day."""
        return (self.first_day is None or day >= self.first_day) and (self.last_day is None or day <= self.last_day)


def at(
    epoch: Epoch,
    *,
    when: str | tuple[str, ...],
    action: str,
    go: Epoch | None = None,
    on: int | None = None,
    on_or_after: int | None = None,
    before: int | None = None,
    text: str = "",
    stratum: Stratum | None = None,
    cite: str = "",
) -> Decision:
    """Decide some cells of the pathway.

    Parameters
    ----------
    epoch : Epoch
        Where the patient is.
    when : str or tuple of str
        The response or responses.
    action : str
        What is done, in a word.
    go : Epoch, optional
        The epoch entered; None stays.
    on, on_or_after, before : int, optional
        Visits, by their day on the epoch's clock.
    text, stratum, cite
        See `Decision`.
    """
    if on is not None and (on_or_after is not None or before is not None):
        raise ProtocolError(
            f"pathway at {epoch.name!r}", "on= stands with on_or_after= or before=", "Use one or the other"
        )
    return Decision(
        epoch=epoch.name,
        responses=(when,) if isinstance(when, str) else when,
        go=(go or epoch).name,
        action=action,
        text=text,
        first_day=on if on is not None else on_or_after,
        last_day=on if on is not None else None if before is None else before - 1,
        stratum=stratum,
        cite=cite,
    )


@dataclass(frozen=True, slots=True)
class Pathway:
    """Every decision of a protocol, proved to decide each cell once.

    Parameters
    ----------
    epochs : tuple of Epoch
        The first is where patients start.
    decisions : tuple of Decision

    Attributes
    ----------
    table : tuple
        ``table[epoch][visit][response]`` is the index of the decision, in the order of `epochs`, of their visits and
        of `branchpoint.language.responses.RESPONSES`.
    """

    epochs: tuple[Epoch, ...]
    decisions: tuple[Decision, ...]
    table: tuple[tuple[tuple[int, ...], ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_names(self)
        table = tuple(
            tuple(tuple(_decide(self, epoch, visit.day, response) for response in RESPONSES) for visit in epoch.visits)
            for epoch in self.epochs
        )
        _check_every_decision_decides(self, table)
        _check_every_epoch_is_reached(self)
        object.__setattr__(self, "table", table)

    def epoch(self, name: str) -> Epoch:
        """Give an epoch by its name."""
        return next(epoch for epoch in self.epochs if epoch.name == name)


def _decide(pathway: Pathway, epoch: Epoch, day: int, response: str) -> int:
    cell = f"pathway cell ({epoch.name}, day {day}, {response})"
    found = [
        index
        for index, decision in enumerate(pathway.decisions)
        if decision.epoch == epoch.name and response in decision.responses and decision.covers(day)
    ]
    if not found:
        raise ProtocolError(cell, "it is decided by no decision", f"Add at({epoch.name}, when={response!r}, ...)")
    if len(found) > 1:
        both = "; ".join(str(pathway.decisions[index]) for index in found)
        raise ProtocolError(
            cell, f"it is decided {len(found)} times ({both})", "Narrow on=, on_or_after=, before= or when="
        )
    return found[0]


def _check_names(pathway: Pathway) -> None:
    names = [epoch.name for epoch in pathway.epochs]
    for name in names:
        if names.count(name) > 1:
            raise ProtocolError(f"epoch {name!r}", "two epochs have this name", "Rename one")
    for decision in pathway.decisions:
        for name in (decision.epoch, decision.go):
            if name not in names:
                raise ProtocolError(
                    f"pathway decision ({decision})",
                    f"epoch {name!r} is not in the pathway",
                    "List it in epochs",
                )
        for response in decision.responses:
            if response not in RESPONSES:
                raise ProtocolError(
                    f"pathway decision ({decision})",
                    f"{response!r} is no response",
                    f"Use {', '.join(RESPONSES)}",
                )


def _check_every_decision_decides(pathway: Pathway, table: tuple[tuple[tuple[int, ...], ...], ...]) -> None:
    used = {index for epoch in table for visit in epoch for index in visit}
    for index, decision in enumerate(pathway.decisions):
        if index not in used:
            raise ProtocolError(
                f"pathway decision ({decision})",
                "it decides no cell: the epoch has no visit on those days",
                f"Use the days of its visits: {[visit.day for visit in pathway.epoch(decision.epoch).visits]}",
            )


def _check_every_epoch_is_reached(pathway: Pathway) -> None:
    reached = {pathway.epochs[0].name}
    while True:
        more = {decision.go for decision in pathway.decisions if decision.epoch in reached} - reached
        if not more:
            break
        reached |= more
    for epoch in pathway.epochs:
        if epoch.name not in reached:
            raise ProtocolError(
                f"epoch {epoch.name!r}", "no decision leads to it", f"Add at(..., go={epoch.name}) or drop it"
            )
