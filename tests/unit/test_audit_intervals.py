"""The audit finds the form of a confidence interval of a proportion, or what became of its limits.

Limits are those of R's binom.test, prop.test and of hand calculation in proportions.csv; 14 of 18 are 77.8%.
"""

import pytest

from branchpoint.publication.audit.interval_forms import FORMS, stated_forms
from tests.unit.claims_text import audited, claim

RASH = "{ rash = true }"


def proportion(percent: str, low: str, high: str, **fields: object) -> str:
    return claim("rash", "proportion", "old", event=RASH, percent=percent, low=low, high=high, **fields)


@pytest.mark.parametrize(
    ("low", "high", "fields", "verdict", "method"),
    [
        ("52.4", "93.6", {}, "match", "Clopper-Pearson, 95%"),
        ("54.8", "91.0", {}, "match", "Wilson, 95%"),
        ("58.6", "97.0", {}, "match", "Wald, 95%"),
        ("52.4", "93.6", {"method": "exact"}, "match", "Clopper-Pearson, 95%"),
        ("52.4", "93.6", {"method": "Wilson score"}, "other method", "Wilson, 95%"),
        ("56.1", "92.0", {}, "other method", "Clopper-Pearson, 95%"),
        ("56.1", "92.0", {"level": "90"}, "match", "Clopper-Pearson, 90%"),
        ("68.0", "87.6", {}, "other method", "Clopper-Pearson, 95%"),
        ("52.4", "96.3", {}, "mismatch", "Clopper-Pearson, 95%"),
        ("30.0", "99.0", {}, "mismatch", None),
        ("52.4", "93.6", {"method": "fiducial"}, "other method", None),
        ("30.0", "99.0", {"method": "fiducial"}, "not derivable", "fiducial"),
    ],
)
def test_the_form_of_an_interval(
    low: str, high: str, fields: dict[str, object], verdict: str, method: str | None
) -> None:
    one = audited(proportion("77.8", low, high, **fields))["rash"]
    assert one.verdict == verdict
    assert method is None or one.method == method


def test_one_wrong_limit_is_told_from_a_right_one() -> None:
    one = audited(proportion("77.8", "52.4", "96.3"))["rash"]
    assert one.recomputed == "77.8% (52.4% to 93.6%)"
    assert "The low limit is that of Clopper-Pearson, 95%; its high one is 93.6, not 96.3: two digits are swapped." in (
        one.note
    )


def test_limits_of_another_count_are_a_misprint() -> None:
    """Those of 13 of 18, 72.2%."""
    one = audited(proportion("77.8", "46.5", "90.3"))["rash"]
    assert (one.verdict, one.recomputed) == ("misprint", "77.8% (52.4% to 93.6%)")
    assert one.note.startswith("The limits are those of 13 of 18")


def test_a_percentage_that_no_count_gives_may_still_have_the_limits_of_one() -> None:
    one = audited(proportion("78.7", "52.4", "93.6"))["rash"]
    assert one.verdict == "impossible"
    assert "The limits are those of 14 of 18." in one.note


def test_limits_on_one_side_of_the_percentage_are_impossible() -> None:
    assert audited(proportion("77.8", "78.0", "93.6", verbatim=True))["rash"].verdict == "impossible"


def test_a_wrong_limit_is_told_in_the_form_that_the_others_have() -> None:
    """Alone, the low limit could be that of another form than the exact one of two other intervals."""
    others = [
        claim("dead", "proportion", event="dead", percent="32.5", low="18.6", high="49.1"),
        claim("cr", "proportion", event='{ response = "CR" }', percent="50.0", low="33.8", high="66.2"),
    ]
    one = audited(*others, proportion("77.8", "25.4", "93.6"))["rash"]
    assert (one.verdict, one.method) == ("mismatch", "Clopper-Pearson, 95%")


def test_the_chance_is_that_of_both_limits_at_once() -> None:
    one = audited(proportion("77.8", "52.4", "93.6"))["rash"]
    assert one.searched == 1
    assert one.chance == pytest.approx((0.1 / 41.2) ** 2, rel=1e-3)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("exact binomial", {"Clopper-Pearson"}),
        ("Wilson score", {"Wilson"}),
        ("Wilson score with continuity correction", {"Wilson with continuity correction"}),
        ("normal approximation", {"Wald"}),
        ("somebody's", set()),
    ],
)
def test_the_words_of_a_report_name_forms(words: str, names: set[str]) -> None:
    assert {form.name for form in stated_forms(words)} == names


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize(("count", "size"), [(0, 9), (1, 9), (5, 9), (9, 9), (1, 1)])
def test_every_form_holds_its_proportion(form, count: int, size: int) -> None:
    limits = form.limits(count, size, 0.95)
    assert limits is None or 0 <= limits[0] <= count / size <= limits[1] <= 1 or form.name in {"Agresti-Coull"}


def test_counts_that_leave_fewer_than_nobody_tell_nothing_of_a_proportion() -> None:
    """10 of the old and 3 of all leave -7 of the new, of whom none are 61.0%."""
    event = "{ rash = true }"
    found = audited(
        claim("all", "count", event=event, count="3"),
        claim("old", "count", "old", event=event, count="10"),
        claim("new", "proportion", "new", event=event, percent="61.0", low="40.0", high="80.0"),
    )
    assert {name: found[name].verdict for name in ("all", "new")} == {"all": "mismatch", "new": "impossible"}
    assert "-7" not in found["new"].note
