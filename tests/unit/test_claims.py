"""A claims file is read whole, and a broken one is refused with everything that is wrong with it."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from branchpoint.publication.claims import (
    ClaimsError,
    Count,
    Date,
    Median,
    PValue,
    claimed,
    count_of,
    printed_like,
    printed_range,
)
from branchpoint.publication.claims.reading import read_claims

STUDY = Path(__file__).parents[2] / "studies" / "chictr2000031702" / "claims.toml"

HEAD = """\
schema = 2
[study]
registry = "X"
citation = "Y"
[[population]]
id = "all"
label = "All"
size = 52
"""
COUNT = """\
[[claim]]
id = "cr"
place = "Table 4"
kind = "count"
quantity = "CR"
population = "all"
count = "22"
of = "52"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "claims.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> tuple[str, ...]:
    path = write(folder, text)
    with pytest.raises(ClaimsError) as error:
        read_claims(path)
    assert str(path) in str(error.value)
    return error.value.problems


def test_the_study_is_read() -> None:
    claims = read_claims(STUDY)
    assert claims.registry == "ChiCTR2000031702"
    assert claimed(claims, "frontline.cr.all", Count) == Count(22, 52, Decimal("42.3"))
    assert claimed(claims, "baseline.age.naive", Median) == Median(Decimal("4.45"), Decimal("0.7"), Decimal("14.2"))
    assert claimed(claims, "date.cutoff", Date).date == date(2021, 10, 1)
    assert claimed(claims, "os.etiology.p", PValue) == PValue(Decimal(".001"), below=True)
    assert str(claimed(claims, "baseline.ferritin.all", Median).median) == "8.0", "the printed precision is kept"


def test_whatever_is_not_followed_says_why() -> None:
    claims = read_claims(STUDY).claims.values()
    assert all(claim.conflict for claim in claims if not claim.used or claim.set_aside)
    assert sum(not claim.used for claim in claims) >= 5


def test_lines_are_those_of_the_file() -> None:
    lines = STUDY.read_text(encoding="utf-8").splitlines()
    for claim in read_claims(STUDY).claims.values():
        assert claim.line is not None
        assert lines[claim.line - 1 : claim.line + 1] == ["[[claim]]", f'id = "{claim.id}"']


def test_percentages_become_counts() -> None:
    claims = read_claims(STUDY)
    assert count_of(claims, "feature.splenomegaly.naive") == 27
    with pytest.raises(ClaimsError, match=r"feature\.rash\.naive.*'percent': found 35\.5, .*one count of 34"):
        count_of(claims, "feature.rash.naive")


def test_a_claim_is_asked_for_by_id_and_kind() -> None:
    claims = read_claims(STUDY)
    with pytest.raises(ClaimsError, match="'no such' is needed"):
        claimed(claims, "no such", Count)
    with pytest.raises(ClaimsError, match="found a Count, expected a Median"):
        claimed(claims, "frontline.cr.all", Median)


@pytest.mark.parametrize(
    ("old", "new", "field", "expected"),
    [
        ('count = "22"', 'count = "22.5"', "count", "whole number"),
        ('count = "22"', 'count = "-1"', "count", "whole number"),
        ('count = "22"', "count = 22", "count", "quotation marks"),
        ('count = "22"\n', "", "count", "needs it"),
        ('of = "52"', 'of = "20"', "of", "at least the count"),
        ('of = "52"', 'percent = "142"', "percent", "0 to 100"),
        ('of = "52"', 'percent = "NaN"', "percent", "finite"),
        ('of = "52"', 'percent = "4x"', "percent", "decimal"),
        ('of = "52"', 'median = "5"', "median", "no such field in a count"),
        ('kind = "count"', 'kind = "tally"', "kind", "one of count, percentage"),
        ('population = "all"', 'population = "some"', "population", "one of all"),
        ('place = "Table 4"', 'place = ""', "place", "text"),
        ('of = "52"', "used = false", "conflict", "reason"),
        ('of = "52"', 'used = "no"', "used", "true or false"),
        ('of = "52"', 'set_aside = ["low"]\nconflict = "so"', "set_aside", "fields of the value"),
    ],
)
def test_a_broken_claim_is_refused(tmp_path: Path, old: str, new: str, field: str, expected: str) -> None:
    assert old in COUNT
    problems = refused(tmp_path, HEAD + COUNT.replace(old, new))
    assert len(problems) == 1
    assert problems[0].startswith(f"claim 'cr' (line 9), field {field!r}: found ")
    assert expected in problems[0]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    twice = COUNT.replace('count = "22"', 'count = "many"')
    problems = refused(tmp_path, HEAD + COUNT + twice + COUNT.replace('id = "cr"\n', ""))
    assert [problem.split(":")[0] for problem in problems] == [
        "claim 'cr' (line 17), field 'id'",
        "claim 'cr' (line 17), field 'count'",
        "claim number 3 (line 25), field 'id'",
    ]


def test_a_range_holds_its_median(tmp_path: Path) -> None:
    broken = COUNT.replace('"count"', '"median"').replace(
        'count = "22"\nof = "52"', 'median = "3"\nlow = "4"\nhigh = "2"'
    )
    problems = refused(tmp_path, HEAD + broken)
    assert ["'low'" in problems[0], "'high'" in problems[1]] == [True, True]


def test_a_range_is_asked_for_only_where_printed(tmp_path: Path) -> None:
    median = COUNT.replace('"count"', '"median"').replace('count = "22"\nof = "52"', 'median = "3"\nlow = "2"')
    claims = read_claims(write(tmp_path, HEAD + median))
    with pytest.raises(ClaimsError, match=r"'cr' \(line 9\), field 'high': found nothing"):
        printed_range(claims, "cr")


def test_a_date_is_an_iso_date(tmp_path: Path) -> None:
    broken = COUNT.replace('"count"', '"date"').replace('count = "22"\nof = "52"', 'date = "7 April 2020"')
    assert "ISO date" in refused(tmp_path, HEAD + broken)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("schema = [", "is no TOML"),
        (HEAD.replace("schema = 2", "schema = 9") + COUNT, "'schema': found 9, expected 1"),
        (HEAD.replace('registry = "X"\n', "") + COUNT, "'registry': found None"),
        (HEAD, "[[claim]]"),
        ("claims = 3\n" + HEAD + COUNT, "'claims': no such table"),
        (HEAD.replace("size = 52", 'size = "52"') + COUNT, "'size': found '52'"),
        (HEAD.replace("size = 52", "size = 52\nn = 3") + COUNT, "['n']"),
    ],
)
def test_a_broken_document_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    assert any(expected in problem for problem in refused(tmp_path, text))


def test_numbers_are_compared_as_printed() -> None:
    assert printed_like(Decimal(100 * 22) / 52, Decimal("42.3"))
    assert printed_like(0.25, Decimal("0.3")), "halves are rounded up, as printed tables do"
    assert not printed_like(44.0, Decimal("44.1"))
    assert printed_like(21.4, Decimal("21"))
