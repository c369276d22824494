"""A minimal reporting event of the CDISC Analysis Results Standard (ARS v1), in JSON, that points to the results data.

Analysis sets, groupings, methods with their operations, analyses with their results, and one output. An analysis is
what shares variable, grouping, set, profile and method. Every result carries the value of one row of the results data;
the analysis says which rows those are (`documentRefs`, row numbers from 0, in the order of its results).

References
----------
.. [1] CDISC. Analysis Results Standard v1.0, logical model. 2024.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from branchpoint.analysis.endpoints import DECLARED

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from branchpoint.language.protocol import Protocol

__all__ = ["reporting_event", "write_ars"]

_TEXT = ("attributes", "estimand")
_PURPOSE = {
    "primary": "PRIMARY OUTCOME MEASURE", "key secondary": "SECONDARY OUTCOME MEASURE",
    "secondary": "SECONDARY OUTCOME MEASURE", "": "EXPLORATORY OUTCOME MEASURE",
}  # fmt: skip
_RESULTS = "ard"
_Key = tuple[str | None, ...]


def reporting_event(frame: pl.DataFrame, protocol: Protocol, *, location: str = "results.json") -> dict[str, Any]:
    """Describe results as an ARS reporting event.

    Parameters
    ----------
    frame : DataFrame
        Results data, see `branchpoint.analysis.ard`.
    protocol : Protocol
    location : str
        Where the results data lie, relative to the file.

    Returns
    -------
    dict
        To be written as JSON; every id that is referred to is defined in it.
    """
    rows = [row | {"row": number} for number, row in enumerate(frame.iter_rows(named=True))]
    numbers = [row for row in rows if row["context"] not in _TEXT]
    methods = _methods(numbers)
    groupings = _groupings(numbers)
    analyses = _analyses(numbers, rows, methods, protocol)
    return {
        "id": f"{protocol.name}-{protocol.version}",
        "name": protocol.title,
        "version": 1,
        "description": f"{protocol.cite}; protocol content {protocol.hash}",
        "analysisSets": _sets(numbers, protocol),
        "analysisGroupings": [{key: value for key, value in one.items() if key != "levels"} for one in groupings],
        "methods": [value for value, _ in methods.values()],
        "analyses": analyses,
        "referenceDocuments": [{"id": _RESULTS, "name": "Analysis results data", "location": location}],
        "outputs": [
            {
                "id": "results", "name": "Analysis results data", "version": 1,
                "fileSpecifications": [{"name": location, "location": location,
                                        "fileType": {"sponsorTermId": "json"}}],
            }
        ],
        "terminologyExtensions": [
            {"id": "file-types", "enumeration": "OutputFileType",
             "sponsorTerms": [{"id": "json", "submissionValue": "JSON"}]}
        ],
        "mainListOfContents": {
            "name": "List of analyses",
            "contentsList": {
                "listItems": [
                    {"level": 1, "order": order, "name": one["name"], "analysisId": one["id"]}
                    for order, one in enumerate(analyses, start=1)
                ]
            },
        },
    }  # fmt: skip


def write_ars(event: dict[str, Any], path: Path) -> Path:
    """Write a reporting event as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(event, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return path


def _sets(rows: list[dict[str, Any]], protocol: Protocol) -> list[dict[str, Any]]:
    labels = {one.name: one.label.text for one in protocol.analysis_sets}
    names = dict.fromkeys(row["analysis_set"] or "" for row in rows)
    return [
        {"id": _set_id(name), "name": name or "all subjects", "label": labels.get(name, name), "level": 1,
         "order": order}
        for order, name in enumerate(names, start=1)
    ]  # fmt: skip


def _set_id(name: str | None) -> str:
    return f"set.{name or 'all'}"


def _groupings(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        for grouping, level in _groups_of(row):
            found.setdefault(grouping, {})[level] = None
    return [
        {
            "id": f"grouping.{name}", "name": name, "groupingVariable": name, "dataDriven": False,
            "groups": [{"id": _group_id(name, level), "name": level, "level": 1, "order": order}
                       for order, level in enumerate(levels, start=1)],
        }
        for name, levels in found.items()
    ]  # fmt: skip


def _groups_of(row: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = [("group1", "group1_level"), ("group2", "group2_level"), ("variable", "variable_level")]
    return [(row[name], row[level]) for name, level in pairs if row[name] and row[level]]


def _group_id(grouping: str, level: str) -> str:
    return f"grouping.{grouping}.{level}"


def _method_key(row: dict[str, Any]) -> tuple[str, str]:
    return row["context"], row["method"]


def _methods(rows: list[dict[str, Any]]) -> dict[_Key, tuple[dict[str, Any], dict[str, str]]]:
    """Each method, and the id of its operation for each statistic."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        found.setdefault(_method_key(row), {})[row["stat_name"]] = row["stat_label"]
    methods: dict[_Key, tuple[dict[str, Any], dict[str, str]]] = {}
    for number, ((context, text), statistics) in enumerate(found.items(), start=1):
        name = f"method.{number}"
        operations = {statistic: f"{name}.{statistic}" for statistic in statistics}
        value = {
            "id": name, "name": context, "label": text or context, "description": text or context,
            "operations": [
                {"id": operations[statistic], "name": statistic, "label": label, "order": order}
                for order, (statistic, label) in enumerate(statistics.items(), start=1)
            ],
        }  # fmt: skip
        methods[context, text] = value, operations
    return methods


def _analyses(
    numbers: list[dict[str, Any]], rows: list[dict[str, Any]],
    methods: dict[_Key, tuple[dict[str, Any], dict[str, str]]], protocol: Protocol,
) -> list[dict[str, Any]]:  # fmt: skip
    labels = {row["variable"]: row["stat_fmt"] for row in rows if row["stat_name"] == "label"}
    ranks = {one.name: one.rank for one in protocol.endpoints}
    ranks |= {DECLARED[name]: rank for name, rank in ranks.items() if name in DECLARED}

    def key(row: dict[str, Any]) -> _Key:
        return tuple(
            row[name] or "" for name in ("variable", "group1", "group2", "analysis_set", "profile", "context", "method")
        )

    analyses = []
    for number, (_, found) in enumerate(groupby(sorted(numbers, key=key), key=key), start=1):
        parts = list(found)
        first = parts[0]
        method, operations = methods[_method_key(first)]
        rank = ranks.get(first["variable"], "")
        grouped = list(dict.fromkeys(grouping for part in parts for grouping, _ in _groups_of(part)))
        analyses.append(
            {
                "id": f"analysis.{number}", "version": 1,
                "name": labels.get(first["variable"], first["variable"]),
                "description": f"profile {first['profile']}" if first["profile"] else "",
                "reason": {"controlledTerm": "SPECIFIED IN PROTOCOL" if rank else "DATA DRIVEN"},
                "purpose": {"controlledTerm": _PURPOSE[rank]},
                "analysisSetId": _set_id(first["analysis_set"]),
                "orderedGroupings": [
                    {"order": order, "groupingId": f"grouping.{name}", "resultsByGroup": True}
                    for order, name in enumerate(grouped, start=1)
                ],
                "variable": first["variable"], "methodId": method["id"],
                "documentRefs": [{
                    "referenceDocumentId": _RESULTS,
                    "pageRefs": [{"refType": "NamedDestination", "pageNames": [str(part["row"]) for part in parts]}],
                }],
                "results": [_result(part, operations) for part in parts],
            }
        )  # fmt: skip
    return analyses


def _result(row: dict[str, Any], operations: dict[str, str]) -> dict[str, Any]:
    return {
        "operationId": operations[row["stat_name"]],
        "resultGroups": [
            {"groupingId": f"grouping.{name}", "groupId": _group_id(name, level)} for name, level in _groups_of(row)
        ],
        "rawValue": None if row["stat"] is None else repr(row["stat"]),
        "formattedValue": row["stat_fmt"] or row["warning"] or row["error"] or "",
    }
