"""``branchpoint audit`` as a reader of a paper runs it: text, JSON, and a folder with a page."""

import errno
import json
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from time import process_time

import pytest

from branchpoint import cli
from branchpoint.publication.audit.verdicts import Verdict
from branchpoint.publication.claims import Role
from branchpoint.reporting.audit_text import chance_words

ROOT = Path(__file__).parents[2]
PAPER = ROOT / "studies" / "chictr2000031702" / "claims.toml"
OTHER_PAPER = ROOT / "studies" / "hlh94" / "claims.toml"
TYPES = {
    "id": str, "place": str, "quantity": str, "published": str, "recomputed": str | None, "method": str,
    "verdict": str, "searched": int, "note": str, "population": str, "role": str, "chance": float | None,
    "others": list, "importance": float,
}  # fmt: skip
AMISS = ("impossible", "mismatch", "misprint", "other method")
COLUMNS = 80


@pytest.fixture
def branchpoint(monkeypatch, capsys):
    """Run a command, and give its exit status, its answer and its remarks."""

    def run(*command):
        with monkeypatch.context() as context:
            context.setattr(cli, "app", partial(cli.app, list(map(str, command))))
            with pytest.raises(SystemExit) as left:
                cli.main()
        return left.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def example(tmp_path):
    """The example of docs/claims.md, in which one percentage is wrong."""
    text = re.search(r"```toml\n(.*?)```", (ROOT / "docs" / "claims.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    path = tmp_path / "claims.toml"
    path.write_text(text, encoding="utf-8")
    return path


def ids(path):
    return re.findall(r'^\[\[claim\]\]\nid = "(.+)"', path.read_text(encoding="utf-8"), re.MULTILINE)


# --------------------------------------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize("paper", [PAPER, OTHER_PAPER], ids=["reference", "HLH-94"])
def test_json_keeps_its_contract(branchpoint, paper):
    status, answer, remarks = branchpoint("audit", paper, "--json")
    assert (status, remarks) == (0, "")
    found = json.loads(answer)
    assert [one["id"] for one in found] == ids(paper)
    for one in found:
        assert list(one) == list(TYPES)
        for name, kind in TYPES.items():
            assert isinstance(one[name], kind), (one["id"], name, one[name])
        assert one["verdict"] in list(Verdict)
        assert one["role"] in list(Role)
        assert one["searched"] >= 0
        assert one["chance"] is None or 0 <= one["chance"] <= 1
        assert {*one["others"]} <= {*ids(paper)} - {one["id"]}
        assert (one["importance"] > 0) == (one["verdict"] in AMISS)
        assert one["note"] or one["method"], "every verdict has its reasons"
        assert one["place"]
        assert one["published"]


def test_json_of_the_example(branchpoint, example):
    found = {one["id"]: one for one in json.loads(branchpoint("audit", example, "--json")[1])}
    wrong = found["cr.all"]
    assert (wrong["published"], wrong["recomputed"], wrong["population"]) == ("16 (45%)", "16 (40%)", "All patients")
    assert wrong["verdict"] in AMISS
    assert {name: one["verdict"] for name, one in found.items() if name in ("cr.new", "cr.old", "cr.p")} == {
        "cr.new": "match", "cr.old": "match", "cr.p": "match"
    }  # fmt: skip


def test_the_fields_are_those_that_are_described():
    section = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8").split("## The audit")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [*TYPES]
    verdicts = section.split("| verdict | means |")[1]
    assert {one.value for one in Verdict} == {*re.findall(r"^\| ([a-z ]+) \| ", verdicts, re.MULTILINE)}


def test_the_order_in_which_a_process_keeps_its_sets_changes_nothing():
    script = (
        "import sys; from branchpoint.cli import main\n"
        "for paper in sys.argv[1:]:\n"
        "    sys.argv = ['branchpoint', 'audit', paper, '--json']\n"
        "    try: main()\n    except SystemExit: pass\n"
    )
    command = [sys.executable, "-c", script, str(PAPER), str(OTHER_PAPER)]
    running = [
        subprocess.Popen(command, env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE, text=True)
        for seed in ("1", "2")
    ]
    one, other = (process.communicate()[0] for process in running)
    assert len(one) > 100_000
    assert one == other


def test_a_trial_of_hundreds_of_thousands_is_audited_in_seconds(branchpoint, example):
    """All counts of the example times 15,000: what is searched grows with the digits printed, not with the patients."""
    many = partial(re.sub, r'^(size = |count = "|of = ")(\d+)', lambda it: f"{it[1]}{15_000 * int(it[2])}", flags=re.M)
    text = many(example.read_text(encoding="utf-8"))
    example.write_text(text, encoding="utf-8")
    before = process_time()
    status, answer, _ = branchpoint("audit", example, "--json")
    assert status == 0
    assert process_time() - before < 5
    found = {one["id"]: one for one in json.loads(answer)}
    assert {name: found[name]["verdict"] for name in ("cr.new", "cr.all", "cr.p")} == {
        "cr.new": "match", "cr.all": "mismatch", "cr.p": "mismatch"
    }  # fmt: skip
    assert "Fisher's exact test below 1e-300" in found["cr.p"]["note"]


# --------------------------------------------------------------------------------------------------------------- Text


@pytest.mark.parametrize("paper", [PAPER, OTHER_PAPER], ids=["reference", "HLH-94"])
def test_the_text_tells_every_finding_in_order_of_weight(branchpoint, paper):
    status, answer, remarks = branchpoint("audit", paper)
    assert (status, remarks) == (0, "")
    found = json.loads(branchpoint("audit", paper, "--json")[1])
    weighed = sorted((one for one in found if one["importance"]), key=lambda one: -one["importance"])
    parts = re.split(r"\n\n(?=\d+\. [A-Z ]+\n)", answer)
    assert len(parts) == len(weighed) + 1
    for number, (part, one) in enumerate(zip(parts[1:], weighed, strict=True), 1):
        told = re.sub(r"\s+", " ", part)
        assert told.startswith(f"{number}. {one['verdict'].upper()} {one['place']} ({one['role']})")
        for words in (one["quantity"], one["population"], one["published"], one["recomputed"] or "", one["note"]):
            assert re.sub(r"\s+", " ", words) in told, (one["id"], words)
        if one["chance"] is not None:
            assert f"{one['searched']:,} alternative" in told
            assert chance_words(one["chance"]) in told


def test_the_text_says_first_how_the_audit_came_out_and_what_it_cannot_know(branchpoint, example):
    _, answer, _ = branchpoint("audit", example)
    lines = answer.splitlines()
    assert lines[0].startswith("Audit of A trial that does not exist (none)")
    assert re.match(r"\d+ printed numbers, of which \d+ could be recomputed", lines[2])
    assert answer.index("What this audit cannot know") < answer.index("\n1. ")
    for verdict in Verdict:
        assert re.search(rf"^ +\d+  {verdict.value}  ", answer, re.MULTILINE)


@pytest.mark.parametrize("paper", [PAPER, OTHER_PAPER], ids=["reference", "HLH-94"])
def test_the_text_fits_a_terminal(branchpoint, paper):
    _, answer, _ = branchpoint("audit", paper)
    assert "\x1b" not in answer
    assert [line for line in answer.splitlines() if len(line) > COLUMNS] == []


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0.0, "below 1 in 10,000 (0.01%)"),
        (0.00012, "about 1 in 8,300 (0.01%)"),
        (0.0024, "about 1 in 420 (0.2%)"),
        (0.006, "about 1 in 170 (0.6%)"),
        (0.01, "about 1 in 100 (1%)"),
        (0.08, "about 1 in 12 (8%)"),
        (0.21, "about 1 in 5 (21%)"),
        (0.25, "about 1 in 4 (25%)"),
        (0.31, "about 3 in 10 (31%)"),
        (0.61, "about 6 in 10 (61%)"),
        (1.0, "close to 10 in 10 (100%)"),
    ],
)
def test_a_chance_is_said_in_one_way(chance, words):
    assert chance_words(chance) == words


# -------------------------------------------------------------------------------------------------------------- Files


def test_a_folder_gets_the_page_and_the_same_json(branchpoint, example, tmp_path):
    folder = tmp_path / "new" / "folder"
    status, answer, remarks = branchpoint("audit", example, "-o", folder)
    assert (status, answer) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == ["audit.html", "audit.json"]
    assert sorted(remarks.splitlines()) == [f"wrote {folder / name}" for name in ("audit.html", "audit.json")]
    assert (folder / "audit.json").read_text(encoding="utf-8") == branchpoint("audit", example, "--json")[1]


def test_files_of_an_earlier_audit_are_replaced(branchpoint, example, tmp_path):
    (tmp_path / "audit.html").write_text("stale")
    assert branchpoint("audit", example, "-o", tmp_path)[0] == 0
    assert "stale" not in (tmp_path / "audit.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("place", ["taken", "taken/below"])
def test_a_place_that_is_a_file_is_refused(branchpoint, example, tmp_path, place):
    (tmp_path / "taken").write_text("kept")
    status, answer, remarks = branchpoint("audit", example, "-o", tmp_path / place)
    assert (status, answer) == (2, "")
    assert re.match(rf"refused: {tmp_path / place}: .+, expected a folder to write to\n", remarks)
    assert (tmp_path / "taken").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["claims.toml", "taken"]


@pytest.mark.parametrize("taken", ["audit.html", "audit.json"])
def test_both_files_are_written_or_none(branchpoint, example, tmp_path, taken):
    out = tmp_path / "out"
    (out / taken).mkdir(parents=True)
    status, answer, remarks = branchpoint("audit", example, "-o", out)
    assert (status, answer) == (2, "")
    assert remarks == f"refused: {out / taken}: found a folder, expected a file to replace, or nothing\n"
    assert [path.name for path in out.iterdir()] == [taken]


def test_a_full_disk_leaves_the_earlier_files(branchpoint, example, tmp_path, monkeypatch):
    assert branchpoint("audit", example, "-o", tmp_path)[0] == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(Path, "write_text", full)
    status, _, remarks = branchpoint("audit", example, "-o", tmp_path)
    assert (status, remarks) == (2, f"refused: {tmp_path}: No space left on device, expected a folder to write to\n")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# ------------------------------------------------------------------------------------------------------------ The rest


def test_whoever_reads_no_further_than_the_first_line_sees_no_error():
    command = [sys.executable, "-m", "branchpoint", "audit", str(OTHER_PAPER)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout.readline().startswith("Audit of Trottestam")
        running.stdout.close()
        assert "Traceback" not in running.stderr.read()


@pytest.mark.parametrize("command", [["--help"], ["audit", "--help"], ["reproduce", "--help"]])
def test_help_loads_nothing_that_computes(command):
    script = (
        "import sys; from branchpoint.cli import main; sys.argv[0] = 'branchpoint'\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([name for name in ('numpy', 'scipy', 'polars', 'jinja2', 'ortools', 'altair') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, text=True, check=True)
    assert "audit" in done.stdout or "reproduce" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
