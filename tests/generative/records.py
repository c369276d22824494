"""Generated records: small patients, and the same patients as the tables of a study."""

from datetime import date, timedelta

import polars as pl
from hypothesis import strategies as st

from branchpoint.language import Coded, Exposed, Numeric, Occurred, Scale, YesNo
from branchpoint.records.frame import Tables
from branchpoint.records.patient import MISSING_REASONS, Event, Exposure, Finding, Override, Patient, Subject


def a_number(name, *, current_for=7, worse="high", units=("g/L",)):
    scales = tuple(Scale(unit, (-1e6, 1e6)) for unit in units)
    return Numeric(name=name, label=name, scales=scales, worse=worse, current_for=current_for)


TWO_SCALES = a_number("two_scales", units=("U/mL", "pg/mL"))
LOW = a_number("low", worse="low", current_for=1)
LASTING = a_number("lasting", current_for=None)
SIGN = YesNo(name="sign", label="Sign")
CODED = Coded(name="coded", label="Coded", codes=("a", "b", "c"), current_for=None)
FINDINGS = (TWO_SCALES, LOW, LASTING, SIGN, CODED)
RECENTLY = Exposed(name="recently", label="Given within 4 days", drugs=("x", "y"), within=4)
EVER = Exposed(name="ever", label="Ever given", drugs=("x",))
OCCURRED = Occurred(name="occurred", label="Occurred", events=("relapse",))
FACTS = (
    a_number("age", current_for=None, units=("a",)),
    a_number("age_days", current_for=None, units=("d",)),
    Coded(name="sex", label="Sex", codes=("F", "M"), current_for=None),
    Coded(name="genetic_result", label="Genes", codes=("PRF1", "negative"), current_for=None),
    YesNo(name="informed_consent", label="Consent", current_for=None),
)
FACTS = tuple(
    type(fact)(**{field: getattr(fact, field) for field in fact.__dataclass_fields__} | {"source": "subject"})
    for fact in FACTS
)
OUTSIDE = (RECENTLY, EVER, OCCURRED, *FACTS)

NUMBERS = st.sampled_from([-2.0, 0.0, 0.5, 1.0, 1.5, 3.0, 12.0])
DAYS = st.integers(-9, 21)


@st.composite
def findings(draw, measurement, days=DAYS, numbers=NUMBERS):
    """Findings of one test, each day at most twice, in order of day."""
    made = []
    for day in sorted(draw(st.lists(days, max_size=6))):
        missing = draw(st.sampled_from(("", "", "", *MISSING_REASONS)))
        unit, value = "", None
        if isinstance(measurement, Numeric):
            unit = draw(st.sampled_from([scale.unit for scale in measurement.scales]))
        if not missing:
            value = draw(
                numbers if isinstance(measurement, Numeric)
                else st.sampled_from(measurement.codes) if isinstance(measurement, Coded) else st.booleans()
            )  # fmt: skip
        limits = draw(st.sampled_from([(None, None), (1.0, 3.0), (0.0, None)]))
        made.append(Finding(day, measurement.name, value, unit, *limits, missing))
    return tuple(made)


DATES = st.sampled_from([date(2018, 2, 28), date(2018, 3, 1), date(2020, 2, 29), date(2020, 3, 1), date(2021, 12, 31)])


@st.composite
def subjects(draw, name="S1"):
    consent = draw(st.none() | DATES)
    return Subject(
        name,
        sex=draw(st.sampled_from(["F", "M", None])),
        birth_date=draw(
            st.none() | st.sampled_from([date(2016, 2, 29), date(2015, 3, 1), date(2018, 2, 28), date(2010, 12, 31)])
        ),
        consent_date=consent,
        first_dose_date=draw(st.none() | (DATES if consent is None else DATES.map(lambda d: d + timedelta(days=1)))),
        genetic_result=draw(st.sampled_from(["PRF1", "negative", "pending", "not_done", None])),
    )


@st.composite
def exposures(draw, drugs=("x", "y", "z"), days=DAYS):
    made = []
    for start in sorted(draw(st.lists(days, max_size=3))):
        length = draw(st.none() | st.integers(0, 12))
        made.append(Exposure(draw(st.sampled_from(drugs)), start, None if length is None else start + length))
    return tuple(made)


@st.composite
def patients(draw, name="S1", measurements=FINDINGS, days=DAYS, numbers=NUMBERS):
    tests = {m.name: draw(findings(m, days, numbers)) for m in measurements}
    events = tuple(
        Event(day, draw(st.sampled_from(["relapse", "death"]))) for day in sorted(draw(st.lists(days, max_size=2)))
    )
    return Patient(
        draw(subjects(name)), {test: found for test, found in tests.items() if found}, draw(exposures()), events
    )


def tables_of(cohort, overrides=True):
    """Give the tables of a study that hold the records of some patients."""
    found = [
        (
            patient.subject.id, f.day, f.test,
            f.value if isinstance(f.value, float) else None,
            f.value if isinstance(f.value, bool) else None,
            f.value if isinstance(f.value, str) else None,
            f.unit, f.lower_limit, f.upper_limit, f.missing or None,
        )
        for patient in cohort for found in patient.findings.values() for f in found
    ]  # fmt: skip
    return Tables(
        subjects=pl.DataFrame(
            [
                (s.id, s.sex, s.birth_date, s.center, s.consent_date, s.first_dose_date, s.genetic_result)
                for s in (patient.subject for patient in cohort)
            ],
            {"subject": pl.String, "sex": pl.String, "birth_date": pl.Date, "center": pl.String,
             "consent_date": pl.Date,
             "first_dose_date": pl.Date, "genetic_result": pl.String},
            orient="row",
        ),
        findings=pl.DataFrame(
            found,
            {"subject": pl.String, "day": pl.Int32, "test": pl.String, "number": pl.Float64, "truth": pl.Boolean,
             "code": pl.String, "unit": pl.String, "lower_limit": pl.Float64, "upper_limit": pl.Float64,
             "missing": pl.String},
            orient="row",
        ),
        exposures=pl.DataFrame(
            [(p.subject.id, e.start, e.end, e.drug) for p in cohort for e in p.exposures],
            {"subject": pl.String, "start": pl.Int32, "end": pl.Int32, "drug": pl.String},
            orient="row",
        ),
        events=pl.DataFrame(
            [(p.subject.id, e.day, e.event) for p in cohort for e in p.events],
            {"subject": pl.String, "day": pl.Int32, "event": pl.String},
            orient="row",
        ),
        disposition=pl.DataFrame(
            [(p.subject.id, o.day, "override", o.go, o.reason) for p in cohort for o in p.overrides],
            {"subject": pl.String, "day": pl.Int32, "status": pl.String, "go": pl.String, "reason": pl.String},
            orient="row",
        ),
    )  # fmt: skip


__all__ = [
    "CODED", "DAYS", "EVER", "FACTS", "FINDINGS", "LASTING", "LOW", "NUMBERS", "OCCURRED", "OUTSIDE", "RECENTLY",
    "SIGN", "TWO_SCALES", "Override", "patients", "subjects", "tables_of",
]  # fmt: skip
