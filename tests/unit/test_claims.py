"""A claims file is read whole, and a broken one is refused with everything that is wrong with it."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from branchpoint.publication.claims import (
    EVERYBODY,
    ClaimsError,
    Condition,
    Count,
    Date,
    Median,
    Methods,
    Number,
    Percentage,
    PValue,
    Role,
    Rule,
    Sum,
    Survival,
    Variable,
    VariableKind,
    claimed,
    count_of,
    printed_like,
    printed_range,
)
from branchpoint.publication.claims.lines import table_lines
from branchpoint.publication.claims.reading import read_claims

STUDY = Path(__file__).parents[2] / "studies" / "chictr2000031702" / "claims.toml"

HEAD = """\
schema = 2
[study]
registry = "X"
citation = "Y"
[[population]]
id = "all"
label = "All"
size = 52
"""
COUNT = """\
[[claim]]
id = "cr"
place = "Table 4"
kind = "count"
quantity = "CR"
population = "all"
count = "22"
of = "52"
"""
VALUE = 'kind = "count"\nquantity = "CR"\npopulation = "all"\ncount = "22"\nof = "52"\n'

# What a file may say beside counts: variables, a rule, populations by condition, and claims of every kind.
RICH = """\
schema = 2

[study]
registry = "X"
citation = "Y"
protocol = "rux-hlh"
start = "first"
end = "last"
methods = { categorical = ["Fisher exact"], survival = ["log-rank"], sides = 2 }

[[variable]]
id = "arm"
label = "Arm"
levels = ["new", "old", "none"]

[[variable]]
id = "dead"
label = "Death"

[[variable]]
id = "age"
label = "Age"
kind = "number"
unit = "mo"
decimals = 0
least = 0
most = 216

[[variable]]
id = "os"
label = "Overall survival"
kind = "time"
unit = "mo"
event = "dead"
within_study = true

[[variable]]
id = "later"
label = "From the end of treatment to death"
kind = "time"
after = "os"
event = { dead = true }

[[rule]]
id = "treated"
place = "Methods"
given = { arm = "none" }
then = { dead = false }

[[population]]
id = "all"
label = "All"
size = 50
where = {}

[[population]]
id = "enrolled"
label = "Enrolled"
size = 60

[[population]]
id = "new"
label = "New treatment"
size = 30
where = { arm = "new" }

[[population]]
id = "treated"
label = "Any treatment"
size = 48
where = { arm = ["new", "old"] }

[[claim]]
id = "first"
place = "Methods"
kind = "date"
quantity = "first enrollment"
population = "enrolled"
date = "2001-02-03"

[[claim]]
id = "last"
place = "Methods"
kind = "date"
quantity = "data cutoff"
population = "all"
date = "2003-02-01"

[[claim]]
id = "dead.new"
place = "Table 1"
kind = "count"
quantity = "deaths"
population = "new"
count = "3"
of = "30"
percent = "10.0"
event = "dead"
role = "primary endpoint"

[[claim]]
id = "dead.new.text"
place = "Results"
kind = "percentage"
quantity = "deaths"
population = "new"
percent = "10"
event = { dead = "yes" }
same_as = "dead.new"
role = "primary endpoint"

[[claim]]
id = "treated.alive"
place = "Table 1"
kind = "percentage"
quantity = "treated and alive"
population = "all"
percent = "90"
event = { arm = ["new", "old"], dead = false }

[[claim]]
id = "treated.sum"
place = "Results"
kind = "sum"
quantity = "deaths add up"
population = "all"
whole = "dead.new.text"
parts = ["dead.new", "treated.alive"]

[[claim]]
id = "age.new"
place = "Table 1"
kind = "median"
quantity = "age"
population = "new"
variable = "age"
median = "30"
low = "2"
high = "60"
q1 = "20"
q3 = "41"

[[claim]]
id = "os.new"
place = "Figure 1"
kind = "survival"
quantity = "overall survival"
population = "new"
variable = "os"
at = "12"
percent = "88.5"
plus_minus = "9.1"
method = "Kaplan-Meier"

[[claim]]
id = "os.p"
place = "Figure 1"
kind = "p_value"
quantity = "overall survival by treatment"
population = "treated"
variable = "os"
groups = ["new", "treated"]
p = "<.001"
sides = 1

[[claim]]
id = "dead.p"
place = "Table 1"
kind = "p_value"
quantity = "deaths by treatment"
population = "treated"
event = "dead"
groups = ["new", "treated"]
table = [[3, 27], [5, 43]]
p = ".73"

[[claim]]
id = "old.dead"
place = "Table 1"
kind = "count"
quantity = "deaths, as printed"
population = "new"
event = "dead"
count = "54"
of = "30"
percent = "180"
verbatim = true
used = false
conflict = "More deaths than patients."
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "claims.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> tuple[str, ...]:
    path = write(folder, text)
    with pytest.raises(ClaimsError) as error:
        read_claims(path)
    assert str(error.value).count(str(path)) == len(error.value.problems)
    return error.value.problems


def swapped(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} stands once"
    return text.replace(old, new)


# ------------------------------------------------------------------------------------------------------ The studies


def test_the_study_is_read() -> None:
    claims = read_claims(STUDY)
    assert claims.registry == "ChiCTR2000031702"
    assert claimed(claims, "frontline.cr.all", Count) == Count(22, 52, Decimal("42.3"))
    assert claimed(claims, "baseline.age.naive", Median) == Median(Decimal("4.45"), Decimal("0.7"), Decimal("14.2"))
    assert claimed(claims, "date.cutoff", Date).date == date(2021, 10, 1)
    etiology = claimed(claims, "os.etiology.p", PValue)
    assert (etiology.p, etiology.below) == (Decimal(".001"), True)
    assert str(claimed(claims, "baseline.ferritin.all", Median).median) == "8.0", "the printed precision is kept"


def test_whatever_is_not_followed_says_why() -> None:
    claims = read_claims(STUDY).claims.values()
    assert all(claim.conflict for claim in claims if not claim.used or claim.set_aside)
    assert sum(not claim.used for claim in claims) >= 5


def test_lines_are_those_of_the_file() -> None:
    lines = STUDY.read_text(encoding="utf-8").splitlines()
    for claim in read_claims(STUDY).claims.values():
        assert claim.line is not None
        assert lines[claim.line - 1 : claim.line + 1] == ["[[claim]]", f'id = "{claim.id}"']


def test_percentages_become_counts() -> None:
    claims = read_claims(STUDY)
    assert count_of(claims, "feature.splenomegaly.naive") == 27
    with pytest.raises(ClaimsError, match=r"feature\.rash\.naive.*'percent': found 35\.5, .*one count of 34"):
        count_of(claims, "feature.rash.naive")


def test_of_a_million_patients_no_percentage_is_one_count(tmp_path: Path) -> None:
    claim = swapped(COUNT, 'kind = "count"', 'kind = "percentage"').replace(
        'count = "22"\nof = "52"', 'percent = "50.00"'
    )
    claims = read_claims(write(tmp_path, swapped(HEAD, "size = 52", "size = 1000000") + claim))
    with pytest.raises(ClaimsError, match="one count of 1000000 prints like; 499950 to 500049 do"):
        count_of(claims, "cr")


def test_a_claim_is_asked_for_by_id_and_kind() -> None:
    claims = read_claims(STUDY)
    with pytest.raises(ClaimsError, match="'no such' is needed"):
        claimed(claims, "no such", Count)
    with pytest.raises(ClaimsError, match="found a Count, expected a Median"):
        claimed(claims, "frontline.cr.all", Median)


# ----------------------------------------------------------------------------------------------- What is read, and how


def test_variables_rules_and_populations_are_read(tmp_path: Path) -> None:
    claims = read_claims(write(tmp_path, RICH))
    dead, alive = (Condition({"dead": frozenset({level})}) for level in ("yes", "no"))
    assert list(claims.variables.values()) == [
        Variable("arm", "Arm", levels=("new", "old", "none")),
        Variable("dead", "Death", levels=("yes", "no")),
        Variable("age", "Age", VariableKind.NUMBER, unit="mo", decimals=0, least=0, most=216),
        Variable("os", "Overall survival", VariableKind.TIME, unit="mo", event=dead, within_study=True),
        Variable("later", "From the end of treatment to death", VariableKind.TIME, event=dead, after="os"),
    ]
    assert claims.rules == (Rule("treated", "Methods", Condition({"arm": frozenset({"none"})}), alive),)
    assert claims.populations["all"].where == EVERYBODY
    assert claims.populations["enrolled"].where is None
    assert claims.populations["treated"].where == Condition({"arm": frozenset({"new", "old"})})
    assert claims.study.methods == Methods(categorical=("Fisher exact",), survival=("log-rank",), sides=2)
    assert (claims.study.start, claims.study.end, claims.protocol) == ("first", "last", "rux-hlh")
    assert claims.study.follow_up is None
    followed = swapped(RICH, 'end = "last"', 'end = "last"\nfollow_up = "os"')
    assert read_claims(write(tmp_path, followed)).study.follow_up == "os"


def test_a_claim_says_whom_it_counts_and_what_it_is_to_the_report(tmp_path: Path) -> None:
    claims = read_claims(write(tmp_path, RICH))
    counted, repeated, alive = (claims.claims[name] for name in ("dead.new", "dead.new.text", "treated.alive"))
    assert counted.value == Count(3, 30, Decimal("10.0"))
    assert (counted.role, alive.role) == (Role.PRIMARY, Role.EXPLORATORY)
    assert (repeated.same_as, repeated.event, repeated.value) == ("dead.new", counted.event, Percentage(Decimal(10)))
    assert claims.condition(counted) == Condition({"arm": frozenset({"new"}), "dead": frozenset({"yes"})})
    assert claims.condition(alive) == Condition({"arm": frozenset({"new", "old"}), "dead": frozenset({"no"})})
    assert claims.claims["treated.sum"].value == Sum("dead.new.text", ("dead.new", "treated.alive"))


def test_numbers_are_compared_by_their_variable_and_groups(tmp_path: Path) -> None:
    claims = read_claims(write(tmp_path, RICH)).claims
    assert claims["age.new"].value == Median(*map(Decimal, (30, 2, 60, 20, 41)))
    assert claims["age.new"].variable == "age"
    assert claims["os.new"].value == Survival(Decimal("88.5"), Decimal(12), plus_minus=Decimal("9.1"))
    assert claims["os.new"].method == "Kaplan-Meier"
    groups = ("new", "treated")
    assert claims["os.p"].value == PValue(Decimal(".001"), below=True, groups=groups, sides=1)
    assert claims["dead.p"].value == PValue(Decimal(".73"), groups=groups, table=((3, 27), (5, 43)))


def test_a_number_that_cannot_be_is_read_where_the_report_prints_it(tmp_path: Path) -> None:
    claim = read_claims(write(tmp_path, RICH)).claims["old.dead"]
    assert (claim.value, claim.verbatim, claim.used) == (Count(54, 30, Decimal(180)), True, False)
    problems = refused(tmp_path, swapped(RICH, "verbatim = true\n", ""))
    assert len(problems) == 2
    assert all("claim 'old.dead'" in one and "or verbatim = true" in one for one in problems)


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("count", 'count = "53"', "count"),
        ("count", 'count = "22"\nof = "20"', "of"),
        ("percentage", 'percent = "142"', "percent"),
        ("percentage", 'percent = "-1"', "percent"),
        ("p_value", 'p = "1.2"', "p"),
        ("p_value", 'p = "<0"', "p"),
        ("median", 'median = "3"\nlow = "4"', "low"),
        ("median", 'median = "3"\nhigh = "2"', "high"),
        ("median", 'median = "3"\nq1 = "4"', "q1"),
        ("median", 'median = "3"\nlow = "2"\nq1 = "1"', "q1"),
        ("median", 'median = "3"\nhigh = "4"\nq3 = "5"', "q3"),
        ("mean", 'mean = "3"\nsd = "-1"', "sd"),
        ("range", 'low = "3"\nhigh = "2"', "high"),
        ("proportion", 'percent = "50"\nlow = "60"\nhigh = "70"', "low"),
        ("survival", 'percent = "50"\nat = "-5"', "at"),
        ("survival", 'percent = "50"\nat = "5"\nhalf_width = "-5"', "half_width"),
        ("ratio", 'ratio = "1.2"\nmeasure = "hazard ratio"\nlow = "-0.1"', "low"),
        ("ratio", 'ratio = "-1.2"\nmeasure = "odds ratio"', "ratio"),
    ],
)
def test_what_none_of_its_kind_can_be_needs_the_word_that_it_is_printed(
    tmp_path: Path, kind: str, fields: str, field: str
) -> None:
    claim = swapped(COUNT, VALUE, f'kind = "{kind}"\nquantity = "CR"\npopulation = "all"\n{fields}\n')
    (problem,) = refused(tmp_path, HEAD + claim)
    assert f"field {field!r}" in problem
    assert problem.endswith("or verbatim = true, where the report really prints this")
    assert read_claims(write(tmp_path, HEAD + claim + "verbatim = true\n")).claims["cr"].verbatim


@pytest.mark.parametrize(
    ("kind", "fields", "value"),
    [
        ("count", 'count = "1000000"', Count(10**6)),
        ("count", 'count = "0"\nof = "1000000"\npercent = "0.0000"', Count(0, 10**6, Decimal("0.0000"))),
        ("percentage", 'percent = "99.9999"', Percentage(Decimal("99.9999"))),
        ("number", 'number = "999999.999999"', Number(Decimal("999999.999999"))),
        ("median", 'median = "000999999.999999"', Median(Decimal("999999.999999"))),
        ("median", 'median = "-999999999999"', Median(Decimal(-999999999999))),
        ("p_value", 'p = "0.000000000001"', PValue(Decimal("1e-12"))),
        ("p_value", 'p = "<.000000000001"', PValue(Decimal("1e-12"), below=True)),
        ("p_value", 'p = "1"\ntable = [[0, 1], [1, 999998]]', PValue(Decimal(1), table=((0, 1), (1, 999998)))),
    ],
)  # fmt: skip
def test_numbers_at_the_limits_are_read(tmp_path: Path, kind: str, fields: str, value: object) -> None:
    claim = swapped(COUNT, VALUE, f'kind = "{kind}"\nquantity = "CR"\npopulation = "all"\n{fields}\n')
    assert (
        read_claims(write(tmp_path, swapped(HEAD, "size = 52", "size = 1000000") + claim)).claims["cr"].value == value
    )


def test_a_denominator_that_is_not_the_population_is_for_the_audit(tmp_path: Path) -> None:
    claims = read_claims(write(tmp_path, HEAD + swapped(COUNT, 'of = "52"', 'of = "999"\npercent = "80"')))
    assert claims.claims["cr"].value == Count(22, 999, Decimal(80))


# --------------------------------------------------------------------------------------------------- What is refused


@pytest.mark.parametrize(
    ("old", "new", "where", "expected"),
    [
        ('count = "22"', 'count = "22.5"', "15 count", "whole number"),
        ('count = "22"', 'count = "-1"', "15 count", "whole number"),
        ('count = "22"', 'count = "\\u0662"', "15 count", "whole number"),
        ('count = "22"', f'count = "{"9" * 5000}"', "15 count", "whole number"),
        ('count = "22"', "count = 22", "15 count", "quotation marks"),
        ('count = "22"\n', "", "9 count", "needs it"),
        ('of = "52"', 'of = "20"', "16 of", "at least the count"),
        ('of = "52"', 'percent = "142"', "16 percent", "0 to 100"),
        ('of = "52"', 'percent = "NaN"', "16 percent", "decimal number"),
        ('of = "52"', 'percent = "4x"', "16 percent", "decimal number"),
        ('of = "52"', 'percent = "1_0"', "16 percent", "without spaces, separators"),
        ('of = "52"', 'percent = "1e1"', "16 percent", "separators or an exponent"),
        ('of = "52"', 'percent = "0.12345"', "16 percent", "at most 4 decimals and 12 digits"),
        ('of = "52"', 'percent = "123456789.1234"\nverbatim = true', "16 percent", "at most 4 decimals and 12 digits"),
        (
            'of = "52"',
            'of = "1000001"',
            "16 of",
            "found '1000001', expected a whole number of patients, from 0 to 1,000,000",
        ),
        ('count = "22"', 'count = "1000001"\nverbatim = true', "15 count", "from 0 to 1,000,000"),
        ('of = "52"', "percent = 42.3", "16 percent", "found 42.3, expected text in quotation marks"),
        ('of = "52"', 'median = "5"', "16 median", "no such field in a count"),
        ('of = "52"', 'low = "5"', "16 low", "its fields are count, of, percent"),
        ('kind = "count"', 'kind = "tally"', "12 kind", "one of count, percentage"),
        ('kind = "count"\n', "", "9 kind", "one of count, percentage"),
        ('population = "all"', 'population = "some"', "14 population", "one of all"),
        ('population = "all"\n', "", "9 population", "id of a population"),
        ('place = "Table 4"', 'place = ""', "11 place", "text"),
        ('place = "Table 4"', "place = 4", "11 place", "text"),
        ('id = "cr"', "id = 2021-04-07", "10 id", "found 2021-04-07, expected a name of letters"),
        ('id = "cr"', 'id = ["cr"]', "10 id", "letters, digits"),
        ('of = "52"', "used = false", "9 conflict", "reason"),
        ('of = "52"', 'used = "no"', "16 used", "found 'no', expected true or false"),
        ('of = "52"', "verbatim = 1", "16 verbatim", "true or false"),
        ('of = "52"', 'set_aside = ["low"]\nconflict = "so"', "16 set_aside", "fields of the value"),
        ('of = "52"', 'set_aside = ["percent"]', "9 conflict", "reason"),
        ('of = "52"', 'role = "main"', "16 role", "one of primary endpoint, key secondary endpoint"),
        ('of = "52"', 'same_as = "cr"', "16 same_as", "another claim"),
        ('of = "52"', 'same_as = "rc"', "16 same_as", "'rc' is none"),
        ('of = "52"', 'event = "dead"', "16 event", "one that is declared; none is"),
        ('of = "52"', 'of = "0"', "16 of", "at least 1 patient"),
    ],
)
def test_a_broken_claim_is_refused(tmp_path: Path, old: str, new: str, where: str, expected: str) -> None:
    (problem,) = refused(tmp_path, HEAD + swapped(COUNT, old, new))
    line, field = where.split()
    who = "claim 'cr'" if field != "id" else "claim number 1"
    assert problem.startswith(f"{who} (line {line}), field {field!r}: found ")
    assert expected in problem


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # Variables.
        ('levels = ["new", "old", "none"]', 'levels = ["new"]', "variable 'arm' (line 14), field 'levels': found"),
        ('levels = ["new", "old", "none"]', 'levels = ["new", "new"]', "two or more texts, each once"),
        ('levels = ["new", "old", "none"]', 'levels = "new"', "a list of texts"),
        ('levels = ["new", "old", "none"]', "levels = [1, 2]", "a list of texts"),
        ('levels = ["new", "old", "none"]', 'levels = ["new", "old", "none"]\nunit = "mo"', "no such field in a cat"),
        ('levels = ["new", "old", "none"]', 'levels = ["new", "old", "none"]\nevent = {}', "no such field in a cat"),
        ("decimals = 0", "decimals = -1", "variable 'age' (line 25), field 'decimals': found -1, expected a whole"),
        ("decimals = 0", 'decimals = "0"', "without quotation marks"),
        ("decimals = 0", "decimals = 7", "found 7, expected a whole number without quotation marks, from 0 to 6"),
        ("decimals = 0", "decimal = 0", "'decimal': found 0, expected no such field; did you mean decimals?"),
        ("decimals = 0", 'levels = ["a", "b"]', "'levels': found ['a', 'b'], expected no such field in a number"),
        ("least = 0", "least = nan", "'least': found nan, expected a number"),
        ("least = 0", "least = -1e12", "'least': found -1000000000000.0, expected a number without quotation mark"),
        ("most = 216", "most = inf", "'most': found inf, expected a number"),
        ("most = 216", "most = true", "'most': found true, expected a number"),
        ("most = 216", "most = -2", "'most': found -2, expected at least 0, the least"),
        ("most = 216", "maximum = 216", "'maximum': found 216, expected no such field; the fields here are id, label"),
        ('event = "dead"\nwithin', "within", "variable 'os' (line 29), field 'event': found nothing, expected who"),
        ('event = "dead"\nwithin', 'event = "died"\nwithin', "for 'died' one of arm, dead"),
        ('event = "dead"\nwithin', 'event = "later"\nwithin', "a category that stands above"),
        ('event = "dead"\nwithin', 'event = "age"\nwithin', "levels of a category; 'age' is a number"),
        ("within_study = true", "within_study = 1", "'within_study': found 1, expected true or false"),
        ('after = "os"', 'after = "arm"', "'after': found 'arm', expected a time or a number"),
        ('after = "os"', 'after = "later"', "'after': found 'later', expected one of arm, dead, age, os"),
        ('id = "later"', 'id = "draw"', "'id': found 'draw', expected another id"),
        ('id = "later"', 'id = "os"', "'id': found 'os', expected an id of its own"),
        ('kind = "number"', 'kind = "count"', "'kind': found 'count', expected one of category, number, time"),
        # Rules.
        ("then = { dead = false }", 'then = { arm = "new" }', "rule 'treated' (line 48), field 'then'"),
        ("then = { dead = false }", "then = { dead = 0 }", "for 'dead' some of yes, no"),
        ("then = { dead = false }\n", "", "'then': found nothing, expected levels by variable"),
        ('given = { arm = "none" }', "given = true", "levels by variable, such as"),
        ('given = { arm = "none" }', 'given = { leg = "none" }', "for 'leg' one of arm, dead"),
        ('given = { arm = "none" }', "given = { arm = [] }", "for 'arm' some of new, old, none"),
        # Populations.
        ("size = 48", "size = 51", "population 'treated' (line 70), field 'size': found 51, expected at most 50"),
        ("size = 48", "size = 29", "population 'new' (line 64), field 'size': found 30, expected at most 29, the size"),
        ("size = 48", 'size = "48"', "found '48', expected a whole number without quotation marks, from 1 to 1"),
        ("size = 48", "size = 0", "from 1 to 1,000,000"),
        ("size = 60", "size = 1000001", "'enrolled' (line 59), field 'size': found 1000001, expected a whole"),
        ("size = 48", "size = 0x" + "f" * 5000, "found a number of thousands of digits, expected a whole number"),
        ('["new", "old"] }\n\n[[claim]]', '"new" }\n\n[[claim]]', "expected 30, the size of 'new', which has the same"),
        ('["new", "old"] }\n\n[[claim]]', '["new", "o"] }\n\n[[claim]]', "for 'arm' some of new, old, none"),
        ('["new", "old"] }\n\n[[claim]]', "4 }\n\n[[claim]]", "for 'arm' some of new, old, none"),
        ("size = 48", "size = 48.0", "found 48.0, expected a whole number"),
        ('label = "Enrolled"', 'lable = "Enrolled"', "expected no such field; did you mean label?"),
        ("where = {}", 'where = {}\nkind = "all"', "the fields here are id, label, size, where"),
        # Claims.
        ('event = { dead = "yes" }', "event = { dead = [true] }", "for 'dead' some of yes, no"),
        ('event = { dead = "yes" }', 'event = { arm = "old" }', "levels that somebody of 'new' (arm new) can have"),
        ('event = { dead = "yes" }', 'event = "age"', "'age' is a number"),
        ('event = { dead = "yes" }', 'variable = "age"', "no variable in a percentage; what it counts is its event"),
        ('variable = "age"', 'event = "dead"', "no event in a median; what it is of is its variable"),
        ('variable = "age"', 'variable = "arm"', "for a median a number or a time; 'arm' is a category"),
        ('variable = "age"', 'variable = "aeg"', "one of arm, dead, age, os, later"),
        ('variable = "age"', 'variable = "age"\nunit = "y"', "'unit': found 'y', expected mo, as 'age' has"),
        ('variable = "os"\nat', 'variable = "age"\nat', "for a survival a time; 'age' is a number"),
        ('at = "12"\n', "", "'at': found nothing, expected a value: a survival needs it"),
        ('at = "12"', 'at = "12"\nlevel = "100"', "'level': found '100', expected a percentage above 0 and below 100"),
        ('event = "dead"\ngroups', 'event = "dead"\nvariable = "os"\ngroups', "an event or a variable, not both"),
        ("table = [[3, 27], [5, 43]]", "table = [[3, 27], [5]]", "two or more rows of counts"),
        ("table = [[3, 27], [5, 43]]", "table = [[3, 27], [5, -1]]", "two or more rows of counts"),
        ("table = [[3, 27], [5, 43]]", "table = [[3, 27], [5, 999966]]", "at most 1,000,000 patients together"),
        ("table = [[3, 27], [5, 43]]", "table = [[3, 27], [5, 43], [1, 1]]", "expected 2 rows, one a group"),
        ("sides = 1", "sides = true", "'sides': found true, expected 1 or 2"),
        ('p = "<.001"', 'p = "< .001"', "decimal number as printed"),
        ('p = "<.001"', 'p = ">.99"', "decimal number as printed"),
        ('p = "<.001"', 'p = "NS"', "decimal number as printed"),
        ('groups = ["new", "treated"]\np', 'groups = ["new"]\np', "two or more texts, each once"),
        ('groups = ["new", "treated"]\np', 'groups = ["new", "new"]\np', "two or more texts, each once"),
        ('groups = ["new", "treated"]\np', 'groups = ["new", "nwe"]\np', "'nwe' is none"),
        ('date = "2001-02-03"', 'date = "3 February 2001"', 'an ISO date in quotation marks, such as "2020-04-07"'),
        ('date = "2001-02-03"', 'date = "20010203"', "an ISO date"),
        ('date = "2001-02-03"', 'date = "2001-02-30"', "an ISO date"),
        ('date = "2001-02-03"', "date = 2001-02-03", "found 2001-02-03, expected an ISO date in quotation marks"),
        ('date = "2001-02-03"', 'date = "2001-02-03"\nevent = "dead"', "no event in a date"),
        ('whole = "dead.new.text"', 'whole = "dead"', "'whole': found 'dead', expected the id of another claim"),
        ('whole = "dead.new.text"', 'whole = "last"', "'whole': found 'last', expected claims that are counts"),
        ('parts = ["dead.new", "treated.alive"]', 'parts = ["dead.new"]', "two or more texts, each once"),
        ('parts = ["dead.new", "treated.alive"]', 'parts = ["dead.new", "x"]', "'x' is none"),
        ('same_as = "dead.new"', 'same_as = "dead.newt"', "'dead.newt' is none"),
        ('same_as = "dead.new"', 'same_as = "age.new"',
         "a percentage can repeat, a count or a percentage or a proportion or a survival; it is a median"),
        ('method = "Kaplan-Meier"', 'same_as = "dead.new"', "a survival can repeat, a percentage or a proportion or"),
        ('median = "30"', 'median = "30"\nsame_as = "last"', "a median can repeat, a median or a range; it is a date"),
        ('median = "30"', 'median = "30"\nsam_as = "last"', "no such field in a median; did you mean same_as?"),
        ('at = "12"\n', 'att = "12"\n', "'att': found '12', expected no such field in a survival; did you mean at?"),
        ('method = "Kaplan-Meier"', 'methd = "Kaplan-Meier"', "no such field in a survival; did you mean method?"),
        ('method = "Kaplan-Meier"', 'author = "Kaplan"', "plus_minus, level, and those of every claim: id, place"),
        ('method = "Kaplan-Meier"', 'q1 = "3"', "no such field in a survival; its fields are percent, at, low, high"),
        ('kind = "survival"', 'kindd = "survival"', "no such field in a claim; did you mean kind?"),
        ('method = "Kaplan-Meier"', 'method = "Kapaln-Meier"', "a test by its usual name; did you mean Kaplan?"),
        ('role = "primary endpoint"\n\n[[claim]]\nid = "dead.new.text"',
         'same_as = "dead.new.text"\n\n[[claim]]\nid = "dead.new.text"', "does not lead back"),
        # The study.
        ('start = "first"', 'start = "age.new"', "[study] (line 7), field 'start': found 'age.new', expected one of f"),
        ('end = "last"', "end = 2003-02-01", "[study] (line 8), field 'end': found 2003-02-01, expected one of first"),
        ('end = "last"', 'end = "last"\nfollow_up = "age"', "[study] (line 9), field 'follow_up': found 'age'"),
        ('end = "last"', 'end = "last"\nfollow_up = "later"', "'follow_up': found 'later', expected one of os"),
        ('citation = "Y"\n', "", "[study] (line 3), field 'citation': found nothing, expected text"),
        ('registry = "X"', 'registry = "X"\ntitle = "Z"', "[study] (line 5), field 'title': found 'Z', expected no"),
        (", sides = 2 }", ", sides = 3 }", "[study.methods] (line 9), field 'sides': found 3, expected 1 or 2"),
        (", sides = 2 }", ", sides = true }", "field 'sides': found true, expected 1 or 2"),
        (", sides = 2 }", ', test = "t" }', "the fields here are categorical, continuous, survival, sides"),
        ('survival = ["log-rank"]', 'survival = ["t", "log-rnak"]', "(line 9), field 'survival': found ['t', 'log-"),
        ('survival = ["log-rank"]', 'survial = ["log-rank"]', "no such field; did you mean survival?"),
        ('protocol = "rux-hlh"', 'protcol = "rux-hlh"', "no such field; did you mean protocol?"),
        ('categorical = ["Fisher exact"]', "categorical = [1]", "'categorical': found [1], expected a list of texts"),
    ],
)  # fmt: skip
def test_whatever_cannot_be_meant_is_refused(tmp_path: Path, old: str, new: str, expected: str) -> None:
    problems = refused(tmp_path, swapped(RICH, old, new))
    assert len(problems) == 1
    assert expected in problems[0]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    twice = COUNT.replace('count = "22"', 'count = "many"')
    problems = refused(tmp_path, HEAD + COUNT + twice + COUNT.replace('id = "cr"\n', ""))
    assert [problem.split(":")[0] for problem in problems] == [
        "claim 'cr' (line 18), field 'id'",
        "claim 'cr' (line 23), field 'count'",
        "claim number 3 (line 25), field 'id'",
    ]


def test_what_follows_from_another_problem_is_left_out(tmp_path: Path) -> None:
    broken = swapped(RICH, "size = 30", "size = 30.5")
    broken = swapped(broken, 'levels = ["new", "old", "none"]', 'levels = "new"')
    broken = swapped(broken, 'date = "2001-02-03"', 'date = "2001"')
    assert [problem.split(":")[0] for problem in refused(tmp_path, broken)] == [
        "variable 'arm' (line 14), field 'levels'",
        "population 'new' (line 64), field 'size'",
        "claim 'first' (line 79), field 'date'",
    ]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        (
            (20, 21, 0),
            "population 'all' (line 16), field 'size': found 40, expected at least 41: 'old' (21) and 'new' (20)",
        ),
        ((20, 10, 11), "at least 41: 'new' (20) and 'none' (11) and 'old' (10) lie in it, and share no 'arm'"),
        ((20, 20, 0), None),
        ((20, 10, 10), None),
        ((20, 0, 0), None),
    ],
)
def test_disjoint_populations_have_room_in_their_whole(
    tmp_path: Path, sizes: tuple[int, int, int], expected: str | None
) -> None:
    variables = """
[[variable]]
id = "arm"
label = "Arm"
levels = ["new", "old", "none"]
[[variable]]
id = "dead"
label = "Death"
"""
    text = HEAD.replace("[[population]]", variables + "[[population]]").replace("size = 52", "size = 40\nwhere = {}")
    for arm, size in zip(("new", "old", "none"), sizes, strict=True):
        # That one of them is told in two variables makes no difference: whoever is in one arm is in no other.
        more = ", dead = false" if arm == "old" else ""
        table = f'[[population]]\nid = "{arm}"\nlabel = "{arm}"\nsize = {size}\nwhere = {{ arm = "{arm}"{more} }}\n'
        text += table if size else ""
    text += COUNT.replace('of = "52"', 'of = "40"')
    if expected is None:
        assert read_claims(write(tmp_path, text)).populations["all"].size == 40
        # Nobody knows whom a population without a condition shares.
        text = text.replace('where = { arm = "new" }\n', "").replace("size = 20", "size = 40")
        assert read_claims(write(tmp_path, text))
    else:
        (problem,) = refused(tmp_path, text)
        assert expected in problem


def test_a_whole_without_room_is_told_once(tmp_path: Path) -> None:
    """The smaller whole has no room for its parts, and then neither has the larger one."""
    crowded = swapped(RICH, "size = 30", "size = 40").replace("size = 50", "size = 48")
    old = '[[population]]\nid = "old"\nlabel = "Old"\nsize = 9\nwhere = { arm = "old" }\n\n[[claim]]\nid = "first"'
    (problem,) = refused(tmp_path, swapped(crowded, '[[claim]]\nid = "first"', old))
    assert "at least 49: 'new' (40) and 'old' (9) lie in it, and share no 'arm'" in problem


@pytest.mark.parametrize(
    "mark", ["\\u0000", "\\u001b", "\\b", "\\f", "\\r", "\\u007f", "\\u009b", "\\u202e", "\\u2066"]
)
@pytest.mark.parametrize(
    "text",
    ['label = "Arm"', '"none"]\n', 'label = "Enrolled"', 'place = "Figure 1"\nkind = "survival"', 'quantity = "age"',
     'method = "Kaplan-Meier"', 'conflict = "More deaths than patients."', 'citation = "Y"', '"log-rank"'],
)  # fmt: skip
def test_no_text_holds_a_control_character(tmp_path: Path, text: str, mark: str) -> None:
    first = text.index('"') + 1
    (problem,) = refused(tmp_path, swapped(RICH, text, text[:first] + mark + text[first:]))
    assert "expected text without control characters; '\\" in problem
    assert problem.isprintable()


def test_a_text_may_have_several_lines(tmp_path: Path) -> None:
    text = swapped(RICH, '"More deaths than patients."', '"""More deaths\n\tthan patients."""')
    assert read_claims(write(tmp_path, text)).claims["old.dead"].conflict == "More deaths\n\tthan patients."


METHODS = (
    "Fisher's exact test", "Fishers exact", "Fisher-Freeman-Halton", "Pearson chi-square", "chi square", "χ2", "t",
    "chi-square with Yates' correction", "Mann–Whitney U", "Kruskall-Wallis", "Friedman", "log-linear Poisson",
    "log rank", "person-years, event rates", "Cochran-Mantel-Haenszel", "Cochrane-Armitage trend", "Freedman", "Wilcox",
    "Wilks' lambda", "Gehan-Wilcoxon", "Wilson score", "Miettinen-Nurminen", "Whitehead", "wall motion score", "Wald",
    "stratified log-rank (Mantel-Cox)", "somebody's test", "logistic regression, adjusted for age", "Students t-test",
)  # fmt: skip
MISSPELLED = {
    "Fischer exact": "Fisher", "two-sided Fischer's exact test": "Fisher", "Wilcoxin rank sum": "Wilcoxon",
    "Mann-Whitny U": "Whitney", "Mann–Withney": "Whitney", "Krusal-Wallis": "Kruskal", "Kruskal-Walis": "Wallis",
    "log-rnak": "log-rank", "Cochran-Mantel-Haenzel": "Haenszel", "Studnet's t": "Student", "Welsh t": "Welch",
    "Cloper-Pearson": "Clopper", "MacNemar": "McNemar",
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_any_method_may_be_stated(tmp_path: Path, method: str) -> None:
    text = swapped(RICH, '"Fisher exact"', f'"{method}"').replace('"Kaplan-Meier"', f'"{method}"')
    claims = read_claims(write(tmp_path, text))
    assert (claims.study.methods.categorical, claims.claims["os.new"].method) == ((method,), method)


@pytest.mark.parametrize("method", MISSPELLED)
def test_a_misspelled_test_is_no_other_method(tmp_path: Path, method: str) -> None:
    (problem,) = refused(tmp_path, swapped(RICH, 'method = "Kaplan-Meier"', f'method = "{method}"'))
    assert problem.endswith(f"expected a test by its usual name; did you mean {MISSPELLED[method]}?")


def test_reading_needs_no_protocol_that_is_installed(tmp_path: Path) -> None:
    assert read_claims(write(tmp_path, swapped(RICH, "rux-hlh", "nobodys"))).protocol == "nobodys"


def test_a_name_among_many_is_guessed(tmp_path: Path) -> None:
    populations = "".join(f'[[population]]\nid = "group.{n}"\nlabel = "G"\nsize = 9\n' for n in range(40))
    (problem,) = refused(tmp_path, HEAD + populations + swapped(COUNT, '"all"', '"goup.12"'))
    assert problem.endswith("expected one of 41 that are declared; did you mean group.12 or group.2 or group.1?")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "'schema': found None, expected 2"),
        ("schema = [", "is no TOML"),
        (HEAD.replace("schema = 2", "schema = 1") + COUNT, "'schema': found 1, expected 2"),
        (HEAD.replace("schema = 2", "schema = true") + COUNT, "'schema': found true, expected 2"),
        ("schema = 2\nstudy = 4\n" + COUNT, "[study]: found 4, expected a table"),
        (HEAD.replace('registry = "X"\n', "") + COUNT, "[study] (line 2), field 'registry': found nothing"),
        (HEAD, "[[claim]]: found none, expected one or more"),
        ("schema = 2\nclaim = 3\n[study]\n", "[[claim]]: found 3, expected a list of tables"),
        ("schema = 2\nclaim = [3]\n[study]\n", "[[claim]]: found [3], expected a list of tables"),
        (HEAD.replace("[[population]]", "[population]") + COUNT, "[[population]]: found {"),
        (HEAD + COUNT.replace("[[claim]]", "[[claims]]"), "'claims': no such table; expected one of ['claim', 'pop"),
        ("claims = 3\n" + HEAD + COUNT, "'claims': no such table"),
        (HEAD + COUNT + COUNT.replace("[[claim]]", "[claim]"), "is no TOML"),
        ("schema = " + "9" * 5000, "is no TOML"),
        ("schema = 0x" + "f" * 5000, "'schema': found a number of thousands of digits"),
        ("schema = " + "[" * 5000 + "]" * 5000, "too deep"),
        (HEAD + COUNT + "\0", "is no TOML"),
    ],
)
def test_a_broken_document_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    assert any(expected in problem for problem in refused(tmp_path, text))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (bytes(range(256)), "found byte 0x80, expected text in UTF-8"),
        ((HEAD + COUNT).encode("utf-16"), "found byte 0xFF, expected text in UTF-8"),
        (HEAD.replace("All", "Köln").encode("latin-1"), "found byte 0xF6, expected text in UTF-8"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "claims.toml"
    path.write_bytes(content)
    with pytest.raises(ClaimsError) as error:
        read_claims(path)
    assert error.value.problems == (expected,)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=str(tmp_path)):
        read_claims(tmp_path)


# ------------------------------------------------------------------------------------------ How a file may be written


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no mark", "byte order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_lines_may_end_as_windows_ends_them(tmp_path: Path, end: str, mark: str) -> None:
    path = tmp_path / "claims.toml"
    text = swapped(HEAD, '"All"', '"All\u2028of them"') + COUNT
    path.write_bytes((mark + text.replace("\n", end)).encode())
    assert read_claims(path).claims["cr"].line == 9
    path.write_bytes((mark + text.replace('"22"', "22").replace("\n", end)).encode())
    with pytest.raises(ClaimsError, match=r"claim 'cr' \(line 15\), field 'count'"):
        read_claims(path)


def test_tables_may_be_written_inline(tmp_path: Path) -> None:
    inline = """\
schema = 2
study = { registry = "X", citation = "Y" }
population = [{ id = "all", label = "All", size = 52 }]
claim = [{ id = "cr", place = "T", kind = "count", quantity = "CR", population = "all", count = "22" }]
"""
    assert read_claims(write(tmp_path, inline)).claims["cr"].value == Count(22)
    (problem,) = refused(tmp_path, inline.replace('"22"', "22"))
    assert problem.startswith("claim 'cr', field 'count': found 22")


def test_lines_are_found_however_the_table_is_written() -> None:
    text = '''\
[[ claim ]]  # the first
"count" = 1
event.cr = true
conflict = """
[[claim]]
of = 3
"""
place = """one line"""
[claim.value]
count = 2
[[claim]]
quantity = \'\'\'one
count = 2\'\'\'
count = 3
'''
    one, two = table_lines(text)["claim"]
    assert (one.header, one.fields) == (1, {"count": 2, "event": 3, "conflict": 4, "place": 8, "value": 9})
    assert (two.header, two.fields) == (11, {"quantity": 12, "count": 14})


def test_thousands_of_claims_are_read_each_once(tmp_path: Path) -> None:
    claim = RICH[RICH.index('[[claim]]\nid = "dead.new.text"') : RICH.index('[[claim]]\nid = "treated.alive"')]
    many = "".join(claim.replace('"dead.new.text"', f'"n{n}"') for n in range(5000))
    claims = read_claims(write(tmp_path, RICH + many)).claims
    assert len(claims) == 5011
    assert {claim.same_as for claim in claims.values() if claim.id.startswith("n")} == {"dead.new"}


# ------------------------------------------------------------------------------------------------ Asking for numbers


def test_a_range_is_asked_for_only_where_printed(tmp_path: Path) -> None:
    median = COUNT.replace('"count"', '"median"').replace('count = "22"\nof = "52"', 'median = "3"\nlow = "2"')
    claims = read_claims(write(tmp_path, HEAD + median))
    with pytest.raises(ClaimsError, match=r"'cr' \(line 9\), field 'high': found nothing"):
        printed_range(claims, "cr")


def test_numbers_are_compared_as_printed() -> None:
    assert printed_like(Decimal(100 * 22) / 52, Decimal("42.3"))
    assert printed_like(0.25, Decimal("0.3")), "halves are rounded up, as printed tables do"
    assert not printed_like(44.0, Decimal("44.1"))
    assert printed_like(21.4, Decimal("21"))
