"""What a broken grading is refused for: where the fault is, what it is, and how to mend it."""

import pytest

from branchpoint.language import Numeric, ProtocolError, Scale, above, below, between, up_to
from branchpoint.language.choices import Band
from branchpoint.language.grading import (
    AdverseEventGroup,
    ClinicalTerm,
    GradingTable,
    check_gradings,
    check_groups,
    grade_of,
    grading_rule,
)
from branchpoint.language.grading_files import read_gradings, read_groups

INF = float("inf")
ONE_AND_MORE = Band(1, INF, includes_low=True, includes_high=False)


def table(**changed):
    given = {
        "name": "alt_rise",
        "term": "ALT increased",
        "measurement": "alt",
        "basis": "upper_limit",
        "direction": "high",
        "bands": ((0, up_to(1)), (1, between(1, 3)), (2, above(3))),
        "cite": "CTCAE v5.0",
    }
    return GradingTable(**{**given, **changed})


def group(**changed):
    given = {
        "name": "liver",
        "label": "Liver",
        "section": "nonhematologic",
        "cite": "x",
        "gradings": ("ALT increased",),
    }
    return AdverseEventGroup(**{**given, **changed})


def refusal(make):
    with pytest.raises(ProtocolError) as caught:
        make()
    error = caught.value
    assert error.where
    assert error.what
    assert error.mend
    return error


@pytest.mark.parametrize(
    ("changed", "what", "mend"),
    [
        ({"bands": ()}, "no bands", "a band for each grade"),
        ({"bands": ((0, up_to(1)), (1, above(2)))}, "gap between", "meet"),
        ({"bands": ((0, up_to(2)), (1, above(1)))}, "overlap", "meet"),
        ({"bands": ((0, below(1)), (1, above(1)))}, "gap between", "including the bound"),
        ({"bands": ((0, up_to(1)), (1, between(1, 3)))}, "fall in no band", "end with above"),
        ({"bands": ((1, up_to(1)), (2, above(1)))}, "lowest values have grade 1", "lowest band grade 0"),
        ({"bands": ((0, up_to(1)), (2, between(1, 3)), (1, above(3)))}, "do not get worse toward high", "ascending"),
        ({"bands": ((0, up_to(1)), (1, between(1, 3)), (1, above(3)))}, "do not get worse", "each grade once"),
        ({"bands": ((0, up_to(1)), (5, above(1)))}, "worst grade is 5", "1, 2, 3 or 4"),
        ({"bands": ((0, Band(-INF, INF, includes_low=False, includes_high=False)),)}, "worst grade is 0", "up to 1"),
        (
            {"basis": "lower_limit", "direction": "low"},
            "highest values have grade 2",
            "highest band grade 0",
        ),
        ({"basis": "absolute"}, "no unit", "UCUM"),
        ({"unit": "U/L"}, "a multiple has no unit, yet 'U/L'", "Leave the unit out"),
        ({"basis": "lower_limit"}, "worse when high, but are graded by the lower_limit", "high values by upper_limit"),
        ({"remarks": ((6, "x"),)}, "grades [6]", "1 to 5"),
        ({"remarks": ((3, "x"), (2, "y"))}, "grades [3, 2]", "in order"),
    ],
)
def test_a_table_that_does_not_grade_every_value_once_is_refused(changed, what, mend):
    error = refusal(lambda: table(**changed))
    assert error.where == "grading 'alt_rise' of 'ALT increased'"
    assert what in error.what
    assert mend in error.mend


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"basis": "median"}, "basis"),
        ({"direction": "up"}, "direction"),
        ({"applies": "sometimes"}, "applies"),
    ],
)
def test_a_word_that_is_not_in_the_language_is_refused(changed, where):
    error = refusal(lambda: table(**changed))
    assert error.where.endswith(where)
    assert repr(next(iter(changed.values()))) in error.what
    assert error.mend.startswith("Use ")


def test_a_name_that_is_no_snake_case_is_refused():
    assert "snake case" in refusal(lambda: table(name="ALT-rise")).what
    assert "snake case" in refusal(lambda: group(name="Liver damage")).what


NORMAL = {"name": "alt_normal", "applies": "baseline_normal"}
ABNORMAL = {"name": "alt_abnormal", "applies": "baseline_abnormal", "basis": "baseline"}
FALL = {"name": "alt_by_baseline", "basis": "baseline"}


@pytest.mark.parametrize(
    ("tables", "where", "what", "mend"),
    [
        ([{}, {}], "grading 'alt_rise'", "has this name", "Rename"),
        ([NORMAL], "term 'ALT increased'", "no table applies to baseline_abnormal", "both kinds"),
        ([ABNORMAL], "term 'ALT increased'", "no table applies to baseline_normal", "both kinds"),
        ([NORMAL, ABNORMAL, {**ABNORMAL, "name": "b"}], "term 'ALT increased'", "two tables", "one for each"),
        ([{"applies": "symptoms"}], "term 'ALT increased'", "nobody is graded outside symptoms", "always"),
        ([{}, FALL], "grading 'alt_by_baseline'", "can both apply", "Give 'alt_rise', and the worst"),
        ([{}, {**FALL, "alternative_to": "ast"}], "grading 'alt_by_baseline'", "alternative_to is 'ast'", "'alt_rise'"),
        ([{"alternative_to": "alt_rise"}], "grading 'alt_rise'", "stands alone", "Leave it out"),
        (
            [NORMAL, {**ABNORMAL, "alternative_to": "alt_normal"}],
            "grading 'alt_abnormal'",
            "stands alone",
            "Leave it out",
        ),
        (
            [{}, {**FALL, "alternative_to": "alt_rise", "measurement": "ast"}],
            "term 'ALT increased'",
            "differ in measurement: alt, ast",
            "one measurement",
        ),
        (
            [{}, {**FALL, "direction": "low", "bands": ((1, below(1)), (0, ONE_AND_MORE))}],
            "term 'ALT increased'",
            "differ in direction: high, low",
            "one direction",
        ),
    ],
)
def test_tables_that_do_not_give_every_patient_one_grade_are_refused(tables, where, what, mend):
    error = refusal(lambda: check_gradings([table(**changed) for changed in tables]))
    assert error.where.startswith(where)
    assert what in error.what
    assert mend in error.mend


ALT = Numeric(name="alt", label="ALT", scales=(Scale("U/L", (0, 30000)),))
AST = Numeric(name="ast", label="AST", scales=(Scale("U/L", (0, 30000)),))


def test_a_rule_is_refused_where_table_measurement_and_protocol_do_not_fit():
    assert "grades 'alt', not 'ast'" in refusal(lambda: grading_rule(table(), AST)).what
    assert "does not fit" in refusal(lambda: grading_rule(table(basis="absolute", unit="g/L"), ALT)).what
    assert "are []" in refusal(lambda: grade_of([table()], AST)).what
    assert "['ALT increased', 'Other']" in refusal(lambda: grade_of([table(), table(name="b", term="Other")], ALT)).what
    by_symptoms = table(name="b", applies="symptoms", alternative_to="alt_rise")
    error = refusal(lambda: grade_of([table(), by_symptoms], ALT))
    assert "symptoms, which the protocol does not define" in error.what
    assert "circumstances=" in error.mend


def test_a_group_that_cannot_be_graded_is_refused():
    assert "repeat or are absent" in refusal(lambda: group(gradings=())).what
    assert "repeat or are absent" in refusal(lambda: group(gradings=("A", "A"))).what
    assert refusal(lambda: group(section="other")).where == "adverse event 'liver', section"
    assert "has this name" in refusal(lambda: check_groups([group(), group()], [table()])).what
    assert "'ALT increased' has no table" in refusal(lambda: check_groups([group()], [])).what


def test_a_clinical_term_says_what_it_grades_and_why_it_is_not_verified():
    assert "no grade" in refusal(lambda: ClinicalTerm(term="Rash", grades=(), verified=True)).what
    assert "why" in refusal(lambda: ClinicalTerm(term="Rash", grades=((1, "mild"),), verified=False)).what
    assert ClinicalTerm(term="Rash", grades=((1, "mild"),), verified=False, remark="From memory").remark


TOML = """
cite = "CTCAE v5.0"
[[grading]]
name = "alt_rise"
term = "ALT increased"
measurement = "alt"
basis = "upper_limit"
direction = "high"
bands = [{ grade = 0, up_to = 1 }, { grade = 1, above = 1 }]
"""
GROUPS = """
cite = "Table 5"
[[adverse_event]]
name = "liver"
label = "Liver"
section = "nonhematologic"
gradings = ["ALT increased"]
[[adverse_event.terms]]
term = "Hepatic failure"
verified = true
grades = { 3 = "mild", 4 = "severe" }
"""
ALT_RISE = "g.toml, grading 1 alt_rise ALT increased"


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "mend"),
    [
        ("cite =", "cite", "g.toml", "not TOML", "syntax"),
        ("cite =", "source =", "g.toml, field 'source'", "not known", "cite and [[grading]]"),
        ("[[grading]]", "[[table]]", "g.toml, grading", "nothing found, a list expected", "a list"),
        ("basis", "base", f"{ALT_RISE}, field 'base'", "not known", "basis"),
        ('basis = "upper_limit"', "", f"{ALT_RISE}, field 'basis'", "nothing found, text expected", "text"),
        ('"alt"', "7", f"{ALT_RISE}, field 'measurement'", "7 found, text expected", "text"),
        ('"alt"', '""', f"{ALT_RISE}, field 'measurement'", "'' found, text expected", "not empty"),
        (
            '"upper_limit"',
            '"limit"',
            "g.toml, grading 'alt_rise' of 'ALT increased', basis",
            "'limit' found",
            "absolute",
        ),
        ("up_to = 1", "upto = 1", f"{ALT_RISE}, bands, item 1, field 'upto'", "not known", "up_to"),
        ("up_to = 1", 'up_to = "1"', f"{ALT_RISE}, bands, item 1, field 'up_to'", "'1' found, a number", "number"),
        ("up_to = 1", "up_to = true", f"{ALT_RISE}, bands, item 1, field 'up_to'", "True found, a number", "number"),
        ("grade = 1,", "", f"{ALT_RISE}, bands, item 2, field 'grade'", "nothing found, a whole number", "whole"),
        ("grade = 1,", "grade = 1.5,", f"{ALT_RISE}, bands, item 2, field 'grade'", "1.5 found, a whole", "whole"),
        ("above = 1", "above = 1, from = 1", f"{ALT_RISE}, bands, item 2", "two bounds", "above or from"),
        ("above = 1", "above = 1, up_to = 1", f"{ALT_RISE}, bands, item 2, band", "no value", "lower bound first"),
        ("above = 1", "above = 2", "g.toml, grading 'alt_rise' of 'ALT increased'", "gap", "meet"),
        (
            "[{ grade = 0, up_to = 1 }, { grade = 1, above = 1 }]",
            "[3]",
            f"{ALT_RISE}, bands, item 1",
            "3 found",
            "table",
        ),
        ("bands =", "remarks = { 7 = 'x' }\nbands =", f"{ALT_RISE}, remarks, grade", "'7' found", "1, 2, 3, 4, 5"),
        ("bands =", "remarks = { 3 = 1 }\nbands =", f"{ALT_RISE}, remarks, grade 3", "1 found, text", "text"),
        ("bands =", 'applies = "symptoms"\nbands =', "g.toml, term 'ALT increased'", "nobody", "always"),
    ],
)
def test_a_fault_in_a_file_of_gradings_is_named_by_file_table_and_field(old, new, where, what, mend):
    error = refusal(lambda: read_gradings(TOML.replace(old, new), "g.toml"))
    assert error.where.startswith(where)
    assert what in error.what
    assert mend in error.mend


LIVER = "e.toml, adverse_event 1 liver"


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("label", "title", f"{LIVER}, field 'title'", "not known"),
        ('["ALT increased"]', '"ALT increased"', f"{LIVER}, field 'gradings'", "a list expected"),
        ('["ALT increased"]', "[3]", f"{LIVER}, gradings", "3 found, text expected"),
        ('["ALT increased"]', '["AST increased"]', "e.toml, adverse event 'liver', gradings", "has no table"),
        ('"nonhematologic"', '"other"', "e.toml, adverse event 'liver', section", "'other' found"),
        ("verified = true", "", f"{LIVER}, terms, item 1, field 'verified'", "nothing found, true or false expected"),
        ("verified = true", "verified = 1", f"{LIVER}, terms, item 1, field 'verified'", "1 found, true or false"),
        ("verified = true", "verified = false", f"{LIVER}, terms, item 1, term 'Hepatic failure'", "nothing says why"),
        ("verified = true", "checked = true", f"{LIVER}, terms, item 1, field 'checked'", "not known"),
        ("3 =", "0 =", f"{LIVER}, terms, item 1, grades, grade", "'0' found"),
    ],
)
def test_a_fault_in_a_file_of_adverse_events_is_named_by_file_group_and_field(old, new, where, what):
    error = refusal(lambda: read_groups(GROUPS.replace(old, new), "e.toml", [table()]))
    assert error.where.startswith(where)
    assert what in error.what


def test_the_files_are_read_where_nothing_is_wrong():
    (read,) = read_gradings(TOML, "g.toml")
    assert read == table(bands=((0, up_to(1)), (1, above(1))))
    (events,) = read_groups(GROUPS, "e.toml", [read])
    assert events.ctcae_terms == ("ALT increased", "Hepatic failure")
    assert events.terms[0].grades == ((3, "mild"), (4, "severe"))
