"""The audit holds counts against the sums that follow from what they count, and says which count is wrong."""

import pytest

from branchpoint.publication.audit.known_counts import known_counts
from branchpoint.publication.claims import Condition
from tests.unit.claims_text import TRIAL, audited, claim, claims_of, verdicts

RASH = "{ rash = true }"
ARMS = {"all": "13", "new": "7", "old": "6"}


def rashes(**counts: str) -> list[str]:
    return [claim(name, "count", name, event=RASH, count=count) for name, count in (ARMS | counts).items()]


def test_counts_that_add_up_match() -> None:
    found = audited(*rashes())
    assert [found[name].verdict for name in ARMS] == ["match"] * 3
    assert found["all"].method == "adds up: 13 = 7 + 6"
    assert found["new"].method == "adds up: 7 = 13 - 6"


def test_a_lone_count_is_not_derivable() -> None:
    assert verdicts(rashes()[1]) == {"new": "not derivable"}


def test_of_three_counts_that_do_not_add_up_nobody_can_say_which_is_wrong() -> None:
    found = audited(*rashes(new="9"))
    assert {found[name].verdict for name in ARMS} == {"mismatch"}
    assert found["new"].recomputed == "7"
    assert found["new"].note.startswith("9 is not 13 - 6, by 13 (Table 1); 6 (Table 1). 7 would fit.")
    assert "It is this one that is wrong, or" in found["new"].note


@pytest.mark.parametrize("wrong", ["new", "old"])
def test_a_count_that_others_speak_for_is_not_blamed(wrong: str) -> None:
    """Both totals are printed twice, and so is the other arm."""
    right = {"all": "13", "new": "7", "old": "6"}
    again = [
        claim(f"{name}.again", "count", name, "Results", event=RASH, count=right[name])
        for name in right
        if name != wrong
    ]
    found = audited(*rashes(**{wrong: "9"}), *again)
    assert [name for name, one in found.items() if one.amiss] == [wrong]
    assert found[wrong].recomputed == right[wrong]


def test_a_count_that_its_own_percentage_contradicts_is_a_misprint() -> None:
    found = audited(
        claim("all", "count", event=RASH, count="13"),
        claim("old", "count", "old", event=RASH, count="6", of="18", percent="33.3"),
        claim("new", "count", "new", event=RASH, count="1", of="22", percent="31.8"),
    )
    assert (found["new"].verdict, found["new"].recomputed) == ("misprint", "7/22 (31.8%)")
    assert "The count is misprinted for 7." in found["new"].note
    assert not found["all"].amiss
    assert not found["old"].amiss


def test_a_part_is_not_larger_than_its_whole() -> None:
    severe = '\n[[variable]]\nid = "severe"\nlabel = "Severe rash"\n'
    rule = '\n[[rule]]\nid = "severe"\nplace = "By definition"\ngiven = { severe = true }\nthen = { rash = true }\n'
    rash = claim("any", "count", event=RASH, count="5")
    right, wrong = (
        verdicts(severe, rule, rash, claim("severe", "count", event="severe", count=str(count))) for count in (5, 6)
    )
    assert right == {"any": "not derivable", "severe": "not derivable"}
    assert wrong == {"any": "mismatch", "severe": "mismatch"}


def test_levels_of_a_category_add_up_to_its_patients() -> None:
    levels = [
        claim(level, "count", event=f'{{ response = "{level}" }}', count=n)
        for level, n in {"CR": "20", "PR": "12", "NR": "8"}.items()
    ]
    assert set(verdicts(*levels).values()) == {"match"}
    found = audited(*levels[:2], levels[2].replace('"8"', '"9"'))
    assert {found[level].verdict for level in ("CR", "PR", "NR")} == {"mismatch"}


def test_a_stated_sum_is_recomputed() -> None:
    total = claim("total", "sum", whole="all", parts='["new", "old"]')
    right, wrong = audited(*rashes(), total)["total"], audited(*rashes(old="5"), total)["total"]
    assert (right.verdict, right.recomputed) == ("match", "7 + 6 = 13")
    assert (wrong.verdict, wrong.note.split(",")[0]) == ("mismatch", "7 + 5 = 12")


def test_the_size_of_a_population_that_its_counts_contradict_is_told() -> None:
    """Nothing but the size given for an arm is wrong: 21 + 18 are not 40."""
    trial = TRIAL.replace("size = 22", "size = 21")
    arms = [claim(arm, "count", event=f'{{ arm = "{arm}" }}', count=n) for arm, n in (("new", "22"), ("old", "18"))]
    found = audited(*arms, claim("total", "count", event="{}", count="40"), trial=trial)
    assert found["new"].amiss
    assert "The size given for 'New treatment': 21 is not 22" in found["new"].note


def test_counts_are_known_from_sums_complements_and_rules() -> None:
    claims = claims_of(*rashes()[:2], claim("dead", "count", event="dead", count="9"))
    known = known_counts(claims)

    def count(**levels: str) -> int | None:
        found = known.of(Condition({name: frozenset({level}) for name, level in levels.items()}))
        return None if found is None else found.value

    assert count(arm="old", rash="yes") == 6
    assert count(arm="old", rash="no") == 12
    assert count(dead="no") == 31
    assert count(arm="old", dead="no") is None


def test_patients_whom_a_rule_rules_out_are_nobody() -> None:
    rule = (
        '\n[[rule]]\nid = "cr"\nplace = "Results"\n'
        'given = { response = "CR" }\nthen = { dead = false }\n'
    )  # fmt: skip
    claims = claims_of(rule, claim("cr", "count", event='{ response = "CR" }', count="20"))
    dead_in_cr = Condition({"response": frozenset({"CR"}), "dead": frozenset({"yes"})})
    found = known_counts(claims).of(dead_in_cr)
    assert found is not None
    assert (found.value, found.claims) == (0, ())


# --- counts of those of whom it is known ------------------------------------------------------------------------------


def known_rashes(**counts: str) -> list[str]:
    """13 of 38 in all, 7 of 21 and 6 of 17: of two patients it is not known."""
    sizes = {"all": "38", "new": "21", "old": "17"}
    return [claim(name, "count", name, event=RASH, count=(ARMS | counts)[name], of=sizes[name]) for name in sizes]


def test_counts_of_those_of_whom_it_is_known_add_up() -> None:
    found = audited(*known_rashes())
    assert [found[name].verdict for name in ARMS] == ["match"] * 3
    assert found["all"].method == "adds up: 7 + 6 = 13"


def test_counts_of_those_of_whom_it_is_known_that_do_not_add_up_are_a_mismatch() -> None:
    found = audited(*known_rashes(all="15"))
    assert {found[name].verdict for name in ARMS} == {"mismatch"}
    assert found["all"].note.startswith("7 + 6 = 13, not 15, of the 38 of whom it is known. 13 would fit.")


def test_denominators_that_do_not_add_up_leave_the_question_open() -> None:
    found = audited(*(text.replace('"38"', '"39"') for text in known_rashes(all="15")))
    assert {found[name].verdict for name in ARMS} == {"not derivable"}
