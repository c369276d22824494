"""How far drawn values are from the P values printed of them: ranks, means and times to an event, compiled.

A P value is a statistic in disguise: the search is for values whose statistic lies where it would print so.
"""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.reconstruction.values.compiled import njit
from branchpoint.publication.reconstruction.values.move_state import LOG_RANK, MEANS, RANKS, SAME

if TYPE_CHECKING:
    from branchpoint.publication.reconstruction.values.move_state import Floats, State, Targets

__all__ = ["all_away", "counted", "rerank"]


@njit
def counted(state: State, targets: Targets) -> None:
    """Count ranks and ties of all targets afresh."""
    for target in range(targets.kind.shape[0]):
        labels = targets.labels[target]
        state.ranked[target, :] = 0
        state.ties[target] = 0
        for one in range(labels.shape[0]):
            if labels[one] < 0:
                continue
            below, same = 0, 0
            for other in range(labels.shape[0]):
                if labels[other] >= 0:
                    below += state.values[other] < state.values[one]
                    same += state.values[other] == state.values[one]
            state.ranked[target, labels[one]] += 2 * below + same + 1
            # Each of t tied values counts t^2 - 1.
            state.ties[target] += same * same - 1


@njit
def rerank(state: State, targets: Targets, patient: int, old: int, new: int) -> None:
    """Ranks and ties after a patient's value, of whom all others stay, went from old to new."""
    labels, values = targets.labels, state.values
    for target in range(targets.kind.shape[0]):
        own = labels[target, patient]
        if own < 0 or targets.kind[target] >= MEANS:
            continue
        rank, tied_before, tied_after = 0, 0, 0
        for other in range(values.shape[0]):
            label = labels[target, other]
            if label < 0 or other == patient:
                continue
            value = values[other]
            moved = 2 * (value > new) + (value == new) - 2 * (value > old) - (value == old)
            if moved != 0:
                state.ranked[target, label] += moved
                rank -= moved
                tied_before += value == old
                tied_after += value == new
        state.ranked[target, own] += rank
        state.ties[target] += 3 * (tied_after * (tied_after + 1) - tied_before * (tied_before + 1))


@njit
def _away(state: State, targets: Targets, target: int) -> float:
    """How far a statistic is from where it would print as the P value, in standard deviations."""
    if targets.kind[target] == MEANS:
        return _means_away(state, targets, target)
    if targets.kind[target] == LOG_RANK:
        return _log_rank_away(state, targets, target)
    total = 0
    for group in range(targets.sizes.shape[1]):
        total += targets.sizes[target, group]
    left = max(total + 1 - state.ties[target] / (total * (total - 1.0)), SAME)
    if targets.kind[target] == RANKS:
        return _ranks_away(state, targets, target, left)
    h = 0.0
    for group in range(targets.sizes.shape[1]):
        n = targets.sizes[target, group]
        if n > 0:
            h += (0.5 * state.ranked[target, group] - n * (total + 1) / 2) ** 2 / n
    return _outside(targets, target, sqrt(h * 12 / (total * left)))


@njit
def _outside(targets: Targets, target: int, z: float) -> float:
    return max(targets.ends[target, 0] - z, z - targets.ends[target, 1], 0.0)


@njit
def _ranks_away(state: State, targets: Targets, target: int, left: float) -> float:
    """For the rank sum: by its normal approximation, with or without continuity correction, or counted exactly."""
    n, m = targets.sizes[target, 0], targets.sizes[target, 1]
    away = abs(0.5 * state.ranked[target, 0] - n * (n + 1) / 2 - n * m / 2)
    spread = sqrt(n * m / 12 * left)
    nearest = min(_outside(targets, target, away / spread), _outside(targets, target, max(away - 0.5, 0.0) / spread))
    if state.ties[target] == 0 and targets.ends[target, 3] >= 0:
        exact = max(targets.ends[target, 2] - away, away - targets.ends[target, 3], 0.0) / spread
        return min(nearest, exact)
    return nearest


@njit
def _means_away(state: State, targets: Targets, target: int) -> float:
    """For Welch's t, taken to a normal deviate by Wallace's approximation (1959, Ann Math Stat 30:1121)."""
    error, apart, df = 0.0, 0.0, 0.0
    for group in range(2):
        n, mean, squares = targets.sizes[target, group], 0.0, 0.0
        for patient in range(targets.labels.shape[1]):
            if targets.labels[target, patient] == group:
                mean += state.values[patient] / n
        for patient in range(targets.labels.shape[1]):
            if targets.labels[target, patient] == group:
                squares += (state.values[patient] - mean) ** 2
        part = max(squares / max(n - 1, 1) / n, SAME)
        error += part
        df += part**2 / max(n - 1, 1)
        apart += mean if group == 0 else -mean
    df = error**2 / df
    z = (8 * df + 1) / (8 * df + 3) * sqrt(df * log(1 + apart**2 / error / df))
    return _outside(targets, target, z)


@njit
def _log_rank_away(state: State, targets: Targets, target: int) -> float:
    """For the log-rank statistic: the root of its quadratic form in all groups but the last."""
    labels, values, events = targets.labels[target], state.values, targets.events
    size, many = values.shape[0], 0
    while many < targets.sizes.shape[1] and targets.sizes[target, many] > 0:
        many += 1
    apart, spread, at_risk = np.zeros(many), np.zeros((many, many)), np.zeros(many)
    for one in range(size):
        if labels[one] < 0 or events[one] == 0:
            continue
        at_risk[:] = 0.0
        died, first = 0.0, True
        for other in range(size):
            if labels[other] < 0 or values[other] < values[one]:
                continue
            at_risk[labels[other]] += 1
            if values[other] == values[one] and events[other] == 1:
                died += 1
                first = first and other >= one
        total = at_risk.sum()
        apart[labels[one]] += 1
        # Deaths at one time are counted together, with the first of them.
        if not first:
            continue
        shared = died * (total - died) / (total - 1) if total > 1 else 0.0
        for group in range(many):
            apart[group] -= died * at_risk[group] / total
            for second in range(many):
                own = at_risk[group] / total if group == second else 0.0
                spread[group, second] += shared * (own - at_risk[group] * at_risk[second] / total**2)
    return _outside(targets, target, sqrt(max(_quadratic(apart, spread, many - 1), 0.0)))


@njit
def _quadratic(apart: Floats, spread: Floats, many: int) -> float:
    """The form of the first ``many`` entries in the inverse of a covariance matrix, by elimination."""
    total = 0.0
    for pivot in range(many):
        if spread[pivot, pivot] <= SAME:
            continue
        total += apart[pivot] ** 2 / spread[pivot, pivot]
        for row in range(pivot + 1, many):
            share = spread[row, pivot] / spread[pivot, pivot]
            apart[row] -= share * apart[pivot]
            for column in range(pivot + 1, many):
                spread[row, column] -= share * spread[pivot, column]
    return total


@njit
def all_away(state: State, targets: Targets) -> float:
    """How far all statistics are from where they would print as the P values, in standard deviations."""
    total = 0.0
    for target in range(targets.kind.shape[0]):
        total += _away(state, targets, target)
    return total
