"""Every decision of a study of a million patient-visits and 35 million findings, read from Parquet in batches."""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[2]))

from branchpoint.engine.cohort import decide_cohort, write_decisions
from branchpoint.language import Coded, Numeric
from branchpoint.language.registry import find_protocol
from branchpoint.records.frame import Tables

VISITS, TESTS = 1_000_000, 35
DAYS = np.array([0, 3, 7, 14, 28, 35, 42, 56, 70, 84], np.int32)
GIGABYTES, SECONDS = 4, 120


def some_findings(protocol, subjects, random):
    """The findings of some subjects: the tests that responses read, and others up to the number of tests."""
    tests = [m for m in protocol.measurements.values() if m.source == "findings"]
    tests = sorted(tests, key=lambda m: m.name not in protocol.response_findings)[:TESTS]
    count = len(subjects) * len(DAYS)
    whose = pl.Series(subjects).gather(pl.Series(np.repeat(np.arange(len(subjects)), len(DAYS))))
    for measurement in tests:
        made = {"subject": whose, "day": np.tile(DAYS, len(subjects))}
        frame = pl.DataFrame(made).with_columns(
            test=pl.lit(measurement.name), number=pl.lit(None, pl.Float64), truth=pl.lit(None, pl.Boolean),
            code=pl.lit(None, pl.String), unit=pl.lit(None, pl.String), lower_limit=pl.lit(None, pl.Float64),
            upper_limit=pl.lit(None, pl.Float64), missing=pl.lit(None, pl.String),
        )  # fmt: skip
        if isinstance(measurement, Numeric):
            scale = measurement.scales[0]
            centre = scale.upper_limit or scale.lower_limit or min(scale.plausible[1], 100.0) / 2
            yield frame.with_columns(
                number=pl.Series(centre * random.lognormal(0, 0.8, count)), unit=pl.lit(scale.unit),
                upper_limit=pl.lit(scale.upper_limit, pl.Float64), lower_limit=pl.lit(scale.lower_limit, pl.Float64),
            )  # fmt: skip
        elif isinstance(measurement, Coded):
            yield frame.with_columns(code=pl.lit(measurement.codes[0]))
        else:
            yield frame.with_columns(truth=pl.Series(random.random(count) < 0.4))


def write_study(protocol, folder):
    random = np.random.default_rng(1)
    subjects = [f"S{number:07}" for number in range(VISITS // len(DAYS))]
    (folder / "findings").mkdir()
    for start in range(0, len(subjects), 10_000):
        part = pl.concat(list(some_findings(protocol, subjects[start : start + 10_000], random)))
        part.sort("subject", "day").write_parquet(folder / "findings" / f"{start:08}.parquet", row_group_size=100_000)
    birth, first = pl.date(2015, 6, 1), pl.date(2020, 3, 1)
    table = pl.DataFrame({"subject": subjects}).with_columns(
        sex=pl.lit("F"), birth_date=birth, center=pl.lit("A"), consent_date=first, first_dose_date=first,
        genetic_result=pl.lit(None, pl.String),
    )  # fmt: skip
    given = {"subject": pl.String, "start": pl.Int32, "end": pl.Int32, "drug": pl.String}
    happened = {"subject": pl.String, "day": pl.Int32, "event": pl.String}
    decided = {"subject": pl.String, "day": pl.Int32, "status": pl.String, "go": pl.String}
    findings = pl.scan_parquet(folder / "findings")
    return Tables(
        table, findings, pl.DataFrame(schema=given), pl.DataFrame(schema=happened), pl.DataFrame(schema=decided)
    )


def main():
    protocol = find_protocol("rux-hlh")
    with tempfile.TemporaryDirectory() as name:
        study = write_study(protocol, Path(name))
        made = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        start = time.perf_counter()
        decisions = decide_cohort(study, protocol)
        write_decisions(decisions, protocol, Path(name) / "decisions.parquet")
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{len(decisions):,} patient-visits, {VISITS * TESTS:,} findings: {seconds:.1f} s (bar {SECONDS})")
    print(f"peak memory {peak:.2f} GB (bar {GIGABYTES}; {made:.2f} while the study was made up)")
    print(decisions["response_trial"].value_counts().rows())
    assert seconds < SECONDS
    assert peak < GIGABYTES


if __name__ == "__main__":
    main()
