"""Claims: what a trial report prints, said so that a program can check it.

`values` has the kinds of number, `conditions` the variables in which populations and events are said, `claims` the
claims themselves, `reading` the reader of a ``claims.toml``. Recomputing lives in `branchpoint.publication.audit`.
"""

from branchpoint.publication.claims.asked import claimed, count_of, printed_like, printed_range, summarizes
from branchpoint.publication.claims.claims import Claim, Claims, ClaimsError, Methods, Population, Role, Study
from branchpoint.publication.claims.conditions import EVERYBODY, NO, YES, Condition, Rule, Variable, VariableKind
from branchpoint.publication.claims.values import (
    ClaimValue,
    Count,
    Date,
    Mean,
    Median,
    Number,
    Percentage,
    Proportion,
    PValue,
    Range,
    Ratio,
    Sum,
    Survival,
)

__all__ = [
    "EVERYBODY",
    "NO",
    "YES",
    "Claim",
    "ClaimValue",
    "Claims",
    "ClaimsError",
    "Condition",
    "Count",
    "Date",
    "Mean",
    "Median",
    "Methods",
    "Number",
    "PValue",
    "Percentage",
    "Population",
    "Proportion",
    "Range",
    "Ratio",
    "Role",
    "Rule",
    "Study",
    "Sum",
    "Survival",
    "Variable",
    "VariableKind",
    "claimed",
    "count_of",
    "printed_like",
    "printed_range",
    "summarizes",
]
