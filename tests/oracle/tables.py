"""The tables of tables.csv, with R's answers."""

import csv
from collections import defaultdict
from pathlib import Path

TABLES: dict[str, dict[str, float]] = defaultdict(dict)
for row in csv.DictReader(Path(__file__).with_name("tables.csv").read_text().splitlines()[1:]):
    TABLES[row["table"]][row["statistic"]] = float(row["value"])


def read(text):
    return [[int(cell) for cell in line.split()] for line in text.split(";")]


SQUARES = [text for text in TABLES if "less" in TABLES[text]]
LONG = [text for text in TABLES if "trend" in TABLES[text]]
