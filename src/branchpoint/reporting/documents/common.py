"""What the tables share: words of the analysis set and the source, published values, footnotes told once."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from branchpoint.reporting.documents.table import Cell, Published
from branchpoint.reporting.outcome_table import result_text
from branchpoint.reporting.tables import NO_BREAK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from branchpoint.publication.comparison import Comparison
    from branchpoint.reporting.report_material import Material

__all__ = [
    "BANNERS",
    "PRIOR",
    "Beside",
    "Footnotes",
    "not_evaluable_note",
    "p_text",
    "set_note",
    "sized",
    "source_line",
    "study_note",
]

BANNERS = {
    "reconstructed": "Reconstructed from published aggregates, not patient data",
    "synthetic": "Synthetic patients, not patient data",
}
PRIOR = {"naive": "Prior corticosteroid untreated", "steroid": "Prior corticosteroid treated", "all": "Total"}
_SHORT = 12


class Footnotes:
    """Footnotes in the order in which they are first referred to; the same words are the same footnote."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, *texts: str) -> tuple[int, ...]:
        """Give the numbers of some footnotes."""
        told = (text[:1].upper() + text[1:] for text in texts if text)
        return tuple(sorted({self._numbers.setdefault(text, len(self._numbers) + 1) for text in told}))

    @property
    def texts(self) -> tuple[str, ...]:
        """All of them, in order."""
        return tuple(self._numbers)


class Beside:
    """What was published of each statistic, with the number of its difference as the document lists them."""

    def __init__(self, comparisons: Iterable[Comparison]) -> None:
        listed = tuple(comparisons)
        differing = [one for one in listed if one.agrees is False]
        self._numbers = {one.id: number for number, one in enumerate(differing, start=1)}
        self._by_statistic: dict[tuple[str, str], list[Comparison]] = {}
        self._by_id = {one.id: one for one in listed}
        for one in listed:
            if one.statistic is not None:
                self._by_statistic.setdefault(one.statistic, []).append(one)

    def statistic(self, name: str, group: str = "all") -> tuple[Published, ...]:
        """Give everything that was printed of a statistic of a group, once."""
        found: dict[str, Published] = {}
        for one in map(self._published, self._by_statistic.get((name, group), ())):
            found.setdefault(one.words, one)
        return tuple(one for one in found.values() if not _told_by(one, found.values()))

    def claim(self, name: str, *, same_test: bool) -> tuple[Published, ...]:
        """Give one published number; it is not compared when it rests on another test."""
        one = self._by_id.get(name)
        if one is None or one.published is None:
            return ()
        return (self._published(one) if same_test else Published(one.published),)

    def _published(self, one: Comparison) -> Published:
        return Published(str(one.published), one.agrees, self._numbers.get(one.id))

    def cell(self, row: Mapping[str, Any] | None, notes: tuple[int, ...] = (), text: str | None = None) -> Cell:
        """Give a computed statistic with everything that was printed of it."""
        if row is None:
            return Cell("")
        told = result_text(row) if text is None else text
        return Cell(told, notes, self.statistic(row["id"], row["group"]))


def _told_by(one: Published, others: Iterable[Published]) -> bool:
    """Whether others say the same and more, as a table does of what the text repeats."""
    return bool(one.agrees) and any(
        other.agrees and one.text != other.text and one.text in other.text for other in others
    )


def set_note(material: Material) -> str:
    """Say who was analyzed."""
    return f"Analysis set: {material.set_label}, {len(material.analyzed)} of {len(material.courses)} enrolled."


def not_evaluable_note(found: Iterable[tuple[str, int]], whom: str = "") -> str:
    """Say of whom something is not known, and why; also that it is known of all."""
    told = [f"{reason}: {number}" for reason, number in found if number]
    return f"Not evaluable{f' for {whom}' if whom else ''}: {'; '.join(told) if told else '0'}."


def source_line(material: Material, *, patients: bool = True) -> str:
    """Say where a table comes from: the kind of data, the protocol and its hash, the data and their hash."""
    protocol = material.protocol
    banner = BANNERS.get(material.study.meta.kind, "") if patients else "The protocol's own rules; no patient is shown"
    told = [banner, f"Protocol {protocol.name} {protocol.version}, content {protocol.hash[:_SHORT]}"]
    told.append(f"data {material.data_hash[:_SHORT]}, conventions of the profile {material.profile}")
    return ". ".join(part[:1].upper() + part[1:] for part in told if part) + "."


def study_note(material: Material) -> str:
    """Give what the study says of itself, without what the banner has said already."""
    note, banner = material.study.meta.note, BANNERS.get(material.study.meta.kind, "")
    return note[len(banner) :].lstrip(" :.;") if banner and note.lower().startswith(banner.lower()) else note


def sized(label: str, size: int) -> str:
    """Give a label with the number of its patients, which no line end parts."""
    return f"{label} (n{NO_BREAK}={NO_BREAK}{size})"


def p_text(p: float | None) -> str:
    """Write a P value as journals do."""
    if p is None or isnan(p):
        return "not estimable"
    return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")
