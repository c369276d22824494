"""How much a finding matters to the conclusions of a report.

An order for readers, no measure: what the number is to the report, times what is wrong with it, and more when a verdict
of significance would turn.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.audit.verdicts import Verdict
from branchpoint.publication.claims import PValue, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from branchpoint.publication.audit.verdicts import Finding
    from branchpoint.publication.claims import Claim

__all__ = ["SIGNIFICANT", "importance", "turns"]

SIGNIFICANT = Decimal("0.05")
_ROLES: Mapping[Role, float] = MappingProxyType(
    {
        Role.PRIMARY: 10,
        Role.KEY_SECONDARY: 8,
        Role.SECONDARY: 6,
        Role.SAFETY: 5,
        Role.EXPLORATORY: 4,
        Role.BASELINE: 2,
        Role.DESIGN: 1,
    }
)
_VERDICTS: Mapping[Verdict, float] = MappingProxyType(
    {
        Verdict.IMPOSSIBLE: 1.0,
        Verdict.MISMATCH: 1.0,
        Verdict.MISPRINT: 0.7,
        Verdict.OTHER_METHOD: 0.3,
        Verdict.MATCH: 0.0,
        Verdict.NOT_DERIVABLE: 0.0,
    }
)
_TURNED = 3.0


def importance(claim: Claim, finding: Finding) -> float:
    """Weigh a finding by its claim's role and by its verdict; three times as much where significance turns.

    Parameters
    ----------
    claim : Claim
    finding : Finding

    Returns
    -------
    float
        From 0 (nothing is amiss) to 30.
    """
    weight = _ROLES[claim.role] * _VERDICTS[finding.verdict]
    return weight * _TURNED if turns(claim, finding) else weight


def turns(claim: Claim, finding: Finding) -> bool:
    """Whether a P value, recomputed, lies on the other side of .05."""
    if not isinstance(claim.value, PValue) or finding.recomputed is None:
        return False
    try:
        recomputed = Decimal(finding.recomputed.removeprefix("<"))
    except InvalidOperation:
        return False
    return (claim.value.p < SIGNIFICANT) != (recomputed < SIGNIFICANT)
