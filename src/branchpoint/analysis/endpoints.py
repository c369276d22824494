"""Endpoints: each one in an analysis set, by group, with its estimand.

What a protocol declares is computed under the name that it declares; what it does not declare can be asked for by the
name of its measure, and the result then says that it was added. Nobody is left out silently: who is not evaluable is
counted, and stays in the denominator of a proportion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from branchpoint.analysis.ard import capture
from branchpoint.analysis.comparison_tests import categorical_test, numeric_test
from branchpoint.analysis.endpoint_groups import summarize
from branchpoint.analysis.endpoint_result import ALL, EndpointResult
from branchpoint.analysis.estimands import estimand_of
from branchpoint.analysis.measures import measures
from branchpoint.analysis.sets import find_set, members
from branchpoint.analysis.subgroups import NOT_KNOWN, split
from branchpoint.refused import Refused
from branchpoint.statistics.log_rank import log_rank_test
from branchpoint.statistics.profiles import profile as find_profile
from branchpoint.statistics.results import TestResult, no_test

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.analysis.measures import Measure
    from branchpoint.analysis.subgroups import Grouping
    from branchpoint.language.declarations import Endpoint
    from branchpoint.language.protocol import Protocol
    from branchpoint.statistics.profiles import Profile

__all__ = ["DECLARED", "all_endpoints", "analyze", "endpoint_names", "find_measure"]

# The measure that computes what protocols declare under another name.
DECLARED = {
    "orr_day_28": "orr", "status_day_28": "status", "os_12_months": "os", "duration_of_response": "duration_of_cr",
    "non_active_week_8": "favorable",
}  # fmt: skip


def endpoint_names(protocol: Protocol) -> tuple[str, ...]:
    """Give every name that can be asked for: the declared ones, then the measures that are not declared."""
    declared = [one.name for one in protocol.endpoints]
    told = {DECLARED.get(name, name) for name in declared}
    return (*declared, *(name for name in measures(protocol) if name not in told))


def find_measure(protocol: Protocol, name: str) -> tuple[Measure, Endpoint | None]:
    """Find what an endpoint is of a patient, and its declaration if there is one.

    Parameters
    ----------
    protocol : Protocol
    name : str
        Of a declared endpoint, or of a measure.

    Raises
    ------
    Refused
        No such endpoint, or one that nothing here computes.
    """
    known = measures(protocol)
    declared = next((one for one in protocol.endpoints if name in (one.name, DECLARED.get(one.name))), None)
    measure = known.get(DECLARED.get(name, name))
    if measure is None:
        found = "declared, and not computed from courses" if declared is not None else "found none of that name"
        raise Refused(f"endpoint {name!r}: {found}, expected one of {', '.join(endpoint_names(protocol))}")
    return measure, declared


def analyze(
    name: str, courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol, *,
    by: str = ALL, set_name: str | None = None, profile: str = "paper",
) -> EndpointResult:  # fmt: skip
    """Compute one endpoint.

    Parameters
    ----------
    name : str
        See `endpoint_names`.
    courses : DataFrame
        Of all subjects, as `branchpoint.analysis.courses.patient_courses` gives them; with baseline columns where a
        grouping needs them.
    decisions : DataFrame
        As `branchpoint.engine.cohort.decide_cohort` gives them.
    protocol : Protocol
    by : str
        A grouping of `branchpoint.analysis.subgroups.groupings`, or ``all``.
    set_name : str, optional
        An analysis set; that which the protocol declares for the endpoint when not given.
    profile : {"paper", "r", "sas", "spss"}

    Returns
    -------
    EndpointResult

    Raises
    ------
    Refused
        An unknown endpoint, set or grouping.
    """
    measure, declared = find_measure(protocol, name)
    chosen = find_set(protocol, set_name or (declared.population if declared is not None else None))
    conventions = find_profile(profile)
    table = members(courses, decisions, protocol, chosen.name)
    grouping, groups = (None, []) if by == ALL else split(table, protocol, by)
    values = measure.value(table)
    results = [summarize(level, part, values, measure, conventions) for level, part in [(ALL, table), *groups]]
    test, why = _test(measure, values, table, groups, conventions)
    return EndpointResult(
        name=name, label=measure.label, unit=measure.unit, kind=measure.kind,
        declared=declared.name if declared is not None else "", rank=declared.rank if declared is not None else "",
        estimand=estimand_of(measure, declared, chosen, protocol), by=by,
        by_label=grouping.label if grouping is not None else "", analysis_set=chosen.name, set_size=len(table),
        profile=profile, groups=tuple(results), test=test, notes=tuple(_notes(measure, declared, grouping, why)),
    )  # fmt: skip


def all_endpoints(
    courses: pl.DataFrame, decisions: pl.DataFrame, protocol: Protocol, *,
    by: Sequence[str] = (ALL,), set_name: str | None = None, profile: str = "paper",
) -> Iterator[EndpointResult]:  # fmt: skip
    """Compute every endpoint, by every grouping asked for that the data allow."""
    for name in endpoint_names(protocol):
        if DECLARED.get(name, name) not in measures(protocol):
            continue
        for grouping in by:
            yield analyze(name, courses, decisions, protocol, by=grouping, set_name=set_name, profile=profile)


def _notes(measure: Measure, declared: Endpoint | None, grouping: Grouping | None, why: str) -> Iterator[str]:
    if declared is None:
        yield "not an endpoint that the protocol declares: added by the analysis"
    if why:
        yield f"the test was chosen {why}"
    if grouping is not None and grouping.after_start and measure.kind == "time to event" and not measure.starts_later:
        yield (
            "groups are known only after day 0, so that their members could not have died before (immortal time): "
            "read the landmark analysis instead"
        )


def _test(
    measure: Measure, values: pl.DataFrame, table: pl.DataFrame, groups: list[tuple[str, pl.DataFrame]], using: Profile
) -> tuple[TestResult | None, str]:
    compared = [(level, part.filter(measure.among)) for level, part in groups if level != NOT_KNOWN]
    if not compared or measure.kind == "categories":
        return None, ""
    found = [(level, values.join(part.select("subject"), on="subject", how="semi")) for level, part in compared]

    def compute() -> tuple[TestResult, str]:
        if measure.kind == "proportion":
            counts = [(int(part["value"].fill_null(value=False).sum()), len(part)) for _, part in found]
            return categorical_test([(yes, size - yes) for yes, size in counts], using)
        if measure.kind == "duration":
            samples = [part["value"].drop_nulls().to_numpy() for _, part in found]
            test, _ = numeric_test(samples, using, normal=False)
            return test, "as durations are compared by their ranks"
        rows = pl.concat([part.drop_nulls().with_columns(level=pl.lit(level)) for level, part in found])
        if rows["level"].n_unique() < 2:
            return no_test("log-rank test", "no test: fewer than two groups hold anybody"), ""
        return log_rank_test(rows["time"].to_numpy(), rows["event"].to_numpy(), rows["level"].to_numpy()), ""

    answer, _, error = capture(compute)
    return answer if answer is not None else (no_test("test", f"failed: {error}"), "")
