"""Results as data: one row a statistic, written, read back, and pointed to by a reporting event."""

import json
import re
import warnings
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from branchpoint.analysis.ard import COLUMNS, Statistic, ard_frame, capture, read_ard, write_ard
from branchpoint.analysis.ard_results import ard_of_results, results_of_ard
from branchpoint.analysis.ars import reporting_event, write_ars
from branchpoint.analysis.courses import patient_courses
from branchpoint.analysis.endpoint_ard import ard_of_endpoints
from branchpoint.analysis.endpoints import all_endpoints
from branchpoint.analysis.outcomes import outcome_table
from branchpoint.analysis.results import Result, results_frame
from branchpoint.analysis.sensitivity import ard_of_variations, sensitivity
from branchpoint.refused import Refused
from tests.unit.synthetic_cohort import PROTOCOL, synthetic_decisions, synthetic_study

DOCUMENT = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")
DECISIONS = synthetic_decisions()
COURSES = patient_courses(synthetic_study(), DECISIONS, PROTOCOL)
ENDPOINTS = ard_of_endpoints(all_endpoints(COURSES, DECISIONS, PROTOCOL, by=("all", "etiology", "stratum")))
ROW: dict[str, Any] = {"variable": "x", "context": "tabulate", "stat_name": "n", "stat_label": "n"}


def test_the_outcome_table_goes_there_and_back() -> None:
    results = outcome_table(synthetic_study(), COURSES, PROTOCOL)
    frame = ard_of_results(results, analysis_set="pp", profile="paper")
    assert list(frame.columns) == list(COLUMNS)
    assert_frame_equal(results_frame(results_of_ard(frame)), results.fill_nan(None), abs_tol=1e-12)


def test_shares_are_from_0_to_1_and_groups_have_their_variable() -> None:
    results = results_frame([Result(id="orr", label="ORR", group="naive", n=22, denominator=34, estimate=64.7)])
    rows = {row["stat_name"]: row for row in ard_of_results(results).to_dicts()}
    assert rows["p"]["stat"] == pytest.approx(22 / 34)
    assert rows["p"]["stat_fmt"] == "64.7%"
    assert rows["estimate"]["stat"] == pytest.approx(0.647)
    assert (rows["n"]["group1"], rows["n"]["group1_level"]) == ("prior_corticosteroid", "naive")


def test_what_is_not_estimable_is_a_row_that_says_so() -> None:
    method = "Kaplan-Meier at 12 months; not estimable, nobody was followed so long"
    frame = ard_of_results(results_frame([Result(id="os", label="OS", n=0, denominator=1, method=method)]))
    (row,) = frame.filter(pl.col("stat_name") == "estimate").to_dicts()
    assert row["stat"] is None
    assert row["warning"].startswith("not estimable")


def test_a_failure_is_caught_with_its_words_and_a_warning_with_its() -> None:
    def fails() -> float:
        raise ValueError("no such thing")

    def warns() -> float:
        warnings.warn("be careful", stacklevel=1)
        return 1.0

    assert capture(fails) == (None, None, "ValueError: no such thing")
    assert capture(warns) == (1.0, "be careful", None)


def test_a_statistic_is_finite() -> None:
    with pytest.raises(ValueError, match="give None, and say why"):
        Statistic(**ROW, stat=float("inf"))


def test_both_files_read_back_equal(tmp_path: Path) -> None:
    for path in write_ard(ENDPOINTS, tmp_path / "out" / "results"):
        assert_frame_equal(read_ard(path), ENDPOINTS)
    empty = ard_frame([])
    for path in write_ard(empty, tmp_path / "empty"):
        assert_frame_equal(read_ard(path), empty)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(path)
    with pytest.raises(Refused, match="found the columns a"):
        read_ard(path)


def test_no_row_stands_twice_and_none_failed() -> None:
    keys = ["group1", "group1_level", "variable", "variable_level", "context", "stat_name", "method"]
    assert not ENDPOINTS.select(keys).is_duplicated().any()
    assert ENDPOINTS["error"].null_count() == len(ENDPOINTS)
    assert not (ENDPOINTS["stat"].is_null() & (ENDPOINTS["stat_fmt"] == "") & ENDPOINTS["warning"].is_null()).any()


def test_sensitivity_analyses_are_rows() -> None:
    frame = ard_of_variations(sensitivity(COURSES, DECISIONS, PROTOCOL), analysis_set="pp", profile="paper")
    assert {"analysis set", "response rule set", "missing data", "EFS convention", "immortal time"} <= set(
        frame["group2"]
    )


def ids(items: list[dict[str, Any]]) -> set[str]:
    found = [item["id"] for item in items]
    assert len(found) == len(set(found))
    return set(found)


def test_every_id_of_the_reporting_event_exists() -> None:
    event = reporting_event(ENDPOINTS, PROTOCOL)
    sets, methods = ids(event["analysisSets"]), {method["id"]: method for method in event["methods"]}
    groupings = {one["id"]: ids(one["groups"]) for one in event["analysisGroupings"]}
    documents = ids(event["referenceDocuments"])
    rows = ENDPOINTS.to_dicts()
    seen: set[int] = set()
    for analysis in event["analyses"]:
        assert analysis["analysisSetId"] in sets
        operations = ids(methods[analysis["methodId"]]["operations"])
        assert {one["groupingId"] for one in analysis["orderedGroupings"]} <= set(groupings)
        (reference,) = analysis["documentRefs"]
        assert reference["referenceDocumentId"] in documents
        pointed = [int(name) for name in reference["pageRefs"][0]["pageNames"]]
        for row, result in zip(pointed, analysis["results"], strict=True):
            assert result["operationId"] in operations
            assert result["operationId"].endswith(rows[row]["stat_name"])
            assert all(group["groupId"] in groupings[group["groupingId"]] for group in result["resultGroups"])
            assert result["rawValue"] is None or float(result["rawValue"]) == rows[row]["stat"]
        seen.update(pointed)
    assert seen == {number for number, row in enumerate(rows) if row["context"] not in ("attributes", "estimand")}
    listed = {item["analysisId"] for item in event["mainListOfContents"]["contentsList"]["listItems"]}
    assert listed == ids(event["analyses"])


def test_the_primary_endpoint_is_told_as_such(tmp_path: Path) -> None:
    path = write_ars(reporting_event(ENDPOINTS, PROTOCOL), tmp_path / "ars.json")
    event = json.loads(path.read_text(encoding="utf-8"))
    purposes = {one["variable"]: one["purpose"]["controlledTerm"] for one in event["analyses"]}
    assert purposes["orr_day_28"] == "PRIMARY OUTCOME MEASURE"
    assert purposes["cr_pr"] == "EXPLORATORY OUTCOME MEASURE"


def test_the_document_lists_the_columns_and_its_example_runs(tmp_path: Path) -> None:
    table = DOCUMENT.split("| context |")[0]
    named = [name for cell in re.findall(r"^\| (`.*?`) \|", table, re.M) for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(COLUMNS)
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.S)
    exec(compile(example, "docs/results.md", "exec"), {"folder": tmp_path})


def test_the_document_lists_every_context() -> None:
    listed = set(
        re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?`) \|", DOCUMENT.split("| context |")[1], re.M)))
    )
    variations = ard_of_variations(sensitivity(COURSES, DECISIONS, PROTOCOL))
    assert set(ENDPOINTS["context"]) | set(variations["context"]) <= listed
