"""Writing a study folder: all of it or nothing.

The folder is made beside its place and moved there when it is whole. What stands in the place may be replaced when it
is a study and nothing else; other people's files are never removed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from branchpoint.records.raw_table import FORMATS
from branchpoint.records.schemas import SCHEMAS
from branchpoint.records.study_toml import FILE, meta_toml

if TYPE_CHECKING:
    from branchpoint.records.tables import Study

__all__ = ["write_study"]


def write_study(study: Study, path: str | Path, *, format: Literal["csv", "parquet"] = "csv", banner: str = "") -> Path:
    """Write a study folder that `branchpoint.records.study_folder.read_study` reads as it was.

    Parameters
    ----------
    study : Study
        Tables in canonical form. A column ``row`` is not written, and one that may be null can be left out. An exposure
        that goes on is known by its interval: one with neither end nor ``every_hours`` is read as given once.
    path : str or Path
        The folder.
    format : {"csv", "parquet"}
    banner : str
        What every file must say of itself: leading comment lines in CSV and TOML, metadata in Parquet.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    FileExistsError
        When the place holds anything that is no part of a study. It is left as it is.
    OSError
        When it cannot be written. Nothing is left behind.
    """
    if format not in FORMATS:
        raise ValueError(f"format {format!r}: use csv or parquet")
    folder = Path(path)
    _check_place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        fresh, old = Path(scratch, "new"), Path(scratch, "old")
        fresh.mkdir()
        _fill(study, fresh, format, banner)
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    return folder


def _check_place(folder: Path) -> None:
    ours = {FILE} | {f"{table}.{suffix}" for table in SCHEMAS for suffix in FORMATS}
    if not folder.exists():
        return
    others = sorted({item.name for item in folder.iterdir()} - ours) if folder.is_dir() else [folder.name]
    if others:
        raise FileExistsError(f"{folder} holds {others[0]}, which is no part of a study; choose a folder of its own")


def _fill(study: Study, folder: Path, format: str, banner: str) -> None:
    comment = "".join(f"# {line}\n" for line in banner.splitlines())
    folder.joinpath(FILE).write_text(comment + meta_toml(study.meta), encoding="utf-8")
    for name, frame in study.tables.items():
        columns = {column: kind for column, kind in SCHEMAS[name].columns().items() if column != "row"}
        absent = [
            pl.lit(None, kind.dtype).alias(c) for c, kind in columns.items() if kind.nullable and c not in frame.columns
        ]
        table = frame.with_columns(absent).select(list(columns))
        if format == "parquet":
            table.write_parquet(folder / f"{name}.parquet", metadata={"banner": banner} if banner else None)
        else:
            text = comment + (_one_value(table) if name == "findings" else table).write_csv()
            folder.joinpath(f"{name}.csv").write_bytes(text.encode())


def _one_value(findings: pl.DataFrame) -> pl.DataFrame:
    # Text has no types: number, answer and code share one column, as people keep them.
    value = pl.coalesce(
        pl.col("number").cast(pl.String).str.strip_suffix(".0"), pl.col("truth", "code").cast(pl.String)
    )
    return findings.select(
        "subject", "day", "test", value.alias("value"), "unit", "lower_limit", "upper_limit", "missing", "given"
    )
