import polars as pl
import pytest

from branchpoint.engine.evaluate import evaluate
from branchpoint.language import Numeric, Scale, YesNo, all_of, any_of, at_baseline, at_least, criterion

FERRITIN = Numeric(name="ferritin", label="Ferritin", scales=(Scale("ug/L", (0, 1e6)),))
FEVER = YesNo(name="fever", label="Fever")
HIGH = criterion("high", "Ferritin high", FERRITIN >= 500)


def test_a_rule_is_a_column_of_true_false_and_null():
    frame = pl.DataFrame({"ferritin": [500.0, 499.0, None]})
    judged = evaluate({"high": HIGH}, frame)
    assert judged.columns == ["ferritin", "high"]
    assert judged["high"].to_list() == [True, False, None]


def test_nan_is_missing():
    frame = pl.DataFrame({"ferritin": [float("nan"), 600.0]})
    assert evaluate({"high": HIGH}, frame)["high"].to_list() == [None, True]


def test_a_lazy_frame_stays_lazy():
    judged = evaluate({"high": HIGH}, pl.LazyFrame({"ferritin": [600.0]}))
    assert isinstance(judged, pl.LazyFrame)
    assert judged.collect()["high"].to_list() == [True]


def test_absent_columns_are_all_named():
    with pytest.raises(KeyError, match=r"lacks columns that the rules read: ferritin, fever"):
        evaluate({"both": all_of(HIGH, FEVER)}, pl.DataFrame({"day": [0]}))


def test_a_rule_at_baseline_reads_the_baseline_column():
    frame = pl.DataFrame({"ferritin": [600.0], "ferritin__baseline": [100.0]})
    rules = {"now": HIGH, "then": HIGH, "also_then": at_baseline(HIGH)}
    judged = evaluate(rules, frame, at_baseline=frozenset({"then"}))
    assert judged.select("now", "then", "also_then").row(0) == (True, False, False)


def test_shared_parts_leave_no_column_behind():
    part = any_of(HIGH, FEVER)
    rules = {"one": at_least(1, part, FEVER), "two": all_of(part, FEVER), "three": part}
    frame = pl.DataFrame({"part0": [1], "ferritin": [600.0], "fever": [None]}, schema_overrides={"fever": pl.Boolean})
    judged = evaluate(rules, frame)
    assert judged.columns == ["part0", "ferritin", "fever", "one", "two", "three"]
    assert judged.row(0) == (1, 600.0, None, True, None, True)


def test_a_rule_may_have_the_name_of_a_column():
    judged = evaluate(
        {"fever": HIGH, "both": all_of(HIGH, FEVER)}, pl.DataFrame({"ferritin": [600.0], "fever": [False]})
    )
    assert judged.row(0, named=True) == {"ferritin": 600.0, "fever": True, "both": False}


def test_a_rule_without_inputs_answers_on_every_row():
    from branchpoint.language.quantities import Number

    unknown = Number(1.0) / Number(0.0) > 1
    judged = evaluate({"always": Number(1.0) < 2, "unknown": unknown}, pl.DataFrame({"day": [0, 1, 2]}))
    assert judged["always"].to_list() == [True, True, True]
    assert judged["unknown"].to_list() == [None, None, None]


def test_a_pandas_column_of_objects_is_refused():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"fever": pandas.Series([True, None, False], dtype=object)})
    with pytest.raises(TypeError, match="column 'fever' has dtype object: convert it"):
        evaluate({"fever_now": FEVER.holds}, frame)


def test_nullable_pandas_answers_as_polars_does():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"fever": pandas.array([True, None, False], "boolean"), "ferritin": pandas.array([1.0, 600.0, None], "Float64")}
    )
    judged = evaluate({"either": any_of(HIGH, FEVER), "both": at_least(2, HIGH, FEVER)}, frame)
    assert [None if pandas.isna(answer) else bool(answer) for answer in judged["either"]] == [True, True, None]
    assert [None if pandas.isna(answer) else bool(answer) for answer in judged["both"]] == [False, None, False]
