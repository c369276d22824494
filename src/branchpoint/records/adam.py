"""ADaM: a study that was analyzed elsewhere, as the datasets of its submission.

Reads ADSL, and what there is of ADRS, ADTTE and ADAE, from SAS transport files or Dataset-JSON. Everything that is
wrong is reported at once, and nothing is taken in then.

References
----------
.. [1] CDISC. Analysis Data Model Implementation Guide, version 1.3. 2021.
.. [2] CDISC. The ADaM Basic Data Structure for Time-to-Event Analyses, version 1.0. 2012.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from branchpoint.records.adam_checks import canonical, dataset_problems
from branchpoint.records.problems import Problem, RecordProblems

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from branchpoint.records.dataset_json import DatasetMetadata

__all__ = ["DATASETS", "FORMATS", "AdamData", "has_adam", "read_adam"]

DATASETS = ("adsl", "adrs", "adtte", "adae")
FORMATS = ("xpt", "json", "ndjson")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AdamData:
    """The analysis datasets of a study.

    Parameters
    ----------
    folder : Path
    adsl : DataFrame
        One row a subject.
    adrs, adtte, adae : DataFrame or None
        Responses, times to events, adverse events; None where the folder has no such dataset.
    labels : mapping of str to mapping
        By dataset, the label of each variable.
    files : mapping of str to str
        Which file each dataset was read from.

    Notes
    -----
    Numbers are floats, numeric dates are dates, and blank text is null.
    """

    folder: Path
    adsl: pl.DataFrame
    adrs: pl.DataFrame | None = None
    adtte: pl.DataFrame | None = None
    adae: pl.DataFrame | None = None
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The datasets that there are, by name."""
        return {name: table for name in DATASETS if (table := getattr(self, name)) is not None}

    @property
    def study(self) -> str:
        """The identifier of the study; empty where ADSL does not say it."""
        if "STUDYID" not in self.adsl.columns:
            return ""
        return ", ".join(self.adsl["STUDYID"].drop_nulls().unique().sort())


def has_adam(folder: Path) -> bool:
    """Say whether a folder holds ADaM: a file ``adsl`` in a format that `read_adam` reads."""
    return folder.is_dir() and bool(_files(folder)["adsl"])


def read_adam(folder: Path) -> AdamData:
    """Read the ADaM datasets of a folder.

    Parameters
    ----------
    folder : Path
        With ``adsl`` and, where there are, ``adrs``, ``adtte``, ``adae``, each as ``.xpt`` (version 5 or 8), ``.json``
        or ``.ndjson`` (Dataset-JSON 1.1), in capitals or not.

    Raises
    ------
    RecordProblems
        Something is wrong; all of it is told. A row is a record counted from 1.
    Refused
        A transport file without pyreadstat installed.
    """
    problems: list[Problem] = []
    tables: dict[str, pl.DataFrame] = {}
    names: dict[str, str] = {}
    labels: dict[str, Mapping[str, str]] = {}
    for dataset, found in _files(folder).items():
        if len(found) > 1:
            problems.append(Problem(found[1].name, None, None, f"{found[0].name} beside it", "one file a dataset"))
        if not found:
            continue
        names[dataset] = found[0].name
        frame, meta, wrong = _read(found[0], dataset)
        problems += wrong
        if frame is not None and meta is not None:
            labels[dataset] = meta.labels
            tables[dataset], wrong = canonical(frame, dataset, found[0].name)
            problems += wrong
    if "adsl" not in names:
        problems.append(Problem("adsl.xpt", None, None, "no such file", "adsl.xpt, adsl.json or adsl.ndjson"))
    problems += dataset_problems(tables, names)
    if problems:
        raise RecordProblems(problems)
    kept = {dataset: table.drop("row") for dataset, table in tables.items()}
    return AdamData(
        folder=folder, adsl=kept["adsl"], adrs=kept.get("adrs"), adtte=kept.get("adtte"), adae=kept.get("adae"),
        labels=labels, files=names,
    )  # fmt: skip


def _files(folder: Path) -> dict[str, list[Path]]:
    present = sorted(path for path in folder.iterdir() if path.is_file())
    wanted = {dataset: [f"{dataset}.{suffix}" for suffix in FORMATS] for dataset in DATASETS}
    return {dataset: [path for path in present if path.name.lower() in named] for dataset, named in wanted.items()}


def _read(path: Path, dataset: str) -> tuple[pl.DataFrame | None, DatasetMetadata | None, list[Problem]]:
    if path.suffix.lower() == ".xpt":
        from branchpoint.records.adam_xpt import read_xpt as read
    else:
        from branchpoint.records.dataset_json import read_dataset_json as read
    frame, meta, problems = read(path)
    if meta is not None and meta.name.lower() in set(DATASETS) - {dataset}:
        problem = Problem(path.name, None, None, f"the dataset {meta.name}", f"the dataset {dataset.upper()}")
        return None, None, [problem]
    return frame, meta, problems
