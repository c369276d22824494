"""The door: what a finding becomes, and that one patient's findings and a table's go through the same one."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchpoint.language import Coded, Numeric, Scale, YesNo
from branchpoint.records.checks import spans_of
from branchpoint.records.door import Conversion, Given, Route, admit, find_route, number_in
from branchpoint.records.findings_table import admit_findings
from branchpoint.records.patient import MISSING_REASONS, Finding
from branchpoint.records.problems import Refusal
from branchpoint.records.schemas import SCHEMAS
from branchpoint.records.vocabulary import Vocabulary

TESTS = {
    measurement.name: measurement
    for measurement in (
        Numeric(name="temperature", label="", scales=(Scale("Cel", (30, 45)),)),
        Numeric(name="hemoglobin", label="", scales=(Scale("g/L", (10, 260)),), equivalents=(("mmol/L", 16.11),)),
        Numeric(name="ferritin", label="", scales=(Scale("ug/L", (0, 1e6), upper_limit=500),)),
        Numeric(name="nk", label="", scales=(Scale("%", (0, 100), upper_limit=40, lower_limit=15),)),
        Numeric(name="cd25", label="", scales=(Scale("pg/mL", (0, 1e7), 6400), Scale("U/mL", (0, 1e6), 2400))),
        Numeric(name="ebv", label="", scales=(Scale("{copies}/mL", (0, 1e12)),), unit_required=True),
        Numeric(name="onset", label="", scales=(Scale("d", (0, 9999)),), current_for=None),
        YesNo(name="spleen", label=""),
        Coded(name="avidity", label="", codes=("low", "high")),
    )
}


def one(test: str, value: object = None, unit: object = None, **more: object) -> Finding:
    finding, refusals = admit(TESTS, Given(test, value, unit, **more), day=3)
    assert refusals == ()
    assert finding is not None
    return finding


def refused(test: object, value: object = None, unit: object = None, *, text: bool = False, **more: object) -> Refusal:
    finding, refusals = admit(TESTS, Given(test, value, unit, **more), day=3, text=text)
    assert finding is None
    assert len(refusals) == 1
    return refusals[0]


@pytest.mark.parametrize(
    ("test", "value", "unit", "kept", "scale"),
    [
        ("temperature", 38.5, "Cel", 38.5, "Cel"),
        ("temperature", 38.5, "°C", 38.5, "Cel"),
        ("temperature", 101.3, "[degF]", 38.5, "Cel"),  # exactly at the threshold of fever
        ("hemoglobin", 9, "g/dL", 90.0, "g/L"),
        ("hemoglobin", 8.95, "g/dL", 89.5, "g/L"),
        ("hemoglobin", 0.029, "kg/L", 29.0, "g/L"),
        ("hemoglobin", 5, "mmol/L", 80.55, "g/L"),
        ("ferritin", 500, "ng/mL", 500.0, "ug/L"),
        ("cd25", 2.4, "kU/L", 2.4, "U/mL"),
        ("cd25", 9.4, "ng/mL", 9400.0, "pg/mL"),
        ("ebv", 500_000, "copies/L", 500.0, "{copies}/mL"),
        ("onset", 2, "wk", 14.0, "d"),
    ],
)
def test_numbers_are_kept_in_the_unit_of_their_scale(
    test: str, value: float, unit: str, kept: float, scale: str
) -> None:
    finding = one(test, value, unit)
    assert (finding.value, finding.unit) == (kept, scale)
    assert finding.given == f"{value} {unit}"


def test_no_unit_is_the_unit_of_the_test() -> None:
    assert one("temperature", 39)[2:4] == (39.0, "Cel")
    assert one("temperature", 39).given == "39"


@pytest.mark.parametrize(("test", "units"), [("ebv", "{copies}/mL"), ("cd25", "pg/mL or U/mL")])
def test_unless_it_must_be_given(test: str, units: str) -> None:
    assert refused(test, 100) == Refusal("unit", "nothing", f"a unit: {units}")
    assert one(test, missing="pending").missing == "pending"


def test_scales_that_do_not_convert_stay_apart() -> None:
    assert one("cd25", 2400, "pg/mL")[2:6] == (2400.0, "pg/mL", None, 6400.0)
    assert one("cd25", 2400, "U/mL")[2:6] == (2400.0, "U/mL", None, 2400.0)
    expected = "pg/mL or U/mL, or a unit that converts to one of them"
    assert refused("cd25", 1, "nmol/L") == Refusal("unit", "nmol/L", expected)


def test_copies_are_not_cells() -> None:
    assert refused("ebv", 1, "/mL").column == "unit"
    assert refused("ebv", 1, "[IU]/mL").column == "unit"


def test_limits_are_converted_with_the_value() -> None:
    assert one("hemoglobin", 9, "g/dL", lower_limit=11, upper_limit=14.5)[4:6] == (110.0, 145.0)


@pytest.mark.parametrize(
    ("lower", "upper", "kept"),
    [
        (None, None, (15.0, 40.0)),
        (10, None, (10.0, 40.0)),
        (None, 30, (15.0, 30.0)),
        (None, 12, (None, 12.0)),  # the default lower limit would contradict it
        (50, None, (50.0, None)),
    ],
)
def test_a_limit_that_is_not_brought_is_the_default(
    lower: float | None, upper: float | None, kept: tuple[float | None, float | None]
) -> None:
    assert one("nk", 12, lower_limit=lower, upper_limit=upper)[4:6] == kept


def test_a_missing_finding_has_neither_value_nor_limits() -> None:
    assert one("nk", missing="not_done") == Finding(3, "nk", None, missing="not_done")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "38", True, [38], 10**400])
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    assert refused("temperature", value)[::2] == ("value", "a number")


@pytest.mark.parametrize("text", ["38,5", "1_0", "0x10", "nan", "inf", "٣٨", "38 Cel", "--1", "1e999"])
def test_text_that_is_no_number(text: str) -> None:
    assert number_in(text, text=True) is None


@pytest.mark.parametrize(("text", "number"), [("38.5", 38.5), ("+5", 5), (".5", 0.5), ("5.", 5), ("1e3", 1000)])
def test_text_that_is_a_number(text: str, number: float) -> None:
    assert number_in(text, text=True) == number


@pytest.mark.parametrize("word", ["true", "Yes", "1", "TRUE"])
def test_words_for_yes(word: str) -> None:
    assert admit(TESTS, Given("spleen", word), 0, text=True)[0] == Finding(0, "spleen", True, given=word)


@pytest.mark.parametrize("word", ["false", "No", "0"])
def test_words_for_no(word: str) -> None:
    assert admit(TESTS, Given("spleen", word), 0, text=True)[0] == Finding(0, "spleen", False, given=word)


def test_answers_are_of_their_kind() -> None:
    assert refused("spleen", "yes").expected == "true or false"
    assert refused("spleen", "large", text=True).expected == "yes or no (true, yes, 1 or false, no, 0)"
    assert refused("avidity", "strong").expected == "one of low, high"
    assert refused("avidity", 1).expected == "one of low, high"


def test_the_plausible_range_includes_its_ends() -> None:
    assert one("temperature", 45).value == 45.0
    assert refused("temperature", 45.01).expected == "30 to 45 Cel"


def test_a_test_that_is_not_known() -> None:
    assert refused("temprature", 38) == Refusal(
        "test", "temprature", "a test of the protocol; did you mean temperature?"
    )
    assert refused(None, 38) == Refusal("test", "nothing", "the name of a test")


def test_everything_that_speaks_against_a_finding_is_said() -> None:
    bad = Given("temperature", "x", None, lower_limit="y", missing="z")
    assert [refusal.column for refusal in admit(TESTS, bad, 0)[1]] == ["missing", "value", "lower_limit"]


def test_a_route_is_found_once_a_test_and_unit() -> None:
    route = find_route(TESTS, "hemoglobin", "g/dL")
    assert isinstance(route, Route)
    assert route is find_route(TESTS, "hemoglobin", " g/dL ")
    assert route.conversion == Conversion(times=10.0)


# One patient's findings and a table's.

VALUES = ["", "38.5", "101.3", "9.1", "0.29", "500000", "-1", "nan", "x", "<1", "yes", "No", "true", "0", "high", "mid"]
UNITS = ["", "Cel", "[degF]", "K", "g/dL", "g/L", "mmol/L", "pg/mL", "ng/mL", "U/mL", "%", "copies/L", "d", "kg", "?"]
findings = st.tuples(
    st.sampled_from([*TESTS, "unknown"]),
    st.sampled_from(VALUES) | st.floats(-1, 2000).map(lambda number: f"{number:.4g}"),
    st.sampled_from(UNITS),
    st.sampled_from(["", "", "", "10", "30", "y"]),
    st.sampled_from(["", "", "", "20", "40", "inf"]),
    st.sampled_from(["", "", "", *MISSING_REASONS, "later"]),
)
NAMES = Vocabulary(TESTS, (), (), (), (), None)
SUBJECTS = SCHEMAS["subjects"].create_empty()


@settings(max_examples=60, deadline=None)
@given(st.lists(findings, min_size=1, max_size=25))
def test_a_table_says_what_single_findings_say(rows: list[tuple[str, ...]]) -> None:
    columns = ("test", "value", "unit", "lower_limit", "upper_limit", "missing")
    cells = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    cells = cells.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep()).with_columns(
        row=pl.int_range(pl.len(), dtype=pl.UInt32),
        subject=pl.lit("A"),
        day=pl.int_range(pl.len(), dtype=pl.Int32),
        date=pl.lit(None, pl.Date),
        number=pl.lit(None, pl.Float64),
        truth=pl.lit(None, pl.Boolean),
        code=pl.lit(None, pl.String),
        given=pl.lit(None, pl.String),
        _unread=pl.lit(False),
    )
    table, problems = admit_findings(cells, NAMES, "findings.csv", spans_of(SUBJECTS, None), None)
    expected, refusals = {}, []
    for day, row in enumerate(rows):
        finding, refused = admit(TESTS, Given(*row), day, text=True)
        refusals += [("findings.csv", day, *refusal) for refusal in refused]
        if finding is not None:
            expected[day] = finding
    assert [tuple(problem) for problem in problems] == refusals
    assert table["day"].to_list() == list(expected)
    for row in table.iter_rows(named=True):
        finding = expected[row["day"]]
        kept = [row[name] for name in ("number", "truth", "code") if row[name] is not None]
        assert kept == ([] if finding.value is None else [finding.value])
        assert (row["unit"] or "", row["missing"] or "") == (finding.unit, finding.missing)
        assert (row["lower_limit"], row["upper_limit"]) == (finding.lower_limit, finding.upper_limit)
        assert row["given"] is None or row["given"] == finding.given
