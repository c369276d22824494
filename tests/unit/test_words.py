"""Words: what a reader is told of a rule."""

import pytest

from branchpoint.language import (
    AnswerIs,
    Clip,
    Coded,
    Derived,
    Dose,
    Exposed,
    Intervention,
    Label,
    Numeric,
    Points,
    Scale,
    Transform,
    YesNo,
    above,
    all_of,
    any_of,
    at_baseline,
    at_least,
    bands,
    below,
    classify,
    criterion,
    daily,
    hours,
    not_,
    per_amount_of,
    sustained,
    up_to,
)
from branchpoint.language.choices import Band
from branchpoint.language.nodes import Node
from branchpoint.language.proofs import nodes_of
from branchpoint.language.quantities import Input
from branchpoint.language.registry import find_protocol, protocol_names
from branchpoint.reporting.notation import number_words, quantity_words, unit_words, within_sentence
from branchpoint.reporting.words import band_words, dose_words, intervention_words, words

INF = float("inf")


def number(name, label, unit, *more, **given):
    return Numeric(name=name, label=label, scales=(Scale(unit, (0, 1e6)), *more), **given)


hemoglobin = number("hemoglobin", "Hemoglobin", "g/L", worse="low")
platelets = number("platelets", "Platelets", "10*9/L", worse="low")
ferritin = number("ferritin", "Ferritin", "ug/L", worse="high")
temperature = number("temperature", "Temperature", "Cel", worse="high")
creatinine = number("creatinine", "Creatinine", "umol/L", equivalents=(("mg/dL", 88.4),))
cd25 = number("soluble_cd25", "Soluble CD25", "pg/mL", Scale("U/mL", (0, 1e6)))
weight = number("weight", "Weight", "kg")
age = number("age", "Age", "a")
spleen = YesNo(name="spleen", label="Splenomegaly")
support = Exposed(name="support", label="G-CSF in the last 4 days", drugs=("g_csf",), within=4)
sex = Coded(name="sex", label="Sex", codes=("F", "M", "unknown"))
low = criterion("low", "Low counts", any_of(hemoglobin < 90, platelets < 100))
fever = criterion("fever", "Fever", temperature >= 38.5)
score = Derived("score", 10 * Transform("ln", Clip(creatinine.within("mg/dL"), 1, 4)), "1", Label("MELD score"))
kind = classify("kind", "Kind of disease", ("first", fever), ("second", low), otherwise="unknown")


@pytest.mark.parametrize(
    ("node", "told"),
    [
        (hemoglobin < 90, "hemoglobin < 90 g/L"),
        (platelets >= 100, "platelets ≥ 100 × 10⁹/L"),
        (ferritin <= 500, "ferritin ≤ 500 \N{MICRO SIGN}g/L"),
        (temperature >= 38.5, "temperature ≥ 38.5 °C"),
        (age < 1, "age < 1 year"),
        (ferritin.fold_of_baseline <= 0.5, "ferritin / its baseline ≤ 0.5"),
        (ferritin.fold_of_upper_limit > 1, "ferritin / its upper limit of normal > 1"),
        (ferritin.fold_of_baseline <= 2 / 3, "ferritin / its baseline ≤ 2/3"),
        (ferritin.value / ferritin.best >= 1.5, "ferritin / its best since baseline ≥ 1.5"),
        (cd25.fold_of_baseline <= 2, "soluble CD25 / its baseline ≤ 2"),
        (hemoglobin.change > 20, "hemoglobin − its baseline > 20 g/L"),
        (hemoglobin.baseline < 80, "hemoglobin at baseline < 80 g/L"),
        (hemoglobin.at(7) < 80, "hemoglobin on day 7 < 80 g/L"),
        (cd25.on("U/mL") >= 2400, "soluble CD25 ≥ 2400 U/mL"),
        (cd25.is_on("U/mL"), "soluble CD25 reported in U/mL"),
        (creatinine.within("mg/dL") < 2, "creatinine < 2 mg/dL"),
        (score > 20, "MELD score > 20"),
        (20 > score, "MELD score < 20"),  # noqa: SIM300
        (score > hemoglobin.baseline, "MELD score > hemoglobin at baseline"),
        (ferritin.recorded, "ferritin recorded"),
        (not_(ferritin.recorded), "ferritin not recorded"),
        (spleen.holds, "splenomegaly"),
        (not_(spleen), "no splenomegaly"),
        (not_(not_(spleen)), "splenomegaly"),
        (not_(hemoglobin < 90), "hemoglobin ≥ 90 g/L"),
        (not_(support), "no G-CSF in the last 4 days"),
        (not_(low), "not (low counts)"),
        (sex.is_("F", "unknown"), "sex is F or unknown"),
        (not_(sex.is_("F")), "sex is not F"),
        (sustained(temperature < 37.5, 2), "the highest temperature in 2 days < 37.5 °C"),
        (sustained(spleen, 3), "splenomegaly throughout 3 days"),
        (sustained(not_(spleen), 3), "no splenomegaly throughout 3 days"),
        (at_baseline(spleen.holds), "splenomegaly at baseline"),
        (at_baseline(ferritin.fold_of_upper_limit > 1), "ferritin at baseline / its upper limit of normal > 1"),
        (at_baseline(fever), "fever (baseline)"),
        (AnswerIs(kind, ("first", "unknown")), "kind of disease is first or unknown"),
        (all_of(fever, spleen), "fever and splenomegaly"),
        (any_of(fever, all_of(spleen, low)), "fever or (splenomegaly and low counts)"),
        (at_least(2, fever, low, spleen), "at least 2 of: fever, low counts, splenomegaly"),
        (low, "low counts"),
        (score, "MELD score"),
        (kind, "kind of disease"),
        (Points(age < 1, 4.36), "4.36 if age < 1 year, else 0"),
        (140 - age.value, "140 − age"),
        ((140 - age.value) * weight.value / (72 * creatinine.value), "(140 − age) × weight / (72 × creatinine)"),
        (
            bands(weight, (up_to(10), 2.5), (up_to(20), 5), (above(20), 10), unit="mg"),
            "2.5 mg up to 10 kg; 5 mg above 10 up to 20 kg; 10 mg above 20 kg",
        ),
    ],
)
def test_a_node_in_words(node, told):
    assert words(node) == told


def test_a_named_node_is_called_by_its_label_and_opened_by_one_level_on_request():
    both = criterion("both", "Both of them", all_of(fever, low))
    assert words(both) == "both of them"
    assert words(both, expanded=True) == "fever and low counts"
    assert words(low, expanded=True) == "hemoglobin < 90 g/L or platelets < 100 × 10⁹/L"
    assert words(score, expanded=True) == "10 × ln(creatinine in mg/dL, taken as at least 1 and at most 4)"
    assert words(kind, expanded=True) == "first: fever; second: low counts; otherwise unknown"


def test_a_label_that_reads_as_several_is_quoted_among_others():
    either = criterion("either", "Fever or chills", any_of(fever, spleen))
    assert words(all_of(either, low)) == "“fever or chills” and low counts"


@pytest.mark.parametrize("name", protocol_names())
def test_every_node_of_every_protocol_has_words(name):
    for node in set(nodes_of(find_protocol(name))):
        for expanded in (False, True):
            told = words(node, expanded=expanded)
            assert told
            assert "  " not in told
            assert told.count("(") == told.count(")")


def test_a_new_kind_of_node_is_refused_until_it_has_words():
    class Unheard(Node):
        pass

    with pytest.raises(TypeError, match="Unheard has no words yet"):
        words(Unheard())


@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("10*9/L", "10⁹/L"),
        ("10*3/uL", "10³/\N{MICRO SIGN}L"),
        ("ug/L", "\N{MICRO SIGN}g/L"),
        ("umol/L", "\N{MICRO SIGN}mol/L"),
        ("Cel", "°C"),
        ("{copies}/mL", "copies/mL"),
        ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
        ("[IU]/L", "IU/L"),
        ("mg/m2", "mg/m²"),
        ("U/mL", "U/mL"),
        ("mmol/L", "mmol/L"),
        ("1", ""),
    ],
)
def test_units_are_printed_for_people(unit, told):
    assert unit_words(unit) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [(90, "90"), (38.5, "38.5"), (2400, "2400"), (1e6, "1,000,000"), (0.5, "0.5"), (15.11, "15.11"), (INF, "∞")],
)
def test_numbers_keep_their_digits(value, told):
    assert number_words(value) == told


def test_a_percentage_stands_close_and_one_day_is_singular():
    assert quantity_words(15.11, "%") == "15.11%"
    assert quantity_words(1, "d") == "1 day"
    assert quantity_words(4, "1") == "4"


@pytest.mark.parametrize(
    ("label", "told"),
    [("Fever", "fever"), ("HLH-2004", "HLH-2004"), ("D-dimer", "D-dimer"), ("A molecule", "a molecule"), ("", "")],
)
def test_a_label_inside_a_sentence(label, told):
    assert within_sentence(label) == told


def test_bands_say_which_bound_belongs_to_them():
    assert band_words(Band(10, 20, includes_low=True, includes_high=False), "kg") == "from 10 below 20 kg"
    assert band_words(below(10)) == "below 10"


def test_doses_and_who_receives_them():
    banded = Dose(bands(weight, (up_to(10), 2.5), (above(10), 5), unit="mg"), "mg", hours(12))
    assert dose_words(banded) == "2.5 mg up to 10 kg; 5 mg above 10 kg; every 12 h"
    assert dose_words(per_amount_of(weight, 2, "2 mg/kg per day", "mg", daily())) == "2 mg/kg per day"
    assert dose_words(per_amount_of(weight, 2, "2 mg/kg", "mg", daily())) == "2 mg/kg; once daily"
    assert dose_words(per_amount_of(weight, 2, "", "mg", None)) == "2 × weight mg; interval not stated"
    given = Intervention(name="x", label=Label("X"), days=28, only_if=not_(spleen))
    assert intervention_words(given) == "dose not stated, for 28 days, if no splenomegaly"


def test_words_never_name_an_input_by_its_column():
    assert "__" not in words(Input(ferritin, when="baseline"))
