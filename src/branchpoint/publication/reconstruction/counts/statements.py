"""Statements: each printed field of a claim as a sum of patients that must lie within limits.

"Favorable response 22 of 52 (42.3%)" makes two statements about one number of patients: it is 22, and it is a number
that prints as 42.3% of 52. Sizes of populations and rules are statements too. Each can be dropped alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.claims import Condition, Count, Percentage, Proportion, Sum, VariableKind, printed_like
from branchpoint.publication.reconstruction.counts.missing_values import in_whom_known, known_levels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from branchpoint.publication.claims import Claim, Claims, Rule

__all__ = ["WEIGHTS", "Statement", "cohort_size", "statements_of"]

WEIGHTS = MappingProxyType({"rule": 12, "size": 6, "count": 2, "parts": 2, "percent": 1, "of": 1})
"""What it costs to drop a statement, by its field. A rule follows from the design; the size of a population is used
wherever its patients are counted; a count is what was tallied, a percentage was computed from it, so that errors of
computing and printing fall on it. Statements that say the same are dropped together and cost their sum: a count
whose own percentage agrees costs 3, and one that is printed in two places 4."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sum of numbers of patients that lies within limits.

    Attributes
    ----------
    claim : str
        The id of the claim, population or rule that says it.
    field : str
        The printed field: count, percent, of or parts of a claim, size of a population; or rule.
    text : str
        What is said, and where.
    terms : tuple of (int, Condition)
        Multiplier and condition; the patients who fulfill the condition are counted.
    least, most : int
        Limits of the sum, included. ``least > most`` where no number of patients prints as the claim does.
    weight : int
        What it costs to drop it; see `WEIGHTS`.
    followed : bool
        False where the claims file sets it aside.
    """

    claim: str
    field: str
    text: str
    terms: tuple[tuple[int, Condition], ...]
    least: int
    most: int
    weight: int = 1
    followed: bool = True

    def __str__(self) -> str:
        return self.text if self.least <= self.most else f"{self.text}, which no number of patients prints like"

    @property
    def content(self) -> tuple[frozenset[tuple[int, Condition]], int, int]:
        """Two statements with the same content say the same."""
        return frozenset(self.terms), self.least, self.most

    @property
    def variables(self) -> frozenset[str]:
        """The variables of its conditions."""
        return frozenset(name for _, condition in self.terms for name in condition)

    @property
    def excludes(self) -> bool:
        """Whether it says that nobody fulfills any of its conditions."""
        return self.most == 0 and self.least == 0 and all(multiplier > 0 for multiplier, _ in self.terms)


def cohort_size(claims: Claims) -> int:
    """The number of patients: the size of the population that is everybody.

    Where no population is, the largest, or those that one variable tells apart taken together.
    """
    placed = [(p.size, p.where) for p in claims.populations.values() if p.where is not None]
    everybody = [size for size, where in placed if not where.levels]
    if everybody:
        return max(everybody)
    together: dict[str, dict[frozenset[str], int]] = {}
    for size, where in placed:
        if len(where.levels) == 1:
            ((name, levels),) = where.levels.items()
            together.setdefault(name, {})[levels] = size
    disjoint = [
        sum(sizes.values())
        for sizes in together.values()
        if sum(len(levels) for levels in sizes) == len(frozenset().union(*sizes))
    ]
    return max([0, *disjoint, *(size for size, _ in placed)])


def statements_of(claims: Claims) -> tuple[Statement, ...]:
    """Every statement about numbers of patients that a claims file makes, in its order: rules, populations, claims.

    Left out is what is not said in the file's variables: claims without an event or without a place for their
    population, and sums of such claims.
    """
    found = [_rule(rule, claims) for rule in claims.rules]
    for population in claims.populations.values():
        if population.where is not None:
            text = f"{population.label}: {population.size} patients"
            own = ((1, population.where),)
            between = population.size, population.size
            found.append(_statement(claims, population.id, "size", text, terms=own, between=between))
    for claim in claims.claims.values():
        found += _claim(claim, claims)
    return tuple(found)


def _claim(claim: Claim, claims: Claims) -> Iterator[Statement]:
    condition, where = claims.condition(claim), claims.where(claim)
    population = claims.populations[claim.population]
    value, what = claim.value, f"{claim.quantity}, {population.label}"
    if isinstance(value, Sum):
        yield from _sum(claim, value, claims)
    if condition is None or where is None or not isinstance(value, Count | Percentage | Proportion):
        return
    of = (None if isinstance(value, Proportion) else value.of) or population.size
    own = ((1, condition),)
    if isinstance(value, Count):
        text = f"{what}: {value.count} of {of} ({claim.place})"
        yield _statement(claims, claim.id, "count", text, terms=own, between=(value.count, value.count))
    if value.percent is not None:
        fits = [count for count in range(of + 1) if printed_like(Decimal(100 * count) / of, value.percent)]
        least, most = (fits[0], fits[-1]) if fits else (1, 0)
        text = f"{what}: {value.percent}% of {of} ({claim.place})"
        yield _statement(claims, claim.id, "percent", text, terms=own, between=(least, most))
    known = in_whom_known(claims, claim)
    if of != population.size or (known is not None and value.percent is not None):
        text = f"{what}: among {of} ({claim.place})"
        yield _statement(claims, claim.id, "of", text, terms=((1, known or where),), between=(of, of))


def _sum(claim: Claim, value: Sum, claims: Claims) -> Iterator[Statement]:
    named = [claims.condition(claims.claims[name]) for name in (value.whole, *value.parts)]
    conditions = [condition for condition in named if condition is not None]
    if len(conditions) == len(named):
        whole, *parts = conditions
        terms = ((1, whole), *((-1, part) for part in parts))
        said = [claims.claims[name].quantity for name in (*value.parts, value.whole)]
        text = f"{claim.quantity}: {', '.join(said[:-1])} add up to {said[-1]} ({claim.place})"
        yield _statement(claims, claim.id, "parts", text, terms=terms, between=(0, 0))


def _rule(rule: Rule, claims: Claims) -> Statement:
    """Nobody fulfills what is given and has another level of any variable of what follows."""
    terms = []
    for name, levels in rule.then.levels.items():
        others = known_levels(claims.variables[name]) - levels
        terms.append((1, rule.given & Condition(MappingProxyType({name: others}))))
    text = f"whoever has {rule.given} has {rule.then} ({rule.place})"
    return _statement(claims, rule.id, "rule", text, terms=tuple(terms), between=(0, 0))


def _statement(
    claims: Claims,
    own: str,
    field: str,
    text: str,
    *,
    terms: tuple[tuple[int, Condition], ...],
    between: tuple[int, int],
) -> Statement:
    levels = {v.id: frozenset(v.levels) for v in claims.variables.values() if v.kind is VariableKind.CATEGORY}
    reduced = tuple((multiplier, _reduced(c, levels)) for multiplier, c in terms if not c.empty)
    claim = claims.claims.get(own) if field not in ("rule", "size") else None
    followed = claim is None or (claim.used and field not in claim.set_aside)
    return Statement(own, field, text, reduced, *between, WEIGHTS[field], followed)


def _reduced(condition: Condition, levels: Mapping[str, frozenset[str]]) -> Condition:
    """The condition without the variables that it lets have any level."""
    named = {name: allowed for name, allowed in condition.levels.items() if allowed != levels[name]}
    return Condition(MappingProxyType(named))
