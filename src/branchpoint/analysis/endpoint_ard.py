"""Endpoint results as analysis results data: one row a statistic, the estimand as rows of text."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from branchpoint.analysis.ard import Statistic, ard_frame
from branchpoint.analysis.endpoint_result import ALL, EndpointResult, GroupResult, printed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl

__all__ = ["CONTEXTS", "ard_of_endpoints"]

CONTEXTS = {
    "proportion": "proportion_ci", "time to event": "survival_survfit", "duration": "summary", "categories": "tabulate",
}  # fmt: skip
_EVENTS = {"proportion": ("n", "n"), "time to event": ("n.event", "Events"), "categories": ("n.event", "Deaths")}


def ard_of_endpoints(results: Iterable[EndpointResult]) -> pl.DataFrame:
    """Give the rows of endpoint results; see `branchpoint.analysis.ard`.

    What was computed more than once, as everybody is beside every grouping, stands once.
    """
    return ard_frame(row for result in results for row in _rows(result)).unique(maintain_order=True)


def _rows(result: EndpointResult) -> Iterator[Statistic]:
    common: dict[str, Any] = {
        "variable": result.name, "analysis_set": result.analysis_set, "profile": result.profile,
    }  # fmt: skip
    grouped = {} if result.by == ALL else {"group1": result.by}
    yield _text(common, "attributes", "label", "Label", result.label)
    seen: dict[str, int] = {}
    for label, text in result.estimand.lines:
        # More than one intercurrent event: each under a name of its own.
        seen[label] = seen.get(label, 0) + 1
        name = label.replace(" ", ".") + (f".{seen[label]}" if label == "intercurrent event" else "")
        yield _text(common, "estimand", name, label.capitalize(), text)
    for number, note in enumerate(result.notes, start=1):
        yield _text(common | grouped, "attributes", f"note.{number}", "Note", note)
    for group in result.groups:
        level = {} if group.level == ALL else {"group1": result.by, "group1_level": group.level}
        yield from _group(result, group, common | level)
    if result.test is not None:
        yield from _test(result, common | grouped)


def _text(common: dict[str, Any], context: str, name: str, label: str, text: str) -> Statistic:
    return Statistic(**common, context=context, stat_name=name, stat_label=label, stat_fmt=text)


def _group(result: EndpointResult, group: GroupResult, common: dict[str, Any]) -> Iterator[Statistic]:
    context, estimate = CONTEXTS[result.kind], group.estimate
    method = estimate.method if estimate is not None else result.estimand.summary
    common = common | {"context": context, "method": method, "error": group.error}

    def number(name: str, label: str, value: float, unit: str = "", **more: Any) -> Statistic:
        finite = isfinite(value)
        text = printed(value, unit) if unit or not finite else f"{value:g}"
        given = {"warning": group.warning or (None if finite else text)} | more
        return Statistic(
            **common | given, stat_name=name, stat_label=label, stat=value if finite else None, stat_fmt=text
        )

    yield number("N", "N", group.n)
    yield number("N.evaluable", "Evaluable", group.evaluable)
    for reason, count in group.not_evaluable:
        yield number("n.not_evaluable", f"Not evaluable: {reason}", count, variable_level=reason)
    if group.events is not None:
        name, label = _EVENTS[result.kind]
        yield number(name, label, group.events)
    if estimate is not None:
        why = {"warning": "; ".join(filter(None, [group.warning, estimate.note])) or None}
        level = f"{100 * estimate.level:g}% CI"
        yield number("estimate", "Estimate", estimate.value, "%", **why)
        yield number("conf.low", f"{level}, lower limit", estimate.low, "%", **why)
        yield number("conf.high", f"{level}, upper limit", estimate.high, "%", **why)
        yield number("conf.level", "Confidence level", estimate.level)
    for more in group.more:
        yield number(more.name, more.label, more.value, more.unit, variable_level=more.level or None)
    if group.error is not None and estimate is None:
        yield Statistic(**common, stat_name="estimate", stat_label="Estimate", stat_fmt="failed")


def _test(result: EndpointResult, common: dict[str, Any]) -> Iterator[Statistic]:
    test = result.test
    if test is None:
        return
    common = common | {"context": "stats_test", "method": test.method, "warning": test.note or None}
    for name, label, value in (
        ("statistic", "Statistic", test.statistic),
        ("parameter", "Degrees of freedom", test.df),
        ("p.value", "P value", test.p if test.estimable else None),
    ):
        if value is None and name != "p.value":
            continue
        text = "not estimable" if value is None else _p(value) if name == "p.value" else f"{value:.4g}"
        yield Statistic(**common, stat_name=name, stat_label=label, stat=value, stat_fmt=text)


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"
