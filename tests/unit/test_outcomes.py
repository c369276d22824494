"""Outcomes counted from hand-made courses; every patient is synthetic."""

from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl
import pytest

from branchpoint.analysis.cohort_counts import (
    eligibility_counts,
    etiology_counts,
    not_evaluable_counts,
    rule_set_counts,
)
from branchpoint.analysis.courses import patient_courses
from branchpoint.analysis.outcomes import analysis_set, analyzed, outcome_table
from branchpoint.analysis.survival_times import (
    at_risk,
    frontline_events,
    intensive_events,
    overall_survival,
    survival_steps,
)
from branchpoint.publication.claims import (
    Claim,
    Claims,
    ClaimValue,
    Count,
    Median,
    Percentage,
    Population,
    Proportion,
    PValue,
    Survival,
)
from branchpoint.publication.claims import Study as PublishedStudy
from branchpoint.publication.comparison import compare
from branchpoint.publication.printed import printed
from tests.unit.synthetic_cohort import PROTOCOL, synthetic_decisions, synthetic_study

COURSES = patient_courses(synthetic_study(), synthetic_decisions(), PROTOCOL)
COUNTED = analyzed(COURSES, PROTOCOL)
RESULTS = outcome_table(synthetic_study(), COURSES, PROTOCOL)


def result(statistic: str, group: str = "all") -> dict[str, Any]:
    return RESULTS.row(by_predicate=(pl.col("id") == statistic) & (pl.col("group") == group), named=True)


@pytest.mark.parametrize(
    ("statistic", "n", "denominator"),
    [
        ("enrolled", 7, None),
        ("excluded", 1, 7),
        ("analyzed", 6, 7),
        ("frontline.cr", 1, 6),
        ("frontline.unfavorable", 4, 6),
        ("frontline.nr", 1, 6),
        ("frontline.pd_after_pr", 1, 6),
        ("frontline.improvement", 1, 6),
        ("frontline.other", 1, 6),
        ("frontline.undecided", 1, 6),
        ("orr", 5, 6),
        ("status_day_28", 2, 6),
        ("intensive.cr", 1, 4),
        ("intensive.refractory", 2, 4),
        ("intensive.died_before_week_8", 1, 4),
        ("refractory.hsct", 1, 2),
        ("refractory.hsct.alive", 0, 1),
        ("refractory.no_hsct.alive", 0, 1),
        ("overall.cr", 2, 6),
        ("overall.relapse", 1, 2),
        ("overall.alive", 4, 6),
        ("death.before_hsct", 1, 6),
        ("death.after_hsct", 1, 6),
        ("alive.week_8", 5, 6),
    ],
)
def test_counts(statistic: str, n: int, denominator: int | None) -> None:
    found = result(statistic)
    assert (found["n"], found["denominator"]) == (n, denominator)


def test_counts_split_by_prior_corticosteroid() -> None:
    naive, steroid = (result("frontline.unfavorable", group) for group in ("naive", "steroid"))
    assert (naive["n"], naive["denominator"]) == (2, 4)
    assert (steroid["n"], result("group", "steroid")["n"]) == (2, 2)


def test_the_unfavorable_add_up_and_every_statistic_stands_once() -> None:
    parts = ("nr", "pd_after_pr", "improvement", "other")
    assert sum(result(f"frontline.{part}")["n"] for part in parts) == result("frontline.unfavorable")["n"]
    assert not RESULTS.select("id", "group").is_duplicated().any()


def test_times_and_causes() -> None:
    assert result("frontline.time_to_cr")["median"] == 21
    assert result("frontline.duration_of_cr")["median"] == pytest.approx((400 - 2) / 30.4375)
    assert result("frontline.duration_since_cr")["median"] == pytest.approx((400 - 21) / 30.4375)
    assert (result("intensive.start")["median"], result("intensive.start")["high"]) == (7, 12)
    assert result("death.after_hsct.cause", "graft-versus-host disease")["n"] == 1
    assert result("death.before_hsct.cause", "severe infection")["n"] == 1


def test_the_analysis_set_excludes_violations() -> None:
    chosen = analysis_set(PROTOCOL)
    assert chosen is not None
    assert chosen.name == "pp"
    assert "excluded" not in COUNTED["subject"]


def test_survival_counts_deaths_and_censors_at_last_contact() -> None:
    times = {row[0]: row[1:] for row in overall_survival(COUNTED).iter_rows()}
    assert times["died"] == (30, True)
    assert times["CR"] == (400, False)
    steps = survival_steps(overall_survival(COUNTED))
    assert steps.row(0)[:2] == (0.0, 100.0)
    assert at_risk(overall_survival(COUNTED), [0, 12])["at_risk"].to_list() == [6, 1]


def test_event_free_survival_of_the_frontline_follows_its_conventions() -> None:
    times = {row[0]: row[1:] for row in frontline_events(COUNTED).iter_rows()}
    assert times["NR"] == (1, True)
    assert times["PD"] == (10, True)
    assert times["died"] == (7, False), "a switch for improvement is censored when the treatment starts"
    assert times["CR"] == (400, False)


def test_event_free_survival_of_additional_treatment_counts_from_its_start() -> None:
    times = {row[0]: row[1:] for row in intensive_events(COUNTED).iter_rows()}
    assert times["NR"] == (150 - 4, True)
    assert times["PD"] == (66 - 12, True)
    assert times["died"] == (30 - 7, True)


def test_counts_of_the_cohort() -> None:
    assert eligibility_counts(COURSES).row(0) == ("eligible", 7, 6, 1)
    by_etiology = {row["etiology"]: row for row in etiology_counts(COUNTED, PROTOCOL).iter_rows(named=True)}
    assert (by_etiology["EBV-HLH"]["n"], by_etiology["CAEBV-HLH"]["partial"]) == (5, 1)
    together = rule_set_counts(synthetic_decisions(), COUNTED, PROTOCOL)
    assert together["n"].sum() == COUNTED["decision_day"].is_not_null().sum()
    assert together.filter("agree")["trial"].to_list() == ["PR"]
    open_items = not_evaluable_counts(synthetic_decisions(), COURSES).rows(named=True)
    assert {tuple(row["what"]): (row["possible"], row["excluded"]) for row in open_items} == {
        ("response.dep",): ("CR PR", 0),
        ("dose", "exclusion_3"): ("", 1),
    }


def claims_of(**values: ClaimValue) -> Claims:
    listed = {
        name.replace("__", "."): Claim(name.replace("__", "."), "Table", "what", "all", value)
        for name, value in values.items()
    }
    everybody = {"all": Population("all", "All", 6)}
    return Claims(Path("claims.toml"), PublishedStudy("R", "C"), everybody, MappingProxyType(listed))


def test_comparison_at_the_printed_precision() -> None:
    claims = claims_of(
        frontline__cr__all=Count(1, 6, Decimal("16.7")),
        frontline__nr__all__percent=Percentage(Decimal("16.6")),
        frontline__time_to_cr__all=Median(Decimal(21), Decimal(21), Decimal(28)),
        orr__all=Proportion(Decimal("83.3"), Decimal("35.9"), Decimal("99.6")),
        os__all=Survival(Decimal("66.7"), Decimal(12)),
        baseline__age__p=PValue(Decimal(".008")),
    )
    found = {one.id: one for one in compare(RESULTS, claims)}
    assert found["frontline.cr.all"].agrees is True
    assert found["frontline.cr.all"].computed == "1/6 (16.7%)"
    assert found["frontline.nr.all.percent"].agrees is False
    assert found["frontline.nr.all.percent"].note
    assert found["frontline.time_to_cr.all"].computed == "21 (21-21)"
    assert found["orr.all"].agrees is True
    assert found["os.all"].computed is not None
    assert found["baseline.age.p"].agrees is None
    assert found["baseline.age.p"].note.startswith("Not computed")
    assert found["baseline.age.p"].published == ".008"


def test_values_are_printed_as_reports_print_them() -> None:
    assert printed(Survival(Decimal("86.4"), Decimal(12), half_width=Decimal("9.3"))) == "86.4 ± 9.3"
    assert printed(PValue(Decimal(".001"), below=True)) == "<.001"
    assert printed(PValue(Decimal("0.0004")), like=PValue(Decimal(".031"))) == "<.001"
