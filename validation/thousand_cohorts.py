"""A thousand cohorts reconstructed from the reference paper, each held against every claim by code of its own.

    PYTHONPATH=. .venv/bin/python -m validation.thousand_cohorts --draws 1000

The check (`validation/plain_check.py`) counts patients in plain Python: it shares no solver, no estimator and no search
with what it checks.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from functools import partial
from math import isnan
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from branchpoint.publication.claims import PValue
from branchpoint.publication.claims.reading import read_claims
from validation.plain_check import check_cohort
from validation.running import in_parallel, markdown_table, write_section

if TYPE_CHECKING:
    import polars as pl

    from branchpoint.publication.claims import Claims
    from branchpoint.publication.reconstruction.cohort import Reconstruction

__all__ = ["main"]

CLAIMS = Path("studies/chictr2000031702/claims.toml")
MOST_TOLD = 12


class _Held(NamedTuple):
    """A cohort held against the claims: how many could be, and which do not agree, with what was found."""

    checked: int
    wrong: tuple[tuple[str, str], ...]


def main(arguments: list[str] | None = None) -> None:
    """Run the measure from the command line."""
    from branchpoint.publication.reconstruction.cohort import reconstruct

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("claims", type=Path, nargs="?", default=CLAIMS)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--dry", action="store_true", help="print the section instead of writing it")
    given = parser.parse_args(arguments)
    claims = read_claims(given.claims)
    before = perf_counter()
    found = reconstruct(claims, given.draws, given.seed, processes=given.processes)
    seconds = perf_counter() - before
    held = _check(given.claims, found, given.processes)
    options = f"{given.claims} --draws {given.draws} --seed {given.seed} --processes {given.processes}"
    text = _report(claims, found, held, options, seconds)
    if given.dry:
        sys.stdout.write(text)
    else:
        write_section("thousand_cohorts", text)


def _check(path: Path, found: Reconstruction, processes: int) -> list[_Held]:
    fields = frozenset((said.claim, said.field) for said in found.dropped)
    cohorts = found.cohorts.partition_by("draw", maintain_order=True)
    return in_parallel(partial(_hold, path, fields), cohorts, "Checking cohorts", processes)


def _hold(path: Path, dropped: frozenset[tuple[str, str]], cohort: pl.DataFrame) -> _Held:
    checked = check_cohort(read_claims(path), cohort, dropped)
    return _Held(len(checked), tuple((one.claim, "; ".join(one.wrong)) for one in checked if not one.agrees))


def _report(claims: Claims, found: Reconstruction, held: list[_Held], options: str, seconds: float) -> str:
    """Write the section: what agrees, P values apart, which are targets and no conditions."""
    tests = {claim.id for claim in claims.claims.values() if isinstance(claim.value, PValue)}
    wrong = Counter(claim for one in held for claim, _ in one.wrong)
    told = {claim: what for one in held for claim, what in one.wrong}
    broken = {claim: count for claim, count in wrong.items() if claim not in tests}
    clean = sum(all(claim in tests for claim, _ in one.wrong) for one in held)
    checked = held[0].checked
    parts = [
        "## A thousand cohorts of the reference paper\n",
        f"`python -m validation.thousand_cohorts {options}`: {found.draws} cohorts of "
        f"{found.cohorts.height // found.draws} patients in {seconds:.0f} s, the search for contradictions included.\n",
        f"Of {len(claims.claims)} claims a cohort answers {checked}; {len(found.dropped)} fields are dropped, because "
        f"they contradict others. **{clean} of {found.draws} cohorts agree with every claim that is followed**, P "
        "values apart, as `validation/plain_check.py` counts, which shares no code with the solver.\n",
    ]
    if broken:
        rows = [(f"`{claim}`", count, told[claim]) for claim, count in sorted(broken.items())[:MOST_TOLD]]
        parts.append(markdown_table(("claim", "cohorts that do not agree", "such as"), rows) + "\n")
    parts += [
        "P values are targets: a P value printed to three digits may be one that the test of no such data has, and the "
        "report does not say which test it used of which variable.\n",
        _p_values(claims, found),
        "",
    ]
    return "\n".join(parts)


def _p_values(claims: Claims, found: Reconstruction) -> str:
    rows = []
    for claim, ps in found.p_values.items():
        value = claims.claims[claim].value
        assert isinstance(value, PValue)
        known = sorted(p for p in ps if not isnan(p))
        middle = known[len(known) // 2] if known else float("nan")
        shown = f"{'<' if value.below else ''}{value.p}"
        rows.append((claims.claims[claim].quantity, shown, found.reached.get(claim, 0), f"{middle:.4f}"))
    return markdown_table(("compared", "P printed", f"reached, of {found.draws}", "median P reached"), rows)


if __name__ == "__main__":
    main()
