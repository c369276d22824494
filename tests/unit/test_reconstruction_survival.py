"""Drawn times print the survival that is printed of them, with what is beside it, and go with the numbers of events."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate, combinations
from math import inf, prod, sqrt

import numpy as np
import pytest

from branchpoint.publication.audit.risk_paths import Box
from branchpoint.publication.claims import Survival
from branchpoint.publication.reconstruction.cohort import reconstruct
from branchpoint.publication.reconstruction.counts.milestones import (
    Milestone,
    curve_statements,
    event_bounds,
    had,
    milestones_of,
    with_milestones,
)
from branchpoint.publication.reconstruction.counts.usual_events import usual_events
from branchpoint.publication.reconstruction.values.interval_paths import interval_paths
from branchpoint.publication.reconstruction.values.printed_survival import curves_of, risk_sets
from tests.unit.claims_text import TRIAL, claim, claims_of, disagreements

Z = 1.959963984540054


def survival(name, who, percent, at="12", **fields):
    return claim(name, "survival", who, variable="os", at=at, percent=percent, **fields)


def dead(name, who, number):
    return claim(name, "count", who, event="dead", count=str(number))


def printed(value, places=1):
    return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def greenwood(at_risk):
    """The estimate after one event at each number at risk, and its standard error."""
    estimate = prod(1 - 1 / n for n in at_risk)
    return estimate, estimate * sqrt(sum(1 / (n * (n - 1)) for n in at_risk))


# --- risk sets --------------------------------------------------------------------------------------------------------


def paths(size):
    return [path for events in range(1, size) for path in combinations(range(size, 1, -1), events)]


@pytest.mark.parametrize("size", [4, 7, 10])
@pytest.mark.parametrize("percent", ["50.0", "66.7", "75.0", "31.3"])
def test_the_fewest_and_most_events_are_those_of_all_risk_sets(size, percent) -> None:
    """Listed one by one: whoever has not died was censored at some time."""
    fitting = [path for path in paths(size) if printed(str(round(100 * greenwood(path)[0], 9))) == Decimal(percent)]
    found = risk_sets(size, Survival(Decimal(percent), Decimal(12)))
    assert found.complete
    assert found.possible == bool(fitting)
    if fitting:
        assert (found.least, found.most) == (min(map(len, fitting)), max(map(len, fitting)))


def test_limits_leave_only_the_risk_sets_that_give_them() -> None:
    """Of 10, deaths at 10, 9 and 8 at risk: 70.0%, with a standard error of 14.5%, so 41.6 to 98.4."""
    estimate, error = greenwood((10, 9, 8))
    low, high = (printed(str(100 * (estimate + side * Z * error))) for side in (-1, 1))
    assert (str(low), str(high)) == ("41.6", "98.4")
    value = Survival(Decimal("70.0"), Decimal(12), low=low, high=high)
    fitting = [
        path
        for path in paths(10)
        if abs(100 * greenwood(path)[0] - 70) < 0.05 and abs(100 * Z * greenwood(path)[1] - 28.4) < 0.05
    ]
    found = risk_sets(10, value)
    assert {len(path) for path in fitting} == {3}
    assert (found.least, found.most, found.possible) == (3, 3, True)


@pytest.mark.parametrize(
    ("percent", "least", "most"),
    [("100.0", 0, 0), ("0.0", 1, 10)],
)
def test_everybody_and_nobody_alive_need_no_risk_sets(percent, least, most) -> None:
    found = risk_sets(10, Survival(Decimal(percent), Decimal(12)))
    assert (found.least, found.most, found.possible) == (least, most, True)


def test_estimates_that_are_set_aside_or_elsewhere_are_no_curves() -> None:
    told = claims_of(
        survival("a", "new", "70.1"),
        survival("b", "new", "60.0", at="24", used=False, conflict="The figure shows 65."),
        survival("c", "few", "50.0"),
        survival("d", "old", "50.0", low="27.0", high="73.0", set_aside='["low"]', conflict="It is 26.9."),
    )
    assert [(one.claim, one.value.low) for one in curves_of(told, "os")] == [("a", None), ("d", None)]
    assert [one.claim for one in curves_of(told, "os", frozenset({("a", "percent")}))] == ["d"]
    assert [one.claim for one in curves_of(told, "os", judged=False)] == ["a", "b", "d"]


# --- interval paths ---------------------------------------------------------------------------------------------------


def gaps(events, censored, begins=0.0):
    """So many events, and between them so many censored, evenly after a share of the events."""
    shares = np.maximum((np.arange(1, events + 2) / (events + 1) - begins) / (1 - begins), 0)
    return tuple(np.diff(np.floor(censored * shares + 1e-9), prepend=0).astype(int).tolist())


def followed(size, path):
    """The estimate and its standard error after each interval, going through all who leave."""
    left, at_risk, found = size, [], []
    for before in path:
        for gone in before[:-1]:
            left -= gone
            at_risk.append(left)
            left -= 1
        left -= before[-1]
        found.append(greenwood(at_risk))
    return found


@pytest.mark.parametrize(
    ("size", "true"),
    [
        (60, (gaps(9, 3), gaps(6, 10))),
        (150, (gaps(40, 12), gaps(15, 20, 0.5), gaps(8, 25))),
        (30, (gaps(0, 2), gaps(7, 5, 0.5))),
    ],
)
def test_paths_lead_through_what_is_printed_and_the_true_one_is_not_passed_over(size, true) -> None:
    boxes = tuple(Box(p - 5e-4, p + 5e-4, max(e - 3e-4, 0), e + 3e-4) for p, e in followed(size, true))
    found = interval_paths(size, boxes, ((0, size),) * len(boxes))
    assert found
    for path in found:
        for (estimate, error), box in zip(followed(size, path), boxes, strict=True):
            assert abs(estimate - (box.low + box.high) / 2) <= 5e-4 + 0.25 / size + 1e-9
            assert box.least_error * 0.995 - 1e-9 <= error <= box.most_error * 1.005 + 1e-9
    events = [len(before) - 1 for before in true]
    assert events in [[len(before) - 1 for before in path] for path in found]
    known = tuple((total, total) for total in accumulate(events))
    told = interval_paths(size, boxes, known)
    assert {tuple(len(before) - 1 for before in path) for path in told} == {tuple(events)}


def test_boxes_that_no_path_reaches_have_none() -> None:
    """A standard error of 1% needs far more than 20 patients."""
    assert interval_paths(20, (Box(0.495, 0.505, 0.0099, 0.0101),), ((0, 20),)) == ()


# --- milestones -------------------------------------------------------------------------------------------------------

CURVES = (survival("os.6", "new", "81.8", at="6"), survival("os.12", "new", "68.2"), survival("old", "old", "72.2"))


def test_survival_printed_at_a_time_makes_a_category_and_its_rules() -> None:
    whole = with_milestones(claims_of(*CURVES))
    half, year = milestones_of(whole, "os")
    assert (half, year) == (Milestone("os", Decimal(6)), Milestone("os", Decimal(12)))
    assert (half.name, year.name) == ("os ≤ 6", "os ≤ 12")
    assert whole.variables[half.name].levels == ("yes", "no")
    dead_ = whole.variables["os"].event
    assert {(rule.given, rule.then) for rule in whole.rules} == {
        (had(half), dead_),
        (had(year), dead_),
        (had(half), had(year)),
    }


def test_an_estimate_says_how_many_had_the_event_by_then() -> None:
    """Of 22, 18 alive are 81.8%: with nobody censored 4 died. One did at least, at the least with 5 or 6 at risk."""
    whole = with_milestones(claims_of(CURVES[0]))
    ((own),) = curve_statements(whole, judged=True)
    ((_, who),) = own.terms
    assert who == whole.populations["new"].where & had(Milestone("os", Decimal(6)))
    assert own.most == 4
    fitting = [path for path in paths(12) if printed(str(round(100 * greenwood(path)[0], 9))) == Decimal("81.8")]
    assert own.least == min(map(len, fitting))
    ((usual),) = usual_events(whole)
    assert usual.options == ((4,),)


def test_what_is_beside_an_estimate_narrows_the_number_of_events() -> None:
    estimate, error = greenwood((22, 21, 20, 19))
    low, high = (str(printed(str(100 * (estimate + side * Z * error)))) for side in (-1, 1))
    told = with_milestones(claims_of(survival("os", "new", "81.8", low=low, high=high)))
    alone, beside = curve_statements(told, judged=True)
    assert (alone.field, beside.field) == ("percent", "low")
    assert beside.least > alone.least
    assert beside.most == alone.most == 4


def test_an_event_lies_between_the_milestones_around_it() -> None:
    whole = with_milestones(claims_of(*CURVES))
    patients = [
        {"dead": "yes", "os ≤ 6": "yes", "os ≤ 12": "yes"},
        {"dead": "yes", "os ≤ 6": "no", "os ≤ 12": "yes"},
        {"dead": "yes", "os ≤ 6": "no", "os ≤ 12": "no"},
        {"dead": "no", "os ≤ 6": "no", "os ≤ 12": "no"},
    ]
    found = event_bounds(whole, "os", patients)
    assert found == pytest.approx(np.asarray([(0, 6), (6, 12), (12, inf), (0, inf)]), abs=1e-4)
    assert found[1][0] > 6, "who had it by 6 months is another"


# --- drawn ------------------------------------------------------------------------------------------------------------


def arm_of(size, events, censored):
    """What a group prints at some times, events and censorings being given as months."""
    rows = sorted([(time, True) for time in events] + [(time, False) for time in censored])
    rows += [(99.0, False)] * (size - len(rows))

    def at(month):
        at_risk = [size - place for place, (time, event) in enumerate(rows) if event and time <= month]
        estimate, error = greenwood(at_risk)
        return 100 * estimate, 100 * error

    return at


NEW = arm_of(22, [0.5, 1.2, 3.0, 4.4, 7.1, 8.0], [2.0, 5.0, 6.5, 11.0, 11.5])
OLD = arm_of(18, [0.2, 0.9, 1.5, 2.2, 5.7, 6.6, 9.4, 10.1, 10.9], [3.3, 8.8])


def limits(at, month, places=1):
    estimate, error = at(month)
    ends = {"low": max(estimate - Z * error, 0.0), "high": min(estimate + Z * error, 100.0)}
    return {name: str(printed(str(end), places)) for name, end in ends.items()}


def estimate(at, month, places=1):
    return str(printed(str(at(month)[0]), places))


def with_error(at, month, name):
    error = at(month)[1]
    return {name: str(printed(str(Z * error if name == "half_width" else error)))}


TOLD = {
    "one estimate": [survival("a", "new", estimate(NEW, 12))],
    "to the percent": [survival("a", "new", estimate(NEW, 12, 0))],
    "with its limits": [survival("a", "new", estimate(NEW, 12), **limits(NEW, 12))],
    "with half an interval": [survival("a", "new", estimate(NEW, 12), **with_error(NEW, 12, "half_width"))],
    "with its standard error": [survival("a", "old", estimate(OLD, 12), **with_error(OLD, 12, "standard_error"))],
    "with a number after it": [survival("a", "old", estimate(OLD, 12), **with_error(OLD, 12, "plus_minus"))],
    "at three times in both groups": [
        survival(f"{who}.{month}", who, estimate(at, month), str(month), **limits(at, month))
        for who, at in (("new", NEW), ("old", OLD))
        for month in (3, 6, 12)
    ],
    # Deaths at 21, 19 and 18 at risk, with a standard error of 7.9%: some programs do not stop at 100%.
    "a limit beyond everybody": [survival("a", "new", "85.2", at="3", low="69.7", high="100.7")],
    "a limit at everybody": [survival("a", "new", "85.2", at="3", low="69.7", high="100.0")],
    "nobody dies": [survival("a", "new", "100.0")],
    "nobody lives": [survival("a", "old", "0.0")],
    "survival and how many died": [survival("a", "new", estimate(NEW, 12)), dead("d", "new", 6), dead("o", "old", 3)],
    "survival, and more died later": [survival("a", "new", estimate(NEW, 6), at="6"), dead("d", "new", 19)],
    "survival and the median time": [
        survival("a", "new", estimate(NEW, 6), at="6"),
        claim("t", "median", "new", variable="os", median="7.0", low="0.3", high="11.8"),
    ],
}


@pytest.mark.parametrize("case", TOLD)
def test_survival_is_printed_as_it_was(case) -> None:
    found = reconstruct(claims_of(*TOLD[case]), draws=2)
    assert found.contradictions.sets == ()
    assert found.unmet == {}
    assert disagreements(found) == []


def test_deaths_by_a_milestone_are_times_until_then() -> None:
    """Everybody was followed, so that 4 of 22 died within half a year (81.8%), and 7 within a year (68.2%)."""
    half = survival("a", "new", "81.8", at="6", standard_error="8.2")
    year = survival("b", "new", "68.2", standard_error="9.9")
    found = reconstruct(claims_of(half, year, dead("d", "new", 9)), draws=5)
    assert disagreements(found) == []
    for cohort in found.cohorts.partition_by("draw"):
        rows = cohort.filter(arm="new", dead="yes")["os"].to_numpy()
        assert len(rows) == 9
        assert [(rows <= month).sum() for month in (6, 12)] == [4, 7]


def test_a_cohort_of_a_whole_and_its_parts() -> None:
    """Both parts and the whole, of two groups that were followed to the end: 16 of 22 and 9 of 18 alive, 25 of 40."""
    told = [survival("n", "new", "72.7"), survival("o", "old", "50.0"), survival("w", "all", "62.5")]
    found = reconstruct(claims_of(*told), draws=3)
    assert disagreements(found) == []
    assert found.unmet == {}


def test_a_patient_of_whom_no_time_is_said_has_none() -> None:
    found = reconstruct(claims_of(survival("a", "new", "72.7")), draws=1)
    assert found.cohorts.filter(arm="old")["os"].null_count() == 18
    assert found.cohorts.filter(arm="new")["os"].null_count() == 0
    assert not [name for name in found.cohorts.columns if "≤" in name], "milestones are hidden"


# --- within the study -------------------------------------------------------------------------------------------------

FOLLOWED = TRIAL.replace('end = "cutoff"', 'end = "cutoff"\nfollow_up = "os"')


def test_what_was_observed_lasted_no_longer_than_follow_up() -> None:
    """Treatment began after up to 200 days, and the response lasted for up to 150 from then; all within 366 days."""
    told = [
        survival("a", "all", "72.5", at="6"),
        claim("start", "median", variable="start", median="20", low="3", high="200"),
        claim("lasted", "median", variable="response_time", median="60", low="10", high="150"),
        claim("follow_up", "median", variable="os", median="9.0", low="1.0", high="12.0"),
    ]
    found = reconstruct(claims_of(*told, trial=FOLLOWED), draws=3)
    assert disagreements(found) == []
    assert found.unmet == {}
    days = found.cohorts["os"].to_numpy() * 30.4375
    started, lasted = (found.cohorts[name].to_numpy() for name in ("start", "response_time"))
    assert (days <= 366 + 1e-6).all()
    assert (started + lasted <= days + 1e-6).all()


def test_a_duration_that_no_follow_up_holds_is_contradicted() -> None:
    """Somebody began after 300 days, and nobody was followed for more than 9 months, 273.9 days."""
    told = [
        claim("start", "range", variable="start", high="300"),
        claim("follow_up", "range", variable="os", high="9.0"),
        dead("d", "all", 9),
    ]
    found = reconstruct(claims_of(*told, trial=FOLLOWED), draws=1)
    assert [{(s.claim, s.field) for s in one.statements} for one in found.contradictions.sets] == [
        {("start", "high"), ("follow_up", "high")}
    ]
    assert disagreements(found) == []
