"""How far drawn times are from the survival estimates printed of them, and from their limits, compiled."""

from __future__ import annotations

from math import asin, exp, log, pi, sin, sqrt
from typing import TYPE_CHECKING

from branchpoint.publication.reconstruction.values.compiled import njit

if TYPE_CHECKING:
    from branchpoint.publication.reconstruction.values.move_state import Curves, Ints, State

__all__ = ["ESTIMATE", "FORMS", "LEAST", "NOBODY", "NUMBERS", "curves_missed"]

ESTIMATE, LOW, HIGH, HALF, ERROR = range(5)
NUMBERS = {"low": LOW, "high": HIGH, "half": HALF, "error": ERROR}
"""What a printed number is."""
PLAIN, LOG, LOG_LOG, LOGIT, ARCSINE = range(5)
FORMS = {"plain": PLAIN, "log": LOG, "log-log": LOG_LOG, "logit": LOGIT, "arcsine": ARCSINE}
"""Scales on which limits are symmetric."""
NOBODY = -1
"""In the place of a group that is empty."""
LEAST = 1e-6
"""What the least miss costs: a value halfway between two printed ones is printed as the greater, not as both."""
NOBODY_LEFT = 1.0
"""Miss of a curve that has no estimate: its last patient was censored before the time asked for."""


@njit
def curves_missed(state: State, curves: Curves) -> float:
    """Sum of what all curves miss; 0 when they print as printed."""
    total = 0.0
    for curve in range(curves.at.shape[0]):
        total += _missed(state, curves, curve)
    return total


@njit
def _missed(state: State, curves: Curves, curve: int) -> float:
    everybody, events, at = curves.groups[curve, 0], curves.groups[curve, 1], curves.at[curve]
    rows, size = state.rows, state.sizes[everybody]
    survival, variance, below, tied = 1.0, 0.0, 0, 0
    for place in range(0 if events == NOBODY else state.sizes[events]):
        time = rows[events, place]
        if time > at:
            break
        tied = tied + 1 if place > 0 and rows[events, place - 1] == time else 0
        while below < size and rows[everybody, below] < time:
            below += 1
        at_risk = size - below - tied
        survival *= 1 - 1 / at_risk
        variance += 1 / (at_risk * (at_risk - 1.0)) if at_risk > 1 else 0.0
    if survival > 0 and rows[everybody, size - 1] < at:
        return NOBODY_LEFT * curves.scale[curve]
    error, miss = survival * sqrt(variance), 0.0
    for number in range(curves.first[curve], curves.first[curve + 1]):
        value = _number(curves.what[number], curves.z[number], survival, error)
        if curves.ends[number, 0] <= 1 and curves.ends[number, 1] >= 0:
            # Some programs cut limits at 0 and at 100%; others print what is beyond.
            value = min(max(value, 0.0), 1.0)
        off = max(curves.ends[number, 0] - value, value - curves.ends[number, 1])
        miss += off + LEAST if off > 0 else 0.0
    return miss * curves.scale[curve]


@njit
def _number(what: Ints, z: float, p: float, error: float) -> float:
    """An estimate, or a number beside it, as a fraction."""
    kind, form, half = what[0], what[1], z * error
    if kind == ESTIMATE:
        return p
    if kind == ERROR:
        return error
    if kind == HALF:
        return half
    side = -1.0 if kind == LOW else 1.0
    if form == PLAIN or p <= 0 or p >= 1:
        return p + side * half
    if form == LOG:
        return p * exp(side * half / p)
    if form == LOG_LOG:
        return p ** exp(-side * half / (-p * log(p)))
    if form == LOGIT:
        return 1 / (1 + (1 - p) / p * exp(-side * half / (p * (1 - p))))
    angle = asin(sqrt(p)) + side * half / (2 * sqrt(p * (1 - p)))
    return sin(min(max(angle, 0.0), pi / 2)) ** 2
