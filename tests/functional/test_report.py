"""The report of the reference study, reconstructed; and of a study whose numbers nobody published."""

import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from branchpoint.analysis.courses import patient_courses
from branchpoint.analysis.outcomes import analyzed, outcome_table
from branchpoint.engine.cohort import decisions_schema
from branchpoint.language.registry import find_protocol
from branchpoint.publication import reconstruct_study as reconstruction
from branchpoint.records.schemas import SCHEMAS
from branchpoint.records.tables import Study, StudyMeta, empty_table
from branchpoint.refused import Refused
from branchpoint.reporting.disposition_figure import Box
from branchpoint.reporting.report import write_report
from branchpoint.reporting.report_material import Material
from branchpoint.reporting.report_page import report_page
from tests.reconstructed import CLAIMS, SEED, reconstructed

# What Table 4 prints that no patients can give: misprints, an impossible median, and limits of another rounding.
UNREACHABLE = {
    "frontline.nr.all.percent",
    "frontline.pd_after_pr.all.percent",
    "frontline.improvement.all.percent",
    "intensive.start.steroid",
    "overall.relapse.percent",
    "os.all",
}

ALWAYS = ("index.html", "outcomes.json", "decisions.parquet")
PUBLISHED = ("ledger.html", "ledger.json", "audit.html", "audit.json")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study folder with the claims beside its tables."""
    folder = tmp_path_factory.mktemp("study") / "reference"
    shutil.copytree(reconstructed(tmp_path_factory).folder, folder)
    shutil.copy(CLAIMS, folder)
    return folder


@pytest.fixture(scope="module")
def report(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("report") / "report"
    written = write_report(study, output, SEED)
    assert sorted(path.name for path in written) == sorted((*ALWAYS, *PUBLISHED))
    assert sorted(path.name for path in output.iterdir()) == sorted((*ALWAYS, *PUBLISHED))
    return output


def outcomes(folder: Path) -> dict[str, dict[str, object]]:
    return {one["id"]: one for one in json.loads((folder / "outcomes.json").read_text(encoding="utf-8"))}


def test_every_claim_is_listed_once_in_the_agreed_form(report: Path) -> None:
    listed = json.loads((report / "outcomes.json").read_text(encoding="utf-8"))
    claimed = [one["id"] for one in tomllib.loads(CLAIMS.read_text(encoding="utf-8"))["claim"]]
    assert [one["id"] for one in listed] == claimed
    for one in listed:
        assert list(one) == ["id", "place", "published", "computed", "agrees", "note"]
        assert one["place"]
        assert one["published"]
        assert (one["computed"] is None) == (one["agrees"] is None)
        assert one["agrees"] is True or one["note"], one["id"]


def test_every_count_of_table_4_agrees(report: Path) -> None:
    table = {name: one for name, one in outcomes(report).items() if str(one["place"]).startswith("Table 4")}
    assert len(table) > 50
    assert {name for name, one in table.items() if one["agrees"] is not True} <= UNREACHABLE
    differing = {name for name in UNREACHABLE if table[name]["agrees"] is False}
    assert {name for name in UNREACHABLE if name.endswith(".percent")} <= differing


def test_the_rest_of_the_results_agrees_or_says_why_not(report: Path) -> None:
    found = outcomes(report)
    for name in ("orr.all", "orr.naive", "orr.steroid", "orr.ebv", "cr.caebv", "orr.etiology.p", "first_response",
                 "enrolled.count", "excluded.count", "date.first_enrollment", "date.cutoff", "follow_up.all",
                 "efs.frontline.naive", "os.favorable", "death.after_hsct.gvhd", "refractory.no_hsct.financial",
                 "baseline.ferritin.all", "feature.splenomegaly.naive"):  # fmt: skip
        assert found[name]["agrees"] is True, found[name]
    assert "15/52" in str(found["frontline.nr.all.percent"]["note"])
    assert not any("this study's patients" in str(one["note"]) for one in found.values()), "they are reconstructed"
    assert "32.0%" in str(found["os.caebv"]["note"])
    assert str(found["os.unfavorable"]["computed"]).startswith("76.4%")


def test_the_page_stands_alone_and_says_what_it_shows(report: Path) -> None:
    page = (report / "index.html").read_text(encoding="utf-8")
    assert "Reconstructed from published aggregates, not patient data" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert "<script" not in page
    for words in (
        "rux-hlh",
        "Number at risk",
        "86.4%",
        "Decision table",
        "n = 54",
        "n = 52",
        "Without major violations",
    ):
        assert words in page
    assert page.count("<h1>") == 1
    assert '<a class="skip" href="#main">' in page
    assert "Table 5. Adverse events" in page
    assert {f'href="{name}"' for name in PUBLISHED} <= set(re.findall(r'href="[^"]+"', page))
    targets = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= targets


def test_decisions_are_written_beside_the_page(report: Path) -> None:
    decisions = pl.read_parquet(report / "decisions.parquet")
    assert decisions["subject"].n_unique() == 54
    assert {"response_trial", "epoch_after", "not_evaluable"} <= set(decisions.columns)


def test_the_same_study_gives_the_same_report(study: Path, report: Path, tmp_path: Path) -> None:
    write_report(study, tmp_path, SEED)
    for name in ("index.html", "outcomes.json", *PUBLISHED):
        assert (tmp_path / name).read_bytes() == (report / name).read_bytes()


def test_a_study_without_claims_has_its_statistics_listed(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unpublished"
    shutil.copytree(study, folder, ignore=shutil.ignore_patterns("claims.toml"))
    written = write_report(folder, tmp_path / "report", SEED)
    assert sorted(path.name for path in written) == sorted(ALWAYS)
    found = outcomes(tmp_path / "report")
    assert found["frontline.cr.all"]["computed"] == "22/52 (42.3%)"
    assert found["frontline.cr.all"]["published"] is None
    assert "Differences from the publication" not in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")


def test_a_reconstruction_is_made_once_and_loaded_after(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def stand_in(claims: Path, output: Path, seed: int) -> Path:
        made.append(seed)
        return Path(shutil.copytree(study, output, ignore=shutil.ignore_patterns("claims.toml")))

    monkeypatch.setattr(reconstruction, "reconstruct_study", stand_in)
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        write_report(CLAIMS.parent, Path("report"), 7)
    write_report(CLAIMS.parent, Path("report"), 8)
    assert made == [7, 8]
    assert sorted(path.name[:15] for path in Path("build").iterdir()) == ["reconstructed-7", "reconstructed-8"]


def test_a_folder_without_study_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"study\.toml nor claims\.toml"):
        write_report(tmp_path, tmp_path / "report", SEED)
    assert not (tmp_path / "report").exists()


def test_a_protocol_of_another_shape_is_reported_too() -> None:
    """HLH-94 has no second treatment before remission and no prior corticosteroid; its two patients are synthetic."""
    protocol = find_protocol("hlh-94")
    tables = {name: empty_table(name) for name in SCHEMAS}
    people = {"subject": ["A", "B"], "first_dose_date": [date(2021, 1, 1)] * 2}
    tables["subjects"] = pl.concat([tables["subjects"], pl.DataFrame(people)], how="diagonal_relaxed")
    meta = StudyMeta(protocol="hlh-94", version=protocol.version, title="Synthetic patients", kind="synthetic")
    study = Study(path=None, meta=meta, **tables)
    common = {"eligible": True, "etiology": "familial", "dose_mg": None, "stratum": None, "not_evaluable": ""}
    steps = [("A", 0, None, "screening", "initial"), ("A", 56, "CR", "initial", "follow_up"),
             ("B", 0, None, "screening", "initial"), ("B", 56, "PR", "initial", "continuation")]  # fmt: skip
    decisions = pl.DataFrame(
        [
            {"subject": s, "visit": "", "day": day, "response_clinician": response, "epoch_before": before,
             "epoch_after": after, "action": "continue", **common}
            for s, day, response, before, after in steps
        ],
        schema=decisions_schema(protocol),
    )  # fmt: skip
    courses = patient_courses(study, decisions, protocol)
    counted = analyzed(courses, protocol)
    results = outcome_table(study, courses, protocol)
    page = report_page(Material(study, protocol, None, decisions, courses, counted, results, (), "0" * 64, None))
    assert "Synthetic patients, not patient data" in page
    assert results.filter(id="frontline.cr", group="all")["percent"].to_list() == [50]
    assert "Best response by day 56" in page or "best response by day 56" in page
    assert "n = 2" in page


def test_a_disposition_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="the parts are 3, the whole is 2"):
        Box("Analyzed", 2, parts=(Box("A", 2), Box("B", 1)))
    assert Box("Analyzed", 3, parts=(Box("A", 2),)).open == 1


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 760, 1200])
def test_the_page_opens_in_a_browser(browser, report: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith("file:") else problems.append(request.url))
    page.goto((report / "index.html").as_uri())
    assert page.locator(".banner").is_visible()
    assert "Reconstructed from published aggregates" in page.locator(".banner").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide, narrow = (page.locator(f"#survival .{kind} svg").first.is_visible() for kind in ("wide", "narrow"))
    assert (wide, narrow) == (width > 704, width <= 704)
    page.locator("#patients summary").click()
    assert page.locator("#patients tbody tr").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not problems
    page.close()


@pytest.mark.browser
def test_numbers_at_risk_stand_under_their_months(browser, report: Path) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto((report / "index.html").as_uri())
    middles = page.evaluate(
        """() => [...document.querySelectorAll('#survival .wide svg')[0].querySelectorAll('text')].map(one => {
            const box = one.getBoundingClientRect();
            return [one.textContent, box.left + box.width / 2, box.top];
        })"""
    )
    axis = next(y for text, _, y in middles if text == "15")
    below = next(y for text, _, y in middles if text == "52")
    months, at_risk = ([(text, x) for text, x, y in middles if y == level] for level in (axis, below))
    assert [text for text, _ in months] == ["0", "3", "6", "9", "12", "15", "18"]
    assert [x for _, x in at_risk] == pytest.approx([x for _, x in months], abs=1)
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1200])
def test_no_text_leaves_its_picture(browser, report: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((report / "index.html").as_uri())
    outside = page.evaluate(
        """() => [...document.querySelectorAll('svg')].filter(svg => svg.getBoundingClientRect().width).flatMap(svg => {
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')].filter(text => {
                const box = text.getBoundingClientRect();
                return box.right > frame.right + 1 || box.left < frame.left - 1
                    || box.bottom > frame.bottom + 1 || box.top < frame.top - 1;
            }).map(text => text.textContent);
        })"""
    )
    assert outside == []
    page.close()
