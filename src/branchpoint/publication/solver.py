"""Deterministic integer solving with OR-tools CP-SAT, which is an optional dependency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branchpoint.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "InfeasibleError",
    "SolverMissingError",
    "add_distance",
    "add_median",
    "add_range",
    "domain_of",
    "new_model",
    "solve",
]


class SolverMissingError(Refused, ImportError):
    """OR-tools is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "Reconstruction needs OR-tools, which is not installed: pip install 'branchpoint[reconstruct]'"
        )


class InfeasibleError(Refused, ValueError):
    """No cohort agrees with the claims that a model was built from.

    Parameters
    ----------
    what : str
        What was being reconstructed, and from which claims.
    status : str
        The solver's verdict: INFEASIBLE, or UNKNOWN when it ran out of its deterministic time.
    """

    def __init__(self, what: str, status: str) -> None:
        why = "the claims used there contradict each other" if status != "UNKNOWN" else "its effort was spent"
        super().__init__(f"{what}: the solver found no answer ({status}); {why}")
        self.what = what
        self.status = status


def _cp_model() -> Any:
    try:
        from ortools.sat.python import cp_model
    except ImportError as error:
        raise SolverMissingError from error
    return cp_model


def new_model() -> Any:
    """An empty CP-SAT model.

    Raises
    ------
    SolverMissingError
        OR-tools is not installed.
    """
    return _cp_model().CpModel()


def domain_of(values: Iterable[int]) -> Any:
    """A set of whole numbers, as CP-SAT takes it.

    Raises
    ------
    SolverMissingError
        OR-tools is not installed.
    """
    return _cp_model().Domain.from_values(list(values))


def solve(model: Any, what: str, *, seed: int = 0, effort: float = 1.0) -> Any:
    """Solve a model, the same way each time.

    Parameters
    ----------
    model : CpModel
        From `new_model`.
    what : str
        What is being solved, for the message when there is no answer.
    seed : int
        Seed of the solver's own search.
    effort : float
        Limit in CP-SAT's deterministic time, a unit is a second or more; a limit in wall time would make the answer
        depend on the machine.

    Returns
    -------
    CpSolver
        Holding the best answer found; ``value(variable)`` reads it.

    Raises
    ------
    InfeasibleError
        There is no answer, or none within the effort.
    """
    cp_model = _cp_model()
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.max_deterministic_time = effort
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise InfeasibleError(what, solver.status_name(status))
    return solver


def add_range(model: Any, values: Sequence[Any], low: tuple[int, int], high: tuple[int, int]) -> None:
    """Require that the least of the values lies within ``low`` and the greatest within ``high``, ends included."""
    model.add_min_equality(model.new_int_var(*low, ""), values)
    model.add_max_equality(model.new_int_var(*high, ""), values)


def add_distance(model: Any, values: Sequence[Any], targets: Sequence[int], weights: Sequence[int] = ()) -> Any:
    """The summed distance of the values from their targets, to be minimized."""
    misses = []
    for value, target in zip(values, targets, strict=True):
        miss = model.new_int_var(0, 10**6, "")
        model.add(miss >= value - target)
        model.add(miss >= target - value)
        misses.append(miss)
    return sum(miss * weight for miss, weight in zip(misses, weights or [1] * len(misses), strict=True))


def add_median(model: Any, values: Sequence[Any], least: int, most: int) -> None:
    """Require that twice the median of the values, none of them negative, lies from ``least`` to ``most``.

    The values are split into a lower and an upper half that meet at the two middle order statistics (one and the same
    when their number is odd).
    """
    half = (len(values) + 1) // 2
    lower = model.new_int_var(0, most // 2, "")
    upper = model.new_int_var(-(-least // 2), most, "")
    model.add_linear_constraint(lower + upper, least, most)
    model.add(lower <= upper)
    if len(values) % 2:
        model.add(lower == upper)
    below = [model.new_bool_var("") for _ in values]
    above = below if len(values) % 2 == 0 else [model.new_bool_var("") for _ in values]
    for value, low, high in zip(values, below, above, strict=True):
        model.add(value <= lower).only_enforce_if(low)
        model.add(value >= upper).only_enforce_if(high if len(values) % 2 else ~low)
    model.add(sum(below) == half)
    if len(values) % 2:
        model.add(sum(above) == half)
        return
    for middle, side in ((lower, below), (upper, [~flag for flag in below])):
        attained = [model.new_bool_var("") for _ in values]
        for value, inside, at in zip(values, side, attained, strict=True):
            model.add_implication(at, inside)
            model.add(value == middle).only_enforce_if(at)
        model.add_bool_or(attained)
