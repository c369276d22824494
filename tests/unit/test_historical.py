"""Comparison with a published trial: the arithmetic by hand, the weights by their definition."""

from math import isnan, sqrt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from branchpoint.analysis.historical import ard_of_historical, compare_adjusted, compare_as_published
from branchpoint.analysis.matching import entropy_weights, weighted_proportion
from branchpoint.analysis.published_control import Control, read_control
from branchpoint.refused import Refused
from branchpoint.statistics.chi_square import pearson

FILE = Path(__file__).parents[2] / "studies" / "hlh94" / "published.toml"
CONTROL = read_control(FILE)


def patients(number: int = 52) -> pl.DataFrame:
    """Made up: as many events as the reference trial printed when there are 52."""
    place = pl.int_range(number, eager=True)
    return pl.DataFrame(
        {
            "overall_cr": place < 38,
            "death_day": pl.Series([20] * min(5, number) + [200] * min(4, max(0, number - 5))
                                   + [None] * max(0, number - 9), dtype=pl.Int32),
            "baseline.age": (place % 10).cast(pl.Float64),
            "sex": ["M" if one % 3 else "F" for one in range(number)],
            "feature.cns_involvement": place % 5 == 0,
            "primary": place % 13 == 0,
        }
    )  # fmt: skip


def test_the_published_p_values_are_pearson_without_correction() -> None:
    for outcome in CONTROL.outcomes:
        if outcome.printed is not None:
            count, size, p = outcome.printed
            test = pearson([[count, size - count], [outcome.count, outcome.size - outcome.count]])
            assert round(test.p, 3) == p, outcome.id


def test_every_number_names_its_source_and_the_caveats_are_there() -> None:
    assert all(one.source for one in (*CONTROL.outcomes, *CONTROL.means))
    told = " ".join(CONTROL.caveats)
    for word in ("Confounded", "definitions differ", "denominators differ", "1 year"):
        assert word in told


def test_as_published() -> None:
    rows = {row.outcome.id: row for row in compare_as_published(patients(), CONTROL)}
    assert (rows["cr_overall"].count, rows["cr_overall"].size) == (38, 52)
    assert rows["cr_overall"].test.p == pytest.approx(0.0607, abs=5e-5)
    assert rows["cr_overall"].difference.value == pytest.approx(38 / 52 - 122 / 207)
    assert rows["alive_week_8"].count == 47
    assert rows["cr_overall"].note == ""
    assert "printed 43/52" in {row.outcome.id: row for row in compare_as_published(patients(50), CONTROL)}["alive"].note


def test_weights_of_one_truth_are_those_of_hand_calculation() -> None:
    # 4 of 10 have it, aimed at 60%: they weigh 1.5 and the others 2/3.
    x = np.array([1.0] * 4 + [0.0] * 6)
    found = entropy_weights(x[:, None], [0.6])
    assert found.weights == pytest.approx(np.where(x == 1, 1.5, 2 / 3))
    assert found.effective_size == pytest.approx(100 / (4 * 1.5**2 + 6 * (2 / 3) ** 2))


def test_the_standard_error_of_a_poststratified_share_is_the_textbook_one() -> None:
    # With weights fixed by one stratum, the share is a mean of stratum shares: its variance is that of the strata.
    x = np.array([1.0] * 4 + [0.0] * 6)
    y = np.array([1, 1, 1, 0, 1, 1, 0, 0, 0, 0])
    estimate, error = weighted_proportion(entropy_weights(x[:, None], [0.6]), y)
    first, second = 3 / 4, 2 / 6
    assert estimate.value == pytest.approx(0.6 * first + 0.4 * second)
    variance = 0.36 * first * (1 - first) / 4 + 0.16 * second * (1 - second) / 6
    assert error == pytest.approx(sqrt(variance))


def test_weighted_means_are_those_aimed_at() -> None:
    random = np.random.default_rng(7)
    x = np.column_stack([random.normal(4, 2, 80), random.random(80) < 0.4, random.random(80) < 0.2])
    aim = [3.0, 0.55, 0.33]
    found = entropy_weights(x, aim)
    assert found.weights @ x / found.weights.sum() == pytest.approx(aim)
    assert 0 < found.effective_size < 80
    assert found.weights.mean() == pytest.approx(1)


def test_means_already_met_change_nothing() -> None:
    x = np.arange(6.0)[:, None]
    found = entropy_weights(x, [2.5])
    assert found.weights == pytest.approx(np.ones(6))
    estimate, error = weighted_proportion(found, [1, 0, 1, 1, 0, 0])
    assert estimate.value == pytest.approx(0.5)
    assert error > 0


@pytest.mark.parametrize(("x", "aim"), [([[0.0], [0.0]], [0.5]), ([[1.0], [2.0]], [9.0]), (np.empty((0, 1)), [1.0])])
def test_means_out_of_reach_are_not_estimable(x: list[list[float]], aim: list[float]) -> None:
    found = entropy_weights(x, aim)
    assert not len(found.weights)
    assert "not estimable" in found.note
    estimate, error = weighted_proportion(found, [True] * len(x))
    assert not estimate.estimable
    assert isnan(error)


def test_missing_covariates_are_refused_by_the_weights_and_counted_by_the_comparison() -> None:
    with pytest.raises(ValueError, match="none missing"):
        entropy_weights([[float("nan")]], [1.0])
    table = patients().with_columns(pl.when(pl.int_range(52) > 1).then("baseline.age").alias("baseline.age"))
    rows = compare_adjusted(table, CONTROL)
    assert {(row.n, row.left_out) for row in rows} == {(50, 2)}


def test_adjusted_rows_tell_what_is_left_and_that_baseline_is_not_an_outcome() -> None:
    rows = compare_adjusted(patients(), CONTROL)
    sizes = {row.adjustment: row.effective_size for row in rows}
    assert list(sizes) == [name for name, _ in CONTROL.adjustments]
    assert all(0 < size < 52 for size in sizes.values())
    assert "primary" not in {row.outcome.id for row in rows}
    (one,) = (row for row in rows if row.outcome.id == "cr_overall" and row.adjustment == "age and sex")
    assert one.difference.value == pytest.approx(one.estimate.value - 122 / 207)
    assert one.test.estimable


@pytest.mark.parametrize("number", [0, 1, 2])
def test_hardly_anybody_is_said_and_not_computed(number: int) -> None:
    table = patients(number)
    rows = ard_of_historical(compare_as_published(table, CONTROL), compare_adjusted(table, CONTROL), CONTROL)
    assert not rows.filter(pl.col("stat").is_null() & pl.col("warning").is_null() & (pl.col("context") != "attributes")
                           ).height  # fmt: skip


def test_caveats_are_rows_of_the_results() -> None:
    rows = ard_of_historical(compare_as_published(patients(), CONTROL), compare_adjusted(patients(), CONTROL), CONTROL)
    assert rows.filter(pl.col("stat_label") == "Caveat")["stat_fmt"].to_list() == list(CONTROL.caveats)
    assert {"historical", "historical_adjusted"} <= set(rows["context"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "HLH-94"', "name = ", "found no TOML"),
        ('title = "HLH-94', 'other = "HLH-94', "title"),
        ("count = 122", "count = 222", "expected a count of its size"),
        ('means = ["age", "sex"]', 'means = ["weight"]', "weight"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "published.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(Refused, match=said):
        read_control(path)


def test_the_control_is_a_value() -> None:
    assert isinstance(CONTROL, Control)
    assert read_control(FILE) == CONTROL
