"""The content of a protocol: hashed, and compared between versions."""

import dataclasses
import json

from branchpoint.language.content import as_data, content_hash, differences
from branchpoint.language.registry import find_protocol

PROTOCOL = find_protocol("rux-hlh")


def changed(**fields):
    return dataclasses.replace(PROTOCOL, **fields)


def test_the_hash_is_of_the_content():
    assert content_hash(changed()) == PROTOCOL.hash
    assert changed(version="1.0.1").hash != PROTOCOL.hash


def test_the_data_are_json():
    assert json.loads(json.dumps(as_data(PROTOCOL), allow_nan=False)) == as_data(PROTOCOL)


def test_a_change_is_reported_once_under_the_name_of_its_rule():
    before = json.dumps(as_data(PROTOCOL))
    assert before.count("38.5") > 4
    found = differences(json.loads(before), json.loads(before.replace("38.5", "38.3")))
    assert [place for place, *_ in found] == ["criterion fever.rule.right.value", "criterion fever.label.text"]
    assert found[0][1:] == (38.5, 38.3)


def test_nothing_differs_from_itself():
    assert differences(as_data(PROTOCOL), as_data(PROTOCOL)) == ()


def test_one_named_rule_in_the_place_of_another_is_a_difference():
    third = PROTOCOL.inclusion[2]
    looser = dataclasses.replace(third, rule=third.rule.rule.rules[1])
    found = differences(
        as_data(PROTOCOL), as_data(changed(inclusion=(*PROTOCOL.inclusion[:2], looser, *PROTOCOL.inclusion[3:])))
    )
    assert ("criterion inclusion_3.rule", "criterion hlh_2004", "criterion five_of_eight") in found
