"""Reconstructed cohorts as one self-contained page: what contradicts what, what was reached, what is left open."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from branchpoint.publication.reconstruct_study import BANNER
from branchpoint.reporting.audit_page import CHECK, DIAMOND, RING, TRIANGLE, by_part
from branchpoint.reporting.audit_text import people
from branchpoint.reporting.figures.curve_bands import curve_bands
from branchpoint.reporting.figures.figure import COMPACT, WIDE
from branchpoint.reporting.figures.rendering import figure_svg
from branchpoint.reporting.notation import sentence
from branchpoint.reporting.pages import render
from branchpoint.reporting.reconstruction_bars import p_rows, widest_parts
from branchpoint.reporting.reconstruction_claims import MEANINGS, Stance, stances
from branchpoint.reporting.reconstruction_conflicts import conflict_words, left_outs, others_of
from branchpoint.reporting.reconstruction_text import BORDERS, agreement, drawn_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from branchpoint.publication.reconstruction.cohort import Reconstruction

__all__ = ["reconstruction_page"]

_HALF = "M8 .8a7.2 7.2 0 1 0 0 14.4A7.2 7.2 0 0 0 8 .8zM8 2.8v10.4A5.2 5.2 0 0 0 8 2.8z"
_TARGET = (
    "M8 .8a7.2 7.2 0 1 0 0 14.4A7.2 7.2 0 0 0 8 .8zM8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6z"
    "M8 5.4a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2z"
)
_SIGNS: Mapping[Stance, str] = MappingProxyType(
    {
        Stance.FOLLOWED: CHECK,
        Stance.IN_PART: _HALF,
        Stance.NOT_FOLLOWED: DIAMOND,
        Stance.MISSED: TRIANGLE,
        Stance.AIMED: _TARGET,
        Stance.NOT_ASKED: RING,
    }
)
_OPEN = (Stance.IN_PART, Stance.NOT_FOLLOWED, Stance.MISSED)
_MADE = (
    "Patients who do not exist were drawn so that, together, they have the numbers that the report prints: not one "
    "cohort but many, so that what the report leaves open shows as spread."
)


def reconstruction_page(found: Reconstruction, spread: pl.DataFrame, data: Mapping[str, Any]) -> str:
    """Render reconstructed cohorts.

    Parameters
    ----------
    found : Reconstruction
    spread : DataFrame
        As `branchpoint.publication.reconstruction.spread.spread` gives it.
    data : mapping
        As `branchpoint.reporting.reconstruction_data.reconstruction_data` gives it.
    """
    stood: dict[str, Any] = {**stances(found)}
    counts = Counter(one.verdict for one in stood.values())
    widest = widest_parts(found, spread)
    return render(
        "reconstruction.html.j2",
        claims=found.claims,
        banner=sentence(BANNER),
        made=_MADE,
        conflict=conflict_words(found),
        drawn=f"{drawn_words(found)} were drawn." if found.draws > 1 else f"{drawn_words(found)} was drawn.",
        agreement=agreement(found),
        counts={stance: counts[stance] for stance in Stance},
        meanings=MEANINGS,
        signs=_SIGNS,
        borders=BORDERS,
        left_outs=left_outs(found),
        others=others_of,
        complete=found.contradictions.complete,
        set_aside=data["set_aside"],
        p_values=p_rows(found),
        widest=widest,
        more=spread.height - sum(len(part["rows"]) for part in widest),
        figures=list(_figures(found)),
        stood=stood,
        parts=by_part(stood.values()),
        open_ones=[stance for stance in _OPEN if counts[stance]],
        people=partial(people, found.claims),
        draws=found.draws,
        patients=data["patients"],
        seed=found.seed,
        sha256=data["claims_sha256"],
    )


def _figures(found: Reconstruction) -> Iterator[dict[str, Any]]:
    """Each figure as it is drawn for a page and for a telephone; its words are the page's."""
    for wide, narrow in zip(curve_bands(found, WIDE), curve_bands(found, COMPACT), strict=True):
        drawn = {
            name: figure_svg(replace(figure, footnote=()), width, title=False)
            for name, figure, width in (("wide", wide, WIDE), ("narrow", narrow, COMPACT))
        }
        yield {"id": wide.id, "title": wide.title, "caption": wide.caption,
               "footnote": wide.footnote, **drawn}  # fmt: skip
