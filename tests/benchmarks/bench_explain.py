"""How long it takes to decide for one patient, with all reasons: ``python -m tests.benchmarks.bench_explain``.

Prints the median of 5 rounds of 200, in process, warm. Times are of this machine: compare within one run.
"""

import statistics
import time

from branchpoint.engine.decide import decide
from branchpoint.language.registry import find_protocol
from branchpoint.records.patient_file import patient_from_data
from tests.spec.patients import REMISSION, patient_data

PARTIAL = {**REMISSION, "splenomegaly": True, "spleen_below_costal_margin": 3.0, "hemoglobin": 85.0}
COURSES = {
    "baseline alone": ({}, 0),
    "one assessment, day 28": ({28: REMISSION}, 28),
    "seven assessments, to day 28": (dict.fromkeys((1, 2, 3, 7, 14, 21), PARTIAL) | {28: REMISSION}, 28),
}


def milliseconds(work, rounds=5, repeats=200):
    """Give the median over rounds of the mean time of one call."""
    work()
    means = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(repeats):
            work()
        means.append((time.perf_counter() - started) / repeats * 1e3)
    return statistics.median(means)


def nodes(part):
    """Count the explanations in a tree."""
    return 1 + sum(map(nodes, part.parts))


def main():
    """Print a line for each course."""
    protocol = find_protocol("rux-hlh")
    for title, (later, day) in COURSES.items():
        patient, _ = patient_from_data(patient_data(later=later), protocol)
        decisions = decide(protocol, patient, day)
        trees = (*decisions.inclusion, *decisions.exclusion, decisions.etiology, *decisions.advisories)
        trees += tuple(part for judgment in decisions.responses.values() for part in judgment.cases)
        took = milliseconds(lambda patient=patient, day=day: decide(protocol, patient, day))
        print(f"{title:<30} {took:6.3f} ms   {sum(map(nodes, trees))} nodes told")


if __name__ == "__main__":
    main()
