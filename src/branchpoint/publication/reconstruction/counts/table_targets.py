"""P values of counts as targets: which pairs of counts, in two groups, a usual test prints so.

Where a report prints a P value and not the counts behind it, cohorts are pulled to counts that have it, and none is
refused for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from branchpoint.publication.claims import Condition, PValue, VariableKind
from branchpoint.publication.reconstruction.counts.missing_values import NOT_KNOWN
from branchpoint.publication.reconstruction.counts.statements import Statement
from branchpoint.publication.reconstruction.values.soft_p import SoftTarget, nearest_p, p_limits
from branchpoint.statistics.chi_square import pearson
from branchpoint.statistics.fisher import fisher_exact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from branchpoint.publication.claims import Claims

__all__ = ["TableTarget", "soft_tables", "table_targets"]

MOST_PAIRS = 20_000
"""Two groups with more pairs of counts than this are not pulled to a P value."""


@dataclass(frozen=True, slots=True)
class TableTarget:
    """Two counts that are not printed, and the pairs of them with the P value that is.

    Attributes
    ----------
    claim : str
    counted : tuple of Condition
        Those with the event in each of the two groups.
    sizes : tuple of int
        Of the groups.
    pairs : tuple of (int, int)
    """

    claim: str
    counted: tuple[Condition, Condition]
    sizes: tuple[int, int]
    pairs: tuple[tuple[int, int], ...]

    @property
    def scopes(self) -> tuple[Statement, ...]:
        """Statements that say nothing, so that both counts can be asked for."""
        return tuple(
            Statement(self.claim, "p", "", ((1, condition),), 0, size)
            for condition, size in zip(self.counted, self.sizes, strict=True)
        )


def table_targets(
    claims: Claims, statements: Collection[Statement], dropped: frozenset[tuple[str, str]] = frozenset()
) -> Iterator[TableTarget]:
    """The P values whose counts are left open by some statements.

    Parameters
    ----------
    claims : Claims
    statements : collection of Statement
        Those that cohorts fulfill.
    dropped : frozenset of (str, str)
        Claims and fields that are not followed.
    """
    fixed = {
        statement.terms[0][1]
        for statement in statements
        if statement.least == statement.most and len(statement.terms) == 1
    }
    for claim in claims.claims.values():
        value = claim.value
        if not isinstance(value, PValue) or claim.same_as is not None or len(value.groups) != 2:
            continue
        if not claim.used or "p" in claim.set_aside or (claim.id, "p") in dropped:
            continue
        event = _event(claims, claim.variable, claim.event)
        # Where values are missing, so are the sizes of the groups.
        if event is not None and any(NOT_KNOWN in claims.variables[name].levels for name in event):
            continue
        groups = [claims.populations[group] for group in value.groups]
        sizes = groups[0].size, groups[1].size
        if event is None or (sizes[0] + 1) * (sizes[1] + 1) > MOST_PAIRS:
            continue
        counted = [group.where & event for group in groups if group.where is not None]
        open_ = any(condition not in fixed for condition in counted)
        if len(counted) == 2 and open_ and not any(condition.empty for condition in counted):
            pairs = _pairs(sizes, value, claim.method)
            if pairs:
                yield TableTarget(claim.id, (counted[0], counted[1]), sizes, pairs)


def _event(claims: Claims, variable: str | None, event: Condition | None) -> Condition | None:
    """What is counted: the event, or one level of a category with two."""
    if event is not None or variable is None:
        return event
    own = claims.variables[variable]
    if own.kind is not VariableKind.CATEGORY or len(own.levels) != 2:
        return None
    return Condition({own.id: frozenset({own.levels[0]})})


def soft_tables(
    claims: Claims, targets: Sequence[TableTarget], patients: Sequence[Mapping[str, str]]
) -> Iterator[SoftTarget]:
    """The P values of targets in a cohort: of the tests that may be meant, the one nearest to what is printed.

    Parameters
    ----------
    claims : Claims
    targets : sequence of TableTarget
    patients : sequence of mapping of str to str
        The level of every category, one a patient.
    """
    for target in targets:
        claim = claims.claims[target.claim]
        first, second = (sum(counted.holds(patient) for patient in patients) for counted in target.counted)
        yield nearest_p(claim, _ps(first, second, target.sizes, claim.method))


@lru_cache(maxsize=256)
def _pairs(sizes: tuple[int, int], value: PValue, method: str | None) -> tuple[tuple[int, int], ...]:
    low, high = p_limits(value)
    every = product(range(sizes[0] + 1), range(sizes[1] + 1))
    return tuple(pair for pair in every if any(low <= p < high for p in _ps(*pair, sizes, method)))


def _ps(first: int, second: int, sizes: tuple[int, int], method: str | None) -> list[float]:
    """By every test that may be meant; none where nobody, or everybody, is counted."""
    if not 0 < first + second < sum(sizes):
        return []
    words, rows = (method or "").lower(), ((first, sizes[0] - first), (second, sizes[1] - second))
    exact, asymptotic = "fisher" in words or "exact" in words, "chi" in words or "χ" in words
    ps = [] if exact and not asymptotic else [pearson(rows).p, pearson(rows, "yates").p]
    return ps + ([] if asymptotic and not exact else [fisher_exact(rows).p])
