"""Table 4 of Zhang 2022 (Blood 139:3493) from the walked protocol, against counts typed from the paper."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import pytest

from branchpoint.language.responses import CR, RESPONDING
from tests.reconstructed import SEED, reconstructed

if TYPE_CHECKING:
    from branchpoint.engine.decisions import Assessment
    from tests.reconstructed import Reconstructed

# Untreated before, treated with corticosteroid before.
TABLE_4 = {
    "n": (34, 18),
    "favorable": (15, 7),
    "unfavorable": (19, 11),
    "NR": (12, 4),
    "PD": (5, 4),
    "improvement": (2, 3),
    "CR at week 8": (10, 6),
    "refractory": (9, 5),
    "CR overall": (25, 13),
    "alive": (29, 14),
    "died before HSCT": (3, 2),
    "died after HSCT": (2, 2),
}
# Printed in total only.
TOTALS = {"HSCT": 8, "HSCT, alive": 5, "no HSCT": 6, "no HSCT, alive": 1, "relapse": 3}
# Results, Response to frontline RUX monotherapy: ORR and CR by etiology.
RESPONSES = {"EBV-HLH": (24, 21, 14), "CAEBV-HLH": (10, 3, 0), "SAIDs-HLH": (11, 7, 3), "unknown": (7, 5, 5)}


class Course(NamedTuple):
    """What the walk and the record say of one patient."""

    steroid: bool
    etiology: str
    responses: list[str]
    complete_day: int | None
    outcome: str
    favorable: bool
    week_8: str | None
    relapsed: bool
    transplanted: bool
    died: bool


def left(path: tuple[Assessment, ...], epoch: str) -> Assessment | None:
    return next((step for step in path if step.epoch_before == epoch != step.epoch_after), None)


@pytest.fixture(scope="module", params=(SEED, SEED + 1))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reconstructed:
    return reconstructed(tmp_path_factory, request.param)


@pytest.fixture
def courses(made: Reconstructed) -> list[Course]:
    found = []
    for key, decisions in made.decisions.items():
        patient, path = made.patients[key], decisions.path
        events = {event.event for event in patient.events}
        frontline = [step for step in path if step.epoch_before == "frontline"]
        decided, week_8 = left(path, "frontline"), left(path, "intensive")
        assert decided is not None
        relapsed = any(step.epoch_before == "follow_up" and step.epoch_after == "salvage" for step in path)
        assert relapsed == ("relapse" in events)
        found.append(
            Course(
                steroid=patient.findings["prior_corticosteroid"][0].value is True,
                etiology=str(decisions.etiology.value),
                responses=[step.judgment.category for step in frontline],
                complete_day=next((step.day for step in frontline if step.judgment.category == CR), None),
                outcome=decided.judgment.category,
                favorable=decided.stratum == "favorable",
                week_8=None if week_8 is None else week_8.judgment.category,
                relapsed=relapsed,
                transplanted="transplantation" in events,
                died="death" in events,
            )
        )
    return found


def rows(group: list[Course]) -> dict[str, list[Course]]:
    unfavorable = [c for c in group if not c.favorable]
    remitted = [c for c in unfavorable if c.week_8 == CR]
    refractory = [c for c in unfavorable if c.week_8 != CR]
    return {
        "n": group,
        "favorable": [c for c in group if c.favorable],
        "unfavorable": unfavorable,
        **{name: [c for c in unfavorable if c.outcome == name] for name in ("NR", "PD", "improvement")},
        "CR at week 8": remitted,
        "refractory": refractory,
        "CR overall": [c for c in group if c.favorable or c in remitted],
        "alive": [c for c in group if not c.died],
        "died before HSCT": [c for c in group if c.died and not c.transplanted],
        "died after HSCT": [c for c in group if c.died and c.transplanted],
        "HSCT": [c for c in refractory if c.transplanted],
        "HSCT, alive": [c for c in refractory if c.transplanted and not c.died],
        "no HSCT": [c for c in refractory if not c.transplanted],
        "no HSCT, alive": [c for c in refractory if not c.transplanted and not c.died],
        "relapse": [c for c in group if c.relapsed],
    }


@pytest.mark.parametrize("row", TABLE_4)
def test_row(courses: list[Course], row: str) -> None:
    untreated = rows([c for c in courses if not c.steroid])
    treated = rows([c for c in courses if c.steroid])
    assert (len(untreated[row]), len(treated[row])) == TABLE_4[row]


@pytest.mark.parametrize("row", TOTALS)
def test_total(courses: list[Course], row: str) -> None:
    assert len(rows(courses)[row]) == TOTALS[row]


def test_time_to_complete_response(courses: list[Course]) -> None:
    # Untreated 21 (21-28), treated 21 (14-28).
    for steroid, printed in ((False, (21, 21, 28)), (True, (21, 14, 28))):
        days = [c.complete_day for c in courses if c.steroid == steroid and c.complete_day is not None]
        assert (median(days), min(days), max(days)) == printed


@pytest.mark.parametrize("etiology", RESPONSES)
def test_response_by_etiology(courses: list[Course], etiology: str) -> None:
    group = [c for c in courses if c.etiology == etiology]
    responded = [c for c in group if set(c.responses) & set(RESPONDING)]
    assert (len(group), len(responded), sum(c.favorable for c in group)) == RESPONSES[etiology]
