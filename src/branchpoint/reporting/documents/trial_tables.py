"""All tables of a trial report, in the order of the publication: Tables 1 to 5, the supplement, and the differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchpoint.reporting.documents import baseline_tables, listings, outcome_tables, protocol_tables, safety_tables
from branchpoint.reporting.documents.common import Beside
from branchpoint.reporting.documents.differences_table import differences_table, silent_table
from branchpoint.reporting.documents.discordance_table import discordance_table
from branchpoint.reporting.documents.historical_table import historical_table
from branchpoint.reporting.documents.sensitivity_table import sensitivity_table

if TYPE_CHECKING:
    from branchpoint.reporting.documents.analyses import Analyses
    from branchpoint.reporting.documents.table import Table
    from branchpoint.reporting.report_material import Material

__all__ = ["trial_tables"]


def trial_tables(material: Material, analyses: Analyses) -> tuple[Table, ...]:
    """Build every table that the data and the protocol of a study allow.

    Parameters
    ----------
    material : Material
    analyses : Analyses
    """
    beside = Beside(material.comparisons)
    found = (
        protocol_tables.eligibility_table(material),
        protocol_tables.etiology_table(material),
        baseline_tables.baseline_characteristics(material, analyses, beside),
        outcome_tables.outcome_table(material, analyses, beside),
        safety_tables.adverse_event_table(material, beside),
        protocol_tables.response_table(material),
        listings.genetic_table(material, analyses),
        listings.additional_treatment_table(material),
        *(historical_table(material, one, place) for place, one in enumerate(analyses.historical)),
        outcome_tables.sets_table(material, analyses),
        outcome_tables.endpoint_table(material, analyses),
        outcome_tables.group_test_table(material, beside),
        sensitivity_table(material, analyses),
        discordance_table(material, analyses),
        differences_table(material),
        silent_table(material),
    )
    return tuple(table for table in found if table is not None)
