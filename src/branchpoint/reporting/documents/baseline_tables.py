"""Table 3: what patients were like at baseline, by prior corticosteroid, with the test of every P value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branchpoint.reporting.documents.common import PRIOR, Footnotes, set_note, sized, source_line
from branchpoint.reporting.documents.table import Cell, Column, Row, Table, heading
from branchpoint.reporting.notation import unit_words
from branchpoint.reporting.outcome_table import result_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from branchpoint.reporting.documents.analyses import Analyses
    from branchpoint.reporting.documents.common import Beside
    from branchpoint.reporting.report_material import Material

__all__ = ["baseline_characteristics", "plain_number"]

# The parts of the published table: statistics whose names start so, in the order of the results.
_PARTS = (
    ("General", ("sex.", "baseline.age", "baseline.onset_to_diagnosis", "genetics.primary")),
    ("Clinical features", ("feature.",)),
    ("Laboratory findings", ("baseline.",)),
)
_LABORATORY = ("feature.low_nk_activity", "feature.hemophagocytosis")


def baseline_characteristics(material: Material, analyses: Analyses, beside: Beside) -> Table | None:
    """Table 3; None where nothing is known at baseline.

    Parameters
    ----------
    material : Material
    analyses : Analyses
    beside : Beside
    """
    rows = {(row["id"], row["group"]): row for row in material.results.iter_rows(named=True)}
    sizes = {group: rows["group", group]["n"] for group in ("naive", "steroid") if ("group", group) in rows}
    sizes = {"all": len(material.analyzed), **sizes}
    tests = {row["variable"]: row for row in analyses.baseline.iter_rows(named=True) if row["stat_name"] == "p.value"}
    notes = Footnotes()

    def p_value(name: str) -> Cell:
        return _p(name, tests, notes, beside, counts_agree=material.profile == "paper")

    body = list(_body(rows, sizes, beside, p_value))
    if not body:
        return None
    columns = [Column(sized(PRIOR[group], sizes[group]), "right", width=1.5) for group in sizes]
    known = _not_known(analyses, len(material.analyzed))
    return Table(
        id="table-3", label="Table 3", title="Baseline characteristics of the study population",
        columns=(Column("Characteristic", width=2), *columns, Column("P", "right", width=0.9)), rows=tuple(body),
        footnotes=notes.texts,
        notes=(
            set_note(material),
            "Numbers: median (minimum-maximum) of those in whom it is known, given as n where not all. Counts: n of "
            "those in whom it is known (%). The last value up to study day 0 counts.",
            known,
        ),
        source=source_line(material),
    )  # fmt: skip


def _body(
    rows: dict[tuple[str, str], dict[str, Any]], sizes: dict[str, int], beside: Beside, p_value: Callable[[str], Cell]
) -> Iterator[Row]:
    told: set[str] = set()
    for title, starts in _PARTS:
        found = [name for name, group in rows if group == "all" and name.startswith(starts) and name not in told]
        found = [name for name in found if not name.endswith((".p", ".cr"))]
        if title == "Clinical features":
            found = [name for name in found if name not in _LABORATORY]
        if title == "Laboratory findings":
            found += [name for name in _LABORATORY if (name, "all") in rows]
        told.update(found)
        if found:
            yield heading(title)
        for name in found:
            cells = [_value(rows.get((name, group)), size, beside) for group, size in sizes.items()]
            yield Row((Cell(_label(rows[name, "all"])), *cells, p_value(name)), level=1)


def _label(row: dict[str, Any]) -> str:
    unit = unit_words(row["unit"]) if row["median"] is not None and row["unit"] != "{fold}" else ""
    return f"{row['label']}, {unit}" if unit else str(row["label"])


def _value(row: dict[str, Any] | None, size: int, beside: Beside) -> Cell:
    if row is None:
        return Cell("nobody")
    if row["median"] is None:
        return beside.cell(row, text=result_text(row) if row["n"] is not None and row["denominator"] else "not known")
    text = f"{plain_number(row['median'])} ({plain_number(row['low'])}-{plain_number(row['high'])})"
    return beside.cell(row, text=text if row["n"] == size else f"{text}, n = {row['n']}")


def _p(
    name: str, tests: dict[str, dict[str, Any]], notes: Footnotes, beside: Beside, *, counts_agree: bool
) -> Cell:  # fmt: skip
    variable = {"sex.male": "sex", "genetics.primary": "primary"}.get(name, name)
    test = tests.get(variable)
    if test is None:
        return Cell("")
    if test["stat"] is None:
        return Cell("none", notes(test["warning"] or test["error"] or "not estimable"))
    claim = f"{variable}.p"
    # Counts are compared by the test of the outcome table under the paper's conventions alone.
    same = counts_agree and not variable.startswith("baseline.")
    return Cell(str(test["stat_fmt"]), notes(test["method"]), beside.claim(claim, same_test=same))


def _not_known(analyses: Analyses, size: int) -> str:
    """How many values were not known, by characteristic."""
    labels: dict[str, str] = {}
    missing: dict[str, int] = {}
    for row in analyses.baseline.iter_rows(named=True):
        if row["stat_name"] == "label":
            labels[row["variable"]] = row["stat_fmt"]
        elif row["stat_name"] == "N.miss" and row["group1_level"] is None:
            missing[row["variable"]] = int(row["stat"])
    told = [f"{labels[name]} {number}" for name, number in missing.items() if number]
    return f"Not known, of {size}: {'; '.join(told) if told else '0 for every characteristic'}."


def plain_number(value: float) -> str:
    """Write a measured number: two decimals at most, none that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
