"""Printed survival estimates as points to draw: of whom, at which time, with which limits, and whether followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchpoint.publication.claims import Survival
from branchpoint.reporting.notation import number_words, quantity_words
from branchpoint.reporting.reconstruction_claims import left_out, unit_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from branchpoint.publication.claims import Claim, Condition, Variable
    from branchpoint.publication.reconstruction.cohort import Reconstruction

__all__ = ["Group", "Point", "groups_of", "point_words"]

_TWO_SIDED_95 = 1.96


@dataclass(frozen=True, slots=True)
class Point:
    """A printed estimate.

    Attributes
    ----------
    at, percent : float
    text : str
        As it was printed, with its limits.
    low, high : float or None
        Where its bar ends.
    kind : str
        What the bar is; empty where there is none.
    followed, limits_followed : bool
    """

    at: float
    percent: float
    text: str
    low: float | None
    high: float | None
    kind: str
    followed: bool
    limits_followed: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Patients of whom survival is printed: a population, the patients whose time is known, and the estimates."""

    id: str
    label: str
    size: int
    points: tuple[Point, ...]


def groups_of(found: Reconstruction) -> dict[str, tuple[Group, ...]]:
    """Give whoever has survival printed, by the time (its id), in the order of the file.

    Estimates that are told in several places are one point, with the limits of the first place that has any.

    Parameters
    ----------
    found : Reconstruction
    """
    claims, left = found.claims, left_out(found)
    told: dict[str, dict[Condition, list[Claim]]] = {}
    for claim in claims.claims.values():
        where, own = claims.where(claim), claims.variables.get(claim.variable or "")
        if isinstance(claim.value, Survival) and where is not None and own is not None and own.event is not None:
            told.setdefault(own.id, {}).setdefault(where, []).append(claim)
    groups = {
        variable: tuple(_group(found, variable, own, left) for own in by_group.values())
        for variable, by_group in told.items()
    }
    drawn = {name: tuple(group for group in own if group.size) for name, own in groups.items()}
    return {name: own for name, own in drawn.items() if own}


def _group(found: Reconstruction, variable: str, told: list[Claim], left: Collection[tuple[str, str]]) -> Group:
    import polars as pl

    population = found.claims.populations[told[0].population]
    assert population.where is not None, "groups are said in variables"
    first = found.cohorts.filter(pl.col("draw") == 1, pl.col(variable).is_not_null())
    for name, levels in population.where.levels.items():
        first = first.filter(pl.col(name).is_in(list(levels)))
    same: dict[tuple[object, object], list[Claim]] = {}
    for claim in told:
        assert isinstance(claim.value, Survival)
        same.setdefault((claim.value.at, claim.value.percent), []).append(claim)
    return Group(population.id, population.label, first.height, tuple(_point(one, left) for one in same.values()))


def _point(same: list[Claim], left: Collection[tuple[str, str]]) -> Point:
    values = [(claim, claim.value) for claim in same if isinstance(claim.value, Survival)]
    claim, value = next(((claim, value) for claim, value in values if _limits(value)[2]), values[0])
    low, high, kind, fields = _limits(value)
    text = f"{value.percent}%"
    if value.low is not None and value.high is not None:
        text += f" ({value.low} to {value.high})"
    elif kind:
        text += f" ± {getattr(value, fields[0])}"
    followed = any((one.id, "percent") not in left for one, _ in values)
    limits = followed and not any((claim.id, name) in left for name in fields)
    return Point(float(value.at), float(value.percent), text, low, high, kind, followed, limits)


def _limits(value: Survival) -> tuple[float | None, float | None, str, tuple[str, ...]]:
    """Where the bar of an estimate ends, what it is, and the fields that it is drawn from."""
    middle = float(value.percent)
    if value.low is not None and value.high is not None:
        kind = f"{number_words(float(value.level))}% limits"
        return float(value.low), float(value.high), kind, ("low", "high")
    for name, factor, kind in (
        ("half_width", 1.0, f"± half of a {number_words(float(value.level))}% interval"),
        ("standard_error", _TWO_SIDED_95, "1.96 standard errors"),
        ("plus_minus", 1.0, "a number after ± that the report does not name"),
    ):
        width = getattr(value, name)
        if width is not None:
            half = factor * float(width)
            return max(0.0, middle - half), min(100.0, middle + half), kind, (name,)
    return None, None, "", ()


def point_words(point: Point, variable: Variable) -> str:
    """Say what is printed at a time, and what of it is not followed."""
    at = quantity_words(point.at, unit_of(variable.unit, "mo"))
    missing = "" if point.followed and (point.limits_followed or not point.kind) else ", not followed"
    if point.followed and missing:
        missing = ", its limits not followed"
    return f"Printed at {at}: {point.text}{missing}"
