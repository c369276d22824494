"""Reads the data sets of survival_data.R and R's answers about them (survival.R)."""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
DATA = ("lung", "veteran", "pbc", "colon", "myeloid", "mgus2")


def _rows(path):
    return list(csv.DictReader(line for line in path.read_text().splitlines() if not line.startswith("#")))


@cache
def data(name):
    """Give the columns of a data set as arrays."""
    rows = _rows(HERE / "data" / f"{name}.csv")
    return {column: np.array([float(row[column]) for row in rows]) for column in rows[0]}


@cache
def _answers():
    found = defaultdict(dict)
    for row in _rows(HERE / "survival.csv"):
        value = float("nan") if row["value"] in {"NA", "NaN"} else float(row["value"])
        found[row["what"], row["data"], row["setting"]][row["name"]] = value
    return found


def answers(what):
    """Give R's answers about one function: data set, the parts of the setting, values by name."""
    return [(name, *key.split("@"), values) for (which, name, key), values in _answers().items() if which == what]
