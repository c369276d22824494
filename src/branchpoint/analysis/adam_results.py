"""Results of an ADaM study: the tables that its datasets allow, one row a statistic, each with its method.

What the data do not allow is a row that says so, never an error and never a number.
"""

from __future__ import annotations

from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.adam_arms import arms_of
from branchpoint.analysis.adam_events import event_results
from branchpoint.analysis.adam_times import time_results
from branchpoint.analysis.results import Result, results_frame, spread
from branchpoint.records.adam_terms import POPULATIONS, RESPONDERS, RESPONSE_TERMS, is_best_response
from branchpoint.statistics.proportions import clopper_pearson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.analysis.adam_arms import Arms
    from branchpoint.records.adam import AdamData

__all__ = ["MONTHS", "adam_results"]

MONTHS = (3.0, 6.0, 12.0)
_SETS = {"ITTFL": "Intention to treat", "FASFL": "Full analysis set", "PPROTFL": "Per protocol", "SAFFL": "Safety"}
_VISIT_RESPONSE = "^(OVR|OVRLRESP|OVRRESP)[A-Z0-9]*$"
_YES_NO = {"Y", "N"}
_MISSING = "MISSING"


def adam_results(data: AdamData, *, months: Sequence[float] = MONTHS, population: str | None = None) -> pl.DataFrame:
    """Compute every table that the datasets allow.

    Parameters
    ----------
    data : AdamData
    months : sequence of float
        At which survival is estimated.
    population : str, optional
        The flag of ADSL to analyze efficacy in; without it, the first of ITTFL, FASFL, SAFFL and PPROTFL that there is.

    Returns
    -------
    DataFrame
        As `branchpoint.analysis.results.results_frame` gives it. A group is an arm, or ``all``. The first word of an id
        is its table: ``disposition``, ``baseline``, ``response``, ``time``, ``event``.
    """
    everybody, efficacy = arms_of(data, "everybody"), arms_of(data, "efficacy", population)
    parts: list[Iterator[Result]] = [_disposition(everybody), _ending(efficacy), _baseline(efficacy)]
    if data.adrs is not None:
        parts.append(_responses(data.adrs, efficacy))
    if data.adtte is not None:
        parts.append(time_results(data.adtte, efficacy, months))
    if data.adae is not None:
        parts.append(event_results(data.adae, arms_of(data, "safety")))
    return results_frame(chain.from_iterable(parts))


def _disposition(arms: Arms) -> Iterator[Result]:
    for group, members, size in arms.split(arms.subjects):
        yield Result(id="disposition.subjects", label="Subjects", group=group, n=size, method=arms.method)
        for flag in (name for name in POPULATIONS if name in members.columns):
            yield Result(
                id=f"disposition.{flag}", label=f"{_SETS[flag]} ({flag})", group=group, denominator=size,
                n=int((members[flag] == "Y").sum()), method=f"count; {arms.method}",
            )  # fmt: skip


def _ending(arms: Arms) -> Iterator[Result]:
    for name, title in (("EOSSTT", "End of study"), ("DCSREAS", "Reason for discontinuation")):
        if name not in arms.subjects.columns:
            continue
        stated = arms.subjects[name].drop_nulls().unique().sort().to_list()
        for group, members, size in arms.split(arms.subjects):
            values = members[name].fill_null("not stated") if name == "EOSSTT" else members[name]
            for value in [*stated, "not stated"] if name == "EOSSTT" else stated:
                yield Result(
                    id=f"disposition.{name}.{value}", label=f"{title}: {value}", group=group, denominator=size,
                    n=int((values == value).sum()), method=f"count; {arms.method}",
                )  # fmt: skip


def _baseline(arms: Arms) -> Iterator[Result]:
    for group, members, size in arms.split(arms.subjects):
        yield Result(id="baseline.subjects", label="Subjects", group=group, n=size, method=arms.method)
        if "AGE" in members.columns:
            stated = members["AGEU"].drop_nulls() if "AGEU" in members.columns else pl.Series([], dtype=pl.String)
            unit = str(stated[0]).lower() if len(stated) else "unit not stated"
            yield spread("baseline.age", "Age, median (range)", group, members["AGE"], unit,
                         method=f"median (range); {arms.method}")  # fmt: skip
        if "SEX" in members.columns:
            sexes = members["SEX"].fill_null("not stated")
            for sex in sorted({"F", "M", *arms.subjects["SEX"].fill_null("not stated")}):
                yield Result(
                    id=f"baseline.sex.{sex}", label=f"Sex: {sex}", group=group, n=int((sexes == sex).sum()),
                    denominator=size, method=f"count; {arms.method}",
                )  # fmt: skip


def _responses(adrs: pl.DataFrame, arms: Arms) -> Iterator[Result]:
    flagged = adrs.filter(pl.col("ANL01FL") == "Y")
    # A parameter that nobody of the set has is told all the same.
    counted = arms.of(flagged)
    answers = flagged.group_by("PARAMCD", maintain_order=True).agg(pl.col("AVALC").drop_nulls().unique())
    found = dict(answers.iter_rows())
    best = flagged.filter(is_best_response())["PARAMCD"].unique(maintain_order=True).to_list()
    asked = {code for code, values in found.items() if values and set(values) <= _YES_NO}
    best = [code for code in best if code not in asked]
    if best:
        for code in best:
            rows, label = counted.filter(PARAMCD=code), _label(flagged, code)
            yield from _best(code, label, rows, arms, "as the parameter states it")
    else:
        yield from _best_of_visits(counted, arms)
    for code in sorted(asked):
        yield from _yes(code, _label(flagged, code), counted.filter(PARAMCD=code), arms)


def _best_of_visits(counted: pl.DataFrame, arms: Arms) -> Iterator[Result]:
    visits = counted.filter(pl.col("PARAMCD").str.contains(_VISIT_RESPONSE))
    for code in visits["PARAMCD"].unique(maintain_order=True):
        rows = visits.filter(PARAMCD=code)
        rank = pl.col("AVALC").str.to_uppercase().replace_strict(_RANK, default=len(_RANK), return_dtype=pl.Int64)
        best = rows.with_columns(_rank=rank).sort("_rank").unique("USUBJID", keep="first", maintain_order=True)
        yield from _best(
            code, f"Best of {_label(rows, code)}", best, arms, "the best of the visits with ANL01FL = Y, unconfirmed"
        )


_RANK = {term: rank for rank, term in enumerate(RESPONSE_TERMS)}


def _best(code: str, label: str, rows: pl.DataFrame, arms: Arms, how: str) -> Iterator[Result]:
    judged = arms.subjects.select("USUBJID", "arm").join(
        rows.select("USUBJID", answer=pl.col("AVALC").str.to_uppercase()), on="USUBJID", how="left"
    )
    # A subject of the set without a record is missing, and stays in the denominator.
    judged = judged.with_columns(pl.col("answer").fill_null(_MISSING))
    present = sorted({*RESPONDERS, *judged["answer"]}, key=lambda term: (_RANK.get(term, len(_RANK)), term))
    for group, members, _ in arms.split(judged):
        for answer in present:
            yield Result(
                id=f"response.{code}.{answer}", label=f"{label}: {answer}", group=group, denominator=len(members),
                n=int((members["answer"] == answer).sum()),
                method=f"count; {how}; no record counts as {_MISSING}; {arms.method}",
            )  # fmt: skip
        for name, words, terms in (
            ("rate", "objective response (CR or PR)", ("SCR", "CR", "CRI", "CRU", "VGPR", "PR")),
            ("cr_rate", "complete response", ("SCR", "CR", "CRI", "CRU")),
        ):
            holds = int(members["answer"].is_in(terms).sum())
            yield _share(f"response.{code}.{name}", f"{label}: {words}", group, share=(holds, len(members)),
                         how=f"{how}; MISSING and NE count as no response; {arms.method}")  # fmt: skip


def _yes(code: str, label: str, rows: pl.DataFrame, arms: Arms) -> Iterator[Result]:
    if rows["USUBJID"].is_duplicated().any():
        yield Result(id=f"response.{code}", label=label, method=f"count; {arms.method}",
                     note="not estimable: several records a subject")  # fmt: skip
        return
    for group, members, size in arms.split(rows):
        yield _share(f"response.{code}", label, group, share=(int((members["AVALC"] == "Y").sum()), size),
                     how=f"{code} = Y; no record counts as N; {arms.method}")  # fmt: skip


def _share(name: str, label: str, group: str, *, share: tuple[int, int], how: str) -> Result:
    holds, size = share
    exact = clopper_pearson(holds, size)

    def percent(value: float) -> float | None:
        return 100 * value if isfinite(value) else None

    return Result(
        id=name, label=label, group=group, n=holds, denominator=size, unit="%", estimate=percent(exact.value),
        ci_low=percent(exact.low), ci_high=percent(exact.high), note=exact.note,
        method=f"proportion, {exact.method} 95% limits; {how}",
    )  # fmt: skip


def _label(rows: pl.DataFrame, code: str) -> str:
    if "PARAM" not in rows.columns:
        return code
    return next(iter(rows.filter(PARAMCD=code)["PARAM"].drop_nulls()), code)
