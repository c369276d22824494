"""A broken study is refused whole, with a message for every fault that a coordinator could act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from branchpoint.records.problems import Problem
from branchpoint.records.study_folder import check_study, read_study
from tests.functional.broken_study import (
    GOOD,
    REASONS,
    A,
    Broken,
    D,
    E,
    F,
    S,
    T,
    X,
    add,
    good_study,
    parquet,
    refuse,
    remove,
    rename,
    swap,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

GENES = "pathogenic, PRF1, UNC13D, STX11, STXBP2, RAB27A, LYST, AP3B1, SH2D1A, XIAP, BIRC4, uncertain, negative"

BROKEN = [
    # The folder and its files.
    Broken("no study.toml", remove(T), Problem(T, None, None, "no such file", "a file that says what the study is")),
    Broken(
        "study.toml is not TOML",
        swap(T, 'kind = "synthetic"', "kind = synthetic"),
        Problem(T, None, None, "Invalid value (at line 4, column 8)", "TOML"),
    ),
    Broken(
        "protocol not registered",
        swap(T, "rux-hlh", "rux-hlx"),
        Problem(T, None, "protocol", "rux-hlx", "a registered protocol; did you mean rux-hlh?"),
    ),
    Broken(
        "protocol named by a file that would run",
        swap(T, "rux-hlh", "own.py"),
        Problem(T, None, "protocol", "own.py", "a registered protocol; one of hlh-94, rux-hlh"),
    ),
    Broken(
        "protocol version differs",
        swap(T, "1.0.0", "0.9.0"),
        Problem(T, None, "version", "0.9.0", "1.0.0, the version of rux-hlh that is installed"),
    ),
    Broken(
        "kind of study not known",
        swap(T, "synthetic", "real"),
        Problem(T, None, "kind", "real", "one of conducted, synthetic, reconstructed"),
    ),
    Broken(
        "key of study.toml not known",
        swap(T, "title", "titel"),
        Problem(T, None, "titel", "a key that is not known", "did you mean title?"),
    ),
    Broken(
        "cutoff in quotes",
        swap(T, "2024-06-30", '"2024-06-30"'),
        Problem(T, None, "data_cutoff", "2024-06-30", "a date as YYYY-MM-DD, without quotes"),
    ),
    Broken("missing file", remove(F), Problem(F, None, None, "no such file", "findings.csv or findings.parquet")),
    Broken(
        "a table twice",
        write("events.parquet", b""),
        Problem("events.parquet", None, None, "events.csv beside it", "one file a table"),
    ),
    Broken(
        "empty file", write(E, b""), Problem(E, None, None, "an empty file", "a line with the names of the columns")
    ),
    Broken(
        "wrong encoding",
        write(S, GOOD[S].replace("Center A", "Klinik Köln").encode("latin-1")),
        Problem(S, 2, None, "byte 0xF6", "text in UTF-8"),
    ),
    Broken("UTF-16", write(E, GOOD[E].encode("utf-16")), Problem(E, 1, None, "byte 0xFF", "text in UTF-8")),
    Broken(
        "semicolons",
        write(E, GOOD[E].replace(",", ";").encode()),
        Problem(E, 1, None, "columns separated by semicolons", "columns separated by commas"),
    ),
    Broken(
        "not Parquet",
        rename(X, "exposures.parquet"),
        Problem("exposures.parquet", None, None, "a file that cannot be read as Parquet", "a Parquet file"),
    ),
    Broken(
        "too few cells",
        swap(F, "A1,0,,temperature,39.1,Cel,,,", "A1,0,,temperature,39.1,Cel"),
        Problem(F, 2, None, "6 cells", "9 cells, as in the header"),
    ),
    Broken(
        "too many cells",
        swap(E, "A1,7,anemia,2,", "A1,7,anemia,2,,,"),
        Problem(E, 2, None, "7 cells", "5 cells, as in the header"),
    ),
    Broken(
        "too many cells beside a quoted one",
        swap(D, "Rising ferritin", '"Rising ferritin, fever",late'),
        Problem(D, 3, None, "6 cells", "5 cells, as in the header"),
    ),
    Broken(
        "column not known",
        swap(F, "lower_limit", "lower_limt"),
        Problem(F, None, "lower_limt", "a column that is not known", "did you mean lower_limit or upper_limit?"),
    ),
    Broken(
        "missing column",
        swap(F, "test,value,unit", "tset,value,unit"),
        Problem(F, None, "test", "no such column", "a column test"),
    ),
    Broken(
        "column twice", swap(F, "lower_limit", "unit"), Problem(F, 1, "unit", "the column twice", "each column once")
    ),
    Broken(
        "column of lists",
        parquet("events", grade=pl.lit([1])),
        Problem("events.parquet", None, "grade", "a column of type List(Int64)", "a whole number"),
    ),
    # Subjects.
    Broken("subject without a name", swap(S, "A1,F", ",F"), Problem(S, 2, "subject", "nothing", "a subject")),
    Broken(
        "duplicate subject",
        add(S, "A1,F,2018-03-02,Center A,2024-01-09,2024-01-10,negative"),
        Problem(S, 4, "subject", "A1, as in row 2", "each subject once"),
    ),
    Broken(
        "sex not known",
        swap(S, "B2,M", "B2,male"),
        Problem(S, 3, "sex", "male", "F or M, or nothing where it is not known"),
    ),
    Broken(
        "impossible date",
        swap(S, "2018-03-02", "2018-02-30"),
        Problem(S, 2, "birth_date", "2018-02-30", "a date as YYYY-MM-DD"),
    ),
    Broken(
        "date of another country",
        swap(S, "2018-03-02", "02/03/2018"),
        Problem(S, 2, "birth_date", "02/03/2018", "a date as YYYY-MM-DD"),
    ),
    Broken(
        "birth after consent",
        swap(S, "2018-03-02", "2024-01-10"),
        Problem(S, 2, "consent_date", "2024-01-09", "on or after birth_date, 2024-01-10"),
    ),
    Broken(
        "consent after the first dose",
        swap(S, "2024-01-10", "2024-01-08"),
        Problem(S, 2, "first_dose_date", "2024-01-08", "on or after consent_date, 2024-01-09"),
    ),
    Broken(
        "consent after the data cutoff",
        swap(S, "Center B,2024-02-01,2024-02-02", "Center B,2024-07-01,"),
        Problem(S, 3, "consent_date", "2024-07-01", "on or before the data cutoff, 2024-06-30"),
    ),
    Broken(
        "genetic result not known",
        swap(S, "negative", "normal"),
        Problem(S, 2, "genetic_result", "normal", f"one of {GENES}, {REASONS}"),
    ),
    Broken(
        "day beyond any life",
        swap(E, "A1,7,anemia", "A1,1000000,anemia"),
        Problem(E, 2, "day", "study day 1000000 (4761-12-07)", "at most 45000 days before or after study day 0"),
    ),
    # What was given, what happened, what was decided.
    Broken(
        "unknown drug",
        swap(X, "ruxolitinib", "ruxolitinb"),
        Problem(X, 2, "drug", "ruxolitinb", "a drug or support of the protocol; did you mean ruxolitinib?"),
    ),
    Broken(
        "exposure ends before it starts",
        swap(X, "A1,0,28", "A1,0,-1"),
        Problem(X, 2, "end", "study day -1", "on or after the start, study day 0"),
    ),
    Broken(
        "exposure without a start",
        swap(X, "A1,0,28", "A1,,28"),
        Problem(X, 2, "start", "nothing", "a study day, or a date"),
    ),
    Broken(
        "exposure starts some time",
        swap(X, "A1,2024-01-11", "A1,January"),
        Problem(X, 3, "start", "January", "a study day as a whole number, or a date as YYYY-MM-DD"),
    ),
    Broken("text in a dose", swap(X, "5,mg", "5 mg,"), Problem(X, 2, "dose", "5 mg", "a number")),
    Broken("dose of nothing", swap(X, "5,mg", "0,mg"), Problem(X, 2, "dose", "0", "a number above 0")),
    Broken(
        "exposure twice",
        add(X, "A1,0,28,ruxolitinib,5,mg,12"),
        Problem(X, 4, "drug", "ruxolitinib on study day 0 of A1, as in row 2", "an exposure once"),
    ),
    Broken(
        "exposure after death",
        add(X, "B2,70,71,etoposide,,,"),
        Problem(X, 4, "start", "study day 70 (2024-04-12)", "on or before death, study day 60 (2024-04-02)"),
    ),
    Broken(
        "unknown event",
        swap(E, "anemia", "anaemia"),
        Problem(E, 2, "event", "anaemia", "an event of the protocol; did you mean anemia?"),
    ),
    Broken("event without a name", swap(E, "anemia", ""), Problem(E, 2, "event", "nothing", "an event")),
    Broken("grade out of range", swap(E, "anemia,2", "anemia,6"), Problem(E, 2, "grade", "6", "a grade, 1 to 5")),
    Broken(
        "event after death",
        add(E, "B2,61,relapse,,"),
        Problem(E, 4, "day", "study day 61 (2024-04-03)", "on or before death, study day 60 (2024-04-02)"),
    ),
    Broken(
        "death twice on a day",
        add(E, "B2,60,death,,again"),
        Problem(E, 4, "event", "death on study day 60 of B2, as in row 3", "an event once on a day"),
    ),
    Broken(
        "unknown response",
        swap(A, "PR", "partial"),
        Problem(A, 2, "response", "partial", "one of CR, PR, improvement, NR, PD, relapse, NE"),
    ),
    Broken(
        "assessment after death",
        add(A, "B2,61,PD,,"),
        Problem(A, 3, "day", "study day 61 (2024-04-03)", "on or before death, study day 60 (2024-04-02)"),
    ),
    Broken(
        "unknown status",
        swap(D, "enrolled", "admitted"),
        Problem(
            D, 2, "status", "admitted", "one of enrolled, excluded, override, completed, withdrawn, lost, last_contact"
        ),
    ),
    Broken(
        "override without a reason",
        swap(D, "Rising ferritin", ""),
        Problem(D, 3, "reason", "nothing", "the investigator's reason"),
    ),
    Broken(
        "override to nowhere",
        swap(D, "intensive", "intense"),
        Problem(D, 3, "go", "intense", "an epoch of the protocol: one of frontline, intensive, salvage, follow_up"),
    ),
]


@pytest.mark.parametrize("case", BROKEN, ids=[case.name for case in BROKEN])
def test_is_refused(case: Broken, tmp_path: Path) -> None:
    refuse(tmp_path / "study", case)


def test_the_good_study_is_good(tmp_path: Path) -> None:
    assert check_study(good_study(tmp_path / "study")) == ()


def test_no_folder(tmp_path: Path) -> None:
    found = Problem("nowhere", None, None, "no such folder", "the folder of a study")
    assert check_study(tmp_path / "nowhere") == (found,)


def test_everything_is_said_at_once(tmp_path: Path) -> None:
    folder = good_study(tmp_path / "study")
    swap(F, "39.1", "391")(folder)
    swap(F, "79,g/L", "79,kg")(folder)
    swap(S, "B2,M", "B2,male")(folder)
    swap(X, "ruxolitinib", "ruxolitinb")(folder)
    remove(E)(folder)
    swap(T, "1.0.0", "0.9.0")(folder)
    found = [(problem.file, problem.row, problem.column) for problem in check_study(folder)]
    assert found == [
        (E, None, None),
        (X, 2, "drug"),
        (F, 2, "value"),
        (F, 3, "unit"),
        (T, None, "version"),
        (S, 3, "sex"),
    ]


def test_many_problems_of_one_kind_are_listed_up_to_a_number_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("branchpoint.records.checks.LISTED", 2)
    folder = good_study(tmp_path / "study")
    for day in range(3):
        add(F, f"A1,{day + 10},,weight,1000,kg,,,")(folder)
    found = check_study(folder)
    assert [problem.row for problem in found] == [None, 10, 11]
    assert found[0].found == "1 more rows with problems"


def test_rows_count_comment_lines_and_the_header(tmp_path: Path) -> None:
    folder = good_study(tmp_path / "study")
    write(F, b"\xef\xbb\xbf# one\n# two\n" + GOOD[F].replace("39.1", "391").encode())(folder)
    assert [(problem.row, problem.column) for problem in check_study(folder)] == [(4, "value")]


def test_a_line_break_within_a_cell_is_one_row(tmp_path: Path) -> None:
    folder = good_study(tmp_path / "study")
    swap(E, "A1,7,anemia,2,", 'A1,7,anemia,2,"two\nlines"')(folder)
    swap(E, "death", "dead")(folder)
    assert [(problem.row, problem.column) for problem in check_study(folder)] == [(3, "event")]


def test_tables_without_rows_are_a_study_without_rows(tmp_path: Path) -> None:
    folder = good_study(tmp_path / "study")
    for name, text in GOOD.items():
        if name != T:
            write(name, text.splitlines()[0].encode())(folder)
    assert check_study(folder) == ()
    assert read_study(folder).findings.height == 0


def test_lines_may_end_as_windows_ends_them(tmp_path: Path) -> None:
    folder = good_study(tmp_path / "study")
    for name, text in GOOD.items():
        write(name, text.replace("\n", "\r\n").encode() + b"\r\n")(folder)
    assert check_study(folder) == ()
    assert read_study(folder).findings["test"].to_list()[0] == "temperature"
