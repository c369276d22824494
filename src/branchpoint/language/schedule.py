"""The schedule: epochs of treatment, the visits in them, and what is measured at each visit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from branchpoint.language.errors import ProtocolError
from branchpoint.language.nodes import Label

if TYPE_CHECKING:
    from branchpoint.language.interventions import Intervention
    from branchpoint.language.measurements import Measurement

__all__ = ["Epoch", "Visit", "weeks"]


@dataclass(frozen=True, slots=True)
class Visit:
    """A planned contact.

    Parameters
    ----------
    day : int
        Day on the epoch's clock.
    collects : tuple of Measurement
        What is measured, asked or looked up.
    before, after : int
        Days by which the visit may be early or late.
    label : str
        As a reader sees it; "Day 14" when empty.
    """

    day: int
    collects: tuple[Measurement, ...] = field(default=(), repr=False)
    before: int = 0
    after: int = 0
    label: str = ""

    @property
    def name(self) -> str:
        """The visit as readers and tables name it."""
        return self.label or f"Day {self.day}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """A stage of treatment.

    Parameters
    ----------
    name : str
    label : Label
    visits : tuple of Visit
        In order. An assessment between two visits is judged as of the earlier one.
    gives : tuple of Intervention
    clock : {"first_dose", "epoch_start"}
        What day 0 of its visits is.
    days : int, optional
        The planned duration; None for as long as it takes.
    """

    name: str
    label: Label
    visits: tuple[Visit, ...]
    gives: tuple[Intervention, ...] = ()
    clock: Literal["first_dose", "epoch_start"] = "epoch_start"
    days: int | None = None

    def __post_init__(self) -> None:
        if not self.visits:
            raise ProtocolError(f"epoch {self.name!r}", "it has no visit", "Give at least the visit of day 0")
        for earlier, later in zip(self.visits, self.visits[1:], strict=False):
            if earlier.day + earlier.after >= later.day - later.before:
                raise ProtocolError(
                    f"epoch {self.name!r}",
                    f"the windows of {earlier.name} and {later.name} overlap or are out of order",
                    "List the visits in order and narrow before= or after=",
                )

    def visit_index(self, day: int) -> int:
        """Give the index of the last visit whose window has opened by a day of the epoch's clock."""
        index = 0
        for position, visit in enumerate(self.visits):
            if day >= visit.day - visit.before:
                index = position
        return index

    def visit_on(self, day: int) -> Visit | None:
        """Give the visit whose window holds a day of the epoch's clock, if one does."""
        visit = self.visits[self.visit_index(day)]
        return visit if visit.day - visit.before <= day <= visit.day + visit.after else None


def weeks(*counts: int) -> tuple[int, ...]:
    """Give the days on which some weeks end."""
    return tuple(7 * count for count in counts)
