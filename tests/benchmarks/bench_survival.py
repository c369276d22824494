"""Two survival curves with variance, log-rank, restricted means and risk table of 10 million rows of whole days.

    python -m tests.benchmarks.bench_survival [rows]

Medians of 5, in one run: the bound (a bare numba loop that reads every row once and adds to the table, which memory
bandwidth limits); ours; ours with numpy alone; lifelines, where it is installed (it is not locked: it asks for an older
pandas). Every result is checked against the others.
"""

import sys
import time
from importlib.util import find_spec
from statistics import median

import numpy as np
from numba import njit

from branchpoint.statistics.counting import count
from branchpoint.statistics.kaplan_meier import kaplan_meier_by_group
from branchpoint.statistics.log_rank import compare_groups
from branchpoint.statistics.rmst import restricted_mean, restricted_mean_difference

HORIZON, ASKED = 730, np.arange(0, 2190, 180)


def make(rows):
    rng = np.random.Generator(np.random.Philox(1))
    group = rng.integers(0, 2, rows, dtype=np.int8)
    death = np.ceil(rng.exponential(365 * (1 + 0.01 * group)))
    end = np.ceil(rng.uniform(0, 2190, rows))
    return np.minimum(death, end).astype(np.int32), death <= end, group


def ours(day, event, group, engine="auto"):
    counts = count(day, event, group, engine=engine)
    curves = kaplan_meier_by_group(counts)
    test = compare_groups(counts).test()
    means = [restricted_mean(curve, HORIZON) for curve in curves.values()]
    difference, _ = restricted_mean_difference(*means)
    risk = [curve.number_at_risk(ASKED) for curve in curves.values()]
    limits = [curve.band(form="log-log") for curve in curves.values()]
    return curves[0].at(365)[0], test.statistic, difference.value, int(risk[1][2]), limits


@njit(nogil=True)
def bare(day, event, group, table):
    for row in range(len(day)):
        table[day[row], group[row], event[row]] += 1


def bound(day, event, group):
    table = np.zeros((2191, 2, 2), np.int64)
    bare(day, event.view(np.uint8), group, table)
    return table


def lifelines(day, event, group):
    from lifelines import KaplanMeierFitter
    from lifelines.statistics import logrank_test
    from lifelines.utils import restricted_mean_survival_time

    fitted, means, risk = [], [], []
    for arm in (0, 1):
        member = group == arm
        fit = KaplanMeierFitter().fit(day[member], event[member])
        fitted.append(fit)
        means.append(restricted_mean_survival_time(fit, t=HORIZON))
        table = fit.event_table
        # Its own count is after each time; just before is what a risk table shows.
        risk.append(table["at_risk"].reindex(ASKED, method="bfill").to_numpy())
    one = group == 0
    test = logrank_test(day[one], day[~one], event[one], event[~one])
    return fitted[0].predict(365), test.test_statistic, means[0] - means[1], int(risk[1][2]), None


def timed(function, *given, times=5):
    function(*given)
    spans = []
    for _ in range(times):
        start = time.perf_counter()
        found = function(*given)
        spans.append(time.perf_counter() - start)
    return median(spans), found


def main():
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000
    given = make(rows)
    least, table = timed(bound, *given)
    fused, found = timed(ours, *given)
    plain, again = timed(ours, *given, "numpy")
    assert table.sum() == rows
    assert found[:4] == again[:4]
    spans = {"bound": least, "ours, numba": fused, "ours, numpy": plain}
    if find_spec("lifelines"):
        spans["lifelines"], other = timed(lifelines, *given)
        assert np.allclose(found[:4], other[:4], rtol=1e-8), (found[:4], other[:4])
    print(f"{rows:,} rows of whole days, two groups; survival at 365 {found[0]:.6f}, log-rank {found[1]:.4f}")
    for name, span in spans.items():
        print(f"{name:18}{1e3 * span:10.1f} ms   {span / least:7.2f} x bound   {span / fused:8.2f} x ours")


if __name__ == "__main__":
    main()
