"""The names that the tables of one protocol may carry: tests, drugs, events, epochs."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from branchpoint.language.measurements import Coded, Exposed, Occurred

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from branchpoint.language.measurements import Measurement
    from branchpoint.language.protocol import Protocol

__all__ = ["SUPPORTIVE", "Vocabulary", "one_of", "suggest", "vocabulary_of"]

# Supportive and concomitant treatment that any protocol's patients may receive, beside what the protocol itself names.
SUPPORTIVE = (
    "albumin_infusion",
    "antibiotic",
    "anticoagulant",
    "antifungal",
    "antiviral",
    "cryoprecipitate",
    "dexamethasone",
    "fibrinogen_concentrate",
    "g_csf",
    "hydrocortisone",
    "immunoglobulin",
    "plasma",
    "platelet_transfusion",
    "prednisolone",
    "prednisone",
    "red_cell_transfusion",
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that one protocol's records may carry.

    Parameters
    ----------
    tests : mapping of str to Measurement
        What findings are of.
    drugs : tuple of str
        Interventions, what rules ask about, and `SUPPORTIVE`.
    events : tuple of str
        The protocol's events, its groups of adverse events, and what rules ask about.
    ending : tuple of str
        The events after which nothing more can happen to a patient.
    epochs : tuple of str
        Where an override may send a patient.
    genetic_results : tuple of str, optional
        Codes of the genetic result; None when the protocol has none, and any may stand.
    """

    tests: Mapping[str, Measurement]
    drugs: tuple[str, ...]
    events: tuple[str, ...]
    ending: tuple[str, ...]
    epochs: tuple[str, ...]
    genetic_results: tuple[str, ...] | None


def vocabulary_of(protocol: Protocol) -> Vocabulary:
    """Collect the names that a protocol's records may carry."""
    known = protocol.measurements
    drugs = {intervention.name for intervention in protocol.interventions} | set(SUPPORTIVE)
    events = {event.name for event in protocol.events} | {group.name for group in protocol.adverse_events}
    for item in known.values():
        if isinstance(item, Exposed):
            drugs |= set(item.drugs)
        elif isinstance(item, Occurred):
            events |= set(item.events)
    genetic = known.get("genetic_result")
    return Vocabulary(
        tests={name: item for name, item in known.items() if item.source == "findings"},
        drugs=tuple(sorted(drugs)),
        events=tuple(sorted(events)),
        ending=tuple(event.name for event in protocol.events if event.ends_study),
        epochs=tuple(epoch.name for epoch in protocol.epochs),
        genetic_results=genetic.codes if isinstance(genetic, Coded) else None,
    )


def suggest(word: str, known: Iterable[str]) -> str:
    """Give what may have been meant: the closest known words, or how many there are."""
    known = tuple(known)
    close = get_close_matches(word, known, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return one_of(known) if len(known) <= 12 else f"{len(known)} names are known, none is close"


def one_of(words: Iterable[str]) -> str:
    """Say that one of some words was expected."""
    return f"one of {', '.join(words)}"
