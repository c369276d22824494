"""Tables: what a page or a terminal prints, before either decides how."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from branchpoint.language.schedule import Visit

__all__ = ["NO_BREAK", "Cell", "Row", "Section", "Table", "rows_of", "span_words"]

# A space at which no line ends.
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Parameters
    ----------
    text : str
    detail : str
        What is added in smaller type, on a line of its own.
    notes : tuple of int
        Numbers of the table's notes, from 1.
    """

    text: str
    detail: str = ""
    notes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row, under the heading of its group where the table is grouped."""

    cells: tuple[Cell, ...]
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a caption; the first column names the row.

    Parameters
    ----------
    caption : str
    columns : tuple of str
    rows : tuple of Row
        Rows of one group follow each other.
    notes : tuple of str
        Numbered from 1; cells refer to them.
    dense : bool
        Whether the cells hold marks or single words, so that many columns fit.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    dense: bool = False

    @property
    def groups(self) -> tuple[tuple[str, tuple[Row, ...]], ...]:
        """The rows under each heading, in order."""
        return tuple((heading, tuple(rows)) for heading, rows in groupby(self.rows, key=lambda row: row.group))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a document: facts, each under its name, and tables."""

    name: str
    title: str
    tables: tuple[Table, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def rows_of(items: Iterable[tuple[str | Cell, ...]], group: str = "") -> tuple[Row, ...]:
    """Read plain text as cells."""
    return tuple(Row(tuple(item if isinstance(item, Cell) else Cell(item) for item in cells), group) for cells in items)


def span_words(visits: tuple[Visit, ...]) -> str:
    """Name visits that follow each other: "Day 3, 7, 14, 28" or "Intensive week 2 to 7"."""
    names = [visit.name for visit in visits]
    if len(names) == 1:
        return names[0]
    stems = {name.rpartition(" ")[0] for name in names}
    numbers = [name.rpartition(" ")[2] for name in names]
    if len(stems) > 1 or "" in stems or not all(map(str.isdigit, numbers)):
        return ", ".join(names)
    gapless = int(numbers[-1]) - int(numbers[0]) == len(numbers) - 1
    told = f"{numbers[0]} to {numbers[-1]}" if gapless and len(numbers) > 2 else ", ".join(numbers)
    return f"{stems.pop()} {told}"
