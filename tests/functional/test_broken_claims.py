"""A claims file that is broken or absurd, as ``branchpoint audit`` meets it: status 2, and a message that helps.

Each case is the example of docs/claims.md with one mistake. The message says file, line, field, found and expected.
"""

import re
from functools import partial
from pathlib import Path

import pytest

from branchpoint import cli

DOCUMENT = (Path(__file__).parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)[1]
MESSAGES = re.search(r"```text\n(claims\.toml: .*?)```", DOCUMENT, re.DOTALL)[1]
LONGEST = 800
DIGITS = "9" * 1_000_000

# What is replaced, by what; then the problem: whose, its field, what was found, what was expected.
MISTAKES = {
    "misspelled field": ('percent = "45"', 'precent = "45"',
                         "claim 'cr.all'", "precent", "'45'", "no such field in a count; did you mean percent?"),
    "misspelled field that every claim has": ('quantity = "salvage therapy"', 'quantitty = "salvage therapy"',
                                              "claim 'salvage'", "quantitty", "'salvage", "did you mean quantity?"),
    "misspelled field that all depends on": ('kind = "date"\nquantity = "data cutoff"', 'knid = "date"\nquantity = "d"',
                                             "claim 'cutoff'", "knid", "'date'", "did you mean kind?"),
    "misspelled field of a population": ("size = 52", "siez = 52", "population 'screened'", "siez", "52", "mean size?"),
    "field of another kind": ('count = "9"', 'count = "9"\nmedian = "9"', "claim 'salvage'", "median", "'9'",
                              "no such field in a count; its fields are count, of, percent, and those of every claim"),
    "field left out": ('count = "9"\n', "", "claim 'salvage'", "count", "nothing", "a value: a count needs it"),
    "number without quotation marks": ('count = "9"', "count = 9", "claim 'salvage'", "count", "9", "quotation marks"),
    "number with a separator": ('count = "9"', 'count = "1,918"', "claim 'salvage'", "count", "'1,918'", "whole num"),
    "number of a million digits": ('count = "9"', f'count = "{DIGITS}"', "claim 'salvage'", "count", "'999", "whole"),
    "percentage of a million digits": ('percent = "45"', f'percent = "{DIGITS}"',
                                       "claim 'cr.all'", "percent", "'999", "at most 4 decimals and 12 digits"),
    "percentage with an exponent": ('percent = "45"', 'percent = "1e15"\nverbatim = true',
                                    "claim 'cr.all'", "percent", "'1e15'", "a decimal number as printed"),
    "percentage of five decimals": ('percent = "45"', 'percent = "45.00001"',
                                    "claim 'cr.all'", "percent", "'45.00001'", "at most 4 decimals and 12 digits"),
    "age of seven decimals": ('median = "54"', 'median = "54.0000001"',
                              "claim 'age.new'", "median", "'54.0000001'", "at most 6 decimals and 12 digits"),
    "P of thirteen decimals": ('p = ".022"', 'p = ".0220000000001"',
                               "claim 'cr.p'", "p", "'.0220000000001'", "a number of at most 12 digits"),
    "more patients than any trial has": ('label = "Screened"\nsize = 52', 'label = "Screened"\nsize = 999999999',
                                         "population 'screened'", "size", "999999999", "from 1 to 1,000,000"),
    "count of more patients than any trial has": ('count = "9"', 'count = "1000001"\nverbatim = true',
                                                  "claim 'salvage'", "count", "'1000001'", "from 0 to 1,000,000"),
    "table of more patients than any trial has": ('p = ".022"', 'p = ".022"\ntable = [[500000, 8], [9, 500000]]',
                                                  "claim 'cr.p'", "table", "[[500000,", "at most 1,000,000 patients"),
    "recorded with thirty-nine decimals": ("decimals = 0  ", "decimals = 39  ",
                                           "variable 'age'", "decimals", "39", "from 0 to 6"),
    "limit beyond all numbers": ("decimals = 0  ", "most = 1e300\ndecimals = 0  ",
                                 "variable 'age'", "most", "1e+300", "of at most 12 digits"),
    "half a patient": ('count = "9"', 'count = "9.5"', "claim 'salvage'", "count", "'9.5'", "whole number of patients"),
    "no number": ('percent = "45"', 'percent = "NaN"', "claim 'cr.all'", "percent", "'NaN'", "a decimal number"),
    "count above its denominator": ('count = "12"\nof = "20"', 'count = "12"\nof = "11"',
                                    "claim 'cr.new'", "of", "'11'", "at least the count, 12"),
    "count above its population": ('count = "9"', 'count = "41"', "claim 'salvage'", "count", "'41'", "at most 40"),
    "nobody to count in": ('count = "4"\nof = "20"', 'count = "4"\nof = "0"',
                           "claim 'cr.old'", "of", "'0'", "at least 1 patient"),
    "percentage of 142": ('percent = "45"', 'percent = "142"', "claim 'cr.all'", "percent", "'142'", "from 0 to 100"),
    "P of 1.7": ('p = ".022"', 'p = "1.7"', "claim 'cr.p'", "p", "'1.7'", "a probability from 0 to 1"),
    "median below its range": ('median = "54"', 'median = "12"', "claim 'age.new'", "low", "'21'", "at most 12"),
    "limits the wrong way round": ('low = "56.0"', 'low = "96.0"', "claim 'os.new'", "low", "'96.0'", "at most 75.0"),
    "limits surer than sure": ('high = "94.0"', 'high = "94.0"\nlevel = "142"',
                               "claim 'os.new'", "level", "'142'", "above 0 and below 100"),
    "time before the start": ('at = "12"', 'at = "-12"', "claim 'os.new'", "at", "'-12'", "zero or more"),
    "claim that repeats itself": ('event = "salvage"\ncount', 'event = "salvage"\nsame_as = "salvage"\ncount',
                                  "claim 'salvage'", "same_as", "'salvage'", "the id of another claim"),
    "claim that repeats no claim": ('event = "salvage"\ncount', 'event = "salvage"\nsame_as = "rescue"\ncount',
                                    "claim 'salvage'", "same_as", "'rescue'", "the id of another claim"),
    "claim that repeats another kind of number": ('count = "9"', 'count = "9"\nsame_as = "os.new"',
                                                  "claim 'salvage'", "same_as", "'os.new'", "count or a percentage or"),
    "two of one id": ('id = "salvage"\nplace', 'id = "cr.all"\nplace', "claim 'cr.all'", "id", "'cr.all'", "its own"),
    "id with a space": ('id = "salvage"\nplace', 'id = "the salvage"\nplace',
                        "claim 'the salvage'", "id", "'the salvage'", "letters, digits"),
    "population larger than its whole": ('label = "Old treatment"\nsize = 20', 'label = "Old treatment"\nsize = 41',
                                         "population 'old'", "size", "41", "at most 40, the size of 'all'"),
    "arms larger than their whole": ('label = "Old treatment"\nsize = 20', 'label = "Old treatment"\nsize = 21',
                                     "population 'all'", "size", "40", "at least 41: 'old' (21) and 'new' (20) lie in"),
    "population of nobody": ("size = 52", "size = 0", "population 'screened'", "size", "0", "from 1 to 1,000,000"),
    "population with half a patient": ("size = 52", "size = 51.5", "population 'screened'", "size", "51.5", "a whole"),
    "event that nobody can fulfill": ('population = "new"\nevent = { response = "CR" }',
                                      'population = "new"\nevent = { response = "CR", arm = "old" }',
                                      "claim 'cr.new'", "event", "{'response': 'CR', 'arm': 'old'}", "somebody of"),
    "event in a level that is none": ('event = { response = "CR" }\np', 'event = { response = "SD" }\np',
                                      "claim 'cr.p'", "event", "{'response': 'SD'}", "CR, PR, NR"),
    "event in a variable that is none": ('event = "salvage"\ncount', 'event = "rescue"\ncount',
                                         "claim 'salvage'", "event", "'rescue'", "arm, response, salvage, dead"),
    "rule against itself": ("then = { salvage = false }", 'then = { response = "NR" }',
                            "rule 'salvage_after_failure'", "then", "{'response': 'NR'}", "somebody can have"),
    "median of a category": ('variable = "age"\nmedian = "54"', 'variable = "arm"\nmedian = "54"',
                             "claim 'age.new'", "variable", "'arm'", "a number or a time"),
    "time without its event": ('event = "dead"                  # all others are censored\n', "",
                               "variable 'os'", "event", "nothing", "who had the event"),
    "limits of a variable that exclude each other": ("decimals = 0  ", "least = 18\nmost = 17\ndecimals = 0  ",
                                                     "variable 'age'", "most", "17", "at least 18"),
    "comparison with a group that is none": ('groups = ["new", "old"]\nevent', 'groups = ["new", "odl"]\nevent',
                                             "claim 'cr.p'", "groups", "['new', 'odl']", "populations of this file"),
    "date that does not exist": ('date = "2020-01-15"', 'date = "2020-02-30"',
                                 "claim 'first'", "date", "'2020-02-30'", "an ISO date"),
    "start that is no date": ('start = "first"', 'start = "age.new"', "[study]", "start", "'age.new'", "one of first"),
    "kind that is none": ('kind = "survival"', 'kind = "survial"', "claim 'os.new'", "kind", "'survial'", "one of"),
    "role that is none": ('role = "key secondary endpoint"', 'role = "main"',
                          "claim 'os.new'", "role", "'main'", "one of primary endpoint"),
    "one-and-a-half-sided tests": ("sides = 2", "sides = 1.5", "[study.methods]", "sides", "1.5", "1 or 2"),
    "misspelled test": ('"Fisher exact"', '"Fischer exact"',
                        "[study.methods]", "categorical", "['Fischer exact']", "did you mean Fisher?"),
    "misspelled method": ("Kaplan-Meier, plain", "Kalpan-Meier, plain",
                          "claim 'os.new'", "method", "'Kalpan", "did you mean Kaplan?"),
    "text that clears the screen": ('label = "Screened"', 'label = "\\u001b[2JScreened"', "population 'screened'",
                                    "label", "'\\x1b[2JScreened'", "text without control characters; '\\x1b' is one"),
    "text that runs backward": ('quantity = "salvage therapy"', 'quantity = "\u202esalvage"', "claim 'salvage'",
                                "quantity", "'\\u202esalvage'", "text without control characters"),
    "level that rings": ('levels = ["new", "old"]', 'levels = ["new", "old", "\\u0007"]', "variable 'arm'",
                         "levels", "['new'", "text without control characters; '\\x07' is one"),
    "set aside without a reason": ('count = "9"', 'count = "9"\nused = false',
                                   "claim 'salvage'", "conflict", "nothing", "reason"),
}  # fmt: skip

# Files in which no field can be named: the whole file, and what is told of it.
DOCUMENTS = {
    "empty": (b"", "field 'schema': found None, expected 2"),
    "schema of yesterday": (EXAMPLE.replace("schema = 2", "schema = 1"), "field 'schema': found 1, expected 2"),
    "schema of a million digits": (EXAMPLE.replace("schema = 2", f"schema = {DIGITS}"), "is no TOML"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "found byte 0x89, expected text in UTF-8"),
    "Latin-1": (EXAMPLE.replace("Death", "Décès").encode("latin-1"), "found byte 0xE9, expected text in UTF-8"),
    "UTF-16": (EXAMPLE.encode("utf-16"), "expected text in UTF-8"),
    "a page": ("<!doctype html><html lang='en'>", "is no TOML: Invalid statement (at line 1, column 1)"),
    "cut off": (EXAMPLE[: EXAMPLE.index('quantity = "data cutoff"') + 12], "is no TOML"),
    "field said twice": (EXAMPLE.replace('count = "9"', 'count = "9"\ncount = "8"'), "is no TOML: Cannot overwrite"),
    "deep lists": ("schema = " + "[" * 100_000, "lie too deep in each other"),
    "unknown table": (EXAMPLE.replace("[[rule]]", "[[rules]]"), "'rules': no such table; expected one of"),
    "no claims": (EXAMPLE[: EXAMPLE.index("[[claim]]")], "[[claim]]: found none, expected one or more"),
    "claims that are no tables": ("schema = 2\nclaim = 3\n[study]\n", "[[claim]]: found 3, expected a list of tables"),
    "no study": ("schema = 2\nstudy = 4\n", "[study]: found 4, expected a table"),
}


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """Run a command on a file that it must refuse, and give what it says."""
    monkeypatch.chdir(tmp_path)

    def run(content, *command):
        if content is not None:
            Path("claims.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
        with monkeypatch.context() as context:
            context.setattr(cli, "app", partial(cli.app, command or ("audit", "claims.toml")))
            with pytest.raises(SystemExit) as left:
                cli.main()
        said = capsys.readouterr()
        assert left.value.code == 2
        assert said.out == "", "nothing is answered"
        assert "Traceback" not in said.err
        assert len(said.err) < LONGEST
        return said.err.removeprefix("refused: ").rstrip("\n")

    return run


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place(refused, name):
    old, new, whose, field, found, expected = MISTAKES[name]
    assert EXAMPLE.count(old) == 1, f"{old!r} stands once"
    broken = EXAMPLE.replace(old, new)
    problem = refused(broken)
    told = re.fullmatch(r"claims\.toml: (.+?) \(line (\d+)\), field '(\w+)': found (.+?), expected (.+)", problem)
    assert told, problem
    assert (told[1], told[3]) == (whose, field)
    assert told[4].startswith(found)
    assert expected in told[5]
    line = broken.splitlines()[int(told[2]) - 1]
    assert line.startswith("[") if found == "nothing" else re.match(rf"{field}\s*=|methods = ", line), line


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_file_that_cannot_be_read_as_claims_is_told(refused, name):
    content, expected = DOCUMENTS[name]
    problem = refused(content)
    assert problem.startswith("claims.toml: ")
    assert expected in problem


def test_claims_that_repeat_each_other_in_a_circle(refused):
    circle = EXAMPLE.replace('id = "cr.new"\n', 'id = "cr.new"\nsame_as = "cr.old"\n')
    circle = circle.replace('id = "cr.old"\n', 'id = "cr.old"\nsame_as = "cr.new"\n')
    problems = refused(circle).splitlines()
    assert problems
    for problem in problems:
        assert re.search(
            r"\(line \d+\), field 'same_as': found 'cr\.(old|new)', expected a claim that does not", problem
        )


def test_the_messages_of_the_document_are_those_of_its_example(refused):
    broken = EXAMPLE.replace('label = "Old treatment"\nsize = 20', 'label = "Old treatment"\nsize = 41')
    broken = broken.replace('count = "12"', "count = 12").replace(
        'groups = ["new", "old"]\nevent', 'groups = ["new", "odl"]\nevent'
    )
    assert refused(broken).splitlines() == MESSAGES.splitlines()


def test_all_mistakes_are_told_at_once(refused):
    broken = EXAMPLE.replace('count = "9"', 'count = "41"').replace("size = 52", 'size = "52"')
    broken = broken.replace('p = ".48"', 'p = "48"').replace('date = "2020-01-15"', 'date = "15 January 2020"')
    problems = refused(broken).splitlines()
    assert [re.search(r"field '(\w+)'", problem)[1] for problem in problems] == ["size", "date", "p", "count"]


@pytest.mark.parametrize("command", ["audit", "reproduce"])
@pytest.mark.parametrize(
    ("place", "told"), [("nowhere.toml", "nowhere.toml: No such file or directory"), (".", ".: Is a directory")]
)
def test_a_file_that_is_not_there(refused, command, place, told):
    assert refused(None, command, place) == told


@pytest.mark.parametrize("command", ["reproduce", "reconstruct"])
@pytest.mark.parametrize("name", ["nobodys", "claims.py"])
def test_nobody_can_walk_through_a_protocol_that_is_not_there(refused, command, name):
    Path("claims.py").write_text("raise SystemExit(0)  # data never says which code is run\n", encoding="utf-8")
    named = EXAMPLE.replace('registry = "none"', f'registry = "none"\nprotocol = "{name}"')
    problem = refused(named, command, "claims.toml")
    assert f"[study], field 'protocol': found '{name}', expected a registered protocol" in problem
    assert "hlh-94, rux-hlh" in problem


def test_nothing_is_written_for_a_file_that_is_refused(refused):
    for command in ("audit", "reproduce"):
        refused(EXAMPLE.replace('count = "9"', "count = 9"), command, "claims.toml", "-o", "out")
    assert sorted(path.name for path in Path().iterdir()) == ["claims.toml"]
