"""A study in memory: what it is, and its six tables as Polars frames in canonical form.

The columns of the frames are those of `branchpoint.records.schemas`, in that order. Days are study days, numbers are in
the canonical unit of their scale, and what is not known is null.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from branchpoint.records.schemas import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    import polars as pl

__all__ = ["KINDS", "Kind", "Study", "StudyMeta", "empty_table"]

Kind = Literal["conducted", "synthetic", "reconstructed"]
KINDS: tuple[Kind, ...] = ("conducted", "synthetic", "reconstructed")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyMeta:
    """What a study says of itself, in ``study.toml``.

    Parameters
    ----------
    protocol, version : str
        The registered protocol that it follows.
    title : str
    kind : {"conducted", "synthetic", "reconstructed"}
        Whether its patients exist, were made up, or were rebuilt from published numbers.
    note : str
        What a reader must know before believing it.
    data_cutoff : date, optional
        After which nothing is recorded.
    dates : mapping of str to date
        Others that the study names, such as the first enrollment.
    analysis_notes : tuple of str
    """

    protocol: str
    version: str
    title: str
    kind: Kind
    note: str = ""
    data_cutoff: date | None = None
    dates: Mapping[str, date] = field(default_factory=dict)
    analysis_notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Study:
    """A study.

    Parameters
    ----------
    path : Path or None
        Its folder; None while it has none.
    meta : StudyMeta
    subjects, findings, exposures, events, assessments, disposition : DataFrame
    files : mapping of str to str
        Which file each table was read from.
    """

    path: Path | None
    meta: StudyMeta
    subjects: pl.DataFrame
    findings: pl.DataFrame
    exposures: pl.DataFrame
    events: pl.DataFrame
    assessments: pl.DataFrame
    disposition: pl.DataFrame
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The six tables by name."""
        return {name: getattr(self, name) for name in SCHEMAS}


def empty_table(name: str) -> pl.DataFrame:
    """Give a table without rows, such as that of a file which a study does not have."""
    return SCHEMAS[name].create_empty()
