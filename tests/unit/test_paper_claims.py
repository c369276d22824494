"""The claims of the reference report are whole: every number of its tables, said in variables, and no repeat differs.

The tables are typed here a second time, a row a line, as they are printed.
"""

from collections import Counter as Tally
from decimal import Decimal
from pathlib import Path

import pytest

from branchpoint.publication.claims import (
    Claim,
    ClaimValue,
    Count,
    Date,
    Median,
    Number,
    Percentage,
    Proportion,
    PValue,
    Range,
    Role,
    Sum,
    Survival,
    VariableKind,
    count_of,
)
from branchpoint.publication.claims.reading import read_claims

STUDIES = Path(__file__).parents[2] / "studies"
CLAIMS = read_claims(STUDIES / "chictr2000031702" / "claims.toml")
ALL = CLAIMS.claims
GROUPS = ("all", "naive", "steroid")

TABLE_3 = """
sex.male | 30 | 22 | 8 | .239
sex.female | 22 | 12 | 10 | .239
baseline.age | 3.7 (0.1-14.4) | 4.45 (0.7-14.2) | 1.7 (0.1-14.4) | .008
baseline.onset_to_diagnosis | 19 (4-150) | 17.5 (4-100) | 23.5 (5-150) | .471
feature.fever | 100 | 100 | 100 |
feature.splenomegaly | 76.9 | 79.4 | 72.2 | .731
feature.hepatomegaly | 73.1 | 76.5 | 66.7 | .519
feature.lymphadenopathy | 80.8 | 82.4 | 77.8 | .723
feature.jaundice | 19.2 | 20.6 | 16.7 | .521
feature.rash | 40.4 | 35.5 | 50.0 | .378
feature.cns_involvement | 19.2 | 17.6 | 22.2 | .732
baseline.wbc | 2.84 (0.58-46.29) | 2.13 (0.58-14.14) | 7.64 (0.58-46.29) | .077
baseline.neutrophils | 0.87 (0.03-10.85) | 0.79 (0.03-8.83) | 1.08 (0.17-10.85) | .063
baseline.platelets | 74.5 (10-506) | 81.5 (10-506) | 56.5 (11-383) | .532
baseline.hemoglobin | 87.5 (55-129) | 89.5 (58-128) | 84 (55-129) | .222
baseline.fibrinogen | 1.6 (0.46-3.15) | 1.39 (0.47-3.08) | 1.72 (0.46-3.15) | .510
baseline.triglycerides | 2.86 (0.54-10.48) | 2.94 (0.76-10.48) | 2.67 (0.54-5.97) | .801
baseline.ast | 208 (16-6790) | 223 (22-2037) | 187 (16-6790) | .373
baseline.alt | 156 (9.6-1918) | 171 (9.6-1044) | 143 (11-1918) | .309
baseline.ifn_gamma | 38.5 (1.6-877.6) | 33.6 (1.6-877.6) | 42.6 (12.6-387.8) | .443
baseline.soluble_cd25 | 6.2 (2.1-42.7) | 6.2 (2.1-41.8) | 5.6 (2.6-42.7) | .957
baseline.ferritin | 8.0 (0.6-68.3) | 6.7 (0.6-58.3) | 8.3 (1.7-68.3) | .498
feature.low_nk_activity | 75.0 | 76.5 | 72.2 | .747
feature.hemophagocytosis | 76.9 | 82.4 | 66.7 | .300
"""

TABLE_4 = """
table_4.frontline.n | 34 | 18 | 52
frontline.cr | 15 (44.1) | 7 (38.9) | 22 (42.3)
frontline.time_to_cr | 21 (21-28) | 21 (14-28) | 21 (14-28)
frontline.duration_of_cr | 13.3 (9.0-17.5) | 9.5 (6.4-16.4) | 11.9 (6.4-17.5)
frontline.unfavorable | 19 (55.9) | 11 (61.1) | 30 (57.7)
frontline.nr | 12 (35.3) | 4 (22.2) | 16 (28.9)
frontline.pd_after_pr | 5 (14.7) | 4 (22.2) | 9 (13.5)
frontline.improvement | 2 (5.9) | 3 (16.7) | 5 (15.4)
intensive.start | 5 (3-12) | 7.5 (3-25) | 6 (3-25)
table_4.intensive.n | 19 | 11 | 30
intensive.cr | 10 (52.6) | 6 (54.5) | 16 (53.3)
intensive.refractory | 9 (47.4) | 5 (45.5) | 14 (46.7)
refractory.hsct | | | 8 (57.1)
refractory.hsct.alive | | | 5 (62.5)
refractory.no_hsct | | | 6 (42.9)
refractory.no_hsct.alive | | | 1 (16.7)
table_4.overall.n | 34 | 18 | 52
overall.cr | 25 (73.5) | 13 (72.2) | 38 (73.1)
overall.relapse | | | 3 (8.1)
overall.alive | 29 (85.3) | 14 (77.8) | 43 (82.7)
death.before_hsct | 3 (8.8) | 2 (11.1) | 5 (9.6)
death.after_hsct | 2 (5.9) | 2 (11.1) | 4 (7.7)
os | | | 86.4 ± 9.3
"""

TABLE_5 = """
anemia | 7 (31.8) | 4 (18.2) | 13 (43.3) | 6 (20.0)
thrombocytopenia | 5 (22.7) | 2 (9.1) | 15 (50.0) | 8 (26.7)
neutrocytopenia | 4 (18.2) | | 22 (73.3) | 10 (33.3)
myelosuppression | | | 22 (73.3) | 11 (36.7)
constipation | 10 (45.5) | | 9 (30.0) |
pancreatic_damage | 8 (36.4) | 1 (4.5) | 10 (33.3) | 6 (20.0)
rash | 4 (18.2) | | 7 (23.3) |
diarrhea | 3 (13.6) | | 9 (30.0) |
liver_damage | 3 (13.6) | | 14 (46.7) | 5 (16.7)
sweating | 2 (9.1) | | 16 (53.3) |
gastritis | 1 (4.5) | | |
secondary_infection | | | 17 (56.7) | 7 (23.3)
heart_damage | | | 6 (20.0) |
kidney_damage | | | 4 (13.3) |
gastrointestinal_hemorrhage | | | 5 (16.7) | 3 (10.0)
"""


def rows(table: str) -> list[tuple[str, list[str]]]:
    split = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
    return [(name, cells) for name, *cells in split]


def cell(value: ClaimValue, percent: Decimal | None = None) -> str:
    """A value as a cell of the tables has it."""
    match value:
        case Count():
            beside = percent or value.percent
            return f"{value.count}" + (f" ({beside})" if beside is not None else "")
        case Median():
            return f"{value.median} ({value.low}-{value.high})"
        case Percentage():
            return str(value.percent)
        case Survival():
            return f"{value.percent} ± {value.half_width}"
        case PValue():
            return str(value.p).removeprefix("0")
    raise AssertionError(value)


def said(name: str) -> str:
    """The cell of a claim, with the percentage that is a claim of its own where it is a misprint."""
    misprint = next((ALL[key].value for key in (f"{name}.percent", f"{name[:-4]}.percent") if key in ALL), None)
    return cell(ALL[name].value, misprint.percent if isinstance(misprint, Percentage) else None)


def numbers(claim: Claim) -> dict[str, object]:
    value = claim.value
    return {
        name: getattr(value, name)
        for name in value.__dataclass_fields__
        if name not in ("at", "level", "below", "groups", "table") and getattr(value, name) is not None
    }


def analyzed() -> list[Claim]:
    return [claim for claim in ALL.values() if CLAIMS.where(claim) is not None]


def test_the_whole_report_is_claimed() -> None:
    assert len(ALL) >= 370
    places = Tally(claim.place.split(",")[0].split(";")[0] for claim in ALL.values())
    assert {"Key Points", "Abstract", "Introduction", "Methods", "Results", "Discussion"} <= set(places)
    assert {f"Table {number}" for number in range(1, 6)} <= set(places)
    assert {f"Figure {number}" for number in range(1, 5)} <= set(places)
    assert Tally(type(claim.value) for claim in ALL.values())[Number] > 40


@pytest.mark.parametrize(("name", "cells"), rows(TABLE_3))
def test_table_3_is_as_printed(name: str, cells: list[str]) -> None:
    *values, p = cells
    assert [said(f"{name}.{group}") for group in GROUPS] == values
    tested = "sex.p" if name.startswith("sex.") else f"{name}.p"
    assert (tested in ALL) is (p != "")
    assert not p or said(tested) == p


@pytest.mark.parametrize(("name", "cells"), rows(TABLE_4))
def test_table_4_is_as_printed(name: str, cells: list[str]) -> None:
    for group, printed in zip(("naive", "steroid", "all"), cells, strict=True):
        own = name if f"{name}.{group}" not in ALL and group == "all" else f"{name}.{group}"
        assert (own in ALL) is (printed != ""), own
        assert not printed or said(own) == printed, own


@pytest.mark.parametrize(("name", "cells"), rows(TABLE_5))
def test_table_5_is_as_printed(name: str, cells: list[str]) -> None:
    columns = ("monotherapy.any", "monotherapy.grade3", "additional.any", "additional.grade3")
    for column, printed in zip(columns, cells, strict=True):
        own = f"ae.{name}.{column}"
        assert (own in ALL) is (printed != ""), own
        assert not printed or said(own) == printed, own


def test_no_claim_of_a_table_is_beside_its_cells() -> None:
    # Table 3: one P value for both rows of sex; 3 sizes, the limit of fever and 8 reference values are told beside.
    # Table 4: 4 percentages are claims of their own. Table 5: 2 sizes.
    beside = {TABLE_3: -1 + 3 + 1 + 8, TABLE_4: 4, TABLE_5: 2}
    for number, (table, more) in enumerate(beside.items(), 3):
        printed = sum(cell != "" for _, cells in rows(table) for cell in cells)
        found = [claim for claim in ALL.values() if claim.place.startswith(f"Table {number}, ")]
        assert len(found) == printed + more, number


def test_whatever_is_counted_in_analyzed_patients_is_said_in_variables() -> None:
    for claim in analyzed():
        if isinstance(claim.value, Count | Percentage | Proportion):
            assert claim.event is not None, claim.id
            assert CLAIMS.condition(claim) is not None, claim.id
        if isinstance(claim.value, Median | Survival):
            assert claim.variable is not None, claim.id
    unsaid = {p.id for p in CLAIMS.populations.values() if p.where is None}
    assert unsaid == {"enrolled", "hlh94", "hlh94_evaluable"}


def test_every_p_value_says_what_it_compares() -> None:
    tests = [claim for claim in ALL.values() if isinstance(claim.value, PValue)]
    assert len(tests) >= 37
    for claim in tests:
        assert isinstance(claim.value, PValue)
        assert claim.value.groups or claim.value.table, claim.id
        assert (claim.event is None) is (claim.variable is not None), claim.id
    stated = {claim.id: claim.method for claim in tests if claim.method}
    assert stated["orr.p"] == "Wilcoxon rank sum", "as the legend of Figure 3A has it"
    assert stated["orr.etiology.p"] == "chi-square", "as the legend of Figure 3B has it"
    assert not any(name.startswith("hlh94.") for name in stated), "no test is named for the historical comparison"


def test_a_printed_denominator_is_the_size_of_the_population() -> None:
    for claim in ALL.values():
        if isinstance(claim.value, Count | Percentage) and claim.value.of is not None:
            assert claim.value.of == CLAIMS.populations[claim.population].size, claim.id


def test_a_repeat_has_the_numbers_of_its_original() -> None:
    repeats = [claim for claim in ALL.values() if claim.same_as]
    assert len(repeats) > 80
    for claim in repeats:
        assert claim.same_as is not None
        original = ALL[claim.same_as]
        assert original.same_as is None, f"{claim.id} repeats a repeat"
        mine, theirs = numbers(claim), numbers(original)
        shared = set(mine) & set(theirs)
        assert shared, claim.id
        # As text: 8.0 is not printed as 8.
        assert {name: str(mine[name]) for name in shared} == {name: str(theirs[name]) for name in shared}, claim.id
        assert claim.event == original.event or None in (claim.event, original.event), claim.id


def test_what_is_not_followed_is_not_followed_where_it_is_repeated() -> None:
    for claim in ALL.values():
        if claim.same_as is not None:
            original = ALL[claim.same_as]
            assert claim.used is original.used, claim.id
            assert original.set_aside & set(numbers(claim)) <= claim.set_aside, claim.id


def test_sums_that_are_told_add_up() -> None:
    sums = [claim.value for claim in ALL.values() if isinstance(claim.value, Sum)]
    assert len(sums) == 15
    for told in sums:
        assert sum(count_of(CLAIMS, part) for part in told.parts) == count_of(CLAIMS, told.whole), told.whole


def test_roles_follow_the_endpoints_of_the_methods() -> None:
    for claim in ALL.values():
        if isinstance(claim.value, Date) or claim.population == "enrolled":
            assert claim.role in (Role.DESIGN, Role.SAFETY), claim.id
        if claim.id.startswith(("ae.", "text.ae.")):
            assert claim.role is Role.SAFETY, claim.id
    roles = Tally(claim.role for claim in ALL.values())
    assert set(roles) == set(Role)
    primary = {claim.id for claim in ALL.values() if claim.role is Role.PRIMARY}
    assert {"orr.all", "abstract.orr", "discussion.orr"} <= primary
    assert {ALL[name].role for name in ("overall.cr.all", "os.all", "abstract.os")} == {Role.KEY_SECONDARY}


def test_a_plus_minus_that_nobody_names_is_not_called_a_standard_error() -> None:
    for name in ("efs.intensive.responders", "efs.intensive.nonresponders"):
        value = ALL[name].value
        assert isinstance(value, Survival)
        assert (value.standard_error, value.half_width) == (None, None)
        assert value.plus_minus is not None
    assert not any(isinstance(c.value, Survival) and c.value.standard_error is not None for c in ALL.values())


def test_every_variable_is_spoken_of() -> None:
    spoken: set[str] = set()
    for claim in ALL.values():
        spoken |= set(claim.event or ()) | ({claim.variable} if claim.variable else set())
    for population in CLAIMS.populations.values():
        spoken |= set(population.where or ())
    for variable in CLAIMS.variables.values():
        spoken |= set(variable.event or ())
    assert set(CLAIMS.variables) <= spoken
    for variable in CLAIMS.variables.values():
        if variable.kind is VariableKind.TIME:
            assert variable.event is not None
            assert variable.unit == "mo"


@pytest.mark.parametrize("study", ["chictr2000031702", "hlh94"])
def test_quantities_are_words_of_the_report(study: str) -> None:
    """They stand as headings on pages, where ids of the file mean nothing."""
    claims = read_claims(STUDIES / study / "claims.toml")
    coded = {name for name in (*claims.variables, *claims.populations) if not name.isalpha()}
    coded |= {"wbc", "ast", "alt", "ebv", "caebv", "saids"}
    for claim in claims.claims.values():
        assert not coded & set(claim.quantity.split()), claim.id


def test_no_rule_forbids_what_a_claim_counts() -> None:
    """A condition that a rule empties would be an error of this file, not of the report."""
    for claim in analyzed():
        condition = CLAIMS.condition(claim)
        counted = count_of(CLAIMS, claim.id) if isinstance(claim.value, Count) else 0
        if condition is None or counted == 0:
            continue
        for _ in CLAIMS.rules:
            for rule in CLAIMS.rules:
                if condition.within(rule.given):
                    condition = condition & rule.then
        assert not condition.empty, (claim.id, str(condition))


def test_ranges_of_days_are_said_of_the_first_response() -> None:
    for name in ("abstract.first_response", "discussion.first_response"):
        claim = ALL[name]
        assert claim.value == Range(high=Decimal(3))
        assert (claim.population, claim.variable) == ("responders", "first_response")
