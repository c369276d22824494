"""The arrays that the compiled moves work on: values by patient and group, and what they must print as."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["LOG_RANK", "MANY_RANKS", "MEANS", "RANKS", "SAME", "Curves", "Printed", "Shapes", "State", "Targets"]

SAME = 1e-9
RANKS, MANY_RANKS, MEANS, LOG_RANK = range(4)
"""Kinds of statistic: of the ranks of two groups, of more, of the means of two, of times to an event in any number."""


class State(NamedTuple):
    """Values by patient and group.

    ``values`` (n,); ``rows`` (groups, most), ascending; ``sizes`` (groups,); ``groups`` (n, most): the groups of each
    patient, -1 after the last; ``sums`` (groups, 2): of values and squares; ``ranked`` (targets, most groups): twice
    the sums of ranks; ``ties`` (targets,): the sum of t^3 - t.
    """

    values: Ints
    rows: Ints
    sizes: Ints
    groups: Ints
    sums: Floats
    ranked: Ints
    ties: Ints


class Printed(NamedTuple):
    """What is printed, ordered by group: ``first`` (groups + 1,) is where the limits of a group begin.

    ``places`` and ``weights`` (limits, 2) of two order statistics; ``ends`` (limits, 2); ``scale`` (limits,): what
    missing by a step costs. ``moments`` (groups, 4): limits of the sum and of the variance, infinite where none.
    ``pairs`` (pairs, 3): group and places of order statistics that are moved against each other. ``bounds`` (n, 2):
    limits of each patient's own value.
    """

    first: Ints
    places: Ints
    weights: Ints
    ends: Ints
    scale: Floats
    moments: Floats
    pairs: Ints
    bounds: Ints


class Shapes(NamedTuple):
    """How values are spread, by patient: the middle, the spread below and above it, what is added before the logarithm.

    On the scale of the logarithm where ``logs`` is 1; each (n,). ``reach``: the logarithm of the widest step.
    """

    middle: Floats
    below: Floats
    above: Floats
    added: Floats
    logs: Ints
    reach: float


class Curves(NamedTuple):
    """Survival estimates that must print as printed, at one time each.

    ``groups`` (curves, 2): all whom it describes, and those of them with the event; ``at`` (curves,) in steps;
    ``first`` (curves + 1,) is where its numbers begin. ``what`` (numbers, 2): what each number is and on which scale,
    in the codes of `move_curves`; ``z`` (numbers,): standard errors in half of the interval; ``ends`` (numbers, 2):
    fractions; ``scale`` (curves,): what missing by all costs.
    """

    groups: Ints
    at: Ints
    first: Ints
    what: Ints
    z: Floats
    ends: Floats
    scale: Floats


class Targets(NamedTuple):
    """P values to come near to.

    ``labels`` (targets, n): the group of each patient, -1 outside; ``sizes`` (targets, most groups); ``kind``
    (targets,): one of `RANKS`, `MANY_RANKS`, `MEANS`, `LOG_RANK`. ``ends`` (targets, 4): limits of the standardized
    statistic, and of the distance of U from its mean where no values are tied (a P value counted exactly). ``events``
    (n,): who had the event, where the values are times to one.
    """

    labels: Ints
    sizes: Ints
    kind: Ints
    ends: Floats
    events: Ints
