"""What the tables of a report show beyond the outcome table; each analysis is asked for once, and they share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from branchpoint.analysis.endpoint_result import EndpointResult
    from branchpoint.analysis.historical import Adjusted, Unadjusted
    from branchpoint.analysis.published_control import Control
    from branchpoint.analysis.sensitivity import Variation
    from branchpoint.reporting.report_material import Material

__all__ = ["Analyses", "Historical", "analyze_material"]


@dataclass(frozen=True, slots=True)
class Historical:
    """A comparison with a published trial."""

    control: Control
    unadjusted: tuple[Unadjusted, ...]
    adjusted: tuple[Adjusted, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Analyses:
    """Analyses of a study.

    Parameters
    ----------
    table : DataFrame
        Courses of the analysis set, with baseline columns.
    baseline : DataFrame
        Analysis results data that describe it by prior corticosteroid; empty where that was not asked.
    endpoints : tuple of EndpointResult
        In the analysis set.
    sets : tuple of (str, tuple of EndpointResult)
        The endpoints of each set of all who were enrolled, by the label of the set.
    historical : tuple of Historical
    sensitivity : tuple of Variation
        The main results under other choices.
    discordance : DataFrame
        Patients by safety set, adverse event, laboratory term and verdict; empty where nothing is graded.
    """

    table: pl.DataFrame
    baseline: pl.DataFrame
    endpoints: tuple[EndpointResult, ...]
    sets: tuple[tuple[str, tuple[EndpointResult, ...]], ...]
    historical: tuple[Historical, ...]
    sensitivity: tuple[Variation, ...]
    discordance: pl.DataFrame


def analyze_material(material: Material, controls: tuple[Path, ...] = ()) -> Analyses:
    """Ask the analysis for what the tables need.

    Parameters
    ----------
    material : Material
    controls : tuple of Path
        Published trials to compare with.
    """
    from branchpoint.analysis.ard import ard_frame
    from branchpoint.analysis.baseline import baseline_table
    from branchpoint.analysis.descriptives import describe
    from branchpoint.analysis.endpoints import all_endpoints
    from branchpoint.analysis.sensitivity import sensitivity

    protocol, decisions, profile = material.protocol, material.decisions, material.profile
    table = baseline_table(material.study, material.analyzed)
    asked = table["prior_corticosteroid"].is_not_null().any()
    described = describe(table, protocol, set_name=material.set_name, profile=profile) if asked else ()

    def endpoints(name: str) -> tuple[EndpointResult, ...]:
        return tuple(all_endpoints(material.courses, decisions, protocol, set_name=name, profile=profile))

    plain = [one for one in protocol.analysis_sets if not one.only_epoch and not one.reaching_epoch]
    found = {one.name: endpoints(one.name) for one in plain}
    return Analyses(
        table=table,
        baseline=ard_frame(described),
        endpoints=found.get(material.set_name, ()),
        sets=tuple((one.label.text, found[one.name]) for one in plain),
        historical=tuple(_compared(table, path) for path in controls),
        sensitivity=sensitivity(
            material.courses, decisions, protocol, set_name=material.set_name or None, profile=profile
        ),
        discordance=_discordance(material),
    )


def _discordance(material: Material) -> pl.DataFrame:
    from branchpoint.analysis.adverse_events import observed_events
    from branchpoint.analysis.grade_discordance import discordance, discordance_counts
    from branchpoint.analysis.laboratory_grades import laboratory_grades, worst_laboratory_grades
    from branchpoint.analysis.safety_sets import periods_of, safety_sets

    study, protocol = material.study, material.protocol
    periods = periods_of(safety_sets(material.courses, protocol))
    events = observed_events(study, periods, protocol)
    if events.is_empty():
        # A study without one adverse event has recorded none: there is nothing to set beside the laboratory.
        return events
    worst = worst_laboratory_grades(laboratory_grades(study, protocol), periods)
    return discordance_counts(discordance(events, worst, protocol))


def _compared(table: pl.DataFrame, path: Path) -> Historical:
    from branchpoint.analysis.historical import compare_adjusted, compare_as_published
    from branchpoint.analysis.published_control import read_control

    control = read_control(path)
    return Historical(control, compare_as_published(table, control), compare_adjusted(table, control))
