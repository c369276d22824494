"""The audit keeps the gravest finding of each claim, and says how much it matters."""

from importlib import import_module

import pytest

from branchpoint.publication.audit.report import CHECKS, audit
from branchpoint.publication.audit.verdicts import GRAVITY, Verdict
from tests.unit.claims_text import TRIAL, audited, claim, claims_of

RASH = "{ rash = true }"
GROUPS = '["new", "old"]'
COUNTS = [claim(arm, "count", arm, event=RASH, count=count) for arm, count in (("new", "12"), ("old", "5"))]


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_says_what_it_holds_against_what(name: str) -> None:
    module = import_module(f"branchpoint.publication.audit.{name}")
    assert module.__doc__
    assert "Yields" in module.check.__doc__


def test_there_is_one_verdict_a_claim_in_the_order_of_the_claims() -> None:
    claims = claims_of(*COUNTS, claim("age", "median", variable="age", median="5"))
    assert [one.id for one in audit(claims)] == list(claims.claims)


def test_what_nothing_bears_upon_is_not_derivable() -> None:
    one = audited(claim("dose", "number", number="28"))["dose"]
    assert (one.verdict, one.recomputed, one.searched, one.chance, one.importance) == (
        "not derivable",
        None,
        0,
        None,
        0,
    )
    assert one.note == "Nothing else that is printed gives it."
    assert not one.amiss


def test_the_gravest_finding_speaks_and_others_that_accuse_are_told() -> None:
    """Its percentage is that of 12, and the arms add up to 13 without it."""
    found = audited(
        claim("all", "count", event=RASH, count="19", of="40", percent="32.5"),
        claim("new", "count", "new", event=RASH, count="7", of="22", percent="31.8"),
        claim("old", "count", "old", event=RASH, count="6", of="18", percent="33.3"),
    )
    one = found["all"]
    assert (one.verdict, one.recomputed) == ("misprint", "13/40 (32.5%)")
    assert "32.5% is 13 of 40" in one.note
    assert "19 is not 7 + 6" in one.note
    assert set(one.others) == {"new", "old"}


def test_verdicts_are_ordered_by_gravity() -> None:
    assert sorted(Verdict, key=lambda verdict: GRAVITY[verdict]) == [
        "not derivable",
        "match",
        "other method",
        "mismatch",
        "misprint",
        "impossible",
    ]


def test_a_finding_weighs_by_its_role_and_its_verdict() -> None:
    def weight(role: str, percent: str) -> float:
        text = claim("rash", "count", event=RASH, count="13", of="40", percent=percent, role=role)
        return audited(text)["rash"].importance

    assert weight("primary endpoint", "41.3") > weight("secondary endpoint", "41.3") > weight("baseline", "41.3") > 0
    assert weight("primary endpoint", "41.3") > weight("primary endpoint", "30.0") > weight("primary endpoint", "33.0")
    assert weight("primary endpoint", "32.5") == 0


def test_a_p_value_that_turns_significant_weighs_three_times_as_much() -> None:
    """Fisher's exact test gives .116."""
    stays, turns = (
        audited(*COUNTS, claim("p", "p_value", event=RASH, groups=GROUPS, p=p))["p"].importance
        for p in (".500", ".016")
    )
    assert turns == 3 * stays


def test_searches_among_many_patients_are_bounded() -> None:
    """None of these numbers is right, so that every search goes to its end."""
    trial = (
        TRIAL.replace("size = 40", "size = 5000")
        .replace("size = 22", "size = 2750")
        .replace("size = 18", "size = 2250")
    )
    groups = [claim(arm, "count", arm, event=RASH, count=count) for arm, count in (("new", "1375"), ("old", "750"))]
    found = audited(
        *groups,
        claim("percent", "count", event="dead", count="714", percent="55.57"),
        claim("p", "p_value", event=RASH, groups=GROUPS, p=".0213"),
        claim("limits", "proportion", "new", event="dead", percent="48.72", low="41.23", high="57.77"),
        claim("curve", "survival", variable="os", at="12", percent="53.7", low="41.2", high="66.6"),
        claim("mean", "mean", variable="age", mean="7.3", sd="3.2"),
        trial=trial,
    )
    assert all(found[name].amiss for name in ("percent", "p", "limits"))
    assert found["curve"].verdict == "not derivable"
    assert max(one.searched for one in found.values()) < 20_000
