"""Table 5, typed from the paper, and recounted from the events of reconstructed studies without the analysis."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from branchpoint.analysis.courses import patient_courses
from branchpoint.analysis.outcomes import outcome_table
from branchpoint.engine.cohort import decide_cohort
from branchpoint.language.registry import find_protocol
from branchpoint.publication.claims.reading import read_claims
from branchpoint.publication.comparison import compare
from tests.reconstructed import CLAIMS, SEED, Reconstructed, reconstructed

# Any grade and grade 3 or higher on ruxolitinib alone (n = 22), then with additional therapy (n = 30); None is blank.
TABLE_5 = {
    "anemia": (7, 4, 13, 6),
    "thrombocytopenia": (5, 2, 15, 8),
    "neutrocytopenia": (4, None, 22, 10),
    "myelosuppression": (None, None, 22, 11),
    "constipation": (10, None, 9, None),
    "pancreatic_damage": (8, 1, 10, 6),
    "rash": (4, None, 7, None),
    "diarrhea": (3, None, 9, None),
    "liver_damage": (3, None, 14, 5),
    "sweating": (2, None, 16, None),
    "gastritis": (1, None, None, None),
    "secondary_infection": (None, None, 17, 7),
    "heart_damage": (None, None, 6, None),
    "kidney_damage": (None, None, 4, None),
    "gastrointestinal_hemorrhage": (None, None, 5, 3),
}
CELLS = [("monotherapy", "any"), ("monotherapy", "grade3"), ("additional", "any"), ("additional", "grade3")]
DENOMINATORS = {"monotherapy": 22, "additional": 30}
BLOOD = ("anemia", "thrombocytopenia", "neutrocytopenia")
Row = dict[str, str]


@pytest.fixture(scope="module", params=[SEED, SEED + 1])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reconstructed:
    return reconstructed(tmp_path_factory, request.param)


def rows(folder: Path, table: str) -> list[Row]:
    lines = folder.joinpath(f"{table}.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def starts(made: Reconstructed) -> dict[str, int]:
    """The day on which additional therapy began, in those who had it."""
    given = [row for row in rows(made.folder, "exposures") if row["drug"] == "methylprednisolone"]
    return {row["subject"]: int(row["start"]) for row in given}


def events(made: Reconstructed) -> Iterator[tuple[str, str, int, int, str]]:
    for row in rows(made.folder, "events"):
        if row["event"] in TABLE_5:
            yield row["subject"], row["event"], int(row["day"]), int(row["grade"]), row["note"]


def worst(made: Reconstructed) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for subject, event, _, grade, _ in events(made):
        found[subject, event] = max(grade, found.get((subject, event), 0))
    return found


def test_the_claims_are_those_of_the_table() -> None:
    claims = read_claims(CLAIMS).claims
    typed = {
        f"ae.{group}.{safety_set}.{grade}": (count, DENOMINATORS[safety_set])
        for group, row in TABLE_5.items()
        for (safety_set, grade), count in zip(CELLS, row, strict=True)
        if count is not None
    }
    told = {name: claim.value for name, claim in claims.items() if name.startswith("ae.")}
    assert {name: (value.count, value.of) for name, value in told.items()} == typed
    for name, value in told.items():
        assert f"{100 * value.count / value.of:.1f}" == str(value.percent), name


def test_every_cell_is_recounted(made: Reconstructed) -> None:
    additional = starts(made)
    assert len(additional) == 30
    found = worst(made)
    for group, row in TABLE_5.items():
        for (safety_set, grade), count in zip(CELLS, row, strict=True):
            at_least = 3 if grade == "grade3" else 1
            had = [s for (s, event), worst in found.items() if event == group and worst >= at_least]
            inside = [subject for subject in had if (subject in additional) is (safety_set == "additional")]
            assert len(inside) == (count or 0), (group, safety_set, grade)


def test_events_fall_within_the_days_of_their_set(made: Reconstructed) -> None:
    additional = starts(made)
    for subject, event, day, _, _ in events(made):
        first = additional.get(subject, 0)
        assert first < day <= first + (56 if subject in additional else 28), (subject, event)


def test_myelosuppression_is_the_worst_of_the_blood_counts(made: Reconstructed) -> None:
    found = worst(made)
    for subject in starts(made):
        parts = [found.get((subject, event), 0) for event in BLOOD]
        assert found.get((subject, "myelosuppression"), 0) == max(parts)
        assert ((subject, "neutrocytopenia") in found) is ((subject, "myelosuppression") in found)


def test_the_one_severe_event_of_an_organ_on_ruxolitinib_alone_is_a_girls_pancreatitis(made: Reconstructed) -> None:
    additional, sexes = starts(made), {row["subject"]: row["sex"] for row in rows(made.folder, "subjects")}
    severe = [e for e in events(made) if e[0] not in additional and e[3] >= 3 and e[1] not in BLOOD]
    ((subject, event, day, grade, note),) = severe
    assert (event, grade, note, sexes[subject]) == ("pancreatic_damage", 3, "Pancreatitis", "F")
    assert day <= 14
    mild = [e for e in events(made) if e[0] not in additional and e[1] == "pancreatic_damage" and e[0] != subject]
    assert {e[4] for e in mild} <= {"Serum amylase increased", "Lipase increased"}


def test_deaths_of_infection_had_a_severe_infection(made: Reconstructed) -> None:
    found, additional = worst(made), starts(made)
    died = [row for row in rows(made.folder, "events") if row["note"] == "severe infection"]
    assert len(died) == 2
    for row in died:
        assert found[row["subject"], "secondary_infection"] >= 3
        if int(row["day"]) <= additional[row["subject"]] + 56:
            assert found[row["subject"], "secondary_infection"] == 5


def test_the_analysis_agrees_with_every_claim(made: Reconstructed) -> None:
    protocol = find_protocol(made.study.meta.protocol)
    courses = patient_courses(made.study, decide_cohort(made.study, protocol), protocol)
    compared = compare(outcome_table(made.study, courses, protocol), read_claims(CLAIMS))
    safety = [one for one in compared if one.id.startswith(("ae.", "text.ae."))]
    assert len(safety) == 52
    assert [one for one in safety if one.agrees is not True] == []
