"""A simulated trial with a known truth: two groups, an etiology, a response, two phases, toxicity and survival."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

__all__ = [
    "AGENTS",
    "ETIOLOGIES",
    "FEATURES",
    "GRADES",
    "MEASURES",
    "RESPONSES",
    "SECOND",
    "Measure",
    "Trial",
    "TrialSettings",
    "draw_settings",
    "simulate",
]

ETIOLOGIES = ("infection", "genetic", "autoimmune", "unknown")
RESPONSES = ("CR", "PR", "improvement", "NR")
SECOND = ("CR", "no CR", "not given")
GRADES = ("none", "grade 1-2", "grade 3-4")
FEATURES = ("fever", "splenomegaly", "hepatomegaly", "rash", "edema", "bleeding", "seizures", "effusion")
AGENTS = ("infection_ae", "cytopenia", "hepatic", "hypertension", "nausea")

_ETIOLOGY_SHARES = (0.45, 0.2, 0.2, 0.15)
# Chances of CR, PR, improvement and NR by etiology: the better the etiology, the more CR.
_RESPONSE_SHARES = ((0.55, 0.2, 0.1, 0.15), (0.15, 0.2, 0.15, 0.5), (0.35, 0.25, 0.15, 0.25), (0.45, 0.2, 0.1, 0.25))
_SHAPE = 0.8  # Weibull, the same for progression and death, so that event-free survival has proportional hazards too.
_DAY = 0.03  # The shortest follow-up, in months.


@dataclass(frozen=True, slots=True)
class Measure:
    """A continuous baseline variable: lognormal around its median, or normal around its mean."""

    id: str
    label: str
    unit: str
    decimals: int
    center: float
    spread: float
    skewed: bool = True
    least: float = 0.0


MEASURES = (
    Measure("age", "Age", "a", 1, 4.0, 0.8, least=0.1),
    Measure("onset", "Onset to diagnosis", "d", 0, 18.0, 0.9, least=1.0),
    Measure("ferritin", "Ferritin", "ug/L", 0, 3200.0, 1.1, least=20.0),
    Measure("platelets", "Platelets", "10*9/L", 0, 80.0, 0.6, least=3.0),
    Measure("hemoglobin", "Hemoglobin", "g/L", 0, 92.0, 15.0, skewed=False, least=40.0),
)


@dataclass(frozen=True, slots=True)
class TrialSettings:
    """What a trial is made from.

    Attributes
    ----------
    seed : int
        Of the Philox generator; a trial is a function of its settings.
    size : int
        Patients, 40 to 400.
    randomized : bool
        Two arms; otherwise one arm, with prior treatment as the stratum.
    share : float
        Chance to be in the first group.
    hazard_ratio : float
        Of the first group against the second, for death and for progression, at every time.
    survival, event_free : float
        Overall and event-free survival of the second group at 12 months.
    accrual, follow_up : float
        Months of uniform enrollment, and from the last enrollment to the cutoff that censors.
    features, adverse_events : int
        How many of `FEATURES` (6 to 8) and `AGENTS` (2 to 5).
    missing : float
        Share of the patients in whom the last feature is not known.
    """

    seed: int
    size: int = 100
    randomized: bool = True
    share: float = 0.5
    hazard_ratio: float = 0.6
    survival: float = 0.75
    event_free: float = 0.55
    accrual: float = 18.0
    follow_up: float = 8.0
    features: int = 7
    adverse_events: int = 4
    missing: float = 0.0

    @property
    def group(self) -> str:
        """The variable that says the group."""
        return "arm" if self.randomized else "prior"

    @property
    def groups(self) -> tuple[str, str]:
        """Its levels; the first has the hazard ratio."""
        return ("experimental", "control") if self.randomized else ("naive", "pretreated")


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """The patients of a simulated trial.

    Attributes
    ----------
    settings : TrialSettings
    values : mapping of str to ndarray, shape (n,)
        Text for a category (None where it is not known), float for a number or a time in months, as recorded.
    """

    settings: TrialSettings
    values: Mapping[str, NDArray[np.generic]]

    @property
    def cohort(self) -> pl.DataFrame:
        """A cohort table: one row a patient, ``subject`` and one column for each variable."""
        import polars as pl

        subjects = [f"S{number:03}" for number in range(1, self.settings.size + 1)]
        return pl.DataFrame({"subject": subjects, **{name: value.tolist() for name, value in self.values.items()}})


def draw_settings(seed: int) -> TrialSettings:
    """Settings of a trial drawn at random, so that many papers are of many kinds of trial."""
    random = np.random.Generator(np.random.Philox([seed, 1]))
    return TrialSettings(
        seed,
        size=int(np.exp(random.uniform(np.log(40), np.log(400)))),
        randomized=bool(random.random() < 0.5),
        share=float(random.uniform(0.35, 0.65)),
        hazard_ratio=float(random.uniform(0.4, 1.1)),
        survival=float(random.uniform(0.6, 0.9)),
        event_free=float(random.uniform(0.4, 0.7)),
        accrual=float(random.integers(12, 37)),
        follow_up=float(random.integers(4, 25)),
        features=int(random.integers(6, 9)),
        adverse_events=int(random.integers(2, 6)),
        missing=0.08 if random.random() < 0.4 else 0.0,
    )


def simulate(settings: TrialSettings) -> Trial:
    """Draw the patients of a trial.

    Returns
    -------
    Trial
        Whoever has no CR gets a second phase; death is an event of event-free survival.
    """
    random = np.random.Generator(np.random.Philox([settings.seed, 2]))
    n = settings.size
    first = random.random(n) < settings.share
    first[:2] = True, False
    etiology = random.choice(len(ETIOLOGIES), n, p=_ETIOLOGY_SHARES)
    values: dict[str, NDArray[np.generic]] = {
        settings.group: np.where(first, *settings.groups),
        "sex": np.where(random.random(n) < 0.55, "male", "female"),
        "etiology": np.array(ETIOLOGIES)[etiology],
    }
    for name in FEATURES[: settings.features]:
        values[name] = np.where(random.random(n) < random.uniform(0.15, 0.9), "yes", "no")
    if settings.missing:
        last = FEATURES[settings.features - 1]
        values[last] = np.where(random.random(n) < settings.missing, None, values[last].astype(object))
    for measure in MEASURES:
        values[measure.id] = _measured(measure, n, random)
    chosen = np.array([random.choice(len(RESPONSES), p=_RESPONSE_SHARES[cause]) for cause in etiology])
    values["response"] = np.array(RESPONSES)[chosen]
    second = np.where(random.random(n) < 0.5, "CR", "no CR")
    values["second"] = np.where(values["response"] == "CR", "not given", second)
    for name in AGENTS[: settings.adverse_events]:
        common = random.uniform(0.05, 0.35)
        values[name] = random.choice(GRADES, n, p=(0.95 - common, common, 0.05))
    return Trial(settings, MappingProxyType(values | _survival(settings, first, random)))


def _measured(measure: Measure, n: int, random: np.random.Generator) -> NDArray[np.generic]:
    noise = random.standard_normal(n)
    if measure.skewed:
        drawn = measure.center * np.exp(measure.spread * noise)
    else:
        drawn = measure.center + measure.spread * noise
    return np.round(np.maximum(drawn, measure.least), measure.decimals)


def _survival(
    settings: TrialSettings, first: NDArray[np.bool_], random: np.random.Generator
) -> dict[str, NDArray[np.generic]]:
    """Weibull times of one shape for death and progression, and one day of cutoff that censors."""
    n = settings.size
    ratio = np.where(first, settings.hazard_ratio, 1.0)
    dying = -np.log(settings.survival)
    progressing = max(-np.log(settings.event_free) - dying, 0.02)
    death = 12.0 * (random.standard_exponential(n) / (ratio * dying)) ** (1 / _SHAPE)
    progression = 12.0 * (random.standard_exponential(n) / (ratio * progressing)) ** (1 / _SHAPE)
    censored = settings.follow_up + settings.accrual * random.random(n)
    event = np.minimum(death, progression)
    return {
        "death": np.where(death <= censored, "yes", "no"),
        "failure": np.where(event <= censored, "yes", "no"),
        "os": np.round(np.maximum(np.minimum(death, censored), _DAY), 2),
        "efs": np.round(np.maximum(np.minimum(event, censored), _DAY), 2),
    }
