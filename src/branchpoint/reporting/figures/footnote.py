"""The footnote that every figure carries: source, analysis set, method, who was not evaluable, protocol and data."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from branchpoint.reporting.report_material import Material

__all__ = ["SOURCES", "estimate_words", "footnote", "not_evaluable_words", "p_words", "plain_note", "protocol_note"]

SOURCES = {
    "reconstructed": "Reconstructed from published aggregates, not patient data.",
    "synthetic": "Synthetic patients, not patient data.",
}
_SHORT = 12


def footnote(
    material: Material,
    method: str,
    not_evaluable: Iterable[tuple[str, int]] = (),
    *notes: str,
    counted: str = "",
) -> tuple[str, ...]:
    """Give the footnote of a figure, one sentence or two a line.

    Parameters
    ----------
    material : Material
    method : str
        How the numbers came about, without a full stop.
    not_evaluable : iterable of (str, int)
        Why patients could not be evaluated, and how many.
    *notes : str
        What else a reader must know.
    counted : str
        Whom the figure shows, where that is not the whole analysis set.
    """
    size, enrolled = len(material.analyzed), len(material.courses)
    lines = (
        SOURCES.get(material.study.meta.kind, ""),
        f"Analysis set: {material.set_label}, {size} of {enrolled} enrolled{f'; {counted}' if counted else ''}.",
        f"Method: {method}.",
        not_evaluable_words(not_evaluable),
        *notes,
        _identity(material),
    )
    return tuple(line for line in lines if line)


def protocol_note(material: Material) -> tuple[str, ...]:
    """Give the footnote of a figure that shows the protocol and nobody's data."""
    return (
        "Analysis set: none. Method: drawn from the protocol's epochs, treatments and decisions.",
        "Not evaluable: does not apply; no patient is shown.",
        _identity(material),
    )


def plain_note(text: str) -> str:
    """Give a note of the statistics as a sentence."""
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def not_evaluable_words(found: Iterable[tuple[str, int]]) -> str:
    """Say who could not be evaluated, and why; also that all could."""
    told = [(reason, number) for reason, number in found if number]
    if not told:
        return "Not evaluable: 0."
    return f"Not evaluable: {'; '.join(f'{number}, {reason}' for reason, number in told)}."


def p_words(p: float | None) -> str:
    """Write a P value, or that there is none."""
    if p is None or isnan(p):
        return "P not estimable"
    return "P < 0.001" if p < 0.001 else f"P = {p:.3f}" if p < 0.1 else f"P = {p:.2f}"


def estimate_words(percent: float | None, low: float | None, high: float | None) -> str:
    """Write a percentage with its 95% limits, and say what of it cannot be estimated."""
    if percent is None or isnan(percent):
        return "not estimable"
    if low is None or high is None or isnan(low) or isnan(high):
        return f"{percent:.1f}% (limits not estimable)"
    return f"{percent:.1f}% ({low:.1f} to {high:.1f})"


def _identity(material: Material) -> str:
    protocol = material.protocol
    data = material.data_hash[:_SHORT] or "not hashed"
    return f"Protocol {protocol.name} {protocol.version} ({protocol.hash[:_SHORT]}); data {data}."
