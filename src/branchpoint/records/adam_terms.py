"""Controlled terms of ADaM that an analysis reads: flags, responses, grades, units."""

from __future__ import annotations

import polars as pl

__all__ = [
    "AGE_UNITS", "BEST_RESPONSE", "GRADES", "POPULATIONS", "RESPONDERS", "RESPONSE_TERMS", "SEXES", "TIME_UNITS",
    "is_best_response",
]  # fmt: skip

POPULATIONS = ("ITTFL", "FASFL", "PPROTFL", "SAFFL")
SEXES = ("F", "M", "U", "UNDIFFERENTIATED", "INTERSEX")
AGE_UNITS = ("YEARS", "MONTHS", "WEEKS", "DAYS", "HOURS")
# How many days each has.
TIME_UNITS = {"DAYS": 1.0, "WEEKS": 7.0, "MONTHS": 30.4375, "YEARS": 365.25}

BEST_RESPONSE = "best overall response"
RESPONDERS = ("CR", "PR")
# From the best to the worst; where nothing could be said, last.
RESPONSE_TERMS = (
    "SCR", "CR", "CRI", "CRU", "VGPR", "PR", "MR", "IMPROVEMENT", "SD", "NON-CR/NON-PD", "NED", "NR", "PD", "RELAPSE",
    "NE", "ND", "NA", "MISSING",
)  # fmt: skip

_SEVERITIES = ("MILD", "MODERATE", "SEVERE")
# In the order in which they are preferred.
GRADES = {
    "ATOXGR": ("1", "2", "3", "4", "5"),
    "AETOXGR": ("1", "2", "3", "4", "5"),
    "ASEV": _SEVERITIES,
    "AESEV": _SEVERITIES,
}


def is_best_response() -> pl.Expr:
    """Say which rows of ADRS hold a best overall response, by the name of their parameter."""
    return pl.col("PARAMCD").str.contains("^(BOR|CBOR|BESTRSP|BESTRESP)[A-Z0-9]*$")
