"""The audit knows which survival estimates, limits and subgroup curves so many patients can have.

Without censoring an estimate is a share k/n, and its Greenwood standard error sqrt(S(1 - S)/n): 14 of 18 are 77.8%,
with an error of 9.8% and plain 95% limits of 58.6% to 97.0%.
"""

from decimal import Decimal
from math import prod, sqrt

import pytest

from branchpoint.publication.audit.pooled_paths import Part, pooled
from branchpoint.publication.audit.risk_paths import Box, described, greatest_error, least_error, risk_paths
from branchpoint.publication.audit.survival_fits import Group
from branchpoint.publication.audit.survival_precision import judge
from branchpoint.publication.claims import Survival
from tests.unit.claims_text import TRIAL, audited, claim, verdicts


def survival(population: str, percent: str, at: str = "12", name: str = "", **fields: object) -> str:
    return claim(name or population, "survival", population, variable="os", at=at, percent=percent, **fields)


# --- one estimate -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "beside", "verdict", "said"),
    [
        ("77.8", {}, "match", "14/18, nobody censored before the last event"),
        ("77.8", {"low": "58.6", "high": "97.0"}, "match", "14/18, nobody censored"),
        ("77.8", {"half_width": "19.2"}, "match", "14/18, nobody censored"),
        ("77.8", {"standard_error": "9.8"}, "match", "14/18, nobody censored"),
        ("77.8", {"plus_minus": "9.8"}, "match", "14/18, nobody censored"),
        ("77.8", {"plus_minus": "19.2"}, "match", "14/18, nobody censored"),
        ("77.8", {"half_width": "9.8"}, "other method", "what is printed is one standard error"),
        ("77.8", {"standard_error": "19.2"}, "other method", "what is printed is half of a 95% interval"),
        ("77.8", {"low": "68.0", "high": "87.6"}, "other method", "what is printed is one standard error"),
        ("77.8", {"low": "61.7", "high": "93.9"}, "other method", "what is printed is 90% limits"),
        ("77.8", {"low": "70.0", "high": "85.6"}, "impossible", "Narrower than 18 patients allow"),
        ("77.8", {"low": "58.6", "high": "99.9"}, "mismatch", "The lower limit fits"),
        ("77.8", {"half_width": "45.0"}, "impossible", "none the rest too"),
        ("100", {}, "match", "No event."),
        ("100", {"low": "81.5", "high": "100"}, "other method", "the limit is that of 18/18"),
        ("100", {"half_width": "5.0"}, "not derivable", "has no standard error"),
        ("97.0", {}, "impossible", "No risk sets of 18 patients print 97.0%; the nearest is"),
    ],
)
def test_an_estimate_of_18_patients(percent: str, beside: dict[str, object], verdict: str, said: str) -> None:
    one = audited(survival("old", percent, **beside))["old"]
    assert one.verdict == verdict
    assert said in one.note


def test_log_log_limits_are_a_form_too() -> None:
    """Of 14/18: 0.7778 ** exp(-+ 1.96 * 0.4999), with 0.0980 / (0.7778 * 0.2513) = 0.5013."""
    assert verdicts(survival("old", "77.8", low="51.1", high="91.0")) == {"old": "match"}
    named = survival("old", "77.8", low="51.1", high="91.0", method="Kaplan-Meier, plain limits")
    assert verdicts(named)["old"] == "impossible"


def test_limits_that_are_lopsided_where_all_others_are_symmetric_are_wrong() -> None:
    """Alone they pass for log-log limits."""
    at = [survival("old", "77.8", low="58.6", high="97.0", at=month, name=f"old.{month}") for month in ("12", "18")]
    new = survival("new", "50.0", low="29.1", high="70.9")
    odd = survival("all", "62.5", low="45.7", high="75.5")
    assert audited(odd)["all"].verdict == "match"
    one = audited(*at, new, odd)["all"]
    assert one.verdict == "mismatch"
    assert one.note.endswith("Those of 3 other estimates lie symmetrically, as plain limits do.")


def test_log_log_limits_of_many_patients_look_symmetric_and_tell_nothing_of_few() -> None:
    """In whole percentages nobody sees them lean: of 400 patients 80% has 76% to 84% on either scale."""
    trial = (
        TRIAL.replace("size = 40", "size = 440").replace("size = 22", "size = 400").replace("size = 18", "size = 40")
    )
    months = ("12", "18", "24", "30")
    wide = [survival("new", "80", low="76", high="84", at=month, name=f"new.{month}") for month in months]
    few = survival("old", "80", low="64", high="89")
    found = audited(*wide, few, trial=trial)
    assert {one.verdict for name, one in found.items() if name not in ("first", "cutoff")} == {"match"}


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [("63.0", "95.4", "Computed from half of the width"), ("62.9", "95.5", "Computed from the standard error")],
)
def test_limits_computed_from_rounded_numbers_match(low: str, high: str, said: str) -> None:
    """19 of 24 are 79.17%, error 8.29%, limits 62.92% to 95.42%; printed are 79.2 ± 16.2, and 79.2 ± 1.96 × 8.3."""
    value = Survival(Decimal("79.2"), Decimal(12), Decimal(low), Decimal(high))
    found = judge(Group(24), value)
    assert found.verdict == "match"
    assert found.recomputed == value


def test_an_estimate_by_another_method_is_passed_over() -> None:
    assert verdicts(survival("old", "97.0", method="life table")) == {"old": "not derivable"}


def test_survival_does_not_fall_further_than_the_deaths_let_it() -> None:
    dead = claim("dead", "count", "old", event="dead", count="1")
    one = audited(dead, survival("old", "77.8"))["old"]
    assert one.verdict == "mismatch"
    assert one.note.startswith("'Old treatment' has 1 event, by 1 (Table 1).")
    assert one.others == ("dead",)
    # One of 5 who were left.
    assert verdicts(dead, survival("old", "80.0"))["old"] == "match"


# --- estimates together -----------------------------------------------------------------------------------------------


def test_survival_does_not_rise() -> None:
    found = audited(survival("old", "66.7", "6", "early"), survival("old", "77.8", "12", "late"))
    assert {found["early"].verdict, found["late"].verdict} == {"mismatch"}
    assert "It is 77.8% at 12 months (Table 1), and survival does not rise." in found["early"].note
    falls = verdicts(survival("old", "77.8", "6", "early"), survival("old", "66.7", "12", "late"))
    assert falls == {"early": "match", "late": "match"}


def test_subgroup_curves_that_agree_with_the_overall_curve_match() -> None:
    found = audited(survival("all", "62.5"), survival("new", "50.0"), survival("old", "77.8"))
    assert {found[name].verdict for name in ("all", "new", "old")} == {"match"}
    assert "agree, in some order of events and censorings" in found["all"].note


def test_an_overall_curve_below_both_of_its_subgroups_is_a_mismatch() -> None:
    found = audited(
        survival("all", "44.0", low="28.4", high="59.6"),
        survival("new", "50.0", standard_error="10.7"),
        survival("old", "77.8", standard_error="9.8"),
    )
    assert [name for name, one in found.items() if one.amiss] == ["all"]
    assert found["all"].recomputed == "62.5%"
    assert "pooled they give 62.5% if nobody is censored" in found["all"].note


def test_what_is_printed_again_of_a_curve_is_wrong_again() -> None:
    tables = [
        survival("all", "44.0", low="28.4", high="59.6"),
        survival("all", "44.0", name="abstract", place="Abstract"),
        survival("new", "50.0", standard_error="10.7"),
        survival("old", "77.8", standard_error="9.8"),
    ]
    found = verdicts(*tables)
    assert found["all"] == found["abstract"] == "mismatch"


# --- risk sets --------------------------------------------------------------------------------------------------------


def test_a_path_is_a_product_over_risk_sets() -> None:
    found = risk_paths(18, Box(0.7775, 0.7785))
    assert found.complete
    for place in range(len(found)):
        path = found.path(place)
        assert found.survival[place] == pytest.approx(prod(1 - 1 / at_risk for at_risk in path))
        variance = sum(1 / (at_risk * (at_risk - 1)) for at_risk in path)
        assert found.error[place] == pytest.approx(found.survival[place] * sqrt(variance))
        assert list(path) == sorted(set(path), reverse=True)
        assert path[0] <= 18


def test_the_least_error_is_that_of_a_share() -> None:
    assert least_error(14 / 18, 14 / 18, 18) == pytest.approx(sqrt(14 / 18 * 4 / 18 / 18))
    assert greatest_error(14 / 18, 14 / 18) == pytest.approx(sqrt(14 / 18) * 4 / 18)


def test_paths_are_told_in_words() -> None:
    assert (
        described((34, 33, 20, 19), 36) == "2 censored, 2 events from 34 at risk, 12 censored, 2 events from 20 at risk"
    )
    assert described((), 36) == "no event"


def test_a_search_that_is_not_complete_convicts_nobody() -> None:
    value = Survival(Decimal("61.37"), Decimal(12), half_width=Decimal("4.91"))
    assert judge(Group(400), value).verdict in {"match", "not derivable"}


def test_groups_without_censoring_pool_to_the_share_of_all() -> None:
    parts = (Part(22, tuple(range(22, 11, -1))), Part(18, (18, 17, 16, 15)))
    found = pooled(parts, Box(0.6249, 0.6251))
    assert found.path is not None
    assert len(found.path) == 15
    # Neither part has anybody censored before its last event, but the new one may after it.
    assert pooled(parts, Box(0.70, 0.71)).path is None
