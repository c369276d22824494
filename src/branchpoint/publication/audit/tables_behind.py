"""Tables behind P values: the counts of the groups compared, from whatever a report prints of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, product
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.audit.shares import counts_like, decimals
from branchpoint.publication.claims import Condition, Count, Percentage, Proportion, PValue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.claims import Claim, Claims, Population, Variable

__all__ = ["Behind", "Table", "event_rows", "tables_behind", "told"]

Rows = tuple[tuple[int, ...], ...]

# Where several counts print like a percentage, no more than so many combinations of them are tried.
_MOST_TABLES = 50


@dataclass(frozen=True, slots=True)
class Table:
    """Counts compared by a test.

    Attributes
    ----------
    rows : tuple of tuple of int, shape (groups, columns)
        In columns the event and its absence, or the levels of a variable.
    told : str
        As a note tells it.
    others : tuple of str
        Ids of the claims that it is known from.
    """

    rows: Rows
    told: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Behind:
    """The tables that may stand behind a P value: more than one where a count is not known for certain.

    ``missing`` says which cell is not known, where there is no table.
    """

    tables: tuple[Table, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class _Cell:
    """What is known of a group: counts that it may be, out of how many, from which claims."""

    counts: tuple[int, ...]
    size: int
    claims: tuple[str, ...]
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where counts come from; ``whole`` is the population that a P value speaks of."""

    claims: Claims
    known: KnownCounts
    whole: Condition | None

    def cell(self, group: Population, event: Condition | None, quantity: str) -> _Cell | None:
        """What is known of an event in a group, or of a quantity where neither is said in variables."""
        where, whole = group.where, self.whole
        if where is not None and whole is not None and not where.within(whole):
            where = where & whole
        if where is not None and event is not None:
            size = group.size if where == group.where else getattr(self.known.of(where), "value", None)
            count = self.known.of(where & event)
            if count is not None and size is not None and 0 <= count.value <= size:
                return _Cell((count.value,), size, count.claims)
        return _reported(self.claims, group, event, quantity)


def told(rows: Rows) -> str:
    """Counts as a note tells them: "14 of 18 v 22 of 34"; all columns where there are more than two."""
    if len(rows[0]) == 2:
        return " v ".join(f"{row[0]} of {sum(row)}" for row in rows)
    return " v ".join("/".join(map(str, row)) for row in rows)


def tables_behind(claims: Claims, known: KnownCounts, claim: Claim) -> Behind:
    """Find the table that a P value compares.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts
    claim : Claim
        A P value. Its own table goes first; else its groups in rows, and in columns its event and the absence of it, or
        the levels of its variable. Where groups or event are not said in variables, the counts and percentages printed
        of the same quantity in the same population stand for them.
    """
    value = claim.value
    assert isinstance(value, PValue)
    if value.table:
        return Behind((Table(value.table, told(value.table)),))
    if not value.groups:
        return Behind(missing="the claim does not name the groups compared")
    groups = [claims.populations[group] for group in value.groups]
    variable = claims.variables.get(claim.variable or "")
    if variable is not None and claim.event is None:
        if not variable.levels:
            return Behind(missing=f"{variable.label!r} is no category")
        return _by_level(_Source(claims, known, claims.where(claim)), groups, variable)
    source = _Source(claims, known, claims.where(claim))
    cells = [source.cell(group, claim.event, claim.quantity) for group in groups]
    if None in cells:
        group = groups[cells.index(None)]
        what = "the event" if claim.event is None else str(claim.event)
        return Behind(missing=f"how many of {group.label!r} ({group.size}) had {what} is not printed")
    return _combined([cell for cell in cells if cell is not None])


def event_rows(claims: Claims, known: KnownCounts, claim: Claim, event: Condition | None, quantity: str) -> Rows | None:
    """The table of another event in the groups of a P value, as the event and its absence; None where not known."""
    assert isinstance(claim.value, PValue)
    rows, source = [], _Source(claims, known, claims.where(claim))
    for group in claim.value.groups:
        cell = source.cell(claims.populations[group], event, quantity)
        if cell is None or len(cell.counts) != 1:
            return None
        rows.append((cell.counts[0], cell.size - cell.counts[0]))
    return tuple(rows)


def _combined(cells: Sequence[_Cell]) -> Behind:
    others = tuple(dict.fromkeys(name for cell in cells for name in cell.claims))
    assumed = "".join(f"; {cell.assumed}" for cell in cells if cell.assumed)
    tables = []
    for counts in islice(product(*(cell.counts for cell in cells)), _MOST_TABLES):
        rows = tuple((count, cell.size - count) for count, cell in zip(counts, cells, strict=True))
        tables.append(Table(rows, told(rows) + assumed, others))
    return Behind(tuple(tables))


def _by_level(source: _Source, groups: Sequence[Population], variable: Variable) -> Behind:
    levels = variable.levels
    events = [Condition(MappingProxyType({variable.id: frozenset({level})})) for level in levels]
    rows, others = [], []
    for group in groups:
        cells = [source.cell(group, event, "") for event in events]
        sure = [cell.counts[0] if cell is not None and len(cell.counts) == 1 else None for cell in cells]
        unknown = [level for level, count in zip(levels, sure, strict=True) if count is None]
        size = next((cell.size for cell in cells if cell is not None), 0)
        if len(unknown) == 1 and size:
            rest = size - sum(count for count in sure if count is not None)
            sure = [rest if count is None else count for count in sure]
        if None in sure or min(count for count in sure if count is not None) < 0:
            missing = " and ".join(map(repr, unknown)) or repr(variable.id)
            return Behind(missing=f"how many of {group.label!r} ({group.size}) had {missing} is not printed")
        rows.append(tuple(count for count in sure if count is not None))
        others += [name for cell in cells if cell is not None for name in cell.claims]
    kept = [column for column in zip(*rows, strict=True) if any(column)]
    table = tuple(zip(*kept, strict=True)) if len(kept) > 1 else tuple(rows)
    return Behind((Table(table, told(table), tuple(dict.fromkeys(others))),))


def _reported(claims: Claims, group: Population, event: Condition | None, quantity: str) -> _Cell | None:
    """What is printed of a quantity in a group, a count before a percentage."""
    found = [
        claim
        for claim in claims.claims.values()
        if claim.population == group.id
        and isinstance(claim.value, Count | Percentage | Proportion)
        and (claim.event == event if claim.event is not None and event is not None else claim.quantity == quantity)
    ]
    found.sort(key=lambda claim: not isinstance(claim.value, Count))
    return next((cell for claim in found if (cell := _read(claim, group)) is not None), None)


def _read(claim: Claim, group: Population) -> _Cell | None:
    match claim.value:
        case Count(count=count, of=of):
            return _Cell((count,), of or group.size, (claim.id,)) if count <= (of or group.size) else None
        case Percentage(percent=percent, of=of):
            return _shared(claim, percent, of or group.size)
        case Proportion(percent=percent):
            return _shared(claim, percent, group.size)
        case _:
            return None


def _shared(claim: Claim, percent: Decimal, size: int) -> _Cell | None:
    counts = counts_like(percent, size)
    if counts:
        return _Cell(counts, size, (claim.id,))
    step = Decimal(1).scaleb(-decimals(percent))
    near = sorted({count for moved in (percent - step, percent + step) for count in counts_like(moved, size)})
    if not near:
        return None
    said = " or ".join(map(str, near))
    return _Cell(tuple(near), size, (claim.id,), f"no count of {size} prints as {percent}%: taken for {said}")
