"""A table as data: what a page, a PDF and a Word file print, before any of them decides how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Cell", "Column", "Published", "Row", "Span", "Table", "heading", "letter", "row"]

Align = Literal["left", "center", "right"]
# XML, and therefore Word, knows no control characters but tab and line feeds.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]+")
_SIGNS = {True: "=", False: "≠", None: "published"}
_NAME = re.compile(r"[a-z][a-z0-9-]*")


def _plain(text: str) -> str:
    return _CONTROLS.sub(" ", text)


def letter(number: int) -> str:
    """Give the mark of a footnote, from 1: a, b, ... z, aa."""
    marks = ""
    while number:
        number, place = divmod(number - 1, 26)
        marks = chr(ord("a") + place) + marks
    return marks


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Parameters
    ----------
    title : str
    align : {"left", "center", "right"}
    span : str
        A heading above the title; neighbors with the same one share it.
    width : float
        Relative to the other columns, where the medium has a fixed width.
    """

    title: str
    align: Align = "left"
    span: str = ""
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication printed where a cell says what was computed.

    Parameters
    ----------
    text : str
    agrees : bool or None
        None where the two are not to be compared.
    number : int, optional
        Of the difference, as the document lists them.
    """

    text: str
    agrees: bool | None = None
    number: int | None = None

    @property
    def words(self) -> str:
        """The text, with its sign."""
        return f"{_SIGNS[self.agrees]} {self.text}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Parameters
    ----------
    text : str
        Control characters become spaces.
    notes : tuple of int
        Footnotes of the table, from 1.
    published : tuple of Published
        Each on a line of its own.
    """

    text: str
    notes: tuple[int, ...] = ()
    published: tuple[Published, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _plain(self.text))

    @property
    def differs(self) -> bool:
        """Whether anything that was published differs."""
        return any(one.agrees is False for one in self.published)

    @property
    def marks(self) -> str:
        """The letters of its footnotes."""
        return ",".join(map(letter, self.notes))


@dataclass(frozen=True, slots=True)
class Row:
    """A row; the first cell names it.

    Parameters
    ----------
    cells : tuple of Cell
        One a column; a single one in a row that heads those below.
    level : int
        How far the name is indented.
    heads : bool
        Whether it heads the rows below.
    anchor : str
        A name by which other places refer to it.
    """

    cells: tuple[Cell, ...]
    level: int = 0
    heads: bool = False
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Neighboring columns under one heading; an empty title where there is none."""

    title: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table.

    Parameters
    ----------
    id : str
        Lowercase letters, digits and hyphens.
    label : str
        ``Table 3``; may be empty.
    title : str
    columns : tuple of Column
    rows : tuple of Row
    footnotes : tuple of str
        Lettered; cells refer to them.
    notes : tuple of str
        What holds for the whole table: analysis set, denominators, who was not evaluable.
    source : str
        Where the numbers come from: protocol, version and hashes.
    long : bool
        Whether a page may fold it.
    wide : bool
        Whether it needs a page turned on its side.

    Raises
    ------
    ValueError
        A row has not as many cells as there are columns, or a cell refers to a footnote that is not there.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    label: str = ""
    footnotes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    source: str = ""
    long: bool = False
    wide: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.id):
            raise ValueError(f"table {self.id!r}: expected an id of lowercase letters, digits and hyphens")
        if not self.columns:
            raise ValueError(f"table {self.id}: it has no columns")
        for place, one in enumerate(self.rows, start=1):
            expected = 1 if one.heads else len(self.columns)
            if len(one.cells) != expected:
                raise ValueError(f"table {self.id}, row {place}: found {len(one.cells)} cells, expected {expected}")
            wrong = [note for cell in one.cells for note in cell.notes if not 1 <= note <= len(self.footnotes)]
            if wrong:
                raise ValueError(f"table {self.id}, row {place}: no footnote {wrong[0]}, it has {len(self.footnotes)}")
        names = ("title", "label", "source")
        for name in names:
            object.__setattr__(self, name, _plain(getattr(self, name)))
        for name in ("footnotes", "notes"):
            object.__setattr__(self, name, tuple(map(_plain, getattr(self, name))))

    @property
    def caption(self) -> str:
        """Label and title."""
        return f"{self.label}. {self.title}" if self.label else self.title

    @property
    def spans(self) -> tuple[Span, ...]:
        """The headings above the titles; none where no column has one."""
        if not any(column.span for column in self.columns):
            return ()
        runs = groupby(self.columns, key=lambda column: column.span)
        return tuple(Span(title, tuple(columns)) for title, columns in runs)

    @property
    def groups(self) -> tuple[tuple[Row | None, tuple[Row, ...]], ...]:
        """The rows under each heading row, in order; None for those before the first."""
        found: list[tuple[Row | None, list[Row]]] = [(None, [])]
        for one in self.rows:
            if one.heads:
                found.append((one, []))
            else:
                found[-1][1].append(one)
        return tuple((head, tuple(rows)) for head, rows in found if head is not None or rows)

    def texts(self) -> Iterator[str]:
        """Everything that a rendering must print, in order of reading."""
        yield self.caption
        yield from (span.title for span in self.spans if span.title)
        yield from (column.title for column in self.columns)
        for one in self.rows:
            for cell in one.cells:
                yield cell.text
                yield from (published.words for published in cell.published)
        yield from (*self.footnotes, *self.notes)
        yield self.source


def row(*cells: str | Cell, level: int = 0, anchor: str = "") -> Row:
    """Give a row of texts and cells."""
    return Row(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells), level, anchor=anchor)


def heading(text: str) -> Row:
    """Give a row that heads those below."""
    return Row((Cell(text),), heads=True)
