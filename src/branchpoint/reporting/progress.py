"""Progress in the terminal, for what turns out to take longer than a moment."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

__all__ = ["late_status"]

_PATIENCE = 2.0


@contextmanager
def late_status(console: Console) -> Iterator[Callable[[str], None]]:
    """Show what is being done, once it has taken two seconds; nothing where nobody watches.

    Parameters
    ----------
    console : Console

    Yields
    ------
    callable
        To be told each step.
    """
    if not console.is_terminal:
        yield lambda step: None
        return
    status = console.status("Reading")
    timer = Timer(_PATIENCE, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield status.update
    finally:
        timer.cancel()
        status.stop()
