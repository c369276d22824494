"""Units at the door: spelled as laboratories print them, converted only where that holds for every analyte."""

import pytest

from branchpoint.language import ProtocolError
from branchpoint.language.units import convert, convertible, ucum


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("x10^9/L", "10*9/L"), ("10^9/L", "10*9/L"), ("10**9/l", "10*9/L"), ("10e9/L", "10*9/L"), ("×10^9/L", "10*9/L"),
        ("µg/L", "ug/L"), ("μg/L", "ug/L"), ("°C", "Cel"), ("C", "Cel"), ("mg/dl", "mg/dL"), ("K/uL", "10*3/uL"),
        ("copies/mL", "{copies}/mL"), ("years", "a"), ("g/L", "g/L"), (" U/L ", "U/L"),
    ],
)  # fmt: skip
def test_common_spellings(printed, code):
    assert ucum(printed) == code


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (8.1, "g/dL", "g/L", 81.0), (0.1, "g/dL", "g/L", 1.0), (45.0, "10*3/uL", "10*9/L", 45.0),
        (101.3, "[degF]", "Cel", 38.5),
        (1000.0, "/uL", "10*9/L", 1.0), (500.0, "ng/mL", "ug/L", 500.0), (0.5, "mg/L", "ug/L", 500.0),
        (500e3, "{copies}/L", "{copies}/mL", 500.0), (2.0, "a", "mo", 24.0), (7.0, "g/L", "g/L", 7.0),
    ],
)  # fmt: skip
def test_conversions_land_on_round_numbers(value, source, target, expected):
    assert convert(value, source, target) == pytest.approx(expected, abs=1e-12, rel=0)


@pytest.mark.parametrize(
    ("source", "target"),
    [("U/mL", "pg/mL"), ("mmol/L", "mg/dL"), ("10*9/L", "{copies}/L"), ("kg", "cm"), ("nonsense", "g/L"), ("", "g/L")],
)
def test_what_does_not_convert_is_refused(source, target):
    assert not convertible(source, target)
    with pytest.raises(ProtocolError, match="does not convert"):
        convert(1.0, source, target)
