"""Compiling by numba, an optional extra: without it the same functions run as they are written, only slower."""

from __future__ import annotations

from importlib import import_module
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
    return numba.njit(cache=True, nogil=True)(function)
