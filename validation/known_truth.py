"""Known truth: reconstruct patients from the tables of simulated trials, and compare them with the true ones.

    PYTHONPATH=. .venv/bin/python -m validation.known_truth --trials 40 --draws 10

Beside it Guyot's method, which is given the curves that ours has to do without. ``--show 3`` compares one trial.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from branchpoint.publication.claims import Survival
from validation.curve_errors import Distance, Patients, Quantity, at_risk_until, distances, joined, quantities, read
from validation.guyot import digitize, guyot
from validation.printer import draw_style
from validation.running import in_parallel, write_section
from validation.simulated_trial import Trial, draw_settings, simulate
from validation.synthetic_paper import print_paper

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from branchpoint.publication.claims import Claims
    from branchpoint.publication.reconstruction.cohort import Reconstruction

__all__ = ["Compared", "Outcome", "main", "run", "tables_of", "trial_of"]

SMALLEST, LARGEST = 40, 150
PRINTED = (6.0, 12.0, 24.0)
BETWEEN = (3.0, 9.0, 18.0)
"""Months before each printed one at which nothing is printed."""
LATER = 6.0
"""After the last printed month."""
AT_RISK_EVERY = 6.0
"""Months between the numbers at risk that Guyot's method is given."""
ENDPOINTS = {"os": "death", "efs": "failure"}


@dataclass(frozen=True, slots=True)
class Compared:
    """An endpoint of a trial, reconstructed and true."""

    endpoint: str
    quantities: tuple[Quantity, ...]
    distances: tuple[Distance, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One trial reconstructed.

    Attributes
    ----------
    number : int
        Which trial of the run; with the run's seed it makes the trial again.
    size, claims : int
        Its patients, and what its paper prints.
    dropped : int
        Fields not followed, though all of them are true.
    unmet : int
        Printed numbers that some draw misses.
    failure : str
        Why nothing was drawn; empty otherwise.
    compared : tuple of Compared
    seconds : float
        Of the reconstruction.
    """

    number: int
    size: int
    claims: int
    dropped: int
    unmet: int
    failure: str
    compared: tuple[Compared, ...]
    seconds: float


def trial_of(number: int, seed: int) -> Trial:
    """A trial of a run: as any simulated one, but of a size of early trials."""
    own = 100_000 * seed + number
    size = np.random.Generator(np.random.Philox([own, 5])).integers(SMALLEST, LARGEST + 1)
    return simulate(replace(draw_settings(own), size=int(size)))


def tables_of(trial: Trial) -> Claims:
    """What the paper of a trial prints."""
    return print_paper(trial, draw_style(trial.settings.seed)).read()


def run(number: int, seed: int, draws: int) -> Outcome:
    """Make a trial and print its paper, reconstruct patients from it, and only then look at the true ones."""
    from branchpoint.publication.reconstruction.cohort import reconstruct
    from branchpoint.publication.reconstruction.counts.joint_table import TableTooLargeError
    from branchpoint.publication.solver import InfeasibleError

    trial = trial_of(number, seed)
    claims = tables_of(trial)
    before = perf_counter()
    found, failure = None, ""
    try:
        found = reconstruct(claims, draws, seed, limit=0)
    except (InfeasibleError, TableTooLargeError) as error:
        failure = f"{type(error).__name__}: {error}"
    seconds = perf_counter() - before
    size, dropped, unmet = trial.settings.size, 0, 0
    compared: tuple[Compared, ...] = ()
    if found is not None:
        dropped, unmet = len(found.dropped), len(found.unmet)
        both = (_compared(trial, claims, found, endpoint) for endpoint in ENDPOINTS)
        compared = tuple(one for one in both if one is not None)
    return Outcome(number, size, len(claims.claims), dropped, unmet, failure, compared, seconds)


def _compared(trial: Trial, claims: Claims, found: Reconstruction, endpoint: str) -> Compared | None:
    """Compare an endpoint; None where survival of both groups is printed at no time."""
    true = _patients(trial.cohort, trial, endpoint)
    end, points = at_risk_until(true), [_printed(claims, endpoint, group) for group in trial.settings.groups]
    printed = [month for month in PRINTED if all(month in own for own in points)]
    if not printed:
        return None
    drawn = [
        read(_patients(own, trial, endpoint), end) for own in found.cohorts.partition_by("draw", maintain_order=True)
    ]
    lines = np.array([joined({month: own[month] for month in printed}, end) for own in points])
    months = {f"{month:g} months": month for month, after in zip(BETWEEN, PRINTED, strict=True) if after in printed}
    if printed[-1] + LATER < end:
        months["later"] = printed[-1] + LATER
    rest = (read(true, end), drawn, read(_digitized(true, trial.settings.seed), end), lines)
    return Compared(endpoint, quantities(*rest, months), distances(*rest, printed[-1]))


def _printed(claims: Claims, endpoint: str, group: str) -> dict[float, float]:
    """Survival above 0 that the paper prints of a group, by month."""
    values = (one.value for one in claims.claims.values() if one.variable == endpoint and one.population == group)
    printed = {float(value.at): float(value.percent) / 100 for value in values if isinstance(value, Survival)}
    return {month: survival for month, survival in printed.items() if survival > 0}


def _patients(cohort: pl.DataFrame, trial: Trial, endpoint: str) -> Patients:
    settings = trial.settings
    return Patients(
        time=cohort[endpoint].to_numpy(),
        event=(cohort[ENDPOINTS[endpoint]] == "yes").to_numpy(),
        first=(cohort[settings.group] == settings.groups[0]).to_numpy(),
    )


def _digitized(true: Patients, seed: int) -> Patients:
    """The patients of both groups by Guyot's method, from their curves as a person would read them off a figure."""
    random = np.random.Generator(np.random.Philox([seed, 6]))
    times: list[NDArray[np.float64]] = []
    events: list[NDArray[np.bool_]] = []
    for own in (true.first, ~true.first):
        risk_times = np.arange(0.0, float(true.time[own].max()), AT_RISK_EVERY)
        found = guyot(digitize(true.time[own], true.event[own], risk_times, random))
        times.append(found.time)
        events.append(found.event)
    first = np.arange(sum(map(len, times))) < len(times[0])
    return Patients(np.concatenate(times), np.concatenate(events), first)


def main(arguments: list[str] | None = None) -> None:
    """Run the measure from the command line."""
    from validation.truth_report import report, told

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--draws", type=int, default=10)
    # Lower seeds were looked at while this was made.
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--show", type=int, help="compare one trial of the run instead")
    parser.add_argument("--dry", action="store_true", help="print the section instead of writing it")
    given = parser.parse_args(arguments)
    if given.show is not None:
        sys.stdout.write(told(run(given.show, given.seed, given.draws)))
        return
    before = perf_counter()
    one = partial(run, seed=given.seed, draws=given.draws)
    outcomes = in_parallel(one, range(given.trials), "Reconstructing trials", given.processes)
    options = f"--trials {given.trials} --draws {given.draws} --seed {given.seed} --processes {given.processes}"
    text = report(outcomes, given.draws, options, perf_counter() - before)
    if given.dry:
        sys.stdout.write(text)
    else:
        write_section("known_truth", text)


if __name__ == "__main__":
    main()
