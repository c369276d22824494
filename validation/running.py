"""Running a measure: over processes with a progress bar, and its section written into the page of results."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import track

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["PAGE", "in_parallel", "markdown_table", "write_section"]

PAGE = Path(__file__).parents[1] / "docs" / "validation.md"
_HEAD = """\
# Validation

What the audit and the reconstruction are worth, measured. `make validate` writes this page: each section is printed by
the script that it names, with fixed seeds. Limits in brackets are 95% limits by Clopper and Pearson.
"""
_ORDER = ("planted_errors", "thousand_cohorts", "known_truth")

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_parallel(
    function: Callable[[Item], Result], items: Sequence[Item], label: str, processes: int = 2
) -> list[Result]:
    """Call a function of a module for every item; results in the order of the items."""
    console = Console(file=sys.stderr)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(track(pool.map(function, items), label, len(items), console=console))


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |" for line in lines)


def write_section(name: str, text: str, page: Path = PAGE) -> None:
    """Put a section between its markers, in the order of the page, and leave the others as they are."""
    sections = _sections(page.read_text(encoding="utf-8")) if page.exists() else {}
    sections[name] = text.strip()
    parts = [_HEAD] + [
        f"<!-- {own}: begin -->\n{sections[own]}\n<!-- {own}: end -->\n" for own in _ORDER if own in sections
    ]
    page.write_text("\n".join(parts), encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    found = {}
    for name in _ORDER:
        _, begun, rest = text.partition(f"<!-- {name}: begin -->")
        inside, ended, _ = rest.partition(f"<!-- {name}: end -->")
        if begun and ended:
            found[name] = inside.strip()
    return found
