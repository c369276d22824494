"""Every command refuses what it cannot use: status 2, a message that says what and where, no traceback."""

import subprocess
import sys

import pytest

from tests.reconstructed import reconstructed

BROKEN = {
    "broken.json": "{",
    "list.json": "[]",
    "syntax.py": "x = 1\ny = (\n",
    "truth.py": "from branchpoint.language import Numeric, Scale\n"
    "both = (w := Numeric(name='w', label='W', scales=(Scale('kg', (0, 9)),))) > 1 and w < 2\n",
    "empty.py": "PROTOCOL = None\n",
}


def run(*arguments):
    command = [sys.executable, "-m", "branchpoint", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["evaluate", "nowhere", "-o", "out"], "nowhere"),
        (["report", "nowhere"], "nowhere"),
        (["study", "check", "nowhere"], "nowhere"),
        (["protocol", "show", "nobodys"], "Registered are: hlh-94, rux-hlh"),
        (["protocol", "check", "nobodys.py"], "nobodys.py"),
        (["protocol", "diff", "rux-hlh", "absent.json"], "absent.json"),
        (["protocol", "diff", "rux-hlh", "broken.json"], "broken.json: found no JSON"),
        (["protocol", "diff", "rux-hlh", "list.json"], "list.json: found JSON that is no protocol"),
        (["protocol", "check", "syntax.py"], "syntax.py, line 2: it is not Python"),
        (["protocol", "check", "truth.py"], "truth.py, line 2: a rule has no truth of its own"),
        (["protocol", "check", "empty.py"], "it defines no PROTOCOL"),
        (["reconstruct", "absent.toml", "-o", "out"], "absent.toml"),
        (["explain", "broken.json"], "broken.json"),
        (["explain", "."], "expected a patient file"),
        (["analysis", "nowhere", "--endpoint", "os"], "nowhere"),
    ],
)
def test_refused(arguments, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in BROKEN.items():
        (tmp_path / name).write_text(text)
    done = run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_output_that_is_a_file_is_refused(tmp_path, tmp_path_factory):
    (tmp_path / "out").write_text("taken")
    done = run("evaluate", reconstructed(tmp_path_factory).folder, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "out: File exists" in done.stderr
    assert (tmp_path / "out").read_text() == "taken"
