"""Small tables of data, rule and expected answer. They are run as tests, and printed as the manual of the language."""

from dataclasses import dataclass

from branchpoint.language import (
    Coded,
    Exposed,
    Label,
    Node,
    Numeric,
    Occurred,
    Points,
    Scale,
    Transform,
    YesNo,
    above,
    all_of,
    any_of,
    at_baseline,
    at_least,
    bands,
    between,
    classify,
    criterion,
    not_,
    sustained,
    up_to,
)
from branchpoint.language.choices import AnswerIs
from branchpoint.language.quantities import Clip, Derived
from branchpoint.records.patient import Event, Exposure, Finding, Patient, Subject

ferritin = Numeric(
    name="ferritin", label="Ferritin", scales=(Scale("ug/L", (0, 1e6), upper_limit=500),), worse="high", current_for=7
)
platelets = Numeric(name="platelets", label="Platelets", scales=(Scale("10*9/L", (0, 3000)),), worse="low")
temperature = Numeric(
    name="temperature", label="Temperature", scales=(Scale("Cel", (30, 45)),), worse="high", current_for=1
)
creatinine = Numeric(
    name="creatinine", label="Creatinine", scales=(Scale("umol/L", (1, 3000)),), equivalents=(("mg/dL", 88.4),)
)
weight = Numeric(name="weight", label="Weight", scales=(Scale("kg", (0.3, 300)),), current_for=None)
receptor = Numeric(
    name="soluble_cd25",
    label="Soluble CD25",
    scales=(Scale("pg/mL", (0, 1e7), upper_limit=6400), Scale("U/mL", (0, 1e6), upper_limit=2400)),
    worse="high",
)
rash = YesNo(name="rash", label="Rash")
spleen = YesNo(name="splenomegaly", label="Splenomegaly")
avidity = Coded(name="avidity", label="Avidity", codes=("low", "high"))
transfused = Exposed(
    name="transfused", label="Platelets transfused in 4 days", drugs=("platelet_transfusion",), within=4
)
relapsed = Occurred(name="relapsed", label="Relapse", events=("relapse",))


@dataclass(frozen=True)
class Example:
    """One row: what the record holds, the day, and what the rule answers."""

    record: tuple[Finding | Exposure | Event, ...]
    expected: object
    day: int = 0


@dataclass(frozen=True)
class Topic:
    """A rule of the language, what it means, and its rows."""

    title: str
    meaning: str
    rule: Node
    code: str
    examples: tuple[Example, ...]


def _finding(day, measurement, value, unit=""):
    scales = {scale.unit: scale for scale in getattr(measurement, "scales", ())}
    unit = unit or next(iter(scales), "")
    upper = scales[unit].upper_limit if unit in scales else None
    missing = "" if value is not None else "pending"
    return Finding(day, measurement.name, value, unit if value is not None else "", None, upper, missing)


def rows(*pairs, day=0):
    """Give a record: (measurement, value) pairs on day 0, or (day, measurement, value[, unit])."""
    return tuple(_finding(0, *pair) if not isinstance(pair[0], int) else _finding(*pair) for pair in pairs)


def patient_of(record):
    """Give the patient of whom this is all that is known."""
    tests = {}
    for item in record:
        if isinstance(item, Finding):
            tests.setdefault(item.test, []).append(item)
    return Patient(
        Subject("synthetic"),
        {test: tuple(sorted(found, key=lambda f: f.day)) for test, found in tests.items()},
        tuple(item for item in record if isinstance(item, Exposure)),
        tuple(item for item in record if isinstance(item, Event)),
    )


high = ferritin >= 500
low = platelets < 100
TOPICS = (
    Topic(
        "Comparison",
        "A value against a threshold. The bound belongs to `>=` and `<=`. A missing value answers nothing.",
        high, "ferritin >= 500",
        (Example(rows((ferritin, 500.0)), True), Example(rows((ferritin, 499.9)), False),
         Example(rows((ferritin, None)), None), Example((), None)),
    ),
    Topic(
        "All of", "One part that fails decides, whatever else is missing.",
        all_of(high, low), "all_of(ferritin >= 500, platelets < 100)",
        (Example(rows((ferritin, 600.0), (platelets, 80.0)), True), Example(rows((ferritin, 100.0)), False),
         Example(rows((ferritin, 600.0)), None)),
    ),
    Topic(
        "Any of", "One part that holds decides, whatever else is missing.",
        any_of(high, low), "any_of(ferritin >= 500, platelets < 100)",
        (Example(rows((ferritin, 600.0)), True), Example(rows((ferritin, 100.0), (platelets, 200.0)), False),
         Example(rows((ferritin, 100.0)), None)),
    ),
    Topic(
        "Not", "What is not known stays not known.", not_(rash), "not_(rash)",
        (Example(rows((rash, False)), True), Example(rows((rash, True)), False), Example((), None)),
    ),
    Topic(
        "At least k", "Counted with bounds: yes when enough hold, no when too few can, open between.",
        at_least(2, high, low, rash), "at_least(2, ferritin >= 500, platelets < 100, rash)",
        (Example(rows((ferritin, 600.0), (platelets, 80.0)), True),
         Example(rows((ferritin, 100.0), (platelets, 200.0)), False),
         Example(rows((ferritin, 600.0), (platelets, 200.0)), None),
         Example(rows((ferritin, 600.0)), None)),
    ),
    Topic(
        "First match", "The answer of the first case that holds. Open while an earlier case is open.",
        classify("kind", "Kind", ("both", all_of(high, rash)), ("ferritin", high), otherwise="neither"),
        'classify("kind", "Kind", ("both", all_of(ferritin >= 500, rash)), ("ferritin", ferritin >= 500), '
        'otherwise="neither")',
        (Example(rows((ferritin, 600.0), (rash, True)), "both"),
         Example(rows((ferritin, 600.0), (rash, False)), "ferritin"),
         Example(rows((ferritin, 100.0)), "neither"), Example(rows((ferritin, 600.0)), None)),
    ),
    Topic(
        "Answer among some", "Settled as soon as no other answer is possible, even while the answer itself is open.",
        AnswerIs(classify("sort", "Sort", ("both", all_of(high, rash)), ("ferritin", high), otherwise="neither"),
                 ("both", "ferritin")),
        'AnswerIs(sort, ("both", "ferritin"))',
        (Example(rows((ferritin, 600.0)), True), Example(rows((ferritin, 100.0)), False),
         Example(rows((rash, True)), None)),
    ),
    Topic(
        "Bands", "A number by the band in which a value falls. Gaps and overlaps are refused when the rule is written.",
        bands(weight, (up_to(10), 2.5), (between(10, 20), 5), (above(20), 10), unit="mg"),
        'bands(weight, (up_to(10), 2.5), (between(10, 20), 5), (above(20), 10), unit="mg")',
        (Example(rows((weight, 10.0)), 2.5), Example(rows((weight, 10.1)), 5.0), Example(rows((weight, 20.0)), 5.0),
         Example(rows((weight, 20.1)), 10.0), Example((), None)),
    ),
    Topic(
        "Fold of baseline", "The baseline is the last value on or before day 0. Ratios are rounded to 9 decimals.",
        platelets.fold_of_baseline >= 1.5, "platelets.fold_of_baseline >= 1.5",
        (Example(rows((0, platelets, 20.0), (3, platelets, 30.0)), True, 3),
         Example(rows((-2, platelets, 20.0), (0, platelets, 40.0), (3, platelets, 30.0)), False, 3),
         Example(rows((3, platelets, 30.0)), None, 3),
         Example(rows((0, platelets, 0.0), (3, platelets, 30.0)), None, 3)),
    ),
    Topic(
        "Fold of the upper limit",
        "The limit is the reporting laboratory's; the protocol's where the finding brings none.",
        ferritin.fold_of_upper_limit > 1, "ferritin.fold_of_upper_limit > 1",
        (Example(rows((ferritin, 501.0)), True),
         Example((Finding(0, "ferritin", 501.0, "ug/L", None, 600.0),), False)),
    ),
    Topic(
        "Values stay current for a while",
        "After day 0 a value from before treatment says nothing, and a value goes out of date: ferritin after 7 days.",
        high, "ferritin >= 500",
        (Example(rows((0, ferritin, 600.0)), None, 3), Example(rows((3, ferritin, 600.0)), True, 10),
         Example(rows((3, ferritin, 600.0)), None, 11)),
    ),
    Topic(
        "Worst and best so far", "From the baseline value to the day, in the direction of the disease.",
        ferritin.value / ferritin.best >= 1.5, "ferritin.value / ferritin.best >= 1.5",
        (Example(rows((0, ferritin, 900.0), (3, ferritin, 400.0), (7, ferritin, 600.0)), True, 7),
         Example(rows((0, ferritin, 900.0), (3, ferritin, 600.0)), False, 3)),
    ),
    Topic(
        "Sustained", "Throughout the last days; open until the record spans them.",
        sustained(temperature < 37.5, 3), "sustained(temperature < 37.5, 3)",
        (Example(rows((1, temperature, 37.0), (3, temperature, 37.2), (4, temperature, 36.8)), True, 4),
         Example(rows((1, temperature, 37.0), (2, temperature, 38.0), (4, temperature, 36.8)), False, 4),
         Example(rows((3, temperature, 37.2), (4, temperature, 36.8)), None, 4)),
    ),
    Topic(
        "At baseline", "The same rule about the record up to day 0.", at_baseline(high), "at_baseline(ferritin >= 500)",
        (Example(rows((0, ferritin, 600.0), (7, ferritin, 90.0)), True, 7),
         Example(rows((7, ferritin, 600.0)), None, 7)),
    ),
    Topic(
        "Support-free", "Exposures are complete by definition: what is not recorded was not given.",
        all_of(platelets >= 100, not_(transfused)), "all_of(platelets >= 100, not_(transfused))",
        (Example((*rows((9, platelets, 120.0)), Exposure("platelet_transfusion", 4, 4)), True, 9),
         Example((*rows((9, platelets, 120.0)), Exposure("platelet_transfusion", 5, 5)), False, 9),
         Example(rows((9, platelets, 120.0)), True, 9)),
    ),
    Topic(
        "Events", "An event has happened from its day on.", relapsed.holds, "relapsed",
        (Example((Event(40, "relapse"),), True, 40), Example((Event(40, "relapse"),), False, 39)),
    ),
    Topic(
        "Where available", "`recorded` is no where a measurement was not done, and open while it is pending.",
        any_of(not_(ferritin.recorded), ferritin < 500), "any_of(not_(ferritin.recorded), ferritin < 500)",
        (Example((), True), Example(rows((ferritin, 600.0)), False), Example(rows((ferritin, None)), None)),
    ),
    Topic(
        "Scales that do not convert", "Each threshold is compared on its own scale; no value is converted silently.",
        any_of(all_of(receptor.is_on("U/mL"), receptor.on("U/mL") >= 2400),
               all_of(receptor.is_on("pg/mL"), receptor.fold_of_upper_limit > 1)),
        'any_of(all_of(cd25.is_on("U/mL"), cd25.on("U/mL") >= 2400), '
        'all_of(cd25.is_on("pg/mL"), cd25.fold_of_upper_limit > 1))',
        (Example(rows((0, receptor, 2400.0, "U/mL")), True), Example(rows((0, receptor, 2400.0, "pg/mL")), False),
         Example(rows((0, receptor, 6401.0, "pg/mL")), True), Example((), None)),
    ),
    Topic(
        "Codes", "One of the declared codes; any other is refused when the rule is written.",
        avidity.is_("high"), 'avidity.is_("high")',
        (Example(rows((avidity, "high")), True), Example(rows((avidity, "low")), False), Example((), None)),
    ),
    Topic(
        "Scores", "Arithmetic, logarithms and bounds over measurements, in a unit that the measurement declares.",
        Derived("score", 10 * Transform("ln", Clip(creatinine.within("mg/dL"), 1.0, 4.0)) + Points(rash.holds, 5.0),
                "1", Label("Score")),
        'Derived("score", 10 * Transform("ln", Clip(creatinine.within("mg/dL"), 1, 4)) + Points(rash, 5), "1", ...)',
        (Example(rows((creatinine, 44.2), (rash, True)), 5.0),
         Example(rows((creatinine, 884.0), (rash, False)), 13.862943611198906),
         Example(rows((creatinine, 884.0)), None)),
    ),
    Topic(
        "Named criteria", "A name, a label and a source; the answer is that of the rule.",
        criterion("hyperferritinemia", "Ferritin of at least 500 ug/L", high, cite="HLH-2004"),
        'criterion("hyperferritinemia", "Ferritin of at least 500 ug/L", ferritin >= 500, cite="HLH-2004")',
        (Example(rows((ferritin, 600.0)), True), Example((), None)),
    ),
)  # fmt: skip
