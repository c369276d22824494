"""Random moves of numbers that keep what is printed of them: compiled, and imported only where it runs.

The state is one whole number a patient, and for every group its values in ascending order. A move changes one value, or
exchanges two, or shifts two against each other. Moves that break a printed field are not made; of the others those to a
likelier state are, and some to a less likely one (Metropolis). A P value is a target that tightens on the way.
"""

from __future__ import annotations

from math import exp, inf, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from branchpoint.publication.reconstruction.compiled import njit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Move = tuple[int, int, int, int, int, int]

__all__ = ["DRAWS", "Printed", "Shapes", "State", "Targets", "anneal", "counted", "missed"]

DRAWS = 5
"""Uniform numbers that one move takes."""
EXCHANGED, SHIFTED, PARTED = 0.25, 0.2, 0.1
"""Shares of the moves that exchange two values, shift two against each other, or part the middle two of a group."""
PULL, HEAT = 400.0, 0.3
"""Price of a standard deviation away from a P value, and of a miss at the start, against a likelihood of 1/e."""
SETTLING = 0.6
"""Share of the moves during which P values are approached; after it none that was reached is left."""
SAME = 1e-9


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


class Targets(NamedTuple):
    """P values: ``labels`` (targets, n), -1 outside; ``sizes`` (targets, most groups); ``kind`` (targets,).

    ``ends`` (targets, 4): limits of the standardized statistic, and of the distance of U from its mean where no values
    are tied (a P value counted exactly). Kinds: 0 ranks of two groups, 1 ranks of more, 2 means of two groups.
    """

    labels: Ints
    sizes: Ints
    kind: Ints
    ends: Floats


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
def missed(state: State, printed: Printed) -> float:
    """How far all values are from what is printed of them; 0 when they agree."""
    total, rows = 0.0, state.rows
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
def _rerank(state: State, targets: Targets, patient: int, old: int, new: int) -> None:
    """Ranks and ties after a patient's value, of whom all others stay, went from old to new."""
    labels, values = targets.labels, state.values
    for target in range(targets.kind.shape[0]):
        own = labels[target, patient]
        if own < 0:
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
    if targets.kind[target] == 2:
        return _means_away(state, targets, target)
    total = 0
    for group in range(targets.sizes.shape[1]):
        total += targets.sizes[target, group]
    left = max(total + 1 - state.ties[target] / (total * (total - 1.0)), SAME)
    if targets.kind[target] == 0:
        n, m = targets.sizes[target, 0], targets.sizes[target, 1]
        away = abs(0.5 * state.ranked[target, 0] - n * (n + 1) / 2 - n * m / 2)
        spread = sqrt(n * m / 12 * left)
        if state.ties[target] == 0 and targets.ends[target, 3] >= 0:
            return max(targets.ends[target, 2] - away, away - targets.ends[target, 3], 0.0) / spread
        z = max(away - 0.5, 0.0) / spread
    else:
        h = 0.0
        for group in range(targets.sizes.shape[1]):
            n = targets.sizes[target, group]
            if n > 0:
                h += (0.5 * state.ranked[target, group] - n * (total + 1) / 2) ** 2 / n
        z = sqrt(h * 12 / (total * left))
    return max(targets.ends[target, 0] - z, z - targets.ends[target, 1], 0.0)


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
    return max(targets.ends[target, 0] - z, z - targets.ends[target, 1], 0.0)


@njit
def _all_away(state: State, targets: Targets) -> float:
    total = 0.0
    for target in range(targets.kind.shape[0]):
        total += _away(state, targets, target)
    return total


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
    _rerank(state, targets, one, old, new)
    state.values[one] = new
    if other != one:
        _rerank(state, targets, other, other_old, other_new)
        state.values[other] = other_new


@njit
def _make(state: State, move: Move, forward: bool) -> None:
    """Make a move, or take it back."""
    one, old, new, other, other_old, other_new = move
    _change(state, one, old if forward else new, new if forward else old)
    if other != one:
        _change(state, other, other_old if forward else other_new, other_new if forward else other_old)


@njit
def _proposed(state: State, pairs: Ints, reach: float, uniforms: Floats, number: int) -> Move:
    """A move: a patient with the old and the new value, and another; the same patient twice for a single one."""
    size, kind, turn = state.values.shape[0], uniforms[number, 0], 2 * uniforms[number, 3] - 1
    one, other = int(uniforms[number, 1] * size), int(uniforms[number, 2] * size)
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
def anneal(state: State, printed: Printed, shapes: Shapes, targets: Targets, uniforms: Floats) -> float:
    """Move at random, once for each row of uniform numbers.

    Parameters
    ----------
    state : State
        Changed in place.
    printed, shapes, targets
        What values must print as, how they are spread, and what they are pulled to.
    uniforms : ndarray, shape (moves, 5)

    Returns
    -------
    float
        How far the values are from what is printed at the end; 0 when they agree.
    """
    moves = uniforms.shape[0]
    wrong, away = missed(state, printed), _all_away(state, targets)
    for number in range(moves):
        move = _proposed(state, printed.pairs, shapes.reach, uniforms, number)
        if not _possible(move, printed.bounds):
            continue
        progress, luck = number / moves, -log(max(uniforms[number, 4], 1e-300))
        pull = PULL * min(progress / SETTLING, 1.0)
        cost = _cost(shapes, move)
        if wrong <= SAME and cost - pull * away > luck:
            continue
        _make(state, move, True)
        now, reached = missed(state, printed), away
        kept = now <= SAME if wrong <= SAME else cost + (now - wrong) / max(HEAT * (1 - progress), 0.01) <= luck
        if kept and targets.kind.shape[0]:
            _rerank_both(state, targets, move, True)
            reached = _all_away(state, targets)
            left = progress > SETTLING and reached > away + SAME
            if wrong <= SAME and (left or cost + pull * (reached - away) > luck):
                kept = False
                _rerank_both(state, targets, move, False)
        if kept:
            wrong, away = now, reached
        else:
            _make(state, move, False)
    return wrong
