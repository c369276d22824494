"""``branchpoint reconstruct`` as a methodologist runs it: many cohorts, what contradicts what, and what stays open."""

import hashlib
import json
import os
import re
from contextlib import chdir, redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest

from branchpoint import cli
from branchpoint.cli import publication
from branchpoint.publication.claims.reading import read_claims
from branchpoint.publication.comparison import compare_values
from branchpoint.publication.recompute import recompute
from branchpoint.publication.reconstruct_study import BANNER
from branchpoint.reporting.reconstruction_claims import MEANINGS, Stance

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = re.search(r"```toml\n(.*?)```", (DOCS / "claims.md").read_text(encoding="utf-8"), re.DOTALL)[1]
FILES = ["cohorts.parquet", "reconstruction.html", "reconstruction.json"]
DRAWS = 24
TYPES = {
    "note": str, "citation": str, "registry": str, "claims_sha256": str, "seed": int, "draws": int, "patients": int,
    "claims": dict, "contradictions": list, "complete": bool, "proven": bool,
    "dropped": list, "set_aside": list, "unmet": list,
    "p_values": list, "variables": list, "spread": list,
}  # fmt: skip
ROWS = {
    "dropped": ["claim", "field", "text"],
    "set_aside": ["claim", "fields", "published", "conflict"],
    "unmet": ["claim", "field", "text", "draws"],
    "p_values": ["claim", "published", "draws", "reached", "least", "middle", "most"],
    "variables": ["id", "label", "kind", "unit", "event"],
    "spread": ["population", "quantity", "statistic", "variable", "unit", "size", "least", "middle", "most"],
}


def run(folder, *command):
    """Run a command in a folder, and give its status, its answer and its remarks."""
    answer, remarks, asked = StringIO(), StringIO(), partial(cli.app, list(map(str, command)))
    with (
        chdir(folder), redirect_stdout(answer), redirect_stderr(remarks), patch.object(cli, "app", asked),
        pytest.raises(SystemExit) as left,
    ):  # fmt: skip
        cli.main()
    return left.value.code, answer.getvalue(), remarks.getvalue()


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def data_of(folder):
    return json.loads((folder / "reconstruction.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The example of docs/claims.md in many draws, by two processes: its folder, its answer and its remarks."""
    folder = tmp_path_factory.mktemp("reconstruct")
    (folder / "claims.toml").write_text(EXAMPLE, encoding="utf-8")
    with patch.object(os, "sched_getaffinity", lambda _: {0, 1}, create=True):
        status, answer, remarks = run(folder, "reconstruct", "claims.toml", "--draws", DRAWS, "-o", "out")
    assert status == 0
    return folder / "out", answer, remarks


@pytest.fixture(scope="module")
def data(drawn):
    return data_of(drawn[0])


@pytest.fixture
def example(tmp_path):
    (tmp_path / "claims.toml").write_text(EXAMPLE, encoding="utf-8")
    return tmp_path


# ------------------------------------------------------------------------------------------------------ What is written


def test_three_files_are_written_and_named(drawn):
    folder, _, remarks = drawn
    assert sorted(contents(folder)) == FILES
    assert sorted(remarks.splitlines()) == [f"wrote out/{name}" for name in FILES]


def test_every_file_says_what_it_is(drawn):
    folder, answer, _ = drawn
    text = (folder / "reconstruction.html").read_text(encoding="utf-8")
    assert BANNER in answer.lower()
    assert text.index("Reconstructed cohorts of none") < text.index(BANNER.capitalize()) < text.index('class="tiles"')
    assert text.count("<table") == len(re.findall(r"<caption[^>]*>[^<]*(?:reconstructed|sets aside)", text))
    told = pl.read_parquet_metadata(folder / "cohorts.parquet")
    assert told["note"] == BANNER
    digest = hashlib.sha256(EXAMPLE.encode()).hexdigest()
    assert (told["claims_sha256"], told["seed"], told["draws"]) == (digest, "1", f"{DRAWS}")
    assert (told["citation"], told["registry"]) == ("A trial that does not exist", "none")


def test_cohorts_have_a_column_for_each_variable(drawn):
    table = pl.read_parquet(drawn[0] / "cohorts.parquet")
    number = dict.fromkeys(("age", "os"), pl.Float64)
    text = dict.fromkeys(("arm", "response", "salvage", "dead"), pl.String)
    assert dict(table.schema) == {"draw": pl.Int32, "subject": pl.String, **text, **number}
    assert table.group_by("draw", maintain_order=True).len().rows() == [(draw, 40) for draw in range(1, DRAWS + 1)]
    assert table.filter(draw=DRAWS)["subject"].to_list() == [f"R{number:02}" for number in range(1, 41)]


def test_json_keeps_its_contract(data):
    assert {name: type(value) for name, value in data.items()} == TYPES
    for name, keys in ROWS.items():
        assert all(list(row) == keys for row in data[name]), name
    assert all(list(one) == ROWS["dropped"] for found in data["contradictions"] for one in found)
    assert list(data["claims"]) == list(Stance)
    assert sum(data["claims"].values()) == EXAMPLE.count("[[claim]]")
    assert (data["note"], data["patients"], data["draws"], data["seed"]) == (BANNER, 40, DRAWS, 1)


def test_the_keys_are_those_that_are_described():
    document = (DOCS / "outputs.md").read_text(encoding="utf-8")
    section = document.split("## Reconstructed cohorts")[1].split("\n## ")[0]
    described = section.split("`reconstruction.json` is one object")[1]
    assert re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?`) \|", described, re.MULTILINE))) == [*TYPES]
    assert [f"\n| {stance.value} | " in section for stance in MEANINGS] == [True] * len(Stance)


def test_every_cohort_has_every_number_that_is_followed(drawn, data, example):
    """By code that analyzes patients of any origin, and knows nothing of how these were drawn."""
    assert data["unmet"] == []
    claims = read_claims(example / "claims.toml")
    for cohort in pl.read_parquet(drawn[0] / "cohorts.parquet").partition_by("draw"):
        compared = [one for one in compare_values(claims, recompute(claims, cohort)) if not one.id.endswith(".p")]
        assert [one.id for one in compared if one.agrees is False] == ["cr.all"], "which says 16 (45%)"
        assert [one.id for one in compared if one.agrees] == [
            "age.new",
            "age.old",
            "cr.new",
            "cr.old",
            "salvage",
            "os.new",
        ]


def test_the_same_patients_whatever_the_number_of_processes(drawn, example, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert run(example, "reconstruct", "claims.toml", "--draws", DRAWS, "-o", "out")[0] == 0
    assert contents(example / "out") == contents(drawn[0])


def test_another_seed_gives_others_and_fewer_draws_the_first(drawn, example):
    first = pl.read_parquet(drawn[0] / "cohorts.parquet").filter(pl.col("draw") <= 3)
    for seed in (1, 2):
        assert run(example, "reconstruct", "claims.toml", "--draws", 3, "--seed", seed, "-o", f"{seed}")[0] == 0
    assert pl.read_parquet(example / "1" / "cohorts.parquet").equals(first)
    assert not pl.read_parquet(example / "2" / "cohorts.parquet").equals(first)


# --------------------------------------------------------------------------------------------------------- What is told


def test_a_terminal_is_told_in_lines_that_fit(drawn, data):
    _, answer, _ = drawn
    assert [line for line in answer.splitlines() if len(line) > 80] == []
    told = re.sub(r"\s+", " ", answer)
    assert f"{DRAWS} cohorts of 40 patients, seed 1. Each has every printed number that is followed" in told
    assert re.search(rf"^  \.48 +{DRAWS} of {DRAWS} .+ age by treatment$", answer, re.MULTILINE)
    open_ones = answer.split("What the report leaves open\n")[1]
    assert re.match(r" 1\. Death \(All patients\): \d+ to \d+ of 40, middle [\d.]+\n", open_ones)
    assert len(re.findall(r"^ \d\. ", open_ones, re.MULTILINE)) <= 5
    assert data["spread"][0]["quantity"] == "Death"


def test_the_misprint_of_the_example_is_left_out(drawn, data):
    told = re.sub(r"\s+", " ", drawn[1])
    assert "1. Left out: CR, All patients: 45% of 40 (Results). No cohort of 40 can have it beside" in told
    assert [(one["claim"], one["field"]) for one in data["dropped"]] == [("cr.all", "percent")]
    assert len(data["contradictions"]) == 2
    assert data["complete"]
    assert data["proven"]


def test_two_counts_that_cannot_both_be(example):
    planted = EXAMPLE.replace('count = "16"\npercent = "45"', 'count = "17"')
    (example / "claims.toml").write_text(planted, encoding="utf-8")
    status, answer, _ = run(example, "reconstruct", "claims.toml", "--draws", 2, "-o", "out")
    assert status == 0
    found = data_of(example / "out")
    counts = [(f"cr.{group}", "count") for group in ("new", "old", "all")]
    assert counts in [[(one["claim"], one["field"]) for one in members] for members in found["contradictions"]]
    assert [(one["claim"], one["field"]) for one in found["dropped"]] == [("cr.all", "count")]
    told = re.sub(r"\s+", " ", answer)
    assert "Left out: CR, All patients: 17 of 40 (Results)." in told
    assert "beside all of 'CR, New treatment: 12 of 20 (Table 2)' and 'CR, Old treatment: 4 of 20 (Table 2)'" in told
    page = (example / "out" / "reconstruction.html").read_text(encoding="utf-8")
    assert re.search(r'Left out:</b> CR, All patients: 17 of 40 \(<a [^>]*href="#claim-cr\.all">Results</a>\)', page)
    cohorts = pl.read_parquet(example / "out" / "cohorts.parquet")
    assert cohorts.filter(response="CR").group_by("draw").len()["len"].to_list() == [16, 16], "invented is nothing"


def test_what_the_file_sets_aside_is_told_with_its_reason(example):
    aside = EXAMPLE.replace('percent = "45"   ', 'percent = "45"\nset_aside = ["percent"]\nconflict = "It is 40%."\n')
    (example / "claims.toml").write_text(aside, encoding="utf-8")
    status, answer, _ = run(example, "reconstruct", "claims.toml", "--draws", 1, "-o", "out")
    assert status == 0
    assert data_of(example / "out")["set_aside"] == [
        {"claim": "cr.all", "fields": ["percent"], "published": "16 (45%)", "conflict": "It is 40%."}
    ]
    assert "The claims file sets it aside, too." in re.sub(r"\s+", " ", answer)
    assert "It is 40%." in (example / "out" / "reconstruction.html").read_text(encoding="utf-8")
    assert "One cohort shows no range" in answer


# ---------------------------------------------------------------------------------------------- When there are no draws


@pytest.mark.parametrize("protocol", ["", 'protocol = "hlh-94"\n'])
def test_without_records_for_a_protocol_cohorts_are_drawn(example, monkeypatch, protocol):
    monkeypatch.setattr(publication, "DRAWS", 2)
    text = EXAMPLE.replace('start = "first"', f'{protocol}start = "first"', 1)
    (example / "claims.toml").write_text(text, encoding="utf-8")
    status, _, remarks = run(example, "reconstruct", "claims.toml")
    assert status == 0
    place = Path("build/reconstructed-cohorts")
    assert sorted(remarks.splitlines()) == [f"wrote {place / name}" for name in FILES]
    assert data_of(example / place)["draws"] == 2


def test_a_protocol_whose_records_can_be_made_gets_a_study(example):
    """Its claims must have the names that records are made from, and the example has not."""
    text = EXAMPLE.replace('start = "first"', 'protocol = "rux-hlh"\nstart = "first"', 1)
    (example / "claims.toml").write_text(text, encoding="utf-8")
    status, answer, remarks = run(example, "reconstruct", "claims.toml", "-o", "out")
    assert (status, answer) == (2, "")
    assert "claim 'frontline.cr.naive' is needed" in remarks
    assert run(example, "reconstruct", "claims.toml", "-o", "out", "--draws", 1)[0] == 0


# ------------------------------------------------------------------------------------------------------------- Refusals


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--draws", 0, "expected a number of cohorts from 1 to 100,000"),
        ("--draws", -5, "expected a number of cohorts from 1 to 100,000"),
        ("--draws", 100_001, "expected a number of cohorts from 1 to 100,000"),
        ("--seed", -1, "expected a whole number from 0 on"),
    ],
)
def test_numbers_that_nothing_can_be_drawn_with_are_refused(example, option, value, told):
    status, answer, remarks = run(example, "reconstruct", "claims.toml", option, value, "-o", "out")
    assert (status, answer, remarks) == (2, "", f"refused: {option}: found {value}, {told}\n")
    assert not (example / "out").exists()


def test_claims_that_name_no_patients_are_refused(example):
    text = re.sub(r"^where = .*\n", "", EXAMPLE, flags=re.MULTILINE)
    (example / "claims.toml").write_text(text, encoding="utf-8")
    status, answer, remarks = run(example, "reconstruct", "claims.toml", "-o", "out")
    assert (status, answer) == (2, "")
    assert "there are no patients to draw" in remarks
    assert not (example / "out").exists()


@pytest.mark.parametrize("place", ["taken", "taken/below"])
def test_a_place_that_is_a_file_is_refused_before_anything_is_drawn(example, place):
    (example / "taken").write_text("kept")
    with patch("branchpoint.reporting.reconstruction_files.reconstruct", side_effect=AssertionError("it was drawn")):
        status, answer, remarks = run(example, "reconstruct", "claims.toml", "-o", place)
    assert (status, answer) == (2, "")
    assert re.match(rf"refused: {place}: .+, expected a folder to write to\n", remarks)
    assert (example / "taken").read_text() == "kept"


# ------------------------------------------------------------------------------------------------------------- The page


def test_the_links_of_the_page_lead_somewhere(drawn):
    text = (drawn[0] / "reconstruction.html").read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    links = re.findall(r'href="([^"]*)"', text)
    assert {link.removeprefix("#") for link in links} <= {*ids}
    assert {f"#claim-{name}" for name in ("cr.all", "cr.new", "cr.old", "age.p")} <= {*links}
    assert not re.search(r"\bsrc(set)?=|<link|@import|url\((?!#)", text)


def test_what_a_claims_file_says_is_escaped(example):
    sharp = EXAMPLE.replace('label = "All patients"', 'label = "<script>alert(1)</script>"').replace(
        '"Results"', '"A & B"'
    )
    (example / "claims.toml").write_text(sharp, encoding="utf-8")
    assert run(example, "reconstruct", "claims.toml", "--draws", 2, "-o", "out")[0] == 0
    text = (example / "out" / "reconstruction.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert re.search(r'45% of 40 \(<a class="place" href="#claim-cr\.all">A &amp; B</a>\)', text)


def test_survival_is_drawn_beside_what_was_printed(drawn):
    text = (drawn[0] / "reconstruction.html").read_text(encoding="utf-8")
    assert text.count('<figure id="bands_') == 1
    described = re.findall(r"<desc>(.*?)</desc>", text)
    assert len(described) == 2, "wide, and for a telephone"
    for words in described:
        assert "New treatment, 20 patients: at 12 printed 75.0% (56.0 to 94.0), cohorts 75.0 to 75.0%" in words
    assert ">At risk<" in text
    assert ">Printed, not followed<" in text


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, drawn):
    """Open the page, and fail if it says anything on the console or asks for anything but itself."""
    problems, opened = [], []

    def go(width):
        page = browser.new_page(viewport={"width": width, "height": 844})
        opened.append(page)
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith("file:") else problems.append(request.url))
        page.goto((drawn[0] / "reconstruction.html").as_uri())
        return page

    yield go
    for page in opened:
        page.close()
    assert problems == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 760, 1280])
def test_nothing_overflows(visit, width):
    page = visit(width)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """() => [...document.querySelectorAll("main *:not(.drawing *)")].filter(one => {
            const box = one.getBoundingClientRect(), head = one.closest("thead");
            // Where rows are stacked, the head of a table is heard alone.
            const heard = head && getComputedStyle(head).position === "absolute";
            return !heard && (box.right > innerWidth + 1 || box.left < -1);
        }).map(one => one.outerHTML.slice(0, 80))"""
    )
    assert outside == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "shown", "hidden"), [(1280, ".wide-drawing", ".narrow"), (390, ".narrow", ".wide-drawing")]
)
def test_a_figure_has_a_form_for_telephones(visit, width, shown, hidden):
    page = visit(width)
    assert page.locator(f"figure {shown}").first.is_visible()
    assert not page.locator(f"figure {hidden}").first.is_visible()


@pytest.mark.browser
def test_a_contradiction_links_to_its_claims(visit):
    page = visit(1280)
    page.locator(".conflicts a").first.click()
    row = page.locator("[id='claim-cr.all']")
    row.wait_for(state="visible")
    assert "followed in part" in row.inner_text()


@pytest.mark.browser
def test_claims_are_filtered_by_how_they_stand(visit, data):
    page = visit(1280)
    page.get_by_role("combobox").select_option(label="followed")
    assert page.locator("#all tr[data-verdict]:visible").count() == data["claims"]["followed"]


@pytest.mark.browser
def test_on_paper_every_claim_is_printed(visit):
    page = visit(1280)
    page.emulate_media(media="print")
    assert page.locator("#all tr[data-verdict]:visible").count() == EXAMPLE.count("[[claim]]")
    assert page.locator("figure .wide-drawing").first.is_visible()
