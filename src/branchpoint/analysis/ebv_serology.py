"""EBV serology: which favorable responders with EBV-HLH had a primary infection.

A primary infection shows as capsid-antigen IgM, or as capsid-antigen IgG that still binds weakly, while nuclear-antigen
IgG has not appeared.

References
----------
.. [1] Zhang Q, et al. Blood 2022;139(24):3493-3504, Results, Response to frontline RUX monotherapy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.results import Result, count
from branchpoint.engine.explain import explain
from branchpoint.language import Coded, YesNo, all_of, any_of, not_
from branchpoint.records.study_patients import patients

if TYPE_CHECKING:
    from collections.abc import Iterator

    from branchpoint.language.nodes import Rule
    from branchpoint.language.protocol import Protocol
    from branchpoint.records.tables import Study

__all__ = ["ebv_serology_results"]

ETIOLOGY = "EBV-HLH"


def ebv_serology_results(study: Study, courses: pl.DataFrame, protocol: Protocol) -> Iterator[Result]:
    """Count primary infections; nothing where the protocol does not ask for the serology, or nobody is counted.

    Parameters
    ----------
    study : Study
    courses : DataFrame
        Of the analysis set.
    protocol : Protocol
    """
    rule = _primary_infection(protocol)
    counted = courses.filter(pl.col("etiology") == ETIOLOGY, favorable=True)["subject"].to_list()
    if rule is None or not counted:
        return
    found = {one.subject.id: explain(rule, one).value for one in patients(study) if one.subject.id in counted}
    holds = pl.Series([found[subject] is True for subject in counted])
    unknown = sum(value is None for value in found.values())
    yield count(
        "serology.primary_ebv", "Primary EBV infection by serology, of EBV-HLH with favorable response", "all", holds,
        method="VCA IgM, or VCA IgG of low avidity, without EBNA IgG" + (f"; {unknown} not known" if unknown else ""),
    )  # fmt: skip


def _primary_infection(protocol: Protocol) -> Rule | None:
    known = protocol.measurements
    igm, igg, ebna = (known.get(f"ebv_{name}") for name in ("vca_igm", "vca_igg", "ebna_igg"))
    avidity = known.get("ebv_vca_igg_avidity")
    if not (
        isinstance(igm, YesNo) and isinstance(igg, YesNo) and isinstance(ebna, YesNo) and isinstance(avidity, Coded)
    ):
        return None
    return all_of(not_(ebna), any_of(igm, all_of(igg, avidity.is_("low"))))
