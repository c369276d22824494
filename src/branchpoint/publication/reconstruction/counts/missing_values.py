"""Missing values: a level for patients of whom a category is not known, where a denominator tells that there are some.

"CR in 20 of 48" among 52 patients says that the response of 4 is not known. Said of a level, this is a statement like
any other: it is held against other tables, and contradicts those that know the response of all 52.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.claims import Condition, Count, Percentage

if TYPE_CHECKING:
    from branchpoint.publication.claims import Claim, Claims, Variable

__all__ = ["NOT_KNOWN", "in_whom_known", "known_levels", "with_missing_values"]

NOT_KNOWN = "(not known)"
"""The level of those of whom a category is not known, named as no level of a file can be."""


def with_missing_values(claims: Claims) -> Claims:
    """The claims with the level `NOT_KNOWN` for every category that is counted among fewer than its population.

    Left as they are: categories that are only counted together with others, since it is not told which is not known.
    """
    names = {_counted_alone(claim) for claim in claims.claims.values() if _among_fewer(claims, claim)} - {None}
    variables = {
        own.id: replace(own, levels=(*own.levels, NOT_KNOWN)) if own.id in names else own
        for own in claims.variables.values()
    }
    return replace(claims, variables=MappingProxyType(variables))


def known_levels(variable: Variable) -> frozenset[str]:
    """The levels that the claims file gives a category."""
    return frozenset(variable.levels) - {NOT_KNOWN}


def in_whom_known(claims: Claims, claim: Claim) -> Condition | None:
    """Those of a claim's population in whom its event is known; None where it is known of everybody.

    Parameters
    ----------
    claims : Claims
        As `with_missing_values` gives them.
    claim : Claim
    """
    where, name = claims.where(claim), _counted_alone(claim)
    if where is None or name is None or NOT_KNOWN not in claims.variables[name].levels:
        return None
    return where & Condition(MappingProxyType({name: known_levels(claims.variables[name])}))


def _among_fewer(claims: Claims, claim: Claim) -> bool:
    value, where = claim.value, claims.where(claim)
    if where is None or not isinstance(value, Count | Percentage) or value.of is None:
        return False
    name = _counted_alone(claim)
    return value.of < claims.populations[claim.population].size and name is not None and name not in where.levels


def _counted_alone(claim: Claim) -> str | None:
    """The one category of a claim's event."""
    levels = claim.event.levels if claim.event is not None else {}
    return next(iter(levels)) if len(levels) == 1 else None
