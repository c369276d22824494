"""``branchpoint explain`` as a coordinator runs it."""

import json
import subprocess
import sys

import pytest

from tests.spec.patients import REMISSION, patient_data

CONTRACT = {
    "eligible", "hlh_2004", "inclusion", "exclusion", "etiology", "dose", "response", "epoch", "action", "stratum",
    "not_evaluable", "tree", "protocol_hash",
}  # fmt: skip


def run(*arguments):
    command = [sys.executable, "-m", "branchpoint", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def patient(tmp_path):
    def write(**record):
        path = tmp_path / "patient.json"
        path.write_text(json.dumps(patient_data(**record)), encoding="utf-8")
        return path

    return write


def test_json_keeps_its_contract(patient):
    done = run("explain", patient(later={28: REMISSION}), "--json", "--day", 28)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert set(answer) >= CONTRACT
    assert answer["eligible"] is True
    assert set(answer["hlh_2004"]) == {"verdict", "met", "not_met", "open", "would_settle"}
    assert answer["hlh_2004"]["met"] == [
        "fever", "splenomegaly", "cytopenia", "lipids", "hemophagocytosis", "nk_activity", "ferritin", "soluble_cd25",
    ]  # fmt: skip
    assert [item["id"] for item in answer["inclusion"]] == [f"inclusion_{number}" for number in range(1, 8)]
    assert [item["verdict"] for item in answer["exclusion"]] == [False] * 6
    assert answer["etiology"] == "EBV-HLH"
    assert answer["dose"] == {"drug": "ruxolitinib", "amount": 5.0, "unit": "mg", "every_hours": 12.0}
    assert answer["response"] == {"trial": "CR", "dep": "CR", "strict": "CR"}
    assert (answer["epoch"], answer["action"], answer["stratum"]) == ("frontline", "stop_and_follow_up", "favorable")
    assert answer["not_evaluable"] == []


def test_it_says_what_is_missing_and_what_would_settle_it(patient):
    baseline = {"soluble_cd25": ("missing", "pending"), "nk_activity": None, "hemophagocytosis": False,
                "triglycerides": 1.0, "fibrinogen": 2.0}  # fmt: skip
    done = run("explain", patient(baseline=baseline), "--json")
    answer = json.loads(done.stdout)
    assert answer["hlh_2004"]["verdict"] is None
    assert answer["hlh_2004"]["open"] == ["nk_activity", "soluble_cd25"]
    assert answer["hlh_2004"]["would_settle"] == ["nk_activity", "soluble_cd25"]
    assert answer["eligible"] is None
    assert "inclusion_3" in answer["not_evaluable"]
    asked = next(question for question in answer["open_questions"] if question["decision"] == "inclusion_3")
    reasons = {item["measurement"]: item["reason"] for item in asked["missing"]}
    assert reasons == {"nk_activity": "not_recorded", "soluble_cd25": "pending"}


def test_every_input_in_the_tree_says_where_it_stands(patient):
    answer = json.loads(run("explain", patient(), "--json").stdout)

    def inputs(node):
        if isinstance(node, dict):
            if node.get("kind") == "Input":
                yield node
            for value in node.values():
                yield from inputs(value)
        elif isinstance(node, list):
            for value in node:
                yield from inputs(value)

    found = list(inputs(answer["tree"]))
    assert len(found) > 50
    assert all(node["source"] for node in found if node["value"] is not None)
    assert all(node["missing"] for node in found if node["value"] is None)


def test_text_and_page(patient, tmp_path):
    path = patient(later={3: REMISSION})
    text = run("explain", path, "--tree").stdout
    assert "Research software, not a medical device" in text
    assert "ruxolitinib 5 mg every 12 h" in text
    done = run("explain", path, "--html", "-o", tmp_path / "out" / "page.html")
    assert f"wrote {tmp_path / 'out' / 'page.html'}" in done.stderr
    page = (tmp_path / "out" / "page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "synthetic-1" in page


def test_what_a_file_says_is_escaped_in_the_page(patient, tmp_path):
    path = patient(id="<img src=x onerror=alert(1)>")
    done = run("explain", path, "--html")
    assert done.returncode == 0
    assert "<img" not in done.stdout


@pytest.mark.parametrize("content", ["", "{", "[]", '{"protocol": "rux-hlh"}', '{"protocol": "no-such"}'])
def test_refused_input_exits_with_2_and_no_traceback(tmp_path, content):
    path = tmp_path / "patient.json"
    path.write_text(content, encoding="utf-8")
    done = run("explain", path, "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "patient.json" in done.stderr or "no-such" in done.stderr


def test_a_file_that_is_not_there_is_refused(tmp_path):
    done = run("explain", tmp_path / "nobody.json")
    assert done.returncode == 2
    assert "nobody.json" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["explain", "--help"]])
def test_help_loads_nothing_heavy(arguments):
    code = (
        "import sys; sys.argv = ['branchpoint', *sys.argv[1:]]\n"
        "from branchpoint.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'polars', 'django', 'numpy', 'narwhals', 'pint', 'altair', 'ortools', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "branchpoint" in done.stdout


def test_explaining_a_patient_loads_no_data_frame_engine(patient):
    code = (
        "import sys; sys.argv = ['branchpoint', 'explain', sys.argv[1], '--json']\n"
        "from branchpoint.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "assert not {'polars', 'narwhals', 'pandas', 'duckdb'} & set(sys.modules), 'heavy'\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(patient())], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
