"""The pages of a published trial, audit and ledger: what they say in which order, and that anybody can read them."""

import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from branchpoint.publication.audit.report import audit
from branchpoint.publication.audit.verdicts import Verdict
from branchpoint.publication.claims.reading import read_claims
from branchpoint.publication.ledger import Standing, ledger
from branchpoint.reporting.audit_page import audit_page
from branchpoint.reporting.ledger_page import ledger_page
from branchpoint.reporting.report import write_report
from branchpoint.reporting.reproduction import Made
from tests.reconstructed import CLAIMS, SEED, reconstructed

PAGES = ("audit", "ledger")
VOID = {"meta", "br", "col", "input", "link", "path"}
WIDTHS = (320, 390, 760, 1280)
READABLE = 4.5


class Page(HTMLParser):
    """Reads a page, and fails where its elements do not close in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & {*self.open}:
            self.words.append(data)

    def all(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]

    @property
    def told(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of the reference study, as ``make report`` writes it, with both pages beside."""
    study = tmp_path_factory.mktemp("study") / "reference"
    shutil.copytree(reconstructed(tmp_path_factory).folder, study)
    shutil.copy(CLAIMS, study)
    output = tmp_path_factory.mktemp("report")
    write_report(study, output, SEED)
    return output


@pytest.fixture(params=PAGES)
def page(report, request):
    return Page((report / f"{request.param}.html").read_text(encoding="utf-8"))


def rows(report, name):
    return json.loads((report / f"{name}.json").read_text(encoding="utf-8"))


# ----------------------------------------------------------------------------------------------------- What they say


def test_findings_stand_in_order_of_weight_with_both_numbers(report):
    text = (report / "audit.html").read_text(encoding="utf-8")
    weighed = sorted((one for one in rows(report, "audit") if one["importance"]), key=lambda one: -one["importance"])
    assert re.findall(r'id="finding-(.+?)"', text) == [one["id"] for one in weighed]
    parts = re.split(r'<li class="finding ', text)[1:]
    for part, one in zip(parts, weighed, strict=True):
        told = Page(f'<li class="{part.partition("</ol>")[0]}').told
        for words in (one["place"], one["role"], one["population"], one["verdict"], one["published"], one["note"]):
            assert re.sub(r"\s+", " ", words) in told, (one["id"], words)
        assert f"Recomputed {one['recomputed'] or 'no single value'} " in told
        assert ("the chance of a hit by luck is" in told) == (one["chance"] is not None)
        assert all(f'href="#claim-{other}"' in part for other in one["others"])


def test_the_summary_counts_every_claim_once(report):
    for name, verdicts in (("audit", Verdict), ("ledger", Standing)):
        text = (report / f"{name}.html").read_text(encoding="utf-8")
        told = Page(text[text.index('<ul class="tiles"') : text.index("<aside")]).told
        found = rows(report, name)
        for verdict in verdicts:
            assert f" {sum(one['verdict'] == verdict for one in found)} {verdict.value} " in told
        assert len(re.findall(r"<tr id=", text)) == len(found)


def test_a_chance_is_never_said_bare(report):
    told = Page((report / "audit.html").read_text(encoding="utf-8")).told
    chances = re.findall(r"the chance of a hit by luck is (.+?\))", told)
    assert chances
    for chance in chances:
        assert re.fullmatch(r"(about|below|close to) \d+ in [\d,]+ \([\d.]+%\)", chance)


def test_nothing_reconstructed_is_shown_without_the_word(report):
    text = (report / "ledger.html").read_text(encoding="utf-8")
    for one in re.findall(r"<(?:title|h1|caption[^>]*)>(.+?)</(?:title|h1|caption)>", text):
        assert "reconstructed patients" in one
    assert text.count('<th scope="col">Computed, reconstructed</th>') == text.count("<table")
    assert text.index("Reconstructed from published aggregates, not patient data") < text.index('<ul class="tiles"')


def test_a_study_that_was_conducted_is_not_called_reconstructed(report):
    claims = read_claims(CLAIMS)
    audited = audit(claims)
    entries = ledger(claims, [], audited)
    told = Page(ledger_page(claims, entries, Made("conducted", "The records of this study.", "."))).told
    assert "patients of the study" in told
    assert "reconstructed" not in told.lower()


def test_what_a_claims_file_says_is_escaped():
    claims = read_claims(CLAIMS)
    sharp = [replace(one, quantity="<script>alert(1)</script>", note="a < b & c") for one in audit(claims)]
    text = audit_page(claims, sharp)
    assert "<script>alert" not in text
    assert "a &lt; b &amp; c" in text


def test_a_report_in_which_nothing_is_amiss():
    claims = read_claims(CLAIMS)
    fine = [replace(one, verdict=Verdict.MATCH, importance=0.0) for one in audit(claims)]
    told = Page(audit_page(claims, fine)).told
    assert "Nothing is amiss in what can be recomputed." in told
    assert "0 did not fit" in told


# ------------------------------------------------------------------------------------------------- How they are made


def test_a_page_is_one_file_and_its_links_lead_somewhere(page):
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"] for attrs in page.all("a")]
    assert len(links) > 1
    assert {link.removeprefix("#") for link in links} <= {*ids}
    assert not [attrs for _, attrs in page.tags if "src" in attrs or "srcset" in attrs]
    assert page.all("link") == []


def test_a_page_can_be_read_aloud(page):
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False)), "no level is left out"
    assert len(page.all("caption")) == len(page.all("table"))
    assert all("scope" in attrs for attrs in page.all("th"))
    assert all(attrs.get("aria-hidden") == "true" for attrs in page.all("svg")), "a shape stands beside its word"
    assert len(page.all("label")) == len(page.all("select")) + len(page.all("input"))


@pytest.mark.parametrize("name", PAGES)
def test_verdicts_differ_in_shape(report, name):
    text = (report / f"{name}.html").read_text(encoding="utf-8")
    chips = re.findall(r'<span class="chip [\w-]+"><svg[^>]*><path[^>]* d="([^"]+)"/></svg>([\w ]+)</span>', text)
    shapes = {}
    for shape, verdict in chips:
        assert shapes.setdefault(verdict, shape) == shape
    standings = {one.value for one in (Verdict if name == "audit" else Standing)}
    assert len({shapes[verdict] for verdict in standings}) == len(standings)


# ---------------------------------------------------------------------------------------------------- In the browser


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, report):
    """Open a page, and fail if it says anything on the console or asks for anything but itself."""
    problems, opened = [], []

    def go(name, width=1280, **options):
        page = browser.new_page(viewport={"width": width, "height": 844}, **options)
        opened.append(page)
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith("file:") else problems.append(request.url))
        page.goto((report / name).as_uri())
        return page

    yield go
    for page in opened:
        page.close()
    assert problems == []


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_overflows(visit, name, width):
    page = visit(f"{name}.html", width)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter(one => {
            const box = one.getBoundingClientRect();
            return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1);
        }).map(one => one.outerHTML.slice(0, 80))"""
    )
    assert outside == []


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_the_report_links_to_the_page(visit, name):
    page = visit("index.html")
    page.locator(f'a[href="{name}.html"]').first.click()
    assert page.url.endswith(f"/{name}.html")
    assert "ChiCTR2000031702" in page.locator("h1").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize(("name", "verdict"), [("audit", "misprint"), ("ledger", "differs")])
def test_claims_are_filtered(visit, report, name, verdict):
    page = visit(f"{name}.html")
    found = rows(report, name)
    shown = page.locator("#all tr[data-verdict]:visible")
    assert shown.count() == 0, "every part of the report is closed at first"
    page.get_by_role("combobox").select_option(label=verdict)
    wanted = [one["id"] for one in found if one["verdict"] == verdict]
    assert {row.get_attribute("id") for row in shown.all()} == {f"claim-{one}" for one in wanted}
    assert page.locator("#filter output").inner_text() == f"{len(wanted)} of {len(found)}"
    page.get_by_role("searchbox").fill("table 4 CORTICO")
    left = [row.inner_text().lower() for row in shown.all()]
    assert len(left) < len(wanted)
    assert all("cortico" in text for text in left)
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("document.querySelector('#filter output').value === ''")
    assert page.locator("#all tr[hidden]").count() == 0


@pytest.mark.browser
def test_whatever_is_amiss_is_one_choice(visit, report):
    page = visit("audit.html")
    page.get_by_role("combobox").select_option(label="whatever is amiss")
    amiss = sum(one["importance"] > 0 for one in rows(report, "audit"))
    assert page.locator("#all tr[data-verdict]:visible").count() == amiss


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_a_link_to_a_claim_shows_it(visit, script):
    page = visit("audit.html", java_script_enabled=script)
    if script:
        page.get_by_role("combobox").select_option(label="not derivable")
    link = page.locator(".how ul a").first
    target = page.locator(f"[id='{link.get_attribute('href').removeprefix('#')}']")
    assert not target.is_visible()
    link.click()
    target.wait_for(state="visible")
    assert target.evaluate("row => row.getBoundingClientRect().top < innerHeight") if script else True


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_without_script_everything_is_there_but_the_filter(visit, name):
    page = visit(f"{name}.html", java_script_enabled=False)
    assert not page.locator("#filter").is_visible()
    page.locator("summary", has_text="Table 4").click()
    assert page.locator("[id='claim-frontline.cr.all']").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_on_paper_every_claim_is_printed(visit, report, name):
    page = visit(f"{name}.html")
    page.emulate_media(media="print")
    assert page.locator("#all tr[data-verdict]:visible").count() == len(rows(report, name))
    assert not page.locator("#filter").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_text_stands_out_from_its_ground(visit, name):
    page = visit(f"{name}.html")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    colors = page.evaluate(
        """() => {
            const ground = one => {
                for (; one; one = one.parentElement) {
                    const color = getComputedStyle(one).backgroundColor;
                    if (!color.endsWith(", 0)")) return color;
                }
                return "rgb(255, 255, 255)";
            };
            const texts = [...document.querySelectorAll("main *")].filter(one =>
                [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()));
            return [...new Set(texts.map(one => getComputedStyle(one).color + "/" + ground(one)))];
        }"""
    )
    assert len(colors) > 3
    faint = [pair for pair in colors if contrast(*pair.split("/")) < READABLE]
    assert faint == []


def contrast(one, other):
    """The ratio of luminances, as WCAG 2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color):
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_everything_and_shows_where_it_is(visit, name):
    page = visit(f"{name}.html")
    seen = set()
    for _ in range(200):
        page.keyboard.press("Tab")
        tag, outline = page.evaluate(
            "() => [document.activeElement.tagName, getComputedStyle(document.activeElement).outlineWidth]"
        )
        if tag == "BODY":
            break
        assert float(outline.removesuffix("px")) >= 2, tag
        seen.add(tag)
    assert {"A", "SELECT", "INPUT", "BUTTON", "SUMMARY"} <= seen
