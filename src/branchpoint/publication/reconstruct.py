"""From published claims to a patient-level cohort that agrees with them.

The steps go from what is known best to what is known least: the joint table of Table 4 and the Results; the days of
frontline therapy; follow-up and survival; features and laboratory values of Table 3; drugs, doses and dates. Each step
is random within what the claims leave open, and the same for the same seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from branchpoint.publication.calendar_dates import draw_dates, draw_excluded_dates
from branchpoint.publication.claims import count_of
from branchpoint.publication.features import Features, reconstruct_features
from branchpoint.publication.frontline_days import reconstruct_frontline
from branchpoint.publication.growth import draw_growth
from branchpoint.publication.joint import DIED, REMITTED, reconstruct_dispositions
from branchpoint.publication.marginals import NEUTROPHIL_SHARE, VARIABLES, draw_targets, fit_variable
from branchpoint.publication.solver import InfeasibleError
from branchpoint.publication.subjects import (
    Baseline,
    Cohort,
    ExcludedSubject,
    Intensive,
    Prior,
    ReconstructedSubject,
    Sex,
    Week8,
)
from branchpoint.publication.therapy import reconstruct_therapy
from branchpoint.publication.timeline import WEEK_8, earliest_start, reconstruct_later

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from branchpoint.publication.claims import Claims
    from branchpoint.publication.frontline_days import FrontlineDays
    from branchpoint.publication.joint import Disposition
    from branchpoint.publication.therapy import Therapy
    from branchpoint.publication.timeline import LaterDays

__all__ = ["reconstruct_cohort", "reconstruct_subjects"]

ATTEMPTS = 5
"""Joint tables tried: a table near to its draw may leave no room for the days or the laboratory values."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the steps found, each one entry a patient."""

    dispositions: Sequence[Disposition]
    frontline: Sequence[FrontlineDays]
    later: Sequence[LaterDays]
    therapy: Therapy
    sexes: Sequence[Sex]
    baselines: Sequence[Baseline]
    dates: Sequence[tuple[date, date]]


def reconstruct_subjects(claims: Claims, seed: int) -> tuple[ReconstructedSubject, ...]:
    """The analyzed patients of a reconstructed cohort, in the order of enrollment.

    See Also
    --------
    reconstruct_cohort : the same with the excluded patients, and with parameters and errors described.
    """
    return reconstruct_cohort(claims, seed).subjects


def reconstruct_cohort(claims: Claims, seed: int) -> Cohort:
    """A patient-level cohort that agrees with every used claim.

    Parameters
    ----------
    claims : Claims
        From `branchpoint.publication.claims.reading.read_claims`.
    seed : int
        The same seed gives the same cohort, another one another cohort.

    Returns
    -------
    Cohort
        Analyzed and excluded patients, numbered in the order of enrollment.

    Raises
    ------
    InfeasibleError
        The used claims contradict each other; the message names the step.
    ClaimsError
        A claim needed here is missing, or of another kind.
    SolverMissingError
        OR-tools is not installed.
    """
    rng = np.random.Generator(np.random.Philox(seed))
    for attempt in range(ATTEMPTS):
        try:
            parts = _reconstruct(claims, rng)
        except InfeasibleError:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return _number(parts, draw_excluded_dates(claims, rng))
    raise AssertionError("the last attempt returns or raises")


def _reconstruct(claims: Claims, rng: np.random.Generator) -> _Parts:
    dispositions = reconstruct_dispositions(claims, rng)
    frontline = reconstruct_frontline(claims, dispositions, earliest_start(claims), rng)
    later = reconstruct_later(claims, dispositions, frontline, rng)
    exposure = {
        index: days.last_contact_day - start.start_day
        for index, (start, days) in enumerate(zip(frontline, later, strict=True))
        if start.start_day is not None
    }
    sexes = _sexes(claims, dispositions, rng)
    return _Parts(
        dispositions=dispositions,
        frontline=frontline,
        later=later,
        therapy=reconstruct_therapy(claims, dispositions, exposure, rng),
        sexes=sexes,
        baselines=_baselines(claims, dispositions, sexes, rng),
        dates=draw_dates(
            claims,
            [days.last_contact_day for days in later],
            [disposition.fate in DIED for disposition in dispositions],
            rng,
        ),
    )


def _sexes(claims: Claims, dispositions: Sequence[Disposition], rng: np.random.Generator) -> list[Sex]:
    sexes = [Sex.FEMALE] * len(dispositions)
    for prior in Prior:
        members = [index for index, d in enumerate(dispositions) if d.prior is prior]
        for place in rng.permutation(len(members))[: count_of(claims, f"sex.male.{prior}")]:
            sexes[members[place]] = Sex.MALE
    return sexes


def _baselines(
    claims: Claims, dispositions: Sequence[Disposition], sexes: Sequence[Sex], rng: np.random.Generator
) -> list[Baseline]:
    targets = draw_targets(claims, dispositions, rng)
    features = reconstruct_features(claims, dispositions, targets, rng)
    values = _laboratory(claims, dispositions, targets, features)
    growth = draw_growth(values["age"], sexes, rng)
    return [
        Baseline(**_fields(values, features, index), weight=weight, height=height)
        for index, (weight, height) in enumerate(growth)
    ]


def _fields(values: dict[str, list[float]], features: Features, index: int) -> dict[str, Any]:
    """One patient's baseline by field name; onset to diagnosis is whole days."""
    found: dict[str, Any] = {name: column[index] for name, column in values.items()}
    found |= {name: flags[index] for name, flags in features.signs.items()}
    return found | {"onset_to_diagnosis": int(found["onset_to_diagnosis"])}


def _laboratory(
    claims: Claims,
    dispositions: Sequence[Disposition],
    targets: dict[str, list[int]],
    features: Features,
) -> dict[str, list[float]]:
    grid: dict[str, list[int]] = {}
    for variable in VARIABLES.values():
        bounds = features.bounds[variable.name]
        if variable.name == "neutrophils":
            white = (int(NEUTROPHIL_SHARE * cells) for cells in grid["wbc"])
            bounds = [(low, min(high, most)) for (low, high), most in zip(bounds, white, strict=True)]
        grid[variable.name] = fit_variable(
            claims,
            variable,
            dispositions,
            targets[variable.name],
            bounds,
            keep_order=variable.name != "neutrophils",
        )
    return {name: [value / VARIABLES[name].scale for value in values] for name, values in grid.items()}


def _intensive(parts: _Parts, index: int) -> Intensive | None:
    start, later, fate = parts.frontline[index].start_day, parts.later[index], parts.dispositions[index].fate
    if start is None:
        return None
    return Intensive(
        start_day=start,
        drugs=parts.therapy.drugs[index],
        etoposide_doses=parts.therapy.doses[index],
        doxorubicin_pegaspargase_day=later.doxorubicin_pegaspargase_day,
        week_8_day=start + WEEK_8 if later.last_contact_day >= start + WEEK_8 else None,
        week_8=Week8.CR if fate in REMITTED else Week8.REFRACTORY,
        relapse_day=later.relapse_day,
        transplant_day=later.transplant_day,
        no_transplant_reason=parts.therapy.reasons.get(index),
    )


def _number(parts: _Parts, excluded_dates: Sequence[date]) -> Cohort:
    """Make the subjects, and number them and the excluded in the order of consent."""
    entries: list[tuple[date, int | None]] = [(consent, index) for index, (consent, _) in enumerate(parts.dates)]
    entries += [(consent, None) for consent in excluded_dates]
    entries.sort(key=lambda entry: entry[0])
    subjects, excluded = [], []
    for number, (consent, index) in enumerate(entries, 1):
        subject_id = f"S{number:02}"
        if index is None:
            excluded.append(ExcludedSubject(subject_id, consent))
            continue
        disposition = parts.dispositions[index]
        subjects.append(
            ReconstructedSubject(
                subject_id=subject_id,
                sex=parts.sexes[index],
                prior=disposition.prior,
                etiology=disposition.etiology,
                ebv_serology=parts.therapy.serology[index],
                primary_hlh=index in parts.therapy.primary_hlh,
                consent_date=consent,
                first_dose_date=parts.dates[index][1],
                baseline=parts.baselines[index],
                frontline=parts.frontline[index].frontline,
                intensive=_intensive(parts, index),
                death_day=parts.later[index].death_day,
                death_cause=parts.therapy.causes.get(index),
                last_contact_day=parts.later[index].last_contact_day,
            )
        )
    return Cohort(tuple(subjects), tuple(excluded))
