"""The pathway as integers: what one patient, a cohort and a simulation all index.

Responses are bits. A set of responses that are still possible is one small integer, so a decision that would be the
same whatever the missing values turn out to be is found by a table look-up, for one patient and for a million alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.language.responses import CR, NE, RESPONDING, RESPONSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from branchpoint.language.pathway import Pathway

__all__ = ["ALL_SETS", "BIT", "CR_BIT", "NE_CODE", "RESPONDING_BITS", "SETTLED", "PathwayTable", "compile_pathway"]

BIT = {response: 1 << code for code, response in enumerate(RESPONSES)}
CR_BIT = BIT[CR]
RESPONDING_BITS = sum(BIT[response] for response in RESPONDING)
NE_CODE = RESPONSES.index(NE)
ALL_SETS = 1 << len(RESPONSES)

# The one response in a set, or not evaluable where the set has several.
SETTLED = np.array([bits.bit_length() - 1 if bits.bit_count() == 1 else NE_CODE for bits in range(ALL_SETS)], np.int8)


@dataclass(frozen=True, eq=False)
class PathwayTable:
    """A compiled pathway.

    Attributes
    ----------
    decision : ndarray of int16, shape (epochs, visits, 128)
        Index of the decision for an epoch, a visit and a set of possible responses; epochs with fewer visits than
        the longest repeat their last.
    next_epoch : ndarray of int8, shape (decisions,)
    from_first_dose : ndarray of bool, shape (epochs,)
        Whether the epoch's clock starts with the first dose, or when the epoch is entered.
    visit : ndarray of int16, shape (epochs, days)
        Index of the visit as of which a day of the epoch's clock counts; days after the last column count as it does.
    """

    pathway: Pathway
    decision: NDArray[np.int16]
    next_epoch: NDArray[np.int8]
    from_first_dose: NDArray[np.bool_]
    visit: NDArray[np.int16]


@lru_cache(maxsize=64)
def compile_pathway(pathway: Pathway) -> PathwayTable:
    """Compile a pathway to integer tables.

    Parameters
    ----------
    pathway : Pathway

    Returns
    -------
    PathwayTable
    """
    names = [epoch.name for epoch in pathway.epochs]
    width = max(len(epoch.visits) for epoch in pathway.epochs)
    decision = np.zeros((len(names), width, ALL_SETS), np.int16)
    days = 1 + max(epoch.visits[-1].day for epoch in pathway.epochs)
    for index, epoch in enumerate(pathway.epochs):
        for visit in range(width):
            cells = pathway.table[index][min(visit, len(epoch.visits) - 1)]
            decision[index, visit] = [_decide(pathway, cells, bits) for bits in range(ALL_SETS)]
    return PathwayTable(
        pathway,
        decision,
        np.array([names.index(d.go) for d in pathway.decisions], np.int8),
        np.array([epoch.clock == "first_dose" for epoch in pathway.epochs]),
        np.array([[epoch.visit_index(day) for day in range(days)] for epoch in pathway.epochs], np.int16),
    )


def _decide(pathway: Pathway, cells: tuple[int, ...], bits: int) -> int:
    possible = [cells[code] for code in range(len(RESPONSES)) if bits >> code & 1]
    outcomes = {(pathway.decisions[index].go, pathway.decisions[index].action) for index in possible}
    return possible[0] if len(outcomes) == 1 else cells[NE_CODE]
