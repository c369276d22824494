"""The measure of known truth measures what it says: on the true patients themselves, and on patients made wrong."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from branchpoint.publication.reconstruction import cohort
from branchpoint.publication.solver import InfeasibleError
from validation.curve_errors import (
    Patients,
    Quantity,
    Reading,
    at_risk_until,
    distances,
    joined,
    quantities,
    read,
)
from validation.known_truth import LARGEST, SMALLEST, Compared, Outcome, run, trial_of
from validation.truth_report import report, told

SIX = Patients(
    time=np.array([1.0, 2.0, 4.0, 1.0, 3.0, 5.0]),
    event=np.array([True, False, False, False, True, True]),
    first=np.array([True, True, True, False, False, False]),
)
"""Survival of the first group 2/3 from month 1 on; of the second 1/2 from month 3 on, and 0 from month 5 on."""


def reading(level: float, log_hazard_ratio: float = 0.0) -> Reading:
    return Reading(np.full((2, 1000), level), log_hazard_ratio)


def drawing(monkeypatch: pytest.MonkeyPatch, *, number: int, wrong: pl.Expr | None = None) -> Outcome:
    """Outcome of a trial of which both draws are the true patients, or these made wrong."""
    true = trial_of(number, 1).cohort
    drawn = true if wrong is None else true.with_columns(wrong)
    cohorts = pl.concat([drawn.with_columns(draw=pl.lit(draw)) for draw in (1, 2)])

    def reconstruct(*_: Any, **__: Any) -> SimpleNamespace:
        return SimpleNamespace(cohorts=cohorts, dropped=(), unmet={})

    monkeypatch.setattr(cohort, "reconstruct", reconstruct)
    return run(number, 1, 2)


def by_name(outcome: Outcome, endpoint: str) -> dict[str, list[Quantity]]:
    found: dict[str, list[Quantity]] = {}
    for compared in outcome.compared:
        for one in compared.quantities if compared.endpoint == endpoint else ():
            found.setdefault(one.name, []).append(one)
    return found


def test_survival_and_mean_times_are_those_by_hand() -> None:
    found = read(SIX, 6.0)
    assert found.survival[:, [50, 100, 250, 300, 499, 500, 599]].tolist() == [
        [1.0, *[pytest.approx(2 / 3)] * 6],
        [1.0, 1.0, 1.0, 0.5, 0.5, 0.0, 0.0],
    ]
    assert found.mean_difference == pytest.approx((1 + 5 * 2 / 3) - (3 + 2 * 0.5))


def test_a_hazard_ratio_is_of_the_first_group_and_may_not_be_estimable() -> None:
    trial = trial_of(3, 1)
    first = (trial.cohort[trial.settings.group] == trial.settings.groups[0]).to_numpy()
    time, event = trial.cohort["os"].to_numpy(), (trial.cohort["death"] == "yes").to_numpy()
    one, other = (read(Patients(time, event, own), 6.0).log_hazard_ratio for own in (first, ~first))
    assert one == pytest.approx(-other)
    assert one != pytest.approx(0, abs=0.01)
    sooner = Patients(np.where(first, time / 4, time), event, first)
    assert read(sooner, 6.0).log_hazard_ratio > one
    assert np.isnan(read(Patients(time, event & ~first, first), 6.0).log_hazard_ratio)


def test_curves_are_compared_while_three_of_each_group_are_at_risk() -> None:
    assert at_risk_until(SIX) == 1.0
    ten = np.arange(1.0, 11.0)
    assert at_risk_until(Patients(np.append(ten, 3 * ten), np.ones(20, bool), np.arange(20) < 10)) == 8.0
    assert at_risk_until(Patients(ten, np.ones(10, bool), np.arange(10) < 2)) == 0.0


def test_points_are_joined_by_constant_hazards() -> None:
    line = joined({6.0: 0.81, 12.0: 0.405}, 14.0)
    assert line[[0, 300, 600, 900, 1200]] == pytest.approx([1, 0.9, 0.81, 0.81 / 2**0.5, 0.405])
    assert np.isnan(line[1201:]).all()


def test_the_side_of_the_truth() -> None:
    draws = np.array([0.4, 0.6])
    assert [Quantity("", truth, draws, 0.5).side for truth in (0.39, 0.4, 0.5, 0.6, 0.61)] == [-1, 0, 0, 0, 1]


def test_distances_are_taken_before_and_after_the_last_printed_time() -> None:
    draws, line = [reading(0.4), reading(0.7)], np.full((2, 1000), 0.6)
    late = reading(0.5)
    late.survival[1, 601:] = 0.8
    printed, after = distances(late, draws, reading(0.5), line, 6.0)
    assert printed.mean == pytest.approx({"one draw": 0.15, "mean of draws": 0.05, "points joined": 0.1, "Guyot": 0.0})
    assert after.mean["one draw"] == pytest.approx((0.1 + 0.2 + 0.4 + 0.1) / 4)
    assert after.greatest["one draw"] == pytest.approx((0.4 + 0.2) / 2)
    assert (printed.within, after.within) == (1.0, 0.5)
    assert [one.span for one in distances(late, draws, late, line, 10.0)] == ["printed"]


def test_effects_that_cannot_be_estimated_everywhere_are_left_out() -> None:
    line = np.full((2, 1000), np.nan)
    named = [one.name for one in quantities(reading(0.5), [reading(0.4)], reading(0.5), line, {"3 months": 3.0})]
    assert named == ["3 months", "3 months", "restricted mean", "log hazard ratio"]
    without = quantities(reading(0.5), [reading(0.4, np.nan)], reading(0.5), line, {})
    assert [one.name for one in without] == ["restricted mean"]


@pytest.mark.parametrize("number", [0, 7])
def test_the_true_patients_are_without_error(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    outcome = drawing(monkeypatch, number=number)
    assert [one.endpoint for one in outcome.compared] == ["os", "efs"]
    for compared in outcome.compared:
        assert {one.span for one in compared.distances} == {"printed", "after"}
        assert all(one.mean["one draw"] == one.greatest["mean of draws"] == 0 for one in compared.distances)
        assert all(one.within == 1 for one in compared.distances)
        assert all(0 <= one.mean["Guyot"] < 0.02 for one in compared.distances)
        for one in compared.quantities:
            assert one.draws == pytest.approx([one.truth] * 2, abs=1e-9)
            assert one.side == 0
            assert one.guyot == pytest.approx(one.truth, abs=1.0 if one.name == "restricted mean" else 0.15)


def test_patients_made_wrong_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = by_name(drawing(monkeypatch, number=7), "os")
    sooner = by_name(drawing(monkeypatch, number=7, wrong=(pl.col("os") * 0.4).round(2)), "os")
    assert all(one.draws.max() < one.truth for one in sooner["9 months"])
    assert {one.side for one in sooner["9 months"]} == {1}
    group = trial_of(7, 1).settings
    swapped = pl.col(group.group).replace(dict(zip(group.groups, group.groups[::-1], strict=True)))
    turned = by_name(drawing(monkeypatch, number=7, wrong=swapped), "os")
    for name in ("log hazard ratio", "restricted mean"):
        assert turned[name][0].draws[0] == pytest.approx(-right[name][0].truth)


def test_trials_are_made_again_and_differ() -> None:
    assert trial_of(4, 2).cohort.equals(trial_of(4, 2).cohort)
    assert not trial_of(4, 2).cohort.equals(trial_of(5, 2).cohort)
    sizes = [trial_of(number, 2).settings.size for number in range(30)]
    assert SMALLEST <= min(sizes) < 60
    assert 130 < max(sizes) <= LARGEST


def test_a_trial_that_cannot_be_drawn_is_counted_and_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    def reconstruct(*_: Any, **__: Any) -> SimpleNamespace:
        raise InfeasibleError("patients of this paper", "UNKNOWN")

    monkeypatch.setattr(cohort, "reconstruct", reconstruct)
    outcome = run(1, 1, 2)
    assert outcome.compared == ()
    assert "patients of this paper" in outcome.failure
    assert outcome.failure in told(outcome)


def outcome_of(number: int, truth: float, draws: list[float], **given: Any) -> Outcome:
    effect = Quantity("log hazard ratio", truth, np.array(draws), truth + 0.1)
    fields = {"dropped": 0, "unmet": 0, "failure": "", "seconds": 2.0}
    return Outcome(number, 50, 90, compared=(Compared("os", (effect,), ()),), **{**fields, **given})


def test_a_report_counts_failures_errors_and_coverage() -> None:
    """Draws at half of the truth: slope 0.5, errors of -1 and 1, and the truth within the range of one trial of two."""
    outcomes = [
        outcome_of(0, 2.0, [0.5, 1.5]),
        outcome_of(1, -2.0, [0.0, -2.0], unmet=3, dropped=1),
        Outcome(2, 60, 90, 0, 0, "InfeasibleError: none", (), 9.0),
    ]
    text = report(outcomes, 2, "--trials 3", 20.0)
    assert "3 simulated trials of 50 to 60 patients in two groups, 2 draws of each" in text
    assert "without any draw: 1/3, 33.3% (0.8 to 90.6) (trial 2)" in text
    assert "misses a printed number although it follows it: 1/2, 50.0% (1.3 to 98.7) (trial 1)" in text
    assert "Trial 2: InfeasibleError: none" in text
    errors = next(line for line in text.splitlines() if line.startswith("| overall survival, log hazard ratio | 2 "))
    cells = [cell.strip() for cell in errors.strip("|").split("|")]
    assert cells[2].startswith("0.000 (")
    assert cells[3].startswith("0.100 (0.100 to 0.100")
    assert cells[4:] == [f"{((1.5**2 + 0.5**2 + 2**2 + 0) / 4) ** 0.5:.3f}", "1.000", "0.100", "0.50", "1.00"]
    assert "would hold a number of theirs in 33.3%, and miss it above and below in 33.3% each" in text
    assert "| overall survival, log hazard ratio | 1/2, 50.0% (1.3 to 98.7) | 0.0% | 50.0% | 1.500" in text


@pytest.mark.slow
def test_a_trial_is_reconstructed_from_its_tables() -> None:
    outcome = run(0, 1, 1)
    assert outcome.failure == ""
    assert [one.endpoint for one in outcome.compared] == ["os", "efs"]
    assert any(distance.mean["one draw"] > 0 for one in outcome.compared for distance in one.distances)
