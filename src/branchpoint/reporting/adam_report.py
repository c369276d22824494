"""The report of an ADaM study: one page with the tables and figures that its datasets allow, and their numbers."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from markupsafe import Markup

from branchpoint.reporting.pages import render

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from branchpoint.records.adam import AdamData

__all__ = ["adam_report"]


def adam_report(folder: Path, output: Path, *, population: str | None = None) -> tuple[Path, ...]:
    """Write the report of an ADaM study.

    Parameters
    ----------
    folder : Path
        As `branchpoint.records.adam.read_adam` reads it.
    output : Path
        The folder to write to.
    population : str, optional
        The flag of ADSL that efficacy is analyzed in, such as ``PPROTFL``.

    Returns
    -------
    tuple of Path
        ``index.html``, and ``results.json`` and ``results.parquet`` with one row a statistic.

    Raises
    ------
    Refused
        The data cannot be used, or have no such flag; nothing is written then.
    """
    from branchpoint.analysis.adam_ard import adam_ard
    from branchpoint.analysis.adam_arms import arms_of
    from branchpoint.analysis.adam_results import adam_results
    from branchpoint.analysis.ard import write_ard
    from branchpoint.records.adam import read_adam
    from branchpoint.reporting.adam_figures import adam_figures

    data = read_adam(folder)
    results = adam_results(data, population=population)
    arms = arms_of(data, "efficacy", population)
    figures = [] if data.adtte is None else adam_figures(data.adtte, arms, results)
    page = _page(data, results, figures)
    frame = adam_ard(results, arms.method.rpartition(" ")[2])
    output.mkdir(parents=True, exist_ok=True)
    parquet, listed = write_ard(frame, output / "results")
    return _write(output / "index.html", page), listed, parquet


def _page(data: AdamData, results: pl.DataFrame, figures: list[tuple[str, str]]) -> str:
    from branchpoint.reporting.adam_tables import adam_tables

    methods: dict[str, dict[str, None]] = {}
    for table, method in (
        results.select(results["id"].str.split(".").list.first(), "method").unique(maintain_order=True).rows()
    ):
        methods.setdefault(method, {})[table] = None
    return render(
        "adam.html.j2",
        study=data.study or data.folder.resolve().name,
        files=[(name, table.height, table.width) for name, table in _by_file(data)],
        data_hash=_hash(data),
        tables=adam_tables(results),
        figures=[(title, Markup(svg)) for title, svg in figures],
        methods=[(", ".join(tables), method) for method, tables in methods.items()],
        absent=[name.upper() for name in ("adrs", "adtte", "adae") if name not in data.tables],
    )


def _by_file(data: AdamData) -> list[tuple[str, pl.DataFrame]]:
    return [(data.files[name], table) for name, table in data.tables.items()]


def _hash(data: AdamData) -> str:
    """SHA-256 of the files, in order of their names."""
    digest = hashlib.sha256()
    for name in sorted(data.files.values()):
        digest.update(name.encode() + b"\0" + (data.folder / name).read_bytes())
    return digest.hexdigest()


def _write(path: Path, text: str) -> Path:
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8")
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
