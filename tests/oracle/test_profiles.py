"""Rounding against R's round (rounding.R), and against halves rounded by hand as SAS does."""

import csv
from pathlib import Path

import pytest

from branchpoint.statistics.profiles import PROFILES, rounded

LINES = Path(__file__).with_name("rounding.csv").read_text().splitlines()[1:]
ROWS = [(float(row["value"]), int(row["digits"]), float(row["rounded"])) for row in csv.DictReader(LINES)]


@pytest.mark.parametrize(("value", "digits", "expected"), ROWS)
def test_half_even_agrees_with_r(value, digits, expected):
    assert rounded(value, digits, PROFILES["r"]) == expected


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [(0.5, 0, 1), (2.5, 0, 3), (-2.5, 0, -3), (0.15, 1, 0.2), (0.25, 1, 0.3), (2.675, 2, 2.68), (1.005, 2, 1.01),
     (69.25, 1, 69.3), (-0.04, 1, 0.0), (1234.5, -2, 1200), (0.1499999, 1, 0.1), (1e22, 1, 1e22)],
)  # fmt: skip
def test_half_up_takes_what_is_a_half_but_for_rounding_error(value, digits, expected):
    assert rounded(value, digits, PROFILES["sas"]) == expected
