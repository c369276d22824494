"""Kleene's connectives over True, False and None (not known). The only place where they are written for one patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Truth", "every", "negation", "some", "threshold"]

Truth = bool | None


def negation(truth: Truth) -> Truth:
    """Not."""
    return None if truth is None else not truth


def every(truths: Collection[Truth]) -> Truth:
    """And: no outweighs not known."""
    return False if False in truths else None if None in truths else True


def some(truths: Collection[Truth]) -> Truth:
    """Or: yes outweighs not known."""
    return True if True in truths else None if None in truths else False


def threshold(count: int, truths: Collection[Truth]) -> Truth:
    """At least `count`: yes if those that hold suffice, no if those that may hold do not, else not known."""
    hold, fail = sum(truth is True for truth in truths), sum(truth is False for truth in truths)
    return True if hold >= count else False if len(truths) - fail < count else None
