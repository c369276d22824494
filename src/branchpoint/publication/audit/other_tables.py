"""Other tables: counts from which a P value may have been computed by mistake."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations
from typing import TYPE_CHECKING

from branchpoint.publication.audit.tables_behind import Table, event_rows, tables_behind, told
from branchpoint.publication.claims import Count, Percentage, Proportion, PValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.claims import Claim, Claims

__all__ = ["other_tables"]

Rows = tuple[tuple[int, ...], ...]


def other_tables(claims: Claims, known: KnownCounts, claim: Claim, rows: Rows) -> Iterator[Table]:
    """List what may have been tested in place of a table, each set of counts once.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts
    claim : Claim
        The P value.
    rows : tuple of tuple of int, shape (groups, columns)
        Its own table.

    Yields
    ------
    Table
        Totals in place of those without the event, everybody as denominator, denominators exchanged, percentages in
        place of counts; all levels of which the event is some; some of the groups, or one against the rest; one level
        against the rest; and every other event that is printed of a group, the nearest rows first, as when a P value
        is copied from another one.
    """
    seen = {_key(rows)}
    for table in chain(
        _miscounted(rows),
        _all_levels(claims, known, claim),
        _some_groups(rows),
        _some_levels(rows),
        _other_events(claims, known, claim),
    ):
        key = _key(table.rows)
        if key not in seen and len(table.rows) > 1 and len(table.rows[0]) > 1:
            seen.add(key)
            yield table


def _key(rows: Rows) -> frozenset[tuple[int, ...]] | tuple[tuple[int, ...], ...]:
    """What tables of the same P value share: the order of the columns does not matter."""
    return tuple(sorted(zip(*rows, strict=True)))


def _miscounted(rows: Rows) -> Iterator[Table]:
    sizes = [sum(row) for row in rows]
    if all(sizes):
        percents = tuple(
            tuple(round(100 * count / size) for count in row) for row, size in zip(rows, sizes, strict=True)
        )
        yield Table(percents, f"percentages taken for counts, {told(percents)}")
    if len(rows[0]) != 2:
        return
    totals = tuple((row[0], size) for row, size in zip(rows, sizes, strict=True))
    yield Table(totals, "totals in place of those without the event")
    everybody = tuple((row[0], sum(sizes) - row[0]) for row in rows)
    yield Table(everybody, f"out of everybody, {told(everybody)}")
    if len(rows) == 2 and rows[0][0] <= sizes[1] and rows[1][0] <= sizes[0]:
        exchanged = ((rows[0][0], sizes[1] - rows[0][0]), (rows[1][0], sizes[0] - rows[1][0]))
        yield Table(exchanged, f"denominators exchanged, {told(exchanged)}")


def _all_levels(claims: Claims, known: KnownCounts, claim: Claim) -> Iterator[Table]:
    """The levels themselves, in the order of the file, of a variable of which the event takes some together."""
    for variable in claim.event or ():
        if len(claims.variables[variable].levels) > 2:
            behind = tables_behind(claims, known, replace(claim, event=None, variable=variable))
            yield from (replace(table, told=f"every level apart, {table.told}") for table in behind.tables)


def _some_groups(rows: Rows) -> Iterator[Table]:
    if len(rows) < 3:
        return
    for left in range(len(rows)):
        rest = tuple(row for place, row in enumerate(rows) if place != left)
        yield Table(rest, f"without one group, {told(rest)}")
        against = (rows[left], tuple(map(sum, zip(*rest, strict=True))))
        yield Table(against, f"one group against the rest, {told(against)}")
    if len(rows) > 3:
        for pair in combinations(rows, 2):
            yield Table(pair, f"two of the groups, {told(pair)}")


def _some_levels(rows: Rows) -> Iterator[Table]:
    if len(rows[0]) < 3:
        return
    for level in range(len(rows[0])):
        against = tuple((row[level], sum(row) - row[level]) for row in rows)
        yield Table(against, f"one level against the rest, {told(against)}")
        rest = tuple(row[:level] + row[level + 1 :] for row in rows)
        yield Table(rest, f"without one level, {told(rest)}")


def _other_events(claims: Claims, known: KnownCounts, claim: Claim) -> Iterator[Table]:
    assert isinstance(claim.value, PValue)
    groups = claim.value.groups
    grouping = {name for group in groups for name in claims.populations[group].where or ()}
    asked = set()
    every = list(claims.claims.values())
    here = every.index(claim)
    for _, other in sorted(enumerate(every), key=lambda each: abs(each[0] - here)):
        if other.population not in groups or not isinstance(other.value, Count | Percentage | Proportion):
            continue
        if other.event is not None and (other.event in asked or grouping & set(other.event)):
            continue
        asked.add(other.event)
        rows = event_rows(claims, known, claim, other.event, other.quantity)
        if rows is not None and all(map(sum, rows)):
            yield Table(rows, f"{other.quantity}, {told(rows)}")
