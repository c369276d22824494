"""Compiling by numba, an optional extra: without it the same functions run as they are written, only slower."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["njit"]


def njit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function when it is first called, and keep it for the next process; or leave it as it is."""
    try:
        numba = import_module("numba")
    except ImportError:
        return function
    _forget_what_changed()
    return numba.njit(cache=True, nogil=True)(function)


@cache
def _forget_what_changed() -> None:
    """Remove what was compiled before any of the files here was changed.

    What is kept for a function is compared with its own file alone, and has in it the functions that it calls.
    """
    folder = Path(__file__).parent
    changed = max(source.stat().st_mtime for source in folder.glob("move*.py"))
    for kept in (folder / "__pycache__").glob("*.nbi"):
        if kept.stat().st_mtime < changed:
            kept.unlink(missing_ok=True)
