"""Text: sections and tables for the terminal, 100 columns wide, in bold only where the output is a terminal."""

from __future__ import annotations

import sys
from io import StringIO
from textwrap import fill
from typing import TYPE_CHECKING

from branchpoint.reporting.tables import NO_BREAK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from branchpoint.reporting.tables import Cell, Row, Section, Table

__all__ = ["WIDTH", "text_of"]

WIDTH = 100
_BETWEEN = 2
_LONGEST_WORD = 30


def text_of(sections: Iterable[Section]) -> str:
    """Give sections as text.

    Parameters
    ----------
    sections : iterable of Section
    """
    from rich.console import Console

    terminal = sys.stdout.isatty()
    written = StringIO()
    console = Console(
        file=written,
        width=WIDTH,
        force_terminal=terminal,
        color_system="auto" if terminal else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for section in sections:
        _print_section(console, section)
    told = written.getvalue().replace(NO_BREAK, " ")
    return "\n".join(line.rstrip() for line in told.splitlines()).strip("\n")


def _print_section(console: Console, section: Section) -> None:
    console.print(f"\n{section.title}", style="bold")
    console.print("─" * min(len(section.title), WIDTH))
    for name, value in section.facts:
        console.print(f"{name:<14}{value}")
    if not section.facts and not section.tables:
        console.print("None declared.")
    for table in section.tables:
        _print_table(console, table)


def _print_table(console: Console, table: Table) -> None:
    widths = _widths(table)
    console.print(f"\n{fill(table.caption, WIDTH)}", style="italic")
    console.print(_lines([table.columns], widths), style="bold")
    console.print("─" * (sum(widths) + _BETWEEN * (len(widths) - 1)))
    for heading, rows in table.groups:
        if heading:
            console.print(fill(f"{heading}", WIDTH), style="bold")
        console.print(_lines([_texts(row) for row in rows], widths))
    for number, note in enumerate(table.notes, start=1):
        lead = f"{f'[{number}]':<5}"
        console.print(fill(note, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead)))


def _texts(row: Row) -> tuple[str, ...]:
    return tuple(map(_plain, row.cells))


def _plain(cell: Cell) -> str:
    marked = "".join(f" [{number}]" for number in cell.notes)
    return f"{cell.text}\n{cell.detail}{marked}" if cell.detail else f"{cell.text}{marked}"


def _lines(rows: Iterable[tuple[str, ...]], widths: list[int]) -> str:
    told = []
    for row in rows:
        wrapped = [_wrapped(text, width) for text, width in zip(row, widths, strict=True)]
        for line in range(max(map(len, wrapped))):
            cells = (part[line] if line < len(part) else "" for part in wrapped)
            joined = (" " * _BETWEEN).join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
            told.append(joined.rstrip())
    return "\n".join(told)


def _wrapped(text: str, width: int) -> list[str]:
    return [line for part in text.split("\n") for line in fill(part, width, break_on_hyphens=False).split("\n")]


def _widths(table: Table) -> list[int]:
    """Share the width: every column gets its longest word, then the fullest column grows until the line is full."""
    columns = list(zip(table.columns, *(_texts(row) for row in table.rows), strict=True))
    longest = [max(len(line) for text in column for line in text.split("\n")) for column in columns]
    widths = [
        min(
            max((len(word) for text in column for word in text.replace("\n", " ").split(" ")), default=1), _LONGEST_WORD
        )
        for column in columns
    ]
    space = WIDTH - _BETWEEN * (len(columns) - 1)
    while sum(widths) > space:
        widths[widths.index(max(widths))] -= 1
    while sum(widths) < space:
        growing = [index for index, width in enumerate(widths) if width < longest[index]]
        if not growing:
            break
        widths[max(growing, key=lambda index: longest[index] / widths[index])] += 1
    return widths
