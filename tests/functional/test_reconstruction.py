"""A reconstructed study is a study like any other: it can be checked and walked, and says everywhere what it is."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from branchpoint.language.responses import CR, IMPROVEMENT, PR, RESPONDING
from branchpoint.publication.claims import ClaimsError
from branchpoint.publication.claims.reading import read_claims
from branchpoint.publication.exchange import fit_definitions
from branchpoint.publication.reconstruct import reconstruct_cohort
from branchpoint.publication.reconstruct_study import BANNER, OverwriteError, reconstruct_study
from branchpoint.records.study_folder import check_study
from tests.reconstructed import CLAIMS, SEED, reconstructed

if TYPE_CHECKING:
    from pathlib import Path

    from branchpoint.engine.decisions import Assessment, Decisions
    from branchpoint.publication.subjects import ReconstructedSubject
    from branchpoint.records.patient import Patient
    from tests.reconstructed import Reconstructed

ETIOLOGIES = {"ebv": "EBV-HLH", "caebv": "CAEBV-HLH", "saids": "SAIDs-HLH", "unknown": "unknown"}
TABLES = ("subjects", "findings", "exposures", "events", "assessments", "disposition")
FILES = {"study.toml", *(f"{table}.csv" for table in TABLES)}
SUPPORTS = ("g_csf", "platelet_transfusion", "red_cell_transfusion", "fibrinogen_concentrate")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Reconstructed:
    return reconstructed(tmp_path_factory)


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Reconstructed:
    return reconstructed(tmp_path_factory, SEED + 1)


@pytest.fixture(scope="session")
def subjects() -> dict[str, ReconstructedSubject]:
    cohort = reconstruct_cohort(read_claims(CLAIMS), SEED)
    return {subject.subject_id: subject for subject in fit_definitions(cohort.subjects)}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def values(patient: Patient, test: str) -> dict[int, float]:
    return {f.day: f.value for f in patient.findings[test] if isinstance(f.value, float) and f.day >= 0}


def baseline(patient: Patient, test: str) -> object:
    return patient.findings[test][0].value


def frontline(decisions: Decisions) -> list[Assessment]:
    return [step for step in decisions.path if step.epoch_before == "frontline"]


def first_day(steps: list[Assessment], *categories: str) -> int | None:
    return next((step.day for step in steps if step.judgment.category in categories), None)


# The folder -----------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes(made: Reconstructed, tmp_path: Path) -> None:
    # In another process, where sets and dictionaries of text have another order.
    command = [
        sys.executable,
        "-m",
        "branchpoint",
        "reconstruct",
        CLAIMS,
        "-o",
        tmp_path / "again",
        "--seed",
        str(SEED),
    ]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": "2022"})
    assert contents(tmp_path / "again") == contents(made.folder)


def test_another_seed_gives_other_patients_with_the_same_outcomes(made: Reconstructed, other: Reconstructed) -> None:
    assert contents(made.folder)["findings.csv"] != contents(other.folder)["findings.csv"]

    def outcomes(study: Reconstructed) -> Counter:
        last = [frontline(decisions)[-1] for decisions in study.decisions.values()]
        return Counter((step.judgment.category, step.stratum) for step in last)

    assert outcomes(made) == outcomes(other)


def test_every_file_says_what_it_is(made: Reconstructed) -> None:
    assert contents(made.folder).keys() == FILES
    for name, content in contents(made.folder).items():
        assert content.decode().splitlines()[0] == f"# {BANNER}", name


def test_the_study_says_where_it_came_from(made: Reconstructed) -> None:
    told = tomllib.loads(made.folder.joinpath("study.toml").read_text(encoding="utf-8"))
    assert told["kind"] == "reconstructed"
    assert told["protocol"] == "rux-hlh"
    assert str(told["data_cutoff"]) == "2021-10-01"
    assert BANNER in told["note"]
    assert f"seed {SEED}" in told["analysis"]["notes"]


def test_the_study_has_no_problem(made: Reconstructed, other: Reconstructed) -> None:
    assert check_study(made.folder) == ()
    assert check_study(other.folder) == ()


def test_a_reconstruction_is_replaced_and_nothing_else(made: Reconstructed, tmp_path: Path) -> None:
    for name, content in contents(made.folder).items():
        tmp_path.joinpath(name).write_bytes(content)
    before = contents(tmp_path)
    tmp_path.joinpath("study.toml").write_bytes(before["study.toml"].replace(b'"reconstructed"', b'"conducted"'))
    with pytest.raises(OverwriteError, match="a study of kind 'conducted'"):
        reconstruct_study(CLAIMS, tmp_path, SEED)
    assert contents(tmp_path)["findings.csv"] == before["findings.csv"]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    tmp_path.joinpath("thesis.txt").write_text("years of work")
    with pytest.raises(OverwriteError, match=r"thesis\.txt"):
        reconstruct_study(CLAIMS, tmp_path, SEED)
    assert tmp_path.joinpath("thesis.txt").read_text() == "years of work"


def test_claims_that_name_no_protocol_are_refused(tmp_path: Path) -> None:
    claims = tmp_path / "claims.toml"
    claims.write_text(CLAIMS.read_text(encoding="utf-8").replace('protocol = "rux-hlh"\n', ""), encoding="utf-8")
    with pytest.raises(ClaimsError, match="the name of a protocol"):
        reconstruct_study(claims, tmp_path / "study", SEED)


# Screening ------------------------------------------------------------------------------------------------------------


def test_everyone_analyzed_is_eligible(made: Reconstructed) -> None:
    assert len(made.decisions) == 52
    for decisions in made.decisions.values():
        assert decisions.eligible is True
        assert {part.value for part in decisions.inclusion} == {True}
        assert {part.value for part in decisions.exclusion} == {False}
        assert all(item.value is not None for item in decisions.items)


def test_etiology_is_the_one_intended(made: Reconstructed, subjects: dict[str, ReconstructedSubject]) -> None:
    found = {key: decisions.etiology.value for key, decisions in made.decisions.items()}
    assert found == {key: ETIOLOGIES[subject.etiology] for key, subject in subjects.items()}


def test_the_excluded_were_enrolled_and_not_treated(made: Reconstructed) -> None:
    excluded = made.study.disposition.filter(made.study.disposition["status"] == "excluded")
    assert set(excluded["reason"]) == {"major protocol violation"}
    assert excluded["subject"].n_unique() == 2
    rows = made.study.subjects.filter(made.study.subjects["subject"].is_in(excluded["subject"].implode()))
    assert rows["consent_date"].null_count() == 0
    assert rows["first_dose_date"].null_count() == 2


def test_baseline_is_as_reconstructed(made: Reconstructed, subjects: dict[str, ReconstructedSubject]) -> None:
    folds = {"ferritin": 500, "soluble_cd25": 6400, "ifn_gamma": 8}
    same = ("neutrophils", "platelets", "hemoglobin", "fibrinogen", "triglycerides", "ast", "alt", "cns_involvement")
    for key, subject in subjects.items():
        patient = made.patients[key]
        for name, limit in folds.items():
            assert baseline(patient, name) / limit == pytest.approx(getattr(subject.baseline, name)), (key, name)
        for name in same:
            assert baseline(patient, name) == getattr(subject.baseline, name), (key, name)
        days = (patient.subject.first_dose_date - patient.subject.birth_date).days
        assert round(days / 365.25, 1) == subject.baseline.age, key


# The course on ruxolitinib --------------------------------------------------------------------------------------------


def test_first_response_comes_within_3_days(made: Reconstructed) -> None:
    days = [first_day(frontline(decisions), *RESPONDING) for decisions in made.decisions.values()]
    found = [day for day in days if day is not None]
    assert len(found) == 36
    assert set(found) <= {1, 2, 3}


def test_complete_response_comes_from_day_14_to_28_and_stays(made: Reconstructed) -> None:
    remissions = 0
    for key, decisions in made.decisions.items():
        day = first_day(frontline(decisions), CR)
        if day is None:
            continue
        remissions += 1
        assert day in (14, 21, 28), key
        assert {step.judgment.category for step in decisions.path if step.day >= day} == {CR}, key
        assert decisions.path[-1].epoch_after == "follow_up"
    assert remissions == 22


def test_support_ends_5_days_before_the_complete_response(made: Reconstructed) -> None:
    for key, decisions in made.decisions.items():
        day = first_day(frontline(decisions), CR)
        given = [g.end for g in made.patients[key].exposures if g.drug in SUPPORTS]
        assert day is None or all(end < day - 4 for end in given), key


@pytest.fixture(scope="session")
def remitted(made: Reconstructed) -> list[tuple[Patient, int]]:
    days = {key: first_day(frontline(decisions), CR) for key, decisions in made.decisions.items()}
    return [(made.patients[key], day) for key, day in days.items() if day is not None]


@pytest.mark.parametrize(("test", "limit"), [("ferritin", 500), ("soluble_cd25", 6400), ("ifn_gamma", 8)])
def test_inflammation_is_normal_within_2_weeks(remitted: list[tuple[Patient, int]], test: str, limit: float) -> None:
    for patient, _ in remitted:
        assert min(day for day, value in values(patient, test).items() if value <= limit) <= 14


def test_triglycerides_are_normal_within_2_weeks(remitted: list[tuple[Patient, int]]) -> None:
    for patient, _ in remitted:
        assert min(day for day, value in values(patient, "triglycerides").items() if value < 3.0) <= 14


@pytest.mark.parametrize(("test", "normal"), [("hemoglobin", 90), ("fibrinogen", 1.51)])
def test_anemia_and_fibrinogen_end_with_the_complete_response(
    remitted: list[tuple[Patient, int]], test: str, normal: float
) -> None:
    for patient, complete in remitted:
        found = values(patient, test)
        if found[0] < normal:
            assert min(day for day, value in found.items() if value >= normal) == complete


def test_the_spleen_is_normal_with_the_complete_response(remitted: list[tuple[Patient, int]]) -> None:
    for patient, complete in remitted:
        found = {f.day: f.value for f in patient.findings["splenomegaly"]}
        if found[0]:
            assert min(day for day, enlarged in found.items() if not enlarged) == complete


def test_progression_is_fever_with_rising_markers(made: Reconstructed) -> None:
    progressed = 0
    for key, decisions in made.decisions.items():
        *before, last = frontline(decisions)
        if last.judgment.category != "PD":
            continue
        progressed += 1
        patient = made.patients[key]
        assert PR in {step.judgment.category for step in before}
        assert values(patient, "temperature")[last.day] >= 38.5
        for test, limit in (("ferritin", 500), ("soluble_cd25", 6400), ("ifn_gamma", 8)):
            found = values(patient, test)
            assert found[last.day] > max(limit, found[before[-1].day]), (key, test)
    assert progressed == 9


def test_an_improvement_never_was_a_partial_response(made: Reconstructed) -> None:
    for decisions in made.decisions.values():
        steps = frontline(decisions)
        if steps[-1].judgment.category == IMPROVEMENT:
            assert PR not in {step.judgment.category for step in steps}


# Treatment ------------------------------------------------------------------------------------------------------------


def test_doses_are_those_of_the_protocol(made: Reconstructed) -> None:
    given = set()
    for key, patient in made.patients.items():
        dose = next(g for g in patient.exposures if g.drug == "ruxolitinib")
        weight = baseline(patient, "weight")
        assert dose.dose == (2.5 if weight <= 10 else 5 if weight <= 20 else 10), key
        assert (dose.start, dose.unit, dose.every_hours) == (0, "mg", 12)
        given.add(dose.dose)
    assert given == {2.5, 5, 10}


def test_drugs_are_as_reconstructed(made: Reconstructed, subjects: dict[str, ReconstructedSubject]) -> None:
    for key, subject in subjects.items():
        given = Counter(g.drug for g in made.patients[key].exposures)
        intensive = subject.intensive
        assert given["etoposide"] == (intensive.etoposide_doses if intensive else 0), key
        assert ("methylprednisolone_continued" in given) == (subject.prior == "steroid"), key
        assert ("methylprednisolone" in given) == (intensive is not None), key
        assert ("cyclosporine" in given) == (intensive is not None and "cyclosporine" in intensive.drugs), key


def test_second_line_drugs_are_added_when_the_protocol_says(
    made: Reconstructed, subjects: dict[str, ReconstructedSubject]
) -> None:
    for key, decisions in made.decisions.items():
        intensive = subjects[key].intensive
        added = intensive.doxorubicin_pegaspargase_day if intensive else None
        decided = [step.day for step in decisions.path if step.action == "add_second_line"]
        assert (decided[0] if decided else None) == added, key
        given = [g.start for g in made.patients[key].exposures if g.drug == "liposomal_doxorubicin"]
        assert given == ([] if added is None else [added]), key
