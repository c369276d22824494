"""Adverse events of an ADaM study: subjects with an event, by system organ class, term and worst grade, in each arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.adam_arms import ALL
from branchpoint.analysis.results import Result
from branchpoint.records.adam_terms import GRADES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.analysis.adam_arms import Arms

__all__ = ["event_results", "grade_variable"]

_UNGRADED = "not stated"
_SEVERE = 3


def grade_variable(adae: pl.DataFrame) -> str:
    """Give the variable that grades are read from: the first that has one; analysis before collected, CTCAE first."""
    present = [name for name in GRADES if name in adae.columns]
    return next((name for name in present if adae[name].is_not_null().any()), present[0])


def event_results(adae: pl.DataFrame, arms: Arms) -> Iterator[Result]:
    """Count the subjects with treatment-emergent events.

    Parameters
    ----------
    adae : DataFrame
    arms : Arms
        Of the safety set; their sizes are the denominators.

    Yields
    ------
    Result
        Any event, each system organ class, and each term with its worst grade a subject; classes and terms in order of
        how many subjects have them.
    """
    variable = grade_variable(adae)
    emergent = adae.filter(pl.col("TRTEMFL") == "Y")
    order = {grade: rank for rank, grade in enumerate(GRADES[variable], 1)}
    rank = pl.col(variable).str.to_uppercase().replace_strict(order, default=0, return_dtype=pl.Int64)
    rows = arms.of(emergent).with_columns(_rank=rank)
    sizes = {group: size for group, _, size in arms.split(rows)}
    count = _Counter(rows, arms.groups, sizes, variable, arms.method)
    yield from count.counts("event.any", "Any treatment-emergent event", ())
    if variable.endswith("GR"):
        severe = _Counter(rows.filter(pl.col("_rank") >= _SEVERE), arms.groups, sizes, variable, arms.method)
        yield from severe.counts("event.grade_3_or_higher", "Any event of grade 3 or higher", ())
    yield from count.grades("event.any", "Any event", ())
    for organ in _by_frequency(rows, ("AEBODSYS",)):
        yield from count.counts(f"event.class.{organ[0]}", organ[0], organ)
        for term in _by_frequency(rows.filter(AEBODSYS=organ[0]), ("AEBODSYS", "AEDECOD")):
            name = f"event.term.{term[0]}.{term[1]}"
            yield from count.counts(name, term[1], term)
            yield from count.grades(name, term[1], term)


def _by_frequency(rows: pl.DataFrame, key: tuple[str, ...]) -> list[tuple[str, ...]]:
    many = rows.group_by(key).agg(_many=-pl.col("USUBJID").n_unique().cast(pl.Int64))
    return many.sort("_many", *key).select(key).rows()


class _Counter:
    """Subjects counted once for every table cell, in one pass a level."""

    __slots__ = ("_cells", "_groups", "_how", "_sizes", "_variable")

    def __init__(
        self, rows: pl.DataFrame, groups: tuple[str, ...], sizes: dict[str, int], variable: str, who: str
    ) -> None:
        self._groups, self._sizes, self._variable = groups, sizes, variable
        self._how = f"subjects with at least one event with TRTEMFL = Y; {who}"
        self._cells: dict[tuple[tuple[str, ...], int], dict[str, int]] = {}
        for key in ((), ("AEBODSYS",), ("AEBODSYS", "AEDECOD")):
            self._count(rows, key)

    def _count(self, rows: pl.DataFrame, key: tuple[str, ...]) -> None:
        worst = rows.group_by("USUBJID", "arm", *key).agg(pl.col("_rank").max())
        both = pl.concat([worst, worst.with_columns(arm=pl.lit(ALL))])
        counted = both.group_by(*key, "_rank", "arm").agg(pl.len())
        for *where, rank, arm, many in counted.select(*key, "_rank", "arm", "len").rows():
            self._cells.setdefault((tuple(where), rank), {})[arm] = many

    def _n(self, where: tuple[str, ...], group: str, rank: int | None = None) -> int:
        ranks = range(len(GRADES[self._variable]) + 1) if rank is None else (rank,)
        return sum(self._cells.get((where, one), {}).get(group, 0) for one in ranks)

    def counts(self, name: str, label: str, where: tuple[str, ...]) -> Iterator[Result]:
        """How many subjects of each group have an event, of whatever grade."""
        for group in self._groups:
            yield Result(id=name, label=label, group=group, n=self._n(where, group), denominator=self._sizes[group],
                         method=self._how)  # fmt: skip

    def grades(self, name: str, label: str, where: tuple[str, ...]) -> Iterator[Result]:
        """The worst grade of each subject; grades that nobody has are left out."""
        for rank, grade in enumerate((_UNGRADED, *GRADES[self._variable])):
            if not any(self._n(where, group, rank) for group in self._groups):
                continue
            for group in self._groups:
                yield Result(
                    id=f"{name}.grade.{grade}", label=f"{label}: worst grade {grade}", group=group,
                    n=self._n(where, group, rank), denominator=self._sizes[group],
                    method=f"{self._how}; worst {self._variable} of each subject",
                )  # fmt: skip
