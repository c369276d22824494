"""Small claims files for tests: a trial of 40 patients in two arms, and claims in one line each."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from branchpoint.publication.audit.report import Audited, audit
from branchpoint.publication.claims import Claims, PValue
from branchpoint.publication.claims.reading import read_claims
from validation.plain_check import check_cohort

if TYPE_CHECKING:
    from branchpoint.publication.reconstruction.cohort import Reconstruction

METHODS = '{ categorical = ["Fisher exact"], continuous = ["t"], survival = ["log-rank"], sides = 2 }'

STUDY = """\
schema = 2

[study]
registry = "none"
citation = "A trial that does not exist"
methods = METHODS
"""
VARIABLES = {
    "arm": 'label = "Treatment"\nlevels = ["new", "old"]',
    "response": 'label = "Response"\nlevels = ["CR", "PR", "NR"]',
    "rash": 'label = "Rash"',
    "dead": 'label = "Death"',
    "age": 'label = "Age"\nkind = "number"\nunit = "y"\ndecimals = 0\nleast = 0\nmost = 18',
}


def variables(*names: str) -> str:
    """Some of the variables that most tests need."""
    return "".join(f'\n[[variable]]\nid = "{name}"\n{VARIABLES[name]}\n' for name in names)


TRIAL = f"""\
{STUDY}start = "first"
end = "cutoff"
{variables(*VARIABLES)}
[[variable]]
id = "weight"
label = "Weight"
kind = "number"
unit = "kg"
decimals = 1

[[variable]]
id = "start"
label = "Start of treatment"
kind = "number"
unit = "d"
decimals = 0
within_study = true

[[variable]]
id = "response_time"
label = "Duration of response"
kind = "number"
unit = "d"
decimals = 0
after = "start"

[[variable]]
id = "os"
label = "Overall survival"
kind = "time"
unit = "mo"
event = "dead"
within_study = true

[[population]]
id = "all"
label = "All patients"
size = 40
where = {{}}

[[population]]
id = "new"
label = "New treatment"
size = 22
where = {{ arm = "new" }}

[[population]]
id = "old"
label = "Old treatment"
size = 18
where = {{ arm = "old" }}

[[population]]
id = "few"
label = "Pilot study"
size = 10

[[claim]]
id = "first"
place = "Methods"
kind = "date"
quantity = "first enrollment"
population = "all"
date = "2020-01-01"

[[claim]]
id = "cutoff"
place = "Methods"
kind = "date"
quantity = "data cutoff"
population = "all"
date = "2021-01-01"
"""


def claim(name: str, kind: str, population: str = "all", place: str = "Table 1", **fields: object) -> str:
    """One claim; text is quoted, and what begins with { or [ is not."""
    given = {"place": place, "kind": kind, "quantity": fields.pop("quantity", name), "population": population}
    lines = [f"{key} = {_toml(value)}" for key, value in {"id": name, **given, **fields}.items()]
    return "\n[[claim]]\n" + "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value[:1] not in "{[":
        return f'"{value}"'
    return str(value)


def claims_of(*tables: str, methods: str = METHODS, trial: str = TRIAL) -> Claims:
    """Read the trial with claims, or other tables, added."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "claims.toml"
        path.write_text(trial.replace("METHODS", methods) + "".join(tables), encoding="utf-8")
        return read_claims(path)


def audited(*tables: str, methods: str = METHODS, trial: str = TRIAL) -> dict[str, Audited]:
    """Audit the trial with claims added."""
    return {one.id: one for one in audit(claims_of(*tables, methods=methods, trial=trial))}


def verdicts(*tables: str, methods: str = METHODS) -> dict[str, str]:
    """The verdicts alone, of what is not a date."""
    found = audited(*tables, methods=methods)
    return {name: str(one.verdict) for name, one in found.items() if name not in ("first", "cutoff")}


def disagreements(
    found: Reconstruction, dropped: frozenset[tuple[str, str]] | None = None
) -> list[tuple[int, str, tuple[str, ...]]]:
    """Draw, claim and what it has otherwise, of each claim that a cohort must have and does not, by plain counting.

    P values are left out; so is what the reconstruction says that it drops, unless it is said what else.
    """
    aside = found.contradictions.fields if dropped is None else dropped
    return [
        (number, one.claim, one.wrong)
        for number, cohort in enumerate(found.cohorts.partition_by("draw"), start=1)
        for one in check_cohort(found.claims, cohort, aside)
        if not one.agrees and not isinstance(found.claims.claims[one.claim].value, PValue)
    ]
