"""Comparison: what patients give, beside what a report printed.

The patients may be those of the trial, simulated, or made from the report itself: the notes speak of the patients
analyzed, and whoever shows them says which those are.

A claim and a statistic of `branchpoint.analysis.outcomes` are matched by name. Both are written in the same form, and
they agree when every printed field, rounded half up to the printed decimals, is the same. A claim that the analysis
does not compute is listed with the reason; none is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from branchpoint.analysis.survival_times import HALF_WIDTH
from branchpoint.publication.claims import (
    Claim,
    Count,
    Date,
    Median,
    Percentage,
    Proportion,
    PValue,
    Role,
    Survival,
    printed_like,
)
from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from branchpoint.publication.claims import Claims, ClaimValue

__all__ = ["Comparison", "compare", "compare_values", "original"]

# Where a claim is not named as the statistic is: the statistic, and the group.
_NAMED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "enrolled.count": ("enrolled", "all"),
        "excluded.count": ("excluded", "all"),
        "analyzed.count": ("analyzed", "all"),
        "orr.count": ("orr", "all"),
        "text.pr": ("best.PR", "all"),
        "text.improvement": ("best.improvement", "all"),
        "text.nr": ("best.NR", "all"),
        "first_response": ("first_response", "all"),
        "alive.week_8": ("alive.week_8", "all"),
        "alive.year_1": ("alive.year_1", "all"),
        "text.cns_involvement": ("feature.cns_involvement", "all"),
        "primary": ("genetics.primary", "all"),
        "genetics.primary": ("genetics.primary", "EBV-HLH"),
        "refractory.no_hsct.financial": ("refractory.no_hsct.reason", "financial difficulty"),
        "refractory.no_hsct.infection": ("refractory.no_hsct.reason", "serious infection"),
        "refractory.no_hsct.tocilizumab": ("refractory.no_hsct.reason", "tocilizumab treatment"),
        "intensive.cr.methylprednisolone": ("intensive.cr.drugs", "methylprednisolone"),
        "intensive.cr.cyclosporine": ("intensive.cr.with", "cyclosporine"),
        "intensive.cr.cyclosporine.etoposide": ("intensive.cr.with.cyclosporine", "etoposide"),
        "intensive.cr.etoposide": ("intensive.cr.drugs", "etoposide, methylprednisolone"),
        "intensive.etoposide_doses": ("doses.etoposide", "all"),
        "intensive.doxorubicin_start": ("wait.liposomal_doxorubicin", "all"),
        "death.before_hsct.organ_failure": ("death.before_hsct.cause", "multiple organ failure"),
        "death.before_hsct.infection": ("death.before_hsct.cause", "severe infection"),
        "death.after_hsct.gvhd": ("death.after_hsct.cause", "graft-versus-host disease"),
        "death.after_hsct.relapse": ("death.after_hsct.cause", "relapsed HLH after HSCT"),
    }
)
_STATISTICS = MappingProxyType({"cr": "frontline.cr", "onset_to_diagnosis": "baseline.onset_to_diagnosis"})
_GROUPS = MappingProxyType(
    {
        "ebv": "EBV-HLH",
        "caebv": "CAEBV-HLH",
        "saids": "SAIDs-HLH",
        "unknown": "unknown",
        "saids_or_unknown": "SAIDs-HLH or unknown",
    }
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One claim, as printed and as computed.

    Attributes
    ----------
    id, place : str
        The claim's.
    published : str or None
        As printed; None for a statistic that nobody published.
    computed : str or None
        In the same form; None where the analysis does not compute it.
    agrees : bool or None
        None where there is nothing to compare.
    note : str
        Why they differ, or why there is nothing to compare; else whatever is to be known of the claim.
    statistic : tuple of (str, str) or None
        The id and the group of the statistic it was compared with.
    """

    id: str
    place: str
    published: str | None
    computed: str | None
    agrees: bool | None
    note: str
    statistic: tuple[str, str] | None = None


def compare(results: pl.DataFrame, claims: Claims) -> list[Comparison]:
    """Set results beside the claims of a report, one comparison a claim, in the order of the claims.

    Parameters
    ----------
    results : DataFrame
        As `branchpoint.analysis.outcomes.outcome_table` gives them.
    claims : Claims
    """
    rows = {(row["id"], row["group"]): row for row in results.iter_rows(named=True)}
    return [_compared(claim, rows, original(claim, claims)) for claim in claims.claims.values()]


def compare_values(claims: Claims, values: Mapping[str, ClaimValue | None]) -> list[Comparison]:
    """Set recomputed values beside the claims, one comparison a claim, in the order of the claims.

    Parameters
    ----------
    claims : Claims
    values : mapping of str to ClaimValue or None
        As `branchpoint.publication.recompute.recompute` gives them.
    """
    return [_beside(claim, values.get(original(claim, claims).id)) for claim in claims.claims.values()]


def _beside(claim: Claim, value: ClaimValue | None) -> Comparison:
    said = printed(claim.value)
    if value is None or type(value) is not type(claim.value):
        return Comparison(claim.id, claim.place, said, None, None, _note(_why_not(claim), claim.conflict))
    agrees, computed = _agrees(claim.value, value), printed(value, like=claim.value)
    note = claim.conflict or ("" if agrees else f"The patients analyzed give {computed}.")
    return Comparison(claim.id, claim.place, said, computed, agrees, note)


def original(claim: Claim, claims: Claims) -> Claim:
    """The claim that a chain of repetitions leads back to."""
    seen = {claim.id}
    while claim.same_as is not None and claim.same_as not in seen:
        claim = claims.claims[claim.same_as]
        seen.add(claim.id)
    return claim


def _statistic(claim: Claim, rows: Mapping[tuple[str, str], dict[str, Any]]) -> tuple[str, str] | None:
    name = claim.id.removesuffix(".percent")
    statistic, _, group = name.rpartition(".")
    named = (_STATISTICS.get(statistic, statistic), _GROUPS.get(group, group))
    # The text repeats numbers of a table.
    told_again = (name.removeprefix("text."), "all")
    return next((key for key in (_NAMED.get(name), (name, "all"), named, told_again) if key in rows), None)


def _compared(claim: Claim, rows: Mapping[tuple[str, str], dict[str, Any]], first: Claim) -> Comparison:
    statistic, published = _statistic(claim, rows) or _statistic(first, rows), printed(claim.value)
    row = None if statistic is None else rows[statistic]
    value = None if row is None else _as_claimed(claim.value, row)
    if value is None or row is None:
        return Comparison(claim.id, claim.place, published, None, None, _note(_why_not(claim), claim.conflict))
    agrees, computed = _agrees(claim.value, value), printed(value, like=claim.value)
    note = claim.conflict or ("" if agrees else _difference(claim, computed, row))
    end = rows.get((f"{row['id']}.end", row["group"])) if "at" in claim.set_aside else None
    if end is not None and end["estimate"] is not None:
        note = _note(note, f"At the end of follow-up the curve of the patients analyzed is at {end['estimate']:.1f}%.")
    return Comparison(claim.id, claim.place, published, computed, agrees, note, statistic)


def _difference(claim: Claim, computed: str, row: Mapping[str, Any]) -> str:
    """Why a claim that nothing printed contradicts is not what the patients give."""
    if not isinstance(claim.value, PValue):
        return f"The patients analyzed give {computed}."
    method = row["method"][:1].upper() + row["method"][1:]
    text = f"{method}: the patients analyzed give {computed}" + (f" ({row['note']})." if row["note"] else ".")
    if row["method"].startswith("log-rank"):
        text += " It rests on the order of every event and censoring, which is not printed."
    return text if claim.method else f"{text} The report does not name its test."


def _note(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def _why_not(claim: Claim) -> str:
    if claim.role is Role.DESIGN:
        return "Not computed: it describes the design, not patients."
    return "Not computed: the records analyzed do not give it, or nobody is in the group."


def _as_claimed(claimed: ClaimValue, row: dict[str, Any]) -> ClaimValue | None:
    """The computed statistic as a value of the claim's kind; None where the statistic is none of that kind."""
    percent = None if not row["denominator"] else Decimal(100 * row["n"]) / row["denominator"]
    match claimed:
        case Count() if row["n"] is not None:
            return Count(row["n"], None if claimed.of is None else row["denominator"], claimed.percent and percent)
        case Percentage() if percent is not None:
            return Percentage(percent)
        case Median() if row["median"] is not None:
            return Median(*(_number(row[name]) for name in ("median", "low", "high")))
        case Proportion() if row["estimate"] is not None:
            return Proportion(*(_number(row[name]) for name in ("estimate", "ci_low", "ci_high")))
        case Survival() if row["estimate"] is not None:
            estimate, low, high, error = (
                _number(row[name]) for name in ("estimate", "ci_low", "ci_high", "standard_error")
            )
            half_width = error * _number(HALF_WIDTH)
            # What is printed after a ± that the report does not name may be either.
            wide = claimed.plus_minus is not None and printed_like(half_width, claimed.plus_minus)
            return Survival(estimate, claimed.at, low, high, half_width, error, half_width if wide else error)
        case Date() if row["date"] is not None:
            return Date(row["date"])
        case PValue() if row["p"] is not None:
            return PValue(_number(row["p"]))
    return None


def _number(value: float) -> Decimal:
    # Beyond the ninth digit lies the binary representation, not the estimate.
    return round(Decimal(repr(value)), 9)


def _agrees(claimed: ClaimValue, computed: ClaimValue) -> bool:
    if isinstance(claimed, PValue) and claimed.below:
        return isinstance(computed, PValue) and computed.p < claimed.p
    for field in fields(claimed):
        said, found = getattr(claimed, field.name), getattr(computed, field.name)
        if isinstance(claimed, PValue) and field.name != "p":
            continue
        if said is None or (field.name in ("at", "of") and found is None):
            continue
        if isinstance(said, Decimal) and field.name != "at":
            if found is None or not printed_like(found, said):
                return False
        elif said != found:
            return False
    return True
