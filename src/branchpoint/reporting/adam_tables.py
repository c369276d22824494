"""The tables of an ADaM study: its results laid out with an arm a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branchpoint.reporting.tables import Cell, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

__all__ = ["adam_tables", "p_words", "result_cell"]

_CAPTIONS = {
    "disposition": "Disposition",
    "baseline": "Baseline characteristics",
    "response": "Responses",
    "time": "Times to an event",
}
_EVENTS = "Subjects with treatment-emergent adverse events"
_TOTAL = {"all": "Total"}


def adam_tables(results: pl.DataFrame) -> dict[str, Table]:
    """Lay results out.

    Parameters
    ----------
    results : DataFrame
        As `branchpoint.analysis.adam_results.adam_results` gives them.

    Returns
    -------
    dict of str to Table
        ``disposition``, ``baseline`` and, where there are such data, ``response``, ``time``, ``event``
        (classes alone) and ``event_terms`` (every class, term and grade).
    """
    held: dict[str, list[dict[str, Any]]] = {}
    for row in results.iter_rows(named=True):
        held.setdefault(row["id"].partition(".")[0], []).append(row)
    tables = {name: _table(_CAPTIONS[name], rows) for name, rows in held.items() if name in _CAPTIONS}
    if "event" in held:
        terms = [row for row in held["event"] if row["id"].startswith(("event.class.", "event.term."))]
        overall = [row for row in held["event"] if not row["id"].startswith("event.term.")]
        tables["event"] = _table(_EVENTS, overall)
        if terms:
            caption = f"{_EVENTS}, by system organ class, term and worst grade"
            tables["event_terms"] = _table(caption, terms, classes=True)
    return tables


def result_cell(row: dict[str, Any]) -> Cell:
    """Write one result as a cell; what cannot be estimated says so."""
    note = str(row["note"])
    if row["id"].endswith(".p") and row["id"].startswith("time."):
        return Cell(p_words(row["p"]) if row["p"] is not None else note)
    if row["id"].endswith(".median"):
        if row["median"] is None:
            low = row["ci_low"]
            return Cell(note, "" if low is None else f"lower limit {low:.1f} {row['unit']}".rstrip())
        return Cell(f"{row['median']:.1f} ({_range(row, 'ci_low', 'ci_high')}) {row['unit']}".rstrip())
    if row["median"] is not None:
        return Cell(f"{row['median']:g} ({row['low']:g}–{row['high']:g}) {row['unit']}".rstrip())
    if row["id"].startswith("time.") and not row["id"].endswith(".events"):
        return Cell(note) if row["estimate"] is None else Cell(f"{_estimate(row)}", note)
    if row["estimate"] is not None:
        return Cell(f"{row['n']}/{row['denominator']}, {_estimate(row)}")
    if row["denominator"] is not None and row["percent"] is not None:
        return Cell(f"{row['n']} ({row['percent']:.1f}%)", note)
    if row["n"] is None:
        return Cell(note or "not stated")
    return Cell("nobody known" if row["id"] == "baseline.age" else str(row["n"]), note)


def _table(caption: str, rows: Iterable[dict[str, Any]], *, classes: bool = False) -> Table:
    """Lay rows out; with `classes`, each system organ class is a heading, and its own row stands first under it."""
    found: dict[str, dict[str, Any]] = {}
    groups: dict[str, None] = {}
    for row in rows:
        found.setdefault(row["id"], {"label": row["label"]})[row["group"]] = result_cell(row)
        groups.setdefault(row["group"])
    ordered = [*(group for group in groups if group != "all"), *(group for group in groups if group == "all")]
    listed, section = [], ""
    for name, cells in found.items():
        label = str(cells["label"])
        if name.startswith(("response.", "time.")):
            section, label = _under_parameter(name, label)
        elif classes and name.startswith("event.class."):
            section, label = label, "Any term"
        values = tuple(cells.get(group, Cell("")) for group in ordered)
        listed.append(Row((Cell(label), *values), section))
    columns = ("", *(_TOTAL.get(group, group) for group in ordered))
    return Table(caption=caption, columns=columns, rows=tuple(listed))


def _under_parameter(name: str, label: str) -> tuple[str, str]:
    """The heading and the words of a row; a parameter that is answered by yes or no is a row by itself."""
    if name.count(".") < 2:
        return "Subjects with", label
    parameter, _, statistic = label.rpartition(": ")
    return parameter, statistic[:1].upper() + statistic[1:]


def _estimate(row: dict[str, Any]) -> str:
    limits = _range(row, "ci_low", "ci_high")
    return f"{row['estimate']:.1f}% ({limits})" if limits else f"{row['estimate']:.1f}%"


def _range(row: dict[str, Any], low: str, high: str) -> str:
    if row[low] is None and row[high] is None:
        return ""
    ends = ["not reached" if row[end] is None else f"{row[end]:.1f}" for end in (low, high)]
    return "–".join(ends) if None not in (row[low], row[high]) else " to ".join(ends)


def p_words(p: float) -> str:
    """Write a P value."""
    return "P < .001" if p < 0.001 else f"P = {p:.3f}"
