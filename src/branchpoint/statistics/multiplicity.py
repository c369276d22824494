"""P values adjusted for how many were looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from branchpoint.statistics.inputs import read_sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Adjustment",
    "adjusted",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "bonferroni",
    "hochberg",
    "holm",
]

Adjustment = Literal["bonferroni", "holm", "hochberg", "benjamini-hochberg", "benjamini-yekutieli"]


def adjusted(p: ArrayLike, method: Adjustment) -> NDArray[np.float64]:
    """Adjust P values by a method chosen by name.

    Parameters
    ----------
    p : array-like of float, shape (k,)
        Tests that gave no P (nan) must be left out first: whether they count among those looked at is not ours to say.
    method : {"bonferroni", "holm", "hochberg", "benjamini-hochberg", "benjamini-yekutieli"}

    Returns
    -------
    ndarray, shape (k,)
        In the order given.

    Raises
    ------
    ValueError
        When a P value is missing or not between 0 and 1, or the method unknown.
    """
    if method not in _METHODS:
        raise ValueError(f"no adjustment is called {method!r}: choose from {', '.join(_METHODS)}")
    return _METHODS[method](p)


def bonferroni(p: ArrayLike) -> NDArray[np.float64]:
    """Multiply each P value by their number: the chance of any false positive, whatever the dependence.

    Parameters
    ----------
    p : array-like of float, shape (k,)

    Returns
    -------
    ndarray, shape (k,)

    Raises
    ------
    ValueError
        As in `adjusted`.

    References
    ----------
    .. [1] Dunn OJ. Multiple comparisons among means. JASA 1961;56:52-64.
    """
    values = _checked(p)
    return np.minimum(1.0, values * len(values))


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Step down from the smallest P value: as safe as Bonferroni, and never weaker.

    Parameters
    ----------
    p : array-like of float, shape (k,)

    Returns
    -------
    ndarray, shape (k,)

    Raises
    ------
    ValueError
        As in `adjusted`.

    References
    ----------
    .. [1] Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat 1979;6:65-70.
    """
    values = _checked(p)
    order = np.argsort(values, kind="stable")
    steps = values[order] * np.arange(len(values), 0, -1)
    return _unsorted(np.maximum.accumulate(steps), order)


def hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """Step up from the largest P value: more powerful than Holm, for tests that are independent or alike.

    Parameters
    ----------
    p : array-like of float, shape (k,)

    Returns
    -------
    ndarray, shape (k,)

    Raises
    ------
    ValueError
        As in `adjusted`.

    References
    ----------
    .. [1] Hochberg Y. A sharper Bonferroni procedure for multiple tests of significance. Biometrika 1988;75:800-802.
    """
    values = _checked(p)
    return _step_up(values, np.arange(1, len(values) + 1))


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """Control the expected share of false among the significant, for tests that are independent or alike.

    Parameters
    ----------
    p : array-like of float, shape (k,)

    Returns
    -------
    ndarray, shape (k,)

    Raises
    ------
    ValueError
        As in `adjusted`.

    References
    ----------
    .. [1] Benjamini Y, Hochberg Y. Controlling the false discovery rate: a practical and powerful approach to multiple
       testing. J R Stat Soc B 1995;57:289-300.
    """
    values = _checked(p)
    count = len(values)
    return _step_up(values, count / np.arange(count, 0, -1))


def benjamini_yekutieli(p: ArrayLike) -> NDArray[np.float64]:
    """Control the expected share of false among the significant, whatever the dependence.

    Parameters
    ----------
    p : array-like of float, shape (k,)

    Returns
    -------
    ndarray, shape (k,)

    Raises
    ------
    ValueError
        As in `adjusted`.

    References
    ----------
    .. [1] Benjamini Y, Yekutieli D. The control of the false discovery rate in multiple testing under dependency.
       Ann Stat 2001;29:1165-1188.
    """
    values = _checked(p)
    count = len(values)
    return _step_up(values, count / np.arange(count, 0, -1) * (1 / np.arange(1, count + 1)).sum())


def _checked(p: ArrayLike) -> NDArray[np.float64]:
    values = read_sample(p)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("a P value is not between 0 and 1")
    return values


def _step_up(values: NDArray[np.float64], factors: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
    # Factors belong to the values from the largest to the smallest.
    order = np.argsort(-values, kind="stable")
    return _unsorted(np.minimum.accumulate(values[order] * factors), order)


def _unsorted(steps: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    result = np.empty_like(steps)
    result[order] = np.minimum(1.0, steps)
    return result


_METHODS: dict[str, Callable[[ArrayLike], NDArray[np.float64]]] = {
    "bonferroni": bonferroni,
    "holm": holm,
    "hochberg": hochberg,
    "benjamini-hochberg": benjamini_hochberg,
    "benjamini-yekutieli": benjamini_yekutieli,
}
