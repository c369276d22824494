"""Survival groups: estimates of one endpoint held against each other, of a whole and its parts and of two times."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from math import ceil, inf, prod
from typing import TYPE_CHECKING

from branchpoint.publication.audit.luck import as_printed
from branchpoint.publication.audit.partitions import making_up
from branchpoint.publication.audit.pooled_paths import Part, pooled
from branchpoint.publication.audit.risk_paths import Box
from branchpoint.publication.audit.survival_precision import beside
from branchpoint.publication.audit.telling import duration
from branchpoint.publication.audit.verdicts import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from branchpoint.publication.audit.boxes import Boxes
    from branchpoint.publication.audit.survival_fits import Group
    from branchpoint.publication.audit.survival_precision import Judgment
    from branchpoint.publication.claims import Claims, Survival

__all__ = ["Judged", "held_together", "proved_apart"]

MOST_PATHS = 400
"""Paths of one group that are followed; with more, that groups disagree is not proved."""
MOST_STATES = 20_000
"""Counts of events done, one a group, over all choices of paths that are tried."""
MOST_TRIED = 20_000
"""Risk sets of all, visited in the searches for one whole and its parts; with more, nothing is proved."""
_EDGE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A survival claim of a group (its ``label`` and ``box``), with what it is worth by itself."""

    id: str
    place: str
    label: str
    variable: str
    box: int
    value: Survival
    group: Group
    judgment: Judgment

    @property
    def size(self) -> int:
        """How many patients."""
        return self.group.size

    @property
    def text(self) -> str:
        """The estimate and the group, for a note."""
        return f"{self.value.percent}% of {self.group.size} ({self.label})"


@dataclass(frozen=True, slots=True, eq=False)
class _Whole:
    """An estimate of a whole beside those of its parts, and what holding them together showed."""

    whole: Judged
    parts: tuple[Judged, ...]
    agree: bool
    tried: int
    note: str

    @property
    def members(self) -> tuple[Judged, ...]:
        return self.whole, *self.parts


def held_together(claims: Claims, boxes: Boxes, judged: Sequence[Judged]) -> Iterator[Finding]:
    """Hold estimates against each other.

    A whole and parts that make it up must have risk sets that fit each other; survival must not rise with time.

    Parameters
    ----------
    claims : Claims
    boxes : Boxes
        Of the same claims; they say which groups make up which.
    judged : sequence of Judged
        Estimates of times to events, one for each group and time.

    Yields
    ------
    Finding
        "Match" for a whole and its parts that agree. "Mismatch", only if it is proved, for those of a set with the
        least support: by other sets that they agree with, and by their own limits.
    """
    yield from _over_time(claims, judged)
    held = [found for one in _wholes(boxes, judged) if (found := _hold(*one)) is not None]
    support = {one.id: _own_support(one) for one in judged}
    for one in held:
        if one.agree:
            for member in one.members:
                support[member.id] += 1
    for one in held:
        least = min(support[member.id] for member in one.members)
        for member in one.members:
            if one.agree or support[member.id] == least:
                yield from (_finding(one, member, again.id) for again in judged if _repeats(again, member))


def proved_apart(boxes: Boxes, judged: Sequence[Judged]) -> bool:
    """Whether some whole and its parts have no risk sets that fit each other, as a complete search shows."""
    held = (_hold(*one) for one in _wholes(boxes, judged))
    return any(found is not None and not found.agree for found in held)


def _repeats(again: Judged, one: Judged) -> bool:
    """Whether an estimate is this one, or prints it again."""
    same = again.variable, again.box, again.value.at, again.value.percent
    return same == (one.variable, one.box, one.value.at, one.value.percent)


def _own_support(one: Judged) -> int:
    if one.judgment.verdict in (Verdict.IMPOSSIBLE, Verdict.MISMATCH):
        return -1
    return int(one.judgment.exact)


def _finding(held: _Whole, member: Judged, name: str) -> Finding:
    others = tuple(other.id for other in held.members if other is not member)
    if held.agree:
        return Finding(name, Verdict.MATCH, None, "whole and parts", held.tried, None, held.note, others)
    share = sum(part.value.percent * part.group.size for part in held.parts) / held.whole.group.size
    recomputed = None
    if member is held.whole:
        recomputed = f"{as_printed(float(share), member.value.percent)}%"
    return Finding(name, Verdict.MISMATCH, recomputed, "whole and parts", held.tried, None, held.note, others)


def _over_time(claims: Claims, judged: Sequence[Judged]) -> Iterator[Finding]:
    """Survival that is higher later."""
    for one, other in combinations(sorted(judged, key=lambda each: each.value.at), 2):
        same = one.variable == other.variable and one.box == other.box and one.value.at < other.value.at
        if same and other.judgment.box.low > one.judgment.box.high + _EDGE:
            unit = claims.variables[one.variable].unit
            for member, rest in ((one, other), (other, one)):
                at = duration(rest.value.at, unit)
                note = f"It is {rest.value.percent}% at {at} ({rest.place}), and survival does not rise."
                yield Finding(member.id, Verdict.MISMATCH, None, "order in time", note=note, others=(rest.id,))


def _wholes(boxes: Boxes, judged: Sequence[Judged]) -> Iterator[tuple[Judged, tuple[Judged, ...]]]:
    """Wholes with parts that are disjoint, lie within it and are as many; of each the claim that prints most."""
    together: Mapping[tuple[str, Decimal], dict[int, Judged]] = defaultdict(dict)
    for one in sorted(judged, key=lambda each: -len(beside(each.value))):
        together[one.variable, one.value.at].setdefault(one.box, one)
    for groups in together.values():
        for whole in groups.values():
            within = [one for one in groups.values() if one is not whole and one.box & ~whole.box == 0]
            yield from ((whole, parts) for parts in making_up(boxes, whole.size, within))


def _hold(whole: Judged, parts: tuple[Judged, ...]) -> _Whole | None:
    """Search for risk sets of the parts that pool to those of the whole; None where nothing is proved."""
    told = f"{whole.text} and, of its parts, {', '.join(part.text for part in parts)}"
    choices = [_choices(part) for part in parts]
    if not all(paths for paths, _ in choices) or whole.judgment.box.low <= 0:
        return None
    if beyond := _beyond(whole, parts):
        return _Whole(whole, parts, False, 1, f"{told}: {beyond}.")
    complete, tried, states = all(every for _, every in choices), 0, 0
    for chosen in product(*(paths for paths, _ in choices)):
        states += prod(len(part.path) + 1 for part in chosen)
        if states > MOST_STATES or tried > MOST_TRIED:
            return None
        found = pooled(chosen, whole.judgment.box)
        tried, complete = tried + found.tried, complete and found.proved
        if found.path is not None:
            note = f"{told} agree, in some order of events and censorings."
            return _Whole(whole, parts, True, tried, note)
    return _Whole(whole, parts, False, tried, f"{told}: {_apart(whole, parts, choices)}.") if complete else None


def _choices(part: Judged) -> tuple[list[Part], bool]:
    """The paths of a part, and whether they are all."""
    judgment, group = part.judgment, part.group
    if judgment.paths is None:
        return [Part(group.size, ())] if judgment.box.high >= 1 else [], 1 - 1 / group.size < judgment.box.low
    paths = judgment.paths if judgment.box.most_error == inf else group.paths(judgment.box)
    kept = min(len(paths), MOST_PATHS)
    if kept and paths.events[0] >= MOST_STATES:
        # Too long to be pooled, which one of them tells as well as all.
        kept = 1
    return [Part(group.size, paths.path(place)) for place in range(kept)], paths.complete and kept == len(paths)


def _beyond(whole: Judged, parts: Sequence[Judged]) -> str:
    """Say so, if the whole is out of the reach of any parts: by their product, or by the deaths that they need."""
    least = prod(part.judgment.box.low for part in parts)
    if whole.judgment.box.high < least - _EDGE:
        return f"whatever is censored, the whole is not below the product of its parts, {100 * least:.1f}%"
    # The steepest fall of so many events is that of the last patients at risk but one, to 1 in events + 1.
    events = sum(ceil(1 / part.judgment.box.high - 1 - _EDGE) for part in parts)
    if whole.judgment.box.low > 1 - events / whole.group.size + _EDGE:
        return f"the parts need {events} events at the least, and then the whole is at most {whole.group.size - events}"
    return ""


def _apart(whole: Judged, parts: Sequence[Judged], choices: Sequence[tuple[list[Part], bool]]) -> str:
    share = sum(float(part.value.percent) * part.group.size for part in parts) / whole.group.size
    alone = Box(whole.judgment.box.low, whole.judgment.box.high)
    note = f"pooled they give {share:.1f}% if nobody is censored, and {whole.value.percent}% "
    if whole.judgment.box.most_error < inf:
        for chosen in product(*(paths for paths, _ in choices)):
            found = pooled(chosen, alone)
            if found.path is not None:
                return f"{note}with what is beside it in no order of events and censorings"
    return f"{note}in no order of events and censorings"
