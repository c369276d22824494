"""A broken patient file is refused with the path of every fault; the good one says what the file says."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from branchpoint.language.registry import find_protocol
from branchpoint.records.patient import Event, Exposure, Finding, Override
from branchpoint.records.patient_file import patient_from_data, read_patient
from branchpoint.records.problems import Problem, RecordProblems

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE = "patient.json"
REASONS = "not_done, not_asked, pending, not_applicable, unknown, below_detection"
DAY_OR_DATE = "a study day as a whole number, or a date as YYYY-MM-DD"


def good() -> dict[str, Any]:
    return {
        "protocol": "rux-hlh",
        "subject": {
            "id": "A1",
            "sex": "F",
            "birth_date": "2018-03-02",
            "center": None,
            "consent_date": "2024-01-09",
            "first_dose_date": "2024-01-10",
            "genetic_result": "pending",
        },
        "findings": [
            {"day": 0, "test": "temperature", "value": 39.1, "unit": "Cel"},
            {"day": 0, "test": "hemoglobin", "value": 7.9, "unit": "g/dL", "lower_limit": 11, "upper_limit": 14.5},
            {"date": "2024-01-13", "test": "hemoglobin", "value": 91},
            {"day": 0, "test": "splenomegaly", "value": True},
            {"day": 0, "test": "nk_activity", "missing": "pending"},
            {"day": 0, "test": "soluble_cd25", "value": 3100, "unit": "U/mL"},
        ],
        "exposures": [
            {"start": 0, "drug": "ruxolitinib", "dose": 5, "unit": "mg", "every_hours": 12},
            {"start": "2024-01-11", "drug": "platelet_transfusion"},
        ],
        "events": [{"day": 60, "event": "death", "note": "progression"}],
        "overrides": [{"day": 3, "go": "intensive", "reason": "Rising ferritin"}],
    }


def put(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Change one value, ``findings.0.value``; an index one past the end adds an item."""

    def change(data: dict[str, Any]) -> None:
        *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place: Any = data
        for part in parents:
            place = place[part]
        if isinstance(place, list) and last == len(place):
            place.append(value)
        else:
            place[last] = value

    return change


def drop(path: str) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place: Any = data
        for part in parents:
            place = place[part]
        del place[last]

    return change


DEATH = "on or before death, study day 60 (2024-03-10)"
BROKEN = [
    (put("protocol", "rux-hlx"), "protocol", "rux-hlx", "a registered protocol; did you mean rux-hlh?"),
    (put("protocol", "own.py"), "protocol", "own.py", "a registered protocol; one of hlh-94, rux-hlh"),
    (drop("protocol"), "protocol", "nothing", "the name of a registered protocol"),
    (put("finding", []), "finding", "a key that is not known", "did you mean findings?"),
    (
        put("subject.age", 5),
        "subject.age",
        "a key that is not known",
        "one of id, sex, birth_date, center, consent_date, first_dose_date, genetic_result",
    ),
    (drop("subject.id"), "subject.id", "nothing", "the subject's identifier as text"),
    (put("subject.id", 17), "subject.id", "17", "the subject's identifier as text"),
    (put("subject.sex", "f"), "subject.sex", '"f"', "F, M, or null where it is not known"),
    (put("subject.birth_date", "2018-02-30"), "subject.birth_date", "2018-02-30", "a date as YYYY-MM-DD"),
    (put("subject.birth_date", "02/03/18"), "subject.birth_date", '"02/03/18"', "a date as YYYY-MM-DD, or null"),
    (
        put("subject.birth_date", "2024-01-10"),
        "subject.consent_date",
        "2024-01-09",
        "on or after birth_date, 2024-01-10",
    ),
    (
        put("subject.first_dose_date", "2024-01-08"),
        "subject.first_dose_date",
        "2024-01-08",
        "on or after consent_date, 2024-01-09",
    ),
    (
        put("subject.genetic_result", "normal"),
        "subject.genetic_result",
        "normal",
        "one of pathogenic, PRF1, UNC13D, STX11, STXBP2, RAB27A, LYST, AP3B1, SH2D1A, XIAP, BIRC4, uncertain, "
        f"negative, {REASONS}",
    ),
    (put("findings", {}), "findings", "an object", "a list of findings"),
    (
        put("findings.0", 39.1),
        "findings[0]",
        "39.1",
        "a finding: an object with day or date, test, and value or missing",
    ),
    (
        put("findings.0.test", "temprature"),
        "findings[0].test",
        "temprature",
        "a test of the protocol; did you mean temperature?",
    ),
    (drop("findings.0.test"), "findings[0].test", "nothing", "the name of a test"),
    (put("findings.0.value", "39.1"), "findings[0].value", "39.1", "a number"),
    (
        put("findings.0.value", "<35"),
        "findings[0].value",
        "<35",
        "a number; a result below detection has no value and missing = below_detection",
    ),
    (put("findings.0.value", True), "findings[0].value", "true", "a number"),
    (put("findings.0.value", float("nan")), "findings[0].value", "nan", "a number"),
    (put("findings.0.value", float("inf")), "findings[0].value", "inf", "a number"),
    (put("findings.0.value", 10**400), "findings[0].value", str(10**400), "a number"),
    (put("findings.0.value", [39.1]), "findings[0].value", "a list", "a number, true or false, or a code"),
    (put("findings.0.value", 391), "findings[0].value", "391 Cel", "30 to 45 Cel"),
    (put("findings.1.value", 79), "findings[1].value", "79 g/dL, which is 790 g/L", "10 to 260 g/L"),
    (put("findings.1.unit", "kg"), "findings[1].unit", "kg", "g/L or mmol/L, or a unit that converts to it"),
    (put("findings.1.lower_limit", 15), "findings[1].lower_limit", "15", "at most the upper limit, 14.5"),
    (drop("findings.2.date"), "findings[2].day", "nothing", "a study day, or a date"),
    (put("findings.2.day", 4), "findings[2].day", "4", "study day 3, which 2024-01-13 is"),
    (
        put("findings.2.date", "2024-01-10"),
        "findings[2].test",
        "hemoglobin on study day 0, as in findings[1]",
        "one finding of a test on a day",
    ),
    (
        put("findings.0.day", 10**9),
        "findings[0].day",
        "study day 1000000000",
        "at most 45000 days before or after study day 0",
    ),
    (put("findings.2.day", 0.5), "findings[2].day", "0.5", "a study day as a whole number"),
    (
        put("findings.2.date", "2014-01-13"),
        "findings[2].date",
        "study day -3649 (2014-01-13)",
        "on or after birth, study day -2140 (2018-03-02)",
    ),
    (put("findings.2.date", "2024-05-13"), "findings[2].date", "study day 124 (2024-05-13)", DEATH),
    (put("findings.3.value", "yes"), "findings[3].value", "yes", "true or false"),
    (put("findings.3.value", 1), "findings[3].value", "1", "true or false"),
    (put("findings.3.unit", "cm"), "findings[3].unit", "cm", "no unit: splenomegaly is answered yes or no"),
    (put("findings.4.missing", "later"), "findings[4].missing", "later", f"one of {REASONS}"),
    (
        put("findings.4.value", 12),
        "findings[4].missing",
        "pending beside the value 12",
        "a value or a reason for having none, not both",
    ),
    (
        drop("findings.4.missing"),
        "findings[4].value",
        "nothing",
        f"a value, or a reason under missing: one of {REASONS}",
    ),
    (drop("findings.5.unit"), "findings[5].unit", "nothing", "a unit: pg/mL or U/mL"),
    (
        put("findings.5.unit", "IU/L"),
        "findings[5].unit",
        "IU/L",
        "pg/mL or U/mL, or a unit that converts to one of them",
    ),
    (
        put("exposures.0.drug", "ruxolitinb"),
        "exposures[0].drug",
        "ruxolitinb",
        "a drug or support of the protocol; did you mean ruxolitinib?",
    ),
    (put("exposures.0.end", -1), "exposures[0].end", "study day -1", "on or after the start, study day 0"),
    (put("exposures.0.dose", 0), "exposures[0].dose", "0", "a number above 0"),
    (put("exposures.0.start", 0.5), "exposures[0].start", "0.5", DAY_OR_DATE),
    (put("exposures.1.start", "January"), "exposures[1].start", '"January"', DAY_OR_DATE),
    (put("exposures.1.start", "2024-02-30"), "exposures[1].start", "2024-02-30", "a date as YYYY-MM-DD"),
    (put("events.1", {"day": 61, "event": "relapse"}), "events[1].day", "study day 61 (2024-03-11)", DEATH),
    (put("events.0.event", "dead"), "events[0].event", "dead", "an event of the protocol; did you mean death?"),
    (put("events.0.grade", 6), "events[0].grade", "6", "a grade, 1 to 5"),
    (
        put("overrides.0.go", "intense"),
        "overrides[0].go",
        "intense",
        "an epoch of the protocol: one of frontline, intensive, salvage, follow_up",
    ),
    (put("overrides.0.reason", " "), "overrides[0].reason", '" "', "the investigator's reason"),
    (drop("overrides.0.reason"), "overrides[0].reason", "nothing", "the investigator's reason"),
]


@pytest.mark.parametrize(
    ("change", "path", "found", "expected"), BROKEN, ids=[f"{n}-{b[1]}" for n, b in enumerate(BROKEN)]
)
def test_is_refused(
    change: Callable[[dict[str, Any]], None], path: str, found: str, expected: str, tmp_path: Path
) -> None:
    data = good()
    change(data)
    file = tmp_path / FILE
    file.write_text(json.dumps(data))
    with pytest.raises(RecordProblems) as refused:
        read_patient(file)
    assert refused.value.problems == (Problem(FILE, None, path, found, expected),)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", Problem(FILE, 1, None, "an empty file", "JSON")),
        (
            b'{"protocol": "rux-hlh",\n}',
            Problem(FILE, 2, None, "expecting property name enclosed in double quotes (column 1)", "JSON"),
        ),
        (b'{"subject": \n"K\xf6ln"}', Problem(FILE, 2, None, "byte 0xF6", "text in UTF-8")),
        (b"[1]", Problem(FILE, None, None, "a list", "an object with protocol, subject and findings")),
        (
            b'{"protocol": "a", "protocol": "b"}',
            Problem(FILE, None, "protocol", "the key twice in one object", "each key once"),
        ),
        (b"[" * 100_000, Problem(FILE, None, None, "lists or objects nested too deep", "JSON of a patient")),
    ],
    ids=["empty", "syntax", "encoding", "no object", "key twice", "too deep"],
)
def test_text_that_is_no_patient(content: bytes, problem: Problem, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(RecordProblems) as refused:
        read_patient(tmp_path / FILE)
    assert problem in refused.value.problems


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(RecordProblems, match=r"patient\.json: found no such file; expected a patient file"):
        read_patient(tmp_path / FILE)


def test_everything_is_said_at_once() -> None:
    data = good()
    for path, value in (
        ("subject.sex", "f"),
        ("findings.0.value", 391),
        ("findings.1.unit", "kg"),
        ("findings.2.day", 0.5),
        ("exposures.0.drug", "x"),
        ("overrides.0.go", "y"),
        ("extra", 1),
    ):
        put(path, value)(data)
    with pytest.raises(RecordProblems) as refused:
        patient_from_data(data)
    assert [problem.column for problem in refused.value.problems] == [
        "exposures[0].drug",
        "extra",
        "findings[0].value",
        "findings[1].unit",
        "findings[2].day",
        "overrides[0].go",
        "subject.sex",
    ]
    assert str(refused.value).startswith(
        "7 problems in the data; nothing was taken in.\n  patient, exposures[0].drug: "
    )


def test_a_date_needs_the_date_of_study_day_0() -> None:
    data = good()
    data["subject"] = {"id": "A1", "sex": "F"}
    with pytest.raises(RecordProblems) as refused:
        patient_from_data(data)
    assert [problem.column for problem in refused.value.problems] == ["exposures[1].start", "findings[2].date"]
    assert "neither first_dose_date nor consent_date" in str(refused.value)


def test_the_good_patient_says_what_the_file_says() -> None:
    patient, protocol = read_patient(json.dumps(good()))
    assert protocol is find_protocol("rux-hlh")
    assert (patient.subject.birth_date, patient.subject.center) == (date(2018, 3, 2), "")
    assert patient.subject.genetic_result == "pending"
    assert patient.findings["hemoglobin"] == (
        Finding(0, "hemoglobin", 79.0, "g/L", 110.0, 145.0, source="patient, findings[1]", given="7.9 g/dL"),
        Finding(3, "hemoglobin", 91.0, "g/L", source="patient, findings[2]", given="91"),
    )
    assert patient.findings["nk_activity"][0] == Finding(
        0, "nk_activity", None, missing="pending", source="patient, findings[4]"
    )
    assert patient.findings["splenomegaly"][0].value is True
    assert patient.findings["soluble_cd25"][0][3:6] == ("U/mL", None, 2400.0)
    assert patient.exposures == (
        Exposure("ruxolitinib", 0, None, 5.0, "mg", 12.0, "patient, exposures[0]"),
        Exposure("platelet_transfusion", 1, 1, source="patient, exposures[1]"),
    )
    assert patient.events == (Event(60, "death", None, "progression", "patient, events[0]"),)
    assert patient.overrides == (Override(3, "intensive", "Rising ferritin", "patient, overrides[0]"),)


def test_a_protocol_can_be_given_in_place_of_the_registered_one() -> None:
    data = good() | {"protocol": "not registered"}
    protocol = find_protocol("rux-hlh")
    assert patient_from_data(data, protocol)[1] is protocol


def test_reading_a_patient_loads_no_data_frame_engine() -> None:
    data = good()
    data["findings"][1] |= {"value": 79, "unit": "g/L", "lower_limit": 110, "upper_limit": 145}
    code = (
        "import sys; from branchpoint.records.patient_file import read_patient; read_patient(sys.argv[1]); "
        "sys.exit(bool({'polars', 'pint', 'narwhals', 'dataframely'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code, json.dumps(data)], check=False).returncode == 0
