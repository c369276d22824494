"""The table model: what it refuses, what it groups, and that its renderings escape what they print."""

from __future__ import annotations

import pytest

from branchpoint.reporting.documents.common import Footnotes
from branchpoint.reporting.documents.html import table_html
from branchpoint.reporting.documents.table import Cell, Column, Published, Table, heading, letter, row
from branchpoint.reporting.documents.typst_source import literal, table_typst

COLUMNS = (Column("Outcome"), Column("Any", "right", "Treated"), Column("Severe", "right", "Treated"))


def table(*rows: object, footnotes: tuple[str, ...] = (), **more: object) -> Table:
    return Table(id="table-1", title="A title", columns=COLUMNS, rows=rows, footnotes=footnotes, **more)  # type: ignore[arg-type]


def test_footnotes_are_lettered_like_columns_of_a_sheet() -> None:
    assert [letter(number) for number in (1, 2, 26, 27, 52, 53)] == ["a", "b", "z", "aa", "az", "ba"]


def test_the_same_footnote_is_told_once() -> None:
    notes = Footnotes()
    assert notes("exact test", "") == (1,)
    assert notes("log-rank test", "exact test") == (1, 2)
    assert notes.texts == ("Exact test", "Log-rank test")


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        ((row("CR", "1"),), r"row 1: found 2 cells, expected 3"),
        ((heading("Part"), row("CR", "1", "2", "3")), r"row 2: found 4 cells, expected 3"),
        ((row(Cell("CR", (2,)), "1", "2"),), r"row 1: no footnote 2, it has 1"),
        ((row(Cell("CR", (0,)), "1", "2"),), r"row 1: no footnote 0, it has 1"),
    ],
)
def test_what_does_not_fit_is_refused(rows: tuple[object, ...], refused: str) -> None:
    with pytest.raises(ValueError, match=refused):
        table(*rows, footnotes=("count",))


def test_a_table_has_a_plain_id_and_columns() -> None:
    for name in ("", "Table 1", "3", 'x" onclick="'):
        with pytest.raises(ValueError, match="expected an id"):
            Table(id=name, title="A title", columns=COLUMNS, rows=())
    with pytest.raises(ValueError, match="no columns"):
        Table(id="x", title="A title", columns=(), rows=())


def test_neighbors_share_a_heading() -> None:
    assert [(span.title, len(span.columns)) for span in table().spans] == [("", 1), ("Treated", 2)]
    assert Table(id="x", title="", columns=(Column("One"),), rows=()).spans == ()


def test_rows_belong_to_the_heading_before_them() -> None:
    found = table(row("0", "", ""), heading("A"), row("1", "", ""), heading("B")).groups
    names = [(head.cells[0].text if head else None, [one.cells[0].text for one in rows]) for head, rows in found]
    assert names == [(None, ["0"]), ("A", ["1"]), ("B", [])]


def test_published_values_carry_their_sign() -> None:
    values = (Published("1", agrees=True), Published("2", agrees=False, number=7), Published("3"))
    assert [one.words for one in values] == ["= 1", "≠ 2", "published 3"]
    assert Cell("1", published=values).differs
    assert not Cell("1", published=values[::2]).differs


def test_control_characters_become_spaces() -> None:
    made = table(row("a\x00b\x0bc", "\x1b[1m", "x\ny"))
    assert list(made.texts())[5:8] == ["a b c", " [1m", "x y"]


def test_what_data_hold_is_never_markup() -> None:
    evil = '<script>alert("x")</script> #pagebreak() \\" $x$'
    made = table(heading(evil), row(evil, evil, Cell(evil, (1,), (Published(evil),))), footnotes=(evil,), notes=(evil,))
    page, source = str(table_html(made)), table_typst(made)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 7
    assert source.count(literal(evil)) == 6
    # Outside of its strings the source has none of it.
    bare = source.replace(literal(evil), "").replace(literal(f"published {evil}"), "").replace(literal(f"≠ {evil}"), "")
    assert "pagebreak" not in bare


def test_a_string_of_typst_ends_where_it_should() -> None:
    assert literal('a"b\\') == '"a\\"b\\\\"'


def test_a_folded_table_opens_on_demand() -> None:
    made = table(row("CR", "1", "2"), label="Table 9")
    assert "<summary>Table 9. A title</summary>" in table_html(made, folded=True)
    assert "<details" not in table_html(made)
    assert made.caption == "Table 9. A title"
