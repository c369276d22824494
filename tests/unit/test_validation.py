"""The measures measure what they say: papers print their trial, errors are where they say, checks can fail."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from validation import plain_numbers as plain
from validation.constrained import broken_relations
from validation.estimates import percent, survival_at
from validation.guyot import Published, digitize, guyot
from validation.paper import Paper
from validation.plain_check import check_cohort
from validation.planted_errors import Alarm, Outcome, paper_of
from validation.planting import Edit, Kind, plant, possible
from validation.running import write_section
from validation.scoring import report, score
from validation.simulated_trial import TrialSettings, simulate
from validation.synthetic_paper import draw_paper, print_paper

SEEDS = (4, 10, 23, 38)
"""Limits and half widths; counts and bare percentages; one and two arms; small and large."""


def random(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(seed))


@pytest.fixture(scope="module")
def clean() -> Paper:
    return print_paper(simulate(TrialSettings(7, size=81)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_paper_prints_its_trial(seed: int) -> None:
    trial, paper = draw_paper(seed)
    claims = paper.read()
    assert 80 <= len(claims.claims) <= 200
    checked = {one.claim: one for one in check_cohort(claims, trial.cohort)}
    assert [one for one in checked.values() if not one.agrees] == []
    unanswered = {name.partition(".")[2] for name in claims.claims.keys() - checked.keys()}
    assert unanswered <= {"start", "end", "hr", "p", "etiology.p"}, "a large exact test may be too long to list"


def test_a_paper_is_made_again_from_its_seed() -> None:
    assert draw_paper(5)[1].toml == draw_paper(5)[1].toml
    assert draw_paper(5)[1].toml != draw_paper(6)[1].toml
    assert paper_of(9, 1)[2] == paper_of(9, 1)[2]


def test_a_hazard_ratio_is_that_of_the_settings() -> None:
    trial = simulate(TrialSettings(1, size=40_000, hazard_ratio=0.5, follow_up=24.0))
    first = trial.values["arm"] == "experimental"
    for time, event in (("os", "death"), ("efs", "failure")):
        happened = trial.values[event] == "yes"
        alive = [survival_at(trial.values[time][own], happened[own], 12)[0] / 100 for own in (first, ~first)]
        assert np.log(alive[0]) / np.log(alive[1]) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("seed", SEEDS)
def test_planting_changes_what_it_says_and_nothing_else(kind: Kind, seed: int) -> None:
    _, paper = draw_paper(seed)
    after, edits = plant(paper, kind, random(seed), 3)
    assert len({edit.claim for edit in edits}) == len(edits) == 3
    changed = {
        (name, key, before[key], after.claims[name][key])
        for name, before in paper.claims.items()
        for key in before
        if before[key] != after.claims[name][key]
    }
    assert changed == {(edit.claim, name, *pair) for edit in edits for name, pair in edit.changed.items()}
    assert after.read().claims.keys() == paper.claims.keys(), "it can still be read"


def test_every_error_is_of_its_kind(clean: Paper) -> None:
    sizes = {str(group["size"]) for group in clean.populations}
    for edit in possible(clean, Kind.SWAPPED):
        ((before, after),) = edit.changed.values()
        assert sorted(before) == sorted(after)
        assert sum(a != b for a, b in zip(before.replace(".", ""), after.replace(".", ""), strict=True)) == 2
    for edit in possible(clean, Kind.DENOMINATOR):
        count = int(str(clean.claims[edit.claim]["count"]))
        assert edit.changed["percent"][1] in {percent(count, int(size), 1) for size in sizes}
    for edit in possible(clean, Kind.STALE):
        before, after = (int(value) for value in edit.changed["count"])
        assert 1 <= abs(before - after) <= 3
        size = int(str(clean.claims[edit.claim]["of"]))
        assert edit.changed["percent"][1] == percent(after, size, 1)
    for edit in possible(clean, Kind.ONE_SIDED):
        before, after = (float(value.removeprefix("<")) for value in edit.changed["p"])
        assert after < before
        assert edit.variety == "table" or after == pytest.approx(before / 2, abs=0.001)
    for edit in possible(clean, Kind.STANDARD_ERROR):
        shown = clean.claims[edit.claim]
        narrowed = [abs(float(str(shown["percent"])) - float(after)) for _, after in edit.changed.values()]
        assert max(narrowed) == pytest.approx(clean.spreads[edit.claim].standard_error, abs=0.11)
    varieties = {edit.variety for edit in possible(clean, Kind.RANGE)}
    assert varieties == {"without its median", "beyond the total's", "half a unit, odd n"}


def test_a_clean_paper_breaks_no_relation(clean: Paper) -> None:
    claims = clean.read()
    assert {name: broken for name in claims.claims if (broken := broken_relations(claims, name))} == {}


@pytest.mark.parametrize(
    ("claim", "fields", "broken"),
    [
        ("sex.male.all", {"percent": "99.0"}, "its own percent"),
        ("CR.all", {"count": "1", "percent": "1.3"}, "a repetition"),
        ("PR.control", {"count": "0", "percent": "0.0"}, "an addition"),
        ("fever.p", {"p": "0.001"}, "the test stated"),
        ("orr.all", {"low": "1.0"}, "its own limits"),
        ("os.12.all", {"low": "80.0"}, "its own limits"),
        ("os.12.all", {"percent": "30.0", "low": "29.0", "high": "31.0"}, "the least standard error"),
        ("text.age.range.control", {"high": "0.1", "low": "0.0"}, "a median and its range"),
        ("os.p", {"p": "0.001"}, None),
        ("age.p", {"p": "0.001"}, None),
    ],
)
def test_it_is_known_which_errors_can_be_seen(clean: Paper, claim: str, fields: dict[str, str], broken: str) -> None:
    found = broken_relations(clean.edited(claim, **fields).read(), claim)
    assert broken in found if broken else found == ()


def test_a_wrong_cohort_is_caught(clean: Paper) -> None:
    claims, cohort = clean.read(), simulate(TrialSettings(7, size=81)).cohort
    assert all(one.agrees for one in check_cohort(claims, cohort))
    first = pl.int_range(pl.len()) == 0

    def wrong(column: str, value: object) -> set[str]:
        edited = cohort.with_columns(pl.when(first).then(pl.lit(value)).otherwise(pl.col(column)).alias(column))
        return {one.claim for one in check_cohort(claims, edited) if not one.agrees}

    arm, was = cohort["arm"][0], cohort["response"][0]
    now = "PR" if was == "NR" else "NR"
    assert {
        f"{was}.{arm}",
        f"{now}.{arm}",
        f"{was}.all",
        f"orr.{arm}" if "NR" in (was, now) else f"{was}.all",
    } <= wrong("response", now)
    assert {"age.all", f"age.{arm}", f"text.age.range.{arm}"} <= wrong("age", 99.9)
    assert {f"hemoglobin.{arm}", "hemoglobin.all"} <= wrong("hemoglobin", 500.0)
    assert wrong("os", 0.03) & {"os.6.all", "os.12.all", "follow_up.all"}
    assert {"sex.male.all", "sex.p"} & wrong("sex", "female" if cohort["sex"][0] == "male" else "male")


def test_what_is_not_followed_is_not_checked(clean: Paper) -> None:
    claims, cohort = clean.edited("CR.all", count="1").read(), simulate(TrialSettings(7, size=81)).cohort
    assert "CR.all" in {one.claim for one in check_cohort(claims, cohort) if not one.agrees}
    aside = frozenset({("CR.all", "count"), ("CR.all", "percent")})
    assert "CR.all" not in {one.claim for one in check_cohort(claims, cohort, aside) if not one.agrees}


def test_plain_statistics_are_those_of_the_reference_paper() -> None:
    """Zhang Q, et al. Blood 2022;139(24):3493: response intervals, CR by prior treatment, response by etiology, EFS."""
    assert plain.clopper_pearson(36, 52) == pytest.approx((0.549, 0.813), abs=5e-4)
    assert plain.clopper_pearson(14, 18) == pytest.approx((0.524, 0.936), abs=5e-4)
    assert plain.clopper_pearson(0, 10)[0] == 0
    assert plain.fisher(((15, 19), (7, 11))) == pytest.approx(0.775, abs=5e-4)
    assert plain.fisher(((21, 3), (3, 7), (7, 4), (5, 2))) == pytest.approx(0.00917, abs=5e-6)
    assert plain.pearson(((21, 3), (3, 7), (7, 4), (5, 2))) == pytest.approx(0.0109, abs=5e-5)
    times = [0.03] * 12 + [0.1] * 2 + [0.5] * 5 + [15.0] * 15
    step = plain.survival(times, [True] * 12 + [False] * 2 + [True] * 5 + [False] * 15, 12)
    assert 100 * step.survival == pytest.approx(48.5, abs=0.05)
    assert 100 * plain.z(95) * step.standard_error == pytest.approx(17.2, abs=0.05)


def test_plain_tests_are_those_of_scipy() -> None:
    from scipy import stats

    x, y = random(1).normal(0, 1, 12).round(2).tolist(), random(2).normal(0.8, 2, 17).round(2).tolist()
    assert plain.t_tests(x, y)[0] == pytest.approx(stats.ttest_ind(x, y).pvalue, rel=1e-6)
    assert plain.t_tests(x, y)[1] == pytest.approx(stats.ttest_ind(x, y, equal_var=False).pvalue, rel=1e-6)
    assert plain.rank_sum(x, y)[0] == pytest.approx(stats.mannwhitneyu(x, y, method="asymptotic").pvalue)
    assert plain.rank_sum(x, y)[2] == pytest.approx(stats.mannwhitneyu(x, y, method="exact").pvalue)
    a, b = np.abs(x), np.abs(y)
    expected = stats.logrank(a, stats.CensoredData.right_censored(b, b > 2)).pvalue
    assert plain.log_rank([(a, [True] * 12), (b, (b <= 2).tolist())]) == pytest.approx(expected)
    table = ((5, 3, 9), (1, 8, 4))
    assert plain.pearson(table) == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    assert plain.pearson(((5, 3), (1, 8)), yates=True) == pytest.approx(stats.chi2_contingency([[5, 3], [1, 8]]).pvalue)


def test_guyot_gives_a_small_curve_back() -> None:
    """Ten patients, deaths at 1, 2 and 4 months, one censored at about 3, numbers at risk every 2 months."""
    published = Published(
        times=np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0]),
        survival=np.array([1.0, 0.9, 0.8, 0.8, 0.8 * 6 / 7, 0.8 * 6 / 7]),
        risk_times=np.array([0.0, 2.0, 4.0]),
        at_risk=np.array([10, 9, 7]),
        events=3,
    )
    found = guyot(published)
    assert sorted(found.time[found.event].tolist()) == [1.0, 2.0, 4.0]
    assert len(found.time) == 10
    assert [int((found.time >= at).sum()) for at in (0, 2, 4)] == [10, 9, 7]
    assert 2 <= found.time[~found.event].min() <= 4
    with pytest.raises(ValueError, match="begin at time 0"):
        guyot(Published(np.array([1.0]), np.array([1.0]), np.array([0.0]), np.array([3])))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_guyot_keeps_numbers_at_risk_events_and_curve(seed: int) -> None:
    trial = simulate(TrialSettings(seed, size=120))
    time, event = np.asarray(trial.values["os"], float), trial.values["death"] == "yes"
    read = digitize(time, event, np.arange(0.0, 30.0, 6.0), random(seed))
    found = guyot(read)
    assert len(found.time) == 120
    assert abs(int(found.event.sum()) - int(event.sum())) <= 1
    assert np.abs([int((found.time >= at).sum()) for at in read.risk_times] - read.at_risk).max() <= 1
    for at in (3, 6, 12, 18):
        assert survival_at(found.time, found.event, at)[0] == pytest.approx(survival_at(time, event, at)[0], abs=1.5)


def outcome(*alarms: Alarm, kind: Kind | None = Kind.STALE, refused: str = "") -> Outcome:
    edits = (Edit(Kind.STALE, "count", "a", {"count": ("3", "4")}),) if kind else ()
    return Outcome(1, kind, 10, edits, tuple(("an addition",) for _ in edits), alarms, refused, 0.1)


def alarm(claim: str, *others: str) -> Alarm:
    return Alarm(claim, "mismatch", "so", others)


def test_an_error_is_caught_by_name_or_within_a_small_tie() -> None:
    def caught(*alarms: Alarm) -> tuple[bool, bool]:
        (one,) = score(outcome(*alarms))
        return one.caught, one.alone

    assert caught(alarm("a", "b")) == (True, True)
    assert caught(alarm("a", "b"), alarm("b", "a")) == (True, False)
    assert caught(alarm("b", "a")) == (True, False)
    assert caught() == (False, False)
    assert caught(alarm("b", "c")) == (False, False)
    assert caught(alarm("b", "a", "c", "d", "e")) == (False, False)
    assert caught(*(alarm(name, "a") for name in "abcde")) == (False, False)
    (one,) = score(outcome(refused="claim 'a' (line 3), field 'low'"))
    assert one.caught


def test_a_report_counts_false_alarms_and_misses() -> None:
    outcomes = [outcome(alarm("a", "b"), alarm("c")), outcome(kind=None), outcome(alarm("x"), kind=None)]
    outcomes = [replace(one, number=number) for number, one in enumerate(outcomes)]
    text = report(outcomes, "--papers 3", 1.0)
    assert "| stale count | 1 | 1/1, 100.0%" in text
    assert "without any accusation: 1/2" in text
    assert "not accused (those tied to a planted one left out): 27/29" in text
    assert "`c`, mismatch" in text


def test_sections_are_kept_apart(tmp_path: Path) -> None:
    page = tmp_path / "validation.md"
    write_section("known_truth", "## Truth", page)
    write_section("planted_errors", "## Planted, first", page)
    write_section("planted_errors", "## Planted", page)
    text = page.read_text(encoding="utf-8")
    assert text.index("## Planted") < text.index("## Truth")
    assert "first" not in text
    assert text.count("begin") == 2


def test_printed_numbers_are_rounded_half_up() -> None:
    assert plain.prints(93.75, Decimal("93.8"))
    assert plain.prints(0.15 * 3 / 0.1, Decimal("4.5"))
    assert percent(1, 16, 1) == "6.3"
