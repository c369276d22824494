"""The findings table: the door for tens of millions of rows at once.

Rows of one test in one unit take one route through the door, so the door is asked once for each pair. The rest is
Polars expressions, a slice at a time, that convert what is sound and hold back what is not; what is held back is put
to the door row by row, for its reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from branchpoint.language.measurements import Coded
from branchpoint.language.units import convert
from branchpoint.records.cells import problems_of
from branchpoint.records.checks import ask, outside, resolve_days, span_from, strangers, tell_repeated, with_spans
from branchpoint.records.door import FALSE_WORDS, ROUNDED, TRUE_WORDS, Given, Route, admit, find_route
from branchpoint.records.patient import MISSING_REASONS
from branchpoint.records.problems import Problem, Refusal
from branchpoint.records.schemas import Findings
from branchpoint.records.timeline import day_refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.records.vocabulary import Vocabulary

__all__ = ["admit_findings"]

SLICE = 2_000_000

_ROUTES = {
    "test": pl.String,
    "unit": pl.String,
    "_refused": pl.String,
    "_kind": pl.String,
    "_unit": pl.String,
    "_times": pl.Float64,
    "_over": pl.Float64,
    "_low": pl.Float64,
    "_high": pl.Float64,
    "_lower": pl.Float64,
    "_upper": pl.Float64,
    "_lasting": pl.Boolean,
    "_shifted": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class _Table:
    """The findings of one file on their way through the door.

    Parameters
    ----------
    text : bool
        Whether values are text in one column, as in CSV.
    """

    names: Vocabulary
    file: str
    spans: pl.DataFrame
    known: pl.Series | None
    text: bool


def admit_findings(
    frame: pl.DataFrame, names: Vocabulary, file: str, spans: pl.DataFrame, known: pl.Series | None
) -> tuple[pl.DataFrame, list[Problem]]:
    """Let the findings of a study in.

    Parameters
    ----------
    frame : DataFrame
        Typed cells; values as they came.
    names : Vocabulary
    file : str
    spans : DataFrame
        See `branchpoint.records.checks.spans_of`.
    known : Series, optional
        The subjects; None where their table cannot be read.

    Returns
    -------
    tuple of (DataFrame, list of Problem)
        The findings in canonical form; where there are problems, without the rows that have them.
    """
    table = _Table(names, file, spans, known, text=frame.schema["value"] == pl.String)
    problems: list[Problem] = []
    pieces: list[pl.DataFrame] = []
    for piece in frame.iter_slices(SLICE):
        admitted, found = _admit_slice(table, piece)
        pieces.append(admitted)
        problems += found
    findings = pl.concat(pieces) if pieces else Findings.create_empty()
    return findings, [*problems, *_repeated(findings, file)]


def _admit_slice(table: _Table, piece: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    frame = with_spans(piece, table.spans)
    problems = problems_of(frame, pl.col("subject").is_null(), table.file, "subject", "a subject")
    problems += strangers(frame, table.file, table.known)
    frame, found = resolve_days(frame, table.file)
    problems += found
    routes = _routes(table, frame)
    frame = frame.join(routes, on=["test", "unit"], how="left", nulls_equal=True, maintain_order="left")
    frame = frame.with_columns(**_value_parts(table), **_limit_parts())
    frame = _converted(frame, routes)
    held = frame.select(_screen(table)).to_series()
    if held.any():
        problems += ask(frame.filter(held), table.file, lambda row: _reasons(table, row))
        frame = frame.filter(~held)
    if frame["day"].null_count() or frame["subject"].null_count():
        frame = frame.filter(pl.col("day").is_not_null(), pl.col("subject").is_not_null())
    return _canonical(table, frame), problems


def _routes(table: _Table, frame: pl.DataFrame) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for test, unit in frame.select("test", "unit").unique().iter_rows():
        route = find_route(table.names.tests, test, unit)
        row: dict[str, Any] = {"test": test, "unit": unit}
        if isinstance(route, Route):
            by = route.conversion
            row |= {"_kind": route.kind, "_unit": route.unit or None, "_lasting": route.lasting}
            row |= {"_times": by.times, "_over": by.over, "_shifted": by.shifted is not None}
            row |= {"_low": route.low, "_high": route.high, "_lower": route.lower_limit, "_upper": route.upper_limit}
        else:
            # Without a value, a finding needs no unit.
            row["_refused"] = "value" if route.column == "unit" and not unit else "always"
        rows.append(row)
    return pl.DataFrame(rows, schema=_ROUTES)


def _value_parts(table: _Table) -> dict[str, pl.Expr]:
    # What the value is as a number, as an answer and as a code; `_filled` is whether there is any.
    value = pl.col("value")
    if table.text:
        low = value.str.to_lowercase()
        answers = {**dict.fromkeys(TRUE_WORDS, True), **dict.fromkeys(FALSE_WORDS, False)}
        truth = low.replace_strict(answers, default=None, return_dtype=pl.Boolean)
        one = {"_number": value.cast(pl.Float64, strict=False), "_truth": truth, "_code": value}
    else:
        truth = value.replace_strict({1.0: True, 0.0: False}, default=None, return_dtype=pl.Boolean)
        one = {"_number": value, "_truth": truth, "_code": pl.lit(None, pl.String)}
    parts = {name: pl.coalesce(part, pl.col(name[1:])) for name, part in one.items()}
    parts["_filled"] = ~pl.all_horizontal(pl.col("value", "number", "truth", "code").is_null())
    return parts


def _limit_parts() -> dict[str, pl.Expr]:
    return {f"_{name}": pl.col(name).cast(pl.Float64, strict=False) for name in ("lower_limit", "upper_limit")}


def _converted(frame: pl.DataFrame, routes: pl.DataFrame) -> pl.DataFrame:
    changes = (pl.col("_times") != 1) | (pl.col("_over") != 1)
    converts = routes.filter(changes).height > 0
    shifted = routes.filter("_shifted")
    results = []
    for name in ("_number", "_lower_limit", "_upper_limit"):
        result: pl.Expr = pl.col(name)
        if converts:
            factored = pl.col(name) * pl.col("_times") / pl.col("_over")
            rounds = (factored.abs() >= ROUNDED[0]) & (factored.abs() < ROUNDED[1])
            result = _either(changes, _either(rounds, factored.round_sig_figs(12), factored), result)
        for unit, target in shifted.select("unit", "_unit").unique().iter_rows():
            # Units whose zeros differ, as of temperature: one conversion for each different value.
            here = (pl.col("unit") == unit) & (pl.col("_unit") == target)
            values = frame.filter(here)[name].drop_nulls().unique()
            exact = pl.Series([convert(value, unit, target) for value in values], dtype=pl.Float64)
            result = _either(here, pl.col(name).replace_strict(values, exact, default=None), result)
        results.append(result.alias(f"{name}_in"))
    return frame.with_columns(results)


def _either(condition: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(then).otherwise(otherwise)


def _screen(table: _Table) -> pl.Expr:
    filled, missing, kind = pl.col("_filled"), pl.col("missing"), pl.col("_kind")
    unknown = pl.col("_code").is_null()
    for name, test in table.names.tests.items():
        if isinstance(test, Coded):
            unknown |= (pl.col("test") == name) & ~pl.col("_code").is_in(list(test.codes)).fill_null(False)
    unsound = (
        ((kind == "number") & ~pl.col("_number_in").is_between("_low", "_high").fill_null(False))
        | ((kind == "truth") & pl.col("_truth").is_null())
        | ((kind == "code") & unknown)
    )
    limits = pl.lit(False)
    for name in ("lower_limit", "upper_limit"):
        limits |= pl.col(name).is_not_null() & ((kind != "number") | ~pl.col(f"_{name}").is_finite().fill_null(False))
    limits |= (pl.col("_lower_limit") > pl.col("_upper_limit")).fill_null(False)
    limits &= kind.is_not_null()
    refused = (pl.col("_refused") == "always") | ((pl.col("_refused") == "value") & filled)
    reasons = (filled == missing.is_not_null()) | (missing.is_not_null() & ~missing.is_in(list(MISSING_REASONS)))
    days = outside("day", pl.col("_lasting").fill_null(True))
    return (
        refused.fill_null(False)
        | reasons.fill_null(False)
        | (filled & unsound.fill_null(False))
        | limits.fill_null(False)
        | days
    )


def _reasons(table: _Table, row: dict[str, Any]) -> Iterator[Refusal]:
    value, text = row["value"], table.text
    typed = [row[name] for name in ("number", "truth", "code") if row[name] is not None]
    if value is None and typed:
        value, text = typed[0], False
    elif not text and value is not None and row["_kind"] == "truth":
        value = row["_truth"] if row["_truth"] is not None else value
    limits = row["lower_limit"], row["upper_limit"]
    lower, upper = (_read_limit(limit, text) for limit in limits)
    given = Given(row["test"], value, row["unit"], lower, upper, row["missing"])
    _, refusals = admit(table.names.tests, given, row["day"] or 0, text=text)
    yield from refusals
    if row["day"] is not None:
        lasting = row["_lasting"] is None or row["_lasting"]
        yield from day_refusals(span_from(row), row["day"], row["_day_column"], lasting=lasting)


def _read_limit(limit: Any, text: bool) -> Any:
    return limit if not text or limit is None else str(limit).removesuffix(".0")


def _canonical(table: _Table, frame: pl.DataFrame) -> pl.DataFrame:
    filled, kind = pl.col("_filled"), pl.col("_kind")
    numeric = filled & (kind == "number")
    lower, upper = pl.col("_lower_limit_in"), pl.col("_upper_limit_in")
    lower = pl.coalesce(lower, pl.when(upper.is_null() | (pl.col("_lower") <= upper)).then("_lower"))
    upper = pl.coalesce(upper, pl.when(lower.is_null() | (lower <= pl.col("_upper"))).then("_upper"))
    columns = {
        "number": pl.when(numeric).then("_number_in"),
        "truth": pl.when(filled & (kind == "truth")).then("_truth"),
        "code": pl.when(filled & (kind == "code")).then("_code"),
        "unit": pl.when(numeric).then("_unit"),
        "lower_limit": pl.when(numeric).then(lower),
        "upper_limit": pl.when(numeric).then(upper),
        "given": _given(table, frame),
    }
    return frame.select(columns.get(name, pl.col(name)).alias(name) for name in Findings.column_names())


def _given(table: _Table, frame: pl.DataFrame) -> pl.Expr:
    # Only where the canonical row says it differently: strings for every row would double the table.
    differs = pl.col("_filled") & (pl.col("_kind") == "number") & pl.col("unit").ne_missing(pl.col("_unit"))
    if table.text:
        spelled = ~pl.col("value").is_in(["true", "false"])
        differs |= pl.col("_truth").is_not_null() & (pl.col("_kind") == "truth") & spelled
    differs &= pl.col("given").is_null()
    if not frame.select(differs.any()).item():
        return pl.col("given")
    text = pl.col("_number").cast(pl.String).str.strip_suffix(".0")
    if table.text:
        text = pl.coalesce("value", text)
    return pl.when(differs).then(pl.concat_str(text, "unit", separator=" ", ignore_nulls=True)).otherwise("given")


def _repeated(findings: pl.DataFrame, file: str) -> list[Problem]:
    # One integer a row stands for subject, test and day, and counting different integers is cheap.
    key = _packed(findings)
    if key.n_unique() == findings.height:
        return []
    return tell_repeated("findings", findings.filter(key.is_duplicated()), file)


def _packed(findings: pl.DataFrame) -> pl.Series:
    order = {name: pl.col(name).cast(pl.Categorical).to_physical().cast(pl.UInt64) for name in ("subject", "test")}
    day = (pl.col("day").cast(pl.Int64) + 2**20).cast(pl.UInt64)
    return findings.select(key=order["subject"] * 2**36 + order["test"] * 2**21 + day)["key"]
