"""The report of a study: one page, its numbers as JSON, its decisions as Parquet.

Every file is written beside its place and moved there when it is whole, the page last.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from branchpoint.reporting.report_material import Material

__all__ = ["outcomes_json", "write_report"]


def write_report(study: Path, output: Path, seed: int) -> tuple[Path, ...]:
    """Write the report of a study.

    Parameters
    ----------
    study : Path
        A study folder, or a folder with ``claims.toml``, from which a cohort is reconstructed first.
    output : Path
        The folder to write to.
    seed : int
        Of the reconstruction.

    Returns
    -------
    tuple of Path
        The files written: ``index.html``, ``outcomes.json``, ``decisions.parquet``.

    Raises
    ------
    Refused
        The study cannot be used; nothing is written then.
    """
    from branchpoint.engine.cohort import write_decisions
    from branchpoint.reporting.report_material import gather
    from branchpoint.reporting.report_page import report_page

    material = gather(study, seed)
    page, outcomes = report_page(material), outcomes_json(material)
    output.mkdir(parents=True, exist_ok=True)
    decisions = output / "decisions.parquet"
    write_decisions(material.decisions, material.protocol, decisions)
    listed = _write(output / "outcomes.json", outcomes)
    return _write(output / "index.html", page), listed, decisions


def outcomes_json(material: Material) -> str:
    """Give every claim beside what was computed, as JSON; without claims, every statistic by itself.

    Parameters
    ----------
    material : Material
    """
    from branchpoint.reporting.outcome_table import result_text

    listed: list[dict[str, object]] = [
        {name: getattr(one, name) for name in ("id", "place", "published", "computed", "agrees", "note")}
        for one in material.comparisons
    ]
    if material.claims is None:
        listed = [
            {
                "id": f"{row['id']}.{row['group']}",
                "place": "",
                "published": None,
                "computed": result_text(row),
                "agrees": None,
                "note": row["method"],
            }
            for row in material.results.iter_rows(named=True)
        ]
    return json.dumps(listed, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write(path: Path, text: str) -> Path:
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8")
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
