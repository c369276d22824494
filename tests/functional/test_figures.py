"""Every figure: drawn wide and for a telephone, of the reference study and of cohorts with little in them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from math import cos, radians, sin
from pathlib import Path
from xml.etree import ElementTree

import altair as alt
import polars as pl
import pytest

from branchpoint.analysis.courses import patient_courses
from branchpoint.analysis.figure_data.survival_groups import survival_groups
from branchpoint.analysis.outcomes import analyzed, outcome_table
from branchpoint.analysis.results import DAYS_PER_MONTH
from branchpoint.refused import Refused
from branchpoint.reporting.figures import FIGURES, figure
from branchpoint.reporting.figures.figure import COMPACT, WIDE, Figure
from branchpoint.reporting.figures.gallery import gallery
from branchpoint.reporting.figures.palette import RESPONSE_FILLS, ink_on, lightness
from branchpoint.reporting.figures.rendering import figure_svg, panel_svg, vega_lite
from branchpoint.reporting.lettering import text_width
from branchpoint.reporting.report_material import Material, gather
from tests.reconstructed import reconstructed
from tests.unit.synthetic_cohort import PROTOCOL, synthetic_decisions, synthetic_study

NAMES = [name for name, _ in FIGURES]
SVG = "{http://www.w3.org/2000/svg}"
# Fonts run a little narrower than the widths that the figures are set by.
SLACK = 3.0


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return gather(reconstructed(tmp_path_factory).folder, 1)


def synthetic(*names: str) -> Material:
    # With everybody's columns, also those of visits that these few did not have.
    decisions = synthetic_decisions().filter(pl.col("subject").is_in(names))
    study = synthetic_study(names)
    courses = patient_courses(study, decisions, PROTOCOL)
    return Material(
        study=study, protocol=PROTOCOL, claims=None, decisions=decisions, courses=courses,
        analyzed=analyzed(courses, PROTOCOL), results=outcome_table(study, courses, PROTOCOL), comparisons=(),
        data_hash="", seed=None,
    )  # fmt: skip


def words_of(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def placed_texts(
    element: ElementTree.Element, matrix: tuple[float, ...] = (1, 0, 0, 1, 0, 0), size: float = 11.0
) -> Iterator[tuple[str, float, float, float, float]]:
    """Every text with the box that it fills: left, top, right, bottom."""
    for kind, given in re.findall(r"(\w+)\(([^)]*)\)", element.get("transform", "")):
        values = [float(one) for one in re.split(r"[ ,]+", given.strip())]
        matrix = times(matrix, step(kind, values))
    size = float(re.sub("[^0-9.]", "", element.get("font-size", str(size))))
    if element.tag == f"{SVG}text":
        text = "".join(element.itertext())
        bold = element.get("font-weight") == "bold"
        width = text_width(text, size, bold=bold) / 1.06
        x, y = float(element.get("x", 0)), float(element.get("y", 0))
        left = x - width * {"middle": 0.5, "end": 1.0}.get(element.get("text-anchor", "start"), 0.0)
        corners = [
            apply(matrix, *one)
            for one in ((left, y - 0.75 * size), (left + width, y), (left, y), (left + width, y - 0.75 * size))
        ]
        yield (
            text,
            min(x for x, _ in corners),
            min(y for _, y in corners),
            max(x for x, _ in corners),
            max(y for _, y in corners),
        )
    for child in element:
        yield from placed_texts(child, matrix, size)


def step(kind: str, values: list[float]) -> tuple[float, ...]:
    if kind == "translate":
        return (1, 0, 0, 1, values[0], values[1] if len(values) > 1 else 0)
    if kind == "scale":
        return (values[0], 0, 0, values[-1], 0, 0)
    turn = radians(values[0])
    return (cos(turn), sin(turn), -sin(turn), cos(turn), 0, 0)


def times(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f)


def apply(matrix: tuple[float, ...], x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


@pytest.mark.parametrize("width", [WIDE, COMPACT])
@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_well_formed_and_nothing_leaves_it(material: Material, name: str, width: int) -> None:
    made = figure(name, material, width)
    assert made.id == name
    assert made.title
    assert made.caption.endswith(".")
    assert len(made.alt) > 20
    root = ElementTree.fromstring(figure_svg(made, width))
    _, _, right, bottom = (float(one) for one in root.get("viewBox", "").split())
    if name not in ("schema", "disposition"):
        assert right == width
    texts = list(placed_texts(root))
    assert len(texts) > 10
    for text, x1, y1, x2, y2 in texts:
        assert x1 >= -SLACK, text
        assert y1 >= -SLACK, text
        assert x2 <= right + SLACK, text
        assert y2 <= bottom + SLACK, text
    ids = re.findall(r'\bid="([^"]+)"', figure_svg(made, width))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_says_where_it_comes_from(material: Material, name: str) -> None:
    made = figure(name, material)
    said = " ".join(made.footnote)
    assert "Protocol rux-hlh 1.0.0" in said
    assert material.data_hash[:12] in said
    assert "Method: " in said
    assert "Not evaluable: " in said
    assert "Analysis set: " in said
    if name != "schema":
        assert said.startswith("Reconstructed from published aggregates")
        assert "52 of 54 enrolled" in said
    drawn = " ".join(words_of(figure_svg(made)))
    assert all(line.split()[0] in drawn for line in made.footnote)


@pytest.mark.parametrize("name", NAMES)
def test_specifications_are_valid_vega_lite(material: Material, name: str) -> None:
    for spec in vega_lite(figure(name, material)):
        alt.Chart.from_dict(spec)


def test_texts_do_not_overlap(material: Material) -> None:
    for name in NAMES:
        for width in (WIDE, COMPACT):
            root = ElementTree.fromstring(figure_svg(figure(name, material, width), width))
            # Words are written twice where they have a halo.
            boxes = sorted({(text, *(round(one) for one in box)) for text, *box in placed_texts(root) if text.strip()})
            for place, (text, *one) in enumerate(boxes):
                for other_text, *other in boxes[place + 1 :]:
                    across = min(one[2], other[2]) - max(one[0], other[0])
                    down = min(one[3], other[3]) - max(one[1], other[1])
                    assert across <= 1 or down <= 1, (name, width, text, other_text)


def test_risk_tables_equal_counts_by_hand_and_stand_under_their_ticks(material: Material) -> None:
    made = figure("os", material)
    _, by_response, _ = survival_groups(material.analyzed, PROTOCOL)
    svg = panel_svg(made.panels[1])
    texts = [(text, (x1 + x2) / 2, y1) for text, x1, y1, x2, _ in placed_texts(ElementTree.fromstring(svg))]
    ticks = {float(text): x for text, x, y in texts if text in ("0", "3", "6", "9", "12", "15", "18") and 210 < y < 240}
    assert sorted(ticks) == [0, 3, 6, 9, 12, 15, 18]
    names = {label: next(y for text, _, y in texts if text.startswith(f"{label}:")) for label in by_response}
    for label, rows in by_response.items():
        for month, at in ticks.items():
            by_hand = sum(day >= month * DAYS_PER_MONTH for day in rows["time"])
            below = [text for text, x, y in texts if abs(x - at) < 2 and names[label] + 10 < y < names[label] + 40]
            assert below == [str(by_hand)], (label, month)


@pytest.mark.parametrize(
    "names",
    [
        ("CR", "NR", "PD", "died", "moved", "new", "excluded"),
        ("CR",),
        ("NR",),
        ("new",),
        ("CR", "NR", "moved"),
    ],
)
@pytest.mark.parametrize("width", [WIDE, COMPACT])
def test_little_data_is_said_and_never_a_traceback(names: tuple[str, ...], width: int) -> None:
    few = synthetic(*names)
    for name in NAMES:
        svg = figure_svg(figure(name, few, width), width)
        ElementTree.fromstring(svg)
        assert "nan" not in " ".join(words_of(svg)).split()
        assert "NaN" not in svg
        if name != "schema":
            assert "Synthetic patients" in svg
    # Nobody died in any of them but the first, or was followed long enough.
    if "died" not in names:
        assert "not estimable" in " ".join(words_of(figure_svg(figure("os", few, width), width)))


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_analysis_set_is_said(name: str) -> None:
    one = synthetic("CR")
    made = figure(name, replace(one, analyzed=one.analyzed.clear()))
    ElementTree.fromstring(figure_svg(made))
    if name not in ("schema", "disposition"):
        assert "0 of 1 enrolled" in " ".join(made.footnote)


def test_an_empty_group_is_named_and_not_estimable(material: Material) -> None:
    untreated = material.analyzed.filter(prior_corticosteroid=False)
    made = figure("response_by_group", replace(material, analyzed=untreated))
    assert "Prior corticosteroid, n = 0" in words_of(figure_svg(made))
    assert "not estimable: nobody in this group" in words_of(figure_svg(made))
    assert "P not estimable" in " ".join(made.footnote)
    assert "nobody, not estimable" in figure("efs_frontline", replace(material, analyzed=untreated)).alt


def test_who_is_not_evaluable_is_told_with_the_reason(material: Material) -> None:
    forgotten = material.analyzed.with_columns(
        etiology=pl.when(pl.int_range(pl.len()) >= 3).then("etiology"),
    )
    made = figure("os", replace(material, analyzed=forgotten))
    assert "Not evaluable: 3, etiology not evaluable, not in C." in made.footnote


def test_neighbors_in_a_stack_differ_without_color() -> None:
    stacked = [RESPONSE_FILLS[name] for name in ("CR", "PR", "improvement", "NR", "PD")]
    # Any of the first four may stand beside any other.
    for one, other in [*combinations(stacked[:4], 2), *pairwise(stacked)]:
        darker, lighter = sorted((lightness(one), lightness(other)))
        assert (lighter + 0.05) / (darker + 0.05) > 1.5
    for fill in RESPONSE_FILLS.values():
        darker, lighter = sorted((lightness(fill), lightness(ink_on(fill))))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_an_unknown_figure_is_refused(material: Material) -> None:
    with pytest.raises(Refused, match="choose from schema, disposition"):
        figure("pie", material)


def test_the_gallery_stands_alone(material: Material) -> None:
    page = gallery(material)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert "<script" not in page
    for name in NAMES:
        assert f'<figure id="{name}">' in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_figure_is_a_value(material: Material) -> None:
    made = figure("sankey", material)
    assert isinstance(made, Figure)
    assert figure_svg(made) == figure_svg(figure("sankey", material))
    assert str(Path.cwd()) not in figure_svg(made)
