"""Reconstructed cohorts in words: what contradicts what, what was reached, and what the report leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branchpoint.publication.printed import printed
from branchpoint.publication.reconstruct_study import BANNER
from branchpoint.reporting.audit_text import filled
from branchpoint.reporting.notation import number_words, quantity_words, sentence
from branchpoint.reporting.reconstruction_claims import missed, unit_of
from branchpoint.reporting.reconstruction_conflicts import conflict_words, left_outs, others_of
from branchpoint.reporting.reconstruction_data import p_value_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from branchpoint.publication.reconstruction.cohort import Reconstruction
    from branchpoint.publication.reconstruction.conflicts.contradictions import Said
    from branchpoint.reporting.reconstruction_conflicts import LeftOut

__all__ = [
    "BORDERS",
    "agreement",
    "drawn_words",
    "once_each",
    "p_words",
    "reconstruction_text",
    "short",
    "spread_words",
]

BORDERS = (
    "These patients do not exist. Together they show what was printed; singly they show nothing, of a treatment or of "
    "anybody's prospects.",
    "That cohorts agree with the numbers shows that these can be true together, not that they are true.",
    "A range is that of the cohorts drawn, and not a limit: what is possible may lie beyond it. Nor is what cohorts "
    "have more often more probable: they are drawn from what the report leaves open, by no model of the disease.",
    "One cohort is no data set to analyze, and many are no studies to pool. What differs between them is not known.",
)
"""What reconstructed cohorts are not, a sentence or two each."""
_WIDEST = 5
_GIVEN, _RANGE = 10, 19


def drawn_words(found: Reconstruction) -> str:
    """Say how many cohorts were drawn, of how many patients."""
    size = found.cohorts.height // found.draws
    cohorts = "1 cohort" if found.draws == 1 else f"{found.draws:,} cohorts"
    return f"{cohorts} of {size:,} patient{'' if size == 1 else 's'}"


def agreement(found: Reconstruction) -> str:
    """Say whether the cohorts have what they follow."""
    fewer, whom = missed(found), "It has" if found.draws == 1 else "Each has"
    told = f"{whom} every printed number that is followed, to the last digit"
    if not fewer:
        return f"{told}."
    return f"{told}, but for {len(fewer):,} that {'it misses' if found.draws == 1 else 'some miss'}."


def once_each(spread: pl.DataFrame, statistic: str | None = None) -> list[dict[str, Any]]:
    """Give the widest range of each variable, the widest first: the same is open in one group and the next.

    Parameters
    ----------
    spread : DataFrame
        As `branchpoint.publication.reconstruction.spread.spread` gives it.
    statistic : str, optional
        "count", "survival" or "median".
    """
    rows = spread.to_dicts() if statistic is None else spread.filter(statistic=statistic).to_dicts()
    widest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        # Survival at each time is a question of its own.
        name = row["quantity"] if row["statistic"] == "survival" else row["variable"] or row["quantity"]
        widest.setdefault((row["statistic"], name), row)
    return list(widest.values())


def spread_words(row: dict[str, Any]) -> str:
    """Write a range over the cohorts: "5 to 29 of 36, middle 17.5"."""
    if row["statistic"] == "count":
        return f"{row['least']:,.0f} to {row['most']:,.0f} of {row['size']:,}, middle {number_words(row['middle'])}"
    if row["statistic"] == "survival":
        return f"{row['least']:.1f}% to {row['most']:.1f}%, middle {row['middle']:.1f}%"
    unit = unit_of(row["unit"])
    return f"{short(row['least'])} to {quantity_words(_digits(row['most']), unit)}, middle {short(row['middle'])}"


def short(value: float) -> str:
    """Write a number of the cohorts to four digits."""
    return number_words(_digits(value))


def _digits(value: float) -> float:
    return float(f"{value:.4g}")


def p_words(p: float | None) -> str:
    """Write a P value of the cohorts, as the report would: ".012"."""
    if p is None:
        return "none"
    return "<.001" if p < 0.0005 else f"{p:.3f}" if p >= 0.9995 else f"{p:.3f}".removeprefix("0")


def reconstruction_text(found: Reconstruction, spread: pl.DataFrame) -> str:
    """Give a reconstruction as plain text.

    Parameters
    ----------
    found : Reconstruction
    spread : DataFrame
        As `branchpoint.publication.reconstruction.spread.spread` gives it.
    """
    claims = found.claims
    lines = [
        filled(f"Reconstructed cohorts of {claims.citation} ({claims.registry})"),
        "",
        filled(f"{sentence(BANNER)}."),
        "",
        "What cannot be true together",
        filled(conflict_words(found)),
        *_conflict_lines(found),
        "",
        "What was drawn",
        filled(f"{drawn_words(found)}, seed {found.seed}. {agreement(found)}"),
        *_missed_lines(found),
        *_p_lines(found),
        "",
        "What the report leaves open",
    ]
    widest = once_each(spread)[:_WIDEST]
    if not widest:
        lines.append("Nothing differs between the cohorts." if found.draws > 1 else "One cohort shows no range.")
    for number, row in enumerate(widest, 1):
        kind = "median of " if row["statistic"] == "median" else ""
        what = f"{kind}{row['quantity']} ({row['population']}): {spread_words(row)}"
        lines.append(filled(what, f"{number:2}. ", "    "))
    return "\n".join(lines)


def _conflict_lines(found: Reconstruction) -> Iterator[str]:
    for number, one in enumerate(left_outs(found), 1):
        yield ""
        yield filled(f"Left out: {one.said}.", f"{number:2}. ", "    ")
        yield filled(_why(one), "    ")


def _why(one: LeftOut) -> str:
    aside = " The claims file sets it aside, too." if one.aside else ""
    if not one.sets:
        return f"It says the same as another that is left out, or its contradiction is not listed.{aside}"
    first, more = one.sets[0], len(one.sets) - 1
    rest = f" It is in {more} more set{'' if more == 1 else 's'}." if more else ""
    return f"No cohort of {first.size:,} can have it{_beside(others_of(one.said, first))}.{rest}{aside}"


def _beside(others: Sequence[Said]) -> str:
    quoted = [f"'{one}'" for one in others]
    if len(quoted) < 2:
        return f" beside {quoted[0]}" if quoted else ""
    return f" beside all of {', '.join(quoted[:-1])} and {quoted[-1]}"


def _missed_lines(found: Reconstruction) -> Iterator[str]:
    fewer = missed(found)
    for claim_id in list(fewer)[:_WIDEST]:
        claim = found.claims.claims[claim_id]
        told = f"missed by {fewer[claim_id]:,}: {claim.quantity}, {printed(claim.value)} ({claim.place})"
        yield filled(told, "  - ", "    ")
    if len(fewer) > _WIDEST:
        yield f"  - and {len(fewer) - _WIDEST:,} more, see reconstruction.json"


def _p_lines(found: Reconstruction) -> Iterator[str]:
    rows = list(p_value_rows(found))
    if not rows:
        return
    yield from ("", "P values that cohorts were pulled to")
    yield f"  {'published':<10} {'given by':<{_GIVEN}} {'range (middle)':<{_RANGE}} comparison"
    for row in rows:
        given = f"{row['reached']:,} of {found.draws:,}"
        ends = (
            f"{p_words(row['least'])}-{p_words(row['most'])} ({p_words(row['middle'])})" if row["draws"] else "no test"
        )
        head = f"  {row['published']:<10} {given:<{_GIVEN}} {ends:<{_RANGE}} "
        yield filled(found.claims.claims[row["claim"]].quantity, head, " " * len(head))
