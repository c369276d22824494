"""The results model: one row a statistic, in the manner of the analysis results data (ARD) of the R package cards.

Tables, figures and texts are renderings of these rows. The columns and what they hold are told in ``docs/results.md``;
`COLUMNS` is the schema. A statistic that could not be computed is a row all the same: its `stat` is null, and `warning`
(the data do not allow it) or `error` (the computation failed) says why.

Examples
--------
>>> from branchpoint.analysis.ard import Statistic, ard_frame
>>> row = Statistic(
...     variable="orr", context="proportion_ci", stat_name="estimate", stat_label="Estimate", stat=0.5, stat_fmt="50.0%"
... )
>>> ard_frame([row])["stat"].to_list()
[0.5]

References
----------
.. [1] CDISC. Analysis Results Standard v1.0. 2024.
.. [2] Sjoberg DD, Yogasekaram A, de la Rua E. cards: Analysis Results Data. R package.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from branchpoint.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

__all__ = ["COLUMNS", "Statistic", "ard_frame", "capture", "read_ard", "write_ard"]

Value = TypeVar("Value")

COLUMNS: dict[str, type[pl.DataType]] = {
    "group1": pl.String, "group1_level": pl.String, "group2": pl.String, "group2_level": pl.String,
    "variable": pl.String, "variable_level": pl.String, "context": pl.String, "stat_name": pl.String,
    "stat_label": pl.String, "stat": pl.Float64, "stat_fmt": pl.String, "warning": pl.String, "error": pl.String,
    "method": pl.String, "analysis_set": pl.String, "profile": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """One row.

    Parameters
    ----------
    group1, group1_level, group2, group2_level : str, optional
        Of whom: the grouping variable and the group; none for all patients of the set.
    variable, variable_level : str, optional
        What is described, and which of its categories.
    context : str
        The family of the statistic, as cards and cardx call it: ``tabulate``, ``summary``, ``proportion_ci``,
        ``survival_survfit``, ``stats_test``; ``estimand`` and ``attributes`` for text.
    stat_name, stat_label : str
        ``n``, ``N``, ``p``, ``estimate``, ``conf.low``, ``p.value`` ...
    stat : float, optional
        Finite; proportions and probabilities from 0 to 1. None for text, and where there is no value.
    stat_fmt : str
        As it is printed.
    warning, error : str, optional
        Why there is no value, or why to read it with caution; what failed.
    method, analysis_set, profile : str
        How it was computed, in which set, and by whose conventions.
    """

    variable: str
    context: str
    stat_name: str
    stat_label: str
    stat: float | None = None
    stat_fmt: str = ""
    group1: str | None = None
    group1_level: str | None = None
    group2: str | None = None
    group2_level: str | None = None
    variable_level: str | None = None
    warning: str | None = None
    error: str | None = None
    method: str = ""
    analysis_set: str = ""
    profile: str = ""

    def __post_init__(self) -> None:
        # JSON has neither infinity nor nan, and no reader should meet one that was meant as "not reached".
        if self.stat is not None and not isfinite(self.stat):
            raise ValueError(f"{self.variable}, {self.stat_name}: a statistic of {self.stat}: give None, and say why")


assert set(COLUMNS) == {field.name for field in fields(Statistic)}


def capture(compute: Callable[[], Value]) -> tuple[Value | None, str | None, str | None]:
    """Compute, and give value, warning and error; nothing is raised, so that one failure does not stop a table."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value, error = compute(), None
        except (ValueError, TypeError, ArithmeticError, LookupError, pl.exceptions.PolarsError) as failure:
            value, error = None, f"{type(failure).__name__}: {failure}"
    told = "; ".join(dict.fromkeys(str(item.message) for item in caught))
    return value, told or None, error


def ard_frame(rows: Iterable[Statistic]) -> pl.DataFrame:
    """Give rows as a table with the columns of `COLUMNS`."""
    return pl.DataFrame([asdict(row) for row in rows], schema=COLUMNS)


def write_ard(frame: pl.DataFrame, path: Path) -> tuple[Path, Path]:
    """Write results as Parquet and as JSON (a list of objects, one a row) beside it.

    Parameters
    ----------
    frame : DataFrame
        As `ard_frame` gives it.
    path : Path
        The suffix is replaced by ``.parquet`` and ``.json``.

    Returns
    -------
    tuple of Path
        The two files.
    """
    parquet, text = path.with_suffix(".parquet"), path.with_suffix(".json")
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.select(list(COLUMNS)).write_parquet(parquet)
    rows = frame.select(list(COLUMNS)).to_dicts()
    text.write_text(json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return parquet, text


def read_ard(path: Path) -> pl.DataFrame:
    """Read results that `write_ard` wrote, from either file.

    Raises
    ------
    Refused
        The columns are not those of `COLUMNS`.
    """
    if path.suffix == ".json":
        rows = json.loads(path.read_text(encoding="utf-8"))
        found = set(rows[0]) if rows else set(COLUMNS)
        frame = pl.DataFrame(rows, schema=COLUMNS)
    else:
        frame = pl.read_parquet(path)
        found = set(frame.columns)
    if found != set(COLUMNS):
        raise Refused(f"{path}: found the columns {', '.join(sorted(found))}, expected {', '.join(COLUMNS)}")
    return frame.select(list(COLUMNS))
