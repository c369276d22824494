"""The one door through which counts, tables and samples come in; what is no data is refused here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from branchpoint.statistics import distributions

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["checked_level", "counted", "normal_quantile", "read_sample", "read_table"]


def counted(count: int, size: int) -> tuple[int, int]:
    """Check a count out of a size.

    Raises
    ------
    ValueError
        When either is no whole number, the count is negative or above the size, or one is missing.
    """
    if not (0 <= count <= size and count % 1 == 0 and size % 1 == 0):
        raise ValueError(f"found {count} of {size}: give a whole count from 0 to the size")
    return int(count), int(size)


def checked_level(level: float) -> float:
    """Check a confidence level.

    Raises
    ------
    ValueError
        When it is not between 0 and 1, as 95 for 0.95.
    """
    if not 0 < level < 1:
        raise ValueError(f"a confidence level of {level}: give one between 0 and 1, such as 0.95")
    return level


def normal_quantile(level: float) -> float:
    """Give the standard normal quantile of a two-sided confidence level."""
    return distributions.normal_quantile(0.5 + checked_level(level) / 2)


def read_table(table: ArrayLike, shape: tuple[int, int] | None = None) -> NDArray[np.int64]:
    """Read a two-way table of counts.

    Parameters
    ----------
    table : array-like of int, shape (r, c)
    shape : tuple of int, optional
        The only shape allowed.

    Raises
    ------
    ValueError
        When it is not two-way, a cell is negative, fractional or missing, or the shape is another.
    """
    cells = np.asarray(table, float)
    if cells.ndim != 2 or cells.size == 0:
        raise ValueError(f"a table of shape {cells.shape}: give rows by columns")
    if shape is not None and cells.shape != shape:
        raise ValueError(f"a table of shape {cells.shape}: this method takes {shape[0]} x {shape[1]}")
    if not ((cells >= 0) & (cells == np.trunc(cells)) & np.isfinite(cells)).all():
        raise ValueError("a cell is negative, fractional or missing: give whole counts")
    return cells.astype(np.int64)


def read_sample(values: ArrayLike, *, finite: bool = True) -> NDArray[np.float64]:
    """Read a sample of numbers.

    Parameters
    ----------
    values : array-like of float, shape (n,)
    finite : bool
        Whether infinite values are refused too; a method that uses ranks alone can take them.

    Raises
    ------
    ValueError
        When a value is missing (nan) or, if so asked, infinite, or the sample has more than one dimension.
    """
    sample = np.asarray(values, float)
    if sample.ndim != 1:
        raise ValueError(f"a sample of shape {sample.shape}: give one value per subject")
    if np.isnan(sample).any():
        raise ValueError("a value is missing: leave such subjects out, and say so")
    if finite and np.isinf(sample).any():
        raise ValueError("a value is infinite: this method needs finite numbers")
    return sample
