"""Generated rules: for each kind of node that the engine reads, a way to make one.

A generator takes `draw` and the depth that is left; the inputs are those of `tests.generative.records`.
"""

from hypothesis import strategies as st

from branchpoint.language import Input, Label
from branchpoint.language.choices import AnswerIs, Bands, Case, Classification, above, bands, classify, up_to
from branchpoint.language.nodes import descend
from branchpoint.language.quantities import (
    Arithmetic,
    Aspect,
    Clip,
    Derived,
    Number,
    Points,
    Scaled,
    Transform,
)
from branchpoint.language.rules import (
    AllOf,
    AnyOf,
    AtLeast,
    Compare,
    Criterion,
    Holds,
    IsOneOf,
    Not,
    OnScale,
    Recorded,
)
from tests.generative.records import CODED, EVER, FACTS, LASTING, LOW, OCCURRED, RECENTLY, SIGN, TWO_SCALES

AGE, AGE_DAYS, SEX, GENES, CONSENT = FACTS
WHEN = st.sampled_from(["now", "now", "baseline", 7])
NUMERIC_ASPECTS = st.sampled_from([aspect for aspect in Aspect if aspect not in (Aspect.SCALE, Aspect.RECORDED)])
OPERATORS = st.sampled_from(["<", "<=", ">", ">="])


def numeric_input(draw, depth):
    aspect = draw(NUMERIC_ASPECTS)
    days = draw(st.integers(0, 5)) if aspect in (Aspect.HIGHEST, Aspect.LOWEST) else None
    plain = aspect in (Aspect.VALUE, Aspect.UPPER_LIMIT, Aspect.LOWER_LIMIT)
    measurement = draw(st.sampled_from([TWO_SCALES, LOW, LASTING, *([AGE] if aspect is Aspect.VALUE else [])]))
    scale = (
        draw(st.sampled_from(["U/mL", "pg/mL"]))
        if measurement is TWO_SCALES and plain and draw(st.booleans())
        else None
    )
    return Input(measurement, aspect, draw(WHEN), days, scale)


def compare(draw, depth):
    left, right = quantity(draw, depth - 1), quantity(draw, depth - 1)
    if any(isinstance(node, Transform) and node.function == "ln" for side in (left, right) for node in descend(side)):
        # Logarithms differ in their last digit between libraries: compare them with what they never equal.
        right = Number(draw(st.sampled_from([-1.7313, 0.3717, 2.1911])))
    return Compare(left, draw(OPERATORS), right)


def at_least(draw, depth):
    rules = several(draw, depth, most=5)
    return AtLeast(draw(st.integers(1, len(rules))), rules)


def classification(draw, depth):
    cases = [(f"answer {place}", rule(draw, depth - 1)) for place in range(draw(st.integers(1, 3)))]
    return classify(name(draw), "A choice", *cases, otherwise="none of them")


def answer_is(draw, depth):
    choice = classification(draw, depth)
    return AnswerIs(choice, tuple(draw(st.sets(st.sampled_from(choice.answers), min_size=1))))


def banded(draw, depth):
    limits = sorted(draw(st.sets(st.sampled_from([-1.0, 0.0, 1.0, 2.0, 3.0, 12.0]), min_size=1, max_size=3)))
    pairs = [(up_to(limit), place) for place, limit in enumerate(limits)]
    return bands(quantity(draw, depth - 1), *pairs, (above(limits[-1]), 99), unit="mg")


def clip(draw, depth):
    low, high = sorted(
        draw(st.tuples(st.sampled_from([-float("inf"), 0.0, 1.0]), st.sampled_from([1.0, 2.0, float("inf")])))
    )
    return Clip(quantity(draw, depth - 1), low, high)


def several(draw, depth, most=3):
    return tuple(rule(draw, depth - 1) for _ in range(draw(st.integers(1, most))))


def name(draw):
    return f"a_{draw(st.integers(0, 10**6))}"


GENERATORS = {
    Input: numeric_input,
    Number: lambda draw, depth: Number(draw(st.sampled_from([-1.0, 0.0, 0.5, 1.0, 3.0]))),
    Arithmetic: lambda draw, depth: Arithmetic(
        draw(st.sampled_from("+-*/")), quantity(draw, depth - 1), quantity(draw, depth - 1)
    ),
    Transform: lambda draw, depth: Transform(draw(st.sampled_from(["ln", "sqrt"])), quantity(draw, depth - 1)),
    Clip: clip,
    Scaled: lambda draw, depth: Scaled(quantity(draw, depth - 1), draw(st.sampled_from([0.25, 88.4])), "g/L"),
    Points: lambda draw, depth: Points(rule(draw, depth - 1), 4.36, draw(st.sampled_from([0.0, 1.0]))),
    Derived: lambda draw, depth: Derived(name(draw), quantity(draw, depth - 1), "1", Label("A score")),
    Bands: banded,
    Compare: compare,
    Holds: lambda draw, depth: Holds(
        draw(st.sampled_from([SIGN.value, SIGN.at("baseline"), RECENTLY.value, EVER.value, OCCURRED.value,
                              CONSENT.value,
                              Input(SIGN, Aspect.HIGHEST, days=3), Input(SIGN, Aspect.LOWEST, days=2)]))
    ),
    IsOneOf: lambda draw, depth: draw(
        st.sampled_from([CODED.is_("a"), CODED.is_("b", "c"), SEX.is_("F"), GENES.is_("PRF1")])
    ),
    OnScale: lambda draw, depth: TWO_SCALES.is_on(draw(st.sampled_from(["U/mL", "pg/mL"]))),
    Recorded: lambda draw, depth: draw(st.sampled_from([TWO_SCALES, LOW, SIGN, CODED])).recorded,
    Not: lambda draw, depth: Not(rule(draw, depth - 1)),
    AllOf: lambda draw, depth: AllOf(several(draw, depth)),
    AnyOf: lambda draw, depth: AnyOf(several(draw, depth)),
    AtLeast: at_least,
    Criterion: lambda draw, depth: Criterion(name(draw), rule(draw, depth - 1), Label("A criterion")),
    Classification: classification,
    Case: classification,
    AnswerIs: answer_is,
}  # fmt: skip

LEAF_RULES = (Holds, IsOneOf, OnScale, Recorded)
RULES = (*LEAF_RULES, Compare, Compare, Compare, Not, AllOf, AnyOf, AtLeast, Criterion, AnswerIs)
LEAF_QUANTITIES = (Input, Number)
QUANTITIES = (Input, Input, Number, Arithmetic, Transform, Clip, Scaled, Points, Derived, Bands)


def rule(draw, depth):
    """Some rule, of at most some depth."""
    return GENERATORS[draw(st.sampled_from(RULES if depth > 0 else LEAF_RULES))](draw, depth)


def quantity(draw, depth):
    """Some quantity with a number, of at most some depth."""
    return GENERATORS[draw(st.sampled_from(QUANTITIES if depth > 0 else LEAF_QUANTITIES))](draw, depth)


@st.composite
def nodes(draw, kind, depth=3):
    """A node of a kind."""
    return GENERATORS[kind](draw, depth)


@st.composite
def some_rules(draw, depth=3):
    """Any rule."""
    return rule(draw, depth)
