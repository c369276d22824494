"""Kaplan-Meier against R's survfit on survival::lung (kaplan_meier.R), and against hand counts."""

import csv
import math
from pathlib import Path

import pytest

from branchpoint.statistics.kaplan_meier import kaplan_meier

HERE = Path(__file__).parent


def rows(name):
    lines = (HERE / name).read_text().splitlines()
    return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(x for x in lines if not x.startswith("#"))]


LUNG = rows("lung.csv")
CURVE = kaplan_meier([row["time"] for row in LUNG], [row["event"] == 1 for row in LUNG])


@pytest.mark.parametrize("expected", rows("kaplan_meier.csv"), ids=lambda row: f"day {row['time']:g}")
def test_agrees_with_r(expected):
    time = expected["time"]
    survival, error = CURVE.at(time)
    assert survival == pytest.approx(expected["survival"], rel=1e-10)
    assert error == pytest.approx(expected["std_error"], rel=1e-10)
    assert CURVE.number_at_risk([time])[0] == expected["n_risk"]
    assert CURVE.limits(time) == pytest.approx((expected["plain_low"], expected["plain_high"]), rel=1e-10)
    if not math.isnan(expected["loglog_low"]):
        limits = CURVE.limits(time, form="log-log")
        assert limits == pytest.approx((expected["loglog_low"], expected["loglog_high"]), rel=1e-10)


def test_events_precede_censoring_at_the_same_time():
    curve = kaplan_meier([2, 2, 2, 5], [True, False, True, True])
    assert list(curve.at_risk) == [4, 1]
    assert curve.at(2)[0] == 0.5
    assert curve.at(5) == (0.0, 0.0)


def test_beyond_the_last_follow_up_survival_is_not_estimable():
    curve = kaplan_meier([1, 2, 3], [True, False, False])
    assert math.isnan(curve.at(3.5)[0])
    assert all(map(math.isnan, curve.limits(3.5)))


def test_nobody_at_all():
    curve = kaplan_meier([], [])
    assert math.isnan(curve.at(1)[0])
    assert list(curve.number_at_risk([0, 1])) == [0, 0]


@pytest.mark.parametrize(
    ("time", "event"), [([1, -1], [True, True]), ([1, math.nan], [True, True]), ([1], [True, False])]
)
def test_impossible_times_are_refused(time, event):
    with pytest.raises(ValueError, match=r"negative|shape"):
        kaplan_meier(time, event)
