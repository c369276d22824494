"""Known counts: how many patients fulfill a condition, by everything that a report prints."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchpoint.publication.audit.additions import Addition, additions, enclosing, within_one
from branchpoint.publication.audit.blame import Blame, blame
from branchpoint.publication.audit.boxes import NOBODY, Boxes
from branchpoint.publication.audit.derivations import Derivation, derive
from branchpoint.publication.audit.printed_counts import PrintedCount, printed_counts
from branchpoint.publication.audit.relations import Relation, relations
from branchpoint.publication.claims.conditions import Condition
from branchpoint.publication.claims.values import PValue, Sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from branchpoint.publication.claims import Claims

__all__ = ["Known", "KnownCounts", "known_counts"]


@dataclass(frozen=True, slots=True)
class Known:
    """A number of patients, and what it is known from.

    Attributes
    ----------
    value : int
    claims : tuple of str
        Ids of the claims behind it. None where the size of a population alone gives it.
    how : str
        "printed", "the only count of 34 that prints as 79.4%", "52 - 18".
    said : bool
        Whether it rests on what is printed, and on the sizes of groups that hold all of these patients. The size of any
        other group may have been counted by whoever wrote the file, from the very number in question.
    """

    value: int
    claims: tuple[str, ...]
    how: str
    said: bool = True


@dataclass(frozen=True, slots=True)
class KnownCounts:
    """The counts of a report, with every way to know them. Made by `known_counts`.

    Attributes
    ----------
    boxes : Boxes
    printed : mapping of str to PrintedCount
        By name.
    found : mapping of int to sequence of Derivation
        All derivations of each box, printed ones first.
    trusted : mapping of int to sequence of Derivation
        Those that no claim blamed for a contradiction has a part in.
    relations : tuple of Relation
    blame : Blame
    """

    boxes: Boxes
    printed: Mapping[str, PrintedCount]
    found: Mapping[int, Sequence[Derivation]]
    trusted: Mapping[int, Sequence[Derivation]]
    relations: tuple[Relation, ...]
    blame: Blame

    def of(self, condition: Condition) -> Known | None:
        """The best supported number of patients who fulfill a condition; None where nothing printed gives it.

        What is printed comes before what is derived, and whatever is blamed for a contradiction comes last. No number
        below 0 is given, which printed counts that contradict each other may come to.
        """
        return next(self._sources(self.boxes.of(condition)), None)

    def without(self, condition: Condition, claim: str) -> Known | None:
        """The best supported number that a claim itself has no part in, one that is said before any other."""
        found = [known for known in self._sources(self.boxes.of(condition)) if claim not in known.claims]
        return next((known for known in found if known.said), next(iter(found), None))

    def _sources(self, box: int) -> Iterator[Known]:
        if box == NOBODY:
            yield Known(0, (), "nobody, by the rules of the report")
        seen = set()
        for derivations in (self.trusted, self.found):
            for way in derivations.get(box) or self._asked(box, derivations):
                if way.value >= 0 and way.names not in seen:
                    seen.add(way.names)
                    yield self._known(way, box)

    def _asked(self, box: int, derivations: Mapping[int, Sequence[Derivation]]) -> Sequence[Derivation]:
        """A box that nothing is printed of, by the wholes that it is a part of."""
        for name in self.boxes.constrained(box):
            field = self.boxes.fields[name]
            whole = self.boxes.close(box | field)
            parts = {
                other & field & whole
                for other in derivations
                if other > NOBODY and self.boxes.close(whole & ~field | other & field & whole) == other
            }
            sums = tuple(within_one(self.boxes, whole, name, {*parts, box & field}))
            inside = dict.fromkeys(part for addition in sums for part in (addition.whole, *addition.parts))
            found = derive({part: derivations[part] for part in inside if part in derivations}, sums)
            if box in found:
                return found[box]
        return ()

    def _known(self, way: Derivation, box: int) -> Known:
        claims = tuple(name for name in way.terms if self.printed[name].claim is not None)
        sizes = [self.printed[name].box for name in way.terms if self.printed[name].claim is None]
        said = all(size == NOBODY or (size != box and not box & ~size) for size in sizes)
        return Known(way.value, claims, self.how(way), said)

    def how(self, way: Derivation) -> str:
        """A derivation in numbers, such as "52 - 18"."""
        if len(way.terms) == 1:
            return self.printed[next(iter(way.terms))].how
        terms = sorted(way.terms.items(), key=lambda term: -term[1])
        text = "".join(f" {'+' if times > 0 else '-'} {self.printed[name].value}" for name, times in terms)
        return text.removeprefix(" + ").strip() or "nobody, by the rules of the report"


def known_counts(claims: Claims) -> KnownCounts:
    """Find every count that follows from the claims of a report.

    Parameters
    ----------
    claims : Claims

    Returns
    -------
    KnownCounts
    """
    boxes = Boxes(claims)
    printed = {count.name: count for count in printed_counts(claims, boxes)}
    sums = (*additions(boxes, _nodes(claims, boxes)), *_stated(claims, printed))
    found = derive(_by_box(printed.values()), sums)
    held = relations(found, printed.values())
    blamed = blame(held, printed)
    trusted = found
    if blamed.suspects:
        trusted = derive(_by_box(count for count in printed.values() if count.name not in blamed.suspects), sums)
    return KnownCounts(boxes, printed, found, trusted, held, blamed)


def _by_box(counts: Iterable[PrintedCount]) -> dict[int, list[Derivation]]:
    found: dict[int, list[Derivation]] = defaultdict(list)
    for count in sorted(counts, key=lambda count: (count.claim is None, count.how != "printed")):
        found[count.box].append(Derivation(count.value, {count.name: 1}))
    return found


def _nodes(claims: Claims, boxes: Boxes) -> set[int]:
    """Everybody who is counted anywhere, and the wholes that they are part of."""
    conditions = {population.where for population in claims.populations.values() if population.where is not None}
    counted = (claims.condition(claim) for claim in claims.claims.values())
    conditions |= {condition for condition in counted if condition is not None} | set(_compared(claims))
    return {boxes.of(whole) for condition in conditions for whole in enclosing(condition)}


def _compared(claims: Claims) -> Iterator[Condition]:
    """Who is counted in the tables behind the P values."""
    for claim in claims.claims.values():
        if not isinstance(claim.value, PValue):
            continue
        variable = claims.variables.get(claim.variable or "")
        events = [] if claim.event is None else [claim.event]
        if variable is not None:
            events += [Condition({variable.id: frozenset({level})}) for level in variable.levels]
        wheres = (claims.populations[group].where for group in claim.value.groups)
        yield from (where & event for where in wheres if where is not None for event in events)


def _stated(claims: Claims, printed: Mapping[str, PrintedCount]) -> Iterator[Addition]:
    """The sums, and the repetitions under other conditions, that the report or the file states."""
    for claim in claims.claims.values():
        if isinstance(claim.value, Sum) and {claim.value.whole, *claim.value.parts} <= set(printed):
            yield Addition(printed[claim.value.whole].box, tuple(printed[part].box for part in claim.value.parts))
        if claim.same_as is not None and {claim.id, claim.same_as} <= set(printed):
            one, other = printed[claim.id].box, printed[claim.same_as].box
            if one != other:
                yield Addition(one, (other,))
