"""How many planted errors the audit finds, of each kind, and how often it accuses a number that is right.

    PYTHONPATH=. .venv/bin/python -m validation.planted_errors --papers 1000

``--show 137`` prints one paper of the run: what was planted, and every verdict against it.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.claims import ClaimsError
from validation.constrained import broken_relations
from validation.planting import Edit, Kind, plant
from validation.running import in_parallel, write_section
from validation.synthetic_paper import draw_paper

if TYPE_CHECKING:
    from validation.paper import Paper

__all__ = ["Alarm", "Outcome", "main", "paper_of", "run"]

KINDS: tuple[Kind | None, ...] = (None, *Kind)
ALARMS = frozenset({"mismatch", "misprint", "impossible", "other method"})


@dataclass(frozen=True, slots=True)
class Alarm:
    """A claim that the audit finds amiss."""

    claim: str
    verdict: str
    note: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One paper audited.

    Attributes
    ----------
    number : int
        Which paper of the run; with the run's seed it makes the paper again.
    kind : Kind or None
        None for a clean paper.
    claims : int
        How many it has.
    edits : tuple of Edit
        The errors planted.
    constrained : tuple of tuple of str
        For each error, the relations to other printed numbers that it breaks.
    alarms : tuple of Alarm
    refused : str
        What the reader says where it already refuses the paper.
    seconds : float
        Of the audit.
    """

    number: int
    kind: Kind | None
    claims: int
    edits: tuple[Edit, ...]
    constrained: tuple[tuple[str, ...], ...]
    alarms: tuple[Alarm, ...]
    refused: str
    seconds: float


def paper_of(number: int, seed: int, errors: int = 1) -> tuple[Kind | None, Paper, tuple[Edit, ...]]:
    """A paper of a run: every seventh is clean, the others take the kinds of error in turn."""
    _, paper = draw_paper(100_000 * seed + number)
    kind = KINDS[number % len(KINDS)]
    if kind is None:
        return kind, paper, ()
    paper, edits = plant(paper, kind, np.random.Generator(np.random.Philox([seed, number, 4])), errors)
    return kind, paper, edits


def run(number: int, seed: int, errors: int = 1) -> Outcome:
    """Make a paper, settle which of its errors are constrained, and only then audit it."""
    from branchpoint.publication.audit.report import audit

    kind, paper, edits = paper_of(number, seed, errors)
    try:
        claims = paper.read()
    except ClaimsError as error:
        by_reader = tuple(("the reader",) for _ in edits)
        return Outcome(number, kind, len(paper.claims), edits, by_reader, (), str(error), 0.0)
    constrained = tuple(broken_relations(claims, edit.claim) for edit in edits)
    before = perf_counter()
    audited = audit(claims)
    seconds = perf_counter() - before
    alarms = tuple(Alarm(one.id, str(one.verdict), one.note, one.others) for one in audited if one.verdict in ALARMS)
    return Outcome(number, kind, len(claims.claims), edits, constrained, alarms, "", seconds)


def main(arguments: list[str] | None = None) -> None:
    """Run the measure from the command line."""
    from validation.scoring import report

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=1000)
    parser.add_argument("--errors", type=int, default=1, help="errors in each paper that is not clean")
    # Lower seeds were looked at while the audit was made.
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--show", type=int, help="print one paper of the run instead")
    parser.add_argument("--toml", action="store_true", help="with --show: print its claims file too")
    parser.add_argument("--json", type=Path, help="write every outcome here too")
    parser.add_argument("--dry", action="store_true", help="print the section instead of writing it")
    given = parser.parse_args(arguments)
    if given.show is not None:
        _show(given.show, given.seed, given.errors, toml=given.toml)
        return
    before = perf_counter()
    one = partial(run, seed=given.seed, errors=given.errors)
    outcomes = in_parallel(one, range(given.papers), "Auditing papers", given.processes)
    options = f"--papers {given.papers} --errors {given.errors} --seed {given.seed}"
    text = report(outcomes, options, perf_counter() - before)
    if given.json:
        given.json.write_text(json.dumps([_plain(outcome) for outcome in outcomes], indent=1), encoding="utf-8")
    if given.dry:
        sys.stdout.write(text)
    else:
        write_section("planted_errors", text)


def _plain(outcome: Outcome) -> dict[str, object]:
    edits = [
        {"kind": edit.kind, "variety": edit.variety, "claim": edit.claim, "changed": dict(edit.changed)}
        for edit in outcome.edits
    ]
    alarms = [asdict(alarm) for alarm in outcome.alarms]
    return {
        **{name: getattr(outcome, name) for name in ("number", "kind", "claims", "constrained", "refused", "seconds")},
        "edits": edits,
        "alarms": alarms,
    }


def _show(number: int, seed: int, errors: int, *, toml: bool) -> None:
    outcome = run(number, seed, errors)
    lines = [f"paper {number}, {outcome.claims} claims, {outcome.kind or 'clean'}; {outcome.seconds:.2f} s"]
    for edit, constrained in zip(outcome.edits, outcome.constrained, strict=True):
        lines.append(f"planted in {edit.claim}: {edit} ({edit.variety}); breaks {', '.join(constrained) or 'nothing'}")
    lines += [f"{alarm.verdict}: {alarm.claim}: {alarm.note} [{', '.join(alarm.others)}]" for alarm in outcome.alarms]
    lines += [outcome.refused] if outcome.refused else []
    lines += [paper_of(number, seed, errors)[1].toml] if toml else []
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
