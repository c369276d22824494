"""Stated tests: what a report says of the test behind a number, in families of tests that a program can compute."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from branchpoint.publication.claims import Claim

__all__ = ["Stated", "stated"]

# The first pattern of a block that fits names the family, so that a special form is not taken for the general one.
_BLOCKS = (
    (
        (r"mid.?p", "mid-p"),
        (r"exact (pearson('s)? )?(chi|χ)", "exact chi-square"),
        (r"fisher|freeman|halton|^exact", "fisher"),
    ),
    (
        (r"\b(without|no) ([\w'’]+ )?(continuity|correction)|uncorrected", "uncorrected"),
        (r"\byates?\b|continuity", "yates"),
        (r"exact (pearson('s)? )?(chi|χ)", "exact chi-square"),
        (r"mantel.haenszel|stratified", "unknown"),
        (r"chi|χ|pearson|\bx2\b", "chi-square"),
    ),
    ((r"barnard", "barnard"),),
    ((r"likelihood|\bg.test", "likelihood ratio"),),
    ((r"trend|armitage|linear.by.linear", "trend"),),
    ((r"\bz\b|proportions? test|test (of|for) (\w+ )?proportions", "z"),),
    ((r"logistic", "logistic"),),
    ((r"wilcoxon|mann|rank.?sum|\bu.test", "rank sum"),),
    ((r"kruskal", "kruskal"),),
    ((r"welch", "welch"), (r"\bt\b|student", "t")),
    ((r"anova|analysis of variance|\bf.test", "anova"),),
    ((r"log.?rank|mantel.cox", "log-rank"), (r"\bcox|proportional hazards", "cox")),
)
_BEYOND = frozenset({"unknown", "logistic", "log-rank", "cox"})
_ONE = re.compile(r"\b(one|1|single).?(sided|tailed)")
_TWO = re.compile(r"\b(two|2).?(sided|tailed)")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a report says of a test.

    Attributes
    ----------
    names : tuple of str
        In its words; empty where it says nothing.
    families : frozenset of str
        The tests meant. Empty where it says nothing, or names none that is known here.
    sides : int
        2 where it says nothing.
    beyond : tuple of str
        The words among ``names`` for tests that need more than a table or means: whatever P value is printed, one of
        these may have given it.
    """

    names: tuple[str, ...]
    families: frozenset[str]
    sides: int
    beyond: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The words, for a note."""
        return " or ".join(self.names) or "no test"


def stated(claim: Claim, names: tuple[str, ...], sides: int | None) -> Stated:
    """Read which test a report states for a P value.

    Parameters
    ----------
    claim : Claim
        Its own method, where it has one, goes before what the report says of its tests in general.
    names : tuple of str
        The tests that the report names for such variables.
    sides : int or None
        The sides of its tests in general; those of the claim, or in the words of its method, go before.
    """
    own = () if claim.method is None else (claim.method,)
    words = own or names
    meant = {word: frozenset(_families(word.lower())) for word in words}
    families = frozenset[str]().union(*meant.values()) - {"unknown"}
    beyond = tuple(word for word in words if not meant[word] or meant[word] & _BEYOND)
    return Stated(words, families, getattr(claim.value, "sides", None) or _sides(own) or sides or 2, beyond)


def _families(word: str) -> list[str]:
    fits = ([family for pattern, family in block if re.search(pattern, word)] for block in _BLOCKS)
    return [found[0] for found in fits if found]


def _sides(words: tuple[str, ...]) -> int | None:
    text = " ".join(words).lower()
    return 1 if _ONE.search(text) else 2 if _TWO.search(text) else None
