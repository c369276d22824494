"""The pages of a protocol: everything that it decides is on them, and what is printed can be read."""

import json
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser

import pytest

from branchpoint.language import RESPONSES, Epoch, Label, Pathway, ProtocolError, Visit, at
from branchpoint.language.content import as_data
from branchpoint.language.nodes import Node, rewrite
from branchpoint.language.quantities import Number
from branchpoint.language.registry import find_protocol
from branchpoint.language.rules import Criterion
from branchpoint.reporting.decision_table import action_words, decision_rows, decision_section
from branchpoint.reporting.flow_diagram import flow_diagram
from branchpoint.reporting.flow_layout import PADDING, flow_layout
from branchpoint.reporting.sections import sections
from branchpoint.reporting.synopsis import (
    SECTIONS,
    difference_text,
    measurements_json,
    protocol_html,
    protocol_json,
    protocol_text,
)
from branchpoint.reporting.tables import NO_BREAK

NAMES = ("rux-hlh", "hlh-94")
VOID = {"meta", "br", "hr", "img", "link", "input", "path", "rect"}


@pytest.fixture(params=NAMES)
def protocol(request):
    return find_protocol(request.param)


def squeezed(text):
    return re.sub(r"\s+", " ", text.replace(NO_BREAK, " "))


class Page(HTMLParser):
    """Reads a page, and fails where its elements do not close in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.tags, self.words = [], [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs["href"]] if "href" in attrs else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


# Structure -------------------------------------------------------------------------------------------------------


def test_every_section_is_there(protocol):
    names = [section.name for section in sections(protocol)]
    assert names == [
        "summary", "eligibility", "diagnosis", "etiology", "interventions", "parameters", "responses", "pathway",
        "schedule", "endpoints", "events", "definitions", "measurements", "proofs",
    ]  # fmt: skip
    assert {name for group in SECTIONS.values() for name in group} == set(names)


def test_every_row_has_a_cell_for_every_column_and_every_note_is_referred_to(protocol):
    for section in sections(protocol):
        for table in section.tables:
            assert table.rows
            assert {len(row.cells) for row in table.rows} == {len(table.columns)}
            referred = {number for row in table.rows for cell in row.cells for number in cell.notes}
            assert referred <= set(range(1, len(table.notes) + 1))


def test_every_cell_of_the_pathway_is_printed(protocol):
    (table,) = decision_section(protocol).tables
    rows = decision_rows(protocol)
    covered = [(row.epoch.name, visit.day) for row in rows for visit in row.visits]
    assert covered == [(epoch.name, visit.day) for epoch in protocol.epochs for visit in epoch.visits]
    for row, printed in zip(rows, table.rows, strict=True):
        for visit in row.visits:
            index = protocol.epochs.index(row.epoch), row.epoch.visits.index(visit)
            for position, cell in enumerate(printed.cells[1:]):
                decision = protocol.pathway.decisions[protocol.pathway.table[index[0]][index[1]][position]]
                assert cell.text == action_words(decision.action)
                assert (decision.go != row.epoch.name) == bool(cell.detail)
                assert decision.cite in table.notes[cell.notes[0] - 1]
    assert table.columns[1:] == RESPONSES


def test_every_rule_that_decides_says_where_it_comes_from(protocol):
    cited = {"eligibility", "diagnosis", "etiology", "interventions", "endpoints"}
    for section in sections(protocol):
        if section.name in cited:
            for table in section.tables:
                assert table.columns[-1] == "Source"
                assert all(row.cells[-1].text for row in table.rows), table.caption
    assert all(case.label.cite for rule_set in protocol.responses for case in rule_set.cases)
    assert all(decision.cite for decision in protocol.pathway.decisions)


# Text ------------------------------------------------------------------------------------------------------------


def test_the_text_has_everything_in_100_columns(protocol):
    text = protocol_text(protocol, "all")
    assert all(len(line) <= 100 for line in text.splitlines())
    assert "\x1b" not in text
    assert protocol.hash in text
    whole = squeezed(text)
    for decision in protocol.pathway.decisions:
        assert squeezed(decision.text) in whole
    for section in sections(protocol):
        assert section.title in text


@pytest.mark.parametrize("section", [*SECTIONS, "eligibility", "definitions"])
def test_one_section_at_a_time(protocol, section):
    text = protocol_text(protocol, section)
    titles = {part.name: part.title for part in sections(protocol)}
    for name in SECTIONS.get(section, (section,)):
        assert titles[name] in text


def test_a_section_that_does_not_exist_is_refused_with_those_that_do(protocol):
    with pytest.raises(ProtocolError, match=r"no such section.*Use synopsis, schedule, pathway"):
        protocol_text(protocol, "footnotes")


def test_the_terminal_gets_bold_titles(protocol, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1m" in protocol_text(protocol, "proofs")


# HTML ------------------------------------------------------------------------------------------------------------


def test_the_page_is_well_formed_in_one_file_and_its_links_lead_somewhere(protocol):
    text = protocol_html(protocol)
    page = Page(text)
    assert len(page.ids) == len(set(page.ids))
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert "<script" not in text
    assert "src=" not in text
    assert protocol.hash in text


def test_the_page_can_be_read_aloud(protocol):
    page = Page(protocol_html(protocol))
    tables = [attrs for tag, attrs in page.tags if tag == "table"]
    captions = [tag for tag, _ in page.tags if tag == "caption"]
    assert len(tables) == len(captions) == sum(len(section.tables) for section in sections(protocol))
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    assert ("html", {"lang": "en"}) in page.tags
    assert [tag for tag, _ in page.tags].count("h1") == 1


def test_the_flow_is_also_told_in_words(protocol):
    told = squeezed(" ".join(Page(protocol_html(protocol)).words))
    assert "The same in words" in told
    moves = {(one.epoch, one.go) for one in protocol.pathway.decisions if one.go != one.epoch}
    assert told.count("→ " + protocol.epochs[1].label.text) >= sum(go == protocol.epochs[1].name for _, go in moves)


def test_what_a_protocol_says_is_escaped():
    sharp = replace(find_protocol("hlh-94"), title="Fever < 38 & <script>alert(1)</script>")
    for text in (protocol_html(sharp), flow_diagram(sharp)):
        assert "<script" not in text
        assert "&lt;script&gt;" in text


# JSON ------------------------------------------------------------------------------------------------------------


def test_the_json_is_the_content_and_its_hash(protocol):
    data = json.loads(protocol_json(protocol))
    assert data.pop("hash") == protocol.hash
    assert data == json.loads(json.dumps(as_data(protocol)))


def test_the_measurements_say_how_they_are_recorded_and_what_reads_them():
    protocol = find_protocol("rux-hlh")
    data = json.loads(measurements_json(protocol))
    found = {one["name"]: one for one in data["measurements"]}
    assert data["hash"] == protocol.hash
    assert set(found) == set(protocol.measurements)
    ferritin = found["ferritin"]
    assert (ferritin["type"], ferritin["unit"], ferritin["held_in"]) == ("number", "ug/L", "findings")
    assert {"ferritin", "ferritin_2000_normal", "fever_back"} <= set(ferritin["used_by"])
    assert "hlh_2004" not in ferritin["used_by"]
    assert found["ebv_dna_blood"]["unit_required"]
    assert found["sex"]["codes"] == ["F", "M"]
    assert found["neutrophil_support"] | {"drugs": ["g_csf"], "within_days": 4} == found["neutrophil_support"]
    assert found["hlh_therapy_restarted"]["held_in"] == "events"
    assert found["weight"]["used_by"][-2:] == ["dose of ruxolitinib", "dose of methylprednisolone"]


# Differences -----------------------------------------------------------------------------------------------------


def revised(value, change):
    if isinstance(value, Node):
        return rewrite(value, change)
    if isinstance(value, tuple):
        return tuple(revised(item, change) for item in value)
    if is_dataclass(value):
        return replace(value, **{f.name: revised(getattr(value, f.name), change) for f in fields(value) if f.init})
    return value


def with_criterion(protocol, name, change):
    def inside(node):
        return change(node) if isinstance(node, Criterion) and node.name == name else node

    return revised(protocol, inside)


def test_nothing_differs(protocol):
    assert difference_text(protocol, protocol) == "Nothing differs."
    assert difference_text(protocol, json.loads(protocol_json(protocol))) == "Nothing differs."


def test_a_changed_threshold_is_told_once_under_its_rule():
    old = find_protocol("rux-hlh")
    new = with_criterion(old, "ebv_dna_high", lambda rule: rewrite(rule, _to_a_thousand))
    assert difference_text(old, new) == "rule ebv_dna_high: threshold 500 -> 1000"
    assert difference_text(as_data(old), as_data(new)) == "rule ebv_dna_high: threshold 500 -> 1000"


def _to_a_thousand(node):
    return Number(1000.0) if node == Number(500.0) else node


def test_a_rule_written_anew_is_told_in_words():
    old = find_protocol("rux-hlh")
    age = old.inclusion[0].rule
    new = with_criterion(old, "inclusion_4", lambda rule: replace(rule, rule=age))
    assert difference_text(old, new) == "rule inclusion_4: definition 'active HLH at enrollment' -> 'age ≤ 18 years'"


def test_a_rule_that_uses_another_named_rule_is_told_although_no_content_of_its_own_changed():
    old = find_protocol("rux-hlh")
    five = next(rule for rule in old.diagnosis.rule.rules if rule.name == "five_of_eight")
    new = with_criterion(old, "inclusion_3", lambda rule: replace(rule, rule=five))
    assert new.hash != old.hash
    assert difference_text(old, new) == (
        "rule inclusion_3: definition 'HLH-2004 diagnostic criteria' -> 'at least 5 of the 8 criteria'"
    )


def test_declarations_added_removed_and_changed():
    old = find_protocol("rux-hlh")
    decisions = old.pathway.decisions
    third = decisions.index(next(one for one in decisions if one.responses == ("PR",)))
    changed = replace(decisions[third], text="Something else")
    new = replace(
        old,
        version="2",
        exclusion=old.exclusion[1:],
        pathway=replace(old.pathway, decisions=(*decisions[:third], changed, *decisions[third + 1 :])),
        parameters=(replace(old.parameters[0], value=14.0),),
    )
    told = difference_text(old, new).splitlines()
    assert "protocol: version 1.0.0 -> 2" in told
    assert "rule exclusion_1: removed" in told
    assert "parameter improvement_deadline: value 7 -> 14" in told
    assert any(line.startswith("pathway at frontline, PR: text ") for line in told)
    assert "rule exclusion_1: added" in difference_text(new, old)


# The flow diagram ------------------------------------------------------------------------------------------------


def tangled():
    """Build a protocol with five epochs that skip, return and cross, and long words."""
    base = find_protocol("hlh-94")
    names = ("alpha", "beta", "gamma", "delta", "epsilon")
    label = "Incomprehensibilities of pseudopseudohypoparathyroidism treatment & more <of it>"
    epochs = tuple(
        Epoch(name=name, label=Label(f"{name} {label}"), visits=(Visit(0, base.epochs[0].visits[0].collects), Visit(7)))
        for name in names
    )
    a, b, c, d, e = epochs
    ways = {a: (b, c, e), b: (c, d, e), c: (d, e, a), d: (e, b, a), e: (e, a, b)}
    rest = tuple(response for response in RESPONSES if response not in ("CR", "NR", "relapse"))
    decisions = [
        at(epoch, when=when, action="go_there", go=to, text=f"Go from {epoch.name} to {to.name}, as was agreed")
        for epoch, targets in ways.items()
        for when, to in zip(("CR", "NR", "relapse"), targets, strict=True)
    ]
    decisions += [at(epoch, when=rest, action="stay") for epoch in epochs]
    return replace(base, name="tangled", pathway=Pathway(epochs, tuple(decisions)))


@pytest.fixture(params=[*NAMES, "tangled"])
def drawn(request):
    return tangled() if request.param == "tangled" else find_protocol(request.param)


def test_the_diagram_is_well_formed_and_described(drawn):
    root = ET.fromstring(flow_diagram(drawn))
    space = {"svg": "http://www.w3.org/2000/svg"}
    assert root.attrib["role"] == "img"
    assert drawn.title in root.find("svg:title", space).text
    described = root.find("svg:desc", space).text
    printed = squeezed(" ".join(text.text for text in root.iterfind("svg:text", space)))
    for epoch in drawn.epochs:
        assert epoch.label.text in described
        assert epoch.label.text.split()[0] in printed


def test_no_text_leaves_its_box_and_no_boxes_overlap(drawn):
    layout = flow_layout(drawn)
    for box in layout.boxes:
        assert box.x >= 0
        assert box.right <= layout.width
        assert box.bottom <= layout.height
        for line in box.lines:
            assert line.x + line.width <= box.right - PADDING + 0.01
            assert box.y + line.size * 0.8 <= line.y <= box.bottom - line.size * 0.25
        for one, other in zip(box.lines, box.lines[1:], strict=False):
            assert other.y - one.y >= max(one.size, other.size)
    for index, box in enumerate(layout.boxes):
        for other in layout.boxes[index + 1 :]:
            beside = box.right <= other.x or other.right <= box.x
            under = box.bottom <= other.y or other.bottom <= box.y
            assert beside or under


def test_no_arrow_runs_through_a_box_or_out_of_the_picture(drawn):
    layout = flow_layout(drawn)
    for arrow in layout.arrows:
        for (x1, y1), (x2, y2) in zip(arrow.points, arrow.points[1:], strict=False):
            assert x1 == x2 or y1 == y2
            assert min(x1, x2) >= 0
            assert max(x1, x2) <= layout.width
            assert max(y1, y2) <= layout.height
            for box in layout.boxes:
                across = min(x1, x2) < box.right - 0.5 and max(x1, x2) > box.x + 0.5
                down = min(y1, y2) < box.bottom - 0.5 and max(y1, y2) > box.y + 0.5
                assert not (across and down), (box.lines[0].text, arrow)


def test_the_reference_protocol_is_drawn_as_its_figure_1():
    printed = squeezed(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", flow_diagram(find_protocol("rux-hlh")))))
    for words in (
        "Eligible patients", "Ruxolitinib monotherapy (28 days)", "2.5 mg up to 10 kg; 5 mg above 10 up to 20 kg",
        "Day 3, 7, 14, 28", "Favorable response Complete response at day 28",
        "Unfavorable response No response from day 3",
        "Ruxolitinib with additional therapy (56 days)", "Salvage therapy or transplantation", "Follow-up",
    ):  # fmt: skip
        assert words in printed
