"""The pathway of the reference protocol, row by row: where the patient is, the day, the response, and what follows."""

import pytest

from branchpoint.language import RESPONSES
from branchpoint.language.registry import find_protocol

PROTOCOL = find_protocol("rux-hlh")
PATHWAY = PROTOCOL.pathway
PAPER = "Zhang 2022"
ASSUMED = "Assumption of this protocol"


def decision(epoch, day, response):
    found = PATHWAY.epoch(epoch)
    (visit,) = [index for index, visit in enumerate(found.visits) if visit.day == day]
    row = PATHWAY.table[PATHWAY.epochs.index(found)][visit]
    return PATHWAY.decisions[row[RESPONSES.index(response)]]


ROWS = [
    # epoch, days, response, next epoch, action, stratum
    # No response after day 3 is an unfavorable response; before, nothing is judged.
    ("frontline", (0,), "NR", "frontline", "continue", None),
    ("frontline", (3, 7, 14, 28), "NR", "intensive", "start_intensive", "unfavorable"),
    # Improvement short of PR is unfavorable from the first visit after the day-3 decision.
    ("frontline", (0, 3), "improvement", "frontline", "continue", None),
    ("frontline", (7, 14, 28), "improvement", "intensive", "start_intensive", "unfavorable"),
    # Progression at any time, and relapse, which is one.
    ("frontline", (0, 3, 7, 14, 28), "PD", "intensive", "start_intensive", "unfavorable"),
    ("frontline", (0, 3, 7, 14, 28), "relapse", "intensive", "start_intensive", "unfavorable"),
    # PR stays until CR or progression, in neither stratum.
    ("frontline", (0, 3, 7, 14, 28), "PR", "frontline", "continue", None),
    # CR stays to day 28, then stops.
    ("frontline", (0, 3, 7, 14), "CR", "frontline", "continue", "favorable"),
    ("frontline", (28,), "CR", "follow_up", "stop_and_follow_up", "favorable"),
    ("frontline", (0, 3, 7, 14, 28), "NE", "frontline", "repeat_assessment", None),
    # Intensive therapy: eight weeks, a second line when refractory on the way.
    ("intensive", (0, 7, 14, 21, 28, 35, 42, 49), "CR", "intensive", "continue", None),
    ("intensive", (0, 7, 14, 21, 28, 35, 42, 49), "PR", "intensive", "continue", None),
    ("intensive", (0, 7, 14, 21, 28, 35, 42, 49), "improvement", "intensive", "continue", None),
    ("intensive", (0, 7), "NR", "intensive", "continue", None),
    ("intensive", (14, 21, 28, 35, 42, 49), "NR", "intensive", "add_second_line", None),
    ("intensive", (0, 7, 14, 21, 28, 35, 42, 49), "PD", "intensive", "add_second_line", None),
    ("intensive", (0, 7, 14, 21, 28, 35, 42, 49), "relapse", "intensive", "add_second_line", None),
    ("intensive", (0, 7, 14, 21, 28, 35, 42, 49, 56), "NE", "intensive", "repeat_assessment", None),
    # Week 8: CR is followed up; anything short of it is refractory.
    ("intensive", (56,), "CR", "follow_up", "stop_and_follow_up", None),
    ("intensive", (56,), "PR", "salvage", "start_salvage", None),
    ("intensive", (56,), "improvement", "salvage", "start_salvage", None),
    ("intensive", (56,), "NR", "salvage", "start_salvage", None),
    ("intensive", (56,), "PD", "salvage", "start_salvage", None),
    ("intensive", (56,), "relapse", "salvage", "start_salvage", None),
    # Salvage therapy or transplantation, until CR.
    ("salvage", (0, 28, 56, 84), "CR", "follow_up", "stop_and_follow_up", None),
    ("salvage", (0, 28, 56, 84), "PR", "salvage", "continue", None),
    ("salvage", (0, 28, 56, 84), "improvement", "salvage", "continue", None),
    ("salvage", (0, 28, 56, 84), "NR", "salvage", "continue", None),
    ("salvage", (0, 28, 56, 84), "PD", "salvage", "continue", None),
    ("salvage", (0, 28, 56, 84), "relapse", "salvage", "continue", None),
    ("salvage", (0, 28, 56, 84), "NE", "salvage", "repeat_assessment", None),
    # Follow-up: the disease that comes back is refractory.
    ("follow_up", (0, 28, 91, 182, 364), "CR", "follow_up", "continue", None),
    ("follow_up", (0, 28, 91, 182, 364), "PR", "follow_up", "continue", None),
    ("follow_up", (0, 28, 91, 182, 364), "improvement", "follow_up", "continue", None),
    ("follow_up", (0, 28, 91, 182, 364), "NR", "follow_up", "continue", None),
    ("follow_up", (0, 28, 91, 182, 364), "PD", "salvage", "start_salvage", None),
    ("follow_up", (0, 28, 91, 182, 364), "relapse", "salvage", "start_salvage", None),
    ("follow_up", (0, 28, 91, 182, 364), "NE", "follow_up", "repeat_assessment", None),
]
CELLS = [(epoch, day, response, (*after,)) for epoch, days, response, *after in ROWS for day in days]


@pytest.mark.parametrize(("epoch", "day", "response", "follows"), CELLS)
def test_what_follows(epoch, day, response, follows):
    found = decision(epoch, day, response)
    assert (found.go, found.action, found.stratum) == follows
    assert PAPER in found.cite or ASSUMED in found.cite


def test_the_table_above_has_every_cell_once():
    told = [cell[:3] for cell in CELLS]
    whole = {(e.name, visit.day, response) for e in PATHWAY.epochs for visit in e.visits for response in RESPONSES}
    assert len(told) == len(set(told))
    assert set(told) == whole


def test_what_the_paper_leaves_open_is_cited_as_a_choice():
    open_cell = decision("frontline", 28, "PR")
    assert "neither stratum for PR" in open_cell.cite
    assert ASSUMED in open_cell.cite
    (deadline,) = [one for one in PROTOCOL.parameters if one.name == "improvement_deadline"]
    assert deadline.value == 7
    assert decision("frontline", 3, "improvement").cite == deadline.label.cite
