"""Risk sets behind a printed survival estimate.

A Kaplan-Meier estimate is a product over deaths of ``1 - 1/n``, ``n`` the number at risk. Printed to 0.1% and with few
patients, few sequences of risk sets give it: they can be listed, and say who must have been followed how long.
"""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import combinations, groupby
from typing import TYPE_CHECKING

from branchpoint.publication.claims import printed_like

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["estimate", "greenwood_half_width", "interleavings", "merge", "orders", "risk_paths"]

MOST_CENSORED_BETWEEN_DEATHS = 8


def estimate(at_risk: Sequence[int]) -> float:
    """The Kaplan-Meier estimate, in percent, after one event at each risk set (1958, J Am Stat Assoc 53:457)."""
    return 100 * math.prod(1 - 1 / n for n in at_risk)


def greenwood_half_width(at_risk: Sequence[int], z: float = 1.959964) -> float:
    """Half the width, in percent, of the plain (symmetric) Greenwood interval after one event at each risk set."""
    return z * estimate(at_risk) * math.sqrt(sum(1 / (n * (n - 1)) for n in at_risk))


def risk_paths(size: int, events: int, percent: Decimal, uncensored: int = 0) -> list[tuple[int, ...]]:
    """All sequences of risk sets that print as a survival estimate.

    Parameters
    ----------
    size : int
        Patients at the start.
    events : int
        Events up to the time of the estimate, one at a time.
    percent : Decimal
        The estimate as printed.
    uncensored : int
        Number of first events before which nobody was censored.

    Returns
    -------
    list of tuple of int
        Numbers at risk at the events, in order; those whose plain Greenwood interval is narrowest come first. No more
        than 8 patients are censored between two events.
    """
    start = tuple(range(size, size - uncensored, -1))
    found = [path for path in _extend(start, size, events) if printed_like(estimate(path), percent)]
    return sorted(found, key=greenwood_half_width)


def _extend(path: tuple[int, ...], size: int, events: int) -> Iterator[tuple[int, ...]]:
    if len(path) == events:
        yield path
        return
    most = path[-1] - 1 if path else size
    for at_risk in range(most, max(most - MOST_CENSORED_BETWEEN_DEATHS, 1) - 1, -1):
        yield from _extend((*path, at_risk), size, events)


def orders(events: int, censored: int, size: int, immediate: int, percent: Decimal) -> list[str]:
    """Orders of one group's events (``P``) and censorings (``C``) that print as its estimate.

    Parameters
    ----------
    events, censored : int
        How many of each, apart from the immediate events.
    size : int
        Patients at the start.
    immediate : int
        Events before all others, with nobody censored.
    percent : Decimal
        The estimate as printed.
    """
    total = events + censored
    kinds = (
        "".join("P" if place in places else "C" for place in range(total))
        for places in combinations(range(total), events)
    )
    return [kind for kind in kinds if printed_like(estimate(_at_risk(kind, size, immediate)), percent)]


def interleavings(first: str, second: str, size: int, immediate: int, percent: Decimal) -> list[str]:
    """Merged orders of two groups' events and censorings that print as an estimate of both together.

    Parameters
    ----------
    first, second : str
        Each group's order in time: ``P`` an event, ``C`` a censoring.
    size : int
        Patients at the start, both groups.
    immediate : int
        Events before all others, with nobody censored (no response counts as an event on day 1).
    percent : Decimal
        The estimate as printed.

    Returns
    -------
    list of str
        One letter a turn, ``1`` or ``2``: whose is next. Orders that differ only within a run of events or a run of
        censorings are the same, and listed once.
    """
    found: dict[tuple[tuple[str, int], ...], str] = {}
    total = len(first) + len(second)
    for turns in combinations(range(total), len(first)):
        owners = "".join("1" if turn in turns else "2" for turn in range(total))
        kinds = merge(owners, first, second)
        if printed_like(estimate(_at_risk(kinds, size, immediate)), percent):
            runs = tuple((kind, len(list(run))) for kind, run in groupby(kinds))
            owned = tuple(sorted(zip(_run_numbers(kinds), owners, strict=True)))
            found.setdefault((*runs, *((o, n) for n, o in owned)), owners)
    return list(found.values())


def merge(owners: str, first: str, second: str) -> str:
    """The kinds of event in merged order."""
    queues = {"1": iter(first), "2": iter(second)}
    return "".join(next(queues[owner]) for owner in owners)


def _at_risk(kinds: str, size: int, immediate: int) -> list[int]:
    left = size - immediate
    return [size - done for done in range(immediate)] + [left - n for n, kind in enumerate(kinds) if kind == "P"]


def _run_numbers(kinds: str) -> list[int]:
    numbers: list[int] = []
    for number, (_, run) in enumerate(groupby(kinds)):
        numbers += [number] * len(list(run))
    return numbers
