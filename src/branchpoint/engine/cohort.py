"""Decide a cohort: everything the protocol decides, one row a patient-visit, for as many patients as there are.

The cohort's counterpart of `branchpoint.engine.decide`; the two are tested against each other.
"""

from __future__ import annotations

import os
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from branchpoint.engine.cohort_walk import STRATA, walk_cohort
from branchpoint.engine.decisions import SCREENING, UNSCHEDULED
from branchpoint.engine.evaluate import evaluate
from branchpoint.engine.pathway_table import ALL_SETS, BIT, SETTLED
from branchpoint.language.proofs import inputs_of
from branchpoint.language.responses import NE, RESPONSES
from branchpoint.records.frame import assessment_days, batches, visit_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path as FilePath

    from numpy.typing import NDArray

    from branchpoint.engine.cohort_walk import Path
    from branchpoint.language.nodes import Node
    from branchpoint.language.protocol import Protocol
    from branchpoint.records.frame import StudyTables, Tables

__all__ = ["decide_cohort", "decisions_by_batch", "decisions_schema", "write_decisions"]


def decide_cohort(study: StudyTables, protocol: Protocol, *, batch_size: int = 20_000) -> pl.DataFrame:
    """Give every decision of a protocol for every subject of a study.

    Parameters
    ----------
    study : StudyTables
        Tables in memory, or scanned lazily from disk.
    protocol : Protocol
    batch_size : int
        Subjects held in memory at a time; it changes no answer.

    Returns
    -------
    DataFrame
        Columns as `decisions_schema` gives them, rows in order of subject and day: day 0 of every subject, and each
        later day on which the patient is assessed.

        eligible and etiology are judged on the record up to day 0, dose_mg on that of the row's day. On day 0 there is
        no response; the patient leaves ``screening`` when eligible or already dosed. `not_evaluable` names, separated
        by commas, what could not be evaluated: on day 0 criteria of eligibility and ``etiology``; ``dose``; and
        ``response.trial[CR PR]`` where a rule set (here ``trial``) gives NE, with the responses that are still possible
        in brackets, or without brackets where NE is the settled answer.
    """
    empty = pl.DataFrame(schema=decisions_schema(protocol))
    return pl.concat([empty, *decisions_by_batch(study, protocol, batch_size=batch_size)])


def decisions_by_batch(study: StudyTables, protocol: Protocol, *, batch_size: int = 20_000) -> Iterator[pl.DataFrame]:
    """Give the decisions of `decide_cohort` some subjects at a time, in order of subject."""
    for tables in batches(study, batch_size):
        yield _decide(tables, protocol)


def decisions_schema(protocol: Protocol) -> dict[str, type[pl.DataType]]:
    """Give the columns of the decisions and their types."""
    return {
        "subject": pl.String,
        "visit": pl.String,
        "day": pl.Int32,
        "eligible": pl.Boolean,
        "etiology": pl.String,
        "dose_mg": pl.Float64,
        **{f"response_{rule_set.name}": pl.String for rule_set in protocol.responses},
        "epoch_before": pl.String,
        "epoch_after": pl.String,
        "action": pl.String,
        "stratum": pl.String,
        "not_evaluable": pl.String,
    }


def write_decisions(decisions: pl.DataFrame, protocol: Protocol, path: FilePath) -> None:
    """Write decisions as Parquet, wholly or not at all, with the protocol's name, version and hash in the metadata."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    stamp = {"protocol": protocol.name, "protocol_version": protocol.version, "protocol_hash": protocol.hash}
    try:
        decisions.write_parquet(unfinished, metadata=stamp)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _decide(tables: Tables, protocol: Protocol) -> pl.DataFrame:
    rows = assessment_days(tables, protocol)
    day = rows["day"].cast(pl.Int64).to_numpy()
    screened = _screen(tables, protocol, rows.filter(pl.col("day") == 0))
    assessed = _assess(tables, protocol, rows)
    verdicts = {
        rule_set.name: [assessed[f"{rule_set.name}__{case.category}"] for case in rule_set.cases]
        for rule_set in protocol.responses
    }
    override = _overrides(tables, protocol, rows)
    path = walk_cohort(protocol, day, verdicts, override)
    known = rows.with_columns(
        *screened[pl.Series(np.cumsum(day == 0) - 1)],
        *_path_columns(protocol, path),
        assessed["dose"].alias("dose_mg"),
        pl.Series("overridden", override >= 0),
    )
    schema = decisions_schema(protocol)
    return known.select(*_columns(protocol)).select(*schema).cast(schema)  # type: ignore[arg-type]


def _screen(tables: Tables, protocol: Protocol, rows: pl.DataFrame) -> pl.DataFrame:
    rules: dict[str, Node] = {rule.name: rule for rule in (*protocol.inclusion, *protocol.exclusion)}
    judged = _answers(tables, {**rules, "etiology": protocol.etiology}, rows)
    passed = [pl.col(rule.name) for rule in protocol.inclusion] + [~pl.col(rule.name) for rule in protocol.exclusion]
    dosed = tables.subjects.select(pl.col("subject").cast(pl.String), dosed=pl.col("first_dose_date").is_not_null())
    return judged.select(
        etiology="etiology",
        eligible=pl.all_horizontal(passed),
        open=_joined([_open(name) for name in (*rules, "etiology")]),
        dosed=rows.join(dosed, on="subject", how="left", maintain_order="left")["dosed"],
    )


def _assess(tables: Tables, protocol: Protocol, rows: pl.DataFrame) -> pl.DataFrame:
    rules: dict[str, Node] = {
        f"{rule_set.name}__{case.category}": case.rule for rule_set in protocol.responses for case in rule_set.cases
    }
    dose = protocol.interventions[0].dose
    if dose is None:
        return _answers(tables, rules, rows).with_columns(dose=pl.lit(None, pl.Float64))
    return _answers(tables, {**rules, "dose": dose.amount}, rows)


def _answers(tables: Tables, rules: Mapping[str, Node], rows: pl.DataFrame) -> pl.DataFrame:
    # A prefix keeps the columns of rules and those of inputs apart.
    answers = {f"rule.{name}": rule for name, rule in rules.items()}
    frame = visit_frame(tables, inputs_of(tuple(rules.values())), rows)
    judged: pl.DataFrame = evaluate(answers, frame)
    return judged.select(pl.col(f"rule.{name}").alias(name) for name in rules)


def _overrides(tables: Tables, protocol: Protocol, rows: pl.DataFrame) -> NDArray[np.int64]:
    epochs = pl.DataFrame({"go": [epoch.name for epoch in protocol.epochs]}).with_row_index("to")
    decided = tables.disposition.filter((pl.col("status") == "override") & (pl.col("day") > 0))
    decided = decided.select(
        pl.col("subject").cast(pl.String), pl.col("day").cast(pl.Int32), pl.col("go").cast(pl.String)
    )
    decided = decided.unique(["subject", "day"], keep="last").join(epochs, on="go")
    found = rows.join(decided, on=["subject", "day"], how="left", maintain_order="left")["to"]
    return found.cast(pl.Int64).fill_null(-1).to_numpy()


def _path_columns(protocol: Protocol, path: Path) -> Iterator[pl.Series]:
    epochs = [epoch.name for epoch in protocol.epochs]
    width = max(len(epoch.visits) for epoch in protocol.epochs)
    visits = [[visit.name for visit in epoch.visits] + [""] * (width - len(epoch.visits)) for epoch in protocol.epochs]
    place = np.where(path.visit < 0, width * len(epochs), path.before * width + path.visit)
    yield _named("visit", [*chain(*visits), UNSCHEDULED], place)
    yield _named("epoch_before", epochs, path.before)
    yield _named("epoch_after", epochs, path.after)
    yield _named("action", [decision.action for decision in protocol.pathway.decisions], path.decision)
    yield _named("stratum", STRATA, path.stratum)
    for name, possible in path.possible.items():
        yield _named(f"response_{name}", RESPONSES, SETTLED[possible])
        yield _named(f"open_{name}", [_told(name, bits) for bits in range(ALL_SETS)], possible)


def _columns(protocol: Protocol) -> Iterator[pl.Expr]:
    eligible, screening = pl.col("eligible"), pl.col("day") == 0
    first, sets = protocol.epochs[0], [rule_set.name for rule_set in protocol.responses]
    baseline = first.visit_on(0)

    def unless_screening(column: str, then: pl.Expr) -> pl.Expr:
        return pl.when(screening).then(then).otherwise(column).alias(column)

    yield from (pl.col("subject"), pl.col("day"), eligible, pl.col("etiology"), pl.col("dose_mg"))
    yield unless_screening("visit", pl.lit(baseline.name if baseline else UNSCHEDULED))
    yield from (unless_screening(f"response_{name}", pl.lit(None, pl.String)) for name in sets)
    yield unless_screening("epoch_before", pl.lit(SCREENING))
    starts = pl.when(eligible.fill_null(value=False) | pl.col("dosed"))
    yield unless_screening("epoch_after", starts.then(pl.lit(first.name)).otherwise(pl.lit(SCREENING)))
    enrolled = pl.when(eligible).then(pl.lit("enroll")).when(~eligible).then(pl.lit("do_not_enroll"))
    action = pl.when("overridden").then(pl.lit("override")).otherwise("action")
    yield pl.when(screening).then(enrolled.otherwise(pl.lit("complete_screening"))).otherwise(action).alias("action")
    yield unless_screening("stratum", pl.lit(None, pl.String))
    parts: list[pl.Expr] = [pl.when(screening).then("open")]
    if protocol.interventions[0].dose is not None:
        parts.append(_open("dose_mg", "dose"))
    parts += [pl.when(~screening).then(f"open_{name}") for name in sets]
    yield _joined(parts).alias("not_evaluable")


def _open(column: str, name: str | None = None) -> pl.Expr:
    return pl.when(pl.col(column).is_null()).then(pl.lit(name or column))


def _joined(parts: Iterable[pl.Expr]) -> pl.Expr:
    # An empty text has nothing to join and would leave a comma.
    return pl.concat_str([pl.when(part != "").then(part) for part in parts], separator=",", ignore_nulls=True)


def _told(name: str, possible: int) -> str | None:
    responses = [response for response in RESPONSES if possible & BIT[response]]
    if responses == [NE]:
        return f"response.{name}"
    return f"response.{name}[{' '.join(responses)}]" if len(responses) > 1 else None


def _named(column: str, names: Sequence[str | None], codes: NDArray[np.integer[Any]]) -> pl.Series:
    return pl.Series(column, names, dtype=pl.String).gather(pl.Series(codes.astype(np.int64)))
