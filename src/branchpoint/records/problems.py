"""Problems: what is wrong with the data that were handed in, all at once, in words that a coordinator can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from branchpoint.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NOTHING", "Problem", "RecordProblems", "Refusal", "as_found", "distinct"]

NOTHING = "nothing"


class Refusal(NamedTuple):
    """Why something is not taken in, before it is known in which file and row it stands."""

    column: str
    found: str
    expected: str


class Problem(NamedTuple):
    """One thing that is wrong.

    Attributes
    ----------
    file : str
        Name of the file, without its folder.
    row : int or None
        The row as a spreadsheet counts it: from 1, with comment lines and the header of a CSV file; a Parquet file has
        no header. None where no single row is meant.
    column : str or None
        The column, or in a JSON file the path of the value, such as ``findings[3].value``. None where the whole row or
        file is meant.
    found, expected : str
    """

    file: str
    row: int | None
    column: str | None
    found: str
    expected: str

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file}, row {self.row}"
        if self.column is not None:
            place += f", {self.column}"
        return f"{place}: found {self.found}; expected {self.expected}"


class RecordProblems(Refused):
    """Data were refused; nothing of them was taken in.

    Parameters
    ----------
    problems : iterable of Problem
        All that is wrong.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = distinct(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        lines = [f"{count} problem{'s' * (count != 1)} in the data; nothing was taken in."]
        return "\n".join(lines + [f"  {problem}" for problem in self.problems])


def distinct(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by file, row and column, and keep the first that was found of each cell.

    What follows from a problem is left out: a row that has the wrong number of cells is one problem, not one a cell.
    """
    found = tuple(problems)
    whole_rows = {(p.file, p.row) for p in found if p.row is not None and p.column is None}
    cells: dict[tuple[object, ...], Problem] = {}
    for problem in found:
        if problem.row is None:
            cells.setdefault(tuple(problem), problem)
        elif problem.column is None or (problem.file, problem.row) not in whole_rows:
            cells.setdefault(problem[:3], problem)
    return tuple(sorted(cells.values(), key=lambda p: (p.file, p.row or 0, _natural(p.column or ""), p.found)))


def _natural(column: str) -> tuple[tuple[int, str], ...]:
    # findings[10] comes after findings[9].
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in column.replace("]", "[").split("["))


def as_found(value: object) -> str:
    """Give a value in the words of a problem: what was in the cell, or that there was nothing."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return str(value)
