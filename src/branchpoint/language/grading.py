"""Gradings: how severe an adverse event is, by a laboratory value or by the judgment of a clinician.

A CTCAE term that a laboratory value decides is written as one or more tables, each a partition of the line into grades.
Tables for a normal and for an abnormal baseline exclude each other. All others are alternatives, joined in CTCAE by a
semicolon, which it reads as "or": the worst grade counts. So does a grade 1 that begins at a limit of normal while the
others are absolute ("<LLN - 100 g/L"): one table by the value begins at grade 2, one by the limit has grade 1 alone.

References
----------
.. [1] National Cancer Institute. Common Terminology Criteria for Adverse Events (CTCAE), version 5.0. 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, get_args

from branchpoint.language.choices import AnswerIs, Band, Bands, Case, Classification
from branchpoint.language.errors import ProtocolError
from branchpoint.language.nodes import Label, Rule
from branchpoint.language.quantities import Aspect, Input, Number, NumericQuantity
from branchpoint.language.rules import all_of, any_of, at_baseline, not_

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from branchpoint.language.measurements import Numeric

__all__ = [
    "AdverseEventGroup",
    "ClinicalTerm",
    "GradingTable",
    "applies_when",
    "check_gradings",
    "check_groups",
    "grade_at_least",
    "grade_of",
    "grading_rule",
    "one_of",
]

Basis = Literal["absolute", "upper_limit", "lower_limit", "baseline"]
Direction = Literal["high", "low"]
Applies = Literal["always", "baseline_normal", "baseline_abnormal", "value_abnormal", "symptoms", "anticoagulation"]
Section = Literal["hematologic", "nonhematologic"]

_BASELINES = {"baseline_normal", "baseline_abnormal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GradingTable:
    """The grades of one CTCAE term by one laboratory measurement.

    Parameters
    ----------
    name : str
        Plain snake case, unique among the tables of a protocol.
    term : str
        As CTCAE prints it.
    measurement : str
        Name of the measurement.
    basis : {"absolute", "upper_limit", "lower_limit", "baseline"}
        What is graded: the value, or its multiple of a limit of normal or of baseline; a fall by a quarter is 0.75.
    direction : {"high", "low"}
        Where worse values lie.
    bands : tuple of (int, Band)
        Grade and band, in ascending order of value; grade 0 where the term does not apply.
    unit : str
        UCUM unit of an absolute basis; otherwise empty.
    applies : str
        To whom: ``always``, by baseline, while the value itself is abnormal, or in a circumstance that the protocol
        defines. Abnormal means beyond the limit of normal in the table's direction.
    alternative_to : str
        The first table of the term, beside which this one holds: the worst grade counts.
    remarks : tuple of (int, str)
        For a grade, what no value shows and a clinician must judge.
    """

    name: str
    term: str
    measurement: str
    basis: Basis
    direction: Direction
    bands: tuple[tuple[int, Band], ...]
    cite: str
    unit: str = ""
    applies: Applies = "always"
    alternative_to: str = ""
    remarks: tuple[tuple[int, str], ...] = ()

    def __post_init__(self) -> None:
        where = f"grading {self.name!r} of {self.term!r}"
        _plain_name(where, self.name)
        for field, found, kind in (
            ("basis", self.basis, Basis),
            ("direction", self.direction, Direction),
            ("applies", self.applies, Applies),
        ):
            one_of(f"{where}, {field}", found, get_args(kind))
        if self.basis == "absolute" and not self.unit:
            raise ProtocolError(where, "its values have no unit", "Give the UCUM unit")
        if self.basis != "absolute" and self.unit:
            raise ProtocolError(where, f"a multiple has no unit, yet {self.unit!r} is given", "Leave the unit out")
        if (self.basis, self.direction) in (("upper_limit", "low"), ("lower_limit", "high")):
            raise ProtocolError(
                where,
                f"values are worse when {self.direction}, but are graded by the {self.basis} of normal",
                "Grade high values by upper_limit and low values by lower_limit",
            )
        _prove_partition(where, self)
        _prove_monotone(where, self)
        _grades_are_known(where, self.remarks)

    @property
    def grades(self) -> tuple[int, ...]:
        """The grade of each band."""
        return tuple(grade for grade, _ in self.bands)


def _prove_partition(where: str, table: GradingTable) -> None:
    if not table.bands:
        raise ProtocolError(where, "it has no bands", "Give a band for each grade, 0 among them")
    try:
        _bands_of(table, Number(0.0))
    except ProtocolError as error:
        raise ProtocolError(where, error.what, error.mend) from None


def _bands_of(table: GradingTable, graded: NumericQuantity) -> Bands:
    return Bands(graded, tuple(band for _, band in table.bands), tuple(map(float, table.grades)), "1")


def _prove_monotone(where: str, table: GradingTable) -> None:
    from_best, best = (table.grades, "lowest") if table.direction == "high" else (table.grades[::-1], "highest")
    if from_best[0] != 0:
        raise ProtocolError(where, f"the {best} values have grade {from_best[0]}", f"Give the {best} band grade 0")
    if any(worse <= better for better, worse in pairwise(from_best)):
        raise ProtocolError(
            where,
            f"the grades {', '.join(map(str, table.grades))} do not get worse toward {table.direction} values",
            "Give each grade once, in ascending order of value, and the right direction",
        )
    if not 1 <= from_best[-1] <= 4:
        raise ProtocolError(where, f"the worst grade is {from_best[-1]}", "Let a value give grades up to 1, 2, 3 or 4")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalTerm:
    """A CTCAE term that a clinician grades: each grade in short, and whether the wording was compared with CTCAE's."""

    term: str
    grades: tuple[tuple[int, str], ...]
    verified: bool
    remark: str = ""

    def __post_init__(self) -> None:
        where = f"term {self.term!r}"
        _grades_are_known(where, self.grades)
        if not self.grades:
            raise ProtocolError(where, "it has no grade", "Describe the grades that CTCAE gives it")
        if not self.verified and not self.remark:
            raise ProtocolError(where, "nothing says why it is not verified", "Add a remark, or compare it with CTCAE")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEventGroup:
    """A kind of adverse event that the trial counts, with the CTCAE terms that it stands for.

    Parameters
    ----------
    name : str
        Plain snake case, as the events table carries it.
    label : str
        As the trial's report prints it.
    section : {"hematologic", "nonhematologic"}
    gradings : tuple of str
        Terms that a laboratory value grades, by the tables of the protocol.
    terms : tuple of ClinicalTerm
    remark : str
        What the source leaves open.
    """

    name: str
    label: str
    section: Section
    cite: str
    gradings: tuple[str, ...] = ()
    terms: tuple[ClinicalTerm, ...] = ()
    remark: str = ""

    def __post_init__(self) -> None:
        where = f"adverse event {self.name!r}"
        _plain_name(where, self.name)
        one_of(f"{where}, section", self.section, get_args(Section))
        if not self.ctcae_terms or len(set(self.ctcae_terms)) != len(self.ctcae_terms):
            raise ProtocolError(where, "its CTCAE terms repeat or are absent", "Name each term once")

    @property
    def ctcae_terms(self) -> tuple[str, ...]:
        """Every CTCAE term of the group, those that a laboratory value grades first."""
        return (*self.gradings, *(term.term for term in self.terms))


def _plain_name(where: str, name: str) -> None:
    if not name.isidentifier() or name != name.lower() or "__" in name:
        raise ProtocolError(where, "the name is not plain snake case", "Use a_name_like_this")


def one_of(where: str, found: str, allowed: tuple[str, ...]) -> None:
    """Refuse a word that is not among those allowed."""
    if found not in allowed:
        raise ProtocolError(where, f"{found!r} found", f"Use {', '.join(allowed)}")


def _grades_are_known(where: str, described: tuple[tuple[int, str], ...]) -> None:
    grades = [grade for grade, _ in described]
    if grades != [grade for grade in range(1, 6) if grade in grades]:
        raise ProtocolError(where, f"it describes grades {grades}", "Describe grades 1 to 5, each once, in order")


def check_gradings(tables: Iterable[GradingTable]) -> str:
    """Every patient has one grade of each term: by one table, by that for the baseline, or by the worst of several."""
    terms: dict[str, list[GradingTable]] = {}
    count = _names_are_unique("grading", tables := tuple(tables))
    for table in tables:
        terms.setdefault(table.term, []).append(table)
    for term, rows in terms.items():
        for what in ("measurement", "direction"):
            if len(found := {str(getattr(row, what)) for row in rows}) > 1:
                raise ProtocolError(
                    f"term {term!r}", f"its tables differ in {what}: {', '.join(sorted(found))}", f"Use one {what}"
                )
        _grade_everybody(term, [row.applies for row in rows])
        for row in rows:
            _is_joined(rows[0], row)
    return f"{len(terms)} terms in {count} tables, each grading every patient"


def _names_are_unique(kind: str, named: Iterable[GradingTable | AdverseEventGroup]) -> int:
    names = [item.name for item in named]
    for name in names:
        if names.count(name) > 1:
            raise ProtocolError(f"{kind} {name!r}", "another one has this name", "Rename one of them")
    return len(names)


def _grade_everybody(term: str, kinds: list[Applies]) -> None:
    if any(kinds.count(baseline) > 1 for baseline in ("baseline_normal", "baseline_abnormal")):
        raise ProtocolError(f"term {term!r}", "two tables are for one kind of baseline", "Keep one for each")
    missing = _BASELINES.difference(kinds)
    if len(missing) == 1:
        raise ProtocolError(f"term {term!r}", f"no table applies to {missing.pop()}", "Grade both kinds of baseline")
    if "always" not in kinds and missing:
        raise ProtocolError(
            f"term {term!r}",
            f"nobody is graded outside {', '.join(kinds)}",
            "Add a table that applies always, or to both kinds of baseline",
        )


def _is_joined(first: GradingTable, row: GradingTable) -> None:
    apart = row is first or {first.applies, row.applies} == _BASELINES
    if row.alternative_to != ("" if apart else first.name):
        raise ProtocolError(
            f"grading {row.name!r} of {row.term!r}",
            f"alternative_to is {row.alternative_to!r}, "
            + ("but it stands alone" if apart else f"but it and {first.name!r} can both apply to one patient"),
            "Leave it out" if apart else f"Give {first.name!r}, and the worst grade counts",
        )


def check_groups(groups: Iterable[AdverseEventGroup], tables: Iterable[GradingTable]) -> str:
    """Every group has a name of its own, and every laboratory term that it uses has a table."""
    graded = {table.term for table in tables}
    count = _names_are_unique("adverse event", groups := tuple(groups))
    for group in groups:
        for term in group.gradings:
            if term not in graded:
                raise ProtocolError(
                    f"adverse event {group.name!r}, gradings", f"{term!r} has no table", "Add one, or mend the term"
                )
    return f"{count} groups of adverse events, every laboratory term graded by a table"


def grading_rule(table: GradingTable, measurement: Numeric) -> Bands:
    """Give the grade by one table, as a number; `grade_of` also asks which tables apply."""
    if measurement.name != table.measurement:
        raise ProtocolError(
            f"grading {table.name!r} of {table.term!r}",
            f"it grades {table.measurement!r}, not {measurement.name!r}",
            "Give the measurement that the table names",
        )
    match table.basis:
        case "absolute":
            return _bands_of(table, measurement.within(table.unit))
        case "upper_limit":
            return _bands_of(table, measurement.fold_of_upper_limit)
        case "lower_limit":
            return _bands_of(table, measurement.fold_of_lower_limit)
        case "baseline":
            return _bands_of(table, measurement.fold_of_baseline)


def applies_when(
    table: GradingTable, measurement: Numeric, circumstances: Mapping[str, Rule] | None = None
) -> Rule | None:
    """Give the rule that a table applies; None for one that always does.

    Parameters
    ----------
    circumstances : mapping of str to Rule, optional
        What ``symptoms`` and ``anticoagulation`` are in this protocol.
    """
    if table.direction == "high":
        abnormal = Input(measurement) > Input(measurement, Aspect.UPPER_LIMIT)
    else:
        abnormal = Input(measurement) < Input(measurement, Aspect.LOWER_LIMIT)
    match table.applies:
        case "always":
            return None
        case "value_abnormal":
            return abnormal
        case "baseline_abnormal":
            return at_baseline(abnormal)
        case "baseline_normal":
            return not_(at_baseline(abnormal))
    if not circumstances or table.applies not in circumstances:
        raise ProtocolError(
            f"grading {table.name!r} of {table.term!r}",
            f"it applies by {table.applies}, which the protocol does not define",
            f"Give circumstances={{{table.applies!r}: rule}}",
        )
    return circumstances[table.applies]


def grade_of(
    tables: Iterable[GradingTable], measurement: Numeric, circumstances: Mapping[str, Rule] | None = None
) -> Classification:
    """Give the grade of the term that a measurement decides, ``"0"`` to ``"4"``: the worst by the tables that apply.

    It is known as soon as no table could make it worse. Tables of other measurements are passed over.
    """
    rows = [table for table in tables if table.measurement == measurement.name]
    terms = sorted({row.term for row in rows})
    if len(terms) != 1:
        raise ProtocolError(
            f"grade of {measurement.name!r}", f"the terms that it grades are {terms}", "Give the tables of one term"
        )
    check_gradings(rows)
    read = [(row, grading_rule(row, measurement), applies_when(row, measurement, circumstances)) for row in rows]
    cases = []
    for grade in sorted({grade for row in rows for grade in row.grades if grade}, reverse=True):
        # A table that cannot reach the grade is left out: were it open, the grade would look open too.
        reach = [(by_band >= grade, condition) for row, by_band, condition in read if max(row.grades) >= grade]
        rules = [worse if condition is None else all_of(condition, worse) for worse, condition in reach]
        cases.append(Case(str(grade), any_of(*rules) if len(rules) > 1 else rules[0]))
    name = "_".join("".join(c if c.isalnum() else " " for c in terms[0].lower()).split())
    return Classification(f"grade_{name}", tuple(cases), "0", Label(terms[0], rows[0].cite))


def grade_at_least(grading: Classification, grade: int) -> AnswerIs:
    """Give the rule that a grade is at least so high; it can be settled where the grade itself is not known."""
    return AnswerIs(grading, tuple(answer for answer in grading.answers if int(answer) >= grade))
