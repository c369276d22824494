"""Eligibility, etiology, response and dose over a million patient-visits: the protocol's rules against Polars by hand.

Both start from the same wide frame in memory and must give the same answers. Prints the median of five and the ratio;
the bar is 2. Then the same rules on DuckDB, for the same answers.
"""

import resource
import statistics
import sys
import time
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[2]))

from branchpoint.engine.evaluate import evaluate
from branchpoint.language.registry import find_protocol
from tests.benchmarks.by_hand import by_hand
from tests.benchmarks.wide_frame import rules_of, wide_frame

ROWS = 1_000_000
BAR = 2.0


def median(function, runs=5):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        answer = function()
        times.append(time.perf_counter() - start)
    return statistics.median(times), answer


def main():
    protocol = find_protocol("rux-hlh")
    rules, at_baseline = rules_of(protocol)
    frame = wide_frame(protocol, ROWS)
    ours, judged = median(lambda: evaluate(rules, frame, at_baseline=at_baseline))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    hand, expected = median(lambda: by_hand(frame))
    for name in rules:
        assert judged[name].equals(expected[name]), name
    print(f"{ROWS:,} patient-visits, {len(rules)} rules, {frame.width} inputs; every answer equal")
    print(
        f"evaluate {ours:.3f} s, by hand {hand:.3f} s, ratio {ours / hand:.2f} (bar {BAR:g}); peak memory {peak:.2f} GB"
    )
    with duckdb.connect() as connection:
        relation = connection.from_arrow(frame.with_row_index("row").to_arrow())
        start = time.perf_counter()
        answers = (
            evaluate(rules, relation, at_baseline=at_baseline).select("row", *(f'"{name}"' for name in rules)).pl()
        )
        print(f"DuckDB {time.perf_counter() - start:.3f} s")
    answers = answers.sort("row")
    for name in rules:
        assert answers[name].equals(judged[name]), name
    print("DuckDB: every answer equal")
    assert ours <= BAR * hand


if __name__ == "__main__":
    main()
