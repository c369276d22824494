"""Reconstructed cohorts as files that other people's scripts read: a table of patients, and what is known of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from io import BytesIO
from math import isnan
from statistics import median
from typing import TYPE_CHECKING, Any

from branchpoint.publication.claims import VariableKind
from branchpoint.publication.printed import printed
from branchpoint.publication.reconstruct_study import BANNER
from branchpoint.reporting.reconstruction_claims import Stance, stances

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl

    from branchpoint.publication.claims import Claims
    from branchpoint.publication.reconstruction.cohort import Reconstruction
    from branchpoint.publication.reconstruction.conflicts.contradictions import Said

__all__ = ["claims_hash", "cohorts_parquet", "p_value_rows", "reconstruction_data"]


def reconstruction_data(found: Reconstruction, spread: pl.DataFrame) -> dict[str, Any]:
    """Give what is known of a reconstruction as data for JSON.

    Parameters
    ----------
    found : Reconstruction
    spread : DataFrame
        As `branchpoint.publication.reconstruction.spread.spread` gives it.

    Returns
    -------
    dict
        The keys that docs/outputs.md lists, in its order; no nan.
    """
    claims = found.claims
    counts = Counter(one.verdict for one in stances(found).values())
    missed = Counter[tuple[str, str, str]]()
    for one, draws in found.unmet.items():
        missed[one.claim, one.field, one.text] += draws
    return {
        **_origin(found),
        "patients": found.cohorts.height // found.draws,
        "claims": {stance.value: counts[stance] for stance in Stance},
        "contradictions": [_said(one.statements) for one in found.contradictions.sets],
        "complete": found.contradictions.complete,
        "proven": found.contradictions.proven,
        "dropped": _said(found.dropped),
        "set_aside": list(_set_aside(claims)),
        "unmet": [
            {"claim": claim, "field": field, "text": text, "draws": draws}
            for (claim, field, text), draws in missed.items()
        ],
        "p_values": list(p_value_rows(found)),
        "variables": [
            {"id": one.id, "label": one.label, "kind": one.kind.value, "unit": _unit(one.kind, one.unit),
             "event": None if one.event is None else str(one.event)}
            for one in claims.variables.values()
        ],
        "spread": spread.to_dicts(),
    }  # fmt: skip


def cohorts_parquet(found: Reconstruction) -> bytes:
    """Give the patients of all cohorts as a Parquet file, whose metadata say what they are.

    Parameters
    ----------
    found : Reconstruction
    """
    written = BytesIO()
    found.cohorts.write_parquet(written, metadata={name: str(value) for name, value in _origin(found).items()})
    return written.getvalue()


def claims_hash(claims: Claims) -> str:
    """Give the SHA-256 of a claims file."""
    return hashlib.sha256(claims.path.read_bytes()).hexdigest()


def p_value_rows(found: Reconstruction) -> Iterator[dict[str, Any]]:
    """Give each P value that cohorts were pulled to: as published, and what they have.

    Parameters
    ----------
    found : Reconstruction

    Yields
    ------
    dict
        ``claim``, ``published``, ``draws`` (cohorts in which there is a test), ``reached`` (those whose P value prints
        as published), ``least``, ``middle``, ``most``.
    """
    for claim, every in found.p_values.items():
        ps = [p for p in every if not isnan(p)]
        ends = (min(ps), median(ps), max(ps)) if ps else (None, None, None)
        yield {
            "claim": claim,
            "published": printed(found.claims.claims[claim].value),
            "draws": len(ps),
            "reached": found.reached.get(claim, 0),
            **dict(zip(("least", "middle", "most"), ends, strict=True)),
        }


def _origin(found: Reconstruction) -> dict[str, Any]:
    return {
        "note": BANNER,
        "citation": found.claims.citation,
        "registry": found.claims.registry,
        "claims_sha256": claims_hash(found.claims),
        "seed": found.seed,
        "draws": found.draws,
    }


def _said(statements: Iterable[Said]) -> list[dict[str, str]]:
    return [{"claim": one.claim, "field": one.field, "text": str(one)} for one in statements]


def _set_aside(claims: Claims) -> Iterator[dict[str, Any]]:
    for claim in claims.claims.values():
        if not claim.used or claim.set_aside:
            fields = sorted(claim.set_aside) if claim.used else None
            yield {
                "claim": claim.id,
                "fields": fields,
                "published": printed(claim.value),
                "conflict": claim.conflict or "",
            }


def _unit(kind: VariableKind, unit: str | None) -> str | None:
    return unit or ("mo" if kind is VariableKind.TIME else None)
