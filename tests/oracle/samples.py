"""The samples of samples.csv, with R's answers."""

import csv
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent


def _rows(name):
    lines = (HERE / name).read_text().splitlines()
    return csv.DictReader(line for line in lines if not line.startswith("#"))


SAMPLES: dict[str, list[float]] = defaultdict(list)
for row in _rows("samples.csv"):
    SAMPLES[row["sample"]].append(float(row["value"]))

ANSWERS = {
    (row["name"], row["one"], row["two"], row["alternative"].replace("two.sided", "two-sided")): float(row["value"])
    for row in _rows("samples_tests.csv")
}
PAIRS = sorted({(one, two) for name, one, two, _ in ANSWERS if name == "U"})
