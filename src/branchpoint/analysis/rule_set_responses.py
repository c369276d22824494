"""Responses under every rule set side by side, with the bounds that what is missing leaves.

The path is that of the trial: assessments are those of the frontline as walked under the protocol's first rule set, so
that the rule sets judge the same days of the same patients.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.courses import epoch_roles
from branchpoint.language.responses import CR, NE, PR, RESPONDING

if TYPE_CHECKING:
    from collections.abc import Collection

    from branchpoint.language.protocol import Protocol

__all__ = ["RuleSetCount", "rule_set_responses"]

OUTCOMES: dict[str, tuple[str, ...]] = {"ORR": RESPONDING, "CR or PR": (CR, PR), "CR": (CR,)}


@dataclass(frozen=True, slots=True)
class RuleSetCount:
    """How many respond under a rule set.

    Parameters
    ----------
    rule_set, outcome : str
        ``ORR`` counts CR, PR and improvement; a rule set without improvement has none to count.
    n, size : int
    possible : int
        How many would respond if everything missing had been favorable; at least `n`.
    not_evaluable : int
        Patients without any judged assessment under the rule set.
    """

    rule_set: str
    outcome: str
    n: int
    size: int
    possible: int
    not_evaluable: int


def rule_set_responses(courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol) -> list[RuleSetCount]:
    """Count responses by the end of the frontline under every rule set of the protocol.

    Parameters
    ----------
    courses : DataFrame
        Of the analysis set.
    decisions : DataFrame
    protocol : Protocol
    """
    roles = epoch_roles(protocol)
    on = decisions.filter((pl.col("epoch_before") == roles.first) & (pl.col("day") > 0))
    if roles.horizon is not None:
        on = on.filter(pl.col("day") <= roles.horizon)
    on = on.join(courses.select("subject"), on="subject", how="semi")
    counts = []
    for rule_set in protocol.responses:
        column = f"response_{rule_set.name}"
        seen: dict[str, list[tuple[str | None, str]]] = {subject: [] for subject in courses["subject"]}
        for subject, response, missing in on.select("subject", column, "not_evaluable").iter_rows():
            seen[subject].append((response, missing or ""))
        for outcome, wanted in OUTCOMES.items():
            sure = {key for key, rows in seen.items() if any(response in wanted for response, _ in rows)}
            may = {key for key, rows in seen.items() if _possible(rows, rule_set.name, wanted)}
            unjudged = sum(all(response in (None, NE) for response, _ in rows) for rows in seen.values())
            counts.append(RuleSetCount(rule_set.name, outcome, len(sure), len(seen), len(sure | may), unjudged))
    return counts


def _possible(rows: list[tuple[str | None, str]], rule_set: str, wanted: Collection[str]) -> bool:
    """Whether some assessment may have been a response; of whom nothing is known anything may have been."""
    if not rows:
        return True
    told = re.compile(rf"(?:^|,)response\.{re.escape(rule_set)}\[(.*?)\]")
    for response, missing in rows:
        if response in (None, NE):
            found = told.search(missing)
            if found is None or set(found[1].split()) & set(wanted):
                return True
    return False
