"""What a user waits for in a fresh process: a CSV in, a baseline table with P values and a Kaplan-Meier figure out.

``python -m tests.benchmarks.bench_cold_start [OTHER_PYTHON]``. With the interpreter of an environment that holds
tableone and lifelines, the same task is done with them in the same run, one after the other; medians of 5.
"""

import csv
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NUMBERS = ("age", "onset", "wbc", "neutrophils", "platelets", "hemoglobin", "ferritin")
CODES = ("sex", "cns", "splenomegaly")

OURS = """
import sys
import polars as pl
from branchpoint.analysis.descriptives import describe
from branchpoint.analysis.figure_data.survival_data import survival_data
from branchpoint.language.registry import find_protocol
from branchpoint.reporting.figures.rendering import panel_svg
from branchpoint.reporting.figures.survival_figures import TimeAxis, survival_panel
table = pl.read_csv(sys.argv[1])
kept = ("sex", "group", "subject", "time", "event")
renamed = {name: f"baseline.{name}" for name in table.columns if name not in kept}
baseline = table.rename(renamed).with_columns(prior_corticosteroid=pl.col("group") == 1)
rows = list(describe(baseline, find_protocol("rux-hlh")))
assert len(rows) > 60, len(rows)
times = table.with_columns(event=pl.col("event") == 1)
groups = {str(key): times.filter(pl.col("group") == key).select("subject", "time", "event") for key in (0, 1)}
axis = TimeAxis(12, "Months", "Alive, %")
svg = panel_svg(survival_panel(survival_data(groups, 12), axis, 720))
open(sys.argv[2], "w").write(svg)
"""
THEIRS = """
import sys
import matplotlib; matplotlib.use("svg")
import matplotlib.pyplot as plt
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.plotting import add_at_risk_counts
from lifelines.statistics import logrank_test
from tableone import TableOne
table = pd.read_csv(sys.argv[1])
columns = [name for name in table.columns if name not in ("subject", "time", "event", "group")]
one = TableOne(table, columns=columns, categorical=["sex", "cns", "splenomegaly"], groupby="group", pval=True)
str(one)
fits = []
axis = plt.figure().add_subplot()
for key, part in table.groupby("group"):
    fits.append(KaplanMeierFitter().fit(part["time"], part["event"], label=str(key)))
    fits[-1].plot_survival_function(ax=axis)
add_at_risk_counts(*fits, ax=axis)
first, second = (table[table["group"] == key] for key in (0, 1))
axis.set_title(logrank_test(first["time"], second["time"], first["event"], second["event"]).p_value)
plt.savefig(sys.argv[2])
"""


def synthetic_trial(path, size=52):
    """Write a synthetic trial of some patients."""
    draw = random.Random(7)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["subject", "group", "sex", "cns", "splenomegaly", *NUMBERS, "time", "event"])
        for number in range(size):
            values = [round(draw.lognormvariate(2, 0.8), 2) for _ in NUMBERS]
            codes = [draw.choice("FM"), draw.randrange(2), draw.randrange(2)]
            writer.writerow([f"S{number}", number % 2, *codes, *values, draw.randrange(5, 540), draw.randrange(2)])


def seconds(python, script, *arguments):
    """Give the wall time of a fresh process."""
    started = time.perf_counter()
    subprocess.run([python, "-W", "ignore", "-c", script, *map(str, arguments)], check=True, capture_output=True)
    return time.perf_counter() - started


def main():
    """Print the medians, and their ratio."""
    tasks = {"branchpoint": (sys.executable, OURS)}
    if len(sys.argv) > 1:
        tasks["tableone + lifelines"] = (sys.argv[1], THEIRS)
    with tempfile.TemporaryDirectory() as folder:
        data, drawn = Path(folder, "trial.csv"), Path(folder, "figure.svg")
        synthetic_trial(data)
        for task in tasks.values():
            seconds(*task, data, drawn)
        took = {name: [] for name in tasks}
        for _ in range(5):
            for name, task in tasks.items():
                took[name].append(seconds(*task, data, drawn))
    middle = {name: statistics.median(found) for name, found in took.items()}
    for name, found in middle.items():
        print(f"{name:<22} {found:.2f} s")
    if len(middle) > 1:
        print(f"ratio                  {middle['branchpoint'] / middle['tableone + lifelines']:.2f}")


if __name__ == "__main__":
    main()
