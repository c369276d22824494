"""The methods of a report: what was done by a method of its own, and the conventions that hold throughout."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from branchpoint.statistics.profiles import profile as find_profile

if TYPE_CHECKING:
    from branchpoint.reporting.report_material import Material

__all__ = ["methods_told"]

_PLAIN = ("count", "median (range)")
_AGREES = "A published number agrees when everything printed of it is the same after rounding half up to its decimals."


def methods_told(material: Material) -> tuple[str, ...]:
    """Give the methods of a report, a sentence each.

    Parameters
    ----------
    material : Material
    """
    used: dict[str, list[str]] = {}
    for row in material.results.iter_rows(named=True):
        # Adverse events name theirs in their own table.
        if row["method"] not in _PLAIN and not row["id"].startswith("ae."):
            labels = used.setdefault(row["method"], [])
            if row["label"] not in labels:
                labels.append(row["label"])
    told = [f"{'; '.join(labels)}: {method}." for method, labels in used.items()]
    told.append(f"The outcome table keeps the conventions named here; others keep the profile {_profile(material)}.")
    told += [_AGREES] if material.comparisons else []
    return (*told, *(f"{note}." if not note.endswith(".") else note for note in material.study.meta.analysis_notes))


def _profile(material: Material) -> str:
    chosen = find_profile(material.profile)
    named = (f"{field.name.replace('_', ' ')} {getattr(chosen, field.name)}" for field in fields(chosen)[1:])
    return f"{chosen.name} ({', '.join(named)})"
