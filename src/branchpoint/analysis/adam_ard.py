"""Results of an ADaM study as analysis results data: one row a statistic, columns as in the R package cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branchpoint.analysis.adam_arms import ALL
from branchpoint.analysis.ard import Statistic, ard_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

__all__ = ["adam_ard"]

_CONTEXTS = {"response": "proportion_ci", "time": "survival_survfit"}
_NUMBERS = (
    ("n", "n", "n"), ("denominator", "N", "N"), ("percent", "p", "%"), ("median", "median", "Median"),
    ("low", "min", "Minimum"), ("high", "max", "Maximum"), ("estimate", "estimate", "Estimate"),
    ("standard_error", "std.error", "Standard error"), ("ci_low", "conf.low", "95% CI, lower limit"),
    ("ci_high", "conf.high", "95% CI, upper limit"), ("p", "p.value", "P value"),
)  # fmt: skip
_PERCENT = ("percent", "estimate", "standard_error")
_NO_VALUE = ("not estimable", "not reached")


def adam_ard(results: pl.DataFrame, arm: str) -> pl.DataFrame:
    """Turn results into analysis results data.

    Parameters
    ----------
    results : DataFrame
        As `branchpoint.analysis.adam_results.adam_results` gives them.
    arm : str
        The variable that groups are of, such as ``TRT01P``.

    Returns
    -------
    DataFrame
        See `branchpoint.analysis.ard`. Shares are from 0 to 1; the label of a variable is a row of text.
    """
    return ard_frame(row for result in results.iter_rows(named=True) for row in _rows(result, arm))


def _rows(result: dict[str, Any], arm: str) -> Iterator[Statistic]:
    grouped = result["group"] != ALL
    common: dict[str, Any] = {
        "variable": result["id"], "method": result["method"], "group1": arm if grouped else None,
        "group1_level": result["group"] if grouped else None,
    }  # fmt: skip
    yield Statistic(**common, context="attributes", stat_name="label", stat_label="Label", stat_fmt=result["label"])
    context, note = _context(result), result["note"] or None
    given = [(field, name, label) for field, name, label in _NUMBERS if result[field] is not None]
    for field, name, label in given:
        share = field in _PERCENT or (field in ("ci_low", "ci_high") and result["unit"] == "%")
        value = float(result[field]) / (100 if share else 1)
        text = f"{100 * value:.1f}%" if share else f"{value:.4g}"
        yield Statistic(**common, context=context, stat_name=name, stat_label=label, stat=value, stat_fmt=text,
                        warning=note)  # fmt: skip
    if note and any(words in note for words in _NO_VALUE) and not {"estimate", "median", "p"} & {f for f, *_ in given}:
        name = "p.value" if result["id"].endswith(".p") else "estimate"
        yield Statistic(**common, context=context, stat_name=name, stat_label=name, warning=note)


def _context(result: dict[str, Any]) -> str:
    table = result["id"].partition(".")[0]
    if table == "time" and result["id"].endswith(".p"):
        return "stats_test"
    if result["estimate"] is None and table == "response":
        return "tabulate"
    if table in _CONTEXTS:
        return _CONTEXTS[table]
    return "summary" if result["median"] is not None else "tabulate"
