"""The README says what is so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_it_starts_with_the_two_commands():
    block = README.split("```")[1]
    assert re.findall(r"^make \w+", block, re.M) == ["make report", "make test"]


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_link_leads_somewhere(target):
    assert (ROOT / target).exists()


@pytest.mark.parametrize(
    "command", sorted({line.split()[1] for line in re.findall(r"^\| `(branchpoint .*?)`", README, re.M)})
)
def test_every_command_answers_for_help(command):
    done = subprocess.run(
        [sys.executable, "-m", "branchpoint", command, "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_the_example_prints_what_is_shown():
    shown = README.split("```console\n")[1].split("```")[0].splitlines()
    done = subprocess.run(
        [sys.executable, "-m", "branchpoint", "explain", str(ROOT / "examples" / "patient.json")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    printed = done.stdout.splitlines()
    for line in shown[1:]:
        assert any(text.startswith(line.removesuffix(" ...")) for text in printed), line
