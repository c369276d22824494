"""The sign of CNSR: 0 is an event, 1 or more is censoring, and the words beside it must say the same.

Other software has it the other way round, and a file that was turned over so gives curves that look well and are wrong.
Each combination of parameter, CNSR and words is judged once; words that say neither are let pass.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.records.cells import problems_of

if TYPE_CHECKING:
    from branchpoint.records.problems import Problem

__all__ = ["censoring_problems"]

_CENSORED = re.compile(
    r"censor|(?<!not )\balive|\blast (known|contact|date|assessment|tumou?r|disease|visit|follow|evaluable|adequate)"
    r"|lost to follow|follow-?up ended|(study|trial) complet|complet\w* (of )?(the )?(study|trial)"
    r"|end of (the )?(study|trial|follow)|data ?cut|cut-?off|withdr\w+ (of )?consent"
    r"|\bno (documented )?(event|death|progression|relapse)|(?<!not )\bevent-?free\b|randomi[sz]ation\b",
    re.IGNORECASE,
)
_EVENTS = {
    "death": re.compile(r"\b(death|died|dead|deceased)\b", re.IGNORECASE),
    "progression": re.compile(r"\bprogress(ion|ed|ive)\b|\bPD\b", re.IGNORECASE),
    "relapse": re.compile(r"\b(relapsed?|recurrence)\b", re.IGNORECASE),
    "event": re.compile(r"\boccurr?ed\b", re.IGNORECASE),
}
# Which of them are events of a parameter without a doubt, by its code and by its words.
_OF_CODE = {
    "OS": {"death"},
    "PFS": {"death", "progression"},
    "EFS": {"death", "progression", "relapse"},
    "DFS": {"death", "relapse"},
    "RFS": {"death", "relapse"},
    "TTP": {"progression"},
    "TTR": {"relapse"},
}
_OF_WORDS = {"survival": "death", "progression": "progression", "relapse": "relapse"}
_NEGATED = re.compile(r"\b(no|not|without)\b", re.IGNORECASE)

_EXPECTED = "words that agree with CNSR, where 0 is an event and 1 or more is censoring"


def censoring_problems(table: pl.DataFrame, file: str) -> list[Problem]:
    """Give the rows of ADTTE in which CNSR and its words disagree.

    Parameters
    ----------
    table : DataFrame
        With `row`, PARAMCD and CNSR; PARAM, EVNTDESC and CNSDTDSC are read where there are.
    file : str
    """
    names = ("PARAMCD", "PARAM", "EVNTDESC", "CNSDTDSC")
    full = table.with_columns(pl.lit(None, pl.String).alias(name) for name in names if name not in table.columns)
    full = full.with_columns(_event=pl.col("CNSR") == 0)
    kinds = full.select(*names, "_event").drop_nulls("_event").unique()
    wrong = [kind for kind in kinds.iter_rows() if _disagree(*kind)]
    if not wrong:
        return []
    disagreeing = pl.DataFrame(wrong, schema=kinds.schema, orient="row")
    rows = full.join(disagreeing, on=[*names, "_event"], how="semi", nulls_equal=True, maintain_order="left")
    words = pl.format("CNSR {} beside {}", pl.col("CNSR").cast(pl.Int64), pl.coalesce("_said", pl.lit("")))
    said = pl.concat_str(pl.col("EVNTDESC", "CNSDTDSC"), separator="; ", ignore_nulls=True)
    told = problems_of(
        rows.with_columns(_said=said).with_columns(_words=words), pl.lit(value=True), file, "_words", _EXPECTED
    )
    return [problem._replace(column="CNSR") for problem in told]


def _disagree(code: str | None, label: str | None, happened: str | None, censoring: str | None, event: bool) -> bool:
    if event:
        if censoring is not None:
            return True
        found, words = _CENSORED.search(happened or ""), happened or ""
        # Time to the end of the study may be what is measured, and a death may be found at the last visit.
        measured = found is not None and found.group().lower() in (label or "").lower()
        told = not _NEGATED.search(words) and any(event.search(words) for event in _EVENTS.values())
        return found is not None and not measured and not told
    if censoring is not None or happened is None or _CENSORED.search(happened) or _NEGATED.search(happened):
        return False
    known = {"event"} | _OF_CODE.get(code or "", set())
    known |= {kind for word, kind in _OF_WORDS.items() if word in (label or "").lower()}
    return any(_EVENTS[kind].search(happened) for kind in known)
