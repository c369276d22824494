"""The audit recomputes ratios from counts, and holds any ratio against its limits and its P value.

Of 12 of 22 v 5 of 18, by hand: risk ratio 1.964 (0.850 to 4.534), odds ratio 3.120 (0.826 to 11.793).
"""

import pytest

from tests.unit.claims_text import audited, claim

RASH = "{ rash = true }"
GROUPS = '["new", "old"]'
COUNTS = [claim(arm, "count", arm, event=RASH, count=count) for arm, count in (("new", "12"), ("old", "5"))]
P = claim("p", "p_value", event=RASH, groups=GROUPS, p=".116", quantity="rash by treatment")


def ratio(value: str, measure: str, low: str | None = None, high: str | None = None, **fields: object) -> str:
    limits = {name: end for name, end in (("low", low), ("high", high)) if end is not None}
    given = {"event": RASH, "quantity": "rash by treatment", **fields}
    return claim("ratio", "ratio", ratio=value, measure=measure, **limits, **given)


@pytest.mark.parametrize(
    ("value", "measure", "low", "high", "verdict"),
    [
        ("1.96", "risk ratio", "0.85", "4.53", "match"),
        ("3.12", "odds ratio", "0.83", "11.79", "match"),
        ("1.96", "risk ratio", None, None, "match"),
        ("0.51", "risk ratio", "0.22", "1.18", "match"),
        ("3.12", "risk ratio", "0.83", "11.79", "other method"),
        ("1.96", "odds ratio", "0.85", "4.53", "other method"),
        ("2.40", "risk ratio", "1.10", "5.20", "mismatch"),
    ],
)
def test_a_ratio_of_two_counts(value: str, measure: str, low: str | None, high: str | None, verdict: str) -> None:
    assert audited(*COUNTS, P, ratio(value, measure, low, high))["ratio"].verdict == verdict


def test_an_adjusted_ratio_is_not_derivable() -> None:
    adjusted = ratio("2.40", "odds ratio", "1.10", "5.20", method="logistic regression, adjusted for age")
    assert audited(*COUNTS, P, adjusted)["ratio"].verdict == "not derivable"


def hazard(value: str, low: str, high: str, **fields: object) -> str:
    return claim("ratio", "ratio", ratio=value, measure="hazard ratio", low=low, high=high, variable="os", **fields)


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        ("0.60", "0.40", "0.90", "match"),
        ("0.60", "0.39", "0.92", "match"),
        ("0.60", "0.40", "0.99", "mismatch"),
        ("0.06", "0.40", "0.90", "mismatch"),
    ],
)
def test_a_hazard_ratio_is_the_middle_of_its_limits_on_the_log_scale(
    value: str, low: str, high: str, verdict: str
) -> None:
    one = audited(hazard(value, low, high, verbatim=True))["ratio"]
    assert one.verdict == verdict
    assert (one.recomputed or "").startswith(f"{value} ") is (verdict == "match")


@pytest.mark.parametrize(("ratio", "low"), [("0.60", "-0.40"), ("-0.60", "-0.90")])
def test_no_ratio_has_a_number_below_0(ratio: str, low: str) -> None:
    one = audited(hazard(ratio, low, "0.99", verbatim=True))["ratio"]
    assert one.verdict == "impossible"
    assert "is below 0" in one.note


def test_a_limit_of_0_is_the_middle_of_none() -> None:
    assert audited(hazard("0.60", "0.40", "0.0", verbatim=True))["ratio"].verdict == "mismatch"


def test_limits_far_from_1_imply_a_p_value_below_all_numbers() -> None:
    test = claim("p", "p_value", variable="os", groups=GROUPS, p=".5")
    one = audited(hazard("900.0000", "899.9999", "900.0001"), test)["p"]
    assert (one.verdict, one.recomputed) == ("mismatch", "<.1")


def test_credible_limits_may_lean() -> None:
    one = audited(hazard("0.60", "0.40", "0.99", method="Bayesian"))["ratio"]
    assert one.verdict == "not derivable"


def test_a_ratio_without_limits_or_counts_is_not_derivable() -> None:
    text = claim("ratio", "ratio", ratio="0.60", measure="hazard ratio", variable="os")
    assert audited(text)["ratio"].verdict == "not derivable"


@pytest.mark.parametrize(("p", "verdict"), [(".013", "match"), (".020", "not derivable"), (".400", "mismatch")])
def test_limits_that_exclude_1_contradict_a_p_value_that_is_not_significant(p: str, verdict: str) -> None:
    """log(0.6) and (log(0.90) - log(0.40)) / 3.92 give z = 2.47, P = .0135."""
    test = claim("p", "p_value", variable="os", groups=GROUPS, p=p)
    one = audited(hazard("0.60", "0.40", "0.90"), test)["p"]
    assert one.verdict == verdict
    if verdict == "mismatch":
        assert "They exclude 1: significance at .05 turns." in one.note


@pytest.mark.parametrize(
    ("fields", "verdict"), [({}, "other method"), ({"method": "one-sided log-rank"}, "not derivable")]
)
def test_half_of_what_the_limits_imply_is_a_one_sided_p_value(fields: dict[str, object], verdict: str) -> None:
    test = claim("p", "p_value", variable="os", groups=GROUPS, p=".0068", **fields)
    one = audited(hazard("0.600", "0.400", "0.900"), test)["p"]
    assert one.verdict == verdict


def test_half_of_what_adjusted_limits_imply_says_nothing() -> None:
    test = claim("p", "p_value", variable="os", groups=GROUPS, p=".0068")
    one = audited(hazard("0.600", "0.400", "0.900", method="Cox, adjusted for age"), test)["p"]
    assert one.verdict == "not derivable"


def test_half_of_a_p_value_that_rounding_leaves_vague_says_nothing() -> None:
    """Limits of 0.4 to 0.9 may be 0.35 to 0.95, and P anything from .0002 to .09."""
    test = claim("p", "p_value", variable="os", groups=GROUPS, p=".00010")
    one = audited(hazard("0.6", "0.4", "0.9"), test)["p"]
    assert one.verdict == "not derivable"
