"""Who of an ADaM study is counted, and in which arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from branchpoint.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.records.adam import AdamData

__all__ = ["ALL", "Arms", "arms_of"]

ALL = "all"
_NOT_STATED = "not stated"
# In order of preference: efficacy as planned, safety as given.
_FLAGS = {"efficacy": ("ITTFL", "FASFL", "SAFFL", "PPROTFL"), "safety": ("SAFFL", "FASFL", "ITTFL", "PPROTFL")}
_TREATMENTS = {"efficacy": ("TRT01P", "TRT01A"), "safety": ("TRT01A", "TRT01P"), "everybody": ("TRT01P", "TRT01A")}


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """The subjects of an analysis set by arm.

    Parameters
    ----------
    subjects : DataFrame
        Of ADSL, with the column ``arm``.
    names : tuple of str
        The arms that have a subject, in the order of the numbers of treatment where ADSL has them.
    method : str
        Which set it is, and what an arm is.
    """

    subjects: pl.DataFrame
    names: tuple[str, ...]
    method: str

    @property
    def groups(self) -> tuple[str, ...]:
        """The arms and all of them together; the latter alone where there is one arm."""
        return (*self.names, ALL) if len(self.names) > 1 else (ALL,)

    def of(self, table: pl.DataFrame) -> pl.DataFrame:
        """Give the rows of another dataset that are of these subjects, with their ``arm``."""
        own = self.subjects.select("USUBJID", "arm")
        return table.drop("arm", strict=False).join(own, on="USUBJID", how="inner", maintain_order="left")

    def split(self, table: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame, int]]:
        """Give each group with its rows of a table that has the arms, and the number of its subjects."""
        for group in self.groups:
            holds = pl.lit(value=True) if group == ALL else pl.col("arm") == group
            yield group, table.filter(holds), self.subjects.filter(holds).height


def arms_of(data: AdamData, purpose: Literal["efficacy", "safety", "everybody"], population: str | None = None) -> Arms:
    """Give the analysis set for a purpose.

    Parameters
    ----------
    data : AdamData
    purpose : {"efficacy", "safety", "everybody"}
        Efficacy: by planned treatment, the first of ITTFL, FASFL, SAFFL and PPROTFL that ADSL has. Safety: by actual
        treatment, SAFFL first.
    population : str, optional
        The flag to use instead.

    Raises
    ------
    Refused
        ADSL has no such flag.
    """
    adsl = data.adsl
    treatment = next(name for name in _TREATMENTS[purpose] if name in adsl.columns)
    if population is not None and population not in adsl.columns:
        raise Refused(f"{data.files.get('adsl', 'ADSL')}: found no variable {population}, expected a population flag")
    flag = population
    if flag is None and purpose != "everybody":
        flag = next(name for name in _FLAGS[purpose] if name in adsl.columns)
    subjects = adsl if flag is None else adsl.filter(pl.col(flag) == "Y")
    subjects = subjects.with_columns(arm=pl.col(treatment).fill_null(_NOT_STATED))
    order = ["arm"] if f"{treatment}N" not in adsl.columns else [f"{treatment}N", "arm"]
    names = subjects.sort(order, nulls_last=True)["arm"].unique(maintain_order=True)
    who = "all subjects of ADSL" if flag is None else f"subjects with {flag} = Y"
    return Arms(subjects, tuple(names), f"{who}, by {treatment}")
