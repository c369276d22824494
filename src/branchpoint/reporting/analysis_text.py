"""One analysis in the terminal: an endpoint by group, with its estimand, methods, and what the numbers come from."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from branchpoint.analysis.endpoint_result import ALL
from branchpoint.reporting.tables import Section, Table, rows_of
from branchpoint.reporting.text import text_of
from branchpoint.statistics.profiles import profile as find_profile
from branchpoint.statistics.profiles import rounded

if TYPE_CHECKING:
    from pathlib import Path

    from branchpoint.analysis.endpoint_result import EndpointResult, GroupResult
    from branchpoint.language.protocol import Protocol
    from branchpoint.records.tables import Study
    from branchpoint.statistics.results import Estimate, TestResult

__all__ = ["analysis_sections", "analysis_text"]

NOT_ESTIMABLE = "not estimable"
_COUNTED = {"proportion": "With it", "time to event": "Events"}


def analysis_text(
    study_path: Path, endpoint: str, by: str = ALL, set_: str | None = None, profile: str = "paper", *, seed: int = 1
) -> str:
    """Compute one endpoint of a study, and tell it.

    Parameters
    ----------
    study_path : Path
        A study folder, or a folder with claims.toml from which a cohort is reconstructed first.
    endpoint : str
        As the protocol declares it, or the name of a measure.
    by : str
        A grouping; ``all`` for none.
    set_ : str, optional
        An analysis set; that which the protocol declares for the endpoint when not given.
    profile : {"paper", "r", "sas", "spss"}
    seed : int
        Of the reconstruction.

    Raises
    ------
    Refused
        The study cannot be used, or endpoint, grouping, set or profile is not known.
    """
    from branchpoint.analysis.baseline import baseline_table
    from branchpoint.analysis.courses import patient_courses
    from branchpoint.analysis.endpoints import analyze
    from branchpoint.analysis.sets import left_out
    from branchpoint.engine.cohort import decide_cohort
    from branchpoint.language.registry import find_protocol
    from branchpoint.records.study_folder import read_study
    from branchpoint.refused import Refused
    from branchpoint.reporting.report_material import data_hash, study_folder
    from branchpoint.statistics.profiles import PROFILES

    if profile not in PROFILES:
        raise Refused(f"profile {profile!r}: expected one of {', '.join(PROFILES)}")
    study = read_study(study_folder(study_path, seed))
    protocol = find_protocol(study.meta.protocol)
    decisions = decide_cohort(study, protocol)
    courses = baseline_table(study, patient_courses(study, decisions, protocol))
    result = analyze(endpoint, courses, decisions, protocol, by=by, set_name=set_, profile=profile)
    missing = left_out(courses, decisions, protocol, result.analysis_set)
    section = analysis_sections(result, study, protocol, data_hash(study), missing)
    return text_of([section])


def analysis_sections(
    result: EndpointResult, study: Study, protocol: Protocol, hashed: str, missing: tuple[tuple[str, int], ...] = ()
) -> Section:
    """Lay out a result as a section.

    Parameters
    ----------
    result : EndpointResult
    study : Study
    protocol : Protocol
    hashed : str
        Of the data.
    missing : tuple of (str, int)
        Whom the analysis set leaves out, by reason.
    """
    out = "".join(f"; left out: {number} ({reason})" for reason, number in missing)
    facts = [
        ("study", study.meta.title),
        ("data", f"{study.meta.kind}, SHA-256 {hashed[:16]}" if hashed else study.meta.kind),
        *([("note", study.meta.note)] if study.meta.note else []),
        ("protocol", f"{protocol.name} {protocol.version}, content {protocol.hash[:16]}"),
        ("endpoint", f"{result.declared}, {result.rank}" if result.declared else f"{result.name}, not declared"),
        ("set", f"{result.analysis_set}: {result.set_size} patients{out}"),
        ("profile", result.profile),
    ]
    estimand = Table(caption="Estimand", columns=("Attribute", "In this analysis"), rows=rows_of(result.estimand.lines))
    return Section(
        name="analysis", title=result.label + (f", by {result.by_label.lower()}" if result.by_label else ""),
        facts=tuple(facts), tables=(estimand, _groups(result), *_comparison(result)),
    )  # fmt: skip


def _groups(result: EndpointResult) -> Table:
    note = {"duration": result.estimand.summary, "categories": result.estimand.summary}.get(result.kind)
    methods = dict.fromkeys(group.estimate.method for group in result.groups if group.estimate is not None)
    told = [text for text in (note, *methods) if text]
    said = [f"{group.level}: {text}" for group in result.groups for text in _said(group)]
    said += [] if result.test is not None else result.notes
    caption = f"{result.label}, {'by group' if result.by != ALL else 'all patients'}"
    if result.kind == "duration":
        columns: tuple[str, ...] = ("Group", "n", "Not evaluable", "Median", "Minimum", "Maximum")
        rows = [_duration(group) for group in result.groups]
    elif result.kind == "categories":
        columns = ("Group", "Category", "n")
        rows = [row for group in result.groups for row in _categories(group)]
    else:
        columns = ("Group", "n", "Not evaluable", _COUNTED[result.kind], "Estimate", "95% CI")
        rows = [_estimated(group, result.profile) for group in result.groups]
        if result.kind == "time to event":
            columns = (*columns, "Median, mo")
    return Table(caption=caption, columns=columns, rows=rows_of(rows), notes=(*told, *said))


def _said(group: GroupResult) -> list[str]:
    reasons = [f"{number} not evaluable: {reason}" for reason, number in group.not_evaluable]
    note = group.estimate.note if group.estimate is not None else ""
    return [text for text in (*reasons, note, group.warning, group.error) if text]


def _missing(group: GroupResult) -> str:
    return str(group.n - group.evaluable)


def _estimated(group: GroupResult, profile: str) -> tuple[str, ...]:
    more = {one.name: one.value for one in group.more}
    cells = (
        group.level, str(group.n), _missing(group), "-" if group.events is None else str(group.events),
        *_with_limits(group.estimate, profile),
    )  # fmt: skip
    if "median" not in more:
        return cells
    return (*cells, _value(more["median"]))


def _with_limits(estimate: Estimate | None, profile: str) -> tuple[str, str]:
    if estimate is None or not estimate.estimable:
        return NOT_ESTIMABLE, "-"
    using = find_profile(profile)
    value, low, high = (rounded(100 * part, 1, using) for part in (estimate.value, estimate.low, estimate.high))
    limits = f"{low:.1f} to {high:.1f}" if isfinite(low) and isfinite(high) else NOT_ESTIMABLE
    return f"{value:.1f}%", limits


def _value(value: float, unit: str = "") -> str:
    if isfinite(value):
        return f"{value:.4g} {unit}".strip()
    return "not reached" if value > 0 else NOT_ESTIMABLE


def _duration(group: GroupResult) -> tuple[str, ...]:
    more = {one.name: _value(one.value, one.unit) for one in group.more}
    return group.level, str(group.n), _missing(group), *(more.get(name, "-") for name in ("median", "min", "max"))


def _categories(group: GroupResult) -> list[tuple[str, str, str]]:
    if not group.more:
        return [(group.level, "none", "0")]
    return [(group.level if not number else "", one.level, f"{one.value:g}") for number, one in enumerate(group.more)]


def _comparison(result: EndpointResult) -> tuple[Table, ...]:
    if result.test is None:
        return ()
    test = result.test
    notes = (*((test.note,) if test.note else ()), *result.notes)
    row = (_p(test), _statistic(test), test.method)
    return (Table(caption="Between groups", columns=("P", "Statistic", "Test"), rows=rows_of([row]), notes=notes),)


def _p(test: TestResult) -> str:
    if not test.estimable:
        return NOT_ESTIMABLE
    return "<.001" if test.p < 0.001 else f"{test.p:.3f}".removeprefix("0")


def _statistic(test: TestResult) -> str:
    if test.statistic is None or not test.estimable:
        return "-"
    return f"{test.statistic:.4g}" + (f" on {test.df:g} df" if test.df is not None else "")
