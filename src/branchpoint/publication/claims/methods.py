"""Methods: a test that is named in nearly the usual way is misspelled, and would be taken for one that nobody knows."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.claims.messages import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from branchpoint.publication.claims.entry import Entry

__all__ = ["check_methods"]

# Only names that no other word of a report is like: "person", "rates" and "Freedman" stand for themselves, and so
# Pearson, Yates and Freeman are not among them.
_USUAL: Mapping[str, str] = MappingProxyType(
    {
        "barnard": "Barnard",
        "clopper": "Clopper",
        "fisher": "Fisher",
        "greenwood": "Greenwood",
        "haenszel": "Haenszel",
        "kaplan": "Kaplan",
        "kruskal": "Kruskal",
        "logrank": "log-rank",
        "mcnemar": "McNemar",
        "student": "Student",
        "wallis": "Wallis",
        "welch": "Welch",
        "whitney": "Whitney",
        "wilcoxon": "Wilcoxon",
    }
)
_LIKENESS = 0.8
_SPACES, _DASHES = re.compile(r"[\s/,;()]+"), re.compile(r"[-\u2010-\u2015]")


def check_methods(entry: Entry, name: str, methods: Iterable[str]) -> None:
    """Refuse a method that misspells the name of a usual test; any other text is taken as it stands.

    Parameters
    ----------
    entry : Entry
    name : str
        The field that holds the methods.
    methods : iterable of str
    """
    for method in methods:
        usual = next(filter(None, map(_meant, _words(method))), None)
        if usual is not None:
            entry.refuse(name, f"a test by its usual name; did you mean {usual}?")
            return


@lru_cache(maxsize=1024)
def _meant(word: str) -> str | None:
    # What holds a name or begins one is no slip: "Fishers", "Wilcox".
    if any(known in word or known.startswith(word) for known in _USUAL):
        return None
    return _USUAL.get(nearest(word, _USUAL, _LIKENESS) or "")


def _words(method: str) -> list[str]:
    """The words of a text, in small letters; with a hyphen as one and as two."""
    parts = _SPACES.split(method.lower())
    return [re.sub(r"[\W\d_]", "", word) for part in parts for word in (part, *_DASHES.split(part))]
