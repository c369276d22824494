"""``branchpoint reproduce`` as a methodologist runs it: every printed number beside that of reconstructed patients."""

import json
import re
from contextlib import chdir, redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest

from branchpoint import cli
from branchpoint.publication.audit.verdicts import Verdict
from branchpoint.publication.ledger import Standing

PAPER = Path(__file__).parents[2] / "studies" / "chictr2000031702" / "claims.toml"
TYPES = {
    "id": str, "place": str, "quantity": str, "population": str, "published": str, "computed": str | None,
    "verdict": str, "audit": str, "note": str, "patients": str,
}  # fmt: skip
MADE = "Reconstructed from published aggregates, not patient data"


@pytest.fixture(scope="module")
def branchpoint(tmp_path_factory):
    """Run a command where patients are reconstructed once for all, and give its status, its answer and its remarks."""
    folder = tmp_path_factory.mktemp("reproduce")

    def run(*command):
        answer, remarks, asked = StringIO(), StringIO(), partial(cli.app, list(map(str, command)))
        with (
            chdir(folder), redirect_stdout(answer), redirect_stderr(remarks), patch.object(cli, "app", asked),
            pytest.raises(SystemExit) as left,
        ):  # fmt: skip
            cli.main()
        return left.value.code, answer.getvalue(), remarks.getvalue()

    return run


@pytest.fixture(scope="module")
def ledger(branchpoint):
    status, answer, remarks = branchpoint("reproduce", PAPER, "--json")
    assert (status, remarks) == (0, "")
    return json.loads(answer)


def test_json_keeps_its_contract(ledger):
    claimed = re.findall(r'^\[\[claim\]\]\nid = "(.+)"', PAPER.read_text(encoding="utf-8"), re.MULTILINE)
    assert [one["id"] for one in ledger] == claimed
    for one in ledger:
        assert list(one) == list(TYPES)
        for name, kind in TYPES.items():
            assert isinstance(one[name], kind), (one["id"], name, one[name])
        assert one["verdict"] in list(Standing)
        assert one["audit"] in list(Verdict)
        assert one["patients"] == "reconstructed"
        assert (one["computed"] is None) == (one["verdict"] == "not computed")
        assert one["note"] or one["verdict"] == "agrees", one["id"]
        assert one["published"]


def test_the_fields_are_those_that_are_described():
    document = PAPER.parents[2] / "docs" / "outputs.md"
    section = document.read_text(encoding="utf-8").split("## The ledger")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
    assert re.findall(r"`(\w+)`", " ".join(cells)) == [*TYPES]
    for standing in Standing:
        assert f"\n| {standing.value} |" in section


def test_what_agrees_is_the_same_to_the_last_digit(ledger):
    agreeing = [one for one in ledger if one["verdict"] == "agrees"]
    assert len(agreeing) > 250
    # A P value that is printed as a limit agrees with whatever lies below it.
    assert [one for one in agreeing if one["published"] != one["computed"] and "<" not in one["published"]] == []


def test_the_verdicts_are_those_that_the_paper_calls_for(ledger):
    found = {one["id"]: one for one in ledger}
    assert found["frontline.cr.all"] | {"computed": "22/52 (42.3%)", "verdict": "agrees"} == found["frontline.cr.all"]
    misprint = found["frontline.nr.all.percent"]
    assert (misprint["published"], misprint["computed"]) == ("28.9%", "30.8%")
    assert (misprint["verdict"], misprint["audit"]) == ("not followed", "misprint")
    assert found["design.phase"]["verdict"] == "not computed"


def test_the_audit_in_the_ledger_is_the_audit(branchpoint, ledger):
    audited = json.loads(branchpoint("audit", PAPER, "--json")[1])
    assert [one["audit"] for one in ledger] == [one["verdict"] for one in audited]


def test_the_text_says_who_the_patients_are_and_tells_what_does_not_agree(branchpoint, ledger):
    status, answer, remarks = branchpoint("reproduce", PAPER)
    assert (status, remarks) == (0, "")
    told = re.sub(r"\s+", " ", answer)
    assert told.index("from reconstructed patients") < told.index(MADE) < told.index("431 printed numbers")
    assert [line for line in answer.splitlines() if len(line) > 80] == []
    assert [
        text
        for text in re.findall(r"^     computed +(.+)", answer, re.MULTILINE)
        if not text.endswith("(reconstructed)")
    ] == []
    open_ones = [one for one in ledger if one["verdict"] in ("differs", "not followed")]
    assert len(re.findall(r"^(?:DIFFERS|NOT FOLLOWED) \(audit: .+\)$", answer, re.MULTILINE)) == len(open_ones)
    for one in open_ones:
        assert re.sub(r"\s+", " ", f"{one['place']} {one['quantity']}: {one['population']}") in told
    for standing in Standing:
        count = sum(one["verdict"] == standing for one in ledger)
        assert re.search(rf"^ +{count}  {standing.value}  ", answer, re.MULTILINE)


def test_a_folder_gets_the_page_and_the_same_json(branchpoint, ledger, tmp_path):
    out = tmp_path / "out"
    status, answer, remarks = branchpoint("reproduce", PAPER, "-o", out)
    assert (status, answer) == (0, "")
    assert sorted(path.name for path in out.iterdir()) == ["ledger.html", "ledger.json"]
    assert sorted(remarks.splitlines()) == [f"wrote {out / name}" for name in ("ledger.html", "ledger.json")]
    assert json.loads((out / "ledger.json").read_text(encoding="utf-8")) == ledger
    assert MADE in (out / "ledger.html").read_text(encoding="utf-8")


@pytest.fixture
def example(tmp_path):
    """The example of docs/claims.md names no protocol, and one of its percentages is wrong."""
    text = (PAPER.parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")
    (tmp_path / "claims.toml").write_text(re.search(r"```toml\n(.*?)```", text, re.DOTALL)[1], encoding="utf-8")
    return tmp_path / "claims.toml"


def test_without_a_protocol_patients_are_counted(branchpoint, example):
    found = {one["id"]: one for one in json.loads(branchpoint("reproduce", example, "--json")[1])}
    assert list(found["cr.all"]) == list(TYPES)
    assert (found["cr.all"]["published"], found["cr.all"]["computed"]) == ("16 (45%)", "16 (40%)")
    assert found["cr.all"]["verdict"] == "not followed"
    assert found["cr.new"]["verdict"] == found["age.old"]["verdict"] == found["os.new"]["verdict"] == "agrees"
    _, answer, _ = branchpoint("reproduce", example)
    assert "from reconstructed patients" in answer
    assert "names no protocol" in re.sub(r"\s+", " ", answer)


@pytest.mark.parametrize("protocol", ["", "hlh-94"])
def test_what_was_left_out_is_told(branchpoint, example, tmp_path, protocol):
    """Also where the file names a protocol, but no records can be made for it."""
    if protocol:
        text = example.read_text(encoding="utf-8").replace(
            'start = "first"', f'protocol = "{protocol}"\nstart = "first"'
        )
        example.write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    assert branchpoint("reproduce", example, "-o", out)[:2] == (0, "")
    page = re.sub(r"\s+", " ", (out / "ledger.html").read_text(encoding="utf-8"))
    assert "Left out for contradicting the rest: CR, All patients: 45% of 40 (Results)." in page
    assert (f"walk the protocol {protocol} cannot be made so far" if protocol else "names no protocol") in page
    notes = {one["id"]: one["note"] for one in json.loads((out / "ledger.json").read_text(encoding="utf-8"))}
    assert notes["cr.all"].startswith("Left out for contradicting the rest: percent.")
    assert [name for name, note in notes.items() if "Left out" in note] == ["cr.all"]


def test_a_seed_below_zero_is_refused(branchpoint, example):
    told = "refused: --seed: found -1, expected a whole number from 0 on\n"
    assert branchpoint("reproduce", example, "--seed", -1) == (2, "", told)


def test_a_place_that_is_a_file_is_refused(branchpoint, tmp_path):
    (tmp_path / "taken").write_text("kept")
    status, answer, remarks = branchpoint("reproduce", PAPER, "-o", tmp_path / "taken")
    assert (status, answer) == (2, "")
    assert remarks.startswith(f"refused: {tmp_path / 'taken'}: ")
    assert (tmp_path / "taken").read_text() == "kept"
