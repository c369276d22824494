"""What a protocol is refused for: each refusal says where the fault is, what it is, and how to mend it."""

from dataclasses import replace

import pytest

from branchpoint.language import (
    CR,
    IMPROVEMENT,
    NE,
    NR,
    PD,
    PR,
    RELAPSE,
    RESPONSES,
    Derived,
    Dose,
    Epoch,
    Exposed,
    Intervention,
    Label,
    Numeric,
    Pathway,
    Protocol,
    ProtocolError,
    ResponseCase,
    ResponseRuleSet,
    Scale,
    Visit,
    YesNo,
    above,
    all_of,
    any_of,
    at,
    at_least,
    bands,
    below,
    between,
    classify,
    criterion,
    hours,
    not_,
    sustained,
    up_to,
)


def number(name, unit="g/L", low=0, high=1000, *more):
    return Numeric(name=name, label=name.title(), scales=(Scale(unit, (low, high)), *more))


weight = number("weight", "kg", 0.3, 300)
hemoglobin = number("hemoglobin", "g/L", 10, 260)
fibrinogen = number("fibrinogen", "g/L", 0, 20)
ferritin = number("ferritin", "ug/L", 0, 1e6)
cd25 = number("soluble_cd25", "pg/mL", 0, 1e6, Scale("U/mL", (0, 1e5)))
spleen = YesNo(name="spleen", label="Splenomegaly")
uncollected = YesNo(name="rash", label="Rash")
anemia = criterion("anemia", "Anemia", hemoglobin < 90, cite="x")

FINDINGS = (weight, hemoglobin, fibrinogen, ferritin, cd25, spleen)
drug = Intervention(name="drug", label=Label("Drug"))
first = Epoch(name="first", label=Label("First"), visits=(Visit(0, FINDINGS), Visit(7, FINDINGS)), gives=(drug,))
second = Epoch(name="second", label=Label("Second"), visits=(Visit(0, FINDINGS),))
third = Epoch(name="third", label=Label("Third"), visits=(Visit(0, FINDINGS),))
ALL = tuple(RESPONSES)
NOT_CR = (PR, IMPROVEMENT, NR, PD, RELAPSE, NE)
STAY_IN_SECOND = at(second, when=ALL, action="continue")


def pathway(*decisions, epochs=(first, second)):
    return Pathway(epochs, decisions)


WHOLE = pathway(at(first, when=CR, action="stop", go=second), at(first, when=NOT_CR, action="stay"), STAY_IN_SECOND)


def protocol(**changed):
    given = {
        "name": "small",
        "version": "1",
        "title": "A small protocol",
        "cite": "x",
        "inclusion": (anemia,),
        "exclusion": (criterion("large_spleen", "Splenomegaly", spleen),),
        "diagnosis": anemia,
        "diagnosis_items": (anemia,),
        "etiology": classify("etiology", "Etiology", ("anemic", anemia), otherwise="unknown"),
        "interventions": (drug,),
        "responses": (ResponseRuleSet(name="own", label=Label("Own"), cases=(ResponseCase(CR, hemoglobin >= 110),)),),
        "pathway": WHOLE,
    }
    return Protocol(**{**given, **changed})


def refusal(make):
    with pytest.raises(ProtocolError) as caught:
        make()
    error = caught.value
    assert error.where
    assert error.what
    assert error.mend
    assert str(error) == f"{error.where}: {error.what}. {error.mend}"
    return error


def test_the_protocol_that_the_others_break_is_whole():
    assert len(protocol().prove()) >= 7
    assert all(claim and extent for claim, extent in protocol().prove())


# Bands -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "what", "mend"),
    [
        (((below(10), 1), (above(10), 2)), "gap between x < 10 and 10 < x", "including the bound"),
        (((up_to(10), 1), (above(12), 2)), "gap between x <= 10 and 12 < x", "including the bound"),
        (((up_to(10), 1), (between(10, 20, includes="both"), 2), (above(20), 3)), "overlap", "including the bound"),
        (((up_to(10), 1), (above(8), 2)), "overlap", "including the bound"),
        (((up_to(20), 1), (up_to(10), 2), (above(20), 3)), "overlaps", "ascending order"),
        (((above(10), 1), (above(20), 2)), "values at an end fall in no band", "Begin with up_to"),
        (((up_to(10), 1), (between(10, 20), 2)), "values at an end fall in no band", "end with above"),
    ],
)
def test_bands_that_leave_a_gap_or_overlap(pairs, what, mend):
    error = refusal(lambda: bands(weight, *pairs, unit="mg"))
    assert "bands of" in error.where
    assert what in error.what
    assert mend in error.mend


def test_a_band_that_holds_no_value():
    assert "it holds no value" in refusal(lambda: between(20, 10)).what


# The pathway -----------------------------------------------------------------------------------------------------


def test_a_cell_decided_twice_names_both_decisions():
    error = refusal(
        lambda: pathway(
            at(first, when=ALL, action="stay"), at(first, when=CR, on=7, action="stop", go=second), STAY_IN_SECOND
        )
    )
    assert error.where == "pathway cell (first, day 7, CR)"
    assert "decided 2 times" in error.what
    assert "first from day 7 to day 7, CR" in error.what
    assert "Narrow" in error.mend


def test_a_cell_that_is_never_decided():
    error = refusal(
        lambda: pathway(
            at(first, when=NOT_CR, action="stay"), at(first, when=CR, on=0, action="stop", go=second), STAY_IN_SECOND
        )
    )
    assert (error.where, error.what) == ("pathway cell (first, day 7, CR)", "it is decided by no decision")
    assert error.mend == "Add at(first, when='CR', ...)"


def test_a_decision_that_decides_no_cell():
    late = at(first, when=CR, on=28, action="stop", go=second)
    error = refusal(lambda: pathway(*WHOLE.decisions, late))
    assert "pathway decision (first from day 28 to day 28, CR)" in error.where
    assert "it decides no cell" in error.what
    assert "[0, 7]" in error.mend


def test_an_epoch_that_no_decision_leads_to():
    decisions = (*WHOLE.decisions, at(third, when=ALL, action="continue"))
    error = refusal(lambda: pathway(*decisions, epochs=(first, second, third)))
    assert (error.where, error.what) == ("epoch 'third'", "no decision leads to it")
    assert "go=third" in error.mend


def test_an_epoch_outside_the_pathway_and_a_word_that_is_no_response():
    away = at(first, when=CR, action="go", go=third)
    assert "not in the pathway" in refusal(lambda: pathway(away, at(first, when=NOT_CR, action="x"))).what
    assert "'cured' is no response" in refusal(lambda: pathway(at(first, when="cured", action="x"))).what


def test_two_epochs_with_one_name():
    assert "two epochs have this name" in refusal(lambda: pathway(*WHOLE.decisions, epochs=(first, first))).what


def test_a_day_given_in_two_ways():
    assert "on= stands with" in refusal(lambda: at(first, when=CR, on=7, before=14, action="x")).what


def test_visits_whose_windows_overlap():
    error = refusal(lambda: Epoch(name="e", label=Label("E"), visits=(Visit(0, after=3), Visit(5, before=2))))
    assert error.where == "epoch 'e'"
    assert "overlap" in error.what


# Eligibility -----------------------------------------------------------------------------------------------------

given_before = Exposed(name="given_before", label="Given before", drugs=("drug",))


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ("inclusion", not_(given_before)),
        ("inclusion", not_(spleen.recorded)),
        ("inclusion", any_of(spleen, not_(spleen.recorded))),
        ("exclusion", given_before),
        ("exclusion", all_of(spleen.recorded, spleen)),
    ],
)
def test_a_criterion_that_admits_a_patient_of_whom_nothing_is_known(part, rule):
    error = refusal(lambda: protocol(**{part: (criterion("lax", "Lax", rule),)}))
    assert error.where == f"{part} criterion 'lax'"
    assert error.what == "it would admit a patient of whom nothing is known"
    assert "must be recorded" in error.mend


# Units -----------------------------------------------------------------------------------------------------------


def test_units_that_do_not_fit():
    error = refusal(lambda: protocol(advisories=(criterion("odd", "Odd", weight > hemoglobin.value),)))
    assert error.where == "rule weight > input"
    assert error.what == "the units 'kg' and 'g/L' do not fit"
    assert "within" in error.mend


def test_units_that_convert_but_were_not_converted():
    error = refusal(lambda: protocol(advisories=(criterion("odd", "Odd", ferritin > hemoglobin.value),)))
    assert "differ and must be converted" in error.what


def test_a_unit_that_the_measurement_does_not_know():
    error = refusal(lambda: hemoglobin.within("kg"))
    assert "'hemoglobin' in 'kg'" in error.where
    assert "does not fit" in error.what
    assert "equivalents" in error.mend


def test_a_threshold_outside_the_plausible_range():
    error = refusal(lambda: protocol(advisories=(criterion("odd", "Odd", hemoglobin < 9),)))
    assert error.where == "rule hemoglobin < 9"
    assert "outside the plausible range 10 to 260" in error.what
    assert "State the threshold in the measurement's unit" in error.mend


def test_a_scale_left_open_and_one_that_is_not_declared():
    error = refusal(lambda: protocol(advisories=(criterion("odd", "Odd", cd25 > 2400),)))
    assert error.what == "the unit is open: pg/mL or U/mL"
    assert "does not fit" in refusal(lambda: cd25.on("ng/mL")).what


def test_an_intervention_declared_twice():
    error = refusal(lambda: protocol(interventions=(drug, replace(drug, days=7))))
    assert error.where == "intervention 'drug'"
    assert "declares it twice" in error.what


def test_an_epoch_that_gives_what_is_not_declared():
    error = refusal(lambda: protocol(interventions=(replace(drug, name="other"),)))
    assert error.where == "intervention 'drug'"
    assert "declares it nowhere" in error.what


def test_a_dose_in_two_units():
    dose = Dose(bands(weight, (up_to(10), 2.5), (above(10), 5), unit="g"), "mg", hours(12))
    error = refusal(lambda: protocol(interventions=(replace(drug, dose=dose),)))
    assert error.where == "dose of drug"
    assert "in 'g', the dose in 'mg'" in error.what


def test_an_interval_that_is_not_positive():
    assert "not positive" in refusal(lambda: Dose(weight.value, "mg", 0)).what


# Collection and names --------------------------------------------------------------------------------------------


def test_a_measurement_that_is_used_but_never_collected():
    error = refusal(lambda: protocol(advisories=(criterion("rash", "Rash", uncollected),)))
    assert error.where == "measurement 'rash'"
    assert "no visit collects it" in error.what
    assert "collects" in error.mend


def test_two_rules_with_one_name():
    error = refusal(lambda: protocol(advisories=(criterion("anemia", "Anemia", hemoglobin < 80),)))
    assert error.where == "criterion 'anemia'"
    assert "another criterion has this name" in error.what
    assert "Rename" in error.mend


def test_one_name_for_a_rule_and_a_quantity():
    derived = Derived("anemia", hemoglobin.value / 10, "1", Label("Anemia"))
    assert "another criterion has this name" in refusal(lambda: protocol(advisories=(derived,))).what


def test_two_measurements_with_one_name():
    other = number("hemoglobin", "g/L", 10, 200)
    error = refusal(lambda: protocol(advisories=(criterion("other", "Other", other < 90),)))
    assert error.where == "numeric 'hemoglobin'"


def test_response_rule_sets_need_names_of_their_own():
    one = protocol().responses[0]
    assert "no name of their own" in refusal(lambda: protocol(responses=(one, one))).what
    assert "no name of their own" in refusal(lambda: protocol(responses=())).what


def test_a_response_given_twice_or_unknown():
    case = ResponseCase(CR, hemoglobin >= 110)
    give = {"name": "own", "label": Label("Own")}
    assert "CR is given twice" in refusal(lambda: ResponseRuleSet(**give, cases=(case, case))).what
    cured = ResponseCase("cured", hemoglobin >= 110)
    assert "no response category" in refusal(lambda: ResponseRuleSet(**give, cases=(cured,))).what


def test_an_answer_given_twice():
    error = refusal(lambda: classify("c", "C", ("a", anemia), otherwise="a"))
    assert (error.where, error.mend) == ("classification 'c'", "Join its rules with any_of")


# Logic -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [all_of, any_of, lambda: at_least(1)])
def test_a_combination_of_nothing(make):
    error = refusal(make)
    assert error.what == "it combines nothing"
    assert error.mend == "Give at least one rule"


@pytest.mark.parametrize("count", [0, 3])
def test_at_least_that_always_holds_or_never_does(count):
    error = refusal(lambda: at_least(count, anemia, spleen))
    assert error.where == f"at_least({count}, ...) of 2 rules"
    assert error.mend == "Ask for 1 to 2"


@pytest.mark.parametrize("part", [hemoglobin, 90, "fever", None, True])
def test_what_is_not_a_rule(part):
    assert "it is not a rule" in refusal(lambda: all_of(anemia, part)).what


@pytest.mark.parametrize("value", ["90", None, True, float("nan"), float("inf"), spleen])
def test_what_is_not_a_number(value):
    refusal(lambda: hemoglobin < value)


def test_only_simple_rules_can_be_sustained():
    assert "only simple rules" in refusal(lambda: sustained(all_of(anemia, spleen), 3)).what


@pytest.mark.parametrize(
    "use",
    [
        lambda: anemia and spleen.holds,
        lambda: anemia or spleen.holds,
        lambda: not anemia,
        lambda: 80 < hemoglobin.value < 90,
        lambda: bool(hemoglobin.value),
        lambda: [rule for rule in (anemia,) if rule],
    ],
    ids=["and", "or", "not", "chained comparison", "bool", "if"],
)
def test_a_rule_has_no_truth_of_its_own(use):
    with pytest.raises(TypeError, match=r"no truth of its own: combine rules with all_of, any_of and not_.*a < x < b"):
        use()
