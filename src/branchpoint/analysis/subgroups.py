"""Subgroups: the groupings that an analysis can be split by, and who belongs to each group.

Nobody is dropped: who cannot be placed is in a group of their own, `NOT_KNOWN`, which is counted and takes part in no
test.

References
----------
.. [1] ICH E11(R1). Clinical investigation of medicinal products in the pediatric population. 2017. Its age classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.language.responses import RESPONDING
from branchpoint.refused import Refused

if TYPE_CHECKING:
    from branchpoint.language.protocol import Protocol

__all__ = ["NOT_KNOWN", "Grouping", "groupings", "split"]

NOT_KNOWN = "not known"
_AGES = ("under 2 years", "2 to 11 years", "12 years or older")


@dataclass(frozen=True, slots=True)
class Grouping:
    """A variable that splits patients.

    Parameters
    ----------
    name, label : str
    levels : tuple of str
        In the order to be shown.
    level : Expr
        The level of each patient; null where it is not known.
    needs : str
        The column that it is read from.
    after_start : bool
        Whether it is known only later than day 0, so that survival from day 0 must not be compared by it.
    """

    name: str
    label: str
    levels: tuple[str, ...]
    level: pl.Expr
    needs: str
    after_start: bool = False


def groupings(protocol: Protocol) -> dict[str, Grouping]:
    """Give the groupings that are known for a protocol, by name."""
    age = pl.col("baseline.age")
    ages = pl.when(age < 2).then(pl.lit(_AGES[0])).when(age < 12).then(pl.lit(_AGES[1]))
    found = [
        _either("prior_corticosteroid", "Prior corticosteroid", "prior corticosteroid", "no prior corticosteroid"),
        Grouping("etiology", "Etiology", tuple(protocol.etiology.answers), pl.col("etiology"), "etiology"),
        Grouping("sex", "Sex", ("male", "female"), pl.col("sex").replace_strict({"M": "male", "F": "female"},
                 default=None, return_dtype=pl.String), "sex"),
        Grouping("age", "Age (ICH E11 classes)", _AGES,
                 ages.when(age.is_not_null()).then(pl.lit(_AGES[2])), "baseline.age"),
        _either("primary", "Pathogenic variant of primary HLH", "pathogenic variant", "no pathogenic variant"),
        _either("feature.cns_involvement", "CNS involvement", "CNS involved", "CNS not involved", name="cns"),
        _either("feature.splenomegaly", "Splenomegaly", "splenomegaly", "no splenomegaly", name="splenomegaly"),
        _either("favorable", "Stratum after the frontline", "favorable", "unfavorable", name="stratum", after=True),
        Grouping("response", "Response to the frontline", ("responders", "non-responders"),
                 pl.when(pl.col("best_response").is_in(RESPONDING)).then(pl.lit("responders"))
                 .when(pl.col("best_response").is_not_null()).then(pl.lit("non-responders")), "best_response", True),
    ]  # fmt: skip
    return {grouping.name: grouping for grouping in found}


def _either(column: str, label: str, yes: str, no: str, name: str = "", *, after: bool = False) -> Grouping:
    level = pl.when(pl.col(column)).then(pl.lit(yes)).when(~pl.col(column)).then(pl.lit(no))
    return Grouping(name or column, label, (no, yes), level, column, after)


def split(table: pl.DataFrame, protocol: Protocol, by: str) -> tuple[Grouping, list[tuple[str, pl.DataFrame]]]:
    """Split patients into groups, in order; empty groups stay, and `NOT_KNOWN` comes last when somebody is in it.

    Parameters
    ----------
    table : DataFrame
        Courses, with baseline columns where a grouping needs them (`branchpoint.analysis.baseline.baseline_table`).
    protocol : Protocol
    by : str

    Raises
    ------
    Refused
        No such grouping, or the table has not what it is read from.
    """
    known = groupings(protocol)
    grouping = known.get(by)
    if grouping is None:
        raise Refused(f"grouping {by!r}: expected one of {', '.join(known)}")
    if grouping.needs not in table.columns:
        raise Refused(f"grouping {by!r}: nothing is recorded that it could be read from ({grouping.needs})")
    placed = table.with_columns(_level=grouping.level)
    groups = [(level, placed.filter(pl.col("_level") == level).drop("_level")) for level in grouping.levels]
    rest = placed.filter(pl.col("_level").is_null() | ~pl.col("_level").is_in(grouping.levels)).drop("_level")
    return grouping, [*groups, *([(NOT_KNOWN, rest)] if len(rest) else [])]
