"""Claims recomputed from patients: any claim, from a table with a column for each variable of the claims file.

What a report printed is not looked at, except for which numbers it printed and by which method. The protocol's own
analysis (`branchpoint.analysis`) computes the same from records; here nothing but the claims file says what is meant.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from branchpoint.publication.claims import (
    Claim,
    ClaimValue,
    Count,
    Mean,
    Median,
    Percentage,
    Proportion,
    PValue,
    Range,
    Survival,
    VariableKind,
)
from branchpoint.statistics.chi_square import pearson
from branchpoint.statistics.descriptives import mean_sd, median_range, quantile
from branchpoint.statistics.fisher import fisher_exact
from branchpoint.statistics.freeman_halton import fisher_freeman_halton
from branchpoint.statistics.inputs import normal_quantile
from branchpoint.statistics.kaplan_meier import kaplan_meier
from branchpoint.statistics.log_rank import log_rank_test
from branchpoint.statistics.proportions import proportion
from branchpoint.statistics.ranks import rank_sum
from branchpoint.statistics.t_test import t_test

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from branchpoint.publication.claims import Claims, Condition

    Mask = NDArray[np.bool_]

__all__ = ["Recomputed", "recompute"]


class Recomputed:
    """The claims of one cohort, each computed when it is asked for.

    Parameters
    ----------
    claims : Claims
    cohort : DataFrame
        One row a patient; a column for each variable of the claims: the level of a category, a number, or the time to
        the event or to the end of observation. Null where a variable does not apply.
    """

    def __init__(self, claims: Claims, cohort: pl.DataFrame) -> None:
        self.claims = claims
        self.size = cohort.height
        self._columns: dict[str, NDArray[Any]] = {
            name: cohort[name].to_numpy() for name in claims.variables if name in cohort.columns
        }
        self._masks: dict[Condition, Mask] = {}

    def fulfilling(self, condition: Condition) -> Mask:
        """Who fulfills a condition; a variable that is null, or not in the table, fulfills none."""
        if condition not in self._masks:
            held = np.ones(self.size, dtype=bool)
            for name, levels in condition.levels.items():
                column = self._columns.get(name)
                held &= np.isin(column, list(levels)) if column is not None else False
            self._masks[condition] = held
        return self._masks[condition]

    def value(self, claim: Claim) -> ClaimValue | None:
        """The claim's own kind of value, unrounded; None where the table does not give it."""
        where = self.claims.where(claim)
        if isinstance(claim.value, PValue):
            return self._p_value(claim, claim.value)
        if where is None:
            return None
        members = self.fulfilling(where)
        match claim.value:
            case Count() | Percentage() | Proportion() if claim.event is not None:
                return self._share(claim.value, members & self.fulfilling(claim.event), members)
            case Median() | Mean() | Range():
                return self._summary(claim, claim.value, members)
            case Survival() if claim.variable is not None:
                return self._survival(claim.variable, claim.value, members)
            case _:
                return None

    def _share(self, value: ClaimValue, counted: Mask, members: Mask) -> ClaimValue | None:
        n, size = int(counted.sum()), int(members.sum())
        if size == 0:
            return Count(0) if isinstance(value, Count) else None
        percent = Decimal(100 * n) / size
        match value:
            case Count():
                return Count(n, None if value.of is None else size, None if value.percent is None else percent)
            case Proportion():
                found = proportion(n, size, float(value.level) / 100)
                return Proportion(percent, _decimal(100 * found.low), _decimal(100 * found.high), value.level)
            case _:
                return Percentage(percent)

    def _numbers(self, variable: str | None, members: Mask) -> NDArray[np.float64]:
        column = self._columns.get(variable or "")
        if column is None or column.dtype == object:
            return np.empty(0)
        values = column[members].astype(float)
        return values[~np.isnan(values)]

    def _summary(self, claim: Claim, value: ClaimValue, members: Mask) -> ClaimValue | None:
        values = self._numbers(claim.variable, members)
        if not len(values):
            return None
        low, high = _decimal(values.min()), _decimal(values.max())
        match value:
            case Median():
                quartiles = [_decimal(quantile(values, share)) for share in (0.25, 0.75)]
                return Median(_decimal(median_range(values).median), low, high, *quartiles)
            case Mean():
                found = mean_sd(values)
                error = found.sd / len(values) ** 0.5
                return Mean(*map(_decimal, (found.mean, found.sd, error, found.sd)))
            case _:
                return Range(low, high)

    def _survival(self, variable: str, value: Survival, members: Mask) -> Survival | None:
        times, died = self._times(variable, members)
        if not len(times):
            return None
        curve = kaplan_meier(times, died)
        (percent, error), level = curve.at(float(value.at)), float(value.level) / 100
        if np.isnan(percent):
            return None
        low, high = curve.limits(float(value.at), level)
        # Half a width is that of the plain interval before it is cut at 0 and 100%.
        half = normal_quantile(level) * error
        found, lower, upper, width, se = (_decimal(100 * one) for one in (percent, low, high, half, error))
        return Survival(found, value.at, lower, upper, width, se, se, value.level)

    def _times(self, variable: str, members: Mask) -> tuple[NDArray[np.float64], Mask]:
        event = self.claims.variables[variable].event
        column = self._columns.get(variable)
        if column is None or event is None:
            return np.empty(0), np.empty(0, dtype=bool)
        known = members & ~np.isnan(column.astype(float))
        return column[known].astype(float), self.fulfilling(event)[known]

    def _p_value(self, claim: Claim, value: PValue) -> PValue | None:
        places = [self.claims.populations[group].where for group in value.groups]
        if len(places) < 2 or any(where is None for where in places):
            return None
        groups = [self.fulfilling(where) for where in places if where is not None]
        p = self._compared(claim, groups)
        return None if p is None or np.isnan(p) else PValue(_decimal(p), groups=value.groups)

    def _compared(self, claim: Claim, groups: Sequence[Mask]) -> float | None:
        variable = self.claims.variables.get(claim.variable or "")
        if claim.event is not None:
            held = self.fulfilling(claim.event)
            return _association([[int((g & held).sum()), int((g & ~held).sum())] for g in groups], claim.method)
        if variable is None:
            return None
        if variable.kind is VariableKind.CATEGORY:
            column = self._columns[variable.id]
            rows = [[int((g & (column == level)).sum()) for level in variable.levels] for g in groups]
            return _association(rows, claim.method)
        if variable.kind is VariableKind.TIME:
            parts = [self._times(variable.id, group) for group in groups]
            labels = np.repeat(np.arange(len(parts)), [len(times) for times, _ in parts])
            times, died = (np.concatenate(column) for column in zip(*parts, strict=True))
            return log_rank_test(times, died, labels).p
        samples = [self._numbers(variable.id, group) for group in groups]
        if len(samples) != 2 or not all(map(len, samples)):
            return None
        first, second = samples
        return t_test(first, second).p if (claim.method or "").startswith("t") else rank_sum(first, second).p


def recompute(claims: Claims, cohort: pl.DataFrame) -> Mapping[str, ClaimValue | None]:
    """Recompute every claim from the patients of a cohort.

    Parameters
    ----------
    claims : Claims
    cohort : DataFrame
        As `Recomputed` takes it.

    Returns
    -------
    mapping of str to ClaimValue or None
        By claim; None where the table does not give it.
    """
    computed = Recomputed(claims, cohort)
    return {claim.id: computed.value(claim) for claim in claims.claims.values()}


def _association(rows: list[list[int]], method: str | None) -> float:
    table = np.asarray(rows)
    if (method or "").lower().startswith("chi"):
        return pearson(table).p
    return fisher_exact(table).p if table.shape == (2, 2) else fisher_freeman_halton(table).p


def _decimal(value: float) -> Decimal:
    # Beyond the ninth digit lies the binary representation, not the estimate.
    return round(Decimal(repr(float(value))), 9)
