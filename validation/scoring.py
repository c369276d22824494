"""Scoring of audited papers with planted errors: what was caught, what was accused and is right, in one section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validation.estimates import exact_limits
from validation.planting import Edit, Kind
from validation.running import markdown_table

if TYPE_CHECKING:
    from validation.planted_errors import Outcome

__all__ = ["MOST_TIED", "Scored", "report", "score", "share"]

MOST_TIED = 4
"""Claims among which the error is told to be, at most, for it to count as caught."""
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Scored:
    """A planted error, and whether it was caught.

    Attributes
    ----------
    number : int
        Of the paper.
    edit : Edit
    constrained : tuple of str
    tied : frozenset of str
        Accused claims that the audit ties to the planted one, with that one itself where it is accused.
    caught : bool
        The planted claim, or a set of at most `MOST_TIED` claims with it, is accused.
    alone : bool
        The planted claim and no other is accused for it.
    """

    number: int
    edit: Edit
    constrained: tuple[str, ...]
    tied: frozenset[str]
    caught: bool
    alone: bool


def score(outcome: Outcome) -> tuple[Scored, ...]:
    """Score the errors of one paper. An error that the reader refuses by its claim's name is caught, alone."""
    scored = []
    for edit, constrained in zip(outcome.edits, outcome.constrained, strict=True):
        if outcome.refused:
            named = f"{edit.claim!r}" in outcome.refused
            tied = frozenset({edit.claim} if named else ())
            scored.append(Scored(outcome.number, edit, constrained, tied, named, named))
            continue
        tied = _tied(outcome, edit.claim)
        accused = edit.claim in tied
        named = accused or any(edit.claim in alarm.others and len(alarm.others) < MOST_TIED for alarm in outcome.alarms)
        caught = named and len(tied | {edit.claim}) <= MOST_TIED
        scored.append(Scored(outcome.number, edit, constrained, tied, caught, accused and len(tied) == 1))
    return tuple(scored)


def _tied(outcome: Outcome, planted: str) -> frozenset[str]:
    """Accused claims that name the planted one among those they were held against, or that it names."""
    own = next((alarm.others for alarm in outcome.alarms if alarm.claim == planted), ())
    return frozenset(
        alarm.claim
        for alarm in outcome.alarms
        if alarm.claim == planted or planted in alarm.others or alarm.claim in own
    )


def share(count: int, size: int) -> str:
    """A count of a size in percent, with its limits."""
    if size == 0:
        return "none"
    low, high = exact_limits(count, size)
    places = 1 if size < 2000 else 2
    return f"{count}/{size}, {100 * count / size:.{places}f}% ({low:.{places}f} to {high:.{places}f})"


def report(outcomes: Sequence[Outcome], options: str, seconds: float) -> str:
    """Write the section."""
    scored = {outcome.number: score(outcome) for outcome in outcomes}
    every = [one for scores in scored.values() for one in scores]
    parts = [
        "## Planted errors: what the audit finds\n",
        f"`python -m validation.planted_errors {options}`: {len(outcomes)} synthetic papers of simulated trials, "
        f"{sum(outcome.claims for outcome in outcomes)} claims, {len(every)} planted errors, in {seconds:.0f} s "
        f"(audit: {_median([outcome.seconds for outcome in outcomes if outcome.seconds]):.2f} s a paper, median).\n",
        f"An error is caught where the audit accuses the claim that has it, or at most {MOST_TIED} claims of which it "
        "is one (a contradiction cannot always say which side is wrong). *Constrained* errors break an exact relation "
        "to another printed number (`validation/constrained.py`, settled before the audit runs); of an *unconstrained* "
        "one nothing else in the paper tells, so it can hardly be found: most are P values of tests that need the "
        "patients, and counts that are printed once and are part of no total. Specificity is the share of claims that "
        "are right and not accused, those left out that are told to be wrong unless the planted one is.\n",
        _kinds(outcomes, scored),
        "\nBy the place of the error:\n",
        _varieties(every),
        "\n" + "\n".join(_specificity(outcomes, scored)),
        "\n### Missed, though constrained\n",
        *(_missed(every) or ["None."]),
        "\n### Accused, though right\n",
        *(_false(outcomes, scored) or ["None."]),
    ]
    return "\n".join(parts) + "\n"


def _kinds(outcomes: Sequence[Outcome], scored: Mapping[int, tuple[Scored, ...]]) -> str:
    rows = []
    for kind in (None, *Kind):
        own = [outcome for outcome in outcomes if outcome.kind is kind]
        mine = [one for outcome in own for one in scored[outcome.number]]
        rows.append((kind.value if kind else "none (clean)", len(mine), *_caught(mine), share(*_right(own, scored))))
    every = [one for scores in scored.values() for one in scores]
    rows.append(("all", len(every), *_caught(every), share(*_right(outcomes, scored))))
    return markdown_table(
        (
            "kind of error",
            "planted",
            "caught",
            "caught where constrained",
            "of them named alone",
            "caught where unconstrained",
            "specificity",
        ),
        rows,
    )


def _caught(mine: Sequence[Scored]) -> tuple[str, str, str, str]:
    held = [one for one in mine if one.constrained]
    free = [one for one in mine if not one.constrained]
    return (
        share(sum(one.caught for one in mine), len(mine)),
        share(sum(one.caught for one in held), len(held)),
        share(sum(one.alone for one in held), len(held)),
        share(sum(one.caught for one in free), len(free)),
    )


def _right(outcomes: Sequence[Outcome], scored: Mapping[int, tuple[Scored, ...]]) -> tuple[int, int]:
    """Claims that are right and not accused, of how many that are right and not tied to a planted one."""
    right, untouched = 0, 0
    for outcome in outcomes:
        if not outcome.refused:
            wrong = len(_accused_but_right(outcome, scored[outcome.number]))
            apart = frozenset().union(*(one.tied | {one.edit.claim} for one in scored[outcome.number]))
            untouched += outcome.claims - len(apart)
            right += outcome.claims - len(apart) - wrong
    return right, untouched


def _varieties(every: Sequence[Scored]) -> str:
    keys = sorted({(one.edit.kind.value, one.edit.variety) for one in every})
    rows = []
    for kind, variety in keys:
        mine = [one for one in every if one.edit.kind.value == kind and one.edit.variety == variety]
        _, held, _, free = _caught(mine)
        rows.append((kind, variety, held, free))
    return markdown_table(("kind of error", "where", "constrained: caught", "unconstrained: caught"), rows)


def _specificity(outcomes: Sequence[Outcome], scored: Mapping[int, tuple[Scored, ...]]) -> Iterator[str]:
    clean = [outcome for outcome in outcomes if outcome.kind is None and not outcome.refused]
    quiet = sum(not outcome.alarms for outcome in clean)
    yield f"Clean papers without any accusation: {share(quiet, len(clean))}.\n"
    untouched = share(*_right(outcomes, scored))
    yield f"Untouched claims that are not accused (those tied to a planted one left out): {untouched}.\n"
    beside = [len(one.tied - {one.edit.claim}) for scores in scored.values() for one in scores]
    with_others = sum(number > 0 for number in beside)
    yield (
        f"Claims that are right and were accused together with the planted one, as one of which one is wrong or "
        f"because they rest on it: {sum(beside)}, in {share(with_others, len(beside))} of the errors.\n"
    )
    refused = sum(bool(outcome.refused) for outcome in outcomes)
    yield f"Papers that the reader already refused, naming the wrong claim: {refused}.\n"
    yield "Papers of seeds below 20 were looked at while the audit was made.\n"
    yield (
        "These papers round once, state their tests, and leave out nothing. Reports of people do not: expect fewer "
        "errors found, and more numbers accused that are only told carelessly."
    )


def _accused_but_right(outcome: Outcome, scores: Sequence[Scored]) -> list[int]:
    apart = frozenset().union(*(one.tied | {one.edit.claim} for one in scores))
    return [place for place, alarm in enumerate(outcome.alarms) if alarm.claim not in apart]


def _missed(every: Sequence[Scored]) -> list[str]:
    lines = []
    for kind in Kind:
        mine = [one for one in every if one.edit.kind is kind and one.constrained and not one.caught]
        lines += [
            f"- {kind.value}, paper {one.number}: `{one.edit.claim}` {one.edit}; it breaks {', '.join(one.constrained)}"
            + (f"; {len(one.tied)} claims accused" if one.tied else "")
            for one in mine[:EXAMPLES]
        ]
        if len(mine) > EXAMPLES:
            lines.append(f"- ... and {len(mine) - EXAMPLES} more of this kind")
    return lines


def _false(outcomes: Sequence[Outcome], scored: Mapping[int, tuple[Scored, ...]]) -> list[str]:
    found = [
        (outcome, outcome.alarms[place])
        for outcome in outcomes
        for place in _accused_but_right(outcome, scored[outcome.number])
    ]
    lines = [
        f"- paper {outcome.number} ({outcome.kind or 'clean'}): `{alarm.claim}`, {alarm.verdict}: {alarm.note}"
        for outcome, alarm in found[: 3 * EXAMPLES]
    ]
    return lines + ([f"- ... and {len(found) - len(lines)} more"] if len(found) > len(lines) else [])


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0
