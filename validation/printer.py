"""A printer of claims: each method computes one statistic of a simulated trial and prints it as a claim."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import numpy as np

from validation import estimates
from validation.paper import Field, Spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from validation.simulated_trial import Measure, Trial

__all__ = ["ALL", "PaperStyle", "Printer", "draw_style"]

ALL = "all"
Levels = "Mapping[str, str | list[str]]"


@dataclass(frozen=True, slots=True)
class PaperStyle:
    """How a paper prints.

    Attributes
    ----------
    percent_decimals, p_decimals : int
    categorical : str
        Its test of tables: "Fisher exact" or "Pearson chi-square".
    methods_beside : bool
        Whether P values name their test, and not the Methods section alone.
    limits : bool
        Survival with two limits; otherwise with the half width after ±.
    bare_percentages : bool
        Whether features are printed in percent without their counts.
    totals : bool
        Whether tables have a column for all patients.
    both_sexes : bool
        Whether girls are printed beside boys.
    links : bool
        Whether what the text repeats is marked as a repetition.
    means : frozenset of str
        Measures printed as mean ± SD and tested by t; the others as median (range), by rank sums.
    """

    percent_decimals: int = 1
    p_decimals: int = 3
    categorical: str = "Fisher exact"
    methods_beside: bool = False
    limits: bool = True
    bare_percentages: bool = False
    totals: bool = True
    both_sexes: bool = True
    links: bool = True
    means: frozenset[str] = frozenset({"hemoglobin"})


def draw_style(seed: int) -> PaperStyle:
    """A style drawn at random."""
    random = np.random.Generator(np.random.Philox([seed, 3]))
    chances = dict(zip("abcdefghi", random.random(9).tolist(), strict=True))
    return PaperStyle(
        percent_decimals=1 if chances["a"] < 0.75 else 0,
        p_decimals=3 if chances["b"] < 0.75 else 2,
        categorical="Fisher exact" if chances["c"] < 0.5 else "Pearson chi-square",
        methods_beside=chances["d"] < 0.5,
        limits=chances["e"] < 0.6,
        bare_percentages=chances["f"] < 0.25,
        totals=chances["g"] < 0.8,
        both_sexes=chances["h"] < 0.6,
        links=chances["i"] < 0.5,
        means=frozenset({"hemoglobin", "platelets"} if random.random() < 0.4 else {"hemoglobin"}),
    )


@dataclass(slots=True)
class Printer:
    """The claims printed so far, and what they are printed from.

    Populations are printed as they are declared; a claim about one that nobody belongs to is left out.
    """

    trial: Trial
    style: PaperStyle
    populations: dict[str, dict[str, Field]] = field(default_factory=dict)
    claims: dict[str, dict[str, Field]] = field(default_factory=dict)
    one_sided: dict[str, str] = field(default_factory=dict)
    spreads: dict[str, Spread] = field(default_factory=dict)

    def who(self, where: Mapping[str, Field]) -> NDArray[np.bool_]:
        """Which patients have the levels named."""
        chosen = np.ones(self.trial.settings.size, bool)
        for name, levels in where.items():
            several = [str(level) for level in levels] if isinstance(levels, list) else [str(levels)]
            chosen &= np.isin(self.trial.values[name], several)
        return chosen

    def is_known(self, event: Mapping[str, Field]) -> NDArray[np.bool_]:
        """Of which patients it is known whether they have an event."""
        known = np.ones(self.trial.settings.size, bool)
        for name in event:
            known &= self.trial.values[name] != np.array(None)
        return known

    def of(self, population: str) -> NDArray[np.bool_]:
        """Which patients a population holds."""
        return self.who(cast("Mapping[str, Field]", self.populations[population]["where"]))

    def numbers(self, variable: str, population: str) -> NDArray[np.float64]:
        """The values of a variable in a population."""
        return np.asarray(self.trial.values[variable][self.of(population)], np.float64)

    def population(self, name: str, label: str, where: Mapping[str, Field]) -> None:
        """Declare a population, unless nobody belongs to it."""
        if size := int(self.who(where).sum()):
            self.populations[name] = {"id": name, "label": label, "size": size, "where": dict(where)}

    def claim(self, name: str, place: str, kind: str, quantity: str, population: str, **fields: Field) -> None:
        """Print a claim with the fields that have a value."""
        head = {"id": name, "place": place, "kind": kind, "quantity": quantity, "population": population}
        self.claims[name] = head | {key: value for key, value in fields.items() if value is not None}

    def count(
        self, name: str, place: str, quantity: str, population: str, event: Mapping[str, Field], **fields: Field
    ) -> None:
        """Print a count with its denominator and its percent."""
        if population not in self.populations:
            return
        inside = self.of(population) & self.is_known(event)
        count, size = int((self.who(event) & inside).sum()), int(inside.sum())
        shown = estimates.percent(count, size, self.style.percent_decimals)
        numbers: dict[str, Field] = {"count": str(count), "of": str(size), "percent": shown}
        self.claim(name, place, "count", quantity, population, event=dict(event), **numbers, **fields)

    def percentage(
        self, name: str, place: str, quantity: str, population: str, event: Mapping[str, Field], **fields: Field
    ) -> None:
        """Print a percentage without its count, and its denominator only where not all are known."""
        self.count(name, place, quantity, population, event, **fields)
        hidden = {"count"} if not self.is_known(event).all() else {"count", "of"}
        claim = self.claims[name]
        self.claims[name] = {key: claim[key] for key in claim if key not in hidden} | {"kind": "percentage"}

    def proportion(
        self, name: str, place: str, quantity: str, population: str, event: Mapping[str, Field], **fields: Field
    ) -> None:
        """Print a proportion with its exact 95% limits."""
        if population not in self.populations:
            return
        inside = self.of(population)
        count, size = int((self.who(event) & inside).sum()), int(inside.sum())
        decimals = self.style.percent_decimals
        low, high = (estimates.half_up(limit, decimals) for limit in estimates.exact_limits(count, size))
        shown: dict[str, Field] = {"percent": estimates.percent(count, size, decimals), "low": low, "high": high}
        self.claim(name, place, "proportion", quantity, population, event=dict(event), **shown, **fields)
        share = count / size
        self.spreads[name] = Spread(100 * share, 100 * (share * (1 - share) / size) ** 0.5, decimals)

    def measure(self, name: str, place: str, measure: Measure, population: str, **fields: Field) -> None:
        """Print a mean ± SD, or a median with its range."""
        values = self.numbers(measure.id, population)
        shown: dict[str, Field]
        if measure.id in self.style.means and len(values) > 1:
            total = sum((Decimal(repr(value)) for value in values.tolist()), Decimal(0))
            mean = estimates.half_up(total / len(values), measure.decimals + 1)
            shown = {"mean": mean, "sd": estimates.half_up(float(np.std(values, ddof=1)), measure.decimals + 1)}
        else:
            shown = {
                "median": estimates.plain(float(np.median(values)), measure.decimals),
                **self._ends(measure, values),
            }
        kind = "mean" if "mean" in shown else "median"
        self.claim(
            name, place, kind, measure.label, population, variable=measure.id, unit=measure.unit, **shown, **fields
        )

    def median(self, name: str, place: str, measure: Measure, population: str, **fields: Field) -> None:
        """Print a median without its range, as a text does."""
        middle = estimates.plain(float(np.median(self.numbers(measure.id, population))), measure.decimals)
        given: dict[str, Field] = {"variable": measure.id, "unit": measure.unit, "median": middle}
        self.claim(name, place, "median", measure.label, population, **given, **fields)

    def range(self, name: str, place: str, measure: Measure, population: str, **fields: Field) -> None:
        """Print the least and the greatest value, as a text does."""
        ends = self._ends(measure, self.numbers(measure.id, population))
        self.claim(
            name, place, "range", measure.label, population, variable=measure.id, unit=measure.unit, **ends, **fields
        )

    def survival(
        self, name: str, place: str, quantity: str, population: str, *, time: str, at: int, **fields: Field
    ) -> bool:
        """Print survival at a time with plain (symmetric) limits; whether anybody was left to print it for."""
        if population not in self.populations:
            return False
        event = self.trial.values["death" if time == "os" else "failure"] == "yes"
        inside = self.of(population)
        estimate, error, left = estimates.survival_at(self.numbers(time, population), event[inside], at)
        if left < 3:
            return False
        decimals = self.style.percent_decimals
        half = 1.959963984540054 * error
        shown: dict[str, Field] = {"percent": estimates.half_up(estimate, decimals)}
        if error > 0 and self.style.limits:
            shown["low"] = estimates.half_up(max(0.0, estimate - half), decimals)
            shown["high"] = estimates.half_up(min(100.0, estimate + half), decimals)
        elif error > 0:
            shown["half_width"] = estimates.half_up(half, decimals)
        self.claim(name, place, "survival", quantity, population, variable=time, at=str(at), **shown, **fields)
        self.spreads[name] = Spread(estimate, error, decimals)
        return True

    def p_value(
        self,
        name: str,
        place: str,
        quantity: str,
        groups: list[str],
        *,
        tested: estimates.Tested | None,
        method: str,
        **fields: Field,
    ) -> None:
        """Print a P value, unless there was no test."""
        if tested is None or np.isnan(tested.p):
            return
        fields["method"] = fields.get("method") or (method if self.style.methods_beside else None)
        population = cast("str", fields.pop("population", ALL))
        self.claim(name, place, "p_value", quantity, population, p=self._p(tested.p), groups=groups, **fields)
        if tested.one_sided is not None:
            self.one_sided[name] = self._p(tested.one_sided)

    def table(self, groups: list[str], variable: str, columns: list[list[str]]) -> NDArray[np.int64]:
        """Counts of groups (rows) by levels of a variable (columns)."""
        rows = [[int((self.of(group) & self.who({variable: own})).sum()) for own in columns] for group in groups]
        return np.array(rows, np.int64)

    def frozen(self, kept: Mapping[str, Mapping[str, Field]]) -> Mapping[str, Mapping[str, Field]]:
        """A read-only copy."""
        return MappingProxyType({name: MappingProxyType(dict(fields)) for name, fields in kept.items()})

    def _ends(self, measure: Measure, values: NDArray[np.float64]) -> dict[str, Field]:
        low, high = float(values.min()), float(values.max())
        return {"low": estimates.half_up(low, measure.decimals), "high": estimates.half_up(high, measure.decimals)}

    def _p(self, p: float) -> str:
        decimals = self.style.p_decimals
        shown = estimates.half_up(p, decimals)
        return f"<{Decimal(1).scaleb(-decimals)}" if Decimal(shown) == 0 else shown
