"""Random moves of numbers that keep what is printed of them: compiled, and imported only where it runs.

The state is one whole number a patient, and for every group its values in ascending order. A move changes one value, or
exchanges two, or shifts two against each other. Moves that break a printed field are not made; of the others those to a
likelier state are, and some to a less likely one (Metropolis). A P value is a target that tightens on the way.
"""

from __future__ import annotations

from math import exp, inf, log
from typing import TYPE_CHECKING

from branchpoint.publication.reconstruction.values.compiled import njit
from branchpoint.publication.reconstruction.values.move_curves import curves_missed
from branchpoint.publication.reconstruction.values.move_state import SAME
from branchpoint.publication.reconstruction.values.move_targets import all_away, rerank

if TYPE_CHECKING:
    from branchpoint.publication.reconstruction.values.move_state import (
        Curves,
        Floats,
        Ints,
        Printed,
        Shapes,
        State,
        Targets,
    )

    Move = tuple[int, int, int, int, int, int]

__all__ = ["DRAWS", "anneal", "missed"]

DRAWS = 5
"""Uniform numbers that one move takes."""
EXCHANGED, SHIFTED, PARTED, AIMED = 0.25, 0.1, 0.1, 0.08
"""Shares of the moves that exchange two values, shift two against each other, part the middle two of a group, or put an
order statistic where it is printed."""
PULL = 400.0
"""Price of a standard deviation away from a P value, against a likelihood of 1/e."""
SETTLING = 0.6
"""Share of the moves during which P values are approached; after it none that was reached is left."""


@njit
def _replace(rows: Ints, group: int, size: int, old: int, new: int) -> None:
    """Replace a value in the ascending row of a group."""
    low, high = 0, size - 1
    while low < high:
        middle = (low + high) // 2
        if rows[group, middle] < old:
            low = middle + 1
        else:
            high = middle
    if new > old:
        while low + 1 < size and rows[group, low + 1] < new:
            rows[group, low] = rows[group, low + 1]
            low += 1
    else:
        while low > 0 and rows[group, low - 1] > new:
            rows[group, low] = rows[group, low - 1]
            low -= 1
    rows[group, low] = new


@njit
def _change(state: State, patient: int, old: int, new: int) -> None:
    state.values[patient] = new
    for slot in range(state.groups.shape[1]):
        group = state.groups[patient, slot]
        if group < 0:
            break
        _replace(state.rows, group, state.sizes[group], old, new)
        state.sums[group, 0] += new - old
        state.sums[group, 1] += float(new) * new - float(old) * old


@njit
def missed(state: State, printed: Printed, curves: Curves) -> float:
    """How far all values are from what is printed of them; 0 when they agree."""
    total, rows = curves_missed(state, curves), state.rows
    for group in range(state.sizes.shape[0]):
        for limit in range(printed.first[group], printed.first[group + 1]):
            value = printed.weights[limit, 0] * rows[group, printed.places[limit, 0]]
            if printed.weights[limit, 1] != 0:
                value += printed.weights[limit, 1] * rows[group, printed.places[limit, 1]]
            if value < printed.ends[limit, 0]:
                total += (printed.ends[limit, 0] - value) * printed.scale[limit]
            elif value > printed.ends[limit, 1]:
                total += (value - printed.ends[limit, 1]) * printed.scale[limit]
        if printed.moments[group, 1] < inf:
            low, high = printed.moments[group, 0], printed.moments[group, 1]
            total += max(low - state.sums[group, 0], state.sums[group, 0] - high, 0.0) / max(high - low, 1.0)
        if printed.moments[group, 3] < inf:
            low, high, size = printed.moments[group, 2], printed.moments[group, 3], state.sizes[group]
            variance = (state.sums[group, 1] - state.sums[group, 0] ** 2 / size) / (size - 1)
            total += max(low - variance, variance - high, 0.0) / max(high - low, SAME)
    return total


@njit
def _unlikely(shapes: Shapes, patient: int, value: int) -> float:
    """Minus the logarithm of the density of a value."""
    y = value + shapes.added[patient]
    cost = 0.0
    if shapes.logs[patient] == 1:
        if y <= 0:
            return 1e12
        y = log(y)
        cost = y
    y -= shapes.middle[patient]
    spread = shapes.below[patient] if y < 0 else shapes.above[patient]
    return cost + 0.5 * (y / spread) ** 2 + log(spread)


@njit
def _holder(state: State, group: int, value: int, start: int) -> int:
    """A patient of a group who has a value that somebody of it has, looked for from some place on."""
    size = state.values.shape[0]
    for step in range(size):
        patient = (start + step) % size
        if state.values[patient] == value:
            for slot in range(state.groups.shape[1]):
                if state.groups[patient, slot] == group:
                    return patient
    return start


@njit
def _rerank_both(state: State, targets: Targets, move: Move, forward: bool) -> None:
    """Ranks and ties after a move was made, or taken back."""
    one, old, new, other, other_old, other_new = move
    if not forward:
        old, new, other_old, other_new = new, old, other_new, other_old
    if other != one:
        state.values[other] = other_old
    rerank(state, targets, one, old, new)
    state.values[one] = new
    if other != one:
        rerank(state, targets, other, other_old, other_new)
        state.values[other] = other_new


@njit
def _make(state: State, move: Move, forward: bool) -> None:
    """Make a move, or take it back."""
    one, old, new, other, other_old, other_new = move
    _change(state, one, old if forward else new, new if forward else old)
    if other != one:
        _change(state, other, other_old if forward else other_new, other_new if forward else other_old)


@njit
def _aimed(state: State, printed: Printed, uniforms: Floats) -> Move:
    """Put one of the order statistics of a limit where the limit holds, if it does not."""
    limit, group = int(uniforms[1] * printed.scale.shape[0]), 0
    while printed.first[group + 1] <= limit:
        group += 1
    side = 1 if printed.weights[limit, 1] != 0 and uniforms[2] < 0.5 else 0
    value = printed.weights[limit, 0] * state.rows[group, printed.places[limit, 0]]
    value += printed.weights[limit, 1] * state.rows[group, printed.places[limit, 1]]
    missing = max(printed.ends[limit, 0] - value, 0) + min(printed.ends[limit, 1] - value, 0)
    old = state.rows[group, printed.places[limit, side]]
    new = old + int(missing / printed.weights[limit, side])
    one = _holder(state, group, old, int(uniforms[3] * state.values.shape[0]))
    return one, old, new, one, old, new


@njit
def _proposed(state: State, printed: Printed, reach: float, passing: float, uniforms: Floats) -> Move:
    """A move: a patient with the old and the new value, and another; the same patient twice for a single one."""
    pairs = printed.pairs
    size, kind, turn = state.values.shape[0], uniforms[0], 2 * uniforms[3] - 1
    one, other = int(uniforms[1] * size), int(uniforms[2] * size)
    step = int(exp(reach * abs(turn))) * (1 if turn > 0 else -1)
    old, other_old = state.values[one], state.values[other]
    if kind < EXCHANGED:
        return one, old, other_old, other, other_old, old
    if kind < EXCHANGED + SHIFTED:
        return one, old, old + step, other, other_old, other_old - step
    if kind < EXCHANGED + SHIFTED + PARTED and pairs.shape[0]:
        pair = int((kind - EXCHANGED - SHIFTED) / PARTED * pairs.shape[0])
        group = pairs[pair, 0]
        old, other_old = state.rows[group, pairs[pair, 1]], state.rows[group, pairs[pair, 2]]
        one, other = _holder(state, group, old, one), _holder(state, group, other_old, other)
        return one, old, old - step, other, other_old, other_old + step
    if EXCHANGED + SHIFTED + PARTED < kind < EXCHANGED + SHIFTED + PARTED + AIMED and printed.scale.shape[0]:
        return _aimed(state, printed, uniforms)
    if kind > 1 - passing:
        beside = other_old + (1 if turn > 0 else -1)
        return one, old, beside, one, old, beside
    return one, old, old + step, one, old, old + step


@njit
def _possible(move: Move, bounds: Ints) -> bool:
    one, old, new, other, _, other_new = move
    if one == other and (new != other_new or new == old):
        return False
    if new < bounds[one, 0] or new > bounds[one, 1]:
        return False
    return bounds[other, 0] <= other_new <= bounds[other, 1]


@njit
def _cost(shapes: Shapes, move: Move) -> float:
    """How much less likely a move makes the values, as minus a logarithm."""
    one, old, new, other, other_old, other_new = move
    cost = _unlikely(shapes, one, new) - _unlikely(shapes, one, old)
    if one != other:
        cost += _unlikely(shapes, other, other_new) - _unlikely(shapes, other, other_old)
    return cost


@njit
def anneal(  # noqa: PLR0917 - compiled functions take no keywords
    state: State,
    printed: Printed,
    curves: Curves,
    shapes: Shapes,
    targets: Targets,
    uniforms: Floats,
    heat: float,
    passing: float,
) -> float:
    """Move at random, once for each row of uniform numbers.

    Parameters
    ----------
    state : State
        Changed in place.
    printed, curves, shapes, targets
        What values must print as, how they are spread, and what they are pulled to.
    uniforms : ndarray, shape (moves, 5)
    heat : float
        How much may be missed at the start, against a likelihood of 1/e; it falls to nearly nothing.
    passing : float
        Share of the moves that put a time just before or after another, which changes the number at risk by one.

    Returns
    -------
    float
        How far the values are from what is printed at the end; 0 when they agree.
    """
    moves = uniforms.shape[0]
    wrong, away = missed(state, printed, curves), all_away(state, targets)
    for number in range(moves):
        move = _proposed(state, printed, shapes.reach, passing, uniforms[number])
        if not _possible(move, printed.bounds):
            continue
        progress, luck = number / moves, -log(max(uniforms[number, 4], 1e-300))
        pull = PULL * min(progress / SETTLING, 1.0)
        cost = _cost(shapes, move)
        if wrong <= SAME and cost - pull * away > luck:
            continue
        _make(state, move, True)
        now, reached = missed(state, printed, curves), away
        kept = now <= SAME if wrong <= SAME else cost + (now - wrong) / max(heat * (1 - progress), 0.01) <= luck
        if kept and targets.kind.shape[0]:
            _rerank_both(state, targets, move, True)
            reached = all_away(state, targets)
            left = progress > SETTLING and reached > away + SAME
            if wrong <= SAME and (left or cost + pull * (reached - away) > luck):
                kept = False
                _rerank_both(state, targets, move, False)
        if kept:
            wrong, away = now, reached
        else:
            _make(state, move, False)
    return wrong
