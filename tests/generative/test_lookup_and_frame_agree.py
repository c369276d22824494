"""A cohort's frame says of every patient, input and day what the lookup of the single patient says."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchpoint.language import Coded, Input, Numeric
from branchpoint.language.quantities import Aspect
from branchpoint.records.frame import Tables, batches, visit_frame
from branchpoint.records.lookup import lookup
from tests.generative.records import CODED, DAYS, FINDINGS, LOW, OUTSIDE, TWO_SCALES, patients, tables_of

WHEN = ("now", "baseline", 7)


def every_input():
    """Every measurement, aspect, time and scale that an input can name."""
    for measurement in OUTSIDE:
        yield from (Input(measurement, aspect, when) for aspect in (Aspect.VALUE, Aspect.RECORDED) for when in WHEN)
    for measurement in FINDINGS:
        for when in WHEN:
            for aspect in Aspect:
                spans = (0, 3) if aspect in (Aspect.HIGHEST, Aspect.LOWEST) else (None,)
                yield from (Input(measurement, aspect, when, days) for days in spans)
    for scale in TWO_SCALES.scales:
        limits = (Aspect.VALUE, Aspect.UPPER_LIMIT, Aspect.LOWER_LIMIT, Aspect.REFERENCE, Aspect.SCALE)
        yield from (Input(TWO_SCALES, aspect, when, scale=scale.unit) for aspect in limits for when in WHEN)


INPUTS = tuple(every_input())


def test_every_aspect_is_asked():
    assert {item.aspect for item in INPUTS} == set(Aspect)
    assert len({item.name for item in INPUTS}) == len(INPUTS)


@settings(max_examples=50, deadline=None)
@given(st.tuples(patients("S1"), patients("S2"), patients("S10")), st.lists(DAYS, max_size=6))
def test_lookup_and_frame_agree(cohort, days):
    rows = [(patient, day) for day in (*days, 0, 8) for patient in cohort]
    frame = visit_frame(
        tables_of(cohort),
        INPUTS,
        pl.DataFrame([(p.subject.id, day) for p, day in rows], {"subject": pl.String, "day": pl.Int32}, orient="row"),
    )
    assert frame["subject"].to_list() == [patient.subject.id for patient, _ in rows]
    for item in INPUTS:
        told = [lookup(patient, item, day).value for patient, day in rows]
        assert frame[item.name].to_list() == told, item


@pytest.mark.parametrize("item", [item for item in INPUTS if item.aspect is Aspect.VALUE], ids=lambda item: item.name)
def test_columns_keep_their_type_where_nothing_is_known(item):
    rows = pl.DataFrame({"subject": ["S1"], "day": [3]}, {"subject": pl.String, "day": pl.Int32})
    frame = visit_frame(tables_of([]), [item], rows)
    kind = (
        pl.Float64
        if isinstance(item.measurement, Numeric)
        else pl.String
        if isinstance(item.measurement, Coded)
        else pl.Boolean
    )
    assert frame.schema[item.name] == kind


def test_nan_is_missing():
    tables = tables_of([])
    findings = pl.DataFrame(
        {"subject": ["S1", "S1"], "day": [1, 2], "test": ["low", "low"], "number": [2.0, float("nan")]}
    )
    findings = pl.concat([tables.findings, findings.cast({"day": pl.Int32})], how="diagonal")
    rows = pl.DataFrame({"subject": ["S1"], "day": [2]})
    frame = visit_frame(tables._replace(findings=findings), [LOW.value, Input(LOW, Aspect.RECORDED)], rows)
    assert frame["low"].to_list() == [2.0]


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.data())
def test_batches_hold_every_record_once(size, data):
    cohort = [data.draw(patients(f"S{number}", (CODED,))) for number in range(1, 12, 3)]
    tables = tables_of(cohort)
    parts = list(batches(tables, size))
    assert sum(len(part.subjects) for part in parts) == len(cohort)
    assert all(len(part.subjects) <= size for part in parts)
    for name in Tables._fields:
        whole = pl.concat([getattr(part, name) for part in parts])
        assert sorted(map(str, whole.rows())) == sorted(map(str, getattr(tables, name).rows()))
